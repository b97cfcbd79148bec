/**
 * Sex and age of the patient of a text: said once, or said alike, and possible for the diagnosis.
 *
 * @module
 */
import { ancestorsOf } from "../graph/closure.ts";
import type { TextReading } from "../text/claims.ts";
import { meaningOf, nameAt } from "../text/names.ts";
import { quantitiesIn } from "../text/qualifiers.ts";
import type { CheckedTextClaim, TextName } from "../text/types.ts";
import type { Knowledge } from "../types.ts";

/** Who can have a disease. */
export interface PatientBounds {
  /** The only sex that has it. */
  readonly sex?: "female" | "male";
  /** Ages in years, inclusive. */
  readonly age?: { readonly min: number; readonly max: number };
}

/** Tells who can have a disease; nothing for one that it does not know. */
export type BoundsOf = (diseaseId: string) => PatientBounds | undefined;

const female =
  /\b(?:female|ovar(?:y|ian)|uter(?:us|ine)|cervical\s+cancer|cervix|vagin\w*|vulva\w*|endometri\w*|fallopian|pregnan\w*|gestational|obstetric|placent\w*|menstru\w*|pre-?eclampsia|eclampsia)\b/i;
const male = /\b(?:male|prostat\w*|testic\w*|testis|penile|penis|scrot\w*|epididym\w*|seminoma)\b/i;
const young = /\b(?:neonatal|newborn|infantile|childhood|pa?ediatric)\b/i;

/**
 * Bounds from the names of a disease and of what it is a kind of.
 *
 * @param k The graph.
 * @returns A function of a disease's id.
 */
export function hierarchyBounds(k: Knowledge): BoundsOf {
  return (id) => {
    const names = [id, ...ancestorsOf(k, id)].flatMap((one) => k.entities.get(one)?.name ?? []);
    const [women, men] = [
      names.some((name) => female.test(name)),
      names.some((name) => male.test(name)),
    ];
    const age = young.test(names[0] ?? "") ? { age: { min: 0, max: 17 } } : {};
    if (women === men) return age;
    return { sex: women ? "female" : "male", ...age };
  };
}

/** What is said of the patient, with the words. */
interface Said<T> {
  readonly value: T;
  readonly name: TextName;
}

const woman = /\b(?:woman|girl|female|lady|she|pregnant|mother-to-be)\b/i;
const man = /\b(?:man|boy|male|gentleman|he)\b/i;
const ageWords = /\b(\d{1,3})[-\s](years?|months?|weeks?|days?|yr)\b|\b(?:aged|of)\s+(\d{1,3})\b/i;

function sexes(names: readonly TextName[]): Said<"female" | "male">[] {
  return names.flatMap((name): Said<"female" | "male">[] => {
    if (woman.test(name.text)) return [{ value: "female", name }];
    return man.test(name.text) ? [{ value: "male", name }] : [];
  });
}

function ages(names: readonly TextName[]): Said<number>[] {
  return names.flatMap((name) => {
    const found = ageWords.exec(name.text);
    if (found === null) return [];
    const years = /^(?:month|week|day)/i.test(found[2] ?? "") ? 0 : Number(found[1] ?? found[3]);
    return [{ value: years, name }];
  });
}

/** "The woman is 92 years old." */
function statedAges({ text, sentences }: TextReading): Said<number>[] {
  return sentences.flatMap(({ place, names }) => {
    if (
      !names.some(({ person }) => person === "patient") ||
      names.some(({ person }) => person === "family")
    ) {
      return [];
    }
    return quantitiesIn(text.slice(place.start, place.end)).flatMap(
      ({ value, unit, start, end }) => {
        const [from, to] = [place.start + start, place.start + end];
        const inside = names.some((name) => name.start <= from && to <= name.end);
        const now = /\bis\s+(?:now\s+|only\s+)?$/i.test(text.slice(Math.max(0, from - 12), from));
        if (unit !== "year of age" || inside || !now) return [];
        const name = nameAt(text, from, to);
        return [{ value: Number(value), name }];
      },
    );
  });
}

function finding(
  subject: TextName,
  object: TextName,
  rule: string,
  reason: string,
  path: readonly string[],
): CheckedTextClaim {
  return {
    subject,
    relation: "has",
    object,
    polarity: "affirmed",
    experiencer: "patient",
    time: "now",
    certainty: "stated",
    start: object.start,
    end: object.end,
    rule,
    verdict: "contradicted",
    path,
    reason,
  };
}

/** The patients that are introduced: of two or more nothing can be said against each other. */
const introduced = (names: readonly TextName[]): number =>
  names.filter(({ text }) => /^(?:an?|another|this\s+other)\s/i.test(text)).length;

/**
 * What is said of sex and age that cannot be.
 *
 * @param readings A text, or a prompt and its answer, as read.
 * @param boundsOf Who can have a disease.
 * @param diagnoses Diseases that the patient is said to have.
 * @returns Contradicted claims; none where all agrees, or where the text tells of several patients.
 */
export function profileFaults(
  readings: readonly TextReading[],
  boundsOf: BoundsOf,
  diagnoses: readonly TextName[],
): CheckedTextClaim[] {
  const persons = readings.flatMap(({ sentences }) => sentences).flatMap(({ names }) => names)
    .filter(({ person }) => person === "patient");
  if (introduced(persons) > 1) return [];
  const [sex, age] = [sexes(persons), [...ages(persons), ...readings.flatMap(statedAges)]];
  const faults: CheckedTextClaim[] = [];
  for (const [rule, said] of [["sex", sex], ["age", age]] as const) {
    const other = said.find(({ value }) => value !== said[0]!.value);
    if (other === undefined) continue;
    const path = [`said before: "${said[0]!.name.text}"`];
    faults.push(
      finding(
        said[0]!.name,
        other.name,
        `${rule} said twice`,
        `another ${rule} was said before`,
        path,
      ),
    );
  }
  for (const name of diagnoses) {
    const disease = meaningOf(name, ["disease"]);
    const bounds = disease === undefined ? undefined : boundsOf(disease.id);
    if (disease === undefined || bounds === undefined) continue;
    const label = `${disease.name} (${disease.id})`;
    const wrong = sex.find(({ value }) => bounds.sex !== undefined && value !== bounds.sex);
    if (wrong !== undefined) {
      const path = [`${label} occurs only in the ${bounds.sex} sex`];
      faults.push(
        finding(wrong.name, name, "sex and disease", "the patient is of the other sex", path),
      );
    }
    const { min, max } = bounds.age ?? { min: 0, max: Infinity };
    const out = age.find(({ value }) => value < min || value > max);
    if (out !== undefined) {
      const path = [`${label} occurs at ${min} to ${max} years`];
      faults.push(
        finding(out.name, name, "age and disease", "the patient is of another age", path),
      );
    }
  }
  return faults;
}
