/** Sentences of the experiment on sampled answers, from the numbers, both ways round. @module */

import { formatFixed, formatShare, sentenceList } from "../../lib/figures/mod.ts";
import { detectableDifference } from "../stages/statistics.ts";
import { capital, counted, detectableText, minus, sideOf } from "../stages/verdicts.ts";
import { AWARE, CONTROL } from "./arms.ts";
import type {
  ConditionFindings,
  Difference,
  Hypothesis,
  Range,
  SampledFindings,
} from "./findings.ts";
import { LEVEL } from "./hypotheses.ts";
import { fullPrompts, POINTS, pointsText, preferencesOf, whenText } from "./wording.ts";

/** Signal to noise from which on a gradient is taken to say enough; PROTOCOL.md fixes it. */
const ENOUGH = 3;

/**
 * What became of a claim.
 *
 * @param hypothesis the claim with its numbers
 * @param claims number of claims that share the correction
 * @returns a sentence
 */
export function hypothesisSentence(
  { id, statement, estimate, low, high, holm, replicates, meaningful, holds }: Hypothesis,
  claims: number,
): string {
  const n = replicates.length;
  const above = replicates.filter((x) => x > 0).length;
  const numbers = `Margin ${pointsText(estimate, { low, high })} points, above 0 in ${above} of ${
    counted(n, "replicate")
  }, p = ${holm.toFixed(3)} after Holm's correction`;
  if (holds) return `${id} holds: ${statement}. ${numbers}.`;
  if (high < 0) {
    return `${id} does not hold, the opposite is seen. Claimed: ${statement}. ${numbers}.`;
  }
  const least = Math.min(1, claims * 0.5 ** n);
  const size = (POINTS * detectableDifference({ low, high })).toFixed(1);
  const why = [
    ...meaningful ? [] : [` The interval of ${CONTROL} weights' own gain is not above 0.`],
    ...least <= LEVEL
      ? []
      : [` ${counted(n, "replicate")} cannot show it: the least p value is ${least.toFixed(3)}.`],
  ];
  return `${id} is not shown. Claimed: ${statement}. ${numbers}; detectable from ${size} points on.${
    why.join("")
  }`;
}

/** Where the rewards start, and which two are most at odds there. */
export function startSentence({ rewards, start: { train, cosines } }: SampledFindings): string {
  const pairs = rewards.flatMap((a, i) =>
    rewards.slice(i + 1).map((b, k) => ({ a, b, cosine: cosines[i]![i + 1 + k]! }))
  );
  const least = pairs.reduce((found, pair) => pair.cosine < found.cosine ? pair : found);
  const verdict = least.cosine < 0 ? "at odds" : "not at odds";
  return `At the start mean rewards are ${
    sentenceList(rewards.map((name, i) => `${name} ${formatFixed(train[i]!, 2)}`))
  }; the exact gradients of ${least.a} and ${least.b} have the least cosine, ${
    formatFixed(least.cosine, 2)
  }: ${verdict}.`;
}

/** The exact signal to noise of one prompt, where it was measured. */
function measuredSignal({ conditions }: Pick<SampledFindings, "conditions">) {
  return conditions.find(({ signal }) => signal.length > 0)?.signal ?? [];
}

/** How many numbers are above {@linkcode ENOUGH}, in words. */
function enoughText(ratios: readonly number[]): string {
  const enough = ratios.filter((ratio) => ratio > ENOUGH).length;
  if (enough === ratios.length) return `above ${ENOUGH} for every reward`;
  return enough === 0
    ? `above ${ENOUGH} for none`
    : `above ${ENOUGH} for ${enough} of ${ratios.length} rewards`;
}

/**
 * The exact signal to noise before the first measured step, and whether it is enough.
 *
 * @param findings what was found
 * @param prompts prompts in a step
 * @returns a sentence
 */
export function signalSentence(findings: SampledFindings, prompts: number): string {
  const { rewards, prompts: { train } } = findings;
  const first = measuredSignal(findings)[0];
  if (first === undefined) return "The exact signal to noise was not measured.";
  const of = (ranges: readonly Range[]) => ranges.map(({ mean }) => prompts * mean);
  const drawn = of(first.drawn);
  const list = (ratios: readonly number[]) =>
    sentenceList(rewards.map((name, i) => `${name} ${formatFixed(ratios[i]!, 1)}`));
  const alone = prompts % train === 0
    ? `; against that of completions alone, as a step holds every prompt ${
      counted(prompts / train, "time")
    }, ${list(of(first.whole))}`
    : "";
  return `With ${prompts} prompts a step the exact signal to noise of the gradients ${
    whenText(first.step)
  } is, against the noise of prompts and ` +
    `completions, ${list(drawn)}: ${enoughText(drawn)}${alone}.`;
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

/** An outcome of the two arms that the claims are about, preference by preference. */
export function outcomeSentence(findings: SampledFindings, outcome: string): string {
  const full = findings.conditions.filter(({ arm, prompts }) =>
    (arm === CONTROL || arm === AWARE) && prompts === fullPrompts(findings)
  );
  const texts = preferencesOf(findings).map((name) => {
    const arms = full.filter(({ preference }) => preference === name).map(({ arm, outcomes }) => {
      const { estimate } = outcomes.find((o) => o.outcome === outcome && o.part === "train")!;
      return `${arm} ${pointsText(estimate.value, estimate)}`;
    });
    return `preference ${name}: ${arms.join(", ")}`;
  });
  return `${capital(outcome)} on the trained prompts, in points; ${texts.join("; ")}.`;
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
  const name = ({ arm, preference }: Difference) => `${arm} (${preference})`;
  const told = (side: "above" | "below") =>
    own.filter(({ estimate }) => sideOf(estimate) === side)
      .map((d) => `${name(d)} ${pointsText(d.estimate.value, d.estimate)}`)
      .join(", ") || "none";
  const same = own.filter(({ estimate }) => sideOf(estimate) === undefined);
  const rest = same.length === 0
    ? "none"
    : `${same.map(name).join(", ")} (${
      detectableText(same.map(({ estimate }) => estimate), 1, POINTS, " points")
    })`;
  return `${capital(outcome)} less that of ${CONTROL} weights, ${part}, in points: above 0 ${
    told("above")
  }; below 0 ${told("below")}; not told apart ${rest}.`;
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
    return `${prompts} prompts, ${preference}: ${
      pointsText(estimate.value, estimate)
    } points (${words})`;
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
    `${arm} (${preference}, ${prompts} prompts) ${harm.harmful} of ${
      counted(harm.steps, "step")
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
