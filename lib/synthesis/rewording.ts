/**
 * When a prompt in new words still asks the same, and nothing else. What a teacher wrote is compared with the words that it
 * was given, and not with the whole prompt, whose options name the answer already.
 *
 * | kept | compared |
 * |---|---|
 * | entities | which ones, how often, and whether each is denied |
 * | numbers with their units, words in quotation marks | all of them |
 * | every other word that says something | none is lost, none is added, and one beside an entity stays with it |
 * | what is asked: symptom, drug, class, site, denial | the kinds of words, and which side of a relation is asked |
 * | order | of the entities, where the prompt speaks of a first or second |
 * | options of a decision | in their words and order |
 * | evidence | the words that decide, whole |
 * | sentences that ask for a form | word by word |
 *
 * Refused besides: mark-up, chatter, words of the instruction, a preamble, a letter or an option that was not there, a text
 * that breaks off. A word that is neither in the old text nor one of those that only carry a sentence (`wording_words.ts`)
 * adds something: a hint, a finding, a doubt, a remark.
 *
 * @module
 */
import { type Knowledge, mentions } from "../knowledge/mod.ts";
import type { Item } from "./item.ts";
import { fixedOption } from "./shuffle_options.ts";
import { limits } from "./synthesize.ts";
import { readWording, sentencesOf, type Wording } from "./wording.ts";
import { changedKinds } from "./wording_words.ts";

/** What a teacher is told before the text. */
export const rewordInstruction: string =
  "Reword this text. Keep every medical name, number and quoted word. Reply with the new text only, in one line.";

/** A prompt in three parts, the middle one of which may be reworded. */
export interface RewordablePrompt {
  /** What stays before it. */
  readonly before: string;
  /** What may be reworded, in one line. */
  readonly text: string;
  /** What stays behind it. */
  readonly after: string;
  /** Whether the text, reworded, is the item's evidence as a whole. */
  readonly isEvidence: boolean;
}

const holds = (text: string, words: string): boolean =>
  text.toLowerCase().includes(words.toLowerCase());

/** The names that a decision offers; "yes" and "no" are none. */
const offered = ({ decisions }: Item): string[] =>
  decisions.flatMap(({ options }) => options.filter((option) => !fixedOption.test(option)));

/**
 * The part of an item's prompt that may be reworded: the sentences of its evidence, so that question, options and form stay;
 * else the first line. Where evidence and options share a sentence, that is the first line with both.
 *
 * @param item The item.
 * @returns The parts; undefined where the evidence is not one line's.
 */
export function rewordablePart(item: Item): RewordablePrompt | undefined {
  const { prompt, evidence } = item;
  const lineEnd = prompt.indexOf("\n");
  const head = lineEnd < 0 ? prompt : prompt.slice(0, lineEnd);
  const whole = { before: "", text: head, after: prompt.slice(head.length), isEvidence: false };
  if (evidence === undefined) return whole;
  const at = prompt.indexOf(evidence);
  if (at < 0 || evidence.trim().includes("\n")) return undefined;
  const lineStart = prompt.lastIndexOf("\n", at) + 1;
  const line = prompt.slice(lineStart).split("\n")[0]!;
  let [start, end] = [Infinity, 0];
  let from = lineStart;
  for (const sentence of sentencesOf(line)) {
    const place = prompt.indexOf(sentence, from);
    from = place + sentence.length;
    if (from <= at || place >= at + evidence.trimEnd().length) continue;
    start = Math.min(start, place);
    end = from;
  }
  const text = prompt.slice(start, end);
  if (!offered(item).some((option) => holds(text, option))) {
    return { before: prompt.slice(0, start), text, after: prompt.slice(end), isEvidence: true };
  }
  return at + evidence.length <= head.length ? whole : undefined;
}

