/** The curated tables joined with the graph: names, near terms, published sources, absence, implication. */
import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import {
  absenceIn,
  ancestorsOf,
  buildClinical,
  checkClaim,
  type ClinicalRows,
  conceptKey,
  type ConceptKind,
  curatedEdges,
  entailedBy,
  entails,
  findEntity,
  isAtomicFinding,
  isShown,
  loadClinical,
  loadKnowledge,
  measuredIn,
  mentions,
  plainerFindings,
  type Predicate,
  readName,
  synonymGroups,
} from "../../lib/knowledge/mod.ts";
import { dataFolder, WorkbenchError } from "../../lib/runtime/mod.ts";

const knowledge = await loadKnowledge();
const clinical = await loadClinical(knowledge);
const published = await loadClinical(knowledge, { published: true });
const profiles = [...clinical.diseases.values()];

const read = (kind: ConceptKind, name: string, context?: string): string => {
  const reading = readName(knowledge, clinical.names, kind, name, context);
  return reading.status === "read" ? reading.concept.id : reading.status;
};
const concept = (kind: ConceptKind, name: string) => {
  const reading = readName(knowledge, clinical.names, kind, name);
  assert(reading.status === "read", name);
  return reading.concept;
};
const profile = (name: string) => clinical.diseases.get(concept("disease", name).id)!;

Deno.test("the tables join without a warning: 185 diseases by name, 15 only near, 33 with no term", () => {
  assertEquals([...clinical.warnings, ...published.warnings], []);
  const near = profiles.filter(({ disease }) => disease.near !== undefined);
  assertEquals([
    profiles.length,
    profiles.filter(({ disease }) => disease.entity !== undefined).length,
    near.length,
  ], [233, 185, 15]);
  assertEquals(new Set(profiles.map(({ icd10 }) => icd10)).size > 200, true);
  // What the ontology has near a disease is not the disease.
  assertEquals(read("disease", "stroke"), "disease:stroke");
  assertEquals(clinical.diseases.get(concept("disease", "cerebral infarction").id), undefined);
});

Deno.test("every row is a fact of a disease or a drug", () => {
  const sum = (count: (p: typeof profiles[number]) => number): number =>
    profiles.reduce((all, p) => all + count(p), 0);
  assertEquals([
    sum((p) => p.findings.length + p.denials.length),
    sum((p) => p.treatments.length + p.noDrugIsFirstLine.length),
    sum((p) => p.tests.length),
    sum((p) => p.differentials.length),
    [...clinical.contraindications.values()].flat().length,
    [...clinical.complaints.values()].flat().length,
  ], [3008, 730, 445, 128, 735, 128]);
});

Deno.test("age, sex and severity", () => {
  const { age, sex, femaleShare, severity } = profile("bronchiolitis");
  assertEquals([age, sex, femaleShare, severity], [{ min: 0, max: 2 }, "both", undefined, 3]);
  assertEquals([profile("BPH").sex, profile("pre-eclampsia").sex], ["male", "female"]);
  assertEquals(profile("breast cancer").sex, "both");
  assertEquals(profile("gonorrhoea").age, { min: 15, max: 120 });
  assertEquals(
    published.diseases.get(profile("gonorrhoea").disease.id)!.age,
    { min: 0, max: 120 },
    "an age by hand is no published one",
  );
});

Deno.test("published sources alone: no row by hand, no first-line drug without a guideline", () => {
  const all = [...published.diseases.values()].flatMap((p) => [
    ...p.findings,
    ...p.denials,
    ...p.treatments,
    ...p.noDrugIsFirstLine,
    ...p.tests,
    ...p.differentials,
  ]);
  assert(
    [...all, ...[...published.contraindications.values()].flat()].every(({ sources }) =>
      sources.length > 0 && !sources.includes("hand")
    ),
  );
  const drugs = [...published.diseases.values()].flatMap(({ treatments }) => treatments);
  const first = drugs.filter(({ role }) => role === "first-line");
  const none = [...published.diseases.values()].flatMap((p) => p.noDrugIsFirstLine);
  assertEquals([drugs.length + none.length, first.length], [
    730 - 131,
    first.filter(({ guideline }) => guideline !== undefined).length,
  ]);
  assert(first.length > 60 && first.every(({ sources }) => sources.includes("open-medicine")));
  assertEquals([...published.contraindications.values()].flat().length, 735 - 589);
  // Metformin has a guideline beside it, infliximab in Crohn's disease has none.
  const roleOf = (disease: string, drug: string) =>
    published.diseases.get(concept("disease", disease).id)!.treatments
      .find((row) => row.drug.name === drug)?.role;
  assertEquals([roleOf("T2DM", "metformin"), roleOf("Crohn's disease", "infliximab")], [
    "first-line",
    "used",
  ]);
});

