/**
 * Source2Synth's curation with a model (arXiv 2409.08239): the data is cut in two slices, slice 0 trains an intermediate model,
 * and that model filters slice 1 and imputes it.
 *
 * An item is kept when the model answers it in so many of k tries, each with its options in another order, that guessing
 * would rarely do as well, and when the same model does not give that answer to another patient's findings: what is answered
 * whatever the findings say teaches no medicine. Imputation blanks a finding of the vignette, never the answer, and keeps what the model puts there where the
 * diagnosis presents it and no other candidate may.
 */
import { checkClaim, type Knowledge, mentions } from "../knowledge/mod.ts";
import { hashJson, randomStream, UsageError } from "../runtime/mod.ts";
import type { Check } from "./check.ts";
import { decidedOption } from "./audit/decided.ts";
import type { Item } from "./item.ts";
import { blindPrompt, shuffleOptions, withEvidence } from "./shuffle_options.ts";
import { displayName, mayPresent } from "./source.ts";

/**
 * The option that a model chooses in each decision of each item, by its place; `attempt` tells the tries apart, so that each
 * can have its own seed. A model that is to be told from one that guesses draws its choices: one that takes the likeliest
 * option is as sure of a guess as of what it knows.
 */
export type Choose = (
  items: readonly Item[],
  attempt: number,
) => Promise<readonly (readonly number[])[]>;

/** Completions of prompts; `attempt` is as in {@linkcode Choose}. */
export type Attempt = (prompts: readonly string[], attempt: number) => Promise<readonly string[]>;

/**
 * Choices of a model that only completes prompts: the one option that its answer names in the field that states a decision.
 *
 * @param attempt The model, such as a teacher.
 * @returns Choices; -1 where the answer names no option or several.
 */
export function chooseByCompletion(attempt: Attempt): Choose {
  return async (items, number) => {
    const completions = await attempt(items.map(({ prompt }) => prompt), number);
    return items.map(({ decisions }, i) =>
      decisions.map((decision) => decidedOption(decision, completions[i] ?? "") ?? -1)
    );
  };
}

/**
 * Cut items into two slices of about equal size; a counterfactual group lies in one slice.
 *
 * @param items Any items.
 * @returns Slice 0 and slice 1, each in the order of the items.
 */
export function sliceItems(items: readonly Item[]): readonly [Item[], Item[]] {
  const slices: [Item[], Item[]] = [[], []];
  for (const item of items) {
    const digit = parseInt((item.group ?? item.case).slice(-1), 16);
    slices[digit % 2 === 0 ? 0 : 1].push(item);
  }
  return slices;
}

/** Probability that a guess among equally likely options is right at least so often. */
function guessing(right: number, tries: number, chance: number): number {
  let sum = 0;
  for (let k = right; k <= tries; k++) {
    let ways = 1;
    for (let i = 0; i < k; i++) ways *= (tries - i) / (i + 1);
    sum += ways * chance ** k * (1 - chance) ** (tries - k);
  }
  return sum;
}

/**
 * How many of some tries must be right to beat guessing.
 *
 * @param tries Number of tries, at least 1.
 * @param options Number of options, at least 2.
 * @param alpha How probable it may be that a guess does as well.
 * @returns The smallest number; undefined where even all of them would not do.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { triesToBeatGuessing } from "./curate.ts";
 *
 * assertEquals([2, 3, 4].map((options) => triesToBeatGuessing(3, options, 0.05)), [undefined, 3, 3]);
 * ```
 */
export function triesToBeatGuessing(
  tries: number,
  options: number,
  alpha: number,
): number | undefined {
  for (let right = 1; right <= tries; right++) {
    if (guessing(right, tries, 1 / options) <= alpha) return right;
  }
  return undefined;
}

/** Number of options of the decision that has most. */
const mostOptions = ({ decisions }: Item): number =>
  Math.max(...decisions.map(({ options }) => options.length));

/** Gives an item the findings of the next one of its group, or none where there is no other. */
function withOthersFindings(items: readonly Item[]): (item: Item) => Item {
  const groups = Map.groupBy(items, ({ group }) => group);
  return (item) => {
    const group = item.group === undefined ? [] : groups.get(item.group)!;
    const at = group.findIndex(({ id }) => id === item.id);
    const other = [...group.slice(at + 1), ...group.slice(0, Math.max(0, at))]
      .find(({ evidence }) => evidence !== undefined && evidence !== item.evidence);
    if (item.evidence !== undefined && other?.evidence !== undefined) {
      return withEvidence(item, other.evidence);
    }
    const { evidence: _, ...rest } = item;
    return { ...rest, prompt: blindPrompt(item) };
  };
}

