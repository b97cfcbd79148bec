/** Exports of a trained run of the tiny model: what they hold computes the same, and the card says what it is. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { adaptedPolicy, finishedRun, runFiles, runPolicy } from "../../lib/runs/folder.ts";
import { modelCard } from "../../lib/runs/model_card.ts";
import { completeConfig } from "../../lib/runs/config.ts";
import { writeResults } from "../../lib/runs/results.ts";
import {
  basePolicy,
  createTransformer,
  loadCheckpoint,
  packGroups,
  type Policy,
  readCheckpoint,
  readSafetensors,
  scoreBatch,
} from "../../lib/model/mod.ts";
import { startBackend } from "../../lib/runtime/mod.ts";
import { cachedSmollm2, inTemporaryFolder } from "../model/fixtures.ts";
import { command, shortRun } from "../experiments/commands.ts";
import { sampleResults } from "../experiments/sample_results.ts";

await startBackend();
const ignore = cachedSmollm2() === undefined;
if (ignore) console.warn("export: skipped, the tokenizer of smollm2 was not fetched");

const batch = packGroups([
  { prompt: [1, 40, 7, 300, 12], completions: [[55, 800, 2], [13, 13, 1900, 41]] },
  { prompt: [9, 1200], completions: [[77, 5]] },
]);

/** Log-probabilities of a few tokens, which hold every logit of their places. */
const logProbs = (policy: Policy): Float32Array => scoreBatch(policy, batch);

function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i]!)), 0);
}

const folderPolicy = async (path: string) =>
  basePolicy(createTransformer(await readCheckpoint(path)));

async function trained(out: string, ...more: string[]): Promise<Float32Array> {
  const { code, err } = await command("train", ...shortRun, ...more, "--out", out);
  assertEquals(code, 0, err);
  const model = createTransformer(await loadCheckpoint("tiny"));
  const policy = logProbs(runPolicy(model, await finishedRun(out)));
  assert(largestDifference(policy, logProbs(basePolicy(model))) > 1e-2, "training changed it");
  return policy;
}

/** Exports, and gives the model card. */
async function exported(run: string, format: string, ...more: string[]): Promise<string> {
  const out = join(run, "..", format);
  const args = ["--run", run, "--format", format, "--out", out, ...more];
  const { code, out: text, err } = await command("export", ...args);
  assertEquals(code, 0, err);
  assertStringIncludes(text, "README.md");
  assertStringIncludes(await Deno.readTextFile(join(out, "LICENSE")), "Apache License");
  return await Deno.readTextFile(join(out, "README.md"));
}

Deno.test("a card of one's own model and data names no path, and leaves their licences to who knows them", () => {
  const config = completeConfig({
    method: "sft",
    model: "/home/me/models/mine",
    data: { items: "/home/me/own.jsonl" },
  }, "x");
  const backend = { name: "wasm", versions: { tfjs: "4" }, machine: { cpu: "any" } };
  const record = {
    version: "0",
    backend,
    items: "0",
    itemCount: 7,
    rules: 1,
    from: null,
    began: "x",
  };
  const card = modelCard({ folder: "/home/me/run", config, record }, "peft", "own", undefined);
  assertEquals(card.includes("/home/me"), false);
  for (
    const part of [
      'base = "mine"',
      "license: other",
      '"items": "own.jsonl"',
      "its licence holds",
      "7 items of",
    ]
  ) assertStringIncludes(card, part);
  assertEquals(card.includes("base_model:"), false);
});

Deno.test({
  name: "a LoRA run in every format gives the same log-probabilities as the run",
  ignore,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const run = join(folder, "run");
      const expected = await trained(run, "--max-steps", "3");
      const none = await exported(run, "safetensors");
      assertStringIncludes(none, "Not evaluated.");
      const merged = logProbs(await folderPolicy(join(folder, "safetensors")));
      assert(largestDifference(merged, expected) < 1e-4);

      await writeResults(run, sampleResults);
      const card = await exported(run, "peft", "--name", "an adapter");
      const model = createTransformer(await loadCheckpoint("tiny"));
      const adapted = logProbs(await adaptedPolicy(model, join(folder, "peft")));
      assert(largestDifference(adapted, expected) < 1e-4);

      // The file holds the merged weights rounded to half precision, and nothing else is changed.
      await exported(run, "gguf");
      const gguf = await readCheckpoint(join(folder, "gguf", "model.gguf"));
      assertEquals(gguf.source.merged?.startsWith("LoRA r 16"), true);
      await exported(run, "safetensors", "--number-format", "F16");
      const rounded = logProbs(await folderPolicy(join(folder, "safetensors")));
      const fromGguf = logProbs(basePolicy(createTransformer(gguf)));
      assert(largestDifference(fromGguf, rounded) < 1e-4);
      assert(largestDifference(fromGguf, expected) < 2e-2);

      // A text of one's own is not written over, nor is a card that was added to.
      const readme = join(folder, "peft", "README.md");
      for (const text of ["# Mine\n", `${card}Mine\n`, card.replace("an adapter", "mine")]) {
        await Deno.writeTextFile(readme, text);
        const args = ["--run", run, "--format", "peft", "--out", join(folder, "peft")];
        const { code, err } = await command("export", ...args);
        assertEquals(code, 2, err);
        assertStringIncludes(err, `found another text in ${readme}; move it away`);
        assertEquals(await Deno.readTextFile(readme), text);
      }

      const head = card.split("---\n")[1]!;
      for (
        const part of [
          "license: apache-2.0",
          "library_name: peft",
          "- research-only",
          "model-index",
        ]
      ) assertStringIncludes(head, part);
      for (
        const part of [
          "# an adapter",
          "not for clinical use",
          "Human Disease Ontology | CC BY 3.0",
          '"maxSteps": 3',
          "No patient data",
          sampleResults.metrics[0]!.prompt_hash,
        ]
      ) assertStringIncludes(card, part);
    }),
});

Deno.test({
  name: "a fully trained run gives the same log-probabilities as the run; it has no adapter",
  ignore,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const run = join(folder, "run");
      const expected = await trained(run, "--max-steps", "2", "--tuning-kind", "full");
      await exported(run, "safetensors");
      const weights = readSafetensors(join(folder, "safetensors", "model.safetensors"));
      assertEquals(weights.has("lm_head.weight"), false);
      const found = logProbs(await folderPolicy(join(folder, "safetensors")));
      assert(largestDifference(found, expected) < 1e-4);

      for (
        const [args, message] of [
          [["--run", run, "--format", "peft", "--out", join(folder, "x")], "LoRA tuning"],
          [["--run", run, "--format", "gguf", "--out", run], "another folder than a run's"],
          [["--run", folder, "--format", "gguf", "--out", run], "folder of a training run"],
          [["--run", run, "--format", "onnx", "--out", run], "safetensors, peft, gguf"],
        ] as [string[], string][]
      ) {
        const { code, out, err } = await command("export", ...args);
        assertEquals([code, out], [2, ""], err);
        assertStringIncludes(err.trimEnd().split("\n").at(-1)!, message);
      }
      await Deno.remove(join(run, runFiles.parameters));
      const { code, err } = await command(
        "export",
        ...["--run", run, "--format", "gguf", "--out", join(folder, "y")],
      );
      assertEquals(code, 2);
      assertStringIncludes(err, "a run that has come to its end");
    }),
});
