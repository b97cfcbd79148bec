/** Guessers over files of items: numbers by hand, intervals over groups, and what the audit says of a whole file. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  auditItems,
  clusteredShare,
  guessItems,
  type GuessTable,
  wilsonInterval,
} from "../../lib/evaluation/mod.ts";
import { findEntity, loadKnowledge } from "../../lib/knowledge/mod.ts";
import type { Item } from "../../lib/synthesis/mod.ts";
import { ask, askGroup } from "../synthesis/audit_items.ts";

const knowledge = await loadKnowledge();
const diseases = ["gout", "asthma", "malaria", "psoriasis"];
const findings = ["fever", "cough", "headache", "nausea"];
const idOf = (name: string): string => findEntity(knowledge, name)!.id;

Deno.test("clustered shares: independent values have Wilson's interval", () => {
  const values = Array.from(
    { length: 40 },
    (_, i) => ({ value: i % 4 === 0 ? 1 : 0, cluster: `${i}` }),
  );
  const found = clusteredShare(values);
  // The estimate of the variance between clusters has n - 1 in place of n.
  assertAlmostEquals(found.effective, 39, 1e-9);
  const { low, high } = wilsonInterval(10, 40);
  assertAlmostEquals(found.low, low, 0.003);
  assertAlmostEquals(found.high, high, 0.003);
});

Deno.test("clustered shares: values that agree count once, those that balance out no more than coins", () => {
  const values = (shares: readonly number[][]) =>
    shares.flatMap((cluster, i) => cluster.map((value) => ({ value, cluster: `${i}` })));
  const agreeing = clusteredShare(values([[1, 1], [0, 0], [1, 1], [0, 0], [1, 1], [0, 0]]));
  assertAlmostEquals(agreeing.effective, 5, 1e-12);
  const balanced = clusteredShare(values(Array.from({ length: 25 }, () => [1, 0, 0, 0])));
  assertEquals([balanced.mean, balanced.effective, balanced.clusters], [0.25, 100, 25]);
  assertAlmostEquals(balanced.low, wilsonInterval(25, 100).low, 1e-12);
  const one = clusteredShare(values([[1, 0, 1, 0]]));
  assertEquals([one.effective, one.n], [1, 4]);
  assert(one.low < 0.1 && one.high > 0.9);
  const none = clusteredShare([]);
  assertEquals([none.n, none.low, none.high, none.mean], [0, 0, 1, NaN]);
});

/** Items of a family, whose evidence is a finding that training claims know of the right disease. */
function knownCases(split: Item["split"], count: number, more: Partial<Item> = {}): Item[] {
  return Array.from({ length: count }, (_, i) =>
    askGroup(diseases, {
      ...more,
      split,
      group: `${split} ${more.family} ${i}`,
      evidence: (name) => `Patient ${split} ${i} has ${findings[diseases.indexOf(name)]}.`,
      claims: diseases.map((disease, at) => ({
        subject: idOf(disease),
        predicate: "presents" as const,
        object: idOf(findings[at]!),
      })),
    })).flat();
}

const atChance = (table: GuessTable): void => {
  for (const [name, { accuracy, inside, chance }] of Object.entries(table.baselines)) {
    assertEquals([name, inside, chance], [name, true, 0.25]);
    // The form filler draws; the others are right once in each group.
    assertAlmostEquals(accuracy, 0.25, name === "form filler" ? 0.12 : 1e-12, name);
  }
};

Deno.test("guessers on whole groups: blind ones at chance, memory not, the controls again", () => {
  const items = [
    ...knownCases("train", 20),
    ...knownCases("test", 10),
    ...knownCases("validation", 1),
  ];
  const { families, sets } = guessItems(items, knowledge);
  assertEquals(Object.keys(families), ["diagnosis"]);
  const { diagnosis } = families;
  assertEquals([diagnosis!.n, diagnosis!.chance, diagnosis!.withoutDecisions], [40, 0.25, 0]);
  assertEquals(Object.keys(diagnosis!.baselines), [
    "first",
    "longest",
    "options-only",
    "name frequency",
    "name mentions",
    "findings-blind",
    "form filler",
  ]);
  atChance(diagnosis!);
  assertEquals(sets.test, diagnosis!.sets.test);
  assertEquals(Object.keys(sets), ["test"]);
  const { memory } = diagnosis!.floors;
  assertEquals([memory!.accuracy, memory!.inside, memory!.clusters], [1, false, 10]);
  const controls = diagnosis!.controls;
  assertEquals(controls["memory, renamed"]!.accuracy, 0.25);
  const shuffled = controls["memory, shuffled evidence"]!;
  assert(shuffled.inside && shuffled.accuracy < 0.6, `${shuffled.accuracy}`);
  // The form alone scores instruction; who decides does not matter to it.
  assertEquals(Object.keys(diagnosis!.scores), [
    "form filler",
    "name frequency",
    "findings-blind",
    "memory",
  ]);
  assertEquals(diagnosis!.scores["memory"]!.instruction!.n, 10);
});

