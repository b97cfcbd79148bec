/**
 * Where the time of training and of generation goes: by part of a GRPO step as it usually runs, by operation without
 * recorded graphs, and as a share of the speed of plain matrix products.
 *
 * @module
 */
import { currentPolicy, disposePolicy } from "../../lib/model/mod.ts";
import { trainingFlops } from "./flops.ts";
import {
  createLearner,
  disposeLearner,
  grpoParts,
  learn,
  type PartTimes,
  sampleBatches,
  timeParts,
} from "./grpo_parts.ts";
import type { GrpoRun } from "./grpo_run.ts";
import { matmulSpeed } from "./matmul.ts";
import { medianSeconds } from "./measure.ts";
import {
  type OperationProfile,
  operationTable,
  profileDifference,
  profileOperations,
} from "./operations.ts";
import { short, textTable } from "./table.ts";

/** What was found. */
export interface Profile {
  /** Seconds by part of a step, as it usually runs. */
  readonly parts: PartTimes;
  /** Seconds of a step of decoding, as it usually runs. */
  readonly decodeSeconds: number;
  /** The operations of a step without its generation: reference, record, backward, optimizer. */
  readonly training: OperationProfile;
  /** The operations of a step of decoding. */
  readonly decoding: OperationProfile;
  /** Operations on numbers that training needs in a step, forward and backward. */
  readonly trainingFlops: number;
  /** The best speed of plain matrix products, in operations a second. */
  readonly matmulRate: number;
}

/** The parts of a step that are its training. */
const trainingParts = ["record", "backward", "optimizer"] as const;

/** Seconds that training takes in a step. */
const trainingSeconds = ({ parts }: Profile): number =>
  trainingParts.reduce((n, part) => n + parts[part], 0);

/** Share of the speed of matrix products that training reaches. */
export function trainingShare(profile: Profile): number {
  return profile.trainingFlops / trainingSeconds(profile) / profile.matmulRate;
}

/** Sizes of the matrix products that set the scale. */
const SCALE_SIZES = [512, 1024];

/**
 * Profiles a run of GRPO; frees its trainable.
 *
 * @param run what to take steps of
 * @param products operations in each measurement of the speed of matrix products
 */
export async function profileGrpo(run: GrpoRun, products = 4e9): Promise<Profile> {
  const before = await matmulSpeed(SCALE_SIZES, products);
  const learner = createLearner(run);
  const parts = await timeParts(learner, run.steps);
  const { trainable } = learner;
  const policy = currentPolicy(run.model, trainable);
  const batches = await sampleBatches(learner, policy, run.newTokens);
  const generating = (newTokens: number) => async () => {
    await sampleBatches(learner, policy, newTokens);
  };
  const decodeSteps = run.newTokens - 1;
  const decodeSeconds = (await medianSeconds(generating(run.newTokens), run.steps) -
    await medianSeconds(generating(1), run.steps)) / decodeSteps;
  // What runs for the first time is not measured: operations choose their ways then.
  await profileOperations(generating(2));
  const decoding = profileDifference(
    await profileOperations(generating(run.newTokens)),
    await profileOperations(generating(1)),
    decodeSteps,
  );
  const flops = batches.reduce(
    (n, batch) => n + trainingFlops(run.model.config, batch, trainable),
    0,
  );
  const learning = () => learn(learner, policy, batches);
  await profileOperations(learning);
  const training = await profileOperations(learning);
  disposePolicy(policy, trainable);
  disposeLearner(learner);
  const after = await matmulSpeed(SCALE_SIZES, products);
  const matmulRate = 1e9 * Math.max(...Object.values(before), ...Object.values(after));
  return { parts, decodeSeconds, training, decoding, trainingFlops: flops, matmulRate };
}

/** A profile as text: the parts, the share, the operations. */
export function profileReport(title: string, profile: Profile): string {
  const { parts, decodeSeconds, training, decoding, matmulRate } = profile;
  const whole = grpoParts.reduce((n, part) => n + parts[part], 0);
  const row = (name: string, seconds: number) => [
    name,
    short(seconds * 1000),
    `${(100 * seconds / whole).toFixed(1)} %`,
  ];
  const speed = profile.trainingFlops / trainingSeconds(profile);
  return [
    textTable([
      [`${title}: a GRPO step`, "ms", "share"],
      ...grpoParts.map((part) => row(part, parts[part])),
      row("all", whole),
    ]),
    `\nTraining (${trainingParts.join(", ")}) needs ${
      short(profile.trainingFlops / 1e9)
    } GFLOP and takes ${short(trainingSeconds(profile) * 1000)} ms: ${
      short(speed / 1e9)
    } GFLOP/s, ${(100 * trainingShare(profile)).toFixed(0)} % of the ${
      short(matmulRate / 1e9)
    } GFLOP/s of plain matrix products.`,
    `A step of decoding takes ${short(decodeSeconds * 1000)} ms, ${
      short(decoding.seconds * 1000)
    } ms operation by operation.`,
    "\nOperation by operation, without recorded graphs:",
    `\n${operationTable(`${title}: all but generation`, training)}`,
    `\n${operationTable(`${title}: a step of decoding`, decoding)}`,
  ].join("\n");
}
