/**
 * The cues of a sentence, and what stands before each: names, a person, or the subject of the cue before it.
 *
 * @module
 */
import type { EntityKind } from "../types.ts";
import { cues } from "./claim_cues.ts";
import type { Cue } from "./cue.ts";
import { anyMark, listBefore, type MaskedSentence, type NameList } from "./masked_sentence.ts";
import { isOf, sides } from "./relation_links.ts";
import type { TextName } from "./types.ts";

/** A cue in a sentence. */
export interface Match {
  /** The cue. */
  readonly cue: Cue;
  /** Index of its first character in the marked words. */
  readonly start: number;
  /** Index after its last. */
  readonly end: number;
}

/** Names before a cue; those of the cue before it are inherited. */
export interface CueSubjects extends NameList {
  /** Whether they stand before another cue, or far before this one. */
  readonly inherited: boolean;
}

/**
 * The cues in a sentence, none over another.
 *
 * @param sentence The sentence in marks.
 * @returns Cues from left to right.
 */
export function matchesIn({ words }: MaskedSentence): Match[] {
  const all = cues.flatMap((cue) =>
    [...words.matchAll(cue.pattern)].map(({ index, 0: found }) => ({
      cue,
      start: index,
      end: index + found.length,
    }))
  ).filter(({ start, end }) => end > start);
  all.sort((a, b) =>
    a.start - b.start || b.end - a.end ||
    Number(b.cue.forbids === true) - Number(a.cue.forbids === true) ||
    Number(a.cue.form === "verb") - Number(b.cue.form === "verb")
  );
  const kept: Match[] = [];
  for (const match of all) {
    if (match.start >= (kept.at(-1)?.end ?? 0)) kept.push(match);
  }
  return kept;
}

const inherits =
  /(?:^|[\s,])(?:and|or|but|then)\s+(?:(?:also|often|usually|then|sometimes|can|may|does|do|is|are|\w+ly)\s+)*(?:(?:not|never|no\s+longer)\s+)?$/i;
/** Behind "gout is an": what follows the noun is said of gout, too. */
const predicateGap =
  /^(?:[\p{L}-]+,?\s+){0,3}[\uE000-\uE0FF],?\s*(?:(?:which|that|and)\s+)?(?:[\p{L}]+\s+){0,2}$/u;
const relativeBefore = /\b(?:which|who|that)\s+(?:(?:can|may|often|usually|also|commonly)\s+)*$/i;

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

/** The subject of a sentence whose last name before a cue cannot be the cue's. */
function firstOf(
  { words, names }: MaskedSentence,
  to: number,
  kinds: readonly EntityKind[],
): NameList | undefined {
  for (const { index, 0: mark } of words.slice(0, to).matchAll(anyMark)) {
    const name = names.get(mark)!;
    if (isOf(name, kinds)) return { names: [name], start: index, end: index + 1 };
  }
  return undefined;
}

/**
 * What stands before each cue.
 *
 * @param sentence The sentence in marks.
 * @param matches Its cues.
 * @returns For each cue the names before it.
 */
export function subjectsOfCues(
  sentence: MaskedSentence,
  matches: readonly Match[],
): CueSubjects[] {
  const lists: CueSubjects[] = [];
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
    const predicate = i > 0 && /^is a/.test(matches[i - 1]!.cue.rule) && predicateGap.test(gap);
    const shared = before !== undefined && before.names.length > 0 &&
      before.names.every((name) => name.person === undefined) &&
      (inherits.test(gap) || relative || bare || predicate);
    if (shared) {
      lists.push({ ...before, inherited: true });
      continue;
    }
    const kinds = cue.readings.flatMap((reading) => sides(reading).left);
    if (
      cue.rule === "symptoms include" && /,/.test(gap) && before !== undefined &&
      before.names.length > 0
    ) {
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
    const fitting = list.names.length > 0 && cue.form === "verb" &&
      !list.names.some((name) => name.entities.length === 0 || isOf(name, kinds));
    const first = fitting ? firstOf(sentence, start, kinds) : undefined;
    lists.push({ ...(first ?? list), inherited: first !== undefined });
  }
  return lists;
}

/**
 * The names before a cue, or the topic where the sentence begins with a cue that can leave it out.
 *
 * @param cue The cue.
 * @param list The names before it.
 * @param before The words before it.
 * @param topic The disease of which the sentences before speak.
 * @returns The names, or the topic.
 */
export function withTopic(
  { rule }: Cue,
  list: NameList,
  before: string,
  topic: TextName | undefined,
): NameList {
  const known = list.names.some(({ entities }) => entities.length > 0);
  const lone = rule === "symptoms include" || rule === "treatment includes";
  if (known || !lone || topic === undefined || before.trim().split(/\s+/).length > 4) return list;
  return { ...list, names: [topic] };
}
