/**
 * Whether a disease affects women or men as a text says, by the share of women among those who have it.
 *
 * @module
 */
import type { PatientBounds } from "./person_profile.ts";
import { men, women } from "./sex_claims.ts";
import type { Evidence } from "./types.ts";

const bothSexes = new RegExp(
  `\\b(?:both\\s+(?:sexes|genders)|${men}\\s+and\\s+${women}|${women}\\s+and\\s+${men})\\b`,
  "i",
);

/** Years from which on nobody is a boy or a girl. */
const ADULT = 18;

/** Share of one sex from which on a disease is called more common in it; between it and its complement nothing is said. */
const MORE = 0.55;

/**
 * Whether a disease affects women or men as some words say.
 *
 * @param said The words, such as "occurs only in men".
 * @param bounds Whom the disease can affect, where that is known.
 * @param femaleShare Share of women among those who have it, where that is known.
 * @returns The verdict; unknown where nothing is known of the disease.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { judgeSex } from "./sex_judge.ts";
 *
 * assertEquals(judgeSex("occurs only in men", { sex: "male" }).verdict, "supported");
 * assertEquals(judgeSex("is more common in women", {}, 0.3).verdict, "contradicted");
 * ```
 */
export function judgeSex(
  said: string,
  bounds: PatientBounds | undefined,
  femaleShare?: number,
): Evidence {
  const about = new RegExp(`\\b${women}`, "i").test(said.split(/\bthan\b/i)[0]!)
    ? "female"
    : "male";
  const share = bounds?.sex === undefined
    ? femaleShare === undefined ? undefined : about === "female" ? femaleShare : 1 - femaleShare
    : Number(bounds.sex === about);
  const [own, other] = about === "female" ? ["women", "men"] : ["men", "women"];
  const youngest = bounds?.age?.min ?? 0;
  if (youngest >= ADULT && /\b(?:boys|girls)\b/i.test(said)) {
    return { verdict: "contradicted", path: [], reason: `nobody has it before ${youngest}` };
  }
  if (share === undefined) {
    return { verdict: "unknown", path: [], reason: "no source says which sex it affects more" };
  }
  const path = [`share of ${own}: ${Number(share.toFixed(2))}`];
  const verdict = (holds: boolean | undefined, reason: string): Evidence => ({
    verdict: holds === undefined ? "unknown" : holds ? "supported" : "contradicted",
    path,
    reason,
  });
  if (bothSexes.test(said)) {
    return verdict(share > 0 && share < 1, share > 0 && share < 1 ? "both have it" : "one has it");
  }
  if (/\b(?:almost|nearly)\b/i.test(said) || /\b(?:only|solely|exclusively|alone)\b/i.test(said)) {
    return verdict(
      share === 1 || (/\b(?:almost|nearly)\b/i.test(said) && share >= 0.9),
      share === 1 ? `${other} do not have it` : `${other} have it too`,
    );
  }
  if (/\bless\b/i.test(said)) {
    return verdict(
      share <= 1 - MORE ? true : share >= 0.5 ? false : undefined,
      `it is ${share < 0.5 ? "less" : "no less"} common in ${own}`,
    );
  }
  if (
    /\b(?:more|commoner|mainly|mostly|chiefly|predominantly|primarily|especially)\b/i.test(said)
  ) {
    return verdict(
      share >= MORE ? true : share <= 0.5 ? false : undefined,
      `it is ${share > 0.5 ? "more" : "no more"} common in ${own}`,
    );
  }
  return verdict(share > 0, share > 0 ? `${own} have it` : `${own} do not have it`);
}
