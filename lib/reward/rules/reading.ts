/**
 * One reading of a completion, shared by all verifiers: its text in bounded length, labelled lines, JSON, words, and the
 * entities that it asserts.
 */
import {
  deniedSpans,
  type Entity,
  type EntityKind,
  type Knowledge,
  type Mention,
  mentions,
  withoutDegree,
} from "../../knowledge/mod.ts";
import type { Where } from "../../synthesis/mod.ts";
import {
  countedWords,
  jsonWords,
  type Labelled,
  labelledLines,
  plainLine,
  readJsonObject,
} from "./answer_text.ts";
import { isStated, strayParts } from "./assertion.ts";
import { literally, longestCompletion } from "./pattern.ts";

/** A completion, read once. */
export interface Reading {
  readonly knowledge: Knowledge;
  /** The completion without outer white space, cut at {@linkcode longestCompletion} characters. */
  readonly text: string;
  /** Whether something was cut off. */
  readonly cut: boolean;
  /** The lines that are not blank, trimmed. */
  readonly lines: readonly string[];
  /** The lines without Markdown, as one text. */
  readonly plain: string;
  /** Labelled lines in order: label in small letters, value. */
  readonly labelled: readonly Labelled[];
  /** The JSON object, where the whole completion is one (a code fence around it is allowed). */
  readonly json: Readonly<Record<string, unknown>> | undefined;
  /** Words that hold a letter or a digit; those of keys and values where the completion is a JSON object. */
  readonly words: readonly string[];
}

/** Read a completion. */
export function readCompletion(completion: string, knowledge: Knowledge): Reading {
  const text = completion.slice(0, longestCompletion).trim();
  const lines = text.split("\n").map((line) => line.trim()).filter(Boolean);
  const json = readJsonObject(text);
  return {
    knowledge,
    text,
    cut: completion.length > longestCompletion,
    lines,
    plain: lines.map(plainLine).join("\n"),
    labelled: labelledLines(lines),
    json,
    words: json === undefined ? countedWords(text) : jsonWords(json),
  };
}

/**
 * What stands in a field, or undefined when the field is not there. A label may be cut short ("Ans: fever"). A field that is
 * given several times holds all its values, so repeating a field with other answers does not help.
 */
export function fieldText(reading: Reading, where: Where): string | undefined {
  if (where.format === "text") return reading.text === "" ? undefined : reading.text;
  if (where.format === "line") {
    const label = where.field.toLowerCase();
    const values = reading.labelled.filter(({ label: own, short }) =>
      own === label || short === label || (short.length > 2 && label.startsWith(short))
    ).map((line) => line.value);
    const value = values.join("\n").trim();
    return value === "" ? spokenValue(reading, label) : value;
  }
  if (reading.json !== undefined) {
    const value = valueOf(reading.json, where.field);
    const parts = (Array.isArray(value) ? value : [value]).filter((part) =>
      typeof part === "string"
    );
    return parts.length === 0 ? undefined : parts.join("\n");
  }
  return looseValue(reading.text, where.field);
}

/** A line of so many words can be an answer without a label. */
const mostWords = 8;

/**
 * The only line of a completion, where it is short, names things of one kind and has no label but that kind: "Fever." or
 * "Symptom: fever" where a labelled line is asked for. What it answers is read; the form that it lacks is scored by other
 * checks.
 */
function loneLine(reading: Reading, kind: EntityKind): string | undefined {
  const [line, ...others] = reading.plain.split("\n");
  if (line === undefined || others.length > 0 || reading.words.length > mostWords) return undefined;
  if (reading.labelled.some(({ short }) => short !== kind)) return undefined;
  const names = mentionsByPart(reading.knowledge, line);
  const own = names.filter(({ entity }) => entity.kind === kind).map(({ start }) => start);
  return names.every(({ start }) => own.includes(start)) ? line : undefined;
}

/** "The answer is fever": what is said of a field where no line is labelled so. */
function spokenValue(reading: Reading, label: string): string | undefined {
  const name = literally(label);
  const said = new RegExp(
    `^(?:so,?\\s+|thus,?\\s+)?(?:(?:the|my)\\s+(?:\\w+\\s+){0,2}?)?${name}\\s+(?:is|are|would\\s+be)\\s+(.+)$`,
    "i",
  );
  const values = reading.plain.split("\n").flatMap((line) => said.exec(line)?.[1] ?? []);
  return values.length === 0 ? undefined : values.join("\n");
}

