/**
 * From sentences to claims: a cue gives the relation, the names around it subject and object, the words around those
 * polarity, person and time.
 *
 * Not read: irony, claims over more than one sentence but for pronouns and labelled lines, degrees and numbers of findings
 * ("fever above 39"), quantifiers ("only", "always"), and relations that no cue names.
 *
 * @module
 */
import { copula, type Cue, type CueReading, cues, nounContinuation, plainContinuation } from "./claim_cues.ts";
import { anyMark, listBefore, listBehind, maskNames, type MaskedSentence, type NameList } from "./masked_sentence.ts";
import { type Field, fieldOf, jsonFields, personalClaims } from "./labelled_lines.ts";
import { deniedSpans, takesBack } from "./negation.ts";
import { type Sentence, sentencesOf } from "./sentences.ts";
import { contextOf } from "./text_context.ts";
import { namesIn } from "./text_names.ts";
import type { TextClaim, TextName, TextRelation } from "./text_types.ts";
import type { EntityKind, Knowledge } from "./types.ts";

/** The kinds that each side of a relation needs; a person is the subject of `has` and `takes`. */
export const textRelationKinds: Readonly<
  Record<TextRelation, { readonly subject: readonly EntityKind[]; readonly object: readonly EntityKind[] }>
> = {
  presents: { subject: ["disease"], object: ["symptom"] },
  treats: { subject: ["drug"], object: ["disease"] },
  modifies: { subject: ["drug"], object: ["disease"] },
  palliates: { subject: ["drug"], object: ["disease"] },
  not_indicated: { subject: ["drug"], object: ["disease"] },
  contraindicated: { subject: ["drug"], object: ["disease"] },
  localizes: { subject: ["disease"], object: ["anatomy"] },
  resembles: { subject: ["disease"], object: ["disease"] },
  includes: { subject: ["class"], object: ["drug"] },
  is_a: { subject: ["disease", "symptom"], object: ["disease", "symptom"] },
  caused_by: { subject: ["disease"], object: [] },
  transmitted_by: { subject: ["disease"], object: [] },
  has: { subject: [], object: ["symptom", "disease"] },
  takes: { subject: [], object: ["drug"] },
};

/** A relation between two names, before it is known how it is said. */
interface Link {
  readonly subject: TextName;
  readonly relation: TextRelation;
  readonly object: TextName;
  readonly rule: string;
  /** The cue's place in the marked words, where it looks like a denial. */
  readonly neutral?: readonly [start: number, end: number];
}

interface Match {
  readonly cue: Cue;
  readonly start: number;
  readonly end: number;
}

const isOf = (name: TextName, kinds: readonly EntityKind[]): boolean =>
  name.entities.some(({ kind }) => kinds.includes(kind));

const sides = ({ relation, subject }: CueReading) => {
  const kinds = textRelationKinds[relation];
  return subject === "left"
    ? { left: kinds.subject, right: kinds.object }
    : { left: kinds.object, right: kinds.subject };
};

/** The reading whose kinds both names have; an unknown name has any, but not both. */
function readingOf({ readings }: Cue, left: TextName, right: TextName): CueReading {
  const fits = (name: TextName, kinds: readonly EntityKind[]): boolean =>
    name.entities.length === 0 || isOf(name, kinds);
  const full = readings.find((reading) => {
    const { left: l, right: r } = sides(reading);
    return fits(left, l) && fits(right, r) && (isOf(left, l) || isOf(right, r));
  });
  return full ?? readings[0]!;
}

/** The cues in a sentence, none over another. */
function matchesIn({ words }: MaskedSentence): Match[] {
  const all = cues.flatMap((cue) =>
    [...words.matchAll(cue.pattern)].map(({ index, 0: found }) => ({
      cue,
      start: index,
      end: index + found.length,
    }))
  ).filter(({ start, end }) => end > start);
  all.sort((a, b) =>
    a.start - b.start || b.end - a.end || Number(a.cue.form === "verb") - Number(b.cue.form === "verb")
  );
  const kept: Match[] = [];
  for (const match of all) {
    if (match.start >= (kept.at(-1)?.end ?? 0)) kept.push(match);
  }
  return kept;
}

