/**
 * Ontology validation: every atomic claim of an item gets a verdict from the knowledge graph, with its evidence.
 */
import {
  checkClaim,
  type Clinical,
  clinicalReader,
  type Evidence,
  type Knowledge,
  validateText,
} from "../knowledge/mod.ts";
import type { Item, ItemClaim } from "./item.ts";

/** A claim with what the graph says about it. */
export interface CheckedClaim {
  /** The claim. */
  readonly claim: ItemClaim;
  /** The verdict with its path. */
  readonly evidence: Evidence;
}

/**
 * All claims with their verdicts.
 *
 * @param knowledge The graph.
 * @param claims Claims by id or name.
 * @returns A row for each claim, in order.
 */
export function checkClaims(
  knowledge: Knowledge,
  claims: readonly ItemClaim[],
): CheckedClaim[] {
  return claims.map((claim) => ({ claim, evidence: checkClaim(knowledge, claim) }));
}

/**
 * The claims on which an item must not rest: stated ones that the graph does not support, denied ones that it supports or of
 * which a source at least connects the two ends.
 *
 * @param knowledge The graph.
 * @param claims Claims by id or name.
 * @returns Those claims with their verdicts; empty when all hold.
 */
export function unsupportedClaims(
  knowledge: Knowledge,
  claims: readonly ItemClaim[],
): CheckedClaim[] {
  return checkClaims(knowledge, claims).filter(({ claim, evidence: { verdict } }) =>
    claim.denied === undefined
      ? verdict !== "supported"
      : verdict === "supported" || verdict === "associated"
  );
}

/**
 * What a reader of the text alone finds wrong with an item: the claims that its reference makes, read with the prompt, each judged
 * by the curated tables, and what is no part of a text. Where the words are not understood, as in stories in everyday words,
 * nothing is claimed and nothing found.
 *
 * @param clinical The curated tables, joined with the graph.
 * @param item Prompt and reference; nothing else of the item is looked at.
 * @returns The rule of the first fault; undefined where every claim is supported or is none about the world.
 */
export function textFault(
  clinical: Clinical,
  { prompt, reference }: Pick<Item, "prompt" | "reference">,
): string | undefined {
  const { vocabulary, options } = clinicalReader(clinical);
  const { claims, faults } = validateText(reference, vocabulary, { ...options, prompt });
  const wrong = claims.find(({ verdict }) => verdict !== "supported" && verdict !== "not a claim");
  return faults[0]?.rule ?? wrong?.rule;
}
