/** Standing of claims, ambiguous abbreviations, red flags, and the rated samples. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import {
  abbreviations,
  conceptKey,
  curatedEdges,
  loadClinical,
  loadKnowledge,
  raisedFlags,
  readAbbreviation,
  readName,
  redFlagRule,
  redFlagsOf,
  type Relation,
  sampleEdges,
  standingOf,
} from "../../lib/knowledge/mod.ts";
import { dataFolder } from "../../lib/runtime/mod.ts";

const knowledge = await loadKnowledge();
const clinical = await loadClinical(knowledge);
const stands = (subject: string, relation: Relation, object: string, context = "") =>
  standingOf(clinical, { subject, relation, object, context });

/** Claim, how it stands, and a part of the reason or path. */
const claims: readonly (readonly [string, Relation, string, string, string])[] = [
  ["asthma", "presents", "wheeze", "curated", "typical"],
  ["migraine", "presents", "pain", "curated", "headache is_a pain"],
  ["heart attack", "presents", "dyspnoea", "curated", "ddxplus"],
  ["strep throat", "presents", "conjunctivitis", "contradicted", "comes without conjunctivitis"],
  ["strep throat", "lacks", "conjunctivitis", "curated", "absence of cough"],
  ["strep throat", "presents", "cough", "unknown", "sources disagree"],
  ["strep throat", "presents", "dry cough", "contradicted", "dry cough is_a cough"],
  ["tension headache", "presents", "vomiting", "contradicted", "no nausea or vomiting"],
  ["influenza", "lacks", "fever", "contradicted", "typical"],
  ["hyperthyroidism", "presents", "high tsh", "contradicted", "low tsh is typical"],
  ["hyperthyroidism", "presents", "low tsh", "curated", "typical"],
  ["multiple sclerosis", "presents", "muscle spasticity", "associated", "occur together"],
  ["influenza", "presents", "acne", "unknown", "no curated source"],
  ["influenza", "presents", "no such thing", "unknown", "no finding is called"],
  ["lung cancer", "has_risk", "smoking", "curated", "risk"],
  ["pulmonary embolism", "red_flag", "syncope", "curated", "red flag"],
  ["metformin", "first_line", "type 2 diabetes", "curated", "first-line"],
  ["metoprolol", "first_line", "hypertension", "contradicted", "reserve or replaced"],
  ["metoprolol", "treats", "hypertension", "curated", "uncommon"],
  ["clopidogrel", "treats", "coronary artery disease", "curated", "used"],
  ["propranolol", "treats", "asthma", "contradicted", "contraindicated in asthma"],
  [
    "propranolol",
    "treats",
    "allergic asthma",
    "contradicted",
    "allergic asthma is a kind of asthma",
  ],
  ["propranolol", "contraindicated", "bronchial asthma", "curated", "contraindicated"],
  // A drug that is contraindicated in a special form is not contraindicated in the disease.
  ["carvedilol", "contraindicated", "heart failure", "contradicted", "first-line"],
  ["carvedilol", "contraindicated", "decompensated heart failure", "curated", "contraindicated"],
  ["estradiol", "treats", "breast cancer", "unknown", "sources disagree"],
  ["ibuprofen", "relieves", "rib fracture", "curated", "symptom relief"],
  ["metformin", "treats", "influenza", "unknown", "no curated source"],
  ["penicillin", "first_line", "aortic stenosis", "contradicted", "no drug is first-line"],
  ["chest pain", "suggests", "heart attack", "curated", "must_not_miss"],
  ["chest pain", "suggests", "gout", "unknown", "no curated row"],
  ["gout", "tested_by", "synovial fluid", "curated", "Synovial fluid"],
  ["asthma", "is_a", "bronchial disease", "curated", "is_a"],
  ["bronchial disease", "is_a", "asthma", "contradicted", "reverse"],
  ["asthma", "localizes", "lung", "associated", "Hetionet"],
  ["MS", "presents", "fatigue", "unknown", "multiple sclerosis or mitral stenosis"],
];

for (const [subject, relation, object, standing, part] of claims) {
  Deno.test(`${subject} ${relation} ${object}: ${standing}`, () => {
    const found = stands(subject, relation, object);
    assertEquals(found.standing, standing, found.reason);
    assertStringIncludes([found.reason, ...found.path].join("\n"), part);
    assertEquals(found.sources.length > 0, standing !== "unknown" || part === "sources disagree");
  });
}

Deno.test("a name in its context", () => {
  assertEquals(
    stands("MS", "presents", "fatigue", "relapses with optic neuritis").standing,
    "curated",
  );
});

Deno.test("non-indications of PharmacotherapyDB deny nothing and contraindicate nothing", () => {
  let denied = 0;
  for (const [drug, row] of knowledge.edges.not_indicated.forward) {
    for (const disease of row.keys()) {
      const against = stands(drug, "contraindicated", disease);
      const use = stands(drug, "treats", disease);
      for (const { path } of [against, use]) {
        assert(!path.some((step) => step.includes("not_indicated")));
      }
      denied += Number(use.standing === "contradicted");
      if (against.standing === "curated" || use.standing === "contradicted") {
        assert(
          [...against.path, ...use.path].some((step) => step.includes("contraindications.tsv")),
        );
      }
    }
  }
  assert(denied < 10, `${denied} of 243`);
});

