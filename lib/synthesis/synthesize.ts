/**
 * MKGSG's pipeline: source selection, seeds, stepwise construction, validation, curation, with the retention of each
 * stage.
 */
import type { Clinical } from "../knowledge/mod.ts";
import {
  hashJson,
  type OnProgress,
  type RandomStream,
  randomStream,
  UsageError,
} from "../runtime/mod.ts";
import { isSound } from "./case.ts";
import { type Family, type Proposal, wordPrompt } from "./draft.ts";
import {
  capabilities,
  type Capability,
  drawGroups,
  type Item,
  type Split,
  splits,
} from "./item.ts";
import {
  benchmarkTexts,
  indexTexts,
  normalizeText,
  type OverlapIndex,
  sharesPassage,
} from "./overlap.ts";
import { selectSource, type Source, type SourceSplit } from "./source.ts";
import { Ledger, type StageReport } from "./retention.ts";
import { splitOfClaims } from "./split.ts";
import { families } from "./tasks/families.ts";
import { estimateTokens } from "./tokens.ts";
import { textFault, unsupportedClaims } from "./validate.ts";

/** Longest prompt and reference, in words, and longest reference in estimated tokens. */
export const limits = { promptWords: 130, referenceWords: 45, referenceTokens: 72 } as const;

/** Share of the items of each split but training, which has the rest. */
export const splitShares: Readonly<Record<Exclude<Split, "train">, number>> = {
  validation: 0.05,
  test: 0.1,
  "test-diseases": 0.05,
  "test-forms": 0.05,
  "test-wordings": 0.05,
};

/** The facts that the items of a split rest on. */
const sourceOf: Readonly<Record<Split, SourceSplit>> = {
  train: "train",
  validation: "validation",
  test: "test",
  "test-diseases": "test-diseases",
  "test-forms": "test",
  "test-wordings": "test",
};

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
  /** The curated tables, joined with the graph. */
  readonly clinical: Clinical;
  /** Number of items, at least 1. */
  readonly count: number;
  /** Same seed and count, same items. */
  readonly seed: number;
  /** Whether an item's reference passes its own checks; items that fail are dropped. */
  readonly verify?: (item: Item) => boolean;
  /** Texts that no item may share 64 characters with; the benchmarks of the data folder when left out. */
  readonly benchmarks?: readonly string[];
  /** Items of vignettes written by hand, in whole groups: up to half of the reasoning items of `test-wordings`. */
  readonly written?: readonly Item[];
  /** Leave out ontology validation, workflow constraints or curation, to measure what each does. */
  readonly without?: readonly ("validation" | "workflow" | "curation")[];
  /** Called after each family. */
  readonly onProgress?: OnProgress;
}

/**
 * How many items of a capability go to each split.
 *
 * @param items Items of the capability.
 * @returns Items of each split; they add up.
 */
export function splitQuota(items: number): Record<Split, number> {
  const quota = { train: items } as Record<Split, number>;
  for (const split of splits) {
    if (split === "train") continue;
    quota[split] = Math.round(items * splitShares[split]);
    quota.train -= quota[split];
  }
  return quota;
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
  split: Split,
  group: string | undefined,
  random: RandomStream,
): Promise<Item> {
  const { prompt, template } = wordPrompt(proposal, split, random);
  const { reference, checks, claims, decisions = [], evidence } = proposal;
  return {
    id: await hashJson({ family: family.id, version: family.version, prompt, reference, checks }),
    capability: family.capability,
    family: family.id,
    version: family.version,
    split,
    prompt,
    reference,
    checks,
    claims,
    decisions,
    ...(evidence !== undefined && { evidence }),
    ...(group !== undefined && { group }),
    case: await hashJson(proposal.key),
    template,
  };
}

/** What the pipeline works from, and what it has made so far. */
interface PipelineState {
  readonly options: SynthesisOptions;
  readonly sources: Readonly<Record<SourceSplit, Source>>;
  readonly index: OverlapIndex;
  readonly ledger: Ledger;
  /** Keys of items, against twins. */
  readonly seen: Set<string>;
  /** The split of each case: it lies in one. */
  readonly cases: Map<string, Split>;
  /** How many groups of each family fitted a split or not, and the size of the smallest. */
  readonly sizes: Map<string, { groups: number; smallest: number }>;
  readonly items: Item[];
}

