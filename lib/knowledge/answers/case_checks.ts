/**
 * What the lines of an answer say of the patient in its prompt, beyond findings, diagnosis and drug: the disease that an absent
 * finding speaks against, urgency by a rule, what must not be given and why, and which finding belongs to which disease.
 *
 * @module
 */
import type { TextReading } from "../text/claims.ts";
import type { Field } from "../text/labelled_lines.ts";
import type { CheckedTextClaim, TextClaim, TextName } from "../text/types.ts";
import type { Entity, Knowledge } from "../types.ts";
import { claimAt, idOf } from "./prompt_checks.ts";

/** Whether whoever has a finding has what some words name. */
export type Entails = (finding: Entity, words: string) => boolean;

/** Gives claims their verdicts. */
export type Decide = (claims: readonly TextClaim[]) => readonly CheckedTextClaim[];

/** What the checks of an answer against its prompt are made with. */
export interface AnswerContext {
  /** The graph. */
  readonly knowledge: Knowledge;
  /** What was read in the prompt. */
  readonly asked: TextReading;
  /** The answer. */
  readonly text: string;
  /** The values of its labels. */
  readonly fields: readonly Field[];
  /** The disease that the prompt is about, where it names one. */
  readonly subject?: TextName;
  /** Gives claims their verdicts. */
  readonly decide: Decide;
  /** Which finding is which. */
  readonly entails: Entails;
}

/** More names are not compared with each other: the time that it takes stays bounded. */
const mostCompared = 40;

/** What the prompt says that its patient has, or has not. */
const toldIn = ({ claims }: TextReading, polarity: TextClaim["polarity"]): TextName[] =>
  claims.filter((claim) =>
    claim.relation === "has" && claim.experiencer === "patient" && claim.polarity === polarity &&
    claim.certainty !== "hypothetical"
  ).map(({ object }) => object).slice(0, mostCompared);

/** A claim that is decided. */
function decided(
  claim: TextClaim,
  right: boolean,
  reason: string,
  path: readonly string[] = [],
): CheckedTextClaim {
  return { ...claim, verdict: right ? "supported" : "contradicted", path, reason };
}

/** The claim that holds, or else the first. */
const some = (decide: Decide, claims: readonly TextClaim[]): CheckedTextClaim[] => {
  const checked = decide(claims);
  const best = checked.find(({ verdict }) => verdict === "supported") ?? checked[0];
  return best === undefined ? [] : [best];
};

/** "Against: gout": one of the absent findings would speak for it, and it is not the diagnosis. */
function againstChecks({ asked, fields, decide }: AnswerContext): CheckedTextClaim[] {
  const absent = toldIn(asked, "denied").filter((name) => idOf(name, "symptom") !== undefined);
  const diagnoses = new Set(
    fields.filter(({ role }) => role === "diagnosis").flatMap(({ names }) => names)
      .map((name) => idOf(name, "disease")),
  );
  return fields.filter(({ role }) => role === "against").flatMap((field) =>
    field.names.filter((name) => idOf(name, "disease") !== undefined).flatMap((name) => {
      const rule = `line ${field.label}`;
      if (diagnoses.has(idOf(name, "disease"))) {
        const claim = claimAt(field, name, "presents", absent[0] ?? name, rule, "denied");
        return [decided(claim, false, "the answer makes it the diagnosis")];
      }
      return some(decide, absent.map((finding) => claimAt(field, name, "presents", finding, rule)));
    })
  );
}

const urgentRule = /\b(?:urgent(?:ly)?|emergency|referral)\b[^.:]*?\b(?:for|if|when)\s+([^.:]+)/i;

/** "Urgent: yes": the patient has one of the findings that the rule of the prompt names. */
function urgencyChecks({ asked, text, fields, entails }: AnswerContext): CheckedTextClaim[] {
  const told = toldIn(asked, "affirmed");
  const flags = asked.sentences.flatMap(({ place }) =>
    urgentRule.exec(asked.text.slice(place.start, place.end))?.[1]?.split(/,|\bor\b/) ?? []
  ).map((words) => words.trim()).filter((words) => words !== "");
  if (flags.length === 0) return [];
  return fields.filter(({ role }) => role === "urgent").flatMap((field): CheckedTextClaim[] => {
    const said = /^\W*(yes|no)\b/i.exec(text.slice(field.start, field.end))?.[1]?.toLowerCase();
    if (said === undefined) return [];
    const raised = told.find((name) =>
      name.entities.some((one) => flags.some((flag) => entails(one, flag)))
    );
    const value: TextName = { ...field, text: said, entities: [] };
    const patient: TextName = { ...field, text: "urgency", entities: [] };
    const claim = claimAt(field, patient, "has", value, `line ${field.label}`);
    return [decided(
      claim,
      (raised !== undefined) === (said === "yes"),
      raised === undefined ? "the rule names none of the findings" : "the rule names a finding",
      raised === undefined ? [] : [raised.text],
    )];
  });
}

