/**
 * A sweep of trainings on a cluster, simulated: so many nodes, some of them slow, some of them failing, and a launcher that makes cells in
 * waves. Times of cells come from measured steps; how nodes behave is assumed, and stands in the options.
 *
 * @module
 */

import { type RandomStream, UsageError } from "../../lib/runtime/mod.ts";

/** How a cluster behaves. Times are in seconds. */
export interface ClusterBehaviour {
  /** Standard deviation of the logarithm of a node's speed. */
  readonly spread: number;
  /** Failures of a node in a second. */
  readonly failureRate: number;
  /** How long a node that failed is away. */
  readonly repair: number;
  /** After what time a cell that was lost with its node begins again. */
  readonly requeue: number;
  /** Time between two checkpoints, by the clock of a node of speed 1. */
  readonly checkpoint: number;
  /** Tasks of an array job; arrays of a wave run one after another. */
  readonly longestArray: number;
}

/** Cells that need those of the wave before. Times are in seconds, by the clock of a node of speed 1. */
export interface Wave {
  /** What planning it takes. */
  readonly plan: number;
  /** What a process takes before it computes. */
  readonly start: number;
  /** Times of the cells. */
  readonly cells: readonly number[];
}

/** How a sweep went. Times are in seconds. */
export interface SimulatedRun {
  /** From the begin to the end. */
  readonly makespan: number;
  /** Time of all nodes together in which cells were computed whose results stayed. */
  readonly useful: number;
  /** Time of all nodes together that was computed in vain, because a node failed before a checkpoint. */
  readonly lost: number;
  /** Time of all nodes together in which processes began. */
  readonly starting: number;
  /** Nodes that failed while they computed. */
  readonly failures: number;
}

/** A node: its speed, when it is free, and when it fails next. */
interface Node {
  readonly speed: number;
  freeAt: number;
  failsAt: number;
}

/** What is left of a cell. */
interface Rest {
  readonly seconds: number;
  readonly readyAt: number;
}

/** Failures for each cell with which a sweep does not come to an end in practice. */
const MOST_FAILURES = 100;

/** Time to the next failure of a node. */
const lifetime = (random: RandomStream, rate: number): number =>
  rate === 0 ? Infinity : -Math.log(1 - random.next()) / rate;

/** Lets nodes fail that are idle, so that none has failed in the past. */
function passIdle(
  node: Node,
  now: number,
  random: RandomStream,
  behaviour: ClusterBehaviour,
): void {
  while (node.failsAt <= now) {
    node.freeAt = Math.max(node.freeAt, node.failsAt + behaviour.repair);
    node.failsAt = node.freeAt + lifetime(random, behaviour.failureRate);
  }
}

/** The node that is free first. */
const firstFree = (nodes: readonly Node[]): Node =>
  nodes.reduce((first, node) => node.freeAt < first.freeAt ? node : first);

/**
 * Simulates a sweep: whichever node is free takes the next cell.
 *
 * @param waves what is to be made
 * @param count number of nodes, one cell at a time on each
 * @param behaviour how the cluster behaves
 * @param random decides on speeds and failures
 * @returns how long it takes, and what for
 * @throws {UsageError} when nodes fail so often that it would not end
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { randomStream } from "../../lib/runtime/mod.ts";
 * import { simulateSweep } from "./cluster.ts";
 *
 * // Three cells of ten seconds and one behind them, on two nodes that neither fail nor differ.
 * const waves = [[10, 10, 10], [5]].map((cells) => ({ plan: 2, start: 1, cells }));
 * const steady = { spread: 0, failureRate: 0, repair: 0, requeue: 0, checkpoint: 1, longestArray: 100 };
 * assertEquals(simulateSweep(waves, 2, steady, randomStream(0)).makespan, 2 + 22 + 2 + 6);
 * ```
 */
export function simulateSweep(
  waves: readonly Wave[],
  count: number,
  behaviour: ClusterBehaviour,
  random: RandomStream,
): SimulatedRun {
  const { spread, failureRate, repair, requeue, checkpoint, longestArray } = behaviour;
  const nodes = Array.from({ length: count }, (): Node => ({
    speed: Math.exp(spread * random.normal()),
    freeAt: 0,
    failsAt: lifetime(random, failureRate),
  }));
  const most = MOST_FAILURES * waves.reduce((n, { cells }) => n + cells.length, 0);
  const total = { useful: 0, lost: 0, starting: 0, failures: 0 };
  /** Computes a cell on a node until it is done or the node fails; gives the end, or what is left. */
  const attempt = (
    node: Node,
    { seconds }: Rest,
    begin: number,
    start: number,
  ): number | Rest => {
    const computes = begin + start / node.speed;
    const end = computes + seconds / node.speed;
    if (end <= node.failsAt) {
      total.starting += start / node.speed;
      total.useful += seconds / node.speed;
      node.freeAt = end;
      return end;
    }
    const done = Math.max(0, (node.failsAt - computes) * node.speed);
    const kept = Math.floor(done / checkpoint) * checkpoint;
    total.starting += Math.min(start / node.speed, node.failsAt - begin);
    total.useful += kept / node.speed;
    total.lost += (done - kept) / node.speed;
    total.failures++;
    if (total.failures > most) {
      throw new UsageError(
        `Expected nodes that mostly reach a checkpoint but found more than ${MOST_FAILURES} failures a cell`,
      );
    }
    const readyAt = node.failsAt + requeue;
    node.freeAt = node.failsAt + repair;
    node.failsAt = node.freeAt + lifetime(random, failureRate);
    return { seconds: seconds - kept, readyAt };
  };
  let now = 0;
  for (const { plan, start, cells } of waves) {
    now += plan;
    for (let at = 0; at < cells.length; at += longestArray) {
      const fresh = cells.slice(at, at + longestArray)
        .map((seconds): Rest => ({ seconds, readyAt: now })).reverse();
      const lost: Rest[] = [];
      let last = now;
      while (fresh.length + lost.length > 0) {
        const node = firstFree(nodes);
        // Those that no node has begun were ready before those that were lost.
        const next = fresh.at(-1) ?? lost.reduce((a, b) => b.readyAt < a.readyAt ? b : a);
        const begin = Math.max(node.freeAt, next.readyAt);
        if (node.failsAt <= begin) {
          passIdle(node, begin, random, behaviour);
          continue;
        }
        if (fresh.length > 0) fresh.pop();
        else lost.splice(lost.indexOf(next), 1);
        const ended = attempt(node, next, begin, start);
        if (typeof ended === "number") last = Math.max(last, ended);
        else lost.push(ended);
      }
      now = last;
    }
  }
  return { makespan: now, ...total };
}
