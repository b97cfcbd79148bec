/**
 * What a text says besides its words: entities and whether each is denied, what else must stay, what belongs to what, and
 * the kinds of words by which it asks.
 *
 * @module
 */
import { deniedSpans, type Knowledge, mentions } from "../knowledge/mod.ts";
import { roleOf } from "./wording_words.ts";

/** A unit of a text: an entity, a number, a word that must stay, such as one for the patient; or a border between phrases. */
interface Unit {
  readonly key: string;
  readonly as: "entity" | "number" | "word" | "person" | "border";
}

/** What a text says. */
export interface Wording {
  /** Ids of the entities at each place, in order of the text. */
  readonly entities: readonly string[];
  /** Whether the entity of the same place is denied. */
  readonly denied: readonly boolean[];
  /** Numbers with their units, in order of the text. */
  readonly numbers: readonly string[];
  /** Words in quotation marks. */
  readonly quoted: readonly string[];
  /** Other words that must stay. */
  readonly words: ReadonlySet<string>;
  /** Kinds of words: symptom, drug, denial and so on. */
  readonly kinds: ReadonlySet<string>;
  /** Whether it asks for something. */
  readonly asks: boolean;
  /** Whether what is asked for is one or another. */
  readonly alternatives: boolean;
  /** Words of denial, where they deny no entity of a statement. */
  readonly denials: number;
  /** Words next to an entity, with it: "severe headache". */
  readonly bound: readonly (readonly [word: string, entity: string])[];
  /** The units of each phrase. */
  readonly phrases: readonly ReadonlySet<string>[];
  /** How many sentences there are, and how many of them name no entity. */
  readonly sentences: { readonly all: number; readonly bare: number };
}

/** Ages, written in one way. */
const age = new RegExp(
  String
    .raw`\b(?:aged\s+|(?:at\s+)?(?:the\s+|an\s+)?age\s+of\s+|(?<=(?:patient|person|man|woman|boy|girl)\s)of\s+)(\d+)\b(?!\s*(?:days|weeks|months))|` +
    String.raw`\b(\d+)[\s-]years?[\s-](?:old\b|of\s+age\b)`,
  "gi",
);

