/**
 * Which facts of a disease a sentence says: those of which all plain word stems stand near each other in it.
 *
 * @module
 */
import { type DiseaseFact, holds } from "./disease_facts.ts";
import type { Stems } from "./fact_units.ts";
import { plain, type PlainStem, turning } from "./plain_words.ts";

/** A fact that a sentence says. */
export interface SaidFact {
  /** The fact. */
  readonly fact: DiseaseFact;
  /** The stems that say it. */
  readonly unit: Stems;
  /** Index of the first character of the words that say it. */
  readonly start: number;
  /** Index after the last character. */
  readonly end: number;
}

/** So many other words may stand among those of a fact. */
export const MOST_BETWEEN = 6;

/** So far from what it turns may such a word stand. */
const NEAR = 2;

/**
 * Where the stems of a unit stand in a sentence, the shortest run of them.
 *
 * @param stems The stems of the sentence.
 * @param unit What is looked for.
 * @param between How many other stems may stand among them.
 * @returns Their indices in the order of the unit; undefined where they do not stand near each other.
 */
export function placesOf(
  stems: readonly PlainStem[],
  unit: Stems,
  between = MOST_BETWEEN,
): number[] | undefined {
  let best: number[] | undefined;
  for (const [from, { stem }] of stems.entries()) {
    if (!unit.includes(stem)) continue;
    const found = new Map<string, number>();
    for (let to = from; to < stems.length && to - from < unit.length + between; to++) {
      const next = stems[to]!.stem;
      if (unit.includes(next)) found.set(next, to);
      if (found.size < unit.length) continue;
      const places = unit.map((one) => found.get(one)!);
      if (best === undefined || to - from < Math.max(...best) - Math.min(...best)) best = places;
      break;
    }
  }
  return best;
}

/**
 * The part of a text in which stems stand.
 *
 * @param stems The stems of the sentence.
 * @param places Indices of some of them.
 * @returns From the first to the last.
 */
export function spanOf(
  stems: readonly PlainStem[],
  places: readonly number[],
): { readonly start: number; readonly end: number } {
  const at = places.map((place) => stems[place]!);
  return {
    start: Math.min(...at.map(({ start }) => start)),
    end: Math.max(...at.map(({ end }) => end)),
  };
}

/**
 * How far words of a sentence stand apart.
 *
 * @param places Indices of stems.
 * @returns From the first to the last.
 */
export const lengthOf = (places: readonly number[]): number =>
  Math.max(...places) - Math.min(...places);

/** How words that turn what stands beside them stand in a sentence: beside the same as in the fact, or beside other words of it. */
export type Sense = "kept" | "lost" | "turned";

/**
 * How the turning words of a unit stand in a sentence.
 *
 * @param stems The stems of the sentence.
 * @param unit The unit.
 * @param places Where its stems stand.
 * @returns Kept, unless one is turned or lost.
 */
export function senseOf(
  stems: readonly PlainStem[],
  unit: Stems,
  places: readonly number[],
): Sense {
  const [from, to] = [Math.min(...places) - NEAR, Math.max(...places) + NEAR];
  const all = (stem: string): number[] =>
    stems.flatMap((one, i) => one.stem === stem && i >= from && i <= to ? [i] : []);
  const isBeside = (a: number, b: number): boolean => {
    const [word, partner] = [stems[a]!, stems[b]!];
    if (Math.abs(a - b) > NEAR || word.clause !== partner.clause) return false;
    // "Normal PT, bleeding": not the bleeding, but "warm, red leg"; "aPTT with normal PT": not the aPTT
    if (b > a + 1) return word.item === partner.item || word.item !== stems[a + 1]!.item;
    // "Haemoglobin low, ferritin high": not the ferritin is low
    if (b > a) return word.item === partner.item || !word.joined;
    // "Less urine and a rise of creatinine": not of the urine
    if (b === a - 1 && word.item !== partner.item) return false;
    return word.joined || stems[a + 1]?.joined !== true;
  };
  const senses = unit.map((stem, i): Sense => {
    if (!turning.has(stem)) return "kept";
    // What it turns: the next words of the fact, up to another such word, or else the one before.
    const next = unit.slice(i + 1, i + 1 + NEAR);
    const until = next.findIndex((one) => turning.has(one));
    const behind = until < 0 ? next : next.slice(0, until);
    const partners = behind.length > 0 ? behind : unit.slice(Math.max(0, i - 1), i);
    const found = all(stem);
    const isKept = partners.length === 0 ||
      found.some((a) =>
        partners.flatMap(all).some((b) =>
          isBeside(a, b) && (behind.length === 0 || stems[a]!.leads !== true || b > a)
        )
      );
    if (isKept) return "kept";
    // "Relieved by walking" where the fact says "pain on walking, relieved by rest"
    const isTurned = found.some((a) => {
      const other = stems[a + 1]?.stem;
      return behind.length > 0 && stems[a]!.leads === true && other !== undefined &&
        unit.includes(other) &&
        !partners.includes(other) && !turning.has(other);
    });
    return isTurned ? "turned" : "lost";
  });
  return senses.find((sense) => sense !== "kept") ?? "kept";
}

