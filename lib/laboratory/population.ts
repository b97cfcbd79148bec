/** Populations of the user's own, from JSON Lines files. @module */

import { z } from "zod";
import { isObject, parseConfig, parseJsonLines, readText, UsageError } from "../runtime/mod.ts";
import type { ClosedPrompt } from "../synthesis/mod.ts";

/** Prompts with the names of their rewards. */
export interface Population {
  /** Names of the rewards, `[m]`. */
  readonly rewardNames: readonly string[];
  /** Prompts for training, at least one. */
  readonly train: readonly ClosedPrompt[];
  /** Prompts that are measured and not trained on. */
  readonly heldOut: readonly ClosedPrompt[];
}

/** A line of a file, its rewards by name. */
interface PopulationLine {
  readonly prompt: string;
  readonly answers: readonly string[];
  readonly held_out?: boolean | undefined;
  /** `[answers]` for each name. */
  readonly rewards: ReadonlyMap<string, readonly number[]>;
}

const text = z.string().min(1);
const fields = { prompt: text, answers: z.array(text).min(2), held_out: z.boolean().optional() };

/** Rewards of each answer in a row. */
const listedSchema = z.strictObject({
  ...fields,
  rewards: z.array(z.array(z.number()).min(1)).min(1),
});

/** Rewards by name. */
const namedSchema = z.strictObject({ ...fields, rewards: z.record(text, z.array(z.number())) });

/** Reads a line; rewards without names are called reward_1 and so on. */
function readLine(value: unknown, where: string): PopulationLine {
  if (!isObject(value) || !Array.isArray(value.rewards)) {
    const { rewards, ...rest } = parseConfig(namedSchema, value, where);
    return { ...rest, rewards: new Map(Object.entries(rewards)) };
  }
  const { rewards, ...rest } = parseConfig(listedSchema, value, where);
  const faulty = rewards.findIndex((row) => row.length !== rewards[0]!.length);
  if (faulty >= 0) {
    throw new UsageError(
      `Expected rewards.${faulty} to have ${
        rewards[0]!.length
      } numbers, as rewards.0 has, but found ${rewards[faulty]!.length} in ${where}`,
    );
  }
  const named = rewards[0]!.map((_, i) =>
    [`reward_${i + 1}`, rewards.map((row) => row[i]!)] as const
  );
  return { ...rest, rewards: new Map(named) };
}

/** Checks what a line's parts, and the first line, say about each other. */
function checkLine(
  { answers, rewards }: PopulationLine,
  first: { readonly names: readonly string[]; readonly where: string },
  where: string,
): void {
  const twice = answers.findIndex((answer, c) => answers.indexOf(answer) !== c);
  if (twice >= 0) {
    throw new UsageError(
      `Expected answers to be different but found answers.${twice} to be answers.${
        answers.indexOf(answers[twice]!)
      } again in ${where}`,
    );
  }
  const names = [...rewards.keys()];
  if (names.toSorted().join() !== first.names.toSorted().join()) {
    const list = (some: readonly string[]) => some.join(", ") || "nothing";
    throw new UsageError(
      `Expected rewards to be ${list(first.names)}, as in ${first.where}, but found ${
        list(names)
      } in ${where}`,
    );
  }
  for (const [name, values] of rewards) {
    if (values.length !== answers.length) {
      throw new UsageError(
        `Expected rewards of ${name} to be ${answers.length} numbers, one an answer, but found ${values.length} in ${where}`,
      );
    }
  }
}

/**
 * Reads prompts with closed lists of answers. A line is `{"prompt": "...", "answers": ["...", "..."], "rewards": ...}`
 * with rewards as a list of numbers an answer or as `{"name": [one number an answer]}`, and `"held_out": true` on what is
 * not trained on. All lines have the same rewards. A byte order mark, carriage returns and empty lines are passed over.
 *
 * @param path the file
 * @returns the prompts in the order of the lines; `line N` names a prompt, and its task is `own`
 * @throws UsageError one line with file, line and key for the first fault, or when there is nothing to train on
 */
export async function readPopulation(path: string): Promise<Population> {
  const text = await readText(path);
  if (text === undefined) {
    throw new UsageError(`Expected a file of prompts but found none at ${path}`);
  }
  let first: { names: string[]; where: string } | undefined;
  const lines = parseJsonLines(text, path);
  const prompts = lines.map(({ value, line, where }): ClosedPrompt => {
    const number = `line ${line}`;
    const read = readLine(value, where);
    first ??= { names: [...read.rewards.keys()], where: number };
    const { names } = first;
    if (names.length === 0) {
      throw new UsageError(`Expected rewards to be at least 1 but found none in ${where}`);
    }
    checkLine(read, first, where);
    return {
      id: number,
      task: "own",
      split: read.held_out ? "test" : "train",
      prompt: read.prompt,
      answers: read.answers,
      rewards: read.answers.map((_, c) => names.map((name) => read.rewards.get(name)![c]!)),
    };
  });
  const train = prompts.filter(({ split }) => split === "train");
  if (train.length === 0) {
    throw new UsageError(`Expected at least 1 prompt to train on but found 0 in ${path}`);
  }
  return {
    rewardNames: first!.names,
    train,
    heldOut: prompts.filter(({ split }) => split === "test"),
  };
}