/** Why curation dropped an item. */
export const curationFaults = [
  "guessable",
  "not answered",
  "answered without its findings",
] as const;

/** One of {@linkcode curationFaults}. */
export type CurationFault = (typeof curationFaults)[number];

/** What curation made of one item. */
export interface CuratedItem {
  /** The item as it was. */
  readonly item: Item;
  /** In how many tries all its decisions were right, of those before it could no longer beat a guess. */
  readonly right: number;
  /** The same with another patient's findings, of an item that was answered. */
  readonly rightBlind: number;
  /** Why it was dropped; undefined where it was kept. */
  readonly fault?: CurationFault;
}

/** What {@linkcode curateItems} works with. */
export interface CurationOptions {
  /** What is filtered: slice 1. */
  readonly items: readonly Item[];
  /** The intermediate model. */
  readonly choose: Choose;
  /** Number of tries k, at least 1; 3 when left out. */
  readonly tries?: number;
  /** How probable it may be that a guess is kept; 0.05 when left out. */
  readonly alpha?: number;
  /** Seed of the orders of the options. */
  readonly seed: number;
}

/**
 * Keep the items that a model answers better than a guess, and not with the findings of the next patient of their group; an item
 * whose group has no other is asked without findings.
 *
 * An item with several decisions is right where all of them are; the decision with most options bounds what a guess does.
 * Items without a decision, or with too few options for so many tries, cannot be told from guesses and are dropped.
 *
 * @param options Items, model and limits.
 * @returns What became of each item, in their order.
 * @throws UsageError when tries is not a positive integer, or the model gives another number of choices.
 */
export async function curateItems(
  { items, choose, tries = 3, alpha = 0.05, seed }: CurationOptions,
): Promise<CuratedItem[]> {
  if (!Number.isInteger(tries) || tries < 1) {
    throw new UsageError(`Expected tries to be an integer greater than 0 but found ${tries}`);
  }
  const least = (item: Item): number | undefined =>
    item.decisions.length === 0 ? undefined : triesToBeatGuessing(tries, mostOptions(item), alpha);
  /** In how many tries some items are right; what can no longer beat a guess is not asked again. */
  const count = async (
    some: readonly Item[],
    ask: (item: Item) => Item,
    firstAttempt: number,
  ): Promise<Map<string, number>> => {
    const right = new Map<string, number>();
    for (let attempt = 0; attempt < tries; attempt++) {
      const asked = some
        .filter((item) => (right.get(item.id) ?? 0) + tries - attempt >= least(item)!)
        .map((item) => ask(shuffleOptions(item, randomStream(seed, "options", item.id, attempt))));
      const chosen = asked.length === 0 ? [] : await choose(asked, firstAttempt + attempt);
      if (chosen.length !== asked.length) {
        throw new UsageError(
          `Expected choices for ${asked.length} items but found ${chosen.length}`,
        );
      }
      for (const [i, { id, decisions }] of asked.entries()) {
        const all = decisions.every(({ answer }, d) => chosen[i]![d] === answer);
        if (all) right.set(id, (right.get(id) ?? 0) + 1);
      }
    }
    return right;
  };
  const seen = await count(items.filter((item) => least(item) !== undefined), (item) => item, 0);
  const answered = items.filter((item) =>
    least(item) !== undefined && (seen.get(item.id) ?? 0) >= least(item)!
  );
  const blind = await count(
    answered.filter(({ evidence }) => evidence !== undefined),
    withOthersFindings(items),
    tries,
  );
  return items.map((item): CuratedItem => {
    const needed = least(item);
    const [right, rightBlind] = [seen.get(item.id) ?? 0, blind.get(item.id) ?? 0];
    const fault = needed === undefined
      ? "guessable"
      : right < needed
      ? "not answered"
      : rightBlind >= needed
      ? "answered without its findings"
      : undefined;
    return { item, right, rightBlind, ...(fault !== undefined && { fault }) };
  });
}

