/** Table, figure and sentences on the distance to a reference, on exact policies. @module */

import { wilsonInterval } from "../../lib/evaluation/mod.ts";
import {
  curves,
  type CurveSeries,
  type Figure,
  formatFixed,
  type LineDash,
  type Row,
  sentenceList,
} from "../../lib/figures/mod.ts";
import type { SafetyConfig } from "./config.ts";
import { type Distance, distanceSources, type Drift, type DriftPoint } from "./findings.ts";

/**
 * The three bounds on a fall over the divergence.
 *
 * @param points Points of a run.
 * @returns A line for each bound.
 */
export function boundLines(points: readonly DriftPoint[]): CurveSeries[] {
  const line = (
    key: "klInverse" | "pinsker" | "bretagnolleHuber",
    name: string,
    dash: LineDash,
  ): CurveSeries => ({
    name,
    kind: "bound",
    x: points.map(({ kl }) => kl),
    y: points.map((point) => point[key]),
    dash,
  });
  return [
    line("bretagnolleHuber", "Bretagnolle\u2013Huber", "dot"),
    line("pinsker", "Pinsker", "dash"),
    line("klInverse", "kl inversion", "solid"),
  ];
}

/** Least divergence that is drawn: below it nothing falls. */
const LEAST_KL = 1e-3;

/**
 * Falls of exact objectives with the three bounds over the divergence.
 *
 * @param distance What was found.
 * @returns The figure.
 */
export function driftFigure({ tilted, drifts }: Distance): Figure {
  return curves({
    title: "How far an objective falls at a distance from the reference",
    series: [tilted, ...drifts].map(({ objective, points: all }) => {
      const points = all.filter(({ kl }) => kl >= LEAST_KL);
      return {
        title: objective,
        series: [
          ...boundLines(points),
          {
            name: "realised",
            x: points.map(({ kl }) => kl),
            y: points.map(({ realised }) => realised),
          },
        ],
      };
    }),
    xTitle: "KL of whole answers (nats)",
    yTitle: "Fall of the objective",
    xScale: "log",
    caption:
      `Exact policies. First panel: ${tilted.objective}. Others: objective 1 alone is trained. ` +
      "Bounds are cut at the objective's height at the start.",
    n: 1,
  });
}

/** Every count with its source. */
function countsOf(distance: Distance) {
  return (["pairs", "ascent"] as const).flatMap((source) =>
    distance[source].map((check) => ({ ...check, source: distanceSources[source] }))
  );
}

/**
 * One row a bound and source.
 *
 * @param distance What was found.
 * @returns The rows.
 */
export function boundRows(distance: Distance): Row[] {
  return countsOf(distance).map(({ name, problems, broken, comparisons, largest, source }) => ({
    bound: name,
    on: source,
    "of these": problems,
    "broken on": broken,
    comparisons,
    "largest measured / bound": largest?.toFixed(5) ?? null,
  }));
}

/** Relative distance from a bound that counts as meeting it. */
const MET = 1e-6;

/** How near the tilted reference comes to kl inversion: what is met cannot be made smaller. */
function sharpness({ points }: Drift): string {
  const ratios = points.filter(({ klInverse }) => klInverse > 0)
    .map(({ realised, klInverse }) => realised / klInverse);
  const name = "The reference tilted against a binary reward";
  if (ratios.length === 0) return `${name} does not move.`;
  const [least, most] = [Math.min(...ratios), Math.max(...ratios)];
  if (most > 1 + MET) return `${name} exceeds kl inversion, by up to ${most.toFixed(3)} times.`;
  return least >= 1 - MET
    ? `${name} meets kl inversion to ${
      Math.max(most - 1, 1 - least).toExponential(0)
    }: no smaller bound would do.`
    : `${name} falls short of kl inversion, by down to ${
      least.toFixed(3)
    } times: a smaller bound is not excluded.`;
}

/** Divergence at which the sentence gives the falls. */
const NEAR_KL = 0.1;

/** What the bounds allow where an objective is not far from its start. */
function fallText({ objective, points }: Drift): string {
  const near = points.findLast(({ kl }) => kl <= NEAR_KL) ?? points[0]!;
  const moved = near.realised < 0 ? "rose" : "fell";
  return `At ${near.kl.toFixed(3)} nats ${objective} ${moved} by ${
    Math.abs(near.realised).toFixed(3)
  }; kl inversion allows a fall of ${near.klInverse.toFixed(3)}, Pinsker ${
    near.pinsker.toFixed(3)
  }, Bretagnolle\u2013Huber ${near.bretagnolleHuber.toFixed(3)}.`;
}

/** On how many pairs and runs a bound was broken, and which. */
function brokenText(distance: Distance): string {
  const named = countsOf(distance).filter(({ broken }) => broken > 0)
    .map(({ name, source, problems, broken }) =>
      `${name} on ${broken.toLocaleString("en")} of ${problems.toLocaleString("en")} ${source}`
    );
  if (named.length > 0) return `Broken: ${sentenceList(named)}.`;
  const none = (["pairs", "ascent"] as const).map((source) => {
    const { problems } = distance[source][0]!;
    const most = formatFixed(100 * wilsonInterval(0, problems).high, 2);
    return `${problems.toLocaleString("en")} ${distanceSources[source]} (at most ${most} %)`;
  });
  return `No bound was broken on any of ${sentenceList(none)}.`;
}

/**
 * Whether bounds were broken, what they allow, and how sharp the smallest is.
 *
 * @param distance What was found.
 * @returns Sentences.
 */
export function driftAnswer(distance: Distance): string {
  return [
    brokenText(distance),
    ...distance.drifts.slice(-1).map(fallText),
    sharpness(distance.tilted),
  ].join(" ");
}

/**
 * How the bounds were checked.
 *
 * @param config Options of the run.
 * @returns A sentence.
 */
export function driftMethod(
  { pairs, runs, checkpoints }: Pick<SafetyConfig, "pairs" | "runs" | "checkpoints">,
): string {
  return `${pairs} random pairs of tabular policies and exact ascent, ${runs} times, with ${checkpoints} policies each; ` +
    "divergences of whole answers, exact.";
}
