/**
 * Your own comparison of training runs: how a metric goes with each method, over all runs in a folder.
 *
 * Runs and logs are arquero tables; filter, join, group and summarise are its verbs. A function in a verb is read as text
 * and knows no names from around it, so that `escape` hands over one that does.
 */
import { type ColumnTable, desc, escape, op } from "arquero";
import { curves, type Figure } from "../../lib/figures/mod.ts";
import { loadComparisons, loadLogs, loadRuns } from "../../lib/runs/mod.ts";

/**
 * A metric at each step, over the runs of each method.
 *
 * @param folder holds run folders, at any depth
 * @param metric its name in the log, such as `loss` or `rewards/domain/mean`
 * @returns columns `method`, `step`, `runs` (their number), `mean`, `low`, `high`
 */
export async function byMethod(folder: string, metric: string): Promise<ColumnTable> {
  const methods = (await loadRuns(folder)).select("run", "method");
  return (await loadLogs(folder))
    .filter(escape((row: { metric: string }) => row.metric === metric))
    .join(methods)
    .groupby("method", "step")
    .rollup({
      runs: op.count(),
      mean: op.mean("value"),
      low: op.min("value"),
      high: op.max("value"),
    })
    .orderby("method", "step");
}

/** The same as a figure: a line for each method, a band from the lowest run to the highest. */
export function drawByMethod(table: ColumnTable, metric: string): Figure {
  const series = [...new Set(table.array("method") as string[])].map((name) => {
    const own = table.filter(escape((row: { method: string }) => row.method === name));
    const numbers = (column: string) => own.array(column) as number[];
    return {
      name,
      runs: Math.max(...numbers("runs")),
      x: numbers("step"),
      y: numbers("mean"),
      low: numbers("low"),
      high: numbers("high"),
    };
  });
  return curves({
    title: `${metric} by method`,
    series,
    xTitle: "Step",
    yTitle: metric,
    n: Math.min(...series.map(({ runs }) => runs)),
    caption: `Runs: ${series.map(({ name, runs }) => `${name} ${runs}`).join(", ")}.`,
    band: "from the lowest run to the highest",
  });
}

/**
 * The differences between systems of experiments whose 95 % interval does not hold 0, the largest first.
 *
 * @param folder results, at any depth
 * @returns columns `experiment`, `system`, `baseline`, `capability`, `n`, `difference`, `low`, `high`
 */
export async function clearDifferences(folder: string): Promise<ColumnTable> {
  return (await loadComparisons(folder))
    .filter((d) => d.low > 0 || d.high < 0)
    .select("experiment", "system", "baseline", "capability", "n", "difference", "low", "high")
    .orderby(desc("difference"));
}
