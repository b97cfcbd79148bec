/**
 * LoRA adapters in PEFT's layout: a folder with `adapter_config.json` and `adapter_model.safetensors`.
 *
 * @module
 */

import { join } from "@std/path";
import * as z from "zod";
import { parseConfig, UsageError, WorkbenchError, writeFileAtomic } from "../../runtime/mod.ts";
import { type LoraConfig, projections } from "../core/lora.ts";
import { asFloatTensor, readSafetensors, writeSafetensors } from "../formats/safetensors.ts";
import type { FloatTensor } from "../formats/stored_tensor.ts";
import { inMessage, readJson } from "../formats/text.ts";

/** A LoRA adapter as it stands in files. */
export interface AdapterFiles {
  /** How the model is adapted. */
  readonly config: LoraConfig;
  /** Factors by name, such as `model.layers.0.self_attn.q_proj.lora_A.weight`: A is `[r, in]`, B is `[out, r]`. */
  readonly tensors: ReadonlyMap<string, FloatTensor>;
  /** Name or path of the adapted model, where the adapter says it. */
  readonly baseModel?: string;
}

const prefix = "base_model.model.";

/** A key that must have the value with which it does nothing. */
const unused = z.union([
  z.literal(false),
  z.array(z.never()),
  z.record(z.string(), z.never()),
]).nullish();

const adapterSchema = z.looseObject({
  peft_type: z.literal("LORA"),
  base_model_name_or_path: z.string().nullish(),
  r: z.number().int().positive(),
  lora_alpha: z.number().positive(),
  use_rslora: z.boolean().default(false),
  target_modules: z.array(z.enum(projections)).min(1),
  bias: z.literal("none").default("none"),
  use_dora: unused,
  use_qalora: unused,
  use_bdlora: unused,
  fan_in_fan_out: unused,
  lora_bias: unused,
  modules_to_save: unused,
  rank_pattern: unused,
  alpha_pattern: unused,
  layers_to_transform: unused,
  layer_replication: unused,
  exclude_modules: unused,
  target_parameters: unused,
  trainable_token_indices: unused,
  alora_invocation_tokens: unused,
});

/**
 * Reads a LoRA adapter from a folder in PEFT's layout.
 *
 * @param folder the adapter's folder
 * @throws UsageError when there is no adapter, or it uses a feature that is not supported (the message names its key)
 * @throws WorkbenchError when a file is damaged or a factor is missing or left over
 */
export async function readAdapter(folder: string): Promise<AdapterFiles> {
  const where = join(folder, "adapter_config.json");
  const json = await readJson(where);
  if (json === undefined) {
    throw new UsageError(
      `Expected an adapter folder with adapter_config.json but found none at ${folder}`,
    );
  }
  const raw = parseConfig(adapterSchema, json, where);
  const config: LoraConfig = {
    r: raw.r,
    loraAlpha: raw.lora_alpha,
    useRslora: raw.use_rslora,
    targetModules: projections.filter((name) => raw.target_modules.includes(name)),
  };
  const path = join(folder, "adapter_model.safetensors");
  const tensors = new Map<string, FloatTensor>();
  for (const [stored, tensor] of readSafetensors(path)) {
    if (!stored.startsWith(prefix)) {
      throw new WorkbenchError(
        `Expected names that begin with ${prefix} but found ${inMessage(stored)} in ${path}`,
      );
    }
    const weights = asFloatTensor(tensor, stored, path);
    checkFactor(stored, weights, config, path);
    tensors.set(stored.slice(prefix.length), weights);
  }
  for (const name of tensors.keys()) {
    const other = name.includes(".lora_A.")
      ? name.replace(".lora_A.", ".lora_B.")
      : name.replace(".lora_B.", ".lora_A.");
    if (!tensors.has(other)) {
      throw new WorkbenchError(
        `Expected ${prefix}${inMessage(other)} but found none in ${path}`,
      );
    }
  }
  const base = raw.base_model_name_or_path;
  return {
    config,
    tensors,
    ...(typeof base === "string" ? { baseModel: base } : {}),
  };
}

function checkFactor(
  name: string,
  { shape }: FloatTensor,
  config: LoraConfig,
  path: string,
): void {
  const match = /\.(\w+)\.lora_([AB])\.weight$/.exec(name);
  if (
    match === null ||
    !config.targetModules.some((module) => module === match[1])
  ) {
    throw new WorkbenchError(
      `Expected only factors of ${config.targetModules.join(", ")} but found ${
        inMessage(name)
      } in ${path}`,
    );
  }
  const rank = match[2] === "A" ? shape[0] : shape[1];
  if (shape.length !== 2 || rank !== config.r) {
    throw new WorkbenchError(
      `Expected ${inMessage(name)} to have rank ${config.r} but found shape [${shape}] in ${path}`,
    );
  }
}

/**
 * Writes a LoRA adapter to a folder in PEFT's layout.
 *
 * @param folder where to write; made when it is not there
 * @param adapter configuration and factors
 */
export async function writeAdapter(
  folder: string,
  adapter: AdapterFiles,
): Promise<void> {
  const { config, tensors, baseModel } = adapter;
  await Deno.mkdir(folder, { recursive: true });
  const json = {
    peft_type: "LORA",
    task_type: "CAUSAL_LM",
    base_model_name_or_path: baseModel ?? null,
    r: config.r,
    lora_alpha: config.loraAlpha,
    lora_dropout: 0,
    use_rslora: config.useRslora,
    use_dora: false,
    target_modules: config.targetModules,
    bias: "none",
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
    modules_to_save: null,
  };
  await writeFileAtomic(
    join(folder, "adapter_config.json"),
    `${JSON.stringify(json, null, 2)}\n`,
  );
  const named = new Map(
    [...tensors].map(([name, weights]) => [prefix + name, weights]),
  );
  await writeSafetensors(join(folder, "adapter_model.safetensors"), named);
}
