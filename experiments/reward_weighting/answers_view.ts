/** Which rules can be told apart from the start, from static weights and by rank: sentences. @module */

import { capabilities } from "../../lib/synthesis/mod.ts";
import type { Estimate } from "../stages/findings.ts";
import { holm } from "../stages/statistics.ts";
import {
  counted,
  detectableText,
  gapText,
  listed,
  sideOf,
  withInterval,
} from "../stages/verdicts.ts";
import type { RuleFindings, WeightingFindings } from "./findings.ts";

/** Level of p values after the correction for their number. */
const LEVEL = 0.05;

/** A difference of a rule, by name. */
interface Difference {
  readonly rule: string;
  readonly capability?: string;
  readonly found: Estimate;
}

const overMean = ({ estimates }: RuleFindings): Estimate => estimates.fromStart.at(-1)!;

/** From which size on the differences could be seen. */
const detectable = (open: readonly Difference[]): string =>
  detectableText(open.map(({ found }) => found), 1, 100, " points");

/** How many differences outlive Holm's correction, and whether any could with so few resamples. */
function holmAnswer(all: readonly Difference[], resamples: number): string {
  const left = holm(all.map(({ found }) => found.p)).filter((p) => p < LEVEL).length;
  const possible = all.length * 2 / (resamples + 1) < LEVEL;
  return `After Holm's correction for their number ${
    left > 0
      ? `${left} ${left === 1 ? "is" : "are"} left`
      : possible
      ? "none is left"
      : `none could be left with ${counted(resamples, "resample")}`
  }.`;
}

/**
 * Which rules can be told apart on the mean and by rank.
 *
 * @param findings estimates of the rules
 * @returns sentences
 */
export function ruleAnswer({ rules, resamples }: WeightingFindings): string {
  const best = rules.reduce((a, b) =>
    b.estimates.means.at(-1)!.value > a.estimates.means.at(-1)!.value ? b : a
  );
  const won = overMean(best);
  const side = sideOf(won);
  const against = rules.filter(({ name }) => name !== "static")
    .map(({ name, estimates }): Difference => ({ rule: name, found: estimates.fromStatic }));
  const on = (which: "above" | "below" | undefined) =>
    against.filter(({ found }) => sideOf(found) === which);
  const namesOf = (found: readonly Difference[]) => listed(found.map(({ rule }) => rule));
  const open = on(undefined);
  const told = against.length - open.length;
  return `On the mean of the capabilities ${best.name} is highest, ${
    withInterval(won.value, won, 1, 100)
  } points from the start: ${
    side === undefined
      ? `not told apart from it (${detectable([{ rule: best.name, found: won }])})`
      : `${side} it`
  }. Against static weights, beyond the interval: above ${namesOf(on("above"))}; below ${
    namesOf(on("below"))
  }; not told apart ${open.length} of ${against.length}${
    open.length === 0 ? "" : ` (${detectable(open)})`
  }.${told === 0 ? "" : ` ${holmAnswer(against, resamples)}`} ${rankAnswer(rules)}`;
}

/** Whose rank is best, and whose intervals lie clear of it. */
function rankAnswer(rules: readonly RuleFindings[]): string {
  const first = rules.reduce((a, b) => b.estimates.rank.value < a.estimates.rank.value ? b : a);
  const { rank } = first.estimates;
  const clear = rules.filter(({ estimates }) => estimates.rank.low > rank.high);
  const open = rules.filter((rule) => rule !== first && !clear.includes(rule));
  return `The best mean rank is that of ${first.name}, ${
    withInterval(rank.value, rank, 1)
  } of ${rules.length}; ${
    clear.length === 0
      ? "no other rule's interval lies clear of it"
      : `clear of it ${clear.length === 1 ? "lies the interval" : "lie the intervals"} of ${
        listed(clear.map(({ name }) => name))
      }`
  }${
    open.length === 0
      ? ""
      : ` (${gapText(open.map(({ estimates }) => [rank, estimates.rank]), 1, 1, " ranks")})`
  }.`;
}

/** Rules by capability: `domain (GRPO, MGDA)`. */
function grouped(found: readonly Difference[]): string {
  return listed(capabilities.flatMap((capability) => {
    const own = found.filter((d) => d.capability === capability);
    return own.length === 0 ? [] : [`${capability} (${listed(own.map(({ rule }) => rule))})`];
  }));
}

/**
 * How many differences to the start are beyond their interval, and how many of them outlive the correction.
 *
 * @param findings estimates of the rules
 * @returns sentences
 */
export function startAnswer({ rules, resamples }: WeightingFindings): string {
  const all = rules.flatMap(({ name, estimates }) =>
    capabilities.map((capability, c): Difference => ({
      rule: name,
      capability,
      found: estimates.fromStart[c]!,
    }))
  );
  const on = (side: "above" | "below" | undefined) =>
    all.filter(({ found }) => sideOf(found) === side);
  const [above, below, open] = [on("above"), on("below"), on(undefined)];
  return `Of ${all.length} differences to the start ${above.length} lie above and ${below.length} below 0 beyond the ` +
    `95 % interval; chance alone would give ${(0.025 * all.length).toFixed(1)} on each side. ${
      holmAnswer(all, resamples)
    } Above their start beyond the interval: ${grouped(above)}; below: ${
      grouped(below)
    }; not told apart from it ${
      open.length === 0 ? "none" : `${open.length} (${detectable(open)})`
    }.`;
}
