/** What the numbers of the convergence experiment say, in sentences. @module */

import { preservationRatio } from "../../lib/balance/mod.ts";
import { logSlope, wilsonInterval } from "../../lib/evaluation/mod.ts";
import {
  formatFixed,
  formatShare,
  formatShareInterval,
  sentenceList,
} from "../../lib/figures/mod.ts";
import type { Results } from "../../lib/runs/mod.ts";
import type { AnyRuleFinding, ConvergenceFindings, NoisePower } from "./findings.ts";

/** Names of the kinds of problem in sentences. */
export const plural: Readonly<Record<ConvergenceFindings["harm"][number]["kind"], string>> = {
  quadratic: "quadratics",
  softmax: "softmax policies",
};

/** Up to here two numbers are equal but for rounding. */
const ROUNDING = 1e-9;

const whole = (n: number) => n.toLocaleString("en");

/** "3 of 40 problems (7.5 [2.6, 19.9] %)". */
function problemShare(k: number, n: number): string {
  const interval = formatShareInterval(k / n, wilsonInterval(k, n));
  return `${whole(k)} of ${whole(n)} problems (${interval} %)`;
}

/** What the sharp example says of the constant. */
function sharpSentence({ sharp, relativeSteps }: ConvergenceFindings): string {
  const gaps = sharp.values.map((value, i) => value / preservationRatio(relativeSteps[i]!) - 1);
  const widest = gaps.reduce((a, b) => Math.abs(b) > Math.abs(a) ? b : a);
  const size = Math.abs(widest).toExponential(0);
  if (Math.abs(widest) <= ROUNDING) {
    return `The sharp example meets c / (2 \u2212 c) to ${size}, so no smaller constant would do.`;
  }
  return widest > 0
    ? `The sharp example exceeds c / (2 \u2212 c) by ${size} of it.`
    : `The sharp example misses c / (2 \u2212 c) by ${size} of it, so it does not show that no smaller constant would do.`;
}

/**
 * Whether a bound was broken, and whether its constant could be smaller.
 *
 * @param findings what stands in findings.json
 * @returns the sentences
 */
export function boundsAnswer(findings: ConvergenceFindings): string {
  const { checks, problems, brokenOn } = findings;
  const total = checks.reduce((n, { checks }) => n + checks, 0);
  const broken = checks.reduce((n, { violations }) => n + violations, 0);
  const which = checks.filter(({ violations }) => violations > 0).map((bound) =>
    `${bound.name} in ${whole(bound.violations)} of ${whole(bound.checks)} on ${
      whole(bound.brokenOn)
    } of ${whole(bound.problems)} problems`
  );
  return `${broken === 0 ? "No" : "Yes"}: of ${whole(total)} comparisons on ${
    whole(problems)
  } independent problems ${whole(broken)} broke a bound, on ${problemShare(brokenOn, problems)}.${
    which.length === 0 ? "" : ` Broken: ${which.join("; ")}.`
  } ${sharpSentence(findings)}`;
}

/** How a kind's smallest norm falls, at first and at last, as long as no problem is down to rounding. */
function rateOf(
  horizons: readonly number[],
  { measured, rounded }: ConvergenceFindings["norms"][number],
) {
  const end = rounded.findIndex((count) => count > 0);
  const kept = end < 0 ? measured.length : end;
  const slope = (from: number, to: number) =>
    logSlope(horizons.slice(from, to), measured.slice(from, to));
  return kept < 2 ? null : {
    whole: slope(0, kept),
    first: slope(0, 2),
    last: slope(kept - 2, kept),
    from: horizons[0]!,
    to: horizons[kept - 1]!,
  };
}

/**
 * How the smallest norm falls with the number of steps, against the promise of 1 / T.
 *
 * @param findings what stands in findings.json
 * @param horizons numbers of steps T
 * @returns the sentences
 */
