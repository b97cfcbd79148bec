import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { loadKnowledge } from "../../lib/knowledge/mod.ts";
import { referencePasses, ruleScores } from "../../lib/reward/mod.ts";
import { csvText, hashJson, UsageError } from "../../lib/runtime/mod.ts";
import {
  factShares,
  familyOfFile,
  importNotes,
  importQuestions,
  indexBenchmarks,
  type Item,
  itemOfQuestion,
  itemSchema,
  type OwnQuestion,
  readItemFile,
  readItems,
  type Split,
  splitOfQuestion,
  writeItems,
} from "../../lib/synthesis/mod.ts";
import { inTemporaryFolder } from "../model/fixtures.ts";

const knowledge = await loadKnowledge();
const benchmark = {
  benchmark: "MMLU",
  id: "anatomy 1",
  text: "one two three four five six seven eight nine ten eleven twelve thirteen fourteen",
} as const;
const options = {
  benchmarks: indexBenchmarks([benchmark]),
  verify: (item: Item) => referencePasses(item, knowledge),
};

const vitamins = ["vitamin A", "vitamin B12", "vitamin D", "vitamin K"];
const skin: OwnQuestion = {
  prompt: "Which vitamin is made in the skin?",
  answer: "C",
  options: vitamins,
};
const lines = (questions: readonly unknown[]): string =>
  questions.map((question) => `${JSON.stringify(question)}\n`).join("");
const read = (questions: readonly unknown[]) =>
  importQuestions(lines(questions), "q.jsonl", options);

/** A score of the item's own capability. */
const scoreOf = (item: Item, completion: string): number =>
  ruleScores(item, completion, knowledge)[item.capability]!;

Deno.test("four options: the letter and the text of the right one score 1, another 0", async () => {
  for (const answer of ["C", "vitamin D", "Vitamin  D"]) {
    const item = await itemOfQuestion({ ...skin, answer }, "q", "here");
    assertEquals(item.reference, "Answer: C. vitamin D");
    assertEquals(item.prompt.split("\n")[3], "C. vitamin D");
    assertEquals(item.decisions, [
      { where: { format: "line", field: "Answer" }, options: vitamins, answer: 2 },
    ]);
    assertEquals(scoreOf(item, item.reference), 1);
    assertEquals(scoreOf(item, "Answer: A. vitamin A"), 0);
    assertEquals(scoreOf(item, "Answer: A. vitamin D"), 0);
  }
});

Deno.test("another number of options: the text of the right one scores 1, another 0", async () => {
  const item = await itemOfQuestion(
    { prompt: "Is bile made in the liver?", answer: "B", options: ["no", "yes", "maybe"] },
    "q",
    "here",
  );
  assertEquals(item.reference, "Answer: yes");
  assert(item.prompt.includes("\n- no\n- yes\n- maybe\n"));
  assertEquals(
    [item.reference, "Answer: no", "Answer: yes or no"].map((one) => scoreOf(item, one)),
    [
      1,
      0,
      0,
    ],
  );
});

Deno.test("no options: the answer has to occur; own checks take its place", async () => {
  const plain = await itemOfQuestion(
    { prompt: "What lowers glucose?", answer: "insulin" },
    "q",
    "here",
  );
  assertEquals(["It is Insulin.", "It is insulinoma.", ""].map((one) => scoreOf(plain, one)), [
    1,
    0,
    0,
  ]);
  const { prompt, checks } = await itemOfQuestion(
    {
      prompt: "Say it in one word.",
      answer: "Air",
      capability: "instruction",
      checks: [{ kind: "words", capability: "instruction", min: 1, max: 1 }],
    },
    "q",
    "here",
  );
  assertEquals(prompt, "Say it in one word.");
  assertEquals(checks.map(({ kind }) => kind), ["words"]);
  const chosen = await itemOfQuestion(
    { ...skin, checks: [{ kind: "labels", capability: "instruction", labels: ["Answer"] }] },
    "q",
    "here",
  );
  assertEquals(chosen.checks.map(({ kind }) => kind), ["choice", "labels"]);
});

