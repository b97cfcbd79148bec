/**
 * Two of the same command at once: one may be refused or wait, and what is there afterwards is the result of one alone.
 *
 * @module
 */
import { join } from "@std/path";
import { manners, runProject } from "./process.ts";
import type { Outcome, Trial } from "./trial.ts";
import type { Whole, Work } from "./work.ts";

async function bothAtOnce(
  work: Work,
  folder: string,
  whole: string,
  later: number,
): Promise<Outcome> {
  const args = work.args(join(folder, "out"));
  const second = new Promise((done) => setTimeout(done, later * 1000))
    .then(() => runProject(work.task, args));
  const ended = await Promise.all([runProject(work.task, args), second]);
  for (const one of ended) {
    const fault = manners(one);
    if (fault !== undefined) return { fault: `${later.toFixed(1)} s apart: ${fault}` };
  }
  if (ended.every(({ code }) => code !== 0)) {
    return { fault: `${later.toFixed(1)} s apart: both were refused` };
  }
  return await work.same(join(folder, "out"), whole)
    ? "same"
    : { fault: `${later.toFixed(1)} s apart: another result than of one alone` };
}

/**
 * Trials with two writers.
 *
 * @param works what runs twice at once
 * @param count trials of each, the second writer later and later
 * @param whole the undisturbed run of a work
 */
export function writerTrials(
  works: readonly Work[],
  count: number,
  whole: (work: Work) => Promise<Whole>,
): Trial[] {
  return works.flatMap((work) =>
    Array.from({ length: count }, (_, i): Trial => ({
      kind: `two writers: ${work.name}`,
      name: `second at ${i} of ${count}`,
      run: async (folder) => {
        const { folder: other, seconds } = await whole(work);
        return await bothAtOnce(work, folder, other, i / count * seconds);
      },
    }))
  );
}
