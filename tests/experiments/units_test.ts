/** What committed findings hold unit by unit is what the numbers of the committed results are means of. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { experiments } from "../../experiments/catalogue.ts";
import { resultsFolders } from "../../experiments/report/presentation.ts";
import { average } from "../../lib/evaluation/mod.ts";
import { readFindings, readResults } from "../../lib/runs/mod.ts";

const root = join(import.meta.dirname!, "../../experiments/results");

/** Values that the findings hold and of which results.json holds no mean, as far as their names begin like this. */
const withoutMetric: Readonly<Record<string, readonly string[]>> = {
  convergence: ["any rule, "],
  cost: ["adaptation: "],
  "gradient-geometry": ["2 cap", "3 cap", "4 cap", "Euclid", "Adam's metric", "natural gradient"],
  safety: ["SFT"],
  sampled: ["capability-aware, "],
};

/** Results of which every number is a mean over units that are kept; the paper preset's main comparison kept no answers. */
const wholly = ["main-results", "exact-lm", "paper/exact-lm", "reward-weighting", "pareto"];

/** Experiments whose findings hold sums and means alone. */
const sumsAlone = ["advantages", "surrogate"];

for (
  const folder of [...await resultsFolders(root), ...await resultsFolders(join(root, "paper"))]
) {
  const name = folder.slice(root.length + 1);
  Deno.test(`${name}: means over the units are those of the results`, async () => {
    const results = await readResults(folder);
    const { id, units } = experiments.find(({ id }) => id === results.experiment)!;
    const found = units(await readFindings(folder));
    assertEquals(found.length === 0, sumsAlone.includes(id));
    let compared = 0;
    const seen = new Set<string>();
    for (const { system, capability, values } of found) {
      const where = `${system} on ${capability}`;
      assert(!seen.has(where), where);
      seen.add(where);
      const metric = results.metrics.find((m) =>
        m.system === system && m.capability === capability
      );
      if (metric === undefined) {
        assert(withoutMetric[id]?.some((start) => system.startsWith(start)), where);
        continue;
      }
      assertEquals(values.size, metric.n, where);
      assertAlmostEquals(average([...values.values()]), metric.mean, 1e-9, where);
      compared++;
    }
    if (wholly.includes(name)) assertEquals(compared, results.metrics.length);
  });
}
