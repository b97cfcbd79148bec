/**
 * Sentences held against the facts of the diseases that they name: for what no pattern of claims reads, for what a pattern reads as something
 * that no source knows, and for words of findings that stand in a sentence and in no claim of it.
 *
 * @module
 */
import { foreignAddition } from "./additions.ts";
import type { FactBook } from "./disease_facts.ts";
import { conditionClaims } from "./drug_conditions.ts";
import { strangeUse } from "./drug_fact_claims.ts";
import { exposure, harm, isLevel, partAround, postponed } from "./drug_words.ts";
import { type FactReader, type FactReading, readFacts } from "./fact_reading.ts";
import { claimsOfFacts, isPurpose, unreadClaim } from "./fact_verdicts.ts";
import { between, clauseEnd, isFirm } from "./firm_claims.ts";
import { frame, plain, stemsOf } from "./plain_words.ts";
import { wrongAge, wrongComparison, wrongSex } from "./population_faults.ts";
import { diseasesIn, type KnownDisease, type ReadSentence, wordsOf } from "./read_sentence.ts";
import { fitsKinds, isOf } from "./relation_links.ts";
import { longest } from "./sentences.ts";
import { hasStrangeNumber, strangeClaim } from "./strange_claims.ts";
import type { TextReading } from "./text_claims.ts";
import { inside, nameAt, overlaps } from "./text_names.ts";
import type { CheckedTextClaim, TextName } from "./text_types.ts";

/** Where a patient's findings are said to speak for a disease. */
const inference =
  /\b(?:because|since|as\s+(?:he|she|the|there)|suggest\w*|points?\s+(?:to|towards?)|(?:most\s+)?likely|answer|diagnosis|probably|suspicio\w*|suspect\w*|(?:may|might|could)\s+(?:well\s+)?(?:have|be)|consider|think\s+of|expect|possibility|bring(?:s|ing)?\s+[^.;]{3,60}\bto\s+mind|(?:must|should|has\s+to)\s+be\s+(?:feared|excluded|ruled\s+out|thought\s+of)|fear\s+of|(?:story|picture)\s+is\s+(?:that\s+)?of|must\s+not\s+be\s+missed|^given)\b/i;

/** Somebody in particular: what is said of them is a report. */
const particular = /^(?:the|this|that|our|my|your|he|she|mr|mrs|ms|\d)/i;

/** Of whom a sentence reports stands within so many characters of its beginning. */
const NEAR_START = 30;

/** Whether a sentence reports on one patient and infers nothing: one that begins with a disease, or with "the patient with gout", is about that. */
const isReport = (sentence: ReadSentence): boolean =>
  sentence.names.some(({ person, text, start, end }, i) =>
    person === "family" ||
    (person === "patient" && particular.test(text) && i === 0 &&
      // "Stool passed without the patient noticing it": nobody in particular
      start - sentence.place.start < NEAR_START &&
      !/^\s+(?:with|who\s+has)\b/i.test(sentence.text.slice(end, end + 12)))
  ) && !inference.test(wordsOf(sentence));

/** What is said of drugs under a condition: "if vagal manoeuvres fail, adenosine is first-line". */
const ruleOfUse =
  /\b(?:first[-\s](?:line|choice)|(?:drug|treatment)\s+of\s+choice|(?:is|are)\s+(?:\w+ly\s+|often\s+|best\s+)?(?:treated|given|contraindicated|avoided)|(?:must|should)\s+(?:(?:not|never)\s+)?be\s+(?:given|used|taken|started)|(?:can|may)\s+be\s+(?:done|performed|considered))\b/i;
/** "If gout is suspected, measure uric acid": a demand. */
const demand =
  /,\s+(?:then\s+)?(?:measure|check|order|give|take|send|do|perform|stop|start|try|ask|refer|get)\b/i;
const supposed = /\b(?:would|were|had|could\s+have|might\s+have)\b/i;

/** "If a mole grows, it could be a melanoma", "when caught early": a condition that states something. */
const isStated = (sentence: ReadSentence): boolean =>
  sentence.place.form === "statement" ||
  (sentence.place.form === "condition" && !demand.test(wordsOf(sentence)) &&
    (inference.test(wordsOf(sentence)) ||
      (ruleOfUse.test(wordsOf(sentence)) && !supposed.test(wordsOf(sentence)))));

const noStatement =
  /\b(?:talk\w*|discuss\w*|mention\w*|wrote|writ\w+|thank\w*|learn\w*|lecture|meeting|topic|paper|article|leaflets?|chapter|[Tt]able)\b|\b(?:I|my)\b/;

