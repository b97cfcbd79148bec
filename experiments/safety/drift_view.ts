/** Table, figure and sentence of a run's divergence from its start. @module */

import {
  curves,
  type CurveSeries,
  type Figure,
  formatNumber,
  type LineDash,
  type Row,
} from "../../lib/figures/mod.ts";
import type { DriftPoint } from "./checks.ts";
import type { ModelDrift } from "./drift.ts";

/** The three bounds on a fall over the divergence. */
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

/** Falls of every reward with the three bounds over the divergence. */
export function checkpointFigure(drifts: readonly ModelDrift[]): Figure {
  return curves({
    title: "How far the model's rewards fall while one of them is trained",
    series: drifts.map(({ objective, points: all }) => {
      // The divergence can go back from one checkpoint to the next; a line over it needs an order.
      const points = all.toSorted((a, b) => a.kl - b.kl);
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
    xScale: "log",
    sharedY: false,
    columns: 2,
    digits: 3,
    n: 1,
    band: "95 % bootstrap intervals over prompts",
    caption: "Divergence by Rao-Blackwell from the exact distribution of every next token. " +
      "No bound exceeds the reward at the start.",
  });
}

/** One row a reward and checkpoint. */
export function checkpointRows(drifts: readonly ModelDrift[]): Row[] {
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

/** Share of the reward at the start from which on a bound says next to nothing. */
const VACUOUS = 0.95;

/** Whether falls stay below the bounds, and how far the bounds say something. */
export function checkpointAnswer(drifts: readonly ModelDrift[], trained: string): string {
  const points = drifts.flatMap(({ points }) => points);
  const count = (broken: (point: typeof points[number]) => boolean) => points.filter(broken).length;
  const kls = points.map(({ kl }) => kl);
  const useful = points.filter(({ before, klInverse }) => klInverse < VACUOUS * before);
  const reach = useful.length === 0
    ? "nowhere"
    : `up to ${formatNumber(Math.max(...useful.map(({ kl }) => kl)), 2)} nats`;
  const worst = drifts.filter(({ objective }) => objective !== trained)
    .flatMap(({ objective, points }) => points.map((point) => ({ objective, ...point })))
    .sort((a, b) => b.realised - a.realised)[0]!;
  return `With only the ${trained} reward trained, answers come to lie ${
    formatNumber(Math.min(...kls), 4)
  } to ${formatNumber(Math.max(...kls), 2)} nats away. ${
    count(({ realised, klInverse }) => realised > klInverse)
  } of ${points.length} measured falls exceed kl inversion, ${
    count(({ realised, pinsker }) => realised > pinsker)
  } Pinsker's bound. The largest fall of another reward is ${
    formatNumber(worst.realised, 3)
  } (${worst.objective}, ${formatNumber(worst.kl, 2)} nats), where kl inversion allows ${
    formatNumber(worst.klInverse, 3)
  } of ${
    formatNumber(worst.before, 3)
  }. Kl inversion says something ${reach}; further out it allows nearly everything, ` +
    "and only a paired test speaks.";
}
