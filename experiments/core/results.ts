/** What experiments add to results: how to get them again, and what they hold that needs no sampling. @module */

import type { Results } from "../../lib/runs/mod.ts";

/**
 * The command that makes results again.
 *
 * @param results what ran
 * @param options the experiment's own options that were given on the command line, by key
 * @returns one line for a shell
 */
export function commandOf(
  { experiment, preset, seeds, backend }: Pick<
    Results,
    "experiment" | "preset" | "seeds" | "backend"
  >,
  options: Readonly<Record<string, unknown>> = {},
): string {
  const own = Object.entries(options).map(([key, value]) => ` --${key} ${value}`).join("");
  const precision = backend.name === "native-bf16" ? " --precision bf16" : "";
  return `npx -y deno@2.9.6 task experiments ${experiment} --preset ${preset} --seeds ${seeds.length}${precision}${own}`;
}

/** What a metric holds that is computed exactly: no prompts, no answers, no training. */
export const exact = { seeds: 1, invalid_rate: 0, prompt_hash: "none" } as const;

/** What the mean over the capabilities is called among what is measured; they count the same. */
export const MEAN = "mean";