export function rateAnswer({ norms }: ConvergenceFindings, horizons: readonly number[]): string {
  const pairs = norms.flatMap(({ measured, bound }) => measured.map((x, i) => [x, bound[i]!]));
  const above = pairs.filter(([x, bound]) => x! > bound! * (1 + ROUNDING)).length;
  const kinds = norms.map((norm) => {
    const rate = rateOf(horizons, norm);
    if (rate === null) return `on ${plural[norm.kind]} only rounding is left too soon for a power`;
    const verdict = rate.whole <= -1 ? "at least as fast as promised" : "more slowly than 1 / T";
    return `on ${plural[norm.kind]} it goes as T to the power ${
      formatFixed(rate.whole, 2)
    } from ${rate.from} to ${rate.to} steps, ${verdict} (${formatFixed(rate.first, 2)} at first, ${
      formatFixed(rate.last, 2)
    } at last)`;
  });
  return `The theorem promises the power \u22121. The mean of the smallest squared norm ${
    above === 0 ? "stays below its bound" : "lies above its bound"
  } at ${above === 0 ? pairs.length : above} of ${pairs.length} points; ${kinds.join("; ")}.`;
}

/** The way to use Adam that Theorem 5 speaks of. */
const AWARE = "momentum-aware";

/** What the weights know of the optimizer in each way to use Adam. */
export const knows: Readonly<Record<string, string>> = {
  euclidean: "the plain Gram matrix",
  metric: "Adam's metric without its momentum",
  "current metric": "momentum but the metric after the step",
  [AWARE]: "metric before the step and momentum",
};

/**
 * The metric of a way to use Adam.
 *
 * @param results what stands in results.json
 * @param variant the way
 * @returns share of harmed steps with its interval over problems
 */
export function harmedSteps(
  results: Pick<Results, "metrics">,
  variant: string,
): Results["metrics"][number] {
  return results.metrics.find(({ system }) => system === `Adam, ${variant}`)!;
}

/**
 * Which ways to use Adam harm.
 *
 * @param results what stands in results.json
 * @param findings what stands in findings.json
 * @returns the sentences
 */
export function adamAnswer(
  results: Pick<Results, "metrics">,
  { adam }: ConvergenceFindings,
): string {
  const rows = adam.map(({ variant, runs, worstCosine }) => ({
    variant,
    worstCosine,
    harmed: runs.reduce((n, { harmed }) => n + harmed, 0),
    steps: runs.reduce((n, { steps }) => n + steps, 0),
    problems: runs.filter(({ harmed }) => harmed > 0).length,
    of: runs.length,
  }));
  const aware = rows.find(({ variant }) => variant === AWARE)!;
  const others = rows.filter(({ variant }) => variant !== AWARE);
  const harmful = others.filter(({ harmed }) => harmed > 0);
  const verdict = aware.harmed > 0
    ? "Yes, even where the weights know the whole update"
    : harmful.length === 0
    ? "No, with none of these weights"
    : harmful.length === others.length
    ? "Yes, unless the weights know the whole update"
    : `Yes, but only with ${sentenceList(harmful.map(({ variant }) => knows[variant] ?? variant))}`;
  const shares = rows.map(({ variant }) => {
    const metric = harmedSteps(results, variant);
    return `${formatShareInterval(metric.mean, metric)} % with ${knows[variant] ?? variant}`;
  });
  return `${verdict}. Steps that harm a capability: ${shares.join("; ")}. With ${knows[AWARE]} ${
    whole(aware.harmed)
  } of ${whole(aware.steps)} steps harm, on ${
    problemShare(aware.problems, aware.of)
  }; the least cosine is ${aware.worstCosine.toExponential(0).replace("-", "\u2212")}.`;
}

/** Powers of T as which harm and bound go at an exponent of the step size. */
function powerText({ alpha, power, low, high, bound }: NoisePower): string {
  const interval = low === null || high === null
    ? ""
    : ` [${formatFixed(low, 2)}, ${formatFixed(high, 2)}]`;
  return `${
    power === null ? "no power (some harm is 0)" : formatFixed(power, 2)
  }${interval} at \u03b1 = ${alpha.toFixed(2)} (bound ${formatFixed(bound, 2)})`;
}

/**
 * How the harm of noise goes with the number of steps, for each exponent.
 *
 * @param findings what stands in findings.json
 * @returns the sentences
 */
