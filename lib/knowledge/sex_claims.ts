/**
 * Whom a disease affects, women or men: "occurs only in men", "is more common in women".
 *
 * @module
 */
import { be } from "./cue.ts";
import type { MaskedSentence } from "./masked_sentence.ts";
import { isOf, type Link } from "./relation_links.ts";

/** Women in a text, as a pattern. */
export const women: string = String.raw`(?:women|females|girls)`;
/** Men in a text, as a pattern. */
export const men: string = String.raw`(?:men|males|boys)`;
const manner = String
  .raw`(?:(?:also|almost|nearly|mainly|mostly|chiefly|predominantly|primarily|exclusively|only|solely|usually|typically|often|commonly|frequently|more|less|far|much|slightly|somewhat|especially)\s+)*`;
const verbs = String
  .raw`(?:affects?|strikes?|concerns?|(?:occurs?|arises?|appears?|develops?|(?:${be})${manner}(?:an?\s+)?(?:seen|found|diagnosed|reported|encountered|common(?:er)?|frequent|prevalent|disease|disorder|condition|cancer))\s+${manner}(?:in|of|among))`;
const described = String
  .raw`(?:(?:adult|young|older|elderly|middle-aged|postmenopausal|pregnant|the|[\uE000-\uE0FF])\s+){0,2}`;

/** A disease, a verb, and women or men; "only" and "more often" stand before or behind. */
const affected = new RegExp(
  String
    .raw`([\uE000-\uE0FF])\s+((?:(?:can|may|does|do|did)(?:\s+not|n't)?\s+|cannot\s+|never\s+)?${manner}${verbs}\s+${manner}(?:both\s+(?:sexes|genders)|(?:both\s+)?(?:${men}\s+and\s+${women}|${women}\s+and\s+${men})|${described}(?:${women}|${men}))(?:\s+(?:only|alone|(?:far\s+|much\s+)?(?:more|less)\s+(?:often|commonly|frequently)))?(?:\s+than\s+(?:in\s+)?(?:${women}|${men}))?)(?!\s+(?:and|or)\s)`,
  "giu",
);

/** "Only men get prostate cancer". */
const onlyThey = new RegExp(
  String
    .raw`\b(only\s+(?:${women}|${men}))\s+(?:can\s+|may\s+)?(?:gets?|develops?|ha(?:s|ve)|suffers?\s+from|contracts?)\s+(?:an?\s+)?([\uE000-\uE0FF])`,
  "giu",
);

/** "Women get migraine more often than men". */
const theyMore = new RegExp(
  String
    .raw`\b(${women}|${men})\s+(?:get|develop|have|suffer\s+from|contract)\s+([\uE000-\uE0FF])\s+((?:far\s+|much\s+)?(?:more|less)\s+(?:often|commonly|frequently)\s+than\s+(?:${women}|${men}))`,
  "giu",
);

/** The name of the rule. */
const sexRule = "affects a sex";

/**
 * What a sentence says of the sex that has a disease.
 *
 * @param sentence The sentence in marks.
 * @returns Links of the relation `affects`, whose object is the words.
 */
export function sexLinks({ words, places, names }: MaskedSentence): Link[] {
  const link = (mark: string, start: number, end: number, text: string): Link[] => {
    const subject = names.get(mark)!;
    if (!isOf(subject, ["disease"])) return [];
    const object = { start: places[start]!, end: places[end]!, text, entities: [] };
    const denies = /\b(?:not|never|cannot)\b|n't\b/i.test(text);
    return [{ subject, relation: "affects", object, rule: sexRule, denies }];
  };
  return [
    ...[...words.matchAll(affected)].flatMap(({ index, 0: all, 1: mark, 2: text }) =>
      link(mark!, index + all.length - text!.length, index + all.length, text!)
    ),
    ...[...words.matchAll(onlyThey)].flatMap(({ index, 1: text, 2: mark }) =>
      link(mark!, index, index + text!.length, text!)
    ),
    ...[...words.matchAll(theyMore)].flatMap(({ index, 1: who, 2: mark, 3: more }) =>
      link(mark!, index, index + who!.length, `${who} ${more}`)
    ),
  ];
}
