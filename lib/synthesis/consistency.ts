/**
 * Consistency of a patient's record: whether one person can have all that it says. Every fault names its rule.
 *
 * | rule | broken by |
 * |---|---|
 * | present and absent | a finding that entails an absent one: severe headache, no headache; pain without colic is none |
 * | opposites | one quantity too high and too low, weight gained and lost, dry and productive cough |
 * | section | crackles reported, nausea examined, proteinuria found without a test |
 * | sex and disease, age and disease | a patient outside the bounds of the tables |
 * | sex and finding, age and finding | vaginal bleeding in a man, periods at five |
 * | sex and history, age and history | a man's pregnancy, a woman's prostatitis, menopause at twenty |
 * | course and onset | a chronic illness that began suddenly, an acute one over months, one symptom both sudden and gradual |
 *
 * Constipation and diarrhea are no opposites here: they alternate in several diseases of the tables.
 */
import {
  type Clinical,
  type Concept,
  conceptKey,
  entailedBy,
  entails,
  measuredIn,
  plainerFindings,
  readName,
} from "../knowledge/mod.ts";
import { type Section, sectionsOf } from "./section.ts";

/** The rules, in the order in which they are checked. */
export const consistencyRules = [
  "present and absent",
  "opposites",
  "section",
  "sex and disease",
  "age and disease",
  "sex and finding",
  "age and finding",
  "sex and history",
  "age and history",
  "course and onset",
] as const;

/** One of {@linkcode consistencyRules}. */
export type ConsistencyRule = (typeof consistencyRules)[number];

/** How an illness runs. */
export type Course = "acute" | "subacute" | "chronic";

/** A patient's sex. */
export type Sex = "female" | "male";

/** A finding with the section of the record in which it stands. */
export interface RecordedFinding {
  /** The finding. */
  readonly finding: Concept;
  /** Where it stands. */
  readonly section: Section;
}

/** What is written of a patient. */
export interface PatientRecord {
  /** Age in years. */
  readonly age?: number;
  /** The sex. */
  readonly sex?: Sex;
  /** How the illness runs. */
  readonly course?: Course;
  /** Findings that are there. */
  readonly present: readonly RecordedFinding[];
  /** Findings that are not. */
  readonly absent: readonly Concept[];
  /** Other diseases and circumstances, now or before. */
  readonly history: readonly Concept[];
  /** What the patient has. */
  readonly diagnosis?: Concept;
}

/** A broken rule. */
export interface Violation<Rule extends string> {
  /** The rule. */
  readonly rule: Rule;
  /** What was found. */
  readonly detail: string;
}

type Report = (rule: ConsistencyRule, detail: string) => void;

/** Pairs of states of which a patient has one at most; names that mean the same are separated by semicolons. */
const opposites: readonly (readonly [string, string])[] = [
  ["weight gain", "weight loss"],
  [
    "high blood pressure; high systolic bp; high diastolic bp",
    "low blood pressure; hypotension; low systolic bp; shock",
  ],
  ["rapid heartbeat; tachycardia", "low heart rate; bradycardia; slow heartbeat"],
  ["high respiratory rate; tachypnea", "slow breathing; bradypnea; low respiratory rate"],
  ["fever; high temperature", "hypothermia; low body temperature; low temperature"],
  ["increased appetite; polyphagia", "loss of appetite"],
  ["low urine output; oliguria; anuria", "polyuria; high urine output"],
  ["dry mouth", "drooling; excessive salivation"],
  ["dry skin", "oily skin"],
  ["heat intolerance", "cold intolerance"],
  ["high wbc; leukocytosis", "low wbc; leukopenia"],
  ["high platelets; thrombocytosis", "low platelets; thrombocytopenia"],
  ["high haemoglobin; polycythemia", "low haemoglobin; anemia"],
  ["high potassium; hyperkalemia", "low potassium; hypokalemia"],
  ["high sodium; hypernatremia", "low sodium; hyponatremia"],
  [
    "high calcium; hypercalcemia; high serum calcium",
    "low calcium; hypocalcemia; low serum calcium",
  ],
  [
    "high blood glucose; hyperglycemia; high fasting glucose",
    "low blood glucose; hypoglycemia; low fasting glucose",
  ],
  ["productive cough; wet cough", "dry cough; nonproductive dry cough"],
  ["high-pitched bowel sounds", "absent bowel sounds"],
];

interface OppositeIds {
  readonly ids: readonly [ReadonlySet<string>, ReadonlySet<string>];
  readonly words: string;
}

/** What is looked up again and again, for each set of tables. */
const known = new WeakMap<
  Clinical,
  {
    readonly opposites: readonly OppositeIds[];
    readonly entailed: Map<string, ReadonlySet<string>>;
  }
>();

