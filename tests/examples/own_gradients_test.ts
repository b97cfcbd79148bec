import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { randomStream } from "../../lib/runtime/mod.ts";
import { evidenceIn } from "./own_gradients.ts";

/** Gradients of two capabilities around true ones, with noise. */
function gradients(n: number, truth: readonly (readonly number[])[], noise: number): number[][][] {
  const random = randomStream(0, "gradients");
  return Array.from(
    { length: n },
    () => truth.map((row) => row.map((x) => x + noise * random.normal())),
  );
}

const options = { stepSize: 0.1, smoothness: [1, 1], range: 40 };

Deno.test("a conflict is seen, and the weights that resolve it are certified on prompts of their own", () => {
  const found = evidenceIn(gradients(400, [[3, 0], [-1, 1]], 0.5), [0.9, 0.1], options);
  const [pair] = found.pairs;
  assertAlmostEquals(pair!.inner, -3, 0.2);
  assert(pair!.wrongSign < 0.05 && pair!.promptsNeeded < 200, JSON.stringify(pair));
  // The preferred step alone would harm the second capability: 0.9 * -3 + 0.1 * 2 < 0.
  assert(found.weights[1]! > 1, `weights ${found.weights}`);
  assertEquals(found.certificates.map(({ certified }) => certified), [true, false]);
  assert(found.certificates[1]!.mean > -0.3, "the second one is held, not raised");
  assert(found.guaranteed[0]! > 0);
  for (const ratio of [...found.signalToNoise.all, ...found.signalToNoise.halves]) {
    assert(ratio > 20);
  }
});

Deno.test("noise is told from a conflict", () => {
  const found = evidenceIn(gradients(20, [[0.01, 0], [-0.01, 0.01]], 2), [0.5, 0.5], options);
  assertEquals(found.pairs[0]!.wrongSign, 1);
  assert(found.pairs[0]!.promptsNeeded > 10, "more than there are in a half");
  assert(found.certificates.every(({ certified }) => !certified));
  assert(found.signalToNoise.all.every((ratio) => ratio < 3));
  // Any harm stays below a tenth of the gain up to eta L = 2 * 0.1 / 1.1.
  assertAlmostEquals(found.cautiousStep, 0.2 / 1.1, 1e-12);
});
