/**
 * MKGSG's pipeline: source selection, seeds, stepwise construction, validation, curation, with the retention of each
 * stage.
 */
import type { Knowledge } from "../knowledge/mod.ts";
import {
  hashJson,
  type OnProgress,
  type RandomStream,
  randomStream,
  UsageError,
} from "../runtime/mod.ts";
import { isSound } from "./case.ts";
import { type Family, type Proposal, wordPrompt } from "./draft.ts";
import { injectError } from "./inject.ts";
import { capabilities, type Capability, type Item, type Split, splits } from "./item.ts";
import {
  benchmarkTexts,
  indexTexts,
  normalizeText,
  type OverlapIndex,
  sharesPassage,
} from "./overlap.ts";
import { selectSource, type Source } from "./source.ts";
import { families } from "./tasks/families.ts";
import { estimateTokens } from "./tokens.ts";
import { unsupportedClaims } from "./validate.ts";

/** Longest prompt and reference, in words, and longest reference in estimated tokens. */
export const limits = { promptWords: 90, referenceWords: 45, referenceTokens: 72 } as const;

/** Share of validation and test items; the rest is for training. */
export const splitShares = { validation: 0.05, test: 0.15 } as const;

/** How many of what a stage was given it kept, and why the rest was dropped. */
export interface StageReport {
  /** The stage. */
  readonly stage: "source" | "seed" | "construct" | "validate" | "curate";
  /** How many it was given. */
  readonly produced: number;
  /** How many it kept. */
  readonly kept: number;
  /** Why it dropped the others: reason and number. */
  readonly dropped: Readonly<Record<string, number>>;
}

/** Retention per stage, and the number of items by capability, family and split. */
export interface SynthesisReport {
  /** Retention of each stage, in order. */
  readonly stages: readonly StageReport[];
  /** Items by capability, family and split. */
  readonly counts: readonly {
    readonly capability: Capability;
    readonly family: string;
    readonly split: Split;
    readonly items: number;
  }[];
  /** Items asked for that the facts did not yield. */
  readonly missing: number;
}

/** What {@linkcode synthesize} works from. */
export interface SynthesisOptions {
  /** The graph. */
  readonly knowledge: Knowledge;
  /** Number of items, at least 1. */
  readonly count: number;
  /** Same seed and count, same items. */
  readonly seed: number;
  /** Whether an item's reference passes its own checks; items that fail are dropped. */
  readonly verify?: (item: Item) => boolean;
  /** Texts that no item may share 64 characters with; the benchmarks of the data folder when left out. */
  readonly benchmarks?: readonly string[];
  /** Leave out ontology validation, workflow constraints or curation, to measure what each does. */
  readonly without?: readonly ("validation" | "workflow" | "curation")[];
  /** Share of proposals into which a wrong entity is put on purpose, 0 when left out. */
  readonly errorRate?: number;
  /** Called after each family. */
  readonly onProgress?: OnProgress;
}

/**
 * The split that a case belongs to, from its hash.
 *
 * @param caseHash At least 8 hex digits.
 * @returns The split.
 */
export function splitOf(caseHash: string): Split {
  const share = parseInt(caseHash.slice(0, 8), 16) / 2 ** 32;
  if (share < splitShares.test) return "test";
  return share < splitShares.test + splitShares.validation ? "validation" : "train";
}

/**
 * How many items of a capability go to each split.
 *
 * @param items Items of the capability.
 * @returns Items of each split; they add up.
 */
export function splitQuota(items: number): Record<Split, number> {
  const test = Math.round(items * splitShares.test);
  const validation = Math.round(items * splitShares.validation);
  return { train: items - test - validation, validation, test };
}

class Ledger {
  readonly stages = new Map<
    StageReport["stage"],
    { produced: number; kept: number; dropped: Map<string, number> }
  >();

  enter(stage: StageReport["stage"], reason?: string): boolean {
    let entry = this.stages.get(stage);
    if (entry === undefined) {
      this.stages.set(stage, entry = { produced: 0, kept: 0, dropped: new Map() });
    }
    entry.produced += 1;
    if (reason === undefined) entry.kept += 1;
    else entry.dropped.set(reason, (entry.dropped.get(reason) ?? 0) + 1);
    return reason === undefined;
  }

  report(): StageReport[] {
    return [...this.stages].map(([stage, { produced, kept, dropped }]) => ({
      stage,
      produced,
      kept,
      dropped: Object.fromEntries([...dropped].sort(([a], [b]) => (a < b ? -1 : 1))),
    }));
  }
}

const wordCount = (text: string): number => text.split(/\s+/).filter(Boolean).length;

function tooLong(item: Pick<Item, "prompt" | "reference">): string | undefined {
  if (wordCount(item.prompt) > limits.promptWords) return "prompt too long";
  if (wordCount(item.reference) > limits.referenceWords) return "reference too long";
  return estimateTokens(item.reference) > limits.referenceTokens ? "reference too long" : undefined;
}

async function itemOf(
  family: Family,
  proposal: Proposal,
  caseHash: string,
  random: RandomStream,
): Promise<Item> {
  const split = splitOf(caseHash);
  const content = {
    capability: family.capability,
    family: family.id,
    version: family.version,
    split,
    ...wordPrompt(proposal, split, random),
    reference: proposal.reference,
    checks: proposal.checks,
    claims: proposal.claims,
    case: caseHash,
  };
  const { capability, version, prompt, reference, checks, claims, template } = content;
  const id = await hashJson({ family: family.id, version, prompt, reference, checks });
  return {
    id,
    capability,
    family: family.id,
    version,
    split,
    prompt,
    reference,
    checks,
    claims,
    case: caseHash,
    template,
  };
}

