/**
 * The cells of experiments: entries of the store that are not there yet and can be made by themselves, each in a process of its own
 * or on a machine of its own. A run with a store that makes nothing asks for them; what lies behind them is asked for by the next
 * run, when they are there. Their names are content keys, so the same cell is never made twice, whoever asks. What tells how long something
 * takes is no cell.
 *
 * @module
 */

import { NotMadeError, openStore, type Store, type StorePlace } from "../../lib/runtime/mod.ts";
import type { Experiment, RunContext } from "../core/experiment.ts";

/** An entry of the store that is to be made. */
export interface Cell {
  /** The experiment that asks for it. */
  readonly experiment: string;
  /** What it is: the folder of the store. */
  readonly kind: string;
  /** Its name in that folder. */
  readonly hash: string;
  /** What the experiment says that it does. */
  readonly label: string;
  /** Hashes of the cells that have to be there before; its key names them. */
  readonly needs: readonly string[];
}

/** An experiment with its options and seeds. */
export interface PlannedRun {
  /** The experiment. */
  readonly experiment: Experiment;
  /** Its options. */
  readonly config: Record<string, unknown>;
  /** Its seeds. */
  readonly seeds: readonly number[];
}

/** What a run needs besides seeds, store and bars. */
export type CellContext = Omit<RunContext, "store" | "stage" | "seeds">;

/** Runs an experiment up to where its store does not let it go on, with bars that only tell their labels. */
async function runWithin(
  { experiment, config, seeds }: PlannedRun,
  context: CellContext,
  store: Store,
  onStage: (label: string) => void,
): Promise<void> {
  const stage = (label: string) => {
    onStage(label);
    return { update: () => {}, finish: () => {} };
  };
  try {
    await experiment.run({ ...context, store, stage, seeds }, config);
  } catch (error) {
    if (!(error instanceof NotMadeError)) throw error;
  }
}

/**
 * Finds the cells that experiments ask for next.
 *
 * @param runs experiments with their options
 * @param context what they run with
 * @param folder the store's
 * @returns the cells in the order in which they are asked for; none when everything is there but what is timed
 */
export async function planCells(
  runs: readonly PlannedRun[],
  context: CellContext,
  folder: string,
): Promise<Cell[]> {
  const asked = new Map<string, StorePlace & { experiment: string; label: string }>();
  for (const run of runs) {
    const { id, timed } = run.experiment;
    let label = id;
    const store = openStore(folder, {
      makes: (place) => {
        if (!asked.has(place.hash) && !timed.includes(place.kind)) {
          asked.set(place.hash, { ...place, experiment: id, label });
        }
        return false;
      },
    });
    await runWithin(run, context, store, (next) => label = next);
  }
  const hashes = [...asked.keys()];
  return [...asked.values()].map(({ key, ...cell }) => {
    const text = JSON.stringify(key);
    return { ...cell, needs: hashes.filter((hash) => hash !== cell.hash && text.includes(hash)) };
  });
}

/** All cells were made: nothing that follows is to run. */
class CellsMade extends Error {}

/**
 * Makes cells of an experiment in one run of it, each with what it asks for while it is being made.
 *
 * @param run the experiment
 * @param context what it runs with
 * @param folder the store's
 * @param hashes the cells' names
 * @param onMade told of each that is there, with the seconds since the one before it or the begin
 * @returns names of those that are not there: the experiment does not ask for them yet
 */
export async function makeCells(
  run: PlannedRun,
  context: CellContext & Pick<RunContext, "stage">,
  folder: string,
  hashes: readonly string[],
  onMade: (hash: string, seconds: number) => Promise<void>,
): Promise<string[]> {
  const unmade = new Set(hashes);
  let isMaking = false;
  let before = performance.now();
  const store = openStore(folder, { makes: ({ hash }) => isMaking ||= unmade.has(hash) });
  const after = async <E extends { readonly hash: string }>(entry: E): Promise<E> => {
    if (!unmade.delete(entry.hash)) return entry;
    isMaking = false;
    const now = performance.now();
    await onMade(entry.hash, (now - before) / 1000);
    before = now;
    if (unmade.size === 0) throw new CellsMade();
    return entry;
  };
  const own: Store = {
    folder,
    json: async (kind, key, make) => await after(await store.json(kind, key, make)),
    files: async (kind, key, make) => await after(await store.files(kind, key, make)),
  };
  try {
    await run.experiment.run({ ...context, store: own, seeds: run.seeds }, run.config);
  } catch (error) {
    if (!(error instanceof CellsMade || error instanceof NotMadeError)) throw error;
  }
  return [...unmade];
}
