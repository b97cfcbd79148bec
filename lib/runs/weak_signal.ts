/** A word to the user where the weights of the rewards followed noise. @module */

import type { StepLog } from "../training/mod.ts";

/** Start of the names under which training logs it. */
const SIGNAL = "balance/signal_to_noise/";

/**
 * What to say of a training whose gradients held more noise than signal, so that weights solved from them are mostly noise.
 *
 * @param logs what its steps logged
 * @returns a sentence; undefined where the mean over steps and rewards is at least 1, or no step logged it
 * @example
 * ```ts
 * import { weakSignal } from "./weak_signal.ts";
 * import { assertEquals, assertMatch } from "@std/assert";
 *
 * const entry = { step: 1, loss: 0, grad_norm: 1, learning_rate: 1e-4, step_time: 1 };
 * assertEquals(weakSignal([entry]), undefined);
 * assertMatch(weakSignal([{ ...entry, "balance/signal_to_noise/domain": 0.2 }])!, /was 0\.20 on average/);
 * ```
 */
export function weakSignal(logs: readonly StepLog[]): string | undefined {
  const found = logs.flatMap((entry) =>
    Object.entries(entry).flatMap(([name, value]) => name.startsWith(SIGNAL) ? [value!] : [])
  );
  const mean = found.reduce((sum, x) => sum + x, 0) / found.length;
  return mean < 1
    ? `the gradients' signal to noise was ${
      mean.toFixed(2)
    } on average; below 1 weights that are solved from them are mostly noise. More promptsPerStep or numGenerations ` +
      "raise it, and gate veto keeps the preference where it is low"
    : undefined;
}