const inherits = /(?:^|[\s,])(?:and|or|but|then)\s+(?:(?:also|often|usually|then|sometimes|can|may|does|do|is|are|\w+ly)\s+)*(?:(?:not|never|no\s+longer)\s+)?$/i;
const relativeBefore = /\b(?:which|who|that)\s+(?:(?:can|may|often|usually|also|commonly)\s+)*$/i;
const nothing: NameList = { names: [], start: -1, end: -1 };

/** The person that a verb speaks of; "whose mother" serves one verb only. */
function personBefore(
  { words, names }: MaskedSentence,
  at: number,
  matches: readonly Match[],
): TextName | undefined {
  for (let i = at - 1; i >= 0; i--) {
    if (/[;:]/.test(words[i]!)) return undefined;
    const name = names.get(words[i]!);
    if (name?.person === undefined) continue;
    const served = matches.some(({ cue, start }) => cue.personal && start > i && start < at);
    const passing = /^whose\b/i.test(name.text) ||
      (name.person === "family" && /\b(?:with|whose|of|by|like)\s+$/i.test(words.slice(0, i)));
    if (passing && served) continue;
    return name;
  }
  return undefined;
}

/** What stands before each cue. */
function subjectsOfCues(sentence: MaskedSentence, matches: readonly Match[]): (NameList & { inherited: boolean })[] {
  const lists: (NameList & { inherited: boolean })[] = [];
  for (const [i, { cue, start }] of matches.entries()) {
    const from = matches[i - 1]?.end ?? 0;
    const gap = sentence.words.slice(from, start);
    const person = cue.personal ? personBefore(sentence, start, matches) : undefined;
    const before = lists[i - 1];
    if (person !== undefined) {
      lists.push({ names: [person], start: -1, end: -1, inherited: true });
      continue;
    }
    const participle = i > 0 && /ing$/.test(sentence.words.slice(start, matches[i]!.end)) &&
      /,\s*(?:\w+ly\s+)?$/.test(gap);
    const relative = participle || i > 0 &&
      relativeBefore.test(sentence.words.slice(0, matches[i - 1]!.start)) && /,\s*$/.test(gap);
    const bare = i > 0 && !/[\uE000-\uE0FF,;:]/.test(gap) && gap.trim().split(/\s+/).length <= 6 &&
      !/\b(?:because|while|whereas|when|that)\b/i.test(gap);
    const shared = before !== undefined && before.names.length > 0 &&
      before.names.every((name) => name.person === undefined) && (inherits.test(gap) || relative || bare);
    if (shared) {
      lists.push({ ...before, inherited: true });
      continue;
    }
    const kinds = cue.readings.flatMap((reading) => sides(reading).left);
    if (cue.rule === "symptoms include" && /,/.test(gap) && before !== undefined && before.names.length > 0) {
      lists.push({ ...before, inherited: true });
      continue;
    }
    const list = listBefore(
      sentence,
      from,
      start,
      (name) => isOf(name, kinds),
      cue.open === true && cue.form === "verb",
    );
    lists.push({ ...list, inherited: false });
  }
  return lists;
}

/** The words behind a cue, up to a comma, as what causes or carries a disease. */
function causeBehind({ words, places }: MaskedSentence, text: string, from: number): TextName | undefined {
  const rest = words.slice(from);
  const length = /[,.;!?()]|\s(?:and|or|which|that|but|in|with)\s|$/.exec(rest)!.index;
  const [start, end] = [places[from]!, places[from + length]!];
  const raw = text.slice(start, end);
  const lead = /^\s*(?:(?:an?|the|infection\s+with|bites?\s+of)\s+)*/i.exec(raw)![0].length;
  const name = raw.slice(lead).trimEnd();
  if (name === "" || name.split(/\s+/).length > 6) return undefined;
  return { start: start + lead, end: start + lead + name.length, text: name, entities: [] };
}

