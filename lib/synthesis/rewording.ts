/**
 * When a prompt in new words still asks the same, and nothing else: what a teacher wrote is compared with the words that it
 * was given, and not with the whole prompt, whose options name the answer already.
 *
 * | kept | compared |
 * |---|---|
 * | entities | which ones, how often, and whether each is denied |
 * | quoted words, numbers, number words, ordinals | all of them |
 * | what is asked: symptom, drug, class, site, role | a word of each kind that was there |
 * | negations, avoidance, "least", "only" | how many of each |
 * | sentences that ask for a form | word by word |
 *
 * Refused besides: tags, chatter, words of the instruction, a preamble, a letter or an option that was not there.
 *
 * @module
 */
import {
  deniedSpans,
  findEntity,
  type Knowledge,
  type Mention,
  mentions,
} from "../knowledge/mod.ts";
import { vignetteOf } from "./case.ts";
import type { Item } from "./item.ts";
import { limits } from "./synthesize.ts";

/** What a teacher is told before the text. */
export const rewordInstruction: string =
  "Reword this text. Keep every medical name, number and quoted word. Reply with the new text only, in one line.";

/**
 * The part of a prompt that may be reworded, its first line, and the rest: the form of the answer stays as it is.
 *
 * @param prompt A prompt.
 * @returns Both parts.
 */
export function splitPrompt(prompt: string): [head: string, tail: string] {
  const at = prompt.indexOf("\n");
  return at < 0 ? [prompt, ""] : [prompt.slice(0, at), prompt.slice(at)];
}

/** Words of a model about its own answer. */
const chatter = new RegExp(
  String
    .raw`<[^>]*>|\[/?[A-Za-z_]+\]|\*\*|\`\`\`|\b(?:reword|rephras|paraphras|rewrit|reformulat)\w*|` +
    String
      .raw`^(?:sure|certainly|of\s+course|okay|ok|absolutely|great|here['’]?s|here\s+(?:is|are)|yes|no\s+problem)\b|` +
    String
      .raw`\b(?:as\s+an?\s+(?:ai|assistant|language\s+model)|language\s+model|i\s+(?:cannot|can['’]?t|am\s+not|will|would|hope)|` +
    String
      .raw`i['’]m|sorry|medical\s+advice|let\s+me|please\s+note|note\s+that|hint|new\s+text|(?:the|this)\s+user)\b`,
  "i",
);

/** Sentences that ask for a form, and not for a fact. */
const form = new RegExp(
  String
    .raw`^(?:use|do\s+not|don['’]t|avoid|start|begin|end|finish|reply|answer|respond|keep|limit|include|write\s+(?:exactly|at|no|only))\b|` +
    String
      .raw`\b(?:letters?|words?|commas?|sentences?|bullets?|lines?|json|keys?|capitals?|characters?)\b`,
  "i",
);

const sentencesOf = (text: string): string[] =>
  text.split(/(?<=[.!?"])\s+(?=["A-Z])/).map((one) => one.trim()).filter(Boolean);

/** What is asked: where the old words hold one of a kind, so must the new ones. */
const asked: readonly RegExp[] = [
  /\b(?:symptoms?|findings?|signs?|manifestations?|complaints?|presents?)\b/i,
  /\b(?:drugs?|medicines?|medications?|agents?|pharmaceuticals?)\b/i,
  /\b(?:class|classes|classified)\b/i,
  /\b(?:body\s+parts?|located|locations?|organs?|sites?|where|anatomical|affects?|affected)\b/i,
  /\b(?:treats?|treated|treatments?|therap\w+|used|helps?|cures?|manages?|remed\w+|given?|prescribed?)\b/i,
  /\b(?:kinds?|broader|types?|categor\w+|falls?|belongs?|classified)\b/i,
  /\b(?:likelier|likeliest|likely|probable|plausible|fits?|better)\b/i,
  /\b(?:both|shared?|common)\b/i,
];

