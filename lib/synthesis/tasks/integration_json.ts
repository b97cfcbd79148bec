/** A whole case as one JSON object, with checks in domain, reasoning and instruction. @module */
import { type RedFlag, redFlagRule } from "../../knowledge/mod.ts";
import type { RandomStream } from "../../runtime/mod.ts";
import { type CaseGroup, caseKey, casesOf, claimsOf, findingsOf, patientOf } from "../case.ts";
import { anyDrug, drawGroup } from "../case_group.ts";
import type { Check } from "../check.ts";
import { flagsIn } from "../confusable.ts";
import { type Family, type Variants, wordingOf } from "../draft.ts";
import { displayName, type Source } from "../source.ts";
import { flagsOf } from "../workflow.ts";
import { decision, jsonField, names } from "./field_checks.ts";
import { jsonLine } from "./phrasing.ts";
import { showGroup } from "./vignette.ts";

const starts: Variants = {
  train: [
    "{patient} Is it {candidates}? Drugs: {drugs}.",
    "A form has to be filled in for {candidates} and {drugs}. {patient}",
    "{patient} Choose from {candidates} and from {drugs}.",
    "The system knows the diagnoses {candidates} and the drugs {drugs}. {patient}",
  ],
  heldOut: [
    "{patient} The database accepts {candidates} as disease and {drugs} as medication.",
    "Send this case on in machine-readable form: {candidates}, {drugs}. {patient}",
    "{patient} A program waits for the answer, {candidates}, with {drugs}.",
  ],
};

const keys =
  ' Reply with one JSON object only, with the keys "findings" (list of all that are present), ';

const plainWording = wordingOf(
  "json-case",
  starts,
  `${keys}"against" (the disease against which the absent finding speaks), "diagnosis" (one disease) and "drug" (one).`,
);

const urgentWording = wordingOf(
  "json-urgency",
  starts,
  `${keys}"diagnosis" (one disease), "drug" (one) and "urgent" ("yes" or "no"). Rule: {rule}.`,
);

/** So many red flags make a rule, where the patients do not have more. */
const shownFlags = 5;

/** The part of the list that a prompt shows: every flag that stands in a patient's sentences, and others. */
function shownRule(
  source: Source,
  { shared, patients }: CaseGroup,
  random: RandomStream,
): RedFlag[] {
  const all = flagsOf(source.clinical);
  const told = new Set(
    patients.flatMap(({ discriminating, denied }) =>
      flagsIn(source, [...shared, ...discriminating, denied])
    ),
  );
  const others = random.shuffle(all.filter((flag) => !told.has(flag)));
  const shown = new Set([...told, ...others.slice(0, Math.max(0, shownFlags - told.size))]);
  return all.filter((flag) => shown.has(flag));
}

/** Vignette to a JSON object: findings, diagnosis, drug, and urgency or what speaks against another disease. */
export const integrationJson: Family = {
  id: "integration-json",
  capability: "integration",
  version: 2,
  propose(source, random) {
    // Of two patients one has a red flag: who says yes, or no, in any case is right in half of them.
    const asked = random.next() < 0.6
      ? drawGroup(source, random, { size: 2, shared: 0, drugs: anyDrug, urgency: true })
      : undefined;
    const group = asked ?? drawGroup(source, random, { size: 3, shared: 0, drugs: anyDrug });
    if (group === undefined) return [];
    const cases = casesOf(group);
    const { diseases, drugs, drugAt, slots, patients } = showGroup(source, group, cases, random);
    const rule = redFlagRule(shownRule(source, group, random));
    return cases.map((clinical, i) => {
      const { deniedOf, flags } = patientOf(clinical);
      const findings = findingsOf(clinical).map(({ finding }) => finding);
      const [disease, drug] = [diseases[i]!, drugs[drugAt[i]!]!];
      const answers = [["no", "yes"][Number(flags.length > 0)]!, displayName(diseases[deniedOf]!)];
      const parts: (readonly [string, string | string[]])[] = [
        ["findings", findings.map(displayName)],
        ...(asked === undefined ? [["against", answers[1]!] as const] : []),
        ["diagnosis", displayName(disease)],
        ["drug", displayName(drug)],
        ...(asked === undefined ? [] : [["urgent", answers[0]!] as const]),
      ];
      const further: Check = asked === undefined
        ? names("reasoning", jsonField("against"), [diseases[deniedOf]!])
        : {
          kind: "value",
          capability: "reasoning",
          where: jsonField("urgent"),
          expected: answers[0]!,
          allowed: ["yes", "no"],
        };
      return {
        key: caseKey(clinical),
        wording: asked === undefined ? plainWording : urgentWording,
        slots: { ...slots, patient: patients[i]!, rule },
        reference: jsonLine(parts),
        checks: [
          {
            kind: "json",
            capability: "instruction",
            keys: parts.map(([key, value]) => ({
              key,
              type: typeof value === "string" ? "string" as const : "array" as const,
            })),
          },
          { kind: "words", capability: "instruction", min: 8, max: 45 },
          names("instruction", jsonField("findings"), findings),
          names("reasoning", jsonField("diagnosis"), [disease]),
          further,
          names("domain", jsonField("drug"), [drug]),
        ],
        claims: claimsOf(source, clinical),
        decisions: [
          decision(jsonField("diagnosis"), diseases, i),
          decision(jsonField("drug"), drugs, drugAt[i]!),
          asked === undefined ? decision(jsonField("against"), diseases, deniedOf) : {
            where: jsonField("urgent"),
            options: ["yes", "no"],
            answer: flags.length > 0 ? 0 : 1,
          },
        ],
        evidence: patients[i]!,
        clinical,
      };
    });
  },
};
