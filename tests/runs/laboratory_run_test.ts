/** Runs in the laboratory with the tiny model, in this process and through the command. */
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { exactValues, openLaboratory, readPopulation } from "../../lib/laboratory/mod.ts";
import { disposeTransformer, fromPeftTensors, readAdapter } from "../../lib/model/mod.ts";
import {
  type LaboratoryResults,
  type LaboratoryRunConfig,
  laboratoryRunSchema,
  openModel,
  readRunLog,
  runLaboratory,
} from "../../lib/runs/mod.ts";
import {
  type BackendInfo,
  type StageProgress,
  startBackend,
  tf,
  UsageError,
} from "../../lib/runtime/mod.ts";
import { runFiles } from "../../lib/runs/folder.ts";
import { command } from "../experiments/commands.ts";
import { cachedSmollm2, inTemporaryFolder } from "../model/fixtures.ts";

const backend: BackendInfo = await startBackend();
const ignore = cachedSmollm2() === undefined;
if (ignore) console.warn("laboratory runs: skipped, the tokenizer of smollm2 was not fetched");

const data = fromFileUrl(new URL("../examples/own_laboratory.jsonl", import.meta.url));
const silent = (): StageProgress => ({ update: () => {}, finish: () => {} });

const small = (changes: Record<string, unknown> = {}): LaboratoryRunConfig =>
  laboratoryRunSchema.parse({
    data,
    model: "tiny",
    topLayers: 2,
    steps: 5,
    preference: [0.4, 0.1, 0.5],
    learningRate: 1e-3,
    saveSteps: 2,
    ...changes,
  });

function run(
  out: string,
  config = small(),
  stage = silent,
  signal?: AbortSignal,
): Promise<LaboratoryResults> {
  return runLaboratory({ config, out, backend, stage, signal });
}

const adapterFile = (folder: string) =>
  Deno.readFile(join(folder, "adapter", "adapter_model.safetensors"));
const resultsText = (folder: string) => Deno.readTextFile(join(folder, "results.json"));

Deno.test({
  name:
    "a run tells start, end and lowest of each reward, and leaves an adapter of the whole model",
  ignore,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const before = tf.memory().numTensors;
      const results = await run(folder);
      assertEquals(tf.memory().numTensors, before);
      assertEquals([results.prompts, results.held_out_prompts, results.steps], [10, 4, 5]);
      assertEquals(results.harmful_steps, 0);
      assertEquals(results.moved_steps, 5);
      const log = readRunLog(folder);
      assertEquals(log.map(({ step }) => step), [1, 2, 3, 4, 5]);
      results.rewards.forEach(({ name, values, start, end, lowest, largest_weight }) => {
        assertEquals(values.slice(0, -1), log.map((step) => step[`objective/${name}`]!));
        assertEquals([start, end], [values[0], values.at(-1)]);
        assertEquals(lowest, Math.min(...values));
        assertEquals(largest_weight, Math.max(...log.map((step) => step[`weights/${name}`]!)));
      });
      // The adapter that was written is that of the end, in the whole model.
      const { rewardNames, train, heldOut } = await readPopulation(data);
      const { model, tokenizer } = await openModel("tiny", silent);
      const { config, tensors } = await readAdapter(join(folder, "adapter"));
      const trainable = {
        kind: "lora",
        ...fromPeftTensors(model.config, config, tensors),
      } as const;
      for (const [prompts, key] of [[train, "end"], [heldOut, "held_out_end"]] as const) {
        const lab = openLaboratory({
          model,
          tokenizer,
          prompts,
          rewardNames,
          system: "You are a clinical assistant.",
        });
        exactValues(lab, trainable).forEach((value, i) =>
          assertAlmostEquals(value, results.rewards[i]![key]!, 1e-5)
        );
      }
      trainable.values.dispose();
      disposeTransformer(model);
    }),
});

