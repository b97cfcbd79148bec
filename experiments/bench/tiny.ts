/**
 * The workloads of `bench_trl.py` on a Qwen2 of 2,018,496 parameters with random weights: what small studies over many
 * seeds spend their time on.
 *
 * @module
 */
import {
  backward,
  basePolicy,
  type Checkpoint,
  createAdapter,
  createTransformer,
  currentPolicy,
  disposePolicy,
  disposeTape,
  type FloatTensor,
  fullParameters,
  type ModelConfig,
  parameterCount,
  type Policy,
  projections,
  readTokenizer,
  recordBatch,
  resolveModel,
  scoreBatch,
  type Transformer,
  truncateTokenizer,
  weightShapes,
  withValues,
} from "../../lib/model/mod.ts";
import { randomStream } from "../../lib/runtime/mod.ts";
import { adamWDefaults, adamWState, adamWStep, disposeAdamWState } from "../../lib/training/mod.ts";
import type { GrpoRun } from "./grpo_run.ts";
import { timeGrpo } from "./grpo_step.ts";
import { matmulSpeed } from "./matmul.ts";
import { type Benchmark, defineBenchmark, type Measurements, medianSeconds } from "./measure.ts";
import { generateAll, randomSequences, scoredSequences } from "./sequences.ts";

/** The model of these workloads. */
interface TinySubject {
  /** Where it came from. */
  readonly checkpoint: Checkpoint;
  /** Its weights. */
  readonly model: Transformer;
  /** The model without an adapter. */
  readonly policy: Policy;
  /** Steps of GRPO. */
  readonly steps: number;
}

/** Sizes of the model. */
export const tinyConfig: ModelConfig = {
  architecture: "qwen2",
  vocabSize: 2048,
  hiddenSize: 192,
  intermediateSize: 512,
  layers: 4,
  heads: 4,
  kvHeads: 2,
  headDim: 48,
  ropeTheta: 1e6,
  rmsNormEps: 1e-6,
  tieWordEmbeddings: true,
  maxPositions: 256,
  attentionBias: true,
  eosIds: [2],
  padId: 0,
};

/** Ordinary tokens, without the special ones in front. */
const tokens = [3, 2048] as const;

/** Matrices from a normal distribution of deviation 0.02, norms 1, biases 0. */
function randomWeights(config: ModelConfig): Map<string, FloatTensor> {
  return new Map(
    [...weightShapes(config)].map(([name, shape]) => {
      const data = new Float32Array(shape.reduce((n, size) => n * size, 1));
      const random = randomStream(0, "bench", name);
      if (shape.length > 1) data.forEach((_, i) => data[i] = 0.02 * random.normal());
      else if (!name.endsWith("bias")) data.fill(1);
      return [name, { shape, data }];
    }),
  );
}

/** Makes the model; `tokenizer` is the model whose tokenizer it borrows, to turn completions into text. */
async function makeTiny(tokenizer: string, steps: number): Promise<TinySubject> {
  const checkpoint: Checkpoint = {
    config: tinyConfig,
    weights: randomWeights(tinyConfig),
    tokenizer: truncateTokenizer(
      await readTokenizer(await resolveModel(tokenizer)),
      tinyConfig.vocabSize,
    ),
    source: { path: "", format: "random", name: "bench-tiny" },
  };
  const model = createTransformer(checkpoint);
  return { checkpoint, model, policy: basePolicy(model), steps };
}

/** Steps of AdamW on all parameters, 32 sequences of 96 tokens, loss on all 95 that are predicted. */
async function sft({ model }: TinySubject): Promise<Measurements> {
  const batch = scoredSequences(randomSequences(32, 96, tokens, "sft"));
  let trainable = fullParameters(model);
  let optimizer = adamWState(trainable.values.size);
  const coefficients = new Float32Array(batch.targets.length).fill(-1 / batch.targets.length);
  const seconds = await medianSeconds(() => {
    const policy = currentPolicy(model, trainable);
    const { tape } = recordBatch(policy, trainable, batch);
    const gradient = backward(policy, trainable, tape, coefficients);
    disposeTape(tape);
    disposePolicy(policy, trainable);
    const next = adamWStep(trainable.values, gradient, optimizer, 1e-4, {
      ...adamWDefaults,
      weightDecay: 0.01,
    });
    gradient.dispose();
    trainable.values.dispose();
    disposeAdamWState(optimizer);
    trainable = withValues(trainable, next.values);
    optimizer = next.state;
  }, 5);
  trainable.values.dispose();
  disposeAdamWState(optimizer);
  return { sft_tok_s: 32 * 96 / seconds };
}

async function generation({ policy }: TinySubject): Promise<Measurements> {
  const prompts = randomSequences(64, 32, tokens, "generate");
  let generated = 0;
  const seconds = await medianSeconds(async () => {
    generated = await generateAll(policy, prompts, 64);
  }, 5);
  return { generate_tok_s: generated / seconds };
}

/** Scores 96 tokens of each of 64 sequences (one more is given in front of them). */
async function logProbs({ policy }: TinySubject): Promise<Measurements> {
  const batch = scoredSequences(randomSequences(64, 97, tokens, "logprob"));
  const seconds = await medianSeconds(() => void scoreBatch(policy, batch), 5);
  return { logprob_tok_s: batch.targets.length / seconds };
}

/** Prompts of 26 tokens, the mean length of the prompts in `bench_trl.py`, 8 of them in a step. */
function grpoRun({ checkpoint, model, steps }: TinySubject, kind: "lora" | "full"): GrpoRun {
  const lora = () =>
    createAdapter(
      model.config,
      { r: 8, loraAlpha: 16, targetModules: projections, useRslora: false },
      randomStream(0, "bench", "adapter"),
    );
  return {
    model,
    tokenizer: { ...checkpoint.tokenizer, eosIds: [] },
    trainable: kind === "lora" ? { kind, ...lora() } : fullParameters(model),
    prompts: randomSequences(512, 26, tokens, "grpo"),
    promptsPerStep: 8,
    newTokens: 64,
    steps,
  };
}

async function grpo(subject: TinySubject, kind: "lora" | "full"): Promise<Measurements> {
  const times = await timeGrpo(grpoRun(subject, kind));
  return {
    [`grpo_${kind}_step_s`]: times.step,
    [`grpo_${kind}_wall_per_step_s`]: times.wallPerStep,
    [`grpo_${kind}_len`]: times.length,
  };
}

/** The workloads of the 2 M model. */
export const tiny: Benchmark = defineBenchmark<TinySubject>({
  arithmetic: () => matmulSpeed([256, 512, 1024], 2e9),
  load: async ({ model, steps }) => {
    const subject = await makeTiny(model, steps);
    return { subject, found: { params: parameterCount(subject.checkpoint.config) } };
  },
  grpoRun: (subject) => grpoRun(subject, "lora"),
  workloads: [
    { name: "sft", run: sft },
    { name: "generate", run: generation },
    { name: "logprob", run: logProbs },
    {
      name: "grpo",
      run: async (subject) => ({ ...await grpo(subject, "lora"), ...await grpo(subject, "full") }),
    },
  ],
});
