/**
 * What a sentence says of drugs in a disease, where no pattern reads it: by its words of use and of harm, in whatever order.
 *
 * @module
 */
import { type ClaimJudge, denied, type JudgedEvidence } from "../judges/graph_judge.ts";
import { exposure, harm, isLevel, partAround, saidOfDrugs } from "../text/drug_words.ts";
import { meaningOf } from "../text/names.ts";
import { isOf } from "../text/relation_links.ts";
import type { CheckedTextClaim, TextName } from "../text/types.ts";
import type { DiseaseFacts } from "./disease_facts.ts";
import { frame, stemsOf } from "./plain_words.ts";
import { general, type KnownDisease, type ReadSentence, wordsOf } from "./read_sentence.ts";

/** Before a drug that another takes the place of. */
const replaced =
  /\b(?:instead\s+of|rather\s+than|substitutes?\s+for|alternatives?\s+to|in\s+place\s+of|replac(?:es?|ing)|than|unlike|allergic\s+to|allergy\s+to)\s+(?:[\p{L}-]+\s+(?:or|and)\s+)?(?:an?\s+|the\s+)?$/iu;

/** What was read of drugs. */
export interface DrugReading {
  /** Claims with their verdicts, of drugs of which nothing else was read. */
  readonly claims: readonly CheckedTextClaim[];
  /** The names that are accounted for. */
  readonly names: readonly TextName[];
  /** When the tables use the drugs: this accounts for what else a sentence names. */
  readonly settings: readonly string[];
}

/** What a drug is used for, behind its name. */
const usedFor =
  /^[^,;]*?\b(?:for|of|as|to(?=\s+(?:abort|treat|prevent|stop|lower|clear|relieve)\b))\s+(?:the\s+)?([^,;]+)/i;

/**
 * What speaks against a drug, for which words behind it name the use of another drug of the disease, and the tables another use: "lactulose
 * for ascites".
 */
function usedOtherwise(
  behind: string,
  drug: TextName,
  { profile, settings }: DiseaseFacts,
): JudgedEvidence | undefined {
  const own = settings.get(meaningOf(drug, ["drug"])?.id ?? "") ?? [];
  const stems = new Set(stemsOf(usedFor.exec(behind)?.[1] ?? ""));
  const ofUse = (setting: string): string[] => {
    const all = stemsOf(setting);
    const words = all.filter((stem) => !frame.has(stem));
    return words.length > 0 ? words : all;
  };
  if (own.length === 0 || own.some((setting) => ofUse(setting).some((stem) => stems.has(stem)))) {
    return undefined;
  }
  const other = [...settings.values()].flat().find((setting) => {
    const words = ofUse(setting);
    return words.length > 0 && words.every((stem) => stems.has(stem));
  });
  return other === undefined ? undefined : {
    verdict: "contradicted",
    path: [`${profile.disease.name}: ${other}`],
    reason: `the tables give another drug for "${other}" than ${drug.text}`,
  };
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

const usedToTreat =
  /\b(?:used|given|prescribed|approved|indicated|medications?|drugs?|medicines?)\s+(?:(?:primarily|mainly|also|often|commonly)\s+)?(?:used\s+)?(?:to\s+treat|for\s+treating|(?:for|in)\s+(?:the\s+)?(?:treatment|management)\s+of)\s+(?:an?\s+|the\s+)?$/i;

/**
 * What a sentence says beside its point a drug is used for, and no source says: "diltiazem, a medication used to treat hypotension, ...".
 *
 * @param sentence The sentence with its names.
 * @param known Its claims: what they say of a drug and a disease is judged already.
 * @param judge Decides.
 * @returns The first such claim; undefined where there is none.
 */
export function strangeUse(
  { text, place, names }: ReadSentence,
  known: readonly CheckedTextClaim[],
  judge: ClaimJudge,
): CheckedTextClaim | undefined {
  for (const object of names) {
    const disease = meaningOf(object, ["disease"]);
    const before = text.slice(place.start, object.start);
    if (disease === undefined || !usedToTreat.test(before) || harm.test(before)) continue;
    const subject = names.filter(({ end }) => end <= object.start)
      .findLast((name) => meaningOf(name, ["drug"]) !== undefined);
    const isJudged = known.some((one) =>
      one.relation !== "contraindicated" && one.subject.start === subject?.start &&
      one.object.start === object.start
    );
    if (subject === undefined || isJudged) continue;
    const { verdict, path, reason } = judge({
      subject: meaningOf(subject, ["drug"])!.id,
      relation: "treats",
      object: disease.id,
    });
    // "Lactulose is used to treat the encephalopathy of cirrhosis": a use in it
    const isWithin = verdict === "unknown" &&
      known.some((one) =>
        one.relation !== "contraindicated" && one.subject.start === subject.start
      );
    if (verdict === "supported" || isWithin) continue;
    return {
      ...general(place),
      subject,
      relation: "treats",
      object,
      rule: "used to treat",
      verdict,
      path,
      reason,
    };
  }
  return undefined;
}

/**
 * A use that is supported, for which the tables give another drug of the disease: "propranolol at the start of a migraine attack".
 *
 * @param sentence The sentence with its names.
 * @param diseases Its diseases with their facts.
 * @param supported Its supported claims.
 * @returns The first such claim, contradicted; undefined where there is none.
 */
export function otherUse(
  { text, place, names }: ReadSentence,
  diseases: readonly KnownDisease[],
  supported: readonly CheckedTextClaim[],
): CheckedTextClaim | undefined {
  for (const claim of supported) {
    const { subject, relation, object } = claim;
    const known = diseases.find(({ name }) => name.start === object.start)?.known;
    if (known === undefined || relation === "contraindicated") continue;
    const next = names.find((name) => name.start >= subject.end && isOf(name, ["drug"]));
    const found = usedOtherwise(text.slice(subject.end, next?.start ?? place.end), subject, known);
    if (found !== undefined) return { ...claim, ...found };
  }
  return undefined;
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
    exposure.test(text.slice(place.start, start)) || isLevel(text, { start, end }) ||
    stemsOf(text.slice(start, end)).every((stem) => ofFacts.has(stem));
  const claims = drugs.filter((name) => !isPassedOver(name)).flatMap((subject) => {
    const words = partAround(wordsOf(sentence), subject.start - place.start);
    const said = saidOfDrugs(words);
    if (said === undefined) return [];
    const { relation, polarity } = said;
    const next = drugs.find(({ start }) => start >= subject.end)?.start ?? place.end;
    const found = diseases.map(({ name, known }): CheckedTextClaim => {
      const other = relation === "contraindicated"
        ? undefined
        : usedOtherwise(text.slice(subject.end, next), subject, known);
      const found = other ??
        judge({ subject: idOf(subject)!, relation, object: known.profile.disease.id });
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
