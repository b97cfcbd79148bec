/** Tables of made-up run folders and results. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { desc } from "arquero";
import { csvTable } from "../../lib/figures/mod.ts";
import { completeConfig, type PartialConfig } from "../../lib/runs/config.ts";
import { beginRun, runFiles } from "../../lib/runs/folder.ts";
import { openRunLog } from "../../lib/runs/log.ts";
import {
  loadComparisons,
  loadLogs,
  loadResults,
  loadRuns,
  logFile,
  readFindings,
  resultsFile,
  tableOf,
  writeFindings,
  writeResults,
} from "../../lib/runs/mod.ts";
import { UsageError, WorkbenchError } from "../../lib/runtime/mod.ts";
import { sampleResults } from "../experiments/sample_results.ts";
import { inTemporaryFolder } from "../model/fixtures.ts";

const backend = {
  name: "cpu",
  versions: { deno: "1" },
  machine: { cores: 2 },
} as unknown as Parameters<typeof beginRun>[3];

/** Begins a run and lets it log steps, of each of which the metrics are given. */
async function begin(
  folder: string,
  config: PartialConfig,
  steps: readonly Record<string, number>[],
): Promise<void> {
  const inputs = { items: "0", itemCount: 7, rules: 1, from: null };
  await Deno.mkdir(folder, { recursive: true });
  await beginRun(folder, completeConfig(config, "a test"), inputs, backend);
  const log = openRunLog(folder);
  steps.forEach((metrics, i) =>
    log.add({
      ...{ step: i + 1, loss: 0, grad_norm: 1, learning_rate: 0.5, step_time: 0.25 },
      ...metrics,
    })
  );
  log.close();
}

/** Gives a run its end. */
async function finish(folder: string, seconds: number): Promise<void> {
  const path = join(folder, runFiles.record);
  const record = JSON.parse(await Deno.readTextFile(path));
  const ended = { ...record, ended: "2026-01-02T03:04:05.000Z", seconds };
  await Deno.writeTextFile(path, JSON.stringify(ended));
  await Deno.writeTextFile(join(folder, runFiles.parameters), "");
}

/** Two methods: a finished and evaluated run, one that goes on, and three that are damaged. */
async function madeRuns(folder: string): Promise<void> {
  await begin(join(folder, "sft"), { method: "sft", seed: 3, sft: { maxSteps: 2 } }, [
    { loss: 3, eval_loss: 2.5 },
    { loss: 2 },
  ]);
  await finish(join(folder, "sft"), 12.5);
  const measured = { ...sampleResults.metrics[0]!, system: "SFT" };
  await writeResults(join(folder, "sft"), {
    ...sampleResults,
    metrics: [
      { ...measured, capability: "domain", mean: 0.5, low: 0.25, high: 0.75 },
      { ...measured, capability: "MMLU", mean: 0.25, low: 0, high: 0.5 },
    ],
    comparisons: [],
  });
  await begin(
    join(folder, "own/grpo"),
    { method: "grpo", model: "tiny", grpo: { beta: 0.5 }, tuning: { targetModules: ["q_proj"] } },
    [{ loss: 0.5, "rewards/domain/mean": 0.125, step_time: 2 }, { loss: 0.25, step_time: 3 }],
  );
  await begin(join(folder, "own/text"), { method: "sft" }, [{ loss: 1 }]);
  await Deno.writeTextFile(join(folder, "own/text", runFiles.config), "{x");
  await begin(join(folder, "own/old"), { method: "sft" }, [{ loss: 1 }]);
  const old = join(folder, "own/old", runFiles.config);
  const config = JSON.parse(await Deno.readTextFile(old));
  await Deno.writeTextFile(old, JSON.stringify({ ...config, forgotten: { way: 4 } }));
  await Deno.writeTextFile(join(folder, "own/old", resultsFile), "[]");
  await Deno.mkdir(join(folder, "own/half"));
  await Deno.writeTextFile(join(folder, "own/half", runFiles.record), "{}");
  await Deno.writeTextFile(join(folder, "own/half", logFile), "step,loss\n1,much\n");
}

