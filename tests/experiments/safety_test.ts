import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  checkAscent,
  checkPairs,
  countPromises,
  driftPoint,
  populations,
  promise,
  sequenceKl,
  sharpDrift,
} from "../../experiments/safety/checks.ts";
import { modelDriftPoint } from "../../experiments/safety/drift.ts";
import type {
  ChoiceAnswer,
  SafetyFindings,
  SampledPrompt,
} from "../../experiments/safety/findings.ts";
import { safety } from "../../experiments/safety/mod.ts";
import { answerSelectively, coverages, judgeTreatment } from "../../experiments/safety/model.ts";
import { klInverse } from "../../lib/evaluation/mod.ts";
import { loadKnowledge, subjectsOf } from "../../lib/knowledge/mod.ts";
import { sampleResults } from "./sample_results.ts";

Deno.test("safety: sequences keep the promise, the best of all thresholds does not, a test split is no judge", () => {
  const [falling, constant] = populations.map((p) => countPromises(p, 300, 400));
  const slack = 2 * Math.sqrt(promise.delta * (1 - promise.delta) / 300);
  for (const row of [...falling!, ...constant!]) {
    if (row.procedure !== "no sequence") {
      assert(row.broken / row.draws < promise.delta + slack, row.procedure);
    }
  }
  assert(constant!.find((r) => r.procedure === "no sequence")!.broken / 300 > 0.15);
  // Where the risk is 0.1001 everywhere, whoever answers has broken the promise.
  for (const { broken, abstained, draws } of constant!) assertEquals(broken + abstained, draws);
  for (const { broken, testAbove, abstained, draws } of falling!) {
    assert(testAbove > broken);
    assert(abstained < draws / 2, "a promise is kept by answering");
  }
});

Deno.test("safety: no bound on the distance to the reference is broken, and tilting meets kl inversion", () => {
  const [pairs, { checks }] = [checkPairs(400), checkAscent(3, 20)];
  for (const { broken, name } of [...pairs, ...checks]) assertEquals(broken, 0, name);
  // A pair or a run counts once, however many of its policies are compared.
  assertEquals(new Set(pairs.map(({ problems }) => problems)), new Set([400]));
  assertEquals(
    new Set(checks.map(({ problems, comparisons }) => `${problems} ${comparisons}`)),
    new Set(["3 180"]),
  );
  for (const { realised, klInverse, pinsker, bretagnolleHuber } of sharpDrift().points) {
    assertAlmostEquals(realised, klInverse, 1e-9);
    assert(klInverse < Math.min(pinsker, bretagnolleHuber) + 1e-12);
  }
  // A wrong divergence is noticed: the mean over two prompts, not their sum.
  const half = Float64Array.of(0.5, 0.5, 0.5, 0.5);
  const moved = Float64Array.of(0.9, 0.1, 0.5, 0.5);
  const one = 0.9 * Math.log(1.8) + 0.1 * Math.log(0.2);
  assertAlmostEquals(sequenceKl(moved, half, 2), one / 2, 1e-12);
  const { klInverse, pinsker } = driftPoint(0.99, 0.95, 0.1);
  assertAlmostEquals(klInverse, 0.071, 5e-4);
  assertAlmostEquals(pinsker, Math.sqrt(0.05), 1e-12);
});

const hash = (i: number) => i.toString(16).padStart(16, "0");

/** Confidence falls from 1 to 0 over the items; the last `wrong` of each split are wrong. */
function answers(split: ChoiceAnswer["split"], n: number, wrong: number): ChoiceAnswer[] {
  return Array.from({ length: n }, (_, i) => ({
    case: hash(i),
    family: "domain-choice",
    split,
    scores: [-1, i / n - 2],
    confidence: 1 - i / n,
    error: i >= n - wrong,
  }));
}

Deno.test("safety: the model answers where errors are few and nothing where they are many", () => {
  const asked = { alpha: 0.1, delta: 0.1 };
  const good = answerSelectively(
    [...answers("validation", 40, 8), ...answers("test", 200, 40)],
    asked,
  );
  assertEquals(good.threshold, good.tests.findLast(({ upper }) => upper <= 0.1)!.threshold);
  assertEquals([good.calibration, good.test], [100, 100]);
  assert(good.answered < 90);
  assert(good.answered > 70);
  assert(good.errors / good.answered < 0.1);
  const bad = answerSelectively(
    [...answers("validation", 40, 20), ...answers("test", 200, 150)],
    asked,
  );
  assertEquals([bad.threshold, bad.answered, bad.allErrors], [null, 0, 75]);
});