function linksOf(text: string, sentence: MaskedSentence): Link[] {
  const matches = matchesIn(sentence);
  const lefts = subjectsOfCues(sentence, matches);
  const links: Link[] = [];
  let consumed = 0;
  for (const [i, match] of matches.entries()) {
    if (match.start < consumed) continue;
    const { cue, start, end } = match;
    const next = matches[i + 1];
    const nextLeft = lefts[i + 1];
    const limit = next === undefined
      ? sentence.words.length
      : nextLeft !== undefined && !nextLeft.inherited && nextLeft.start >= end && next.cue.form === "verb" &&
          hasMore(sentence, end, nextLeft)
      ? nextLeft.start
      : next.start;
    const link = (left: readonly TextName[], right: readonly TextName[]): void => {
      for (const one of left) {
        for (const other of right) links.push(...linkOf(match, one, other));
      }
    };
    if (cue.form === "verb") {
      const left = lefts[i]!;
      if (/^is (?:caused|spread)/.test(cue.rule)) {
        const diseases = left.names.filter((name) => isOf(name, ["disease"]) && !isOf(name, ["symptom"]));
        const cause = causeBehind(sentence, text, end);
        const right = listBehind(sentence, end, limit, false);
        const named = right.names.some((name) => cause !== undefined && name.end === cause.end);
        if (diseases.length > 0 && cause !== undefined && !(named && isOf(right.names[0]!, ["disease", "symptom"]))) {
          const relation = cue.rule === "is spread by" ? "transmitted_by" : "caused_by";
          for (const subject of diseases) links.push({ subject, relation, object: cause, rule: cue.rule });
          continue;
        }
      }
      const right = listBehind(sentence, end, limit, cue.open === true);
      const fronted = right.names.length === 0 && (cue.rule === "presents with" || cue.rule === "has") &&
          left.start > 0 && left.names.some((name) => isOf(name, ["disease"]))
        ? listBefore(sentence, 0, left.start, (name) => isOf(name, ["symptom"]), false).names.filter((name) =>
          isOf(name, ["symptom"])
        )
        : diseaseBehind(sentence, cue, right, limit);
      link(left.names, fronted);
      continue;
    }
    const complement = ofKinds(
      sentence,
      listBehind(sentence, end, sentence.words.length, cue.open === true),
      cue.readings.flatMap((reading) => sides(reading).right),
    );
    if (complement.names.length === 0) continue;
    const behind = nounContinuation[cue.rule] ?? plainContinuation;
    const goesOn = behind.exec(sentence.words.slice(complement.end));
    const before = copula.exec(sentence.words.slice(matches[i - 1]?.end ?? 0, start));
    if (goesOn !== null) {
      const from = complement.end + goesOn[0].length;
      const other = listBehind(sentence, from, sentence.words.length, cue.open === true);
      consumed = from;
      if (cue.rule === "avoid") link(other.names, complement.names);
      else link(other.names, complement.names);
    } else if (before !== null) {
      const base = matches[i - 1]?.end ?? 0;
      const other = listBefore(sentence, base, base + before.index, () => true, cue.open === true);
      link(other.names, complement.names);
    }
  }
  const loose = [...links, ...looseLinks(sentence, links)];
  const all = [...loose, ...topicLinks(sentence, loose)];
  return all.length === 0 ? plainLinks(sentence) : all;
}

/** A list up to its first name of another kind. */
function ofKinds({ places }: MaskedSentence, list: NameList, kinds: readonly EntityKind[]): NameList {
  const fits = (name: TextName): boolean => name.entities.length === 0 || isOf(name, kinds);
  const other = list.names.findIndex((name) => !fits(name));
  const last = list.names[other - 1];
  if (last === undefined) return list;
  return { ...list, names: list.names.slice(0, other), end: places.findIndex((place) => place >= last.end) };
}

