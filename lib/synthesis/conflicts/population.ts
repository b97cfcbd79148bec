/**
 * Populations of closed prompts in which capabilities are at odds, judged by the knowledge graph.
 *
 * A prompt makes the first or the second demand of its task, or does not say: the *dial* is the share of the latter. A
 * prompt with a demand pays only the reward that the demand is about; the other sees the content alone, or is 1 where it
 * sees none. So one answer is best for all: a model that reads the prompt resolves the conflict, and what is left of it
 * is what two prompts do to the same parameters. A prompt without a demand pays both on the same answers, and no answer
 * is best for both: a true trade-off.
 *
 * The rewards; where two are given, the first holds under the demand, the second without one.
 *
 * | task, answer | domain | reasoning | instruction |
 * |---|---|---|---|
 * | **abstention**: one of two drugs is supported (first demand), or none (second): the same words | | | |
 * | the supported drug named | 1 | 1, 0 | 1 |
 * | the supported drug hedged | 0.6 | 1, 0.5 | 1 |
 * | an unsupported drug named | 0 | 0 | 1 |
 * | an unsupported drug hedged | 0 | 0.5 | 1 |
 * | "Not sure" | 0 | 1 | 1 |
 *
 * | task, answer | domain | reasoning: first; second or none | instruction: first or none; second |
 * |---|---|---|---|
 * | **brevity**: at most three words (first), or two findings as the reason (second) | | | |
 * | the right disease | 1 | 1; 0 | 1; 1 |
 * | the right disease, one finding | 1 | 1; 0.5 | 1 - (words - 3) / 4, at least 0; 1 |
 * | the right disease, two findings | 1 | 1; 1 | the same; 1 |
 * | the wrong disease | 0 | 0; 0 | 1; 1 |
 * | the wrong disease, two findings, which do not speak for it | 0 | 0; 0.5 | as above; 1 |
 * | **sentence**: the name alone (first), or a full sentence (second) | | | |
 * | the supported drug | 1 | 1; 0 | 1; 1 |
 * | the supported drug for the disease | 1 | 1; 0.5 | 0.5; 1 |
 * | a sentence with the supported drug | 1 | 1; 1 | 0; 1 |
 * | the unsupported drug | 0 | 0; 0 | 1; 1 |
 * | a sentence with the unsupported drug | 0 | 0; 0.5 | 0; 1 |
 *
 * | task, answer | domain: first or none; second | reasoning | instruction: first; second or none |
 * |---|---|---|---|
 * | **vocabulary**: the medical term (first), or the patient's words (second) | | | |
 * | the term of the finding | 1; 1 | 1 | 1; 0 |
 * | the term, and the words in brackets | 0.6; 1 | 1 | 1; 0.5 |
 * | the patient's words | 0.2; 1 | 1 | 1; 1 |
 * | the term of another finding | 0; 0 | 1 | 1; 0 |
 * | everyday words of another finding | 0; 0 | 1 | 1; 1 |
 *
 * Integration is the geometric mean of the three, without a reward that no answer of the prompt can earn (domain, where
 * no drug is supported): aligned with none of them alone, best without a demand at the answer in between.
 *
 * @module
 */
import type { Knowledge } from "../../knowledge/mod.ts";
import { randomStream, UsageError } from "../../runtime/mod.ts";
import { abstention } from "./abstention.ts";
import { brevity } from "./brevity.ts";
import type { ClosedPrompt } from "./closed_prompt.ts";
import { type ConflictFacts, splitFacts } from "./facts.ts";
import { sentence } from "./sentence.ts";
import {
  capitalised,
  type ConflictAnswer,
  type ConflictItem,
  type ConflictTask,
  type Demand,
} from "./task.ts";
import { vocabulary } from "./vocabulary.ts";

/** Every conflict task, by name. */
export const conflictTasks = ["abstention", "brevity", "sentence", "vocabulary"] as const;

/** One of the conflict tasks. */
export type ConflictTaskId = (typeof conflictTasks)[number];

const tasksById: Readonly<Record<ConflictTaskId, ConflictTask>> = {
  abstention,
  brevity,
  sentence,
  vocabulary,
};

/** What {@linkcode conflictPopulation} draws. */
export interface ConflictOptions {
  /** Tasks, all of them when left out. */
  readonly tasks?: readonly ConflictTaskId[];
  /** Prompts of each task in each split, at least 1. */
  readonly promptsPerTask: number;
  /** Same seed, same prompts; another seed draws other items. */
  readonly seed: number;
  /** Share of prompts that do not say which of two rewards is wanted, in [0, 1]. */
  readonly dial: number;
}

