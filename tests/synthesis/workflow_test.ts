import { assert, assertEquals } from "@std/assert";
import { findEntity, loadKnowledge } from "../../lib/knowledge/mod.ts";
import { randomStream } from "../../lib/runtime/mod.ts";
import {
  checkWorkflow,
  type ClinicalCase,
  contradicts,
  drawCase,
  isSupported,
  mayFollow,
  selectSource,
  stages,
  type Step,
  stepsOf,
  type WorkflowRule,
} from "../../lib/synthesis/mod.ts";

const knowledge = await loadKnowledge();
const source = selectSource(knowledge);

function drawn(seed: number, fits: (clinical: ClinicalCase) => boolean = () => true): ClinicalCase {
  for (let i = 0; i < 2000; i++) {
    const clinical = drawCase(source, randomStream(seed, "test", i), 3);
    if (clinical !== undefined && fits(clinical)) return clinical;
  }
  throw new Error("no case");
}

const clinical = drawn(1, (c) => c.role === "disease-modifying");

function rules(steps: readonly Step[]): WorkflowRule[] {
  return [...new Set(checkWorkflow(knowledge, steps).map(({ rule }) => rule))];
}

function changed(
  stage: Step["stage"],
  change: (step: Step) => Step,
  of: ClinicalCase = clinical,
): Step[] {
  return stepsOf(of).map((step) => (step.stage === stage ? change(step) : step));
}

Deno.test("drawn cases keep every rule", () => {
  let cases = 0;
  for (let i = 0; i < 400; i++) {
    const one = drawCase(source, randomStream(7, "sound", i), 3);
    if (one === undefined) continue;
    cases += 1;
    assertEquals(checkWorkflow(knowledge, stepsOf(one)), []);
  }
  assert(cases > 30, `only ${cases} cases`);
});

Deno.test("diagnosis comes before management, and management is the only way to follow-up", () => {
  for (const stage of stages) {
    assertEquals(mayFollow(stage, "management"), stage === "diagnosis");
    assertEquals(mayFollow(stage, "follow_up"), stage === "management");
  }
});

Deno.test("order and treatment before diagnosis", () => {
  const steps = stepsOf(clinical);
  const [a, b, c, d, diagnosis, management, f] = steps as [
    Step,
    Step,
    Step,
    Step,
    Step,
    Step,
    Step,
  ];
  const found = rules([a, b, c, d, management, diagnosis, f]);
  assert(found.includes("order"));
  assert(found.includes("treatment before diagnosis"));
  assertEquals(rules(steps.slice(1)), ["order", "differential shares no finding"]);
});

Deno.test("a case without a diagnosis is incomplete", () => {
  assertEquals(rules(stepsOf(clinical).slice(0, 4)), ["incomplete"]);
});

Deno.test("no finding is both present and absent", () => {
  const finding = clinical.discriminating[0]!.id;
  const steps = changed(
    "examination",
    (step) => ("present" in step ? { ...step, absent: [finding] } : step),
  );
  assertEquals(rules(steps), ["contradictory finding"]);
});

Deno.test("every present finding belongs to the diagnosis", () => {
  const foreign = source.pools.symptom.find((s) =>
    !isSupported(source, clinical.disease.id, "presents", s.id)
  )!;
  const steps = changed(
    "history",
    (step) => ("present" in step ? { ...step, present: [...step.present, foreign.id] } : step),
  );
  assertEquals(rules(steps), ["finding not supported"]);
});

Deno.test("the differential holds the diagnosis and a second disease", () => {
  const ids = (diseases: string[]): Step[] =>
    changed("differential", () => ({ stage: "differential", diseases }));
  assertEquals(rules(ids([clinical.disease.id])), ["differential too small"]);
  assert(
    rules(ids([clinical.runnerUp.id, clinical.distant.id])).includes(
      "diagnosis not in differential",
    ),
  );
});

Deno.test("two findings must tell the diagnosis from the runner-up", () => {
  const one = clinical.discriminating[0]!.id;
  const steps = changed(
    "history",
    (step) => ("present" in step ? { ...step, present: [one] } : step),
  );
  assertEquals(rules(steps), ["too few discriminating findings"]);
});

Deno.test("diagnosis and runner-up share a finding", () => {
  const steps = changed(
    "presentation",
    (step) => ("present" in step ? { ...step, present: [] } : step),
  );
  assertEquals(rules(steps), ["differential shares no finding"]);
});

Deno.test("a disease and its own kind are no differential", () => {
  const parent = [...knowledge.entities.values()].find((e) => e.id === "DOID:4")!;
  const steps = changed("differential", () => ({
    stage: "differential",
    diseases: [clinical.disease.id, parent.id],
  }));
  assert(rules(steps).includes("runner-up is the same disease"));
});

Deno.test("a drug has the role that it is curated for, and never is a non-indication", () => {
  const swap = changed(
    "management",
    (step) => step.stage === "management" ? { ...step, role: "symptomatic" } : step,
  );
  assertEquals(rules(swap), ["treatment role"]);
  const refused = drawn(2, (c) => (source.facts.get(c.disease.id)?.notIndicated.length ?? 0) > 0);
  const drug = source.facts.get(refused.disease.id)!.notIndicated[0]!.id;
  const found = rules(
    changed(
      "management",
      (step) => step.stage === "management" ? { ...step, drug } : step,
      refused,
    ),
  );
  assert(found.includes("not indicated"));
});

Deno.test("the site agrees with the diagnosis", () => {
  const foreign = source.pools.anatomy.find((a) =>
    !isSupported(source, clinical.disease.id, "localizes", a.id)
  )!;
  const steps = changed(
    "examination",
    (step) => ("present" in step ? { ...step, site: foreign.id } : step),
  );
  assertEquals(rules(steps), ["anatomy"]);
});

Deno.test("red flags lead to urgent referral", () => {
  const flagged = drawn(3, (c) => c.urgent);
  assertEquals(rules(stepsOf(flagged)), []);
  const steps = changed(
    "management",
    (step) => step.stage === "management" ? { ...step, urgentReferral: false } : step,
    flagged,
  );
  assertEquals(rules(steps), ["red flag without urgent referral"]);
});

Deno.test("a finding under another name, and what it is a kind of, cannot be absent; a kind of it can", () => {
  const id = (name: string): string => findEntity(knowledge, name, "symptom")!.id;
  assert(contradicts(knowledge, id("anorexia"), id("decreased appetite")));
  assert(contradicts(knowledge, id("colic"), id("pain")));
  assert(!contradicts(knowledge, id("pain"), id("colic")));
  assert(!contradicts(knowledge, id("fever"), id("cough")));
});