Deno.test("ranks follow the shares of a disease, equal ones alike", () => {
  const ranked = profile("pulmonary embolism").findings.filter(({ rank }) => rank !== undefined);
  assert(ranked.length > 5);
  assertEquals(Math.min(...ranked.map(({ rank }) => rank!)), 1);
  assert(profiles.every(({ findings }) => findings.every((row) => !("share" in row))));
});

Deno.test("what a source says to be absent is no finding", () => {
  const strep = profile("strep throat");
  const denial = strep.denials.find(({ sources }) => sources.includes("open-medicine"))!;
  assertEquals(denial.absent.map(({ id }) => id), [
    concept("finding", "cough").id,
    concept("finding", "rhinorrhoea").id,
    concept("finding", "conjunctivitis").id,
  ]);
  assert(strep.findings.every(({ text }) => !text.startsWith("absence")));
  const anorexia = profile("diverticulitis").findings.find(({ absent }) => absent.length > 0)!;
  assertEquals([anorexia.absent[0]!.id, anorexia.denies], [
    concept("finding", "vomiting").id,
    false,
  ]);
  // Absent pulses and loss without awareness are findings that are there.
  assertEquals(absenceIn("absent foot pulses"), undefined);
  assertEquals(absenceIn("elevated phosphatase with or without elevated bilirubin"), undefined);
  assert(
    profile("fecal incontinence").findings.some(({ text, absent }) =>
      text === "loss of stool without awareness" && absent.length === 0
    ),
  );
  assertEquals(
    profile("psoriatic arthritis").tests.find(({ expected }) => expected === "negative")?.test,
    "Rheumatoid factor",
  );
});

Deno.test("names: synonyms, British spelling, eponyms with and without accents, drug synonyms", () => {
  for (
    const [kind, first, ...others] of [
      ["disease", "myocardial infarction", "heart attack", "Heart attacks", "DOID:5844"],
      ["disease", "celiac disease", "coeliac disease", "gluten-sensitive enteropathy"],
      [
        "disease",
        "gastroesophageal reflux disease",
        "GERD",
        "GORD",
        "gastro-oesophageal reflux disease",
      ],
      ["disease", "Meniere's disease", "Ménière's disease", "Ménière disease", "Meniere disease"],
      ["disease", "Sjogren's syndrome", "Sjögren syndrome", "Sjögren’s syndrome"],
      ["disease", "Guillain-Barre syndrome", "Guillain-Barré syndrome", "Guillain Barré syndrome"],
      ["disease", "esophageal rupture", "oesophageal rupture", "Boerhaave's syndrome"],
      ["disease", "iron deficiency anemia", "iron-deficiency anaemia"],
      ["disease", "leukemia", "leukaemia"],
      ["disease", "anal fissure", "anal fissures"],
      ["finding", "shortness of breath", "dyspnoea", "breathlessness"],
      ["finding", "coughing up blood", "haemoptysis", "hemoptysis"],
      ["finding", "diarrhea", "diarrhoea"],
      ["finding", "blood in urine", "haematuria"],
      ["drug", "acetaminophen", "paracetamol"],
      ["drug", "albuterol", "salbutamol", "DB01001"],
      ["drug", "furosemide", "frusemide"],
      ["drug", "trimethoprim/sulfamethoxazole", "co-trimoxazole"],
    ] as const
  ) {
    const id = read(kind, first);
    assert(id !== "unknown" && id !== "ambiguous", first);
    for (const other of others) assertEquals(read(kind, other), id, other);
  }
  assertEquals(read("disease", "no such disease"), "unknown");
});

Deno.test("every name in the tables is read as the concept of its row", () => {
  for (const { disease, findings, treatments } of profiles) {
    assertEquals(read("disease", disease.name), disease.id);
    for (const { text, finding } of findings) assertEquals(read("finding", text), finding.id, text);
    for (const { drug } of treatments) assertEquals(read("drug", drug.name), drug.id);
  }
});

