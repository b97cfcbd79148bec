/**
 * Low-rank adaptation (Hu et al. 2021, arXiv 2106.09685): a frozen weight W [in, out] becomes
 * W + (alpha / r) A B with A [in, r] and B [r, out]; rank-stabilised adaptation (arXiv 2312.03732) scales by
 * alpha / sqrt(r).
 *
 * All adapter parameters are one flat vector, layer after layer: the optimizer and the Gram matrix of gradients see a
 * single tensor. Inside a layer the A matrices of projections that read the same input stand side by side.
 *
 * @module
 */

import { type RandomStream, type RowGroups, tf, UsageError } from "../../runtime/mod.ts";
import { inMessage } from "../formats/text.ts";
import type { ModelConfig } from "./config.ts";

/** The projections that can be adapted, under the names that PEFT uses. */
export const projections = [
  "q_proj",
  "k_proj",
  "v_proj",
  "o_proj",
  "gate_proj",
  "up_proj",
  "down_proj",
] as const;

/** One of {@linkcode projections}. */
export type Projection = typeof projections[number];

/** How a model is adapted; the names are PEFT's, in camel case. */
export interface LoraConfig {
  /** Rank of each update. */
  readonly r: number;
  /** Numerator of the scale. */
  readonly loraAlpha: number;
  /** The projections that get an update. */
  readonly targetModules: readonly Projection[];
  /** Scale by `alpha / sqrt(r)` instead of `alpha / r`. */
  readonly useRslora: boolean;
}

/** Projections that read the same input are computed as one product. */
export const projectionGroups = {
  qkv: ["q_proj", "k_proj", "v_proj"],
  output: ["o_proj"],
  gateUp: ["gate_proj", "up_proj"],
  down: ["down_proj"],
} as const satisfies Record<string, readonly Projection[]>;

/** One of {@linkcode projectionGroups}. */
export type ProjectionGroup = keyof typeof projectionGroups;

const groupNames = Object.keys(projectionGroups) as ProjectionGroup[];

/** A tensor inside the flat vector of a layer. */
export interface Segment {
  /** The group whose input it reads. */
  readonly group: ProjectionGroup;
  /** The projections whose A stand side by side in it, or the one whose B it is. */
  readonly modules: readonly Projection[];
  /** Which factor it is. */
  readonly factor: "A" | "B";
  /** Its shape: `[in, r n]` for A, `[r, out]` for B. */
  readonly shape: readonly [number, number];
  /** Where it starts in the layer's vector. */
  readonly offset: number;
}

/** The update of one group of projections in one layer, or m equal copies of it, `[m, ...]`. */
export interface GroupAdapter {
  /** `[in, r n]` for the n adapted projections. */
  readonly a: tf.Tensor;
  /** The factors B of the adapted projections on the block diagonal, `[r n, out]` for all projections of the group. */
  readonly b: tf.Tensor;
}

/** The updates of one layer. */
export type LayerAdapter = Partial<Record<ProjectionGroup, GroupAdapter>> & {
  /** `alpha / r`, or `alpha / sqrt(r)`. */
  readonly scale: number;
  /** Where there are copies for several losses: groups of rows, and what each counts in each loss. */
  readonly groups?: RowGroups;
};

/** A LoRA adapter for a model: its configuration, where each factor stands, and the values. */
export interface Adapter {
  /** How the model is adapted. */
  readonly config: LoraConfig;
  /** Layout of one layer's vector; all layers share it. */
  readonly segments: readonly Segment[];
  /** Number of parameters in a layer. */
  readonly layerSize: number;
  /** All parameters, `[layers * layerSize]`. */
  readonly values: tf.Tensor1D;
}

/** Input and output width of a projection. */
export function projectionShape(
  config: ModelConfig,
  name: Projection,
): [number, number] {
  const { hiddenSize: D, intermediateSize: F, heads, kvHeads, headDim } = config;
  switch (name) {
    case "q_proj":
      return [D, heads * headDim];
    case "k_proj":
    case "v_proj":
      return [D, kvHeads * headDim];
    case "o_proj":
      return [heads * headDim, D];
    case "gate_proj":
    case "up_proj":
      return [D, F];
    case "down_proj":
      return [F, D];
  }
}

