/** What is stored of a run on the gradients' geometry. @module */

import { z } from "zod";
import { capabilities, type Capability } from "../../lib/synthesis/mod.ts";

const count = z.int().min(0);
const share = z.number().min(0).max(1);
const numbers = z.array(z.number()).readonly();
const square = z.array(numbers).readonly();

/**
 * Pairs of indices, in the order in which pairs are stored.
 *
 * @param m number of indices
 * @returns pairs below m, the first before the second
 */
export function indexPairs(m: number): [number, number][] {
  return Array.from({ length: m }, (_, i) => i).flatMap((i) =>
    Array.from({ length: m - i - 1 }, (_, k): [number, number] => [i, i + 1 + k])
  );
}

/** Pairs of capabilities, the first before the second. */
export const capabilityPairs: readonly (readonly [Capability, Capability])[] = indexPairs(
  capabilities.length,
).map(([i, j]) => [capabilities[i]!, capabilities[j]!]);

const harmSchema = z.object({
  capabilities: z.int().min(2).describe("Number of capabilities"),
  grams: z.int().min(1).describe("Gram matrices that were drawn"),
  violations: count.describe(
    "Those with a negative cosine and no harmful preference, or with one and no negative cosine",
  ),
  conflicts: count.describe("Those with a negative cosine"),
  points: z.array(z.object({
    cosine: z.number().describe("Least cosine of two gradients"),
    share: share.describe("Share of the preferences under which some capability falls"),
  })).readonly().describe("Gram matrices, in findings only the first ones"),
});

/** Harmful preferences of random Gram matrices. */
export type HarmCount = Readonly<z.output<typeof harmSchema>>;

const metricPointSchema = z.object({
  euclidean: z.number(),
  adam: z.number().describe("In the metric of Adam's second moment from earlier batches"),
  natural: z.number().describe("In that of the natural gradient: correlation of the rewards"),
});

/** The cosine of two rewards' gradients on one problem in three metrics. */
export type MetricPoint = Readonly<z.output<typeof metricPointSchema>>;

/** Pairs of metrics that are compared. */
export const metricPairs = [["euclidean", "adam"], ["euclidean", "natural"], [
  "adam",
  "natural",
]] as const satisfies readonly (readonly [keyof MetricPoint, keyof MetricPoint])[];

const drawnProduct = z.object({
  mean: z.number(),
  half: z.number().describe("Half of the mean's 95 % interval"),
  positive: count.describe("Draws in which it is above 0"),
});

const productSchema = z.object({
  prompts: z.int().min(2).describe("Prompts of the batch; a half has half of them"),
  predicted: z.number().describe("G + C / n"),
  draws: z.int().min(1).describe("Batches"),
  single: drawnProduct.describe("On the whole batch"),
  cross: drawnProduct.describe("Across its halves"),
});

/** Products of two gradients as batches of n prompts measure them. */
export type ProductRow = Readonly<z.output<typeof productSchema>>;

const spreadSchema = z.object({ mean: z.number(), low: z.number(), high: z.number() });

/** A number with a bootstrap interval over prompts. */
export type Spread = Readonly<z.output<typeof spreadSchema>>;

const cosineSchema = z.object({
  mean: z.number().nullable().describe(
    "The estimate from the pool, which may lie beyond -1 and 1, or the mean over the draws that have a cosine; null where " +
      "there is none: a gradient's own product is not above 0",
  ),
  low: z.number().nullable().describe("2.5 per cent point of the resamples or draws that have one"),
  high: z.number().nullable().describe("97.5 per cent point"),
  defined: share.describe("Share of the resamples or draws that have one"),
});

/** A cosine with a bootstrap interval over prompts, or its spread over batches. */
export type Cosine = Readonly<z.output<typeof cosineSchema>>;

const cosines = z.array(cosineSchema).readonly();

const spreads = z.array(spreadSchema).readonly();

const promptGeometrySchema = z.object({
  cosines: cosines.describe("Cosine of each pair"),
  signal: spreads.describe(
    "G_ii / C_ii of each capability: times n, the signal to noise of n prompts; G below 0 counts as 0",
  ),
  flips: numbers.describe(
    "Prompts up to which one batch shows the wrong sign of each pair, by the pool's G and C",
  ),
});

/** The gradients' geometry in one metric, from a pool of prompts; pairs in the order of {@linkcode indexPairs}. */
export type PromptGeometry = Readonly<z.output<typeof promptGeometrySchema>>;

const sizedSchema = z.object({
  prompts: z.int().min(2).describe("n"),
  predicted: z.array(z.number().nullable()).readonly().describe(
    "Cosine of G + C / n, for each pair; null where there is none",
  ),
  single: cosines.describe("On one batch: mean and 95 % of the draws"),
  cross: cosines.describe("Across its halves, negative eigenvalues cut off"),
});

/** What batches of n prompts show of each pair. */
export type SizedCosines = Readonly<z.output<typeof sizedSchema>>;

const stepSchema = z.object({
  movement: z.number().min(0).describe("Mean movement of the answers' log-probability, in nats"),
  predicted: numbers.describe("Derivative times length, for each capability"),
  realised: z.array(spreadSchema.extend({ n: z.int().min(1) })).readonly().describe(
    "E[(pi' / pi - 1) A], with an interval over prompts",
  ),
});

/** A step and the change of every reward's mean on prompts that had no part in its direction. */
export type StepChange = Readonly<z.output<typeof stepSchema>>;

