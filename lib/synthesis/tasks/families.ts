/** The list of all task families. @module */
import type { Family } from "../draft.ts";
import { domainChoice } from "./domain_choice.ts";
import { domainOpen } from "./domain_open.ts";
import { instructionAnswer } from "./instruction_answer.ts";
import { instructionNote } from "./instruction_note.ts";
import { integrationHops } from "./integration_hops.ts";
import { integrationJson } from "./integration_json.ts";
import { reasoningCompare } from "./reasoning_compare.ts";
import { reasoningDiagnosis } from "./reasoning_diagnosis.ts";
import { reasoningRoles } from "./reasoning_roles.ts";

/** Every task family; within a capability, those with the fewest facts first. */
export const families: readonly Family[] = [
  domainChoice,
  domainOpen,
  reasoningRoles,
  reasoningCompare,
  reasoningDiagnosis,
  instructionNote,
  instructionAnswer,
  integrationHops,
  integrationJson,
];
