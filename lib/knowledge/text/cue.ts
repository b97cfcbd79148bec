/**
 * What a cue is: words that state a relation between two names. Verbs stand between them; nouns ("a symptom of") stand
 * before their complement. Patterns are matched in a sentence whose names are single marks.
 *
 * @module
 */
import type { TextRelation } from "./types.ts";

/** The mark of a name that is an entity or a pronoun for one, as a class of characters. */
export const entityMarks = String.raw`[\uE000-\uE0FF]`;

/** The mark of a person. */
export const personMarks = String.raw`[\uE100-\uE1FF]`;

/** One way to read a cue: which relation, and which side is its subject. */
export interface CueReading {
  /** The relation. */
  readonly relation: TextRelation;
  /** The side of the cue, or of the complement of a noun, that is the subject. */
  readonly subject: "left" | "right";
}

/** A cue. Of its readings the first counts whose kinds fit, else the first. */
export interface Cue {
  /** The rule's name, which a claim carries. */
  readonly rule: string;
  /** Where the other name stands: around a verb; behind a noun its complement, and before it or behind that the other. */
  readonly form: "verb" | "noun";
  /** The words. */
  readonly pattern: RegExp;
  /** What it says, the best reading first. */
  readonly readings: readonly CueReading[];
  /** Whether its subject may be a person: then the claim is about that person. */
  readonly personal?: true;
  /** Whether unknown words are read as a name: only where the cue is seldom used otherwise. */
  readonly open?: true;
  /** Whether the words look like a denial and are none here ("relieves", "contraindicated"). */
  readonly neutral?: true;
  /** Whether "not" in its words is part of what it says: "must not be given in". */
  readonly forbids?: true;
  /** Whether it says the opposite of its relation: "is safe in". */
  readonly denies?: true;
}

/** Any adverbs before a verb or an adjective, each with white space behind it. */
export const adverb: string = String
  .raw`(?:(?:often|also|always|usually|commonly|typically|frequently|sometimes|mostly|mainly|primarily|generally|normally|chiefly|still|now|currently|not|never|rarely|seldom|hardly|even|first|best|well|easily|particularly|especially|most|more|very|quite|rather|so|all|both|only|merely|just|further|widely|uncommonly|infrequently|by\s+no\s+means|in\s+no\s+way|not\s+at\s+all|in\s+fact|at\s+times|in\s+part|one\s+of|\w+ly)\s+)*`;
/** A form of "to be", with its adverbs. */
export const be: string = String
  .raw`(?:is|are|was|were|be|been|being|isn'?t|aren'?t|wasn'?t|weren'?t|(?:can|could|may|might|will|would|should|must)(?:\s+(?:often|also|sometimes|not|never))?\s+be|ha(?:s|ve)\s+(?:(?:never|not|often|long|also|all|both|each)\s+)?(?:been|proven|proved)(?:\s+(?:shown|proven|found))?(?:\s+to\s+be)?|seems?(?:\s+to\s+be)?|remains?|becomes?)\s+${adverb}`;
/** Words of a verb that deny it. */
export const denial: RegExp = /\b(?:not|never|cannot)\b|n't\b/i;
/** An article or none. */
export const article: string = String.raw`(?:(?:an?|the|one|another|any|some|its|their)\s+)?`;
/** Up to three words that describe the next. */
export const modifiers: string = String
  .raw`(?:(?!(?:of|in|for|to|with|by|and|or)\b)[\p{L}-]+\s+){0,3}?`;
/** "The symptoms of", or nothing. */
export const disorderWords: string = String
  .raw`(?:(?:the\s+)?(?:symptoms?|signs?|pain|attacks?|complaints?|manifestations?)\s+(?:of|in|due\s+to|caused\s+by|from)\s+)?`;
/** People in general. */
export const people: string = String
  .raw`(?:(?:most|many|some|several|few|adult|young|older|elderly)\s+)?(?:patients|people|those|individuals|persons|adults|children|women|men|sufferers|someone|somebody|anyone|anybody|everyone|one|an?\s+(?:patient|person|child|adult))`;

/** "In people with", or "in". */
export const within: string = String
  .raw`(?:in|with|of|during|among|from|by|for|to)(?:\s+(?:the\s+)?(?:${people}|cases|course|setting)(?:\s+(?:with|of|who\s+have|who\s+has|suffering\s+from|living\s+with))?)*`;

/** "Must not". */
export const mustNot: string = String
  .raw`(?:(?:must|should|may|can|ought|shall)\s*(?:not|never)(?:\s+to)?|mustn'?t|shouldn'?t|cannot|can'?t|(?:is|are)\s+(?:not|never)\s+to)(?:\s+(?:ever|be))*`;

/** What a drug is given for. */
export const purpose: string = String
  .raw`(?:to\s+(?:treat|manage|control|cure|help(?:\s+with)?|fight|combat)|(?:in|for|as)\s+(?:the\s+|a\s+)?(?:${modifiers})(?:treatment|management|therapy|control|care)\s+(?:of|for|in)|for|in|against|to(?=\s+(?:patients|people|those|adults|children)\s+with))`;
/** Symptoms that a drug is given for. */
export const relief: string = String
  .raw`(?:to\s+(?:relieve|ease|alleviate|soothe|palliate|reduce)|for\s+(?:the\s+)?(?:symptomatic\s+)?relief\s+(?:of|in|from)|(?:for|as)\s+(?:an?\s+|the\s+)?symptomatic\s+(?:treatment|relief|therapy|management|drug)\s+(?:of|in|for))\s+${disorderWords}`;

/** The left name is the subject. */
export const left = (relation: TextRelation): CueReading => ({ relation, subject: "left" });
/** The right name is the subject. */
export const right = (relation: TextRelation): CueReading => ({ relation, subject: "right" });

/**
 * A cue.
 *
 * @param form Verb or noun.
 * @param rule Its name.
 * @param readings What it says, the best reading first.
 * @param patterns Its words as patterns, for whole words.
 * @param flags What else holds of it.
 * @returns The cue.
 */
export const cue = (
  form: Cue["form"],
  rule: string,
  readings: readonly CueReading[],
  patterns: readonly string[],
  flags: Partial<Pick<Cue, "personal" | "open" | "neutral" | "forbids" | "denies">> = {},
): Cue => ({
  form,
  rule,
  readings,
  pattern: new RegExp(`(?<![\\p{L}-])(?:${patterns.join("|")})(?:(?<=\\s)|(?!\\p{L}))`, "giu"),
  ...flags,
});

/** What a finding is called. */
export const finding: string =
  "(?:symptom|sign|finding|feature|manifestation|complaint|presentation|hallmark|trademark|characteristic|clue|companion|accompaniment|problem|giveaway|pointer|warning|indicator|mark|consequence|complication)s?";
