/**
 * What a conflict task makes: items, each of which can be put in three ways, by what the prompt demands.
 *
 * @module
 */
import type { Entity } from "../../knowledge/mod.ts";
import type { RandomStream } from "../../runtime/mod.ts";
import { displayName } from "../source.ts";
import type { ConflictFacts } from "./facts.ts";

/**
 * What a prompt demands: what the first of the two rewards at odds is paid for, or the second, or it does not say, and
 * both are paid.
 */
export type Demand = "first" | "second" | "both";

/** A wording: a question, and what is added to it to make a demand; nothing is added for `both`. */
export interface ConflictWording {
  /** The question, with slots such as `{disease}`; a slot in capitals, `{Disease}`, begins a sentence. */
  readonly ask: string;
  /** The sentence that makes the first demand. */
  readonly first: string;
  /** The sentence that makes the second demand. */
  readonly second: string;
}

/** An answer with the three rewards that it is judged by; the fourth is computed from them. */
export interface ConflictAnswer {
  /** The answer. */
  readonly text: string;
  /** Reward of domain, in [0, 1]. */
  readonly domain: number;
  /** Reward of reasoning, in [0, 1]. */
  readonly reasoning: number;
  /** Reward of instruction, in [0, 1]. */
  readonly instruction: number;
}

/** A question before its wording and its demand are chosen. */
export interface ConflictItem {
  /** Ids of what is asked about; they tell the items of a task apart. */
  readonly key: readonly string[];
  /** What fills the wording's slots, and the answers, under a demand. */
  readonly put: (demand: Demand) => {
    readonly slots: Readonly<Record<string, string>>;
    readonly answers: readonly ConflictAnswer[];
  };
}

/** A task in which two rewards are at odds. */
export interface ConflictTask {
  /** Its name. */
  readonly id: string;
  /** Wordings for training and others for what is held out. */
  readonly wordings: {
    readonly train: readonly ConflictWording[];
    readonly test: readonly ConflictWording[];
  };
  /** Every item that the facts of a split give, in random order, entities in turn. */
  readonly items: (facts: ConflictFacts, random: RandomStream) => Iterable<ConflictItem>;
}

/**
 * A text with a capital at its beginning.
 *
 * @param text Any text.
 * @returns The text, its first letter in upper case.
 */
export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/**
 * An entity's name as an answer or a sentence begins with it.
 *
 * @param entity The entity.
 * @returns Its name in a prompt, with a capital.
 */
export function headName(entity: Entity): string {
  return capitalised(displayName(entity));
}

/**
 * The elements of some lists in turn: the first of each, then the second of each.
 *
 * @param lists Any lists.
 * @returns All elements.
 */
export function inTurn<T>(lists: readonly (readonly T[])[]): T[] {
  const longest = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, i) => lists.flatMap((list) => list.slice(i, i + 1)))
    .flat();
}
