/**
 * Links without a cue between the names: names side by side, a topic in front, notes that leave the patient out, and plain
 * sentences whose names allow one relation only.
 *
 * @module
 */
import {
  anyMark,
  isJoint,
  listBefore,
  listBehind,
  type MaskedSentence,
  type NameList,
} from "./masked_sentence.ts";
import { isOf, type Link, textRelationKinds } from "./relation_links.ts";
import type { Sentence } from "./sentences.ts";
import type { TextName, TextRelation } from "./text_types.ts";
import { adverb, be, finding, mustNot } from "./cue.ts";
import type { EntityKind } from "./types.ts";

const apposition =
  /([\uE000-\uE0FF]),\s+(?:an?|the)\s+(?:[\p{L}-]+\s+){0,2}([\uE000-\uE0FF])(?=\s*[,)])/gu;
const mutual = new RegExp(
  String
    .raw`([\uE000-\uE0FF])\s+and\s+([\uE000-\uE0FF])\s+(?:[\p{L}]+\s+){0,3}?(?:share|overlap|resemble\s+(?:each\s+other|one\s+another)|` +
    String
      .raw`mimic\s+(?:each\s+other|one\s+another)|look\s+(?:very\s+|much\s+)?alike|(?:are|be)\s+(?:[\p{L}]+\s+)?(?:similar|alike|confused|mistaken|told\s+apart|difficult|hard))\b`,
  "giu",
);

const linkBetween =
  /\b(?:link|association|connection|relation(?:ship)?|correlation)\s+between\s+(?:[\p{L}-]+\s+){0,2}?([\uE000-\uE0FF])\s+and\s+(?:[\p{L}-]+\s+){0,2}?([\uE000-\uE0FF])/giu;
const together =
  /([\uE000-\uE0FF])\s+and\s+([\uE000-\uE0FF])\s+(?:[\p{L}]+\s+){0,3}?(?:(?:go|occur|come|appear|are\s+found|are\s+seen|are\s+reported)\s+(?:\w+\s+)?together|co-?occur|coexist|(?:are|be)\s+(?:[\p{L}]+\s+)?(?:associated|correlated|linked|related))\b(?!\s+(?:with|to)\b)/giu;
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
    ...drugsFor(sentence, known),
    ...read(linkBetween, "link between", "associated", ["disease", "symptom"], [
      "disease",
      "symptom",
    ]),
    ...read(together, "go together", "associated", ["disease", "symptom"], ["disease", "symptom"]),
    ...read(mutual, "alike", "resembles", ["disease"], ["disease"]),
  ];
}

const noReport =
  /\b(?:talk|talked|discuss\w*|mention\w*|wrote|writ\w+|ask\w*|thank\w*|read|reading|learn\w*|spoke|speak\w*|study|studied|lecture|meeting|topic|paper|text|worse\w*|harm\w*|kill\w*|aggravat\w*|poison\w*|differ\w*|than|compared|we|i|you|they)\b/i;

/** Words against a reading by kinds: what is said of a drug is no use of it. */
const noUse =
  /\b(?:no-go|bad|poor|wrong|risk\w*|danger\w*|stop\w*|despite|fail\w*|useless|cause[sd]?|induce[sd]?|trigger\w*|due|side|adverse|allerg\w*|overdose|tox\w*|safe\w*|unsafe|careful|caution\w*|monitor\w*)\b/i;
const noFinding =
  /\b(?:treat\w*|cure\w*|relie\w*|drugs?|medic\w*|unlike|versus|vs|instead|distinguish\w*|tell\s+apart|risk\w*|prevent\w*|vaccin\w*|before|after|until)\b/i;

/** Names in lists, from left to right, with the words between. */
function groupsIn({ words, names }: MaskedSentence): NameList[] {
  const groups: NameList[] = [];
  for (const { index, 0: mark } of words.matchAll(anyMark)) {
    const name = names.get(mark)!;
    const last = groups.at(-1);
    if (last !== undefined && isJoint(words.slice(last.end, index))) {
      groups[groups.length - 1] = { ...last, names: [...last.names, name], end: index + 1 };
    } else groups.push({ names: [name], start: index, end: index + 1 });
  }
  return groups;
}

