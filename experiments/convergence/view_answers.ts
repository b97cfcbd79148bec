/** What the numbers of the convergence experiment say, in sentences. @module */

import { preservationRatio } from "../../lib/balance/mod.ts";
import { average, logSlope, wilsonInterval } from "../../lib/evaluation/mod.ts";
import {
  formatFixed,
  formatShare,
  formatShareInterval,
  sentenceList,
} from "../../lib/figures/mod.ts";
import type { Results } from "../../lib/runs/mod.ts";
import { detectableText, minus, withInterval } from "../stages/verdicts.ts";
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
function problemShare(k: number, n: number, what = "problems"): string {
  const interval = formatShareInterval(k / n, wilsonInterval(k, n));
  return `${whole(k)} of ${whole(n)} ${what} (${interval} %)`;
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
  const { checks, problems, broken } = findings;
  const comparisons = checks.reduce((n, { comparisons }) => n + comparisons, 0);
  const which = checks.filter(({ broken }) => broken > 0).map((bound) =>
    `${bound.name} on ${problemShare(bound.broken, bound.problems)}`
  );
  return `${broken === 0 ? "No" : "Yes"}: a bound is broken on ${
    problemShare(broken, problems, "independent problems")
  }, each of which counts once, by its worst comparison; behind them stand ${
    whole(comparisons)
  } comparisons.${which.length === 0 ? "" : ` Broken: ${which.join("; ")}.`} ${
    sharpSentence(findings)
  }`;
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
  const kinds = norms.map((norm) => {
    const name = plural[norm.kind];
    const below = `stays below its bound at every number of steps on ${
      problemShare(norm.problems - norm.above, norm.problems, name)
    }`;
    const rate = rateOf(horizons, norm);
    if (rate === null) return `it ${below}, where only rounding is left too soon for a power`;
    const verdict = rate.whole <= -1 ? "at least as fast as promised" : "more slowly than 1 / T";
    return `it ${below} and goes as T to the power ${
      formatFixed(rate.whole, 2)
    } from ${rate.from} to ${rate.to} steps, ${verdict} (${formatFixed(rate.first, 2)} at first, ${
      formatFixed(rate.last, 2)
    } at last)`;
  });
  return `The theorem promises the power \u22121 for the smallest squared norm: ${
    kinds.join("; ")
  }.`;
}

/** The way to use Adam that Theorem 5 speaks of: the trainer's without a cap or a ridge. */
const AWARE = "momentum-aware";

/** What is done or left out in each way to use Adam. */
export const ways: Readonly<Record<string, string>> = {
  static: "static weights",
  euclidean: "a plain Gram matrix",
  metric: "Adam's metric, no momentum",
  "current metric": "v after the step",
  "next step": "weights one step late",
  "every fourth step": "weights kept for four steps",
  "clipped gradient": "a clipped gradient",
  "cap and ridge": "the whole step, cap and ridge",
  [AWARE]: "the whole step",
};

/**
 * A metric of a way to use Adam.
 *
 * @param results what stands in results.json
 * @param variant the way
 * @param capability what was measured
 * @returns the mean with its interval over problems
 */
export function adamMetric(
  results: Pick<Results, "metrics">,
  variant: string,
  capability: "harmed steps" | "least cosine",
): Results["metrics"][number] {
  return results.metrics.find((m) =>
    m.system === `Adam, ${variant}` && m.capability === capability
  )!;
}

