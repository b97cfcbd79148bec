/**
 * Whom a disease affects, by sex and age: "occurs only in men", "is more common in women", "mainly affects young children".
 *
 * @module
 */
import { be, denial } from "./cue.ts";
import type { MaskedSentence } from "./masked_sentence.ts";
import { isOf, type Link } from "./relation_links.ts";

/** Women in a text, as a pattern. */
export const women: string = String.raw`(?:women|females|girls)`;
/** Men in a text, as a pattern. */
export const men: string = String.raw`(?:men|males|boys)`;

/** Ages in a text, as patterns, with years from and to. */
export const ages: readonly (readonly [pattern: string, from: number, to: number])[] = [
  [String.raw`(?:newborns|infants|babies|infancy|toddlers)`, 0, 3],
  [String.raw`(?:children|childhood|kids)`, 0, 12],
  [String.raw`(?:adolescents|teenagers|adolescence|puberty)`, 10, 19],
  [String.raw`(?:young\s+adults|young\s+adulthood)`, 18, 40],
  [
    String
      .raw`(?:(?:the\s+)?elderly(?:\s+people)?|old(?:er)?\s+(?:people|adults|age|persons)|seniors)`,
    60,
    120,
  ],
  [String.raw`(?:(?:middle-aged\s+)?adults|adulthood|middle\s+age|middle-aged\s+people)`, 18, 120],
];