/** Two names or lists of names with other words: where no cue stands between them their kinds alone give the relation. */
function plainLinks(sentence: MaskedSentence): Link[] {
  const { words } = sentence;
  const groups = groupsIn(sentence).filter(({ names }) =>
    !names.every((name) => isOf(name, ["anatomy"]))
  );
  const [head, tail] = groups.length === 2 ? groups : groupsIn(sentence);
  const [a, b] = [head?.names[0], tail?.names[0]];
  if (head === undefined || tail === undefined || a === undefined || b === undefined) return [];
  if ([...head.names, ...tail.names].some(({ person }) => person !== undefined)) return [];
  const [lead, gap, rest] = [
    words.slice(0, head.start),
    words.slice(head.end, tail.start),
    words.slice(tail.end),
  ];
  const count = gap.trim().split(/\s+/).length;
  const alone = lead.trim() === "" && !/\p{L}/u.test(rest);
  if (
    noReport.test(words) || lead.trim().split(/\s+/).length > 7 || count > 11 ||
    /[;:()]/.test(gap) ||
    !/\p{L}/u.test(gap) || (alone && count === 1 && !/^\s+\p{L}+(?:s|ed)\s+$/u.test(gap))
  ) return [];
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
  const only = (name: TextName, kind: EntityKind): boolean =>
    name.entities.every((one) => one.kind === kind);
  const [onwards, backwards] = [
    isOf(a, ["disease"]) && isOf(b, ["symptom"]),
    isOf(a, ["symptom"]) && isOf(b, ["disease"]),
  ];
  if (onwards || backwards) {
    if (noFinding.test(words)) return [];
    return make("presents", backwards && (!onwards || place || passive));
  }
  const used = !noUse.test(words);
  if (only(a, "drug") && isOf(b, ["disease"]) && used) return make("treats", false);
  if (only(a, "disease") && only(b, "drug") && used && (passive || count > 1)) {
    return make("treats", true);
  }
  if (only(a, "disease") && only(b, "anatomy") && place) return make("localizes", false);
  return [];
}

/** "Poor concentration is typical.": of the disease of which the sentences before speak. */
const elliptic = new RegExp(
  String
    .raw`^\s*(?:${be})${adverb}(?:an?\s+)?(?:[\p{L}-]+\s+)?(?:typical|common|usual|frequent|characteristic|rare|uncommon|unusual|expected|absent|${finding})\s*[.!]?\s*$`,
  "iu",
);

/**
 * What a sentence says of a disease that it leaves out.
 *
 * @param sentence The sentence in marks.
 * @param topic The disease of which the sentences before speak.
 * @returns Links; none where the sentence says more.
 */
export function ellipticLinks(sentence: MaskedSentence, topic: TextName | undefined): Link[] {
  const groups = groupsIn(sentence);
  const [only] = groups;
  if (topic === undefined || only === undefined || groups.length > 1) return [];
  if (!elliptic.test(sentence.words.slice(only.end))) return [];
  if (sentence.words.slice(0, only.start).trim().split(/\s+/).length > 3) return [];
  return only.names.filter((name) => isOf(name, ["symptom"])).map((object): Link => ({
    subject: topic,
    relation: "presents",
    object,
    rule: "said of the topic",
  }));
}

const topic =
  /^\W*(?:clinically,?\s+|often,?\s+|typically,?\s+)?(for\s+(?:symptom\w*)\s+(?:control|relief|treatment)\s+(?:in|of)|(?:in|for|as)\s+(?:the\s+|an?\s+)?(?:treatment|management|therapy)\s+(?:of|for)|to\s+(?:treat|manage|control|cure|fight|relieve)|(?:when|while)\s+treating|(?:when\s+it\s+comes\s+to|as\s+(?:for|to)|regarding|against|in\s+the\s+presence\s+of|in\s+cases?\s+of|given)|(?:when|once|after)\s+(?:someone|people|patients|a\s+person|one)\s+(?:catch(?:es)?|ha(?:s|ve)|gets?|develops?|contracts?)|in|with|for|during|among)\s+(?:(?:patients|people|those|cases|most\s+patients|children|adults)\s+(?:with|of)\s+)?(?:[\p{L}-]+\s+){0,2}?(?=[\uE000-\uE0FF])/iu;

/** How a sentence goes on behind its topic: "In gout, ...", "With gout comes ...". */
const behindTopic =
  /^\s*,|^\s+(?:(?!(?:and|or|as|of|with|in|by|that|which|who)\b)\p{L}+\s+){0,3}(?=[\uE000-\uE0FF])/u;

/** Behind a topic: what speaks against a drug. */
const forbids = new RegExp(
  String
    .raw`${mustNot}\s+(?:given|used|taken|prescribed|administered|started|offered)\b|\bcontraindicated\b|\b(?:to\s+be|best|be)\s+avoided\b|\bavoid\b|\b(?:unsafe|dangerous|harmful|forbidden)\b`,
  "iu",
);

