/**
 * Facts of which a sentence says the opposite.
 *
 * @module
 */
import type { DiseaseFact } from "./disease_facts.ts";
import type { Stems } from "./fact_units.ts";
import {
  keepsSense,
  lengthOf,
  MOST_BETWEEN,
  placesOf,
  type SaidFact,
  senseOf,
  spanOf,
} from "./facts_said.ts";
import { contraries, opposites, plain, type PlainStem, stemsOf } from "./plain_words.ts";

/** Looks for a fact that is turned. */
type Search = (
  stems: readonly PlainStem[],
  facts: readonly DiseaseFact[],
) => SaidFact | undefined;

const [painless] = stemsOf("painless");

/** All words of a fact but one, in whose place its opposite stands; or all, but what turns them stands beside others. */
const turnedWhole: Search = (stems, facts) => {
  const own = new Set(stems.map(({ stem }) => stem));
  const placesIn = (unit: Stems): number[] | undefined =>
    unit.every((stem) => own.has(stem)) ? placesOf(stems, unit) : undefined;
  for (const fact of facts) {
    for (
      const unit of fact.units.filter(([one, ...more]) =>
        more.length > 0 || (contraries.has(one!) && !plain.has(one!))
      )
    ) {
      const straight = placesIn(unit);
      const isSaid = straight !== undefined && keepsSense(stems, unit, straight);
      const turned = unit.flatMap((stem, i) =>
        [
          ...opposites.get(stem) ?? [],
          ...(own.has(stem) ? [] : contraries.get(stem) ?? []),
        ].flatMap((other) => {
          // Breasts hurt in breast cancer, of which a painless lump is a sign
          if (other === painless && facts.some((one) => one.stems.includes(other))) return [];
          // "Normal or mildly prolonged": both
          if (/\bor\b/.test(fact.text) && fact.stems.includes(other)) return [];
          const places = placesIn(unit.with(i, other));
          return places !== undefined && keepsSense(stems, unit.with(i, other), places)
            ? [places]
            : [];
        })
      ).find((places) => !isSaid || lengthOf(places) < lengthOf(straight));
      if (turned !== undefined) return { fact, unit, ...spanOf(stems, turned) };
      if (straight !== undefined && senseOf(stems, unit, straight) === "turned") {
        return { fact, unit, ...spanOf(stems, straight) };
      }
    }
  }
  return undefined;
};

/** Words and those that stand right behind them. */
type Pair = readonly [one: string, next: string];

const pairsOf = (stems: readonly string[]): Pair[] =>
  stems.slice(1).map((next, i) => [stems[i]!, next]);

/** Two words that have changed their places: "dark stools and pale urine" where the fact says "pale stools and dark urine". */
const swappedWords: Search = (stems, facts) => {
  const said = stems.slice(1).flatMap((next, i): Pair[] =>
    next.item === stems[i]!.item ? [[stems[i]!.stem, next.stem]] : []
  );
  const says = (one: string, next: string): boolean =>
    said.some(([a, b]) => a === one && b === next);
  const fact = facts.find((fact) => {
    const own = pairsOf(fact.stems.filter((stem) => /^\p{L}{2}/u.test(stem)));
    return own.some(([a, b], i) =>
      own.slice(i + 2).some(([c, d]) =>
        a !== c && b !== d && says(a, d) && says(c, b) && !says(a, b) && !says(c, d)
      )
    );
  });
  if (fact === undefined) return undefined;
  const places = stems.flatMap(({ stem }, i) => fact.stems.includes(stem) ? [i] : []);
  return { fact, unit: fact.stems, ...spanOf(stems, places) };
};

const denying: ReadonlySet<string> = new Set(["non", "no", "not", "never"]);

/** A word that the fact denies: "pitting oedema" where it is a non-pitting one. */
const denialLost: Search = (stems, facts) => {
  const deniedIn = (fact: DiseaseFact): string | undefined =>
    pairsOf(fact.stems).find(([one]) => one === "non")?.[1];
  for (const fact of facts) {
    const denied = deniedIn(fact);
    const at = stems.findIndex(({ stem }) => stem === denied);
    if (denied === undefined || at < 0) continue;
    const isElsewhere = facts.some((one) =>
      one.stems.includes(denied) && !one.stems.includes("non")
    );
    if (isElsewhere) continue;
    const near = stems.slice(Math.max(0, at - MOST_BETWEEN), at + MOST_BETWEEN);
    const isFact = near.some(({ stem }) =>
      stem !== denied && !plain.has(stem) && fact.stems.includes(stem)
    );
    if (isFact && !near.some(({ stem }) => denying.has(stem))) {
      return { fact, unit: [denied], ...spanOf(stems, [at]) };
    }
  }
  return undefined;
};