/**
 * Make `count` items, balanced over capabilities, families and splits.
 *
 * Items come in counterfactual groups, whole in every split but training, whose last group of a family may be cut to size.
 * Training rests on its own diseases and facts alone (`splitOfFact`), each other split on at least one fact that no training
 * item holds; a case lies in one split. The same seed and count give the same items.
 *
 * @param options The curated tables, the number of items, and what is left out.
 * @returns The items, sorted by split and id, and what each stage kept.
 * @throws UsageError when count is not a positive integer or the tables have fewer than four usable diseases.
 */
export async function synthesize(
  options: SynthesisOptions,
): Promise<{ items: Item[]; report: SynthesisReport }> {
  const { count, seed, onProgress } = options;
  if (!Number.isInteger(count) || count < 1) {
    throw new UsageError(`Expected count to be an integer greater than 0 but found ${count}`);
  }
  const state = await openPipeline(options);
  let missing = 0;
  for (const [number, capability] of capabilities.entries()) {
    const total = Math.floor(count / 4) + (number < count % 4 ? 1 : 0);
    const left = splitQuota(total);
    for (
      const split of [
        "test-forms",
        "test-diseases",
        "test-wordings",
        "test",
        "validation",
        "train",
      ] as const
    ) {
      if (split === "test-wordings") {
        left[split] -= addWritten(state, capability, Math.floor(left[split] / 2), seed);
      }
      const own = families.filter((family) =>
        family.capability === capability && (family.testOnly === true) === (split === "test-forms")
      );
      for (const [place, family] of own.entries()) {
        const need = Math.ceil(left[split] / (own.length - place));
        const made = await fill(
          family,
          state,
          split,
          need,
          randomStream(seed, "synthesis", family.id, split),
        );
        left[split] -= made;
        onProgress?.(state.items.length, count, family.id);
      }
      // Whole groups need not fill a split: training has the rest.
      if (split === "train") missing += left.train;
      else left.train += left[split];
    }
  }
  const { items, ledger } = state;
  items.sort((a, b) => splits.indexOf(a.split) - splits.indexOf(b.split) || (a.id < b.id ? -1 : 1));
  return { items, report: { stages: ledger.report(), counts: countItems(items), missing } };
}

/** Puts groups written by hand among the items; returns how many items they have. */
function addWritten(
  { options: { written = [] }, items }: PipelineState,
  capability: Capability,
  most: number,
  seed: number,
): number {
  const own = written.filter((item) => item.capability === capability);
  const added = drawGroups(own, most, randomStream(seed, "written"));
  items.push(...added);
  return added.length;
}

async function openPipeline(options: SynthesisOptions): Promise<PipelineState> {
  const { clinical } = options;
  const sources = {
    train: selectSource(clinical, "train"),
    validation: selectSource(clinical, "validation"),
    test: selectSource(clinical, "test"),
    "test-diseases": selectSource(clinical, "test-diseases"),
  };
  if (sources.train.diseases.length < 4) {
    throw new UsageError(
      `Expected at least 4 usable diseases in the tables but found ${sources.train.diseases.length}`,
    );
  }
  const ledger = new Ledger();
  const used = sources.test.diseases.length + sources["test-diseases"].diseases.length;
  ledger.enter("source", undefined, used);
  ledger.enter("source", "too few plain names", sources.train.produced - used);
  return {
    options,
    sources,
    index: indexTexts(options.benchmarks ?? await benchmarkTexts()),
    ledger,
    seen: new Set(),
    cases: new Map(),
    sizes: new Map(),
    items: [],
  };
}

/** So many groups that are larger than what a split still needs end the draw; so many show how small they can be. */
const mostUnfit = 8;

/** Draw groups of one family until a split has what it needs, or the facts seem used up; returns how many items it made. */
async function fill(
  family: Family,
  state: PipelineState,
  split: Split,
  need: number,
  stream: RandomStream,
): Promise<number> {
  const { items, seen, cases, sizes } = state;
  const known = sizes.get(family.id) ?? { groups: 0, smallest: Infinity };
  sizes.set(family.id, known);
  let made = 0;
  let unfit = 0;
  const mayFit = (): boolean =>
    split === "train" || known.groups < mostUnfit || need - made >= known.smallest;
  for (
    let attempt = 0, idle = 0;
    idle < 400 + 10 * need && made < need && unfit < mostUnfit && mayFit();
    attempt++, idle++
  ) {
    const group = await drawGroup(family, state, split, stream.child(attempt));
    if (group.length === 0) continue;
    known.groups += 1;
    known.smallest = Math.min(known.smallest, group.length);
    // A group of training that is cut to size is none any more.
    const cut = split === "train" && group.length > need - made;
    const fitting = cut ? group.slice(0, need - made).map(({ group: _, ...item }) => item) : group;
    if (fitting.length > need - made) {
      state.ledger.enter("curate", "group does not fit", group.length);
      unfit++;
      continue;
    }
    state.ledger.enter("curate", undefined, fitting.length);
    if (cut) state.ledger.enter("curate", "group does not fit", group.length - fitting.length);
    for (const item of fitting) {
      seen.add(twinOf(item));
      cases.set(item.case, split);
      items.push(item);
    }
    made += fitting.length;
    idle = 0;
  }
  return made;
}

