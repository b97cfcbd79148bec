import { assert, assertEquals } from "@std/assert";
import { loadClinical, loadKnowledge } from "../../lib/knowledge/mod.ts";
import { randomStream } from "../../lib/runtime/mod.ts";
import {
  anyDrug,
  type CaseGroup,
  casesOf,
  checkWorkflow,
  type ClinicalCase,
  drawGroup,
  mayFollow,
  patientOf,
  selectSource,
  stages,
  type Step,
  stepsOf,
  type WorkflowRule,
} from "../../lib/synthesis/mod.ts";

const clinical = await loadClinical(await loadKnowledge());
const source = selectSource(clinical, "train");

function drawn(seed: number, fits: (clinical: ClinicalCase) => boolean): ClinicalCase {
  for (let i = 0; i < 2000; i++) {
    const group: CaseGroup | undefined = drawGroup(source, randomStream(seed, "workflow", i), {
      size: 3,
      shared: 0,
      drugs: anyDrug,
    });
    const found = group && casesOf(group).find(fits);
    if (found !== undefined) return found;
  }
  throw new Error("no case");
}

const calm = drawn(1, (one) => patientOf(one).flags.length === 0 && one.shared.length > 0);

const rules = (steps: readonly Step[]): WorkflowRule[] => [
  ...new Set(checkWorkflow(clinical, steps).map(({ rule }) => rule)),
];

const changed = (of: ClinicalCase, stage: Step["stage"], change: (step: Step) => Step): Step[] =>
  stepsOf(source, of).map((step) => (step.stage === stage ? change(step) : step));

Deno.test("diagnosis comes before management, and management is the only way to follow-up", () => {
  for (const stage of stages) {
    assertEquals(mayFollow(stage, "management"), stage === "diagnosis");
    assertEquals(mayFollow(stage, "follow_up"), stage === "management");
  }
});

Deno.test("the steps of a case have all that is said of it, each finding where it belongs", () => {
  const steps = stepsOf(source, calm);
  assertEquals(rules(steps), []);
  const present = steps.flatMap((step) => ("present" in step ? step.present ?? [] : []));
  const { discriminating, denied } = patientOf(calm);
  assertEquals(
    [...present].sort(),
    [...calm.shared, ...discriminating].map(({ finding }) => finding.id).sort(),
  );
  const absent = steps.flatMap((step) => ("absent" in step ? step.absent ?? [] : []));
  assertEquals(absent, [denied.finding.id]);
});

Deno.test("a drug of another candidate is none of the diagnosis", () => {
  const other = calm.drugs[(calm.diagnosis + 1) % 3]!.drug.id;
  const steps = changed(
    calm,
    "management",
    (step) => step.stage === "management" ? { ...step, drug: other } : step,
  );
  assertEquals(rules(steps), ["treatment role"]);
});

Deno.test("the findings of another patient do not fit the diagnosis", () => {
  const other = calm.patients[(calm.diagnosis + 1) % 3]!;
  const steps = changed(calm, "presentation", (step) =>
    step.stage === "presentation"
      ? {
        ...step,
        present: [...step.present ?? [], other.discriminating[0]!.finding.id],
      }
      : step);
  assert(rules(steps).includes("finding not of the disease"));
});

Deno.test("a drawn patient with a red flag is sent on, and may not be kept", () => {
  const flagged = drawn(3, (one) => patientOf(one).flags.length > 0);
  assertEquals(rules(stepsOf(source, flagged)), []);
  const kept = changed(
    flagged,
    "management",
    (step) => step.stage === "management" ? { ...step, urgentReferral: false } : step,
  );
  assertEquals(rules(kept), ["red flag without urgent referral"]);
});
