/** Every experiment. @module */

import { advantages } from "./advantages/mod.ts";
import { convergence } from "./convergence/mod.ts";
import type { Experiment } from "./core/experiment.ts";
import { cost } from "./cost/mod.ts";
import { exactLm } from "./exact_lm/mod.ts";
import { gradientGeometry } from "./gradient_geometry/mod.ts";
import { mainResults } from "./main_results/mod.ts";
import { pareto } from "./pareto/mod.ts";
import { rewardWeighting } from "./reward_weighting/mod.ts";
import { safety } from "./safety/mod.ts";
import { sampled } from "./sampled/mod.ts";
import { surrogate } from "./surrogate/mod.ts";
import { synthesis } from "./synthesis/mod.ts";

/** Every experiment, in the order in which they run. */
export const experiments: readonly Experiment[] = [
  advantages,
  convergence,
  gradientGeometry,
  surrogate,
  safety,
  exactLm,
  sampled,
  rewardWeighting,
  pareto,
  synthesis,
  cost,
  mainResults,
];
