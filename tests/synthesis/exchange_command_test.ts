/** Questions of one's own through the commands: written as items and as data sets, trained on, asked. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { csvText } from "../../lib/runtime/mod.ts";
import { readItems, splitOfQuestion } from "../../lib/synthesis/mod.ts";
import { command } from "../experiments/commands.ts";
import { cachedSmollm2, inTemporaryFolder } from "../model/fixtures.ts";

const questions = Array.from({ length: 40 }, (_, i) => ({
  prompt: `What is number ${i} called?`,
  answer: "abcd"[i % 4]!.toUpperCase(),
  options: ["one", "two", "three", "four"].map((word) => `${word} ${i}`),
}));
const copied =
  "A lesion causing compression of the facial nerve at the stylomastoid foramen will cause ipsilateral";
const rows = questions.map(({ prompt, answer, options }) => [prompt, answer, options.join("|")]);
const table = csvText([["prompt", "answer", "options"], ...rows, rows[0]!, [copied, "pain", ""]]);

Deno.test("synthesize --data: items, a data set, what was left out, and what is wrong in one line", () =>
  inTemporaryFolder(async (folder) => {
    const data = join(folder, "quiz.csv");
    await Deno.writeTextFile(data, table);
    const path = join(folder, "items.jsonl");
    const made = await command("synthesize", "--data", data, "--out", path);
    assertEquals(made.code, 0, made.err);
    assertStringIncludes(made.out, "40 of 42 questions of quiz.csv make up the family quiz");
    assertStringIncludes(
      made.out,
      "1 question left out that stands twice, the first in line 42, as in line 2",
    );
    assertStringIncludes(
      made.out,
      "1 question left out for words of MMLU, the first in line 43 (anatomy 1: ",
    );
    assertEquals((await readItems(path)).length, 40);

    const out = join(folder, "set");
    const set = await command("synthesize", "--data", data, "--format", "messages", "--out", out);
    assertEquals(set.code, 0, set.err);
    const card = await Deno.readTextFile(join(out, "README.md"));
    assertStringIncludes(card, "1 question left out for words of MMLU");
    assertStringIncludes(card, "- other");
    assert(!card.includes(folder));
    const from = await command("synthesize", "--data", path, "--format", "parquet", "--out", out);
    assertEquals(from.code, 0, from.err);
    assert((await Deno.stat(join(out, "items", "train.parquet"))).isFile);

    const both = await command("synthesize", "--data", data, "--seed", "1", "--out", path);
    assertEquals(both.code, 2);
    assertStringIncludes(both.err, "Expected --data or --count and --seed but found both");
    await Deno.writeTextFile(data, "prompt,answer,options\na,E,a|b|c|d\n");
    const wrong = await command("synthesize", "--data", data, "--out", path);
    assertEquals(wrong.code, 2);
    assertEquals(
      wrong.err,
      `error: Expected answer to be one of the options or a letter from A to D but found "E" in ${data}, line 2\n`,
    );
    assertEquals((await readItems(path)).length, 40);
  }));

Deno.test({
  name: "train and evaluate take questions and say what they leave out",
  ignore: cachedSmollm2() === undefined,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const data = join(folder, "quiz.csv");
      await Deno.writeTextFile(data, table);
      const run = join(folder, "run");
      const short = ["--model", "tiny", "--max-steps", "1", "--per-device-train-batch-size", "4"];
      const trained = await command(
        "train",
        "--method",
        "sft",
        ...short,
        "--data-items",
        data,
        "--out",
        run,
      );
      assertEquals(trained.code, 0, trained.err);
      assertStringIncludes(trained.err, "note: 1 question left out for words of MMLU");
      const record = JSON.parse(await Deno.readTextFile(join(run, "run.json")));
      const of = (split: string) =>
        questions.filter(({ prompt }) => splitOfQuestion(prompt) === split).length;
      assertEquals(record.itemCount, of("train"));

      const limits = [
        "--max-new-tokens",
        "4",
        "--mmlu-questions",
        "0",
        "--pubmedqa-questions",
        "0",
      ];
      const asked = await command("evaluate", "--run", run, "--items", data, ...limits);
      assertEquals(asked.code, 0, asked.err);
      assertStringIncludes(asked.err, "note: 1 question left out that stands twice");
      const { metrics } = JSON.parse(await Deno.readTextFile(join(run, "results.json")));
      const own = metrics.find(({ capability }: { capability: string }) => capability === "domain");
      assertEquals(own.n, of("test"));
    }),
});

Deno.test("parity --data-sets is one comparison of its own", async () => {
  const both = await command("parity", "--formats", "--data-sets");
  assertEquals(both.code, 2);
  assertStringIncludes(both.err, "Expected one of --formats, --texts and --data-sets");
  const folder = await command("parity", "--data-sets", "tests/parity/references/seed0");
  assertEquals(folder.code, 2);
  assertStringIncludes(folder.err, "Expected no folder with --formats, --texts or --data-sets");
});
