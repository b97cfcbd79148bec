/**
 * Commands that are killed or stopped at any moment: the same command again has to end with the same bits.
 *
 * @module
 */
import type { RandomStream } from "../../lib/runtime/mod.ts";
import { manners, runProject } from "./process.ts";
import type { Outcome, Trial } from "./trial.ts";
import type { Whole, Work } from "./work.ts";

/** How a command is ended. */
type Ending = "SIGKILL" | "SIGTERM" | "SIGINT" | "SIGINT, and again";

/** Seconds between the first signal and the second. */
const impatience = 0.05;

/** Ends a command some seconds after its start, runs it again to the end, and compares. */
async function endAndGoOn(
  work: Work,
  folder: string,
  whole: string,
  ending: Ending,
  after: number,
): Promise<Outcome> {
  const args = work.args(folder);
  const signal = ending === "SIGINT, and again" ? "SIGINT" : ending;
  const signals = ending === "SIGINT, and again"
    ? [{ after, signal }, { after: after + impatience, signal }] as const
    : [{ after, signal }] as const;
  const when = `${ending} after ${after.toFixed(2)} s`;
  const first = await runProject(work.task, args, { signals });
  if (first.hung) return { fault: `${when}: ${manners(first)}` };
  if (/\(unexpected/.test(first.err)) return { fault: `${when}: ${manners(first)}` };
  const second = await runProject(work.task, args);
  const fault = manners(second);
  if (fault !== undefined) return { fault: `${when}, then ${fault}` };
  if (second.code !== 0) {
    return { fault: `${when}, then refused: ${second.err.trimEnd().split("\n").at(-1)}` };
  }
  return await work.same(folder, whole)
    ? "same"
    : { fault: `${when}, then another result than without` };
}

/**
 * Trials that end a command at random moments of its run.
 *
 * @param works what is disturbed
 * @param count trials of each work
 * @param whole the undisturbed run of a work
 * @param random draws moments and endings
 */
export function killTrials(
  works: readonly Work[],
  count: number,
  whole: (work: Work) => Promise<Whole>,
  random: RandomStream,
): Trial[] {
  const endings: readonly Ending[] = [
    "SIGKILL",
    "SIGKILL",
    "SIGKILL",
    "SIGTERM",
    "SIGINT",
    "SIGINT, and again",
  ];
  return works.flatMap((work) =>
    Array.from({ length: count }, (_, i): Trial => {
      const ending = endings[i % endings.length]!;
      const moment = (i + random.next()) / count;
      return {
        kind: `ended: ${work.name}`,
        name: ending,
        run: async (folder) => {
          const { folder: other, seconds } = await whole(work);
          return await endAndGoOn(work, folder, other, ending, moment * seconds);
        },
      };
    })
  );
}
