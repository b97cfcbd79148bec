/** The floor of the scores on held-out items: what the form alone earns. @module */

import { commonAnswers, formFillerScores } from "../../lib/reward/mod.ts";
import { floorKey } from "./keys.ts";
import { testItems, trainingItems, type Workshop } from "./workshop.ts";

/** Name of the form filler among systems. */
export const FLOOR = "form filler";

/** Times that each form is filled. */
const FILLINGS = 20;

/**
 * Scores of a form filler on the held-out items.
 *
 * @param workshop items and graph
 * @returns the score of each item in [0, 1], in the order of {@linkcode testItems}; and the seconds that it took
 */
export async function floor(
  workshop: Workshop,
): Promise<{ readonly scores: readonly number[]; readonly seconds: number }> {
  const { context, knowledge, config, inputs, itemsHash } = workshop;
  const bar = context.stage("Filling forms");
  const stage = await context.store.json(
    "floor",
    floorKey(inputs, itemsHash, config, FILLINGS),
    () => {
      const common = commonAnswers(trainingItems(workshop), knowledge);
      const options = { fillings: FILLINGS, seed: 0 };
      return Promise.resolve(formFillerScores(testItems(workshop), knowledge, common, options));
    },
  );
  bar.finish(stage.cached ? "from the store" : undefined);
  return { scores: stage.value, seconds: stage.seconds };
}
