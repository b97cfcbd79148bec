/**
 * What noise does to the weights, and which gate stands it: known gradients, noisy blocks of them, and the trainer's own
 * weights from these, judged by the true gradients (Theorem 10 of `lib/balance/THEORY.md`).
 *
 * @module
 */

import { capabilityAwareWeights, combination, gramMatrix, inner } from "../../lib/balance/mod.ts";
import { bootstrapInterval, signTest } from "../../lib/evaluation/mod.ts";
import { type RandomStream, randomStream } from "../../lib/runtime/mod.ts";
import { balanceSchema, blockWeights } from "../../lib/training/mod.ts";
import { type GateFindings, gateKinds, type GateRow } from "./findings.ts";
import { drawPreference } from "./problems.ts";

/** Blocks of prompts whose gradients are kept apart; half of them for each solution. */
const BLOCKS = 16;

/** Capabilities. */
const CAPABILITIES = 4;

/** Share of the gradients' mean that is taken off each of them: at 1 they would add up to nothing. */
const CONFLICT = 0.4;

/** Entries of a gradient: the noise is the same in all of them, so this is its effective dimension. */
const DIMENSION = 400;

/** A weight that is further than this from the preference has moved. */
const MOVED = 0.02;

const gates = ["veto", "shrink", "none"] as const;

/** True gradients with a preference. */
interface Geometry {
  readonly gradients: readonly Float64Array[];
  readonly preference: readonly number[];
}

/** Gradients of various lengths: most of what they have in common taken off, or without a negative product. */
function drawGeometry(kind: GateRow["kind"], random: RandomStream): Geometry {
  const draws = Array.from(
    { length: CAPABILITIES },
    () => Float64Array.from({ length: CAPABILITIES }, () => random.normal()),
  );
  const common = combination(draws, draws.map(() => CONFLICT / CAPABILITIES));
  const gradients = draws.map((draw) => {
    const own = draw.map((x, k) => kind === "aligned" ? Math.abs(x) : x - common[k]!);
    const length = Math.exp(0.5 * random.normal()) / Math.sqrt(inner(own, own));
    return own.map((x) => length * x);
  });
  return { gradients, preference: drawPreference(CAPABILITIES, random) };
}

/** Inner products of noisy blocks whose sum has the given signal to noise, [blocks, blocks][m, m]. */
function noisyProducts(
  { gradients }: Geometry,
  signal: number,
  random: RandomStream,
): number[][][][] {
  const blocks = Array.from({ length: BLOCKS }, () =>
    gradients.map((g) => {
      const deviation = Math.sqrt(BLOCKS * inner(g, g) / (signal * DIMENSION));
      return Float64Array.from(
        { length: DIMENSION },
        (_, k) => ((g[k] ?? 0) + deviation * random.normal()) / BLOCKS,
      );
    }));
  const products: number[][][][] = blocks.map(() => []);
  blocks.forEach((a, b) => {
    for (let c = 0; c <= b; c++) {
      const found = a.map((x) => blocks[c]!.map((y) => inner(x, y)));
      products[b]![c] = found;
      products[c]![b] = found[0]!.map((_, j) => found.map((row) => row[j]!));
    }
  });
  return products;
}

/** Weights of the trainer from noisy blocks, mean over the halves. */
function trainerWeights(
  gate: typeof gates[number],
  gram: number[][][][],
  rewardWeights: readonly number[],
): number[] {
  const none = gram.map(() => rewardWeights.map(() => 0));
  const { weights } = blockWeights({
    products: { gram, momentum: none, divergence: undefined, penalty: undefined, decay: undefined },
    shares: gram.map(() => rewardWeights.map(() => 1 / BLOCKS)),
    divergenceShares: gram.map(() => 1 / BLOCKS),
    config: {
      ...balanceSchema.parse({ weighting: "capability_aware", momentumAware: false, gate }),
      rewardWeights,
    },
    beta1: 0,
    aggregator: undefined,
    names: rewardWeights.map((_, i) => `${i}`),
  });
  return rewardWeights.map((_, i) =>
    weights.reduce((sum, half) => sum + half[i]! / weights.length, 0)
  );
}

/** Weights as the true gradients judge them. */
interface Judged {
  /** Least cosine of the step with a capability's true gradient. */
  readonly cosine: number;
  /** Cosine of the step with the preferred one: gain of the preferred sum for the length of the step. */
  readonly gain: number;
  /** Whether a weight left the preference. */
  readonly moved: boolean;
}

function judge({ gradients, preference }: Geometry, weights: readonly number[]): Judged {
  const d = combination(gradients, weights);
  const cosine = (g: Float64Array) => inner(g, d) / Math.sqrt(inner(g, g) * inner(d, d));
  return {
    cosine: Math.min(...gradients.map(cosine)),
    gain: cosine(combination(gradients, preference)),
    moved: weights.some((w, i) => Math.abs(w - preference[i]!) > MOVED),
  };
}

function rowOf(
  at: Pick<GateRow, "kind" | "signal" | "way">,
  found: readonly Judged[],
): GateRow {
  const spread = (of: (judged: Judged) => number) => {
    const { mean, low, high } = bootstrapInterval(found.map(of), { seed: 0 });
    return { mean, low, high };
  };
  return {
    ...at,
    cosine: spread(({ cosine }) => cosine),
    harm: spread(({ cosine }) => Math.max(0, -cosine)),
    gain: spread(({ gain }) => gain),
    moved: found.filter(({ moved }) => moved).length,
  };
}

/**
 * Compares the gates on drawn geometries, each of which counts once for every signal to noise.
 *
 * @param geometries number of geometries of each kind
 * @param signals signal to noise `n G_ii / C_ii` of the whole step, the same for all capabilities
 * @returns a row for each kind, signal and way, and sign tests of the shrunk gate against the others
 */
export function compareGates(geometries: number, signals: readonly number[]): GateFindings {
  const rows: GateRow[] = [];
  const tests: GateFindings["tests"][number][] = [];
  for (const kind of gateKinds) {
    const drawn = Array.from(
      { length: geometries },
      (_, seed) => drawGeometry(kind, randomStream(seed, "geometry", kind)),
    );
    const exact = drawn.map((own) =>
      judge(own, capabilityAwareWeights({ gram: gramMatrix(own.gradients), ...own }).weights)
    );
    const fixed = drawn.map((own) => judge(own, own.preference));
    for (const signal of signals) {
      const noisy = drawn.map((own, seed) =>
        noisyProducts(own, signal, randomStream(seed, "gate noise", kind, signal))
      );
      const found = gates.map((gate) =>
        drawn.map((own, k) => judge(own, trainerWeights(gate, noisy[k]!, own.preference)))
      );
      rows.push(
        rowOf({ kind, signal, way: "static" }, fixed),
        ...gates.map((way, g) => rowOf({ kind, signal, way }, found[g]!)),
        rowOf({ kind, signal, way: "exact" }, exact),
      );
      const shrunk = found[gates.indexOf("shrink")]!;
      for (const baseline of ["veto", "none"] as const) {
        const other = found[gates.indexOf(baseline)]!;
        const differences = shrunk.map(({ cosine }, k) => cosine - other[k]!.cosine);
        const { n, p } = signTest(differences);
        const better = differences.filter((x) => x > 0).length;
        tests.push({ kind, signal, baseline, better, n, p });
      }
    }
  }
  return {
    geometries,
    capabilities: CAPABILITIES,
    blocks: BLOCKS,
    dimension: DIMENSION,
    signals: [...signals],
    rows,
    tests,
  };
}
