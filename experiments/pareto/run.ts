/**
 * What a preference among the capabilities buys: trainings of a language model on exact gradients under preferences over
 * the simplex, by static, capability-aware and UPGrad weights, against interpolated parameters (rewarded soups, arXiv
 * 2306.04488) and MGDA, and the same on tabular problems. PROTOCOL.md holds measures, tests and sizes.
 *
 * @module
 */

import { fromFileUrl } from "@std/path";
import { hashFiles, hashJson } from "../../lib/runtime/mod.ts";
import { conflictRewards } from "../../lib/synthesis/mod.ts";
import { branches } from "../core/branches.ts";
import { breathe, type RunContext, type RunOutput } from "../core/experiment.ts";
import { openBench } from "../laboratory/bench.ts";
import type { Preference } from "../laboratory/preferences.ts";
import { withReplicate } from "../laboratory/replicate.ts";
import { counted } from "../stages/verdicts.ts";
import type { ParetoConfig } from "./config.ts";
import type { ParetoFindings } from "./findings.ts";
import { sweptReplicate } from "./model.ts";
import { sweptPreferences } from "./preferences.ts";
import { comparisonsOf, groundOf, metricsOf } from "./statistics.ts";
import { type SweptProblem, sweptProblem } from "./tabular.ts";

/** Where the protocol lies. */
const PROTOCOL = fromFileUrl(new URL("./PROTOCOL.md", import.meta.url));

/** Raised when tabular problems are swept otherwise, so that stored ones are not mixed. */
const VERSION = 1;

/** The sweeps on the language model, one a replicate. */
async function modelSweeps(
  context: RunContext,
  preferences: readonly Preference[],
  config: ParetoConfig,
) {
  const bench = await openBench(context, config);
  const replicates = await branches(context.seeds, async (seed) => {
    const bar = context.stage(`Preferences, replicate ${seed}`);
    const swept = await withReplicate(
      bench,
      seed,
      (replicate) => sweptReplicate(replicate, preferences, config, bar.update),
    );
    bar.finish();
    return swept;
  });
  return { key: bench.key, replicates };
}

/** The sweeps on the tabular problems, kept in the store. */
async function tabularSweeps(
  { store, stage }: RunContext,
  preferences: readonly Preference[],
  { tabular, preferences: { least } }: ParetoConfig,
) {
  const bar = stage("Tabular problems");
  const key = { version: VERSION, tabular, least, preferences };
  const found = await store.json("tabular-sweep", key, async (): Promise<SweptProblem[]> => {
    const problems: SweptProblem[] = [];
    for (let seed = 0; seed < tabular.problems; seed++) {
      problems.push(sweptProblem(tabular, preferences, least, seed));
      bar.update(seed + 1, tabular.problems);
      await breathe();
    }
    return problems;
  });
  bar.finish(found.cached ? "from the store" : undefined);
  return found;
}

const notes = (replicates: number, problems: number): string[] => [
  "A replicate is a draw of prompts, an adapter and, where every replicate has its own, a start; all sweeps of a replicate share " +
  "it. Mean rewards and gradients are exact: sums over the closed answers to every prompt, nothing is sampled.",
  `Intervals are Student's over ${counted(replicates, "replicate")} or ${
    counted(problems, "problem")
  }; one alone has none.`,
  "MGDA has no preference: it is one point, judged by the equal one, and its volumes do not compare with those of several points.",
];

/**
 * Trains and compares every sweep.
 *
 * @param context store, backend and bars; a seed is a replicate
 * @param config options
 * @returns measures, comparisons and the findings
 * @throws {UsageError} when there is no such model, or the graph does not give so many prompts
 */
export async function runPareto(
  context: RunContext,
  config: ParetoConfig,
): Promise<RunOutput<ParetoFindings>> {
  const preferences = sweptPreferences(conflictRewards, config.preferences);
  const { key, replicates } = await modelSweeps(context, preferences, config);
  const { value: problems, seconds: tabular } = await tabularSweeps(context, preferences, config);
  const seconds: Record<string, number> = { "tabular problems": tabular };
  for (const [sweep, more] of replicates.flatMap((one) => Object.entries(one.seconds))) {
    seconds[sweep] = (seconds[sweep] ?? 0) + more;
  }
  const sources = { model: replicates, tabular: problems };
  const grounds = (["model", "tabular"] as const).map((ground) =>
    groundOf(
      ground,
      conflictRewards,
      preferences,
      sources[ground].map(({ unit }) => unit),
      sources[ground].flatMap(({ rewards }) => rewards),
    )
  );
  return {
    metrics: metricsOf(grounds, await hashJson([key, config])),
    comparisons: comparisonsOf(grounds),
    seconds,
    notes: notes(replicates.length, problems.length),
    findings: {
      protocol: await hashFiles(PROTOCOL),
      rewardNames: [...conflictRewards],
      preferences,
      grounds,
    },
  };
}
