import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import {
  type Metric,
  readResults,
  type Results,
  resultsFile,
  writeResults,
} from "../../lib/runs/results.ts";
import { UsageError } from "../../lib/runtime/mod.ts";
import { sampleResults } from "./sample_results.ts";

async function withFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("results come back as they were written, and the bytes are the same again", () =>
  withFolder(async (folder) => {
    const path = await writeResults(join(folder, "new"), sampleResults);
    assertEquals(await readResults(path), sampleResults);
    assertEquals(await readResults(join(folder, "new")), sampleResults);
    const before = await Deno.readTextFile(path);
    await writeResults(join(folder, "new"), await readResults(path));
    assertEquals(await Deno.readTextFile(path), before);
    assertEquals([...Deno.readDirSync(join(folder, "new"))].map((e) => e.name), [resultsFile]);
  }));

Deno.test("the unit of a metric is share unless it is given", () =>
  withFolder(async (folder) => {
    const { unit: _, ...metric } = sampleResults.metrics[0]!;
    await writeResults(folder, { ...sampleResults, metrics: [metric as Metric] });
    assertEquals((await readResults(folder)).metrics[0]!.unit, "share");
  }));

const metric = (change: object) => ({ metrics: [{ ...sampleResults.metrics[0]!, ...change }] });
const bad: Readonly<Record<string, [object, string]>> = {
  "a missing key": [{ seeds: undefined }, "seeds"],
  "no seeds": [{ seeds: [] }, "seeds"],
  "NaN": [metric({ mean: NaN }), "metrics.0.mean"],
  "an interval without its value": [metric({ low: 0.5 }), "low <= mean <= high"],
  "per cent instead of a share": [metric({ mean: 31, high: 34 }), "a share from 0 to 1"],
  "n = 0": [metric({ n: 0 }), "metrics.0.n"],
  "an unknown key": [{ extra: 1 }, "extra"],
  "a wrong date": [{ date: "yesterday" }, "date"],
  "a wrong hash": [{ config_hash: "xyz" }, "config_hash"],
  "a path that leaves the folder": [{ figures: ["../a.svg"] }, "figures.0"],
  "one score twice": [
    { metrics: [sampleResults.metrics[0]!, sampleResults.metrics[0]!] },
    "base on domain only once",
  ],
};

for (const [name, [change, expected]] of Object.entries(bad)) {
  Deno.test(`writing results with ${name} fails in one line and writes nothing`, () =>
    withFolder(async (folder) => {
      const results = { ...sampleResults, ...change } as Results;
      const error = await assertRejects(() => writeResults(folder, results), UsageError);
      assertStringIncludes(error.message, expected);
      assert(!error.message.includes("\n"));
      assertEquals([...Deno.readDirSync(folder)], []);
    }));
}

Deno.test("a file that is not there, not JSON or not results gives one clear line", () =>
  withFolder(async (folder) => {
    const fails = async (expected: string) => {
      const error = await assertRejects(() => readResults(folder), UsageError);
      assertStringIncludes(error.message, expected);
      assertStringIncludes(error.message, join(folder, resultsFile));
      assert(!error.message.includes("\n"));
    };
    await fails("Expected a file with results but found none");
    await Deno.writeTextFile(join(folder, resultsFile), '{"version": "0.1');
    await fails("Expected JSON");
    await Deno.writeTextFile(join(folder, resultsFile), "[]");
    await fails("Expected");
    const machine = { ...sampleResults.machine, cores: 0 };
    await Deno.writeTextFile(
      join(folder, resultsFile),
      JSON.stringify({ ...sampleResults, machine }),
    );
    await fails("Expected machine.cores");
  }));