/** Words that stand for tests of any kind, or for the disease that is spoken of. */
const anyName =
  /^(?:(?:laboratory|blood|lab)\s+)?(?:tests?|labs?|bloods|results?|imaging|examinations?|scans?|biops(?:y|ies))$|^pregnan(?:t|cy)$|^(?:(?:chronic|acute|the|an?)\s+)*(?:infections?|diseases?|illness|condition|attacks?|episodes?|flares?)$/i;

/** "Dantemonium is a first-line drug": what is said of something that no table names. */
const ofSomething =
  /\b(?:is|are|was|were)\s+(?:an?\s+|the\s+|also\s+)?(?:[\p{L}-]+\s+){0,3}?(?:first-line|(?:drug|medication|medicine|therapy|treatment|symptom|sign|test|cause|bacterium|virus|enzyme|analgesic|diagnosis|disease|disorder|syndrome)s?\b|used\s+to\s+(?:treat|diagnose)|contraindicated|caused\s+by|characteri[sz]ed\s+by)|^first-line\s+(?:drugs?|treatment)\s*:/iu;

/** Whether a statement is about something medical, and nothing in it is known. */
const isOfNothing = (sentence: ReadSentence): boolean =>
  sentence.place.form === "statement" && ofSomething.test(wordsOf(sentence)) &&
  !noStatement.test(wordsOf(sentence)) && !isReport(sentence);

const useWords = /\b(?:first|choice|drug|treatment|line|option)\b/i;
const treatWords =
  /\b(?:first-line|first\s+(?:line|choice|drug)|drug\s+of\s+choice|treat\w*|prescri\w+|turn\s+to|contraindicated|therapy)\b/i;

/** "Only in elderly smokers": a limit that no claim of the sentence has taken up. */
const isLimited = (words: string, own: readonly CheckedTextClaim[]): boolean =>
  /(?<!\bnot\s+)\bonly\s+(?:ever\s+|occurs?\s+|seen\s+)*(?:in|among|when|if|after|by|at|during)\b/i
    .test(words) &&
  own.every(({ extent, relation }) => extent === undefined && relation !== "affects");

/** "To reduce the bleeding of fibroids": read as a denial that is none. */
const isOfPurpose = (
  { relation, verdict, polarity, object }: CheckedTextClaim,
  { place, text }: ReadSentence,
): boolean =>
  relation === "presents" && verdict === "contradicted" && polarity === "denied" &&
  isPurpose(text.slice(place.start), object.start - place.start);

/** "Begins five days after heparin": what was given before treats nothing. */
const isOfExposure = (
  { relation, subject, rule }: CheckedTextClaim,
  { place, text }: ReadSentence,
): boolean =>
  relation === "treats" && rule === "plain sentence" &&
  exposure.test(text.slice(place.start, subject.start));

