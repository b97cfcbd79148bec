/** Rewards over the steps of training, a panel for each capability. @module */

import { type CurvePanel, curves, type Figure } from "../../lib/figures/mod.ts";
import { capabilities } from "../../lib/synthesis/mod.ts";
import type { LoggedSteps } from "./findings.ts";

/** Mean of the last `window` values at each step. */
function smooth(values: readonly (number | null)[], window: number): (number | null)[] {
  return values.map((_, i) => {
    const part = values.slice(Math.max(0, i + 1 - window), i + 1).filter((v) => v !== null);
    return part.length === 0 ? null : part.reduce((a, b) => a + b, 0) / part.length;
  });
}

/**
 * Mean reward of the sampled completions by capability, a line for each rule, averaged over the seeds.
 *
 * @param logs Logs of each rule, one a seed.
 * @param rules Names of the lines.
 * @param options Title; steps in the running mean, a tenth of the steps when left out; whether the panels share the axis.
 * @returns the figure
 */
export function rewardCurves(
  logs: ReadonlyMap<string, readonly LoggedSteps[]>,
  rules: readonly string[],
  options: {
    readonly title?: string;
    readonly window?: number;
    readonly sharedY?: boolean;
  } = {},
): Figure {
  const steps = logs.get(rules[0]!)![0]!.map((entry) => entry.step!);
  const window = options.window ?? Math.max(1, Math.round(steps.length / 10));
  const panels: CurvePanel[] = capabilities.map((capability) => ({
    title: capability,
    series: rules.map((name) => {
      const rows = logs.get(name)!.map((log) =>
        smooth(log.map((entry) => entry[`rewards/${capability}/mean`] ?? null), window)
      );
      const at = (i: number) => rows.map((row) => row[i]!).filter((v) => v !== null);
      const y = steps.map((_, i) => {
        const values = at(i);
        return values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length;
      });
      return {
        name,
        x: steps,
        y,
        ...(rows.length > 1 && {
          low: steps.map((_, i) => at(i).length === 0 ? null : Math.min(...at(i))),
          high: steps.map((_, i) => at(i).length === 0 ? null : Math.max(...at(i))),
        }),
      };
    }),
  }));
  return curves({
    title: options.title ?? "Reward of the sampled completions during training",
    series: panels,
    xTitle: "Step",
    yTitle: "Mean reward",
    n: logs.get(rules[0]!)!.length,
    band: "range over the seeds",
    sharedY: options.sharedY ?? true,
    caption: window > 1 ? `Running mean over ${window} steps.` : "",
  });
}
