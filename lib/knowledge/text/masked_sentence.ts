/**
 * A sentence whose names are single marks, so that patterns see its words only, and the lists of names in it.
 *
 * @module
 */
import { negationVerbs } from "./negation_cues.ts";
import type { TextName } from "./types.ts";

/** A sentence in marks. */
export interface MaskedSentence {
  /** The words, with one character for each name. */
  readonly words: string;
  /** For each character its place in the text, and one more for the end. */
  readonly places: readonly number[];
  /** The names by mark. */
  readonly names: ReadonlyMap<string, TextName>;
}

const entityMark = 0xe000;
const personMark = 0xe100;

/** Any mark. */
export const anyMark: RegExp = /[\uE000-\uE1FF]/gu;

/**
 * Puts marks for names.
 *
 * @param text The whole text.
 * @param start Where the sentence begins.
 * @param end Where it ends.
 * @param names Its names, at most 256 entities and 256 persons, from left to right.
 * @returns The sentence in marks.
 */
export function maskNames(
  text: string,
  start: number,
  end: number,
  names: readonly TextName[],
): MaskedSentence {
  let words = "";
  const places: number[] = [];
  const marks = new Map<string, TextName>();
  let at = start;
  const plain = (to: number): void => {
    for (; at < to; at++) {
      const one = text[at]!;
      words += /[\uE000-\uF8FF]/.test(one) ? "\uFFFD" : one === "’" ? "'" : one;
      places.push(at);
    }
  };
  for (const [i, name] of names.entries()) {
    plain(name.start);
    const mark = String.fromCharCode((name.person === undefined ? entityMark : personMark) + i);
    marks.set(mark, name);
    words += mark;
    places.push(name.start);
    at = name.end;
  }
  plain(end);
  places.push(end);
  return { words, places, names: marks };
}

const verb = new RegExp(String.raw`\b${negationVerbs}\b`, "i");
const preposition =
  /\b(?:of|in|for|to|from|by|on|at|during|after|before|among|through|against|into|because|when|where|which|who|that|if|via)\b/i;

/** Words that may stand between two names of one list, besides words that describe the next. */
const joiners =
  /^(?:[\s,/&]|(?:and|or|nor|plus|as\s+well\s+as|along\s+with|together\s+with|with|without|but|not|no|also|even|including|both|either|neither|then|sometimes|often|usually|rarely|never|any|less\s+commonly|more\s+rarely|rather\s+than|never)(?![\p{L}]))+/iu;

/**
 * Whether two names with these words between them are of one list.
 *
 * @param gap The words between them.
 * @returns True for commas and conjunctions, with at most three words that describe the next name.
 */
export function isJoint(gap: string): boolean {
  const joined = joiners.exec(gap)?.[0] ?? "";
  if (!/[,/&]|\b(?:and|or|nor|plus|as\s+well\s+as|with|without|but|not|than)\b/i.test(joined)) {
    return false;
  }
  const rest = gap.slice(joined.length).trim()
    .replace(/^(?:in|for|with|of|by)(?:\s+(?:patients|people|those)\s+with)?$/i, "");
  return rest === "" ||
    (rest.split(/\s+/).length <= 3 && !/[,;:]/.test(rest) && !verb.test(rest) &&
      !preposition.test(rest));
}

/** Words that only describe a finding. */
const degree =
  /^(?:(?:very|more|less|mild|moderate|severe|heavy|high|low|sudden|acute|chronic|persistent|painful|bloody|watery|dry|thick|red|scaly|intense|sharp|dull|constant|frequent|recurrent|progressive|rapid|general|early|late|small|large|long|short|both)\s*)+$/i;

/** Words that are no name of anything. */
const noName = new RegExp(
  String
    .raw`^(?:.*\b(?:i|you|we|he|she|it|they|them|this|that|these|those|there|here|what|which|who|one|two|three|four|many|most|more|other|others|such|some|all|so|etc|patients?|people|persons?|doctors?|physicians?|experts?|cases?|symptoms?|signs?|findings?|features?|treatments?|therapy|therapies|drugs?|medicines?|medications?|disease|diseases|disorders?|conditions?|diagnosis|diagnoses|illness|course|attacks?|problems?|everyone|nobody|someone|something|anything|nothing|way|ways|part|parts|role|time|times|day|days|year|years|risk|life|body|adults?|children|women|men|its|their|his|her|my|our|your|following|example|addition|only|often|usually|commonly|sometimes|also|not|never|common|typical|important|example|question|answer|first|second|choice|note|fact|myth|effect|effects|help|relief|cause|causes|result|results|variety|range|number|combination|case|option|options|dose|doses|mg|history|family|examination|exam|visit|clinic|hospital|prevention|prophylaxis)\b.*)$`,
  "i",
);

