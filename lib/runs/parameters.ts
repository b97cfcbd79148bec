/**
 * The parameters that are trained: which they are, their initial values, their file, and reading them again. Runs of
 * `deno task train` and the stages of experiments keep them alike.
 *
 * @module
 */

import { join } from "@std/path";
import {
  asFloatTensor,
  createAdapter,
  fullParameters,
  type ModelConfig,
  openBytes,
  readAdapter,
  readSafetensors,
  readSafetensorsHeader,
  toPeftTensors,
  type Trainable,
  type Transformer,
  withValues,
  writeAdapter,
  writeSafetensors,
} from "../model/mod.ts";
import {
  isFile,
  type OutputOf,
  randomStream,
  tf,
  UsageError,
  WorkbenchError,
} from "../runtime/mod.ts";
import type { CheckpointRun } from "../training/mod.ts";
import * as schemas from "./schemas.ts";

/** What is trained of the model. */
export const tuningSchema: (typeof schemas)["tuningSchema"] = schemas.tuningSchema;

/** See {@linkcode tuningSchema}. */
export type Tuning = OutputOf<typeof tuningSchema>;

/** Names inside the folder of trained parameters. */
export const parameterFiles = {
  parameters: "parameters.safetensors",
  adapter: "adapter",
} as const;

/** The one tensor of the file: all parameters in a row. */
const VALUES = "values";

/**
 * What is trained, before the first step.
 *
 * @param model the model whose weights it is laid over, or a copy of whose weights it is
 * @param tuning which parameters
 * @param seed seed of an adapter's random factors
 * @returns parameters whose values the caller disposes of
 */
export function initialTrainable(model: Transformer, tuning: Tuning, seed: number): Trainable {
  if (tuning.kind === "full") return fullParameters(model);
  const { kind: _, ...lora } = tuning;
  return { kind: "lora", ...createAdapter(model.config, lora, randomStream(seed, "adapter")) };
}

/** The name on the Hugging Face Hub of a model that has a short one here. */
export function hubName(model: string): string {
  return model === "smollm2" ? "HuggingFaceTB/SmolLM2-135M-Instruct" : model;
}

/**
 * Writes parameters into a folder, an adapter in PEFT's form too. The parameters come last: a folder that holds them is
 * whole.
 *
 * @param folder where they go
 * @param model shape of the model
 * @param trainable the parameters
 * @param baseModel name of the model that an adapter belongs to
 * @param run what run they are of, as JSON; it stands in their file
 */
export async function writeParameters(
  folder: string,
  model: ModelConfig,
  trainable: Trainable,
  baseModel: string,
  run?: unknown,
): Promise<void> {
  const values = trainable.values.dataSync() as Float32Array;
  if (trainable.kind === "lora") {
    await writeAdapter(join(folder, parameterFiles.adapter), {
      config: trainable.config,
      tensors: toPeftTensors(model, trainable, values),
      baseModel: hubName(baseModel),
    });
  }
  await writeSafetensors(
    join(folder, parameterFiles.parameters),
    new Map([[VALUES, { shape: [values.length], data: values }]]),
    { format: "pt", ...run !== undefined && { run: JSON.stringify(run) } },
  );
}

/**
 * What the parameters of a folder say that their run is.
 *
 * @param folder where they are
 * @returns path of their file and what {@linkcode writeParameters} was given, undefined where it was given nothing or the
 *   file is damaged; undefined where there are no parameters
 */
export async function parametersRun(folder: string): Promise<CheckpointRun | undefined> {
  const path = join(folder, parameterFiles.parameters);
  if (!await isFile(path)) return undefined;
  try {
    using source = openBytes(path);
    const { run } = readSafetensorsHeader(source).metadata;
    return { path, run: run === undefined ? undefined : JSON.parse(run) };
  } catch (error) {
    if (!(error instanceof WorkbenchError || error instanceof SyntaxError)) throw error;
    return { path, run: undefined };
  }
}

/**
 * Reads what {@linkcode writeParameters} wrote.
 *
 * @param folder where they are
 * @param model the model that they were trained in
 * @param tuning which parameters they are
 * @returns parameters whose values the caller disposes of
 * @throws {UsageError} when their number is not that of the model and tuning
 */
export function readParameters(folder: string, model: Transformer, tuning: Tuning): Trainable {
  const path = join(folder, parameterFiles.parameters);
  const initial = initialTrainable(model, tuning, 0);
  initial.values.dispose();
  const values = storedValues(path);
  if (values.length !== initial.values.size) {
    throw new UsageError(
      `Expected ${initial.values.size} parameters but found ${values.length} in ${path}`,
    );
  }
  return withValues(initial, tf.tensor1d(values));
}

/** The numbers in a file of parameters. */
function storedValues(path: string): Float32Array {
  const stored = readSafetensors(path).get(VALUES);
  if (stored === undefined) {
    throw new WorkbenchError(`Expected a tensor ${VALUES} but found none in ${path}`);
  }
  return asFloatTensor(stored, VALUES, path).data;
}

/**
 * Makes sure that what {@linkcode writeParameters} wrote is whole.
 *
 * @param folder where it is
 * @param tuning which parameters they are
 * @throws {WorkbenchError} when a file is missing, cut short or damaged, or holds a number that is not finite
 */
export async function checkParameters(folder: string, tuning: Tuning): Promise<void> {
  storedValues(join(folder, parameterFiles.parameters));
  if (tuning.kind === "lora") await readAdapter(join(folder, parameterFiles.adapter));
}