/** Scale of the update. */
export function loraScale(config: LoraConfig): number {
  return config.loraAlpha / (config.useRslora ? Math.sqrt(config.r) : config.r);
}

/** Lays out the vector of one layer. */
export function adapterLayout(
  model: ModelConfig,
  config: LoraConfig,
): { segments: Segment[]; layerSize: number } {
  const segments: Segment[] = [];
  let offset = 0;
  const add = (segment: Omit<Segment, "offset">) => {
    segments.push({ ...segment, offset });
    offset += segment.shape[0] * segment.shape[1];
  };
  for (const group of groupNames) {
    const modules = projectionGroups[group].filter((m) => config.targetModules.includes(m));
    if (modules.length === 0) continue;
    const [input] = projectionShape(model, modules[0]!);
    add({
      group,
      modules,
      factor: "A",
      shape: [input, config.r * modules.length],
    });
    for (const m of modules) {
      add({
        group,
        modules: [m],
        factor: "B",
        shape: [config.r, projectionShape(model, m)[1]],
      });
    }
  }
  return { segments, layerSize: offset };
}

/** Cuts a layer's vector `[n]`, or m copies of it `[m, n]`, into its tensors. */
export function unpackLayer(
  model: ModelConfig,
  adapter: Pick<Adapter, "config" | "segments">,
  layerValues: tf.Tensor,
): LayerAdapter {
  const { segments, config } = adapter;
  const sizes = segments.map((s) => s.shape[0] * s.shape[1]);
  const copies = layerValues.shape.slice(0, -1);
  const tensors = tf.split(layerValues, sizes, -1).map((t, i) =>
    tf.reshape(t, [...copies, ...segments[i]!.shape])
  );
  const layer: Record<string, GroupAdapter> = {};
  for (const group of groupNames) {
    const own = segments.flatMap((s, i) =>
      s.group === group ? [{ ...s, tensor: tensors[i]! }] : []
    );
    const a = own.find(({ factor }) => factor === "A")?.tensor;
    if (a === undefined) continue;
    const widths = projectionGroups[group].map((m) => projectionShape(model, m)[1]);
    const parts = projectionGroups[group].flatMap((m, i) => {
      const b = own.find(({ factor, modules }) => factor === "B" && modules[0] === m)?.tensor;
      if (b === undefined) return [];
      const blank = (from: number, to: number) => {
        const width = widths.slice(from, to).reduce((x, y) => x + y, 0);
        return width === 0 ? [] : [tf.zeros([...copies, config.r, width])];
      };
      return [tf.concat([...blank(0, i), b, ...blank(i + 1, widths.length)], -1)];
    });
    layer[group] = { a, b: parts.length === 1 ? parts[0]! : tf.concat(parts, -2) };
  }
  return { ...layer, scale: loraScale(config) };
}

/**
 * A fresh adapter: A uniform in +-1/sqrt(in) (PEFT's Kaiming rule), B zero, so that the adapted model starts as the
 * base model.
 *
 * @throws {UsageError} when the rank is above every dimension that is adapted: it could add nothing
 */
export function createAdapter(
  model: ModelConfig,
  config: LoraConfig,
  random: RandomStream,
): Adapter {
  const { segments, layerSize } = adapterLayout(model, config);
  const widest = Math.max(...segments.map(({ factor, shape }) => shape[factor === "A" ? 0 : 1]));
  if (config.r > widest) {
    throw new UsageError(
      `Expected the adapter's rank r to be at most ${widest}, the largest dimension that it adapts, but found ${config.r}`,
    );
  }
  const values = new Float32Array(model.layers * layerSize);
  for (let l = 0; l < model.layers; l++) {
    for (const { factor, shape, offset } of segments) {
      if (factor === "B") continue;
      const bound = 1 / Math.sqrt(shape[0]);
      const start = l * layerSize + offset;
      for (let i = 0; i < shape[0] * shape[1]; i++) {
        values[start + i] = (2 * random.next() - 1) * bound;
      }
    }
  }
  return { config, segments, layerSize, values: tf.tensor1d(values) };
}

