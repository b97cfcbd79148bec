/**
 * Rule scores: the exact part of the reward, one score for each capability that an item's checks speak for.
 */
import type { Knowledge } from "../knowledge/mod.ts";
import { type Capability, type Check, checkedCapabilities, type Item } from "../synthesis/mod.ts";
import { hasValidLetter, verifyChoice } from "./rules/choice.ts";
import { verifyCount } from "./rules/counts.ts";
import { verifyEdge, verifyNoCommas } from "./rules/edges.ts";
import { verifyEntities } from "./rules/entities.ts";
import { verifyFact } from "./rules/fact.ts";
import { verifyJson } from "./rules/json.ts";
import { verifyForbidden, verifyKeyword } from "./rules/keyword.ts";
import { verifyLabels } from "./rules/labels.ts";
import { verifyLetterCase } from "./rules/letter_case.ts";
import { verifyLink } from "./rules/link.ts";
import { fieldText, readCompletion, type Reading } from "./rules/reading.ts";
import { verifySubset } from "./rules/subset.ts";
import { verifyValue } from "./rules/value.ts";
import { verifyWords } from "./rules/words.ts";

/** Rule scores in [0, 1] of one completion; a capability without a check is absent, never 0. */
export type RuleScores = Partial<Record<Capability, number>> & {
  /** The completion has no answer to read: it is empty, commits to no letter, or lacks every field asked for. */
  invalid: boolean;
};

/** The score of one check. */
export interface CheckScore {
  /** The check. */
  readonly check: Check;
  /** In [0, 1]. */
  readonly score: number;
}

function verify(check: Check, reading: Reading): number {
  switch (check.kind) {
    case "choice":
      return verifyChoice(check, reading);
    case "entities":
      return verifyEntities(check, reading);
    case "fact":
      return verifyFact(check, reading);
    case "link":
      return verifyLink(check, reading);
    case "subset":
      return verifySubset(check, reading);
    case "value":
      return verifyValue(check, reading);
    case "labels":
      return verifyLabels(check, reading);
    case "json":
      return verifyJson(check, reading);
    case "words":
      return verifyWords(check, reading);
    case "sentences":
    case "bullets":
      return verifyCount(check, reading);
    case "keyword":
      return verifyKeyword(check, reading);
    case "forbidden":
      return verifyForbidden(check, reading);
    case "letter_case":
      return verifyLetterCase(check, reading);
    case "starts":
    case "ends":
      return verifyEdge(check, reading);
    case "no_commas":
      return verifyNoCommas(check, reading);
  }
}

/** A completion of this many words is never too long. */
const freeWords = 40;

/** 1 up to twice the reference's length (at least {@linkcode freeWords} words), then falling with the length. */
function brevity(item: Item, reading: Reading): number {
  const allowed = Math.max(freeWords, 2 * item.reference.split(/\s+/).filter(Boolean).length);
  const share = Math.min(1, allowed / Math.max(1, reading.words.length));
  return reading.cut ? Math.min(share, 0.1) : share;
}

function isInvalid(item: Item, reading: Reading): boolean {
  if (reading.words.length === 0) return true;
  if (item.checks.some((check) => check.kind === "choice")) return !hasValidLetter(reading.text);
  const fields = item.checks.flatMap((check) =>
    "where" in check && check.where.format !== "text" ? [check.where] : []
  );
  return fields.length > 0 && fields.every((field) => fieldText(reading, field) === undefined);
}

/** The score of every check of an item, before the penalty for length. */
export function checkScores(item: Item, completion: string, knowledge: Knowledge): CheckScore[] {
  const reading = readCompletion(completion, knowledge);
  return item.checks.map((check) => ({ check, score: verify(check, reading) }));
}

/**
 * Score a completion by the item's checks.
 *
 * A capability's score is the mean of its checks, times a penalty for more than twice the reference's length. An
 * integration item also has an integration score: the geometric mean of its domain, reasoning and instruction scores,
 * a strict conjunction, 0 as soon as one of them is 0 and 1 only when all are 1. The completion may be any text; at
 * most 4,000 characters of it are read, so the time is bounded. An empty completion scores 0 on every check.
 */
export function ruleScores(item: Item, completion: string, knowledge: Knowledge): RuleScores {
  const reading = readCompletion(completion, knowledge);
  const penalty = brevity(item, reading);
  const scores: RuleScores = { invalid: isInvalid(item, reading) };
  for (const capability of checkedCapabilities) {
    const checks = item.checks.filter((check) => check.capability === capability);
    if (checks.length === 0) continue;
    const sum = checks.reduce((total, check) => total + verify(check, reading), 0);
    scores[capability] = penalty * sum / checks.length;
  }
  if (item.capability === "integration") {
    const parts = checkedCapabilities.map((capability) => scores[capability] ?? 0);
    scores.integration = Math.cbrt(parts.reduce((product, part) => product * part, 1));
  }
  return scores;
}

/** Whether an item's reference scores 1 on each of its checks. */
export function referencePasses(item: Item, knowledge: Knowledge): boolean {
  return checkScores(item, item.reference, knowledge).every(({ score }) => score === 1);
}
