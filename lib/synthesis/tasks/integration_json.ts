/** A whole case as one JSON object, with checks in domain, reasoning and instruction. @module */
import { type Entity, type RedFlag, redFlagRule } from "../../knowledge/mod.ts";
import type { RandomStream } from "../../runtime/mod.ts";
import { type CaseGroup, caseKey, casesOf, claimsOf, findingsOf, patientOf } from "../case.ts";
import { anyDrug, drawFirst } from "../case_group.ts";
import type { Check } from "../check.ts";
import { flagsIn } from "../confusable.ts";
import { type Family, type Variants, wordingOf } from "../draft.ts";
import type { Decision } from "../item.ts";
import { displayName, type Source } from "../source.ts";
import { flagsOf } from "../workflow.ts";
import { decision, jsonField, names } from "./field_checks.ts";
import { jsonLine } from "./phrasing.ts";
import { showGroup } from "./vignette.ts";

const starts: Variants = {
  train: [
    "{patient} Is it {candidates}? Drugs: {drugs}.",
    "A form has to be filled in with a disease ({candidates}) and a drug ({drugs}). {patient}",
    "{patient} Choose from {allCandidates}, and from {allDrugs}.",
    "The system knows the diagnoses {allCandidates}, and the drugs {allDrugs}. {patient}",
  ],
  heldOut: [
    "{patient} The database accepts {candidates} as the disease, and {drugs} as the medication.",
    "Send this case on in machine-readable form: {candidates}; {drugs}. {patient}",
    "{patient} A program waits for the answer: {candidates}, with {drugs}.",
  ],
};

const keys =
  ' Reply with one JSON object only, with the keys "findings" (list of all that are present), "diagnosis" (one disease), "drug" (one) and ';

const plainWording = wordingOf(
  "json-case",
  starts,
  `${keys}"against" (the disease against which the absent finding speaks).`,
);

const urgentWording = wordingOf(
  "json-urgency",
  starts,
  `${keys}"urgent" ("yes" or "no"). Rule: {rule}.`,
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

/** The last key of an answer. */
interface LastKey {
  readonly key: string;
  readonly check: Check;
  readonly decision: Decision;
}

const answers = ["yes", "no"] as const;

function urgency(urgent: boolean): LastKey {
  const [key, where] = ["urgent", jsonField("urgent")];
  const answer = urgent ? 0 : 1;
  return {
    key,
    check: {
      kind: "value",
      capability: "reasoning",
      where,
      expected: answers[answer],
      allowed: answers,
    },
    decision: { where, options: answers, answer },
  };
}

function against(diseases: readonly Entity[], place: number): LastKey {
  const [key, where] = ["against", jsonField("against")];
  return {
    key,
    check: names("reasoning", where, [diseases[place]!]),
    decision: decision(where, diseases, place),
  };
}

/** Vignette to a JSON object: findings, diagnosis, drug, and urgency or what speaks against another disease. */
export const integrationJson: Family = {
  id: "integration-json",
  capability: "integration",
  version: 2,
  propose(source, random) {
    // Of two patients one has a red flag: who says yes, or no, in any case is right in half of them.
    const common = { shared: 0, drugs: anyDrug } as const;
    const urgent = random.next() < 0.6 ? [{ size: 2, urgency: true, ...common } as const] : [];
    const group = drawFirst(source, random, [...urgent, { size: 3, ...common }]);
    if (group === undefined) return [];
    const cases = casesOf(group);
    const { diseases, drugs, drugAt, slots, patients } = showGroup(source, group, cases, random);
    const asksUrgency = group.candidates.length === 2;
    const rule = redFlagRule(shownRule(source, group, random));
    return cases.map((clinical, i) => {
      const { deniedOf, flags } = patientOf(clinical);
      const findings = findingsOf(clinical).map(({ finding }) => finding);
      const [disease, drug] = [diseases[i]!, drugs[drugAt[i]!]!];
      const last = asksUrgency ? urgency(flags.length > 0) : against(diseases, deniedOf);
      const parts: readonly (readonly [string, string | string[]])[] = [
        ["findings", findings.map(displayName)],
        ["diagnosis", displayName(disease)],
        ["drug", displayName(drug)],
        [last.key, last.decision.options[last.decision.answer]!],
      ];
      return {
        key: caseKey(clinical),
        wording: asksUrgency ? urgentWording : plainWording,
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
          last.check,
          names("domain", jsonField("drug"), [drug]),
        ],
        claims: claimsOf(source, clinical),
        decisions: [
          decision(jsonField("diagnosis"), diseases, i),
          decision(jsonField("drug"), drugs, drugAt[i]!),
          last.decision,
        ],
        evidence: patients[i]!,
        clinical,
      };
    });
  },
};
