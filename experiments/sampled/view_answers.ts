/** Sentences of the experiment on sampled answers, from the numbers, both ways round. @module */

import { formatFixed, formatShare, sentenceList } from "../../lib/figures/mod.ts";
import { detectableDifference } from "../stages/statistics.ts";
import {
  counted,
  detectableText,
  minus,
  shareOf,
  sideOf,
  withInterval,
} from "../stages/verdicts.ts";
import { AWARE, CONTROL } from "./arms.ts";
import type { ConditionFindings, Difference, Hypothesis, SampledFindings } from "./findings.ts";
import { LEVEL } from "./hypotheses.ts";
import { fullPrompts } from "./view_figures.ts";

/** Factor from shares to points of per cent. */
const POINTS = 100;

/** Signal to noise from which on a gradient is taken to say enough; PROTOCOL.md fixes it. */
export const ENOUGH = 3;

const points = (value: number, ends: { low: number; high: number }) =>
  `${withInterval(value, ends, 1, POINTS)} points`;

/** Whether so many replicates could have shown a claim at all. */
const canShow = (n: number, claims: number): boolean => claims * 0.5 ** n <= LEVEL;

/**
 * What became of a claim.
 *
 * @param hypothesis the claim with its numbers
 * @param claims number of claims that share the correction
 * @returns a sentence
 */
export function hypothesisSentence(
  { id, statement, estimate, low, high, holm, n, above, holds }: Hypothesis,
  claims: number,
): string {
  const numbers = `${points(estimate, { low, high })} above the bound on average, above it in ` +
    `${above} of ${counted(n, "replicate")}, p = ${holm.toFixed(3)} after Holm's correction`;
  if (holds) return `${id} holds. ${statement}: ${numbers}.`;
  if (high < 0) {
    return `${id} fails, the opposite is seen. Claimed: ${statement}; found: ${numbers}.`;
  }
  const least = canShow(n, claims)
    ? ""
    : ` ${counted(n, "replicate")} cannot show it: the least p value is ${
      Math.min(1, claims * 0.5 ** n).toFixed(3)
    }.`;
  return `${id} is not shown. Claimed: ${statement}; found: ${numbers}; detectable from ${
    (POINTS * detectableDifference({ low, high })).toFixed(1)
  } points on.${least}`;
}

/** Exact signal to noise at the start with n prompts a step, and whether it is enough. */
export function signalSentence({ rewards, start }: SampledFindings, prompts: number): string {
  const ratios = start.signal.map(({ mean }) => prompts * mean);
  const enough = ratios.filter((ratio) => ratio > ENOUGH).length;
  const list = sentenceList(rewards.map((name, i) => `${name} ${ratios[i]!.toFixed(1)}`));
  const all = enough === ratios.length ? "every reward" : enough === 0 ? "no reward" : enough;
  return `With ${prompts} prompts a step the exact signal to noise of the start's gradients is ${list}, above ${ENOUGH} for ${
    typeof all === "number" ? `${all} of ${ratios.length} rewards` : all
  }.`;
}

/** A condition's signal to noise along the run, as the training logs it. */
function loggedText({ rewards }: SampledFindings, { logged }: ConditionFindings): string {
  const known = rewards.flatMap((name, i) =>
    logged[i] === null || logged[i] === undefined ? [] : [`${name} ${formatFixed(logged[i]!, 1)}`]
  );
  return known.length === 0 ? "not logged" : sentenceList(known);
}

/** What the training itself logs under capability-aware weights, by number of prompts a step. */
export function loggedSentence(findings: SampledFindings): string {
  const own = findings.conditions.filter(({ arm }) => arm === AWARE);
  return `Over the run the training logs, on average: ${
    own.map((condition) =>
      `${condition.prompts} prompts, ${condition.preference}: ${loggedText(findings, condition)}`
    ).join("; ")
  }.`;
}

/** How much fell and was gained in each condition with the full number of prompts. */
export function outcomeSentence(findings: SampledFindings, outcome: string): string {
  const full = findings.conditions.filter(({ prompts }) => prompts === fullPrompts(findings));
  const texts = full.flatMap(({ arm, preference, outcomes }) =>
    outcomes.filter((found) => found.outcome === outcome && found.part === "train")
      .map(({ estimate }) =>
        `${arm} (${preference}) ${withInterval(estimate.value, estimate, 1, POINTS)}`
      )
  );
  return `${outcome} on the trained prompts, in points: ${texts.join(", ")}.`;
}

/** Which arms differ from the control in an outcome on some prompts, and which cannot be told apart. */
export function armSentence(
  findings: SampledFindings,
  outcome: string,
  part: string,
): string {
  const own = findings.differences.filter((d) =>
    d.outcome === outcome && d.part === part && d.prompts === fullPrompts(findings)
  );
  const name = ({ arm, preference, estimate }: Difference) =>
    `${arm} (${preference}) ${withInterval(estimate.value, estimate, 1, POINTS)}`;
  const on = (side: "above" | "below" | undefined) =>
    own.filter(({ estimate }) => sideOf(estimate) === side);
  const list = (side: "above" | "below") => on(side).map(name).join(", ") || "none";
  const same = on(undefined);
  const rest = same.length === 0
    ? "none"
    : `${same.map(name).join(", ")} (${
      detectableText(same.map(({ estimate }) => estimate), 1, POINTS, " points")
    })`;
  return `${outcome}, ${part}, in points against ${CONTROL}: above ${list("above")}; below ${
    list("below")
  }; not told apart ${rest}.`;
}

/** What fewer prompts a step do to the difference in the largest fall. */
export function noiseSentence(findings: SampledFindings): string {
  const own = findings.differences.filter(({ arm, outcome, part }) =>
    arm === AWARE && outcome === "largest fall" && part === "train"
  );
  const verdict = ({ estimate, prompts, preference }: Difference) => {
    const side = sideOf(estimate);
    const words = side === "below"
      ? "a smaller fall"
      : side === "above"
      ? "a larger fall"
      : "not told apart";
    return `${prompts} prompts, ${preference}: ${points(estimate.value, estimate)} (${words})`;
  };
  return `Largest fall under ${AWARE} weights less that of ${CONTROL}: ${
    own.map(verdict).join("; ")
  }.`;
}

/** How many of the steps that were looked at lower a reward to first order, by arm. */
export function harmSentence({ conditions }: SampledFindings): string {
  const measured = conditions.filter(({ harm }) => harm.steps > 0);
  if (measured.length === 0) return "The effect of no step was measured.";
  const texts = measured.map(({ arm, preference, prompts, harm }) =>
    `${arm} (${preference}, ${prompts} prompts) ${
      shareOf(harm.harmful, harm.steps, "step")
    }, least cosine ${minus(harm.mean!.toFixed(2))} on average and ${
      minus(harm.worst!.toFixed(2))
    } at worst`
  );
  return `Steps that lower some reward to first order, by exact gradients: ${texts.join("; ")}.`;
}

/** How much probability lies outside the closed answers. */
export function outsideSentence({ conditions }: SampledFindings): string {
  const starts = conditions.map(({ outside }) => outside.start);
  const ends = conditions.map(({ outside }) => outside.end);
  const range = (values: readonly number[]) =>
    [...new Set([Math.min(...values), Math.max(...values)].map((x) => formatShare(x)))].join(
      " to ",
    );
  return `Texts outside the closed answers earn nothing; their probability is ${
    range(starts)
  } % at the start and ${range(ends)} % at the end.`;
}
