/**
 * From sentences to claims: cues and the names around them give relation, subject and object, the words around those
 * polarity, person and time.
 *
 * Not read: irony, claims over more than one sentence but for pronouns and labelled lines, and what no rule names.
 *
 * @module
 */
import { mentions } from "../graph/mentions.ts";
import type { EntityKind, Knowledge } from "../types.ts";
import { contextOf } from "./context.ts";
import { cueLinks } from "./cue_links.ts";
import { type Field, fieldOf, jsonFields, personalClaims } from "./labelled_lines.ts";
import { linksBeside } from "./loose_links.ts";
import { anyMark, type MaskedSentence, maskNames } from "./masked_sentence.ts";
import { inside, namesIn } from "./names.ts";
import { deniedSpans, takesBack } from "./negation.ts";
import { impliedPatient, noteLinks, sectionLinks } from "./note_links.ts";
import { bareLinks, ellipticLinks } from "./plain_links.ts";
import { populationLinks } from "./population_claims.ts";
import {
  clauseAround,
  degreesBeforeName,
  degreesIn,
  extentOf,
  isFirstLine,
  quantitiesIn,
} from "./qualifiers.ts";
import type { Link } from "./relation_links.ts";
import { type Sentence, sentencesOf } from "./sentences.ts";
import { testLinks } from "./test_claims.ts";
import type { TextClaim, TextName } from "./types.ts";

const denialWords =
  /\b(?:relie\w+|eas(?:es?|ed)|alleviat\w+|reduc\w+|lessens?|cures?|cured|lowers?|contraindicat\w+|avoid(?:ed|s|ing)?|harmful|dangerous|unsafe|prevent(?:s|ed)?|averted|warded\s+off|off[-\s]limits|off\s+the\s+table|out\s+of\s+the\s+question|mistaken|ruled\s+out|withh[eo]ld\w*|against|no-go|missing|lost)\b/gi;

