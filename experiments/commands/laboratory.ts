/**
 * `deno task laboratory`: trains a model on prompts with closed lists of answers, on exact gradients of several rewards,
 * and says what became of each of them.
 *
 * @module
 */
import { join } from "@std/path";
import { z } from "zod";
import { curves, type Figure, renderFigure } from "../../lib/figures/mod.ts";
import { type LaboratoryResults, laboratoryRunSchema, runLaboratory } from "../../lib/runs/mod.ts";
import { progressBar, runCommand, startBackend } from "../../lib/runtime/mod.ts";
import { textTable } from "../bench/table.ts";

const schema = laboratoryRunSchema.extend({
  out: z.string().min(1).describe("Folder of the run; made if it is not there"),
});

/** Falls of a mean reward below this are not seen in the table. */
const VISIBLE = 1e-4;

const share = (value: number | null): string => value === null ? "–" : value.toFixed(4);

/** What became of each reward, and a sentence on steps and weights. */
function report(results: LaboratoryResults, rule: string): string {
  const { rewards, steps, harmful_steps, worst_cosine, moved_steps } = results;
  const table = textTable([
    ["reward", "weight", "start", "end", "lowest", "held out: start", "end", "largest weight"],
    ...rewards.map((reward) => [
      reward.name,
      reward.preference.toFixed(3),
      share(reward.start),
      share(reward.end),
      share(reward.lowest),
      share(reward.held_out_start),
      share(reward.held_out_end),
      reward.largest_weight.toFixed(3),
    ]),
  ]);
  const harm = harmful_steps === 0
    ? `No step of ${steps} harms a reward to first order`
    : `${harmful_steps} of ${steps} steps harm a reward to first order`;
  const moved = moved_steps === 0
    ? "the weights stayed at the preference"
    : `the weights left the preference in ${moved_steps} of ${steps} steps`;
  const fallen = rewards.filter(({ start, lowest }) => lowest < start - VISIBLE);
  const curved = harmful_steps === 0 && fallen.length > 0
    ? `\n${
      fallen.map(({ name }) => name).join(", ")
    } fell all the same: a step bends, the less the smaller the learning rate.`
    : "";
  return `${table}\n\n${harm} (least cosine ${
    worst_cosine.toPrecision(2)
  }); ${rule}: ${moved}.${curved}`;
}

/** Mean rewards over the steps. */
function rewardCurves({ rewards, prompts }: LaboratoryResults, rule: string): Figure {
  return curves({
    title: "Mean rewards",
    series: rewards.map(({ name, values }) => ({ name, x: values.map((_, t) => t), y: values })),
    xTitle: "step",
    yTitle: "mean reward",
    caption: `Exact mean rewards of ${prompts} prompts, ${rule} weights.`,
    n: 1,
  });
}

await runCommand(
  {
    name: "laboratory",
    summary:
      "Trains a model on prompts with closed lists of answers and several rewards. The policy is a softmax over each list, so\nthat mean rewards and their gradients are exact: nothing is sampled. The same command goes on with a run that was stopped\nor killed.",
    schema,
    examples: [
      "--data tests/examples/own_laboratory.jsonl --model tiny --tuning full --out runs/lab",
      "--data own.jsonl --rule static --preference 0.7,0.3 --out runs/static",
      "--data own.jsonl --top-layers 6 --steps 100 --out runs/top",
    ],
  },
  Deno.args,
  async ({ out, ...config }) => {
    const { note, ...backend } = await startBackend();
    if (note) console.error(`note: ${note}`);
    const stop = new AbortController();
    let code = 0;
    const stopWith = (signalCode: number) => () => {
      if (stop.signal.aborted) Deno.exit(signalCode);
      code = signalCode;
      console.error("\nStopping behind this step; once more stops at once.");
      stop.abort(new Error("stopped"));
    };
    try {
      const results = await runLaboratory({
        config,
        out,
        backend,
        stage: progressBar,
        onNote: (note) => console.error(`note: ${note}`),
        onStart: () => {
          Deno.addSignalListener("SIGINT", stopWith(130));
          Deno.addSignalListener("SIGTERM", stopWith(143));
        },
        onDamaged: (path, step) =>
          console.error(
            `note: ${path} is damaged; the run goes on from step ${step}, that of the checkpoint before it`,
          ),
        signal: stop.signal,
      });
      const figure = await renderFigure(
        rewardCurves(results, config.rule),
        join(out, "figures"),
        "rewards",
      );
      console.log(report(results, config.rule));
      console.log(`\nIn ${out}: config.json, log.csv, results.json, the parameters; ${figure.svg}`);
      // A listener would keep the process alive.
      Deno.exit(0);
    } catch (error) {
      if (code === 0 || error !== stop.signal.reason) throw error;
      console.error(`Stopped; the same command goes on from the checkpoint in ${out}`);
      Deno.exit(code);
    }
  },
);