/** What makes two items the same: the prompt, or in a case the disease with its findings. */
const twinOf = (item: Item): string =>
  item.evidence === undefined ? normalizeText(item.prompt) : `${item.family} ${item.case}`;

/** One counterfactual group that every stage kept; empty where one of its items was dropped, and with it the others. */
async function drawGroup(
  family: Family,
  state: PipelineState,
  split: Split,
  random: RandomStream,
): Promise<Item[]> {
  const { sources, ledger, options } = state;
  const source = sources[sourceOf[split]];
  const proposals = family.propose(source, random.child("facts"));
  if (proposals.length === 0) {
    ledger.enter("seed", "facts do not serve");
    return [];
  }
  const size = proposals.length;
  const { knowledge } = options.clinical;
  const isDisease = (id: string): boolean => knowledge.entities.get(id)?.kind === "disease";
  const fits = splitOfClaims(proposals.flatMap(({ claims }) => claims), isDisease) === source.split;
  if (!ledger.enter("seed", fits ? undefined : "facts of another split", size)) return [];
  const group = size > 1
    ? await hashJson([family.id, ...proposals.map(({ key }) => key)])
    : undefined;
  const words = random.child("wording");
  const drawn: Item[] = [];
  for (const proposal of proposals) {
    // Every item of a group has the same wording: nothing but the evidence or the anchor differs.
    drawn.push(await itemOf(family, proposal, split, group, words.child(0)));
  }
  for (const stage of ["construct", "validate", "curate"] as const) {
    const reasons = drawn.map((item, i) => faultAt(stage, item, proposals[i]!, state));
    const fault = reasons.find((reason) => reason !== undefined);
    // What curation keeps is counted when it is known whether the group fits.
    if (stage === "curate" && fault === undefined) continue;
    if (!ledger.enter(stage, fault, size)) return [];
  }
  return drawn;
}

/** Why a stage drops an item; undefined where it keeps it. */
function faultAt(
  stage: "construct" | "validate" | "curate",
  item: Item,
  proposal: Proposal,
  { options, sources, seen, cases, index }: PipelineState,
): string | undefined {
  if (stage === "construct") return tooLong(item);
  const without = new Set(options.without);
  if (stage === "validate") {
    const { clinical } = proposal;
    if (!without.has("workflow") && clinical !== undefined && !isSound(sources.train, clinical)) {
      return "workflow";
    }
    if (without.has("validation")) return undefined;
    if (unsupportedClaims(options.clinical.knowledge, item.claims).length > 0) {
      return "unsupported claim";
    }
    const fault = textFault(options.clinical, item);
    return fault === undefined ? undefined : `text: ${fault}`;
  }
  if ((cases.get(item.case) ?? item.split) !== item.split) return "case of another split";
  if (without.has("curation")) return undefined;
  if (seen.has(twinOf(item))) return "duplicate";
  if (sharesPassage(index, `${item.prompt} ${item.reference}`)) return "benchmark overlap";
  return options.verify !== undefined && !options.verify(item)
    ? "reference fails its checks"
    : undefined;
}

function countItems(items: readonly Item[]): SynthesisReport["counts"] {
  const counts = new Map<string, number>();
  for (const { family, split } of items) {
    const key = `${family} ${split}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const written = [...new Map(items.map(({ family, capability }) => [family, capability]))]
    .map(([id, capability]) => ({ id, capability }))
    .filter(({ id }) => !families.some((family) => family.id === id));
  return [...families, ...written].flatMap(({ id, capability }) =>
    splits.map((split) => ({
      capability,
      family: id,
      split,
      items: counts.get(`${id} ${split}`) ?? 0,
    }))
  );
}
