/**
 * Questions for the disease of a definition: the answer is judged by the words of its own definition.
 *
 * @module
 */
import { normalizeName } from "../graph/names.ts";
import type { Entity } from "../types.ts";

const question =
  /\b(?:defin(?:ed|ition|es)|dictionary)\b|\bwhich\s+disease\s+is\s+this\b|\bwhat\s+is\s+(?:it\s+called|its\s+name)\b|\bthese\s+words\b|\bword\s+for\s+this\b/i;

/**
 * Whether a text puts up a definition.
 *
 * @param text A prompt.
 * @returns True where it speaks of a definition or asks what the disease that it describes is called.
 */
export function asksForDefinition(text: string): boolean {
  return question.test(text);
}

/** Words of the ontology that a text in plain English says otherwise. */
const plain: ReadonlySet<string> = new Set(
  [
    "has",
    "material",
    "basis",
    "located",
    "symptom",
    "symptoms",
    "transmitted",
    "the",
    "that",
    "and",
  ],
);

/** A definition is told where at least this share of its words stands in a text: siblings differ in one or two. */
const least = 0.95;

/**
 * Whether a text tells the definition of a disease.
 *
 * @param text Any text.
 * @param disease The disease.
 * @returns True where the words of the first sentence of its definition stand in the text.
 */
export function tellsDefinition(text: string, { definition }: Entity): boolean {
  const first = definition?.split(/(?<=\w)\.(?:\s|$)/)[0]?.replace(/_/g, " ");
  if (first === undefined) return false;
  const told = new Set(normalizeName(text).split(" "));
  const words = normalizeName(first).split(" ").filter((word) =>
    word.length > 2 && !plain.has(word)
  );
  return words.length > 0 && words.filter((word) => told.has(word)).length >= least * words.length;
}
