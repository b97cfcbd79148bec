/**
 * The vocabulary of claims that stand in a text: who or what, in which relation, said of whom, when and how surely.
 *
 * @module
 */
import type { Entity, Evidence } from "../types.ts";
import type { Extent, Quantity } from "./qualifiers.ts";

/** Every relation that a sentence can state; the first seven are the graph's own. */
export const textRelations = [
  "presents",
  "palliates",
  "not_indicated",
  "localizes",
  "resembles",
  "includes",
  "is_a",
  "treats",
  "modifies",
  "contraindicated",
  "first_line",
  "has_risk",
  "red_flag",
  "associated",
  "caused_by",
  "transmitted_by",
  "affects",
  "diagnosed_by",
  "has",
  "takes",
] as const;

/**
 * A relation of a sentence. `treats` is any use of a drug in a disease, `modifies` a disease-modifying one, `first_line` the
 * one to begin with; `associated` says that two things occur together and no more; `affects` says whom a
 * disease affects, and its object is the words that say so, `diagnosed_by` names a test in words; `has` says that a person has a finding
 * or a disease, `takes` that a person is given a drug.
 */
export type TextRelation = typeof textRelations[number];

/** What a name in a sentence can be: an entity of the graph, a person, or words that the graph does not know. */
export interface TextName {
  /** Index of the first character in the text. */
  readonly start: number;
  /** Index after the last character. */
  readonly end: number;
  /** Its words. */
  readonly text: string;
  /** What it can mean, at most one of each kind; empty for a person and for what the graph does not know. */
  readonly entities: readonly Entity[];
  /** Set for a person. */
  readonly person?: "patient" | "family";
  /** The words that a pronoun stands for. */
  readonly standsFor?: string;
}

/** Of whom a claim is made. */
export type Experiencer = "patient" | "family" | "general";

/** When it holds. `future` is a risk or an expectation. */
export type ClaimTime = "now" | "past" | "future";

/** How surely it is said; what is hypothetical is not claimed. */
export type Certainty = "stated" | "hedged" | "hypothetical";

/** One statement of a text. */
export interface TextClaim {
  /** Who or what. */
  readonly subject: TextName;
  /** The relation. */
  readonly relation: TextRelation;
  /** To whom or what. */
  readonly object: TextName;
  /** Whether the text affirms or denies it. */
  readonly polarity: "affirmed" | "denied";
  /** Of whom it is said. */
  readonly experiencer: Experiencer;
  /** When it holds. */
  readonly time: ClaimTime;
  /** How surely. */
  readonly certainty: Certainty;
  /** Of how many it is said, where it says so. */
  readonly extent?: Extent;
  /** Words of degree before a finding: "severe", "sudden". */
  readonly degrees?: readonly string[];
  /** Numbers behind a finding: "for 3 days". */
  readonly quantities?: readonly Quantity[];
  /** Index of the first character of its sentence or line. */
  readonly start: number;
  /** Index after the last character. */
  readonly end: number;
  /** The rule by which it was read. */
  readonly rule: string;
}

/**
 * What is found out about a claim. Neither `associated` (written about together) nor `unknown` is support. A report on a patient, a question
 * and a condition are no claims about the world.
 */
export type TextVerdict = Evidence["verdict"] | "associated" | "not a claim";

/** A claim with its verdict. */
export interface CheckedTextClaim extends TextClaim {
  /** The verdict. */
  readonly verdict: TextVerdict;
  /** Edges and earlier sentences that lead to it, and the names that were resolved. */
  readonly path: readonly string[];
  /** One sentence that says why. */
  readonly reason: string;
}