const plainDenial = /\b(?:no|not|never|neither|nor|without|absent)\b|n['’]t\b/i;

/** "But the diarrhoea does not contain blood": a fact denied in so many words, and not part of what is supported. */
const isPlainlyDenied = (
  { verdict, polarity, object, extent }: CheckedTextClaim,
  { text, place }: ReadSentence,
  supported: readonly CheckedTextClaim[],
): boolean =>
  (verdict === "contradicted" || (verdict === "unknown" && extent === "all")) &&
  (polarity === "affirmed" ||
    plainDenial.test(partAround(text.slice(place.start, place.end), object.start - place.start))) &&
  !supported.some((one) => overlaps(one.object, object) || overlaps(one.subject, object));

/** What accounts for the names of a claim. */
interface Accounts {
  readonly text: string;
  readonly reading: FactReading;
  readonly supported: readonly CheckedTextClaim[];
  readonly diseases: readonly KnownDisease[];
  readonly book: FactBook;
}

/** Whether both sides of a refused claim are accounted for without it: then it is misread. */
function isAccounted(
  { subject, relation, object }: CheckedTextClaim,
  { text, reading: { free, explained }, supported, diseases, book }: Accounts,
): boolean {
  // "Casts in the urine": the place of a finding
  if (relation === "localizes" && !isOf(subject, ["disease"])) return true;
  // "Affects a few joints": a place of its findings
  const isPlace = (stems: readonly string[]): boolean =>
    diseases.some(({ known }) =>
      known.facts.some((fact) => stems.every((stem) => fact.stems.includes(stem)))
    );
  if (relation === "localizes" && isPlace(stemsOf(object.text))) return true;
  // "Headache and vomiting, it is a glaucoma": a finding is no kind of a disease
  if (relation === "is_a" && isOf(subject, ["symptom"]) && !isOf(subject, ["disease"])) return true;
  // "Bloating and loose bowels belong to irritable bowel syndrome": what they are called is no kind
  if (
    relation === "is_a" && subject.entities.length === 0 &&
    /\bbelongs?\s+to\b/i.test(between(text, subject, object))
  ) return true;
  // "Treated by drawing off blood": blood is no drug
  if ((relation === "treats" || relation === "first_line") && isOf(subject, ["anatomy"])) {
    return true;
  }
  // "First-line in mania, when patients need little sleep": no drug is said to be sleep
  if (
    clauseEnd.test(between(text, subject, object)) && !fitsKinds({ subject, relation, object })
  ) {
    return true;
  }
  return [subject, object].every((name) =>
    isOf(name, ["drug"]) || anyName.test(name.text) ||
    supported.some((one) => inside(name, one.subject) || inside(name, one.object)) ||
    diseases.some((one) => one.name.start === name.start) ||
    free.every((one) =>
      !inside(one, name) || explained.has(one.stem) || plain.has(one.stem) ||
      (name.entities.length === 0 && book.findingsWith(one.stem).length === 0)
    )
  );
}

/** Between a disease and a condition that those have who have it too. */
const whoHas = /\b(?:who|with|having|if|when)\b/i;

/** Claims with those of conditions: what is said of the same drug and not known is said of that condition, and nothing twice. */
function withConditions(
  sentence: ReadSentence,
  patterns: readonly CheckedTextClaim[],
  conditions: readonly CheckedTextClaim[],
): CheckedTextClaim[] {
  const { text, place } = sentence;
  const words = wordsOf(sentence);
  // "Must not be used for migraine in coronary disease": that it is not used for migraine is not said,
  // nor "in migraine" of "in a migraine patient with coronary disease"
  const isOfCondition = (
    { subject, relation, object, polarity, verdict }: CheckedTextClaim,
  ): boolean =>
    conditions.some((one) =>
      one.subject.start === subject.start &&
      (verdict === "unknown" ||
        (verdict === "contradicted" && (relation === "contraindicated"
          ? polarity === "affirmed" && ((one.object.start > object.end &&
            whoHas.test(text.slice(object.end, one.object.start))) ||
            !harm.test(partAround(words, object.start - place.start)))
          : polarity === "denied" || (one.verdict === "supported" && inside(object, one.object)))))
    );
  const isSaid = ({ subject, object }: CheckedTextClaim): boolean =>
    patterns.some((one) =>
      one.subject.start === subject.start && one.relation === "contraindicated" &&
      one.verdict === "supported" && (inside(object, one.object) || inside(one.object, object))
    );
  return [
    ...patterns.filter((claim) => !isOfCondition(claim)),
    ...conditions.filter((claim) => !isSaid(claim)),
  ];
}

/** The claims of one sentence, with one more that is unknown where it adds what nothing accounts for. */
function claimsWithAdditions(
  sentence: ReadSentence,
  patterns: readonly CheckedTextClaim[],
  reader: FactReader,
): readonly CheckedTextClaim[] {
  const claims = claimsOfSentence(sentence, patterns, reader);
  const told = claims.filter(({ verdict }) => verdict !== "not a claim");
  const supported = told.filter(({ verdict }) => verdict === "supported");
  if (supported.length === 0 || supported.length < told.length) return claims;
  if (postponed.test(wordsOf(sentence))) {
    return [...claims, unreadClaim(sentence, supported[0]!.subject, [])];
  }
  const use = strangeUse(sentence, told, reader.judge);
  if (use !== undefined) return [...claims, use];
  const diseases = diseasesIn(sentence, reader.book);
  const reading = readFacts(sentence, diseases, supported, reader);
  const names = [
    ...supported.flatMap(({ subject, object }) => [subject, object]),
    // "Atrial fibrillation (AF)": an abbreviation that is known
    ...sentence.names.filter(({ text }) => /^[A-Z]{2,6}$/.test(text)),
    ...diseases.map(({ name }) => name),
    ...reading.drugs.names,
  ];
  const foreign = foreignAddition(sentence, {
    names,
    explained: new Set([
      ...reading.explained,
      // Loosely: words of any of its facts
      ...diseases.flatMap(({ known }) => known.facts.flatMap(({ stems }) => stems)),
    ]),
    book: reader.book,
  });
  return foreign === undefined
    ? claims
    : [...claims, unreadClaim(sentence, supported[0]!.subject, foreign)];
}

/** The claims of one sentence, those that patterns read among them. */
function claimsOfSentence(
  sentence: ReadSentence,
  patterns: readonly CheckedTextClaim[],
  reader: FactReader,
): readonly CheckedTextClaim[] {
  const conditions = conditionClaims(sentence, reader.book);
  if (conditions.some(({ verdict }) => verdict === "contradicted")) {
    return [...patterns, ...conditions];
  }
  const own = withConditions(sentence, patterns, conditions).filter((one) =>
    !isOfPurpose(one, sentence) && !isOfExposure(one, sentence) &&
    // "Kept for people allergic to penicillin": no drug for an allergy
    !((one.relation === "treats" || one.relation === "first_line") &&
      /^allerg/i.test(one.object.text)) &&
    // "It calls for caution in pregnancy"
    !/\bcaution/i.test(between(sentence.text, one.subject, one.object)) &&
    // "A migraine attack": no place that migraine attacks
    !(one.relation === "localizes" &&
      (!isOf(one.subject, ["disease"]) || isOf(one.object, ["drug"]))) &&
    !(one.relation === "is_a" &&
      (anyName.test(one.object.text) ||
        // "Letrozole is a first choice where infertility is the trouble"
        (isOf(one.subject, ["drug"]) &&
          useWords.test(between(sentence.text, one.subject, one.object))) ||
        one.object.entities.some(({ id }) => id.startsWith("measure:")))) &&
    !(isOf(one.subject, ["drug"]) && isLevel(sentence.text, one.subject))
  );
  const diseases = diseasesIn(sentence, reader.book);
  const [first] = diseases;
  const words = wordsOf(sentence);
  const told = own.filter(({ verdict }) => verdict !== "not a claim");
  if (first === undefined && told.length === 0 && isOfNothing(sentence)) {
    const whole = nameAt(sentence.text, sentence.place.start, sentence.place.end);
    return [...own, unreadClaim(sentence, whole, [])];
  }
  if (first === undefined || isReport(sentence)) return own;
  if (noStatement.test(words) && told.length === 0) return own;
  const wrong = wrongSex(sentence, diseases) ?? wrongAge(sentence, diseases) ??
    wrongComparison(sentence, diseases);
  if (wrong !== undefined) return [...own, wrong];
  const supported = told.filter(({ verdict }) => verdict === "supported");
  const refused = told.filter(({ verdict }) => verdict !== "supported");
  const reading = readFacts(sentence, diseases, supported, reader);
  const ofFacts = reading.said.flatMap(({ disease, said }) =>
    claimsOfFacts(sentence, disease, said)
  );
  // "Cannot sit still, and often shows blood in the urine": the denial of something else
  const isMisread = ({ relation, polarity, subject, object }: CheckedTextClaim): boolean =>
    (isOf(subject, ["drug"]) && polarity === "denied" &&
      !/\b(?:no|not|never|cannot|without)\b|n['’]t\b/i
        .test(partAround(words, subject.start - sentence.place.start))) ||
    relation === "presents" && polarity === "denied" && /,|\b(?:or|who|which|that)\b/.test(words) &&
      ofFacts.some((one) => one.verdict === "supported" && overlaps(one.object, object));
  if (refused.some((one) => one.verdict === "contradicted" && !isMisread(one))) return own;
  if (refused.some((one) => isFirm(one, reading, sentence.text, reader))) return own;
  const strange = strangeClaim(sentence, reading, supported, reader);
  if (strange !== undefined) return refused.length > 0 ? own : [...own, strange];
  if (hasStrangeNumber(sentence, own, reading)) {
    return refused.length > 0 ? own : [...own, unreadClaim(sentence, first.name, [])];
  }
  const isRead = (claim: CheckedTextClaim): boolean =>
    isAccounted(claim, { text: sentence.text, reading, supported, diseases, book: reader.book });
  if (!refused.every(isRead)) return own;
  if (isLimited(words, own)) return [...own, unreadClaim(sentence, first.name, [])];
  if (told.length > 0 && refused.length === 0 && reading.drugs.claims.length === 0) {
    return [...own, ...ofFacts.filter((one) => isPlainlyDenied(one, sentence, supported))];
  }
  const isCondition = sentence.place.form === "condition";
  // "If vagal manoeuvres fail" denies none
  const more = ofFacts.filter(({ verdict }) => !isCondition || verdict === "supported");
  const rest = own.filter((claim) => !refused.includes(claim));
  const read = [...rest, ...more, ...reading.drugs.claims];
  // "Pain and redness of the big toe": that there is pain says nothing of the rest
  const isBare = rest.length + reading.drugs.claims.length === 0 &&
    reading.facts.every(({ fact, unit }) =>
      fact.relation === "presents" && unit.every((stem) => plain.has(stem))
    ) &&
    reading.free.some(({ stem }) =>
      !reading.explained.has(stem) && !plain.has(stem) &&
      reader.book.findingsWith(stem).length > 0
    );
  if (!isBare && read.some(({ verdict }) => verdict !== "not a claim")) return read;
  const says = sentence.place.form === "statement" && (treatWords.test(words) ||
    reading.free.some((one) =>
      reader.book.findingsWith(one.stem).length > 0 && !frame.has(one.stem)
    ));
  return says ? [...own, unreadClaim(sentence, first.name, [])] : own;
}

/** What the last sentence of a vignette says of its patient. */
const conclusion =
  /\b(?:diagnos\w+|(?:he|she|this|it|the\s+patient)\s+(?:is|has|had|must\s+have|(?:may|might|could)\s+(?:have|be))|suspect\w*|fear\w*|exclud\w+|ruled?\s+out|consider\w*|likely|suggest\w*|points?\s+to|think\s+of|picture|typical|fits?)\b/i;

/**
 * Sentences, those in one of which one alone names a disease and which a semicolon parts, "it is gout; the toe hurts", or which report on a
 * patient and conclude, "a man has a hot, swollen toe. The diagnosis is gout", or which go on about its drugs: "gout hurts. Colchicine is
 * the first-line drug."
 */
function inWhole(
  sentences: TextReading["sentences"],
  text: string,
  book: FactBook,
): TextReading["sentences"] {
  const namesDisease = (names: readonly TextName[]): boolean =>
    names.some(({ entities, standsFor }) =>
      standsFor === undefined &&
      entities.some(({ id, kind }) => kind === "disease" && book.factsOf(id) !== undefined)
    );
  const namesDrug = (names: readonly TextName[]): boolean =>
    names.some((name) => isOf(name, ["drug"]));
  const isVignette = ({ names, place }: TextReading["sentences"][number]): boolean =>
    names.some(({ person }) => person === "patient") ||
    /^an?\s+(?:[\w-]+\s+){0,5}(?:man|woman|boy|girl|child|infant|person|patient|smoker|student|athlete|worker|baby|teenager)\b/i
      .test(text.slice(place.start, place.end));
  const whole: TextReading["sentences"][number][] = [];
  for (const next of sentences) {
    const last = whole.at(-1);
    const isPart = last !== undefined &&
      last.place.form === "statement" && next.place.form === "statement" &&
      next.place.label === undefined && next.place.end - last.place.start <= longest &&
      (text[last.place.end - 1] === ";"
        ? !(namesDisease(last.names) && namesDisease(next.names))
        : (isVignette(last) && !namesDisease(last.names) && namesDisease(next.names) &&
          conclusion.test(text.slice(next.place.start, next.place.end))) ||
          (namesDisease(last.names) && !namesDisease(next.names) &&
            (namesDrug(next.names) ||
              ofSomething.test(text.slice(next.place.start, next.place.end)))));
    if (!isPart) {
      whole.push(next);
      continue;
    }
    const place = { ...last.place, end: next.place.end };
    whole.splice(-1, 1, { place, names: [...last.names, ...next.names] });
  }
  return whole;
}

/**
 * The claims of a text, with those that only facts read.
 *
 * @param reading What was read of the text.
 * @param claims Its claims with their verdicts.
 * @param reader Facts and judge.
 * @returns The claims. Those of a sentence that no source knows are replaced where facts say what it says; a sentence with words of
 * findings that neither a claim nor a fact accounts for has a claim that is unknown.
 */
export function withFacts(
  { text, sentences }: TextReading,
  claims: readonly CheckedTextClaim[],
  reader: FactReader,
): CheckedTextClaim[] {
  const all = [...claims];
  for (const { place: own, names } of inWhole(sentences, text, reader.book)) {
    // "Gout: joint pain": the label is part of the sentence where it is a name
    const start = Math.min(own.start, names[0]?.start ?? own.start);
    const place = { ...own, start };
    const sentence: ReadSentence = { text, place, names };
    if ((own.label !== undefined && start === own.start) || !isStated(sentence)) continue;
    const before = all.filter((claim) => inside(claim, place));
    const read = claimsWithAdditions(sentence, before, reader);
    const at = before.length === 0
      ? all.findIndex((claim) => claim.start >= place.end)
      : all.indexOf(before[0]!);
    const rest = all.filter((claim) => !before.includes(claim));
    rest.splice(at < 0 ? rest.length : at, 0, ...read);
    all.splice(0, all.length, ...rest);
  }
  return all;
}