/**
 * Whether words can be a name that the graph does not know.
 *
 * @param words Words.
 * @returns False for pronouns, verbs, common nouns, more than four words, and what is no word.
 */
export function canBeName(words: string): boolean {
  return /^\p{L}[\p{L}\p{N}' -]{3,}$/u.test(words) && words.split(/\s+/).length <= 4 &&
    !verb.test(words) &&
    !preposition.test(words) && !/^\p{L}+ly$/u.test(words) && !degree.test(words) &&
    (!noName.test(words) ||
      /^\p{Lu}[\p{L}-]+(?:'s)?\s+(?:disease|syndrome|disorder)$/u.test(words));
}

/** Before a name: articles, conjunctions, and the people who have it. */
const leading =
  /^(?:[\s,"'“*_(]|(?:patients?|people|those|individuals|persons?|adults|children|someone|anyone|everybody|many|most|some)\s+(?:with|who\s+ha(?:s|ve)|(?:suffering|who\s+suffers?)\s+from|(?:living|diagnosed)\s+with)\b|(?:and|or|but|an?|the|both|either|that|with|without|not|no|any|even|in|of|for|to|how|by|from|as|than)\b)*/i;

/** Behind a name: punctuation, and adverbs that belong to the verb. */
const trailing =
  /(?:\s+(?:\p{L}+ly|often|also|always|never|rarely|seldom|sometimes|can|may|might|will|does|do|not))*[\s,"'”*_).:]*$/u;

/**
 * Words as a name that the graph does not know.
 *
 * @param sentence The sentence.
 * @param from Where the words begin in it.
 * @param to Where they end.
 * @returns The name; undefined for words that are none: pronouns, verbs, more than four words, a name in marks.
 */
export function unknownName(
  { words, places }: MaskedSentence,
  from: number,
  to: number,
): TextName | undefined {
  const raw = words.slice(from, to);
  const lead = leading.exec(raw)![0].length;
  const name = raw.slice(lead).replace(trailing, "");
  if (!canBeName(name)) return undefined;
  const start = places[from + lead]!;
  const end = places[from + lead + name.length]!;
  return { start, end, text: name, entities: [] };
}

/** Where a clause ends, so that no list goes on. */
const clauseEnd =
  /[;!?()—]|\.(?=\s|$)|:|,?\s+(?:which|who|that|because|since|whereas|while|although|though|however|unless|until|when|therefore|so)\b|,?\s+but\b(?!\s+(?:not|no|also|without|rarely|never|seldom))/iu;

/** Names of one list. */
export interface NameList {
  /** From left to right. */
  readonly names: readonly TextName[];
  /** Where the first begins in the marked words. */
  readonly start: number;
  /** Where the last ends. */
  readonly end: number;
}

const none: NameList = { names: [], start: -1, end: -1 };

/** Unknown items between two names of a list, or behind the last: "fever, snorbling and cough". */
function strangers(sentence: MaskedSentence, from: number, to: number, last: boolean): TextName[] {
  const gap = sentence.words.slice(from, to);
  const found: TextName[] = [];
  let at = 0;
  const pieces = gap.split(/(,|\band\b|\bor\b|\/)/i);
  for (const [i, piece] of pieces.entries()) {
    const inside = i > 0 && (last || i < pieces.length - 1);
    if (inside && i % 2 === 0 && piece.trim().split(/\s+/).length <= 3) {
      const name = unknownName(sentence, from + at, from + at + piece.length);
      if (name !== undefined) found.push(name);
    }
    at += piece.length;
  }
  return found;
}

/**
 * The list of names behind a cue.
 *
 * @param sentence The sentence.
 * @param from Where the cue ends.
 * @param to Where the next one begins.
 * @param open Whether unknown words count as names.
 * @returns The list, empty where none begins within eight words.
 */
export function listBehind(
  sentence: MaskedSentence,
  from: number,
  to: number,
  open: boolean,
): NameList {
  const { words, names } = sentence;
  const span = words.slice(from, to);
  const stop = clauseEnd.exec(span);
  const limit = from + (stop === null ? span.length : stop.index);
  const marks = [...words.slice(from, limit).matchAll(anyMark)].map(({ index }) => from + index)
    .filter((at) => names.get(words[at]!)!.person === undefined);
  const first = marks[0];
  const lead = words.slice(from, first ?? limit);
  if (
    first === undefined || lead.trim().split(/[\s,]+/).length > 8 || verb.test(lead) ||
    /[,]\s*\S+\s+\S+\s+\S+/.test(lead)
  ) {
    const skip = Math.max(1, leading.exec(words.slice(from, limit))![0].length);
    const cut =
      /,|\b(?:in|for|of|and|or|at|with|by|from|on|during|to|is|are|was|were|would|will|can|may|might|should|must)\b/i
        .exec(words.slice(from + skip, limit).replace(anyMark, ","));
    const end = cut === null ? limit : from + skip + cut.index;
    const name = open ? unknownName(sentence, from, end) : undefined;
    if (name === undefined) return none;
    const more =
      /^\s*(?:in|for|of|at|with|from|on|during)\s+[\p{L}' -]{2,40}?(?=,|\band\b|\bor\b|[.;!?]?\s*$)/iu
        .exec(
          words.slice(end, limit),
        );
    const stopAt = more === null ? name.end : sentence.places[end + more[0].trimEnd().length]!;
    const whole = more === null ? name : {
      ...name,
      end: stopAt,
      text: words.slice(sentence.places.indexOf(name.start), end + more[0].trimEnd().length),
    };
    return { names: [whole], start: from, end };
  }
  const before = open ? strangers(sentence, from, first, false) : [];
  const listed: TextName[] = [
    ...leadName(sentence, from, first, open),
    ...before,
    names.get(words[first]!)!,
  ];
  let end = first + 1;
  for (const next of marks.slice(1)) {
    const gap = words.slice(end, next);
    if (!isJoint(gap) && !(open && isListGap(gap))) break;
    // "Furosemide and nitroglycerin, and mannitol is contraindicated": no more of the list
    const beginsAnew = /^\s*,\s*and\s+(?:the\s+|an?\s+)?$/i.test(gap) &&
      /^(?:\s+(?:such\s+as|like|including)\s+[\uE000-\uE0FF])?\s+(?:is|are|must|should|may|can)\b/iu
        .test(words.slice(next + 1));
    if (beginsAnew) break;
    if (open) listed.push(...strangers(sentence, end, next, false));
    listed.push(names.get(words[next]!)!);
    end = next + 1;
  }
  const tail = /^\s*,?\s*(?:(?:and|or)\s+|,\s*)[\p{L}' -]{4,40}(?=[.;!?]?\s*$|,)/iu.exec(
    words.slice(end, limit),
  );
  if (open && tail !== null) {
    listed.push(...strangers(sentence, end, end + tail[0].length, true));
  }
  return { names: listed, start: first, end };
}

/** The first item of a list where it is unknown: "causes snorbling, fever and cough". */
function leadName(sentence: MaskedSentence, from: number, to: number, open: boolean): TextName[] {
  const lead = sentence.words.slice(from, to);
  const comma = /,|\b(?:and|or)\b/i.exec(lead);
  if (!open || comma === null || comma.index === 0) return [];
  return [unknownName(sentence, from, from + comma.index) ?? []].flat();
}

/** Words between two names with unknown items of the same list between them. */
function isListGap(gap: string): boolean {
  return /^\s*,/.test(gap) && !verb.test(gap) && !preposition.test(gap) &&
    gap.split(/\s+/).length <= 10;
}

/** A name with another beside it before the cue: "gout, a type of arthritis, ". */
const asideBefore =
  /[\uE000-\uE0FF],\s+(?:an?|the)\s+(?:[\p{L}-]+\s+){0,3}[\uE000-\uE0FF],\s*(?:[\p{L}]+\s+){0,3}$/u;

/** A name with what it is: "gout is a painful arthritis"; what follows is said of the first. */
const predicateBefore =
  /[\uE000-\uE0FF]\s+(?:is|are|was)\s+(?:an?|the|one\s+of\s+the)\s+(?:[\p{L}-]+,?\s+){0,5}[\uE000-\uE0FF]\s*(?:,\s*)?(?:(?:which|that|and)\s+)?(?:[\p{L}]+\s+){0,2}$/u;

/** Names that belong together, up to a place, from right to left. */
function listUpTo({ words, names }: MaskedSentence, marks: readonly number[]): NameList {
  const last = marks.at(-1);
  if (last === undefined) return none;
  const listed = [names.get(words[last]!)!];
  let start = last;
  const before = marks.slice(0, -1).reverse();
  for (const [i, at] of before.entries()) {
    const gap = words.slice(at + 1, start);
    if (!isJoint(gap) || /^\s*,\s*(?:while|whereas|but|yet)\b/i.test(gap)) break;
    // "Treated with insulin, and glyburide is contraindicated": two names with a comma are no list
    const isOfTwo = before[i + 1] === undefined || !isJoint(words.slice(before[i + 1]! + 1, at));
    const beginsAnew = start === last && isOfTwo &&
      /^\s*,\s*and\s+(?:the\s+|an?\s+)?$/i.test(gap) &&
      /^\s+(?:is|has)\b/i.test(words.slice(last + 1));
    if (beginsAnew) break;
    listed.unshift(names.get(words[at]!)!);
    start = at;
  }
  return { names: listed, start, end: last + 1 };
}

/**
 * The list of names before a cue.
 *
 * @param sentence The sentence.
 * @param from Where the words begin that may hold it.
 * @param to Where the cue begins.
 * @param fits Which names can be the cue's: a list is cut before one that cannot.
 * @param open Whether unknown words count as a name.
 * @returns The list, empty where none ends within eight words of the cue.
 */
export function listBefore(
  sentence: MaskedSentence,
  from: number,
  to: number,
  fits: (name: TextName) => boolean,
  open: boolean,
): NameList {
  const { words, names } = sentence;
  const whole = words.slice(from, to);
  const aside = asideBefore.exec(whole) ?? predicateBefore.exec(whole);
  const span = aside === null ? whole : whole.slice(0, aside.index + 1);
  const marks = [...span.matchAll(anyMark)].map(({ index }) => from + index)
    .filter((at) => names.get(words[at]!)!.person === undefined);
  const last = marks.at(-1);
  if (aside !== null && last !== undefined) return listUpTo(sentence, marks);
  const gap = words.slice(last === undefined ? from : last + 1, to);
  const cut = Math.max(...[",", ";", ":", "—"].map((one) => gap.lastIndexOf(one)));
  const words2 = cut < 0 ? gap : gap.slice(cut + 1);
  // "leaves sensation intact and never": the verbs share their subject
  const shares = last !== undefined && cut < 0 &&
    /\b(?:and|but|or|then)\s+(?:(?:\p{L}+ly|also|often|never|not|rarely|seldom|can|may|does|do)\s+)*$/iu
      .test(gap);
  const own = open && !shares ? unknownName(sentence, to - words2.length, to) : undefined;
  if (own !== undefined && (last === undefined || cut >= 0 || /\b(?:and|that|but)\b/i.test(gap))) {
    const starts = /\b(?:and|that|but|while|whereas)\s+(?!.*\b(?:and|that|but|while|whereas)\b)/i
      .exec(words2);
    const name = starts === null
      ? own
      : unknownName(sentence, to - words2.length + starts.index + starts[0].length, to) ?? own;
    return { names: [name], start: to - words2.length, end: to };
  }
  if (last === undefined || gap.trim().split(/\s+/).length > 8) return none;
  // "one drug that treats it": the noun before "that" is meant, and no name before it
  if (
    /[\p{L}]\s+(?:that|which|who)\s/iu.test(gap) && !/\b(?:is|are|was|were)\b/i.test(gap) &&
    /[:;]|\bone\b|\ban?\b/i.test(gap)
  ) {
    return none;
  }
  const list = listUpTo(sentence, marks);
  const kept: TextName[] = [];
  for (const name of [...list.names].reverse()) {
    if (kept.length > 0 && !fits(name)) break;
    kept.unshift(name);
  }
  const start = marks[marks.length - kept.length]!;
  return { names: kept, start, end: list.end };
}
