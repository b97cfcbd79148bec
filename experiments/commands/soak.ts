/**
 * `deno task soak`: trains and generates for a while in ever other shapes and fails if tensors or memory grow.
 *
 * @module
 */
import { z } from "zod";
import { createTransformer, loadCheckpoint } from "../../lib/model/mod.ts";
import { progressBar, runCommand, startBackend, WorkbenchError } from "../../lib/runtime/mod.ts";
import { soak, soakFaults, type SoakSample } from "../bench/soak.ts";

const schema = z.object({
  steps: z.int().min(0).default(1000).describe("Steps of training, with an adapter and without"),
  generations: z.int().min(0).default(1000).describe("Generations"),
  model: z.string().min(1).default("tiny").describe(
    "tiny (random weights), smollm2, a .gguf file or a Hugging Face folder",
  ),
});

/** Columns of the table. */
const columns = ["steps", "generations", "tensors", "resident MB", "recorded graphs"] as const;

/** A line of the table; lines come one at a time, so widths are those of the names. */
function line(cells: readonly string[]): string {
  return cells.map((cell, c) => cell.padStart(columns[c]!.length)).join("  ");
}

/** Prints a line where a progress bar may stand. */
function print(cells: readonly string[]): void {
  if (Deno.stderr.isTerminal()) Deno.stderr.writeSync(new TextEncoder().encode("\r\x1b[K"));
  console.log(line(cells));
}

await runCommand(
  {
    name: "soak",
    summary: "Trains and generates in ever other shapes; fails if tensors or memory grow.",
    schema,
    examples: ["", "--steps 100 --generations 100"],
  },
  Deno.args,
  async ({ steps, generations, model: name }) => {
    const { note } = await startBackend();
    if (note) console.error(`note: ${note}`);
    const loading = progressBar(`Loading ${name}:`);
    const checkpoint = await loadCheckpoint(name, { onProgress: loading.update });
    loading.finish();
    const model = createTransformer(checkpoint);
    const bar = progressBar("Soaking:");
    print(columns);
    const samples = await soak({
      model,
      tokenizer: checkpoint.tokenizer,
      steps,
      generations,
      onProgress: bar.update,
      onSample: (s: SoakSample) =>
        print(
          [s.steps, s.generations, s.tensors, Math.round(s.residentMb), s.graphs].map(String),
        ),
    });
    bar.finish();
    const faults = soakFaults(samples);
    if (faults.length > 0) throw new WorkbenchError(faults.join("; "));
  },
);
