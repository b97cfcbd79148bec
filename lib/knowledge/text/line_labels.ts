/**
 * The labels of lines and the keys of JSON objects: what their values are.
 *
 * @module
 */
import type { EntityKind } from "../types.ts";

/**
 * What the value of a label is. `record` is what else is known of the patient, `avoid` what must not be given, `grounds` what
 * speaks against it, `against` what an absent finding speaks against, `urgent` yes or no; `first`, `second` and `neither` are
 * the diseases of the findings that the prompt lists, and of none of them.
 */
export type FieldRole =
  | "present"
  | "absent"
  | "history"
  | "record"
  | "family"
  | "diagnosis"
  | "treats"
  | "modifies"
  | "palliates"
  | "not_indicated"
  | "avoid"
  | "grounds"
  | "against"
  | "urgent"
  | "first"
  | "second"
  | "neither"
  | "site"
  | "class"
  | "candidates"
  | "offered"
  | "answer";

const labels: Readonly<Partial<Record<FieldRole, string>>> = {
  present:
    "subjective|objective|because|discriminating|for|both|shared|presentation|visit|evidence|reasons?|sx|cc",
  absent: "absent|negatives?|pertinent negatives?|denies|denied|not present",
  history: "history|past history|past medical history|medical history|pmh|hx",
  record:
    "also known|known conditions|further entries|further entries in the record|other entries|other entries in the record|record|other conditions|other diseases|comorbidities|further conditions",
  family: "family history|fh|family",
  diagnosis:
    "diagnosis|assessment|likelier|impression|disease|condition|final diagnosis|working diagnosis|likely diagnosis|most likely diagnosis|dx|final dx",
  treats:
    "drug|treatment|plan|give|therapy|medication|management|medicine|first-line treatment|first line|prescription|rx|tx|medications",
  modifies: "disease-modifying|disease-modifying drug|disease modifying",
  palliates: "symptomatic|symptomatic drug|symptom relief",
  not_indicated: "not indicated",
  avoid: "avoid|contraindicated|withhold|do not give",
  against: "against|speaks against",
  urgent: "urgent|urgency|urgent referral",
  first: "first",
  second: "second",
  neither: "excluded|neither",
  site: "site|location|affected|body part|affected body part|organ",
  class: "class|drug class|pharmacologic class",
  candidates: "differential|differential diagnosis|candidates|diagnoses|diseases|options|ddx",
  offered: "drugs|drugs to choose from|drugs at hand",
  answer: "answer|final answer",
};

const roles = new Map<string, FieldRole>(
  (Object.keys(labels) as FieldRole[]).flatMap((role) =>
    labels[role]!.split("|").flatMap((one) =>
      (one.endsWith("s?") ? [one.slice(0, -2), one.slice(0, -1)] : [one]).map((name) =>
        [name, role] as const
      )
    )
  ),
);

/** The sections of a visit: what is reported, examined and measured. */
const section =
  /^(?:(?:the|of|on|in|and|from|other|further|new|chief|presenting|physical|clinical|laboratory|lab|blood|imaging|vital|pertinent|positive|present)\s+)*(?:symptoms?|signs?|findings?|complaints?|clues?|reported|reports|found|examined|measured|present|positives?|results?|tests?|labs?|laboratory|imaging|vitals|investigations?|examination|exam)(?:\s+(?:of|on|from|in)\s+(?:the\s+)?(?:tests?|examination|exam|laboratory|investigations?|visit))?$/;

/**
 * What the value of a label is.
 *
 * @param label The label in small letters; underscores stand for spaces.
 * @returns Its role; undefined where the label is none of those that are known.
 */
export function roleOf(label: string): FieldRole | undefined {
  const words = label.replace(/_/g, " ");
  const known = roles.get(words);
  if (known !== undefined) return known;
  if (/^drugs for\s/.test(words)) return "offered";
  return section.test(words) ? "present" : undefined;
}

/** The kinds of names that a value of this role holds, the likeliest first. */
export const wantedKinds: Readonly<Record<FieldRole, readonly EntityKind[]>> = {
  present: ["symptom", "disease"],
  absent: ["symptom", "disease"],
  history: ["disease", "symptom"],
  record: ["disease", "symptom"],
  family: ["disease", "symptom"],
  diagnosis: ["disease"],
  treats: ["drug"],
  modifies: ["drug"],
  palliates: ["drug"],
  not_indicated: ["drug"],
  avoid: ["drug"],
  grounds: ["disease", "symptom"],
  against: ["disease"],
  urgent: [],
  first: ["disease"],
  second: ["disease"],
  neither: ["disease"],
  site: ["anatomy"],
  class: ["class"],
  candidates: ["disease"],
  offered: ["drug"],
  answer: ["symptom", "disease", "drug", "class", "anatomy"],
};