/** "Relieves the pain of gout": the disease behind the finding is meant. */
function diseaseBehind(sentence: MaskedSentence, cue: Cue, list: NameList, limit: number): readonly TextName[] {
  const drug = cue.readings[0]!.relation === "palliates" || cue.readings[0]!.relation === "treats";
  const of = /^\s+(?:of|in|from|due\s+to|caused\s+by)\s/i.exec(sentence.words.slice(Math.max(0, list.end)));
  if (!drug || of === null || !list.names.every((name) => isOf(name, ["symptom"]))) return list.names;
  const behind = listBehind(sentence, list.end + of[0].length, limit, false).names;
  return behind.some((name) => isOf(name, ["disease"])) ? behind : list.names;
}

/** Whether words between two cues hold more names than the subject of the second. */
function hasMore({ words }: MaskedSentence, from: number, list: NameList): boolean {
  return /[\uE000-\uE0FF]/.test(words.slice(from, list.start)) || /\b(?:and|but|while|whereas|,)\s*$/.test(words.slice(from, list.start));
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
  if (left.entities.length === 0 && right.entities.length === 0) return [];
  const fitsOne = cue.readings.some((one) => isOf(left, sides(one).left) || isOf(right, sides(one).right));
  if ((left.entities.length === 0 || right.entities.length === 0) && !fitsOne) return [];
  const { relation, subject } = readingOf(cue, left, right);
  const part = (name: TextName): boolean => name.entities.length > 0 && name.entities.every(({ kind }) => kind === "anatomy");
  if (relation === "presents" && (part(left) || part(right))) return [];
  if (relation === "is_a" && cue.rule === "is a" && isOf(left, ["disease"]) && !left.entities.some((a) => right.entities.some((b) => a.kind === b.kind))) {
    return [];
  }
  const neutral = cue.neutral && relation !== "presents" ? { neutral: [start, end] as const } : {};
  return [
    subject === "left"
      ? { subject: left, relation, object: right, rule: cue.rule, ...neutral }
      : { subject: right, relation, object: left, rule: cue.rule, ...neutral },
  ];
}

const apposition =
  /([\uE000-\uE0FF]),\s+(?:an?|the)\s+(?:[\p{L}-]+\s+){0,2}([\uE000-\uE0FF])(?=\s*[,)])/gu;
const mutual = new RegExp(
  String.raw`([\uE000-\uE0FF])\s+and\s+([\uE000-\uE0FF])\s+(?:[\p{L}]+\s+){0,3}?(?:share|overlap|resemble\s+(?:each\s+other|one\s+another)|` +
    String.raw`mimic\s+(?:each\s+other|one\s+another)|look\s+(?:very\s+|much\s+)?alike|(?:are|be)\s+(?:[\p{L}]+\s+)?(?:similar|alike|confused|mistaken|told\s+apart|difficult|hard))\b`,
  "giu",
);

const withoutFinding = /([\uE000-\uE0FF])\s+(?:comes\s+|occurs\s+)?without\s+(?:[\p{L}-]+\s+){0,2}?([\uE000-\uE0FF])/gu;
const seenIn =
  /\b(?:sees?|finds?|expects?|observes?|encounters?|notes?|rule\s+out|exclude|ignore|overlook|miss|forget)\s+(?:[\p{L}]+\s+){0,2}?([\uE000-\uE0FF])\s+in\s+(?:(?:patients|people|those|cases)\s+(?:with|of)\s+)?([\uE000-\uE0FF])/giu;
const purposeWords =
  /(?<=[\uE000-\uE0FF]\s+(?:[\p{L}\d-]+\s+){0,3}?)(?:for|against|in\s+(?:the\s+)?(?:treatment|management|therapy)\s+of)(?=\s+(?:(?!of\b)[\p{L}-]+\s+){0,3}?[\uE000-\uE0FF])/giu;

