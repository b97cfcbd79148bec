/**
 * Balancing capabilities: Gram matrices of their gradients, weights that harm none, and the bounds that follow.
 * The statements and proofs are in THEORY.md beside this file.
 *
 * @module
 */
export * from "./types.ts";
export { type Eigen, solveLinear, symmetricEigen } from "./algebra.ts";
export * from "./gram.ts";
export * from "./nnls.ts";
export * from "./rules/capability_aware.ts";
export * from "./rules/mean.ts";
export * from "./rules/static.ts";
export * from "./rules/dual_proj.ts";
export * from "./rules/upgrad.ts";
export * from "./rules/mgda.ts";
export * from "./rules/dual_basis.ts";
export * from "./rules/pcgrad.ts";
export * from "./rules/cagrad.ts";
export * from "./rules/imtl_g.ts";
export * from "./rules/aligned_mtl.ts";
export * from "./rules/config.ts";
export * from "./rules/fairgrad.ts";
export * from "./rules/nash_mtl.ts";
export * from "./aggregators.ts";
export * from "./conflict.ts";
export * from "./bounds.ts";
export * from "./certificate.ts";
export * from "./prompt_products.ts";
export * from "./block_gram.ts";
export * from "./shrinkage.ts";
export * from "./reward_covariance.ts";
export * from "./laboratory/mod.ts";
