/**
 * Errors in the text of an item, and nowhere else: claims, checks and case stay right. What a validator that reads finds of
 * them is measured so.
 */
import {
  checkClaim,
  deniedSpans,
  type Entity,
  type EntityKind,
  mentions,
  objectsOf,
} from "../knowledge/mod.ts";
import type { RandomStream } from "../runtime/mod.ts";
import type { Item } from "./item.ts";
import { displayName, type Source } from "./source.ts";

/** The kinds of error. */
export const textErrors = [
  "finding",
  "drug",
  "negation put in",
  "negation taken out",
  "number",
  "sex",
  "age",
] as const;

/** One of {@linkcode textErrors}. */
export type TextError = (typeof textErrors)[number];

/** A prompt and its reference. */
export type ItemText = Pick<Item, "prompt" | "reference">;

type Side = keyof ItemText;

/** A name in one of the two texts. */
interface Place {
  readonly side: Side;
  readonly entity: Entity;
  readonly start: number;
  readonly end: number;
  readonly denied: boolean;
}

/**
 * The names of a kind that the item's claims are about and that make a difference: those of the reference, and in the prompt
 * those of what decides. Another name among the options is no error.
 */
function placesOf(source: Source, item: Item, kind: EntityKind): Place[] {
  const ids = new Set(item.claims.flatMap(({ subject, object }) => [subject, object]));
  const { evidence = "" } = item;
  const from = item.prompt.indexOf(evidence);
  return (["prompt", "reference"] as const).flatMap((side) => {
    const found = mentions(source.knowledge, item[side], [kind]);
    const denied = deniedSpans(item[side], found);
    return found.map((mention, i) => ({ side, ...mention, denied: denied[i]! }))
      .filter(({ entity, start, end }) =>
        ids.has(entity.id) &&
        (side === "reference" || (from <= start && end <= from + evidence.length))
      );
  });
}

const splice = (item: Item, { side, start, end }: Place, words: string): ItemText => ({
  prompt: item.prompt,
  reference: item.reference,
  [side]: item[side].slice(0, start) + words + item[side].slice(end),
});

/** The entities of a kind that the facts of a source are about. */
function entitiesOf({ diseases, classes }: Source, kind: EntityKind): Entity[] {
  const named = diseases.flatMap(({ disease, findings, drugs }) => [
    disease,
    ...findings.map(({ finding }) => finding),
    ...drugs.map(({ drug }) => drug),
  ]);
  const all = new Map([...named, ...[...classes.values()].flat()].map((one) => [one.id, one]));
  return [...all.values()].filter((entity) => entity.kind === kind);
}

/** Another entity of the kind, of which no claim of the item holds. */
function stranger(
  source: Source,
  item: Item,
  right: Entity,
  random: RandomStream,
): Entity | undefined {
  const names = `${item.prompt}\n${item.reference}`.toLowerCase();
  const anchors = item.claims.filter(({ subject, object }) =>
    subject === right.id || object === right.id
  );
  const pool = entitiesOf(source, right.kind);
  if (pool.length === 0) return undefined;
  for (let attempt = 0; attempt < 30; attempt++) {
    const wrong = random.pick(pool);
    const swap = (id: string): string => (id === right.id ? wrong.id : id);
    if (
      names.includes(displayName(wrong).toLowerCase()) ||
      (right.kind === "drug" && objectsOf(source.knowledge, wrong.id, "treats").length === 0) ||
      anchors.some(({ subject, predicate, object }) =>
        checkClaim(source.knowledge, { subject: swap(subject), predicate, object: swap(object) })
          .verdict === "supported"
      )
    ) continue;
    return wrong;
  }
  return undefined;
}

function otherName(
  source: Source,
  item: Item,
  kind: EntityKind,
  random: RandomStream,
): ItemText | undefined {
  const places = placesOf(source, item, kind).filter(({ denied }) => !denied);
  if (places.length === 0) return undefined;
  const place = random.pick(places);
  const wrong = stranger(source, item, place.entity, random);
  if (wrong === undefined) return undefined;
  const old = item[place.side].slice(place.start, place.end);
  const name = displayName(wrong);
  return splice(item, place, old === old.toUpperCase() ? name.toUpperCase() : name);
}

/** Statements and their denials. */
const statements: readonly (readonly [affirmed: RegExp, denied: string])[] = [
  [/\bis (?=typical|used|harmful|treated)/i, "is not "],
  [/\b(?:often )?shows\b/i, "does not show"],
  [/\bsupports\b/i, "does not support"],
];