Deno.test("a row a run: options by dotted name, facts, last values of metrics, scores", () =>
  inTemporaryFolder(async (folder) => {
    await madeRuns(folder);
    const runs = await loadRuns(folder);
    assertEquals(runs.array("run"), ["own/grpo", "own/half", "own/old", "own/text", "sft"]);
    assertEquals(runs.columnNames().slice(0, 4), ["run", "method", "model", "seed"]);
    assertEquals(runs.columnNames().at(-1), "note");
    const columns = [
      ...["run", "method", "model", "seed", "finished", "steps", "seconds", "items", "backend"],
      ...["loss", "eval_loss", "rewards/domain/mean", "score.domain", "score.MMLU"],
    ];
    const whole = runs.filter((d) => d.note === null).orderby(desc("run"));
    assertEquals(
      csvTable(whole.select(columns)),
      `${columns.join(",")}
sft,sft,smollm2,3,true,2,12.5,7,cpu,2,2.5,,0.5,0.25
own/grpo,grpo,tiny,0,false,2,5,7,cpu,0.25,,0.125,,
`,
    );
    const [sft, grpo] = whole.objects() as Record<string, unknown>[];
    assertEquals([sft!["sft.maxSteps"], grpo!["sft.maxSteps"]], [2, null]);
    assertEquals([sft!["grpo.beta"], grpo!["grpo.beta"]], [null, 0.5]);
    assertEquals(grpo!["tuning.targetModules"], "q_proj");
    assertEquals(grpo!["grpo.rewardWeights"], "0.25,0.25,0.25,0.25");
    assertEquals(sft!["ended"], new Date("2026-01-02T03:04:05Z"));
    assert(sft!["began"] instanceof Date && grpo!["ended"] === null);
  }));

Deno.test("what cannot be read of a run is missing, and its note says why", () =>
  inTemporaryFolder(async (folder) => {
    await madeRuns(folder);
    const runs = await loadRuns(folder);
    const rows = runs.objects() as Record<string, unknown>[];
    const row = (name: string) => rows.find(({ run }) => run === name)!;
    const [half, old, text] = [row("own/half"), row("own/old"), row("own/text")];
    assertEquals([half.method, half.steps, half.began, half.seconds], [null, null, null, null]);
    for (
      const part of ["config.json but found none", "version to be a string", '"much"', "line 2"]
    ) {
      assertStringIncludes(half.note as string, part);
    }
    assertEquals([old.method, old["forgotten.way"], old.steps, old.items], ["sft", 4, 1, 7]);
    assertStringIncludes(old.note as string, "known keys but found forgotten");
    assertStringIncludes(old.note as string, `to be an object but found [] in ${folder}`);
    assertEquals([text.method, text.steps, text.loss, text.backend], [null, 1, 1, "cpu"]);
    assertStringIncludes(text.note as string, "Expected JSON");
    assert(!text.note!.toString().includes("\n"));
  }));

Deno.test("one run folder is a table of one run, under the folder's name, with the same name in its log", () =>
  inTemporaryFolder(async (folder) => {
    const path = join(folder, "first");
    await begin(path, { method: "sft" }, [{ loss: 3 }, { loss: 1 }]);
    await Deno.mkdir(join(path, ".hidden"));
    await Deno.writeTextFile(join(path, ".hidden", logFile), "step\n1\n");
    const [runs, logs] = [await loadRuns(path), await loadLogs(`${path}/`)];
    assertEquals(runs.array("run"), ["first"]);
    const joined = runs.select("run", "method").join(logs).filter((d) => d.metric === "loss");
    assertEquals(
      csvTable(joined),
      "run,method,step,metric,value\nfirst,sft,1,loss,3\nfirst,sft,2,loss,1\n",
    );
  }));