/**
 * Whether words that turn what stands beside them stand beside the same as in the fact.
 *
 * @param stems The stems of the sentence.
 * @param unit The unit.
 * @param places Where its stems stand.
 * @returns False where one is turned or lost.
 */
export const keepsSense = (
  stems: readonly PlainStem[],
  unit: Stems,
  places: readonly number[],
): boolean => senseOf(stems, unit, places) === "kept";

/**
 * The facts that a sentence says. Each word counts once: a fact of which more than half of the words say another one is not said.
 *
 * @param stems The stems of the sentence, without those of the disease's name.
 * @param facts Facts of the disease.
 * @returns The facts from left to right.
 */
export function factsSaid(
  stems: readonly PlainStem[],
  facts: readonly DiseaseFact[],
): SaidFact[] {
  const own = new Set(stems.map(({ stem }) => stem));
  const found = facts.flatMap((fact) =>
    fact.units.flatMap((unit) => {
      if (!unit.every((stem) => own.has(stem))) return [];
      const places = placesOf(stems, unit);
      return places === undefined || !keepsSense(stems, unit, places) ||
          // "When she coughs, whereas at night there is no leakage"
          places.some((place) => stems[place]!.clause !== stems[places[0]!]!.clause)
        ? []
        : [{ fact, unit, places }];
    })
  );
  found.sort((a, b) =>
    b.places.length - a.places.length || lengthOf(a.places) - lengthOf(b.places)
  );
  const used = new Set<number>();
  const said = found.flatMap(({ fact, unit, places }): SaidFact[] => {
    const fresh = places.filter((place) => !used.has(place));
    if (2 * fresh.length < places.length || fresh.length === 0) return [];
    places.forEach((place) => used.add(place));
    return [{ fact, unit, ...spanOf(stems, places) }];
  });
  return said.sort((a, b) => a.start - b.start || a.end - b.end);
}

/** So many other words may stand among those of a finding that a disease does not have. */
const FEW_BETWEEN = 2;

/**
 * Where a sentence says a finding that no fact of its disease accounts for.
 *
 * @param stems The stems of the sentence, without those of the disease's name.
 * @param left Those of them that nothing accounts for.
 * @param factsAt Facts of the diseases of which words may be said.
 * @param findingsWith Words of findings of any disease, by a stem.
 * @returns The words of the finding in the sentence; undefined where there is none.
 */
export function strangeFinding(
  stems: readonly PlainStem[],
  left: readonly PlainStem[],
  factsAt: (at: readonly PlainStem[]) => readonly DiseaseFact[],
  findingsWith: (stem: string) => readonly Stems[],
): readonly PlainStem[] | undefined {
  const own = new Set(stems.map(({ stem }) => stem));
  for (const { stem } of left) {
    for (const unit of findingsWith(stem)) {
      if (!unit.every((one) => own.has(one))) continue;
      const places = placesOf(stems, unit, FEW_BETWEEN);
      if (places === undefined || !keepsSense(stems, unit, places)) continue;
      const at = places.map((place) => stems[place]!);
      // "Productive cough" is not the non-productive one
      const isOwn = factsAt(at).some((fact) =>
        holds(fact, unit) &&
        (unit.includes("non") || !fact.stems.includes("non"))
      );
      if (
        isOwn || at.some(({ clause, item }) => clause !== at[0]!.clause || item !== at[0]!.item)
      ) continue;
      const strange = at.filter((one) => left.includes(one) && !plain.has(one.stem));
      if (strange.length > 0 && 2 * strange.length >= at.length) {
        return at.toSorted((a, b) => a.start - b.start);
      }
    }
  }
  return undefined;
}
