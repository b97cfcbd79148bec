/**
 * A small random Qwen2 with an adapter, as transformers, PEFT and TRL compute it: logits, log-probabilities, nine
 * losses with gradients, one optimizer step, advantages, tokenizer.
 *
 * @module
 */

import { join } from "@std/path";
import { tf } from "../../lib/runtime/mod.ts";
import {
  type Adapter,
  backward,
  basePolicy,
  type Batch,
  batchLogits,
  createTransformer,
  currentPolicy,
  disposePolicy,
  disposeTape,
  disposeTransformer,
  fromPeftTensors,
  packGroups,
  type Policy,
  readAdapter,
  readCheckpoint,
  readSafetensors,
  recordBatch,
  scoreBatch,
  type StoredTensor,
  type Tokenizer,
  toPeftTensors,
  type Trainable,
} from "../../lib/model/mod.ts";
import {
  adamWState,
  adamWStep,
  disposeAdamWState,
  groupAdvantages,
  grpoLoss,
  type LossType,
  vectorNorm,
} from "../../lib/training/mod.ts";
import { type Comparison, comparison, maxDifference, relativeDifference } from "./comparison.ts";

/** A loss of reference.json, under TRL's names. */
interface LossReference {
  readonly loss_type: LossType;
  readonly beta: number;
  readonly importance_sampling_level: "token" | "sequence";
  readonly loss: number;
  readonly grad_norm: number;
}

/** The part of reference.json that is compared here. */
export interface SeedReference {
  readonly tokenizer: readonly {
    text: string;
    ids: number[];
    decoded: string;
  }[];
  readonly losses: readonly LossReference[];
  readonly advantages: {
    rewards: number[][][];
    weights: number[];
    grpo: number[][];
    dr_grpo: number[][];
    gdpo: number[][];
  };
}

/** Token ids agree, and decoding gives the same text. */
export function tokenizerComparisons(
  tokenizer: Tokenizer,
  entries: readonly { text: string; ids: readonly number[]; decoded: string }[],
): Comparison[] {
  const wrongIds = entries.filter(({ text, ids }) =>
    String(tokenizer.encode(text, { addSpecial: false })) !== String(ids)
  );
  const wrongText = entries.filter(({ ids, decoded }) => tokenizer.decode(ids) !== decoded);
  return [
    comparison(`tokenizer ids (${entries.length} texts)`, wrongIds.length, 0),
    comparison(
      `tokenizer decoded (${entries.length} texts)`,
      wrongText.length,
      0,
    ),
  ];
}

/** GRPO, Dr. GRPO and GDPO advantages. */
export function advantageComparisons(
  { advantages }: SeedReference,
): Comparison[] {
  const { rewards, weights } = advantages;
  const forms = {
    grpo: {
      multiObjectiveAggregation: "sum_then_normalize",
      scaleRewards: "group",
    },
    dr_grpo: {
      multiObjectiveAggregation: "sum_then_normalize",
      scaleRewards: "none",
    },
    gdpo: {
      multiObjectiveAggregation: "normalize_then_sum",
      scaleRewards: "group",
    },
  } as const;
  return (["grpo", "dr_grpo", "gdpo"] as const).map((name) => {
    const ours = groupAdvantages(rewards, {
      ...forms[name],
      rewardWeights: weights,
    }).flat();
    return comparison(
      `advantages ${name}`,
      maxDifference(ours, advantages[name].flat()),
      1e-4,
    );
  });
}

/** Arrays of the fixture as plain rows. */
interface Fixture {
  readonly rows: number;
  readonly width: number;
  readonly promptWidth: number;
  readonly ids: ArrayLike<number>;
  readonly mask: ArrayLike<number>;
}

function fixtureOf(arrays: ReadonlyMap<string, StoredTensor>): Fixture {
  const ids = arrays.get("input_ids")!;
  const [rows, width] = ids.shape as [number, number];
  const promptWidth = width - arrays.get("base_logprobs")!.shape[1]!;
  return {
    rows,
    width,
    promptWidth,
    ids: ids.data as ArrayLike<number>,
    mask: arrays.get("attention_mask")!.data as ArrayLike<number>,
  };
}

