/**
 * Files that this project writes, as Python's transformers, PEFT, gguf and llama.cpp read them: merged adapters, GGUF
 * files and models with scaled positions. Needs a Python with those packages (`formats.py` does its side); llama.cpp
 * may be missing.
 *
 * @module
 */

import { fromFileUrl, join } from "@std/path";
import {
  basePolicy,
  batchLogits,
  type Checkpoint,
  createTransformer,
  disposeTransformer,
  type FloatTensor,
  mergedCheckpoint,
  type ModelConfig,
  packGroups,
  readAdapter,
  readCheckpoint,
  type RopeScaling,
  type Tokenizer,
  weightShapes,
  writeCheckpoint,
  writeGguf,
  writeSafetensors,
} from "../../lib/model/mod.ts";
import { randomStream } from "../../lib/runtime/mod.ts";
import { type Comparison, comparison } from "./comparison.ts";

const scalings: Readonly<Record<string, RopeScaling>> = {
  linear: { type: "linear", factor: 4 },
  llama3: {
    type: "llama3",
    factor: 8,
    lowFreqFactor: 1,
    highFreqFactor: 4,
    originalMaxPositions: 32,
  },
  yarn: {
    type: "yarn",
    factor: 4,
    betaFast: 32,
    betaSlow: 1,
    originalMaxPositions: 32,
    attentionFactor: 1.2,
  },
};

/** A model of two layers with random weights that are large enough for every part to show in the logits. */
function randomModel(
  architecture: ModelConfig["architecture"],
  tokenizer: Tokenizer,
  ropeScaling?: RopeScaling,
): Checkpoint {
  const config: ModelConfig = {
    architecture,
    vocabSize: tokenizer.vocabSize + 3,
    hiddenSize: 64,
    intermediateSize: 96,
    layers: 2,
    heads: 4,
    kvHeads: 2,
    // transformers takes 128 for granted when it reads a Qwen3 from GGUF.
    headDim: architecture === "qwen3" ? 128 : 16,
    ropeTheta: 10000,
    rmsNormEps: 1e-5,
    tieWordEmbeddings: architecture !== "qwen3",
    maxPositions: 256,
    attentionBias: architecture === "qwen2",
    eosIds: tokenizer.eosIds,
    ...(ropeScaling === undefined ? {} : { ropeScaling }),
  };
  const weights = new Map<string, FloatTensor>();
  for (const [name, shape] of weightShapes(config)) {
    const stream = randomStream(7, architecture, name);
    const size = shape.reduce((product, axis) => product * axis, 1);
    const norm = name.endsWith("norm.weight");
    // Half precision, so that no file rounds them.
    const data = Float32Array.from(Float16Array.from(
      { length: size },
      () => norm ? 1 + 0.1 * stream.normal() : 0.2 * stream.normal(),
    ));
    weights.set(name, { shape, data });
  }
  return { config, weights, tokenizer, source: { path: "", format: "random", name: architecture } };
}

/** Logits `[ids.length, V]` of one sequence. */
function logitsOf(model: Checkpoint, ids: readonly number[]): FloatTensor {
  const transformer = createTransformer(model);
  const batch = packGroups([{ prompt: ids, completions: [] }]);
  const rows = Int32Array.from(ids, (_, i) => i);
  const logits = batchLogits(basePolicy(transformer), batch, rows);
  const data = logits.dataSync() as Float32Array;
  logits.dispose();
  disposeTransformer(transformer);
  return { shape: [ids.length, model.config.vocabSize], data };
}

/**
 * Writes files of every kind into a folder and compares what Python reads with what stands in the model.
 *
 * @param python path of a Python with transformers, PEFT and gguf
 * @param seedFolder folder with `model` and `adapter`, a small model and an adapter that PEFT wrote
 * @param tokenizer byte-level tokenizer with rules that GGUF has a name for
 * @param folder where to write; empty
 */
export async function formatComparisons(
  python: string,
  seedFolder: string,
  tokenizer: Tokenizer,
  folder: string,
): Promise<Comparison[]> {
  const model = await readCheckpoint(join(seedFolder, "model"));
  const merged = mergedCheckpoint(model, await readAdapter(join(seedFolder, "adapter")));
  await writeCheckpoint(join(folder, "merged"), merged, { maxShardBytes: 200_000 });
  for (const architecture of ["llama", "qwen2", "qwen3"] as const) {
    const random = randomModel(architecture, tokenizer);
    await writeCheckpoint(join(folder, `gguf-${architecture}`), random, { format: "F16" });
    await writeGguf(join(folder, `gguf-${architecture}`, "model.gguf"), random);
  }
  const ids = Array.from({ length: 100 }, (_, i) => (i * i * 31 + 7 * i + 5) % 500);
  for (const [name, scaling] of Object.entries(scalings)) {
    const random = randomModel("llama", tokenizer, scaling);
    await writeCheckpoint(join(folder, `rope-${name}`), random);
    await writeSafetensors(
      join(folder, `rope-${name}`, "expected", "logits.safetensors"),
      new Map([["logits", logitsOf(random, ids)]]),
    );
  }
  await Deno.writeTextFile(join(folder, "ids.json"), JSON.stringify(ids));
  const { success, stdout, stderr } = await new Deno.Command(python, {
    args: [fromFileUrl(new URL("./formats.py", import.meta.url)), seedFolder, folder],
    env: { HF_HUB_OFFLINE: "1" },
  }).output();
  const text = new TextDecoder();
  if (!success) throw new Error(text.decode(stderr));
  const found = JSON.parse(text.decode(stdout).trim().split("\n").at(-1)!);
  return found.map(([name, error, tolerance]: [string, number, number]) =>
    comparison(name, error, tolerance)
  );
}
