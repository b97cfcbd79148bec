import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { type Aggregator, aggregators, type Gram } from "../../lib/balance/mod.ts";
import { randomStream, startBackend } from "../../lib/runtime/mod.ts";
import { type RewardFunction, weightings } from "../../lib/training/mod.ts";
import { aware, cheapReward, train } from "./small_grpo.ts";

await startBackend();

/** How early in the alphabet the letters of a text are. */
const early = (text: string): number => text.replace(/[^a-m]/g, "").length / 8;

/** Two rewards that every completion has. */
const whole: RewardFunction = (_, completions) =>
  Promise.resolve(completions.map((text) => [early(text), 1 - text.length / 16]));

/** One reward and the same or its opposite. */
const twice = (sign: number): RewardFunction => (_, completions) =>
  Promise.resolve(completions.map((text) => [early(text), sign * early(text)]));

/** A rule that keeps what it is given, and the preferred weights. */
function listener(): { aggregator: Aggregator; seen: Gram[] } {
  const seen: Gram[] = [];
  const aggregator: Aggregator = (gram, preference) => {
    seen.push(gram.map((row) => [...row]));
    return [...preference];
  };
  return { aggregator, seen };
}

Deno.test("capability-aware weights are those of their own step, logged, and never below the preference", async () => {
  const { log } = await train({ ...aware, maxSteps: 4, promptsPerStep: 8, beta: 0.1 });
  for (const entry of log) {
    for (const [key, value] of Object.entries(entry)) assert(Number.isFinite(value), key);
    assert(entry["weights/letters"]! >= 1 - 1e-9);
    assert(entry["weights/brevity"]! >= 0.5 - 1e-9);
    assert(entry["scales/letters"]! >= 0.05);
  }
  assertEquals(log.map((entry) => "balance/kkt" in entry), [true, false, true, false]);
  const weights = log.map((entry) => [entry["weights/letters"], entry["weights/brevity"]]);
  assertEquals([weights[1], weights[3]], [weights[0], weights[2]]);
  const every = await train({ ...aware, gramSteps: 1, maxSteps: 2, promptsPerStep: 8 });
  assert(every.log.every((entry) => "balance/shrunk" in entry));
});

Deno.test("opposite rewards have the cosine -1 and get the weights that cancel them, equal ones 1 and the preference", async () => {
  const settings = {
    ...aware,
    maxSteps: 1,
    promptsPerStep: 8,
    numGenerations: 32,
    momentumAware: false,
    gate: "none",
    crossFit: false,
    ridge: 0,
    // With it there is a gradient to be seen beside the noise.
    seed: 1,
  } as const;
  for (const sign of [-1, 1]) {
    const { log: [first] } = await train(settings, { reward: twice(sign) });
    assert(first!["balance/signal_to_noise/letters"]! > 0);
    assertAlmostEquals(first!["balance/cosine/letters/brevity"]!, sign, 1e-4);
    assertEquals(first!["weights/letters"], 1);
    assertAlmostEquals(first!["weights/brevity"]!, sign < 0 ? 1 : 0.5, 1e-4);
  }
});

Deno.test("the scales of a step are pooled over the steps before it, the first one's its own", async () => {
  const rows: (number | null)[][][] = [];
  const reward: RewardFunction = async (indices, completions) => {
    const found = await cheapReward(indices, completions);
    rows.push(found);
    return found;
  };
  const settings = {
    maxSteps: 3,
    promptsPerStep: 6,
    multiObjectiveAggregation: "leave_one_out" as const,
  };
  const { log } = await train(settings, { reward });
  const variances = (step: number) =>
    Array.from({ length: 6 }, (_, g) => {
      const values = rows[step]!.slice(4 * g, 4 * g + 4).map((row) => row[0]!);
      const mean = values.reduce((a, b) => a + b, 0) / 4;
      return values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 3;
    });
  const scale = (steps: number[]) => {
    const all = steps.flatMap(variances);
    return Math.max(0.05, Math.sqrt(all.reduce((a, b) => a + b, 0) / all.length));
  };
  [[0], [0], [0, 1]].forEach((steps, t) =>
    assertAlmostEquals(log[t]!["scales/letters"]!, scale(steps), 1e-12)
  );
  assertEquals("scales/letters" in (await train({ maxSteps: 1 })).log[0]!, false);
});

