import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import {
  aggregators,
  capabilityAwareWeights,
  gramMatrix,
  rewardTable,
  softmaxProblem,
} from "../../lib/balance/mod.ts";
import { randomStream, startBackend, tf, UsageError } from "../../lib/runtime/mod.ts";
import {
  type ExactConfig,
  exactSchema,
  harmfulSteps,
  type StepLog,
  trainExact,
} from "../../lib/training/mod.ts";
import { inTemporaryFolder } from "../model/fixtures.ts";
import { plainVector, tabularObjective } from "./tabular_objective.ts";

await startBackend();

/** Opposed rewards of a tabular policy, and a preference, drawn by number. */
function draw(seed: number) {
  const rewards = [2, 3, 4][seed % 3]!;
  const problem = softmaxProblem(
    rewardTable({ prompts: 3, answers: 4, rewards, conflict: 0.9, seed }),
  );
  const random = randomStream(seed, "preference");
  const raw = Array.from({ length: rewards }, () => 0.2 + random.next());
  const total = raw.reduce((a, b) => a + b, 0);
  return { problem, preference: raw.map((p) => p / total) };
}

const stress = {
  learningRate: 0.05,
  lrSchedulerType: "constant",
  adamBeta2: 0.99,
  // Gradients are longer than this.
  maxGradNorm: 0.01,
  weighting: "capability_aware",
  ridge: 0,
  cap: 1e9,
} as const;

type Changes = Partial<Omit<ExactConfig, "rewardWeights">>;

async function run(seed: number, maxSteps: number, changes: Changes = {}, folder?: string) {
  const { problem, preference } = draw(seed);
  const objective = tabularObjective(problem);
  const trainable = plainVector(problem.size);
  const { log, trainable: trained } = await trainExact({
    objective,
    trainable,
    config: exactSchema.parse({ ...stress, ...changes, maxSteps, rewardWeights: preference }),
    folder,
  });
  const values = trained.values.dataSync() as Float32Array;
  tf.dispose([trainable.values, trained.values]);
  return { log, values, problem, preference, names: objective.rewardNames };
}

/** Harmful steps of some instances together. */
async function harm(changes: Changes, steps = 30, instances = 3) {
  let [harmful, worst] = [0, 1];
  for (let seed = 0; seed < instances; seed++) {
    const { log, names } = await run(seed, steps, changes);
    const found = harmfulSteps(log, names);
    assertEquals(found.steps, steps);
    harmful += found.harmful;
    worst = Math.min(worst, found.worst_cosine);
  }
  return { share: harmful / (steps * instances), worst };
}

/** The order and the time at which version 0.1 used its weights. */
const earlier = { solve: "next_step", secondMoment: "after", clip: "gradient" } as const;

Deno.test("theorem 5: no step harms a reward, with momentum, with decay, with both", async () => {
  const harmless: Changes[] = [
    {},
    { weightDecay: 0.2 },
    { adamBeta1: 0 },
    { adamBeta1: 0, weightDecay: 0.2 },
  ];
  for (const changes of harmless) {
    const { share, worst } = await harm(changes);
    assertEquals(share, 0, `${JSON.stringify(changes)} ${worst}`);
    assert(worst < 1e-3, "some constraint binds");
  }
});

Deno.test("theorem 5: every other way harms a reward in many steps", async () => {
  const ways: [Changes, number, number][] = [
    [{ weighting: "static" }, 0.9, 1],
    [{ weighting: "static", secondMoment: "before", clip: "step" }, 0.9, 1],
    [earlier, 0.5, 1],
    [{ ...earlier, gramSteps: 4 }, 0.5, 1],
    [{ secondMoment: "after" }, 0.5, 1],
    [{ momentumAware: false }, 0.5, 1],
    [{ momentumAware: false, gramMetric: "euclidean" }, 0.3, 1],
    [{ gramSteps: 4 }, 0.3, 0.9],
    [{ clip: "gradient" }, 0.02, 0.4],
    // Without momentum only the decay is left to harm.
    [{ adamBeta1: 0, momentumAware: false, weightDecay: 0.2 }, 0.02, 0.9],
  ];
  for (const [changes, low, high] of ways) {
    const { share, worst } = await harm(changes);
    const text = `${JSON.stringify(changes)} ${share} ${worst}`;
    assert(share >= low && share <= high, text);
    assert(worst < -1e-3, text);
  }
});

