/**
 * Links of notes, which leave the patient out: "Denies fever.", "Cough is present", "Asthma runs in the family".
 *
 * @module
 */
import { recordRule } from "./labelled_lines.ts";
import { listBefore, listBehind, type MaskedSentence } from "./masked_sentence.ts";
import { isOf, type Link } from "./relation_links.ts";
import type { Sentence } from "./sentences.ts";
import type { TextName } from "./types.ts";

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

/** "Tests show", "the history also lists": what a section of the record tells of its patient. */
const sectionVerb =
  /^\W*(?:(?:the|his|her|their|further|physical|clinical|laboratory|lab|blood)\s+)*(?:(?:tests?|examination|exam|results?(?:\s+of\s+(?:the\s+)?tests?)?|labs?|laboratory|imaging|investigations?|signs\s+on\s+examination|findings\s+on\s+examination)\s+(?:also\s+|further\s+)?(?:shows?|showed|reveals?|revealed|finds?|found|detects?|detected|yields?|yielded|are|include)|(?<record>(?:(?:past|medical)\s+)*(?:history|records?|chart|file))\s+(?:also\s+|further\s+)?(?:lists?|listed|includes?|shows?|showed|mentions?|contains?|has|notes?))\s/iu;

/**
 * What a sentence about a section of the record tells of its patient: "Tests show high ferritin."
 *
 * @param sentence The sentence in marks.
 * @param place Where it stands.
 * @returns Links of the relation `has`; none for another sentence.
 */
export function sectionLinks(sentence: MaskedSentence, place: Sentence): Link[] {
  const lead = sectionVerb.exec(sentence.words);
  if (lead === null || place.form !== "statement") return [];
  const rule = lead.groups?.record === undefined ? "section of the record" : recordRule;
  return listBehind(sentence, lead[0].length, sentence.words.length, false).names
    .filter((name) => isOf(name, ["symptom", "disease"]))
    .map((object) => ({ subject: impliedPatient(place.start), relation: "has", object, rule }));
}

const noteStart =
  /^\W*(?:(?:on|at)\s+(?:examination|presentation|admission|arrival),?\s*)?(?:there\s+(?:is|are|was|were)|denies|denied|reports?|reported|complains?\s+of|presents?\s+with|presented\s+with|has|had|no|without|(?:seen|comes|came)(?:\s+(?:today|here|in))?\s+with(?:out)?|(?:(?:remote|past|long|known|previous|prior|positive)\s+)?(?:medical\s+)?history\s+of|(?:family\s+|medical\s+)?history\s+(?:is|was)\s+(?:positive|notable|significant|remarkable)\s+for|known)\b/i;

const presence =
  /(?:\b(?:is|are|was|were)\s+(?:\w+ly\s+|also\s+|not\s+)*(?:present|absent|noted|found|seen|reported|denied|evident)|\bruns\s+in\s+[\uE100-\uE1FF])(?=\s*(?:[,.;]|$|and\b|but\b|in\s+(?:him|her|them|[\uE100-\uE1FF]|childhood|infancy|youth|the\s+past|(?:19|20)\d\d)))/giu;

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
