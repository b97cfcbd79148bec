/**
 * `deno task torture`: kills, starves and misleads the commands, and fails if one of them lies, hangs or crashes.
 *
 * @module
 */
import { join } from "@std/path";
import { z } from "zod";
import { progressBar, randomStream, runCommand, WorkbenchError } from "../../lib/runtime/mod.ts";
import { textTable } from "../bench/table.ts";
import { damageTrials } from "../torture/damage.ts";
import { diskTrials } from "../torture/disks.ts";
import { hostileTrials } from "../torture/hostile.ts";
import { killTrials } from "../torture/kills.ts";
import { type Outcome, tally, type Trial } from "../torture/trial.ts";
import { experiments, grpo, laboratory, sft, synthesize, wholeRuns } from "../torture/work.ts";
import { writerTrials } from "../torture/writers.ts";

const kinds = ["kills", "damage", "disks", "writers", "hostile"] as const;

const schema = z.object({
  trials: z.int().min(1).max(1000).default(20).describe(
    "Trials of each kind and command; disks and two writers have a fifth",
  ),
  kinds: z.array(z.enum(kinds)).default([...kinds]).describe("What is done"),
  jobs: z.int().min(1).default(navigator.hardwareConcurrency).describe("Trials at a time"),
  seed: z.int().min(0).default(0).describe("Same seed, same moments, files and damages"),
});

/** The trials that are asked for. */
function trialsOf(options: z.infer<typeof schema>, base: string): Trial[] {
  const { trials, seed } = options;
  const few = Math.max(1, Math.round(trials / 5));
  const random = (kind: string) => randomStream(seed, "torture", kind);
  const whole = wholeRuns(base);
  const works = [sft, grpo, laboratory, synthesize, experiments];
  const made: Record<typeof kinds[number], () => Trial[]> = {
    kills: () => killTrials(works, trials, whole, random("kills")),
    damage: () =>
      damageTrials(
        { training: sft, experiment: experiments },
        trials,
        whole,
        base,
        random("damage"),
      ),
    disks: () => diskTrials([sft, synthesize, experiments], few, whole),
    writers: () => writerTrials([sft, synthesize, experiments], few, whole),
    hostile: () => hostileTrials(trials, base, random("hostile")),
  };
  return options.kinds.flatMap((kind) => made[kind]());
}

/** Runs one trial in a folder that goes with it; what throws is a fault. */
async function runTrial({ run }: Trial, folder: string): Promise<Outcome> {
  try {
    return await run(folder);
  } catch (error) {
    if (error instanceof WorkbenchError) throw error;
    return { fault: `the trial itself: ${(error as Error).message}` };
  } finally {
    await Deno.remove(folder, { recursive: true }).catch(() => {});
  }
}

await runCommand(
  {
    name: "torture",
    summary:
      "Kills, starves and misleads the commands: about ten minutes; fails if one lies, hangs or crashes.",
    schema,
    examples: ["", "--trials 2", "--kinds kills,writers --trials 50"],
  },
  Deno.args,
  async (options) => {
    const base = await Deno.makeTempDir({ prefix: "torture-" });
    const outcomes: [string, Outcome][] = [];
    try {
      const trials = trialsOf(options, base);
      const bar = progressBar("Torture:");
      const open = trials.entries();
      const work = async (): Promise<void> => {
        for (const [i, trial] of open) {
          const folder = join(base, `trial-${i}`);
          await Deno.mkdir(folder);
          const outcome = await runTrial(trial, folder);
          outcomes.push([trial.kind, outcome]);
          if (typeof outcome === "object" && "fault" in outcome) {
            console.log(`${trial.kind}: ${trial.name}: ${outcome.fault}`);
          }
          bar.update(outcomes.length, trials.length, trial.kind);
        }
      };
      await Promise.all(Array.from({ length: options.jobs }, work));
      bar.finish();
    } finally {
      await Deno.remove(base, { recursive: true });
    }
    const rows = tally(outcomes);
    const cells = rows.map(({ kind, ...counts }) => [kind, ...Object.values(counts).map(String)]);
    console.log(
      textTable([["kind", "trials", "same result", "refused", "skipped", "faults"], ...cells]),
    );
    const faults = rows.reduce((sum, row) => sum + row.faults, 0);
    if (faults > 0) throw new WorkbenchError(`Expected no fault but found ${faults}, listed above`);
  },
);
