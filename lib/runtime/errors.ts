/**
 * The two kinds of expected failure, and checked configuration values.
 *
 * @module
 */
import { firstFault, type Schema } from "./schema.ts";

/** The user gave wrong input: a command ends with exit code 2 and one line. */
export class UsageError extends Error {
  /** Always `"UsageError"`. */
  override readonly name = "UsageError";
}

/** Something that can be expected to fail did fail: a command ends with exit code 1 and one line. */
export class WorkbenchError extends Error {
  /** Always `"WorkbenchError"`. */
  override readonly name = "WorkbenchError";
}

/**
 * Checks a value against a zod schema and gives it back with defaults filled in.
 *
 * @param schema what the value must be
 * @param value the value as it was read
 * @param where where it was read, a file's path or "the command line"
 * @throws {UsageError} one line for the first fault: the key's path, what was expected, what was found, where
 * @example
 * ```ts
 * import { parseConfig, UsageError } from "./errors.ts";
 * import { assertThrows } from "@std/assert";
 * import { z } from "zod";
 *
 * const schema = z.object({ model: z.object({ size: z.int().positive() }) });
 * assertThrows(
 *   () => parseConfig(schema, { model: { size: -1 } }, "run.json"),
 *   UsageError,
 *   "Expected model.size to be an integer greater than 0 but found -1 in run.json",
 * );
 * ```
 */
export function parseConfig<T>(
  schema: Schema<T>,
  value: unknown,
  where: string,
): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new UsageError(
    `${firstFault(schema, value, parsed.error)} in ${where}`,
  );
}
