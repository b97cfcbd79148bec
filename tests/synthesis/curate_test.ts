import { assert, assertEquals, assertRejects } from "@std/assert";
import { findEntity, loadKnowledge } from "../../lib/knowledge/mod.ts";
import { randomStream, UsageError } from "../../lib/runtime/mod.ts";
import {
  blindPrompt,
  type Choose,
  chooseByCompletion,
  curateItems,
  imputeFindings,
  type Item,
  shuffleOptions,
  sliceItems,
  triesToBeatGuessing,
} from "../../lib/synthesis/mod.ts";

const diseases = ["influenza", "asthma", "gout"];

/** A case whose right answer is the disease of that number; the evidence says which finding there is. */
function caseOf(number: number, answer: number, evidence = `finding ${answer}`): Item {
  return {
    id: number.toString(16).padStart(16, "0"),
    capability: "reasoning",
    family: "f",
    version: 1,
    split: "train",
    prompt: `A patient has ${evidence}. Is it ${diseases.join(", ")}?`,
    reference: `Diagnosis: ${diseases[answer]}`,
    checks: [{ kind: "no_commas", capability: "instruction" }],
    claims: [],
    decisions: [{ where: { format: "line", field: "Diagnosis" }, options: diseases, answer }],
    evidence,
    case: number.toString(16),
    template: "t",
  };
}

const items = Array.from({ length: 60 }, (_, i) => caseOf(i, i % 3));

/** Reads the finding in the prompt and knows whose it is. */
const knowing: Choose = (asked) =>
  Promise.resolve(asked.map(({ prompt, decisions: [decision] }) => {
    const said = /finding (\d)/.exec(prompt)?.[1];
    return [said === undefined ? 0 : decision!.options.indexOf(diseases[Number(said)]!)];
  }));

/** Knows the answers whatever the prompt says, as one that learnt them from the form would. */
const cheating: Choose = (asked) =>
  Promise.resolve(asked.map(({ decisions: [decision] }) => [decision!.answer]));

/** Guesses. */
function guessing(seed: number): Choose {
  const random = randomStream(seed, "guess");
  return (asked) => Promise.resolve(asked.map(() => [random.integer(3)]));
}

const kept = async (list: readonly Item[], choose: Choose): Promise<number> =>
  (await curateItems({ items: list, choose, seed: 1 })).filter(({ fault }) => fault === undefined)
    .length;

Deno.test("slices cover all items and keep groups together", () => {
  const list = items.map((item, i) => ({ ...item, group: `${i >> 1}`.padStart(4, "0") }));
  const [first, second] = sliceItems(list);
  assertEquals(first.length + second.length, list.length);
  const groups = new Set(first.map(({ group }) => group));
  assert(second.length > 0 && second.every(({ group }) => !groups.has(group)));
});

Deno.test("how many tries beat a guess", () => {
  // Three tries at three options: 1/27 = .037; at two options 1/8.
  assertEquals(triesToBeatGuessing(3, 3, 0.05), 3);
  assertEquals(triesToBeatGuessing(3, 2, 0.05), undefined);
  assertEquals(triesToBeatGuessing(5, 2, 0.05), 5);
  assertEquals(triesToBeatGuessing(1, 30, 0.05), 1);
});

Deno.test("who knows keeps all, who guesses or needs no evidence almost none", async () => {
  assert(await kept(items, knowing) >= 52); // blind, it is right by chance in 1/27
  assertEquals(await kept(items, cheating), 0);
  const many = Array.from({ length: 600 }, (_, i) => caseOf(i, i % 3));
  const guessed = await kept(many, guessing(3));
  assert(guessed > 0 && guessed < 45, `${guessed}`); // 1/27 of 600 is 22
});

Deno.test("who answers alike whatever the findings are keeps nothing of a group", async () => {
  // Where findings are shown at all it says gout; without any, influenza.
  const fond: Choose = (asked) =>
    Promise.resolve(asked.map(({ prompt, decisions: [decision] }) => [
      decision!.options.indexOf(prompt.includes("finding") ? "gout" : "influenza"),
    ]));
  const grouped = items.map((item, i) => ({ ...item, group: `${Math.floor(i / 3)}` }));
  assertEquals(await kept(items, fond), 20); // alone, each with gout for a key passes
  assertEquals(await kept(grouped, fond), 0);
  assertEquals(await kept(grouped, knowing), 60);
  const [, , gout] = await curateItems({ items: grouped, choose: fond, seed: 1 });
  assertEquals([gout!.fault, gout!.right, gout!.rightBlind], [
    "answered without its findings",
    3,
    3,
  ]);
  // Another patient with the same findings says nothing.
  const alike = items.slice(0, 2).map((item) => ({
    ...item,
    ...caseOf(3, 0),
    id: item.id,
    group: "g",
  }));
  assertEquals(await kept(alike, knowing), 2);
});