/** "Prescribe topiramate or lamotrigine for epilepsy". */
function drugsFor(sentence: MaskedSentence, known: (a: TextName, b: TextName) => boolean): Link[] {
  return [...sentence.words.matchAll(purposeWords)].flatMap(({ index, 0: found }) => {
    const drugs = listBefore(sentence, 0, index, (name) => isOf(name, ["drug"]), false).names;
    const diseases = listBehind(sentence, index + found.length, sentence.words.length, false).names;
    return drugs.filter((name) => isOf(name, ["drug"])).flatMap((subject) =>
      diseases.filter((object) => isOf(object, ["disease"]) && !known(subject, object))
        .map((object): Link => ({ subject, relation: "treats", object, rule: "drug for" }))
    );
  });
}

/** Two names side by side: "gout, an arthritis, ...", "colchicine for gout". */
function looseLinks(sentence: MaskedSentence, found: readonly Link[]): Link[] {
  const { words, names } = sentence;
  const known = (a: TextName, b: TextName): boolean =>
    found.some((link) =>
      (link.subject === a && link.object === b) || (link.subject === b && link.object === a)
    );
  const read = (
    pattern: RegExp,
    rule: string,
    relation: TextRelation,
    left: readonly EntityKind[],
    right: readonly EntityKind[],
  ): Link[] =>
    [...words.matchAll(pattern)].flatMap(([, a, b]) => {
      const [subject, object] = [names.get(a!)!, names.get(b!)!];
      if (!isOf(subject, left) || !isOf(object, right) || known(subject, object)) return [];
      return [{ subject, relation, object, rule }];
    });
  return [
    ...read(apposition, "apposition", "is_a", ["disease"], ["disease"]),
    ...read(withoutFinding, "comes without", "presents", ["disease"], ["symptom"]),
    ...read(seenIn, "seen in", "presents", ["symptom"], ["disease"]).map((link): Link => ({
      ...link,
      subject: link.object,
      object: link.subject,
    })),
    ...drugsFor(sentence, known),
    ...read(mutual, "alike", "resembles", ["disease"], ["disease"]),
  ];
}

const noReport =
  /\b(?:talk|talked|discuss\w*|mention\w*|wrote|writ\w+|ask\w*|thank\w*|read|reading|learn\w*|spoke|speak\w*|study|studied|lecture|meeting|topic|paper|text|worse\w*|harm\w*|kill\w*|aggravat\w*|poison\w*|differ\w*|than|compared|we|i|you|they)\b/i;

/** Subject, other words, object: where no cue stands between them the kinds alone give the relation. */
function plainLinks(sentence: MaskedSentence): Link[] {
  const { words } = sentence;
  const head = listBehind(sentence, 0, words.length, false);
  const tail = listBehind(sentence, Math.max(0, head.end), words.length, false);
  const [a, b] = [head.names[0], tail.names[0]];
  if (a === undefined || b === undefined || noReport.test(words)) return [];
  const [lead, gap] = [words.slice(0, head.start), words.slice(head.end, tail.start)];
  const count = gap.trim().split(/\s+/).length;
  if (lead.trim().split(/\s+/).length > 4 || count < 2 || count > 8 || /[,;:()]/.test(gap)) return [];
  const passive = /\b(?:with|by|on|to|from|under)\s+(?:[\p{L}-]+\s+){0,3}$/iu.test(gap);
  const place = /\b(?:in|of|on|at|from|within|into)\s+(?:[\p{L}-]+\s+){0,3}$/iu.test(gap);
  const make = (relation: TextRelation, turned: boolean): Link[] =>
    head.names.flatMap((one) =>
      tail.names.map((other): Link => ({
        subject: turned ? other : one,
        relation,
        object: turned ? one : other,
        rule: "plain sentence",
      }))
    );
  const only = (name: TextName, kind: EntityKind): boolean => name.entities.every((one) => one.kind === kind);
  if (only(a, "disease") && isOf(b, ["symptom"])) return make("presents", false);
  if (only(a, "symptom") && isOf(b, ["disease"]) && (place || passive)) return make("presents", true);
  if (only(a, "drug") && isOf(b, ["disease"])) return make("treats", false);
  if (only(a, "disease") && only(b, "drug") && passive) return make("treats", true);
  if (only(a, "disease") && only(b, "anatomy") && place) return make("localizes", false);
  return [];
}

