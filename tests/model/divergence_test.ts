import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  basePolicy,
  batchLogits,
  createTransformer,
  currentPolicy,
  disposePolicy,
  disposeTransformer,
  generate,
  packGroups,
  type Policy,
} from "../../lib/model/mod.ts";
import { startBackend, tf } from "../../lib/runtime/mod.ts";
import { busyAdapter, smallCheckpoint, smallConfig } from "./small_model.ts";

await startBackend();

const config = smallConfig("llama");

Deno.test("the divergence from a reference is exact at every token", async () => {
  const model = createTransformer(smallCheckpoint(config, 5));
  const trainable = busyAdapter(model);
  const policy = currentPolicy(model, trainable);
  const reference = basePolicy(model);
  const temperature = 0.8;
  const prompts = [[5, 9, 3, 30], [12, 1], [21, 7, 7, 7, 7, 7, 7, 2]];
  const before = tf.memory().numTensors;
  const found = await generate(policy, prompts, {
    numGenerations: 4,
    maxNewTokens: 40,
    stopIds: [3, 14, 29],
    seed: 3,
    temperature,
    reference,
    batchRows: 12,
  });
  assertEquals(tf.memory().numTensors, before);
  const logitsOf = (p: Policy, ids: readonly number[], rows: Int32Array) => {
    const logits = batchLogits(p, packGroups([{ prompt: ids, completions: [] }]), rows);
    const values = tf.tidy(() => tf.logSoftmax(tf.div(logits, temperature))).arraySync();
    logits.dispose();
    return values as number[][];
  };
  const lengths = new Set<number>();
  found.forEach((rows, g) =>
    rows.forEach(({ ids, kl }) => {
      lengths.add(ids.length);
      const text = [...prompts[g]!, ...ids];
      const at = Int32Array.from(ids, (_, t) => prompts[g]!.length - 1 + t);
      const [p, q] = [logitsOf(policy, text, at), logitsOf(reference, text, at)];
      assertEquals(kl!.length, ids.length);
      kl!.forEach((value, t) => {
        const exact = p[t]!.reduce((sum, lp, v) => sum + Math.exp(lp) * (lp - q[t]![v]!), 0);
        assertAlmostEquals(value, exact, 1e-4 * (1 + exact));
        assert(value >= 0);
      });
    })
  );
  assert(lengths.size > 3);
  disposePolicy(policy, trainable);
  trainable.values.dispose();
  disposeTransformer(model);
});
