/** The floors of the scores on held-out items: what the form alone earns, and what answers earn that read no findings. @module */

import { commonAnswers, type FillingOptions, formFillerScores } from "../../lib/reward/mod.ts";
import { randomStream } from "../../lib/runtime/mod.ts";
import {
  decideBy,
  type Guesser,
  learnBlindBaselines,
  learnMemory,
  questionsOf,
} from "../../lib/synthesis/mod.ts";
import { floorKey } from "./keys.ts";
import { testItems, trainingItems, type Workshop } from "./workshop.ts";

/** Name of the form filler among systems. */
export const FLOOR = "form filler";

/** The floors, in the order of tables: all fill forms, and decide among options in their own way. */
export const floorNames = [FLOOR, "name frequency", "findings-blind", "memory"] as const;

/** One of {@linkcode floorNames}. */
export type FloorName = typeof floorNames[number];

/** What each floor decides by. */
export const floorMeanings: Readonly<Record<FloorName, string>> = {
  "form filler": "at random",
  "name frequency": "for the name that was right most often in training",
  "findings-blind": "by everything in the prompt but the patient's findings",
  memory: "by what training items state of findings and options",
};

/** Times that each form is filled. */
const FILLINGS = 20;

/** Scores of a floor. */
export interface FloorScores {
  /** Which one. */
  readonly name: FloorName;
  /** The score of each item in [0, 1], in the order of {@linkcode testItems}. */
  readonly scores: readonly number[];
}

/**
 * Scores of the floors on the held-out items.
 *
 * @param workshop items and graph
 * @returns the floors that training items are enough for, and the seconds that it took
 */
export async function floors(
  workshop: Workshop,
): Promise<{ readonly floors: readonly FloorScores[]; readonly seconds: number }> {
  const { context, knowledge, config, inputs, itemsHash } = workshop;
  const bar = context.stage("Filling forms");
  const stage = await context.store.json(
    "floors",
    floorKey(inputs, itemsHash, config, FILLINGS),
    () => {
      const train = trainingItems(workshop);
      const common = commonAnswers(train, knowledge);
      const blind = learnBlindBaselines({ items: train, questions: questionsOf(train) });
      const scoresOf = (name: FloorName, guess: Guesser | undefined): FloorScores[] => {
        if (guess === undefined && name !== FLOOR) return [];
        const options: FillingOptions = {
          fillings: FILLINGS,
          seed: 0,
          ...(guess && { choose: decideBy(guess, randomStream(0, "floor", name)) }),
        };
        return [{
          name,
          scores: formFillerScores(testItems(workshop), knowledge, common, options),
        }];
      };
      return Promise.resolve([
        ...scoresOf(FLOOR, undefined),
        ...scoresOf("name frequency", blind.get("name frequency")),
        ...scoresOf("findings-blind", blind.get("findings-blind")),
        ...scoresOf("memory", learnMemory(train, knowledge)),
      ]);
    },
  );
  bar.finish(stage.cached ? "from the store" : undefined);
  return { floors: stage.value, seconds: stage.seconds };
}
