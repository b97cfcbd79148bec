/**
 * `deno task parity [DIR]`: compares this project with the numbers that other programs wrote, those in
 * `tests/parity/references` or those of a folder; with `--formats`, with what they read in the files it writes; with
 * `--texts`, with the chats that they render and the tokens that they read; with `--data-sets`, with what `datasets` and TRL
 * make of data sets written here.
 *
 * @module
 */
import { basename, resolve } from "@std/path";
import { z } from "zod";
import { loadClinical, loadKnowledge } from "../../lib/knowledge/mod.ts";
import { readTokenizer, resolveModel, tinyCheckpoint } from "../../lib/model/mod.ts";
import {
  removeQuietly,
  runCommand,
  startBackend,
  temporaryFolder,
  UsageError,
  WorkbenchError,
} from "../../lib/runtime/mod.ts";
import { synthesize } from "../../lib/synthesis/mod.ts";
import type { Comparison } from "../parity/comparison.ts";
import { dataSetComparisons } from "../parity/data_sets.ts";
import { formatComparisons } from "../parity/formats.ts";
import { compareFolder, referenceFolder, referenceNames } from "../parity/references.ts";
import { textComparisons } from "../parity/texts.ts";
import { peersPython, terminal } from "../bench/environment.ts";

const schema = z.object({
  folder: z.string().min(1).optional().describe(
    "Folder with reference.json, and arrays.safetensors for models; every folder of tests/parity/references without it",
  ),
  formats: z.boolean().default(false).describe(
    "Compare what transformers, PEFT and gguf read in files written here, instead",
  ),
  texts: z.boolean().default(false).describe(
    "Compare chats as transformers renders TRL's templates, and token ids as tokenizers reads them, instead",
  ),
  dataSets: z.boolean().default(false).describe(
    "Compare what datasets loads and TRL trains on in data sets written here, instead",
  ),
  peers: z.string().optional().describe(
    "Python with these packages, for --formats, --texts and --data-sets; without it they are fetched into the cache",
  ),
  yes: z.boolean().default(false).describe("Fetch the packages without asking"),
});

/** Prints the table of a set and its total; whether all of it is within tolerance. */
function report(title: string, comparisons: readonly Comparison[]): boolean {
  const width = Math.max(title.length, ...comparisons.map(({ name }) => name.length));
  console.log(`${title.padEnd(width)}  ${"error".padStart(8)}  tolerance`);
  for (const { name, error, tolerance, ok } of comparisons) {
    const cells = [error, tolerance].map((x) => x.toExponential(1).padStart(8));
    console.log(`${name.padEnd(width)}  ${cells.join("  ")}   ${ok ? "ok" : "FAIL"}`);
  }
  const within = comparisons.filter(({ ok }) => ok).length;
  console.log(`${title}: ${within} of ${comparisons.length} within tolerance`);
  return within === comparisons.length;
}

/** The project's own sets, one table each; a set that cannot be compared is one line and counts as a failure. */
async function compareAll(): Promise<boolean> {
  let ok = true;
  for (const name of referenceNames) {
    try {
      ok = report(name, await compareFolder(referenceFolder(name))) && ok;
    } catch (error) {
      if (!(error instanceof WorkbenchError)) throw error;
      console.error(`error: ${name} is not compared: ${error.message}`);
      ok = false;
    }
    console.log();
  }
  return ok;
}

/** What other programs read in files that are written here. */
async function compareFormats(python: string): Promise<boolean> {
  await startBackend();
  const smollm2 = await readTokenizer(await resolveModel("smollm2"));
  const { tokenizer } = tinyCheckpoint({ tokenizer: smollm2, seed: 0 });
  const folder = temporaryFolder("balancedbio-");
  try {
    const seed = referenceFolder("seed0");
    return report("formats", await formatComparisons(python, seed, tokenizer, folder));
  } finally {
    await removeQuietly(folder);
  }
}

/** What other programs load of data sets that are written here, and train on. */
async function compareDataSets(python: string): Promise<boolean> {
  await startBackend();
  const smollm2 = await readTokenizer(await resolveModel("smollm2"));
  const clinical = await loadClinical(await loadKnowledge());
  const { items } = await synthesize({ clinical, count: 80, seed: 0 });
  const folder = temporaryFolder("balancedbio-");
  try {
    const model = tinyCheckpoint({ tokenizer: smollm2, seed: 0 });
    return report("data sets", await dataSetComparisons(python, items, model, folder));
  } finally {
    await removeQuietly(folder);
  }
}

/** Chats and token ids as other programs read texts. */
async function compareTexts(python: string): Promise<boolean> {
  const tokenizer = await readTokenizer(await resolveModel("smollm2"));
  const folder = temporaryFolder("balancedbio-");
  try {
    return report("texts", await textComparisons(python, tokenizer, folder));
  } finally {
    await removeQuietly(folder);
  }
}

await runCommand(
  {
    name: "parity",
    summary: "Compares with the numbers of other programs; code 1 if one is beyond its tolerance.",
    schema,
    positional: ["folder"],
    examples: ["", "tests/parity/references/seed0", "--formats", "--texts", "--data-sets"],
  },
  Deno.args,
  async ({ folder, formats, texts, dataSets, peers, yes }) => {
    const [compare, another] = [
      ...(formats ? [compareFormats] : []),
      ...(texts ? [compareTexts] : []),
      ...(dataSets ? [compareDataSets] : []),
    ];
    if (compare !== undefined && folder !== undefined) {
      throw new UsageError(
        `Expected no folder with --formats, --texts or --data-sets but found ${folder}`,
      );
    }
    if (another !== undefined) {
      throw new UsageError("Expected one of --formats, --texts and --data-sets but found several");
    }
    const ok = compare !== undefined
      ? await compare(peers ?? await peersPython(yes, terminal()))
      : folder === undefined
      ? await compareAll()
      : report(basename(resolve(folder)), await compareFolder(folder));
    if (!ok) Deno.exit(1);
  },
);
