/**
 * Red flags: findings that need urgent referral in any adult. One list makes both the wording of the rule and the key to
 * it, so that a text can never ask for other findings than those it is judged by.
 *
 * @module
 */

import type { Clinical } from "./clinical.ts";
import { entailedBy } from "./entailment.ts";
import { type Concept, conceptKey, readName } from "./names.ts";
import type { ClinicalSource } from "./rows.ts";

/** A finding that needs urgent referral. */
export interface RedFlag {
  /** Its words in the rule. */
  readonly wording: string;
  /** The finding that is worded, then others that are the same or a special form of it. */
  readonly findings: readonly Concept[];
  /** What calls it a red flag, `hand` where no source does. */
  readonly sources: readonly ClinicalSource[];
  /** The rows that do, as `disease: text (file and line)`. */
  readonly rows: readonly string[];
}

/** The list: the first words are shown, all are counted. */
const flagNames: readonly string[] = [
  "coughing up blood",
  "vomiting blood",
  "black stools",
  "chest pain; chest pain radiating to the left arm or jaw; substernal pressure/squeezing",
  "fainting; syncope on exertion",
  "loss of consciousness; unconsciousness; stupor; coma; altered consciousness or exhaustion",
  "confusion; altered mental status; delirium; encephalopathy",
  "seizures; status epilepticus",
  "weakness of one side; hemiplegia; one-sided facial weakness; focal neurological deficits",
  "paralysis; paraplegia; quadriplegia; weakness of both arms or both legs",
  "difficulty speaking; aphasia; dysarthria",
  "sudden loss of vision; blindness; amaurosis fugax; painful loss of vision in one eye",
  "sudden severe headache; sudden-onset severe headache; worst headache of life",
  "neck stiffness; meningism; neck stiffness and meningismus",
  "stridor; airway obstruction; airway compromise",
  "blue skin; cyanosis",
  "low oxygen saturation; severe hypoxia; apnea",
  "low blood pressure; hemodynamic instability; shock",
  "inability to swallow; inability to swallow secretions",
  "rigid abdomen; rebound tenderness; absent bowel sounds; peritonitis",
  "petechiae; purpura fulminans; petechial rash",
  "suicidal thoughts",
];

/**
 * The list joined with the curated knowledge.
 *
 * @param clinical The curated knowledge.
 * @param published True leaves out flags that no published row names.
 * @returns The flags in the order in which they are worded.
 */
export function redFlagsOf(clinical: Clinical, published = false): RedFlag[] {
  const rows = [...clinical.diseases.values()].flatMap(({ findings }) =>
    findings.filter(({ kind }) => kind === "red flag")
      .map((row) => ({ row, entailed: entailedBy(clinical, row.finding, row.text) }))
  );
  return flagNames.flatMap((names): RedFlag[] => {
    const [wording = "", ...others] = names.split("; ");
    const findings = [wording, ...others].map((name) => flagConcept(clinical, name));
    const naming = rows.filter(({ entailed }) => findings.some(({ id }) => entailed.has(id)))
      .map(({ row }) => row);
    const sources = [...new Set(naming.flatMap((row) => row.sources))];
    if (published && sources.length === 0) return [];
    return [{
      wording,
      findings,
      sources: sources.length === 0 ? ["hand"] : sources,
      rows: naming.map(({ disease, text, at }) => `${disease.name}: ${text} (${at})`),
    }];
  });
}

function flagConcept({ knowledge, names }: Clinical, wording: string): Concept {
  const reading = readName(knowledge, names, "finding", wording);
  return reading.status === "read"
    ? reading.concept
    : { id: `finding:${conceptKey(wording)}`, kind: "finding", name: wording };
}

/**
 * The flags that a patient raises: a finding counts that is one or entails one.
 *
 * @param clinical The curated knowledge.
 * @param flags The list.
 * @param present Findings that the patient has, as concepts, or as the concepts and words of rows.
 * @returns Flags in the order of the list.
 */
export function raisedFlags(
  clinical: Clinical,
  flags: readonly RedFlag[],
  present: readonly { readonly finding: Concept; readonly text?: string }[],
): RedFlag[] {
  const entailed = present.map(({ finding, text }) => entailedBy(clinical, finding, text));
  return flags.filter(({ findings }) =>
    findings.some(({ id }) => entailed.some((ids) => ids.has(id)))
  );
}

/**
 * The rule in words.
 *
 * @param flags The list.
 * @returns "urgent referral for coughing up blood, vomiting blood or stridor".
 */
export function redFlagRule(flags: readonly RedFlag[]): string {
  const all = flags.map(({ wording }) => wording);
  const last = all.pop();
  return `urgent referral for ${all.length === 0 ? last : `${all.join(", ")} or ${last}`}`;
}
