/** How rules and ways are called in tables, figures and sentences. @module */

import type { AscentRule } from "./config.ts";
import type { Gate, OptimizerWay, Sweep } from "./findings.ts";

/** Names of the rules. */
export const ruleNames: Readonly<Record<AscentRule, string>> = {
  static: "static",
  capability_aware: "capability-aware",
  upgrad: "UPGrad",
  mgda: "MGDA",
  margin: "margin",
};

/** Names of the ways to use the optimizer. */
export const wayNames: Readonly<Record<OptimizerWay, string>> = {
  static: "static",
  euclidean: "Euclidean products",
  metric: "metric without momentum",
  version_0_1: "version 0.1",
  capability_aware: "solve, then step",
};

/** Names of what is done about noise. */
export const gateNames: Readonly<Record<Gate, string>> = {
  static: "static",
  none: "no gate",
  veto: "hard gate",
  shrink: "shrunk products",
};

/** Names of the sweeps. */
export const sweepNames: Readonly<Record<Sweep, string>> = {
  static: "static",
  capability_aware: "capability-aware",
  upgrad: "UPGrad",
  soup: "rewarded soups",
};