const part = /\d+(?:[.,/:]\d+)*|\p{L}[\p{L}\p{M}]*(?:['’]\p{L}+)?|[,;:.!?()—–]|[%°±<>=]/gu;

/** Words in quotation marks; from a mark without a fellow on, all. */
const quotation = /["“”][^"“”]*["“”]?/g;

/** Sentences that ask for something. */
const demand =
  /\?|^(?:which|what|who|where|name|give|choose|select|identify|pick|state|list|tell|find|write|use|do|don['’]t|reply|answer|start|end|avoid)\b/i;

/** Words between two phrases. */
const between = /^(?:and|or|but|nor|with|without|while|whereas|plus|no)$/i;

/**
 * The sentences of a text.
 *
 * @param text Any text.
 * @returns Sentences without white space around them.
 */
export function sentencesOf(text: string): string[] {
  return text.split(/(?<=[.!?]["”)]?)\s+(?=["“(A-Z])/).map((one) => one.trim()).filter(Boolean);
}

/** Entities of a text by place, those of one place as one. */
function placesOf(knowledge: Knowledge, text: string) {
  const found = mentions(knowledge, text);
  const denied = deniedSpans(text, found);
  const places = new Map<number, { end: number; ids: string[]; denied: boolean }>();
  for (const [i, { entity, start, end }] of found.entries()) {
    const place = places.get(start) ?? { end, ids: [], denied: denied[i]! };
    place.ids.push(entity.id);
    places.set(start, place);
  }
  return [...places].map(([start, { end, ids, denied }]) => ({
    start,
    end,
    id: ids.sort().join("+"),
    denied,
  }));
}

/** The units of a stretch of text without entities; its kinds are added to what is given. */
function unitsOf(text: string, kinds: Set<string>): Unit[] {
  return [...text.matchAll(part)].flatMap(([piece]): Unit[] => {
    if (/^[,;:.!?()—–]$/.test(piece)) return [{ key: piece, as: "border" }];
    const role = /^[%°±<>=]$/.test(piece) ? { kinds: [], content: piece } : roleOf(piece);
    for (const kind of role.kinds) kinds.add(kind);
    const border: Unit[] = between.test(piece) ? [{ key: piece, as: "border" }] : [];
    if (role.content === undefined) return border;
    const as = role.content.startsWith("#") ? "number" : role.kinds.length > 0 ? "person" : "word";
    return [{ key: role.content, as }];
  });
}

/** Numbers with the unit behind each, or else with the words before it: "3 day", "heart rat 118". */
function numbersIn(units: readonly Unit[]): string[] {
  return units.flatMap(({ key, as }, i) => {
    if (as !== "number") return [];
    const next = units[i + 1];
    if (next?.as === "word") return [`${key} ${next.key}`];
    const before = units.slice(Math.max(0, i - 2), i);
    const border = before.findLastIndex((one) => one.as === "border" || one.as === "number");
    return [[...before.slice(border + 1).map((one) => one.key), key].join(" ")];
  });
}

/** Words next to an entity, the one behind or else the one before; a number's unit belongs to the number. */
function boundIn(units: readonly Unit[]): [string, string][] {
  return units.flatMap(({ key, as }, i): [string, string][] => {
    if (as !== "word" || units[i - 1]?.as === "number") return [];
    const beside = [units[i + 1], units[i - 1]].find((one) => one?.as === "entity");
    return beside === undefined ? [] : [[key, beside.key]];
  });
}

/** Words of denial in a sentence; none in a statement in which they deny an entity. */
function denialsIn(knowledge: Knowledge, sentence: string): number {
  if (!demand.test(sentence) && placesOf(knowledge, sentence).some(({ denied }) => denied)) {
    return 0;
  }
  const words = sentence.match(/\p{L}+(?:['’]\p{L}+)?/gu) ?? [];
  return words.filter((word) => roleOf(word).kinds.includes("denial")).length;
}

function phrasesIn(units: readonly Unit[]): Set<string>[] {
  const phrases: Set<string>[] = [new Set()];
  for (const { key, as } of units) {
    if (as === "border") phrases.push(new Set());
    else phrases[phrases.length - 1]!.add(key);
  }
  return phrases;
}

/**
 * Read a text.
 *
 * @param knowledge The graph, which finds entities.
 * @param text A part of a prompt.
 * @returns What it says.
 */
export function readWording(knowledge: Knowledge, text: string): Wording {
  const plain = text.replace(quotation, " ").replace(
    age,
    (_, after, before) => `${after ?? before} aged`,
  );
  const places = placesOf(knowledge, plain);
  const kinds = new Set<string>();
  const units: Unit[] = [];
  let at = 0;
  for (const { start, end, id } of places) {
    units.push(...unitsOf(plain.slice(at, start), kinds), { key: id, as: "entity" });
    at = end;
  }
  units.push(...unitsOf(plain.slice(at), kinds));
  const sentences = sentencesOf(plain);
  const asking = sentences.filter((one) => demand.test(one));
  return {
    entities: places.map(({ id }) => id),
    denied: places.map(({ denied }) => denied),
    numbers: numbersIn(units),
    quoted: text.match(quotation) ?? [],
    words: new Set(
      units.filter(({ as }) => as === "word" || as === "person").map(({ key }) => key),
    ),
    kinds,
    asks: asking.length > 0,
    alternatives: asking.some((one) => /\b(?:or|either)\b/i.test(one)),
    denials: sentences.reduce((sum, one) => sum + denialsIn(knowledge, one), 0),
    bound: boundIn(units),
    phrases: phrasesIn(units),
    sentences: {
      all: sentences.length,
      bare: sentences.filter((one) => mentions(knowledge, one).length === 0).length,
    },
  };
}
