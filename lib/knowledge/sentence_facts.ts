/**
 * Sentences held against the facts of the diseases that they name: for what no pattern of claims reads, for what a pattern reads as something
 * that no source knows, and for words of findings that stand in a sentence and in no claim of it.
 *
 * @module
 */
import type { FactBook } from "./disease_facts.ts";
import { conditionClaims, drugClaims, type DrugReading } from "./drug_fact_claims.ts";
import { claimsOfFacts, fitsWords, flagWords, unreadClaim } from "./fact_verdicts.ts";
import { factsSaid, factTurned, frame, type SaidFact, strangeFinding } from "./facts_said.ts";
import type { ClaimJudge } from "./graph_judge.ts";
import { line } from "./grounds.ts";
import { type PlainStem, plainStems } from "./plain_words.ts";
import { wrongAge, wrongSex } from "./population_faults.ts";
import {
  diseasesIn,
  general,
  type KnownDisease,
  type ReadSentence,
  stemsIn,
  wordsOf,
} from "./read_sentence.ts";
import { fitsKinds, isOf } from "./relation_links.ts";
import { comparedUpTo, type TextReading } from "./text_claims.ts";
import { inside, nameAt } from "./text_names.ts";
import { agreesInDegree, quantitiesIn } from "./text_qualifiers.ts";
import type { CheckedTextClaim, TextName } from "./text_types.ts";

/** What sentences are read with. */
export interface FactReader {
  /** The facts of diseases. */
  readonly book: FactBook;
  /** Decides about drugs. */
  readonly judge: ClaimJudge;
}

/** Where a patient's findings are said to speak for a disease. */
const inference =
  /\b(?:because|since|as\s+(?:he|she|the|there)|suggest\w*|points?\s+(?:to|towards?)|(?:most\s+)?likely|answer|diagnosis|suspect\w*|(?:may|might|could)\s+(?:well\s+)?(?:have|be)|consider|think\s+of|expect|possibility|^given)\b/i;

/** Somebody in particular: what is said of them is a report. */
const particular = /^(?:the|this|that|our|my|your|he|she|mr|mrs|ms|\d)/i;

/** Whether a sentence reports on one patient and infers nothing: one that begins with a disease is about that. */
const isReport = (sentence: ReadSentence): boolean =>
  sentence.names.some(({ person, text }, i) =>
    person === "family" || (person === "patient" && particular.test(text) && i === 0)
  ) && !inference.test(wordsOf(sentence));

/** "If a mole grows, it could be a melanoma", "when caught early": a condition that states something. */
const isStated = (sentence: ReadSentence): boolean =>
  sentence.place.form === "statement" ||
  (sentence.place.form === "condition" && inference.test(wordsOf(sentence)));

const noStatement =
  /\b(?:talk\w*|discuss\w*|mention\w*|wrote|writ\w+|thank\w*|learn\w*|lecture|meeting|topic|paper|article|leaflets?|chapter|[Tt]able)\b|\b(?:I|my)\b/;

/** Whether a refused claim stays refused whatever facts say: it goes beyond a source, or its sides are turned round. */
function isFirm(
  { subject, relation, object, rule, extent, degrees = [], quantities }: CheckedTextClaim,
  said: readonly SaidFact[],
  { book }: FactReader,
): boolean {
  const goesBeyond = extent === "all" || extent === "only" || quantities !== undefined;
  if (goesBeyond || relation === "caused_by" || relation === "transmitted_by") return true;
  const own = said.filter((one) => inside(object, one));
  const isOfFact = (degree: string): boolean =>
    own.some(({ fact }) =>
      agreesInDegree(degree, fact.text) === true ||
      plainStems(degree).every(({ stem }) => fact.stems.includes(stem))
    );
  if (!degrees.every(isOfFact)) return true;
  const [isDrug, ofDrug] = [isOf(subject, ["drug"]), isOf(object, ["drug"])];
  const isTable = object.entities.some(({ id, kind }) =>
    kind === "disease" && book.factsOf(id)?.profile.disease.id === id
  );
  if (isDrug && isTable) return true;
  const sides = [subject, object].map(({ entities }) => entities.length > 0);
  const turned = relation === "presents" || relation === "red_flag" || relation === "has_risk"
    ? isOf(subject, ["symptom"]) && isOf(object, ["disease"]) &&
      (!isOf(object, ["symptom"]) || rule === "is caused by")
    : isOf(subject, ["disease"]) && ofDrug;
  return sides.every(Boolean) && turned && !fitsKinds({ subject, relation, object });
}

/** Findings that go with nearly every disease. */
const anyFinding = /^(?:pain|infections?|inflammation|symptoms?|discomfort|complaints?|illness)$/i;

