/**
 * The clinical workflow as a state machine. A case is a sequence of steps; {@linkcode checkWorkflow} reports every
 * constraint that the sequence breaks. It is used to build cases and to check them.
 */
import {
  ancestorsOf,
  checkClaim,
  type Clinical,
  type Concept,
  conceptKey,
  type ConceptKind,
  raisedFlags,
  readName,
  type RedFlag,
  redFlagsOf,
} from "../knowledge/mod.ts";
import {
  checkConsistency,
  type ConsistencyRule,
  type Course,
  type PatientRecord,
  type Sex,
  type Violation,
} from "./consistency.ts";
import type { Section } from "./section.ts";

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

/** What a drug is meant to do: treat the disease, or relieve its symptoms alone. */
export type DrugRole = "treatment" | "symptom relief";

/** One step of a case; diseases, findings and drugs by name or id. */
export type Step =
  | {
    readonly stage: "presentation" | "history" | "examination" | "investigation";
    /** Findings that the patient has: reported, examined or measured as the stage says. */
    readonly present?: readonly string[];
    /** Findings that the patient does not have. */
    readonly absent?: readonly string[];
    /** Age in years. */
    readonly age?: number;
    /** The sex. */
    readonly sex?: Sex;
    /** How the illness runs. */
    readonly course?: Course;
    /** Other diseases and circumstances, now or before. */
    readonly conditions?: readonly string[];
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

/** The constraints on the steps of a case; those on its patient are {@linkcode ConsistencyRule}. */
export type StepRule =
  | "order"
  | "incomplete"
  | "finding not of the disease"
  | "differential too small"
  | "differential not confusable"
  | "diagnosis not in differential"
  | "runner-up is the same disease"
  | "too few discriminating findings"
  | "treatment before diagnosis"
  | "treatment role"
  | "contraindicated drug"
  | "red flag without urgent referral";

/** The constraints on a case. */
export type WorkflowRule = StepRule | ConsistencyRule;

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

const sectionOf: Readonly<
  Record<"presentation" | "history" | "examination" | "investigation", Section>
> = {
  presentation: "reported",
  history: "reported",
  examination: "examined",
  investigation: "measured",
};

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

const flags = new WeakMap<Clinical, readonly RedFlag[]>();

/**
 * The red flags of the tables, read once.
 *
 * @param clinical The curated tables.
 * @returns The list that makes both the wording of the rule and the key to it.
 */
export function flagsOf(clinical: Clinical): readonly RedFlag[] {
  const known = flags.get(clinical) ?? redFlagsOf(clinical);
  flags.set(clinical, known);
  return known;
}

/** The thing of a name, a new concept where nothing is called so. */
function called({ knowledge, names }: Clinical, kind: ConceptKind, name: string): Concept {
  const reading = readName(knowledge, names, kind, name);
  return reading.status === "read"
    ? reading.concept
    : { id: `${kind}:${conceptKey(name)}`, kind, name };
}

/** What the steps of a case come to. */
interface Summary {
  readonly record: PatientRecord;
  readonly differential: readonly Concept[];
  readonly diagnosedAt: number;
}

function summarize(clinical: Clinical, steps: readonly Step[]): Summary {
  const present: PatientRecord["present"][number][] = [];
  const absent: Concept[] = [];
  const history: Concept[] = [];
  let person: Pick<PatientRecord, "age" | "sex" | "course"> = {};
  let differential: Concept[] = [];
  let diagnosis: Concept | undefined;
  for (const step of steps) {
    if (step.stage === "differential") {
      differential = step.diseases.map((name) => called(clinical, "disease", name));
    } else if (step.stage === "diagnosis") diagnosis = called(clinical, "disease", step.disease);
    else if (step.stage !== "management" && step.stage !== "follow_up") {
      const finding = (name: string): Concept => called(clinical, "finding", name);
      const section = sectionOf[step.stage];
      for (const name of step.present ?? []) present.push({ finding: finding(name), section });
      absent.push(...(step.absent ?? []).map(finding));
      history.push(...(step.conditions ?? []).map((name) => called(clinical, "disease", name)));
      const { age, sex, course } = step;
      person = {
        ...person,
        ...(age !== undefined && { age }),
        ...(sex !== undefined && { sex }),
        ...(course !== undefined && { course }),
      };
    }
  }
  const record = {
    ...person,
    present,
    absent,
    history,
    ...(diagnosis !== undefined && { diagnosis }),
  };
  return {
    record,
    differential,
    diagnosedAt: steps.findIndex(({ stage }) => stage === "diagnosis"),
  };
}

type Report = (rule: StepRule, detail: string) => void;

/**
 * All constraints that a case breaks; none means that the case is sound.
 *
 * Order; a record that holds together ({@linkcode checkConsistency}); every present finding supported for the diagnosis; a
 * differential of at least two diseases that can be taken for each other, the diagnosis among them; at least two present
 * findings that the runner-up does not cause; treatment only after diagnosis, in the role that it is curated for, never
 * contraindicated by the diagnosis or by what else the patient has; red flags lead to urgent referral.
 *
 * @param clinical The curated tables, which say what a disease causes and what treats it.
 * @param steps The case.
 * @returns Violations: those of order, then of the record, then of the rest.
 */
export function checkWorkflow(
  clinical: Clinical,
  steps: readonly Step[],
): Violation<WorkflowRule>[] {
  const violations: Violation<WorkflowRule>[] = [];
  const report: Report = (rule, detail) => void violations.push({ rule, detail });
  checkOrder(steps, report);
  const { record, differential, diagnosedAt } = summarize(clinical, steps);
  violations.push(...checkConsistency(clinical, record));
  const { diagnosis, present } = record;
  if (diagnosis === undefined || differential.length === 0) {
    report("incomplete", "Expected a differential and a diagnosis");
    return violations;
  }
  for (const { finding } of present) {
    if (!causes(clinical, diagnosis, finding)) {
      report("finding not of the disease", `${diagnosis.name} does not present ${finding.name}`);
    }
  }
  checkDifferential(clinical, record, diagnosis, differential, report);
  checkManagement(clinical, record, diagnosis, { steps, diagnosedAt }, report);
  return violations;
}

function checkOrder(steps: readonly Step[], report: Report): void {
  if (steps[0]?.stage !== "presentation") {
    report("order", `Expected presentation first but found ${steps[0]?.stage}`);
  }
  for (let i = 1; i < steps.length; i++) {
    const [from, to] = [steps[i - 1]!.stage, steps[i]!.stage];
    if (!mayFollow(from, to)) {
      report("order", `Expected ${next[from].join(" or ")} after ${from} but found ${to}`);
    }
  }
}

const isSupported = (
  { knowledge }: Clinical,
  subject: Concept,
  predicate: "presents" | "treats" | "palliates" | "contraindicated",
  object: Concept,
): boolean =>
  checkClaim(knowledge, { subject: subject.id, predicate, object: object.id }).verdict ===
    "supported";

const causes = (clinical: Clinical, disease: Concept, finding: Concept): boolean =>
  isSupported(clinical, disease, "presents", finding);

/** Whether two diseases can be taken for each other: by a present finding of both, a specialty or a complaint. */
function areConfusable(
  clinical: Clinical,
  a: Concept,
  b: Concept,
  { present }: PatientRecord,
): boolean {
  if (present.some(({ finding }) => causes(clinical, a, finding) && causes(clinical, b, finding))) {
    return true;
  }
  const [one, two] = [clinical.diseases.get(a.id), clinical.diseases.get(b.id)];
  if (one === undefined || two === undefined) return false;
  return (one.specialty !== undefined && one.specialty === two.specialty) ||
    one.differentials.some(({ complaint }) =>
      two.differentials.some((other) => other.complaint === complaint)
    );
}

function checkDifferential(
  clinical: Clinical,
  record: PatientRecord,
  diagnosis: Concept,
  differential: readonly Concept[],
  report: Report,
): void {
  if (differential.length < 2) {
    report(
      "differential too small",
      `Expected at least 2 diseases but found ${differential.length}`,
    );
  }
  if (!differential.some(({ id }) => id === diagnosis.id)) {
    const listed = differential.map(({ name }) => name).join(", ");
    report("diagnosis not in differential", `Expected ${diagnosis.name} among ${listed}`);
  }
  const runnerUp = differential.find(({ id }) => id !== diagnosis.id);
  if (runnerUp === undefined) return;
  const { knowledge } = clinical;
  if (
    ancestorsOf(knowledge, diagnosis.id).has(runnerUp.id) ||
    ancestorsOf(knowledge, runnerUp.id).has(diagnosis.id)
  ) {
    report(
      "runner-up is the same disease",
      `Expected that neither of ${diagnosis.name} and ${runnerUp.name} is a kind of the other`,
    );
  }
  if (!areConfusable(clinical, diagnosis, runnerUp, record)) {
    report(
      "differential not confusable",
      `${diagnosis.name} and ${runnerUp.name} share no present finding, specialty or complaint`,
    );
  }
  const discriminating =
    record.present.filter(({ finding }) =>
      causes(clinical, diagnosis, finding) && !causes(clinical, runnerUp, finding)
    ).length;
  if (discriminating < 2) {
    report("too few discriminating findings", `Expected at least 2 but found ${discriminating}`);
  }
}

function checkManagement(
  clinical: Clinical,
  { present, history }: PatientRecord,
  diagnosis: Concept,
  { steps, diagnosedAt }: { readonly steps: readonly Step[]; readonly diagnosedAt: number },
  report: Report,
): void {
  const raised = raisedFlags(clinical, flagsOf(clinical), present);
  for (const [i, step] of steps.entries()) {
    if (step.stage !== "management") continue;
    const drug = called(clinical, "drug", step.drug);
    if (i < diagnosedAt) {
      report("treatment before diagnosis", `${drug.name} comes before the diagnosis`);
    }
    const predicate = step.role === "treatment" ? "treats" : "palliates";
    if (!isSupported(clinical, drug, predicate, diagnosis)) {
      report("treatment role", `${drug.name} is no ${step.role} for ${diagnosis.name}`);
    }
    for (const condition of [diagnosis, ...history]) {
      if (isSupported(clinical, drug, "contraindicated", condition)) {
        report("contraindicated drug", `${drug.name} is contraindicated in ${condition.name}`);
      }
    }
    if (raised.length > 0 && !step.urgentReferral) {
      const words = raised.map(({ wording }) => wording).join(", ");
      report("red flag without urgent referral", `the patient has ${words}`);
    }
  }
}