const tens = ["ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

/** On one side of an age, as a pattern: "over seventy". */
const beside = String
  .raw`(?:aged\s+)?(?:over|above|older\s+than|after|past|beyond|under|below|younger\s+than|before)\s+(?:the\s+age\s+of\s+)?(?:\d{1,3}|${
  tens.join("|")
})\b`;

/** People on one side of an age, as a pattern: "people over seventy". */
const aged = String
  .raw`(?:people|adults|persons|those|patients|individuals|${women}|${men})\s+${beside}`;

const besideAge = new RegExp(`${aged}|\\b(?=\\w+\\s+the\\s+age\\s+of\\b)${beside}`, "i");

/**
 * The years on one side of an age that some words name.
 *
 * @param said Words such as "people over seventy" or "after the age of seventy".
 * @returns From and to in years; undefined where they name none.
 */
export function agesBeyond(said: string): readonly [from: number, to: number] | undefined {
  const found = besideAge.exec(said)?.[0].toLowerCase();
  if (found === undefined) return undefined;
  const last = found.split(/\s+/).at(-1)!;
  const years = tens.includes(last) ? 10 * (tens.indexOf(last) + 1) : Number(last);
  return /\b(?:over|above|older|after|past|beyond)\b/.test(found) ? [years, 120] : [0, years];
}

const age = `(?:${aged}|${ages.map(([pattern]) => pattern).join("|")})`;
const manner = String
  .raw`(?:(?:(?:about\s+|around\s+|roughly\s+)?(?:[\p{L}\p{N}]+\s+times|twice)(?:\s+as)?|as|also|almost|nearly|mainly|mostly|chiefly|predominantly|primarily|exclusively|only|solely|usually|typically|often|commonly|frequently|more|less|far|much|slightly|somewhat|especially)\s+)*`;
const verbs = String
  .raw`(?:affects?|strikes?|concerns?|(?:occurs?|arises?|appears?|develops?|(?:${be})${manner}(?:an?\s+)?(?:seen|found|diagnosed|reported|encountered|common(?:er)?|frequent|prevalent|likely|disease|disorder|condition|illness|cancer))\s+${manner}(?:in|of|among))`;
const described = String
  .raw`(?:(?:adult|young|older|elderly|middle-aged|postmenopausal|pregnant|the|[\uE000-\uE0FF])\s+){0,2}`;
const people = String
  .raw`(?:both\s+(?:sexes|genders)|(?:both\s+)?(?:${men}\s+and\s+${women}|${women}\s+and\s+${men})|(?:both\s+)?(?:${age}\s+and\s+${age})|${described}(?:${women}|${men})(?:\s+${beside})?|(?:young\s+)?${age})`;

/** A disease, a verb, and people; "only" and "more often" stand before or behind. */
const affected = new RegExp(
  String
    .raw`([\uE000-\uE0FF])(?:(?:,?\s+(?:which\s+)?is\s+an?\s+[^,;.]{3,60})?,?\s+(?:which|that)|,[^,;.]{3,60},)?\s+((?:(?:can|may|does|do|did)(?:\s+not|n't)?\s+|cannot\s+|never\s+)?${manner}${verbs}\s+${manner}${people}(?:\s+(?:past|after)\s+(?:the\s+)?menopause)?(?:\s+(?:almost\s+|nearly\s+)?(?:only|alone|exclusively|(?:far\s+|much\s+)?(?:more|less)\s+(?:often|commonly|frequently)|(?:(?:about|around|roughly|some)\s+)?(?:[\p{L}\p{N}]+\s+times|twice)\s+as\s+(?:often|commonly|frequently)))?(?:\s+(?:than|as)\s+(?:in\s+)?(?:${women}|${men}))?)(?!\s+(?:and|or)\s+(?:in\s+)?(?:young\s+|older?\s+)?(?:${women}|${men}|${age}|adolescents|the\s+elderly))`,
  "giu",
);

/** "Only men get prostate cancer". */
const onlyThey = new RegExp(
  String
    .raw`\b(only\s+(?:${women}|${men}|${age}))\s+(?:can\s+|may\s+)?(?:gets?|develops?|ha(?:s|ve)|suffers?\s+from|contracts?)\s+(?:an?\s+)?([\uE000-\uE0FF])`,
  "giu",
);

/** "Women get migraine more often than men". */
const theyMore = new RegExp(
  String
    .raw`\b(${women}|${men})\s+(?:get|develop|have|suffer\s+from|contract|are\s+(?:diagnosed|affected)\s+(?:with|by))\s+([\uE000-\uE0FF])\s+((?:(?:far\s+|much\s+)?(?:more|less)\s+(?:often|commonly|frequently)\s+than|(?:[\p{L}\p{N}]+\s+times|twice)\s+as\s+(?:often|commonly|frequently)\s+as)\s+(?:${women}|${men}))`,
  "giu",
);

/** "Autoimmune hepatitis, a disease four times as common in women as in men". */
const apposition = new RegExp(
  String
    .raw`([\uE000-\uE0FF]),\s+an?\s+(?:disease|disorder|condition|illness|problem)\s+(?:(?:that|which)\s+is\s+)?(${manner}(?:common(?:er)?|frequent|prevalent)\s+(?:in|among)\s+${people}(?:\s+(?:than|as)\s+(?:in\s+)?(?:${women}|${men}))?)`,
  "giu",
);

/** "Lupus affects nine times as many women as men". */
const asMany = new RegExp(
  String
    .raw`([\uE000-\uE0FF])\s+(?:affects?|strikes?|is\s+found\s+in|occurs\s+in)\s+((?:(?:about|around|roughly|some)\s+)?(?:[\p{L}\p{N}]+\s+times|twice)\s+as\s+many\s+(?:${women}|${men})\s+as\s+(?:${women}|${men}))`,
  "giu",
);

/** "Women are affected far more often than men by lupus". */
const theyMoreBy = new RegExp(
  String
    .raw`\b(${women}|${men})\s+are\s+affected\s+((?:far\s+|much\s+)?(?:more|less)\s+(?:often|commonly|frequently)\s+than\s+(?:${women}|${men}))\s+by\s+([\uE000-\uE0FF])`,
  "giu",
);

/** "Nine out of ten patients with lupus are women", "nine lupus patients out of ten are female". */
const tenths = new RegExp(
  String
    .raw`\b(?:seven|eight|nine)\s+(?:(?:out\s+of|in)\s+ten\s+)?(?:(?:people|patients|cases|those)\s+(?:with|of)\s+)?([\uE000-\uE0FF])(?:\s+patients)?(?:\s+(?:out\s+of|in)\s+ten)?\s+are\s+(${women}|${men}|female|male)\b`,
  "giu",
);

/** The name of the rule. */
const rule = "affects a population";

const peopleOf = (who: string): string =>
  /^female$/i.test(who) ? "women" : /^male$/i.test(who) ? "men" : who;

/**
 * What a sentence says of the people who have a disease.
 *
 * @param sentence The sentence in marks.
 * @returns Links of the relation `affects`, whose object is the words.
 */
export function populationLinks({ words, places, names }: MaskedSentence): Link[] {
  const link = (mark: string, start: number, end: number, text: string): Link[] => {
    const subject = names.get(mark)!;
    if (!isOf(subject, ["disease"])) return [];
    const object = { start: places[start]!, end: places[end]!, text, entities: [] };
    return [{ subject, relation: "affects", object, rule, denies: denial.test(text) }];
  };
  return [
    ...[apposition, asMany, affected].flatMap((pattern) => [...words.matchAll(pattern)]).flatMap((
      { index, 0: all, 1: mark, 2: text },
    ) => link(mark!, index + all.length - text!.length, index + all.length, text!)),
    ...[...words.matchAll(onlyThey)].flatMap(({ index, 1: text, 2: mark }) =>
      link(mark!, index, index + text!.length, text!)
    ),
    ...[...words.matchAll(tenths)].flatMap(({ index, 0: all, 1: mark, 2: who }) =>
      /\bten\b/i.test(all)
        ? link(
          mark!,
          index + all.length - who!.length,
          index + all.length,
          `mainly ${peopleOf(who!)}`,
        )
        : []
    ),
    ...[...words.matchAll(theyMoreBy)].flatMap(({ index, 1: who, 2: more, 3: mark }) =>
      link(mark!, index, index + who!.length, `${who} ${more}`)
    ),
    ...[...words.matchAll(theyMore)].flatMap(({ index, 1: who, 2: mark, 3: more }) =>
      link(mark!, index, index + who!.length, `${who} ${more}`)
    ),
  ];
}
