/**
 * The experiments' command line: runs what is named (or everything), writes results.json, tables, figures and one
 * report.html. Every stage is kept in a store inside the output folder, so a run that was stopped goes on where it
 * was, and a second run is read from the store.
 *
 * @module
 */

import { join } from "@std/path";
import { z } from "zod";
import { plainTable } from "../lib/figures/mod.ts";
import { precisionSchema } from "../lib/runs/mod.ts";
import {
  backendFor,
  checkWritable,
  hashJson,
  openStore,
  parseConfig,
  progressBar,
  runCommand,
  startBackend,
  UsageError,
} from "../lib/runtime/mod.ts";
import { experiments } from "./catalogue.ts";
import { makeNamed, showPlan } from "./cells/commands.ts";
import { launch } from "./cells/launch.ts";
import { runLocally } from "./cells/local.ts";
import type { PlannedRun } from "./cells/plan.ts";
import { cancelJobs, slurmRunner } from "./cells/slurm.ts";
import { chosenRuns, ownOptions } from "./chosen.ts";
import {
  type Experiment,
  type Preset,
  presets,
  type ReportSection,
  type RunContext,
} from "./core/experiment.ts";
import { stopOnSignals } from "./core/stop.ts";
import { counted } from "./stages/verdicts.ts";
import { writePresentation, writeReport } from "./report/presentation.ts";
import { type Results, resultsSchema, writeFindings, writeResults } from "../lib/runs/mod.ts";
import project from "../deno.json" with { type: "json" };

const options = z.object({
  experiments: z.array(z.string()).default([]).describe("Which experiments; all when left out"),
  preset: z.enum(presets).default("quick").describe(
    "smoke: minutes, a tiny model; quick: SmolLM2-135M, a small budget; paper: hours",
  ),
  seeds: z.int().min(1).max(10_000).optional().describe(
    "Number of seeds; the preset's own when left out",
  ),
  out: z.string().min(1).default("results").describe("Folder of results, figures and the store"),
  precision: precisionSchema,
  config: z.string().optional().describe(
    "JSON file with options that replace the preset's, by experiment, or the JSON itself",
  ),
  list: z.boolean().default(false).describe("List the experiments and end"),
  plan: z.boolean().default(false).describe(
    "Show what is not in the store yet and can be made now, by cells, and end",
  ),
  json: z.string().min(1).optional().describe("File to write the plan to"),
  launcher: z.enum(["local", "slurm"]).optional().describe(
    "Make the cells in processes of their own: local, on this machine; slurm, as array jobs, which a second call joins",
  ),
  jobs: z.int().min(1).max(10_000).default(2).describe("Processes at a time"),
  cpusPerTask: z.int().min(1).max(1024).default(1).describe("Processors of a job of Slurm"),
  partition: z.string().min(1).optional().describe("Partition of Slurm"),
  gres: z.string().min(1).optional().describe("Generic resources of a job of Slurm, such as gpu:1"),
  time: z.string().min(1).optional().describe("Longest time of a job of Slurm, such as 2:00:00"),
  cancel: z.boolean().default(false).describe(
    "End the jobs of Slurm that a launcher left, and end",
  ),
  cell: z.array(z.string().min(1)).min(1).optional().describe("Make cells of the plan and end"),
});

/** Runs one experiment and writes everything but the report. */
async function runOne(
  experiment: Experiment,
  config: Record<string, unknown>,
  preset: Preset,
  folder: string,
  context: RunContext,
): Promise<{ results: Results; sections: readonly ReportSection[] }> {
  const output = await experiment.run(context, config);
  const { name, versions, machine, note } = context.backend;
  const measured = parseConfig(resultsSchema, {
    version: project.version,
    experiment: experiment.id,
    preset,
    date: new Date().toISOString(),
    machine,
    backend: { name, versions: { ...versions }, ...(note !== undefined && { note }) },
    config,
    config_hash: await hashJson(config),
    seeds: [...context.seeds],
    seconds: output.seconds,
    metrics: output.metrics,
    comparisons: output.comparisons,
    notes: output.notes,
    tables: [],
    figures: [],
  }, experiment.id);
  const shown = experiment.view(measured, output.findings);
  const { tables, figures } = await writePresentation(folder, shown);
  const results = { ...measured, tables: [...tables], figures: [...figures] };
  // Side by side, so that a run that is killed does not leave the one without the other.
  await writeFindings(folder, output.findings);
  await writeResults(folder, results);
  console.log(`\n${experiment.question}\n`);
  console.log(plainTable(shown.tables[0]!.rows));
  for (const { question, answer } of shown.sections) console.log(`${question} ${answer}\n`);
  return { results, sections: shown.sections };
}