/** Words of a model about its own answer. */
const chatter = new RegExp(
  String
    .raw`\b(?:reword|rephras|paraphras|rewrit|reformulat)\w*|` +
    String
      .raw`^(?:sure|certainly|of\s+course|okay|ok|absolutely|great|here['’]?s|here\s+(?:is|are|you)|got\s+it|yes|no\s+problem)\b|` +
    String
      .raw`\b(?:as\s+an?\s+(?:ai|assistant|language\s+model)|language\s+model|i\s+(?:cannot|can['’]?t|am\s+not|will|would|hope)|` +
    String
      .raw`i['’]m|sorry|medical\s+advice|let\s+me|please|note\s+that|hint|new\s+text|happy\s+to|as\s+requested|(?:the|this)\s+user|assistant)\b`,
  "i",
);

/** Mark-up, special tokens, signs that are no text. */
const markup =
  /<[^>]*>|[<>[\]{}|*`#_~\\]|[^\P{C}\n]|\p{Extended_Pictographic}(?<!\p{N})|\p{Co}|\p{Cs}/gu;

/** Sentences that ask for a form, and not for a fact. */
const form = new RegExp(
  String
    .raw`^(?:use|do\s+not|don['’]t|avoid|start|begin|end|finish|reply|answer|respond|keep|limit|include|write\s+(?:exactly|at|no|only))\b|` +
    String
      .raw`\b(?:letters?|words?|commas?|sentences?|bullets?|lines?|json|keys?|capitals?|characters?)\b`,
  "i",
);

/** Words of a prompt to which the order of what it names matters. */
const ordinals = /\b(?:first|second|third|fourth|last|former|latter|order|respective(?:ly)?)\b/i;

/** Letters of options, and the letter A where a word before it says that it is one. */
const optionLetters = /\b[B-D]\b|\b(?:answer|option|choice|letter)\b\W*(?:is\b\W*)?A\b/g;

const times = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

const sorted = (list: readonly string[]): string => [...list].sort().join("\n");

/** An entity on the other side of the relation that is asked about. */
const turned = new RegExp(
  String
    .raw`§\s+(?:(?:is|are|was|were|as)\s+)+(?:(?:an?|the|one|some)\s+)*(?:symptom|sign|finding|manifestation|complaint)s?\s+(?:of|in|for)\b|` +
    String
      .raw`§\s+(?:(?:can|is)\s+)?(?:treat(?:s|ing)?|help(?:s|ing)?\s+(?:in|with)|used\s+(?:to|for|in))\b|` +
    String
      .raw`\b(?:does|do|can)\s+§\s+(?:treat|help)|\b(?:treated|helped|managed)\s+(?:by|with)\s+§|\b(?:kind|type|form)s?\s+of\s+§`,
  "gi",
);

/** How often the text has an entity on the other side of its relation. */
function turns(knowledge: Knowledge, text: string): number {
  let masked = text;
  for (const { start, end } of mentions(knowledge, text).reverse()) {
    masked = `${masked.slice(0, start)}§${masked.slice(end)}`;
  }
  return times(masked, turned);
}

/** Words about the task instead of the task. */
function aboutTask(before: string, after: string): boolean {
  const told = sentencesOf(rewordInstruction).some((sentence) => holds(after, sentence));
  return told || (chatter.test(after) && !chatter.test(before)) ||
    times(after, markup) > times(before, markup) || times(after, /:/g) > times(before, /:/g);
}

/** Whether the new words say what the task is to find. */
function givesAway(item: Item, before: string, after: string): boolean {
  if (times(after, optionLetters) !== times(before, optionLetters)) return true;
  const options = [
    ...item.checks.flatMap((check) => check.kind === "choice" ? check.options : []),
    ...offered(item),
  ];
  return options.some((option) => holds(after, option) && !holds(before, option));
}

/** Whether the options of a decision that the old words hold stand in the new ones, in their order. */
function keepsOptions({ decisions }: Item, before: string, after: string): boolean {
  return decisions.every(({ options }) => {
    if (!options.every((option) => before.includes(option))) return true;
    const last = (text: string) => options.map((option) => text.lastIndexOf(option));
    const order = (text: string): string =>
      last(text).map((_, i, places) => places.filter((place) => place < places[i]!).length).join();
    return last(after).every((place) => place >= 0) && order(after) === order(before);
  });
}

/** What two readings tell apart, in the words of the reasons. */
function otherMeaning(old: Wording, own: Wording, ordered: boolean): string | undefined {
  if (sorted(own.entities) !== sorted(old.entities)) return "other entities";
  if (ordered && own.entities.join() !== old.entities.join()) return "another order";
  const polar = ({ entities, denied }: Wording) =>
    sorted(entities.map((id, i) => `${id} ${denied[i]}`));
  if (polar(own) !== polar(old)) return "other polarity";
  if (sorted(own.numbers) !== sorted(old.numbers) || sorted(own.quoted) !== sorted(old.quoted)) {
    return "other quoted words or numbers";
  }
  if (
    changedKinds(old.kinds, own.kinds, old.asks).length > 0 || own.denials !== old.denials ||
    own.alternatives !== old.alternatives
  ) return "another demand";
  const missing = (from: ReadonlySet<string>, inside: ReadonlySet<string>): boolean =>
    [...from].some((word) => !inside.has(word));
  if (missing(old.words, own.words)) return "words lost";
  if (missing(own.words, old.words)) return "words added";
  const apart = old.bound.some(([word, entity]) =>
    !own.phrases.some((phrase) => phrase.has(word) && phrase.has(entity))
  );
  return apart ? "words beside another entity" : undefined;
}

/** The sentences that ask for a form, and the others. */
function parted(text: string): [form: string[], rest: string] {
  const sentences = sentencesOf(text);
  return [
    sentences.filter((one) => form.test(one)),
    sentences.filter((one) => !form.test(one)).join(" "),
  ];
}

/** Why the new words of the part that may be reworded cannot be used. */
function faultOf(
  item: Item,
  before: string,
  after: string,
  knowledge: Knowledge,
): string | undefined {
  if (aboutTask(before, after)) return "words about the task";
  if (givesAway(item, before, after)) return "gives the answer away";
  const [oldForm, oldRest] = parted(before);
  const [ownForm, ownRest] = parted(after);
  const [old, own] = [readWording(knowledge, oldRest), readWording(knowledge, ownRest)];
  const meaning = otherMeaning(old, own, ordinals.test(item.prompt));
  if (meaning !== undefined) return meaning;
  if (!keepsOptions(item, before, after)) return "options lost";
  if (
    sorted(ownForm) !== sorted(oldForm) || (own.asks && !old.asks) ||
    turns(knowledge, ownRest) > turns(knowledge, oldRest)
  ) return "another demand";
  if (/[.?!]["”)]?$/.test(before) && !/[.?!]["”)]?$/.test(after)) return "breaks off";
  const more = own.sentences.all > old.sentences.all + 1 || own.sentences.bare > old.sentences.bare;
  return more ? "more sentences" : undefined;
}

/** Signs of a word with the space behind it, at most on the average. */
const signsPerWord = 16;

const countWords = (text: string): number => text.split(/\s+/).length;

/**
 * Why a reworded prompt cannot be used, or undefined when it can; the table at the top of this file says what is compared.
 *
 * @param item The item with its prompt.
 * @param prompt The prompt in new words.
 * @param knowledge The graph, which finds entities in texts.
 * @returns The fault, or undefined.
 */
export function rewordingFault(
  item: Item,
  prompt: string,
  knowledge: Knowledge,
): string | undefined {
  const part = rewordablePart(item);
  if (part === undefined) return "evidence in several lines";
  const { before, text, after, isEvidence } = part;
  const longest = Math.max(limits.promptWords, countWords(item.prompt));
  const mostSigns = Math.max(signsPerWord * longest, 2 * item.prompt.length);
  if (prompt.length > mostSigns || countWords(prompt) > longest) return "too long";
  if (
    !prompt.startsWith(before) || !prompt.endsWith(after) ||
    prompt.length < before.length + after.length
  ) return "another form of the answer";
  const words = prompt.slice(before.length, prompt.length - after.length);
  if (words.trim() === "") return "no text";
  if (words.includes("\n")) return "more than one line";
  const fault = faultOf(item, text, words, knowledge);
  if (fault !== undefined) return fault;
  return isEvidence || item.evidence === undefined || prompt.includes(item.evidence)
    ? undefined
    : "evidence lost";
}
