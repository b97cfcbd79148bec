/** Controls: with the findings of others a reader falls to chance, with invented names one that recalls does. */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { findEntity, loadKnowledge, mentions } from "../../lib/knowledge/mod.ts";
import {
  consistencyFaults,
  type Item,
  learnMemory,
  questionsOf,
  renameEntities,
  shuffleEvidence,
} from "../../lib/synthesis/mod.ts";
import { ask, askGroup } from "./audit_items.ts";

const options = ["gout", "asthma", "malaria", "psoriasis"];

/** Share of decisions that somebody gets right who reads "Signs of NAME." and believes it. */
function readerShare(items: readonly Item[]): number {
  const right = questionsOf(items).filter(({ item, options, answer }) =>
    item.evidence === `Signs of ${options[answer]}.`
  );
  return right.length / items.length;
}

const groups = Array.from({ length: 500 }, (_, i) => askGroup(options, { group: `group ${i}` }))
  .flat();

Deno.test("shuffled evidence: a reader falls from all right to chance", () => {
  assertEquals(readerShare(groups), 1);
  const share = readerShare(shuffleEvidence(groups, 1));
  // 2,000 questions in groups whose number of fixed points has variance 1: standard error 0.011.
  assert(Math.abs(share - 1 / 4) < 0.045, `share ${share}`);
});

Deno.test("shuffled evidence: a permutation within the group, the rest as it was, the same for a seed", () => {
  const shuffled = shuffleEvidence(groups, 1);
  const evidenceOf = (items: readonly Item[], group: string) =>
    items.filter((item) => item.group === group).map(({ evidence }) => evidence);
  for (const group of ["group 0", "group 7", "group 499"]) {
    assertEquals(evidenceOf(shuffled, group).sort(), evidenceOf(groups, group).sort());
  }
  for (const [i, item] of shuffled.entries()) {
    const before = groups[i]!;
    assertEquals(item.prompt, before.prompt.replace(before.evidence!, item.evidence!));
    assertEquals({ ...item, prompt: "", evidence: "" }, { ...before, prompt: "", evidence: "" });
  }
  assertEquals(shuffleEvidence(groups.toReversed(), 1).length, groups.length);
  assertEquals(shuffleEvidence(groups, 1), shuffled);
  assertNotEquals(shuffleEvidence(groups, 2), shuffled);
});

Deno.test("shuffled evidence: without groups within family and split; without evidence nothing", () => {
  const single = (split: Item["split"], evidence: string) => ask({ split, evidence, options });
  const items = [
    ...["a.", "b.", "c."].map((one) => single("train", one)),
    ...["d.", "e.", "f."].map((one) => single("test", one)),
  ];
  const evidence = shuffleEvidence(items, 5).map((item) => item.evidence!);
  assertEquals(evidence.slice(0, 3).sort(), ["a.", "b.", "c."]);
  assertEquals(evidence.slice(3).sort(), ["d.", "e.", "f."]);
  const { evidence: _, ...bare } = ask({ options });
  assertEquals(shuffleEvidence([bare], 0), [bare]);
});

const knowledge = await loadKnowledge();

Deno.test("renamed: each entity has one new name everywhere, and items stay consistent", () => {
  const family = "The father had Heart Attack, the patient has fever, no asthma. ";
  const evidence = `${family}A second myocardial infarction is feared.`;
  const item: Item = {
    ...ask({
      evidence,
      options: ["myocardial infarction", "asthma"],
      answer: 0,
      prompt: `${evidence} Is it myocardial infarction or asthma? Drugs: aspirin or albuterol.`,
    }),
    checks: [
      {
        kind: "choice",
        capability: "domain",
        letter: "A",
        options: ["myocardial infarction", "asthma", "x", "y"],
      },
      { kind: "keyword", capability: "instruction", word: "aspirin", times: 1 },
      { kind: "words", capability: "instruction", min: 1, max: 9 },
    ],
  };
  const [renamed] = renameEntities([item], 3, knowledge);
  const [infarction, asthma] = renamed!.decisions[0]!.options as [string, string];
  const said =
    /^The father had (\w+), the patient has fever, no (\w+)\. A second (\w+) is feared\. Is it (\w+) or (\w+)\? Drugs: (\w+) or (\w+)\.$/
      .exec(renamed!.prompt)!;
  assertEquals(said.slice(1, 6), [infarction, asthma, infarction, infarction, asthma]);
  assertEquals(new Set(said.slice(1)).size, 4);
  assertEquals(renamed!.reference, `Diagnosis: ${infarction}`);
  assertEquals(consistencyFaults([{ ...renamed!, checks: [] }]), []);
  assert(renamed!.prompt.startsWith(renamed!.evidence!));
  assertEquals(renamed!.checks[0], {
    kind: "choice",
    capability: "domain",
    letter: "A",
    options: [infarction, asthma, "x", "y"],
  });
  assertEquals(renamed!.checks[1], {
    kind: "keyword",
    capability: "instruction",
    word: said[6]!,
    times: 1,
  });
  assertEquals(renamed!.checks[2], item.checks[2]);
  for (const name of said.slice(1)) assertEquals(mentions(knowledge, name!), []);
});

Deno.test("renamed: the same names for a seed in any file, other ones for another; nothing without names", () => {
  const one = ask({ options: ["gout", "asthma"] });
  const other = ask({ options: ["asthma", "gout"] });
  const names = (items: readonly Item[], seed: number) =>
    renameEntities(items, seed, knowledge).map((item) => item.decisions[0]!.options);
  const [first, second] = names([one, other], 1);
  assertEquals(first, second!.toReversed());
  assertEquals(names([other], 1), [second]);
  assertNotEquals(names([other], 2), [second]);
  const plain = ask({ options: ["yes", "no"] });
  assertEquals(renameEntities([plain], 1, knowledge), [plain]);
});

Deno.test("renamed: who recalls claims knows nothing more", () => {
  const presents = (disease: string, finding: string) => ({
    subject: findEntity(knowledge, disease)!.id,
    predicate: "presents" as const,
    object: findEntity(knowledge, finding)!.id,
  });
  const train = [ask({ claims: [presents("asthma", "cough"), presents("gout", "fever")] })];
  const memory = learnMemory(train, knowledge)!;
  const item = ask({ options: ["gout", "asthma"], answer: 1, evidence: "She has a cough." });
  const scores = (one: Item) => memory(questionsOf([one])[0]!)!;
  const [before, after] = [scores(item), scores(renameEntities([item], 1, knowledge)[0]!)];
  assert(before[1]! > before[0]!, `asthma coughs: ${before}`);
  assertEquals(after[0], after[1]);
});
