import { assert, assertEquals } from "@std/assert";
import { ancestorsOf, loadClinical, loadKnowledge } from "../../lib/knowledge/mod.ts";
import { randomStream } from "../../lib/runtime/mod.ts";
import {
  anyDrug,
  type CaseGroup,
  caseKey,
  casesOf,
  checkConsistency,
  claimsOf,
  type ClinicalCase,
  displayName,
  drawGroup,
  findingsOf,
  type GroupOptions,
  isSound,
  mayPresent,
  mayTreat,
  patientOf,
  sectionsOf,
  selectSource,
  shareWord,
  type Source,
  type SourceSplit,
  unsupportedClaims,
} from "../../lib/synthesis/mod.ts";
import { vignetteOf } from "./vignette_of.ts";

const knowledge = await loadKnowledge();
const clinical = await loadClinical(knowledge);

interface Drawn {
  readonly source: Source;
  readonly options: GroupOptions;
  readonly group: CaseGroup;
}

/** Groups of a split, and with these options. */
function draw(split: SourceSplit, options: GroupOptions, wanted: number): Drawn[] {
  const source = selectSource(clinical, split);
  const groups: Drawn[] = [];
  for (let i = 0; i < 40 * wanted && groups.length < wanted; i++) {
    const group = drawGroup(source, randomStream(11, "groups", split, i), options);
    if (group !== undefined) groups.push({ source, options, group });
  }
  assertEquals(groups.length, wanted, `${split} ${JSON.stringify(options)}`);
  return groups;
}

const groups: readonly Drawn[] = [
  ...draw("train", { size: 3, shared: 0, drugs: anyDrug }, 60),
  ...draw("train", { size: 2, shared: 2 }, 40),
  ...draw("train", { size: 2, shared: 0, drugs: anyDrug, mixed: true }, 25),
  ...draw("validation", { size: 3, shared: 0, drugs: anyDrug }, 8),
  ...draw("test", { size: 3, shared: 0, drugs: anyDrug }, 40),
  ...draw("test", { size: 2, shared: 0, drugs: anyDrug, urgency: true }, 25),
  ...draw("test-diseases", { size: 3, shared: 0, drugs: anyDrug }, 30),
];

const all: readonly { readonly source: Source; readonly one: ClinicalCase }[] = groups.flatMap((
  { source, group },
) => casesOf(group).map((one) => ({ source, one })));

Deno.test("the groups tested are more than two hundred", () => assert(groups.length > 200));

Deno.test("candidates have no word of their names in common, and neither is a kind of the other", () => {
  for (const { group: { candidates } } of groups) {
    for (const { disease: a } of candidates) {
      for (const { disease: b } of candidates) {
        if (a.id === b.id) continue;
        assert(!shareWord(a.name, b.name), `${a.name}, ${b.name}`);
        assert(!ancestorsOf(knowledge, a.id).has(b.id), `${a.name}, ${b.name}`);
      }
    }
  }
});

Deno.test("patients of a group have as many findings, of which the same are shared by all candidates", () => {
  for (const { options, group: { candidates, shared, patients } } of groups) {
    assertEquals(patients.length, candidates.length);
    assertEquals(new Set(patients.map(({ discriminating }) => discriminating.length)).size, 1);
    assert(shared.length >= options.shared);
    for (const { finding } of shared) {
      for (const { findings } of candidates) {
        assert(findings.some((fact) => fact.finding.id === finding.id));
      }
    }
  }
});

Deno.test("two findings at least tell the diagnosis from every other candidate, safely", () => {
  for (const { one } of all) {
    const { discriminating } = patientOf(one);
    assert(discriminating.length >= 2);
    for (const { finding, row } of discriminating) {
      assertEquals(row.disease.id, one.candidates[one.diagnosis]!.profile.disease.id);
      for (const [i, { disease }] of one.candidates.entries()) {
        if (i === one.diagnosis) continue;
        assert(!mayPresent(knowledge, disease.id, finding.id), `${disease.name} ${finding.name}`);
      }
    }
  }
});

Deno.test("the denied finding speaks for another candidate, and the diagnosis may not present it", () => {
  for (const { one } of all) {
    const { denied, deniedOf } = patientOf(one);
    assert(deniedOf !== one.diagnosis);
    assert(
      one.candidates[deniedOf]!.findings.some(({ finding }) => finding.id === denied.finding.id),
    );
    for (const [i, { disease }] of one.candidates.entries()) {
      if (i !== deniedOf) assert(!mayPresent(knowledge, disease.id, denied.finding.id));
    }
  }
  for (const { group: { patients } } of groups) {
    assertEquals(new Set(patients.map(({ deniedOf }) => deniedOf)).size, patients.length);
  }
});

