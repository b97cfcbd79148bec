/** Fronts, profiles and measures of the sweeps, drawn with intervals. @module */

import {
  dotIntervals,
  type DotPanel,
  type Figure,
  type FrontPoint,
  pairwiseFronts,
  parallelCoordinates,
} from "../../lib/figures/mod.ts";
import { EQUAL } from "../laboratory/preferences.ts";
import { type ReplicateMean, replicateMeans } from "../laboratory/replicates.ts";
import type { Ground, ParetoFindings, SweptGround } from "./findings.ts";
import { type MeasureName, measures, type Part, type Sweep, sweeps } from "./measures.ts";

type Preferences = ParetoFindings["preferences"];

/** Rewards are shown in points. */
const POINTS = 100;

/** What units are, in the plural. */
export const unitNames: Readonly<Record<Ground, string>> = {
  model: "replicates",
  tabular: "problems",
};

/**
 * The preferences that a sweep has points for.
 *
 * @param sweep which
 * @param preferences all of them
 * @returns all, or the equal one for MGDA
 */
export function preferencesOf(sweep: Sweep, preferences: Preferences): Preferences {
  return sweep === "MGDA" ? preferences.filter(({ name }) => name === EQUAL) : preferences;
}

/**
 * Mean rewards in per cent where a sweep's points lie.
 *
 * @param ground where
 * @param sweep which
 * @param part training or held-out prompts
 * @returns with intervals, [preferences][m]; undefined where there is no such part
 */
export function pointMeans(
  { units }: SweptGround,
  sweep: Sweep,
  part: Part,
): ReplicateMean[][] | undefined {
  const points = units.map((unit) => unit[part]);
  if (points.some((one) => one === null)) return undefined;
  return points[0]!.ends[sweep]!.map((_, k) =>
    replicateMeans(points.map((one) => one!.ends[sweep]![k]!.map((x) => x * POINTS)))
  );
}

/** Mean rewards of the starts in per cent. */
export function startMeans({ units }: SweptGround, part: Part): ReplicateMean[] | undefined {
  const starts = units.map((unit) => unit[part]?.start);
  if (starts.some((start) => start === undefined)) return undefined;
  return replicateMeans(starts.map((start) => start!.map((x) => x * POINTS)));
}

const ends = (means: readonly ReplicateMean[]) => ({
  values: means.map(({ mean }) => mean),
  ...means[0]!.n > 1 && {
    low: means.map(({ low }) => low),
    high: means.map(({ high }) => high),
  },
});

/**
 * A panel for every two rewards, with what can be reached at all on the training prompts.
 *
 * @param ground where
 * @param findings names of rewards and preferences
 * @param part training or held-out prompts
 * @param title of the figure
 * @returns the figure; undefined where there is no such part
 */
export function frontFigure(
  ground: SweptGround,
  { rewardNames, preferences }: Pick<ParetoFindings, "rewardNames" | "preferences">,
  part: Part,
  title: string,
): Figure | undefined {
  const start = startMeans(ground, part);
  if (start === undefined) return undefined;
  return pairwiseFronts({
    title,
    rewards: rewardNames,
    sweeps: sweeps.map((sweep) => ({
      name: sweep,
      points: pointMeans(ground, sweep, part)!.map((means, k): FrontPoint => ({
        label: preferencesOf(sweep, preferences)[k]!.name,
        ...ends(means),
      })),
      ...sweep === "MGDA" && { line: "none" as const },
    })),
    start: start.map(({ mean }) => mean),
    ...part === "train" && {
      reachable: {
        name: "exact front",
        fronts: ground.reachable.map(({ x, y }) => ({
          x: x.map((value) => value * POINTS),
          y: y.map((value) => value * POINTS),
        })),
      },
    },
    unitLabel: " (%)",
    n: ground.units.length,
    unit: unitNames[ground.ground],
    digits: 1,
    caption: part === "train"
      ? "A point for each preference. The exact front is that of two rewards over all policies: a preference for others need " +
        "not lead to it"
      : "A point for each preference",
  });
}

/**
 * What the corners and the centre of a sweep change in every reward.
 *
 * @param ground where
 * @param findings names of rewards and preferences
 * @param sweep which
 * @returns the figure
 */
export function profileFigure(
  ground: SweptGround,
  { rewardNames, preferences }: Pick<ParetoFindings, "rewardNames" | "preferences">,
  sweep: Sweep,
): Figure {
  const shown = preferences.flatMap(({ name }, k) =>
    name === EQUAL || rewardNames.includes(name) ? [{ name, k }] : []
  );
  return parallelCoordinates({
    title: `What a preference changes: ${sweep}`,
    categories: rewardNames,
    series: shown.map(({ name, k }) => ({
      name,
      ...ends(replicateMeans(
        ground.units.map(({ train }) =>
          train.ends[sweep]![k]!.map((x, i) => (x - train.start[i]!) * POINTS)
        ),
      )),
    })),
    yTitle: "Points from the start",
    intervals: "bands",
    reference: 0,
    n: ground.units.length,
    unit: unitNames[ground.ground],
    digits: 1,
    caption: "A line for each preference: one reward above the others, or all equal",
  });
}

/** Values of a measure by sweep, in its unit. */
function dots({ estimates }: SweptGround, measure: MeasureName, part: Part) {
  const { factor } = measures[measure];
  const found = sweeps.map((sweep) =>
    estimates.find((row) => row.sweep === sweep && row.measure === measure && row.part === part)
  );
  const column = (key: "value" | "low" | "high") =>
    found.map((row) => row === undefined ? null : row[key] * factor);
  return { values: column("value"), low: column("low"), high: column("high") };
}

/** Where a value is read against. */
const references: Partial<Record<MeasureName, number>> = { volume: 1, gain: 0, least: 0 };

/**
 * Volumes, harm and gain of the sweeps, a panel for each measure.
 *
 * @param ground where
 * @param title of the figure
 * @returns the figure
 */
export function measureFigure(ground: SweptGround, title: string): Figure {
  const isHeldOut = ground.units.every(({ heldOut }) => heldOut !== null);
  const panel = (measure: MeasureName): DotPanel => {
    const { title, unit } = measures[measure];
    const reference = references[measure];
    return {
      title: `${title.charAt(0).toUpperCase()}${title.slice(1)}`,
      xTitle: unit,
      ...dots(ground, measure, "train"),
      ...reference !== undefined && { reference },
      ...isHeldOut && {
        part: "training",
        others: [{ name: "held out", ...dots(ground, measure, "heldOut") }],
      },
    };
  };
  return dotIntervals({
    title,
    rows: sweeps,
    panels: (["volume", "reach", "harmed", "fall", "gain", "least"] as const).map(panel),
    columns: 3,
    digits: 3,
    n: ground.units.length,
    unit: unitNames[ground.ground],
    interval: "Student's 95 % intervals",
    caption: "MGDA is one point: its volumes do not compare with those of several",
  });
}
