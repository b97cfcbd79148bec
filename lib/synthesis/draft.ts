/**
 * What a task family makes: a proposal (everything but the wording), then a draft (prompt and reference).
 */
import type { RandomStream } from "../runtime/mod.ts";
import type { ClinicalCase } from "./case.ts";
import type { Check } from "./check.ts";
import type { Capability, Decision, ItemClaim, Split } from "./item.ts";
import type { Source } from "./source.ts";

/** Texts with slots such as `{findings}`, some for training and others that training never sees. */
export interface Variants {
  /** Those for training, and for the test sets that differ from it in something else. */
  readonly train: readonly string[];
  /** Those for `test-wordings`. */
  readonly heldOut: readonly string[];
}

/** Wordings of a prompt. */
export interface Wording extends Variants {
  /** Its name. */
  readonly id: string;
}

/** An item before its wording is chosen. */
export interface Proposal {
  /** What makes two items the same question: the disease and finding set, or the fact asked for. */
  readonly key: readonly string[];
  /** The wordings to choose from. */
  readonly wording: Wording;
  /** What fills the wording's slots. */
  readonly slots: Readonly<Record<string, string>>;
  /** An answer that scores 1 on every check. */
  readonly reference: string;
  /** What a completion is scored by. */
  readonly checks: readonly Check[];
  /** The atomic claims that it rests on. */
  readonly claims: readonly ItemClaim[];
  /** What is to be decided among options that the prompt shows; none when left out. */
  readonly decisions?: readonly Decision[];
  /** The words of the prompt that decide, where some do: the value of a slot. */
  readonly evidence?: string;
  /** The case behind it, where there is one. */
  readonly clinical?: ClinicalCase;
}

/** A family of tasks: one way to turn facts into items. */
export interface Family {
  /** Its name. */
  readonly id: string;
  /** The capability that its items belong to. */
  readonly capability: Capability;
  /** Rises when its items change meaning. */
  readonly version: number;
  /** Whether training never sees it: its items are of the split `test-forms` alone. */
  readonly testOnly?: true;
  /**
   * Draw proposals that are counterfactual to each other: each option of a decision is right in one of them, and nothing but
   * the evidence or what is asked about tells which. None when the facts drawn do not serve.
   */
  readonly propose: (source: Source, random: RandomStream) => readonly Proposal[];
}

/**
 * Prompt and template name of a proposal in a split.
 *
 * @param proposal What is worded.
 * @param split The item's split; `test-wordings` alone gets held-out wordings.
 * @param random Draws the wording.
 * @returns Prompt, and the wording's name with its number.
 * @throws Error when the wording has a slot that the proposal does not fill: a fault of the family.
 */
export function wordPrompt(
  proposal: Proposal,
  split: Split,
  random: RandomStream,
): { prompt: string; template: string } {
  const part = split === "test-wordings" ? "heldOut" : "train";
  const index = random.integer(proposal.wording[part].length);
  const prompt = proposal.wording[part][index]!.replace(/\{(\w+)\}/g, (_, slot: string) => {
    const value = proposal.slots[slot];
    if (value === undefined) {
      throw new Error(`Expected a value for the slot ${slot} of ${proposal.wording.id}`);
    }
    return value;
  });
  return {
    prompt,
    template: `${proposal.wording.id}/${part === "train" ? "train" : "held-out"}-${index + 1}`,
  };
}

/**
 * A wording whose variants begin differently and end in the same way.
 *
 * @param id The wording's name.
 * @param starts How they begin.
 * @param ending How all of them end, such as the form of the answer.
 * @returns One variant for each start.
 */
export function wordingOf(id: string, starts: Variants, ending: string): Wording {
  const add = (start: string): string => start + ending;
  return { id, train: starts.train.map(add), heldOut: starts.heldOut.map(add) };
}
