/** Tables, figures and sentences of the main comparison, from its results. @module */

import { average } from "../lib/evaluation/mod.ts";
import { curves, formatShare, type Row } from "../lib/figures/mod.ts";
import { capabilities, type SynthesisReport } from "../lib/synthesis/mod.ts";
import type { StepLog } from "../lib/training/mod.ts";
import type { Presentation } from "./experiment.ts";
import { comparisonRows, scoreBars, scoreRows } from "./reported.ts";
import { commandOf, type Results } from "./results.ts";
import { rewardCurves } from "./reward_curves.ts";
import { rewardRules } from "./systems.ts";
import type { SystemsConfig } from "./systems_config.ts";

/** Mean of rows of equal length, place by place. */
export function averageOver(rows: readonly (readonly number[])[]): number[] {
  return rows[0]!.map((_, i) => rows.reduce((sum, row) => sum + row[i]!, 0) / rows.length);
}

/** The systems, in the order of tables and figures. */
export const systems = ["base", "SFT", ...Object.keys(rewardRules)] as const;

/** The mean over the four capabilities, which count the same. */
export const MEAN = "mean";

/** What the figures need besides the results. */
export interface TrainingRecord {
  /** The configuration that ran. */
  readonly config: SystemsConfig;
  /** What the data are. */
  readonly synthesis: SynthesisReport;
  /** Logs of supervised fine-tuning, one a seed. */
  readonly sftLogs: readonly (readonly StepLog[])[];
  /** Logs of each kind of GRPO, one a seed. */
  readonly logs: ReadonlyMap<string, readonly (readonly StepLog[])[]>;
}

/** The capabilities' weights, and how far their gradients stand out of the noise where the Gram matrix was measured. */
function weightCurves(logs: readonly (readonly StepLog[])[]) {
  const panel = (read: (log: StepLog, capability: string) => number | undefined) =>
    capabilities.map((capability) => {
      const steps = logs[0]!.filter((log) => read(log, capability) !== undefined);
      return {
        name: capability,
        x: steps.map(({ step }) => step),
        y: steps.map(({ step }) =>
          average(logs.flatMap((log) => read(log[step - 1]!, capability) ?? []))
        ),
      };
    });
  return curves({
    title: "Weights of the capabilities under CA-GRPO",
    series: [{
      title: "Weight",
      series: panel((log, capability) => log[`weights/${capability}`]),
      references: [{ axis: "y", value: 1 / capabilities.length, label: "preference" }],
    }, {
      title: "Signal to noise of the gradient",
      series: panel((log, capability) => log[`balance/signal_to_noise/${capability}`]),
      references: [{ axis: "y", value: 1, label: "veto" }],
    }],
    xTitle: "Step",
    yTitle: "Value",
    sharedY: false,
    n: logs.length,
    caption:
      "A weight above the preferred one means that the others would have harmed the capability. One whose signal to " +
      "noise is below 1 has no veto: its weight stays.",
  });
}

/** The answer in a sentence, from the numbers. */
function answerOf(results: Results): string {
  const mean = (system: string) =>
    results.metrics.find((m) => m.system === system && m.capability === MEAN)!;
  const best = systems.map(mean).reduce((a, b) => b.mean > a.mean ? b : a);
  const againstBase = results.comparisons.filter((c) =>
    c.baseline === "base" && c.capability === MEAN
  );
  const above = againstBase.filter(({ low }) => low > 0).map(({ system }) => system);
  const verdict = above.length === againstBase.length
    ? "every trained system beats the base model (paired interval above 0)"
    : above.length === 0
    ? "no trained system beats the base model beyond the paired interval"
    : `${above.join(", ")} beat the base model (paired interval above 0), the others do not`;
  const sum = results.comparisons.find((c) =>
    c.system === "CA-GRPO" && c.baseline === "GRPO" && c.capability === MEAN
  )!;
  const relation = sum.low > 0
    ? "above it beyond the interval"
    : sum.high < 0
    ? "below it beyond the interval"
    : "not told apart from it";
  return `On the mean of the four capabilities ${verdict}; the highest is ${best.system} with ` +
    `${formatShare(best.mean)} %. Against summed rewards CA-GRPO differs by ${
      formatShare(sum.difference)
    } ` +
    `points [${formatShare(sum.low)}, ${formatShare(sum.high)}]: it is ${relation}.`;
}

/** Which paired differences on the mean of the capabilities are beyond their interval. */
function pairedAnswer({ comparisons }: Results): string {
  const onMean = comparisons.filter(({ capability }) => capability === MEAN);
  const name = ({ system, baseline, difference }: Results["comparisons"][number]) =>
    `${system} \u2212 ${baseline} (${formatShare(difference)})`;
  const list = (found: typeof onMean) => found.length === 0 ? "none" : found.map(name).join(", ");
  return `On the mean of the four capabilities, in points: above 0 beyond the interval ${
    list(onMean.filter(({ low }) => low > 0))
  }; below 0 ${list(onMean.filter(({ high }) => high < 0))}; not told apart ${
    list(onMean.filter(({ low, high }) => low <= 0 && high >= 0))
  }.`;
}

