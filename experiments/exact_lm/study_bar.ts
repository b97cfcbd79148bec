/** The bar of a study in a replicate, over its cells and their steps. @module */

import type { OnProgress, OnStage } from "../../lib/runtime/mod.ts";

/** The bar of a study. */
export interface StudyBar {
  /** Progress within one of the cells. */
  readonly cell: (index: number, cells: number) => OnProgress;
  /** Ends the bar. */
  readonly finish: (note?: string) => void;
}

/**
 * Opens a bar.
 *
 * @param stage shows bars
 * @param label its text
 * @returns the bar
 */
export function studyBar(stage: OnStage, label: string): StudyBar {
  const bar = stage(label);
  return {
    cell: (index, cells) => (done, total) => bar.update(index + done / total, cells),
    finish: bar.finish,
  };
}

/** Seconds of several cells together. */
export const totalSeconds = (rows: readonly { readonly seconds: number }[]): number =>
  rows.reduce((sum, { seconds }) => sum + seconds, 0);
