import { assertEquals, assertStringIncludes } from "@std/assert";
import { synthesisPresets, synthesisSchema } from "../../experiments/synthesis/config.ts";
import {
  type ArmName,
  armNames,
  controlSets,
  keyKinds,
  type Measured,
  type MeasuredSet,
  measuredSets,
  type SynthesisFindings,
  synthesisFindings,
} from "../../experiments/synthesis/findings.ts";
import { comparisonsOf, metricsOf, RIGHT } from "../../experiments/synthesis/statistics.ts";
import { viewSynthesis } from "../../experiments/synthesis/view.ts";
import { testSets } from "../../lib/synthesis/mod.ts";
import { sampleResults } from "./sample_results.ts";

const config = synthesisSchema.parse(synthesisPresets.quick);
const chance = 0.4;
const groups = 40;
const isControl = (set: MeasuredSet): boolean => controlSets.some((control) => control === set);

/** Shares of groups around a mean. */
const around = (mean: number): number[] =>
  Array.from({ length: groups }, (_, i) => mean + (i % 2 === 0 ? 0.05 : -0.05));

const shares = (means: Partial<Record<MeasuredSet, number>>, name?: ArmName): Measured =>
  Object.fromEntries(
    measuredSets.filter((set) => name === RIGHT || name === undefined || !isControl(set))
      .map((set) => [set, {
        predicted: around(means[set] ?? chance),
        likeliest: around(chance),
      }]),
  );

const guess = (guesser: string, kind: "blind" | "floor", accuracy: number) => ({
  guesser,
  kind,
  n: 500,
  clusters: 120,
  chance,
  accuracy,
  low: accuracy - 0.04,
  high: accuracy + 0.04,
  inside: Math.abs(accuracy - chance) < 0.04,
});

/** What the parts of some findings are. */
interface Story {
  /** Items of 100 that validation keeps, with a right, a random and a wrong key. */
  readonly validated: readonly [number, number, number];
  /** The same of curation. */
  readonly curated: readonly [number, number, number];
  /** Means of arms. */
  readonly arms: Partial<Record<ArmName, Partial<Record<MeasuredSet, number>>>>;
  /** What a blind guesser gets. */
  readonly blind: number;
  /** Broken rules. */
  readonly broken: number;
}

function findingsOf({ validated, curated, arms, blind, broken }: Story): SynthesisFindings {
  const table = [guess("first", "blind", blind), guess("memory", "floor", 0.45)];
  return synthesisFindings.parse({
    protocol: "hash",
    stages: [{ stage: "source", produced: 10, kept: 5, dropped: { "too few plain names": 5 } }],
    audit: {
      items: 1000,
      families: [{ name: "domain-choice", table }],
      sets: testSets.map((name) => ({ name, claims: 100, seen: 50, table })),
      duplicates: { exact: 0, normalised: 0, near: 10 },
      broken,
    },
    drafts: { items: 100, wrong: 30, validated: 70, curated: 20, both: 15 },
    kept: keyKinds.map((key, i) => ({
      key,
      items: 100,
      validated: validated[i],
      curated: curated[i],
      faults: {
        guessable: 0,
        "not answered": 100 - curated[i]!,
        "answered without its findings": 0,
      },
    })),
    sets: measuredSets.map((set) => ({ set, items: 2 * groups, units: groups, chance })),
    guesses: testSets.map((set) => ({ set, table })),
    arms: armNames.filter((name) => arms[name] !== undefined).map((name) => ({
      name,
      items: 100,
      wrong: 0,
      runs: [{ seed: 0, sets: shares(arms[name]!, name) }],
    })),
    base: shares({}),
  });
}

function answers(story: Story): Record<string, string> {
  const findings = findingsOf(story);
  const results = {
    ...sampleResults,
    config,
    metrics: metricsOf(findings),
    comparisons: comparisonsOf(findings),
  };
  const { sections, tables } = viewSynthesis(results, findings);
  assertEquals(tables.map(({ name }) => name), ["decisions", "kept", "arms", "blind", "likeliest"]);
  return Object.fromEntries(sections.map(({ id, answer }) => [id, answer]));
}

const good: Story = {
  validated: [98, 20, 1],
  curated: [60, 5, 4],
  arms: {
    "right keys": { "test-diseases": 0.5 },
    "random drop": { test: 0.45 },
    curated: { test: 0.5 },
    validated: { test: 0.55 },
  },
  blind: chance,
  broken: 0,
};

Deno.test("hypotheses hold where the numbers say so", () => {
  const found = answers(good);
  assertStringIncludes(found["synthesis-audit"]!, "0 of 1 intervals");
  assertStringIncludes(found["synthesis-audit"]!, "every rule of consistency holds");
  assertStringIncludes(found.synthesis!, "one tenth of the wrong ones) holds.");
  assertStringIncludes(found.synthesis!, "with a random or a wrong key) holds.");
  assertStringIncludes(found["synthesis-arms"]!, "5.0 [5.0, 5.0] points: H3 holds.");
  assertStringIncludes(found["synthesis-arms"]!, "10.0 [10.0, 10.0] points: H5 holds.");
  assertStringIncludes(found["synthesis-arms"]!, "H4 holds.");
  assertStringIncludes(
    found["synthesis-arms"]!,
    "memory, gets 45.0 [41.0, 49.0] %, which lies below",
  );
  assertStringIncludes(found["synthesis-controls"]!, "lies inside the interval");
});

Deno.test("hypotheses do not hold where the numbers break them", () => {
  const found = answers({
    validated: [80, 20, 1],
    curated: [12, 5, 11],
    arms: {
      "right keys": { "test-diseases": 0.41, renamed: 0.6 },
      "random drop": { test: 0.5 },
      curated: { test: 0.45 },
      validated: { test: 0.49 },
    },
    blind: 0.6,
    broken: 3,
  });
  assertStringIncludes(found["synthesis-audit"]!, "1 of 1 intervals");
  assertStringIncludes(found["synthesis-audit"]!, "3 rules of consistency are broken");
  assertStringIncludes(found.synthesis!, "one tenth of the wrong ones) does not hold.");
  assertStringIncludes(found.synthesis!, "with a random or a wrong key) does not hold, which says");
  assertStringIncludes(found["synthesis-arms"]!, "H3 does not hold.");
  assertStringIncludes(found["synthesis-arms"]!, "H5 does not hold.");
  assertStringIncludes(found["synthesis-arms"]!, "H4 does not hold.");
  assertStringIncludes(found["synthesis-arms"]!, "which lies not below the arm's interval");
  assertStringIncludes(found["synthesis-controls"]!, "outside the interval of right keys");
});

Deno.test("where curation keeps too few its hypothesis is open, and the others are spoken of", () => {
  const { curated: _, ...arms } = good.arms;
  const found = answers({ ...good, arms });
  assertStringIncludes(
    found["synthesis-arms"]!,
    "H3 is not decided: curation kept 20 of 100 drafts, too few.",
  );
  assertStringIncludes(found["synthesis-arms"]!, "H5 holds.");
  assertStringIncludes(found["synthesis-arms"]!, "H4 holds.");
});
