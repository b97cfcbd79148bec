/**
 * Links without a verb or noun that states them: names side by side, mutual ones, drugs for a disease, and what is said
 * behind a topic.
 *
 * @module
 */
import type { EntityKind } from "../types.ts";
import { harm, partAround, useless } from "./drug_words.ts";
import { flagWords } from "./finding_cues.ts";
import {
  anyMark,
  listBefore,
  listBehind,
  type MaskedSentence,
  unknownName,
} from "./masked_sentence.ts";
import { plainLinks } from "./plain_links.ts";
import { isOf, type Link } from "./relation_links.ts";
import type { TextName, TextRelation } from "./types.ts";

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
  /\b(?:link|association|connection|relation(?:ship)?|correlation)\s+(?:[\p{L}-]+\s+){0,4}?between\s+(?:[\p{L}-]+\s+){0,2}?([\uE000-\uE0FF])\s+and\s+(?:[\p{L}-]+\s+){0,2}?([\uE000-\uE0FF])/giu;
const linking =
  /\b(?:link(?:s|ed)?|associate[sd]?|connect(?:s|ed)?|tie[sd]?)\s+([\uE000-\uE0FF])\s+(?:to|with)\s+([\uE000-\uE0FF])/giu;
const together =
  /([\uE000-\uE0FF])\s+and\s+([\uE000-\uE0FF])\s+(?:[\p{L}]+\s+){0,3}?(?:(?:go|occur|come|appear|are\s+found|are\s+seen|are\s+reported)\s+(?:\w+\s+)?together|co-?occur|coexist|(?:are|be)\s+(?:[\p{L}]+\s+)?(?:associated|correlated|linked|related|connected|tied))\b(?!\s+(?:with|to)\b)/giu;
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
    ...read(linking, "links", "associated", ["disease", "symptom"], ["disease", "symptom"]),
    ...read(together, "go together", "associated", ["disease", "symptom"], ["disease", "symptom"]),
    ...read(mutual, "alike", "resembles", ["disease"], ["disease"]),
  ];
}

const topic =
  /^\W*(?:clinically,?\s+|often,?\s+|typically,?\s+)?(for\s+(?:symptom\w*)\s+(?:control|relief|treatment)\s+(?:in|of)|(?:in|for|as)\s+(?:the\s+|an?\s+)?(?:[\p{L}-]+\s+)?(?:treatment|management|therapy|drug)\s+(?:of|for|in)|to\s+(?:treat|manage|control|cure|fight|relieve)|(?:when|while)\s+treating|(?:when\s+it\s+comes\s+to|as\s+(?:for|to)|regarding|against|in\s+the\s+presence\s+of|in\s+cases?\s+of|given)|(?:when|once|after)\s+(?:someone|people|patients|a\s+person|one)\s+(?:catch(?:es)?|ha(?:s|ve)|gets?|develops?|contracts?)|in|with|for|during|among)\s+(?:(?:patients|people|those|cases|most\s+patients|children|adults)\s+(?:with|of)\s+)?(?:[\p{L}-]+\s+){0,2}?(?=[\uE000-\uE0FF])/iu;

/** How a sentence goes on behind its topic: "In gout, ...", "With gout comes ...". */
const behindTopic =
  /^\s*,|^\s+(?:(?!(?:and|or|as|of|with|in|by|that|which|who)\b)\p{L}+\s+){0,3}(?=[\uE000-\uE0FF])/u;

/** The places in the marked words between two names. */
const gapOf = ({ places }: MaskedSentence, a: TextName, b: TextName): [number, number] => [
  places.indexOf(a.start) + 1,
  places.indexOf(b.start),
];

/** "To treat gout, one may use bralotin." */
function strangeDrug(sentence: MaskedSentence, lead: string, from: number): TextName[] {
  if (!/treat|manag|therapy|drug|control|cure|fight|relie/i.test(lead)) return [];
  const last =
    /\b(?:use|uses|prescribe|prescribes|give|take|choose|try|is|are)\s+(?=[\p{L}-]{4,}\s*[.!]?\s*$)/u
      .exec(sentence.words.slice(from));
  if (last === null) return [];
  const start = from + last.index + last[0].length;
  return [unknownName(sentence, start, sentence.words.length) ?? []].flat();
}

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
  const listed = words.names.length > 0 ? words.names : marked;
  const names = listed.length > 0 ? listed : strangeDrug(sentence, lead[0], end);
  const known = (name: TextName): boolean =>
    found.some(({ subject, object }) => subject === name || object === name);
  return names.flatMap((name): Link[] => {
    if (known(name) || name.person !== undefined) return [];
    const relation = isOf(name, ["symptom"])
      ? flagWords.test(rest) ? "red_flag" : /\brisk\b/i.test(rest) ? "has_risk" : "presents"
      : isOf(name, ["drug"]) || name.entities.length === 0
      ? "treats"
      : isOf(name, ["anatomy"]) && site
      ? "localizes"
      : undefined;
    if (relation === undefined) return [];
    // "..., but it is contraindicated in": the part that speaks of the drug
    const part = partAround(rest, sentence.places.indexOf(name.start) - end);
    const from = end + rest.indexOf(part);
    const forbidden = useless.test(part) ? null : harm.exec(part);
    const neutral = forbidden === null ? {} : {
      neutral: [from + forbidden.index, from + forbidden.index + forbidden[0].length] as const,
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
  return found.length + more.length > 0 ? more : plainLinks(sentence);
}
