/** Models of one name and shape share no stage of an experiment; the same weights elsewhere do. */
import { assertEquals, assertNotEquals } from "@std/assert";
import { join } from "@std/path";
import type { RunContext } from "../../experiments/core/experiment.ts";
import { systemsSchema } from "../../experiments/stages/config.ts";
import { stageInputs } from "../../experiments/stages/keys.ts";
import { supervised } from "../../experiments/stages/train.ts";
import { openWorkshop } from "../../experiments/stages/workshop.ts";
import {
  disposeTransformer,
  loadCheckpoint,
  writeCheckpoint,
  writeGguf,
} from "../../lib/model/mod.ts";
import { openStore, startBackend, storeContents } from "../../lib/runtime/mod.ts";
import { cachedSmollm2, inTemporaryFolder } from "../model/fixtures.ts";

const ignore = cachedSmollm2() === undefined;
const stage = () => ({ update: () => {}, finish: () => {} });

Deno.test({
  name: ignore
    ? "models of one name (skipped: the tokenizer of smollm2 was not fetched)"
    : "two models of one name and shape are trained twice, a copy of one is found again",
  ignore,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const places = { one: 0, other: 1, copy: 0 } as const;
      for (const [place, seed] of Object.entries(places)) {
        const sizes = { hiddenSize: 96, layers: 1 };
        const checkpoint = await loadCheckpoint("tiny", { seed, sizes });
        await writeCheckpoint(join(folder, place, "model"), checkpoint);
        await writeGguf(join(folder, place, "model.gguf"), checkpoint);
      }
      const backend = await startBackend();
      const store = openStore(join(folder, "store"));
      const context: RunContext = { store, backend, seeds: [0], stage };
      const train = async (model: string): Promise<string> => {
        const config = systemsSchema.parse({
          model,
          items: 120,
          mixing: 1,
          tuning: { kind: "full" },
          sft: { maxSteps: 1, learningRate: 1e-3, perDeviceTrainBatchSize: 1 },
          grpo: { maxSteps: 1, learningRate: 1e-3 },
        });
        const workshop = await openWorkshop(context, config);
        const { hash } = await supervised(workshop, 0);
        disposeTransformer(workshop.model);
        return hash;
      };
      const at = (place: string) => join(folder, place, "model.gguf");
      const one = await train(at("one"));
      const other = await train(at("other"));
      assertNotEquals(one, other);
      assertEquals(await train(at("copy")), one);
      const kept = (await storeContents(store.folder)).filter(({ kind }) => kind === "sft");
      assertEquals(kept.map(({ hash }) => hash).sort(), [one, other].sort());
      const parameters = (hash: string) =>
        Deno.readFile(
          join(store.folder, "sft", hash.slice(0, 2), hash, "parameters.safetensors"),
        );
      assertNotEquals(await parameters(one), await parameters(other));
      const inputs = async (place: string) =>
        (await stageInputs(backend, join(folder, place, "model"))).model;
      assertNotEquals(await inputs("one"), await inputs("other"));
      assertEquals(await inputs("one"), await inputs("copy"));
    }),
});
