import { assertEquals } from "@std/assert";
import { systemsSchema } from "../../experiments/stages/config.ts";
import {
  evaluationKey,
  floorKey,
  grpoKeyOf,
  itemsKey,
  sftKey,
  type StageInputs,
  trainingKeyOf,
} from "../../experiments/stages/keys.ts";
import { hashJson } from "../../lib/runtime/mod.ts";
import { grpoSchema } from "../../lib/training/mod.ts";

const inputs: StageInputs = {
  backend: { name: "native", versions: { tensorflow: "2.21.0" } },
  model: "m",
  knowledge: "k",
  vignettes: "v",
  encoder: "e",
  benchmarks: "b",
};
const config = systemsSchema.parse({
  tuning: { kind: "lora" },
  sft: { maxSteps: 10, learningRate: 1e-3 },
  grpo: { maxSteps: 10, learningRate: 1e-4 },
  mmluQuestions: 4,
});
type Config = typeof config;

/** Hash of the key of every stage, each depending on those before it as in a run. */
async function keys(given: StageInputs, options: Config): Promise<Record<string, string>> {
  const items = await hashJson(itemsKey(given, options));
  const training = trainingKeyOf(given, items, options);
  const sft = await hashJson(sftKey(training, { ...options.sft, seed: 0 }));
  const grpo = grpoSchema.parse({ ...options.grpo, rewardWeights: [1, 1, 1, 1], seed: 0 });
  return {
    items,
    sft,
    grpo: await hashJson({ ...training, ...grpoKeyOf(given, sft, grpo, options) }),
    base: await hashJson(evaluationKey(training, given, null, options)),
    evaluation: await hashJson(evaluationKey(training, given, sft, options)),
    floor: await hashJson(floorKey(given, items, options, 20)),
  };
}

/** Names of the stages whose key moves. */
async function moved(given: StageInputs, options: Config): Promise<string> {
  const [before, after] = [await keys(inputs, config), await keys(given, options)];
  return Object.keys(before).filter((name) => before[name] !== after[name]).join(" ");
}

const trained = "sft grpo base evaluation";
const all = `items ${trained} floor`;

Deno.test("each input moves the keys of the stages that read it, and no others", async () => {
  const expected: Record<string, [Partial<StageInputs>, string]> = {
    "another backend": [{ backend: { name: "wasm", versions: { tensorflow: "2.21.0" } } }, trained],
    "another version of the backend": [
      { backend: { name: "native", versions: { tensorflow: "2.22.0" } } },
      trained,
    ],
    "another model": [{ model: "other" }, trained],
    "another release of the graph": [{ knowledge: "other" }, all],
    "other vignettes": [{ vignettes: "other" }, all],
    "another encoder": [{ encoder: "other" }, "grpo"],
    "other benchmarks": [{ benchmarks: "other" }, all],
  };
  for (const [name, [change, stages]] of Object.entries(expected)) {
    assertEquals(await moved({ ...inputs, ...change }, config), stages, name);
  }
});

Deno.test("each option moves the keys of the stages that read it, and no others", async () => {
  const { sft, grpo } = config;
  const expected: { [K in keyof Config]-?: [Pick<Config, K>, string] | null } = {
    model: [{ model: "tiny" }, trained],
    system: [{ system: "You are a nurse." }, trained],
    items: [{ items: 801 }, all],
    // The workshop hashes the families into the items' hash.
    families: null,
    tuning: [{ tuning: { kind: "full" } }, trained],
    sft: [{ sft: { ...sft, learningRate: 2e-3 } }, "sft grpo evaluation"],
    grpo: [{ grpo: { ...grpo, beta: 0.5 } }, "grpo"],
    mixing: [{ mixing: 0.7 }, "grpo"],
    testItems: [{ testItems: 31 }, "base evaluation floor"],
    maxNewTokens: [{ maxNewTokens: 65 }, "base evaluation"],
    evaluationRows: [{ evaluationRows: 33 }, "base evaluation"],
    mmluQuestions: [{ mmluQuestions: 5 }, "base evaluation"],
  };
  for (const [option, change] of Object.entries(expected)) {
    if (change === null) continue;
    const [values, stages] = change;
    assertEquals(await moved(inputs, { ...config, ...values } as Config), stages, option);
  }
});

Deno.test("what is not read moves nothing: an encoder without a share, benchmarks without questions", async () => {
  const rules = { ...config, mixing: 1 };
  const silent = { ...config, mmluQuestions: 0 };
  const [a, b] = [await keys(inputs, rules), await keys({ ...inputs, encoder: "other" }, rules)];
  assertEquals(a, b);
  const training = trainingKeyOf(inputs, "items", silent);
  assertEquals(
    evaluationKey(training, inputs, null, silent),
    evaluationKey(training, { ...inputs, benchmarks: "other" }, null, silent),
  );
});

Deno.test("every option of SFT and GRPO moves the keys of its trainings", async () => {
  for (const part of ["sft", "grpo"] as const) {
    for (const [option, value] of Object.entries(config[part])) {
      const other = typeof value === "number"
        ? value + 1
        : typeof value === "boolean"
        ? !value
        : "other";
      const changed = { ...config, [part]: { ...config[part], [option]: other } } as Config;
      const training = trainingKeyOf(inputs, "items", config);
      const key = (options: Config) =>
        part === "sft"
          ? sftKey(training, { ...options.sft, seed: 0 })
          : grpoKeyOf(inputs, "sft", { ...options.grpo, seed: 0 } as never, options);
      const [before, after] = [await hashJson(key(config)), await hashJson(key(changed))];
      assertEquals(before === after, false, `${part}.${option}`);
    }
  }
});
