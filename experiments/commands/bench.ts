/**
 * `deno task bench`: measures how fast this machine trains and generates, alone or side by side with other software.
 *
 * @module
 */
import { resolve } from "@std/path";
import { z } from "zod";
import { disposeTransformer, resolveModel } from "../../lib/model/mod.ts";
import {
  backendFor,
  type BackendInfo,
  disposeGraphs,
  precisions,
  runCommand,
  startBackend,
  UsageError,
  WorkbenchError,
  writeFileAtomic,
} from "../../lib/runtime/mod.ts";
import {
  type BenchmarkName,
  benchmarks,
  type Choice,
  chooseWorkloads,
} from "../bench/benchmarks.ts";
import {
  compare,
  comparisonTable,
  differences,
  measurementTable,
  medians,
  type Round,
} from "../bench/comparison.ts";
import { peersFolder, peersPython, terminal } from "../bench/environment.ts";
import type { Measurements } from "../bench/measure.ts";
import { availablePeers, measureOurs, measurePeer, type Peer } from "../bench/processes.ts";
import { type Profile, profileGrpo, profileReport } from "../bench/profile.ts";

const schema = z.object({
  only: z.array(z.string()).optional().describe(
    "Models (tiny, smollm2), workloads (sft) or both (tiny/sft) to measure; everything without it",
  ),
  steps: z.int().min(2).default(4).describe(
    "Steps of each run of GRPO; the first one does not count",
  ),
  precision: z.enum(precisions).default("float32").describe(
    "What large matrix products are computed in, by the peers, too",
  ),
  rounds: z.int().min(1).optional().describe(
    "Times that everything is measured, peers in turn; 3 where peers are, 1 else",
  ),
  profile: z.boolean().default(false).describe(
    "Show where the time of a GRPO step goes, by part and by operation, instead",
  ),
  compare: z.boolean().default(false).describe("Measure the peers too and print ratios"),
  peers: z.string().optional().describe(
    "Python with the peers' packages, for --compare; without it they are fetched into the cache",
  ),
  yes: z.boolean().default(false).describe("Fetch the peers' packages without asking"),
  model: z.string().default("smollm2").describe("GGUF file of SmolLM2-135M-Instruct"),
  json: z.string().optional().describe("The file to write the numbers to"),
}).refine(({ profile, compare, rounds }) => !profile || !(compare || rounds), {
  message: "Expected neither --compare nor --rounds with --profile",
  path: ["profile"],
});

/** Measurements of one model in all rounds. */
interface Series {
  readonly ours: Measurements[];
  readonly peers: Map<string, Round[]>;
}

/** The peers to run; says which ones cannot. */
async function findPeers(
  { compare, peers, yes }: z.infer<typeof schema>,
): Promise<{ python: string; available: readonly Peer[] }> {
  if (!compare) return { python: "", available: [] };
  const python = peers === undefined
    ? await peersPython(yes, terminal())
    : peers.includes("/")
    ? resolve(peers)
    : peers;
  const { available, absent } = await availablePeers(python, peersFolder);
  absent.forEach((line) => console.error(line));
  return { python, available };
}

/** Loads the chosen models one after the other and shows where their time goes. */
async function profile(
  choices: readonly Choice[],
  { steps, model, json, precision }: z.infer<typeof schema>,
): Promise<void> {
  const part = choices.find(({ benchmark, workloads }) =>
    workloads.length < benchmarks[benchmark].names.length
  );
  if (part !== undefined) {
    throw new UsageError(
      `Expected only to name models with --profile but found workloads of ${part.benchmark} on the command line`,
    );
  }
  const path = await resolveModel(model);
  const backend = await startBackend(backendFor(precision));
  console.log(`${backendLine(backend)}, load average ${Deno.loadavg()[0]!.toFixed(1)}`);
  const found: Record<string, Profile> = {};
  for (const { benchmark } of choices) {
    console.error(`${benchmark}: profile`);
    const run = await benchmarks[benchmark].grpoRun({ model: path, steps, precision });
    const profile = await profileGrpo(run);
    disposeTransformer(run.model);
    disposeGraphs();
    console.log(`\n${profileReport(benchmark, profile)}`);
    found[benchmark] = profile;
  }
  if (json !== undefined) {
    const { name, versions, machine } = backend;
    const results = { backend: name, versions, machine, precision, steps, profiles: found };
    await writeFileAtomic(json, `${JSON.stringify(results, null, 2)}\n`);
  }
}