/** Drugs to avoid, with what speaks against them; the drug that is given is none of them, and nothing speaks against it. */
function safetyChecks({ asked, fields, subject, decide }: AnswerContext): CheckedTextClaim[] {
  const avoided = fields.filter(({ role }) => role === "avoid");
  if (avoided.length === 0) return [];
  const told = toldIn(asked, "affirmed");
  const grounds = fields.filter(({ role }) => role === "grounds").flatMap((
    { names, denied },
  ) => names.filter((name) => !denied.has(name))).slice(0, mostCompared);
  const known = told.length > 0 || subject === undefined ? told : [subject];
  const reasons = grounds.length > 0 ? grounds : known;
  const barred = avoided.flatMap(({ names }) => names).slice(0, mostCompared);
  const isTold = (name: TextName): boolean =>
    told.some(({ entities }) =>
      entities.some(({ id }) => name.entities.some((one) => one.id === id))
    );
  const against = (field: Field, drug: TextName, conditions: readonly TextName[]): TextClaim[] =>
    conditions.map((one) => claimAt(field, drug, "contraindicated", one, `line ${field.label}`));
  const checks: CheckedTextClaim[] = avoided.flatMap((field) =>
    field.names.flatMap((drug) => some(decide, against(field, drug, reasons)))
  );
  for (const field of fields.filter(({ role }) => role === "grounds")) {
    for (const name of field.names) {
      checks.push(...some(decide, barred.flatMap((drug) => against(field, drug, [name]))));
      const patient: TextName = { ...field, text: "patient", entities: [], person: "patient" };
      const claim = claimAt(field, patient, "has", name, `line ${field.label}`);
      checks.push(decided(claim, isTold(name), "whether the prompt says so"));
    }
  }
  for (const field of fields.filter(({ role }) => role === "treats")) {
    for (const drug of field.names) {
      const claims = against(field, drug, told);
      const harm = decide(claims).find(({ verdict }) => verdict === "supported");
      const same = barred.some((one) => idOf(one, "drug") === idOf(drug, "drug"));
      const claim = harm ?? claims[0];
      if (claim === undefined) continue;
      const reason = same ? "the answer avoids it" : harm?.reason ?? "nothing speaks against it";
      const stated: TextClaim = { ...claim, polarity: "denied" };
      checks.push(decided(stated, !same && harm === undefined, reason, harm?.path));
    }
  }
  return checks;
}

/** "First", "second" and "excluded": the diseases of the first and the second finding of the prompt, and of none. */
function orderChecks({ asked, fields, decide }: AnswerContext): CheckedTextClaim[] {
  const lines = fields.filter(({ role }) =>
    role === "first" || role === "second" || role === "neither"
  ).slice(0, mostCompared);
  if (lines.length < 2) return [];
  const form = asked.text.search(/\breply\b/i);
  const shown = asked.sentences.flatMap(({ names }) => names).filter((name) =>
    idOf(name, "symptom") !== undefined && (form < 0 || name.start < form)
  );
  const offered = new Set(lines.flatMap(({ names }) => names).map((name) => idOf(name, "disease")));
  const findings = shown.filter((name) => !offered.has(idOf(name, "disease") ?? ""))
    .filter((name, i, all) =>
      all.findIndex((one) => idOf(one, "symptom") === idOf(name, "symptom")) === i
    );
  const checks = lines.flatMap((field) =>
    field.names.filter((name) => idOf(name, "disease") !== undefined).flatMap((name) => {
      const rule = `line ${field.label}`;
      const presents = (finding: TextName): TextClaim =>
        claimAt(field, name, "presents", finding, rule);
      if (field.role !== "neither") {
        const finding = findings[field.role === "first" ? 0 : 1];
        return finding === undefined ? [] : decide([presents(finding)]);
      }
      return decide(findings.map(presents)).filter(({ verdict }) => verdict === "supported")
        .map((claim) => decided({ ...claim, polarity: "denied" }, false, claim.reason, claim.path));
    })
  );
  const twice = lines.find((field, i) =>
    lines.some((other, j) =>
      j < i && idOf(other.names[0] ?? field.names[0]!, "disease") ===
        (field.names[0] && idOf(field.names[0], "disease"))
    )
  );
  const name = twice?.names[0];
  if (twice === undefined || name === undefined) return checks;
  const claim = claimAt(twice, name, "has", name, `line ${twice.label}`);
  return [...checks, decided(claim, false, "another line names it, too")];
}

/** Roles of lines that name what they are about: a denial there leaves nothing said. */
const naming: ReadonlySet<Field["role"]> = new Set([
  "answer",
  "diagnosis",
  "against",
  "avoid",
  "grounds",
  "first",
  "second",
  "neither",
]);

/** "Answer: not fever", "Against: not gout": lines that only deny. */
function denyingLines({ fields }: AnswerContext): CheckedTextClaim[] {
  return fields.filter(({ role, names, denied }) =>
    naming.has(role) && names.length > 0 && names.every((name) => denied.has(name))
  ).map((field) => {
    const name = field.names[0]!;
    const line: TextName = { ...field, text: field.label, entities: [] };
    const claim = claimAt(field, line, "has", name, `line ${field.label}`, "denied");
    return decided(claim, false, "the line names only what is denied");
  });
}

/**
 * What the lines of an answer say of the patient of the prompt.
 *
 * @param context The prompt as read, the answer, and what decides.
 * @returns Checked claims; none for answers without such lines.
 */
export function caseChecks(context: AnswerContext): CheckedTextClaim[] {
  return [
    ...againstChecks(context),
    ...urgencyChecks(context),
    ...safetyChecks(context),
    ...orderChecks(context),
    ...denyingLines(context),
  ];
}
