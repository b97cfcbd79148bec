/** What inner products between single prompts' gradients say: cosines with intervals, signal, and what batches would show. @module */

import {
  clipEigenvalues,
  cosineIntervals,
  definedCosines,
  type Gram,
  pairGram,
  type PromptProducts,
  sampledRewardCovariance,
  signFlipPrompts,
} from "../../lib/balance/mod.ts";
import { average } from "../../lib/evaluation/mod.ts";
import { randomStream } from "../../lib/runtime/mod.ts";
import type { GroupRewards } from "../../lib/training/mod.ts";
import {
  type Cosine,
  indexPairs,
  type PromptGeometry,
  type SizedCosines,
  type Spread,
} from "./findings.ts";

const RESAMPLES = 1000;

/** An estimate between the ends of its interval: percentiles of resamples can miss it. */
function holding(mean: number | null, low: number | null, high: number | null): Ends {
  if (mean === null || low === null || high === null) return { mean, low, high };
  return { mean, low: Math.min(mean, low), high: Math.max(mean, high) };
}

type Ends = Omit<Cosine, "defined">;

/** The 2.5 and 97.5 per cent points. */
function endsOf(values: readonly number[]): [low: number, high: number] {
  const all = values.toSorted((a, b) => a - b);
  const at = (share: number) => all[Math.round(share * (all.length - 1))]!;
  return [at(0.025), at(0.975)];
}

/**
 * `C_ij`, the trace of the per-prompt covariance of two gradients: what a single batch of n adds as C / n.
 *
 * @param products of the pool
 * @returns C, [m, m]
 */
export function promptCovariance(products: PromptProducts): number[][] {
  return pairGram(products).map((row, i) =>
    row.map((g, j) =>
      products.reduce((sum, blocks, x) => sum + blocks[x]![i]![j]!, 0) / products.length - g
    )
  );
}

/** `G_ii / C_ii` of each capability, with a bootstrap over prompts. */
function signals(products: PromptProducts): Spread[] {
  const n = products.length;
  return products[0]![0]!.map((_, i) => {
    const own = products.map((blocks) => Float64Array.from(blocks, (block) => block[i]![i]!));
    const of = (counts: readonly number[]) => {
      let [between, pairs, within] = [0, 0, 0];
      own.forEach((row, x) => {
        const c = counts[x]!;
        if (c === 0) return;
        within += c * row[x]! / n;
        row.forEach((product, y) => between += x === y ? 0 : c * counts[y]! * product);
        pairs += c * (n - c);
      });
      const gram = pairs === 0 ? 0 : between / pairs;
      // Prompts without a gradient have neither signal nor noise.
      const noise = within - gram;
      return noise > 0 ? Math.max(0, gram) / noise : 0;
    };
    const random = randomStream(0, "signal", i);
    const drawn = Array.from({ length: RESAMPLES }, () => {
      const counts = own.map(() => 0);
      for (let k = 0; k < n; k++) counts[random.integer(n)]!++;
      return of(counts);
    });
    const mean = of(own.map(() => 1));
    const [low, high] = endsOf(drawn);
    return { mean, low: Math.min(mean, low), high: Math.max(mean, high) };
  });
}

/**
 * Cosines, signal and n* of a pool.
 *
 * @param products of the pool
 * @returns all of them with intervals over prompts
 */
export function geometryOf(products: PromptProducts): PromptGeometry {
  const gram = pairGram(products);
  const covariance = promptCovariance(products);
  const { cosines, low, high, defined } = cosineIntervals(products, { seed: 0 });
  const pairs = indexPairs(gram.length);
  return {
    cosines: pairs.map(([i, j]) => ({
      ...holding(cosines[i]![j]!, low[i]![j]!, high[i]![j]!),
      defined: defined[i]![j]!,
    })),
    signal: signals(products),
    flips: pairs.map(([i, j]) => signFlipPrompts(gram[i]![j]!, covariance[i]![j]!)),
  };
}

