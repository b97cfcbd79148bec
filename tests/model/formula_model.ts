/** Models whose weights come from a formula, as in `foreign_files_reference.py`, and their logits. @module */

import {
  basePolicy,
  batchLogits,
  checkWeightShapes,
  configFromHuggingFace,
  createTransformer,
  disposeTransformer,
  type FloatTensor,
  packGroups,
  weightShapes,
} from "../../lib/model/mod.ts";
import { parityPath, readJson } from "./fixtures.ts";

/** A change of the base configuration and what transformers makes of it. */
export interface ConfigRow {
  /** The `model_type`. */
  readonly architecture: string;
  /** Values by key; the value `"absent"` takes a key away. */
  readonly change: Readonly<Record<string, unknown>>;
  /** The first logits behind the last token. */
  readonly logits?: readonly number[];
  /** What transformers raises instead. */
  readonly refused?: string;
}

const { ids, base }: { ids: number[]; base: Record<string, unknown> } = readJson(
  parityPath("foreign", "configs.json"),
);

/** The `config.json` that is changed, but for its `model_type`. */
export const baseConfig: Readonly<Record<string, unknown>> = base;

/** Weights by the formula of `foreign_files_reference.py`. */
function formulaWeights(shapes: ReadonlyMap<string, readonly number[]>): Map<string, FloatTensor> {
  return new Map([...shapes].map(([name, shape]) => {
    const start = new TextEncoder().encode(name).reduce((sum, byte) => sum + byte, 0) % 97;
    const data = Float32Array.from(
      { length: shape.reduce((a, b) => a * b, 1) },
      (_, i) => 0.4 * Math.sin(start + 0.7 * i) + (name.includes("norm") ? 1 : 0),
    );
    return [name, { shape, data }];
  }));
}

/** The `config.json` of a row. */
export function changedConfig({ architecture, change }: ConfigRow): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries({ model_type: architecture, ...base, ...change })
      .filter(([, value]) => value !== "absent"),
  );
}

/**
 * The logits behind the last of the reference's tokens.
 *
 * @param row a change of the configuration
 * @throws what the configuration or the weights' shapes are refused with
 */
export function lastLogits(row: ConfigRow): Float32Array {
  const weights = formulaWeights(weightShapes(
    configFromHuggingFace({ ...base, model_type: row.architecture }, undefined, "config.json"),
  ));
  const read = configFromHuggingFace(changedConfig(row), undefined, "config.json");
  // The stored head is another matrix than the embedding; readCheckpoint finds that out.
  const config = { ...read, tieWordEmbeddings: false };
  checkWeightShapes(config, new Map([...weights].map(([n, w]) => [n, w.shape])), "m");
  const model = createTransformer({ config, weights });
  const batch = packGroups([{ prompt: ids, completions: [] }]);
  const logits = batchLogits(basePolicy(model), batch, Int32Array.of(ids.length - 1));
  const found = logits.dataSync() as Float32Array;
  logits.dispose();
  disposeTransformer(model);
  return found;
}