Deno.test("the drug of one candidate may be of no use in the others", () => {
  for (const { source, options, group: { candidates, drugs } } of groups) {
    assertEquals(drugs.length, options.drugs === undefined ? 0 : candidates.length);
    for (const [i, { drug }] of drugs.entries()) {
      for (const [j, { disease }] of candidates.entries()) {
        if (i !== j) assert(!mayTreat(source, drug.id, disease.id), `${drug.name} ${disease.name}`);
      }
    }
  }
});

Deno.test("every case keeps the rules of workflow and record, and its claims hold", () => {
  for (const { source, one } of all) {
    assert(isSound(source, one));
    assertEquals(unsupportedClaims(knowledge, claimsOf(source, one)), []);
    assertEquals(
      checkConsistency(clinical, {
        age: one.age,
        sex: one.sex,
        present: findingsOf(one).map(({ row: { finding } }) => ({
          finding,
          section: sectionsOf(clinical, finding)[0]!,
        })),
        absent: [patientOf(one).denied.row.finding],
        history: [],
        diagnosis: one.candidates[one.diagnosis]!.profile.disease,
      }),
      [],
    );
    for (const { profile } of one.candidates) {
      assert(one.age >= profile.age.min && one.age <= profile.age.max, profile.disease.name);
      assert(profile.sex === "both" || profile.sex === one.sex, profile.disease.name);
    }
  }
});

Deno.test("every case outside training rests on a finding or a drug of its split alone", () => {
  for (const { source, one } of all) {
    const own = patientOf(one).discriminating.some((fact) => fact.own) ||
      one.drugs[one.diagnosis]?.own === true;
    assert(own, `${source.split} ${displayName(one.candidates[one.diagnosis]!.disease)}`);
  }
});

Deno.test("where urgency is asked, one of two patients has a red flag", () => {
  const asked = groups.filter(({ options }) => options.urgency);
  assert(asked.length > 0);
  for (const { group: { patients } } of asked) {
    assertEquals(patients.map(({ flags }) => flags.length > 0).sort(), [false, true]);
  }
});

Deno.test("where a note is asked, every patient has something reported and something found", () => {
  const mixed = groups.filter(({ options }) => options.mixed);
  assert(mixed.length > 0);
  for (const { group } of mixed) {
    for (const one of casesOf(group)) {
      const own = findingsOf(one).map(({ row }) => sectionsOf(clinical, row.finding)[0]!);
      assert(own.includes("reported") && own.some((section) => section !== "reported"));
    }
  }
});

Deno.test("a case is read back from its claims, and cases of a group have different keys", () => {
  for (const { source, one } of all) {
    const evidence = "a patient";
    const found = vignetteOf({ claims: claimsOf(source, one), evidence });
    const { denied, deniedOf } = patientOf(one);
    assertEquals(found, {
      disease: one.candidates[one.diagnosis]!.disease.id,
      runnerUp: one.candidates[deniedOf]!.disease.id,
      findings: found!.findings,
      absent: denied.finding.id,
    });
    assertEquals(
      [...found!.findings].sort(),
      findingsOf(one).map(({ finding }) => finding.id).sort(),
    );
  }
  for (const { group } of groups) {
    const keys = casesOf(group).map((one) => caseKey(one).join());
    assertEquals(new Set(keys).size, keys.length);
  }
});

Deno.test("the same stream draws the same group", () => {
  const source = selectSource(clinical, "test");
  const options: GroupOptions = { size: 3, shared: 0, drugs: anyDrug };
  for (let i = 0; i < 20; i++) {
    const [a, b] = [0, 1].map(() => drawGroup(source, randomStream(5, i), options));
    assertEquals(a && casesOf(a).map(caseKey), b && casesOf(b).map(caseKey));
  }
});

Deno.test("what was drawn before changes no draw", () => {
  const keys = (fresh: boolean): string[] => {
    const tables = fresh ? { ...clinical } : clinical;
    const source = selectSource(tables, "test");
    return Array.from({ length: 25 }, (_, i) => {
      const group = drawGroup(source, randomStream(6, i), { size: 2, shared: 0, drugs: anyDrug });
      return group === undefined ? "" : casesOf(group).map(caseKey).join();
    });
  };
  assertEquals(keys(true), keys(false));
  assert(keys(false).some((key) => key !== ""));
});