export function noiseAnswer({ noise, noisePowers }: ConvergenceFindings): string {
  const at = (verb: string, rows: readonly NoisePower[]) =>
    rows.length === 0
      ? []
      : [`${verb} at \u03b1 = ${sentenceList(rows.map(({ alpha }) => alpha.toFixed(2)))}`];
  const falls = noisePowers.filter(({ high }) => high !== null && high < 0);
  const grows = noisePowers.filter(({ low }) => low !== null && low > 0);
  const open = noisePowers.filter((row) => !falls.includes(row) && !grows.includes(row));
  const verdict = [
    ...at("it falls with T", falls),
    ...at("it grows with T", grows),
    ...at("it cannot be told apart from staying", open),
  ].join(", ");
  const above = noise.filter(({ harm, harmBound }) => harm > harmBound * (1 + ROUNDING)).length;
  return `With step size a T^\u2212\u03b1 the harm goes as T to the power ${
    noisePowers.map(powerText).join(", ")
  }: ${verdict}. The mean harm lies above its bound in ${above} of ${noise.length} cases.`;
}

/** Pairs of rules that come to the same on some problems, with their number. */
function sameRules(anyRule: readonly AnyRuleFinding[]): string[] {
  return anyRule.flatMap(({ rule, points }, k) =>
    anyRule.slice(k + 1).flatMap((other) => {
      const same = points.filter(({ measured }, i) =>
        Math.abs(measured - other.points[i]!.measured) <= ROUNDING * measured
      ).length;
      return same === 0 ? [] : [`${rule} and ${other.rule} on ${same} of ${points.length}`];
    })
  );
}

function ruleSentence(anyRule: readonly AnyRuleFinding[]): string {
  const problems = anyRule[0]!.points.length;
  const broken = anyRule.flatMap(({ rule, points }) => {
    const above = points.filter(({ measured, bound }) =>
      measured > bound + ROUNDING * (1 + Math.abs(bound))
    ).length;
    return above === 0 ? [] : [`${rule} on ${above}`];
  });
  const names = sentenceList(anyRule.map(({ rule }) => rule));
  const same = sameRules(anyRule);
  return `${
    broken.length === 0
      ? `Each of ${anyRule.length} rules (${names}) stays below its bound on ${problems} of ${problems} problems.`
      : `Of ${anyRule.length} rules (${names}) these exceed their bound, of ${problems} problems: ${
        broken.join(", ")
      }.`
  }${
    same.length === 0
      ? ""
      : ` Rules that take the same steps count twice there: ${same.join(", ")}.`
  }`;
}

function capSentence({ cap, preference, points }: ConvergenceFindings["blowUp"]): string {
  const free = Math.max(...points.map(({ free }) => free));
  const capped = Math.max(...points.map(({ capped }) => capped));
  const least = Math.min(...points.map(({ size }) => size)).toExponential(0).replace("-", "\u2212");
  const limit = preference + cap;
  const grown = free > limit
    ? `Without a cap a weight reaches ${
      free.toExponential(0)
    } as an opposed gradient shrinks to ${least}`
    : `Without a cap no weight exceeds ${
      formatFixed(free, 2)
    } as an opposed gradient shrinks to ${least}`;
  return `${grown}; with a cap of ${cap} the largest is ${formatFixed(capped, 2)}, ${
    capped <= limit * (1 + ROUNDING) ? "within" : "beyond"
  } preference and cap together (${formatFixed(limit, 2)}).`;
}

function fallSentence({ problems, plain, margin }: ConvergenceFindings["falls"]): string {
  const of = ({ lower, steps }: typeof plain) =>
    `${whole(lower)} of ${whole(steps)} steps${
      steps === 0 ? "" : ` (${formatShare(lower / steps, 0)} %)`
    }`;
  return `At second order exact weights lower some capability in ${
    of(plain)
  } on ${problems} problems, the margin variant in ${of(margin)} that it accepted${
    margin.steps === 0
      ? ": it took none"
      : margin.lower === 0
      ? ""
      : ", which the theorem rules out"
  }.`;
}

/**
 * Whether other rules keep to their bound, and what bounds and margins of the weights do.
 *
 * @param findings what stands in findings.json
 * @returns the sentences
 */
export function weightsAnswer({ anyRule, blowUp, falls }: ConvergenceFindings): string {
  return [ruleSentence(anyRule), capSentence(blowUp), fallSentence(falls)].join(" ");
}