/** Columns of the valid tokens of a row within `[from, to)`. */
function validColumns(
  fixture: Fixture,
  row: number,
  from: number,
  to: number,
): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i)
    .filter((column) => Number(fixture.mask[row * fixture.width + column]) === 1);
}

function pack(fixture: Fixture): Batch {
  const { rows, width, promptWidth } = fixture;
  return packGroups(Array.from({ length: rows }, (_, row) => {
    const at = (columns: number[]) => columns.map((c) => Number(fixture.ids[row * width + c]));
    return {
      prompt: at(validColumns(fixture, row, 0, promptWidth)),
      completions: [at(validColumns(fixture, row, promptWidth, width))],
    };
  }));
}

/** Values of `[rows, completion width]` at the valid completion tokens, row by row. */
function atCompletions(
  fixture: Fixture,
  values: ArrayLike<number>,
): number[][] {
  const { rows, width, promptWidth } = fixture;
  return Array.from(
    { length: rows },
    (_, row) =>
      validColumns(fixture, row, promptWidth, width)
        .map((c) => Number(values[row * (width - promptWidth) + c - promptWidth])),
  );
}

function splitRows(
  values: ArrayLike<number>,
  like: readonly number[][],
): number[][] {
  let next = 0;
  return like.map((row) => row.map(() => values[next++]!));
}

/** Logits at every valid position: each row as one prompt, so that all its rows exist in order. */
function baseLogits(
  base: Policy,
  fixture: Fixture,
  vocabSize: number,
  theirs: Float32Array,
): Comparison {
  const { rows, width, ids } = fixture;
  const positions = Array.from({ length: rows }, (_, row) => validColumns(fixture, row, 0, width));
  const whole = packGroups(positions.map((columns, row) => ({
    prompt: columns.map((c) => Number(ids[row * width + c])),
    completions: [],
  })));
  const places = positions.flatMap((columns, row) =>
    columns.map((_, t) => row * whole.promptLength + t)
  );
  const logits = batchLogits(base, whole, Int32Array.from(places));
  const expected = positions.flatMap((columns, row) => columns.map((c) => row * width + c));
  const ours = logits.dataSync();
  let worst = 0;
  expected.forEach((at, i) => {
    worst = Math.max(
      worst,
      maxDifference(
        ours.subarray(i * vocabSize, (i + 1) * vocabSize),
        theirs.subarray(at * vocabSize, (at + 1) * vocabSize),
      ),
    );
  });
  logits.dispose();
  return comparison("base logits", worst, 2e-3);
}

/** The loss of an entry and its gradient with respect to the log-probabilities of `fixture`'s completion tokens. */
function lossOf(
  entry: LossReference,
  fixture: Fixture,
  floats: (name: string) => Float32Array,
  logProbs: Float32Array,
): ReturnType<typeof grpoLoss> {
  const old = atCompletions(fixture, floats("old_logprobs"));
  return grpoLoss({
    logProbs: splitRows(logProbs, old),
    oldLogProbs: old,
    refLogProbs: atCompletions(fixture, floats("ref_logprobs")),
    advantages: floats("advantages"),
  }, {
    lossType: entry.loss_type,
    beta: entry.beta,
    epsilon: 0.2,
    epsilonHigh: 0.28,
    importanceSamplingLevel: entry.importance_sampling_level,
    maxCompletionLength: fixture.width - fixture.promptWidth,
    useBiasCorrectionKl: true,
  });
}

/** The loss of an entry and the size of its gradient with respect to the adapter. */
function lossComparisons(entry: LossReference, loss: number, gradientNorm: number): Comparison[] {
  const label = `${entry.loss_type} beta ${entry.beta} ${entry.importance_sampling_level}`;
  return [
    comparison(
      `loss ${label}`,
      Math.abs(loss - entry.loss) / Math.max(1e-2, Math.abs(entry.loss)),
      1e-4,
    ),
    comparison(`gradient norm ${label}`, Math.abs(gradientNorm / entry.grad_norm - 1), 1e-3),
  ];
}