function negationIn(source: Source, item: Item, random: RandomStream): ItemText | undefined {
  const statement = statements.find(([affirmed]) => affirmed.test(item.reference));
  if (statement !== undefined) {
    const [affirmed, denied] = statement;
    const capitals = item.reference === item.reference.toUpperCase();
    const reference = item.reference.replace(affirmed, capitals ? denied.toUpperCase() : denied);
    return { prompt: item.prompt, reference };
  }
  const places = (["symptom", "drug", "disease"] as const)
    .flatMap((kind) => placesOf(source, item, kind)).filter(({ side, denied }) =>
      side === "reference" && !denied
    );
  if (places.length === 0) return undefined;
  const place = random.pick(places);
  const name = item.reference.slice(place.start, place.end);
  return splice(item, place, place.entity.kind === "symptom" ? `no ${name}` : `not ${name}`);
}

/** Denials of a finding in a prompt, and what is said then. */
const denials: readonly (readonly [denied: RegExp, affirmed: string])[] = [
  [/\bpatient denies (?=\S)/, "patient reports "],
  [/\bfinds an absence of (?=\S)/, "finds "],
  [/\bAbsent: /, "Present: "],
  [/\bThere is a lack of (?=\S)/, "There is "],
  [/\bSeen today without (?=\S)/, "Seen today with "],
];

function negationOut(item: Item): ItemText | undefined {
  const found = denials.find(([denied]) => denied.test(item.prompt));
  if (found === undefined) return undefined;
  return { prompt: item.prompt.replace(...found), reference: item.reference };
}

const numberWords = ["one", "two", "three", "four", "five", "six"];

/** Numbers of what is demanded: of lines, sentences and bullets, and of the names on a line. */
const demanded =
  /\b(?:one|two|three|four|five|\d{1,2})(?= (?:lines|sentences|bullets?)\b)|(?<=\n\w+: )(?:one|two|three)(?= (?:disease|drugs?|finding)\b)/g;

function otherNumber(item: Item, random: RandomStream): ItemText | undefined {
  const found = [...item.prompt.matchAll(demanded)];
  if (found.length === 0) return undefined;
  const { index, 0: old } = random.pick(found);
  const at = numberWords.indexOf(old);
  const other = at < 0 ? String(Number(old) + 1) : numberWords[at + 1]!;
  const prompt = item.prompt.slice(0, index) + other + item.prompt.slice(index + old.length);
  return { prompt, reference: item.reference };
}

const person = /\b(woman|girl|man|boy)\b/i;
const age = /\b(\d{1,3})(?:-year-old| years old)|\b(?:woman|girl|man|boy) (?:of|aged) (\d{1,3})\b/i;

/** The prompt with a sentence more behind what it tells of its patient. */
function told(item: Item, sentence: string): ItemText | undefined {
  const { prompt, reference, evidence } = item;
  if (evidence === undefined || !evidence.endsWith(".")) return undefined;
  return { prompt: prompt.replace(evidence, (words) => `${words} ${sentence}`), reference };
}

/** Two sexes in one prompt. */
function otherSex(item: Item): ItemText | undefined {
  const found = person.exec(item.prompt)?.[1]?.toLowerCase();
  if (found === undefined) return undefined;
  return told(item, found === "woman" || found === "girl" ? "He came alone." : "She came alone.");
}

/** Two ages in one prompt. */
function otherAge(item: Item, random: RandomStream): ItemText | undefined {
  const found = age.exec(item.prompt);
  if (found === null) return undefined;
  const years = Number(found[1] ?? found[2]);
  const other = years + (years > 50 ? -1 : 1) * (10 + random.integer(20));
  return told(item, `The ${other}-year-old patient came alone.`);
}

/**
 * An item's texts with one error of a kind.
 *
 * @param source Where wrong names come from.
 * @param item A right item.
 * @param kind The kind of error.
 * @param random Draws place and name.
 * @returns Prompt and reference, one of them changed; undefined where the item has no place for such an error.
 */
export function injectTextError(
  source: Source,
  item: Item,
  kind: TextError,
  random: RandomStream,
): ItemText | undefined {
  switch (kind) {
    case "finding":
      return otherName(source, item, "symptom", random);
    case "drug":
      return otherName(source, item, "drug", random);
    case "negation put in":
      return negationIn(source, item, random);
    case "negation taken out":
      return negationOut(item);
    case "number":
      return otherNumber(item, random);
    case "sex":
      return otherSex(item);
    case "age":
      return otherAge(item, random);
  }
}