Deno.test("no name is in two groups, and no disease has another's name", () => {
  for (const groups of Object.values(synonymGroups)) {
    const seen = new Map<string, string>();
    for (const [first, ...others] of groups) {
      for (const key of new Set([first!, ...others].map(conceptKey))) {
        assertEquals(seen.get(key), undefined, `${first} and ${seen.get(key)}: ${key}`);
        seen.set(key, first!);
      }
    }
  }
  const first = new Set(synonymGroups.disease.map(([name]) => name));
  assert([...first].every((name) => profiles.some(({ disease }) => disease.name === name)));
});

Deno.test("a combination is not its first part, and a special form of a disease is not the disease", () => {
  const combination = concept("drug", "amoxicillin/clavulanate");
  assertEquals(combination.entity?.name, "amoxicillin/clavulanate");
  assertNotEquals(combination.id, findEntity(knowledge, "amoxicillin", "drug")?.id);
  const conditions = [...clinical.contraindications.values()].flat().map(({ condition }) =>
    condition
  );
  const severe = conditions.find(({ name }) => name === "severe asthma")!;
  assertEquals([severe.entity, severe.near?.name], [undefined, "asthma"]);
  assertEquals(conditions.find(({ name }) => name === "asthma")!.id, "DOID:2841");
  const eye = conditions.find(({ name }) => name === "eye infection")!;
  assertEquals([eye.entity, eye.near?.name], [undefined, "eye disease"]);
});

Deno.test("implication: by the hierarchy, by words of degree and circumstance, never the other way", () => {
  const way = (from: string, to: string) =>
    entails(clinical, concept("finding", from), concept("finding", to));
  assertEquals(way("headache", "headache"), []);
  assertEquals(way("headache", "pain"), ["headache is_a pain"]);
  assertEquals(way("pain", "headache"), undefined);
  assertEquals(way("cough", "dry cough"), undefined);
  const rows = profiles.flatMap(({ findings }) => findings);
  const row = rows.find(({ text }) =>
    text === "severe colicky flank pain radiating to groin or lower abdomen"
  )!;
  const flank = concept("finding", "flank pain");
  assertStringIncludes(entails(clinical, row.finding, flank, row.text)!.join(), "flank pain");
  assert(entailedBy(clinical, row.finding, row.text).has(flank.id));
  assertEquals(plainerFindings("loss of appetite"), []);
  assertEquals(plainerFindings("no severe headache"), []);
  assertEquals(plainerFindings("severe throbbing headache with nausea"), [
    "severe throbbing headache",
    "throbbing headache",
    "headache",
  ]);
  // Everything that is entailed with a reason is in the set, and the other way round.
  for (const { finding, text } of rows.slice(0, 300)) {
    for (const id of entailedBy(clinical, finding, text)) {
      const to = clinical.names.finding.byId.get(id);
      if (to !== undefined) {
        assert(entails(clinical, finding, to, text) !== undefined, `${text} ${id}`);
      }
    }
  }
});

Deno.test("words of findings: one thing or several, quantities too high or too low", () => {
  assertEquals(
    ["fever", "runny or congested nose", "nausea and vomiting", "ALT > 300", "fever, chills"]
      .map(isAtomicFinding),
    [true, true, false, false, false],
  );
  assertEquals(measuredIn("elevated circulating ferritin concentration"), {
    quantity: "ferritin",
    direction: "high",
  });
  assertEquals(measuredIn("highly variable mood"), undefined);
});

Deno.test("a row about a disease that is in no table of diseases is reported", () => {
  const rows: ClinicalRows = {
    diseases: [{ disease: "gout", doid: "DOID:13189", icd10: "M10.9", at: "d:2" }, {
      disease: "podagra",
      doid: "DOID:13189",
      icd10: "M10.9",
      at: "d:3",
    }],
    findings: [{
      disease: "rheumatism",
      finding: "pain",
      kind: "symptom",
      rating: "typical",
      sources: ["hand"],
      at: "f:2",
    }],
    treatments: [],
    contraindications: [],
    differentials: [],
    tests: [],
    wordings: [],
    warnings: ["earlier"],
  };
  assertEquals(buildClinical(knowledge, rows).warnings, [
    "earlier",
    "d:3: Expected every disease once but found podagra as another name of gout: the line is left out",
    'f:2: Expected a disease of diseases.tsv but found "rheumatism": the line is left out',
  ]);
});

