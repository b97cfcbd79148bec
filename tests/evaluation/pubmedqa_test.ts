import { assertAlmostEquals, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import {
  evaluatePubmedqa,
  loadPubmedqa,
  type LogLikelihood,
  macroF1,
  pubmedqaQuestion,
} from "../../lib/evaluation/mod.ts";
import { UsageError, WorkbenchError } from "../../lib/runtime/mod.ts";

const always = (answer: string): LogLikelihood => (requests) =>
  Promise.resolve(
    requests.map((r) => ({
      logprob: r.continuation === answer ? -1 : -2,
      tokens: 1,
    })),
  );

Deno.test("the official test questions, by ascending id", async () => {
  const questions = await loadPubmedqa();
  assertEquals(questions.length, 500);
  assertEquals(
    questions.map((q) => q.id),
    questions.map((q) => q.id).toSorted((a, b) => +a - +b),
  );
});

Deno.test("always yes: accuracy is the share of yes, macro F1 shows it", async () => {
  const result = await evaluatePubmedqa({ loglikelihood: always(" yes") });
  assertEquals(result.n, 500);
  assertEquals(result.truth, { yes: 276, no: 169, maybe: 55 });
  assertEquals(result.predicted, { yes: 500, no: 0, maybe: 0 });
  assertAlmostEquals(result.accuracy, 0.552);
  assertAlmostEquals(result.low, 0.508, 1e-3);
  assertAlmostEquals(result.high, 0.595, 1e-3);
  assertAlmostEquals(result.macroF1, 2 * 276 / 776 / 3);
  assertEquals(
    result.perItem.filter((o) => o.predicted.sum === o.answer).length,
    276,
  );
});

Deno.test("prompts are spelled as published", () => {
  const question = {
    id: "1",
    question: "Does it?",
    contexts: ["We saw.", "It did."],
    answer: "maybe",
  } as const;
  assertEquals(pubmedqaQuestion(question, "abstract"), {
    id: "1",
    context: "Abstract: We saw. It did.\nQuestion: Does it?\nAnswer:",
    continuations: [" yes", " no", " maybe"],
    answer: 2,
  });
  assertEquals(
    pubmedqaQuestion(question, "question").context,
    "Question: Does it?\nAnswer (yes, no or maybe):",
  );
});

Deno.test("a limit keeps the shares of the answers and follows the seed", async () => {
  const draw = (seed: number) =>
    evaluatePubmedqa({ loglikelihood: always(" no"), limit: 50, seed });
  const [a, b] = [await draw(1), await draw(2)];
  assertEquals(a.truth, { yes: 28, no: 17, maybe: 5 });
  assertEquals(a, await draw(1));
  assertNotEquals(a.promptHash, b.promptHash);
});

Deno.test("macro F1 of a perfect and of a partly right prediction", () => {
  assertEquals(macroF1([0, 1, 2], [0, 1, 2], 3), 1);
  assertAlmostEquals(
    macroF1([0, 0, 1, 1], [0, 1, 1, 2], 3),
    (2 / 3 + 1 / 2 + 0) / 3,
  );
});

Deno.test("missing files are an expected failure", async () => {
  const folder = await Deno.makeTempDir();
  await assertRejects(
    () => loadPubmedqa(folder),
    WorkbenchError,
    "ori_pqal.json",
  );
  await Deno.remove(folder);
});

Deno.test("a byte order mark is passed over, a question that stands twice is refused", async () => {
  const folder = await Deno.makeTempDir();
  const article = '"7":{"QUESTION":"Does it?","CONTEXTS":["One."]}';
  const write = (name: string, text: string) => Deno.writeTextFile(`${folder}/${name}`, text);
  await write("test_ground_truth.json", '\ufeff{"7":"yes"}');
  await write("ori_pqal.json", `\ufeff{${article}}`);
  assertEquals((await loadPubmedqa(folder)).map(({ id }) => id), ["7"]);
  await write("ori_pqal.json", `{${article},${article}}`);
  await assertRejects(() => loadPubmedqa(folder), UsageError, "found 7 twice in");
  await Deno.remove(folder, { recursive: true });
});
