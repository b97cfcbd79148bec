/** What each stage of the pipeline keeps, and why it drops the rest. @module */

/** How many of what a stage was given it kept, and why the rest was dropped. */
export interface StageReport {
  /** The stage. */
  readonly stage: "source" | "seed" | "construct" | "validate" | "curate";
  /** How many it was given. */
  readonly produced: number;
  /** How many it kept. */
  readonly kept: number;
  /** Why it dropped the others: reason and number. */
  readonly dropped: Readonly<Record<string, number>>;
}

/** Counts what becomes of items, stage by stage. */
export class Ledger {
  /** Counts by stage, in the order in which stages were entered. */
  readonly stages = new Map<
    StageReport["stage"],
    { produced: number; kept: number; dropped: Map<string, number> }
  >();

  /**
   * Notes what became of some items at a stage.
   *
   * @param stage The stage.
   * @param reason Why they were dropped; undefined where they go on.
   * @param items How many.
   * @returns Whether they go on.
   */
  enter(stage: StageReport["stage"], reason?: string, items = 1): boolean {
    let entry = this.stages.get(stage);
    if (entry === undefined) {
      this.stages.set(stage, entry = { produced: 0, kept: 0, dropped: new Map() });
    }
    entry.produced += items;
    if (reason === undefined) entry.kept += items;
    else entry.dropped.set(reason, (entry.dropped.get(reason) ?? 0) + items);
    return reason === undefined;
  }

  /**
   * The counts.
   *
   * @returns A report for each stage, in order, reasons by name.
   */
  report(): StageReport[] {
    return [...this.stages].map(([stage, { produced, kept, dropped }]) => ({
      stage,
      produced,
      kept,
      dropped: Object.fromEntries([...dropped].sort(([a], [b]) => (a < b ? -1 : 1))),
    }));
  }
}
