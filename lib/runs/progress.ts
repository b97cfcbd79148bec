/** What a training run shows while it goes: a row a step, with the time left. @module */

import { formatSeconds } from "../runtime/mod.ts";
import { capabilities } from "../synthesis/mod.ts";
import type { StepLog } from "../training/mod.ts";
import type { RunConfig } from "./config.ts";

const short = capabilities.map((name) => name.slice(0, 3).padStart(5)).join("");

/** A heading and rows for the steps of a method, under 80 characters. */
export function progressTable(method: RunConfig["method"]): {
  readonly heading: string;
  readonly row: (
    log: StepLog,
    maxSteps: number,
    secondsLeft: number,
    tokensPerSecond: number | undefined,
  ) => string;
} {
  const grpo = method === "grpo";
  const share = (x: number | undefined) => (x === undefined ? "–" : x.toFixed(2)).padStart(5);
  const line = (step: string, loss: string, middle: string, speed: string, left: string) =>
    `${step.padStart(9)}${loss.padStart(9)}${middle}${speed.padStart(9)}${left.padStart(9)}`;
  return {
    heading: grpo
      ? `${line("", "", "  rewards".padEnd(22) + "  weights".padEnd(22), "", "")}`.trimEnd() +
        `\n${line("step", "loss", `  ${short}  ${short}`, "tokens/s", "left")}`
      : line("step", "loss", "", "tokens/s", "left"),
    row(log, maxSteps, secondsLeft, tokensPerSecond) {
      const of = (name: (capability: string) => string) =>
        capabilities.map((capability) => share(log[name(capability)])).join("");
      return line(
        `${log.step}/${maxSteps}`,
        log.loss.toFixed(grpo ? 4 : 3),
        grpo ? `  ${of((c) => `rewards/${c}/mean`)}  ${of((c) => `weights/${c}`)}` : "",
        tokensPerSecond === undefined ? "–" : String(Math.round(tokensPerSecond)),
        log.step === maxSteps ? "" : formatSeconds(secondsLeft),
      );
    },
  };
}

/**
 * Shows a row a step, at most one a second and always the first and the last. Time left and tokens per second are means
 * over the steps so far; how many tokens the first step of a run that goes on took is not known.
 *
 * @param write takes a line
 * @param now milliseconds
 */
export function showProgress(
  method: RunConfig["method"],
  write: (line: string) => void,
  now: () => number = () => performance.now(),
): (log: StepLog, maxSteps: number) => void {
  const { heading, row } = progressTable(method);
  let shown = -Infinity;
  let steps = 0;
  let seconds = 0;
  let before: { readonly tokens: number; readonly seconds: number } | undefined;
  return (log, maxSteps) => {
    steps++;
    seconds += log.step_time;
    const tokens = log.num_tokens ?? 0;
    before ??= log.step === 1 ? { tokens: 0, seconds: 0 } : { tokens, seconds };
    const speed = seconds > before.seconds
      ? (tokens - before.tokens) / (seconds - before.seconds)
      : undefined;
    if (steps === 1) write(heading);
    if (now() - shown < 1000 && log.step < maxSteps) return;
    shown = now();
    write(row(log, maxSteps, (maxSteps - log.step) * seconds / steps, speed));
  };
}