/** The value at a key, or at the one key that differs from it in its case only. */
function valueOf(object: Readonly<Record<string, unknown>>, key: string): unknown {
  if (Object.hasOwn(object, key)) return object[key];
  const like = Object.keys(object).filter((own) => own.toLowerCase() === key.toLowerCase());
  return like.length === 1 ? object[like[0]!] : undefined;
}

/** A value of a JSON object that does not parse: strings after `"key":`, up to the next key. */
function looseValue(text: string, key: string): string | undefined {
  const parts: string[] = [];
  const mark = `"${key}"`;
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + mark.length)) {
    const rest = text.slice(at + mark.length, at + mark.length + 400);
    const colon = rest.match(/^\s*:\s*/);
    if (colon === null) continue;
    const value = rest.slice(colon[0].length);
    const list = value.match(/^\[([^\]{}:]*)/);
    const one = value.match(/^"([^"\n]*)"/);
    if (list !== null) parts.push(list[1]!.replace(/"/g, "").replaceAll(",", "\n"));
    else if (one !== null) parts.push(one[1]!);
  }
  return parts.length === 0 ? undefined : parts.join("\n");
}

/** The entities of one kind that a field asserts, and how many of its parts name none. */
export interface Named {
  /** Distinct entities in order of mention. */
  readonly entities: readonly Entity[];
  /** Mentions beyond the first two of each entity: an answer may be said twice. */
  readonly repeats: number;
  /** Parts of a list that name nothing of this kind, of which free text has none, and remarks are none. */
  readonly strays: number;
}

/** An entity may be named this often: as the answer, and in a remark on it. */
const mostTimes = 2;

/**
 * Find the entities of a kind that a field asserts. A name that also is a longer name's part counts as the longer name
 * only; what is denied ("not influenza") is passed over, and in free text what stands in no statement ("influenza fever").
 */
export function namedIn(reading: Reading, where: Where, kind: EntityKind): Named {
  const text = fieldText(reading, where) ??
    (where.format === "line" ? loneLine(reading, kind) : undefined);
  if (text === undefined) return { entities: [], repeats: 0, strays: 0 };
  const all = mentionsByPart(reading.knowledge, text);
  const denied = deniedSpans(text, all);
  const ofKind = all.filter(({ entity }) => entity.kind === kind);
  const found = all.filter((mention, i) =>
    mention.entity.kind === kind && !denied[i] &&
    (where.format !== "text" || isStated(text, mention, all))
  );
  const times = new Map<Entity, number>();
  for (const { entity } of found) times.set(entity, (times.get(entity) ?? 0) + 1);
  return {
    entities: [...times.keys()],
    repeats: [...times.values()].reduce((sum, n) => sum + Math.max(0, n - mostTimes), 0),
    strays: where.format === "text" ? 0 : strayParts(text, ofKind),
  };
}

/** Mentions within lines and sentences: a name never runs over the end of one. */
function mentionsByPart(knowledge: Knowledge, text: string): Mention[] {
  const found: Mention[] = [];
  let at = 0;
  for (const part of text.split(/(\n|[.;!?]\s)/)) {
    for (const { entity, start, end } of mentions(knowledge, part)) {
      found.push({ entity, start: start + at, end: end + at });
    }
    at += part.length;
  }
  return found;
}

/**
 * Share of `count` wanted answers that are there: right answers (at most `count`), divided by the larger of `count` and
 * the number of all answers given. Wrong and repeated answers beyond `count` divide once more, so that a list of all
 * candidates earns less than a guess does on average.
 *
 * @example
 * ```ts
 * import { shareRight } from "./reading.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(shareRight(1, 1, 1), 1); // one answer, right
 * assertEquals(shareRight(2, 2, 1), 0.5); // two right ones where one is wanted
 * assertEquals(shareRight(1, 2, 1), 0.25); // the right one and a wrong one
 * ```
 */
export function shareRight(right: number, given: number, count: number): number {
  const kept = Math.min(right, count);
  return kept / Math.max(count, given) * count / Math.max(count, kept + given - right);
}

/** At most this many entities of a field are looked up; more than that is a list, not an answer. */
const mostLookedUp = 20;

/**
 * Share of wanted answers among what a field names; `isRight` tells which entities are wanted. A name with a word of degree is
 * right where it is without: "high fever" for fever.
 */
export function scoreNamed(
  { knowledge }: Reading,
  named: Named,
  count: number,
  isRight: (entity: Entity) => boolean,
): number {
  const right = named.entities.slice(0, mostLookedUp).filter((entity) => {
    const plain = withoutDegree(knowledge, entity);
    return isRight(entity) || (plain !== undefined && isRight(plain));
  }).length;
  return shareRight(right, named.entities.length + named.repeats + named.strays, count);
}