/** What computes, in one line. */
function backendLine({ name, versions, machine }: BackendInfo): string {
  const software = Object.entries(versions).map((pair) => pair.join(" ")).join(", ");
  return `${name} backend, ${software}, ${machine.cores} cores of ${machine.cpu}`;
}

/** A peer that fails costs its own numbers only. */
function reportFailure(error: unknown): undefined {
  if (!(error instanceof WorkbenchError)) throw error;
  console.error(error.message);
}

await runCommand(
  {
    name: "bench",
    summary: "Measures training and generation, alone or side by side with PyTorch and llama.cpp.",
    schema,
    examples: [
      "--json bench.json",
      "--only tiny,smollm2/grpo",
      "--compare",
      "--compare --peers venv/bin/python",
      "--profile --only tiny",
    ],
  },
  Deno.args,
  async (options) => {
    const { steps, model, precision } = options;
    const choices = chooseWorkloads(options.only ?? []);
    if (options.profile) return await profile(choices, options);
    const peers = await findPeers(options);
    const rounds = options.rounds ?? (peers.available.length > 0 ? 3 : 1);
    const path = await resolveModel(model);
    if (peers.available.length > 0 && !path.endsWith(".gguf")) {
      throw new UsageError(`Expected model to be a GGUF file for the peers but found ${path}`);
    }
    const before = Deno.loadavg();
    const series = new Map<BenchmarkName, Series>();
    let backend: BackendInfo | undefined;
    for (let round = 0; round < rounds; round++) {
      for (const choice of choices) {
        const request = { ...choice, steps, model: path, precision };
        const reply = await measureOurs(request);
        backend = reply.backend;
        const { ours, peers: others } = series.get(choice.benchmark) ??
          { ours: [], peers: new Map<string, Round[]>() };
        series.set(choice.benchmark, { ours, peers: others });
        ours.push(reply.found);
        for (const peer of peers.available) {
          if (peer.benchmark !== choice.benchmark) continue;
          console.error(`${choice.benchmark}: ${peer.name}`);
          const theirs = await measurePeer(peer, peers.python, peersFolder, request, path)
            .catch(reportFailure);
          if (theirs === undefined) continue;
          others.set(peer.name, [...others.get(peer.name) ?? [], { ours: reply.found, theirs }]);
        }
      }
    }
    const load = { before, after: Deno.loadavg() };
    const { machine, versions, name, note } = backend!;
    if (note) console.error(`note: ${note}`);
    console.log(
      `${backendLine(backend!)}, load average ${load.before[0]!.toFixed(1)} to ${
        load.after[0]!.toFixed(1)
      }`,
    );
    for (const benchmark of Object.keys(benchmarks) as BenchmarkName[]) {
      const found = series.get(benchmark);
      if (found === undefined) continue;
      console.log(`\n${measurementTable(benchmark, medians(found.ours))}`);
      for (const [peer, both] of found.peers) {
        console.log(`\n${comparisonTable(`${benchmark}, side by side`, peer, compare(both))}`);
        differences(both).forEach((line) => console.error(line));
      }
    }
    if (options.json !== undefined) {
      const results = {
        backend: name,
        versions,
        machine,
        load_average: load,
        precision,
        steps,
        rounds,
        models: Object.fromEntries(
          [...series].map(([benchmark, { ours, peers }]) => [benchmark, {
            medians: medians(ours),
            rounds: ours,
            peers: Object.fromEntries(
              [...peers].map(([peer, both]) => [peer, {
                medians: medians(both.map(({ theirs }) => theirs)),
                rounds: both.map(({ theirs }) => theirs),
                ratios: Object.fromEntries(
                  compare(both).map((
                    { name, ratio, low, high },
                  ) => [name, { median: ratio, min: low, max: high }]),
                ),
              }]),
            ),
          }]),
        ),
      };
      await writeFileAtomic(options.json, `${JSON.stringify(results, null, 2)}\n`);
    }
  },
);
