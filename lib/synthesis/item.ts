/**
 * Items of synthetic data: a prompt, a reference answer, and the checks that turn a completion into rewards.
 *
 * An item belongs to one capability, but each of its checks names the capability it speaks for, so one completion can
 * earn a reward in several. A capability without a check is absent, which is not the same as a score of 0.
 */
import { z } from "zod";
import type { Claim } from "../knowledge/mod.ts";
import {
  parseJsonLines,
  readText,
  type Schema,
  UsageError,
  writeFileAtomic,
} from "../runtime/mod.ts";
import { type Check, checkSchema, predicateSchema } from "./check.ts";

/** The four capabilities, in the order of every table and vector. */
export const capabilities = ["domain", "reasoning", "instruction", "integration"] as const;

/** One of the four capabilities. */
export type Capability = (typeof capabilities)[number];

/** The splits: training, validation, test. */
export const splits = ["train", "validation", "test"] as const;

/** One of the splits. */
export type Split = (typeof splits)[number];

/** One item of synthetic data. */
export interface Item {
  /** Hash of the content, 16 hex digits. */
  readonly id: string;
  /** The capability that it belongs to. */
  readonly capability: Capability;
  /** The task family, such as `domain-choice`. */
  readonly family: string;
  /** Rises when a family's items change meaning. */
  readonly version: number;
  /** The split that it lies in. */
  readonly split: Split;
  /** The user's message. */
  readonly prompt: string;
  /** An answer that scores 1 on every check. */
  readonly reference: string;
  /** What a completion is scored by. */
  readonly checks: readonly Check[];
  /** The atomic claims that prompt and reference rest on, by entity id. */
  readonly claims: readonly Claim[];
  /** Hash of the disease and finding set, or of the fact asked for; a case lies in one split. */
  readonly case: string;
  /** The wording of the prompt; a wording is used in training, or in validation and test. */
  readonly template: string;
}

const text = z.string().min(1);

/** Schema of one item, one line of a data file. */
export const itemSchema: Schema<Item> = z.object({
  id: z.string().regex(/^[0-9a-f]{16}$/),
  capability: z.enum(capabilities),
  family: text,
  version: z.int().min(1),
  split: z.enum(splits),
  prompt: text,
  reference: text,
  checks: z.array(checkSchema).min(1),
  claims: z.array(z.object({ subject: text, predicate: predicateSchema, object: text })),
  case: text,
  template: text,
});

/**
 * Items as JSON Lines, one item a line, with a newline at the end.
 *
 * @param items Any items.
 * @returns The file's text; empty for no items.
 * @example
 * ```ts
 * import { itemsToJsonl } from "./item.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(itemsToJsonl([]), "");
 * ```
 */
export function itemsToJsonl(items: readonly Item[]): string {
  return items.map((item) => JSON.stringify(item) + "\n").join("");
}

/**
 * Write items as JSON Lines; the file appears whole or not at all.
 *
 * @param path Path of the file; its folder is made if it is not there.
 * @param items Any items.
 * @throws WorkbenchError in one line when the file cannot be written.
 */
export async function writeItems(path: string, items: readonly Item[]): Promise<void> {
  await writeFileAtomic(path, itemsToJsonl(items));
}

/**
 * Read items from a JSON Lines file.
 *
 * @param path Path of the file.
 * @returns The items in the order of the lines; empty lines are left out.
 * @throws UsageError when the file cannot be read, or a line is not an item or has the id of an earlier one; the message names
 * file, line and key.
 */
export async function readItems(path: string): Promise<Item[]> {
  const text = await readText(path);
  if (text === undefined) {
    throw new UsageError(`Expected a file of items but found none at ${path}`);
  }
  const items: Item[] = [];
  const lines = new Map<string, number>();
  for (const { value, line, where } of parseJsonLines(text, path)) {
    const parsed = itemSchema.safeParse(value);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      throw new UsageError(
        `Expected an item in ${where}, but ${issue?.path.join(".") || "it"}: ${issue?.message}`,
      );
    }
    const { id } = parsed.data;
    const first = lines.get(id);
    if (first !== undefined) {
      throw new UsageError(
        `Expected every item to have an id of its own but found ${id} in ${path}, line ${first} and line ${line}`,
      );
    }
    lines.set(id, line);
    items.push(parsed.data);
  }
  return items;
}
