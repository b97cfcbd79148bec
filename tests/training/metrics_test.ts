/** What is logged beside the loss, against a plain computation from all logits. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  type Architecture,
  basePolicy,
  batchLogits,
  createTransformer,
  currentPolicy,
  disposePolicy,
  disposeTape,
  disposeTransformer,
  fullParameters,
  packGroups,
  recordBatch,
  type Trainable,
  type Transformer,
} from "../../lib/model/mod.ts";
import { setRecording, startBackend, tf } from "../../lib/runtime/mod.ts";
import {
  grpoSchema,
  packExamples,
  type PackingStrategy,
  paddingShare,
  sampleCompletions,
  type SftExample,
  sftSchema,
  type StepLog,
  trainGrpo,
  trainSft,
} from "../../lib/training/mod.ts";
import { naiveLogits } from "../model/naive.ts";
import {
  busyAdapter,
  letterTokenizer,
  smallCheckpoint,
  smallConfig,
  smallExamples,
  unevenGroups,
} from "../model/small_model.ts";

await startBackend();

const sum = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0);
const mean = (xs: readonly number[]): number => sum(xs) / xs.length;

/** Entropy, in nats, of the distribution that logits stand for. */
function entropyOf(logits: readonly number[], temperature = 1): number {
  const powers = logits.map((z) => Math.exp((z - Math.max(...logits)) / temperature));
  const p = powers.map((power) => power / sum(powers));
  return -sum(p.map((share) => share * Math.log(share)));
}

const likeliest = (logits: readonly number[]): number => logits.indexOf(Math.max(...logits));

/** Logits in the place of each completion token, from a computation in double precision. */
function plainLogits({ prompt, completion }: SftExample): number[][] {
  const logits = naiveLogits(smallCheckpoint(smallConfig("llama")), [...prompt, ...completion]);
  return logits.slice(prompt.length - 1, -1);
}

/** Calls with a small model and parameters, and frees both. */
async function withModel<T>(
  work: (model: Transformer, trainable: Trainable) => Promise<T> | T,
  make: (model: Transformer) => Trainable = fullParameters,
  architecture: Architecture = "llama",
): Promise<T> {
  const model = createTransformer(smallCheckpoint(smallConfig(architecture)));
  const trainable = make(model);
  try {
    return await work(model, trainable);
  } finally {
    trainable.values.dispose();
    disposeTransformer(model);
  }
}

function assertClose(found: number, expected: number, share = 1e-5): void {
  assertAlmostEquals(found, expected, share * Math.abs(expected));
}

const batch = packGroups(unevenGroups, 4);

for (const architecture of ["llama", "qwen2", "qwen3"] as Architecture[]) {
  for (const temperature of [1, 0.6]) {
    Deno.test(`${architecture}: entropies and likeliest tokens are those of all logits, at ${temperature}`, () =>
      withModel(
        (model, trainable) => {
          const policy = currentPolicy(model, trainable);
          const all = tf.tidy(() => batchLogits(policy, batch, batch.predictors).arraySync());
          for (const graphs of [true, false]) {
            const before = setRecording(graphs);
            const { entropies, predictions, tape } = recordBatch(policy, trainable, batch, {
              temperature,
              predict: true,
            });
            setRecording(before);
            disposeTape(tape);
            const expected = all.map((logits) => entropyOf(logits, temperature));
            assertEquals(entropies.length, batch.targets.length);
            entropies.forEach((entropy, n) => assertAlmostEquals(entropy, expected[n]!, 2e-5));
            assertClose(mean([...entropies]), mean(expected));
            assertEquals([...predictions!], all.map(likeliest));
          }
          disposePolicy(policy, trainable);
        },
        architecture === "llama" ? fullParameters : busyAdapter,
        architecture,
      ));
  }
}

Deno.test("the entropy of a distribution on one token is 0, and never below", () =>
  withModel((model, trainable) => {
    const policy = currentPolicy(model, trainable);
    const { entropies, tape } = recordBatch(policy, trainable, batch, { temperature: 1e-3 });
    disposeTape(tape);
    assert(entropies.every((entropy) => entropy >= 0));
    assertAlmostEquals(entropies.toSorted()[Math.floor(entropies.length / 2)]!, 0, 1e-3);
    disposePolicy(policy, trainable);
  }));

Deno.test("likeliest tokens are told only where they are asked for, and change nothing", () =>
  withModel((model, trainable) => {
    const policy = currentPolicy(model, trainable);
    const before = tf.memory().numTensors;
    const [plain, told] = [false, true].map((predict) => {
      const { tape, ...rest } = recordBatch(policy, trainable, batch, { predict });
      disposeTape(tape);
      return rest;
    });
    assertEquals(plain!.predictions, undefined);
    assertEquals(plain!.logProbs, told!.logProbs);
    assertEquals(plain!.entropies, told!.entropies);
    assertEquals(tf.memory().numTensors, before);
    disposePolicy(policy, trainable);
  }));

/** The log of supervised fine-tuning on the small examples. */
const sft = (changes: Partial<Parameters<typeof sftSchema.parse>[0] & object>) =>
  withModel(async (model, trainable) => {
    const config = sftSchema.parse({
      maxSteps: 1,
      learningRate: 0.02,
      perDeviceTrainBatchSize: smallExamples.length,
      microBatchSize: 4,
      ...changes,
    });
    const { trainable: trained, log } = await trainSft({
      model,
      trainable,
      examples: smallExamples,
      config,
    });
    trained.values.dispose();
    return log;
  });

