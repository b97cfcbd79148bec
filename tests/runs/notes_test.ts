/** What a user is told of a model and of texts that are too long for it. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { join } from "@std/path";
import type { Knowledge } from "../../lib/knowledge/mod.ts";
import {
  basePolicy,
  complete,
  createTransformer,
  disposeTransformer,
  fullParameters,
  logLikelihoods,
  readCheckpoint,
  writeCheckpoint,
} from "../../lib/model/mod.ts";
import { fineTune, openModel, reinforce } from "../../lib/runs/mod.ts";
import { startBackend, UsageError } from "../../lib/runtime/mod.ts";
import type { Item } from "../../lib/synthesis/mod.ts";
import { grpoSchema, sftSchema } from "../../lib/training/mod.ts";
import { inTemporaryFolder, tinyGguf } from "../model/fixtures.ts";
import { letterTokenizer, smallCheckpoint, smallConfig } from "../model/small_model.ts";

await startBackend();

const item = { prompt: "ache", reference: "rest", capability: "domain", id: "short" } as Item;
const encoding = { tokenizer: letterTokenizer, system: "be kind" };

Deno.test("texts that are longer than the model was made for are refused before the first step, by item, length and limit", async () => {
  const model = createTransformer(smallCheckpoint(smallConfig("llama", { maxPositions: 40 })));
  const trainable = fullParameters(model);
  const long = { ...item, id: "long", prompt: "ache".repeat(20) };
  const sft = sftSchema.parse({ learningRate: 1e-3, maxSteps: 1, perDeviceTrainBatchSize: 1 });
  const grpo = grpoSchema.parse({
    learningRate: 1e-3,
    maxSteps: 1,
    maxCompletionLength: 8,
    rewardWeights: [1, 1, 1, 1],
  });
  const rewards = { knowledge: {} as Knowledge, mixing: 1 };
  const works: [() => Promise<unknown>, RegExp][] = [
    [
      () => fineTune({ ...encoding, model, trainable, items: [item, long] }, sft),
      /^Expected item long to have/,
    ],
    [
      () => fineTune({ ...encoding, model, trainable, items: [item] }, sft, [long]),
      /^Expected item long to have/,
    ],
    [
      () => reinforce({ ...encoding, model, trainable, items: [item, long] }, grpo, rewards),
      /^Expected item long with 8 new tokens to have/,
    ],
    [
      () =>
        complete({ tokenizer: letterTokenizer, policy: basePolicy(model) }, ["a", long.prompt], {
          ...{ maxNewTokens: 8, temperature: 0, seed: 0, numGenerations: 1 },
        }),
      /^Expected prompt 2 with 8 new tokens to have/,
    ],
    [
      () =>
        logLikelihoods({ tokenizer: letterTokenizer, policy: basePolicy(model) }, [{
          context: long.prompt,
          continuation: "a",
        }]),
      /^Expected the text "acheache\S*" with what follows to have/,
    ],
  ];
  for (const [work, message] of works) {
    const error = await assertRejects(
      async () => await work(),
      UsageError,
      " at most 40 tokens but found ",
    );
    assertMatch(error.message, message);
    assert(!error.message.includes("\n"));
  }
  trainable.values.dispose();
  disposeTransformer(model);
});

Deno.test("a model's notes come with it", async () => {
  await inTemporaryFolder(async (folder) => {
    const gguf = join(folder, "a.gguf");
    await Deno.writeFile(gguf, tinyGguf());
    const path = join(folder, "m");
    await writeCheckpoint(path, await readCheckpoint(gguf));
    const bar = () => ({ update: () => {}, finish: () => {} });
    const notes = async (): Promise<readonly string[]> => {
      const { model, notes } = await openModel(path, bar);
      disposeTransformer(model);
      return notes;
    };
    assertEquals(await notes(), []);
    await Deno.remove(join(path, "tokenizer_config.json"));
    const [missing, ...more] = await notes();
    assert(missing!.includes("no") && missing!.includes("tokenizer_config.json"), missing);
    assertEquals(more, []);
  });
});