Deno.test("safety: a drug that must not be given is found, one that the graph does not know is not", async () => {
  const knowledge = await loadKnowledge();
  const diseases = [...knowledge.entities.values()].filter(({ kind }) => kind === "disease");
  const only = (id: string, predicate: "treats" | "palliates" | "contraindicated") =>
    subjectsOf(knowledge, predicate, id)[0];
  const disease = diseases.find(({ id }) => only(id, "treats") && only(id, "contraindicated"))!;
  const claim = { subject: "", predicate: "treats" as const, object: disease.id };
  const treats = only(disease.id, "treats")!.name;
  const refused = only(disease.id, "contraindicated")!.name;
  assertEquals(judgeTreatment(knowledge, `Drug: ${treats}`, claim), "supported");
  assertEquals(
    judgeTreatment(knowledge, `Drug: ${treats} or ${refused}`, claim),
    "contraindicated",
  );
  assertEquals(judgeTreatment(knowledge, "Drug: rest", claim), "none named");
  const relieved = diseases.find(({ id }) => only(id, "palliates"))!;
  assertEquals(
    judgeTreatment(knowledge, only(relieved.id, "palliates")!.name, {
      ...claim,
      object: relieved.id,
    }),
    "contradicted",
  );
});

/** Samples to eight prompts, of which every second one has the reward. */
function sampled(kl: number, reward: number): SampledPrompt[] {
  return Array.from({ length: 8 }, (_, x) => ({
    kl: kl * (1 + x % 4 / 10),
    rewards: [x % 2 === 0 ? reward + x / 100 : null, null, null, null],
  }));
}

Deno.test("safety: a checkpoint is compared on the prompts that have the reward, with the divergence of these", () => {
  const point = modelDriftPoint(sampled(0, 0.5), sampled(0.02, 0.45), 0, 4)!;
  assertEquals([point.step, point.prompts], [4, 4]);
  assertAlmostEquals(point.kl, 0.02 * 1.1, 1e-12);
  assertAlmostEquals(point.before, 0.53, 1e-12);
  assertAlmostEquals(point.after, 0.48, 1e-12);
  // Paired over prompts the fall is the same everywhere.
  for (const fall of [point.realised, point.fall.low, point.fall.high]) {
    assertAlmostEquals(fall, 0.05, 1e-12);
  }
  const bounds = klInverse(0.53, 0.022);
  assertAlmostEquals(point.klInverse, 0.53 - bounds.lower, 1e-9);
  assert(point.realised < point.klInverse);
  assert(point.klInverse < point.pinsker);
  assert(point.floor < bounds.lower);
  assertEquals(modelDriftPoint(sampled(0, 0.5), sampled(0.02, 0.45), 1, 4), undefined);
});

Deno.test("safety: what the parts give fits the schema and is shown, and the answers give the outcomes again", () => {
  const config = { ...safety.presets.smoke as object, draws: 20, alphas: [0.1, 0.5] };
  const { alphas } = safety.config.parse(config) as { alphas: number[] };
  const answered = [...answers("validation", 40, 20), ...answers("test", 200, 150)];
  const { checks, drifts } = checkAscent(1, 10);
  const [start, now] = [sampled(0, 0.8), sampled(0.01, 0.79)];
  const findings: SafetyFindings = {
    promises: {
      ...promise,
      fixedStart: 0.85,
      testItems: 100,
      populations: populations.map(({ name, risk }) => ({ name, risk })),
      counts: populations.flatMap((p) => countPromises(p, 20, 100)),
    },
    distance: { pairs: checkPairs(20), ascent: checks, tilted: sharpDrift(), drifts },
    checkpoints: {
      temperature: 0.5,
      items: start.map((_, x) => ({ id: hash(x), family: "domain-choice" })),
      samples: [{ step: 0, prompts: start }, { step: 2, prompts: now }],
      drifts: [{ objective: "domain", points: [modelDriftPoint(start, now, 0, 2)!] }],
    },
    selective: {
      delta: promise.delta,
      coverages,
      answers: answered,
      outcomes: alphas.map((alpha) => answerSelectively(answered, { alpha, delta: promise.delta })),
    },
    treatments: [{
      system: "SFT",
      n: 2,
      counts: { "none named": 1, supported: 0, unknown: 0, contradicted: 1, contraindicated: 0 },
      answers: [
        { id: hash(0), family: "domain-open", verdict: "none named" },
        { id: hash(1), family: "domain-open", verdict: "contradicted" },
      ],
    }],
  };
  const results = { ...sampleResults, config: safety.config.parse(config) };
  const stored = JSON.parse(JSON.stringify(findings));
  const shown = safety.view(results, findings);
  assertEquals(safety.view(results, stored), shown);
  assertEquals(JSON.stringify(safety.view(results, stored)), JSON.stringify(shown));
  const names = ["promise", "drift", "checkpoints", "risk", "treatments"];
  assertEquals(shown.figures.map(({ name }) => name), names);
  const sentences = shown.sections.flatMap((
    { question, answer, method },
  ) => [question, answer, method]);
  assert(sentences.every((text) => !/NaN|undefined|Infinity/.test(text)), sentences.join(" "));
  for (const [i, alpha] of alphas.entries()) {
    const again = answerSelectively(stored.selective.answers, { alpha, delta: promise.delta });
    assertEquals(again, stored.selective.outcomes[i]);
  }
});