/** A word turned round that neither the sentence nor a fact has straight: "robbed of central vision" for "loss of peripheral vision". */
const turnedNoun: Search = (stems, facts) => {
  const own = facts.flatMap((fact) =>
    pairsOf(fact.stems).filter(([one, noun]) => opposites.has(one) && !plain.has(noun))
      .map((pair) => ({ fact, pair }))
  );
  const isKnown = (one: string, noun: string): boolean =>
    facts.some((fact) => fact.stems.includes(one) && fact.stems.includes(noun));
  for (const [i, { stem, item, clause }] of stems.entries()) {
    const next = stems[i + 1];
    if (next === undefined || next.item !== item || next.clause !== clause) continue;
    const found = own.find(({ pair: [one, noun] }) =>
      noun === next.stem && opposites.get(one)!.includes(stem) && !isKnown(stem, noun) &&
      !stems.some((other) => other.stem === one)
    );
    if (found !== undefined) {
      return { fact: found.fact, unit: found.pair, ...spanOf(stems, [i, i + 1]) };
    }
  }
  return undefined;
};

const sides = stemsOf("left right");
const heights: ReadonlySet<string> = new Set(stemsOf("low upper part side"));

/** Sides with what they are sides of: "right" and "abdomen" of "right lower abdomen". */
function sidesIn(stems: readonly string[]): Pair[] {
  return stems.flatMap((side, i): Pair[] => {
    const noun = sides.includes(side)
      ? stems.slice(i + 1).find((stem) => !heights.has(stem))
      : undefined;
    return noun === undefined || plain.has(noun) ? [] : [[side, noun]];
  });
}

/** Another side than facts say: "the left upper part of the abdomen" for "right lower abdomen". */
const otherSide: Search = (stems, facts) => {
  const own = facts.flatMap((fact) => sidesIn(fact.stems).map((pair) => ({ fact, pair })));
  for (const [i, { stem: side, item }] of stems.entries()) {
    const part = stems.slice(i).filter((one) => one.item === item);
    const [said] = sidesIn(part.map(({ stem }) => stem));
    if (said === undefined || said[0] !== side) continue;
    const ofNoun = own.filter(({ pair: [, noun] }) => noun === said[1]);
    const [first] = ofNoun;
    if (first !== undefined && ofNoun.every(({ pair: [one] }) => one !== side)) {
      return { fact: first.fact, unit: first.pair, ...spanOf(stems, [i]) };
    }
  }
  return undefined;
};

const [sudden, slow] = stemsOf("sudden slow") as [string, string];
const periods: ReadonlySet<string> = new Set(stemsOf("week month year"));

/** An onset over months where facts say a sudden one. */
const otherOnset: Search = (stems, facts) => {
  // "To slow the heart": no onset, but "slow over years"
  const isLong = stems.some(({ stem }) => periods.has(stem));
  const at = stems.findIndex(({ stem, start, end }) =>
    stem === slow && (isLong || end - start > slow.length)
  );
  const has = (stem: string) => (fact: DiseaseFact): boolean => fact.stems.includes(stem);
  const fact = facts.find(has(sudden));
  if (
    at < 0 || fact === undefined || facts.some(has(slow)) ||
    stems.some(({ stem }) => stem === sudden)
  ) return undefined;
  return { fact, unit: [sudden], ...spanOf(stems, [at]) };
};

const fingers: ReadonlySet<string> = new Set(stemsOf("thumb index middle ring little"));
const finger = stemsOf("finger")[0]!;

/** Other fingers than facts say. */
const otherFingers: Search = (stems, facts) => {
  const own = facts.filter((fact) =>
    fact.stems.includes(finger) && fact.stems.some((stem) => fingers.has(stem))
  );
  const [first] = own;
  if (first === undefined || !stems.some(({ stem }) => stem === finger)) return undefined;
  const at = stems.findIndex(({ stem }, i) =>
    fingers.has(stem) && !facts.some((fact) => fact.stems.includes(stem)) &&
    stems.slice(i, i + MOST_BETWEEN).some((next) => next.stem === finger)
  );
  return at < 0 ? undefined : { fact: first, unit: [finger], ...spanOf(stems, [at]) };
};

/**
 * A fact of which a sentence says the opposite: all of its words stand there but one, in whose place its opposite stands; or
 * all of them, but what turns them stands beside others ("pain at rest, relieved by walking"), or two have changed places, or what it denies is
 * affirmed, or one word before a noun is turned, or another side, onset or other fingers are named.
 *
 * @param stems The stems of the sentence, without those of the disease's name.
 * @param facts Facts of the disease.
 * @returns The fact and the words; undefined where there is none.
 */
export function factTurned(
  stems: readonly PlainStem[],
  facts: readonly DiseaseFact[],
): SaidFact | undefined {
  for (
    const search of [
      turnedWhole,
      swappedWords,
      denialLost,
      turnedNoun,
      otherSide,
      otherOnset,
      otherFingers,
    ]
  ) {
    const found = search(stems, facts);
    if (found !== undefined) return found;
  }
  return undefined;
}
