/** What the sets of the experiment on synthesis are called in tables and figures. @module */

import type { MeasuredSet } from "./findings.ts";

/** Titles of what arms are measured on. */
export const setTitles: Readonly<Record<MeasuredSet, string>> = {
  test: "in distribution",
  "test-diseases": "held-out diseases",
  "test-forms": "held-out families and forms",
  "test-wordings": "other wordings",
  "shuffled evidence": "control: evidence exchanged",
  renamed: "control: names invented",
};
