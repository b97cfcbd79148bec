/** What an experiment is: a question, a configuration for each preset, and a run that gives results and figures. @module */

import type { z } from "zod";
import type { Figure, Row, Table } from "../../lib/figures/mod.ts";
import {
  type BackendInfo,
  isObject,
  type OnStage,
  parseConfig,
  shellQuoted,
  type Store,
} from "../../lib/runtime/mod.ts";
import type { Results } from "../../lib/runs/mod.ts";
import type { Stop } from "./stop.ts";

/** Sizes at which every experiment runs. */
export const presets = ["smoke", "quick", "paper"] as const;

/** One of {@linkcode presets}. */
export type Preset = typeof presets[number];

/** What a run is given. */
export interface RunContext {
  /** Holds every stage by the hash of what it depends on. */
  readonly store: Store;
  /** Where TensorFlow.js runs. */
  readonly backend: BackendInfo;
  /** One run for each seed. */
  readonly seeds: readonly number[];
  /** Shows a bar for a stage. */
  readonly stage: OnStage;
  /** Ends trainings behind a step; none are ended when left out. */
  readonly stop?: Stop | undefined;
}

/** A table that is written as CSV, Markdown and LaTeX. */
export interface NamedTable {
  /** Name of the files. */
  readonly name: string;
  /** What it shows. */
  readonly caption: string;
  /** Its rows. */
  readonly rows: readonly Row[];
}

/** A figure that is written under a name. */
export interface NamedFigure {
  /** Name of the files. */
  readonly name: string;
  /** The figure. */
  readonly figure: Figure;
}

/** One question and what came out. */
export interface ReportSection {
  /** Anchor in the page: letters, digits and `-`. */
  readonly id: string;
  /** The experiment that it belongs to, or another name under which the contents list it. */
  readonly group?: string;
  /** The question, as a heading. */
  readonly question: string;
  /** The answer in a sentence. */
  readonly answer: string;
  /** The numbers that answer it. */
  readonly table?: Table;
  /** Text above the table. */
  readonly tableCaption?: string;
  /** Decimals in the table; default 2. */
  readonly digits?: number;
  /** The figures that answer it. */
  readonly figures: readonly Figure[];
  /** How it was measured. */
  readonly method: string;
  /** The command that gives it again. */
  readonly command: string;
}

/** What is shown of the results. */
export interface Presentation {
  /** The first one is printed at the end of the run. */
  readonly tables: readonly NamedTable[];
  /** The figures. */
  readonly figures: readonly NamedFigure[];
  /** Sections of the report. */
  readonly sections: readonly ReportSection[];
}

/** The measured part of {@linkcode Results}; the rest says what ran where. */
export type Measured = Pick<Results, "metrics" | "comparisons" | "seconds" | "notes">;

/** What a system was measured at, unit by unit, so that two runs can be compared pair by pair. */
export interface UnitValues {
  /** The system, as metrics name it. */
  readonly system: string;
  /** What was measured, as metrics name it. */
  readonly capability: string;
  /** What a unit is, in the plural: items, replicates, problems. Units are independent of each other. */
  readonly units: string;
  /** Value of each unit by its name. Units of one name are the same in every run, whatever its options. */
  readonly values: ReadonlyMap<string, number>;
}

/** What a run gives. */
export interface RunOutput<F> extends Measured {
  /** Everything that was found, as plain JSON: what the view needs besides the results. */
  readonly findings: F;
}

/** Results with an experiment's own configuration. */
export type ResultsOf<C extends z.ZodType> = Omit<Results, "config"> & {
  readonly config: z.output<C>;
};

/**
 * Values of units that are drawn from their number, by names that say it.
 *
 * @param what a unit, such as `seed`
 * @param values values in the order of the numbers
 * @returns the values by `seed 0`, `seed 1` and so on
 */
export const byNumber = (what: string, values: readonly number[]): Map<string, number> =>
  new Map(values.map((value, i) => [`${what} ${i}`, value]));

/** What an experiment consists of. */
export interface ExperimentParts<C extends z.ZodObject, F extends z.ZodType> {
  /** Its name on the command line. */
  readonly id: string;
  /** What it asks. */
  readonly question: string;
  /** Its options, with descriptions. */
  readonly config: C;
  /** The options at each preset. */
  readonly presets: Readonly<Record<Preset, z.input<C>>>;
  /** Number of seeds at each preset. */
  readonly seeds: Readonly<Record<Preset, number>>;
  /** Keys of its options that the command line takes too; none when left out. */
  readonly options?: readonly (keyof z.output<C> & string)[];
  /** Kinds of entries of the store that tell how long something takes; none when left out. */
  readonly timed?: readonly string[];
  /** What is stored of a run, beside its results. */
  readonly findings: F;
  /** Computes; shows nothing but progress. */
  readonly run: (context: RunContext, config: z.output<C>) => Promise<RunOutput<z.output<F>>>;
  /** What the findings hold unit by unit; left out where they hold sums and means alone. */
  readonly units?: (findings: z.output<F>) => readonly UnitValues[];
  /** Tables, figures and sentences, from what is stored alone: the same input gives the same output. */
  readonly view: (results: ResultsOf<C>, findings: z.output<F>) => Presentation;
}

