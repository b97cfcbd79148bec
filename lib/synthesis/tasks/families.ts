/** The list of all task families. @module */
import type { Family } from "../draft.ts";
import { domainChoice } from "./domain_choice.ts";
import { domainOpen } from "./domain_open.ts";
import { domainVerify } from "./domain_verify.ts";
import { instructionAnswer } from "./instruction_answer.ts";
import { instructionNote } from "./instruction_note.ts";
import { instructionTable } from "./instruction_table.ts";
import { integrationHops } from "./integration_hops.ts";
import { integrationJson } from "./integration_json.ts";
import { integrationSentence } from "./integration_sentence.ts";
import { reasoningCompare } from "./reasoning_compare.ts";
import { reasoningContraindication } from "./reasoning_contraindication.ts";
import { reasoningDiagnosis } from "./reasoning_diagnosis.ts";
import { reasoningExclusion } from "./reasoning_exclusion.ts";

/** Every task family; within a capability, those with the fewest facts first. */
export const families: readonly Family[] = [
  domainChoice,
  domainOpen,
  domainVerify,
  reasoningContraindication,
  reasoningCompare,
  reasoningDiagnosis,
  reasoningExclusion,
  instructionNote,
  instructionAnswer,
  instructionTable,
  integrationHops,
  integrationJson,
  integrationSentence,
];