function knownOf(clinical: Clinical): NonNullable<ReturnType<typeof known.get>> {
  const before = known.get(clinical);
  if (before !== undefined) return before;
  const idsOf = (names: string): Set<string> =>
    new Set(names.split("; ").map((name) => findingCalled(clinical, name).id));
  const found = {
    opposites: opposites.map(([a, b]) => ({
      ids: [idsOf(a), idsOf(b)] as const,
      words: `${a.split("; ")[0]} and ${b.split("; ")[0]}`,
    })),
    entailed: new Map<string, ReadonlySet<string>>(),
  };
  known.set(clinical, found);
  return found;
}

/**
 * The finding of a name, a new concept where nothing is called so.
 *
 * @param clinical The curated tables.
 * @param name Name or id.
 * @returns Its concept.
 */
export function findingCalled({ knowledge, names }: Clinical, name: string): Concept {
  const reading = readName(knowledge, names, "finding", name);
  return reading.status === "read"
    ? reading.concept
    : { id: `finding:${conceptKey(name)}`, kind: "finding", name };
}

function entailedIds(clinical: Clinical, finding: Concept): ReadonlySet<string> {
  const { entailed } = knownOf(clinical);
  const before = entailed.get(finding.id);
  if (before !== undefined) return before;
  const ids = entailedBy(clinical, finding);
  entailed.set(finding.id, ids);
  return ids;
}

/**
 * Whether two findings exclude each other, with the reason.
 *
 * @param clinical The curated tables.
 * @param a A finding.
 * @param b Another one.
 * @returns What excludes them in words; undefined where a patient can have both.
 */
export function oppositeFindings(clinical: Clinical, a: Concept, b: Concept): string | undefined {
  const [own, other] = [measuredIn(a.name), measuredIn(b.name)];
  if (
    own !== undefined && other !== undefined && own.direction !== other.direction &&
    conceptKey(own.quantity) === conceptKey(other.quantity)
  ) return `${own.quantity} is high and low`;
  const [left, right] = [entailedIds(clinical, a), entailedIds(clinical, b)];
  const meets = (ids: ReadonlySet<string>, some: ReadonlySet<string>): boolean =>
    [...some].some((id) => ids.has(id));
  const pair = knownOf(clinical).opposites.find(({ ids: [one, two] }) =>
    (meets(left, one) && meets(right, two)) || (meets(left, two) && meets(right, one))
  );
  return pair && `${pair.words} exclude each other`;
}

const female =
  /\b(?:vagin\w*|vulv\w*|uter(?:us|ine)|cervical motion|ovar(?:y|ies|ian)|adnexal|menstrua\w*|menarche|menopaus\w*|(?:heavy|painful|irregular|missed|menstrual) periods?|menorrhagia|dysmenorrhea|amenorrhea|pregnan\w*|preterm labou?r|in labou?r|breastfeeding|hysterectomy|endometri\w*|gestational|(?:pre-?)?eclampsia|miscarriage|trimester|uterine fibroids?)\b|^labor$/i;
const male =
  /\b(?:prostat\w*|testic\w*|testis|testes|scrot\w*|penis|penile|erections?|erectile|ejaculat\w*|epididym\w*|semen|vasectomy|male breast)\b/i;

/** Ages in years, inclusive, that words allow. */
const agesOfWords: readonly (readonly [words: RegExp, min: number, max: number])[] = [
  [/\bmenopaus\w*/i, 38, 120],
  [/\b(?:menstrua\w*|menarche|periods|menorrhagia|dysmenorrhea)\b/i, 9, 58],
  [
    /\b(?:pregnan\w*|breastfeeding|trimester|labor|miscarriage|(?:pre-?)?eclampsia|gestational)\b/i,
    12,
    55,
  ],
  [/\b(?:erections?|erectile|ejaculat\w*|libido|intercourse)\b/i, 13, 120],
  [/\b(?:newborn|infant|during feeding)\b/i, 0, 2],
  [/\b(?:poor growth|in a child)\b/i, 0, 17],
  [/\b(?:smoking|smoker|alcohol|intravenous drug)\b/i, 10, 120],
];

const words = ({ name, entity }: Concept): string => `${name}; ${entity?.name ?? ""}`;

/**
 * The sex that a finding or a circumstance needs by its words.
 *
 * @param concept A finding or a condition.
 * @returns The sex; undefined where both can have it.
 */
export function sexOf(concept: Concept): Sex | undefined {
  const text = words(concept);
  return female.test(text) ? "female" : male.test(text) ? "male" : undefined;
}

/**
 * The ages that a finding or a circumstance allows by its words.
 *
 * @param concept A finding or a condition.
 * @returns Years, inclusive.
 */
export function agesOf(concept: Concept): { readonly min: number; readonly max: number } {
  const text = words(concept);
  const [, under] = /\bage under (\d+) years\b/.exec(text) ?? [];
  const [, over] = /\bat (\d+) years or older\b/.exec(text) ?? [];
  let [min, max] = [
    over === undefined ? 0 : Number(over),
    under === undefined ? 120 : Number(under) - 1,
  ];
  for (const [pattern, low, high] of agesOfWords) {
    if (pattern.test(text)) [min, max] = [Math.max(min, low), Math.min(max, high)];
  }
  return { min, max };
}