/**
 * Make `count` items, balanced over capabilities, families and splits.
 *
 * A case (a disease with its finding set, or a fact asked for) lies in one split by its hash, and training has its own
 * wordings, so no test item has a training twin. The same seed and count give the same items.
 *
 * @param options The graph, the number of items, and what is left out.
 * @returns The items, sorted by split and id, and what each stage kept.
 * @throws UsageError when count is not a positive integer or the graph has fewer than four usable diseases.
 */
export async function synthesize(
  options: SynthesisOptions,
): Promise<{ items: Item[]; report: SynthesisReport }> {
  const { knowledge, count, seed, onProgress } = options;
  if (!Number.isInteger(count) || count < 1) {
    throw new UsageError(`Expected count to be an integer greater than 0 but found ${count}`);
  }
  const source = selectSource(knowledge);
  if (source.diseases.length < 4) {
    throw new UsageError(
      `Expected at least 4 usable diseases in the graph but found ${source.diseases.length}`,
    );
  }
  const index = indexTexts(options.benchmarks ?? await benchmarkTexts());
  const ledger = new Ledger();
  for (let i = 0; i < source.produced; i++) {
    ledger.enter("source", i < source.diseases.length ? undefined : "too few plain names");
  }
  const items: Item[] = [];
  const seen = new Set<string>();
  let missing = 0;
  for (const [number, capability] of capabilities.entries()) {
    const total = Math.floor(count / 4) + (number < count % 4 ? 1 : 0);
    const left = splitQuota(total);
    const own = families.filter((family) => family.capability === capability);
    for (const [place, family] of own.entries()) {
      const need = { ...left };
      for (const split of splits) need[split] = Math.ceil(left[split] / (own.length - place));
      const before = { ...need };
      await fill(
        family,
        { source, index, options, ledger, seen, items },
        need,
        randomStream(seed, "synthesis", family.id),
      );
      for (const split of splits) left[split] -= before[split] - need[split];
      onProgress?.(items.length, count, family.id);
    }
    missing += splits.reduce((sum, split) => sum + left[split], 0);
  }
  items.sort((a, b) => splits.indexOf(a.split) - splits.indexOf(b.split) || (a.id < b.id ? -1 : 1));
  return { items, report: { stages: ledger.report(), counts: countItems(items), missing } };
}

/** What the pipeline works from, and what it has made so far. */
interface PipelineState {
  readonly source: Source;
  readonly index: OverlapIndex;
  readonly options: SynthesisOptions;
  readonly ledger: Ledger;
  readonly seen: Set<string>;
  readonly items: Item[];
}

/** Draw proposals of one family until every split has what it needs, or the facts seem used up. */
async function fill(
  family: Family,
  { source, index, options, ledger, seen, items }: PipelineState,
  need: Record<Split, number>,
  stream: RandomStream,
): Promise<void> {
  const wanted = splits.reduce((sum, split) => sum + need[split], 0);
  const without = new Set(options.without);
  let idle = 0;
  for (
    let attempt = 0;
    idle < 400 + 10 * wanted && splits.some((split) => need[split] > 0);
    attempt++, idle++
  ) {
    const random = stream.child(attempt);
    const drawn = family.propose(source, random.child("facts"));
    if (drawn === undefined) {
      ledger.enter("seed", "facts do not serve");
      continue;
    }
    const errors = random.child("errors");
    const wrong = errors.next() < (options.errorRate ?? 0)
      ? injectError(source, drawn, errors)
      : undefined;
    const proposal = wrong ?? drawn;
    const caseHash = await hashJson(proposal.key);
    const split = splitOf(caseHash);
    if (!ledger.enter("seed", need[split] > 0 ? undefined : "split is full")) continue;
    const item = await itemOf(family, proposal, caseHash, random.child("wording"));
    if (!ledger.enter("construct", tooLong(item))) continue;
    const unsound = !without.has("workflow") && proposal.clinical !== undefined &&
      !isSound(source, proposal.clinical);
    const unsupported = !without.has("validation") &&
      unsupportedClaims(options.knowledge, item.claims).length > 0;
    const fault = unsound ? "workflow" : unsupported ? "unsupported claim" : undefined;
    if (!ledger.enter("validate", fault)) continue;
    const twin = proposal.clinical === undefined
      ? normalizeText(item.prompt)
      : `${family.id} ${caseHash}`;
    if (!without.has("curation")) {
      const reason = seen.has(twin)
        ? "duplicate"
        : sharesPassage(index, `${item.prompt} ${item.reference}`)
        ? "benchmark overlap"
        : options.verify !== undefined && !options.verify(item)
        ? "reference fails its checks"
        : undefined;
      if (!ledger.enter("curate", reason)) continue;
    }
    seen.add(twin);
    items.push(item);
    need[split] -= 1;
    idle = 0;
  }
}

function countItems(items: readonly Item[]): SynthesisReport["counts"] {
  const counts: { capability: Capability; family: string; split: Split; items: number }[] = [];
  for (const family of families) {
    for (const split of splits) {
      const found = items.filter((item) =>
        item.family === family.id && item.split === split
      ).length;
      counts.push({ capability: family.capability, family: family.id, split, items: found });
    }
  }
  return counts;
}