Deno.test({
  name: "a run that was stopped goes on and ends with the same bytes; one at its end is told again",
  ignore,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const [whole, stopped] = [join(folder, "whole"), join(folder, "stopped")];
      const results = await run(whole);
      const stop = new AbortController();
      const stage = (): StageProgress => ({
        ...silent(),
        update: (done, total) => {
          if (total === 5 && done === 3) stop.abort(new Error("enough"));
        },
      });
      await assertRejects(() => run(stopped, small(), stage, stop.signal), Error, "enough");
      assertEquals(readRunLog(stopped).length, 3);
      await assertRejects(
        () => run(stopped, small({ temperature: 0.5 })),
        UsageError,
        `Expected temperature to be 0.3 as before but found 0.5 in ${
          join(stopped, "config.json")
        }; another --out`,
      );
      // What lies beside the checkpoint may be gone: it says itself what run it is of.
      for (const name of ["config.json", "log.csv"]) await Deno.remove(join(stopped, name));
      await assertRejects(
        () => run(stopped, small({ temperature: 0.5 })),
        UsageError,
        `but found 0.5 in ${join(stopped, runFiles.checkpoint)}; another --out`,
      );
      assertEquals(await run(stopped), results);
      assertEquals(await resultsText(stopped), await resultsText(whole));
      assertEquals(await adapterFile(stopped), await adapterFile(whole));
      assertEquals(readRunLog(stopped).map(({ step }) => step), [1, 2, 3, 4, 5]);
      // Nothing is trained again: the log would have other times.
      const log = await Deno.readTextFile(join(whole, "log.csv"));
      assertEquals(await run(whole), results);
      assertEquals(await Deno.readTextFile(join(whole, "log.csv")), log);
    }),
});

Deno.test({
  name: "other prompts under the same name are another run",
  ignore,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const own = join(folder, "own.jsonl");
      const lines = (await Deno.readTextFile(data)).split("\n");
      await Deno.writeTextFile(own, lines.slice(0, 4).join("\n"));
      const config = small({
        data: own,
        steps: 1,
        rule: "static",
        tuning: "full",
        topLayers: undefined,
      });
      const out = join(folder, "out");
      const results = await run(out, config);
      assertEquals(results.moved_steps, 0);
      assertEquals(results.held_out_prompts, 0);
      assert(results.rewards.every(({ held_out_end }) => held_out_end === null));
      await Deno.writeTextFile(own, lines.slice(0, 5).join("\n"));
      await assertRejects(() => run(out, config), UsageError, "Expected data_hash to be");
    }),
});

Deno.test("options that do not fit are refused before anything is computed", () =>
  inTemporaryFolder(async (folder) => {
    await assertRejects(
      () => run(folder, small({ tuning: "full" })),
      UsageError,
      "Expected topLayers only with tuning lora but found it with tuning full",
    );
    await assertRejects(
      () => run(folder, small({ preference: [1, 2] })),
      UsageError,
      "Expected preference to have 3 numbers (correct, brief, explained) but found 2",
    );
    assertEquals([...Deno.readDirSync(folder)], []);
  }));

Deno.test({
  name: "the command prints a table and writes a figure",
  ignore,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const out = join(folder, "out");
      const args = ["--data", data, "--model", "tiny", "--steps", "2", "--out", out];
      const { code, out: text, err } = await command("laboratory", ...args, "--rule", "static");
      assertEquals(code, 0, err);
      const lines = text.split("\n");
      assertEquals(lines.slice(1, 4).map((line) => line.split(" ")[0]), [
        "correct",
        "brief",
        "explained",
      ]);
      assertStringIncludes(text, "of 2 steps harm a reward to first order");
      assertStringIncludes(text, "static: the weights stayed at the preference.");
      assertStringIncludes(await Deno.readTextFile(join(out, "figures", "rewards.svg")), "<svg");
      const bad = await command("laboratory", ...args, "--preference", "1,-1,1");
      assertEquals([bad.code, bad.out], [2, ""]);
      assertStringIncludes(bad.err, "error: Expected --preference");
    }),
});
