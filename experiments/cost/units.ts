/** What is stored of a run seed by seed. @module */

import { byNumber, type UnitValues } from "../core/experiment.ts";
import { tunings } from "./config.ts";
import type { CostFindings } from "./findings.ts";

/**
 * Losses at the end of adaptation, and steps until the loss that all runs reach, seed by seed. Seconds are the machine's.
 *
 * @param findings what was found
 * @returns the numbers of each way to tune
 */
export function unitsOf({ adaptation }: Pick<CostFindings, "adaptation">): UnitValues[] {
  const { runs, reached } = adaptation;
  return tunings.flatMap((name): UnitValues[] => {
    const common = { system: `adaptation: ${name}`, units: "seeds" };
    return [
      {
        ...common,
        capability: "loss at the end",
        values: byNumber("seed", runs[name].map((run) => run.at(-1)!.smoothed!)),
      },
      {
        ...common,
        capability: "steps until a loss that all reach",
        values: byNumber("seed", reached[name].map(({ step }) => step)),
      },
    ];
  });
}
