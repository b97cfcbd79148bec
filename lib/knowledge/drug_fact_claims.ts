/**
 * What a sentence says of drugs in a disease, where no pattern reads it: by its words of use and of harm, in whatever order.
 *
 * @module
 */
import type { FactBook } from "./disease_facts.ts";
import { forbiddenGround } from "./drug_grounds.ts";
import { placesOf, spanOf } from "./facts_said.ts";
import { type ClaimJudge, denied } from "./graph_judge.ts";
import { plainStems } from "./plain_words.ts";
import {
  general,
  type KnownDisease,
  type ReadSentence,
  stemsIn,
  wordsOf,
} from "./read_sentence.ts";
import { inside, meaningOf, nameAt } from "./text_names.ts";
import { isFirstLine } from "./text_qualifiers.ts";
import type { CheckedTextClaim, TextName } from "./text_types.ts";

/** That a drug must not be given. */
const harm =
  /\b(?:contra-?indicat\w*|avoid(?:s|ed|ing)?|withh[eo]ld\w*|harm(?:s|ful|ed)?|dangerous|hazardous|unsafe|forbidden|off[-\s]limits|ill-advised|(?:must|should|ought|shall|may|can|could|do|does|is|are|will|would|need)\s*(?:not|n['’]t)\s+(?:to\s+)?(?:be\s+|ever\s+)?(?:giv\w+|us\w+|tak\w+|prescrib\w*|start\w*|offer\w*|administ\w*|receiv\w*|get|have)|cannot\s+(?:be\s+)?(?:giv\w+|us\w+|tak\w+|receiv\w*)|never\s+(?:be\s+)?(?:giv\w+|us\w+|tak\w+|prescrib\w*|start\w*|offer\w*|receiv\w*)|steer\s+clear|stay\s+away|keep\s+away|not\s+(?:to\s+be\s+)?(?:given|used|recommended|advis\w+))\b/i;
/** That it is not. */
const harmless =
  /\b(?:not|never|n['’]t)\s+(?:be\s+|strictly\s+)?(?:contra-?indicat\w*|harmful|dangerous|unsafe|avoided)|\bneed\s+not\s+be\s+avoided|\bno\s+(?:harm|danger|contra-?indication\w*)\b|\b(?:perfectly|entirely|completely|quite|considered)\s+safe\b|\bsafe(?:ly)?\s+(?:to|in|for|be)\b|\bis\s+safe\b/i;
/** That it does nothing. */
const useless =
  /\b(?:useless|worthless|ineffective|of\s+no\s+(?:use|benefit|value|help)|no\s+(?:role|place|benefit|effect)|(?:does|do|did|will|would)\s*(?:not|n['’]t)\s+(?:help|work|treat|relieve|improve|benefit)|not\s+(?:effective|useful|helpful|indicated|used|a\s+treatment)|never\s+(?:used|helps))\b/i;
/** That it is used. */
const use =
  /\b(?:treat\w*|first|1st|tx|rx|choice|choose|chosen|giv\w+|start\w*|beg[iau]n\w*|us(?:e|es|ed|ing|ually)|help\w*|reliev\w*|eas(?:e|es|ed)|standard|recommend\w*|options?|therap\w*|prescri\w*|indicated|effective|works?|control\w*|manag\w*|drugs?|medic\w*|substitut\w*|add(?:ed|s)?|offer\w*|line|administ\w*|tak(?:e|en|es|ing)|receiv\w*|agents?|antibiotics?|prevent\w*|mainstay|respond\w*|benefit\w*|combin\w*|initiat\w*|preferred|calls?\s+for|requires?|needs?|backbone|cornerstone)\b/i;
/** Before a drug that another takes the place of. */
const replaced =
  /\b(?:instead\s+of|rather\s+than|substitutes?\s+for|alternatives?\s+to|in\s+place\s+of|replac\w+|than|unlike|allergic\s+to|allergy\s+to)\s+(?:[\p{L}-]+\s+(?:or|and)\s+)?(?:an?\s+|the\s+)?$/iu;

/** What a sentence can say of a drug. */
type DrugRelation = "contraindicated" | "treats" | "first_line";

/** What was read of drugs. */
export interface DrugReading {
  /** Claims with their verdicts, of drugs of which nothing else was read. */
  readonly claims: readonly CheckedTextClaim[];
  /** The names that are accounted for. */
  readonly names: readonly TextName[];
  /** When the tables use the drugs: this accounts for what else a sentence names. */
  readonly settings: readonly string[];
}

/** What a sentence says of its drugs: the relation, and whether it is denied; undefined where it says both or nothing. */
function saidOfDrugs(
  words: string,
):
  | { readonly relation: DrugRelation; readonly polarity: CheckedTextClaim["polarity"] }
  | undefined {
  if (harmless.test(words)) return { relation: "contraindicated", polarity: "denied" };
  if (useless.test(words)) return { relation: "treats", polarity: "denied" };
  if (harm.test(words)) return { relation: "contraindicated", polarity: "affirmed" };
  // "Cystitis: nitrofurantoin": a note
  if (!use.test(words) && !/^[^:]{3,60}:\s/.test(words)) return undefined;
  return { relation: isFirstLine(words) ? "first_line" : "treats", polarity: "affirmed" };
}

/** Where the part of a sentence ends that says something of a drug. */
const part =
  /[;:]|,\s+(?=(?:and|but|while|whereas|though|although|which|for\s+which|with|so)\b)|\b(?:but|whereas|while|although|though)\b|\band\b(?=[^,;]*\b(?:is|are|was|should|may|can|must)\b)/gi;

/** The words around a drug that say something of it; the whole sentence where they do not. */
function partAround(words: string, at: number): string {
  const borders = [...words.matchAll(part)].map(({ index }) => index);
  const from = borders.filter((border) => border < at).at(-1) ?? 0;
  const own = words.slice(from, borders.find((border) => border >= at) ?? words.length);
  return saidOfDrugs(own) === undefined ? words : own;
}

/** What is known before the drugs of a sentence are read. */
export interface DrugContext {
  /** Claims of the sentence that are supported: of their drugs nothing more is read. */
  readonly supported: readonly CheckedTextClaim[];
  /** Stems of facts that the sentence says: a drug that is one of them is part of a fact. */
  readonly ofFacts: ReadonlySet<string>;
  /** Decides. */
  readonly judge: ClaimJudge;
}

const order = ["supported", "contradicted", "associated", "unknown"] as const;

/**
 * What a sentence says of drugs in the diseases that it names.
 *
 * @param sentence The sentence with its names.
 * @param diseases Its diseases with their facts; of several that one counts of which a source says the same.
 * @param context What is known.
 * @returns Claims, none where it names no other drug or it is not clear what it says of one.
 */
export function drugClaims(
  sentence: ReadSentence,
  diseases: readonly KnownDisease[],
  { supported, ofFacts, judge }: DrugContext,
): DrugReading {
  const { text, place, names } = sentence;
  const idOf = (name: TextName): string | undefined => meaningOf(name, ["drug"])?.id;
  const drugs = names.filter((name) =>
    idOf(name) !== undefined && diseases.every((one) => one.name.start !== name.start)
  );
  const read = new Set(supported.flatMap(({ subject, object }) => [subject.start, object.start]));
  const isPassedOver = ({ start, end }: TextName): boolean =>
    read.has(start) || replaced.test(text.slice(place.start, start)) ||
    plainStems(text.slice(start, end)).every(({ stem }) => ofFacts.has(stem));
  const claims = drugs.filter((name) => !isPassedOver(name)).flatMap((subject) => {
    const words = partAround(wordsOf(sentence), subject.start - place.start);
    const said = saidOfDrugs(words);
    if (said === undefined) return [];
    const { relation, polarity } = said;
    const found = diseases.map(({ name, known: { profile } }): CheckedTextClaim => {
      const found = judge({ subject: idOf(subject)!, relation, object: profile.disease.id });
      const { verdict, path, reason } = polarity === "affirmed" ? found : denied(found);
      return {
        ...general(place),
        subject,
        relation,
        object: name,
        polarity,
        rule: "words of use and harm",
        verdict,
        path,
        reason,
      };
    });
    const best = order.flatMap((verdict) => found.filter((one) => one.verdict === verdict));
    return best.slice(0, 1);
  });
  return {
    claims,
    names: drugs.filter((name) =>
      isPassedOver(name) || claims.some(({ subject }) => subject.start === name.start)
    ),
    settings: drugs.flatMap((name) =>
      diseases.flatMap(({ known }) => known.settings.get(idOf(name)!) ?? [])
    ),
  };
}

/** Words that take a use back, or a condition. */
const exception = /\b(?:not|no|never|unless|without|except|instead|rather|free\s+of)\b|n['’]t\b/i;

/**
 * What a sentence says of drugs and of conditions that speak against them, whatever these are called: "when the bowel is obstructed".
 *
 * @param sentence The sentence with its names.
 * @param book The conditions.
 * @returns Claims that a drug is contraindicated, which are supported, and that it is used in spite of it, which are contradicted.
 */
export function conditionClaims(sentence: ReadSentence, book: FactBook): CheckedTextClaim[] {
  const { text, place, names } = sentence;
  const words = wordsOf(sentence);
  return names.flatMap((subject): CheckedTextClaim[] => {
    const drug = meaningOf(subject, ["drug"]);
    const conditions = drug === undefined ? [] : book.conditionsOf(drug.id);
    if (drug === undefined || conditions.length === 0) return [];
    const said = saidOfDrugs(partAround(words, subject.start - place.start));
    if (said === undefined) return [];
    const forbids = said.relation === "contraindicated" && said.polarity === "affirmed";
    const uses = said.polarity === "affirmed"
      ? said.relation !== "contraindicated"
      : harmless.test(words);
    if (!forbids && (!uses || harm.test(words) || exception.test(words))) return [];
    const stems = stemsIn(sentence);
    return conditions.flatMap((condition): CheckedTextClaim[] => {
      const places = placesOf(stems, condition.stems);
      if (places === undefined) return [];
      const at = spanOf(stems, places);
      // The drug may be part of a name: "heparin-induced thrombocytopenia"
      if (inside(subject, at)) return [];
      const { path, reason } = forbiddenGround(drug.name, condition.row);
      return [{
        ...general(place),
        subject,
        relation: "contraindicated",
        object: nameAt(text, at.start, at.end),
        polarity: forbids ? "affirmed" : "denied",
        rule: forbids ? "words of harm" : "used in spite of a contraindication",
        verdict: forbids ? "supported" : "contradicted",
        path,
        reason,
      }];
    }).slice(0, 1);
  });
}