Deno.test("CSV and JSON Lines give the same items, which survive a file", () =>
  inTemporaryFolder(async (folder) => {
    const checks = [{ kind: "no_commas" as const, capability: "instruction" as const }];
    const questions: OwnQuestion[] = [
      skin,
      { prompt: 'Say "a, b"\nonce.', answer: "ab", split: "test-forms", capability: "domain" },
      { prompt: "Is it so?", answer: "yes", options: ["yes", "no"], checks, split: "train" },
    ];
    const rows = questions.map((question) => [
      question.prompt,
      question.answer,
      question.options?.join(" | ") ?? null,
      question.capability ?? null,
      question.split ?? null,
      question.checks === undefined ? null : JSON.stringify(question.checks),
    ]);
    const head = ["prompt", "answer", "options", "capability", "split", "checks"];
    const table = await importQuestions(csvText([head, ...rows]), "q.csv", options);
    const { items, report } = await read(questions);
    assertEquals(table.items, items);
    assertEquals(report, {
      path: "q.jsonl",
      family: "q",
      read: 3,
      kept: 3,
      duplicates: [],
      contaminated: [],
    });
    assertEquals(importNotes(report), ["3 of 3 questions of q.jsonl make up the family q"]);
    const path = join(folder, "items.jsonl");
    await writeItems(path, items);
    assertEquals(await readItems(path), items);
    assertEquals((await readItemFile(path, () => false)).items, items);
    for (const item of items) {
      assertEquals(itemSchema.parse(item), item);
      const { id, family, version, prompt, reference, checks } = item;
      assertEquals(await hashJson({ family, version, prompt, reference, checks }), id);
    }
  }));

Deno.test("the split depends on the question's words alone, in the shares of generated facts", async () => {
  const twins = [
    skin,
    { ...skin, options: vitamins.toReversed(), answer: "vitamin D" },
    { ...skin, prompt: "which VITAMIN -- is made in the skin" },
  ];
  const { items } = await read([{ prompt: "Another?", answer: "yes" }, ...twins]);
  assertEquals(new Set(items.slice(1).map(({ split }) => split)).size, 1);
  assertEquals(new Set(items.slice(1).map((item) => item.case)).size, 1);
  assertEquals(new Set(items.map(({ id }) => id)).size, 4);
  const n = 4000;
  const counts = new Map<Split, number>();
  for (let i = 0; i < n; i++) {
    const split = splitOfQuestion(`Question number ${i}?`);
    counts.set(split, (counts.get(split) ?? 0) + 1);
  }
  for (const [split, share] of Object.entries(factShares)) {
    const deviation = Math.sqrt(n * share * (1 - share));
    assert(Math.abs(counts.get(split as Split)! - n * share) < 4 * deviation, split);
  }
});

Deno.test("what stands twice is left out and told with both lines", async () => {
  const again = { ...skin, answer: "vitamin D", prompt: "Which  vitamin is made in the SKIN?" };
  const { items, report } = await importQuestions(
    `\n${lines([skin])}\n${lines([again, { prompt: "a b?", answer: "c" }, again])}`,
    "q.jsonl",
    options,
  );
  assertEquals(items.length, 2);
  assertEquals(report.duplicates, [{ line: 4, first: 2 }, { line: 6, first: 2 }]);
  assertEquals(
    importNotes(report)[1],
    "2 questions left out that stand twice, the first in line 4, as in line 2",
  );
});

Deno.test("what a benchmark holds is left out and told: how many, which, an example", async () => {
  const held = {
    prompt: "ONE two three, four five six seven",
    answer: "A",
    options: ["eight nine", "ten"],
  };
  const { items, report } = await read([
    skin,
    { prompt: `Say: ${benchmark.text}`, answer: "x" },
    held,
    { ...held, options: ["eight nine", "ten eleven twelve thirteen"] },
  ]);
  assertEquals(items.length, 2);
  assertEquals(report.contaminated.map(({ line, benchmark, id }) => [line, benchmark, id]), [
    [2, "MMLU", "anatomy 1"],
    [4, "MMLU", "anatomy 1"],
  ]);
  assertEquals(importNotes(report), [
    "2 of 4 questions of q.jsonl make up the family q",
    '2 questions left out for words of MMLU, the first in line 2 (anatomy 1: "one two three four five six seven eight nine ten eleven twelve thirteen")',
  ]);
  await assertRejects(
    () => read([{ prompt: benchmark.text, answer: "x" }]),
    UsageError,
    "Expected questions that no benchmark holds but found none in q.jsonl: 1 question left out for words of MMLU",
  );
});

