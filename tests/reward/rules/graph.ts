import { type Knowledge, loadKnowledge } from "../../../lib/knowledge/mod.ts";
import { readCompletion, type Reading } from "../../../lib/reward/rules/reading.ts";

/** The shipped graph. */
export const knowledge: Knowledge = await loadKnowledge();

/** A completion, read with the shipped graph. */
export function read(completion: string): Reading {
  return readCompletion(completion, knowledge);
}

/** Migraine, which presents nausea and photophobia. */
export const migraine = "DOID:6364";
