/**
 * The clinical workflow as a state machine. A case is a sequence of steps; {@linkcode checkWorkflow} reports every
 * constraint that the sequence breaks. It is used to build cases and to check them.
 */
import {
  ancestorsOf,
  checkClaim,
  type Knowledge,
  normalizeName,
  objectsOf,
} from "../knowledge/mod.ts";

/** The states, in clinical order. */
export const stages = [
  "presentation",
  "history",
  "examination",
  "differential",
  "investigation",
  "diagnosis",
  "management",
  "follow_up",
] as const;

/** A state of the workflow. */
export type Stage = (typeof stages)[number];

/** How a drug is meant to act on a disease (PharmacotherapyDB). */
export type DrugRole = "disease-modifying" | "symptomatic";

/** One step of a case; entities are given by id. */
export type Step =
  | {
    readonly stage: "presentation" | "history" | "examination" | "investigation";
    /** Findings that the patient has. */
    readonly present: readonly string[];
    /** Findings that the patient does not have. */
    readonly absent: readonly string[];
    /** The anatomical site that an examination found to be affected. */
    readonly site?: string | undefined;
  }
  | { readonly stage: "differential"; /** Likeliest first. */ readonly diseases: readonly string[] }
  | { readonly stage: "diagnosis"; readonly disease: string }
  | {
    readonly stage: "management";
    /** The drug that is given. */
    readonly drug: string;
    /** What it is meant to do. */
    readonly role: DrugRole;
    /** Whether the patient is sent on at once. */
    readonly urgentReferral: boolean;
  }
  | { readonly stage: "follow_up"; /** The drug that was given. */ readonly after: string };

/** The constraints on a case. */
export type WorkflowRule =
  | "order"
  | "incomplete"
  | "contradictory finding"
  | "finding not supported"
  | "differential too small"
  | "differential shares no finding"
  | "diagnosis not in differential"
  | "runner-up is the same disease"
  | "too few discriminating findings"
  | "treatment before diagnosis"
  | "treatment role"
  | "not indicated"
  | "anatomy"
  | "red flag without urgent referral";

/** A broken constraint. */
export interface WorkflowViolation {
  /** The constraint. */
  readonly rule: WorkflowRule;
  /** What was expected and what was found. */
  readonly detail: string;
}

/** From each state, the states that may come next; follow-up may return to investigation. */
const next: Readonly<Record<Stage, readonly Stage[]>> = {
  presentation: ["history", "examination", "differential"],
  history: ["examination", "differential"],
  examination: ["differential"],
  differential: ["investigation", "diagnosis"],
  investigation: ["differential", "diagnosis"],
  diagnosis: ["management"],
  management: ["follow_up"],
  follow_up: ["investigation"],
};

/** Findings that ask for urgent referral in any adult, by name in small letters. */
export const redFlags: ReadonlySet<string> = new Set([
  "hemoptysis",
  "hematemesis",
  "chest pain",
  "syncope",
  "unconsciousness",
  "stupor",
  "delirium",
  "seizures",
  "paraplegia",
  "quadriplegia",
  "hemiplegia",
  "paraparesis",
  "respiratory paralysis",
  "cyanosis",
  "apnea",
  "amaurosis fugax",
  "blindness",
  "meningism",
  "purpura fulminans",
]);

/**
 * Whether any of the findings is a red flag.
 *
 * @param knowledge The graph.
 * @param findings Ids of findings.
 * @returns True for at least one.
 */
export function hasRedFlag(knowledge: Knowledge, findings: readonly string[]): boolean {
  return findings.some((id) => redFlags.has(knowledge.entities.get(id)?.name.toLowerCase() ?? ""));
}

/** Findings that are one thing in words, though the ontology has them apart. */
const alike: readonly (readonly string[])[] = [
  ["anorexia", "loss of appetite", "decreased appetite"],
  ["fatigue", "tiredness", "lethargy"],
  ["unconsciousness", "loss of consciousness"],
];

/**
 * Whether a patient with one finding cannot be without the other: it is the same under another name, or the first is a kind
 * of it. The other way is possible: pain without colic.
 *
 * @param knowledge The graph.
 * @param present Id of the finding that is present.
 * @param absent Id of the finding that is absent.
 * @returns True for a contradiction.
 */
export function contradicts(knowledge: Knowledge, present: string, absent: string): boolean {
  if (present === absent || ancestorsOf(knowledge, present).has(absent)) return true;
  const names = (id: string): string[] => {
    const entity = knowledge.entities.get(id);
    return entity === undefined
      ? []
      : [entity.name, ...entity.synonyms, ...entity.related].map(normalizeName);
  };
  const [own, other] = [names(present), names(absent)];
  const oneOf = (all: readonly string[], some: readonly string[]): boolean =>
    all.some((name) => some.includes(name));
  return oneOf(own, other) || alike.some((group) => oneOf(own, group) && oneOf(other, group));
}

/**
 * Whether the machine may go from one state to another.
 *
 * @param from The present state.
 * @param to The next one.
 * @returns Whether the transition is there.
 */
export function mayFollow(from: Stage, to: Stage): boolean {
  return next[from].includes(to);
}

