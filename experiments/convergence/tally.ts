/** Counting the problems on which a bound is broken beside the comparisons in which it is. @module */

import { counter, exceeds } from "../exact/bound_check.ts";
import type { BoundFinding } from "./findings.ts";

/** Counts comparisons with a bound and the problems that they come from. */
export interface Tally {
  /** Compares a measured value with its bound on a problem. */
  readonly compare: (problem: string, measured: number, bound: number) => void;
  /** Problems compared so far. */
  readonly problems: ReadonlySet<string>;
  /** Those on which the bound was broken. */
  readonly broken: ReadonlySet<string>;
  /** What was counted. */
  readonly result: () => BoundFinding;
}

/**
 * Starts to count for one bound. Comparisons on the same problem, at several steps or step sizes, are not independent:
 * the number of problems is what a share's interval may rest on.
 *
 * @param name what is bounded
 * @returns the counter, at 0
 */
export function tally(name: string): Tally {
  const all = counter(name);
  const problems = new Set<string>();
  const broken = new Set<string>();
  return {
    compare(problem, measured, bound): void {
      all.compare(measured, bound);
      problems.add(problem);
      if (exceeds(measured, bound)) broken.add(problem);
    },
    problems,
    broken,
    result: (): BoundFinding => {
      const { checks, violations, largest } = all.result();
      return {
        name,
        problems: problems.size,
        brokenOn: broken.size,
        checks,
        violations,
        largest: Number.isFinite(largest) ? largest : null,
      };
    },
  };
}
