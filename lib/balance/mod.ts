/**
 * Balancing capabilities: Gram matrices of their gradients, weights that harm none, and the bounds that follow.
 * The statements and proofs are in THEORY.md beside this file.
 *
 * @module
 */
export * from "./types.ts";
export { type Eigen, symmetricEigen } from "./algebra.ts";
export * from "./gram.ts";
export * from "./nnls.ts";
export * from "./capability_aware.ts";
export * from "./mean.ts";
export * from "./static.ts";
export * from "./dual_proj.ts";
export * from "./upgrad.ts";
export * from "./mgda.ts";
export * from "./dual_basis.ts";
export * from "./pcgrad.ts";
export * from "./cagrad.ts";
export * from "./imtl_g.ts";
export * from "./aligned_mtl.ts";
export * from "./config.ts";
export * from "./fairgrad.ts";
export * from "./nash_mtl.ts";
export * from "./aggregators.ts";
export * from "./conflict.ts";
export * from "./bounds.ts";
export * from "./certificate.ts";
export * from "./prompt_products.ts";
export * from "./reward_covariance.ts";
export * from "./laboratory/mod.ts";
