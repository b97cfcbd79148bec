/**
 * By which tests a disease is found: "is diagnosed by measuring TSH", "a chest X-ray confirms pneumonia". A test is known by its
 * words alone.
 *
 * @module
 */
import { be, denial } from "./cue.ts";
import type { MaskedSentence } from "./masked_sentence.ts";
import { nameAt } from "./names.ts";
import { isOf, type Link } from "./relation_links.ts";

const disease = String.raw`(?:an?\s+|the\s+)?([\uE000-\uE0FF])`;
/** The words of a test: few, and no verb that this file knows. */
const test = String
  .raw`((?:(?!(?:is|are|was|were|be|by|with|to|that|which|who|when|if|of|for|confirms?|diagnos\w+)\b)[\p{L}\p{N}\uE000-\uE0FF/-]+[\s,]+){0,5}(?!(?:is|are|was|were|be|it|this|that|they|to|he|she|doctors?|physicians?|clinicians?)\b)[\p{L}\p{N}\uE000-\uE0FF/-]+)`;
const done = String
  .raw`(?:used|done|ordered|performed|needed|recommended|measured|helpful|required|obtained|taken|checked)`;

/** The disease, then the test. */
const found = new RegExp(
  String
    .raw`${disease}\s+(${be}(?:diagnosed|confirmed|detected|established|identified|investigated)\s+(?:by|with|using|through|on)\s+)(?:(?:measuring|checking|doing|taking|means\s+of|an?|the)\s+)*${test}(?=\s*(?:[.;!?]|$))`,
  "giu",
);
const workUp = new RegExp(
  String
    .raw`\b(?:tests?|investigations?|work-?up)\s+(?:for|of|in)\s+${disease}\s+((?:includes?|is|are|consists?\s+of)\s+)(?:(?:an?|the)\s+)*${test}(?=\s*(?:[.;!?]|$))`,
  "giu",
);

/** The test, then the disease. */
const finds = new RegExp(
  String
    .raw`(?:^|[,;]\s+|\b(?:an?|the)\s+)${test}\s+((?:can\s+|may\s+|will\s+|does\s+not\s+|cannot\s+)?(?:confirms?|diagnoses?|establishes?)\s+(?:the\s+diagnosis\s+of\s+)?|${be}${done}\s+(?:to\s+(?:diagnose|confirm|detect|establish)|(?:in|for)\s+(?:the\s+)?(?:diagnosis\s+of|work-?up\s+of|suspected)|when|if)\s+(?:suspected\s+)?)${disease}(?=\s*(?:is\s+suspected)?\s*(?:[.;!?,]|$))`,
  "giu",
);

/** The name of the rule. */
const rule = "is diagnosed by";

/**
 * What a sentence says of tests for a disease.
 *
 * @param text The whole text.
 * @param sentence One of its sentences in marks.
 * @returns Links of the relation `diagnosed_by`, whose object is the words of the test.
 */
export function testLinks(text: string, { words, places, names }: MaskedSentence): Link[] {
  const link = (mark: string, from: number, to: number, between: string): Link[] => {
    const subject = names.get(mark)!;
    const inside = [...words.slice(from, to)].flatMap((one) => names.get(one) ?? []);
    const isTest = inside.every(({ person, entities }) =>
      person === undefined && entities.every(({ kind }) => kind === "anatomy")
    );
    if (!isOf(subject, ["disease"]) || !isTest) return [];
    const [start, end] = [places[from]!, places[to]!];
    const object = nameAt(text, start, end);
    return [{ subject, relation: "diagnosed_by", object, rule, denies: denial.test(between) }];
  };
  return [
    ...[found, workUp].flatMap((pattern) =>
      [...words.matchAll(pattern)].flatMap(({ index, 0: all, 1: mark, 2: between, 3: own }) =>
        link(mark!, index + all.length - own!.length, index + all.length, between!)
      )
    ),
    ...[...words.matchAll(finds)].flatMap(({ index, 0: all, 1: own, 2: between, 3: mark }) => {
      const from = index + all.indexOf(own!);
      return link(mark!, from, from + own!.length, between!);
    }),
  ];
}

/**
 * The tests that some words name.
 *
 * @param words Words such as "TSH and free T4 levels".
 * @returns Each by itself, without what says only that it is one.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { testsNamed } from "./test_claims.ts";
 *
 * assertEquals(testsNamed("TSH and free T4 levels"), ["TSH", "free T4"]);
 * ```
 */
export function testsNamed(words: string): string[] {
  return words.split(/,|\band\b|\bor\b/).flatMap((part) => {
    const name = part.trim().replace(/^(?:an?|the|serum|blood)\s+(?=\S)/i, "")
      .replace(/\s+(?:levels?|tests?|testing|scans?)$/i, "");
    return name === "" ? [] : [name];
  });
}
