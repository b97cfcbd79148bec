/**
 * What the theorems on selective answering and on the distance to a reference promise, against what happens where the
 * truth is known: populations with a known risk, and tabular policies.
 *
 * @module
 */

import {
  type Aggregator,
  ascend,
  type RewardTable,
  rewardTable,
  softmaxPolicy,
  softmaxProblem,
} from "../../lib/balance/mod.ts";
import {
  binaryKl,
  klInverse,
  type SelectiveResult,
  selectiveThreshold,
} from "../../lib/evaluation/mod.ts";
import { type RandomStream, randomStream } from "../../lib/runtime/mod.ts";
import { type BoundFinding, tally } from "../exact/tally.ts";
import {
  type Drift,
  type DriftPoint,
  type Procedure,
  procedures,
  type PromiseCount,
} from "./findings.ts";

/** A population whose confidence is uniform on [0, 1]. */
export interface Population {
  /** Its name. */
  readonly name: string;
  /** Chance of an error at confidence c, in words. */
  readonly risk: string;
  /** Chance of an error at a confidence. */
  readonly at: (confidence: number) => number;
  /** Chance of an error at a confidence of at least this. */
  readonly above: (threshold: number) => number;
}

/** The promise: with probability 1 - delta the answered items have an error rate of at most alpha. */
export const promise = { alpha: 0.1, delta: 0.1 } as const;

/** Just more than may be promised. */
const TOO_RISKY = 0.1001;

/** One whose risk falls with confidence, and one that is just too risky everywhere. */
export const populations: readonly Population[] = [
  {
    name: "falling risk",
    risk: "(1 \u2212 c) / 2",
    at: (c) => (1 - c) / 2,
    above: (t) => (1 - t) / 4,
  },
  {
    name: "constant risk",
    risk: `${TOO_RISKY}`,
    at: () => TOO_RISKY,
    above: () => TOO_RISKY,
  },
];

/** Thresholds 0.95, 0.9, ..., 0, chosen without any item. */
const thresholds: readonly number[] = Array.from({ length: 20 }, (_, i) => (19 - i) / 20);

/** Where the fixed start begins: some 15 % of the items are answered. */
export const FIXED_START = 0.85;

/** Items of the further split on which errors are counted, answered or not. */
export const TEST_ITEMS = 100;

/** Rounding of a risk. */
const ROUNDING = 1e-12;

/** The threshold that passes and answers most, wherever the others stand. */
function withoutSequence({ tests }: SelectiveResult): number | undefined {
  return tests.findLast(({ p }) => p <= promise.delta)?.threshold;
}

/**
 * Draws calibration sets and counts broken promises.
 *
 * @param population Whom the items come from.
 * @param draws Number of calibration sets.
 * @param items Items of each.
 * @returns One count for each of {@linkcode procedures}.
 */
export function countPromises(
  population: Population,
  draws: number,
  items: number,
): PromiseCount[] {
  const counts = procedures.map((procedure) => ({
    population: population.name,
    procedure,
    draws,
    broken: 0,
    testAbove: 0,
    abstained: 0,
  }));
  for (let draw = 0; draw < draws; draw++) {
    const random = randomStream(draw, "promise", population.name);
    const sample = (n: number) => {
      const confidence = Array.from({ length: n }, () => random.next());
      return { confidence, error: confidence.map((c) => random.next() < population.at(c)) };
    };
    const calibration = sample(items);
    const test = sample(TEST_ITEMS);
    const skipping = selectiveThreshold({
      ...calibration,
      thresholds,
      ...promise,
      skipSmall: true,
    });
    const fixed = selectiveThreshold({
      ...calibration,
      thresholds: thresholds.filter((t) => t <= FIXED_START),
      ...promise,
    });
    const chosen: Record<Procedure, number | undefined> = {
      "fixed start": fixed.threshold,
      "skip rule": skipping.threshold,
      "no sequence": withoutSequence(skipping),
    };
    for (const count of counts) {
      const threshold = chosen[count.procedure];
      if (threshold === undefined) {
        count.abstained++;
        continue;
      }
      if (population.above(threshold) > promise.alpha + ROUNDING) count.broken++;
      const answered = test.error.filter((_, i) => test.confidence[i]! >= threshold);
      if (answered.filter(Boolean).length > promise.alpha * answered.length) count.testAbove++;
    }
  }
  return counts;
}

