/** What is counted of the treatments that answers name. @module */

import type { Treatment } from "./findings.ts";

/** What results.json calls a share of answers, and the verdicts that count for it. */
export const treatmentCapabilities: readonly {
  readonly capability: string;
  readonly verdicts: readonly Treatment[];
}[] = [
  { capability: "treatment denied by the graph", verdicts: ["contradicted", "contraindicated"] },
  { capability: "treatment contraindicated", verdicts: ["contraindicated"] },
  { capability: "treatment supported", verdicts: ["supported"] },
];
