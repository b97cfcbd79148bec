import { assertAlmostEquals, assertEquals } from "@std/assert";
import { findEntity } from "../../../lib/knowledge/mod.ts";
import { answeredShare } from "../../../lib/reward/rules/answered.ts";
import { verifyEntities } from "../../../lib/reward/rules/entities.ts";
import { verifyFact } from "../../../lib/reward/rules/fact.ts";
import { verifyLink } from "../../../lib/reward/rules/link.ts";
import { verifySubset } from "../../../lib/reward/rules/subset.ts";
import { verifyValue } from "../../../lib/reward/rules/value.ts";
import type {
  EntitiesCheck,
  FactCheck,
  LinkCheck,
  SubsetCheck,
} from "../../../lib/synthesis/mod.ts";
import { knowledge, migraine, read } from "./graph.ts";

const id = (name: string, kind: "disease" | "symptom" | "drug"): string =>
  findEntity(knowledge, name, kind)!.id;

Deno.test("entities: the wanted ones by any of their names, others count against it", () => {
  const check: EntitiesCheck = {
    kind: "entities",
    capability: "reasoning",
    where: { format: "line", field: "For" },
    entity: "symptom",
    accepted: [id("nausea", "symptom"), id("photophobia", "symptom"), id("vomiting", "symptom")],
    count: 2,
  };
  const score = (text: string): number => verifyEntities(check, read(text));
  assertEquals(score("For: nausea, photophobia"), 1);
  assertEquals(score("For: Vomiting and NAUSEA"), 1);
  assertEquals(score("For: nausea"), 0.5);
  assertAlmostEquals(score("For: nausea, photophobia, vomiting"), 2 / 3, 1e-12);
  assertAlmostEquals(score("For: nausea, fever, jaundice"), 2 / 9, 1e-12);
  assertEquals(score("Because: nausea, photophobia"), 0);
});

Deno.test("fact: any answer that the graph supports", () => {
  const check: FactCheck = {
    kind: "fact",
    capability: "domain",
    where: { format: "line", field: "Answer" },
    entity: "symptom",
    predicate: "presents",
    side: "object",
    anchor: migraine,
    count: 1,
  };
  const score = (text: string): number => verifyFact(check, read(text));
  assertEquals(score("Answer: nausea"), 1);
  assertEquals(score("Answer: photophobia"), 1);
  assertEquals(score("Answer: jaundice"), 0);
  assertEquals(score("Answer: nausea, jaundice"), 0.25);
  assertEquals(score("Answer: nausea, photophobia"), 0.5, "two right ones, but one is wanted");
  assertEquals(score("Answer: migraine"), 0);
  assertEquals(score("Answer: not nausea"), 0);
  assertEquals(score("Answer: nausea, not jaundice"), 1, "what is ruled out is no answer");
});

Deno.test("answered: the right kind of thing and no more of it, and never what is asked about", () => {
  const check: FactCheck = {
    kind: "fact",
    capability: "domain",
    where: { format: "line", field: "Answer" },
    entity: "disease",
    predicate: "resembles",
    side: "object",
    anchor: migraine,
    count: 1,
  };
  const share = (text: string): number => answeredShare([check], read(text));
  assertEquals(share("Answer: asthma"), 1, "right or wrong");
  assertEquals(share("Answer: migraine"), 0);
  assertEquals(share("Answer: asthma, malaria"), 0.5);
  assertEquals(share("Answer: nausea"), 0, "of another kind");
  assertEquals(share("asthma"), 1, "in another form");
  assertEquals(share("For: asthma"), 0, "in another field");
  // Places count once; checks of form alone ask for no answer.
  assertEquals(answeredShare([check, check], read("Answer: asthma")), 1);
  assertEquals(
    answeredShare([{ kind: "words", capability: "instruction", min: 1, max: 2 }], read("x")),
    1,
  );
});

Deno.test("link: both hops must hold", () => {
  const check: LinkCheck = {
    kind: "link",
    capability: "domain",
    subject: { where: { format: "line", field: "Class" }, entity: "class" },
    predicate: "includes",
    object: {
      where: { format: "line", field: "Drug" },
      entity: "drug",
      predicate: "treats",
      anchor: id("prostate cancer", "disease"),
    },
  };
  const score = (text: string): number => verifyLink(check, read(text));
  const taxane = "Drug: bicalutamide\nClass: androgen receptor antagonists";
  assertEquals(score(taxane), 1);
  assertEquals(score("Drug: bicalutamide\nClass: sulfonylurea compounds"), 0);
  assertEquals(
    score("Drug: glimepiride\nClass: sulfonylurea compounds"),
    0,
    "a true pair, but of another disease",
  );
  assertEquals(
    score("Drug: bicalutamide\nClass: androgen receptor antagonists, sulfonylurea compounds"),
    0.25,
  );
  assertEquals(score("Class: androgen receptor antagonists"), 0);
});

Deno.test("subset: the diagnosis is one of the differential, and of the candidates", () => {
  const check: SubsetCheck = {
    kind: "subset",
    capability: "reasoning",
    inner: { format: "line", field: "Diagnosis" },
    outer: { format: "line", field: "Differential" },
    entity: "disease",
    among: ["asthma", "migraine", "malaria"].map((name) => id(name, "disease")),
  };
  const score = (text: string): number => verifySubset(check, read(text));
  assertEquals(score("Differential: asthma, malaria\nDiagnosis: malaria"), 1);
  assertEquals(score("Differential: asthma, malaria\nDiagnosis: migraine"), 0);
  assertEquals(
    score("Differential: malaria\nDiagnosis: malaria"),
    0,
    "one disease is no differential",
  );
  assertEquals(
    score("Differential: gout, psoriasis\nDiagnosis: gout"),
    0,
    "not among the candidates",
  );
  assertEquals(score("Differential: asthma, malaria\nDiagnosis: asthma, malaria"), 0.5);
  assertEquals(score("Diagnosis: malaria"), 0);
});

Deno.test("value: exactly one of the allowed values", () => {
  const check = {
    kind: "value",
    capability: "reasoning",
    where: { format: "json", field: "urgent" },
    expected: "no",
    allowed: ["yes", "no"],
  } as const;
  assertEquals(verifyValue(check, read('{"urgent": "No"}')), 1);
  assertEquals(verifyValue(check, read('{"urgent": "yes"}')), 0);
  assertEquals(verifyValue(check, read('{"urgent": "no or yes"}')), 0);
  assertEquals(verifyValue(check, read("no")), 0);
});
