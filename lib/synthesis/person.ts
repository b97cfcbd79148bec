/**
 * The person behind a case: an age and a sex that everything said of it allows.
 */
import type { Concept, DiseaseProfile } from "../knowledge/mod.ts";
import type { RandomStream } from "../runtime/mod.ts";
import { agesOf, type Sex, sexOf } from "./consistency.ts";

/** What a disease, a finding or a circumstance asks of a person. */
export interface Demand {
  /** The sex; either where left out. */
  readonly sex?: Sex;
  /** Youngest age in years. */
  readonly min: number;
  /** Oldest age in years, inclusive. */
  readonly max: number;
}

/** A person. */
export interface Person {
  /** Age in years. */
  readonly age: number;
  /** The sex. */
  readonly sex: Sex;
}

/** The youngest patient who can tell of an illness, in years. */
const youngest = 6;

/** Ages that are drawn where nothing asks for another one. */
const usual = { min: 18, max: 85 } as const;

/**
 * What a disease asks of a person, by the tables and by its words.
 *
 * @param profile The disease.
 * @returns Its demand.
 */
export function demandOfDisease({ disease, sex, age }: DiseaseProfile): Demand {
  const named = demandOf(disease);
  return {
    ...named,
    ...(sex !== "both" && { sex }),
    min: Math.max(named.min, age.min),
    max: Math.min(named.max, age.max),
  };
}

/**
 * What a finding or a circumstance asks of a person by its words.
 *
 * @param concept The finding or circumstance.
 * @returns Its demand.
 */
export function demandOf(concept: Concept): Demand {
  const sex = sexOf(concept);
  return { ...(sex !== undefined && { sex }), ...agesOf(concept) };
}

/**
 * Draw a person who meets all demands; an adult where they allow one.
 *
 * @param random Draws age and sex.
 * @param demands What is asked.
 * @returns The person; undefined where nobody can be all that.
 */
export function drawPerson(random: RandomStream, demands: readonly Demand[]): Person | undefined {
  const sexes = new Set(demands.flatMap(({ sex }) => sex ?? []));
  const min = Math.ceil(Math.max(youngest, ...demands.map((one) => one.min)));
  const max = Math.floor(Math.min(...demands.map((one) => one.max)));
  if (sexes.size > 1 || min > max) return undefined;
  const [low, high] = [Math.max(min, usual.min), Math.min(max, usual.max)];
  const [from, to] = low <= high ? [low, high] : [min, max];
  const sex = [...sexes][0] ?? random.pick(["female", "male"] as const);
  return { age: from + random.integer(to - from + 1), sex };
}
