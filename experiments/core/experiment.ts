/** What an experiment is: a question, a configuration for each preset, and a run that gives results and figures. @module */

import type { z } from "zod";
import type { Figure, Row, Table } from "../../lib/figures/mod.ts";
import type { BackendInfo, OnStage, Store } from "../../lib/runtime/mod.ts";
import type { Results } from "../../lib/runs/mod.ts";

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

/** What a run gives. */
export interface RunOutput extends Measured {
  /** Figures and tables as functions of the results, so that they can be drawn again from the file. */
  readonly present: (results: Results) => Presentation;
}

/** An experiment. */
export interface Experiment<S extends z.ZodObject = z.ZodObject> {
  /** Its name on the command line. */
  readonly id: string;
  /** What it asks. */
  readonly question: string;
  /** Its options, with descriptions. */
  readonly schema: S;
  /** The options at each preset. */
  readonly presets: Readonly<Record<Preset, z.input<S>>>;
  /** Number of seeds at each preset. */
  readonly seeds: Readonly<Record<Preset, number>>;
  /** Runs it. */
  readonly run: (context: RunContext, config: z.output<S>) => Promise<RunOutput>;
}

/** Lets progress bars move between parts of a computation that does not wait for anything. */
export const breathe = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
