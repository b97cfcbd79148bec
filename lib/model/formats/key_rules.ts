/**
 * Keys of other programs' files that may be there only with the values with which they change nothing.
 *
 * @module
 */

import { UsageError } from "../../runtime/mod.ts";
import { inMessage } from "./text.ts";

/** With which values a key changes nothing, and what to do where it has another. */
export interface KeyRule {
  /** Values that change nothing; `null` never does. */
  readonly neutral: readonly unknown[];
  /** What the user can do about another value. */
  readonly advice: string;
}

/**
 * Refuses the first key whose value changes what is computed and is not supported.
 *
 * @param json an object of a file
 * @param rules rules by key
 * @param where the file's path, for messages
 * @throws UsageError that names key, expected and found value, file and what to do
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { UsageError } from "../../runtime/mod.ts";
 * import { refuseKeys } from "./key_rules.ts";
 *
 * const rules = { use_dora: { neutral: [false], advice: "merge the adapter with PEFT" } };
 * refuseKeys({ use_dora: false }, rules, "adapter_config.json");
 * assertThrows(
 *   () => refuseKeys({ use_dora: true }, rules, "adapter_config.json"),
 *   UsageError,
 *   "Expected use_dora to be false but found true in adapter_config.json: merge the adapter with PEFT",
 * );
 * ```
 */
export function refuseKeys(
  json: Readonly<Record<string, unknown>>,
  rules: Readonly<Record<string, KeyRule>>,
  where: string,
): void {
  for (const [key, { neutral, advice }] of Object.entries(rules)) {
    const value = Object.hasOwn(json, key) ? json[key] : null;
    if (value === null || value === undefined) continue;
    const found = JSON.stringify(value);
    const expected = neutral.map((value) => JSON.stringify(value));
    if (expected.includes(found)) continue;
    throw new UsageError(
      `Expected ${inMessage(key)} to be ${
        expected.length === 0 ? "absent" : expected.join(" or ")
      } but found ${inMessage(found)} in ${where}: ${advice}`,
    );
  }
}