/**
 * Everything in a record that one patient cannot have.
 *
 * @param clinical The curated tables.
 * @param record What is written of the patient.
 * @returns Violations, by the order of the rules; none for a record that holds together.
 */
export function checkConsistency(
  clinical: Clinical,
  record: PatientRecord,
): Violation<ConsistencyRule>[] {
  const violations: Violation<ConsistencyRule>[] = [];
  const report: Report = (rule, detail) => void violations.push({ rule, detail });
  const { present, absent } = record;
  for (const { finding } of present) {
    for (const other of absent) {
      if (entails(clinical, finding, other) !== undefined) {
        report("present and absent", `${finding.name} is present and ${other.name} absent`);
      }
    }
  }
  for (const [i, { finding }] of present.entries()) {
    for (const { finding: other } of present.slice(i + 1)) {
      const why = oppositeFindings(clinical, finding, other);
      if (why !== undefined) report("opposites", `${finding.name}, ${other.name}: ${why}`);
    }
  }
  for (const { finding, section } of present) {
    const allowed = sectionsOf(clinical, finding);
    if (!allowed.includes(section)) {
      report(
        "section",
        `Expected ${finding.name} to be ${allowed.join(" or ")} but found it ${section}`,
      );
    }
  }
  checkPerson(clinical, record, report);
  checkCourse(record, report);
  const place = ({ rule }: Violation<ConsistencyRule>): number => consistencyRules.indexOf(rule);
  return violations.sort((a, b) => place(a) - place(b));
}

/** Sex and age against diseases, findings and history. */
function checkPerson(
  clinical: Clinical,
  { age, sex, present, absent, history, diagnosis }: PatientRecord,
  report: Report,
): void {
  const check = (concept: Concept, what: "disease" | "finding" | "history"): void => {
    const profile = what === "finding" ? undefined : clinical.diseases.get(concept.id);
    const needs = profile === undefined || profile.sex === "both" ? sexOf(concept) : profile.sex;
    if (sex !== undefined && needs !== undefined && needs !== sex) {
      report(`sex and ${what}`, `${concept.name} in a ${sex} patient`);
    }
    if (age === undefined) return;
    const bounds = agesOf(concept);
    const min = Math.max(bounds.min, profile?.age.min ?? 0);
    // What was there before may have been there for long: it needs no youth.
    const max = what === "history" && profile !== undefined
      ? 120
      : Math.min(bounds.max, profile?.age.max ?? 120);
    if (age < min || age > max) {
      report(`age and ${what}`, `${concept.name} at ${age}, not from ${min} to ${max}`);
    }
  };
  if (diagnosis !== undefined) check(diagnosis, "disease");
  for (const { finding } of present) check(finding, "finding");
  // What no such patient can have is not worth denying.
  for (const finding of absent) {
    const needs = sexOf(finding);
    if (sex !== undefined && needs !== undefined && needs !== sex) {
      report("sex and finding", `${finding.name} is denied of a ${sex} patient`);
    }
  }
  for (const condition of history) check(condition, "history");
}

const sudden =
  /\b(?:sudden(?:ly)?|sudden-onset|abrupt|acute|thunderclap|over minutes|within (?:minutes|hours))\b/i;
const slow =
  /\b(?:chronic|gradual(?:ly)?|progressive|long-standing|for (?:months|years)|over (?:weeks|months|years)|more than (?:two|three|four|\d+) (?:weeks|months))\b/i;
/** Too slow for an acute course: what is progressive may be so over hours. */
const overWeeks =
  /\b(?:chronic|long-standing|for (?:months|years)|over (?:weeks|months|years)|more than (?:two|three|four|\d+) (?:weeks|months))\b/i;
/** Too slow for a subacute course. */
const overMonths =
  /\b(?:chronic|long-standing|for (?:months|years)|over (?:months|years)|more than (?:two|three|four|\d+) months)\b/i;

function checkCourse({ course, present, diagnosis }: PatientRecord, report: Report): void {
  const named = [
    ...(diagnosis === undefined ? [] : [diagnosis.name]),
    ...present.map(({ finding }) => finding.name),
  ];
  for (const name of named) {
    if (course === "chronic" && sudden.test(name)) {
      report("course and onset", `${name} in a chronic course`);
    } else if (course === "acute" && overWeeks.test(name)) {
      report("course and onset", `${name} in an acute course`);
    } else if (course === "subacute" && overMonths.test(name)) {
      report("course and onset", `${name} in a subacute course`);
    }
  }
  const plain = (name: string): string | undefined => plainerFindings(name).at(-1);
  const abrupt = present.filter(({ finding: { name } }) => sudden.test(name));
  for (const { finding: { name } } of present) {
    if (!slow.test(name)) continue;
    const same = abrupt.find(({ finding: other }) => plain(other.name) === plain(name));
    if (same !== undefined) report("course and onset", `${same.finding.name} and ${name}`);
  }
}
