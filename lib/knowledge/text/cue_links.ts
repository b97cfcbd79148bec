/**
 * Links by cues: the verbs and nouns of a sentence with the names around them.
 *
 * @module
 */
import type { EntityKind } from "../types.ts";
import { copula, nounContinuation, plainContinuation } from "./claim_cues.ts";
import type { Cue, CueReading } from "./cue.ts";
import {
  type CueSubjects,
  type Match,
  matchesIn,
  subjectsOfCues,
  withTopic,
} from "./cue_subjects.ts";
import {
  listBefore,
  listBehind,
  type MaskedSentence,
  type NameList,
  unknownName,
} from "./masked_sentence.ts";
import { isOf, type Link, sides, textRelationKinds } from "./relation_links.ts";
import type { TextName } from "./types.ts";

/** The reading whose kinds both names have; an unknown name has any, but not both. */
function readingOf({ readings }: Cue, left: TextName, right: TextName): CueReading {
  const fits = (name: TextName, kinds: readonly EntityKind[]): boolean =>
    name.entities.length === 0 || isOf(name, kinds);
  const full = readings.find((reading) => {
    const { left: l, right: r } = sides(reading);
    // both sides of a kind and what it is a kind of are of one sort
    const alike = reading.relation !== "is_a" || left.entities.length === 0 ||
      right.entities.length === 0 ||
      left.entities.some((a) => right.entities.some((b) => a.kind === b.kind));
    return alike && fits(left, l) && fits(right, r) && (isOf(left, l) || isOf(right, r));
  });
  return full ?? readings[0]!;
}

/** The words behind a cue, up to a comma, as what causes or carries a disease. */
function causeBehind(
  { words, places }: MaskedSentence,
  text: string,
  from: number,
): TextName | undefined {
  const rest = words.slice(from);
  const length = /[,.;!?()]|\s(?:and|or|which|that|but|in|with)\s|$/.exec(rest)!.index;
  const [start, end] = [places[from]!, places[from + length]!];
  const raw = text.slice(start, end);
  const lead = /^\s*(?:(?:an?|the|infection\s+with|bites?\s+of)\s+)*/i.exec(raw)![0].length;
  const name = raw.slice(lead).trimEnd();
  if (name === "" || name.split(/\s+/).length > 6) return undefined;
  return { start: start + lead, end: start + lead + name.length, text: name, entities: [] };
}

/** Every pair of two lists. */
function pairs(match: Match, left: readonly TextName[], right: readonly TextName[]): Link[] {
  return left.flatMap((one) => right.flatMap((other) => linkOf(match, one, other)));
}

/** "Malaria is caused by Plasmodium": words that no list of diseases or findings is. */
function causeLinks(
  text: string,
  sentence: MaskedSentence,
  { cue, end }: Match,
  left: NameList,
  limit: number,
): Link[] {
  if (!/^is (?:caused|spread)/.test(cue.rule)) return [];
  const diseases = left.names.filter((name) => isOf(name, ["disease"]) && !isOf(name, ["symptom"]));
  const object = causeBehind(sentence, text, end);
  if (object === undefined) return [];
  const right = listBehind(sentence, end, limit, false).names;
  const named = right.some((name) => name.end === object.end);
  if (named && isOf(right[0]!, ["disease", "symptom"])) return [];
  const relation = cue.rule === "is spread by" ? "transmitted_by" : "caused_by";
  return diseases.map((subject): Link => ({ subject, relation, object, rule: cue.rule }));
}

/** "A painful thyroid nodule": a part of the body in the name of something unknown. */
function compoundBehind(
  sentence: MaskedSentence,
  { readings }: Cue,
  from: number,
  { names, end }: NameList,
): TextName | undefined {
  const [only] = names;
  const kinds = readings.flatMap((reading) => sides(reading).right);
  if (
    only === undefined || names.length > 1 || only.entities.length === 0 || kinds.length === 0 ||
    kinds.includes("anatomy") || !only.entities.every(({ kind }) => kind === "anatomy")
  ) return undefined;
  const noun = /^\s+\p{L}{4,}(?=\s*(?:[.,;!?]|$|and\b|or\b|in\b|with\b))/u.exec(
    sentence.words.slice(end),
  );
  if (noun === null) return undefined;
  const lead = /^\s*(?:(?:an?|the|any|some)\s+)*/.exec(sentence.words.slice(from))![0].length;
  const start = sentence.places[from + lead]!;
  const stop = sentence.places[end + noun[0].length]!;
  const text = [...sentence.words.slice(from + lead, end + noun[0].length)]
    .map((one) => sentence.names.get(one)?.text ?? one).join("");
  return { start, end: stop, text, entities: [] };
}

