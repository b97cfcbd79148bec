/** What tables, figures and sentences of the experiment on sampled answers share. @module */

import { counted, withInterval } from "../stages/verdicts.ts";
import type { SampledFindings } from "./findings.ts";

/** Factor from rewards to points, 0.01 of a reward. */
export const POINTS = 100;

/** A number in points with its interval. */
export function pointsText(
  value: number,
  ends: { readonly low: number; readonly high: number },
): string {
  return withInterval(value, ends, 1, POINTS);
}

/** The full number of prompts a step. */
export function fullPrompts({ conditions }: Pick<SampledFindings, "conditions">): number {
  return Math.max(...conditions.map(({ prompts }) => prompts));
}

/** Names of the preferences, in the order of the conditions. */
export function preferencesOf({ conditions }: Pick<SampledFindings, "conditions">): string[] {
  return [...new Set(conditions.map(({ preference }) => preference))];
}

/** When so many steps were taken. */
export function whenText(steps: number): string {
  return steps === 0 ? "at the start" : `after ${counted(steps, "step")}`;
}
