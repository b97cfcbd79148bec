/** What was claimed before the run, and how the claims are decided; PROTOCOL.md says the same in words. @module */

import { signTest } from "../../lib/evaluation/mod.ts";
import { holm } from "../stages/statistics.ts";
import { AWARE, CONTROL } from "./arms.ts";
import { contrast, type ResampledOutcomes, type Term } from "./contrasts.ts";
import type { Condition, Hypothesis } from "./findings.ts";
import type { OutcomeName, Part } from "./outcomes.ts";

/** Level of a family of hypotheses. */
export const LEVEL = 0.05;

/** A claim: a sum of outcomes of the two arms that it says is above 0. */
interface Claim {
  readonly id: string;
  readonly statement: string;
  readonly outcome: OutcomeName;
  /** What the outcome of each arm is multiplied by. */
  readonly factors: Readonly<Record<typeof AWARE | typeof CONTROL, number>>;
  /** Whether the claim says something only where the control's outcome is above 0. */
  readonly needsControl: boolean;
}

/** The claims, in the order of PROTOCOL.md. */
const claims: readonly Claim[] = [
  {
    id: "S1",
    statement:
      `The largest fall of a reward is smaller under ${AWARE} than under ${CONTROL} weights`,
    outcome: "largest fall",
    factors: { [AWARE]: -1, [CONTROL]: 1 },
    needsControl: false,
  },
  {
    id: "S2",
    statement:
      `The gain of the preferred sum under ${AWARE} weights is at least half of that under ${CONTROL} ones`,
    outcome: "gain",
    factors: { [AWARE]: 1, [CONTROL]: -0.5 },
    needsControl: true,
  },
];

/**
 * Tests the claims on the arms with the full number of prompts a step; a replicate's value is the mean over the
 * preferences. A claim holds if the 95 % interval lies above 0 and the one-sided exact sign test over the replicates, with
 * Holm's correction for the number of claims, is at most {@linkcode LEVEL}. Half of a gain that is none is no claim: there
 * the interval of the control's gain has to lie above 0, too.
 *
 * @param outcomes outcomes of all conditions with their draws
 * @param conditions the conditions, in the order of the outcomes
 * @param prompts the full number of prompts a step
 * @param part prompts on which values are judged
 * @returns the claims with what was found
 */
export function testedHypotheses(
  outcomes: ResampledOutcomes,
  conditions: readonly Condition[],
  prompts: number,
  part: Part,
): Hypothesis[] {
  const own = (arm: string) =>
    conditions.flatMap((condition, k) =>
      condition.arm === arm && condition.prompts === prompts ? [k] : []
    );
  const termsOf = (arm: string, outcome: OutcomeName, factor: number): Term[] => {
    const indices = own(arm);
    return indices.map((condition) => ({ condition, outcome, factor: factor / indices.length }));
  };
  const found = claims.map(({ id, statement, outcome, factors, needsControl }) => {
    const control = termsOf(CONTROL, outcome, factors[CONTROL]);
    const terms = [...termsOf(AWARE, outcome, factors[AWARE]), ...control];
    const { estimate: { value, low, high }, replicates } = contrast(outcomes, terms);
    const meaningful = !needsControl ||
      contrast(outcomes, termsOf(CONTROL, outcome, 1)).estimate.low > 0;
    const { above: p } = signTest(replicates);
    return { id, statement, part, estimate: value, low, high, p, replicates, meaningful };
  });
  const corrected = holm(found.map(({ p }) => p));
  return found.map((row, k) => ({
    ...row,
    holm: corrected[k]!,
    holds: row.meaningful && row.low > 0 && corrected[k]! <= LEVEL,
  }));
}
