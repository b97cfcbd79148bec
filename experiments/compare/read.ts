/** Results of two folders, matched by experiment. @module */

import { basename, join } from "@std/path";
import { isFile, UsageError } from "../../lib/runtime/mod.ts";
import {
  type Answer,
  dotted,
  EVALUATION,
  findingsFile,
  readAnswers,
  readFindings,
  readResults,
  readRunFolder,
  type Results,
  resultsFile,
} from "../../lib/runs/mod.ts";
import type { Row } from "../../lib/figures/mod.ts";
import type { Experiment, UnitValues } from "../core/experiment.ts";
import { resultsFolders } from "../report/presentation.ts";

/** Results with all that is compared of them. */
export interface StoredResult {
  /** Their folder. */
  readonly folder: string;
  /** What ran and what was measured. */
  readonly results: Results;
  /** Options by dotted name, those of the training of an evaluated run too. */
  readonly options: Row;
  /** What was measured unit by unit. */
  readonly units: readonly UnitValues[];
  /** Everything that was found: findings.json, or every answer of an evaluation; undefined where neither is there. */
  readonly found: unknown;
}

/** Results of one experiment in both folders. */
export interface MatchedResults {
  /** Name of the experiment, or of the folder of an evaluated run. */
  readonly name: string;
  readonly a: StoredResult;
  readonly b: StoredResult;
}

/** What two folders hold. */
export interface MatchedFolders {
  readonly matched: readonly MatchedResults[];
  /** Names of what the first folder alone holds. */
  readonly onlyA: readonly string[];
  /** Names of what the second folder alone holds. */
  readonly onlyB: readonly string[];
}

/** What the units of an evaluation are. */
export const QUESTIONS = "questions";

/** Scores of an evaluation question by question. */
function answerUnits({ metrics }: Results, answers: readonly Answer[]): UnitValues[] {
  return metrics.map(({ system, capability }) => ({
    system,
    capability,
    units: QUESTIONS,
    values: new Map(
      answers.filter(({ benchmark }) => benchmark === capability)
        .map(({ id, score }) => [id, score]),
    ),
  }));
}

/** An evaluated run or model: its answers, and the options of its training where the results lie in the run's folder. */
async function storedEvaluation(folder: string, results: Results): Promise<StoredResult> {
  const answers = await readAnswers(folder);
  const run = await readRunFolder(folder);
  // The run's own folder is a name for it, not an option.
  const { run: _, ...asked } = results.config;
  const { model, knowledge, items, validation, rules } = run?.record ?? {};
  const trainedOn = { model, knowledge, items, validation, rules };
  return {
    folder,
    results,
    options: {
      ...(run && { ...dotted(run.config), ...dotted(trainedOn, "hash") }),
      ...dotted(asked, "evaluate"),
    },
    units: answerUnits(results, answers),
    found: answers,
  };
}

/** Results of an experiment, or of a program of one's own, of which metrics alone are known. */
async function storedExperiment(
  folder: string,
  results: Results,
  experiments: readonly Experiment[],
): Promise<StoredResult> {
  const options = dotted(results.config);
  const path = join(folder, findingsFile);
  const experiment = experiments.find(({ id }) => id === results.experiment);
  if (experiment === undefined) {
    const found = await isFile(path) ? await readFindings(folder) : undefined;
    return { folder, results, options, units: [], found };
  }
  const found = await readFindings(folder);
  try {
    return { folder, results, options, units: experiment.units(found), found };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${error.message}, ${path}, as a run of this version writes it`);
  }
}

/** Results in a folder by name: that of the experiment; that of the folder for evaluated runs, of which there are many. */
async function namedResults(path: string): Promise<Map<string, [folder: string, Results]>> {
  const found = new Map<string, [string, Results]>();
  for (const folder of await resultsFolders(path)) {
    const results = await readResults(folder);
    const name = results.experiment === EVALUATION ? basename(folder) : results.experiment;
    const other = found.get(name);
    if (other !== undefined) {
      throw new UsageError(
        `Expected results of ${name} once in ${path} but found them in ${other[0]} and ${folder}`,
      );
    }
    found.set(name, [folder, results]);
  }
  return found;
}

/** Whether a path is that of one result, not of a folder of several. */
async function isSingle(path: string): Promise<boolean> {
  return path.endsWith(resultsFile) || await isFile(join(path, resultsFile));
}

/**
 * Reads what two folders hold of the same experiments.
 *
 * @param a folder of one result, or of several such folders
 * @param b likewise
 * @param experiments the experiments that there are
 * @returns results of what both hold, and the names of what one holds alone
 * @throws {UsageError} when there are no results, they are of different experiments, or a file does not fit
 */
export async function matchFolders(
  a: string,
  b: string,
  experiments: readonly Experiment[],
): Promise<MatchedFolders> {
  const [first, second] = [await namedResults(a), await namedResults(b)];
  const stored = ([folder, results]: [string, Results]) =>
    results.experiment === EVALUATION
      ? storedEvaluation(folder, results)
      : storedExperiment(folder, results, experiments);
  const both = async (name: string, one: [string, Results], other: [string, Results]) => ({
    name,
    a: await stored(one),
    b: await stored(other),
  });
  if (await isSingle(a) && await isSingle(b)) {
    const [[name, one], [otherName, other]] = [[...first][0]!, [...second][0]!];
    if (one[1].experiment !== other[1].experiment) {
      throw new UsageError(
        `Expected results of one experiment but found ${one[1].experiment} in ${a} and ${
          other[1].experiment
        } in ${b}`,
      );
    }
    const label = name === otherName ? name : `${name}, ${otherName}`;
    return { matched: [await both(label, one, other)], onlyA: [], onlyB: [] };
  }
  const names = [...first.keys()].filter((name) => second.has(name));
  if (names.length === 0) {
    throw new UsageError(
      `Expected results of one experiment in both but found ${
        [...first.keys()].join(", ")
      } in ${a} and ${[...second.keys()].join(", ")} in ${b}`,
    );
  }
  const matched: MatchedResults[] = [];
  for (const name of names) matched.push(await both(name, first.get(name)!, second.get(name)!));
  return {
    matched,
    onlyA: [...first.keys()].filter((name) => !second.has(name)),
    onlyB: [...second.keys()].filter((name) => !first.has(name)),
  };
}
