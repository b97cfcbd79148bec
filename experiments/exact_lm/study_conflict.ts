/** Study 0: do the rewards conflict at all? Exact gradients at the start, in the metric of a pilot. @module */

import { weighted } from "../../lib/balance/mod.ts";
import { exactValues, promptProducts } from "../../lib/laboratory/mod.ts";
import { tf } from "../../lib/runtime/mod.ts";
import { branches } from "../core/branches.ts";
import { type Pilot, pilotCell } from "../laboratory/pilot.ts";
import { controls, type PopulationSpec } from "../laboratory/population.ts";
import type { Ground, Replicate } from "../laboratory/replicate.ts";
import { controlPreference, type ExactLmConfig, pilotOptions, preferences } from "./config.ts";
import type { ConflictRow } from "./findings.ts";
import { type StudyBar, totalSeconds } from "./study_bar.ts";

/** What the products of all pairs of prompts come to. */
interface Geometry {
  /** Mean rewards, [m]. */
  readonly values: readonly number[];
  /** Gram matrix of the exact gradients, [m, m]. */
  readonly gram: readonly (readonly number[])[];
  /** Mean squared norm of a prompt's gradient, [m]. */
  readonly own: readonly number[];
  /** Effective dimension of the prompts' gradients about their mean; null where all are the same, [m]. */
  readonly dimension: readonly (number | null)[];
}

/** Effective dimension `(tr S)^2 / tr S^2` of vectors about their mean, from their inner products, [n, n]. */
export function effectiveDimension(products: readonly (readonly number[])[]): number | null {
  const n = products.length;
  const rows = products.map((row) => row.reduce((sum, x) => sum + x, 0) / n);
  const all = rows.reduce((sum, x) => sum + x, 0) / n;
  let [trace, squares, size] = [0, 0, 0];
  products.forEach((row, x) =>
    row.forEach((value, y) => {
      const centred = value - rows[x]! - rows[y]! + all;
      squares += centred ** 2;
      if (x === y) trace += centred;
      size = Math.max(size, Math.abs(value));
    })
  );
  return trace > 1e-9 * n * size ? trace ** 2 / squares : null;
}

/** Measures a population, or reads it from the store. */
async function measure(ground: Ground, pilot: Pilot) {
  const key = { ...ground.key, pilot: pilot.hash };
  return await ground.bench.context.store.json("laboratory-geometry", key, async () => {
    const { train, start } = await ground.open();
    const metric = tf.tensor1d(pilot.metric);
    const products = promptProducts(train, start, metric);
    metric.dispose();
    const n = products.length;
    const rewards = ground.rewardNames.map((_, i) => i);
    const mean = (pick: (x: number, y: number) => number) =>
      products.reduce((sum, row, x) => sum + row.reduce((s, _, y) => s + pick(x, y), 0), 0) /
      n ** 2;
    const found: Geometry = {
      values: exactValues(train, start),
      gram: rewards.map((i) => rewards.map((j) => mean((x, y) => products[x]![y]![i]![j]!))),
      own: rewards.map((i) => mean((x, y) => x === y ? n * products[x]![x]![i]![i]! : 0)),
      dimension: rewards.map((i) =>
        effectiveDimension(products.map((row) => row.map((block) => block[i]![i]!)))
      ),
    };
    return found;
  });
}

/**
 * What the Gram matrix of the exact gradients says of preferences.
 *
 * @param gram of the exact gradients, [m, m]
 * @param weights a preference, [m]
 * @returns `(Gp)_i / (|g_i| |u|)`, 0 where a gradient is 0, [m]
 */
export function preferredRates(
  gram: readonly (readonly number[])[],
  weights: readonly number[],
): number[] {
  const rates = gram.map((row) => weighted(row, weights));
  const length = Math.sqrt(Math.max(0, weighted(weights, rates)));
  return rates.map((rate, i) => {
    const scale = Math.sqrt(gram[i]![i]!) * length;
    return scale > 0 ? rate / scale : 0;
  });
}

function rowOf(
  { seed, rewardNames, train }: Ground,
  { dial, control }: PopulationSpec,
  { values, gram, own, dimension }: Geometry,
): ConflictRow {
  const n = train.length;
  const shown = control === undefined ? preferences : [controlPreference(control, rewardNames)];
  return {
    seed,
    dial,
    control: control ?? null,
    rewardNames,
    prompts: n,
    values,
    cosines: gram.map((row, i) =>
      row.map((value, j) => {
        const scale = Math.sqrt(gram[i]![i]! * gram[j]![j]!);
        return scale > 0 ? Math.max(-1, Math.min(1, value / scale)) : null;
      })
    ),
    signal: gram.map((row, i) => {
      const noise = own[i]! - row[i]!;
      return noise > 1e-9 * own[i]! ? n * row[i]! / noise : null;
    }),
    dimension,
    rates: shown.map(({ name, weights }) => ({
      preference: name,
      rates: preferredRates(gram, weights),
    })),
  };
}

/**
 * Runs study 0 in a replicate: the dial of the bench and, in the first replicates, further ones and the controls.
 *
 * @param replicate start and prompts
 * @param config options
 * @param bar told of progress
 * @returns one row a population, that of the bench first; and the seconds that they took
 */
export async function conflictStudy(
  replicate: Replicate,
  config: ExactLmConfig,
  bar: StudyBar,
): Promise<{ rows: ConflictRow[]; seconds: number }> {
  const { dial, conflict } = config;
  const further = conflict.dials.filter((other) => other !== dial);
  const specs: PopulationSpec[] = replicate.seed >= conflict.furtherReplicates ? [{ dial }] : [
    ...[dial, ...further].map((dial) => ({ dial })),
    ...controls.map((control) => ({ dial, control })),
  ];
  const pilot = await pilotCell(await replicate.ground(), pilotOptions(config));
  const found = await branches(specs, async (spec, k) => {
    bar.cell(k, specs.length)(0, 1);
    const ground = await replicate.ground(spec);
    const { value, seconds } = await measure(ground, pilot);
    return { row: rowOf(ground, spec, value), seconds };
  });
  return {
    rows: found.map(({ row }) => row),
    seconds: totalSeconds(found),
  };
}
