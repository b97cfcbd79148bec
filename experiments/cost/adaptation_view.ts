/** Figures and sentences on adaptation to new tasks. @module */

import { average } from "../../lib/evaluation/mod.ts";
import { curves, type CurveSeries, type Figure, sentenceList } from "../../lib/figures/mod.ts";
import { type CostConfig, tunings } from "./config.ts";
import type { Adaptation } from "./findings.ts";

/**
 * The loss with its running mean, a line for each way to tune.
 *
 * @param adaptation What was found.
 * @param config Options of the run.
 * @param perSecond Whether the loss stands over seconds; else over steps.
 * @returns The figure.
 */
export function adaptationCurves(
  { runs, window }: Adaptation,
  { adaptation }: Pick<CostConfig, "adaptation">,
  perSecond: boolean,
): Figure {
  const lines = tunings.map(
    (name): { readonly points: CurveSeries; readonly mean: CurveSeries } => {
      const own = runs[name];
      const at = (i: number) => own.map((run) => run[i]!.smoothed!);
      const all = own[0]!.map((_, i) => i);
      const steps = all.filter((i) => own[0]![i]!.smoothed !== null);
      const place = (i: number) => perSecond ? average(own.map((run) => run[i]!.seconds)) : i + 1;
      return {
        points: {
          name,
          kind: "points",
          x: all.map(place),
          y: all.map((i) => average(own.map((run) => run[i]!.loss))),
        },
        mean: {
          name,
          x: steps.map(place),
          y: steps.map((i) => average(at(i))),
          ...(own.length > 1 && {
            low: steps.map((i) => Math.min(...at(i))),
            high: steps.map((i) => Math.max(...at(i))),
          }),
        },
      };
    },
  );
  return curves({
    title: `Loss on new tasks, examples not seen before, over the ${
      perSecond ? "seconds" : "steps"
    } of training`,
    series: [...lines.map(({ points }) => points), ...lines.map(({ mean }) => mean)],
    xTitle: perSecond ? "Seconds of training" : "Step",
    yTitle: "Cross-entropy (nats per token)",
    n: runs.LoRA.length,
    band: "range over the seeds",
    caption:
      `Points: single steps. Lines: means over the last ${window} steps, from the first step that has as many; the ` +
      `learning rates are ${
        tunings.map((name) => `${adaptation.learningRates[name]} (${name})`).join(" and ")
      }, not tuned.`,
  });
}

/**
 * When the common loss is reached, and which way to tune takes less time to it.
 *
 * @param adaptation What was found.
 * @returns A sentence.
 */
export function reachedText({ target, reached }: Adaptation): string {
  const mean = (name: typeof tunings[number]) => {
    const steps = average(reached[name].map(({ step }) => step));
    const seconds = average(reached[name].map(({ seconds }) => seconds));
    return `after ${steps.toFixed(0)} steps and ${seconds.toFixed(1)} s`;
  };
  const seeds = reached.LoRA.length;
  const sooner = (a: typeof tunings[number], b: typeof tunings[number]) =>
    reached[a].filter(({ seconds }, i) => seconds < reached[b][i]!.seconds).length;
  const number = seeds === 1 ? "one seed" : `means over ${seeds} seeds`;
  return `A loss of ${target.toFixed(2)} on new tasks is reached with LoRA ${
    mean("LoRA")
  }, with full training ${mean("full")} (${number}): LoRA takes less time in ${
    sooner("LoRA", "full")
  } of ${seeds}, full training in ${sooner("full", "LoRA")}.`;
}

/**
 * What is new in the tasks.
 *
 * @param config Options of the run.
 * @returns A sentence.
 */
export function adaptationMethod({ adaptation, start, model }: CostConfig): string {
  const known = adaptation.families.filter((family) => start?.families.includes(family));
  const from = start === undefined
    ? `from ${model} as it is`
    : known.length === 0
    ? "which the start was not tuned on"
    : `of which the start was tuned on ${sentenceList(known)}`;
  return `Adaptation: ${sentenceList(adaptation.families)}, ${from}; each example is seen once.`;
}
