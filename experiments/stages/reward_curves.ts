/** Rewards over the steps of training, a panel for each capability. @module */

import { average } from "../../lib/evaluation/mod.ts";
import { type CurvePanel, curves, type CurveSeries, type Figure } from "../../lib/figures/mod.ts";
import { capabilities } from "../../lib/synthesis/mod.ts";
import type { LoggedSteps } from "./findings.ts";

/** Mean of what there is, null of nothing. */
function meanOf(values: readonly (number | null)[]): number | null {
  const there = values.filter((v) => v !== null);
  return there.length === 0 ? null : average(there);
}

/**
 * Cuts steps into windows of equal length, up to one step: every step counts in one of them, so that no mean at an end
 * comes from fewer steps than the others.
 *
 * @param count number of steps
 * @param length steps in a window, at least 1; the windows are no shorter
 * @returns first step of each window, and the one after its last
 */
export function windowsOf(count: number, length: number): [from: number, to: number][] {
  const windows = Math.max(1, Math.floor(count / length));
  const edge = (k: number) => Math.round(k * count / windows);
  return Array.from({ length: windows }, (_, k) => [edge(k), edge(k + 1)]);
}

/** A rule's rewards of one capability: means over windows, and the single steps that they are of. */
function ruleLines(
  name: string,
  runs: readonly (readonly (number | null)[])[],
  steps: readonly number[],
  windows: readonly (readonly [number, number])[],
): CurveSeries[] {
  const at = windows.map(([from, to]) =>
    runs.map((run) => meanOf(run.slice(from, to))).filter((v) => v !== null)
  );
  const line: CurveSeries = {
    name,
    x: windows.map(([from, to]) => average(steps.slice(from, to))),
    y: at.map((values) => meanOf(values)),
    ...(runs.length > 1 && {
      low: at.map((values) => values.length === 0 ? null : Math.min(...values)),
      high: at.map((values) => values.length === 0 ? null : Math.max(...values)),
    }),
  };
  if (windows.length === steps.length) return [line];
  const y = steps.map((_, i) => meanOf(runs.map((run) => run[i]!)));
  return [{ name, kind: "points", x: steps, y }, line];
}

/**
 * Mean reward of the sampled completions by capability, a line for each rule, averaged over the seeds: means over whole
 * windows of steps, with the single steps as points.
 *
 * @param logs Logs of each rule, one a seed.
 * @param rules Names of the lines.
 * @param options Title; steps in a window, a tenth of the steps when left out; whether the panels share the axis.
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
  const windows = windowsOf(
    steps.length,
    options.window ?? Math.max(1, Math.round(steps.length / 10)),
  );
  const panels = capabilities.map((capability): CurvePanel => {
    const lines = rules.flatMap((name) => {
      const runs = logs.get(name)!.map((log) =>
        log.map((entry) => entry[`rewards/${capability}/mean`] ?? null)
      );
      return ruleLines(name, runs, steps, windows);
    });
    // Points lie under all lines.
    const points = lines.filter(({ kind }) => kind === "points");
    return { title: capability, series: [...points, ...lines.filter((s) => s.kind !== "points")] };
  });
  const lengths = [...new Set(windows.map(([from, to]) => to - from))].sort((a, b) => a - b);
  return curves({
    title: options.title ?? "Reward of the sampled completions during training",
    series: panels,
    xTitle: "Step",
    yTitle: "Mean reward",
    n: logs.get(rules[0]!)!.length,
    band: "range over the seeds",
    sharedY: options.sharedY ?? true,
    caption: windows.length < steps.length
      ? `Lines: means over windows of ${
        lengths.join(" or ")
      } steps, at their middle. Points: single steps.`
      : "",
  });
}
