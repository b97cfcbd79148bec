/** What is stored of a run on synthesis. @module */

import { z } from "zod";
import { curationFaults, testSets } from "../../lib/synthesis/mod.ts";

/** The arms, in the order of tables. */
export const armNames = [
  "right keys",
  "all drafts",
  "random drop",
  "validated",
  "curated",
  "validated and curated",
] as const;

/** One of {@linkcode armNames}. */
export type ArmName = typeof armNames[number];

/** What keep rates are measured on. */
export const keyKinds = ["right key", "random key", "wrong key"] as const;

/** One of {@linkcode keyKinds}. */
export type KeyKind = typeof keyKinds[number];

/** Controls on the test set in distribution. */
export const controlSets = ["shuffled evidence", "renamed"] as const;

/** Test sets, and the controls. */
export const measuredSets = [...testSets, ...controlSets] as const;

/** One of {@linkcode measuredSets}. */
export type MeasuredSet = typeof measuredSets[number];

const count = z.int().min(0);

const stageSchema = z.object({
  stage: z.string().describe("Stage of the generator"),
  produced: count.describe("Items that it was given"),
  kept: count.describe("Items that it kept"),
  dropped: z.record(z.string(), count).describe("Items that it dropped, by reason"),
});

const keptSchema = z.object({
  key: z.enum(keyKinds).describe("What the items' key is"),
  items: count.describe("Items that were looked at"),
  validated: count.describe("Items that validation kept"),
  curated: count.describe("Items that curation kept"),
  faults: z.record(z.enum(curationFaults), count).describe(
    "Items that curation dropped, by reason",
  ),
});

const guessesSchema = z.array(z.object({
  guesser: z.string().describe("What answers"),
  kind: z.enum(["blind", "floor", "control"]).describe(
    "blind: never reads the findings; floor: does; control: memory with exchanged findings or invented names",
  ),
  n: count.describe("Decisions"),
  clusters: count.describe("Counterfactual groups that they belong to"),
  chance: z.number().min(0).max(1).describe("What a guess gets"),
  accuracy: z.number().min(0).max(1),
  low: z.number().min(0).max(1),
  high: z.number().min(0).max(1),
  inside: z.boolean().describe("Whether the interval holds chance"),
})).readonly();

const auditSchema = z.object({
  items: count.describe("Items made for it, over all splits"),
  families: z.array(z.object({ name: z.string(), table: guessesSchema })).readonly(),
  sets: z.array(z.object({
    name: z.enum(testSets),
    claims: count.describe("Claims of its items, each once an item"),
    seen: count.describe("Those of them that training states"),
    table: guessesSchema,
  })).readonly(),
  duplicates: z.object({
    exact: count.describe("Items whose prompt is that of an earlier one"),
    normalised: count.describe("Items whose words are those of an earlier one"),
    near: count.describe("Items much like an earlier one of another group"),
  }),
  broken: count.describe("Broken rules of consistency"),
});

const unitsSchema = z.array(z.number().min(0).max(1)).readonly();

const measuredSchema = z.partialRecord(
  z.enum(measuredSets),
  z.object({
    predicted: unitsSchema.describe("By what the findings add to the log-likelihood"),
    likeliest: unitsSchema.describe("By the log-likelihood a token alone"),
  }),
).describe(
  "Share of right decisions of each counterfactual group, by set, in the order of `units`",
);

/** Shares of right decisions by set. */
export type Measured = z.output<typeof measuredSchema>;

const armSchema = z.object({
  name: z.enum(armNames),
  items: count.describe("Training items"),
  wrong: count.describe("Those of them whose key is wrong"),
  runs: z.array(z.object({
    seed: z.int().min(0),
    sets: measuredSchema,
  })).min(1).readonly(),
});

/** What became of an arm. */
export type Arm = Readonly<z.output<typeof armSchema>>;

/** The schema of the findings. */
export const synthesisFindings = z.object({
  protocol: z.string().describe("Hash of the protocol and of the configuration"),
  stages: z.array(stageSchema).readonly().describe("Retention of each stage of the generator"),
  audit: auditSchema.describe("What can be answered without reading, in items of the generator"),
  drafts: z.object({
    items: count.describe("Drafts of slice 1"),
    wrong: count.describe("Those of them whose key is wrong"),
    validated: count.describe("What validation keeps"),
    curated: count.describe("What curation keeps"),
    both: count.describe("What both keep"),
  }),
  kept: z.array(keptSchema).readonly().describe("Keep rates on the same items with other keys"),
  sets: z.array(z.object({
    set: z.enum(measuredSets),
    items: count.describe("Items"),
    units: count.describe("Counterfactual groups"),
    chance: z.number().min(0).max(1).describe("What a guess gets"),
    prompts: z.string().optional().describe(
      "Hash of the items' prompts; runs that keep none hold the groups of their protocol",
    ),
  })).readonly().describe("What the arms are measured on"),
  guesses: z.array(z.object({ set: z.enum(testSets), table: guessesSchema })).readonly().describe(
    "What guessers get on these sets, trained on the training items: by decision, intervals over groups",
  ),
  arms: z.array(armSchema).readonly(),
  base: measuredSchema.describe("The same of the model that nothing was trained on"),
});

/** See {@linkcode synthesisFindings}. */
export type SynthesisFindings = z.output<typeof synthesisFindings>;
