/** How training went: figures and sentences from the logs. @module */

import { average } from "../../lib/evaluation/mod.ts";
import { curves, type Figure } from "../../lib/figures/mod.ts";
import { capabilities } from "../../lib/synthesis/mod.ts";
import type { NamedFigure } from "../core/experiment.ts";
import type { LoggedStep, LoggedSteps } from "../stages/findings.ts";
import { rewardCurves } from "../stages/reward_curves.ts";
import type { MainResultsFindings } from "./findings.ts";
import { AWARE, ruleNames } from "./systems.ts";

/** Every step of supervised fine-tuning logs its loss. */
const lossOf = ({ loss }: LoggedStep): number => loss!;

/** The capabilities' weights, and how far their gradients stand out of the noise where the Gram matrix was measured. */
function weightCurves(logs: readonly LoggedSteps[]): Figure {
  const panel = (read: (log: LoggedStep, capability: string) => number | undefined) =>
    capabilities.map((capability) => {
      const steps = logs[0]!.filter((log) => read(log, capability) !== undefined);
      return {
        name: capability,
        x: steps.map(({ step }) => step),
        y: steps.map(({ step }) =>
          average(
            logs.flatMap((log) =>
              read(log.find((other) => other.step === step)!, capability) ?? []
            ),
          )
        ),
      };
    });
  return curves({
    title: `Weights of the capabilities under ${AWARE}`,
    series: [{
      title: "Weights",
      yTitle: "Weight",
      series: panel((log, capability) => log[`weights/${capability}`]),
      // From 0 on, or the axis would make much of nothing where no weight moves.
      references: [
        { axis: "y", value: 0 },
        { axis: "y", value: 1 / capabilities.length, label: "preference" },
      ],
    }, {
      title: "Signal of the gradients",
      yTitle: "Signal / noise",
      series: panel((log, capability) => log[`balance/signal_to_noise/${capability}`]),
      references: [{ axis: "y", value: 1, label: "as much signal as noise" }],
    }],
    xTitle: "Step",
    yTitle: "Weight, and signal to noise of the gradient",
    sharedY: false,
    columns: 2,
    n: logs.length,
    unit: "seeds",
    caption:
      "A weight above the preferred one means that the others would have harmed the capability. Signal to noise is " +
      "shown where it was measured.",
  });
}

/**
 * How loss and rewards moved from the first to the last tenth of the steps.
 *
 * @param findings logs of the trainings
 * @returns sentences
 */
export function trainingAnswer(
  { sftLogs, logs }: Pick<MainResultsFindings, "sftLogs" | "logs">,
): string {
  const ends = (runs: readonly LoggedSteps[], read: (log: LoggedStep) => number) => {
    const size = Math.max(1, Math.round(runs[0]!.length / 10));
    const mean = (part: LoggedSteps) => part.reduce((sum, log) => sum + read(log), 0) / part.length;
    const over = (pick: (log: LoggedSteps) => LoggedSteps) =>
      runs.reduce((sum, log) => sum + mean(pick(log)), 0) / runs.length;
    return [over((log) => log.slice(0, size)), over((log) => log.slice(-size))] as const;
  };
  const present = (log: LoggedStep) =>
    capabilities.map((c) => log[`rewards/${c}/mean`]).filter((r) => r !== undefined);
  const reward = (log: LoggedStep) => present(log).reduce((a, b) => a + b, 0) / present(log).length;
  const [first, last] = ends(sftLogs, lossOf);
  const parts = Object.entries(logs).map(([name, runs]) => {
    const [from, to] = ends(runs, reward);
    return `${name} ${from.toFixed(2)} to ${to.toFixed(2)}`;
  });
  const moved = last < first ? "falls" : last > first ? "rises" : "stays";
  return `In ${sftLogs[0]!.length} steps of SFT the loss ${moved} from ${first.toFixed(2)} to ${
    last.toFixed(2)
  } nats per token. In ${
    logs[ruleNames[0]!]![0]!.length
  } steps of GRPO the mean reward of the sampled ` +
    `completions goes from first to last: ${parts.join(", ")}. ${weightsAnswer(logs[AWARE]!)}`;
}

/** Whether the capability-aware weights left the preference, and how noisy the gradients are that they come from. */
function weightsAnswer(runs: readonly LoggedSteps[]): string {
  const steps = runs.flat();
  const even = 1 / capabilities.length;
  const moved = steps.filter((log) =>
    capabilities.some((c) => Math.abs((log[`weights/${c}`] ?? even) - even) > 1e-9)
  );
  const measured = steps.filter((log) => log["balance/kkt"] !== undefined);
  const whether =
    `${AWARE} moved a weight from the preference in ${moved.length} of ${steps.length} steps`;
  if (measured.length === 0) return `${whether}; no gradients were measured.`;
  const ratios = capabilities.flatMap((capability) => {
    const found = measured.flatMap((log) => log[`balance/signal_to_noise/${capability}`] ?? []);
    return found.length === 0 ? [] : [{ capability, ratio: average(found) }];
  });
  if (ratios.length === 0) return `${whether}; its gradients' signal to noise was not measured.`;
  const list = ratios.map(({ capability, ratio }) => `${capability} ${ratio.toFixed(2)}`).join(
    ", ",
  );
  const below = ratios.filter(({ ratio }) => ratio < 1).length;
  return `${whether}; its gradients' signal to noise was ${list} on average over ${measured.length} measurements. ` +
    `It is below 1, where there is more noise than signal, for ${below} of ${ratios.length}.`;
}

/**
 * Rewards, weights and loss over the steps.
 *
 * @param findings logs of the trainings
 * @returns the figures with their names
 */
export function trainingFigures(
  { sftLogs, logs }: Pick<MainResultsFindings, "sftLogs" | "logs">,
): NamedFigure[] {
  const steps = sftLogs[0]!;
  return [
    { name: "rewards", figure: rewardCurves(new Map(Object.entries(logs)), ruleNames) },
    { name: "weights", figure: weightCurves(logs[AWARE]!) },
    {
      name: "sft-loss",
      figure: curves({
        title: "Loss during supervised fine-tuning",
        series: [{
          name: "SFT",
          x: steps.map(({ step }) => step),
          y: steps.map((_, i) => average(sftLogs.map((log) => lossOf(log[i]!)))),
        }],
        xTitle: "Step",
        yTitle: "Cross-entropy (nats per token)",
        n: sftLogs.length,
      }),
    },
  ];
}
