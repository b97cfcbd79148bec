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
  isObject,
  openStore,
  parseConfig,
  progressBar,
  readConfig,
  runCommand,
  startBackend,
  unwrap,
  UsageError,
} from "../lib/runtime/mod.ts";
import { experiments } from "./catalogue.ts";
import {
  type Experiment,
  type Preset,
  presets,
  type ReportSection,
  type RunContext,
} from "./core/experiment.ts";
import { stopOnSignals } from "./core/stop.ts";
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
});

/** Options of single experiments: keys of their configuration, which say there what they do. */
const ownOptions: Record<string, z.ZodType> = Object.fromEntries(
  experiments.flatMap(({ config, options }) =>
    options.map((key) => {
      const { core, description } = unwrap(config.shape[key] as z.ZodType);
      const of = experiments.filter((other) => other.options.includes(key)).map(({ id }) => id);
      return [key, (core as z.ZodType).optional().describe(`${description} (${of.join(", ")})`)];
    })
  ),
);

/** What the command line gives of an experiment's own options. */
function givenOptions(
  { id, options }: Experiment,
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const own = Object.entries(given).filter(([key, value]) =>
    key in ownOptions && value !== undefined
  );
  const stray = own.find(([key]) => !options.includes(key));
  if (stray !== undefined) {
    const of = experiments.filter((other) => other.options.includes(stray[0]));
    throw new UsageError(
      `Expected --${stray[0]} with ${
        of.map((other) => other.id).join(" or ")
      } alone but found it with ${id}`,
    );
  }
  return Object.fromEntries(own);
}

/** Settings from a JSON file `{ experiment: { option: value } }`. */
async function readOverrides(path: string | undefined): Promise<Record<string, object>> {
  if (path === undefined) return {};
  const shape = z.strictObject(
    Object.fromEntries(
      experiments.map(({ id }) => [id, z.record(z.string(), z.unknown()).optional()]),
    ),
  );
  const { value, where } = await readConfig(path);
  return parseConfig(shape, value, where) as Record<string, object>;
}

/** Lays the second object over the first, object by object. */
function merge(base: unknown, over: unknown): unknown {
  if (!isObject(base) || !isObject(over)) return over;
  const merged = { ...base };
  for (const [key, value] of Object.entries(over)) {
    merged[key] = key in base ? merge(base[key], value) : value;
  }
  return merged;
}

function chosen(names: readonly string[]): readonly Experiment[] {
  const known = experiments.map(({ id }) => id);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(
      `Expected an experiment out of ${known.join(", ")} but found ${JSON.stringify(unknown)}`,
    );
  }
  return names.length === 0 ? experiments : experiments.filter(({ id }) => names.includes(id));
}

/** The path of a key that was given and that the configuration does not have; at any depth. */
function unknownKey(given: unknown, config: unknown): string | undefined {
  if (typeof given !== "object" || given === null || Array.isArray(given)) return undefined;
  for (const [key, value] of Object.entries(given)) {
    if (typeof config !== "object" || config === null || !Object.hasOwn(config, key)) return key;
    const deeper = unknownKey(value, (config as Record<string, unknown>)[key]);
    if (deeper !== undefined) return `${key}.${deeper}`;
  }
  return undefined;
}

/** An experiment's configuration: the preset with what the user gave over it. */
function configOf(experiment: Experiment, preset: Preset, given: unknown): Record<string, unknown> {
  const where = `the configuration of ${experiment.id}`;
  const config = parseConfig(experiment.config, merge(experiment.presets[preset], given), where);
  const unknown = unknownKey(given, config);
  if (unknown !== undefined) {
    throw new UsageError(`Expected only known keys but found ${unknown} in ${where}`);
  }
  return config as Record<string, unknown>;
}

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
    async ({ experiments: names, preset, seeds, out, precision, config: file, list, ...own }) => {
      if (list) {
        console.log(plainTable(experiments.map(({ id, question }) => ({ id, question }))));
        return;
      }
      const wanted = chosen(names);
      const overrides = await readOverrides(file);
      const configs = wanted.map((experiment) =>
        configOf(
          experiment,
          preset,
          merge(overrides[experiment.id] ?? {}, givenOptions(experiment, own)),
        )
      );
      await checkWritable(out);
      const stop = stopOnSignals(console.error, `Stopped; the same command goes on from ${out}`);
      const setup = progressBar("Setting up TensorFlow");
      const backend = await startBackend(backendFor(precision), setup.update);
      setup.finish(backend.name);
      if (backend.note !== undefined) console.error(backend.note);
      const context = {
        store: openStore(join(out, "store"), tellOfWaiting(out)),
        backend,
        stop,
        stage: (label: string) => {
          // A training that was stopped is whole where it was at its last step: what follows it begins here.
          stop.signal.throwIfAborted();
          return progressBar(label);
        },
      };
      const reports: Awaited<ReturnType<typeof runOne>>[] = [];
      try {
        for (const [i, experiment] of wanted.entries()) {
          const folder = join(out, experiment.id);
          const count = seeds ?? experiment.seeds[preset];
          const own = { ...context, seeds: Array.from({ length: count }, (_, s) => s) };
          reports.push(await runOne(experiment, configs[i]!, preset, folder, own));
        }
      } catch (error) {
        if (error !== stop.signal.reason) throw error;
        console.error(`Stopped; the same command goes on from ${out}`);
        Deno.exit(stop.code());
      }
      const report = await writeReport(out, reports);
      stop.end();
      console.log(`Report: ${report}`);
    },
  );
}
