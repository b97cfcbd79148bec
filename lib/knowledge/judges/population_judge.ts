/**
 * Whether a disease affects whom a text says, by the ages at which it occurs and the share of women among those who have it.
 *
 * @module
 */
import { ages, agesBeyond, men, women } from "../text/population_claims.ts";
import { numberWords } from "../text/qualifiers.ts";
import type { Evidence } from "../types.ts";
import type { PatientBounds } from "./person_profile.ts";

const word = (pattern: string): RegExp => new RegExp(`\\b${pattern}\\b`, "i");

const bothSexes = word(
  `(?:both\\s+(?:sexes|genders)|${men}\\s+and\\s+${women}|${women}\\s+and\\s+${men})`,
);
const eitherSex = word(`(?:${women}|${men})`);
const agePatterns = ages.map(([pattern, from, to]) => [word(pattern), from, to] as const);

const only = word("(?:only|solely|exclusively|alone)");
const nearly = word("(?:almost|nearly)");
const less = word("less");
const more = word(
  "(?:more|commoner|mainly|mostly|chiefly|predominantly|primarily|especially|an?\\s+(?:disease|disorder|condition|illness)\\s+of)",
);

const usual = word("(?:typically|usually|classically)");

/** Years from which on nobody is a boy or a girl. */
const ADULT = 18;

/** Years by which the menopause has come. */
const MENOPAUSE = 60;

/** Share of one sex from which on a disease is called more common in it; between it and its complement nothing is said. */
const MORE = 0.55;

/** A ratio of the sexes is right up to this factor. */
const NEAR = 1.5;

/** How many times as common words say that it is in the sex that they name first. */
function timesIn(said: string): number | undefined {
  if (/\btwice\b/i.test(said)) return 2;
  const found = /\b([\p{L}\p{N}]+)\s+times\b/iu.exec(said)?.[1]?.toLowerCase();
  if (found === undefined) return undefined;
  const spelt = numberWords.indexOf(found);
  return spelt < 0 ? Number(found) : spelt + 1;
}

function verdictOf(holds: boolean | undefined, path: string[], reason: string): Evidence {
  return {
    verdict: holds === undefined ? "unknown" : holds ? "supported" : "contradicted",
    path,
    reason,
  };
}

/** What is said of a sex. */
function judgeSex(
  said: string,
  bounds: PatientBounds | undefined,
  femaleShare: number | undefined,
): Evidence {
  // "Three times as common in men as in women" is said of men
  const about = word(women).test(eitherSex.exec(said)?.[0] ?? "") ? "female" : "male";
  const share = bounds?.sex === undefined
    ? femaleShare === undefined ? undefined : about === "female" ? femaleShare : 1 - femaleShare
    : Number(bounds.sex === about);
  const [own, other] = about === "female" ? ["women", "men"] : ["men", "women"];
  const youngest = bounds?.age?.min ?? 0;
  if (youngest >= ADULT && word("(?:boys|girls)").test(said)) {
    return verdictOf(false, [], `nobody has it before ${youngest}`);
  }
  if (/menopaus/i.test(said) && (bounds?.age?.max ?? Infinity) <= MENOPAUSE) {
    return verdictOf(false, [], `nobody has it after ${MENOPAUSE}`);
  }
  if (share === undefined) {
    return verdictOf(undefined, [], "no source says which sex it affects more");
  }
  const path = [`share of ${own}: ${Number(share.toFixed(2))}`];
  if (bothSexes.test(said)) {
    const both = share > 0 && share < 1;
    return verdictOf(both, path, both ? "both have it" : "one has it");
  }
  if (nearly.test(said) || only.test(said)) {
    const holds = share === 1 || (nearly.test(said) && share >= 0.9);
    return verdictOf(holds, path, share === 1 ? `${other} do not have it` : `${other} have it too`);
  }
  const times = timesIn(said);
  if (times !== undefined && !less.test(said)) {
    const factor = times * (1 - share) / share;
    const isNear = factor >= 1 / NEAR && factor <= NEAR;
    const holds = isNear ? true : share <= 0.5 ? false : undefined;
    return verdictOf(holds, path, `it is ${(share / (1 - share)).toPrecision(2)} times as common`);
  }
  if (times === undefined && /\bas\s+(?:often|common|likely|frequent)/i.test(said)) {
    const holds = share > 1 - MORE && share < MORE;
    return verdictOf(holds, path, holds ? "as common in both" : "not as common in both");
  }
  if (less.test(said)) {
    const holds = share <= 1 - MORE ? true : share >= 0.5 ? false : undefined;
    return verdictOf(holds, path, `it is ${share < 0.5 ? "less" : "no less"} common in ${own}`);
  }
  if (more.test(said) || usual.test(said)) {
    const holds = share >= MORE ? true : share <= 0.5 ? false : undefined;
    return verdictOf(holds, path, `it is ${share > 0.5 ? "more" : "no more"} common in ${own}`);
  }
  return verdictOf(share > 0, path, share > 0 ? `${own} have it` : `${own} do not have it`);
}

/** What is said of an age: nothing is known of how often a disease occurs at an age at which it can. */
function judgeAge(said: string, bounds: PatientBounds | undefined): Evidence {
  const beyond = agesBeyond(said);
  const named = beyond === undefined
    ? agePatterns.filter(([pattern]) => pattern.test(said))
    : [[said, ...beyond] as const];
  const known = bounds?.age;
  if (known === undefined || named.length === 0) {
    return verdictOf(undefined, [], "no source says at which age it occurs");
  }
  const path = [`from ${known.min} to ${known.max} years`];
  const overlaps = named.map(([, from, to]) => from <= known.max && known.min <= to);
  if (!overlaps.every(Boolean)) return verdictOf(false, path, "it does not occur at that age");
  const from = Math.min(...named.map(([, first]) => first));
  const to = Math.max(...named.map(([, , last]) => last));
  const within = from <= known.min && known.max <= to;
  if (only.test(said)) return verdictOf(within, path, within ? "at no other" : "at others too");
  const limited = more.test(said) || less.test(said);
  return verdictOf(
    within || !limited ? true : undefined,
    path,
    limited && !within ? "no source says at which of its ages it is commoner" : "it occurs then",
  );
}

/**
 * Whether a disease affects people as some words say.
 *
 * @param said The words, such as "occurs only in men".
 * @param bounds Whom the disease can affect, where that is known.
 * @param femaleShare Share of women among those who have it, where that is known.
 * @returns The verdict; unknown where nothing is known of the disease.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { judgePopulation } from "./population_judge.ts";
 *
 * assertEquals(judgePopulation("occurs only in men", { sex: "male" }).verdict, "supported");
 * assertEquals(judgePopulation("is more common in women", {}, 0.3).verdict, "contradicted");
 * assertEquals(judgePopulation("is nine times more common in women", {}, 0.9).verdict, "supported");
 * assertEquals(judgePopulation("affects children", { age: { min: 40, max: 120 } }).verdict, "contradicted");
 * assertEquals(judgePopulation("affects women under 30", { age: { min: 50, max: 120 } }, 0.7).verdict, "contradicted");
 * ```
 */
export function judgePopulation(
  said: string,
  bounds: PatientBounds | undefined,
  femaleShare?: number,
): Evidence {
  if (!bothSexes.test(said) && !eitherSex.test(said)) return judgeAge(said, bounds);
  // "Women under 30"
  const ofAge = agesBeyond(said) === undefined ? undefined : judgeAge(said, bounds);
  return ofAge?.verdict === "contradicted" ? ofAge : judgeSex(said, bounds, femaleShare);
}