Deno.test("what is logged is the objective before the step, and the cosine of the change with each gradient", async () => {
  const { log, values, problem, preference, names } = await run(2, 1);
  const start = problem.evaluate(new Float64Array(problem.size));
  names.forEach((name, i) =>
    assertAlmostEquals(log[0]![`objective/${name}`]!, start.values[i]!, 1e-6)
  );
  const u = start.gradients[0]!.map((_, k) =>
    preference.reduce((sum, p, i) => sum + p * start.gradients[i]![k]!, 0)
  );
  assertAlmostEquals(
    log[0]!.loss,
    -preference.reduce((s, p, i) => s + p * start.values[i]!, 0),
    1e-6,
  );
  // The first step: momentum is 0, and the metric that of the preferred gradient.
  const scale = Math.sqrt(u.reduce((sum, x) => sum + x * x, 0) / u.length);
  const metric = u.map(() => 1 / (scale + 1e-8));
  const { weights } = capabilityAwareWeights({
    gram: gramMatrix(start.gradients, metric),
    preference,
    beta1: 0.9,
    momentumProducts: names.map(() => 0),
  });
  names.forEach((name, i) => assertAlmostEquals(log[0]![`weights/${name}`]!, weights[i]!, 1e-4));
  const norm = (x: Float64Array, by: Float64Array) =>
    Math.sqrt(x.reduce((sum, value, k) => sum + value * value * by[k]!, 0));
  const change = Float64Array.from(values);
  names.forEach((name, i) => {
    const g = start.gradients[i]!;
    const rate = g.reduce((sum, x, k) => sum + x * change[k]!, 0);
    const cosine = rate / (norm(g, metric) * norm(change, metric.map((x) => 1 / x)));
    assertAlmostEquals(log[0]![`step_cosine/${name}`]!, cosine, 1e-4);
  });
});

Deno.test("a step is scaled, not turned, by its largest norm", async () => {
  const [free, clipped] = await Promise.all(
    [1e9, 1e-3].map((maxGradNorm) => run(1, 1, { maxGradNorm })),
  );
  const ratios = [...clipped!.values].map((x, k) => x / free!.values[k]!);
  const [first] = ratios as [number];
  assert(first < 0.2, `${first}`);
  for (const ratio of ratios) assertAlmostEquals(ratio / first, 1, 1e-3);
  // The norm that is scaled is that of the momentum without its bias: on the first step the gradient's.
  assertAlmostEquals(first, 1e-3 / (clipped!.log[0]!.grad_norm + 1e-6), 1e-4);
});

Deno.test("every rule trains, with weights from the exact Gram matrix", async () => {
  for (const weighting of ["upgrad", "mgda", "cagrad"] as const) {
    const { log, problem, preference, names } = await run(0, 1, {
      weighting,
      gramMetric: "euclidean",
    });
    const { gradients } = problem.evaluate(new Float64Array(problem.size));
    const expected = aggregators[weighting](gramMatrix(gradients), preference);
    names.forEach((name, i) => assertAlmostEquals(log[0]![`weights/${name}`]!, expected[i]!, 1e-4));
  }
});

Deno.test("weights that are solved for the next step are the preferred ones in the first", async () => {
  const { log, preference, names } = await run(0, 3, { ...earlier, gramSteps: 2 });
  const weights = log.map((entry) => names.map((name) => entry[`weights/${name}`]));
  assertEquals(weights[0], preference);
  assert(String(weights[1]) !== String(preference));
  assertEquals(weights[2], weights[1]);
  assertEquals(log.map((entry) => "balance/kkt" in entry), [true, false, true]);
});

Deno.test("a run that was stopped ends with the same bits as one that was not, whatever the order", async () => {
  const orders: Changes[] = [{}, { gramSteps: 2 }, earlier];
  for (const changes of orders) {
    const settings = { ...changes, saveSteps: 2, weightDecay: 0.01 };
    const whole = await run(2, 5, settings);
    await inTemporaryFolder(async (folder) => {
      const { problem, preference } = draw(2);
      const objective = tabularObjective(problem);
      const trainable = plainVector(problem.size);
      const stop = new AbortController();
      await assertRejects(
        () =>
          trainExact({
            objective,
            trainable,
            config: exactSchema.parse({
              ...stress,
              ...settings,
              maxSteps: 5,
              rewardWeights: preference,
            }),
            folder,
            onStep: ({ step }) => {
              if (step === 3) stop.abort(new Error("stopped"));
            },
            signal: stop.signal,
          }),
        Error,
        "stopped",
      );
      trainable.values.dispose();
      const resumed = await run(2, 5, settings, folder);
      assertEquals(resumed.values, whole.values);
      const timeless = (log: readonly StepLog[]) =>
        log.map((entry) => ({ ...entry, step_time: 0 }));
      assertEquals(timeless(resumed.log), timeless(whole.log));
    });
  }
});

Deno.test("a preference of another length is refused, and training leaves no tensor behind", async () => {
  const { problem } = draw(0);
  const trainable = plainVector(problem.size);
  await assertRejects(
    () =>
      trainExact({
        objective: tabularObjective(problem),
        trainable,
        config: exactSchema.parse({ ...stress, maxSteps: 1, rewardWeights: [1, 1, 1] }),
      }),
    UsageError,
    "Expected rewardWeights to have 2 numbers but found 3",
  );
  trainable.values.dispose();
  const before = tf.memory().numTensors;
  for (const changes of [{}, { weighting: "static" }, earlier] as Changes[]) {
    await run(0, 2, changes);
    assertEquals(tf.memory().numTensors, before);
  }
});
