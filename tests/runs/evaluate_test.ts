/** Evaluation through the command, of the tiny model. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { type Answer, evaluationFiles, heldOut } from "../../lib/runs/evaluation.ts";
import { readResults, type Results } from "../../lib/runs/results.ts";
import { runFiles } from "../../lib/runs/folder.ts";
import { type Item, readItems, writeItems } from "../../lib/synthesis/mod.ts";
import { cachedSmollm2, inTemporaryFolder } from "../model/fixtures.ts";
import { command, shortRun } from "../experiments/commands.ts";

const ignore = cachedSmollm2() === undefined;
if (ignore) console.warn("evaluate: skipped, the tokenizer of smollm2 was not fetched");

/** With so many items each capability has a whole group in the test split. */
const largerRun = shortRun.map((option) => option === "40" ? "160" : option);
const small = ["--test-items", "1", "--max-new-tokens", "6", "--mmlu-questions", "8"];

async function answersOf(folder: string): Promise<Answer[]> {
  const text = await Deno.readTextFile(join(folder, evaluationFiles.answers));
  return text.trimEnd().split("\n").map((line) => JSON.parse(line));
}

const scores = ({ metrics }: Results) => metrics.map(({ system: _, ...rest }) => rest);

Deno.test({
  name:
    "a run and its adapter on the model score the same, with n, interval, invalid rate and hash",
  ignore,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const run = join(folder, "run");
      const trained = await command("train", ...largerRun, "--max-steps", "3", "--out", run);
      assertEquals(trained.code, 0, trained.err);
      const found = await command("evaluate", "--run", run, ...small, "--pubmedqa-questions", "3");
      assertEquals(found.code, 0, found.err);
      const results = await readResults(run);
      assertEquals(results.metrics.map(({ capability, n }) => [capability, n]), [
        ["domain", 1],
        ["reasoning", 1],
        ["instruction", 1],
        ["integration", 1],
        ["MMLU", 8],
        ["PubMedQA", 3],
      ]);
      const hashes = results.metrics.map((m) => m.prompt_hash);
      assertEquals(new Set(hashes).size, 6);
      const table = await Deno.readTextFile(join(run, evaluationFiles.markdown));
      for (const hash of hashes) assert(found.out.includes(hash) && table.includes(hash));
      const answers = await answersOf(run);
      for (const { capability, n, mean } of results.metrics) {
        const own = answers.filter(({ benchmark }) => benchmark === capability);
        const sum = own.reduce((total, { score }) => total + score, 0);
        assertEquals([own.length, Math.abs(sum / n - mean) < 1e-9], [n, true]);
      }

      // The same model by name, with the adapter's files, on items from a file.
      const items = join(folder, "items.jsonl");
      await command("synthesize", "--count", "160", "--seed", "0", "--out", items);
      const out = join(folder, "out");
      const adapter = join(run, runFiles.adapter);
      const named = ["--model", "tiny", "--adapter", adapter, "--items", items, "--out", out];
      const against = ["--pubmedqa-questions", "2", "--against", run];
      const same = await command("evaluate", ...named, ...small, ...against);
      assertEquals(same.code, 0, same.err);
      const again = await readResults(out);
      assertEquals(scores(again).slice(0, 5), scores(results).slice(0, 5));
      // PubMedQA was asked other questions, so it is not compared.
      assertEquals(
        again.comparisons.map(({ capability, n, difference, p }) => [capability, n, difference, p]),
        results.metrics.slice(0, 5).map(({ capability, n }) => [capability, n, 0, 1]),
      );
      const asked = (all: readonly Answer[]) => all.filter((a) => a.benchmark !== "PubMedQA");
      assertEquals(asked(await answersOf(out)), asked(answers));

      const printed = await command(
        "evaluate",
        "--model",
        "tiny",
        ...["--test-items", "0", "--pubmedqa-questions", "0", "--mmlu-questions", "2"],
      );
      assertEquals(printed.out.trimEnd().split("\n").length, 2, printed.err);
      const training = (await readItems(items)).filter(({ split }) => split === "train");
      await writeItems(items, training);
      const none = await command("evaluate", "--model", "tiny", "--items", items, ...small);
      assertEquals(none.code, 2);
      assertStringIncludes(none.err, "at least 1 item of the test split");
    }),
});

Deno.test("held-out items: the test split alone, as many of each capability, whatever their order", () => {
  const item = (id: string, capability: string, split: string) =>
    ({ id, capability, split }) as unknown as Item;
  const items = [
    item("d", "domain", "test"),
    item("a", "domain", "train"),
    item("c", "domain", "test"),
    item("b", "instruction", "test"),
    item("e", "reasoning", "validation"),
  ];
  assertEquals(heldOut(items, 1).map(({ id }) => id), ["c", "b"]);
  assertEquals(heldOut(items.toReversed(), 1).map(({ id }) => id), ["c", "b"]);
  assertEquals(heldOut(items, Infinity).length, 3);
});

Deno.test("wrong input is one line with code 2", () =>
  inTemporaryFolder(async (folder) => {
    for (
      const [args, ...words] of [
        [[], "one of --run and --model but found neither"],
        [["--run", folder, "--model", "tiny"], "found both"],
        [["--run", folder], "folder of a training run", folder],
        [["--run", folder, "--adapter", folder], "--adapter"],
        [["--model", "tiny", "--test-items", "-1"], "--test-items", "at least 0"],
        [["--model", "tiny", "--against", folder], "results", folder],
        [["--model", "tiny", "--mmlu"], "did you mean --mmlu-questions?"],
        [["--model", "tiny", "--items", join(folder, "none")], "none"],
      ] as [string[], ...string[]][]
    ) {
      const { code, out, err } = await command("evaluate", ...args);
      const line = err.trimEnd().split("\n").at(-1)!;
      assertEquals([code, out, line.startsWith("error: ")], [2, "", true], err);
      for (const word of words) assertStringIncludes(line, word);
    }
    assertEquals([...Deno.readDirSync(folder)], []);
  }));