/** All comparisons of one folder. */
export async function seedComparisons(folder: string): Promise<Comparison[]> {
  const reference = JSON.parse(
    await Deno.readTextFile(join(folder, "reference.json")),
  ) as SeedReference;
  const arrays = readSafetensors(join(folder, "arrays.safetensors"));
  const floats = (name: string) => arrays.get(name)!.data as Float32Array;
  const fixture = fixtureOf(arrays);
  const completions = (name: string) => atCompletions(fixture, floats(name)).flat();
  const checkpoint = await readCheckpoint(join(folder, "model"));
  const { config, tensors } = await readAdapter(join(folder, "adapter"));
  const model = createTransformer(checkpoint);
  const base = basePolicy(model);
  const batch = pack(fixture);
  const results = [
    ...tokenizerComparisons(checkpoint.tokenizer, reference.tokenizer),
    ...advantageComparisons(reference),
    baseLogits(base, fixture, checkpoint.config.vocabSize, floats("base_logits")),
    comparison(
      "base log-probabilities",
      maxDifference(scoreBatch(base, batch), completions("base_logprobs")),
      1e-3,
    ),
  ];

  const adapter: Adapter = fromPeftTensors(checkpoint.config, config, tensors);
  const trainable: Trainable = { kind: "lora", ...adapter };
  const policy = currentPolicy(model, trainable);
  const { logProbs, tape } = recordBatch(policy, trainable, batch);
  results.push(comparison(
    "adapted log-probabilities",
    maxDifference(logProbs, completions("adapted_logprobs")),
    1e-3,
  ));
  for (const entry of reference.losses) {
    const { loss, gradient } = lossOf(entry, fixture, floats, logProbs);
    const flat = backward(
      policy,
      trainable,
      tape,
      Float32Array.from(gradient.flatMap((row) => [...row])),
    );
    results.push(...lossComparisons(entry, loss, vectorNorm(flat)));
    const { loss_type, beta, importance_sampling_level: level } = entry;
    if (loss_type === "grpo" && beta !== 0 && level === "token") {
      results.push(...gradientComparisons(checkpoint.config, adapter, flat, floats, arrays));
    }
    flat.dispose();
  }
  disposeTape(tape);
  disposePolicy(policy, trainable);
  adapter.values.dispose();
  disposeTransformer(model);
  return results;
}

/** Every gradient, and the parameters after one step of AdamW. */
function gradientComparisons(
  config: Parameters<typeof toPeftTensors>[0],
  adapter: Adapter,
  gradient: tf.Tensor1D,
  floats: (name: string) => Float32Array,
  arrays: ReadonlyMap<string, unknown>,
): Comparison[] {
  const worst = (
    prefix: string,
    values: Float32Array,
    distance: typeof maxDifference,
  ) => {
    const ours = toPeftTensors(config, adapter, values);
    const names = [...arrays.keys()].filter((name) => name.startsWith(prefix));
    return Math.max(...names.map((name) => {
      const found = ours.get(name.slice(prefix.length));
      return found === undefined ? Infinity : distance(found.data, floats(name));
    }));
  };
  const before = adamWState(adapter.values.size);
  const stepped = adamWStep(
    adapter.values,
    gradient,
    before,
    1e-2,
    { betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0.1 },
  );
  const after = stepped.values.dataSync() as Float32Array;
  tf.dispose(stepped.values);
  [before, stepped.state].forEach(disposeAdamWState);
  return [
    comparison(
      "LoRA gradients (relative)",
      worst("grad/", gradient.dataSync() as Float32Array, relativeDifference),
      1e-3,
    ),
    comparison(
      "LoRA weights after AdamW",
      worst("after_adamw/", after, maxDifference),
      1e-3,
    ),
  ];
}
