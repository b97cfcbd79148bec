import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  answerLikelihoods,
  choiceProbabilities,
  disposeLaboratory,
  exactGradients,
  exactValues,
  type Laboratory,
  type LaboratoryOptions,
  openLaboratory,
} from "../../lib/laboratory/mod.ts";
import {
  type Architecture,
  basePolicy,
  createTransformer,
  currentPolicy,
  disposePolicy,
  disposeTransformer,
  encodeCompletion,
  encodePrompt,
  fullParameters,
  packGroups,
  type Policy,
  scoreBatch,
  type Trainable,
  type Transformer,
  wholeAdapter,
  withValues,
} from "../../lib/model/mod.ts";
import { disposeGraphs, startBackend, tf, UsageError } from "../../lib/runtime/mod.ts";
import {
  busyAdapter,
  letterTokenizer,
  smallCheckpoint,
  smallConfig,
} from "../model/small_model.ts";
import { smallPopulation, smallRewards } from "./small_laboratory.ts";

await startBackend();

const system = "be of help";

function smallLaboratory(model: Transformer, changes: Partial<LaboratoryOptions> = {}): Laboratory {
  return openLaboratory({
    model,
    tokenizer: letterTokenizer,
    system,
    prompts: smallPopulation,
    rewardNames: smallRewards,
    batchPrompts: 2,
    ...changes,
  });
}

/** Runs a check on a model with a trainable of either kind, and looks for tensors that are left over. */
function withModel(
  architecture: Architecture,
  kind: Trainable["kind"],
  check: (model: Transformer, trainable: Trainable) => void,
): void {
  const before = tf.memory().numTensors;
  const model = createTransformer(smallCheckpoint(smallConfig(architecture, { layers: 3 })));
  const trainable = kind === "lora" ? busyAdapter(model) : fullParameters(model);
  check(model, trainable);
  trainable.values.dispose();
  disposeTransformer(model);
  disposeGraphs();
  assertEquals(tf.memory().numTensors, before);
}

/** Summed log-probabilities and numbers of tokens of every answer, each scored by itself. */
function answersAlone(policy: Policy): { sum: number; length: number }[][] {
  return smallPopulation.map(({ prompt, answers }) =>
    answers.map((answer) => {
      const group = {
        prompt: encodePrompt(letterTokenizer, prompt, system),
        completions: [encodeCompletion(letterTokenizer, answer)],
      };
      const logProbs = scoreBatch(policy, packGroups([group], 1));
      return { sum: logProbs.reduce((a, b) => a + b, 0), length: logProbs.length };
    })
  );
}

/** Those whose policy is one over the answers alone; `sequence` has tests of its own. */
const closed = answerLikelihoods.filter((likelihood) => likelihood !== "sequence");

for (const likelihood of closed) {
  Deno.test(`policy and mean rewards are those of answers scored one by one: ${likelihood}`, () => {
    withModel("qwen3", "lora", (model, trainable) => {
      const temperature = 0.7;
      const lab = smallLaboratory(model, { likelihood, temperature });
      const policy = currentPolicy(model, trainable);
      const now = answersAlone(policy);
      const start = answersAlone(basePolicy(model));
      disposePolicy(policy, trainable);
      const expected = now.map((answers, x) => {
        const weights = answers.map(({ sum, length }, c) =>
          Math.exp(
            (likelihood === "per_token" ? sum / length : sum - start[x]![c]!.sum) / temperature,
          )
        );
        return weights.map((weight) => weight / weights.reduce((a, b) => a + b, 0));
      });
      const found = choiceProbabilities(lab, trainable);
      found.forEach((row, x) => {
        assertEquals(row.length, smallPopulation[x]!.answers.length);
        row.forEach((p, c) => assertAlmostEquals(p, expected[x]![c]!, 1e-5));
      });
      const values = exactValues(lab, trainable);
      smallRewards.forEach((_, i) => {
        let value = 0;
        smallPopulation.forEach(({ rewards }, x) =>
          rewards.forEach((row, c) => value += expected[x]![c]! * row[i]! / 3)
        );
        assertAlmostEquals(values[i]!, value, 1e-5);
      });
      disposeLaboratory(lab);
    });
  });
}

