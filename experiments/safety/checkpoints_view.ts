/** Table, figure and sentences on a run of the model whose divergence from its start was followed. @module */

import { curves, type Figure, formatNumber, type Row } from "../../lib/figures/mod.ts";
import type { DriftConfig } from "./config.ts";
import { boundLines } from "./distance_view.ts";
import type { Checkpoints, ModelDrift } from "./findings.ts";

/**
 * Falls of every reward with the three bounds over the divergence.
 *
 * @param checkpoints What was found.
 * @returns The figure.
 */
export function checkpointFigure({ drifts }: Checkpoints): Figure {
  return curves({
    title: "How far the model's rewards fall while one of them is trained",
    series: drifts.map(({ objective, points: all }) => {
      // The divergence can go back from one checkpoint to the next; a line over it needs an order, a log axis no 0.
      const points = all.filter(({ kl }) => kl > 0).sort((a, b) => a.kl - b.kl);
      return {
        title: objective,
        series: [
          ...boundLines(points),
          {
            name: "realised",
            x: points.map(({ kl }) => kl),
            y: points.map(({ realised }) => realised),
            low: points.map(({ fall }) => fall.low),
            high: points.map(({ fall }) => fall.high),
          },
        ],
      };
    }),
    xTitle: "KL of whole answers (nats)",
    yTitle: "Fall of the reward",
    references: [{ axis: "y", value: 0 }],
    xScale: "log",
    sharedY: false,
    columns: 2,
    digits: 3,
    n: 1,
    band: "95 % bootstrap intervals over prompts",
    caption: "Divergence by Rao-Blackwell from the exact distribution of every next token. " +
      "Bounds are cut at the reward at the start, so that they coincide there. Heights differ from panel to panel.",
  });
}

/**
 * One row a reward and checkpoint.
 *
 * @param checkpoints What was found.
 * @returns The rows.
 */
export function checkpointRows({ drifts }: Checkpoints): Row[] {
  return drifts.flatMap(({ objective, points }) =>
    points.map((point): Row => ({
      reward: objective,
      step: point.step,
      prompts: point.prompts,
      "KL (nats)": point.kl,
      "at the start": point.before,
      "fall": point.realised,
      "fall, low": point.fall.low,
      "fall, high": point.fall.high,
      "kl inversion": point.klInverse,
      Pinsker: point.pinsker,
      "Bretagnolle-Huber": point.bretagnolleHuber,
      "floor with limits": point.floor,
    }))
  );
}

type Point = ModelDrift["points"][number] & { readonly objective: string };

/** How many measured falls exceed a bound. */
function exceedText(points: readonly Point[]): string {
  const count = (exceeds: (point: Point) => boolean) => points.filter(exceeds).length;
  const inverse = count(({ realised, klInverse }) => realised > klInverse);
  const pinsker = count(({ realised, pinsker }) => realised > pinsker);
  const floor = count(({ after, floor }) => after < floor);
  return `${inverse} of ${points.length} measured falls exceed kl inversion, ${pinsker} Pinsker's bound${
    inverse === 0
      ? ""
      : `; ${floor} leave less than kl inversion at the limits of divergence and reward`
  }.`;
}

/** The largest fall of a reward that was not trained. */
function worstText(points: readonly Point[], trained: string): string {
  const others = points.filter(({ objective }) => objective !== trained);
  if (others.length === 0) return "No other reward was measured.";
  const worst = others.reduce((a, b) => b.realised > a.realised ? b : a);
  if (worst.realised <= 0) return `No other reward fell at any of ${others.length} points.`;
  return `The largest fall of another reward is ${
    formatNumber(worst.realised, 3)
  } (${worst.objective}, ${formatNumber(worst.kl, 2)} nats; ${formatNumber(worst.fall.low, 3)} to ${
    formatNumber(worst.fall.high, 3)
  }), where kl inversion allows ${formatNumber(worst.klInverse, 3)} of ${
    formatNumber(worst.before, 3)
  }.`;
}

/** Share of the reward at the start from which on a bound says next to nothing. */
const VACUOUS = 0.95;

/** How far out the bound still says something. */
function reachText(points: readonly Point[]): string {
  const useful = points.filter(({ before, klInverse }) => klInverse < VACUOUS * before);
  const nearly = `${100 * VACUOUS} % of the reward at the start`;
  if (useful.length === 0) {
    return `Kl inversion allows ${nearly} or more at each of ${points.length} points: only a paired test speaks.`;
  }
  const reach = formatNumber(Math.max(...useful.map(({ kl }) => kl)), 2);
  return `Kl inversion allows less than ${nearly} at ${useful.length} of ${points.length} points, up to ${reach} nats${
    useful.length === points.length ? "" : "; at the others only a paired test speaks"
  }.`;
}

/**
 * Whether falls stay below the bounds, and how far the bounds say something.
 *
 * @param checkpoints What was found.
 * @param trained The reward that was trained.
 * @returns Sentences.
 */
export function checkpointAnswer({ drifts }: Checkpoints, trained: string): string {
  const points = drifts.flatMap(({ objective, points }) =>
    points.map((point): Point => ({ ...point, objective }))
  );
  const kls = points.map(({ kl }) => kl);
  return [
    `With only the ${trained} reward trained, answers come to lie ${
      formatNumber(Math.min(...kls), 4)
    } to ${formatNumber(Math.max(...kls), 2)} nats away.`,
    exceedText(points),
    worstText(points, trained),
    reachText(points),
  ].join(" ");
}

/**
 * How the run was made and measured.
 *
 * @param checkpoints What was found.
 * @param drift Options of the run.
 * @returns A sentence.
 */
export function checkpointMethod({ temperature, items }: Checkpoints, drift: DriftConfig): string {
  return `GRPO on the ${drift.trained} reward alone, legs: ${drift.legs}, steps in each: ${drift.steps}, with an optimizer ` +
    `each, whose learning rate doubles; ${drift.samples} answers to each of ${items.length} held-out prompts, at most ` +
    `${drift.prompts} a capability, at temperature ${temperature}, from which the divergence is measured too.`;
}
