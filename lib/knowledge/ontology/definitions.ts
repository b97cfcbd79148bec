/**
 * The relations that definitions of the Disease Ontology spell out, as in "... has_material_basis_in Chikungunya virus,
 * which is transmitted_by Aedes mosquito bite. The infection has_symptom fever, ...".
 *
 * @module
 */

import { type PhraseRelation, phraseRelations } from "../types.ts";

const relationPattern = new RegExp(
  `\\b(${phraseRelations.join("|")})s?:?(?=[\\s,.]|$)`,
  "g",
);

/** No hedge is longer, in characters. */
const longestHedge = 24;

const hedge = /\b(?:mainly|especially|usually|often|primarily|commonly|sometimes)\s+$/;

/** What follows one relation word. */
export interface DefinitionPhrase {
  /** The relation word. */
  readonly relation: PhraseRelation;
  /** The words after it. */
  readonly text: string;
  /** True when it is the definition's only phrase of this relation, no list and not "mainly": then it holds for every case. */
  readonly sole: boolean;
}

/**
 * The phrases of a definition in order. A phrase ends at a comma, semicolon or full stop outside parentheses, before
 * "and", "or" or "which" that leads to the next relation, and at the next relation.
 *
 * @param definition A definition's text.
 * @returns Its phrases in order, with whether each holds for every case.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { definitionPhrases } from "./definitions.ts";
 * assertEquals(definitionPhrases("An infection that has_symptom fever and has_symptom rash (mild, red)."), [
 *   { relation: "has_symptom", text: "fever", sole: false },
 *   { relation: "has_symptom", text: "rash (mild, red)", sole: false },
 * ]);
 * ```
 */
export function definitionPhrases(definition: string): DefinitionPhrase[] {
  const plain = definition.replace(/\s+/g, " ");
  const found = [...plain.matchAll(relationPattern)];
  const times = new Map<string, number>();
  for (const [, relation = ""] of found) times.set(relation, (times.get(relation) ?? 0) + 1);
  const phrases = found.map((match, i) => {
    const end = found[i + 1]?.index ?? plain.length;
    const span = plain.slice(match.index + match[0].length, end);
    const relation = match[1] as PhraseRelation;
    const first = firstPhrase(span);
    const text = withoutTrail(first);
    const alone = times.get(relation) === 1 &&
      !hedge.test(plain.slice(Math.max(0, match.index - longestHedge), match.index));
    return {
      relation,
      text,
      sole: alone && !/\s(?:and|or)\s/.test(text) &&
        !listFollows(span.slice(first.length)),
    };
  });
  return phrases.filter((p) => p.text !== "");
}

const trailing = new Set(["and", "or", "which", "that", "is", "are"]);

/** A phrase without the words that lead to what follows it. */
function withoutTrail(phrase: string): string {
  const words = phrase.split(" ").filter((word) => word !== "");
  while (trailing.has(words.at(-1) ?? "")) words.pop();
  return words.join(" ");
}

/** True for ", ureter or bladder." and false for ", which ..." or the end of the sentence. */
function listFollows(rest: string): boolean {
  if (!rest.startsWith(",")) return false;
  return !/^,\s*(?:$|(?:and\s+)?(?:which|that|where|who|has|have|is|are|results?|deriv\w*|character\w*|caus\w*|with)\b)/
    .test(
      rest.replace(/_\w+/, ""),
    );
}

function firstPhrase(text: string): string {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === "(") depth++;
    else if (c === ")") depth = Math.max(0, depth - 1);
    else if (depth > 0) continue;
    else if (
      c === "," || c === ";" ||
      (c === "." && /^(?:\s|$)/.test(text.slice(i + 1, i + 2)))
    ) return text.slice(0, i);
  }
  return text;
}

/**
 * The names to look up for a phrase, the whole phrase first, then without a remark in parentheses, an article and
 * words of strength: a severe headache is a headache, a cough (usually dry) is a cough.
 *
 * @param text The words of a phrase.
 * @returns One to three names, without repetition.
 */
export function phraseNames(text: string): string[] {
  const plain = text.replace(/\s*\([^()]*\)\s*$/, "");
  const bare = plain.replace(
    /^(?:(?:the|a|an|severe|mild|moderate|intense|sudden|high(?=\s+fever))\s+)+/i,
    "",
  );
  return [...new Set([text, plain, bare])].filter((name) => name !== "");
}