Deno.test("measured from the start, all answers start equally likely", () => {
  withModel("llama", "full", (model, trainable) => {
    const lab = smallLaboratory(model, { likelihood: "from_start" });
    choiceProbabilities(lab, trainable).forEach((row) =>
      row.forEach((p) => assertAlmostEquals(p, 1 / row.length, 1e-5))
    );
    disposeLaboratory(lab);
  });
});

/** Moves along the first two gradients and back, and compares the change of every value with its gradient. */
function assertGradients(lab: Laboratory, trainable: Trainable): void {
  const { values, gradients } = exactGradients(lab, trainable);
  exactValues(lab, trainable).forEach((value, i) => assertAlmostEquals(values[i]!, value, 1e-5));
  const product = (a: tf.Tensor, b: tf.Tensor): number =>
    tf.tidy(() => tf.sum(tf.mul(a, b)).dataSync()[0]!);
  for (const gradient of gradients.slice(0, 2)) {
    const length = Math.sqrt(product(gradient, gradient));
    assert(length > 1e-2);
    const at = (step: number): number[] => {
      const values = tf.tidy(() => tf.add(trainable.values, tf.mul(gradient, step / length)));
      const found = exactValues(lab, withValues(trainable, values as tf.Tensor1D));
      values.dispose();
      return found;
    };
    // Small enough for the fifth derivative, large enough for single precision.
    const step = 0.02 / length;
    const [near, far] = [step, 2 * step].map((h) => [at(h), at(-h)]);
    gradients.forEach((other, j) => {
      const [one, two] = [near!, far!].map(([up, down]) => up![j]! - down![j]!);
      const slope = (8 * one! - two!) / (12 * step);
      assertAlmostEquals(slope, product(other, gradient) / length, 2e-3 * length);
    });
  }
  tf.dispose(gradients);
}

for (const kind of ["lora", "full"] as const) {
  for (const likelihood of closed) {
    for (const topLayers of [undefined, 2]) {
      const where = topLayers === undefined ? "all layers" : `the last ${topLayers}`;
      Deno.test(`gradients are slopes of the mean rewards: ${kind}, ${likelihood}, ${where}`, () => {
        const architecture = kind === "lora" ? "llama" : "qwen2";
        withModel(architecture, "full", (model) => {
          // Likelihoods of whole answers differ more than those of tokens.
          const temperature = likelihood === "per_token" ? 0.5 : 5;
          const lab = smallLaboratory(model, { likelihood, topLayers, temperature });
          const trainable = kind === "lora" ? busyAdapter(lab.model) : fullParameters(lab.model);
          assertGradients(lab, trainable);
          trainable.values.dispose();
          disposeLaboratory(lab);
        });
      });
    }
  }
}

Deno.test("a reward that all answers earn alike has no gradient, and opposite rewards have opposite ones", () => {
  withModel("llama", "lora", (model, trainable) => {
    const prompts = smallPopulation.map((prompt) => ({
      ...prompt,
      rewards: prompt.rewards.map(([first, , same]) => [first!, 1 - first!, same!]),
    }));
    const lab = smallLaboratory(model, { prompts });
    const { values, gradients } = exactGradients(lab, trainable);
    const [one, other, same] = gradients.map((g) => g.dataSync());
    assertAlmostEquals(values[0]! + values[1]!, 1, 1e-12);
    assertAlmostEquals(values[2]!, (0.7 + 0.3 + 1) / 3, 1e-12);
    const largest = Math.max(...one!.map(Math.abs));
    assert(largest > 1e-3);
    one!.forEach((x, k) => assertAlmostEquals(other![k]!, -x, 1e-6 * largest));
    assert(same!.every((x) => Math.abs(x) < 1e-6 * largest));
    tf.dispose(gradients);
    disposeLaboratory(lab);
  });
});