const modelSchema = z.object({
  pool: z.int().min(1).describe("Prompts of the pool"),
  earlier: z.int().min(1).describe("Prompts before them that only Adam's metric comes from"),
  parameters: z.int().min(1).describe("Parameters of the adapter"),
  euclidean: promptGeometrySchema,
  adam: promptGeometrySchema,
  natural: cosines.describe(
    "Correlation of the rewards, for each pair; none where no prompt has both",
  ),
  batches: z.array(sizedSchema).min(1).readonly().describe("In the Euclidean metric"),
  batchDraws: z.int().min(1).describe("Batches of each size"),
  steps: z.array(stepSchema).min(1).readonly().describe(
    "Steps along the pool's mean gradient, every reward weighing the same, measured on the earlier prompts",
  ),
});

/** What the model's gradients look like. */
export type ModelGeometry = Readonly<z.output<typeof modelSchema>>;

/**
 * Ways to give each capability a part of one adapter. `shared`: no parts. `disjoint`: ranks of one's own. `O-LoRA`:
 * these, with orthogonal A. `inputs removed`: these, with A frozen and blind to what the others' prompts reach.
 */
export const bankKinds = ["shared", "disjoint", "O-LoRA", "inputs removed"] as const;

/** One of {@linkcode bankKinds}. */
export type BankKind = typeof bankKinds[number];

const bankOutcomeSchema = z.object({
  kind: z.enum(bankKinds),
  kept: numbers.describe("Share of the squared norm of A that each bank has kept"),
  seen: square.describe(
    "||P_i g_j|| / ||g_j|| for bank i and capability j, on the prompts whose states were removed",
  ),
  fresh: square.describe("The same on further prompts"),
  lengths: numbers.describe(
    "Length of the step along its own gradient at which each bank has moved its own answers by ownMove",
  ),
  moved: square.describe(
    "How far j's answers to the first prompts move when bank i follows its own gradient, relative to i's answers",
  ),
});

/** What one kind of bank came to. */
export type BankOutcome = Readonly<z.output<typeof bankOutcomeSchema>>;

const banksSchema = z.object({
  rank: z.int().min(1).describe("Rank of the adapter"),
  ranksEach: z.int().min(1).describe("Ranks of each bank"),
  ownMove: z.number().positive().describe("Mean movement of a bank's own answers, in nats"),
  removed: z.array(count).readonly().describe("Prompts of each capability whose states went"),
  further: z.array(count).readonly().describe("Further prompts of each capability"),
  outcomes: z.array(bankOutcomeSchema).min(1).readonly(),
});

/** What the kinds of banks came to, and on what. */
export type BankFindings = Readonly<z.output<typeof banksSchema>>;

/** Capabilities that keep to themselves; integration needs all of them, so its states are left in. */
export const apart: readonly Capability[] = ["domain", "reasoning", "instruction"];

/**
 * What the banks of the capabilities that are kept {@linkcode apart} do to one another.
 *
 * @param values for bank i and capability j
 * @returns one value for each ordered pair of different ones
 */
export function amongApart(values: readonly (readonly number[])[]): number[] {
  const own = apart.map((c) => capabilities.indexOf(c));
  return own.flatMap((i) => own.flatMap((j) => i === j ? [] : [values[i]![j]!]));
}

/**
 * How far answers move over a step of length 1 along a bank's own gradient, to first order.
 *
 * @param banks the options
 * @param outcome what one kind of bank came to
 * @returns nats of capability j's answers for bank i, `[i][j]`
 */
export function movedByLength(
  { ownMove }: Pick<BankFindings, "ownMove">,
  { moved, lengths }: Pick<BankOutcome, "moved" | "lengths">,
): number[][] {
  return moved.map((row, i) => row.map((relative) => relative * ownMove / lengths[i]!));
}

/**
 * What is measured of banks that keep others out, as results.json calls it.
 *
 * @param banks the options
 * @param outcome what one kind of bank came to
 * @returns names with the values for bank i and capability j
 */
export function bankCapabilities(
  banks: Pick<BankFindings, "ownMove">,
  outcome: BankOutcome,
): (readonly [capability: string, values: readonly (readonly number[])[]])[] {
  return [
    ["gradient of others in a bank", outcome.seen],
    ["gradient of others, further prompts", outcome.fresh],
    ["movement of others' answers", outcome.moved],
    ["movement of others' answers, step of length 1", movedByLength(banks, outcome)],
  ];
}

/** The schema of the findings. */
export const geometryFindings = z.object({
  harm: z.array(harmSchema).min(1).readonly().describe("By number of capabilities"),
  lattice: z.int().min(1).describe("Steps on an edge of the lattice of preferences"),
  metrics: z.object({
    problems: z.int().min(1),
    prompts: z.int().min(1).describe("Prompts of a problem"),
    answers: z.int().min(2).describe("Answers to each"),
    points: z.array(metricPointSchema).readonly().describe("The first problems"),
  }).describe("The same gradients in three metrics"),
  opposed: z.object({
    inner: z.number().describe("G_ij of the two gradients"),
    covariance: z.number().describe("C_ij, their covariance over prompts"),
    cosine: z.number().describe("True cosine"),
    flip: z.number().describe("Prompts up to which G + C / n has the wrong sign; 0 for none"),
    unlikely: count.describe("Unlikely answers, which correlate the noise"),
  }).describe("What is exact in the opposed example"),
  products: z.array(productSchema).min(1).readonly().describe("What batches show of it"),
  model: modelSchema,
  banks: banksSchema,
});

/** See {@linkcode geometryFindings}. */
export type GeometryFindings = z.output<typeof geometryFindings>;
