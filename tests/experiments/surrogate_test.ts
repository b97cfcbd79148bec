import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { tabularBatch, withModelBatch } from "../../experiments/surrogate/batches.ts";
import { type FormName, formNames } from "../../experiments/surrogate/findings.ts";
import { surrogateOutcomes } from "../../experiments/surrogate/forms.ts";
import { createAdapter, currentPolicy, disposePolicy, projections } from "../../lib/model/mod.ts";
import { randomStream, startBackend, tf } from "../../lib/runtime/mod.ts";
import { smallest, smallestModel } from "./smallest.ts";

await startBackend();

/** Forms whose one pass is the weighted sum, and those of them that the weights make harmless. */
const sums: readonly FormName[] = [
  "leave one out",
  "one constant for each reward",
  "mean over the batch's tokens",
  "mean over each answer's tokens",
  "each reward over its deviation",
  "divergence, known to the weights",
  "clipped, all by the sum's sign",
];
const harmless: readonly FormName[] = [
  "leave one out",
  "one constant for each reward",
  "mean over the batch's tokens",
  "divergence, known to the weights",
];

Deno.test("surrogate: on tabular policies seven forms give the weighted sum, four of them harm nobody", () => {
  const batches = Array.from({ length: 40 }, (_, seed) => surrogateOutcomes(tabularBatch(seed)));
  for (const form of formNames) {
    const worst = Math.max(...batches.map((batch) => batch[form].deviation));
    const mean = batches.reduce((sum, batch) => sum + batch[form].deviation, 0) / batches.length;
    const harmful = batches.filter((batch) => batch[form].harmed > 0).length / batches.length;
    if (sums.includes(form)) assert(worst < 1e-12, `${form}: ${worst}`);
    else assert(mean > 0.2, `${form}: ${mean}`);
    if (harmless.includes(form)) assertEquals(harmful, 0, form);
    else assert(harmful > 0.2, `${form}: ${harmful}`);
  }
});

Deno.test("surrogate: on a model the same forms give the weighted sum, and no tensor is left", () => {
  const model = smallestModel();
  const adapter = createAdapter(smallest, {
    r: 2,
    loraAlpha: 4,
    targetModules: [...projections],
    useRslora: false,
  }, randomStream(1, "adapter"));
  const trainable = { kind: "lora" as const, ...adapter };
  const policy = currentPolicy(model, trainable);
  const random = randomStream(2, "texts");
  const text = (length: number) => Array.from({ length }, () => random.integer(16));
  const groups = [2, 3, 4, 2];
  const samples = {
    prompts: groups.map(text),
    completions: groups.map(() =>
      Array.from({ length: 4 }, () => ({ ids: text(1 + random.integer(4)), finished: true }))
    ),
    rewards: groups.map((_, x) =>
      Array.from(
        { length: 4 },
        () => Array.from({ length: 4 }, (_, i) => x % 2 === 0 && i === 3 ? null : random.next()),
      )
    ),
  };
  const before = tf.memory().numTensors;
  const adapted = {
    model: { ...policy, layers: policy.layers.map(({ weights }) => weights) },
    trainable,
    policy,
  };
  const outcomes = withModelBatch(adapted, samples, 4, surrogateOutcomes);
  assertEquals(tf.memory().numTensors, before);
  for (const form of formNames) {
    const { deviation } = outcomes[form];
    if (sums.includes(form)) assert(deviation < 1e-4, `${form}: ${deviation}`);
    else assert(deviation > 1e-3, `${form}: ${deviation}`);
    if (harmless.includes(form)) assertEquals(outcomes[form].harmed, 0, form);
  }
  // The later policy has moved by 0.15 nats a token.
  const movement = withModelBatch(adapted, samples, 4, ({ start, later }) => {
    const changes = start.logProbs.flatMap((row, s) =>
      Array.from(row, (x, t) => Math.abs(x - later.logProbs[s]![t]!))
    );
    return changes.reduce((a, b) => a + b, 0) / changes.length;
  });
  assertAlmostEquals(movement, 0.15, 0.06);
  disposePolicy(policy, trainable);
  adapter.values.dispose();
});
