/**
 * Your own weighting rule: one function from the Gram matrix of the capabilities' gradients, `G[i][j] = <g_i, g_j>`, and
 * the preferred weights to the weights of the combined gradient `sum_i w_i g_i`. All rules that the workbench ships have
 * this form (`aggregators` in lib/balance), so yours is compared with them by the same code.
 */
import { aggregators, type Gram } from "../../lib/balance/mod.ts";
import type { GrpoOptions } from "../../lib/training/mod.ts";

/** To first order a step along `sum_j w_j g_j` changes objective i by `(G w)_i`: below 0 it is harmed. */
export function gains(gram: Gram, weights: readonly number[]): number[] {
  return gram.map((row) => row.reduce((sum, g, j) => sum + g * weights[j]!, 0));
}

/**
 * The rule of this example: where the preferred step harms a capability, its own weight is raised by as much as undoes
 * the harm. Raising one can harm another, which is not looked at again: `capability_aware` solves for all together.
 */
export function raiseTheHarmed(gram: Gram, preference: readonly number[]): number[] {
  const gain = gains(gram, preference);
  return preference.map((p, i) => {
    const squaredNorm = gram[i]![i]!;
    // A capability without a gradient cannot be helped.
    return squaredNorm > 0 ? p + Math.max(0, -gain[i]!) / squaredNorm : p;
  });
}

/** What the step of every rule does to the capability that gains least, in the scale of the gradients. */
export function worstGains(gram: Gram, preference: readonly number[]): Record<string, number> {
  const rules = { ...aggregators, raise_the_harmed: raiseTheHarmed };
  return Object.fromEntries(
    Object.entries(rules).map(([name, rule]) => [
      name,
      Math.min(...gains(gram, rule(gram, preference))),
    ]),
  );
}

/**
 * GRPO with the rule: every step measures the Gram matrix on either half of its prompts, and the weights that follow from
 * one half multiply the gradients of the other. The weights stand outside the advantages, which then must not be divided by
 * anything that depends on them.
 */
export function withOwnRule(options: GrpoOptions): GrpoOptions {
  const config = { ...options.config, multiObjectiveAggregation: "leave_one_out" as const };
  return { ...options, config, aggregator: raiseTheHarmed };
}