/** Mean and the middle 95 % of what there is of a cosine in some draws; the pool's own where it is given. */
function cosineSpread(drawn: readonly (number | null)[], pool?: number | null): Cosine {
  const values = drawn.flatMap((x) => x ?? []);
  const defined = values.length / drawn.length;
  const mean = pool !== undefined ? pool : values.length === 0 ? null : average(values);
  if (values.length === 0) return { mean, low: null, high: null, defined };
  return { ...holding(mean, ...endsOf(values)), defined };
}

/**
 * Correlations of the rewards within prompts: the cosines in the natural gradient's metric.
 *
 * @param rewards of each prompt's completions
 * @returns one for each pair, without a mean where no prompt has both rewards or one of them never differs
 */
export function rewardCosines(rewards: readonly GroupRewards[]): Cosine[] {
  const pairs = indexPairs(rewards[0]![0]!.length);
  const cosinesOf = (groups: readonly GroupRewards[]) => {
    const cosines = definedCosines(sampledRewardCovariance(groups));
    const both = ([i, j]: readonly [number, number]) =>
      groups.some((group) => group.some((row) => row[i] !== null && row[j] !== null));
    return pairs.map((pair) => both(pair) ? cosines[pair[0]]![pair[1]]! : null);
  };
  const random = randomStream(0, "reward cosines");
  const drawn = Array.from(
    { length: RESAMPLES },
    () => cosinesOf(rewards.map(() => random.pick(rewards))),
  );
  const found = cosinesOf(rewards);
  return pairs.map((_, p) => cosineSpread(drawn.map((row) => row[p]!), found[p]!));
}

/**
 * Draws batches of n prompts from a pool and measures the cosines of each on the whole batch and across its halves.
 *
 * @param products of the pool, whose prompts take turns over the strata
 * @param sizes n, each a multiple of twice the number of strata and at most the pool
 * @param strata number of strata, as many prompts of each in either half
 * @param draws batches of each size
 * @returns a row for each size
 */
export function sizedCosines(
  products: PromptProducts,
  sizes: readonly number[],
  strata: number,
  draws: number,
): SizedCosines[] {
  const gram = pairGram(products);
  const covariance = promptCovariance(products);
  const pairs = indexPairs(gram.length);
  const cosinesOf = (matrix: Gram) => {
    const cosines = definedCosines(matrix);
    return pairs.map(([i, j]) => cosines[i]![j]!);
  };
  /** `<mean of a, mean of b>`, [m, m]. */
  const between = (a: readonly number[], b: readonly number[]) =>
    gram.map((row, i) =>
      row.map((_, j) => {
        let sum = 0;
        for (const x of a) for (const y of b) sum += products[x]![y]![i]![j]!;
        return sum / (a.length * b.length);
      })
    );
  const spread = (rows: readonly (readonly (number | null)[])[]) =>
    pairs.map((_, p) => cosineSpread(rows.map((row) => row[p]!)));
  return sizes.map((n) => {
    const found = Array.from({ length: draws }, (_, draw) => {
      const random = randomStream(draw, "batch of prompts", n);
      const members = Array.from(
        { length: strata },
        (_, s) =>
          random.shuffle(products.flatMap((_, x) => x % strata === s ? [x] : []))
            .slice(0, n / strata),
      );
      const a = members.flatMap((own) => own.slice(0, own.length / 2));
      const b = members.flatMap((own) => own.slice(own.length / 2));
      const across = between(a, b);
      const sum = (own: Gram, other: Gram) =>
        own.map((row, i) => row.map((x, j) => x + other[i]![j]!));
      const mirrored = across.map((row, i) => row.map((_, j) => across[j]![i]!));
      const cross = sum(across, mirrored);
      return {
        single: cosinesOf(sum(sum(between(a, a), between(b, b)), cross)),
        cross: cosinesOf(clipEigenvalues(cross)),
      };
    });
    return {
      prompts: n,
      predicted: cosinesOf(gram.map((row, i) => row.map((g, j) => g + covariance[i]![j]! / n))),
      single: spread(found.map(({ single }) => single)),
      cross: spread(found.map(({ cross }) => cross)),
    };
  });
}
