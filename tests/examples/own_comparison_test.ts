import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { tableRows } from "../../lib/figures/mod.ts";
import { logFile, runFiles, writeResults } from "../../lib/runs/mod.ts";
import { sampleResults } from "../experiments/sample_results.ts";
import { inTemporaryFolder } from "../model/fixtures.ts";
import { byMethod, clearDifferences, drawByMethod } from "./own_comparison.ts";

Deno.test("own comparison: means over the runs of a method at each step, and their figure", () =>
  inTemporaryFolder(async (folder) => {
    for (
      const [name, method, log] of [
        ["a", "sft", "step,loss\n1,4\n2,2\n"],
        ["b", "sft", "step,loss,kl\n1,2,0\n2,1,0\n"],
        ["c", "grpo", "step,loss\n1,0.5\n2,0.25\n"],
      ] as const
    ) {
      await Deno.mkdir(join(folder, name));
      await Deno.writeTextFile(join(folder, name, runFiles.config), JSON.stringify({ method }));
      await Deno.writeTextFile(join(folder, name, logFile), log);
    }
    const table = await byMethod(folder, "loss");
    assertEquals(tableRows(table), [
      { method: "grpo", step: 1, runs: 1, mean: 0.5, low: 0.5, high: 0.5 },
      { method: "grpo", step: 2, runs: 1, mean: 0.25, low: 0.25, high: 0.25 },
      { method: "sft", step: 1, runs: 2, mean: 3, low: 2, high: 4 },
      { method: "sft", step: 2, runs: 2, mean: 1.5, low: 1, high: 2 },
    ]);
    const { alt, caption } = drawByMethod(table, "loss");
    assertStringIncludes(alt, "sft from 3.00 at 1 to 1.50 at 2");
    assertStringIncludes(caption, "Runs: grpo 1, sft 2.");
  }));

Deno.test("own comparison: differences whose interval does not hold 0 are kept, the largest first", () =>
  inTemporaryFolder(async (folder) => {
    const [one] = sampleResults.comparisons;
    const comparisons = [
      { ...one!, system: "small", difference: 0.1, low: 0.05, high: 0.15 },
      { ...one!, system: "unclear", difference: 0.3, low: -0.1, high: 0.7 },
      { ...one!, system: "large", difference: 0.2, low: 0.1, high: 0.3 },
    ];
    await writeResults(folder, { ...sampleResults, comparisons });
    assertEquals((await clearDifferences(folder)).array("system"), ["large", "small"]);
  }));