/** A large epsilon makes the step smooth in the gradient, so that rounding stays small. */
const smooth = {
  ...aware,
  gramSteps: 1,
  adamEpsilon: 1,
  maxGradNorm: 1e6,
  beta: 0.1,
  lossType: "dr_grpo",
} as const;

Deno.test("neither weights nor step depend on micro-batches, with any number of prompts and blocks", async () => {
  for (const [promptsPerStep, gramBlocks] of [[7, undefined], [8, 6]] as const) {
    const [one, three, many] = await Promise.all(
      [1, 3, 16].map((microBatches) =>
        train({ ...smooth, promptsPerStep, gramBlocks, microBatches, maxSteps: 2 })
      ),
    );
    for (const other of [three!, many!]) {
      for (const [key, value] of Object.entries(one!.log[1]!)) {
        if (key === "step_time") continue;
        assertAlmostEquals(other.log[1]![key]!, value, 1e-3 * Math.abs(value) + 1e-6, key);
      }
    }
  }
});

Deno.test("one backward pass for all rewards gives the step that one for each gives", async () => {
  const settings = { ...smooth, promptsPerStep: 6, maxSteps: 2, numIterations: 2 };
  const [shared, apart] = await Promise.all(
    [undefined, true].map((gradientCheckpointing) =>
      train({ ...settings, gradientCheckpointing }, { layers: 3 })
    ),
  );
  for (const [key, value] of Object.entries(apart!.log[1]!)) {
    if (key === "step_time") continue;
    assertAlmostEquals(shared!.log[1]![key]!, value, 1e-3 * Math.abs(value) + 1e-6, key);
  }
  apart!.values.forEach((x, k) => assertAlmostEquals(shared!.values[k]!, x, 1e-5));
});

Deno.test("where the weights stay the preferred ones, blocks and halves change no step", async () => {
  const settings = { ...smooth, promptsPerStep: 8, maxSteps: 2 };
  const control = await train({
    ...settings,
    weighting: "static",
    clip: "step",
    secondMoment: "before",
  });
  for (const changes of [{}, { crossFit: false }, { gramBlocks: 6 }]) {
    const rule = listener();
    const { values, log } = await train({ ...settings, ...changes }, {
      aggregator: rule.aggregator,
    });
    assertEquals(rule.seen.length, "crossFit" in changes ? 2 : 4);
    log.forEach((entry, t) => {
      assertAlmostEquals(entry.loss, control.log[t]!.loss, 1e-6);
      assertAlmostEquals(entry.grad_norm / control.log[t]!.grad_norm, 1, 1e-4);
      assertAlmostEquals(entry.kl!, control.log[t]!.kl!, 1e-7);
    });
    values.forEach((x, k) => assertAlmostEquals(x, control.values[k]!, 1e-5));
  }
});

Deno.test("the products of a half hear nothing of the rewards of the other half", async () => {
  const settings = {
    ...aware,
    maxSteps: 1,
    promptsPerStep: 8,
    gramMetric: "euclidean",
    gate: "none",
    beta: 0,
  } as const;
  const seenWith = async (turned: (prompt: number) => boolean) => {
    const rule = listener();
    // Opposite rewards have the same deviations, so the scales stay.
    const reward: RewardFunction = async (indices, completions) => {
      const rows = await whole(indices, completions);
      return rows.map((row, k) => turned(Math.floor(k / 4)) ? [1 - row[0]!, row[1]!] : row);
    };
    await train(settings, { aggregator: rule.aggregator, reward });
    return rule.seen;
  };
  const [plain, second, first] = [
    await seenWith(() => false),
    await seenWith((prompt) => prompt >= 4 && prompt % 2 === 0),
    await seenWith((prompt) => prompt < 4 && prompt % 2 === 0),
  ];
  const near = (a: Gram, b: Gram) =>
    a.flat().every((x, k) => Math.abs(x - b.flat()[k]!) <= 1e-5 * Math.abs(x) + 1e-12);
  assert(near(second[0]!, plain[0]!), "the first half is as it was");
  assert(!near(second[1]!, plain[1]!), "the second half is another one");
  assert(near(first[1]!, plain[1]!), "the second half is as it was");
  assert(!near(first[0]!, plain[0]!), "the first half is another one");
});

