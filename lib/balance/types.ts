/** The types that every part of `balance/` shares. @module */

/** A symmetric matrix of inner products `G[i][j] = <g_i, g_j>` of m gradients, [m, m]. */
export type Gram = readonly (readonly number[])[];

/** A real vector. */
export type Vector = ArrayLike<number>;

/** From the Gram matrix [m, m] and the preference p [m] to the weights w [m] of the combined gradient `d = sum_i w_i g_i`. */
export type Aggregator = (
  gram: Gram,
  preference: readonly number[],
) => number[];