Deno.test("each try has its own number", async () => {
  const seen: number[] = [];
  await curateItems({
    items,
    choose: (asked, attempt) => {
      seen.push(attempt);
      return knowing(asked, attempt);
    },
    seed: 1,
  });
  assertEquals(seen, [0, 1, 2, 3, 4, 5]);
});

Deno.test("an item with a wrong key is dropped by who knows", async () => {
  const wrong = items.map((_, i) => caseOf(i, i % 3, `finding ${(i + 1) % 3}`));
  assertEquals(await kept(wrong, knowing), 0);
  const [first] = await curateItems({ items: wrong, choose: knowing, seed: 1 });
  assertEquals([first!.fault, first!.right], ["not answered", 0]);
});

Deno.test("items without decisions, wrong numbers of choices or tries", async () => {
  const { decisions: _, ...rest } = items[0]!;
  const [open] = await curateItems({
    items: [{ ...rest, decisions: [] }],
    choose: () => Promise.resolve([]),
    seed: 1,
  });
  assertEquals(open!.fault, "guessable");
  const few: Choose = () => Promise.resolve([]);
  await assertRejects(() => curateItems({ items, choose: few, seed: 1 }), UsageError, "found 0");
  const none = { items, choose: knowing, seed: 1, tries: 0 };
  await assertRejects(() => curateItems(none), UsageError, "found 0");
});

Deno.test("options move in the prompt, not in the evidence; letters move with them", () => {
  const lettered: Item = {
    ...caseOf(1, 1, "asthma in the family"),
    prompt: "With asthma in the family:\nA. influenza\nB. asthma\nC. gout\nD. acne",
    reference: "Answer: B. asthma",
    checks: [{
      kind: "choice",
      capability: "domain",
      letter: "B",
      options: [...diseases, "acne"],
    }],
    decisions: [{
      where: { format: "line", field: "Answer" },
      options: [...diseases, "acne"],
      answer: 1,
    }],
  };
  const seen = new Set<string>();
  for (let seed = 0; seed < 40; seed++) {
    const moved = shuffleOptions(lettered, randomStream(seed));
    const [check] = moved.checks;
    assert(check?.kind === "choice");
    assert(moved.prompt.startsWith("With asthma in the family:"));
    const shown = moved.prompt.split("\n").slice(1);
    assertEquals(shown, check.options.map((option, i) => `${"ABCD"[i]}. ${option}`));
    assertEquals(moved.reference, `Answer: ${check.letter}. asthma`);
    assertEquals(moved.decisions[0]!.options[moved.decisions[0]!.answer], "asthma");
    seen.add(moved.prompt);
  }
  assertEquals(seen.size > 15, true);
  assertEquals(blindPrompt(lettered).split("\n")[0], "With ...:");
});

Deno.test("choices are read from completions: one option, in its field", async () => {
  const said = async (completion: string) =>
    (await chooseByCompletion(() => Promise.resolve([completion]))([items[0]!], 0))[0];
  assertEquals(await said("Diagnosis: Asthma"), [1]);
  assertEquals(await said("It is not gout.\nDiagnosis: asthma"), [1]);
  assertEquals(await said("Diagnosis: asthma or gout"), [-1]);
  assertEquals(await said("I think of gout"), [-1]);
  assertEquals(await said("no idea"), [-1]);
});

Deno.test("a blank finding is filled only with another finding of the diagnosis alone", async () => {
  const knowledge = await loadKnowledge();
  const id = (name: string): string => findEntity(knowledge, name)!.id;
  const evidence = "fever and cough";
  const item: Item = {
    ...caseOf(1, 0, evidence),
    prompt: `A patient has ${evidence}. Is it influenza or gout?`,
    claims: [
      { subject: id("influenza"), predicate: "presents", object: id("fever") },
      { subject: id("gout"), predicate: "presents", object: id("cough"), denied: "not listed" },
    ],
  };
  // Gout is associated with pain, and a headache is one.
  const fill = (completion: string) =>
    imputeFindings({ knowledge, items: [item], attempt: () => Promise.resolve([completion]) });
  const filled = await fill("Chills.");
  assertEquals([filled.refilled, filled.tried], [1, 1]);
  assertEquals(filled.items[0]!.evidence, "chills and cough");
  assertEquals(
    filled.items[0]!.prompt,
    "A patient has chills and cough. Is it influenza or gout?",
  );
  assertEquals(filled.items[0]!.claims[0]!.object, id("chills"));
  for (
    const useless of [
      "cough",
      "acne",
      "Sure! It is headache",
      "headache",
      "headache and chills",
      "",
    ]
  ) {
    assertEquals((await fill(useless)).items, [item], useless);
  }
});