/** Training prompts and held-out ones. */
export interface ConflictPopulation {
  /** Prompts for training. */
  readonly train: readonly ClosedPrompt[];
  /** Prompts about other diseases and drugs, in other words. */
  readonly heldOut: readonly ClosedPrompt[];
}

/** The rows of rewards; integration is the geometric mean of the rewards that some answer of the prompt can earn. */
function rewardRows(answers: readonly ConflictAnswer[]): number[][] {
  const rows = answers.map(({ domain, reasoning, instruction }) => [
    domain,
    reasoning,
    instruction,
  ]);
  const earned = [0, 1, 2].filter((at) => rows.some((row) => row[at]! > 0));
  return rows.map((row) => [
    ...row,
    earned.reduce((product, at) => product * row[at]!, 1) ** (1 / earned.length),
  ]);
}

function fill(template: string, slots: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (_, slot: string) => {
    const value = slots[slot] ?? slots[slot.toLowerCase()];
    if (value === undefined) throw new Error(`Expected a value for the slot ${slot}`);
    return slot in slots ? value : capitalised(value);
  });
}

/**
 * Whether a pair of prompts, one of each demand, goes without: its place in van der Corput's sequence is below the dial.
 * However many pairs there are, about that share of them does, and one that does so does at every larger dial.
 */
function isUnsaid(pair: number, dial: number): boolean {
  let place = 0;
  for (let rest = pair, digit = 0.5; rest > 0; rest = Math.floor(rest / 2), digit /= 2) {
    place += digit * (rest % 2);
  }
  return place < dial;
}

/** The prompts of one task in one split. */
function promptsOf(
  task: ConflictTask,
  split: "train" | "test",
  facts: ConflictFacts,
  { promptsPerTask, seed, dial }: ConflictOptions,
): ClosedPrompt[] {
  const random = randomStream(seed, "conflicts", task.id, split);
  const items: ConflictItem[] = [];
  for (const item of task.items(facts, random.child("items"))) {
    if (items.length === promptsPerTask) break;
    items.push(item);
  }
  if (items.length < promptsPerTask) {
    throw new UsageError(
      `Expected promptsPerTask to be at most ${items.length} for ${task.id} in ${split} with seed ${seed} but found ${promptsPerTask}`,
    );
  }
  return items.map((item, i) => {
    const demand: Demand = isUnsaid(Math.floor(i / 2), dial)
      ? "both"
      : i % 2 === 0
      ? "first"
      : "second";
    const wording = random.child("wording", i).pick(task.wordings[split]);
    const { slots, answers } = item.put(demand);
    const order = random.child("order", i).shuffle(answers);
    return {
      id: [task.id, split, ...item.key, demand].join("/"),
      task: task.id,
      split,
      prompt: fill(demand === "both" ? wording.ask : `${wording.ask} ${wording[demand]}`, slots),
      answers: order.map(({ text }) => text),
      rewards: rewardRows(order),
    };
  });
}

/**
 * Draw a population of closed prompts in which capabilities are at odds, and as many held-out ones about other diseases
 * and drugs in other words. Tasks take turns, so that any run of prompts holds all of them.
 *
 * A larger dial leaves the demand out of more of the same prompts; a larger number adds prompts and changes none.
 *
 * @param knowledge The graph, which judges every answer.
 * @param options Tasks, number of prompts, seed and dial.
 * @returns Training prompts and held-out ones, `promptsPerTask` for each task.
 * @throws UsageError when an option is out of range or the facts do not give so many prompts.
 */
export function conflictPopulation(
  knowledge: Knowledge,
  options: ConflictOptions,
): ConflictPopulation {
  const { tasks = conflictTasks, promptsPerTask, seed, dial } = options;
  if (!Number.isInteger(promptsPerTask) || promptsPerTask < 1) {
    throw new UsageError(
      `Expected promptsPerTask to be an integer greater than 0 but found ${promptsPerTask}`,
    );
  }
  if (!(dial >= 0 && dial <= 1)) {
    throw new UsageError(`Expected dial to be in [0, 1] but found ${dial}`);
  }
  const known = tasks.every((task) => conflictTasks.includes(task));
  if (!known || tasks.length === 0 || new Set(tasks).size < tasks.length) {
    throw new UsageError(
      `Expected tasks to be some of ${conflictTasks.join(", ")}, each once, but found ${
        JSON.stringify(tasks)
      }`,
    );
  }
  const facts = splitFacts(knowledge, randomStream(seed, "conflicts", "split"));
  const drawn = (split: "train" | "test"): ClosedPrompt[] => {
    const byTask = tasks.map((task) => promptsOf(tasksById[task], split, facts[split], options));
    return byTask[0]!.flatMap((_, i) => byTask.map((prompts) => prompts[i]!));
  };
  return { train: drawn("train"), heldOut: drawn("test") };
}