/**
 * All constraints that a case breaks; none means that the case is sound.
 *
 * Order; no finding both present and absent, by no other name either; every present finding supported for the diagnosis; a differential of at
 * least two diseases that share a present finding, the diagnosis first in it; at least two present findings that the
 * runner-up does not cause; treatment only after diagnosis, in the role that it is curated for, never a curated
 * non-indication; the site agrees with the diagnosis; red flags lead to urgent referral.
 *
 * @param knowledge The graph, which says what a disease causes and what treats it.
 * @param steps The case, entities by id.
 * @returns Violations, in the order in which the rules are checked.
 */
export function checkWorkflow(knowledge: Knowledge, steps: readonly Step[]): WorkflowViolation[] {
  const violations: WorkflowViolation[] = [];
  const report = (rule: WorkflowRule, detail: string): void =>
    void violations.push({ rule, detail });
  const name = (id: string): string => knowledge.entities.get(id)?.name ?? id;

  if (steps[0]?.stage !== "presentation") {
    report("order", `Expected presentation first but found ${steps[0]?.stage}`);
  }
  for (let i = 1; i < steps.length; i++) {
    const [from, to] = [steps[i - 1]!.stage, steps[i]!.stage];
    if (!mayFollow(from, to)) {
      report("order", `Expected ${next[from].join(" or ")} after ${from} but found ${to}`);
    }
  }
  const present = new Set<string>();
  const absent = new Set<string>();
  const sites: string[] = [];
  let differential: readonly string[] = [];
  let diagnosis: string | undefined;
  let diagnosisAt = -1;
  for (const [i, step] of steps.entries()) {
    if (step.stage === "differential") differential = step.diseases;
    else if (step.stage === "diagnosis") [diagnosis, diagnosisAt] = [step.disease, i];
    else if ("present" in step) {
      step.present.forEach((id) => present.add(id));
      step.absent.forEach((id) => absent.add(id));
      if (step.site !== undefined) sites.push(step.site);
    }
  }
  for (const id of present) {
    for (const other of absent) {
      if (id === other) report("contradictory finding", `${name(id)} is present and absent`);
      else if (contradicts(knowledge, id, other)) {
        report("contradictory finding", `${name(id)} is present and ${name(other)} absent`);
      }
    }
  }
  if (diagnosis === undefined || differential.length === 0) {
    report("incomplete", "Expected a differential and a diagnosis");
    return violations;
  }
  const causes = (disease: string, finding: string): boolean =>
    supported(knowledge, disease, "presents", finding);
  for (const id of present) {
    if (!causes(diagnosis, id)) {
      report("finding not supported", `${name(diagnosis)} does not present ${name(id)}`);
    }
  }
  checkDifferential(knowledge, diagnosis, differential, [...present], report);
  for (const site of sites) {
    const known = objectsOf(knowledge, diagnosis, "localizes").some((entity) => entity.id === site);
    if (!known) report("anatomy", `${name(diagnosis)} is not located in ${name(site)}`);
  }
  const urgent = hasRedFlag(knowledge, [...present]);
  for (const [i, step] of steps.entries()) {
    if (step.stage !== "management") continue;
    if (i < diagnosisAt) {
      report("treatment before diagnosis", `${name(step.drug)} comes before the diagnosis`);
    }
    const wanted = step.role === "disease-modifying" ? "treats" : "palliates";
    if (!supported(knowledge, step.drug, wanted, diagnosis)) {
      report("treatment role", `${name(step.drug)} is not ${step.role} for ${name(diagnosis)}`);
    }
    if (supported(knowledge, step.drug, "not_indicated", diagnosis)) {
      report("not indicated", `${name(step.drug)} is not indicated for ${name(diagnosis)}`);
    }
    if (urgent && !step.urgentReferral) {
      report("red flag without urgent referral", "A red flag is present");
    }
  }
  return violations;
}

function supported(
  knowledge: Knowledge,
  subject: string,
  predicate: Claimed,
  object: string,
): boolean {
  return checkClaim(knowledge, { subject, predicate, object }).verdict === "supported";
}

type Claimed = "presents" | "treats" | "palliates" | "not_indicated";

function checkDifferential(
  knowledge: Knowledge,
  diagnosis: string,
  differential: readonly string[],
  present: readonly string[],
  report: (rule: WorkflowRule, detail: string) => void,
): void {
  const causes = (disease: string, finding: string): boolean =>
    supported(knowledge, disease, "presents", finding);
  if (differential.length < 2) {
    report(
      "differential too small",
      `Expected at least 2 diseases but found ${differential.length}`,
    );
  }
  if (!differential.includes(diagnosis)) {
    report(
      "diagnosis not in differential",
      `Expected the diagnosis among ${differential.length} diseases`,
    );
  }
  const runnerUp = differential.find((id) => id !== diagnosis);
  if (runnerUp === undefined) return;
  if (
    ancestorsOf(knowledge, diagnosis).has(runnerUp) ||
    ancestorsOf(knowledge, runnerUp).has(diagnosis)
  ) {
    report(
      "runner-up is the same disease",
      "Expected diseases of which neither is a kind of the other",
    );
  }
  if (!present.some((id) => causes(diagnosis, id) && causes(runnerUp, id))) {
    report(
      "differential shares no finding",
      "Expected a present finding that diagnosis and runner-up share",
    );
  }
  const discriminating =
    present.filter((id) => causes(diagnosis, id) && !causes(runnerUp, id)).length;
  if (discriminating < 2) {
    report("too few discriminating findings", `Expected at least 2 but found ${discriminating}`);
  }
}