/** Whether Theorem 7e speaks of the step size that was used. */
function allowedSentence(
  { runs }: ConvergenceFindings["adam"][number],
  learningRate: number,
): string {
  const allowed = runs.map((run) => run.allowed).sort((a, b) => a - b);
  const covered = allowed.filter((size) => size >= learningRate).length;
  const text = (size: number) => minus(size.toExponential(0));
  return `Theorem 7e allows step sizes up to ${
    text(allowed[Math.floor(allowed.length / 2)]!)
  } on the median problem (${text(allowed[0]!)} to ${
    text(allowed.at(-1)!)
  }), where ${learningRate} was used: it speaks of ${problemShare(covered, allowed.length)}.`;
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
  { adam, adamOptions }: ConvergenceFindings,
): string {
  const rows = adam.map(({ variant, runs }) => ({
    variant,
    worst: Math.min(...runs.map(({ worstCosine }) => worstCosine)),
    problems: runs.filter(({ harmed }) => harmed > 0).length,
    of: runs.length,
  }));
  const aware = rows.find(({ variant }) => variant === AWARE)!;
  const others = rows.filter(({ variant }) => variant !== AWARE);
  const harmful = others.filter(({ problems }) => problems > 0);
  const verdict = aware.problems > 0
    ? "Yes, even where the weights are solved for the whole step"
    : harmful.length === 0
    ? "No, in none of these ways"
    : harmful.length === others.length
    ? "Yes, unless the weights are solved for the whole step, at once and without a limit"
    : `Yes, but only with ${sentenceList(harmful.map(({ variant }) => ways[variant] ?? variant))}`;
  const shares = rows.map(({ variant }) => {
    const share = adamMetric(results, variant, "harmed steps");
    const cosine = adamMetric(results, variant, "least cosine");
    return `${formatShareInterval(share.mean, share)} % with ${ways[variant] ?? variant} (${
      withInterval(cosine.mean, cosine, 3)
    })`;
  });
  return `${verdict}. Steps that harm a capability, and the mean over problems of the least cosine: ${
    shares.join("; ")
  }. With ${ways[AWARE]} some step harms on ${
    problemShare(aware.problems, aware.of)
  }, and no cosine is below ${minus(aware.worst.toExponential(0))}. ${
    allowedSentence(adam.find(({ variant }) => variant === AWARE)!, adamOptions.learningRate)
  }`;
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
  const at = (verb: string, rows: readonly NoisePower[], more = "") =>
    rows.length === 0
      ? []
      : [`${verb} at \u03b1 = ${sentenceList(rows.map(({ alpha }) => alpha.toFixed(2)))}${more}`];
  const falls = noisePowers.filter(({ high }) => high !== null && high < 0);
  const grows = noisePowers.filter(({ low }) => low !== null && low > 0);
  const open = noisePowers.filter((row) => !falls.includes(row) && !grows.includes(row));
  const known = open.flatMap(({ low, high }) =>
    low === null || high === null ? [] : [{ low, high }]
  );
  const verdict = [
    ...at("it falls with T", falls),
    ...at("it grows with T", grows),
    ...at(
      "it cannot be told apart from staying",
      open,
      known.length === 0 ? " (no interval)" : ` (${detectableText(known, 2)})`,
    ),
  ].join(", ");
  const above = (value: "harm" | "stationarity") =>
    noise.filter((row) => row[value] > row[`${value}Bound`] * (1 + ROUNDING)).length;
  return `With step size a T^\u2212\u03b1 the harm goes as T to the power ${
    noisePowers.map(powerText).join(", ")
  }: ${verdict}. Of ${noise.length} means over the same problems ${
    above("harm")
  } lie above the bound on the harm (7d) and ${
    above("stationarity")
  } of those of ||d||\u00b2 above theirs (7c).`;
}

/** On how many problems two rules come to the same. */
const sameSteps = (a: AnyRuleFinding, b: AnyRuleFinding): number =>
  a.points.filter(({ measured }, i) =>
    Math.abs(measured - b.points[i]!.measured) <= ROUNDING * measured
  ).length;

/**
 * Rules that take other steps than all before them, under the names of all that take theirs.
 *
 * @param anyRule what each rule came to
 * @returns the rules, in order
 */
export function distinctRules(anyRule: readonly AnyRuleFinding[]): AnyRuleFinding[] {
  const found: AnyRuleFinding[] = [];
  for (const row of anyRule) {
    const at = found.findIndex((other) => sameSteps(other, row) === row.points.length);
    if (at < 0) found.push(row);
    else found[at] = { ...found[at]!, rule: `${found[at]!.rule} (also ${row.rule})` };
  }
  return found;
}

function ruleSentence(anyRule: readonly AnyRuleFinding[]): string {
  const rules = distinctRules(anyRule);
  const problems = rules[0]!.points.length;
  const exceeds = ({ measured, bound }: AnyRuleFinding["points"][number]) =>
    measured > bound + ROUNDING * (1 + Math.abs(bound));
  const broken = rules.flatMap(({ rule, points }) => {
    const above = points.filter(exceeds).length;
    return above === 0 ? [] : [`${rule} on ${above}`];
  });
  const kept = rules[0]!.points.filter((_, i) => !rules.some(({ points }) => exceeds(points[i]!)));
  const same = rules.flatMap((row, k) =>
    rules.slice(k + 1).flatMap((other) => {
      const count = sameSteps(row, other);
      return count === 0 ? [] : [`${row.rule} and ${other.rule} on ${count}`];
    })
  );
  return `Each of ${rules.length} rules (${
    sentenceList(rules.map(({ rule }) => rule))
  }) stays below its bound on ${problemShare(kept.length, problems)}${
    broken.length === 0 ? "" : `; above it lie ${sentenceList(broken)}`
  }.${
    same.length === 0
      ? ""
      : ` A problem counts once, also where rules take the same steps: ${sentenceList(same)}.`
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

function fallSentence({ plain, margin }: ConvergenceFindings["falls"]): string {
  const lowered = (runs: typeof plain) => runs.filter(({ lower }) => lower > 0).length;
  const shares = plain.flatMap(({ lower, steps }) => steps === 0 ? [] : [lower / steps]);
  const mean = shares.length === 0 ? 0 : average(shares);
  const accepted = margin.filter(({ steps }) => steps > 0);
  return `At second order exact weights lower some capability on ${
    problemShare(lowered(plain), plain.length)
  }, in ${
    formatShare(mean, 0)
  } % of the steps on average; the margin variant, in the steps that it accepted, on ${
    accepted.length === 0
      ? "none: it took no step"
      : `${problemShare(lowered(accepted), accepted.length)}${
        lowered(accepted) === 0 ? "" : ", which the theorem rules out"
      }`
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
