import { assert, assertEquals } from "@std/assert";
import { startBackend, type tf } from "../../lib/runtime/mod.ts";
import { relativeDifference } from "../../experiments/parity/comparison.ts";
import { aware, train, withoutTime } from "./small_grpo.ts";

await startBackend();

Deno.test("an observer sees the parameters before and behind each step, and changes nothing", async () => {
  const seen: { readonly before: Float32Array; readonly after: Float32Array }[] = [];
  const read = (values: tf.Tensor1D) => values.dataSync().slice() as Float32Array;
  const options = { ...aware, maxSteps: 3, learningRate: 0.01, gate: "none" } as const;
  const observed = await train(options, {
    observe: (run) => {
      if (run.step === 1) return Promise.resolve(undefined);
      const before = read(run.trainable.values);
      assertEquals(run.optimizer.step, run.step);
      return Promise.resolve(() => {
        seen.push({ before, after: read(run.trainable.values) });
        assertEquals(run.optimizer.step, run.step + 1);
        return { "seen/steps": run.step + 1 };
      });
    },
  });
  const alone = await train(options);
  assertEquals(relativeDifference(observed.values, alone.values), 0);
  assertEquals(observed.log.map((entry) => entry["seen/steps"]), [1, undefined, 3]);
  assertEquals(
    withoutTime(observed.log.map(({ "seen/steps": _, ...entry }) => entry as typeof alone.log[0])),
    withoutTime(alone.log),
  );
  const [first, last] = seen;
  assertEquals(relativeDifference(first!.before, observed.start), 0);
  assertEquals(relativeDifference(last!.after, observed.values), 0);
  for (const { before, after } of seen) assert(relativeDifference(before, after) > 1e-4);
  // Between them lies the step that nobody looked at.
  assert(relativeDifference(first!.after, last!.before) > 1e-4);
});