const topic =
  /^\W*(?:clinically,?\s+|often,?\s+|typically,?\s+)?(for\s+(?:symptom\w*)\s+(?:control|relief|treatment)\s+(?:in|of)|in\s+the\s+(?:treatment|management|therapy)\s+of|(?:when|once|after)\s+(?:someone|people|patients|a\s+person|one)\s+(?:catch(?:es)?|ha(?:s|ve)|gets?|develops?|contracts?)|in|with|for|during|among)\s+(?:(?:patients|people|those|cases|most\s+patients|children|adults)\s+(?:with|of)\s+)?(?:[\p{L}-]+\s+){0,2}?(?=[\uE000-\uE0FF])/iu;

/** "In gout, joint pain is the leading complaint", "For gout, allopurinol is the standard". */
function topicLinks(sentence: MaskedSentence, found: readonly Link[]): Link[] {
  const lead = topic.exec(sentence.words);
  if (lead === null) return [];
  const head = listBehind(sentence, lead[0].length, sentence.words.length, false);
  const other = head.names.findIndex((name) => !isOf(name, ["disease"]));
  const diseases = other < 0 ? head.names : head.names.slice(0, other);
  const last = diseases.at(-1);
  if (last === undefined) return [];
  const end = sentence.places.findIndex((place) => place >= last.end);
  const rest = sentence.words.slice(end);
  if (!/^\s*,|^\s+(?=[\uE000-\uE0FF])/.test(rest)) return [];
  const words = listBehind(sentence, end + 1, sentence.words.length, false);
  const site = /\b(?:sits?|lies|affect\w*|involv\w*|located|attack\w*|inflam\w*|seat|site|damage[sd]?)\b/i.test(rest);
  const marked = [...rest.matchAll(anyMark)].map(([mark]) => sentence.names.get(mark)!);
  const names = words.names.length > 0 ? words.names : marked;
  const known = (name: TextName): boolean =>
    found.some(({ subject, object }) => subject === name || object === name);
  return names.flatMap((name): Link[] => {
    if (known(name) || name.person !== undefined) return [];
    const relation = isOf(name, ["symptom"])
      ? "presents"
      : isOf(name, ["drug"])
      ? "treats"
      : isOf(name, ["anatomy"]) && site
      ? "localizes"
      : undefined;
    if (relation === undefined) return [];
    return diseases.map((disease) =>
      relation === "treats"
        ? {
          subject: name,
          relation: /symptom/i.test(lead[1]!) ? "palliates" : relation,
          object: disease,
          rule: "topic",
        }
        : { subject: disease, relation, object: name, rule: "topic" }
    );
  });
}

const noteStart =
  /^\W*(?:(?:on|at)\s+(?:examination|presentation|admission|arrival),?\s*)?(?:there\s+(?:is|are|was|were)|denies|denied|reports?|reported|complains?\s+of|presents?\s+with|presented\s+with|has|had|no|without|(?:(?:remote|past|long|known|previous|prior|positive)\s+)?(?:medical\s+)?history\s+of|(?:family\s+|medical\s+)?history\s+(?:is|was)\s+(?:positive|notable|significant|remarkable)\s+for|known)\b/i;

const presence =
  /(?:\b(?:is|are|was|were)\s+(?:\w+ly\s+|also\s+|not\s+)*(?:present|absent|noted|found|seen|reported|denied|evident)|\bruns\s+in\s+[\uE100-\uE1FF])(?=\s*(?:[,.;]|$|and\b|but\b|in\s+(?:childhood|infancy|youth|the\s+past|(?:19|20)\d\d)))/giu;