Deno.test("logs are long, and wide when pivoted; a run that took no step has none", () =>
  inTemporaryFolder(async (folder) => {
    await begin(join(folder, "b"), { method: "sft" }, []);
    const none = await loadLogs(folder);
    assertEquals([none.numRows(), none.columnNames()], [0, ["run", "step", "metric", "value"]]);
    await begin(join(folder, "a"), { method: "grpo" }, [{ loss: 3 }, { loss: NaN, kl: 0.5 }]);
    await Deno.writeTextFile(join(folder, "a", logFile), "3,0.", { append: true });
    const logs = await loadLogs(folder);
    assertEquals(
      csvTable(logs.filter((d) => d.metric === "loss" || d.metric === "kl")),
      "run,step,metric,value\na,1,loss,3\na,2,loss,\na,2,kl,0.5\n",
    );
    const wide = logs.groupby("run", "step").pivot("metric", "value");
    assertEquals(
      csvTable(wide.select("run", "step", "kl", "step_time")),
      "run,step,kl,step_time\na,1,,0.25\na,2,0.5,0.25\n",
    );
    for (
      const [text, ...words] of [
        ["step,loss\n1,2\n2,x\n", '"x"', "line 3"],
        ["step,loss\n,2\n", "step", '""', "line 2"],
        ["loss\n1\n", '"step"'],
        ['step,loss\n1,"2\n', "a quote to be closed"],
      ] as [string, ...string[]][]
    ) {
      await Deno.writeTextFile(join(folder, "b", logFile), text);
      const error = await assertRejects(() => loadLogs(folder), WorkbenchError);
      for (const word of [...words, join(folder, "b", logFile)]) {
        assertStringIncludes(error.message, word);
      }
    }
  }));

Deno.test("results of two experiments: every score and comparison, under its folder", () =>
  inTemporaryFolder(async (folder) => {
    const other = {
      ...sampleResults,
      experiment: "other",
      preset: "paper",
      metrics: sampleResults.metrics.slice(0, 1),
      comparisons: [],
    };
    await writeResults(join(folder, "x/one"), sampleResults);
    await writeResults(join(folder, "x/two"), other);
    const results = await loadResults(folder);
    assertEquals(results.numRows(), sampleResults.metrics.length + 1);
    assertEquals(results.columnNames().slice(0, 6), [
      ...["run", "experiment", "preset", "date", "system", "capability"],
    ]);
    const only = results.filter((d) => d.preset === "paper").object() as Record<string, unknown>;
    const { run, experiment, preset, date, ...metric } = only;
    assertEquals([run, experiment, preset], ["x/two", "other", "paper"]);
    assertEquals([date, metric], [new Date(other.date), other.metrics[0]]);
    const comparisons = await loadComparisons(folder);
    assertEquals(comparisons.numRows(), sampleResults.comparisons.length);
    assert(comparisons.numRows() > 0 && comparisons.columnNames().includes("baseline"));
    const none = await loadComparisons(join(folder, "x/two"));
    assertEquals([none.numRows(), none.columnNames()], [0, comparisons.columnNames()]);
    await Deno.writeTextFile(join(folder, "x/one", resultsFile), "{");
    const error = await assertRejects(() => loadResults(folder), UsageError);
    assertStringIncludes(error.message, join(folder, "x/one", resultsFile));
  }));

Deno.test("a folder without runs or results, and no folder, are one line", () =>
  inTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "config.json"), "{}");
    for (
      const [load, what] of [
        [loadRuns, "training runs"],
        [loadLogs, "training runs"],
        [loadResults, "results.json"],
        [loadComparisons, "results.json"],
      ] as const
    ) {
      const empty = await assertRejects(() => load(folder), UsageError);
      assertEquals(empty.message, `Expected ${what} but found none in ${folder} or below it`);
      for (const path of [join(folder, "none"), join(folder, "config.json")]) {
        const missing = await assertRejects(() => load(path), UsageError);
        assertEquals(missing.message, `Expected a folder but found none at ${path}`);
      }
    }
  }));

Deno.test("records of findings become a table with all of their keys", () =>
  inTemporaryFolder(async (folder) => {
    const findings = { rules: [{ rule: "mean", harm: 3 }, { rule: "mgda", gain: 2 }] };
    await writeFindings(folder, findings);
    const { rules } = await readFindings(folder) as typeof findings;
    assertEquals(csvTable(tableOf(rules)), "rule,harm,gain\nmean,3,\nmgda,,2\n");
    assertEquals(tableOf([]).columnNames(), []);
    assertEquals(tableOf([], ["rule"]).columnNames(), ["rule"]);
    await assertRejects(() => readFindings(join(folder, "none")), UsageError, "findings");
  }));