/** Says once of each kind of entry that another process makes it. */
function tellOfWaiting(out: string): (kind: string) => void {
  const told = new Set<string>();
  return (kind) => {
    if (told.has(kind)) return;
    told.add(kind);
    console.error(
      `note: waiting for another process that makes an entry of ${kind} in ${join(out, "store")}`,
    );
  };
}

/** Options that count only with another one. */
function checkOptions(
  { launcher, json, plan, ...slurm }: Readonly<Record<string, unknown>>,
): void {
  const stray = Object.keys(slurm).find((key) => slurm[key] !== undefined);
  if (launcher !== "slurm" && stray !== undefined) {
    throw new UsageError(`Expected --${stray} with --launcher slurm alone but found it without`);
  }
  if (json !== undefined && !plan) {
    throw new UsageError("Expected --json with --plan alone but found it without");
  }
}

/** Runs experiments one after another and writes their report. */
async function runAll(
  runs: readonly PlannedRun[],
  preset: Preset,
  context: Omit<RunContext, "store" | "seeds">,
  out: string,
): Promise<void> {
  const store = openStore(join(out, "store"), { onWait: tellOfWaiting(out) });
  const reports: Awaited<ReturnType<typeof runOne>>[] = [];
  for (const { experiment, config, seeds } of runs) {
    const folder = join(out, experiment.id);
    reports.push(await runOne(experiment, config, preset, folder, { ...context, store, seeds }));
  }
  console.log(`Report: ${await writeReport(out, reports)}`);
}

if (import.meta.main) {
  await runCommand(
    {
      name: "experiments",
      summary: "Runs experiments and writes results.json, tables, figures and report.html.",
      // Their names are known to the experiments alone, not to the types.
      schema: options.extend(ownOptions as Record<never, z.ZodType>),
      positional: ["experiments"],
      examples: ["main-results", "main-results --preset smoke --out /tmp/results", "--list"],
    },
    Deno.args,
    async (given) => {
      const { preset, out, precision, plan, json, cell, list, ...rest } = given;
      const { launcher, jobs, cpusPerTask, partition, gres, time, cancel, ...asked } = rest;
      if (list) {
        console.log(plainTable(experiments.map(({ id, question }) => ({ id, question }))));
        return;
      }
      checkOptions({ launcher, json, plan, partition, gres, time });
      if (cancel) {
        return console.log(`${counted(await cancelJobs(out), "job")} cancelled`);
      }
      const runs = await chosenRuns({ ...asked, preset });
      await checkWritable(out);
      const launches = launcher !== undefined && cell === undefined && !plan;
      let areJobsQueued = false;
      const stop = stopOnSignals(
        console.error,
        () =>
          `Stopped; ${
            areJobsQueued
              ? "jobs of Slurm go on, --cancel ends them; the same command joins them"
              : "the same command goes on"
          } from ${out}`,
      );
      try {
        if (launches) {
          const options = { args: Deno.args, out, jobs };
          const slurm = slurmRunner({ partition, gres, time, cpusPerTask });
          areJobsQueued = launcher === "slurm";
          await launch(options, areJobsQueued ? slurm : runLocally, stop);
          areJobsQueued = false;
        }
        const setup = progressBar("Setting up TensorFlow");
        const backend = await startBackend(backendFor(precision), setup.update);
        setup.finish(backend.name);
        if (backend.note !== undefined) console.error(backend.note);
        const stage = (label: string) => {
          // A training that was stopped is whole where it was at its last step: what follows it begins here.
          stop.signal.throwIfAborted();
          return progressBar(label);
        };
        const context = { backend, stop, stage };
        if (cell !== undefined) await makeNamed(runs, cell, context, out);
        else if (plan) await showPlan(runs, context, out, json);
        else await runAll(runs, preset, context, out);
        stop.end();
      } catch (error) {
        if (error !== stop.signal.reason) throw error;
        console.error(`Stopped; the same command goes on from ${out}`);
        Deno.exit(stop.code());
      }
    },
  );
}
