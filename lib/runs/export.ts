/** A trained run as files that other programs read, with a model card and a note on licences. @module */

import { join, resolve } from "@std/path";
import {
  createTransformer,
  disposeTransformer,
  type FloatFormat,
  loadCheckpoint,
  readAdapter,
  trainedCheckpoint,
  writeAdapter,
  writeCheckpoint,
  writeGguf,
} from "../model/mod.ts";
import {
  cardFile,
  checkOwnCard,
  checkWritable,
  isFile,
  type OnStage,
  sealed,
  UsageError,
  writeFileAtomic,
} from "../runtime/mod.ts";
import { type ExportFormat, isApache, licenceNote, modelCard, publicName } from "./model_card.ts";
import type { OnNote } from "./model.ts";
import { readResults, resultsFile } from "./results.ts";
import { checkModelFiles, finishedRun, runFiles, type RunFolder, runTrainable } from "./folder.ts";

/** What {@linkcode exportRun} needs. */
export interface ExportOptions {
  /** The run's folder. */
  readonly run: string;
  /** Which files. */
  readonly format: ExportFormat;
  /** Number format of the weights of safetensors. */
  readonly numberFormat: FloatFormat;
  /** Where they go. */
  readonly out: string;
  /** Title of the model card. */
  readonly name: string;
  /** Shows a bar. */
  readonly stage: OnStage;
  /** Told what a user should know about the model and what it reads. */
  readonly onNote?: OnNote | undefined;
}

/**
 * Writes a finished run's model to a folder: a model folder in Hugging Face's layout, an adapter in PEFT's, or
 * `model.gguf` for llama.cpp; with README.md (the model card), NOTICE and, where the base model's licence is
 * Apache-2.0, LICENSE.
 *
 * @throws UsageError when the run has not come to its end, has no adapter to write, or `out` holds a run or a README.md that
 *   is not an unchanged card
 */
export async function exportRun(options: ExportOptions): Promise<RunFolder> {
  const { format, out, name } = options;
  const run = await finishedRun(options.run);
  if (resolve(out) === resolve(run.folder) || await isFile(join(out, runFiles.record))) {
    throw new UsageError(`Expected --out to be another folder than a run's but found ${out}`);
  }
  await checkWritable(out);
  await checkOwnCard(out, "a model card as export wrote it");
  await checkModelFiles(run);
  if (format === "peft") {
    if (run.config.tuning.kind !== "lora") {
      throw new UsageError(
        `Expected a run with LoRA tuning for the format peft but found ${run.config.tuning.kind} tuning in ${run.folder}`,
      );
    }
    const adapter = await readAdapter(join(run.folder, runFiles.adapter));
    await writeAdapter(out, { ...adapter, baseModel: publicName(run.config.model) });
  } else {
    await writeModel(options, run);
  }
  const results = await isFile(join(run.folder, resultsFile))
    ? await readResults(run.folder)
    : undefined;
  await writeFileAtomic(join(out, cardFile), await sealed(modelCard(run, format, name, results)));
  await writeFileAtomic(join(out, "NOTICE"), licenceNote(run));
  if (isApache(run.config.model)) {
    const licence = await Deno.readTextFile(new URL("../../LICENSE", import.meta.url));
    await writeFileAtomic(join(out, "LICENSE"), licence);
  }
  return run;
}

/** Weights with what was trained in them. */
async function writeModel(
  { format, numberFormat, out, name, stage, onNote }: ExportOptions,
  run: RunFolder,
): Promise<void> {
  const loading = stage(`Loading ${run.config.model}`);
  const checkpoint = await loadCheckpoint(run.config.model, { onProgress: loading.update });
  loading.finish();
  checkpoint.notes?.forEach((note) => onNote?.(note));
  const model = createTransformer(checkpoint);
  const trainable = runTrainable(model, run);
  const values = trainable.values.dataSync() as Float32Array;
  const trained = trainedCheckpoint(checkpoint, trainable, values);
  trainable.values.dispose();
  disposeTransformer(model);
  const named = { ...trained, source: { ...trained.source, name } };
  if (format === "gguf") await writeGguf(join(out, "model.gguf"), named);
  else await writeCheckpoint(out, named, { format: numberFormat });
}