/** "Cough is present, fever is absent", "Asthma runs in the family". */
function presentSentence(sentence: MaskedSentence, place: Sentence, found: readonly Link[]): Link[] {
  if (place.form !== "statement") return [];
  let from = 0;
  return [...sentence.words.matchAll(presence)].flatMap(({ index, 0: words }) => {
    const list = listBefore(sentence, from, index, (name) => isOf(name, ["symptom", "disease"]), false);
    from = index + words.length;
    const patient = impliedPatient(place.start);
    const subject = /[\uE100-\uE1FF]$/.test(words) ? { ...patient, text: "family", person: "family" as const } : patient;
    return list.names.filter((name) =>
      isOf(name, ["symptom", "disease"]) && !found.some(({ object }) => object === name)
    ).map((object): Link => ({ subject, relation: "has", object, rule: "present or absent" }));
  });
}

/** Notes without a subject: "Denies fever.", "No rash.", "On examination there is oliguria". */
function noteLinks(sentence: MaskedSentence, place: Sentence, found: readonly Link[]): Link[] {
  const present = presentSentence(sentence, place, found);
  if (present.length > 0) return present;
  const lead = noteStart.exec(sentence.words);
  if (lead === null || place.form !== "statement" || found.length > 0) return [];
  if (/\b(?:cases?|place|role|evidence|use|drug|treatment)\b/i.test(sentence.words.slice(0, lead[0].length + 40))) return [];
  const list = listBehind(sentence, lead[0].length, sentence.words.length, false);
  const whole = /^\W*(?:no|without|history|known)/i.test(lead[0]);
  if (whole && /[\p{L}]{3,}/u.test(sentence.words.slice(list.end))) return [];
  return list.names.filter((name) => isOf(name, ["symptom", "disease"])).map((object) => ({
    subject: impliedPatient(place.start),
    relation: "has",
    object,
    rule: "note without a subject",
  }));
}

/**
 * The patient where no word names one.
 *
 * @param at A place in the text.
 * @returns A name without length there.
 */
export function impliedPatient(at: number): TextName {
  return { start: at, end: at, text: "patient", entities: [], person: "patient" };
}

const denialWords =
  /\b(?:relie\w+|eas(?:es?|ed)|alleviat\w+|reduc\w+|lessens?|cures?|cured|lowers?|contraindicated|avoid(?:ed|s)?|harmful|dangerous|unsafe|prevents?|mistaken)\b/gi;

/** The sentence with those words of its cues replaced that deny elsewhere and not here. */
function neutralised(text: string, place: Sentence, { places }: MaskedSentence, links: readonly Link[]): string {
  let plain = text.slice(place.start, place.end);
  for (const { neutral } of links) {
    if (neutral === undefined) continue;
    const [from, to] = [places[neutral[0]]! - place.start, places[neutral[1]]! - place.start];
    plain = plain.slice(0, from) +
      plain.slice(from, to).replace(denialWords, (word) => "helps".padEnd(word.length)) + plain.slice(to);
  }
  return plain;
}

/** Which of the names are denied. */
function deniedNames(plain: string, place: Sentence, links: readonly Link[]): Set<TextName> {
  const names = [...new Set(links.flatMap(({ subject, object }) => [subject, object]))]
    .filter(({ person, start, end }) => person === undefined && start >= place.start && end <= place.end)
    .sort((a, b) => a.start - b.start || a.end - b.end);
  const flags = deniedSpans(
    plain,
    names.map(({ start, end }) => ({ start: start - place.start, end: end - place.start })),
  );
  return new Set(names.filter((_, i) => flags[i]));
}