Deno.test("many findings of one disease are joined in time that grows with their number", () => {
  const findings = Array.from({ length: 40_000 }, (_, i) => ({
    disease: "gout",
    finding: `sign number ${i}`,
    kind: "sign" as const,
    rating: "typical" as const,
    share: (i % 997) / 997,
    sources: ["hand"] as const,
    at: `f:${i}`,
  }));
  const long = { ...findings[0]!, finding: "severe and without , ( ".repeat(20_000).trim() };
  const built = buildClinical(knowledge, {
    diseases: [{ disease: "gout", doid: "DOID:13189", icd10: "M10.9", at: "d:2" }],
    findings: [...findings, long],
    treatments: [],
    contraindications: [],
    differentials: [],
    tests: [],
    wordings: [],
    warnings: [],
  });
  assertEquals(built.diseases.get("DOID:13189")!.findings.length, 40_001);
  assert(plainerFindings(long.finding).length > 0);
});

Deno.test("a table that is missing is named", async () => {
  const folder = join(dataFolder(), "ontology");
  await assertRejects(
    () => loadClinical(knowledge, {}, folder),
    WorkbenchError,
    "diseases.tsv but found none",
  );
});

Deno.test("facts that may carry an answer: typical, of one thing, undisputed", () => {
  const edges = curatedEdges(clinical);
  assertEquals(edges.length, 3853);
  assert(edges.every(({ sources, at }) => sources.length > 0 && /^\w+\.tsv:\d+$/.test(at)));
  const stated = (subject: string, relation: string, object: string): boolean =>
    edges.some((e) => e.subject === subject && e.relation === relation && e.object === object);
  assert(
    stated("gout", "presents", "joint pain") || stated("gout", "presents", "severe joint pain"),
  );
  assert(!stated("streptococcal pharyngitis", "presents", "cough"), "sources disagree");
  assert(!edges.some(({ object }) => object === "may coexist with urogenital infection"));
});

Deno.test("every concept of the tables is an entity of the graph, and what they say an edge", () => {
  const { names, diseases, contraindications } = clinical;
  const shown = profiles.flatMap(({ findings }) => findings.filter(isShown));
  const concepts = [
    ...names.disease.byId.keys(),
    ...names.drug.byId.keys(),
    ...shown.map(({ finding }) => finding.id),
  ];
  assertEquals(concepts.filter((id) => !knowledge.entities.has(id)), []);
  const verdict = (subject: string, predicate: Predicate, object: string) =>
    checkClaim(knowledge, { subject, predicate, object }).verdict;
  for (const { disease, finding } of shown) {
    assertEquals(verdict(disease.id, "presents", finding.id), "supported");
  }
  for (const { drug, role, disease } of [...diseases.values()].flatMap((p) => p.treatments)) {
    const predicate = role === "symptom relief" ? "palliates" : "treats";
    assertEquals(verdict(drug.id, predicate, disease.id), "supported");
  }
  for (const { drug, condition, strength } of [...contraindications.values()].flat()) {
    if (strength === "caution") continue;
    assertEquals(verdict(drug.id, "contraindicated", condition.id), "supported");
  }
});

Deno.test("a disease is called as the tables call it, unless that is narrower by its words", () => {
  const named = (text: string) => findEntity(knowledge, text, "disease")?.name;
  assertEquals(named("intermediate coronary syndrome"), "unstable angina");
  assertEquals(named("unstable angina"), "unstable angina");
  assertEquals(named("urinary bladder cancer"), "bladder cancer");
  assertEquals(named("acute bronchitis"), "bronchitis");
});

Deno.test("lists are no names: the graph finds their members in a text", () => {
  const found = (text: string) => mentions(knowledge, text, ["symptom"]).map((m) => m.entity.name);
  assertEquals(found("nausea or vomiting"), ["nausea", "vomiting"]);
  // A list that is a finding of the tables entails each of its members.
  const list = profiles.flatMap(({ findings }) => findings)
    .find(({ text }) => text === "diaphoresis and nausea")!;
  const above = [...ancestorsOf(knowledge, list.finding.id)];
  assert(above.map((id) => knowledge.entities.get(id)!.name).includes("nausea"));
});

Deno.test("an abbreviation of several things is read in a text only where its words leave one", () => {
  const diseasesIn = (text: string) =>
    mentions(knowledge, text, ["disease"]).map((m) => m.entity.name);
  assertEquals(diseasesIn("A patient with MS."), []);
  assertEquals(diseasesIn("MS with demyelination of the optic nerve"), ["multiple sclerosis"]);
});
