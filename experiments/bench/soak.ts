/**
 * A long mixed run that shows leaks: training and generation of ever other shapes, with the number of tensors and the
 * memory in between.
 *
 * @module
 */
import {
  basePolicy,
  createAdapter,
  fullParameters,
  generate,
  projections,
  type Tokenizer,
  type Transformer,
} from "../../lib/model/mod.ts";
import {
  type OnProgress,
  type RandomStream,
  randomStream,
  recordedGraphs,
  tf,
} from "../../lib/runtime/mod.ts";
import { grpoSchema, trainGrpo } from "../../lib/training/mod.ts";

/** What is held at a point of the run. */
export interface SoakSample {
  /** Steps of training so far. */
  readonly steps: number;
  /** Generations so far. */
  readonly generations: number;
  /** Number of tensors. */
  readonly tensors: number;
  /** Resident memory, in MB of 2^20 bytes. */
  readonly residentMb: number;
  /** Recorded graphs. */
  readonly graphs: number;
}

/** What is run. */
export interface SoakOptions {
  /** The model. */
  readonly model: Transformer;
  /** Its tokenizer. */
  readonly tokenizer: Tokenizer;
  /** Steps of training. */
  readonly steps: number;
  /** Generations. */
  readonly generations: number;
  /** Told what was done. */
  readonly onProgress?: OnProgress;
  /** Told of the samples: one at the start, one after each tenth of the run. */
  readonly onSample?: (sample: SoakSample) => void;
}

/** Tenths of the run after which memory may no longer grow: caches are full then. */
const WARM_UP = 2;

/** Tenths of the run. */
const TENTHS = 10;

/** Most steps with the same options. */
const RUN_STEPS = 5;

/** A number from `low` to `high`. */
const between = (random: RandomStream, low: number, high: number): number =>
  low + random.integer(high - low + 1);

/** Prompts of 1 to 40 random tokens. */
function randomPrompts(random: RandomStream, count: number, vocabSize: number): number[][] {
  return Array.from(
    { length: count },
    () => Array.from({ length: between(random, 1, 40) }, () => random.integer(vocabSize)),
  );
}

/** A short run of GRPO, of an adapter or of all weights, with constant or with capability-aware weights. */
async function train(
  { model, tokenizer }: SoakOptions,
  index: number,
  steps: number,
): Promise<void> {
  const random = randomStream(0, "soak", "train", index);
  const { config } = model;
  const initial = index % 2 === 0
    ? {
      kind: "lora" as const,
      ...createAdapter(config, {
        r: 4,
        loraAlpha: 8,
        targetModules: projections,
        useRslora: false,
      }, random),
    }
    : fullParameters(model);
  const weighting = index % 4 < 2 ? "static" : "capability_aware";
  const { trainable } = await trainGrpo({
    model,
    tokenizer,
    trainable: initial,
    prompts: randomPrompts(random, 8, config.vocabSize).map((ids) => ({ ids, stratum: "all" })),
    rewardNames: ["length", "letters"],
    reward: (_prompts, completions) =>
      Promise.resolve(
        completions.map((text) => [text.length % 7 / 7, new Set(text).size % 5 / 5]),
      ),
    config: grpoSchema.parse({
      maxSteps: steps,
      learningRate: 1e-5,
      promptsPerStep: between(random, 6, 7),
      numGenerations: between(random, 2, 4),
      maxCompletionLength: between(random, 4, 24),
      rewardWeights: [1, 1],
      weighting,
      ...(weighting === "capability_aware" &&
        { multiObjectiveAggregation: "leave_one_out", gramSteps: 2 }),
    }),
  });
  tf.dispose([initial.values, trainable.values]);
}

/** One generation; some tokens end a completion, so that batches become smaller. */
async function sample({ model }: SoakOptions, index: number): Promise<void> {
  const random = randomStream(0, "soak", "generate", index);
  const { vocabSize } = model.config;
  const options = {
    numGenerations: between(random, 1, 4),
    maxNewTokens: between(random, 1, 40),
    temperature: index % 3 === 0 ? 0 : 1,
    seed: index,
    stopIds: Array.from({ length: Math.ceil(vocabSize / 32) }, () => random.integer(vocabSize)),
  };
  const prompts = randomPrompts(random, between(random, 1, 4), vocabSize);
  await generate(basePolicy(model), prompts, options);
}

/** Runs everything; returns the samples. */
export async function soak(options: SoakOptions): Promise<SoakSample[]> {
  const { steps, generations, onProgress, onSample } = options;
  const samples: SoakSample[] = [];
  let stepped = 0;
  let runs = 0;
  let generated = 0;
  const take = () => {
    const found = {
      steps: stepped,
      generations: generated,
      tensors: tf.memory().numTensors,
      residentMb: Deno.memoryUsage().rss / 2 ** 20,
      graphs: recordedGraphs(),
    };
    samples.push(found);
    onSample?.(found);
  };
  const progress = () => onProgress?.(stepped + generated, steps + generations);
  take();
  for (let tenth = 1; tenth <= TENTHS; tenth++) {
    const lastStep = Math.round(steps * tenth / TENTHS);
    while (stepped < lastStep) {
      const count = Math.min(RUN_STEPS, lastStep - stepped);
      await train(options, runs++, count);
      stepped += count;
      progress();
    }
    const lastGeneration = Math.round(generations * tenth / TENTHS);
    while (generated < lastGeneration) {
      await sample(options, generated++);
      progress();
    }
    take();
  }
  return samples;
}

/** What grew that must not, one line each: tensors at all, memory after the first fifth by more than 5 % and 64 MB. */
export function soakFaults(samples: readonly SoakSample[]): string[] {
  const first = samples[0]!;
  const warm = samples[WARM_UP] ?? first;
  const last = samples.at(-1)!;
  const after = `after ${last.steps} steps and ${last.generations} generations`;
  const most = warm.residentMb * 1.05 + 64;
  return [
    ...(last.tensors > first.tensors
      ? [`Expected ${first.tensors} tensors ${after} but found ${last.tensors}`]
      : []),
    ...(last.residentMb > most
      ? [
        `Expected resident memory of at most ${Math.round(most)} MB ${after} (${
          Math.round(warm.residentMb)
        } MB at a fifth of them) but found ${Math.round(last.residentMb)} MB`,
      ]
      : []),
  ];
}
