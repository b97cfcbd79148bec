/** All aggregators by name. @module */
import { alignedMtl } from "./rules/aligned_mtl.ts";
import { cagrad } from "./rules/cagrad.ts";
import { capabilityAwareWeights } from "./rules/capability_aware.ts";
import { conflictFreeWeights } from "./rules/config.ts";
import { dualBasis } from "./rules/dual_basis.ts";
import { dualProj } from "./rules/dual_proj.ts";
import { fairgrad } from "./rules/fairgrad.ts";
import { imtlG } from "./rules/imtl_g.ts";
import { meanWeights } from "./rules/mean.ts";
import { mgda } from "./rules/mgda.ts";
import { nashMtl } from "./rules/nash_mtl.ts";
import { pcgrad } from "./rules/pcgrad.ts";
import { staticPreference } from "./rules/static.ts";
import type { Aggregator } from "./types.ts";
import { upgrad } from "./rules/upgrad.ts";

/** Names of the aggregators. */
export type AggregatorName =
  | "static"
  | "mean"
  | "capability_aware"
  | "dual_proj"
  | "upgrad"
  | "mgda"
  | "dual_basis"
  | "pcgrad"
  | "cagrad"
  | "imtl_g"
  | "aligned_mtl"
  | "config"
  | "fairgrad"
  | "nash_mtl";

/** Every aggregator with its defaults, in the order in which tables show them. */
export const aggregators: Readonly<Record<AggregatorName, Aggregator>> = {
  static: staticPreference,
  mean: meanWeights,
  capability_aware: (gram, preference) => capabilityAwareWeights({ gram, preference }).weights,
  dual_proj: (gram, preference) => dualProj(gram, preference),
  upgrad: (gram, preference) => upgrad(gram, preference),
  mgda,
  dual_basis: dualBasis,
  pcgrad,
  cagrad: (gram, preference) => cagrad(gram, preference),
  imtl_g: imtlG,
  aligned_mtl: alignedMtl,
  config: conflictFreeWeights,
  fairgrad: (gram, preference) => fairgrad(gram, preference),
  nash_mtl: nashMtl,
};