/**
 * `E_x KL(pi(.|x) || ref(.|x))` over whole answers; prompts are equally probable.
 *
 * @param policy Probabilities of the answers, [prompts * answers].
 * @param reference The same of the reference, above 0 where those are.
 * @param prompts Number of prompts.
 * @returns The divergence in nats, at least 0.
 */
export function sequenceKl(policy: Float64Array, reference: Float64Array, prompts: number): number {
  let total = 0;
  for (let k = 0; k < policy.length; k++) {
    if (policy[k]! > 0) total += policy[k]! * Math.log(policy[k]! / reference[k]!);
  }
  // Rounding can take the divergence of equal policies below 0.
  return Math.max(0, total / prompts);
}

/**
 * Compares a fall with its bounds, cut at the objective's height: it cannot fall below 0.
 *
 * @param before The objective at the reference, from 0 to 1.
 * @param after The objective later.
 * @param kl Divergence of whole answers in nats.
 * @returns The fall with what the bounds allow.
 * @throws {UsageError} when `before` or `kl` lies outside its range
 */
export function driftPoint(before: number, after: number, kl: number): DriftPoint {
  const bounds = klInverse(before, kl);
  return {
    kl,
    realised: before - after,
    klInverse: before - bounds.lower,
    pinsker: Math.min(before, bounds.pinsker),
    bretagnolleHuber: Math.min(before, bounds.bretagnolleHuber),
  };
}

/** Tallies of the three bounds, and of kl inversion against the other two. */
function driftTallies() {
  const inverse = tally("kl(J, J_ref) <= KL");
  const pinsker = tally("Pinsker");
  const huber = tally("Bretagnolle-Huber");
  const order = tally("kl inversion at most the others");
  return {
    compare(problem: string, before: number, after: number, kl: number): void {
      const bounds = klInverse(before, kl);
      const change = Math.abs(after - before);
      inverse.compare(problem, binaryKl(after, before), kl);
      pinsker.compare(problem, change, bounds.pinsker);
      huber.compare(problem, change, bounds.bretagnolleHuber);
      const widest = Math.max(before - bounds.lower, bounds.upper - before);
      order.compare(problem, widest, Math.min(bounds.pinsker, bounds.bretagnolleHuber));
    },
    result: (): BoundFinding[] => [inverse, pinsker, huber, order].map((x) => x.result()),
  };
}

const normals = (random: RandomStream, size: number, scale: number) =>
  Float64Array.from({ length: size }, () => scale * random.normal());

/** A binary reward of one answer among a few to one prompt: nothing lies between the bound and what can happen. */
const binary: RewardTable = [[[1], [1], [1], [0], [0]]];

/**
 * Random pairs of tabular policies. Every second one moves along its own reward, where a divergence changes the reward
 * most; every fourth one has a binary reward on one prompt, where that meets the bound.
 *
 * @param pairs Number of pairs.
 * @returns A count for each bound.
 */
