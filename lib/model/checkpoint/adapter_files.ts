/**
 * LoRA adapters in PEFT's layout: a folder with `adapter_config.json` and `adapter_model.safetensors`.
 *
 * @module
 */

import { join } from "@std/path";
import * as z from "zod";
import { parseConfig, UsageError, WorkbenchError, writeFileAtomic } from "../../runtime/mod.ts";
import { type LoraConfig, type Projection, projections } from "../core/lora.ts";
import { type KeyRule, refuseKeys } from "../formats/key_rules.ts";
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

const mergeThere = "merge it with PEFT (merge_and_unload) and read the merged model";
const convertThere =
  "PEFT changes the base model's weights when it loads such an adapter; write it there as an ordinary one (save_pretrained with path_initial_model_for_weight_conversion) or merge it";

const rule = (advice: string, ...neutral: unknown[]): KeyRule => ({ neutral, advice });

/**
 * Keys of PEFT's `LoraConfig` that are refused unless they change nothing. Of the ways to start, those listed leave the base model's
 * weights as they are (PEFT 0.21.2).
 */
const refused: Readonly<Record<string, KeyRule>> = {
  peft_type: rule("only LoRA adapters are read", "LORA"),
  task_type: rule("only adapters of causal language models are read", "CAUSAL_LM"),
  init_lora_weights: rule(convertThere, true, false, "gaussian", "eva", "orthogonal", "mica"),
  use_dora: rule(mergeThere, false),
  use_qalora: rule(mergeThere, false),
  use_bdlora: rule(mergeThere, false),
  arrow_config: rule(mergeThere),
  kasa_config: rule(mergeThere),
  monteclora_config: rule(mergeThere),
  velora_config: rule(mergeThere),
  alora_invocation_tokens: rule("activated LoRA is not supported", []),
  bias: rule(mergeThere, "none"),
  lora_bias: rule(mergeThere, false),
  fan_in_fan_out: rule("the supported models have no such layers", false),
  modules_to_save: rule(mergeThere, []),
  trainable_token_indices: rule(mergeThere, [], {}),
  target_parameters: rule(mergeThere, []),
  rank_pattern: rule(`every factor has to have rank r; ${mergeThere}`, {}),
  alpha_pattern: rule(`every factor has to have the scale of lora_alpha; ${mergeThere}`, {}),
  layers_to_transform: rule(`every layer has to be adapted; ${mergeThere}`),
  layer_replication: rule(mergeThere),
  exclude_modules: rule(mergeThere, [], ""),
};

/** Keys that are used, or say nothing that changes what an adapter computes once it is trained. */
const others: ReadonlySet<string> = new Set([
  ...Object.keys(refused),
  "auto_mapping",
  "base_model_name_or_path",
  "corda_config",
  "ensure_weight_tying",
  "eva_config",
  "inference_mode",
  "layers_pattern",
  "loftq_config",
  "lora_alpha",
  "lora_dropout",
  "lora_ga_config",
  "megatron_config",
  "megatron_core",
  "peft_version",
  "qalora_group_size",
  "r",
  "revision",
  "runtime_config",
  "target_modules",
  "use_rslora",
]);

const adapterSchema = z.looseObject({
  peft_type: z.string(),
  base_model_name_or_path: z.string().nullish(),
  r: z.number().int().positive(),
  lora_alpha: z.number().positive(),
  use_rslora: z.boolean().default(false),
  target_modules: z.union([z.string(), z.array(z.string()).min(1)]),
});

/** Refuses an `adapter_config.json` that asks for something that is not supported. */
function checkAdapterKeys(json: unknown, where: string): void {
  const config = parseConfig(z.record(z.string(), z.unknown()), json, where);
  refuseKeys(config, refused, where);
  const unknown = Object.keys(config).filter((key) => !others.has(key));
  refuseKeys(
    config,
    Object.fromEntries(unknown.map((key) => [
      key,
      rule(`it is not known what it changes; ${mergeThere}`, false, 0, "", [], {}),
    ])),
    where,
  );
}

/**
 * The projections that `target_modules` names: by their names, by whole paths, or, where it is a pattern such as
 * `all-linear`, those that have factors.
 */
function targetsOf(
  targets: string | readonly string[],
  stored: Iterable<string>,
  where: string,
): Projection[] {
  const names = typeof targets === "string"
    ? [...stored].map((name) => name.replace(/\.lora_[AB]\.weight$/, ""))
    : targets;
  const last = new Set(names.map((name) => name.slice(name.lastIndexOf(".") + 1)));
  for (const name of last) {
    if (!projections.some((projection) => projection === name)) {
      throw new UsageError(
        `Expected target_modules to be among ${projections.join(", ")} but found ${
          inMessage(name)
        } in ${where}: ${mergeThere}`,
      );
    }
  }
  return projections.filter((name) => last.has(name));
}

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
  checkAdapterKeys(json, where);
  const raw = parseConfig(adapterSchema, json, where);
  const path = join(folder, "adapter_model.safetensors");
  const files = readSafetensors(path);
  const config: LoraConfig = {
    r: raw.r,
    loraAlpha: raw.lora_alpha,
    useRslora: raw.use_rslora,
    targetModules: targetsOf(raw.target_modules, files.keys(), where),
  };
  const tensors = new Map<string, FloatTensor>();
  for (const [stored, tensor] of files) {
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
