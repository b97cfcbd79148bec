/**
 * Leakage: what test items share with training items that they must not share, set by set.
 *
 * @module
 */
import { type Knowledge, mentions } from "../../knowledge/mod.ts";
import { type Item, type ItemClaim, splits } from "../item.ts";
import { isHeldOutDisease } from "../split.ts";

/** Claims of test items that training items state too. */
export interface ClaimOverlap {
  /** Items that state a claim. */
  readonly items: number;
  /** Claims that they state, each counted once an item. */
  readonly claims: number;
  /** Of these, claims that a training item states. */
  readonly seen: number;
  /** Of these, claims whose two ends stand together in a training claim of any relation, denied or not. */
  readonly seenPairs: number;
  /** Items all of whose claims training items state: nothing in them is new. */
  readonly nothingNew: number;
}

const statedBy = ({ claims }: Item): ItemClaim[] =>
  claims.filter(({ denied }) => denied === undefined);
const tripleOf = ({ subject, predicate, object }: ItemClaim): string =>
  `${subject}\t${predicate}\t${object}`;
const pairOf = ({ subject, object }: ItemClaim): string => [subject, object].sort().join("\t");

/**
 * Share of what test items state that training items state too.
 *
 * @param test Items of a test set.
 * @param train Training items.
 * @returns Numbers of claims and items.
 */
export function claimOverlap(test: readonly Item[], train: readonly Item[]): ClaimOverlap {
  const triples = new Set(train.flatMap((item) => statedBy(item).map(tripleOf)));
  const pairs = new Set(train.flatMap(({ claims }) => claims.map(pairOf)));
  const own = test.map((item) => {
    const stated = new Map(statedBy(item).map((claim) => [tripleOf(claim), claim]));
    return [...stated].map(([triple, claim]) => ({
      seen: triples.has(triple),
      seenPair: pairs.has(pairOf(claim)),
    }));
  }).filter((claims) => claims.length > 0);
  const claims = own.flat();
  return {
    items: own.length,
    claims: claims.length,
    seen: claims.filter(({ seen }) => seen).length,
    seenPairs: claims.filter(({ seenPair }) => seenPair).length,
    nothingNew: own.filter((one) => one.every(({ seen }) => seen)).length,
  };
}

/**
 * Values that items of several splits share, such as groups or cases.
 *
 * @param items Any items.
 * @param valueOf The value of an item; undefined where it has none.
 * @returns Each value with its splits, in the order of the items.
 */
export function inSeveralSplits(
  items: readonly Item[],
  valueOf: (item: Item) => string | undefined,
): { readonly value: string; readonly splits: readonly string[] }[] {
  const found = new Map<string, Set<string>>();
  for (const item of items) {
    const value = valueOf(item);
    if (value === undefined) continue;
    const own = found.get(value) ?? new Set();
    found.set(value, own.add(item.split));
  }
  return [...found].filter(([, own]) => own.size > 1).map(([value, own]) => ({
    value,
    splits: splits.filter((split) => own.has(split)),
  }));
}

/** Where training names a disease that is held out. */
export interface HeldOutNaming {
  /** Id of the disease. */
  readonly id: string;
  /** Its name in the graph. */
  readonly name: string;
  /** Training items whose prompt names it. */
  readonly prompts: number;
  /** Training items whose reference names it. */
  readonly references: number;
  /** Training items with a claim about it, stated or denied. */
  readonly claims: number;
}

/**
 * Held-out diseases that training items name: those that items of `test-diseases` state claims about or answer with, and those
 * that the rule of {@linkcode isHeldOutDisease} holds out. Without items of `test-diseases` nothing is held out.
 *
 * @param items Items of all splits.
 * @param knowledge The graph, which finds diseases in texts.
 * @returns How many diseases `test-diseases` is about, and those held out that training names, most often named first.
 */
export function heldOutNamed(
  items: readonly Item[],
  knowledge: Knowledge,
): { readonly diseases: number; readonly named: HeldOutNaming[] } {
  const inText = (text: string): string[] =>
    mentions(knowledge, text, ["disease"]).map(({ entity }) => entity.id);
  const inClaims = (claims: readonly ItemClaim[]): string[] =>
    claims.flatMap(({ subject, object }) => [subject, object])
      .filter((id) => knowledge.entities.get(id)?.kind === "disease");
  const tested = new Set(
    items.filter(({ split }) => split === "test-diseases").flatMap((item) => [
      ...inClaims(statedBy(item)),
      ...item.decisions.flatMap(({ options, answer }) => inText(options[answer]!)),
    ]),
  );
  if (tested.size === 0) return { diseases: 0, named: [] };
  const counts = new Map<string, { prompts: number; references: number; claims: number }>();
  const count = (place: "prompts" | "references" | "claims", ids: readonly string[]): void => {
    for (const id of new Set(ids)) {
      if (!tested.has(id) && !isHeldOutDisease(id)) continue;
      const own = counts.get(id) ?? { prompts: 0, references: 0, claims: 0 };
      own[place] += 1;
      counts.set(id, own);
    }
  };
  for (const { split, prompt, reference, claims } of items) {
    if (split !== "train") continue;
    count("prompts", inText(prompt));
    count("references", inText(reference));
    count("claims", inClaims(claims));
  }
  const named = [...counts].map(([id, own]) => ({
    id,
    name: knowledge.entities.get(id)?.name ?? id,
    ...own,
  }));
  const times = (one: HeldOutNaming): number => one.prompts + one.references + one.claims;
  named.sort((a, b) => times(b) - times(a) || (a.id < b.id ? -1 : 1));
  return { diseases: tested.size, named };
}

/**
 * Families and wordings of test sets that training has and must not have: families in `test-forms`, wordings in
 * `test-wordings`.
 *
 * @param items Items of all splits.
 * @returns Names of families and of templates.
 */
export function trainedForms(
  items: readonly Item[],
): { readonly families: string[]; readonly templates: string[] } {
  const both = (set: string, nameOf: (item: Item) => string): string[] => {
    const namesOf = (split: string) =>
      new Set(items.filter((item) => item.split === split).map(nameOf));
    return [...namesOf(set).intersection(namesOf("train"))].sort();
  };
  return {
    families: both("test-forms", ({ family }) => family),
    templates: both("test-wordings", ({ template }) => template),
  };
}
