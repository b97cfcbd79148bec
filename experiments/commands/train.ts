/**
 * `deno task train`: trains a model into a run folder, or goes on with the run that is there.
 *
 * @module
 */
import { z } from "zod";
import {
  backendFor,
  parseConfig,
  progressBar,
  readConfig,
  runCommand,
  startBackend,
} from "../../lib/runtime/mod.ts";
import {
  commandOptions,
  completeConfig,
  finishedRun,
  fromOptions,
  logFile,
  overlay,
  type PartialConfig,
  runFiles,
  showProgress,
  trainRun,
  weakSignal,
} from "../../lib/runs/mod.ts";
import type { StepLog } from "../../lib/training/mod.ts";

const schema = z.object({
  out: z.string().min(1).describe("Folder of the run; made if it is not there"),
  config: z.string().min(1).optional().describe(
    "JSON file of options, such as the config.json of a run, or the JSON itself; options of the command line win over it",
  ),
  ...commandOptions(),
});

/** What --config names, and where it was read. */
async function givenConfig(
  given: string | undefined,
): Promise<{ file: PartialConfig; where: string }> {
  if (given === undefined) return { file: {}, where: "the configuration" };
  const { value, where } = await readConfig(given);
  return { file: parseConfig(z.record(z.string(), z.unknown()), value, where), where };
}

/** What an earlier run hands on to the one that starts from it. */
async function inherited(from: unknown): Promise<PartialConfig> {
  if (typeof from !== "string") return {};
  const { model, system, data, tuning, rewards } = (await finishedRun(from)).config;
  return { model, system, data, tuning, ...(rewards && { rewards }) };
}

await runCommand(
  {
    name: "train",
    summary:
      'Trains a model into a run folder. What is {"grpo": {"beta": 0}, "data": {"count": 90}} in the file of --config\nis --beta 0 --data-count 90 here. The same command goes on with a run that was stopped or killed.',
    schema,
    examples: [
      "--method sft --out runs/sft",
      "--method grpo --from runs/sft --out runs/grpo --max-steps 20",
      "--method sft --config train.json --data-items items.jsonl --out runs/own",
    ],
  },
  Deno.args,
  async ({ out, config: path, ...options }: { out: string; config?: string | undefined }) => {
    const given = options as PartialConfig;
    const { file, where } = await givenConfig(path);
    const own = overlay(file, fromOptions(given, given.method ?? file.method));
    const config = completeConfig(
      overlay(await inherited(own.from), own),
      where,
    );
    const { note, ...backend } = await startBackend(backendFor(config.precision));
    if (note) console.error(`note: ${note}`);
    const show = showProgress(config.method, (line) => console.error(line));
    const logs: StepLog[] = [];
    const stop = new AbortController();
    let code = 0;
    const stopWith = (signalCode: number) => () => {
      if (stop.signal.aborted) Deno.exit(signalCode);
      code = signalCode;
      console.error("\nStopping behind this step; once more stops at once.");
      stop.abort(new Error("stopped"));
    };
    try {
      const { run, steps } = await trainRun({
        config,
        out,
        backend,
        stage: progressBar,
        onNote: (note) => console.error(`note: ${note}`),
        onStart: () => {
          Deno.addSignalListener("SIGINT", stopWith(130));
          Deno.addSignalListener("SIGTERM", stopWith(143));
        },
        onStep: (log, maxSteps) => {
          logs.push(log);
          show(log, maxSteps);
        },
        onWarning: (line) => console.error(`warning: ${line}`),
        onDamaged: (path, step) =>
          console.error(
            `note: ${path} is damaged; the run goes on from step ${step}, that of the checkpoint before it`,
          ),
        signal: stop.signal,
      });
      const written = [runFiles.config, logFile, runFiles.parameters];
      if (config.tuning.kind === "lora") written.push(`${runFiles.adapter}/`);
      console.log(
        steps === 0
          ? `The run in ${run.folder} had come to its end before: ${written.join(", ")}`
          : `${steps} steps of ${config.method}; in ${run.folder}: ${written.join(", ")}`,
      );
      const weak = weakSignal(logs);
      if (weak !== undefined) console.error(`note: ${weak}`);
      // A listener would keep the process alive.
      Deno.exit(0);
    } catch (error) {
      if (code === 0 || error !== stop.signal.reason) throw error;
      console.error(`Stopped; the same command goes on from the checkpoint in ${out}`);
      Deno.exit(code);
    }
  },
);
