/** Options of the experiment on forms of the advantage. @module */

import { z } from "zod";
import type { Preset } from "../core/experiment.ts";

/** Options. */
export const advantagesSchema = z.object({
  twoRewards: z.array(z.int().min(2).max(16)).min(1).default([2, 3, 4, 5, 6, 7, 8, 10, 12])
    .describe("Sizes of the groups with two binary rewards"),
  threeRewards: z.array(z.int().min(2).max(8)).min(1).default([2, 3, 4, 5, 6]).describe(
    "Sizes of the groups with three binary rewards",
  ),
  deviations: z.array(z.number().positive()).min(1).default([1, 1.5, 2, 3, 5, 7, 10]).describe(
    "Deviations of the second reward; the first has 1",
  ),
  rewards: z.array(z.int().min(2).max(16)).min(1).default([2, 3, 4, 6, 8]).describe(
    "Numbers of rewards K, with deviations 1 to K",
  ),
  groups: z.int().min(2).default(200).describe("Groups in each draw of normal rewards"),
  completions: z.int().min(2).default(16).describe("Completions in each of these groups"),
  draws: z.int().min(2).default(10).describe("Draws for each seed"),
});

/** See {@linkcode advantagesSchema}. */
export type AdvantagesConfig = z.output<typeof advantagesSchema>;

/** The options at each preset. */
export const advantagesPresets: Readonly<Record<Preset, z.input<typeof advantagesSchema>>> = {
  smoke: {
    twoRewards: [2, 4, 8],
    threeRewards: [4],
    deviations: [1, 5],
    rewards: [2, 4],
    groups: 50,
    draws: 4,
  },
  quick: {},
  paper: { groups: 1000 },
};
