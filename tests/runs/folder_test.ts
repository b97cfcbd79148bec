import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { completeConfig } from "../../lib/runs/config.ts";
import { beginRun, begunRun, runFiles, type RunInputs } from "../../lib/runs/folder.ts";
import { logFile } from "../../lib/runs/log.ts";
import { UsageError } from "../../lib/runtime/mod.ts";
import { inTemporaryFolder } from "../model/fixtures.ts";

const backend = {
  name: "wasm",
  versions: {},
  machine: { os: "linux", arch: "x86_64", cpu: "Made-up", cores: 2, memory_gb: 8 },
} as const;
const config = completeConfig({ method: "grpo", model: "tiny" }, "a test");
const inputs: RunInputs = {
  model: "m",
  knowledge: "k",
  items: "i",
  itemCount: 7,
  rules: 1,
  from: { hash: "f", config: {} },
};

Deno.test("a run goes on only with the model, graph, items, rules and beginning that it was begun with", () =>
  inTemporaryFolder(async (folder) => {
    assertEquals(await begunRun(folder, config, inputs), undefined);
    await beginRun(folder, config, inputs, backend);
    assertEquals(await begunRun(folder, config, inputs), undefined, "one without a step");
    await Deno.writeTextFile(join(folder, logFile), "step\n1\n");
    assertEquals((await begunRun(folder, config, inputs))?.config, config);
    const others: [Partial<RunInputs>, string][] = [
      [{ model: "other" }, "the hash of the model's files"],
      [{ knowledge: "other" }, "the hash of the graph's files"],
      [{ items: "other" }, "the hash of the training items"],
      [{ rules: 2 }, "the version of the rules"],
      [{ from: null }, "the hash of the earlier run"],
    ];
    for (const [change, message] of others) {
      const work = () => begunRun(folder, config, { ...inputs, ...change });
      await assertRejects(work, UsageError, `Expected ${message}`);
    }
    await assertRejects(
      () => begunRun(folder, { ...config, seed: 1 }, inputs),
      UsageError,
      "Expected seed to be 0 as before but found 1",
    );
  }));

Deno.test("a run of an earlier version, which recorded no model and graph, goes on", () =>
  inTemporaryFolder(async (folder) => {
    await beginRun(folder, config, inputs, backend);
    await Deno.writeTextFile(join(folder, logFile), "step\n1\n");
    const path = join(folder, runFiles.record);
    const { model: _, knowledge: _knowledge, ...record } = JSON.parse(
      await Deno.readTextFile(path),
    );
    await Deno.writeTextFile(path, JSON.stringify(record));
    assertEquals((await begunRun(folder, config, inputs))?.record.items, "i");
  }));
