/**
 * What texts are read and judged with where the curated tables are at hand.
 *
 * @module
 */
import type { Clinical } from "./clinical/clinical.ts";
import { clinicalVocabulary } from "./clinical/vocabulary.ts";
import { factBook } from "./facts/disease_facts.ts";
import { curatedBounds, curatedEntails, curatedJudge } from "./judges/curated_judge.ts";
import type { ClaimJudge, JudgedEvidence } from "./judges/graph_judge.ts";
import type { Knowledge } from "./types.ts";
import type { TextOptions } from "./validate_text.ts";

/** The names to be read, and what decides. */
export interface ClinicalReader {
  /** The graph with the names of the tables. */
  readonly vocabulary: Knowledge;
  /** Judge, bounds of age and sex, entailment and facts by the tables. */
  readonly options: Required<Omit<TextOptions, "prompt">>;
}

/** So many claims are remembered before all are forgotten. */
const mostRemembered = 50_000;

/** The same judge, which does not think twice: items about one case rest on the same facts. */
function remembering(judge: ClaimJudge): ClaimJudge {
  const known = new Map<string, JudgedEvidence>();
  return (claim) => {
    const key = JSON.stringify(claim);
    const before = known.get(key);
    if (before !== undefined) return before;
    if (known.size >= mostRemembered) known.clear();
    const evidence = judge(claim);
    known.set(key, evidence);
    return evidence;
  };
}

const readers = new WeakMap<Clinical, ClinicalReader>();

/**
 * The reader of the curated tables.
 *
 * @param clinical The curated knowledge.
 * @returns Vocabulary and options for `validateText`, which are made once for the same tables.
 */
export function clinicalReader(clinical: Clinical): ClinicalReader {
  const made = readers.get(clinical) ?? {
    vocabulary: clinicalVocabulary(clinical),
    options: {
      judge: remembering(curatedJudge(clinical)),
      boundsOf: curatedBounds(clinical),
      entails: curatedEntails(clinical),
      book: factBook(clinical),
    },
  };
  readers.set(clinical, made);
  return made;
}
