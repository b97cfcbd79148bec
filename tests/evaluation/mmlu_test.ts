import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertRejects,
} from "@std/assert";
import { join } from "@std/path";
import {
  biomedicalSubjects,
  clozeQuestion,
  evaluateMmlu,
  lettersQuestion,
  loadMmlu,
  type LogLikelihood,
  mmluSubjects,
  rankChoices,
  shuffleOptions,
  stratifiedSample,
  summarizeChoices,
} from "../../lib/evaluation/mod.ts";
import { UsageError, WorkbenchError } from "../../lib/runtime/mod.ts";
import { parityPath, readJson } from "../model/fixtures.ts";

/** Likes short texts; a made-up token is four characters. */
const brevity: LogLikelihood = (requests) =>
  Promise.resolve(requests.map(({ continuation }) => ({
    logprob: -continuation.length,
    tokens: Math.ceil(continuation.length / 4),
  })));
/** Says A. */
const alwaysFirst: LogLikelihood = (requests) =>
  Promise.resolve(requests.map(({ continuation }) => ({
    logprob: continuation === " A" ? -0.1 : -3,
    tokens: 1,
  })));

Deno.test("every subject has its published number of questions, all well formed", async () => {
  const counts = await Promise.all(
    mmluSubjects.map(async (subject) => (await loadMmlu(subject)).length),
  );
  assertEquals(counts, [135, 265, 144, 173, 223, 100, 306, 272, 166]);
  for (const subject of mmluSubjects) {
    const examples = await loadMmlu(subject, "dev");
    assert(examples.length >= 5);
    assertEquals(examples[0]?.choices.length, 4);
  }
});

Deno.test("prompts are spelled as published", async () => {
  const [question] = await loadMmlu("anatomy");
  const cloze = clozeQuestion(question!);
  assertEquals(
    cloze.context,
    "Question: A lesion causing compression of the facial nerve at the stylomastoid foramen will cause ipsilateral\nAnswer:",
  );
  assertEquals(cloze.continuations[0], " paralysis of the facial muscles.");
  const [example] = await loadMmlu("medical_genetics", "dev");
  const letters = lettersQuestion(
    {
      ...question!,
      subject: "medical_genetics",
      question: "Q",
      choices: ["w", "x", "y", "z"],
    },
    [{ ...example!, question: "E", choices: ["1", "2", "3", "4"], answer: 2 }],
  );
  assertEquals(
    letters.context,
    "The following are multiple choice questions (with answers) about medical genetics.\n\n" +
      "E\nA. 1\nB. 2\nC. 3\nD. 4\nAnswer: C\n\nQ\nA. w\nB. x\nC. y\nD. z\nAnswer:",
  );
  assertEquals(letters.continuations, [" A", " B", " C", " D"]);
});

Deno.test("the references' rankings and accuracies follow from their log-likelihoods", async () => {
  const reference = readJson(parityPath("smollm2", "reference.json"));
  for (const part of reference.mmlu) {
    const questions = (await loadMmlu(part.subject)).slice(
      part.from,
      part.to,
    );
    assertEquals(
      clozeQuestion(questions[0]!).context,
      part.cloze_prompt_of_first,
    );
    assertEquals(
      lettersQuestion(questions[0]!).context,
      part.letters_prompt_of_first,
    );
    const recorded: { loglik: number[]; tokens: number[] }[] = part.questions
      .map((q: { cloze: unknown }) => q.cloze);
    const outcomes = await rankChoices(
      questions.map(clozeQuestion),
      (requests) =>
        Promise.resolve(requests.map((_, i) => {
          const own = recorded[Math.floor(i / 4)]!;
          return { logprob: own.loglik[i % 4]!, tokens: own.tokens[i % 4]! };
        })),
    );
    outcomes.forEach((outcome, i) => {
      const expected = part.questions[i];
      assertEquals("ABCD"[outcome.answer], expected.answer);
      assertEquals("ABCD"[outcome.predicted.token], expected.cloze.predicted);
      assertEquals(
        "ABCD"[outcome.predicted.byte],
        expected.cloze.predicted_per_byte,
      );
      assertEquals(outcome.bytes, expected.cloze.bytes);
    });
    assertAlmostEquals(
      summarizeChoices(outcomes, "token").accuracy,
      part.cloze_per_token_accuracy,
    );
  }
});

Deno.test("the three normalisations can disagree", async () => {
  const outcomes = await rankChoices(
    [{
      id: "q",
      context: "Q",
      continuations: [" a", " bb bb bb", " ééé"],
      answer: 1,
    }],
    () =>
      Promise.resolve([{ logprob: -2, tokens: 1 }, { logprob: -3, tokens: 3 }, {
        logprob: -2.1,
        tokens: 2,
      }]),
  );
  assertEquals(outcomes[0]?.predicted, { sum: 0, token: 1, byte: 2 });
  assertEquals(outcomes[0]?.bytes, [2, 9, 7]);
});

Deno.test("accuracy comes with n, per subject and over all, and one outcome for each item", async () => {
  const result = await evaluateMmlu({ loglikelihood: brevity, limit: 60 });
  assertEquals([result.n, result.perItem.length, result.subjects.length], [
    60,
    60,
    6,
  ]);
  assertEquals(result.subjects.map((s) => s.subject), [...biomedicalSubjects]);
  const right = result.subjects.reduce(
    (sum, s) => sum + s.n * s.scores.sum.accuracy,
    0,
  );
  assertAlmostEquals(result.scores.sum.accuracy, right / 60);
  assertEquals(result.scores.token.predicted.reduce((a, b) => a + b), 60);
  assertEquals(result.promptHash.length, 16);
});