/** What changes the meaning: so many in the old words, so many in the new. */
const counted: readonly RegExp[] = [
  /\b(?:no|not|never|nor|neither|without|cannot|except|absen\w+|den(?:y|ies|ied)|lacks?|free\s+of|negative|non|hardly|rarely|seldom)\b|n['’]t\b/gi,
  /\b(?:avoid\w*|contraindicat\w*|harm\w*|worsen\w*|dangerous|unsafe|wrong|incorrect|false|untrue|unrelated|opposite)\b/gi,
  /\bdisease[- ]modifying\b/gi,
  /\b(?:symptomatic|palliative|relieving)\b/gi,
  /\b(?:least|less|unlikel\w+|rarest|fewest|worst)\b/gi,
  /\b(?:only|except)\b/gi,
  /\b(?:urgent\w*|red\s+flags?)\b/gi,
];

const numbers =
  /"[^"]*"|\d+|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|second|third|fourth|fifth|several|few|many|couple|pair|dozen|multiple|all|each|every)\b/gi;

/** All matches, sorted, as one text. */
const sorted = (text: string, pattern: RegExp): string =>
  (text.toLowerCase().match(pattern) ?? []).sort().join();

const times = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

/** Letters of options, and the letter A where a word before it says that it is one. */
const optionLetters = /\b[B-D]\b|\b(?:answer|option|choice|letter)\b\W*(?:is\b\W*)?A\b/g;

/** Whether the new words say what the task is to find. */
function givesAway(item: Item, before: string, after: string): boolean {
  if (times(after, optionLetters) !== times(before, optionLetters)) return true;
  const options = item.checks.flatMap((check) => check.kind === "choice" ? check.options : []);
  const holds = (text: string, part: string) => text.toLowerCase().includes(part.toLowerCase());
  return options.some((option) => holds(after, option) && !holds(before, option));
}

/** Entities with how often each stands there. */
const named = (found: readonly Mention[]): string =>
  found.map(({ entity }) => entity.id).sort().join();

/** Whether a finding that the patient has is denied, or the absent one is not; and without a patient, any change. */
function turns(item: Item, knowledge: Knowledge, before: string, after: string): boolean {
  const read = (text: string) => {
    const found = mentions(knowledge, text);
    const denied = deniedSpans(text, found);
    return found.map(({ entity }, i) => ({ id: entity.id, denied: denied[i]! }));
  };
  const vignette = vignetteOf(item);
  if (vignette === undefined) {
    const flags = (text: string): string =>
      read(text).map(({ id, denied }) => `${id} ${denied}`).sort().join();
    return flags(before) !== flags(after);
  }
  const absent = findEntity(knowledge, vignette.absent)?.id;
  return read(after).some(({ id, denied }) =>
    id === absent ? !denied : vignette.findings.includes(id) && denied
  );
}

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
  const [before, tail] = splitPrompt(item.prompt);
  const [after, newTail] = splitPrompt(prompt);
  if (prompt.split(/\s+/).length > limits.promptWords) return "too long";
  if (newTail !== tail) return "another form of the answer";
  const told = sentencesOf(rewordInstruction).some((sentence) =>
    after.toLowerCase().includes(sentence.toLowerCase())
  );
  if (told || (chatter.test(after) && !chatter.test(before))) return "words about the task";
  if (named(mentions(knowledge, after)) !== named(mentions(knowledge, before))) {
    return "other entities";
  }
  if (turns(item, knowledge, before, after)) return "other polarity";
  if (sorted(after, numbers) !== sorted(before, numbers)) return "other quoted words or numbers";
  if (times(after, /:/g) > times(before, /:/g)) return "words about the task";
  if (givesAway(item, before, after)) return "gives the answer away";
  if (
    counted.some((pattern) => times(after, pattern) !== times(before, pattern)) ||
    asked.some((pattern) => pattern.test(before) && !pattern.test(after))
  ) return "another demand";
  const demands = (text: string): string[] => sentencesOf(text).filter((one) => form.test(one));
  const [old, own] = [demands(before), demands(after)];
  if (old.some((one) => !after.includes(one)) || own.length > old.length) return "another demand";
  return sentencesOf(after).length > sentencesOf(before).length + 1 ? "more sentences" : undefined;
}
