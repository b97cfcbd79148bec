import { assert, assertEquals } from "@std/assert";
import { type Entity, type EntityKind, findEntity } from "../../../lib/knowledge/mod.ts";
import {
  classDenial,
  contraindicationDenial,
  drugDenial,
  findingDenial,
} from "../../../lib/synthesis/tasks/denials.ts";
import { isOneKind } from "../../../lib/synthesis/tasks/drug_stems.ts";
import { topicsOf } from "../../../lib/synthesis/tasks/finding_topics.ts";
import { definitionOf, placeOf } from "../../../lib/synthesis/tasks/taxonomy.ts";
import { knowledge, sourceFor } from "./made.ts";

const source = sourceFor("train");

function entity(kind: EntityKind, name: string): Entity {
  const found = findEntity(knowledge, name, kind);
  assert(found !== undefined, `${kind} ${name}`);
  return found;
}

Deno.test("a finding is wrong only where nothing of its topic is known of the disease", () => {
  const cases = [
    ["gout", "hoarse voice", "not listed"],
    ["osteoporosis", "hoarse voice", "not listed"],
    // A typical finding, one that any illness brings, one of a topic that the disease shows in other words.
    ["gout", "tophi", undefined],
    ["stroke", "dizziness", undefined],
    ["osteoporosis", "fever", undefined],
    ["multiple sclerosis", "visual disturbances", undefined],
    ["hyperthyroidism", "high tsh", "opposite"],
  ] as const;
  for (const [disease, finding, expected] of cases) {
    const found = findingDenial(source, entity("disease", disease), entity("symptom", finding));
    assertEquals(found, expected, `${disease}, ${finding}`);
  }
});

Deno.test("a drug is wrong only where no drug like it is of use", () => {
  const cases = [
    ["allopurinol", "epilepsy syndrome", "not listed"],
    // A use, the same kind by its name, a drug of many uses, one that any severe illness may need.
    ["allopurinol", "gout", undefined],
    ["gentamicin", "acute cystitis", undefined],
    ["prednisone", "epilepsy syndrome", undefined],
    ["oxygen", "bronchitis", undefined],
  ] as const;
  for (const [drug, disease, expected] of cases) {
    const found = drugDenial(source, entity("drug", drug), entity("disease", disease));
    assertEquals(found, expected, `${drug}, ${disease}`);
  }
});

Deno.test("a condition speaks against a drug, or nothing near it does", () => {
  const cases = [
    ["glimepiride", "hyperthyroidism", "not listed"],
    // A contraindication, a caution or more in the same part of the body, and a condition of which no list is whole.
    ["propranolol", "asthma", undefined],
    ["pioglitazone", "pulmonary edema", undefined],
    ["glimepiride", "pregnancy", undefined],
  ] as const;
  for (const [drug, condition, expected] of cases) {
    const found = contraindicationDenial(
      source,
      entity("drug", drug),
      entity("disease", condition),
    );
    assertEquals(found, expected, `${drug}, ${condition}`);
  }
});

Deno.test("a drug is of another class only where no telling word is shared", () => {
  const ofClass = (group: string, drug: string) =>
    classDenial(source, entity("class", group), entity("drug", drug));
  assertEquals(ofClass("Macrolides", "Escitalopram"), "not listed");
  assertEquals(ofClass("Serotonin Uptake Inhibitors", "Escitalopram"), undefined);
  assertEquals(ofClass("Serotonin 3 Receptor Antagonists", "Escitalopram"), undefined);
});

Deno.test("drugs of one stem are of one kind", () => {
  for (const [a, b] of [["gentamicin", "nitrofurantoin"], ["apixaban", "warfarin"]] as const) {
    assert(isOneKind(a, b), `${a} ${b}`);
  }
  for (
    const [a, b] of [["nystatin", "simvastatin"], ["gentamicin", "warfarin"], [
      "allopurinol",
      "metoprolol",
    ]] as const
  ) assert(!isOneKind(a, b), `${a} ${b}`);
});

Deno.test("words tell the part of the body, in whatever form", () => {
  assertEquals(topicsOf("blurred vision"), topicsOf("visual disturbances"));
  assertEquals(topicsOf("improves with elevation overnight"), []);
  assert(topicsOf("hematuria").includes("urine"));
  // A stem stands at the beginning of a word: an ear is in no tear.
  assert(!topicsOf("linear scratch").includes("ears"));
});

Deno.test("diseases have one place in a division of the ontology, definitions are plain English", () => {
  const [asthma, gastritis] = [entity("disease", "asthma"), entity("disease", "gastritis")];
  const [a, b] = [placeOf(source, asthma.id), placeOf(source, gastritis.id)];
  assert(a !== undefined && b !== undefined);
  assertEquals(a.division, b.division);
  assert(a.part !== b.part);
  let defined = 0;
  for (const disease of knowledge.entities.values()) {
    const text = disease.kind === "disease" ? definitionOf(disease) : undefined;
    if (text === undefined) continue;
    assert(/^An? [^_]+\.$/.test(text), text);
    defined += 1;
  }
  assert(defined > 300, `${defined}`);
});
