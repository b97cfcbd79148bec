/** The premise of Theorem 7 on a language model: an L that no step of some runs is less smooth than. @module */

import type { OnProgress } from "../../lib/runtime/mod.ts";
import { branches } from "../core/branches.ts";
import { ascentCell, ascentGeometry, type AscentRun, type AscentSpec } from "./ascent_cell.ts";
import type { Pilot } from "./pilot.ts";
import type { Ground } from "./replicate.ts";

/** Factor by which L grows where a run meets a larger effective smoothness. */
const FACTOR = 4;

type Spec = Omit<AscentSpec, "growth">;

/** Runs at one step size. */
export interface KeptAscents {
  /** What their L is, in units of the pilot's smoothness. */
  readonly growth: number;
  /** The runs, in order. */
  readonly runs: readonly AscentRun[];
}

/**
 * Runs ascents at the smallest L that they keep to. Where a pilot went rewards are smoother than along other preferences:
 * where a step meets a larger effective smoothness than L, all runs are made again at four times the L.
 *
 * @param ground start and prompts
 * @param pilot metric and smoothness
 * @param specs the runs, those that are most likely to break the premise first
 * @param growths how often L may grow; the last runs stand whether they keep to it or not
 * @param onProgress tells of each run
 * @returns the runs and their L
 */
export async function keptAscents(
  ground: Ground,
  pilot: Pilot,
  specs: readonly Spec[],
  growths: number,
  onProgress?: (run: number) => OnProgress,
): Promise<KeptAscents> {
  for (let k = 0;; k++) {
    const growth = FACTOR ** k;
    const keeps = ({ run, spec }: { readonly run: AscentRun; readonly spec: Spec }): boolean =>
      k === growths || ascentGeometry(run, spec.preference).smoothness <= 1;
    const made = async (spec: Spec, i: number) => {
      // A first round is the cells of other experiments.
      const own = k === 0 ? spec : { ...spec, growth };
      return { run: await ascentCell(ground, pilot, own, onProgress?.(i)), spec };
    };
    // One run that does not keep to L is enough to make all of them again, so the likeliest is made first.
    const first = await made(specs[0]!, 0);
    if (!keeps(first)) continue;
    const rest = await branches(specs.slice(1), (spec, i) => made(spec, i + 1));
    if (rest.every(keeps)) return { growth, runs: [first, ...rest].map(({ run }) => run) };
  }
}
