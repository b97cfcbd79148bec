/**
 * One run of GRPO on sampled answers: trained as users train, judged by exact values and gradients on the way, kept in the
 * store.
 *
 * @module
 */

import { stoppable } from "../core/stop.ts";
import { join } from "@std/path";
import { z } from "zod";
import { choiceProbabilities, type Laboratory, promptValues } from "../../lib/laboratory/mod.ts";
import { encodePrompt, type Trainable } from "../../lib/model/mod.ts";
import { tf } from "../../lib/runtime/mod.ts";
import {
  type GrpoConfig,
  grpoSchema,
  namedMetrics,
  type Observe,
  preferredMetric,
  type Run,
  type StepLog,
  stepMeasure,
  trainGrpo,
} from "../../lib/training/mod.ts";
import type { Ground, OpenGround } from "../laboratory/replicate.ts";
import { stepsOn } from "../stages/train.ts";
import { arms } from "./arms.ts";
import type { SampledConfig } from "./config.ts";
import type { Condition } from "./findings.ts";
import { gradientsInUnits } from "./exact_units.ts";
import { lookupRewards } from "./lookup.ts";
import type { RunValues } from "./outcomes.ts";
import { type SignalInput, signalToNoise } from "./signal.ts";

/** Raised when a run computes something else from the same inputs, so that stored runs are not mixed. */
const TRIAL_VERSION = 2;

/** What a run is, besides the ground that it stands on. */
export interface TrialSpec {
  /** Arm, preference by name, and prompts a step. */
  readonly condition: Condition;
  /** Weights of the preference, [m]. */
  readonly weights: readonly number[];
  /** Seed of the training and of an adapter's initial values. */
  readonly seed: number;
  /** Numbers of steps after which the exact signal to noise is measured. */
  readonly signalSteps: readonly number[];
}

/** What is kept of a run. */
export interface Trial {
  /** What each step logged, `harm/NAME` and `signal/NAME` among it. */
  readonly log: readonly StepLog[];
  /** Exact values at the judged steps. */
  readonly values: RunValues;
  /** Probability of a text outside the closed answers, mean over the trained prompts. */
  readonly outside: { readonly start: number; readonly end: number };
  /** Seconds that it took, now or when it was made. */
  readonly seconds: number;
}

const rows = z.array(z.array(z.number()));

/** Exact values after some steps. */
const judgedSchema = z.object({ train: rows, heldOut: rows, outside: z.number() });

type Judged = z.output<typeof judgedSchema>;

const TRIAL = "trial.json";

const judgedFile = (step: number): string => `judged-${step}.json`;

/** Six decimals: the store need not hold what single precision does not know. */
const rounded = (x: number): number => Math.round(x * 1e6) / 1e6;

/** Values of every prompt's rewards, [prompts][rewards], and the probability outside its answers. */
function promptRows(lab: Laboratory, trainable: Trainable): { rows: number[][]; outside: number } {
  const probabilities = choiceProbabilities(lab, trainable);
  const inside = probabilities.flat().reduce((sum, p) => sum + p, 0) / probabilities.length;
  return {
    rows: probabilities.map((own, x) => promptValues(own, lab.prompts[x]!.rewards).map(rounded)),
    // Rounding of single precision may leave a little less than nothing.
    outside: Math.max(0, 1 - inside),
  };
}

/** Judges the parameters on both parts. */
function judge({ train, heldOut }: OpenGround, trainable: Trainable): Judged {
  const own = promptRows(train, trainable);
  return {
    train: own.rows,
    heldOut: promptRows(heldOut(), trainable).rows,
    outside: own.outside,
  };
}

/** The options of GRPO of a run. */
function grpoConfig({ condition, weights, seed }: TrialSpec, config: SampledConfig): GrpoConfig {
  return grpoSchema.parse({
    ...config.grpo,
    ...arms[condition.arm],
    promptsPerStep: condition.prompts,
    rewardWeights: [...weights],
    seed,
  });
}

/** Whether values are judged after so many steps. */
const isJudged = (step: number, { judgeSteps, grpo }: SampledConfig): boolean =>
  step % judgeSteps === 0 || step === grpo.maxSteps;

/** The signal to noise before a step, in the metric of the step with the preferred sum of the exact gradients. */
async function loggedSignal(
  input: Omit<SignalInput, "metric">,
  run: Run,
  gradients: readonly tf.Tensor1D[],
): Promise<Record<string, number>> {
  const metric = preferredMetric(run, gradients, input.config.rewardWeights);
  const { drawn, whole } = await signalToNoise({ ...input, metric });
  metric.dispose();
  const names = input.lab.rewardNames;
  return {
    ...namedMetrics("signal/drawn", names, drawn),
    ...namedMetrics("signal/whole", names, whole),
  };
}

