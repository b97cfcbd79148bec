/**
 * What differs in what was found. Where both results hold values of the same units, their differences are tested unit by
 * unit; elsewhere two numbers are compared by their intervals.
 *
 * @module
 */

import {
  average,
  bootstrapInterval,
  type MeanInterval,
  permutationTest,
  signTest,
  studentInterval,
  unpairedDifference,
} from "../../lib/evaluation/mod.ts";
import { EVALUATION, type Metric } from "../../lib/runs/mod.ts";
import type { UnitValues } from "../core/experiment.ts";
import { holm, RESAMPLES } from "../stages/statistics.ts";
import { type MatchedResults, QUESTIONS, type StoredResult } from "./read.ts";

/**
 * How a number was compared. `same`: all values of it are the same; `untested`: it has no interval, or there is one pair
 * alone; `machine`: seconds or memory, which do not repeat.
 */
export type ComparisonKind = "paired" | "unpaired" | "same" | "untested" | "machine";

/** A number in two results. */
export interface ComparedRow {
  readonly experiment: string;
  readonly system: string;
  readonly capability: string;
  /** In the first result; of the units in both where it is paired. */
  readonly a: number;
  /** In the second one. */
  readonly b: number;
  /** The second less the first. */
  readonly difference: number;
  /** Lower end of its 95 % interval; null where there is none. */
  readonly low: number | null;
  /** Upper end. */
  readonly high: number | null;
  /** Two-sided p value of "no difference"; null where nothing was tested. */
  readonly p: number | null;
  /** The same with Holm's correction for all rows that are tested. */
  readonly p_holm: number | null;
  /** Smallest p value that as many pairs that differ can give. */
  readonly p_least: number | null;
  readonly kind: ComparisonKind;
  /** Whether the results are known to be of other units, as of other items. */
  readonly other_units: boolean;
  /** How it was compared, in words. */
  readonly how: string;
  /** What the pairs are, in the plural; null where there are none. */
  readonly units: string | null;
}

/** What is said of a number before others are known. */
type Outcome = Omit<ComparedRow, "experiment" | "system" | "capability" | "p_holm">;

/** What nothing is known of where nothing is tested. */
const untested = {
  ...{ low: null, high: null, p: null, p_least: null },
  ...{ units: null, other_units: false },
} as const;

/** Fewer units than these have Student's interval: a bootstrap over them is too narrow. */
const FEW = 30;

/** A mean over units with its interval; one unit has none. */
function meanOf(values: readonly number[]): MeanInterval {
  return values.length < FEW ? studentInterval(values) : bootstrapInterval(values, { seed: 0 });
}

const isBinary = (values: readonly number[]): boolean => values.every((x) => x === 0 || x === 1);

/**
 * Tests differences unit by unit. Where all values are 0 or 1, the sign test is McNemar's exact one; elsewhere signs of the
 * differences are turned.
 *
 * @param a values of the first result
 * @param b values of the second one on the same units
 * @returns difference, interval, p value, and the smallest p value that as many pairs can give
 */
export function pairedOutcome(
  a: readonly number[],
  b: readonly number[],
): Pick<Outcome, "a" | "b" | "difference" | "low" | "high" | "p" | "p_least"> {
  const differences = b.map((x, i) => x - a[i]!);
  const { mean, low, high } = meanOf(differences);
  const { p, least } = isBinary(a) && isBinary(b)
    ? signTest(differences)
    : permutationTest(differences, { seed: 0, resamples: RESAMPLES });
  return { a: average(a), b: average(b), difference: mean, low, high, p, p_least: least };
}

/** Number of units in words. */
function overText(shared: number, a: UnitValues, b: UnitValues): string {
  const [n, m] = [a.values.size, b.values.size];
  return shared === n && shared === m
    ? `${shared} ${a.units}`
    : `${shared} ${a.units} in both, of ${n} and ${m}`;
}

/** Why a number is not compared unit by unit though a result holds its units. */
interface Hindrance {
  /** In words; null where neither result holds units. */
  readonly reason: string | null;
  readonly other_units: boolean;
}

/** Compares unit by unit, or says why it cannot be done. */
function byUnits(a: UnitValues, b: UnitValues): Outcome | Hindrance {
  const shared = [...a.values.keys()].filter((name) => b.values.has(name));
  if (shared.length === 0) return { reason: `other ${a.units}`, other_units: true };
  if (2 * shared.length < Math.min(a.values.size, b.values.size)) {
    return { reason: `${shared.length} ${a.units} in both alone`, other_units: true };
  }
  const [one, other] = [a, b].map(({ values }) => shared.map((name) => values.get(name)!));
  const over = overText(shared.length, a, b);
  const found = pairedOutcome(one!, other!);
  const { units } = a;
  const other_units = false;
  if (one!.every((x, i) => x === other![i])) {
    return { ...found, ...untested, units, kind: "same", how: `same values on ${over}` };
  }
  if (shared.length === 1) {
    return { ...found, ...untested, units, kind: "untested", how: `not tested: ${over}` };
  }
  return { ...found, units, other_units, kind: "paired", how: `paired on ${over}` };
}

/** A number with its interval, as far as results hold one. */
type Measured = Pick<Metric, "mean" | "low" | "high" | "n">;

const hasInterval = ({ low, high }: Measured): boolean => high > low;

