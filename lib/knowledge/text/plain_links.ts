/**
 * Links by the kinds of names alone, where no cue stands between them: plain sentences, lists behind a name, sentences that
 * leave their topic out, and names of which nothing is said.
 *
 * @module
 */
import type { EntityKind } from "../types.ts";
import { adverb, be, finding } from "./cue.ts";
import { anyMark, isJoint, type MaskedSentence, type NameList } from "./masked_sentence.ts";
import { isOf, type Link, textRelationKinds } from "./relation_links.ts";
import type { TextName, TextRelation } from "./types.ts";

const noReport =
  /\b(?:talk|talked|discuss\w*|mention\w*|wrote|writ\w+|ask\w*|thank\w*|read|reading|learn\w*|spoke|speak\w*|study|studied|lecture|meeting|topic|paper|text|worse\w*|harm\w*|kill\w*|aggravat\w*|poison\w*|differ\w*|than|compared|we|i|you|they)\b/i;

/** Words against a reading by kinds: what is said of a drug is no use of it. */
const noUse =
  /\b(?:no-go|ill|deadly|contraindicat\w*|forbid\w*|avoid\w*|withdrawn|abandoned|replaced|obsolete|outdated|banned|discouraged|refused|rejected|bad|poor|wrong|risk\w*|danger\w*|stop\w*|despite|fail\w*|useless|cause[sd]?|induce[sd]?|trigger\w*|due|side|adverse|allerg\w*|overdose|tox\w*|safe\w*|unsafe|careful|caution\w*|monitor\w*)\b/i;
const noFinding =
  /\b(?:treat\w*|cure\w*|relie\w*|drugs?|medic\w*|unlike|versus|vs|instead|distinguish\w*|tell\s+apart|risk\w*|prevent\w*|vanish\w*|disappear\w*|resolv\w*|improv\w*|subsid\w*|recover\w*|vaccin\w*|before|after|until)\b/i;

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
function sentenceLinks(sentence: MaskedSentence): Link[] {
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
        // "lowers the pressure in glaucoma" denies no use
        ...(relation === "treats" ? { neutral: [head.end, tail.start] as const } : {}),
      }))
    );
  // The name of a class can be that of its drugs.
  const only = (name: TextName, kind: EntityKind): boolean =>
    isOf(name, [kind]) &&
    name.entities.every((one) => one.kind === kind || (kind === "drug" && one.kind === "class"));
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

/** "Tuberculosis: cough, weight loss." */
function listLinks(sentence: MaskedSentence): Link[] {
  const { words, names } = sentence;
  const head = /^\W*([\uE000-\uE0FF])\s*(?::|\s[–—-]\s|=)/u.exec(words);
  const subject = head === null ? undefined : names.get(head[1]!);
  if (head === null || subject === undefined) return [];
  const rest = words.slice(head[0].length).replace(anyMark, "");
  if (
    /\p{L}/u.test(
      rest.replace(
        /\b(?:and|or|an?|the|with|often|usually|mainly|plus|(?:look|watch|check)(?:\s+out)?\s+for|expect|ask\s+about|consider|think\s+of)\b/gi,
        "",
      ),
    )
  ) {
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

/**
 * Links of a sentence without cues.
 *
 * @param sentence The sentence in marks.
 * @returns A list behind a name, or two names or lists with other words between them.
 */
export function plainLinks(sentence: MaskedSentence): Link[] {
  const listed = listLinks(sentence);
  return listed.length > 0 ? listed : sentenceLinks(sentence);
}

/** "Poor concentration is typical.": of the disease of which the sentences before speak. */
const elliptic = new RegExp(
  String
    .raw`^\s*(?:${be})${adverb}(?:an?\s+)?(?:[\p{L}-]+\s+)?(?:typical|common|usual|frequent|characteristic|rare|uncommon|unusual|expected|absent|${finding})\s*[.!]?\s*$`,
  "iu",
);

/** "Start with losartan." */
const advised =
  /^\W*(?:(?:one|you|doctors|clinicians)\s+(?:can\s+|should\s+|may\s+)?)?(?:start|begin|treat|try|give|use|prescribe|consider|choose)\s+(?:it\s+|this\s+)?(?:with\s+)?(?:[\p{L}-]+\s+){0,2}?$/iu;

/** "Permethrin should be applied." */
const prescribed =
  /^\s+(?:should|must|can|may|will|has\s+to|have\s+to|ought\s+to|is|are)\s+(?:to\s+)?(?:then\s+|usually\s+|always\s+)?(?:be\s+)?(?:given|used|applied|started|tried|prescribed|taken|recommended|indicated|administered)(?:\s+first)?\s*[.!]?\s*$/iu;

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
  const [before, behind] = [sentence.words.slice(0, only.start), sentence.words.slice(only.end)];
  const advice = (advised.test(before) && /^\W*$/.test(behind)) ||
    (/^\W*$/.test(before) && prescribed.test(behind));
  if (advice) {
    return only.names.filter((name) => isOf(name, ["drug"])).map((subject): Link => ({
      subject,
      relation: "treats",
      object: topic,
      rule: "said of the topic",
    }));
  }
  if (!elliptic.test(behind)) return [];
  if (before.trim().split(/\s+/).length > 3) return [];
  return only.names.filter((name) => isOf(name, ["symptom"])).map((object): Link => ({
    subject: topic,
    relation: "presents",
    object,
    rule: "said of the topic",
  }));
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
