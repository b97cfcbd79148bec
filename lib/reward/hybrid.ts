/**
 * Hybrid reward: exact rules mixed with a model's judgement, `mixing * rule + (1 - mixing) * model`.
 *
 * The rule score comes from the item's own checks; the model score is the similarity of the completion to the
 * item's reference, `max(0, cosine)` of their sentence embeddings: 1 says the same, 0 unrelated or opposed. Similarity
 * says something about content, not about form, so it goes into domain, reasoning and integration; instruction
 * keeps its rule score. A capability without a rule score stays absent, whatever the model says.
 *
 * @module
 */
import type { Knowledge } from "../knowledge/mod.ts";
import { UsageError, WorkbenchError } from "../runtime/mod.ts";
import { capabilities, type Capability, type Item } from "../synthesis/mod.ts";
import { cosine, embed, type Encoder } from "./encoder.ts";
import { ruleScores } from "./rules.ts";

/** Scores in [0, 1] of one completion; a capability that does not apply is absent, never 0. */
export type Scores = Partial<Record<Capability, number>>;

/** Capabilities whose reward has a model part. */
export const modelScoredCapabilities: ReadonlySet<Capability> = new Set(
  ["domain", "reasoning", "integration"] satisfies Capability[],
);

/** Share of the rule score where nothing else is said. */
export const defaultMixing = 0.8;

/** What {@linkcode hybridRewards} scores, and with what. */
export interface HybridOptions {
  /** The item that each completion answers. */
  readonly items: readonly Item[];
  /** Completions, one for each item. */
  readonly completions: readonly string[];
  /** The graph that claims are checked against. */
  readonly knowledge: Knowledge;
  /** Gives the model scores; without one the rules alone decide. */
  readonly encoder?: Encoder | undefined;
  /** Embeddings of references by their text, from {@linkcode embedReferences}; those not there are computed. */
  readonly references?: ReadonlyMap<string, Float32Array> | undefined;
  /** Share of the rule score, in [0, 1]; {@linkcode defaultMixing} when left out. */
  readonly mixing?: number | undefined;
}

/**
 * Scores completions with rules and, where an encoder is given, with similarity to the reference.
 *
 * @param options Items, completions and the means to judge them.
 * @returns For each completion a score in [0, 1] for every capability that applies to it.
 * @throws {UsageError} If the counts differ or mixing is not in [0, 1].
 * @throws {WorkbenchError} If a score is not a number in [0, 1]; the message names the reward and the item.
 */
export async function hybridRewards(options: HybridOptions): Promise<Scores[]> {
  const { items, completions, knowledge, encoder, references } = options;
  const mixing = options.mixing ?? defaultMixing;
  checkCounts(items, completions);
  if (!(mixing >= 0 && mixing <= 1)) {
    throw new UsageError(
      `Expected mixing to be a number in [0, 1] but found ${mixing}`,
    );
  }
  const model = encoder === undefined
    ? undefined
    : await modelScores({ encoder, items, completions, references });
  return items.map((item, i) => {
    const rule = ruleScores(item, completions[i]!, knowledge);
    return mixScores(rule, model?.[i], mixing, item.id);
  });
}

/**
 * Mixes the scores of one completion.
 *
 * @param rule Rule scores; absent capabilities stay absent.
 * @param model Model score, or undefined for the rules alone.
 * @param mixing Share of the rule score, in [0, 1].
 * @param where What is scored, for error messages.
 * @returns Mixed scores.
 * @throws {WorkbenchError} If a score is not a number in [0, 1]; the message names the reward.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { mixScores } from "./hybrid.ts";
 *
 * assertEquals(mixScores({ domain: 1, instruction: 0.5 }, 0.5, 0.5, "a"), { domain: 0.75, instruction: 0.5 });
 * ```
 */
export function mixScores(
  rule: Scores,
  model: number | undefined,
  mixing: number,
  where: string,
): Scores {
  const mixed: Scores = {};
  if (model !== undefined) checkScore("model", model, where);
  for (const capability of capabilities) {
    const score = rule[capability];
    if (score === undefined) continue;
    checkScore(capability, score, where);
    mixed[capability] = model !== undefined && modelScoredCapabilities.has(capability)
      ? model + mixing * (score - model) // exact where the two agree
      : score;
  }
  return mixed;
}

function checkScore(reward: string, score: number, where: string): void {
  if (score >= 0 && score <= 1) return;
  throw new WorkbenchError(
    `Expected the reward ${reward} of ${where} to be a number in [0, 1] but found ${score}`,
  );
}

/**
 * Similarity of completions to their references, `max(0, cosine)`.
 *
 * An empty completion scores 0 and one that equals its reference 1, exactly. Each distinct text is embedded once.
 *
 * @param options Encoder, items and completions, and embeddings of references where they are known.
 * @returns One score in [0, 1] for each completion.
 * @throws {UsageError} If the counts differ.
 */
export async function modelScores(
  options: Pick<HybridOptions, "items" | "completions" | "references"> & {
    readonly encoder: Encoder;
  },
): Promise<number[]> {
  const { encoder, items, references } = options;
  checkCounts(items, options.completions);
  const pairs = options.completions.map((completion, i) => ({
    completion: completion.trim(),
    reference: items[i]!.reference,
  }));
  const judged = pairs.filter((pair) =>
    pair.completion !== "" && pair.completion !== pair.reference.trim()
  );
  const vectors = await embedDistinct(
    encoder,
    judged.flatMap((pair) => [pair.completion, pair.reference]),
    references,
  );
  return pairs.map(({ completion, reference }) => {
    if (completion === "") return 0;
    if (completion === reference.trim()) return 1;
    return Math.max(
      0,
      cosine(vectors.get(completion)!, vectors.get(reference)!),
    );
  });
}

/**
 * Embeds the references of items once, to be passed to {@linkcode hybridRewards} again and again.
 *
 * @param encoder The encoder.
 * @param items The items.
 * @returns Vectors by reference text.
 */
export function embedReferences(
  encoder: Encoder,
  items: readonly Item[],
): Promise<Map<string, Float32Array>> {
  return embedDistinct(encoder, items.map((item) => item.reference));
}

async function embedDistinct(
  encoder: Encoder,
  texts: readonly string[],
  known: ReadonlyMap<string, Float32Array> = new Map(),
): Promise<Map<string, Float32Array>> {
  const vectors = new Map<string, Float32Array>();
  const missing = new Set<string>();
  for (const text of texts) {
    const vector = known.get(text);
    if (vector === undefined) missing.add(text);
    else vectors.set(text, vector);
  }
  const made = await embed(encoder, [...missing]);
  [...missing].forEach((text, i) => vectors.set(text, made[i]!));
  return vectors;
}

function checkCounts(
  items: readonly Item[],
  completions: readonly string[],
): void {
  if (items.length === completions.length) return;
  throw new UsageError(
    `Expected completions to be a list of ${items.length} entries, one for each item, but found ${completions.length}`,
  );
}