Deno.test("a limit draws in proportion, by the seed, and in a fixed order", async () => {
  const draw = (seed: number) => evaluateMmlu({ loglikelihood: brevity, limit: 109, seed });
  const [a, same, other] = [await draw(1), await draw(1), await draw(2)];
  assertEquals(a, same);
  assertNotEquals(a.promptHash, other.promptHash);
  assertEquals(a.subjects.map((s) => s.n), [14, 27, 14, 17, 10, 27]);
  assertEquals(new Set(a.perItem.map((o) => o.id)).size, 109);
  await assertRejects(
    () => evaluateMmlu({ loglikelihood: brevity, limit: 0 }),
    UsageError,
    "Expected limit to be an integer greater than 0 but found 0",
  );
  assertEquals(stratifiedSample([1, 2, 3], () => "x", 9, 0), [1, 2, 3]);
});

Deno.test("shuffled options expose a model that always says A", async () => {
  const ask = (shuffle: boolean) =>
    evaluateMmlu({
      loglikelihood: alwaysFirst,
      variant: "letters",
      subjects: ["anatomy"],
      shuffle,
    });
  const [plain, shuffled] = [await ask(false), await ask(true)];
  assertEquals(shuffled.scores.sum.predicted, [135, 0, 0, 0]);
  assertNotEquals(shuffled.promptHash, plain.promptHash);
  const answers = [0, 1, 2, 3].map((k) => shuffled.perItem.filter((o) => o.answer === k).length);
  answers.forEach((n) => assert(n > 135 / 8, `${answers}`));
  assertEquals(shuffled.scores.sum.accuracy, answers[0]! / 135);
});

Deno.test("shuffling keeps the right answer's text and depends on seed and item only", async () => {
  const questions = await loadMmlu("virology");
  for (const question of questions) {
    const moved = shuffleOptions(question, 3);
    assertEquals(
      moved.choices[moved.answer],
      question.choices[question.answer],
    );
    assertEquals(moved.choices.toSorted(), question.choices.toSorted());
    assertEquals(moved, shuffleOptions(question, 3));
  }
  assert(
    questions.some((q) => shuffleOptions(q, 3).answer !== shuffleOptions(q, 4).answer),
  );
});

Deno.test("wrong options, files and answers are refused in one line", async () => {
  const folder = await Deno.makeTempDir();
  const loglikelihood = brevity;
  await assertRejects(
    () => loadMmlu("anatomy", "test", folder),
    WorkbenchError,
    "anatomy_test.csv",
  );
  const header = "question,choice0,choice1,choice2,choice3,answer\n";
  const write = (text: string) => Deno.writeTextFile(join(folder, "anatomy_test.csv"), text);
  await write(`${header}Q,a,b,c,d,4\n`);
  await assertRejects(
    () => loadMmlu("anatomy", "test", folder),
    UsageError,
    "answer",
  );
  await write(`${header}Q,a,b,c,d,3\n`);
  assertEquals((await loadMmlu("anatomy", "test", folder))[0]?.answer, 3);
  // Commas outside of quotes would move the answer into another column.
  await write(`${header}How often, on average, a day?,1,2,3,4,2\n`);
  await assertRejects(
    () => loadMmlu("anatomy", "test", folder),
    UsageError,
    "Expected 6 cells but found 8 in",
  );
  await write(`\ufeff${header}Q,"a, b",b,c,d,3\n`);
  assertEquals((await loadMmlu("anatomy", "test", folder))[0]?.choices[0], "a, b");
  await write(`${header}Q,a,b, a,d,3\n`);
  await assertRejects(
    () => loadMmlu("anatomy", "test", folder),
    UsageError,
    "found choice2 to be choice0 again in",
  );
  await write("question,a,b,c,d,answer\n");
  await assertRejects(
    () => loadMmlu("anatomy", "test", folder),
    UsageError,
    "columns",
  );
  await Deno.remove(folder, { recursive: true });
  await assertRejects(
    () => evaluateMmlu({ loglikelihood, subjects: ["law" as "anatomy"] }),
    UsageError,
    "found law",
  );
  await assertRejects(
    () => evaluateMmlu({ loglikelihood, shots: 5 }),
    UsageError,
    "shots",
  );
  await assertRejects(
    () =>
      evaluateMmlu({
        loglikelihood,
        shots: 9,
        variant: "letters",
        subjects: ["anatomy"],
      }),
    UsageError,
    "at most 5",
  );
  await assertRejects(
    () =>
      evaluateMmlu({
        loglikelihood: (r) => Promise.resolve(r.map(() => ({ logprob: NaN, tokens: 1 }))),
      }),
    WorkbenchError,
    "NaN",
  );
});

Deno.test("a question with a choice twice is refused: which of equals is right cannot be told", async () => {
  const questions = [{ id: "q7", context: "Q", continuations: [" a", " b", " a"], answer: 2 }];
  await assertRejects(
    () => rankChoices(questions, brevity),
    UsageError,
    'Expected different choices but found " a" twice in question q7',
  );
});