/** The places in the marked words between two names. */
const gapOf = ({ places }: MaskedSentence, a: TextName, b: TextName): [number, number] => [
  places.indexOf(a.start) + 1,
  places.indexOf(b.start),
];

/** "In gout, joint pain is the leading complaint", "For gout, allopurinol is the standard". */
function topicLinks(sentence: MaskedSentence, found: readonly Link[]): Link[] {
  const lead = topic.exec(sentence.words);
  if (lead === null) return [];
  const head = listBehind(sentence, lead[0].length, sentence.words.length, false);
  const [first, second] = head.names;
  // "In gout, sepsis is a red flag": the comma ends the topic
  const pair = head.names.length === 2 &&
    /^,\s*(?:an?\s+|the\s+)?$/.test(sentence.words.slice(...gapOf(sentence, first!, second!)));
  const other = pair ? 1 : head.names.findIndex((name) => !isOf(name, ["disease"]));
  const diseases = other < 0 ? head.names : head.names.slice(0, other);
  const last = diseases.at(-1);
  if (last === undefined) return [];
  const end = sentence.places.findIndex((place) => place >= last.end);
  const rest = sentence.words.slice(end);
  if (!behindTopic.test(rest)) return [];
  const words = listBehind(sentence, end + 1, sentence.words.length, false);
  const site =
    /\b(?:sits?|lies|affect\w*|involv\w*|located|attack\w*|inflam\w*|seat|site|damage[sd]?)\b/i
      .test(rest);
  const marked = [...rest.matchAll(anyMark)].map(([mark]) => sentence.names.get(mark)!);
  const names = words.names.length > 0 ? words.names : marked;
  const known = (name: TextName): boolean =>
    found.some(({ subject, object }) => subject === name || object === name);
  return names.flatMap((name): Link[] => {
    if (known(name) || name.person !== undefined) return [];
    const relation = isOf(name, ["symptom"])
      ? /\b(?:red\s+flag|(?:warning|alarm|danger)\s+sign)/i.test(rest)
        ? "red_flag"
        : /\brisk\b/i.test(rest)
        ? "has_risk"
        : "presents"
      : isOf(name, ["drug"])
      ? "treats"
      : isOf(name, ["anatomy"]) && site
      ? "localizes"
      : undefined;
    if (relation === undefined) return [];
    const forbidden = forbids.exec(rest);
    const neutral = forbidden === null ? {} : {
      neutral: [end + forbidden.index, end + forbidden.index + forbidden[0].length] as const,
      forbids: !/\bcontraindicat/i.test(forbidden[0]),
    };
    return diseases.map((disease) =>
      relation === "treats"
        ? {
          subject: name,
          relation: /symptom/i.test(lead[1]!)
            ? "palliates"
            : forbidden === null
            ? relation
            : "contraindicated",
          object: disease,
          rule: "topic",
          ...neutral,
        }
        : { subject: disease, relation, object: name, rule: "topic" }
    );
  });
}

/**
 * The links of a sentence that no cue states.
 *
 * @param sentence The sentence in marks.
 * @param found The links that cues state.
 * @returns More links; those of the kinds alone only where there are no others.
 */
export function linksBeside(sentence: MaskedSentence, found: readonly Link[]): Link[] {
  const beside = looseLinks(sentence, found);
  const more = [...beside, ...topicLinks(sentence, [...found, ...beside])];
  if (found.length + more.length > 0) return more;
  const listed = listLinks(sentence);
  return listed.length > 0 ? listed : plainLinks(sentence);
}

/** "Her risk of osteoporosis is high". */
function risks(sentence: MaskedSentence, place: Sentence, found: readonly Link[]): Link[] {
  const lead = /\b(?:his|her|their|'s|personal)\s+(?:[\p{L}]+\s+){0,2}risk\s+(?:of|for)\s/iu.exec(
    sentence.words,
  );
  if (lead === null || place.form !== "statement" || found.length > 0) return [];
  return listBehind(sentence, lead.index + lead[0].length, sentence.words.length, false).names
    .map((object): Link => ({
      subject: impliedPatient(place.start),
      relation: "has",
      object,
      rule: "risk of",
    }));
}

