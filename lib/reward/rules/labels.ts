/** Labelled lines. */
import type { LabelsCheck } from "../../synthesis/mod.ts";
import type { Reading } from "./reading.ts";

/**
 * Share of the labels that stand once, in order, with something after the colon: the longest run of wanted labels in
 * order, divided by the larger of the number of labels and the number of lines given.
 */
export function verifyLabels(check: LabelsCheck, reading: Reading): number {
  const wanted = check.labels.map((label) => label.toLowerCase());
  const places = reading.labelled
    .filter(({ value }) => /[\p{L}\p{N}]/u.test(value))
    .map(({ label }) => wanted.indexOf(label))
    .filter((place) => place >= 0)
    .slice(0, 200);
  const longest: number[] = [];
  for (const [i, place] of places.entries()) {
    let best = 0;
    for (let j = 0; j < i; j++) if (places[j]! < place) best = Math.max(best, longest[j]!);
    longest.push(best + 1);
  }
  return Math.max(0, ...longest) / Math.max(wanted.length, reading.lines.length);
}
