/** Which experiments run, with which options and seeds. @module */

import { z } from "zod";
import { isObject, parseConfig, readConfig, unwrap, UsageError } from "../lib/runtime/mod.ts";
import { experiments } from "./catalogue.ts";
import type { Experiment, Preset } from "./core/experiment.ts";
import type { PlannedRun } from "./cells/plan.ts";

/** Options of single experiments: keys of their configuration, which say there what they do. */
export const ownOptions: Record<string, z.ZodType> = Object.fromEntries(
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

/**
 * The experiments that are asked for.
 *
 * @param given names, preset, number of seeds, file of options, and options of single experiments
 * @returns each with its configuration and seeds
 * @throws {UsageError} when there is no such experiment or option, or a value is not what it has to be
 */
export async function chosenRuns(
  { experiments: names, preset, seeds, config: file, ...own }: {
    readonly experiments: readonly string[];
    readonly preset: Preset;
    readonly seeds?: number | undefined;
    readonly config?: string | undefined;
  },
): Promise<PlannedRun[]> {
  const wanted = chosen(names);
  const overrides = await readOverrides(file);
  return wanted.map((experiment) => ({
    experiment,
    config: configOf(
      experiment,
      preset,
      merge(overrides[experiment.id] ?? {}, givenOptions(experiment, own)),
    ),
    seeds: Array.from({ length: seeds ?? experiment.seeds[preset] }, (_, seed) => seed),
  }));
}
