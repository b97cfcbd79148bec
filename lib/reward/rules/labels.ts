/** Labelled lines. */
import type { LabelsCheck } from "../../synthesis/mod.ts";
import type { Reading } from "./reading.ts";

/** What a label in Markdown, or with words before it, counts. */
const dressed = 0.75;

/**
 * Share of the labels that stand once, in order, with something after the colon: the longest run of wanted labels in
 * order, divided by the larger of the number of labels and the number of lines given. A label that is not written plainly
 * counts three quarters.
 */
export function verifyLabels(check: LabelsCheck, reading: Reading): number {
  const wanted = check.labels.map((label) => label.toLowerCase());
  const places = reading.labelled
    .filter(({ value }) => /[\p{L}\p{N}]/u.test(value))
    .map(({ label, short, plain }) => {
      const exact = wanted.indexOf(label);
      return exact >= 0
        ? { place: exact, worth: plain ? 1 : dressed }
        : { place: wanted.indexOf(short), worth: dressed };
    })
    .filter(({ place }) => place >= 0)
    .slice(0, 200);
  const longest: number[] = [];
  for (const [i, { place, worth }] of places.entries()) {
    let best = 0;
    for (let j = 0; j < i; j++) if (places[j]!.place < place) best = Math.max(best, longest[j]!);
    longest.push(best + worth);
  }
  return Math.max(0, ...longest) / Math.max(wanted.length, reading.lines.length);
}
