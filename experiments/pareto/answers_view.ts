/** What the sweeps say, in sentences. @module */

import { toldApart } from "../laboratory/told_apart.ts";
import { preferredSum } from "../laboratory/trajectory.ts";
import { counted, listed, minus, sideOf, withInterval } from "../stages/verdicts.ts";
import type { Ground, Mean, ParetoFindings, SweptGround } from "./findings.ts";
import { HINDSIGHT } from "./findings.ts";
import {
  comparedNames,
  type MeasureName,
  measures,
  type Part,
  type Sweep,
  sweeps,
} from "./measures.ts";

/** Rounding that a mean of rewards of size 1 in single precision allows. */
const ROUNDING = 1e-6;

/** One unit of a ground. */
export const nouns: Readonly<Record<Ground, string>> = { model: "replicate", tabular: "problem" };

/**
 * A mean with its interval; without one where there is one unit.
 *
 * @param mean the mean
 * @param digits decimals
 * @param factor by which it is multiplied
 * @returns such as `1.2 [0.8, 1.6]`
 */
export function meanText(mean: Mean, digits: number, factor: number): string {
  return mean.n === 1
    ? minus((mean.value * factor).toFixed(digits))
    : withInterval(mean.value, mean, digits, factor);
}

/**
 * A measure of a sweep with its interval.
 *
 * @param ground where
 * @param sweep which
 * @param measure what was measured
 * @param part training or held-out prompts
 * @returns such as `1.2 [0.8, 1.6]`; a dash where there is no number
 */
export function measureText(
  { estimates }: SweptGround,
  sweep: Sweep,
  measure: MeasureName,
  part: Part,
): string {
  const found = estimates.find((row) =>
    row.sweep === sweep && row.measure === measure && row.part === part
  );
  const { digits, factor } = measures[measure];
  return found === undefined ? "\u2013" : meanText(found, digits, factor);
}

/**
 * Under how many preferences somebody ends below the start, and by how much.
 *
 * @param ground where
 * @param part training or held-out prompts
 * @returns a sentence; an empty text where there is no such part
 */
export function harmAnswer(ground: SweptGround, part: Part): string {
  if (ground.units.some((unit) => unit[part] === null)) return "";
  const of = (sweep: Sweep) =>
    `${sweep} ${measureText(ground, sweep, "harmed", part)} %, by ${
      measureText(ground, sweep, "fall", part)
    } points over all, by ${measureText(ground, sweep, "worst", part)} at most`;
  return `${
    part === "train" ? "Some reward" : "On held-out prompts some reward"
  } ends below the start under so many preferences: ${sweeps.map(of).join("; ")}.`;
}

/**
 * Which sweeps differ, and in what.
 *
 * @param ground where
 * @param part training or held-out prompts
 * @returns sentences; an empty text where there is no such part
 */
export function comparedAnswer({ ground, differences }: SweptGround, part: Part): string {
  const prefix = part === "train" ? "" : "held out: ";
  return toldApart(
    comparedNames.map((measure) => ({
      label: `${prefix}${measures[measure].title}`,
      style: measures[measure],
      family: differences.filter((row) => row.measure === measure && row.part === part)
        .map((row) => ({ ...row, name: `${row.sweep} against ${row.baseline}` })),
    })),
    nouns[ground],
  );
}

/**
 * Whether a point is further than any policy can be, and how far each sweep goes towards the best there is.
 *
 * @param ground where
 * @param preferences of the sweeps
 * @returns sentences
 */
export function frontAnswer(
  ground: SweptGround,
  preferences: ParetoFindings["preferences"],
): string {
  let [points, beyond] = [0, 0];
  for (const { train, best } of ground.units) {
    for (const end of sweeps.flatMap((sweep) => train.ends[sweep]!)) {
      points++;
      const isBeyond = preferences.some(({ weights }, k) =>
        preferredSum(end, weights) > best[k]! + ROUNDING
      );
      if (isBeyond) beyond++;
    }
  }
  const checked = `of ${counted(points, "point")}, compared under ${
    counted(preferences.length, "preference")
  }`;
  return `${
    beyond === 0
      ? `None ${checked}, lies beyond what a policy can reach.`
      : `${beyond} ${checked}, ${
        beyond === 1 ? "lies" : "lie"
      } beyond what a policy can reach, so these numbers are wrong.`
  } Of the way from the start to the best sum for their own preference the points go, on average, ${
    sweeps.map((sweep) => `${sweep} ${measureText(ground, sweep, "way", "train")} %`).join(", ")
  }.`;
}

/**
 * Whether more weight on a reward raises it more than weight on the others does.
 *
 * @param ground where
 * @returns a sentence for each sweep
 */
export function cornerAnswer({ corners }: SweptGround): string {
  const of = (sweep: Sweep) => {
    const own = corners.filter((row) => row.sweep === sweep);
    if (own[0]!.n === 1) {
      const led = own.filter(({ value }) => value > 0).map(({ reward }) => reward);
      return `${sweep} higher in ${listed(led)} (one unit, no interval)`;
    }
    const on = (side: "above" | "below" | undefined) =>
      own.filter((row) => sideOf(row) === side).map((row) =>
        `${row.reward} (${meanText(row, 1, 100)})`
      );
    return `${sweep} above 0 in ${listed(on("above"))}, below in ${
      listed(on("below"))
    }, not told apart in ${listed(on(undefined))}`;
  };
  const shown = [...new Set(corners.map(({ sweep }) => sweep))];
  return `A reward at its own corner less its mean at the others' corners, in points: ${
    shown.map(of).join("; ")
  }.`;
}

/**
 * What the best static preference in hindsight gives, beside capability-aware weights at equal preference.
 *
 * @param ground where
 * @returns sentences
 */
export function hindsightAnswer({ ground, singles, chosen }: SweptGround): string {
  const of = (system: string) => singles.find((row) => row.system === system)!;
  const counts = Object.entries(Object.groupBy(chosen, (name) => name))
    .map(([name, found]) => `${name} ${found!.length}`);
  const [best, aware] = [of(HINDSIGHT), of("capability-aware")];
  const text = ({ gain, least }: typeof best) =>
    `${meanText(least, 2, 100)} points for the worst-off and ${
      meanText(gain, 2, 100)
    } for the mean of the rewards`;
  const families = ([["least", "leastLess"], ["gain", "gainLess"]] as const).map(([key, less]) => ({
    label: `${
      key === "least" ? measures.least.title : "change of the mean"
    } at equal preference less that of capability-aware`,
    style: measures[key],
    family: singles.flatMap((row) => {
      const found = row[less];
      return found === null ? [] : [{ ...found, name: row.system }];
    }),
  }));
  return `The static preference that harms nobody, or least, chosen in hindsight in each ${
    nouns[ground]
  } (${listed(counts)}), changes ${text(best)}; capability-aware weights at equal preference ${
    text(aware)
  }. ${toldApart(families, nouns[ground])}`;
}