const treatWords =
  /\b(?:first-line|first\s+(?:line|choice|drug)|drug\s+of\s+choice|treat\w*|prescri\w+|turn\s+to|contraindicated|therapy)\b/i;

/** "Only in elderly smokers": a limit that no claim of the sentence has taken up. */
const isLimited = (words: string, own: readonly CheckedTextClaim[]): boolean =>
  /(?<!\bnot\s+)\bonly\s+(?:ever\s+|occurs?\s+|seen\s+)*(?:in|among|when|if|after|by|at|during)\b/i
    .test(words) &&
  own.every(({ extent, relation }) => extent === undefined && relation !== "affects");

/** What facts say of a sentence. */
interface FactReading {
  readonly free: readonly PlainStem[];
  readonly said: readonly { readonly disease: KnownDisease; readonly said: readonly SaidFact[] }[];
  /** The facts that are said, of all diseases. */
  readonly facts: readonly SaidFact[];
  readonly drugs: DrugReading;
  /** Stems of facts that are said, and of when drugs are used. */
  readonly explained: ReadonlySet<string>;
}

function readFacts(
  sentence: ReadSentence,
  diseases: readonly KnownDisease[],
  supported: readonly CheckedTextClaim[],
  { judge }: FactReader,
): FactReading {
  const persons = sentence.names.filter(({ person }) => person !== undefined);
  const named = [...diseases.map(({ name }) => name), ...persons];
  const words = wordsOf(sentence);
  const from = sentence.place.start + comparedUpTo(words);
  const flag = flagWords.exec(words);
  const flagAt = flag === null ? undefined : {
    start: sentence.place.start + flag.index,
    end: sentence.place.start + flag.index + flag[0].length,
  };
  const free = stemsIn(sentence).filter((stem) => flagAt === undefined || !inside(stem, flagAt))
    .filter((stem) => stem.start >= from && !named.some((name) => inside(stem, name)));
  const said = diseases.map((disease) => ({
    disease,
    said: factsSaid(free, disease.known.facts).filter(({ fact }) => fitsWords(fact, words)),
  }));
  const facts = said.flatMap((one) => one.said);
  const ofFacts = new Set(facts.flatMap(({ fact }) => fact.stems));
  const drugs = drugClaims(sentence, diseases, { supported, ofFacts, judge });
  const settings = drugs.settings.flatMap((setting) => plainStems(setting)).map(({ stem }) => stem);
  // A tension headache is a headache
  const ofNames = diseases.flatMap(({ known }) => plainStems(known.profile.disease.name))
    .map(({ stem }) => stem);
  return { free, said, facts, drugs, explained: new Set([...ofFacts, ...settings, ...ofNames]) };
}

/** What a sentence says that its diseases do not have: a finding of others, or the opposite of a fact. */
function strangeClaim(
  sentence: ReadSentence,
  { free, said, facts, drugs, explained }: FactReading,
  supported: readonly CheckedTextClaim[],
  { book }: FactReader,
): CheckedTextClaim | undefined {
  const spans = [...supported.flatMap(({ subject, object }) => [subject, object]), ...drugs.names];
  const left = free.filter((one) =>
    !explained.has(one.stem) && !spans.some((span) => inside(one, span))
  );
  const subject = said[0]!.disease.name;
  for (const { disease: { known } } of said) {
    const turned = factTurned(free, known.facts);
    if (turned === undefined || facts.some(({ fact }) => fact === turned.fact)) continue;
    return {
      ...general(sentence.place),
      subject,
      relation: turned.fact.relation,
      object: nameAt(sentence.text, turned.start, turned.end),
      rule: "the opposite of a fact",
      verdict: "contradicted",
      path: [line(`${known.profile.disease.name}: ${turned.fact.text}`, turned.fact.row)],
      reason: `a source says "${turned.fact.text}"`,
    };
  }
  const all = said.flatMap(({ disease }) => disease.known.facts);
  const finding = strangeFinding(free, left, all, book.findingsWith);
  if (finding !== undefined) return unreadClaim(sentence, subject, finding);
  const isWord = (name: TextName): boolean => {
    const stems = plainStems(name.text).map(({ stem }) => stem);
    return all.some((fact) => stems.every((stem) => fact.stems.includes(stem)));
  };
  const other = sentence.names.find((name) =>
    isOf(name, ["symptom"]) && name.standsFor === undefined && !anyFinding.test(name.text) &&
    left.some((one) => inside(one, name)) && !isWord(name)
  );
  return other && unreadClaim(sentence, subject, left.filter((one) => inside(one, other)));
}

