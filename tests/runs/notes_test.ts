/** What a user is told of a model and of texts that are too long for it. */
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import {
  createTransformer,
  disposeTransformer,
  fullParameters,
  readCheckpoint,
  writeCheckpoint,
} from "../../lib/model/mod.ts";
import { fineTune, grpoPrompts, openModel } from "../../lib/runs/mod.ts";
import { startBackend } from "../../lib/runtime/mod.ts";
import type { Item } from "../../lib/synthesis/mod.ts";
import { sftSchema } from "../../lib/training/mod.ts";
import { inTemporaryFolder, tinyGguf } from "../model/fixtures.ts";
import { letterTokenizer, smallCheckpoint, smallConfig } from "../model/small_model.ts";

await startBackend();

const item = { prompt: "ache", reference: "rest", capability: "domain" } as Item;
const encoding = { tokenizer: letterTokenizer, system: "be kind" };

Deno.test("training tells once of texts that are longer than the model was made for", async () => {
  const told = async (maxPositions: number): Promise<string[]> => {
    const model = createTransformer(smallCheckpoint(smallConfig("llama", { maxPositions })));
    const notes: string[] = [];
    const trainable = fullParameters(model);
    const result = await fineTune(
      { ...encoding, model, trainable, items: [item, item], onNote: (note) => notes.push(note) },
      sftSchema.parse({ learningRate: 1e-3, maxSteps: 1, perDeviceTrainBatchSize: 1 }),
    );
    result.trainable.values.dispose();
    trainable.values.dispose();
    disposeTransformer(model);
    return notes;
  };
  assertEquals(await told(128), []);
  const [note, ...more] = await told(8);
  assert(note!.includes("longer than the 8"), note);
  assertEquals(more, []);
});

Deno.test("the length of a prompt is told when it is read", () => {
  const lengths: number[] = [];
  const [prompt] = grpoPrompts(encoding, [item], (length) => lengths.push(length));
  assertEquals(lengths, []);
  assertEquals(lengths.push(prompt!.ids.length), 2);
  assertEquals(lengths[0], lengths[1]);
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