/** The links of a verb: names before it with names behind it. */
function verbLinks(sentence: MaskedSentence, match: Match, left: NameList, limit: number): Link[] {
  const { cue, end } = match;
  const right = ofKinds(
    sentence,
    listBehind(sentence, end, limit, cue.open === true),
    left.names.some(({ person }) => person !== undefined)
      ? ["symptom", "disease", "drug"]
      : cue.readings.flatMap((reading) => sides(reading).right),
  );
  const strange = cue.open === true ? compoundBehind(sentence, cue, end, right) : undefined;
  if (strange !== undefined) return pairs(match, left.names, [strange]);
  // "itching is what people with psoriasis have"
  const fronted = right.names.length === 0 &&
    (cue.rule === "presents with" || cue.rule === "has") && left.start > 0 &&
    left.names.some((name) => isOf(name, ["disease"]));
  if (fronted) {
    const finds = (name: TextName): boolean => isOf(name, ["symptom"]);
    return pairs(
      match,
      left.names,
      listBefore(sentence, 0, left.start, finds, false).names.filter(finds),
    );
  }
  // "nadolol is something people with asthma must not take"
  if (right.names.length === 0 && cue.rule === "must not take" && left.start > 0) {
    const isDrug = (name: TextName): boolean => isOf(name, ["drug"]);
    const drugs = listBefore(sentence, 0, left.start, isDrug, false).names.filter(isDrug);
    return pairs(match, left.names, drugs);
  }
  // "doctors treat gout with colchicine"
  const agent = cue.rule === "treats"
    ? /^\s+(?:with|by\s+giving|using)\s/i.exec(sentence.words.slice(Math.max(0, right.end)))
    : null;
  const subjects = agent === null
    ? left.names
    : listBehind(sentence, right.end + agent[0].length, limit, true).names;
  return pairs(match, subjects, diseaseBehind(sentence, cue, right, limit));
}

/** Where the names of a verb have to end: before the next cue, and before that one's own subject. */
function limitOf(
  sentence: MaskedSentence,
  end: number,
  next: Match | undefined,
  left: CueSubjects | undefined,
): number {
  if (next === undefined || left === undefined) return sentence.words.length;
  const own = !left.inherited && left.start >= end && next.cue.form === "verb" &&
    hasMore(sentence, end, left);
  return own ? left.start : next.start;
}

/** "Avoid lumotrexine in asthma": unknown words before the words with which the sentence goes on. */
function strangeComplement(
  sentence: MaskedSentence,
  cue: Cue,
  end: number,
  known: NameList,
  behind: RegExp,
): NameList | undefined {
  const first = known.names[0];
  const kinds = cue.readings.flatMap((reading) => sides(reading).right);
  if (cue.open !== true || first === undefined || isOf(first, kinds)) return undefined;
  const lead = sentence.words.slice(end, known.start);
  for (const { index } of lead.matchAll(/\s(?=\S)/g)) {
    if (index === 0 || !behind.test(sentence.words.slice(end + index))) continue;
    const name = unknownName(sentence, end, end + index);
    return name && { names: [name], start: end, end: end + index };
  }
  return undefined;
}

/** The links of a noun: its complement with what stands before it or goes on behind it. */
function nounLinks(
  sentence: MaskedSentence,
  match: Match,
  prior: { readonly match: Match; readonly left: NameList } | undefined,
): { links: Link[]; consumed: number } {
  const { cue, start, end } = match;
  const { words } = sentence;
  const open = cue.open === true;
  const behind = nounContinuation[cue.rule] ?? plainContinuation;
  const kinds = cue.readings.flatMap((reading) => sides(reading).right);
  const known = ofKinds(sentence, listBehind(sentence, end, words.length, open), kinds);
  const complement = strangeComplement(sentence, cue, end, known, behind) ?? known;
  const others = (list: readonly TextName[], consumed = 0) => ({
    links: pairs(match, list, complement.names),
    consumed,
  });
  if (complement.names.length === 0) return others([]);
  const goesOn = behind.exec(words.slice(complement.end));
  if (goesOn !== null) {
    const from = complement.end + goesOn[0].length;
    return others(listBehind(sentence, from, words.length, open).names, from);
  }
  const base = prior?.match.end ?? 0;
  const between = words.slice(base, start);
  if (prior?.match.cue.rule === "is a kind of" && !/[\uE000-\uE0FF,]/.test(between)) {
    return others(prior.left.names);
  }
  const before = copula.exec(between);
  if (before === null) return others([]);
  // "keeps gout quiet and is a drug for it": the verbs share their subject
  if (prior !== undefined && /\b(?:and|but)\s*$/i.test(between.slice(0, before.index + 1))) {
    if (!/[\uE000-\uE0FF]/.test(between)) return others(prior.left.names);
  }
  return others(listBefore(sentence, base, base + before.index, () => true, open).names);
}

