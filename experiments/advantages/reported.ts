/** What others report on forms of the advantage. @module */

import type { FormName } from "./findings.ts";

/**
 * Distinct groups that others count: GDPO (arXiv 2601.05242), `[rewards, group size]` to the numbers of GRPO, GRPO
 * without std and GDPO.
 */
export const reportedCounts: readonly {
  readonly rewards: number;
  readonly size: number;
  readonly counts: Readonly<Record<FormName, number>>;
}[] = [
  { rewards: 2, size: 2, counts: { GRPO: 2, "GRPO without std": 3, GDPO: 3 } },
  { rewards: 2, size: 4, counts: { GRPO: 7, "GRPO without std": 10, GDPO: 14 } },
  { rewards: 2, size: 8, counts: { GRPO: 29, "GRPO without std": 36, GDPO: 81 } },
  { rewards: 3, size: 4, counts: { GRPO: 14, "GRPO without std": 20, GDPO: 45 } },
];
