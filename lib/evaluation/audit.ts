/**
 * The audit of items: whether they can be answered without reading, whether test items leak into training, and whether each
 * item keeps its own rules. Nothing but the items is taken for granted.
 *
 * @module
 */
import type { Knowledge } from "../knowledge/mod.ts";
import { referencePasses } from "../reward/mod.ts";
import type { OnProgress } from "../runtime/mod.ts";
import {
  type ClaimOverlap,
  claimOverlap,
  consistencyFaults,
  countDuplicates,
  type Duplicates,
  heldOutNamed,
  type HeldOutNaming,
  indexTexts,
  inSeveralSplits,
  type Item,
  type ItemRule,
  itemRules,
  sharesPassage,
  type Split,
  splits,
  type TestSet,
  testSets,
  trainedForms,
  trainingTwins,
  type TwinReport,
} from "../synthesis/mod.ts";
import { guessItems } from "./guessing.ts";

/** Items of a kind: how many, and the first few by id with what was found. */
export interface Findings {
  /** How many. */
  readonly n: number;
  /** The first ones, each with a line on it. */
  readonly examples: readonly string[];
}

/** What test items of a set share with training. */
export interface SetLeakage {
  /** Claims that training states too. */
  readonly claims: ClaimOverlap;
  /** How near the nearest training item is. */
  readonly twins: TwinReport;
}

/** What training and test share. */
export interface LeakageReport {
  /** By test set. */
  readonly sets: Readonly<Partial<Record<TestSet, SetLeakage>>>;
  /** Held-out diseases in training. */
  readonly heldOut: {
    /** Diseases that `test-diseases` is about. */
    readonly diseases: number;
    /** Held-out diseases that training names. */
    readonly named: number;
    /** Those that it names most often. */
    readonly examples: readonly HeldOutNaming[];
  };
  /** Groups with items in several splits. */
  readonly groups: Findings;
  /** Cases with items in several splits. */
  readonly cases: Findings;
  /** Families of `test-forms` that are trained on. */
  readonly families: readonly string[];
  /** Wordings of `test-wordings` that are trained on. */
  readonly templates: readonly string[];
}

/** What an audit finds. */
export interface AuditReport extends ReturnType<typeof guessItems> {
  /** Items by split. */
  readonly items: Readonly<Partial<Record<Split, number>>>;
  /** Repeated prompts. */
  readonly duplicates: Duplicates;
  /** What training and test share. */
  readonly leakage: LeakageReport;
  /** Items that share 64 characters in a row with a benchmark. */
  readonly overlap: Findings;
  /** References that their own checks do not give the whole score. */
  readonly references: Findings;
  /** Broken rules, each with how often; those that hold are left out. */
  readonly consistency: Readonly<Partial<Record<ItemRule, Findings>>>;
}

/** So many examples are told. */
const told = 5;

const findings = (all: readonly string[]): Findings => ({
  n: all.length,
  examples: all.slice(0, told),
});

function leakageOf(items: readonly Item[], knowledge: Knowledge): LeakageReport {
  const train = items.filter(({ split }) => split === "train");
  const sets = testSets.flatMap((set) => {
    const test = items.filter(({ split }) => split === set);
    if (test.length === 0) return [];
    const leakage = { claims: claimOverlap(test, train), twins: trainingTwins(test, train) };
    return [[set, leakage] as const];
  });
  const shared = (valueOf: (item: Item) => string | undefined): Findings =>
    findings(
      inSeveralSplits(items, valueOf).map((one) => `${one.value} in ${one.splits.join(", ")}`),
    );
  const { diseases, named } = heldOutNamed(items, knowledge);
  return {
    sets: Object.fromEntries(sets),
    heldOut: { diseases, named: named.length, examples: named.slice(0, told) },
    groups: shared((item) => item.group),
    cases: shared((item) => item.case),
    ...trainedForms(items),
  };
}

function consistencyOf(items: readonly Item[]): AuditReport["consistency"] {
  const faults = consistencyFaults(items);
  return Object.fromEntries(itemRules.flatMap((rule) => {
    const own = faults.filter((fault) => fault.rule === rule);
    const lines = own.map(({ item, detail }) => `${item}: ${detail}`);
    return own.length === 0 ? [] : [[rule, findings(lines)] as const];
  }));
}

/**
 * Audit items.
 *
 * @param items Items of all splits, whatever made them.
 * @param options.knowledge The graph, for names in texts and for references' checks.
 * @param options.benchmarks Texts that no item may share a passage with.
 * @param options.onProgress Called before each part.
 * @returns What was found, as plain JSON; the same for the same items.
 */
export function auditItems(
  items: readonly Item[],
  { knowledge, benchmarks, onProgress = () => {} }: {
    readonly knowledge: Knowledge;
    readonly benchmarks: readonly string[];
    readonly onProgress?: OnProgress;
  },
): AuditReport {
  const parts = 6;
  onProgress(0, parts, "blind baselines");
  const guesses = guessItems(items, knowledge);
  onProgress(1, parts, "leakage");
  const leakage = leakageOf(items, knowledge);
  onProgress(2, parts, "duplicates");
  const duplicates = countDuplicates(items);
  onProgress(3, parts, "benchmark overlap");
  const index = indexTexts(benchmarks);
  const overlapping = items.filter(({ prompt, reference }) =>
    sharesPassage(index, `${prompt} ${reference}`)
  );
  onProgress(4, parts, "references");
  const failing = items.filter((item) => !referencePasses(item, knowledge));
  onProgress(5, parts, "consistency");
  const consistency = consistencyOf(items);
  return {
    ...guesses,
    items: Object.fromEntries(splits.flatMap((split) => {
      const n = items.filter((item) => item.split === split).length;
      return n === 0 ? [] : [[split, n] as const];
    })),
    duplicates,
    leakage,
    overlap: findings(overlapping.map(({ id }) => id)),
    references: findings(failing.map(({ id }) => id)),
    consistency,
  };
}
