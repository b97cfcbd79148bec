/** The sweep whose cost on clusters is simulated: a start, trainings from it, and an evaluation of each. @module */

import { average } from "../../lib/evaluation/mod.ts";
import {
  openStore,
  projectFolder,
  randomStream,
  removeQuietly,
  temporaryFolder,
} from "../../lib/runtime/mod.ts";
import { childJson } from "../core/child_json.ts";
import { commandLine } from "../core/command_line.ts";
import { simulateSweep, type Wave } from "./cluster.ts";
import type { CostConfig } from "./config.ts";
import type { Launching, Measurement, Simulated } from "./findings.ts";

/** Entries that are read to time one. */
const READ_ENTRIES = 200;

/** Characters of an entry's value: about what a cell of an experiment stores. */
const ENTRY_LENGTH = 4000;

/**
 * Times what the launcher does by itself: a process that plans, and the reading of entries.
 *
 * @returns seconds of each
 * @throws {WorkbenchError} when the process fails
 */
export async function measureLaunching(): Promise<Launching> {
  const folder = temporaryFolder("launching-");
  try {
    const args = ["advantages", "--preset", "smoke", "--out", folder, "--plan"];
    const begun = performance.now();
    await childJson(commandLine("experiments", args), "plan", { cwd: projectFolder() });
    const plan = (performance.now() - begun) / 1000;
    const store = openStore(folder);
    const read = async () => {
      for (let i = 0; i < READ_ENTRIES; i++) {
        await store.json("entries", { i }, () => Promise.resolve("x".repeat(ENTRY_LENGTH)));
      }
    };
    await read();
    const stored = performance.now();
    await read();
    return { plan, entry: (performance.now() - stored) / 1000 / READ_ENTRIES };
  } finally {
    await removeQuietly(folder);
  }
}

/**
 * The waves of the sweep. A process runs the experiment up to its cell and reads all that is there: on average half of
 * its own wave.
 */
function wavesOf(
  { trainings, trainingSteps, evaluationSamplings }: CostConfig["cluster"],
  { sampling, step }: { readonly sampling: number; readonly step: number },
  { plan, entry }: Launching,
): Wave[] {
  const training = trainingSteps * step;
  const waves = [
    [training],
    new Array<number>(trainings).fill(training),
    new Array<number>(trainings).fill(evaluationSamplings * sampling),
  ];
  let stored = 0;
  return waves.map((cells) => {
    const before = stored;
    stored += cells.length;
    return {
      plan: plan + before * entry,
      start: plan + (before + cells.length / 2) * entry,
      cells,
    };
  });
}

/**
 * Simulates the sweep for each measured size of the model on each number of nodes.
 *
 * @param measurements what was timed
 * @param launching what the launcher takes
 * @param config options
 * @returns one for each size and number of nodes
 */
export function simulateSweeps(
  measurements: readonly Measurement[],
  launching: Launching,
  { cluster }: CostConfig,
): Simulated[] {
  const sizes = measurements.filter(({ group, name }) => group === "size" && name === "LoRA");
  return sizes.flatMap(({ found: { parameters, seconds } }) => {
    const sampling = average(seconds.sampling!);
    const step = sampling + average(seconds.training!);
    const waves = wavesOf(cluster, { sampling, step }, launching);
    const behaviour = {
      spread: cluster.spread,
      failureRate: 1 / (86_400 * cluster.daysBetweenFailures),
      repair: 3600 * cluster.repairHours,
      requeue: cluster.requeueSeconds,
      checkpoint: cluster.checkpointSteps * step,
      longestArray: cluster.longestArray,
    };
    const alone = waves.flatMap(({ cells }) => cells).reduce((sum, cell) => sum + cell);
    return cluster.nodes.map((nodes): Simulated => {
      const runs = Array.from(
        { length: cluster.draws },
        (_, draw) =>
          simulateSweep(waves, nodes, behaviour, randomStream(draw, "cluster", parameters, nodes)),
      );
      const share = (part: "useful" | "lost" | "starting") =>
        average(runs.map((run) => run[part] / (nodes * run.makespan)));
      return {
        parameters,
        nodes,
        alone,
        makespans: runs.map(({ makespan }) => makespan),
        useful: share("useful"),
        starting: share("starting"),
        lost: share("lost"),
        failures: average(runs.map(({ failures }) => failures)),
      };
    });
  });
}