Deno.test("whatever else does not fit is an error in one line with file, line and key", async () => {
  const wrong: readonly (readonly [value: unknown, message: string])[] = [
    [{ prompt: "a" }, "Expected answer to be a string but found nothing in q.jsonl, line 2"],
    [
      { prompt: " ", answer: "a" },
      'Expected prompt to be a string of at least 1 characters but found " " in',
    ],
    [
      { ...skin, answer: "E" },
      'Expected answer to be one of the options or a letter from A to D but found "E" in q.jsonl, line 2',
    ],
    [{ ...skin, answer: "vitamin" }, 'found "vitamin" in q.jsonl, line 2'],
    [
      { ...skin, options: ["a", "b", "A ", "d"] },
      'Expected options to be different but found options.2, "A", twice in',
    ],
    [{ ...skin, options: ["a"] }, "Expected options to be a list of at least 2 entries"],
    [
      { prompt: "a", answer: "fever", options: ["fever", "high fever"] },
      'found options.0, "fever", in another in q.jsonl, line 2',
    ],
    [{ ...skin, solution: "D" }, "Expected only known keys but found solution in q.jsonl, line 2"],
    [
      { ...skin, capability: "memory" },
      "Expected capability to be one of domain, reasoning, instruction, integration",
    ],
    [{ ...skin, split: "dev" }, "Expected split to be one of train, validation, test, "],
    [{ ...skin, capability: "integration" }, "but found none of reasoning in q.jsonl, line 2"],
    [
      { prompt: "a", answer: "b", checks: [{ kind: "no_commas", capability: "instruction" }] },
      "Expected checks of domain, as capability is domain, but found none of domain in q.jsonl, line 2",
    ],
    [
      {
        prompt: "a",
        answer: "b",
        checks: [{
          kind: "entities",
          capability: "domain",
          where: { format: "text" },
          entity: "drug",
          accepted: ["DB1"],
          count: 1,
        }],
      },
      "Expected checks that need no graph but found checks.0.kind to be entities in q.jsonl, line 2",
    ],
    [
      {
        prompt: "a",
        answer: "b, c",
        capability: "instruction",
        checks: [{ kind: "no_commas", capability: "instruction" }],
      },
      "Expected answer to pass its checks but found one that fails no_commas in q.jsonl, line 2",
    ],
    [
      { ...skin, prompt: "First?", answer: "A" },
      "Expected a question to have one answer but found another in q.jsonl, line 2 than in line 1",
    ],
    [
      { ...skin, prompt: "First?", options: vitamins.toReversed(), answer: "A" },
      "Expected a question to have one answer",
    ],
    [
      { ...skin, prompt: "First?", capability: "reasoning" },
      "Expected a question to have one capability, one split and the same checks but found another",
    ],
  ];
  for (const [value, message] of wrong) {
    const error = await assertRejects(
      () => read([{ ...skin, prompt: "First?" }, value]),
      UsageError,
      message,
    );
    assertEquals(error.message.split("\n").length, 1);
  }
  await assertRejects(
    () => read([]),
    UsageError,
    "Expected at least 1 question but found none in q.jsonl",
  );
});

Deno.test("a table with other columns is an error that names one", async () => {
  const table = (text: string) => importQuestions(text, "q.csv", options);
  await assertRejects(
    () => table("prompt,answer,note\na,b,c\n"),
    UsageError,
    'but found "note" in q.csv, line 1',
  );
  await assertRejects(
    () => table("prompt,options\na,b|c\n"),
    UsageError,
    "but found no answer in q.csv, line 1",
  );
  await assertRejects(
    () => table("prompt,answer\na\n"),
    UsageError,
    "Expected 2 cells but found 1 in q.csv, line 2",
  );
  await assertRejects(
    () => table("prompt,answer\na,b\nc,\n"),
    UsageError,
    "Expected answer to be a string of at least 1 characters",
  );
  await assertRejects(
    () => table('prompt,answer,checks\na,b,"[{"\n'),
    UsageError,
    "in checks of q.csv, line 2",
  );
});

Deno.test("the family is the file's name", () => {
  assertEquals(familyOfFile("/data/My questions (2).CSV"), "my-questions-2");
  assertEquals(familyOfFile("häm.jsonl"), "häm");
  assertEquals(familyOfFile("/data/--.jsonl"), "questions");
});

Deno.test("a file is of items or of questions by its first line", () =>
  inTemporaryFolder(async (folder) => {
    const path = join(folder, "q.jsonl");
    const passes = (item: Item) => referencePasses(item, knowledge);
    await Deno.writeTextFile(path, `\n${lines([skin])}`);
    const { items, imported } = await readItemFile(path, passes);
    assertEquals([items.length, imported?.kept, imported?.family], [1, 1, "q"]);
    await Deno.writeTextFile(path, lines([skin, { ...skin, id: "0" }]));
    await assertRejects(
      () => readItemFile(path, passes),
      UsageError,
      "Expected only known keys but found id",
    );
    await Deno.writeTextFile(path, lines([items[0], skin]));
    await assertRejects(
      () => readItemFile(path, passes),
      UsageError,
      `Expected an item in ${path}, line 2`,
    );
    await Deno.remove(path);
    await assertRejects(() => readItemFile(path, passes), UsageError, `found none at ${path}`);
  }));