/** What denies elsewhere and forbids here. */
const forbiddance =
  /\b(?:not|never|n['’]t|cannot|can['’]?t|don['’]?t|mustn['’]?t|shouldn['’]?t|isn['’]?t|aren['’]?t|no|rules?\s+out|excludes?|precludes?)\b/gi;

/** The sentence with those words of its cues replaced that deny elsewhere and not here. */
function neutralised(
  text: string,
  place: Sentence,
  { places }: MaskedSentence,
  links: readonly Link[],
): string {
  let plain = text.slice(place.start, place.end);
  const help = (word: string): string => "helps".slice(0, word.length).padEnd(word.length);
  for (const { neutral, forbids } of links) {
    if (neutral === undefined) continue;
    const [from, to] = [places[neutral[0]]! - place.start, places[neutral[1]]! - place.start];
    const cue = plain.slice(from, to).replace(denialWords, help);
    plain = plain.slice(0, from) + (forbids === true ? cue.replace(forbiddance, help) : cue) +
      plain.slice(to);
  }
  return plain;
}

/** Which of the names are denied. */
function deniedNames(plain: string, place: Sentence, links: readonly Link[]): Set<TextName> {
  const names = [...new Set(links.flatMap(({ subject, object }) => [subject, object]))]
    .filter(({ person, start, end }) =>
      person === undefined && start >= place.start && end <= place.end
    )
    .sort((a, b) => a.start - b.start || a.end - b.end);
  const flags = deniedSpans(
    plain,
    names.map(({ start, end }) => ({ start: start - place.start, end: end - place.start })),
  );
  return new Set(names.filter((_, i) => flags[i]));
}

/** The disease that the sentences before speak of, as the name that a sentence leaves out. */
function topicOf(topics: readonly (readonly TextName[])[], at: number): TextName | undefined {
  const kinds = (name: TextName): EntityKind[] => name.entities.map(({ kind }) => kind);
  const isTopic = (name: TextName): boolean => kinds(name).includes("disease");
  const only = (name: TextName): boolean => isTopic(name) && !kinds(name).includes("symptom");
  const all = topics.flat();
  const one = all.find(only) ?? all.find(isTopic);
  return one && { ...one, start: at, end: at, standsFor: one.standsFor ?? one.text };
}

/** "Unlike gout, asthma ...": of what is only compared nothing is said. */
const compared =
  /^\W*(?:unlike|in\s+contrast\s+(?:to|with)|as\s+opposed\s+to)\s+[^,]{2,60},(?:\s+(?:which|where|in\s+which)\s+[^,]{2,80},)?/i;

/**
 * Where a sentence begins to say something.
 *
 * @param words The sentence.
 * @returns The index behind what it only compares with.
 */
export const comparedUpTo = (words: string): number => compared.exec(words)?.[0].length ?? 0;

/** What one sentence says, and its names. */
function claimsOfSentence(
  k: Knowledge,
  text: string,
  place: Sentence,
  topics: readonly (readonly TextName[])[],
): { claims: TextClaim[]; names: TextName[] } {
  const words = text.slice(place.start, place.end);
  const from = place.start + comparedUpTo(words);
  const names = namesIn(k, words, place.start, topics).filter(({ start }) => start >= from);
  if (names.length === 0) return { claims: [], names };
  const sentence = maskNames(text, place.start, place.end, names);
  // "A. gout" says nothing
  if (names.length === 1 && !/\p{L}{2}/u.test(sentence.words.replace(anyMark, " "))) {
    return { claims: [], names };
  }
  const topic = topicOf(topics, place.start);
  const section = sectionLinks(sentence, place);
  const stated = section.length > 0 ? section : cueLinks(text, sentence, topic);
  const ofWords = [...populationLinks(sentence), ...testLinks(text, sentence)];
  // "affects women" names no part of the body, and "a chest X-ray" none that has something
  const ofOthers = [...stated, ...linksBeside(sentence, stated)].filter((link) =>
    !ofWords.some(({ object }) => inside(link.object, object) || inside(link.subject, object))
  );
  const main = [...ofOthers, ...ofWords];
  const noted = [...main, ...noteLinks(sentence, place, main)];
  const others = noted.length > 0 ? noted : ellipticLinks(sentence, topic);
  const links = others.length > 0 ? others : bareLinks(sentence);
  if (links.length === 0) return { claims: [], names };
  const denied = deniedNames(neutralised(text, place, sentence, links), place, links);
  const claims = links.map((link) => claimOf(text, place, sentence, link, denied));
  return { claims, names };
}

/** "Low platelet count" is another name of its finding, "high fever" is its name and a degree. */
const isAllName = ({ text, entities }: TextName): boolean =>
  entities.length > 0 && !entities.some(({ name }) => text.toLowerCase().includes(name));

/** The side of a contrast on which a place stands: "..., while clonidine is another drug in use". */
function contrasted({ words, start }: ReturnType<typeof clauseAround>, at: number): string {
  const border = /\b(?:while|whereas|but|however|although|though)\b/i.exec(words)?.index;
  if (border === undefined || at < 0) return words;
  return at - start < border ? words.slice(0, border) : words.slice(border);
}

/** "First-line", and of how many it is said; degrees and numbers of a finding. */
function qualifiersOf(
  text: string,
  sentence: MaskedSentence,
  { subject, relation, object }: Link,
): Pick<TextClaim, "relation" | "extent" | "degrees" | "quantities"> {
  const at = (name: TextName): number => sentence.places.indexOf(name.start);
  const places = [at(subject), at(object)].filter((place) => place >= 0);
  if (places.length === 0) return { relation };
  const clause = clauseAround(sentence.words, Math.min(...places), Math.max(...places) + 1);
  const extent = extentOf(clause.words);
  const of = extent === undefined ? {} : { extent };
  if (relation === "treats" && isFirstLine(contrasted(clause, at(subject)))) {
    return { relation: "first_line", ...of };
  }
  if (relation !== "presents" && relation !== "has") return { relation, ...of };
  const degrees = [
    ...degreesBeforeName(text.slice(Math.max(0, object.start - 60), object.start)),
    ...(isAllName(object) ? [] : degreesIn(object.text)),
  ];
  const behind = text.slice(object.start, object.end + 60).split(/[.;!?\n](?=\s|$)|\band\b/)[0]!;
  const next = [...sentence.names.values()].find(({ start }) => start >= object.end);
  const quantities = quantitiesIn(behind.slice(0, (next?.start ?? Infinity) - object.start))
    .map(({ value, unit }) => ({ value, unit }));
  return {
    relation,
    ...of,
    ...(degrees.length === 0 ? {} : { degrees }),
    ...(quantities.length === 0 ? {} : { quantities }),
  };
}

/** Rules by which a demand states something: "think of gout", "gout: look for pain". */
const stating: ReadonlySet<string> = new Set(["think of", "list behind a name"]);

/** What is only supposed. */
const supposed = /^[\s"'“(*-]*(?:if|unless|should|suppose|assuming|were)\b|\bwhether\b/i;

/** Where a condition begins behind a comma. */
const trailing =
  /,\s+(?:(?:and|but|though|although)\s+(?:[^,.]{3,60}\s)?(?=if\b)|unless\b|provided\b)/i;

/** The claim that a link makes with the words around its names. */
function claimOf(
  text: string,
  place: Sentence,
  sentence: MaskedSentence,
  link: Link,
  denied: ReadonlySet<TextName>,
): TextClaim {
  const { subject, object, rule } = link;
  const others = [...sentence.names.values()].filter(({ person }) => person === undefined);
  const context = contextOf(text, object, place, others);
  const personal = subject.person !== undefined;
  const experiencer = subject.person === "family" ? "family" : context.experiencer ?? "patient";
  const qualifiers = qualifiersOf(text, sentence, link);
  // Whom a disease affects is said with its denial: "mainly women and hardly ever men"
  const negated = link.relation !== "affects" &&
    (denied.has(object) || (denied.has(subject) && rule !== "comes without"));
  // "never give" and "suspect" are demands that state something
  const states = (qualifiers.relation === "contraindicated" || stating.has(rule)) &&
    !supposed.test(sentence.words);
  // "If ..., change to dalteparin, which is safe in ...": said whatever the condition
  const isAside = place.form === "condition" &&
    /^,\s+which\b/.test(text.slice(subject.end, object.start));
  // "Treated with terlipressin, unless hypoxia forbids it": what stands before is stated
  const limit = trailing.exec(text.slice(place.start, place.end))?.index ?? -1;
  const isBefore = place.form === "condition" &&
    [subject, object].every(({ start, end }) => start >= place.start && end <= place.start + limit);
  const hypothetical = place.form === "question" ||
    (place.form !== "statement" && !states && !isAside && !isBefore);
  return {
    subject,
    ...qualifiers,
    object,
    polarity: negated !== (link.denies === true) ? "denied" : "affirmed",
    experiencer: personal ? experiencer : "general",
    time: personal ? context.time : "now",
    certainty: hypothetical ? "hypothetical" : context.certainty,
    start: place.start,
    end: place.end,
    rule,
  };
}

/** "Signs of gout: joint pain", "Allopurinol: contraindicated in ...": the label is what the sentence speaks of. */
const isPartOfSentence = (k: Knowledge, label: string, whole: string): boolean =>
  /\s(?:of|in|for|with)\s/.test(label) ||
  // What an abbreviation means, what follows it says.
  mentions(k, whole).some(({ start }) => start < label.length);

const yes = /^\W*yes\b/i;

/** Behind a line on what to avoid, "because" names what speaks against it and no finding of the diagnosis. */
function withGrounds(field: Field | undefined, before: readonly Field[]): Field | undefined {
  const isGrounds = field?.label === "because" && before.some(({ role }) => role === "avoid");
  return isGrounds ? { ...field, role: "grounds" } : field;
}

/** Whether a value is names and nothing else. */
function isBareList(text: string, { names, start, end }: Field): boolean {
  const rest =
    names.map((name, i) => text.slice(names[i - 1]?.end ?? start, name.start)).join("|") +
    text.slice(names.at(-1)!.end, end);
  return !/\p{L}/u.test(rest.replace(/\b(?:and|or)\b/g, ""));
}

/** What a text says: its claims, its labelled values, and the names of its questions. */
export interface TextReading {
  /** Claims of sentences, and what labelled lines say of a patient. */
  readonly claims: readonly TextClaim[];
  /** The values of known labels. */
  readonly fields: readonly Field[];
  /** What was read. */
  readonly text: string;
  /** Its sentences with the names in them. */
  readonly sentences: readonly { readonly place: Sentence; readonly names: readonly TextName[] }[];
}

/**
 * Reads a text, in the order of its sentences. Questions, conditions and instructions give hypothetical claims; a question
 * that the next sentence answers with yes or no gives claims.
 *
 * @param k The graph, which knows the names.
 * @param text Any text.
 * @param isPrompt Whether its questions and demands are for another text to answer: of those only the names are read.
 * @returns The claims with their places. Time grows with the length of the text.
 */
export function readText(k: Knowledge, text: string, isPrompt = false): TextReading {
  const json = jsonFields(k, text);
  if (json !== undefined) {
    const claims = json.flatMap((field) =>
      personalClaims(field, text, field, impliedPatient(field.start))
    );
    return { text, claims, fields: json, sentences: [] };
  }
  const places = sentencesOf(text);
  const topics: TextName[][] = [];
  const claims: TextClaim[] = [];
  const fields: Field[] = [];
  const sentences: { place: Sentence; names: readonly TextName[] }[] = [];
  for (const [i, place] of places.entries()) {
    const field = place.label === undefined
      ? undefined
      : withGrounds(fieldOf(k, text, place.label, place.start, place.end), fields);
    const sentence = field === undefined || field.names.length < 2 || isBareList(text, field)
      ? []
      : claimsOfSentence(k, text, place, topics).claims.filter(({ subject, rule }) =>
        subject.person === undefined && rule !== "plain sentence"
      );
    if (field !== undefined && sentence.length > 0) {
      claims.push(...sentence);
      sentences.push({ place, names: field.names });
      continue;
    }
    if (field !== undefined) {
      const next = places[i + 1];
      const answer = next === undefined ? "" : text.slice(next.labelStart ?? next.start, next.end);
      const whole = answer.length <= 40 && takesBack(answer)
        ? { ...field, denied: new Set(field.names) }
        : field;
      fields.push(whole);
      claims.push(...personalClaims(whole, text, place, impliedPatient(place.start)));
      sentences.push({ place, names: field.names });
      continue;
    }
    const whole = place.labelStart !== undefined &&
        isPartOfSentence(k, place.label ?? "", text.slice(place.labelStart, place.end))
      ? { ...place, start: place.labelStart }
      : place;
    const next = places[i + 1];
    const answer = next === undefined ? "" : text.slice(next.start, next.end).split(/[,.;!\n]/)[0]!;
    const back = takesBack(answer);
    const asked = place.form === "question" && (yes.test(answer) || back);
    const read = isPrompt && place.form !== "statement" && !asked
      ? { claims: [], names: namesIn(k, text.slice(whole.start, whole.end), whole.start, topics) }
      : claimsOfSentence(k, text, whole, topics);
    claims.push(...read.claims.map((claim): TextClaim => ({
      ...claim,
      ...(asked ? { certainty: "stated" as const, rule: `${claim.rule}, answered` } : {}),
      ...(back ? { polarity: claim.polarity === "denied" ? "affirmed" : "denied" } : {}),
    })));
    sentences.push({ place, names: read.names });
    topics.unshift(read.names.filter(({ entities }) => entities.length > 0));
    topics.length = Math.min(topics.length, 2);
  }
  return { text, claims, fields, sentences };
}
