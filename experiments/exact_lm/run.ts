/**
 * What the weights do to a language model where nothing is sampled: conflict at the start, Theorems 7 and 5, noise drawn
 * from exact products, and fronts. PROTOCOL.md holds sizes, tests and rules of decision.
 *
 * @module
 */

import { fromFileUrl } from "@std/path";
import { hashFiles, hashJson } from "../../lib/runtime/mod.ts";
import { conflictRewards } from "../../lib/synthesis/mod.ts";
import { branches } from "../core/branches.ts";
import type { RunContext, RunOutput } from "../core/experiment.ts";
import { reachableFronts } from "../exact/pareto_points.ts";
import { openBench } from "../laboratory/bench.ts";
import { type Replicate, withReplicate } from "../laboratory/replicate.ts";
import type { ExactLmConfig } from "./config.ts";
import { type ExactLmFindings, type OptimizerRow, optimizerWays } from "./findings.ts";
import { judgeHypotheses } from "./hypotheses.ts";
import { comparisonsOf, metricsOf } from "./metrics.ts";
import { ascentStudy } from "./study_ascent.ts";
import { studyBar, totalSeconds } from "./study_bar.ts";
import { conflictStudy } from "./study_conflict.ts";
import { frontPreferences, frontsStudy, type ReplicateFronts } from "./study_fronts.ts";
import { noiseStudy } from "./study_noise.ts";
import { optimizerStudy } from "./study_optimizer.ts";

/** Where the protocol lies. */
const PROTOCOL = fromFileUrl(new URL("./PROTOCOL.md", import.meta.url));

/** What the studies of one replicate gave. */
interface ReplicateRows {
  readonly conflict: NonNullable<ExactLmFindings["conflict"]>;
  readonly ascents: NonNullable<ExactLmFindings["ascents"]>;
  readonly optimizers: NonNullable<ExactLmFindings["optimizers"]>;
  readonly noise: NonNullable<ExactLmFindings["noise"]>;
  readonly fronts: readonly ReplicateFronts[];
}

/** Adds to the seconds of a study. */
type Spend = (study: string, seconds: number) => void;

/** Runs the studies that are asked for in a replicate. */
async function measure(
  context: RunContext,
  replicate: Replicate,
  config: ExactLmConfig,
  spend: Spend,
): Promise<ReplicateRows> {
  const { seed } = replicate;
  const study = async <T>(
    number: number,
    name: string,
    none: T,
    work: (bar: ReturnType<typeof studyBar>) => Promise<{ found: T; seconds: number }>,
  ): Promise<T> => {
    if (!config.studies.includes(number)) return none;
    const bar = studyBar(context.stage, `Study ${number}, ${name}, replicate ${seed}`);
    const { found, seconds } = await work(bar);
    spend(name, seconds);
    bar.finish();
    return found;
  };
  return {
    conflict: await study(0, "conflict", [] as ReplicateRows["conflict"], async (bar) => {
      const { rows, seconds } = await conflictStudy(replicate, config, bar);
      return { found: rows, seconds };
    }),
    ascents: await study(1, "ascent", [] as ReplicateRows["ascents"], async (bar) => {
      const found = await ascentStudy(replicate, config, bar);
      return { found, seconds: totalSeconds(found) };
    }),
    optimizers: await study(2, "optimizer", [] as ReplicateRows["optimizers"], async (bar) => {
      const found = await optimizerStudy(replicate, config, bar);
      return { found, seconds: totalSeconds(found) };
    }),
    noise: await study(3, "noise", [] as ReplicateRows["noise"], async (bar) => {
      const { rows, seconds } = await noiseStudy(replicate, config, bar);
      return { found: rows, seconds };
    }),
    fronts: seed >= config.fronts.replicates
      ? []
      : await study(4, "fronts", [] as ReplicateRows["fronts"], async (bar) => {
        const found = await frontsStudy(replicate, config, bar);
        return { found: [found], seconds: found.seconds };
      }),
  };
}

/** Harmful steps of the trainer by way, over all replicates. */
function trainerOf(optimizers: readonly OptimizerRow[]): ExactLmFindings["trainer"] {
  return Object.fromEntries(
    optimizerWays.flatMap((way) => {
      const own = optimizers.filter((row) => row.way === way);
      return own.length === 0 ? [] : [[way, {
        steps: own.reduce((sum, { steps }) => sum + steps, 0),
        harmful: own.reduce((sum, { harmful }) => sum + harmful, 0),
        worst_cosine: Math.min(...own.map(({ worst_cosine }) => worst_cosine)),
      }]];
    }),
  );
}

const notes = (replicates: number): string[] => [
  "A replicate is a start, an adapter and a draw of prompts, the same for all rules. Mean rewards and gradients are exact: sums " +
  "over the closed answers to every prompt, nothing is sampled but the batches of study 3.",
  `Intervals are Student's over ${replicates} replicates${
    replicates === 1 ? ", which have none here" : ""
  }; tests are exact sign tests, with Holm's correction for the four hypotheses.`,
];

/**
 * Runs the studies and judges the hypotheses.
 *
 * @param context store, backend and bars; a seed is a replicate
 * @param config options
 * @returns metrics, comparisons and findings
 * @throws {UsageError} when there is no such model, or the graph does not give so many prompts
 */
export async function runExactLm(
  context: RunContext,
  config: ExactLmConfig,
): Promise<RunOutput<ExactLmFindings>> {
  const bench = await openBench(context, config);
  const seconds: Record<string, number> = {};
  const spend: Spend = (study, more) => seconds[study] = (seconds[study] ?? 0) + more;
  const parts = await branches(
    context.seeds,
    (seed) => withReplicate(bench, seed, (replicate) => measure(context, replicate, config, spend)),
  );
  /** Rows of all replicates; undefined where the study did not run. */
  const all = <T>(rowsOf: (part: ReplicateRows) => readonly T[]): T[] | undefined => {
    const rows = parts.flatMap((part) => [...rowsOf(part)]);
    return rows.length === 0 ? undefined : rows;
  };
  const fronts = all((part) => part.fronts) ?? [];
  const studies = {
    conflict: all((part) => part.conflict),
    ascents: all((part) => part.ascents),
    optimizers: all((part) => part.optimizers),
    noise: all((part) => part.noise),
    fronts: fronts.length === 0 ? undefined : {
      preferences: frontPreferences(conflictRewards, config),
      starts: fronts.map(({ start }) => start),
      rows: fronts.flatMap(({ rows }) => rows),
      reachable: reachableFronts(fronts.flatMap(({ rewards }) => rewards)),
    },
  };
  const { studies: _, ...fixed } = config;
  const findings: ExactLmFindings = {
    protocol: { text: await hashFiles(PROTOCOL), config: await hashJson(fixed) },
    rewardNames: [...conflictRewards],
    replicates: context.seeds.length,
    hypotheses: judgeHypotheses(studies, config),
    trainer: trainerOf(studies.optimizers ?? []),
    ...Object.fromEntries(Object.entries(studies).filter(([, rows]) => rows !== undefined)),
  };
  const hash = await hashJson([bench.key, fixed]);
  return {
    metrics: metricsOf(findings, hash),
    comparisons: comparisonsOf(findings),
    seconds,
    notes: notes(context.seeds.length),
    findings,
  };
}