/** Whether a sentence has numbers that neither a claim nor a fact has; an age is none of a finding. */
function hasStrangeNumber(
  sentence: ReadSentence,
  own: readonly CheckedTextClaim[],
  { facts, drugs }: FactReading,
): boolean {
  const known = [...facts.map(({ fact }) => fact.text), ...drugs.settings];
  return own.every(({ relation }) => relation !== "affects") &&
    quantitiesIn(wordsOf(sentence)).some(({ value, unit }) =>
      !unit.endsWith("of age") && !known.some((words) => words.includes(value)) &&
      !own.some(({ quantities }) => quantities?.some((one) => one.value === value))
    );
}

/** Claims with those of conditions: what is said of the same drug and not known is said of that condition, and nothing twice. */
function withConditions(
  patterns: readonly CheckedTextClaim[],
  conditions: readonly CheckedTextClaim[],
): CheckedTextClaim[] {
  const isOfCondition = ({ subject, verdict }: CheckedTextClaim): boolean =>
    verdict === "unknown" && conditions.some((one) => one.subject.start === subject.start);
  const isSaid = ({ subject }: CheckedTextClaim): boolean =>
    patterns.some((one) =>
      one.subject.start === subject.start && one.relation === "contraindicated" &&
      one.verdict === "supported"
    );
  return [
    ...patterns.filter((claim) => !isOfCondition(claim)),
    ...conditions.filter((claim) => !isSaid(claim)),
  ];
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
  const own = withConditions(patterns, conditions);
  const diseases = diseasesIn(sentence, reader.book);
  const [first] = diseases;
  const words = wordsOf(sentence);
  const told = own.filter(({ verdict }) => verdict !== "not a claim");
  if (first === undefined || isReport(sentence)) return own;
  if (noStatement.test(words) && told.length === 0) return own;
  const wrong = wrongSex(sentence, diseases) ?? wrongAge(sentence, diseases);
  if (wrong !== undefined) return [...own, wrong];
  const supported = told.filter(({ verdict }) => verdict === "supported");
  const refused = told.filter(({ verdict }) => verdict !== "supported");
  if (refused.some(({ verdict }) => verdict === "contradicted")) return own;
  const reading = readFacts(sentence, diseases, supported, reader);
  if (refused.some((one) => isFirm(one, reading.facts, reader))) return own;
  const strange = strangeClaim(sentence, reading, supported, reader);
  if (strange !== undefined) return refused.length > 0 ? own : [...own, strange];
  if (hasStrangeNumber(sentence, own, reading)) {
    return refused.length > 0 ? own : [...own, unreadClaim(sentence, first.name, [])];
  }
  const isRead = ({ subject, object }: CheckedTextClaim): boolean =>
    [subject, object].every((name) =>
      isOf(name, ["drug"]) || diseases.some((one) => one.name.start === name.start) ||
      reading.free.every((one) =>
        !inside(one, name) || reading.explained.has(one.stem) || frame.has(one.stem) ||
        (name.entities.length === 0 && reader.book.findingsWith(one.stem).length === 0)
      )
    );
  if (!refused.every(isRead)) return own;
  if (isLimited(words, own)) return [...own, unreadClaim(sentence, first.name, [])];
  if (told.length > 0 && refused.length === 0 && reading.drugs.claims.length === 0) return own;
  const more = reading.said.flatMap(({ disease, said }) => claimsOfFacts(sentence, disease, said));
  const rest = own.filter((claim) => !refused.includes(claim));
  const read = [...rest, ...more, ...reading.drugs.claims];
  if (read.some(({ verdict }) => verdict !== "not a claim")) return read;
  const says = sentence.place.form === "statement" && (treatWords.test(words) ||
    reading.free.some((one) =>
      reader.book.findingsWith(one.stem).length > 0 && !frame.has(one.stem)
    ));
  return says ? [...own, unreadClaim(sentence, first.name, [])] : own;
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
  for (const { place: own, names } of sentences) {
    // "Gout: joint pain": the label is part of the sentence where it is a name
    const start = Math.min(own.start, names[0]?.start ?? own.start);
    const place = { ...own, start };
    const sentence: ReadSentence = { text, place, names };
    if ((own.label !== undefined && start === own.start) || !isStated(sentence)) continue;
    const before = all.filter((claim) => inside(claim, place));
    const read = claimsOfSentence(sentence, before, reader);
    const at = before.length === 0
      ? all.findIndex((claim) => claim.start >= place.end)
      : all.indexOf(before[0]!);
    const rest = all.filter((claim) => !before.includes(claim));
    rest.splice(at < 0 ? rest.length : at, 0, ...read);
    all.splice(0, all.length, ...rest);
  }
  return all;
}
