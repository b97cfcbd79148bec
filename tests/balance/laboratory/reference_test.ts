// Theorem 12 of lib/balance/THEORY.md: how far a capability may be from the reference's, in either direction.
import { assert, assertAlmostEquals } from "@std/assert";
import {
  type RewardTable,
  rewardTable,
  softmaxPolicy,
  softmaxProblem,
} from "../../../lib/balance/mod.ts";
import { binaryKl, klInverse } from "../../../lib/evaluation/mod.ts";
import { randomStream } from "../../../lib/runtime/mod.ts";
import { normals } from "./cases.ts";

Deno.test("theorem 12: no policy falls below the inverse of its divergence, and tilting a binary reward meets it", () => {
  let [fell, largest] = [0, 0];
  for (let seed = 0; seed < 200; seed++) {
    const random = randomStream(seed, "divergence");
    const table = rewardTable({ prompts: 2, answers: 4, rewards: 2, conflict: 0, seed });
    const binary = seed % 2 === 0
      ? table.map((rows) => rows.map((r) => r.map((x) => x > 0.5 ? 1 : 0)))
      : table;
    const problem = softmaxProblem(binary);
    const reference = normals(random, 8);
    const moved = reference.map((x) => x + random.normal());
    const [p, q] = [softmaxPolicy(binary, moved), softmaxPolicy(binary, reference)];
    const kl = p.reduce((sum, x, k) => sum + x * Math.log(x / q[k]!), 0) / 2;
    const [now, before] = [problem.evaluate(moved).values, problem.evaluate(reference).values];
    now.forEach((J, i) => {
      const { lower } = klInverse(before[i]!, kl);
      assert(J >= lower - 1e-9);
      if (J >= before[i]!) return;
      fell++;
      largest = Math.max(largest, (before[i]! - J) / (before[i]! - lower));
    });
  }
  // Half of the policies moved down, some of them by more than half of what their divergence allows.
  assert(fell > 150 && largest > 0.5, `${fell} ${largest}`);
  for (let seed = 0; seed < 50; seed++) {
    const random = randomStream(seed, "tilt");
    const one: RewardTable = [[[1], [1], [0]]];
    const logits = normals(random, 3);
    const tilt = 0.1 + 3 * random.next();
    const tilted = logits.map((x, k) => x - tilt * one[0]![k]![0]!);
    const [p, q] = [softmaxPolicy(one, tilted), softmaxPolicy(one, logits)];
    const kl = p.reduce((sum, x, k) => sum + x * Math.log(x / q[k]!), 0);
    const value = (at: Float64Array) => softmaxProblem(one).evaluate(at).values[0]!;
    assertAlmostEquals(value(tilted), klInverse(value(logits), kl).lower, 1e-8);
  }
});

/** `E_x KL(p(.|x) || q(.|x))` of two policies over equally likely prompts. */
const divergence = (p: Float64Array, q: Float64Array, prompts: number) =>
  p.reduce((sum, x, k) => sum + x * Math.log(x / q[k]!), 0) / prompts;

Deno.test("theorem 12: the reference's own divergence bounds the same change the other way round, and tilting meets it", () => {
  let [largest, tighter, looser] = [0, 0, 0];
  for (let seed = 0; seed < 300; seed++) {
    const random = randomStream(seed, "reverse");
    const prompts = 1 + seed % 3;
    const table = rewardTable({ prompts, answers: 4, rewards: 2, conflict: 0, seed });
    const problem = softmaxProblem(
      seed % 2 === 0 ? table.map((rows) => rows.map((r) => r.map(Math.round))) : table,
    );
    const reference = normals(random, 4 * prompts);
    const moved = reference.map((x) => x + 1.5 * random.normal());
    const [p, q] = [softmaxPolicy(table, moved), softmaxPolicy(table, reference)];
    const [now, before] = [problem.evaluate(moved).values, problem.evaluate(reference).values];
    const [forward, backward] = [divergence(p, q, prompts), divergence(q, p, prompts)];
    now.forEach((J, i) => {
      if (Math.min(J, 1 - J) < 1e-9) return; // a reward that is the same for all answers
      assert(binaryKl(J, before[i]!) <= forward + 1e-12);
      assert(binaryKl(before[i]!, J) <= backward + 1e-12);
      largest = Math.max(largest, binaryKl(before[i]!, J) / backward);
    });
    if (backward < forward) tighter++;
    else looser++;
  }
  assert(largest > 0.5, `${largest}`);
  assert(tighter > 20 && looser > 20, `${tighter} ${looser}`);
  for (let seed = 0; seed < 50; seed++) {
    const random = randomStream(seed, "tilt back");
    const one: RewardTable = [[[1], [0], [1], [0]]];
    const logits = normals(random, 4);
    const tilted = logits.map((x, k) => x - 1.3 * one[0]![k]![0]!);
    const [p, q] = [softmaxPolicy(one, tilted), softmaxPolicy(one, logits)];
    const value = (at: Float64Array) => softmaxProblem(one).evaluate(at).values[0]!;
    assertAlmostEquals(binaryKl(value(logits), value(tilted)), divergence(q, p, 1), 1e-12);
  }
});
