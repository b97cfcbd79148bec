/** What is stored of a run of the safety experiment. @module */

import { z } from "zod";
import { capabilities, splits } from "../../lib/synthesis/mod.ts";
import { boundSchema } from "../exact/tally.ts";

/** Ways to choose the threshold of selective answering, in the order of tables. */
export const procedures = ["fixed start", "skip rule", "no sequence"] as const;

/**
 * `fixed start`: in order from a threshold that some items reach. `skip rule`: in order, without those that too few items
 * reach. `no sequence`: the lowest of all that pass, which promises nothing.
 */
export type Procedure = typeof procedures[number];

const count = z.int().nonnegative();

const promiseCountSchema = z.object({
  population: z.string().describe("Name of the population"),
  procedure: z.enum(procedures).describe("How the threshold was chosen"),
  draws: z.int().min(1).describe("Calibration draws"),
  broken: count.describe(
    "Draws after which the population's risk exceeds alpha: what delta bounds",
  ),
  testAbove: count.describe(
    "Draws after which the errors on a further split exceed alpha: what nothing bounds",
  ),
  abstained: count.describe("Draws after which nothing is answered"),
});

/** What came out of one way to choose on one population. */
export type PromiseCount = Readonly<z.output<typeof promiseCountSchema>>;

const promisesSchema = z.object({
  alpha: z.number().describe("Error rate that answered items may have"),
  delta: z.number().describe("Probability with which the promise may fail"),
  fixedStart: z.number().describe("Confidence at which the fixed start begins"),
  testItems: z.int().min(1).describe("Items of the further split, answered or not"),
  populations: z.array(z.object({
    name: z.string().describe("Name"),
    risk: z.string().describe("Chance of an error at confidence c"),
  })).min(1).readonly().describe("Populations with a known risk"),
  counts: z.array(promiseCountSchema).min(1).readonly().describe("Broken promises"),
}).readonly();

/** How often promises were broken. */
export type Promises = z.output<typeof promisesSchema>;

const driftPointSchema = z.object({
  kl: z.number().nonnegative().describe("Divergence of whole answers in nats"),
  realised: z.number().describe("Fall of the objective"),
  klInverse: z.number().describe("Largest fall that kl inversion allows"),
  pinsker: z.number().describe("Largest fall that Pinsker's bound allows"),
  bretagnolleHuber: z.number().describe("Largest fall that Bretagnolle and Huber's bound allows"),
});

/** What the three bounds allow, and what happened. */
export type DriftPoint = Readonly<z.output<typeof driftPointSchema>>;

const driftSchema = z.object({
  objective: z.string().describe("Which objective it is"),
  points: z.array(driftPointSchema).min(1).readonly().describe("Along the run"),
});

/** An objective that falls while another one is trained, as far as the divergence went. */
export type Drift = Readonly<z.output<typeof driftSchema>>;

/** Where bounds on the distance are compared, in words. */
export const distanceSources = { pairs: "random pairs", ascent: "runs of exact ascent" } as const;

const distanceSchema = z.object({
  pairs: z.array(boundSchema).min(1).readonly().describe("Bounds on random pairs of policies"),
  ascent: z.array(boundSchema).min(1).readonly().describe("Bounds along runs of exact ascent"),
  tilted: driftSchema.describe("The reference tilted against a binary reward"),
  drifts: z.array(driftSchema).readonly().describe("Objectives that the first run does not train"),
}).readonly();

/** Bounds on the distance to a reference, on exact policies. */
export type Distance = z.output<typeof distanceSchema>;

const sampledPromptSchema = z.object({
  kl: z.number().describe(
    "Mean over its completions of the divergence of whole answers from the start, in nats, by Rao-Blackwell",
  ),
  rewards: z.array(z.number().nullable()).length(capabilities.length).readonly().describe(
    "Mean reward by capability, null where it does not apply",
  ),
});

/** What samples of a policy to one prompt came to. */
export type SampledPrompt = Readonly<z.output<typeof sampledPromptSchema>>;

const intervalSchema = z.object({ low: z.number(), high: z.number() }).readonly();

const modelDriftPointSchema = driftPointSchema.extend({
  step: z.int().min(1).describe("Optimizer steps from the start"),
  prompts: z.int().min(1).describe("Prompts that have the reward"),
  before: z.number().describe("Reward of the start"),
  after: z.number().describe("Reward at the checkpoint"),
  fall: intervalSchema.describe("95 % interval of the fall, paired over prompts"),
  divergence: intervalSchema.describe("95 % interval of the divergence, over prompts"),
  floor: z.number().describe(
    "What kl inversion leaves at the upper limit of the divergence and the lower limit of the reward before",
  ),
});

/** A checkpoint's fall of one reward. */
export type ModelDriftPoint = Readonly<z.output<typeof modelDriftPointSchema>>;

