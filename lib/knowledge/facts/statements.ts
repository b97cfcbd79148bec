/**
 * Which sentences state something: no reports on a patient, no demands, no talk of texts.
 *
 * @module
 */
import { type ReadSentence, wordsOf } from "./read_sentence.ts";

/** Where a patient's findings are said to speak for a disease. */
const inference =
  /\b(?:because|since|as\s+(?:he|she|the|there)|suggest\w*|points?\s+(?:to|towards?)|(?:most\s+)?likely|answer|diagnosis|probably|suspicio\w*|suspect\w*|(?:may|might|could)\s+(?:well\s+)?(?:have|be)|consider|think\s+of|expect|possibility|bring(?:s|ing)?\s+[^.;]{3,60}\bto\s+mind|(?:must|should|has\s+to)\s+be\s+(?:feared|excluded|ruled\s+out|thought\s+of)|fear\s+of|(?:story|picture)\s+is\s+(?:that\s+)?of|must\s+not\s+be\s+missed|^given)\b/i;

/** Somebody in particular: what is said of them is a report. */
const particular = /^(?:the|this|that|our|my|your|he|she|mr|mrs|ms|\d)/i;

/** Of whom a sentence reports stands within so many characters of its beginning. */
const NEAR_START = 30;

/**
 * Whether a sentence reports on one patient and infers nothing: one that begins with a disease, or with "the patient with gout", is about that.
 *
 * @param sentence The sentence.
 * @returns True for "she has a rash".
 */
export const isReport = (sentence: ReadSentence): boolean =>
  sentence.names.some(({ person, text, start, end }, i) =>
    // "If the mother has myasthenia": nobody in particular
    (person === "family" && !/\bif\s+$/i.test(sentence.text.slice(sentence.place.start, start))) ||
    (person === "patient" && particular.test(text) && i === 0 &&
      // "Stool passed without the patient noticing it": nobody in particular
      start - sentence.place.start < NEAR_START &&
      !/^\s+(?:with|who\s+has)\b/i.test(sentence.text.slice(end, end + 12)))
  ) && !inference.test(wordsOf(sentence));

/** What is said of drugs under a condition: "if vagal manoeuvres fail, adenosine is first-line". */
const ruleOfUse =
  /\b(?:first[-\s](?:line|choice)|(?:drug|treatment)\s+of\s+choice|is\s+not\s+for\s+(?:you|them)|(?:is|are)\s+(?:\w+ly\s+|often\s+|best\s+)?(?:treated|given|contraindicated|avoided)|(?:must|should)\s+(?:(?:not|never)\s+)?be\s+(?:given|used|taken|started)|(?:is|are|be|remains?)\s+(?:the\s+|an?\s+)?(?:preferred|ideal|best|usual|recommended|safe(?:st)?)\b|(?:can|may|could)\s+(?:safely\s+|still\s+)?be\s+(?:given|used|taken|started|prescribed|added|continued|done|performed|considered))\b/i;
/** "If gout is suspected, measure uric acid": a demand. */
const demand =
  /,\s+(?:then\s+)?(?:measure|check|order|give|take|send|do|perform|stop|start|try|ask|refer|get)\b/i;
const supposed =
  /\b(?:would(?!\s+be\s+the\s+(?:safest|best|preferred|first))|were|had|could\s+have|might\s+have)\b/i;

/**
 * Whether a sentence states something, also under a condition: "if a mole grows, it could be a melanoma".
 *
 * @param sentence The sentence.
 * @returns False for questions, demands and what is only supposed.
 */
export const isStated = (sentence: ReadSentence): boolean =>
  sentence.place.form === "statement" ||
  /^\W*(?:do\s+not|don['’]t|never|avoid)\b/i.test(wordsOf(sentence)) ||
  (sentence.place.form === "condition" && !/^\W*whether\b/i.test(wordsOf(sentence)) &&
    !demand.test(wordsOf(sentence)) &&
    (inference.test(wordsOf(sentence)) ||
      (ruleOfUse.test(wordsOf(sentence)) && !supposed.test(wordsOf(sentence)))));

/** Words of talk about texts. */
export const ofTexts: RegExp =
  /\b(?:talk\w*|discuss\w*|mention\w*|wrote|writ\w+|thank\w*|learn\w*|lecture|meeting|topic|paper|article|leaflets?|chapter|[Tt]able)\b|\b(?:I|my)\b/;

/** "Dantemonium is a first-line drug": something medical is said of something. */
export const ofSomething: RegExp =
  /\b(?:is|are|was|were)\s+(?:an?\s+|the\s+|also\s+)?(?:[\p{L}-]+\s+){0,3}?(?:first-line|(?:drug|medication|medicine|therapy|treatment|symptom|sign|test|cause|bacterium|virus|enzyme|analgesic|painkiller|vaccine|antibiotic|antiviral|hormone|vitamin|steroid|diagnosis|disease|disorder|syndrome)s?\b|used\s+to\s+(?:treat|diagnose)|contraindicated|caused\s+by|characteri[sz]ed\s+by)|^first-line\s+(?:drugs?|treatment)\s*:/iu;

/**
 * Whether a sentence without anything known states something medical.
 *
 * @param sentence The sentence.
 * @returns True for "dantemonium is a first-line drug".
 */
export const isOfNothing = (sentence: ReadSentence): boolean =>
  sentence.place.form === "statement" && ofSomething.test(wordsOf(sentence)) &&
  !ofTexts.test(wordsOf(sentence)) && !isReport(sentence);