/** A finding of a vignette that is blanked. */
interface Blank {
  /** Id of the finding. */
  readonly finding: string;
  /** Its words in the evidence. */
  readonly words: string;
  /** Id of the disease that presents it. */
  readonly disease: string;
  /** What the model is asked. */
  readonly prompt: string;
}

/** One finding in an item's evidence, chosen by its hash; undefined where it names none that a claim states. */
function blankFinding(knowledge: Knowledge, item: Item): Blank | undefined {
  const { evidence, claims, id } = item;
  if (evidence === undefined) return undefined;
  const named = claims.flatMap(({ subject, predicate, object, denied }) => {
    const entity = knowledge.entities.get(object);
    if (predicate !== "presents" || denied !== undefined || entity === undefined) return [];
    const words = displayName(entity);
    return evidence.split(words).length === 2 ? [{ finding: object, words, disease: subject }] : [];
  });
  if (named.length === 0) return undefined;
  const chosen = named[parseInt(id.slice(0, 6), 16) % named.length]!;
  const disease = knowledge.entities.get(chosen.disease);
  if (disease === undefined) return undefined;
  const shown = evidence.replace(chosen.words, () => "___");
  const prompt = `A patient with ${
    displayName(disease)
  }: ${shown}\nFill in the blank with one finding. Reply with the finding alone.`;
  return { ...chosen, prompt };
}

/**
 * Blank one finding of each vignette and let a model fill it. What it writes stays where it is one known finding, not yet in
 * the prompt, that the disease presents and no other disease of the claims may; otherwise the item stays as it was.
 *
 * @param options.knowledge The graph, which judges the new finding.
 * @param options.items What is changed.
 * @param options.attempt The model that fills the blanks, in one try.
 * @returns All items in their order, how many were refilled, and how many had a blank to fill.
 * @throws UsageError when the model gives another number of completions.
 */
export async function imputeFindings(
  { knowledge, items, attempt }: {
    readonly knowledge: Knowledge;
    readonly items: readonly Item[];
    readonly attempt: Attempt;
  },
): Promise<{ readonly items: Item[]; readonly refilled: number; readonly tried: number }> {
  const open = [...items.entries()].flatMap(([at, item]) => {
    const blank = blankFinding(knowledge, item);
    return blank === undefined ? [] : [{ at, item, blank }];
  });
  const completions = open.length === 0
    ? []
    : await attempt(open.map(({ blank }) => blank.prompt), 0);
  if (completions.length !== open.length) {
    throw new UsageError(`Expected ${open.length} completions but found ${completions.length}`);
  }
  const result = [...items];
  let refilled = 0;
  for (const [i, { at, item, blank }] of open.entries()) {
    const filled = await refill(knowledge, item, blank, completions[i]!);
    if (filled === undefined) continue;
    result[at] = filled;
    refilled += 1;
  }
  return { items: result, refilled, tried: open.length };
}

/** The item with another finding in place of a blank; undefined where the finding does not serve. */
async function refill(
  knowledge: Knowledge,
  item: Item,
  { finding, words, disease }: Blank,
  completion: string,
): Promise<Item | undefined> {
  const text = completion.trim().replace(/[.\s]+$/, "");
  const named = mentions(knowledge, text, ["symptom"]);
  const [only] = named;
  if (named.length !== 1 || only!.end - only!.start !== text.length) return undefined;
  const { entity } = only!;
  const others = new Set(item.claims.map(({ subject }) => subject).filter((id) => id !== disease));
  const holds = checkClaim(knowledge, {
    subject: disease,
    predicate: "presents",
    object: entity.id,
  });
  if (holds.verdict !== "supported" || item.prompt.includes(displayName(entity))) return undefined;
  if ([...others].some((other) => mayPresent(knowledge, other, entity.id))) return undefined;
  const swap = (written: string): string => written.replaceAll(words, displayName(entity));
  const swapId = (id: string): string => (id === finding ? entity.id : id);
  const { family, version } = item;
  const evidence = swap(item.evidence!);
  const prompt = item.prompt.replace(item.evidence!, () => evidence);
  const reference = swap(item.reference);
  const checks = item.checks.map((check): Check =>
    check.kind === "entities" ? { ...check, accepted: check.accepted.map(swapId) } : check
  );
  return {
    ...item,
    id: await hashJson({ family, version, prompt, reference, checks }),
    prompt,
    evidence,
    reference,
    checks,
    claims: item.claims.map((claim) => ({ ...claim, object: swapId(claim.object) })),
  };
}