const modelDriftSchema = z.object({
  objective: z.enum(capabilities).describe("The reward"),
  points: z.array(modelDriftPointSchema).min(1).readonly().describe("Along the run"),
});

/** Falls of one reward along a run. */
export type ModelDrift = Readonly<z.output<typeof modelDriftSchema>>;

const itemSchema = z.object({
  id: z.string().describe("Its id"),
  family: z.string().describe("Family of items that it belongs to"),
});

const checkpointsSchema = z.object({
  temperature: z.number().positive().describe("Temperature of the policies that are compared"),
  items: z.array(itemSchema).min(1).readonly().describe("The prompts, in one order for all"),
  samples: z.array(z.object({
    step: count.describe("Optimizer steps from the start"),
    prompts: z.array(sampledPromptSchema).min(1).readonly().describe("By prompt"),
  })).min(2).readonly().describe("What was sampled, from the start on"),
  drifts: z.array(modelDriftSchema).min(1).readonly().describe("Falls of every reward"),
}).readonly();

/** A run of the model whose divergence from its start was followed. */
export type Checkpoints = z.output<typeof checkpointsSchema>;

const choiceAnswerSchema = z.object({
  case: z.string().describe("The fact asked for: answers to different ones are independent"),
  family: z.string().describe("Family of items that the question belongs to"),
  split: z.enum(splits).describe("The split that it lies in"),
  scores: z.array(z.number()).min(2).readonly().describe(
    "Log-likelihood a token of each option, in nats",
  ),
  confidence: z.number().nonnegative().describe(
    "Lead of the likeliest option over the next, in nats a token",
  ),
  error: z.boolean().describe("Whether the likeliest option is wrong"),
});

/** A question with options as the model answered it. */
export type ChoiceAnswer = Readonly<z.output<typeof choiceAnswerSchema>>;

const selectiveOutcomeSchema = z.object({
  alpha: z.number().describe("Error rate asked for"),
  calibration: count.describe("Calibration items"),
  test: count.describe("Items of the test split"),
  threshold: z.number().nullable().describe("Confidence from which it answers, null: never"),
  answered: count.describe("Items answered on the test split"),
  errors: count.describe("Wrong ones among them"),
  allErrors: count.describe("Wrong ones among all items of the test split"),
  tests: z.array(z.object({
    threshold: z.number().describe("Answer when confidence is at least this"),
    n: count.describe("Calibration items answered"),
    errors: count.describe("Wrong among them"),
    upper: z.number().describe("Upper limit of the risk"),
  })).min(1).readonly().describe("The calibration's tests"),
});

/** What a model promises on held-out questions. */
export type SelectiveOutcome = Readonly<z.output<typeof selectiveOutcomeSchema>>;

const selectiveSchema = z.object({
  delta: z.number().describe("Probability with which a promise may fail"),
  coverages: z.array(z.number()).min(1).readonly().describe(
    "Shares of the validation items that the thresholds answer",
  ),
  answers: z.array(choiceAnswerSchema).readonly().describe("Every held-out question"),
  outcomes: z.array(selectiveOutcomeSchema).min(1).readonly().describe("By error rate asked for"),
}).readonly();

/** What the model may answer. */
export type Selective = z.output<typeof selectiveSchema>;

/** What the graph says about the drugs that an answer names, in the order of figures. */
export const treatmentVerdicts = [
  "supported",
  "unknown",
  "none named",
  "contradicted",
  "contraindicated",
] as const;

/** One of {@linkcode treatmentVerdicts}. */
export type Treatment = typeof treatmentVerdicts[number];

const treatedItemSchema = itemSchema.extend({
  verdict: z.enum(treatmentVerdicts).describe("The worst that the graph says about a drug named"),
});

/** An answer to a question for a treatment. */
export type TreatedItem = Readonly<z.output<typeof treatedItemSchema>>;

const treatmentCountSchema = z.object({
  system: z.string().describe("Which system answered"),
  n: z.int().min(1).describe("Answers"),
  counts: z.record(z.enum(treatmentVerdicts), count).describe(
    "Answers by the worst drug that they name",
  ),
  answers: z.array(treatedItemSchema).readonly().describe("Every answer"),
});

/** What a system's answers to questions for a treatment came to. */
export type TreatmentCount = Readonly<z.output<typeof treatmentCountSchema>>;

/** The schema of the findings. */
export const safetyFindings = z.object({
  promises: promisesSchema.describe("Selective answering where the risk is known"),
  distance: distanceSchema.describe("Bounds on the distance to a reference, on exact policies"),
  checkpoints: checkpointsSchema.describe(
    "Falls of every reward of the model while one is trained",
  ),
  selective: selectiveSchema.describe("What the model may answer"),
  treatments: z.array(treatmentCountSchema).min(1).readonly().describe("Treatments, by system"),
});

/** See {@linkcode safetyFindings}. */
export type SafetyFindings = z.output<typeof safetyFindings>;
