import { assert, assertEquals } from "@std/assert";
import { loadClinical, loadKnowledge, readName } from "../../lib/knowledge/mod.ts";
import {
  checkConsistency,
  checkWorkflow,
  consistencyRules,
  type Course,
  findingCalled,
  type PatientRecord,
  sections,
  sectionsOf,
  type Sex,
  type Step,
} from "../../lib/synthesis/mod.ts";
import cases from "./consistency_cases.json" with { type: "json" };

const knowledge = await loadKnowledge();
const clinical = await loadClinical(knowledge);

/** A record of the fixture: findings by section, the rest as it is. */
interface WrittenRecord {
  readonly about: string;
  readonly breaks?: string;
  readonly age?: number;
  readonly sex?: Sex;
  readonly course?: Course;
  readonly reported?: readonly string[];
  readonly examined?: readonly string[];
  readonly measured?: readonly string[];
  readonly absent?: readonly string[];
  readonly history?: readonly string[];
  readonly disease?: string;
}

interface WrittenWorkflow {
  readonly about: string;
  readonly breaks?: string;
  /** Rules that cannot but be broken with it. */
  readonly also?: readonly string[];
  readonly steps: readonly Step[];
}

const records = cases.records as readonly WrittenRecord[];
const workflows = cases.workflows as readonly WrittenWorkflow[];

function recordOf(written: WrittenRecord): PatientRecord {
  const condition = (name: string) => {
    const reading = readName(knowledge, clinical.names, "disease", name);
    return reading.status === "read"
      ? reading.concept
      : { id: `disease:${name}`, kind: "disease" as const, name };
  };
  const { age, sex, course, absent = [], history = [], disease } = written;
  return {
    ...(age !== undefined && { age }),
    ...(sex !== undefined && { sex }),
    ...(course !== undefined && { course }),
    present: sections.flatMap((section) =>
      (written[section] ?? []).map((name) => ({ finding: findingCalled(clinical, name), section }))
    ),
    absent: absent.map((name) => findingCalled(clinical, name)),
    history: history.map(condition),
    ...(disease !== undefined && { diagnosis: condition(disease) }),
  };
}

const rulesOf = (violations: readonly { readonly rule: string }[]): string[] => [
  ...new Set(violations.map(({ rule }) => rule)),
];

Deno.test("at least forty written cases are good and forty bad, and every rule on records has a bad one", () => {
  const all = [...records, ...workflows];
  assert(all.filter(({ breaks }) => breaks === undefined).length >= 40);
  assert(all.filter(({ breaks }) => breaks !== undefined).length >= 40);
  const broken = new Set(all.map(({ breaks }) => breaks));
  assertEquals(consistencyRules.filter((rule) => !broken.has(rule)), []);
});

for (const written of records) {
  const { about, breaks } = written;
  Deno.test(`record: ${about}${breaks === undefined ? "" : ` breaks "${breaks}"`}`, () => {
    const found = checkConsistency(clinical, recordOf(written));
    assertEquals(rulesOf(found), breaks === undefined ? [] : [breaks], JSON.stringify(found));
  });
}

for (const { about, breaks, also = [], steps } of workflows) {
  Deno.test(`workflow: ${about}${breaks === undefined ? "" : ` breaks "${breaks}"`}`, () => {
    const found = checkWorkflow(clinical, steps);
    const wanted = breaks === undefined ? [] : [breaks, ...also];
    assertEquals(rulesOf(found).sort(), [...wanted].sort(), JSON.stringify(found));
  });
}

Deno.test("every finding of the tables has a section, and the usual kinds have the usual ones", () => {
  const sectionOf = (name: string) => sectionsOf(clinical, findingCalled(clinical, name))[0];
  for (const { findings } of clinical.diseases.values()) {
    for (const { finding } of findings) {
      const found = sectionsOf(clinical, finding);
      assert(found.length > 0 && new Set(found).size === found.length, finding.name);
    }
  }
  assertEquals(
    ["nausea", "cough", "coarse crackles", "high blood pressure", "high creatinine", "proteinuria"]
      .map(sectionOf),
    ["reported", "reported", "examined", "examined", "measured", "measured"],
  );
});