export function checkPairs(pairs: number): BoundFinding[] {
  const tallies = driftTallies();
  for (let seed = 0; seed < pairs; seed++) {
    const random = randomStream(seed, "pair");
    const table = seed % 4 === 3 ? binary : rewardTable({
      prompts: 1 + seed % 3,
      answers: 2 + seed % 5,
      rewards: 1,
      conflict: 0,
      seed,
    });
    const problem = softmaxProblem(table);
    const before = normals(random, problem.size, 1.5);
    const size = 10 ** (-2 + 2.7 * random.next());
    const sign = random.next() < 0.5 ? -1 : 1;
    const rewards = table.flatMap((rows) => rows.map(([r]) => r!));
    const after = before.map((logit, k) =>
      logit + size * (seed % 2 === 1 ? sign * rewards[k]! : random.normal())
    );
    const [reference, policy] = [before, after].map((logits) => softmaxPolicy(table, logits));
    tallies.compare(
      `pair ${seed}`,
      problem.evaluate(before).values[0]!,
      problem.evaluate(after).values[0]!,
      sequenceKl(policy!, reference!, table.length),
    );
  }
  return tallies.result();
}

/** All weight on the first objective. */
const first: Aggregator = (gram) => gram.map((_, i) => i === 0 ? 1 : 0);

/** Every objective equally. */
const equal: Aggregator = (gram) => gram.map(() => 1 / gram.length);

const tables = { prompts: 4, answers: 6, rewards: 3, conflict: 0.7 } as const;

/** Rewards that an answer has or has not, as a rule's verdict is. */
function passes(table: RewardTable): RewardTable {
  return table.map((rows) => rows.map((rewards) => rewards.map((r) => r > 0.5 ? 1 : 0)));
}

/** Sizes of the tilt of the binary example. */
const tilts: readonly number[] = Array.from({ length: 40 }, (_, i) => 0.15 * (i + 1));

/**
 * The policy of greatest fall at its divergence: the reference tilted against a binary reward.
 *
 * @returns The falls over growing tilts.
 */
export function sharpDrift(): Drift {
  const problem = softmaxProblem(binary);
  const start = Float64Array.of(1.5, 1, 0.5, 0, -0.5);
  const reference = softmaxPolicy(binary, start);
  const before = problem.evaluate(start).values[0]!;
  return {
    objective: "binary reward, tilted against it",
    points: tilts.map((tilt) => {
      const moved = start.map((x, a) => x - tilt * binary[0]![a]![0]!);
      const kl = sequenceKl(softmaxPolicy(binary, moved), reference, 1);
      return driftPoint(before, problem.evaluate(moved).values[0]!, kl);
    }),
  };
}

/**
 * Trains the first objective alone, by exact ascent from a policy that serves all three, and follows the others.
 *
 * @param runs Number of runs.
 * @param checkpoints Policies of each that are compared.
 * @returns the bounds, a run being one problem, and the falls of the first run
 */
export function checkAscent(
  runs: number,
  checkpoints: number,
): { checks: BoundFinding[]; drifts: Drift[] } {
  const tallies = driftTallies();
  const drifts: Drift[] = [];
  for (let seed = 0; seed < runs; seed++) {
    const problem = softmaxProblem(passes(rewardTable({ ...tables, seed })));
    const stepSize = 0.25 / Math.max(...problem.smoothness());
    const preference = new Array<number>(tables.rewards).fill(1 / tables.rewards);
    const train = (start: Float64Array, rule: Aggregator, steps: number) =>
      ascend(problem, { rule, preference, stepSize, steps, start }).point;
    const start = train(normals(randomStream(seed, "drift"), problem.size, 0.5), equal, 200);
    const reference = softmaxPolicy(problem.table, start);
    const before = problem.evaluate(start).values;
    const points: DriftPoint[][] = before.map(() => []);
    let point = start;
    for (let k = 0; k < checkpoints; k++) {
      point = train(point, first, 4);
      const kl = sequenceKl(softmaxPolicy(problem.table, point), reference, tables.prompts);
      problem.evaluate(point).values.forEach((after, i) => {
        tallies.compare(`run ${seed}`, before[i]!, after, kl);
        points[i]!.push(driftPoint(before[i]!, after, kl));
      });
    }
    if (seed === 0) {
      for (const i of [1, 2]) drifts.push({ objective: `objective ${i + 1}`, points: points[i]! });
    }
  }
  return { checks: tallies.result(), drifts };
}