Deno.test("gradients do not depend on how prompts are put together", () => {
  withModel("qwen2", "lora", (model, trainable) => {
    const [one, all] = [1, 3].map((batchPrompts) => {
      const { gradients } = exactGradients(smallLaboratory(model, { batchPrompts }), trainable);
      const host = gradients.map((g) => g.dataSync());
      tf.dispose(gradients);
      return host;
    });
    one!.forEach((g, i) => {
      const largest = Math.max(...g.map(Math.abs));
      g.forEach((x, k) => assertAlmostEquals(all![i]![k]!, x, 1e-5 * largest + 1e-9));
    });
  });
});

Deno.test("the last layers on kept lower ones are the whole model with an adapter that is zero below", () => {
  for (const architecture of ["llama", "qwen2", "qwen3"] as const) {
    withModel(architecture, "full", (model) => {
      for (const likelihood of answerLikelihoods) {
        const top = smallLaboratory(model, { topLayers: 2, likelihood });
        assertEquals(top.model.config.layers, 2);
        const trainable = busyAdapter(top.model);
        const whole = smallLaboratory(model, { likelihood });
        const wide = wholeAdapter(model, trainable as Trainable & { kind: "lora" });
        const expected = choiceProbabilities(whole, wide);
        choiceProbabilities(top, trainable).forEach((row, x) =>
          row.forEach((p, c) => assertAlmostEquals(p, expected[x]![c]!, 1e-5))
        );
        const found = exactGradients(top, trainable);
        const all = exactGradients(whole, wide);
        found.gradients.forEach((gradient, i) => {
          const host = gradient.dataSync();
          const reference = all.gradients[i]!.dataSync().slice(-host.length);
          const largest = Math.max(...reference.map(Math.abs));
          host.forEach((x, k) => assertAlmostEquals(x, reference[k]!, 1e-4 * largest + 1e-9));
        });
        tf.dispose([...found.gradients, ...all.gradients, trainable.values, wide.values]);
        disposeLaboratory(top);
        disposeLaboratory(whole);
      }
    });
  }
});

Deno.test("a population that does not fit is refused in one line", () => {
  withModel("llama", "full", (model) => {
    const refused = (changes: Partial<LaboratoryOptions>, message: string) =>
      assertThrows(() => smallLaboratory(model, changes), UsageError, message);
    const with1 = (change: Partial<typeof smallPopulation[number]>) => ({
      prompts: [{ ...smallPopulation[1]!, ...change }],
    });
    refused({ prompts: [] }, "Expected at least 1 prompt but found none");
    refused({ rewardNames: [] }, "Expected at least 1 reward but found none");
    refused({ temperature: 0 }, "Expected temperature to be a number above 0 but found 0");
    refused({ batchPrompts: 0 }, "Expected batchPrompts to be an integer above 0 but found 0");
    refused({ topLayers: 4 }, "Expected topLayers to be an integer from 1 to 3 but found 4");
    refused(
      with1({ answers: ["a"], rewards: [[1, 1, 1]] }),
      "Expected answers of prompt rash to be at least 2 but found 1",
    );
    refused(
      with1({ rewards: [[1, 1, 1]] }),
      "Expected rewards of prompt rash to be those of 2 answers but found 1",
    );
    refused(
      with1({ rewards: [[1, 1, 1], [1, 1]] }),
      "Expected rewards[1] of prompt rash to be 3 numbers but found 2",
    );
    refused(
      with1({ rewards: [[1, NaN, 1], [1, 1, 1]] }),
      "Expected rewards[0] full of prompt rash to be finite but found NaN",
    );
    refused(
      with1({ prompt: "a".repeat(200) }),
      "Expected prompt rash with its longest answer to have at most 128 tokens but found",
    );
  });
});
