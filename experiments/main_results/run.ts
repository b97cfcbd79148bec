/**
 * Five systems on the four capabilities: the model as it is, after supervised fine-tuning (SFT), and after GRPO from
 * there with summed rewards (GRPO), with rewards normalised one by one (GDPO) and with capability-aware weights
 * (CA-GRPO); same data, same seeds, same number of samples and steps. Below them the floors: form
 * fillers that decide at random, by names, without the findings, and by what training items state.
 *
 * @module
 */

import { capabilities } from "../../lib/synthesis/mod.ts";
import { branches, together } from "../core/branches.ts";
import type { ModelScores } from "../../lib/runs/mod.ts";
import type { RunContext, RunOutput } from "../core/experiment.ts";
import type { SystemsConfig } from "../stages/config.ts";
import { evaluate, heldOutItems } from "../stages/evaluate.ts";
import { type LoggedSteps, storedSteps } from "../stages/findings.ts";
import { FLOOR, floorMeanings, floorNames, floors } from "../stages/floor.ts";
import {
  reinforced,
  type RewardRule,
  rewardRules,
  supervised,
  type TrainedSystem,
} from "../stages/train.ts";
import { openWorkshop } from "../stages/workshop.ts";
import type { MainResultsFindings, SystemRuns } from "./findings.ts";
import { comparisonsOf, metricsOf } from "./statistics.ts";
import { MMLU, systems } from "./systems.ts";

type Evaluated = Awaited<ReturnType<typeof evaluate>>;

/** What is kept of an evaluation. */
function runOf(seed: number, { items, mmlu }: Evaluated): SystemRuns["runs"][number] {
  const answers = items.flatMap(({ perItem }) => perItem);
  return {
    seed,
    scores: answers.map(({ score }) => score),
    invalid: answers.map(({ invalid }) => invalid),
    mmlu: mmlu &&
      mmlu.perItem.map(({ predicted, answer }) => Number(predicted.token === answer)),
  };
}

/** Hash of the prompts of each capability and of the benchmark. */
function promptHashes(
  { items, mmlu }: Pick<ModelScores, "items" | "mmlu">,
): Record<string, string> {
  return {
    ...Object.fromEntries(
      capabilities.flatMap((capability) => {
        const found = items.find((result) => result.capability === capability);
        return found === undefined ? [] : [[capability, found.promptHash]];
      }),
    ),
    ...(mmlu && { [MMLU]: mmlu.promptHash }),
  };
}

/** Trains and evaluates every system at every seed, and the floor once. */
export async function runMainResults(
  context: RunContext,
  config: SystemsConfig,
): Promise<RunOutput<MainResultsFindings>> {
  const workshop = await openWorkshop(context, config);
  const seconds: Record<string, number> = {};
  const spend = (stage: string, more: number) => seconds[stage] = (seconds[stage] ?? 0) + more;
  const runs = new Map<string, SystemRuns["runs"][number][]>(systems.map((name) => [name, []]));
  const judge = async (name: string, system: TrainedSystem | undefined, seed: number) => {
    const found = await evaluate(workshop, name, system, seed);
    spend("evaluation", found.seconds);
    runs.get(name)!.push(runOf(seed, found));
    return found;
  };
  const items = heldOutItems(workshop);
  const sftLogs: LoggedSteps[] = [];
  const logs = Object.fromEntries(
    Object.keys(rewardRules).map((name) => [name, [] as LoggedSteps[]]),
  );
  const trainAll = async (seed: number) => {
    const sft = await supervised(workshop, seed);
    spend("SFT", sft.seconds);
    sftLogs.push(storedSteps(sft.log));
    const reinforce = async ([name, rule]: readonly [string, RewardRule]) => {
      const trained = await reinforced(workshop, sft, name, rule, seed);
      spend(name, trained.seconds);
      logs[name]!.push(storedSteps(trained.log));
      await judge(name, trained, seed);
    };
    await together(
      () => judge("SFT", sft, seed),
      () => branches(Object.entries(rewardRules), reinforce),
    );
  };
  const [low, base] = await together(
    () => floors(workshop),
    () => judge("base", undefined, 0),
    () => branches(context.seeds, trainAll),
  );
  spend("floors", low.seconds);
  const filled = low.floors.map(({ name, scores }) => ({
    name,
    runs: [{ scores, invalid: items.map(() => false), mmlu: null, seed: 0 }],
  }));
  const findings: MainResultsFindings = {
    data: workshop.synthesis.counts.map((row) => ({ ...row })),
    items,
    promptHash: promptHashes(base),
    systems: [
      ...filled,
      ...systems.map((name) => ({ name, runs: runs.get(name)! })),
    ],
    sftLogs,
    logs,
  };
  return {
    metrics: metricsOf(findings),
    comparisons: comparisonsOf(findings),
    seconds,
    notes: [
      "GRPO, GDPO and CA-GRPO start from the SFT system of the same seed" +
      (config.grpo.beta === 0
        ? ", without a divergence term. "
        : ", which is also the reference of their divergence. ") +
      "Intervals are over items; with several seeds an item's score is its mean over them.",
      "mean: the four capabilities count the same. MMLU: accuracy by likelihood per token, biomedical subjects.",
      `${FLOOR}: keeps to the form asked for and knows no medicine. It fills each field at random with names that the ` +
      "prompt offers, or with the commonest answer of the training split; an item's score is its mean over many fillings.",
      `The other floors fill forms alike and decide among options: ${
        floorNames.slice(1).map((name) => `${name} ${floorMeanings[name]}`).join("; ")
      }.`,
    ],
    findings,
  };
}
