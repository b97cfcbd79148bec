/**
 * Audit of a file of items: blind baselines, leakage, duplicates, consistency, and controls for evaluation.
 *
 * @module
 */
export {
  type BlindBaseline,
  blindBaselines,
  decideBy,
  type Guesser,
  learnBlindBaselines,
  type Training,
} from "./blind.ts";
export * from "./consistency.ts";
export * from "./controls.ts";
export { decidedOption } from "./decided.ts";
export { echo } from "./echo.ts";
export * from "./leakage.ts";
export { learnMemory } from "./memory.ts";
export { guessCredit, type Question, questionsOf } from "./questions.ts";
export {
  countDuplicates,
  type Duplicates,
  similarityBins,
  trainingTwins,
  type TwinReport,
} from "./twins.ts";