/** Compares two numbers by their intervals. */
function byIntervals(a: Measured, b: Measured, { reason, other_units }: Hindrance): Outcome {
  const numbers = { a: a.mean, b: b.mean, difference: b.mean - a.mean };
  const equal = (["mean", "low", "high", "n"] as const).every((key) => a[key] === b[key]);
  if (equal && reason === null) {
    const how = hasInterval(a) ? "same value and interval" : "same value";
    return { ...numbers, ...untested, kind: "same", how };
  }
  if (!hasInterval(a) || !hasInterval(b)) {
    const without = [a, b].every((one) => !hasInterval(one))
      ? "no interval"
      : `no interval in ${hasInterval(a) ? "B" : "A"}`;
    const how = `not tested: ${[without, reason].filter((text) => text !== null).join(", ")}`;
    return { ...numbers, ...untested, other_units, kind: "untested", how };
  }
  const { low, high, p } = unpairedDifference(b, a);
  const how = ["unpaired, from intervals", reason].filter((text) => text !== null).join(": ");
  return { ...numbers, low, high, p, p_least: 0, units: null, other_units, kind: "unpaired", how };
}

/** Results name what is measured in seconds or megabytes with its unit. */
const isOfMachine = (capability: string): boolean => /\((s|MB)\)$/.test(capability);

/** What a result holds of a number. */
interface Held {
  readonly system: string;
  readonly capability: string;
  readonly metric?: Metric;
  readonly units?: UnitValues;
}

/** What a result holds, by system and capability. Evaluations hold one system, whatever it is called. */
function heldBy({ results, units }: StoredResult, system?: string): Map<string, Held> {
  const held = new Map<string, Held>();
  const add = (own: Held) => {
    const named = { ...own, system: system ?? own.system };
    const key = JSON.stringify([named.system, named.capability]);
    held.set(key, { ...held.get(key), ...named });
  };
  results.metrics.forEach((metric) => add({ ...nameOf(metric), metric }));
  units.forEach((own) => add({ ...nameOf(own), units: own }));
  return held;
}

const nameOf = ({ system, capability }: Pick<Held, "system" | "capability">) => ({
  system,
  capability,
});

/** A number with its interval: that of the results, but for few units, over which those of a bootstrap are too narrow. */
function measuredOf({ metric, units }: Held): Measured {
  const values = [...units?.values.values() ?? []];
  return metric === undefined || (values.length > 1 && values.length < FEW)
    ? meanOf(values)
    : metric;
}

/** Which result alone holds no units; then prompts alone tell whether they are others. */
function missingUnits(a: Held, b: Held): Hindrance {
  const held = a.units ?? b.units;
  if (held === undefined) return { reason: null, other_units: false };
  const other_units = a.metric?.prompt_hash !== b.metric?.prompt_hash;
  const kept = `no ${held.units} kept in ${a.units === undefined ? "A" : "B"}`;
  return { reason: other_units ? `other prompts, ${kept}` : kept, other_units };
}

/** Whether the same questions were put in other prompts. Items need no such look: their names are hashes of their text. */
function isReworded({ metric: a, units: one }: Held, { metric: b, units: other }: Held): boolean {
  return one?.units === QUESTIONS && one.values.size === other?.values.size &&
    a?.prompt_hash !== b?.prompt_hash;
}

function outcomeOf(a: Held, b: Held): Outcome {
  if (isOfMachine(a.capability)) {
    const [one, other] = [measuredOf(a).mean, measuredOf(b).mean];
    const numbers = { a: one, b: other, difference: other - one };
    return { ...numbers, ...untested, kind: "machine", how: "not tested: of the machine" };
  }
  const found = a.units && b.units ? byUnits(a.units, b.units) : missingUnits(a, b);
  if ("reason" in found) return byIntervals(measuredOf(a), measuredOf(b), found);
  return isReworded(a, b) ? { ...found, how: `${found.how}, asked in other words` } : found;
}

/** What two results hold of an experiment. */
export interface ComparedResults {
  /** Numbers in both, without a correction. */
  readonly rows: readonly Omit<ComparedRow, "p_holm">[];
  /** Numbers in the first alone. */
  readonly onlyA: readonly Pick<Held, "system" | "capability">[];
  /** Numbers in the second alone. */
  readonly onlyB: readonly Pick<Held, "system" | "capability">[];
}

/**
 * Compares every number of an experiment.
 *
 * @param matched two results of it
 * @returns numbers of both, and the names of those that are in one alone
 */
export function compareResults({ name, a, b }: MatchedResults): ComparedResults {
  const systems = [a, b].flatMap(({ results }) => results.metrics.map(({ system }) => system));
  const single = a.results.experiment === EVALUATION
    ? [...new Set(systems)].join(" \u2192 ")
    : undefined;
  const [first, second] = [heldBy(a, single), heldBy(b, single)];
  const alone = (own: ReadonlyMap<string, Held>, other: ReadonlyMap<string, Held>) =>
    [...own].filter(([key]) => !other.has(key)).map(([, held]) => nameOf(held));
  return {
    rows: [...first].flatMap(([key, held]) => {
      const other = second.get(key);
      return other === undefined
        ? []
        : [{ experiment: name, ...nameOf(held), ...outcomeOf(held, other) }];
    }),
    onlyA: alone(first, second),
    onlyB: alone(second, first),
  };
}

/**
 * Corrects the p values of all rows for their number. Rows of which all values are the same are not tested: their p value
 * is 1 whatever is true, so leaving them out keeps the correction's promise (Tarone, 1990).
 *
 * @param rows rows of all experiments
 * @returns the same with Holm's correction
 */
export function corrected(rows: readonly Omit<ComparedRow, "p_holm">[]): ComparedRow[] {
  const adjusted = holm(rows.flatMap(({ p }) => p === null ? [] : [p]));
  let next = 0;
  return rows.map((row) => ({ ...row, p_holm: row.p === null ? null : adjusted[next++]! }));
}
