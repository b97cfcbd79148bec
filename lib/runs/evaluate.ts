/** Evaluates a training run, or a model by name with or without an adapter. @module */

import { loadKnowledge } from "../knowledge/mod.ts";
import { checkContext, encodePrompt } from "../model/mod.ts";
import { type BackendInfo, checkWritable, UsageError } from "../runtime/mod.ts";
import {
  compareWith,
  evaluationOf,
  type EvaluationResult,
  heldOut,
  measureModel,
  type MeasureOptions,
  writeEvaluation,
} from "./evaluation.ts";
import { readResults, type Results } from "./results.ts";
import {
  adaptedPolicy,
  checkModelFiles,
  finishedRun,
  type RunFolder,
  runPolicy,
} from "./folder.ts";
import { completeConfig } from "./config.ts";
import { type OnNote, openModel } from "./model.ts";
import { itemsOfConfig } from "./run.ts";

/** What {@linkcode evaluateRun} needs. */
export interface EvaluateRunOptions extends
  Pick<
    MeasureOptions,
    "mmluQuestions" | "pubmedqaQuestions" | "maxNewTokens" | "batchRows" | "seed" | "stage"
  > {
  /** Folder of a training run. */
  readonly run?: string | undefined;
  /** Instead of a run, a model by name. */
  readonly model?: string | undefined;
  /** An adapter for that model. */
  readonly adapter?: string | undefined;
  /** Where results go; the run's folder, or nowhere with a model, when left out. */
  readonly out?: string | undefined;
  /** Folder of an earlier evaluation to compare with. */
  readonly against?: string | undefined;
  /** File of items; the run's own data when left out. */
  readonly items?: string | undefined;
  /** Folder of the graph; the run's own when left out. */
  readonly knowledge?: string | undefined;
  /** System message; the run's own when left out. */
  readonly system?: string | undefined;
  /** Most items of each capability, none with 0, all when left out. */
  readonly testItems?: number | undefined;
  /** Told what a user should know about the model and what it reads. */
  readonly onNote?: OnNote | undefined;
  /** What computes. */
  readonly backend: BackendInfo;
  /** Told what was wrong in the files of the knowledge graph. */
  readonly onWarning?: ((line: string) => void) | undefined;
}

/** The run that is asked for, undefined for a model by name. */
async function runOf(
  { run, model, adapter }: EvaluateRunOptions,
): Promise<RunFolder | undefined> {
  if ((run === undefined) === (model === undefined)) {
    throw new UsageError(
      `Expected one of --run and --model but found ${run === undefined ? "neither" : "both"}`,
    );
  }
  if (run === undefined) return undefined;
  if (adapter !== undefined) {
    throw new UsageError("Expected --adapter together with --model but found it with --run");
  }
  return await finishedRun(run);
}

/** What was measured, and where it was written. */
export interface EvaluatedRun extends EvaluationResult {
  /** Paired differences from the earlier evaluation. */
  readonly comparisons: Results["comparisons"];
  /** The folder. */
  readonly out: string | undefined;
}

/**
 * Measures a run or a model, and writes the results where there is a folder for them.
 *
 * @throws UsageError when both or neither of run and model are given, or there is no item to ask
 */
export async function evaluateRun(
  options: EvaluateRunOptions,
): Promise<EvaluatedRun> {
  const { adapter, backend, seed, stage } = options;
  const run = await runOf(options);
  if (run !== undefined) await checkModelFiles(run);
  // What is wrong is told before the work, not after it.
  const out = options.out ?? run?.folder;
  if (out !== undefined) await checkWritable(out);
  if (options.against !== undefined) await readResults(options.against);
  const base = run?.config ??
    completeConfig({ method: "sft", model: options.model }, "the command line");
  const name = base.model;
  const { items = base.data.items, knowledge = base.data.knowledge, system = base.system } =
    options;
  const data = { ...base.data, items, knowledge };
  const { testItems = Infinity } = options;
  const all = testItems === 0
    ? []
    : await itemsOfConfig({ ...base, data }, stage, undefined, options.onNote);
  if (testItems > 0 && heldOut(all, 1).length === 0) {
    throw new UsageError(`Expected at least 1 item of the test split but found 0 in ${items}`);
  }
  const { model, tokenizer, notes } = await openModel(name, stage);
  notes.forEach((note) => options.onNote?.(note));
  const policy = run === undefined ? await adaptedPolicy(model, adapter) : runPolicy(model, run);
  const { mmluQuestions, pubmedqaQuestions, maxNewTokens, batchRows } = options;
  const asked = { mmluQuestions, pubmedqaQuestions, maxNewTokens, batchRows, seed };
  const held = heldOut(all, testItems);
  checkContext(
    model.config,
    held.map(({ id, prompt }) => ({
      name: `item ${id} with ${maxNewTokens} new tokens`,
      tokens: encodePrompt(tokenizer, prompt, system).length + maxNewTokens,
    })),
  );
  const scores = await measureModel({
    ...asked,
    language: { tokenizer, policy },
    items: held,
    knowledge: await loadKnowledge(knowledge, options.onWarning),
    system,
    stage,
  });
  const result = evaluationOf(run === undefined ? name : run.config.method.toUpperCase(), scores);
  const comparisons = options.against === undefined
    ? []
    : await compareWith(options.against, result, seed);
  if (out !== undefined) {
    const subject = run === undefined ? { adapter } : { run: run.folder, tuning: base.tuning };
    const config = {
      model: name,
      ...subject,
      system,
      data,
      testItems: options.testItems,
      ...asked,
    };
    await writeEvaluation(out, result, comparisons, {
      // JSON has no place for what was left out.
      config: JSON.parse(JSON.stringify(config)),
      backend,
      seed,
    });
  }
  return { ...result, comparisons, out };
}
