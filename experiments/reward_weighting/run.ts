/**
 * Which rule should weigh the capabilities' rewards? Every rule ascends on the same start and prompts with exact gradients
 * of a language model on closed answers whose rewards conflict; the parts of the trainer's weights are set otherwise one
 * by one; and the rules run on tabular problems, where everything is known. PROTOCOL.md holds measures, tests and sizes.
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
import type { WeightingConfig } from "./config.ts";
import type { Setting, WeightingFindings } from "./findings.ts";
import { comparedPreferences, type Done, hindsightPreferences, replicateRuns } from "./model.ts";
import { comparisonsOf, metricsOf, settingOf, type Unit } from "./statistics.ts";
import { tabularUnit } from "./tabular.ts";

/** Where the protocol lies. */
const PROTOCOL = fromFileUrl(new URL("./PROTOCOL.md", import.meta.url));

/** Raised when tabular problems or estimates are computed otherwise, so that stored ones are not mixed. */
const VERSION = 1;

/** Runs on the language model, [replicates][runs]. */
async function modelRuns(context: RunContext, config: WeightingConfig) {
  const bench = await openBench(context, config);
  const found = await branches(context.seeds, async (seed) => {
    const bar = context.stage(`Rules and settings, replicate ${seed}`);
    const own = await withReplicate(
      bench,
      seed,
      (replicate) => replicateRuns(replicate, config, bar.update),
    );
    bar.finish();
    return own;
  });
  return {
    key: bench.key,
    replicates: found.map(({ done }) => done),
    pilotSeconds: found.reduce((sum, { pilotSeconds }) => sum + pilotSeconds, 0),
  };
}

/** What one replicate says of a setting on the language model. */
function modelUnit(
  done: readonly Done[],
  ground: Done["ground"],
  preference: Preference,
  config: WeightingConfig,
): Unit {
  const own = done.filter((job) => job.ground === ground);
  const candidates = hindsightPreferences(config).map(({ name }) => name);
  return {
    runs: own.filter((job) => job.preference.name === preference.name).map(({ run }) => run),
    statics: own.filter(({ ground, system, preference: { name } }) =>
      ground === "model" && system === "static" && candidates.includes(name)
    ).map(({ preference, run }) => ({ preference: preference.name, run })),
  };
}

/** The tabular problems under a preference, kept in the store. */
async function tabularUnits(
  { store, stage }: RunContext,
  { tabular, rules, preferences }: WeightingConfig,
  preference: Preference,
) {
  const bar = stage(`Tabular problems, ${preference.name}`);
  const key = { version: VERSION, tabular, rules, least: preferences.least, preference };
  const found = await store.json("tabular", key, async (): Promise<Unit[]> => {
    const units: Unit[] = [];
    for (let seed = 0; seed < tabular.problems; seed++) {
      units.push(tabularUnit({ tabular, rules, preferences }, preference, seed));
      bar.update(seed + 1, tabular.problems);
      await breathe();
    }
    return units;
  });
  bar.finish(found.cached ? "from the store" : undefined);
  return found;
}

/** Estimates of a setting, kept in the store. */
async function estimated(
  { store, stage }: RunContext,
  place: Pick<Setting, "ground" | "preference">,
  names: readonly string[],
  units: readonly Unit[],
) {
  const bar = stage(`Estimating, ${place.ground}, ${place.preference.name}`);
  const key = { version: VERSION, place, names, units: await hashJson(units) };
  const found = await store.json(
    "weighting-estimates",
    key,
    () => Promise.resolve(settingOf(place, names, units)),
  );
  bar.finish(found.cached ? "from the store" : undefined);
  return found;
}

const notes = (replicates: number, problems: number): string[] => [
  "A replicate is a draw of prompts, an adapter and, where every replicate has its own, a start; all rules of a replicate share " +
  "it. Mean rewards and gradients are exact: sums over the closed answers to every prompt, nothing is sampled.",
  `Intervals are Student's over ${counted(replicates, "replicate")} or ${
    counted(problems, "problem")
  }; one alone has none.`,
];

/**
 * Runs and compares every rule.
 *
 * @param context store, backend and bars; a seed is a replicate
 * @param config options
 * @returns measures, comparisons and the findings
 * @throws {UsageError} when there is no such model, or the graph does not give so many prompts
 */
export async function runWeighting(
  context: RunContext,
  config: WeightingConfig,
): Promise<RunOutput<WeightingFindings>> {
  const { key, replicates, pilotSeconds } = await modelRuns(context, config);
  const preferences = comparedPreferences(config);
  const seconds: Record<string, number> = {
    pilots: pilotSeconds,
    "tabular problems": 0,
    estimates: 0,
  };
  const spend = (stage: string, more: number) => seconds[stage] = (seconds[stage] ?? 0) + more;
  for (const { ground, system, seconds } of replicates.flat()) {
    spend(ground === "model" ? system : `trainer: ${system}`, seconds);
  }
  const settings: Setting[] = [];
  const add = async (
    place: Pick<Setting, "ground" | "preference">,
    names: readonly string[],
    units: readonly Unit[],
  ) => {
    const { value, seconds } = await estimated(context, place, names, units);
    settings.push(value);
    spend("estimates", seconds);
  };
  const onModel = (ground: Done["ground"], preference: Preference) =>
    replicates.map((done) => modelUnit(done, ground, preference, config));
  for (const preference of preferences) {
    await add({ ground: "model", preference }, config.rules, onModel("model", preference));
  }
  const lopsided = preferences[1]!;
  await add(
    { ground: "trainer", preference: lopsided },
    config.trainer.parts,
    onModel("trainer", lopsided),
  );
  for (const preference of preferences) {
    const { value, seconds } = await tabularUnits(context, config, preference);
    spend("tabular problems", seconds);
    await add({ ground: "tabular", preference }, config.rules, value);
  }
  return {
    metrics: metricsOf(settings, await hashJson([key, config])),
    comparisons: comparisonsOf(settings),
    seconds,
    notes: notes(context.seeds.length, config.tabular.problems),
    findings: {
      protocol: await hashFiles(PROTOCOL),
      rewardNames: [...conflictRewards],
      settings,
      runs: replicates.flatMap((done, k) =>
        done.map(({ ground, preference, system, run }) => ({
          ground,
          preference: preference.name,
          system,
          seed: context.seeds[k]!,
          values: run.values,
          heldOut: run.heldOut!,
        }))
      ),
    },
  };
}
