/** A small population of prompts in letters and spaces, with answers of different number and length. @module */

import type { ClosedPrompt } from "../../lib/synthesis/mod.ts";

function closed(
  id: string,
  prompt: string,
  answers: Readonly<Record<string, readonly number[]>>,
): ClosedPrompt {
  return {
    id,
    task: "letters",
    split: "train",
    prompt,
    answers: Object.keys(answers),
    rewards: Object.values(answers),
  };
}

/** Two rewards that pull apart and one that all answers earn alike; answers that begin with each other among them. */
export const smallPopulation: readonly ClosedPrompt[] = [
  closed("fever", "what helps with a fever", {
    "rest": [1, 0.2, 0.7],
    "rest and tea": [0.1, 0.9, 0.7],
    "rest and the water": [0, 1, 0.7],
    "no": [0.4, 0, 0.7],
  }),
  closed("rash", "a rash", { "cream": [0, 1, 0.3], "cream and rest": [1, 0, 0.3] }),
  closed("cough", "the old man has had a cough for a week", {
    "tea": [0.5, 0.5, 1],
    "a drug": [1, 0, 1],
    "not sure": [0, 0.8, 1],
  }),
];

/** Names of its rewards. */
export const smallRewards: readonly string[] = ["brief", "full", "same"];
