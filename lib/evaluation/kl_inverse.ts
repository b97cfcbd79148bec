/** Bounds on a capability from the divergence to the reference policy. @module */
import { UsageError } from "../runtime/mod.ts";
import { bisect } from "./special_functions.ts";

/** Range of a capability that a divergence allows. */
export interface KlBounds {
  /** Smallest x with `kl(x, J_ref) <= KL`. */
  readonly lower: number;
  /** Largest x with `kl(x, J_ref) <= KL`. */
  readonly upper: number;
  /** Pinsker's bound on the change, `sqrt(KL / 2)`. */
  readonly pinsker: number;
  /** Bretagnolle and Huber's bound on the change, `sqrt(1 - exp(-KL))`. */
  readonly bretagnolleHuber: number;
}

/**
 * Divergence of two Bernoulli distributions, `kl(x, q) = x ln(x / q) + (1 - x) ln((1 - x) / (1 - q))`, in nats.
 *
 * @param x Share in [0, 1].
 * @param q Share in [0, 1].
 * @returns The divergence, Infinity where q excludes what x allows.
 */
export function binaryKl(x: number, q: number): number {
  const part = (
    a: number,
    b: number,
  ) => (a === 0 ? 0 : b === 0 ? Infinity : a * Math.log(a / b));
  return part(x, q) + part(1 - x, 1 - q);
}

/**
 * Range of a capability `J(pi)` of a policy with `KL = E_x KL(pi(.|x) || ref(.|x))` over **whole sequences**, in nats:
 * `kl(J(pi), J(ref)) <= KL` (lib/balance/THEORY.md, Theorem 12). Never wider than the bounds of Pinsker and of Bretagnolle
 * and Huber, and attained. For a divergence of several nats every such bound says nothing.
 *
 * @param reference `J(ref)` in [0, 1]; a lower confidence limit for a guarantee.
 * @param kl Divergence of whole sequences (not a mean per token), at least 0; an upper confidence limit for a guarantee.
 * @returns Lower and upper limit of `J(pi)`, with the two looser bounds on the change.
 * @throws UsageError outside these ranges.
 * @example
 * ```ts
 * import { klInverse } from "./kl_inverse.ts";
 * import { assertAlmostEquals } from "@std/assert";
 * assertAlmostEquals(0.99 - klInverse(0.99, 0.1).lower, 0.071, 5e-4); // Pinsker allows a drop of 0.224
 * ```
 */
export function klInverse(reference: number, kl: number): KlBounds {
  if (!(reference >= 0 && reference <= 1)) {
    throw new UsageError(
      `Expected reference to be from 0 to 1 but found ${reference}`,
    );
  }
  if (!(kl >= 0)) {
    throw new UsageError(`Expected kl to be at least 0 but found ${kl}`);
  }
  const allowed = (x: number) => binaryKl(x, reference) <= kl;
  return {
    lower: allowed(0) ? 0 : bisect((x) => !allowed(x), 0, reference),
    upper: allowed(1) ? 1 : bisect(allowed, reference, 1),
    pinsker: Math.sqrt(kl / 2),
    bretagnolleHuber: Math.sqrt(-Math.expm1(-kl)),
  };
}