/** How loss and rewards moved from the first to the last tenth of the steps. */
function trainingAnswer(
  sftLogs: readonly (readonly StepLog[])[],
  logs: ReadonlyMap<string, readonly (readonly StepLog[])[]>,
): string {
  const ends = (runs: readonly (readonly StepLog[])[], read: (log: StepLog) => number) => {
    const size = Math.max(1, Math.round(runs[0]!.length / 10));
    const mean = (part: readonly StepLog[]) =>
      part.reduce((sum, log) => sum + read(log), 0) / part.length;
    const over = (pick: (log: readonly StepLog[]) => readonly StepLog[]) =>
      runs.reduce((sum, log) => sum + mean(pick(log)), 0) / runs.length;
    return [over((log) => log.slice(0, size)), over((log) => log.slice(-size))] as const;
  };
  const present = (log: StepLog) =>
    capabilities.map((c) => log[`rewards/${c}/mean`]).filter((r) => r !== undefined);
  const reward = (log: StepLog) => present(log).reduce((a, b) => a + b, 0) / present(log).length;
  const [first, last] = ends(sftLogs, ({ loss }) => loss);
  const parts = [...logs].map(([name, runs]) => {
    const [from, to] = ends(runs, reward);
    return `${name} ${from.toFixed(2)} to ${to.toFixed(2)}`;
  });
  return `In ${sftLogs[0]!.length} steps of SFT the loss falls from ${first.toFixed(2)} to ${
    last.toFixed(2)
  } nats per token. In ${
    logs.get("GRPO")![0]!.length
  } steps of GRPO the mean reward of the sampled ` +
    `completions goes from first to last: ${parts.join(", ")}. ${
      weightsAnswer(logs.get("CA-GRPO")!)
    }`;
}

/** Whether the capability-aware weights left the preference, and how noisy the gradients are that they come from. */
function weightsAnswer(runs: readonly (readonly StepLog[])[]): string {
  const steps = runs.flat();
  const raised = steps.filter((log) => {
    const weights = capabilities.map((c) => log[`weights/${c}`]!);
    return Math.max(...weights) - Math.min(...weights) > 1e-9;
  });
  const measured = steps.filter((log) => log["balance/kkt"] !== undefined);
  const mean = (capability: string) =>
    average(measured.map((log) => log[`balance/signal_to_noise/${capability}`]!));
  const list = capabilities.map((c) => `${c} ${mean(c).toFixed(2)}`).join(", ");
  return `CA-GRPO raised a weight in ${raised.length} of ${steps.length} steps; its gradients' signal to noise was ` +
    `${list} on average over ${measured.length} measurements, and below 1 a capability has no veto.`;
}

/** Tables, figures and sections of the report. */
export function presentMainResults(results: Results, record: TrainingRecord): Presentation {
  const { config, synthesis, sftLogs, logs } = record;

  const tables = [
    {
      name: "scores",
      caption: "Score in per cent with 95 % interval",
      rows: scoreRows(results),
    },
    {
      name: "differences",
      caption: "Paired differences in points with 95 % interval",
      rows: comparisonRows(results),
    },
    {
      name: "items",
      caption: "Items that the systems are trained and tested on",
      rows: synthesis.counts.map((row): Row => ({ ...row })),
    },
  ];
  const bars = scoreBars(results, "Five systems on the four capabilities");
  const figures = [
    { name: "scores", figure: bars },
    { name: "rewards", figure: rewardCurves(logs, Object.keys(rewardRules)) },
    { name: "weights", figure: weightCurves(logs.get("CA-GRPO")!) },
    {
      name: "sft-loss",
      figure: curves({
        title: "Loss during supervised fine-tuning",
        series: [{
          name: "SFT",
          x: sftLogs[0]!.map(({ step }) => step),
          y: averageOver(sftLogs.map((log) => log.map(({ loss }) => loss))),
        }],
        xTitle: "Step",
        yTitle: "Cross-entropy (nats per token)",
        n: sftLogs.length,
      }),
    },
  ];
  const command = commandOf(results);
  const n = results.metrics.find(({ capability }) => capability === capabilities[0])!.n;
  return {
    tables,
    figures,
    sections: [
      {
        id: "main-results",
        question: "Which system is best on the four capabilities?",
        answer: answerOf(results),
        table: tables[0]!.rows,
        tableCaption: tables[0]!.caption,
        figures: [bars],
        method:
          `${n} held-out synthetic items of each capability, answered greedily and scored by rules; ` +
          "no item's case or wording occurs in training. 95 % bootstrap intervals over items.",
        command,
      },
      {
        id: "paired",
        question: "How do the systems differ on the same items?",
        answer: pairedAnswer(results),
        table: tables[1]!.rows,
        tableCaption: tables[1]!.caption,
        figures: [],
        method:
          "Differences are paired by item: 95 % bootstrap intervals over them, p values of a sign-flip " +
          "permutation test, not corrected for their number.",
        command,
      },
      {
        id: "training",
        question: "How does training go?",
        answer: trainingAnswer(sftLogs, logs),
        figures: figures.slice(1).map(({ figure }) => figure),
        method: `Rewards are ${config.mixing} times the rule score and ${
          (1 - config.mixing).toFixed(1)
        } times the similarity to the reference; ${config.grpo.promptsPerStep} prompts and ${config.grpo.numGenerations} completions a step.`,
        command,
      },
    ],
  };
}