Deno.test("gates: noise takes products or vetoes, and without a gate it moves weights", async () => {
  // Rewards that say nothing: their gradients are noise, and so is any conflict between them.
  const settings = { ...aware, gramSteps: 1, maxSteps: 8, promptsPerStep: 8, beta: 0 };
  const moved = async (gate: "shrink" | "veto" | "none") => {
    const random = randomStream(0, "noise");
    const noise: RewardFunction = (_, completions) =>
      Promise.resolve(completions.map(() => [random.next(), random.next()]));
    const { log } = await train({ ...settings, gate }, { reward: noise });
    return log.reduce((sum, e) => sum + e["weights/letters"]! + e["weights/brevity"]! - 1.5, 0);
  };
  const [free, shrunk, vetoed] = [await moved("none"), await moved("shrink"), await moved("veto")];
  assert(free > 1, `${free}`);
  assert(shrunk < 0.6 * free, `${shrunk} of ${free}`);
  assert(vetoed < free, `${vetoed} of ${free}`);
});

Deno.test("every weighting rule sets the weights of its own step; so does a function", async () => {
  const given: Gram[] = [];
  const settings = { ...aware, gramSteps: 1, promptsPerStep: 8, gate: "none" } as const;
  const own = await train({ ...settings, weighting: "static", maxSteps: 2 }, {
    reward: whole,
    aggregator: (gram, preference) => {
      given.push(gram.map((row) => [...row]));
      return preference.map((p) => 2 * p);
    },
  });
  assertEquals(own.log.map((entry) => entry["weights/letters"]), [2, 2]);
  assert(given.length === 4 && given.every((gram) => gram.length === 2));
  // The first Gram matrices are the same for all of them; capability-aware weights have tests of their own.
  const moved = weightings.filter((name) => name !== "static" && name !== "capability_aware");
  const expected = (name: typeof moved[number]) => {
    const halves = given.slice(0, 2).map((gram) => aggregators[name](gram, [1, 0.5]));
    return [0, 1].map((i) => (halves[0]![i]! + halves[1]![i]!) / 2);
  };
  for (const weighting of moved) {
    const { log } = await train({ ...settings, weighting, maxSteps: 1 }, { reward: whole });
    const weights = [log[0]!["weights/letters"]!, log[0]!["weights/brevity"]!];
    expected(weighting).forEach((w, i) => assertAlmostEquals(weights[i]!, w, 1e-9, weighting));
  }
  const different = new Set(moved.map((name) => String(expected(name))));
  assert(different.size > 8, `${different.size}`);
});

Deno.test("the change that is measured after a step is near the predicted one for a small step", async () => {
  const settings = { ...aware, maxSteps: 2, promptsPerStep: 8, measureChange: true, beta: 0 };
  const small = await train({ ...settings, learningRate: 1e-4, lrSchedulerType: "constant" });
  for (const name of ["letters", "brevity"]) {
    const entry = small.log[1]!;
    const [predicted, realised] = [
      entry[`balance/predicted_change/${name}`]!,
      entry[`balance/realised_change/${name}`]!,
    ];
    assert(predicted !== 0);
    assertAlmostEquals(realised / predicted, 1, 0.05);
  }
});
