/**
 * `deno task export`: writes a trained run as files that other programs read, with a model card.
 *
 * @module
 */
import { basename, resolve } from "@std/path";
import { z } from "zod";
import { progressBar, runCommand, startBackend } from "../../lib/runtime/mod.ts";
import { exportFormats, exportRun } from "../../lib/runs/mod.ts";

const schema = z.object({
  run: z.string().min(1).describe("Folder of a training run that has come to its end"),
  format: z.enum(exportFormats).describe(
    "safetensors: a model folder for transformers; peft: the adapter alone; gguf: F16 for llama.cpp",
  ),
  out: z.string().min(1).describe("Folder to write to; made if it is not there"),
  numberFormat: z.enum(["F32", "F16", "BF16"]).default("F32").describe(
    "Number format of the weights of safetensors",
  ),
  name: z.string().min(1).optional().describe(
    "Title of the model card; the name of --out when left out",
  ),
});

await runCommand(
  {
    name: "export",
    summary: "Writes a trained run as files that other programs read, with a model card.",
    schema,
    examples: [
      "--run runs/grpo --format safetensors --out exports/model",
      "--run runs/grpo --format gguf --out exports/gguf",
    ],
  },
  Deno.args,
  async ({ name, ...options }) => {
    const { note } = await startBackend();
    if (note) console.error(`note: ${note}`);
    const title = name ?? basename(resolve(options.out));
    const { folder } = await exportRun({
      ...options,
      name: title,
      stage: progressBar,
      onNote: (note) => console.error(`note: ${note}`),
    });
    const files = [...Deno.readDirSync(options.out)].map((file) => file.name).sort();
    console.log(`${folder} as ${options.format} in ${options.out}: ${files.join(", ")}`);
  },
);