Deno.test("guessers on a biased family beside a fair one: the interval leaves chance out there alone", () => {
  const biased = (split: Item["split"], count: number): Item[] =>
    Array.from({ length: count }, (_, i) =>
      ask({
        family: "biased",
        split,
        options: i % 2 === 0 ? ["gout", "asthma"] : ["asthma", "gout"],
        answer: i % 2,
        evidence: `Findings ${split} ${i}.`,
      }));
  const items = [
    ...knownCases("train", 10, { family: "fair" }),
    ...knownCases("test", 10, { family: "fair" }),
    ...biased("train", 30),
    ...biased("test", 30),
  ];
  const { families } = guessItems(items, knowledge);
  atChance(families.fair!);
  const verdicts = Object.entries(families.biased!.baselines).map(([name, { accuracy, inside }]) =>
    [name, inside ? "chance" : accuracy] as const
  );
  assertEquals(Object.fromEntries(verdicts), {
    "first": "chance",
    "longest": 0,
    "options-only": 1,
    "name frequency": 1,
    // In training prompts and references gout stands in all items, as asthma does.
    "name mentions": "chance",
    "findings-blind": 1,
    "form filler": "chance",
  });
});

Deno.test("guessers: items without decisions are counted, and their forms are scored", () => {
  const open = ask({
    split: "test",
    family: "open",
    capability: "domain",
    prompt: "Name a symptom of malaria.",
    reference: "Fever.",
    checks: [{ kind: "sentences", capability: "instruction", count: 1 }],
  });
  const { evidence: _, ...bare } = open;
  const { families, sets } = guessItems([bare, ask({ family: "trained" })], knowledge);
  const { n, chance, baselines, withoutDecisions, scores } = families.open!;
  assertEquals({ n, chance, baselines, withoutDecisions }, {
    n: 0,
    chance: null,
    baselines: {},
    withoutDecisions: 1,
  });
  assertEquals(Object.keys(scores), ["form filler"]);
  assertEquals([families.trained!.n, families.trained!.withoutDecisions], [0, 0]);
  assertEquals(sets, {});
});

Deno.test("the audit of a file: the same for the same items, and plain JSON", () => {
  const benchmark =
    "A 40-year-old man who drinks a lot of beer wakes up at night with pain in his big toe.";
  const items = [
    ...knownCases("train", 3),
    ...knownCases("test", 2),
    ask({ prompt: `${benchmark} What is it?`, evidence: "pain", options: ["a", "b"] }),
    ask({ split: "test-diseases", group: "train undefined 0" }),
  ];
  const notes: (string | undefined)[] = [];
  const audit = () =>
    auditItems(items, {
      knowledge,
      benchmarks: [benchmark],
      onProgress: (_done, _total, note) => notes.push(note),
    });
  const report = audit();
  assertEquals(report.items, { train: 13, test: 8, "test-diseases": 1 });
  const overlapping = items.at(-2)!.id;
  assertEquals(report.overlap, { n: 1, examples: [overlapping] });
  assertEquals(report.leakage.groups, {
    n: 1,
    examples: ["train undefined 0 in train, test-diseases"],
  });
  assertEquals(report.leakage.sets.test!.claims, {
    items: 8,
    claims: 32,
    seen: 32,
    seenPairs: 32,
    nothingNew: 8,
  });
  assertEquals(report.consistency, {
    "option not in prompt": {
      n: 1,
      examples: [`${overlapping}: Diagnosis: "b"`],
    },
  });
  assertEquals(notes.length, 6);
  assertEquals(JSON.parse(JSON.stringify(report)), audit());
});
