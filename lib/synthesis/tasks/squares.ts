/**
 * Squares of facts: as many anchors as answers, each answer right for its own anchor and safely wrong for all others. Asked about each
 * anchor in turn with the same options, every option is right exactly once, so nothing but the anchor tells which.
 *
 * @module
 */
import type { Entity } from "../../knowledge/mod.ts";
import type { RandomStream } from "../../runtime/mod.ts";
import type { DenialBasis, ItemClaim } from "../item.ts";
import { shareWord, type Source } from "../source.ts";
import { oncePerSource } from "./memo.ts";
import { claimOf, type Fact, type Relation, type Side } from "./relations.ts";

/** Facts of one relation that exclude each other. */
export interface Square {
  /** The relation. */
  readonly relation: Relation;
  /** The facts. */
  readonly facts: readonly Fact[];
  /** Why the subject of one fact does not go with the object of another: by place of subject and object. */
  readonly denials: readonly (readonly (DenialBasis | undefined)[])[];
}

/** So many draws are made for each further fact. */
const mostDraws = 150;

/** Among so many facts that fit the one with the best grounds is taken. */
const choices = 4;

/** Names of one length, within this many characters and half. */
const slack = 8;

/**
 * Whether the words of an answer point to an anchor: its name or a synonym of it share a word with the other's.
 *
 * @param relation Says how both are written.
 * @param fact Where the subject is from.
 * @param other Where the object is from.
 * @returns True where some reading of subject and object has a word in common.
 */
function pointsTo({ write }: Relation, { subject }: Fact, { object }: Fact): boolean {
  const named = (entity: Entity, text: string): string[] => [text, entity.name, ...entity.synonyms];
  const [a, b] = [write(subject, "subject"), write(object, "object")];
  return named(subject, a).some((name) => shareWord(name, b)) ||
    named(object, b).some((name) => shareWord(name, a));
}

/** Whether two options look alike: of similar length, none part of the other. */
function areOptions(a: string, b: string): boolean {
  const [short, long] = [a, b].toSorted((x, y) => x.length - y.length) as [string, string];
  return long.length <= 1.5 * short.length + slack &&
    !long.toLowerCase().includes(short.toLowerCase());
}

/** Why the subject of one fact does not go with the object of another; draws ask for the same pairs again and again. */
function denialOf(
  source: Source,
  { id, denial }: Relation,
  { subject }: Fact,
  { object }: Fact,
): DenialBasis | undefined {
  return oncePerSource(
    source,
    `${id}: ${subject.id} ${object.id}`,
    () => denial(source, subject, object),
  );
}

/** Why two facts exclude each other, both ways; undefined where they need not, or cannot stand in one set of options. */
function excluding(
  source: Source,
  relation: Relation,
  a: Fact,
  b: Fact,
  asked: Side,
): readonly [DenialBasis, DenialBasis] | undefined {
  if (a.look !== b.look || a.subject.id === b.subject.id || a.object.id === b.object.id) {
    return undefined;
  }
  if (!areOptions(relation.write(a[asked], asked), relation.write(b[asked], asked))) {
    return undefined;
  }
  if (pointsTo(relation, a, b) || pointsTo(relation, b, a)) return undefined;
  const forth = denialOf(source, relation, a, b);
  if (forth === undefined) return undefined;
  const back = denialOf(source, relation, b, a);
  return back === undefined ? undefined : [forth, back];
}

/**
 * Draw facts that exclude each other. Of several that fit, one is preferred against which a source speaks.
 *
 * @param source Where facts come from.
 * @param relation The relation.
 * @param asked The end that the options give.
 * @param size How many facts.
 * @param random Draws them.
 * @returns The square; undefined where the first fact drawn has too few that exclude it.
 */
export function drawSquare(
  source: Source,
  relation: Relation,
  asked: Side,
  size: number,
  random: RandomStream,
): Square | undefined {
  const pool = relation.facts(source);
  if (pool.length < size) return undefined;
  const facts: Fact[] = [random.pick(pool)];
  const denials: (DenialBasis | undefined)[][] = [[undefined]];
  while (facts.length < size) {
    let best:
      | { fact: Fact; pairs: (readonly [DenialBasis, DenialBasis])[]; worth: number }
      | undefined;
    for (let draw = 0, found = 0; draw < mostDraws && found < choices; draw++) {
      const fact = random.pick(pool);
      const pairs = facts.map((one) => excluding(source, relation, one, fact, asked));
      if (!pairs.every((pair) => pair !== undefined)) continue;
      found += 1;
      const worth = pairs.flat().filter((basis) => basis !== "not listed").length;
      if (best === undefined || worth > best.worth) best = { fact, pairs, worth };
    }
    if (best === undefined) return undefined;
    for (const [i, [forth]] of best.pairs.entries()) denials[i]!.push(forth);
    denials.push([...best.pairs.map(([, back]) => back), undefined]);
    facts.push(best.fact);
  }
  return { relation, facts, denials };
}

/**
 * The claims behind a question about one anchor of a square: the fact, and that no other option holds.
 *
 * @param square The square.
 * @param place Place of the fact asked for.
 * @param asked The end that the options give.
 * @returns The stated claim, then a denied one for each other option.
 */
export function squareClaims(
  { relation, facts, denials }: Square,
  place: number,
  asked: Side,
): ItemClaim[] {
  const { subject, object } = facts[place]!;
  return [
    claimOf(relation, subject, object),
    ...facts.flatMap((other, i) => {
      if (i === place) return [];
      const denied = asked === "object" ? denials[place]![i] : denials[i]![place];
      if (denied === undefined) return [];
      return asked === "object"
        ? [{ ...claimOf(relation, subject, other.object), denied }]
        : [{ ...claimOf(relation, other.subject, object), denied }];
    }),
  ];
}
