/**
 * `deno task evaluate`: measures a trained run, or a model by name, and prints the scores.
 *
 * @module
 */
import { join } from "@std/path";
import { z } from "zod";
import { plainTable } from "../../lib/figures/mod.ts";
import { backendFor, progressBar, runCommand, startBackend } from "../../lib/runtime/mod.ts";
import {
  differenceTable,
  evaluateRun,
  precisionSchema,
  resultsFile,
  scoreTable,
} from "../../lib/runs/mod.ts";

const most = (what: string) => z.int().min(0).optional().describe(`${what}; all when left out`);

const schema = z.object({
  run: z.string().min(1).optional().describe(
    "Folder of a training run; the results are written into it",
  ),
  model: z.string().min(1).optional().describe(
    "Instead of a run: smollm2, tiny, the path of a model or owner/name on the Hub",
  ),
  adapter: z.string().min(1).optional().describe(
    "Folder of a LoRA adapter in PEFT's format for --model",
  ),
  out: z.string().min(1).optional().describe(
    "Folder of the results; the run's own, or none with --model, when left out",
  ),
  items: z.string().min(1).optional().describe(
    "File of items or questions whose test split is asked; the run's own data when left out",
  ),
  knowledge: z.string().min(1).optional().describe(
    "Folder with ontology/ and hetionet/ of a graph of one's own; the run's own when left out",
  ),
  system: z.string().optional().describe("System message; the run's own when left out"),
  against: z.string().min(1).optional().describe(
    "Folder of an earlier evaluation with the same limits, to compare with item by item",
  ),
  testItems: most("Most items of each capability; 0 for none"),
  mmluQuestions: most("Most questions of MMLU's biomedical subjects; 0 for none"),
  pubmedqaQuestions: most("Most questions of PubMedQA; 0 for none"),
  maxNewTokens: z.int().min(1).default(72).describe("Longest answer, in tokens"),
  batchRows: z.int().min(1).max(10_000).default(32).describe("Answers that are decoded together"),
  seed: z.int().min(0).default(0).describe("Seed of draws and intervals"),
  precision: precisionSchema,
});

await runCommand(
  {
    name: "evaluate",
    summary: "Measures a model on held-out items by capability, MMLU and PubMedQA.",
    schema,
    examples: [
      "--run runs/sft --test-items 20 --mmlu-questions 100",
      "--run runs/grpo --test-items 20 --mmlu-questions 100 --against runs/sft",
      "--model smollm2 --test-items 20 --mmlu-questions 100 --pubmedqa-questions 0",
    ],
  },
  Deno.args,
  async ({ precision, ...options }) => {
    const { note, ...backend } = await startBackend(backendFor(precision));
    if (note) console.error(`note: ${note}`);
    const { metrics, comparisons, out } = await evaluateRun({
      ...options,
      backend,
      stage: progressBar,
      onNote: (note) => console.error(`note: ${note}`),
      onWarning: (line) => console.error(`warning: ${line}`),
    });
    console.log(plainTable(scoreTable(metrics)));
    if (options.against !== undefined) {
      console.log(
        comparisons.length > 0
          ? plainTable(differenceTable(comparisons))
          : `Nothing to compare: other questions were asked in ${options.against}\n`,
      );
    }
    if (out !== undefined) console.log(`Written to ${join(out, resultsFile)}`);
  },
);
