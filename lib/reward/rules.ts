/**
 * Rule scores: the exact part of the reward, one score for each capability that an item's checks speak for.
 */
import type { Knowledge } from "../knowledge/mod.ts";
import { type Capability, type Check, checkedCapabilities, type Item } from "../synthesis/mod.ts";
import { answeredShare } from "./rules/answered.ts";
import { hasValidLetter, verifyChoice } from "./rules/choice.ts";
import { conditionedScores } from "./rules/condition.ts";
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
import { verifyTable } from "./rules/table.ts";
import { verifyValue } from "./rules/value.ts";
import { verifyWords } from "./rules/words.ts";

/** Raised when a rule scores differently, so that results of different versions are not compared. */
export const rulesVersion = 3;

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
    case "table":
      return verifyTable(check, reading);
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
  const choice = item.checks.find((check) => check.kind === "choice");
  if (choice !== undefined) return !hasValidLetter(reading.text, choice.options);
  const fields = item.checks.flatMap((check) =>
    "where" in check && check.where.format !== "text" ? [check.where] : []
  );
  return fields.length > 0 && answeredShare(item.checks, reading) === 0 &&
    fields.every((field) => fieldText(reading, field) === undefined);
}

/** Share of the score for form that is left without any answer, so that form can still be learnt first. */
const bareForm = 0.1;

/** Checks of form: they say nothing of what is answered. */
const formKinds: ReadonlySet<Check["kind"]> = new Set<Check["kind"]>([
  "labels",
  "json",
  "table",
  "words",
  "sentences",
  "bullets",
  "keyword",
  "forbidden",
  "letter_case",
  "starts",
  "ends",
  "no_commas",
]);

function scoreChecks(item: Item, reading: Reading): CheckScore[] {
  const raw = item.checks.map((check) => verify(check, reading));
  const form = bareForm + (1 - bareForm) * answeredShare(item.checks, reading);
  return conditionedScores(item.checks, raw).map((score, i) => {
    const check = item.checks[i]!;
    const bound = check.capability === "instruction" && formKinds.has(check.kind);
    return { check, score: bound ? score * form : score };
  });
}

/** The score of every check of an item, before the penalty for length. */
export function checkScores(item: Item, completion: string, knowledge: Knowledge): CheckScore[] {
  return scoreChecks(item, readCompletion(completion, knowledge));
}

/**
 * Score a completion by the item's checks.
 *
 * A capability's score is the mean of its checks, times a penalty for more than twice the reference's length. Checks
 * of form count as far as something of the kind asked for is answered, right or wrong, and a tenth without it. An
 * integration item also has an integration score: the geometric mean of its domain, reasoning and instruction scores,
 * a strict conjunction, 0 as soon as one of them is 0 and 1 only when all are 1. The completion may be any text; at
 * most 4,000 characters of it are read, so the time is bounded. An empty completion scores 0 on every check.
 */
export function ruleScores(item: Item, completion: string, knowledge: Knowledge): RuleScores {
  const reading = readCompletion(completion, knowledge);
  const penalty = brevity(item, reading);
  const scores: RuleScores = { invalid: isInvalid(item, reading) };
  const scored = scoreChecks(item, reading);
  for (const capability of checkedCapabilities) {
    const own = scored.filter(({ check }) => check.capability === capability);
    if (own.length === 0) continue;
    scores[capability] = penalty * own.reduce((sum, { score }) => sum + score, 0) / own.length;
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