/** Trains, judges on the way, and writes what happened into a folder; `scratch` outlives a killed run. */
async function train(
  ground: Ground,
  spec: TrialSpec,
  config: SampledConfig,
  folder: string,
  scratch: string,
  onStep: (log: StepLog, maxSteps: number) => void,
): Promise<void> {
  const open = await ground.open();
  const { model } = open.train;
  const { tokenizer, config: { system } } = ground.bench;
  const { rewardNames } = ground;
  const prompts = ground.train.map(({ prompt, task }) => ({
    ids: encodePrompt(tokenizer, prompt, system),
    stratum: task,
  }));
  const reward = lookupRewards(ground.train, rewardNames.length);
  const grpo = grpoConfig(spec, config);
  const sampling = { prompts, tokenizer, reward, config: grpo };
  const keep = (step: number, trainable: Trainable) =>
    Deno.writeTextFile(join(scratch, judgedFile(step)), JSON.stringify(judge(open, trainable)));
  const observe: Observe = async (run) => {
    if (isJudged(run.step, config)) await keep(run.step, run.trainable);
    const asksSignal = spec.signalSteps.includes(run.step);
    const asksHarm = config.harmSteps.includes(run.step + 1);
    if (!asksSignal && !asksHarm) return undefined;
    const gradients = gradientsInUnits(open.train, run.trainable, grpo);
    const signal = asksSignal
      ? await loggedSignal(
        { ...sampling, lab: open.train, trainable: run.trainable },
        run,
        gradients,
      )
      : {};
    const measure = asksHarm ? stepMeasure(run, gradients, spec.weights) : undefined;
    return () => {
      const cosines = measure?.();
      tf.dispose(gradients);
      return { ...signal, ...(cosines && namedMetrics("harm", rewardNames, cosines)) };
    };
  };
  const { trainable, log } = await stoppable(ground.bench.context.stop, (signal) =>
    trainGrpo({
      ...sampling,
      signal,
      model,
      trainable: open.start,
      rewardNames,
      observe,
      folder: scratch,
      onStep,
    }));
  await keep(grpo.maxSteps, trainable);
  trainable.values.dispose();
  await Deno.writeTextFile(
    join(folder, TRIAL),
    JSON.stringify({ log, ...await gathered(scratch, config) }),
  );
}

/** Reads what was judged on the way. */
async function gathered(
  scratch: string,
  config: SampledConfig,
): Promise<Pick<Trial, "values" | "outside">> {
  const steps = Array.from({ length: config.grpo.maxSteps + 1 }, (_, step) => step)
    .filter((step) => isJudged(step, config));
  const judged: Judged[] = [];
  for (const step of steps) {
    const text = await Deno.readTextFile(join(scratch, judgedFile(step)));
    judged.push(judgedSchema.parse(JSON.parse(text)));
  }
  return {
    values: {
      steps,
      train: judged.map(({ train }) => train),
      heldOut: judged.map(({ heldOut }) => heldOut),
    },
    outside: { start: judged[0]!.outside, end: judged.at(-1)!.outside },
  };
}

/**
 * Trains and judges, or reads the run from the store.
 *
 * @param ground start and prompts
 * @param spec arm, preference, seed
 * @param config options
 * @returns what happened
 * @throws {UsageError} when an option does not fit
 * @throws {WorkbenchError} when a number is no longer finite
 */
export async function sampledTrial(
  ground: Ground,
  spec: TrialSpec,
  config: SampledConfig,
): Promise<Trial> {
  const { context } = ground.bench;
  const { arm, preference, prompts } = spec.condition;
  const key = {
    ...ground.key,
    version: TRIAL_VERSION,
    grpo: grpoConfig(spec, config),
    tuning: config.tuning,
    judgeSteps: config.judgeSteps,
    harmSteps: config.harmSteps,
    signalSteps: spec.signalSteps,
  };
  const bar = context.stage(`${arm}, ${preference}, ${prompts} prompts, seed ${spec.seed}`);
  const stage = await context.store.files(
    "sampled-trial",
    key,
    (folder, scratch) => train(ground, spec, config, folder, scratch, stepsOn(bar)),
  );
  bar.finish(stage.cached ? "from the store" : undefined);
  const kept = JSON.parse(await Deno.readTextFile(join(stage.path, TRIAL)));
  return { ...kept, seconds: stage.seconds };
}