/** What one sentence says, and its names. */
function claimsOfSentence(
  k: Knowledge,
  text: string,
  place: Sentence,
  topics: readonly (readonly TextName[])[],
): { claims: TextClaim[]; names: TextName[] } {
  const names = namesIn(k, text.slice(place.start, place.end), place.start, topics);
  if (names.length === 0) return { claims: [], names };
  const sentence = maskNames(text, place.start, place.end, names);
  const main = linksOf(text, sentence);
  const links = [...main, ...noteLinks(sentence, place, main)];
  if (links.length === 0) return { claims: [], names };
  const denied = deniedNames(neutralised(text, place, sentence, links), place, links);
  const hypothetical = place.form === "question" || place.form === "condition" ||
    place.form === "instruction";
  const claims = links.map(({ subject, relation, object, rule }): TextClaim => {
    const context = contextOf(text, object, place);
    const personal = subject.person !== undefined;
    const experiencer = subject.person === "family" ? "family" : context.experiencer ?? "patient";
    return {
      subject,
      relation,
      object,
      polarity: denied.has(object) || (denied.has(subject) && rule !== "comes without") ? "denied" : "affirmed",
      experiencer: personal ? experiencer : "general",
      time: personal ? context.time : "now",
      certainty: hypothetical ? "hypothetical" : context.certainty,
      start: place.start,
      end: place.end,
      rule,
    };
  });
  return { claims, names };
}

const yes = /^\W*yes\b/i;

/** What a text says: its claims, its labelled values, and the names of its questions. */
export interface TextReading {
  /** Claims of sentences, and what labelled lines say of a patient. */
  readonly claims: readonly TextClaim[];
  /** The values of known labels. */
  readonly fields: readonly Field[];
  /** Its sentences with the names in them. */
  readonly sentences: readonly { readonly place: Sentence; readonly names: readonly TextName[] }[];
}

/**
 * Reads a text, in the order of its sentences. Questions, conditions and instructions give hypothetical claims; a question
 * that the next sentence answers with yes or no gives claims.
 *
 * @param k The graph, which knows the names.
 * @param text Any text.
 * @returns The claims with their places. Time grows with the length of the text.
 */
export function readText(k: Knowledge, text: string): TextReading {
  const json = jsonFields(k, text);
  if (json !== undefined) {
    const claims = json.flatMap((field) => personalClaims(field, text, field, impliedPatient(field.start)));
    return { claims, fields: json, sentences: [] };
  }
  const places = sentencesOf(text);
  const topics: TextName[][] = [];
  const claims: TextClaim[] = [];
  const fields: Field[] = [];
  const sentences: { place: Sentence; names: readonly TextName[] }[] = [];
  for (const [i, place] of places.entries()) {
    const field = place.label === undefined
      ? undefined
      : fieldOf(k, text, place.label, place.start, place.end);
    const sentence = field === undefined || field.names.length < 2
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
      const answer = next === undefined ? "" : text.slice(next.start, next.end);
      const whole = answer.length <= 40 && takesBack(answer)
        ? { ...field, denied: new Set(field.names) }
        : field;
      fields.push(whole);
      claims.push(...personalClaims(whole, text, place, impliedPatient(place.start)));
      sentences.push({ place, names: field.names });
      continue;
    }
    const read = claimsOfSentence(k, text, place, topics);
    const next = places[i + 1];
    const answer = next === undefined ? "" : text.slice(next.start, next.end).split(/[,.;!\n]/)[0]!;
    const back = takesBack(answer);
    const asked = place.form === "question" && (yes.test(answer) || back);
    claims.push(...read.claims.map((claim): TextClaim => ({
      ...claim,
      ...(asked ? { certainty: "stated" as const, rule: `${claim.rule}, answered` } : {}),
      ...(back ? { polarity: claim.polarity === "denied" ? "affirmed" : "denied" } : {}),
    })));
    sentences.push({ place, names: read.names });
    topics.unshift(read.names.filter(({ entities }) => entities.length > 0));
    topics.length = Math.min(topics.length, 2);
  }
  return { claims, fields, sentences };
}