/** Name of a factor in a PEFT file, without the `base_model.model.` in front. */
function factorName(
  layer: number,
  module: Projection,
  factor: "A" | "B",
): string {
  const block = module === "gate_proj" || module === "up_proj" || module === "down_proj"
    ? "mlp"
    : "self_attn";
  return `model.layers.${layer}.${block}.${module}.lora_${factor}.weight`;
}

/** Visits every factor: its PEFT name, its PEFT shape, and where element [row, column] of it stands in the vector. */
function visitFactors(
  model: ModelConfig,
  layout: Pick<Adapter, "config" | "segments" | "layerSize">,
  visit: (
    name: string,
    shape: [number, number],
    at: (row: number, column: number) => number,
  ) => void,
): void {
  const { r } = layout.config;
  for (let l = 0; l < model.layers; l++) {
    for (const { modules, factor, shape, offset } of layout.segments) {
      const start = l * layout.layerSize + offset;
      const columns = shape[1];
      modules.forEach((module, n) => {
        // PEFT keeps both factors transposed: A [r, in], B [out, r].
        const peftShape: [number, number] = factor === "A" ? [r, shape[0]] : [columns, r];
        visit(
          factorName(l, module, factor),
          peftShape,
          (row, column) => start + column * columns + (factor === "A" ? n * r : 0) + row,
        );
      });
    }
  }
}

/** The factors under PEFT's names and in PEFT's shapes, from a flat vector of parameters or gradients. */
export function toPeftTensors(
  model: ModelConfig,
  adapter: Pick<Adapter, "config" | "segments" | "layerSize">,
  values: Float32Array,
): Map<string, { shape: number[]; data: Float32Array }> {
  const tensors = new Map<string, { shape: number[]; data: Float32Array }>();
  visitFactors(model, adapter, (name, [rows, columns], at) => {
    const data = new Float32Array(rows * columns);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        data[i * columns + j] = values[at(i, j)]!;
      }
    }
    tensors.set(name, { shape: [rows, columns], data });
  });
  return tensors;
}

/**
 * Builds an adapter from PEFT's tensors.
 *
 * @throws UsageError when one is missing, has another shape, or has no place in the model: the adapter was trained on
 * another one
 */
export function fromPeftTensors(
  model: ModelConfig,
  config: LoraConfig,
  tensors: ReadonlyMap<
    string,
    { shape: readonly number[]; data: Float32Array }
  >,
): Adapter {
  const { segments, layerSize } = adapterLayout(model, config);
  const values = new Float32Array(model.layers * layerSize);
  const used = new Set<string>();
  const advice = "it was trained on another model; name the one in base_model_name_or_path";
  visitFactors(
    model,
    { config, segments, layerSize },
    (name, [rows, columns], at) => {
      used.add(name);
      const tensor = tensors.get(name);
      if (
        tensor === undefined || tensor.shape[0] !== rows ||
        tensor.shape[1] !== columns
      ) {
        const found = tensor === undefined ? "nothing" : `[${tensor.shape.join(", ")}]`;
        throw new UsageError(
          `Expected adapter tensor ${name} of shape [${rows}, ${columns}] but found ${found}: ${advice}`,
        );
      }
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          values[at(i, j)] = tensor
            .data[i * columns + j]!;
        }
      }
    },
  );
  for (const name of tensors.keys()) {
    if (!used.has(name)) {
      throw new UsageError(
        `Expected factors of the model's ${model.layers} layers alone but found ${
          inMessage(name)
        } in the adapter: ${advice}`,
      );
    }
  }
  return { config, segments, layerSize, values: tf.tensor1d(values) };
}