/** "Tuberculosis: cough, weight loss." */
function listLinks(sentence: MaskedSentence): Link[] {
  const { words, names } = sentence;
  const head = /^\W*([\uE000-\uE0FF])\s*(?::|\s[–—-]\s|=)/u.exec(words);
  const subject = head === null ? undefined : names.get(head[1]!);
  if (head === null || subject === undefined) return [];
  const rest = words.slice(head[0].length).replace(anyMark, "");
  if (/\p{L}/u.test(rest.replace(/\b(?:and|or|an?|the|with|often|usually|mainly|plus)\b/gi, ""))) {
    return [];
  }
  const list = [...words.slice(head[0].length).matchAll(anyMark)].map(([mark]) => names.get(mark)!);
  return list.flatMap((other): Link[] => {
    if (isOf(subject, ["disease"]) && isOf(other, ["symptom"])) {
      return [{ subject, relation: "presents", object: other, rule: "list behind a name" }];
    }
    return isOf(subject, ["disease"]) && isOf(other, ["drug"])
      ? [{ subject: other, relation: "treats", object: subject, rule: "list behind a name" }]
      : [];
  });
}

/** A whole sentence of two names and no word more. */
const names = /^\s*([\uE000-\uE0FF])\s+([\uE000-\uE0FF])\s*[.!]\s*$/u;

/** The rule of names that stand side by side: what is said of them is not said. */
export const bareRule = "names without a statement";

/**
 * "Influenza fever.": two names of which nothing is said.
 *
 * @param sentence The sentence in marks.
 * @returns The relation that their kinds allow, by the rule {@linkcode bareRule}; none for other sentences.
 */
export function bareLinks(sentence: MaskedSentence): Link[] {
  const found = names.exec(sentence.words);
  const [a, b] = found === null
    ? []
    : [sentence.names.get(found[1]!)!, sentence.names.get(found[2]!)!];
  if (a === undefined || b === undefined) return [];
  for (const relation of ["presents", "treats"] as const) {
    const kinds = textRelationKinds[relation];
    for (const [subject, object] of [[a, b], [b, a]] as const) {
      if (isOf(subject, kinds.subject) && isOf(object, kinds.object)) {
        return [{ subject, relation, object, rule: bareRule }];
      }
    }
  }
  return [];
}

const noteStart =
  /^\W*(?:(?:on|at)\s+(?:examination|presentation|admission|arrival),?\s*)?(?:there\s+(?:is|are|was|were)|denies|denied|reports?|reported|complains?\s+of|presents?\s+with|presented\s+with|has|had|no|without|(?:(?:remote|past|long|known|previous|prior|positive)\s+)?(?:medical\s+)?history\s+of|(?:family\s+|medical\s+)?history\s+(?:is|was)\s+(?:positive|notable|significant|remarkable)\s+for|known)\b/i;

const presence =
  /(?:\b(?:is|are|was|were)\s+(?:\w+ly\s+|also\s+|not\s+)*(?:present|absent|noted|found|seen|reported|denied|evident)|\bruns\s+in\s+[\uE100-\uE1FF])(?=\s*(?:[,.;]|$|and\b|but\b|in\s+(?:childhood|infancy|youth|the\s+past|(?:19|20)\d\d)))/giu;

/** "Cough is present, fever is absent", "Asthma runs in the family". */
function presentSentence(
  sentence: MaskedSentence,
  place: Sentence,
  found: readonly Link[],
): Link[] {
  if (place.form !== "statement") return [];
  let from = 0;
  return [...sentence.words.matchAll(presence)].flatMap(({ index, 0: words }) => {
    const list = listBefore(
      sentence,
      from,
      index,
      (name) => isOf(name, ["symptom", "disease"]),
      false,
    );
    from = index + words.length;
    const patient = impliedPatient(place.start);
    const subject = /[\uE100-\uE1FF]$/.test(words)
      ? { ...patient, text: "family", person: "family" as const }
      : patient;
    return list.names.filter((name) =>
      isOf(name, ["symptom", "disease"]) && !found.some(({ object }) => object === name)
    ).map((object): Link => ({ subject, relation: "has", object, rule: "present or absent" }));
  });
}

/**
 * Notes without a subject: "Denies fever.", "No rash.", "On examination there is oliguria", "Fever is absent".
 *
 * @param sentence The sentence in marks.
 * @param place Its place and form.
 * @param found The other links of the sentence.
 * @returns Links of the patient, or of the family.
 */
export function noteLinks(
  sentence: MaskedSentence,
  place: Sentence,
  found: readonly Link[],
): Link[] {
  const present = [...presentSentence(sentence, place, found), ...risks(sentence, place, found)];
  if (present.length > 0) return present;
  const lead = noteStart.exec(sentence.words);
  if (lead === null || place.form !== "statement" || found.length > 0) return [];
  if (
    /\b(?:cases?|place|role|evidence|use|drug|treatment)\b/i.test(
      sentence.words.slice(0, lead[0].length + 40),
    )
  ) return [];
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