Deno.test("co-occurrence alone is neither an answer nor a wrong one", () => {
  const counts: Record<string, number> = {};
  for (const [disease, row] of knowledge.edges.presents.forward) {
    for (const [symptom, edge] of row) {
      const { standing, path } = stands(disease, "presents", symptom);
      if (edge.sources.every((source) => source === "Hetionet")) {
        counts[standing] = (counts[standing] ?? 0) + 1;
        if (standing === "curated") assert(!path[0]!.endsWith("[Hetionet]"), path.join());
      }
    }
  }
  assert(counts.associated! > 2500, JSON.stringify(counts));
  assert((counts.contradicted ?? 0) < 20, JSON.stringify(counts));
});

Deno.test("abbreviations: refused without context, read with it, never by a cue of two meanings", () => {
  for (const [short, meanings] of abbreviations) {
    const names = meanings.map(({ name }) => name);
    assertEquals(new Set(names).size, names.length, short);
    for (const { name, cues } of meanings) {
      for (const cue of cues) {
        const reading = readAbbreviation(short, `there is ${cue} here`);
        if (reading.status !== "read") continue;
        assertEquals(reading.meaning.name, name, `${short}: ${cue}`);
      }
      assert(
        cues.some((cue) => readAbbreviation(short, cue).status === "read"),
        `${short} is read as ${name} by none of its cues`,
      );
    }
    if (meanings.length > 1) assertEquals(readAbbreviation(short).status, "ambiguous", short);
  }
  assertEquals(readAbbreviation("XYZ").status, "unlisted");
  const both = readAbbreviation("PE", "D-dimer in a pregnant woman with proteinuria");
  assert(both.status === "ambiguous" && both.meanings.length === 2);
});

Deno.test("abbreviations with one disease are that disease, and the graph's wrong ones are not taken", () => {
  const read = (name: string): string => {
    const reading = readName(knowledge, clinical.names, "disease", name);
    return reading.status === "read" ? reading.concept.name : reading.status;
  };
  assertEquals(["COPD", "IBD", "AF", "RA", "ra", "PE", "MS", "OCD", "DKA"].map(read), [
    "chronic obstructive pulmonary disease",
    "inflammatory bowel disease",
    "atrial fibrillation",
    "ambiguous",
    "ambiguous",
    "ambiguous",
    "ambiguous",
    "ambiguous",
    "diabetic ketoacidosis",
  ]);
});

Deno.test("red flags: what the rule words is what the key counts", () => {
  const flags = redFlagsOf(clinical);
  const rule = redFlagRule(flags);
  const finding = (name: string) => {
    const reading = readName(knowledge, clinical.names, "finding", name);
    return reading.status === "read"
      ? { finding: reading.concept }
      : { finding: { id: `finding:${conceptKey(name)}`, kind: "finding" as const, name } };
  };
  for (const { wording, sources } of flags) {
    assertStringIncludes(rule, wording);
    assert(sources.length > 0);
    assertEquals(
      raisedFlags(clinical, flags, [finding(wording)]).map((f) => f.wording).includes(wording),
      true,
    );
  }
  const raised = (...names: string[]) =>
    raisedFlags(clinical, flags, names.map(finding)).map(({ wording }) => wording);
  assertEquals(raised("haemoptysis", "fever"), ["coughing up blood"]);
  assertEquals(raised("fever", "cough", "headache", "runny nose", "joint pain"), []);
  const exertional = { ...finding("syncope"), text: "exertional syncope" };
  assertEquals(raisedFlags(clinical, flags, [exertional]).map(({ wording }) => wording), [
    "fainting",
  ]);
  const published = redFlagsOf(clinical, true);
  assert(published.length < flags.length && published.every(({ rows }) => rows.length > 0));
  assertEquals(redFlagRule(flags.slice(0, 1)), "urgent referral for coughing up blood");
});

for (
  const [seed, screened, textbook] of [[1, false, 90], [2, true, 96]] as const
) {
  Deno.test(`sample ${seed} is the one that the seed draws, and is rated throughout`, async () => {
    const path = join(dataFolder(), "clinical", "samples", `sample-${seed}.tsv`);
    const [head, ...rows] = (await Deno.readTextFile(path)).trimEnd().split("\n")
      .map((line) => line.split("\t"));
    assertEquals(head, [
      "subject",
      "relation",
      "object",
      "remark",
      "sources",
      "at",
      "rating",
      "reason",
    ]);
    const drawn = sampleEdges(curatedEdges(clinical, screened), 100, seed);
    assertEquals(
      rows.map((row) => row.slice(0, 6)),
      drawn.map((e) => [e.subject, e.relation, e.object, e.remark, e.sources.join(";"), e.at]),
    );
    const count = (rating: string): number => rows.filter((row) => row[6] === rating).length;
    assertEquals(count("textbook"), textbook);
    assert(textbook >= 90 && count("implausible") <= 2);
    assertEquals(
      ["textbook", "uncommon", "implausible", "other"].reduce(
        (sum, rating) => sum + count(rating),
        0,
      ),
      100,
    );
    assert(rows.every(([, , , , , , , reason]) => reason !== undefined && reason !== ""));
  });
}