Deno.test("sft logs the entropy and accuracy of every completion token once, however they are packed", async () => {
  const logits = smallExamples.flatMap(plainLogits);
  const targets = smallExamples.flatMap(({ completion }) => completion);
  const entropy = mean(logits.map((row) => entropyOf(row)));
  const accuracy = mean(targets.map((id, n) => likeliest(logits[n]!) === id ? 1 : 0));
  assert(accuracy > 0, "some tokens are right");
  for (
    const changes of [{}, { microBatchSize: 1 }, { packing: true }, {
      packing: true,
      packingStrategy: "length" as const,
    }]
  ) {
    const [first] = await sft(changes);
    assertClose(first!.entropy!, entropy);
    assertClose(first!.mean_token_accuracy!, accuracy);
  }
});

Deno.test("the accuracy reaches 1 and the entropy falls where the examples are learned by heart", async () => {
  const log = await sft({ maxSteps: 60, lrSchedulerType: "constant" });
  const [first, last] = [log[0]!, log.at(-1)!];
  assert(last.mean_token_accuracy! > 0.95 && first.mean_token_accuracy! < 0.3);
  assert(last.entropy! < first.entropy! / 2, `${first.entropy} to ${last.entropy}`);
});

Deno.test("num_tokens of sft counts prompts and completions of the whole run without padding", async () => {
  const lengths = smallExamples.map(({ prompt, completion }) => prompt.length + completion.length);
  for (const packing of [false, true]) {
    const log = await sft({ maxSteps: 3, packing });
    assertEquals(log.map(({ num_tokens }) => num_tokens), [1, 2, 3].map((n) => n * sum(lengths)));
  }
  // Steps of two examples, in the order of the epoch.
  const log = await sft({ maxSteps: smallExamples.length, perDeviceTrainBatchSize: 2 });
  assertEquals(log.at(-1)!.num_tokens, 2 * sum(lengths));
  log.slice(1).forEach((entry, i) => assert(entry.num_tokens! > log[i]!.num_tokens!));
});

Deno.test("padding_share is the share of rows without a token", async () => {
  const example = (prompt: number[], completion: number): SftExample => ({
    prompt,
    completion: new Array(completion).fill(4),
  });
  const examples = [example([1, 2, 3], 1), example([1, 2, 5, 6], 7)];
  const share = (strategy?: PackingStrategy) =>
    paddingShare(packExamples(examples, { size: 2, strategy }));
  // A row of padding behind 15 tokens, or behind the common [1, 2] and 1 + 1 + 2 + 7 more.
  assertAlmostEquals(share(), 1 / 16, 1e-12);
  assertAlmostEquals(share("length"), 1 / 16, 1e-12);
  assertAlmostEquals(share("prefix"), 1 / 14, 1e-12);
  assertEquals(paddingShare([]), 0);
  const size = { perDeviceTrainBatchSize: 2, microBatchSize: 2, maxSteps: 3 };
  for (const entry of await sft(size)) {
    assert(entry.padding_share! > 0 && entry.padding_share! < 1);
  }
});

/** The log of GRPO from prompts of different lengths, and the samples of its first step. */
const grpo = (changes: Partial<Parameters<typeof grpoSchema.parse>[0] & object>) =>
  withModel(async (model, trainable) => {
    const config = grpoSchema.parse({
      maxSteps: 1,
      learningRate: 0.01,
      promptsPerStep: 4,
      numGenerations: 4,
      maxCompletionLength: 6,
      rewardWeights: [1],
      ...changes,
    });
    const options = {
      model,
      trainable,
      tokenizer: letterTokenizer,
      prompts: smallExamples.map(({ prompt }) => ({ ids: prompt, stratum: "all" })),
      rewardNames: ["length"],
      reward: (_: readonly number[], texts: readonly string[]) =>
        Promise.resolve(texts.map((text) => [text.length / 8])),
      config,
    };
    const samples = await sampleCompletions(options, basePolicy(model), 0);
    const completions = samples.completions.flatMap((group, g) =>
      group.map(({ ids, finished }) => ({
        prompt: options.prompts[samples.indices[g]!]!.ids,
        completion: ids,
        finished,
      }))
    );
    const { trainable: trained, log } = await trainGrpo(options);
    trained.values.dispose();
    return { log, completions };
  });

const timeless = (log: readonly StepLog[]) => log.map((entry) => ({ ...entry, step_time: 0 }));

Deno.test("grpo logs the entropy at the training temperature over the tokens that count in the loss", async () => {
  // What sampling leaves out of the distribution still counts in the entropy.
  for (
    const changes of [
      {},
      { temperature: 0.7, topK: 5 },
      { temperature: 1.5, maskTruncatedCompletions: true, maxCompletionLength: 20 },
    ]
  ) {
    const { log, completions } = await grpo({ ...changes, microBatches: 3 });
    const masked = changes.maskTruncatedCompletions === true;
    const counted = completions.filter(({ finished }) => finished || !masked);
    assert(counted.length > 0);
    assert(!masked || counted.length < completions.length);
    const logits = counted.flatMap(plainLogits);
    const expected = mean(logits.map((row) => entropyOf(row, changes.temperature)));
    assertClose(log[0]!.entropy!, expected);
  }
});

Deno.test("num_tokens of grpo counts each completion with its prompt, when it is sampled", async () => {
  const { log, completions } = await grpo({ maxSteps: 4, numIterations: 2 });
  const first = sum(completions.map(({ prompt, completion }) => prompt.length + completion.length));
  const totals = log.map(({ num_tokens }) => num_tokens!);
  assertEquals(totals.slice(0, 2), [first, first]);
  assertEquals(totals[2], totals[3]);
  assert(totals[2]! > first);
  const entropies = log.map(({ entropy }) => entropy!);
  assert(entropies[0] !== entropies[1], "the entropy is that of the present policy");
  assertEquals(timeless((await grpo({ maxSteps: 4, numIterations: 2 })).log), timeless(log));
});
