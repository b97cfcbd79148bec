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
  type RandomStream,
  readText,
  type Schema,
  UsageError,
  writeFileAtomic,
} from "../runtime/mod.ts";
import { type Check, checkSchema, predicateSchema, type Where, whereSchema } from "./check.ts";

/** The four capabilities, in the order of every table and vector. */
export const capabilities = ["domain", "reasoning", "instruction", "integration"] as const;

/** One of the four capabilities. */
export type Capability = (typeof capabilities)[number];

/**
 * The test sets, reported apart: known diseases in known wordings and forms, asked for facts that no training item holds;
 * diseases of which training holds nothing; families and answer forms that training does not have; other wordings and
 * vignettes written by hand.
 */
export const testSets = ["test", "test-diseases", "test-forms", "test-wordings"] as const;

/** One of the test sets. */
export type TestSet = (typeof testSets)[number];

/** The splits: training, validation, and the test sets. */
export const splits = ["train", "validation", ...testSets] as const;

/** One of the splits. */
export type Split = (typeof splits)[number];

/**
 * What a claim that is denied rests on: a contraindication, the same quantity in the other direction, a patient's sex or
 * age, the hierarchy or a definition that says otherwise, a source that says so, or only that the curated tables list the
 * facts of this kind and this one is not among them, nor does any other source connect the two.
 */
export const denialBases = [
  "contraindication",
  "opposite",
  "sex",
  "age",
  "hierarchy",
  "source",
  "not listed",
] as const;

/** One of {@linkcode denialBases}. */
export type DenialBasis = (typeof denialBases)[number];

/** A claim that an item rests on; one that it takes to be wrong says why. */
export interface ItemClaim extends Claim {
  /** What the denial rests on; left out where the claim is stated. */
  readonly denied?: DenialBasis;
}

/** A decision that an item asks for: one of the options that its prompt shows. */
export interface Decision {
  /** Where the completion states it. */
  readonly where: Where;
  /** The options in the prompt's words and order. */
  readonly options: readonly string[];
  /** Place of the right one in them. */
  readonly answer: number;
}

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
  readonly claims: readonly ItemClaim[];
  /** What is to be decided among options; empty where the prompt shows none. */
  readonly decisions: readonly Decision[];
  /** The words of the prompt that decide: without them every option is as likely as the others. */
  readonly evidence?: string;
  /** Shared by items that differ in their evidence or anchor alone, such that each option is right in one of them. */
  readonly group?: string;
  /** Hash of the disease and finding set, or of the fact asked for; a case lies in one split. */
  readonly case: string;
  /** The wording of the prompt; a wording is used in training, or in validation and test. */
  readonly template: string;
}

const text = z.string().min(1);

const decision = z.object({
  where: whereSchema,
  options: z.array(text).min(2).max(26),
  answer: z.int().min(0),
})
  .refine(({ options, answer }) => answer < options.length, "the answer is none of the options");

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
  claims: z.array(z.object({
    subject: text,
    predicate: predicateSchema,
    object: text,
    denied: z.enum(denialBases).exactOptional(),
  })),
  decisions: z.array(decision).default([]),
  evidence: text.exactOptional(),
  group: text.exactOptional(),
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

/**
 * The items of each counterfactual group together.
 *
 * @param items Any items; one without a group is a group of its own.
 * @returns Groups in the order of their first items.
 */
export function groupItems(items: readonly Item[]): Item[][] {
  return [...Map.groupBy(items, (item) => item.group ?? item.id).values()];
}

/**
 * Draw whole counterfactual groups.
 *
 * @param items Any items.
 * @param most Most items to draw.
 * @param random Draws the order in which groups are tried.
 * @returns The items of the groups that fit, at most `most`.
 */
export function drawGroups(items: readonly Item[], most: number, random: RandomStream): Item[] {
  const drawn: Item[] = [];
  for (const group of random.shuffle(groupItems(items))) {
    if (drawn.length + group.length <= most) drawn.push(...group);
  }
  return drawn;
}
