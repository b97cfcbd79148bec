/** The time that work takes over all its attempts, those that were killed among them. @module */

/** Milliseconds between two notes of the time. */
const INTERVAL = 1000;

/**
 * Runs work that goes on where an earlier attempt was stopped, and counts the time of all of them. The time is noted once a
 * second, so that no more than that is lost with a kill.
 *
 * @param path where the time is noted; whoever keeps what the attempts leave keeps this too
 * @param work what to run
 * @returns seconds of this attempt and those before
 */
export async function countedSeconds(path: string, work: () => Promise<void>): Promise<number> {
  const noted = Number(await Deno.readTextFile(path).catch(() => "0"));
  const before = Number.isFinite(noted) && noted > 0 ? noted : 0;
  const start = performance.now();
  const seconds = (): number => before + (performance.now() - start) / 1000;
  const note = (): void => {
    try {
      Deno.writeTextFileSync(`${path}.new`, String(seconds()));
      Deno.renameSync(`${path}.new`, path);
    } catch {
      // The work tells of a full disk itself, and what it made matters more than its time.
    }
  };
  const timer = setInterval(note, INTERVAL);
  try {
    await work();
    return seconds();
  } finally {
    clearInterval(timer);
    note();
  }
}
