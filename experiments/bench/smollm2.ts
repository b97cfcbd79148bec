/**
 * The workloads of `bench_smollm2.py` on SmolLM2-135M-Instruct: what the experiments spend their time on.
 *
 * @module
 */
import {
  basePolicy,
  createAdapter,
  loadTransformer,
  parameterCount,
  type Policy,
  projections,
  scoreBatch,
  type Tokenizer,
  type Transformer,
} from "../../lib/model/mod.ts";
import { peakMegabytes, randomStream } from "../../lib/runtime/mod.ts";
import type { GrpoRun } from "./grpo_run.ts";
import itemPrompts from "./peers/item_prompts.json" with { type: "json" };
import { timeGrpo } from "./grpo_step.ts";
import { additionTime, matmulSpeed } from "./matmul.ts";
import {
  type Benchmark,
  type BenchmarkOptions,
  defineBenchmark,
  type Measurements,
  medianSeconds,
} from "./measure.ts";
import { generateAll, prefill, randomSequences, scoredSequences } from "./sequences.ts";

/** The model of these workloads. */
interface Smollm2Subject {
  readonly tokenizer: Tokenizer;
  readonly model: Transformer;
  /** The model without an adapter. */
  readonly policy: Policy;
  /** Steps of GRPO. */
  readonly steps: number;
}

/** Ordinary tokens. */
const tokens = [100, 49_000] as const;

async function load(
  { model: name, steps }: BenchmarkOptions,
): Promise<{ subject: Smollm2Subject; found: Measurements }> {
  const { model, tokenizer } = await loadTransformer(name);
  return {
    subject: { tokenizer, model, policy: basePolicy(model), steps },
    found: { params: parameterCount(model.config), rss_loaded_mb: peakMegabytes() },
  };
}

/** 16 sequences of 128 tokens, logits behind the last token only. */
async function prefilling({ policy }: Smollm2Subject): Promise<Measurements> {
  const sequences = randomSequences(16, 128, tokens, "prefill");
  const seconds = await medianSeconds(() => prefill(policy, sequences), 3);
  return { prefill_16x128_tok_s: 16 * 128 / seconds, rss_prefill_mb: peakMegabytes() };
}

/** Scores 128 tokens of each of 16 sequences (one more is given in front of them). */
async function logProbs({ policy }: Smollm2Subject): Promise<Measurements> {
  const batch = scoredSequences(randomSequences(16, 129, tokens, "logprob"));
  const seconds = await medianSeconds(() => void scoreBatch(policy, batch), 3);
  return {
    logprob_16x128_tok_s: batch.targets.length / seconds,
    rss_logprob_mb: peakMegabytes(),
  };
}

/** 48 new tokens behind 32 different prompts of 64 tokens, and behind one. */
async function generation({ policy }: Smollm2Subject): Promise<Measurements> {
  const prompts = randomSequences(32, 64, tokens, "generate");
  const speed = async (count: number) => {
    let generated = 0;
    const seconds = await medianSeconds(async () => {
      generated = await generateAll(policy, prompts.slice(0, count), 48);
    }, 3);
    return generated / seconds;
  };
  const many = await speed(32);
  const rss = peakMegabytes();
  return {
    generate_32x64_new48_tok_s: many,
    rss_generate_mb: rss,
    generate_1x64_new48_tok_s: await speed(1),
  };
}

/** Tokens of a prompt in training. */
const PROMPT_TOKENS = 96;

/** 4 prompts, 8 completions of 48 tokens each, LoRA on all seven projections. */
function grpoRun({ model, tokenizer, steps }: Smollm2Subject): GrpoRun {
  const adapter = createAdapter(
    model.config,
    { r: 16, loraAlpha: 32, targetModules: projections, useRslora: false },
    randomStream(0, "bench", "adapter"),
  );
  return {
    model,
    tokenizer: { ...tokenizer, eosIds: [] },
    trainable: { kind: "lora", ...adapter },
    prompts: randomSequences(24, PROMPT_TOKENS, tokens, "grpo"),
    promptsPerStep: 4,
    newTokens: 48,
    steps,
  };
}

/** The same on prompts of items, as long as they are, whose completions end by themselves. */
function itemsRun(subject: Smollm2Subject): GrpoRun {
  const { tokenizer } = subject;
  const prompts = itemPrompts.map((text) => tokenizer.encode(text, { addSpecial: false }));
  return { ...grpoRun(subject), tokenizer, prompts, newTokens: 96 };
}

async function grpoItems(subject: Smollm2Subject): Promise<Measurements> {
  const times = await timeGrpo(itemsRun(subject));
  return {
    grpo_items_step_s: times.step,
    grpo_items_generate_s: times.generate,
    grpo_items_completion_length: times.length,
  };
}

async function grpo(subject: Smollm2Subject): Promise<Measurements> {
  const run = grpoRun(subject);
  const times = await timeGrpo(run);
  return {
    grpo_prompt_tokens: PROMPT_TOKENS,
    grpo_step_s: times.step,
    grpo_generate_s: times.generate,
    grpo_wall_per_step_s: times.wallPerStep,
    grpo_completion_length: times.length,
    grpo_trainable: subject.model.config.layers * run.trainable.layerSize,
  };
}

/** The workloads of SmolLM2. */
export const smollm2: Benchmark = defineBenchmark<Smollm2Subject>({
  arithmetic: async () => ({
    ...await matmulSpeed([256, 512, 1024, 2048], 4e9),
    ...await additionTime(),
  }),
  load,
  grpoRun,
  workloads: [
    { name: "prefill", run: prefilling },
    { name: "logprob", run: logProbs },
    { name: "generate", run: generation },
    { name: "grpo", run: grpo },
    { name: "grpo-items", run: grpoItems },
  ],
});
