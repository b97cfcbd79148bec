/** A model by name, ready to compute. @module */

import { type LoadedTransformer, loadTransformer, type TinySizes } from "../model/mod.ts";
import type { OnStage } from "../runtime/mod.ts";

/** Told what a user should know: a sentence without a full stop. */
export type OnNote = (note: string) => void;

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
): Promise<LoadedTransformer> {
  const loading = stage(`Loading ${name}`);
  const loaded = await loadTransformer(name, { seed: 0, sizes, onProgress: loading.update });
  loading.finish();
  return loaded;
}
