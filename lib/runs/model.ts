/** A model by name, ready to compute. @module */

import {
  type Checkpoint,
  createTransformer,
  loadCheckpoint,
  type TinySizes,
  type Tokenizer,
  type Transformer,
} from "../model/mod.ts";
import type { OnStage } from "../runtime/mod.ts";

/** Told what a user should know: a sentence without a full stop. */
export type OnNote = (note: string) => void;

/** A model's tensors and tokenizer, and where they came from. */
export interface OpenModel {
  /** Its tensors; the caller disposes of them. */
  readonly model: Transformer;
  /** Its tokenizer. */
  readonly tokenizer: Tokenizer;
  /** Where it came from. */
  readonly source: Checkpoint["source"];
  /** What its reader took for granted, as sentences for the user. */
  readonly notes: readonly string[];
}

/**
 * Loads a model; what its files hold besides is not kept.
 *
 * @param name smollm2, tiny, the path of a model or owner/name on the Hub
 * @param stage shows a bar
 * @param sizes width and depth of the tiny model, where they are other ones
 * @returns the model
 * @throws {UsageError} when there is no such model, or another one than the tiny model is given sizes
 */
export async function openModel(
  name: string,
  stage: OnStage,
  sizes?: TinySizes,
): Promise<OpenModel> {
  const loading = stage(`Loading ${name}`);
  const checkpoint = await loadCheckpoint(name, { seed: 0, sizes, onProgress: loading.update });
  const model = createTransformer(checkpoint);
  loading.finish();
  const { tokenizer, source, notes = [] } = checkpoint;
  return { model, tokenizer, source, notes };
}
