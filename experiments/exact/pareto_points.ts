/** Fronts and volumes of a preference sweep, from mean rewards. @module */

import { average, hypervolume } from "../../lib/evaluation/mod.ts";
import { rewardPairs } from "../../lib/figures/mod.ts";

/** Rewards of answers, `[prompts][answers][m]`; answers may differ in number. */
export type RewardTables = readonly (readonly (readonly number[])[])[];

/**
 * Rewards relative to the start's; where that is 0, as they are.
 *
 * @param start mean rewards of the start, `[m]`
 * @param point mean rewards, `[m]`
 * @returns `[m]`
 */
export function relativeTo(start: readonly number[], point: readonly number[]): number[] {
  return point.map((x, c) => start[c]! > 0 ? x / start[c]! : x);
}

/**
 * Volume that points dominate from 0, in units of what the start dominates.
 *
 * @param points mean rewards, `[points][m]`
 * @param start mean rewards of the start, `[m]`
 * @returns the volume, 1 for the start alone where none of its rewards is 0
 */
export function relativeVolume(
  points: readonly (readonly number[])[],
  start: readonly number[],
): number {
  return hypervolume(points.map((point) => relativeTo(start, point)), start.map(() => 0));
}

/**
 * Volume that points dominate from the start, as a share of what lies between the start and the largest reward, 1.
 *
 * @param points mean rewards, `[points][m]`; one that is not above the start in every reward adds nothing
 * @param start mean rewards of the start, `[m]`
 * @returns from 0 to 1; 0 where a reward starts at 1
 */
export function volumeFromStart(
  points: readonly (readonly number[])[],
  start: readonly number[],
): number {
  const all = start.reduce((product, x) => product * (1 - x), 1);
  return all > 0 ? hypervolume(points, start) / all : 0;
}

/**
 * Exact Pareto front of two mean rewards over all policies of a tabular problem: the corners of the boundary from the
 * largest first reward to the largest second. A prompt's attainable rewards are the hull of its answers'; the mean over
 * prompts adds up the hulls, whose edges follow each other by slope.
 *
 * @param rewards `[prompts][answers][2]`
 * @returns corners `[x, y]`
 */
export function exactFront(
  rewards: readonly (readonly (readonly [number, number])[])[],
): [number, number][] {
  const start: [number, number] = [0, 0];
  const edges: [number, number][] = [];
  for (const answers of rewards) {
    const chain = upperRightChain(answers);
    start[0] += chain[0]![0] / rewards.length;
    start[1] += chain[0]![1] / rewards.length;
    for (let k = 1; k < chain.length; k++) {
      edges.push([
        (chain[k]![0] - chain[k - 1]![0]) / rewards.length,
        (chain[k]![1] - chain[k - 1]![1]) / rewards.length,
      ]);
    }
  }
  // Going left, the most of the second reward for the least of the first comes first.
  edges.sort((a, b) => b[1] * -a[0] - a[1] * -b[0]);
  const front = [start];
  for (const [dx, dy] of edges) {
    const [x, y] = front.at(-1)!;
    front.push([x + dx, y + dy]);
  }
  return front;
}

/** Corners of a front that are kept, at most: a line through more looks the same. */
const CORNERS = 60;

/**
 * The fronts of every two rewards over all policies. Over the prompts of several replicates it is the mean of their fronts.
 *
 * @param tables rewards, at least one prompt
 * @returns some of the corners, the ends among them, in the order of `rewardPairs`
 */
export function reachableFronts(tables: RewardTables): { x: number[]; y: number[] }[] {
  return rewardPairs(tables[0]![0]!.length).map(([i, j]) => {
    const corners = exactFront(tables.map((rows) => rows.map((r) => [r[i]!, r[j]!] as const)));
    const count = Math.min(CORNERS, corners.length);
    const every = count === 1 ? 0 : (corners.length - 1) / (count - 1);
    const kept = Array.from({ length: count }, (_, k) => corners[Math.round(k * every)]!);
    return { x: kept.map(([x]) => x), y: kept.map(([, y]) => y) };
  });
}

/**
 * The largest weighted sum of mean rewards over all policies of a tabular problem: the best answer to each prompt.
 *
 * @param rewards `[prompts][answers][m]`
 * @param weights `[m]`
 * @returns the sum
 */
export function bestWeighted(
  rewards: RewardTables,
  weights: readonly number[],
): number {
  const best = rewards.map((answers) =>
    Math.max(...answers.map((row) => row.reduce((sum, r, i) => sum + weights[i]! * r, 0)))
  );
  return average(best);
}

/** Corners of the hull from the point with the largest first coordinate to that with the largest second. */
function upperRightChain(points: readonly (readonly [number, number])[]): [number, number][] {
  const sorted = points.map(([x, y]): [number, number] => [x, y])
    .sort((a, b) => b[0] - a[0] || b[1] - a[1]);
  const chain: [number, number][] = [];
  for (const point of sorted) {
    if (chain.length > 0 && point[1] <= chain.at(-1)![1]) continue;
    while (chain.length > 1) {
      const [a, b] = [chain.at(-2)!, chain.at(-1)!];
      const turn = (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0]);
      if (turn > 0) break;
      chain.pop();
    }
    chain.push(point);
  }
  return chain;
}