/** An experiment, whatever its options and findings are. */
export interface Experiment {
  /** Its name on the command line. */
  readonly id: string;
  /** What it asks. */
  readonly question: string;
  /** Its options, with descriptions. */
  readonly config: z.ZodObject;
  /** The options at each preset. */
  readonly presets: Readonly<Record<Preset, unknown>>;
  /** Number of seeds at each preset. */
  readonly seeds: Readonly<Record<Preset, number>>;
  /** Keys of its options that the command line takes too. */
  readonly options: readonly string[];
  /**
   * Kinds of entries of the store that tell how long something takes: no cells, as they are made with all processors and nothing beside them, by
   * the command itself.
   */
  readonly timed: readonly string[];
  /**
   * Runs it.
   *
   * @param context store, backend, seeds and bars
   * @param config options, checked against `config`
   * @returns what came out; the findings fit their schema
   * @throws {UsageError} when the options do not fit
   */
  readonly run: (context: RunContext, config: unknown) => Promise<RunOutput<unknown>>;
  /**
   * What its findings hold unit by unit.
   *
   * @param findings what stands in findings.json
   * @returns a list for each system and thing measured; none where there are sums and means alone
   * @throws {UsageError} when the findings do not fit, as with those of another version
   */
  readonly units: (findings: unknown) => readonly UnitValues[];
  /**
   * Shows it.
   *
   * @param results what stands in results.json
   * @param findings what stands in findings.json
   * @returns tables, figures and sections
   * @throws {UsageError} when the configuration or the findings do not fit, as with those of another version
   */
  readonly view: (results: Results, findings: unknown) => Presentation;
}

/**
 * What was given besides a preset: laid over it, this makes the configuration.
 *
 * @param preset the preset's options, with defaults
 * @param config the options that ran
 * @param except keys that a command line gives by options of their own
 * @returns undefined where nothing was given
 */
function changes(preset: unknown, config: unknown, except: readonly string[] = []): unknown {
  if (!isObject(preset) || !isObject(config)) {
    return JSON.stringify(preset) === JSON.stringify(config) ? undefined : config;
  }
  const found = Object.entries(config).filter(([key]) => !except.includes(key))
    .map(([key, value]) => [key, changes(preset[key], value)] as const)
    .filter(([, value]) => value !== undefined);
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

/**
 * Joins the parts of an experiment. This is the one place where their types meet plain data, so everything that comes
 * from a file or goes to one is checked here.
 *
 * @param parts what the experiment consists of
 * @returns the same with checks in place of types
 */
export function defineExperiment<C extends z.ZodObject, F extends z.ZodType>(
  parts: ExperimentParts<C, F>,
): Experiment {
  const { id, question, config, presets, seeds, options = [], timed = [] } = parts;
  const configOf = (given: unknown): z.output<C> =>
    parseConfig(config as unknown as z.ZodType<z.output<C>>, given, `the configuration of ${id}`);
  const findingsOf = (given: unknown): z.output<F> =>
    parseConfig(parts.findings as z.ZodType<z.output<F>>, given, `the findings of ${id}`);
  return {
    id,
    question,
    config,
    presets,
    seeds,
    options,
    timed,
    run: async (context, given) => {
      const output = await parts.run(context, configOf(given));
      return { ...output, findings: findingsOf(output.findings) };
    },
    units: (findings) => parts.units?.(findingsOf(findings)) ?? [],
    view: (results, findings) => {
      const own = configOf(results.config);
      const shown = parts.view({ ...results, config: own }, findingsOf(findings));
      const preset = presets[results.preset as Preset];
      if (preset === undefined) return shown;
      const given = changes(configOf(preset), own, options);
      if (given === undefined) return shown;
      const more = ` --config ${shellQuoted(JSON.stringify({ [id]: given }))}`;
      const sections = shown.sections.map((one) => ({ ...one, command: one.command + more }));
      return { ...shown, sections };
    },
  };
}

/** Lets progress bars move between parts of a computation that does not wait for anything. */
export const breathe = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
