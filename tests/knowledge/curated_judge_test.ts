import { assertEquals } from "@std/assert";
import {
  clinicalVocabulary,
  curatedBounds,
  curatedJudge,
  findEntity,
  loadClinical,
  loadKnowledge,
  mentions,
  type TextRelation,
} from "../../lib/knowledge/mod.ts";

const graph = await loadKnowledge();
const clinical = await loadClinical(graph);
const knowledge = clinicalVocabulary(clinical);
const judge = curatedJudge(clinical);

type Judged = Exclude<TextRelation, "has" | "takes">;

const verdict = (subject: string, relation: Judged, object: string): string =>
  judge({ subject, relation, object }).verdict;

Deno.test("curated is supported, contradicted stays so, the rest is told apart and supports nothing", () => {
  const claims: readonly (readonly [string, Judged, string, string])[] = [
    ["asthma", "presents", "wheezing", "supported"],
    ["asthma", "presents", "clouded lens", "unknown"],
    ["tension headache", "presents", "nausea", "contradicted"],
    ["metformin", "first_line", "type 2 diabetes", "supported"],
    ["loperamide", "treats", "gastroenteritis", "supported"],
    ["loperamide", "first_line", "gastroenteritis", "contradicted"],
    ["loperamide", "modifies", "gastroenteritis", "unknown"],
    ["propranolol", "treats", "asthma", "contradicted"],
    ["propranolol", "contraindicated", "asthma", "supported"],
    ["propranolol", "not_indicated", "asthma", "supported"],
    ["metformin", "not_indicated", "type 2 diabetes", "contradicted"],
    ["omeprazole", "not_indicated", "gout", "unknown"],
    ["tuberculosis", "has_risk", "HIV infection", "supported"],
    ["giant cell arteritis", "red_flag", "jaw claudication", "supported"],
    ["gout", "associated", "joint pain", "supported"],
    ["joint pain", "associated", "gout", "supported"],
    ["gout", "associated", "clouded lens", "unknown"],
    ["influenza", "presents", "nervous system symptom", "unknown"],
    ["influenza", "caused_by", "Influenzavirus A", "supported"],
  ];
  for (const [subject, relation, object, right] of claims) {
    assertEquals(verdict(subject, relation, object), right, `${subject} ${relation} ${object}`);
  }
});

Deno.test("co-occurrence is associated; it supports that two things are associated, and nothing else", () => {
  const pair = [...graph.edges.presents.forward].flatMap(([disease, edges]) =>
    [...edges.values()].filter(({ sources }) => sources.every((one) => one === "Hetionet"))
      .map(({ object }) => [disease, object] as const)
  ).find(([disease, finding]) => verdict(disease, "presents", finding) === "associated");
  if (pair === undefined) return; // a graph without co-occurrence
  assertEquals(verdict(pair[0], "associated", pair[1]), "supported");
});

Deno.test("degrees and numbers of a finding are those of its rows", () => {
  const ask = (degrees: readonly string[], object = "pleuritic chest pain") =>
    judge({ subject: "pneumothorax", relation: "presents", object, degrees });
  const finding = clinical.names.finding.byName.get("pleuritic chest pain")!.id;
  const disease = clinical.names.disease.byName.get("pneumothorax")!.id;
  const by = (degrees: readonly string[]) =>
    judge({ subject: disease, relation: "presents", object: finding, degrees });
  assertEquals(ask([]).verdict, "supported");
  assertEquals(by(["sudden"]).verdict, "supported");
  assertEquals(by(["gradual"]).verdict, "contradicted");
  assertEquals(by(["bloody"]).verdict, "unknown");
  assertEquals(by([]).frequency, "typical");
});

Deno.test("bounds of age and sex are the tables'; nothing where they set none", () => {
  const bounds = curatedBounds(clinical);
  const id = (name: string): string => clinical.names.disease.byName.get(name)!.id;
  assertEquals(bounds(id("endometrial cancer"))?.sex, "female");
  assertEquals(bounds(id("prostate cancer"))?.sex, "male");
  assertEquals(bounds(id("prostate cancer"))!.age!.min > 18, true);
  assertEquals(bounds("DOID:0"), undefined);
});

Deno.test("the vocabulary finds what the tables name, keeps what the graph names, and changes no edge", () => {
  const named = (text: string): string[] =>
    mentions(knowledge, text).map(({ entity }) => entity.name);
  assertEquals(named("A clouded lens is a sign of cataract."), ["clouded lens", "cataract"]);
  assertEquals(findEntity(knowledge, "influenza"), findEntity(graph, "influenza"));
  assertEquals(knowledge.edges, graph.edges);
  for (const { id } of clinical.names.disease.byName.values()) {
    assertEquals(knowledge.entities.has(id), true, id);
  }
});
