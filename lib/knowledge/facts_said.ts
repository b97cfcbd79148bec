/**
 * Which facts of a disease a sentence says: those of which all plain word stems stand near each other in it.
 *
 * @module
 */
import type { DiseaseFact, Stems } from "./disease_facts.ts";
import { opposites, type PlainStem, plainStems, turning } from "./plain_words.ts";

/** A fact that a sentence says. */
export interface SaidFact {
  /** The fact. */
  readonly fact: DiseaseFact;
  /** Index of the first character of the words that say it. */
  readonly start: number;
  /** Index after the last character. */
  readonly end: number;
}

/** So many other words may stand among those of a fact. */
const MOST_BETWEEN = 6;

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

/** Whether words that turn what stands beside them stand beside the same as in the fact. */
function keepsSense(stems: readonly PlainStem[], unit: Stems, places: readonly number[]): boolean {
  const [from, to] = [Math.min(...places) - NEAR, Math.max(...places) + NEAR];
  const all = (stem: string): number[] =>
    stems.flatMap((one, i) => one.stem === stem && i >= from && i <= to ? [i] : []);
  return unit.every((stem, i) => {
    if (!turning.has(stem)) return true;
    // What it turns: the next words of the fact, up to another such word, or else the one before.
    const next = unit.slice(i + 1, i + 1 + NEAR);
    const until = next.findIndex((one) => turning.has(one));
    const behind = until < 0 ? next : next.slice(0, until);
    const partners = behind.length > 0 ? behind : unit.slice(Math.max(0, i - 1), i);
    return partners.length === 0 ||
      all(stem).some((a) =>
        partners.flatMap(all).some((b) =>
          Math.abs(a - b) <= NEAR && (behind.length === 0 || stems[a]!.leads !== true || b > a)
        )
      );
  });
}

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
      return places === undefined || !keepsSense(stems, unit, places) ? [] : [{ fact, places }];
    })
  );
  const length = (places: readonly number[]): number => Math.max(...places) - Math.min(...places);
  found.sort((a, b) => b.places.length - a.places.length || length(a.places) - length(b.places));
  const used = new Set<number>();
  const said = found.flatMap(({ fact, places }): SaidFact[] => {
    const fresh = places.filter((place) => !used.has(place));
    if (2 * fresh.length < places.length || fresh.length === 0) return [];
    places.forEach((place) => used.add(place));
    return [{ fact, ...spanOf(stems, places) }];
  });
  return said.sort((a, b) => a.start - b.start || a.end - b.end);
}

/** Words that go with any statement and are no finding: how sure it is, and how it goes. */
export const frame: ReadonlySet<string> = new Set(
  plainStems(
    "one both most two three few other less more not no without rare usual frequent sudden slow away off along despite free past half mild moderate severe " +
      "begin follow bring leave come run count mean part end way course stage event life stay attack day week month hour year minute age time later first " +
      "line drug treat choice start stop give warning factor risk table fact covered five further reading",
  ).map(({ stem }) => stem),
);

/** Words that make no finding of another disease by themselves. */
const plain: ReadonlySet<string> = new Set([
  ...turning,
  ...frame,
  ...plainStems("pain skin one both sudden severe recent worse relieve").map(({ stem }) => stem),
]);

/** So many other words may stand among those of a finding that a disease does not have. */
const FEW_BETWEEN = 2;

/**
 * Where a sentence says a finding that no fact of its disease accounts for.
 *
 * @param stems The stems of the sentence, without those of the disease's name.
 * @param left Those of them that nothing accounts for.
 * @param facts Facts of its diseases.
 * @param findingsWith Words of findings of any disease, by a stem.
 * @returns The words of the finding in the sentence; undefined where there is none.
 */
export function strangeFinding(
  stems: readonly PlainStem[],
  left: readonly PlainStem[],
  facts: readonly DiseaseFact[],
  findingsWith: (stem: string) => readonly Stems[],
): readonly PlainStem[] | undefined {
  const isOwn = (unit: Stems): boolean =>
    facts.some((fact) => unit.every((one) => fact.stems.includes(one)));
  const own = new Set(stems.map(({ stem }) => stem));
  for (const { stem } of left) {
    for (const unit of findingsWith(stem)) {
      if (!unit.every((one) => own.has(one)) || isOwn(unit)) continue;
      const places = placesOf(stems, unit, FEW_BETWEEN);
      if (places === undefined || !keepsSense(stems, unit, places)) continue;
      const at = places.map((place) => stems[place]!);
      const strange = at.filter((one) => left.includes(one) && !plain.has(one.stem));
      if (strange.length > 0 && 2 * strange.length >= at.length) {
        return at.toSorted((a, b) => a.start - b.start);
      }
    }
  }
  return undefined;
}

/**
 * A fact of which a sentence says the opposite: all of its words stand there but one, in whose place its opposite stands.
 *
 * @param stems The stems of the sentence, without those of the disease's name.
 * @param facts Facts of the disease.
 * @returns The fact and the words; undefined where there is none.
 */
export function factTurned(
  stems: readonly PlainStem[],
  facts: readonly DiseaseFact[],
): SaidFact | undefined {
  const own = new Set(stems.map(({ stem }) => stem));
  for (const fact of facts) {
    for (const unit of fact.units) {
      const places = unit.flatMap((stem, i) => {
        const other = opposites.get(stem);
        const turned = other === undefined ? unit : unit.with(i, other);
        const isSaid = other !== undefined && unit.length > 1 &&
          turned.every((one) => own.has(one));
        const found = isSaid ? placesOf(stems, turned) : undefined;
        return found !== undefined && keepsSense(stems, turned, found) ? [found] : [];
      })[0];
      if (places !== undefined) return { fact, ...spanOf(stems, places) };
    }
  }
  return undefined;
}