/**
 * The links that cues state.
 *
 * @param text The whole text.
 * @param sentence One of its sentences in marks.
 * @param topic The disease that a sentence such as "Symptoms include fever" leaves out.
 * @returns Links in the order of the cues.
 */
export function cueLinks(text: string, sentence: MaskedSentence, topic?: TextName): Link[] {
  const matches = matchesIn(sentence);
  const lefts = subjectsOfCues(sentence, matches);
  const links: Link[] = [];
  let consumed = 0;
  for (const [i, match] of matches.entries()) {
    const { cue, start, end } = match;
    if (start < consumed) continue;
    if (cue.form === "noun") {
      const before = matches[i - 1];
      const prior = before === undefined ? undefined : { match: before, left: lefts[i - 1]! };
      const found = nounLinks(sentence, match, prior);
      links.push(...found.links);
      consumed = found.consumed;
      continue;
    }
    const left = withTopic(cue, lefts[i]!, sentence.words.slice(0, start), topic);
    const limit = limitOf(sentence, end, matches[i + 1], lefts[i + 1]);
    const causes = causeLinks(text, sentence, match, left, limit);
    links.push(...(causes.length > 0 ? causes : verbLinks(sentence, match, left, limit)));
  }
  return links;
}

/** A list up to its first name of another kind. */
function ofKinds(
  { places }: MaskedSentence,
  list: NameList,
  kinds: readonly EntityKind[],
): NameList {
  const fits = (name: TextName): boolean => name.entities.length === 0 || isOf(name, kinds);
  const other = list.names.findIndex((name) => !fits(name));
  const last = list.names[other - 1];
  if (last === undefined) return list;
  return {
    ...list,
    names: list.names.slice(0, other),
    end: places.findIndex((place) => place >= last.end),
  };
}

/** "Relieves the pain of gout": the disease behind the finding is meant. */
function diseaseBehind(
  sentence: MaskedSentence,
  cue: Cue,
  list: NameList,
  limit: number,
): readonly TextName[] {
  const drug = cue.readings[0]!.relation === "palliates" || cue.readings[0]!.relation === "treats";
  const of = /^\s+(?:of|in|from|due\s+to|caused\s+by)\s/i.exec(
    sentence.words.slice(Math.max(0, list.end)),
  );
  if (!drug || of === null || !list.names.every((name) => isOf(name, ["symptom"]))) {
    return list.names;
  }
  const behind = listBehind(sentence, list.end + of[0].length, limit, false).names;
  return behind.some((name) => isOf(name, ["disease"])) ? behind : list.names;
}

/** Whether words between two cues hold more names than the subject of the second. */
function hasMore({ words }: MaskedSentence, from: number, list: NameList): boolean {
  return /[\uE000-\uE0FF]/.test(words.slice(from, list.start)) ||
    /\b(?:and|but|while|whereas|,)\s*$/.test(words.slice(from, list.start));
}

function linkOf({ cue, start, end }: Match, left: TextName, right: TextName): Link[] {
  if (left.person !== undefined) {
    const relation = cue.rule === "takes" ? "takes" : "has";
    if (!isOf(right, textRelationKinds[relation].object)) return [];
    return [{ subject: left, relation, object: right, rule: `person ${cue.rule}` }];
  }
  if (cue.rule === "takes" && isOf(left, ["disease"]) && isOf(right, ["drug"])) {
    return [{ subject: right, relation: "treats", object: left, rule: "patients take" }];
  }
  if (cue.rule === "takes" || cue.rule === "person with") return [];
  if (left.standsFor !== undefined || right.standsFor !== undefined) {
    if (left.entities.some(({ id }) => right.entities.some((other) => other.id === id))) return [];
  }
  if (left.entities.length === 0 && right.entities.length === 0) return [];
  const fitsOne = cue.readings.some((one) =>
    isOf(left, sides(one).left) || isOf(right, sides(one).right)
  );
  if ((left.entities.length === 0 || right.entities.length === 0) && !fitsOne) return [];
  const { relation, subject } = readingOf(cue, left, right);
  const part = (name: TextName): boolean =>
    name.entities.length > 0 && name.entities.every(({ kind }) => kind === "anatomy");
  if (relation === "presents" && (part(left) || part(right))) return [];
  if (
    relation === "is_a" && cue.rule === "is a" && isOf(left, ["disease"]) &&
    !left.entities.some((a) => right.entities.some((b) => a.kind === b.kind))
  ) {
    return [];
  }
  const neutral = cue.neutral && relation !== "presents"
    ? { neutral: [start, end] as const, forbids: cue.forbids === true, denies: cue.denies === true }
    : {};
  return [
    subject === "left"
      ? { subject: left, relation, object: right, rule: cue.rule, ...neutral }
      : { subject: right, relation, object: left, rule: cue.rule, ...neutral },
  ];
}
