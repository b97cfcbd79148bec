/**
 * Data sets that this project writes, as Python's `datasets` loads them and TRL trains on them: the rows that are read, the
 * tokens that SFTTrainer makes of them and where it begins to take the loss, the columns that GRPOTrainer's reward gets, and the
 * reward that the data card gives. Needs a Python with those packages (`data_sets.py` does its side).
 *
 * @module
 */

import { fromFileUrl, join } from "@std/path";
import { type Clinical, loadClinical, loadKnowledge } from "../../lib/knowledge/mod.ts";
import { type Checkpoint, writeCheckpoint } from "../../lib/model/mod.ts";
import { sftExamples } from "../../lib/runs/mod.ts";
import { WorkbenchError } from "../../lib/runtime/mod.ts";
import {
  dataSetFormats,
  defaultSystem,
  indexBenchmarks,
  type Item,
  itemOfQuestion,
  type OwnQuestion,
  readBenchmarks,
  splits,
  tableForms,
  writeDataSet,
} from "../../lib/synthesis/mod.ts";
import { type Comparison, comparison } from "./comparison.ts";

/** Questions in every form that an import takes: with letters outside ASCII, quotes, and line breaks. */
const questions: readonly OwnQuestion[] = [
  {
    prompt: 'Was heißt "fièvre" – 发烧 – auf Deutsch?',
    answer: "Fieber",
    options: ["Husten", "Fieber", "Schmerz", "Übelkeit"],
    split: "train",
  },
  {
    prompt: "Is insulin a hormone?\nThink first.",
    answer: "yes",
    options: ["yes", "no"],
    split: "train",
  },
  { prompt: "Which organ makes bile?", answer: "the liver", split: "train" },
  {
    prompt: "Say in one word what fills the alveoli.",
    answer: "Air",
    capability: "instruction",
    checks: [{ kind: "words", capability: "instruction", min: 1, max: 1 }],
    split: "test-wordings",
  },
];

/** Completions whose reward by the card's function is worked out by hand. */
const judged: readonly {
  readonly question: number;
  readonly text: string;
  readonly reward: number;
}[] = [
  { question: 0, text: "Answer: B. Fieber", reward: 1 },
  { question: 0, text: "Answer: Fieber oder Husten", reward: 0 },
  { question: 0, text: "Fieber", reward: 0 },
  { question: 1, text: "Thinking.\nanswer: Yes.", reward: 1 },
  { question: 1, text: "Answer: yesterday", reward: 0 },
  { question: 2, text: "So:\nThe liver", reward: 1 },
  { question: 2, text: "The gallbladder", reward: 0 },
];

/** What Python has to find. */
function expectedOf(items: readonly Item[], own: readonly Item[], model: Checkpoint) {
  const present = splits.filter((split) => items.some((item) => item.split === split));
  const rowsOf = (table: keyof typeof tableForms) =>
    Object.fromEntries(present.map((split) => [
      split.replaceAll("-", "_"),
      items.filter((item) => item.split === split)
        .map((item) => tableForms[table].row(item, defaultSystem)),
    ]));
  const training = items.filter(({ split }) => split === "train");
  const { tokenizer } = model;
  const judgedRows = judged.map(({ question }) => tableForms.grpo.row(own[question]!, ""));
  return {
    tables: {
      sft: rowsOf("sft"),
      grpo: rowsOf("grpo"),
      items: rowsOf("items"),
    },
    tokens: sftExamples({ tokenizer, system: defaultSystem }, training)
      .map(({ prompt, completion }) => [prompt, completion]),
    completions: {
      texts: judged.map(({ text }) => text),
      rewards: judged.map(({ reward }) => reward),
      decisions: judgedRows.map(({ decisions }) => decisions),
      reference: judgedRows.map(({ reference }) => reference),
    },
  };
}

/** Whether the same items give the same files twice. */
async function sameTwice(items: readonly Item[], folder: string, clinical: Clinical) {
  const compared: Comparison[] = [];
  const benchmarks = indexBenchmarks(await readBenchmarks());
  for (const format of dataSetFormats) {
    const origin = { kind: "generated", count: items.length, seed: 0, knowledge: "" } as const;
    const options = { format, system: defaultSystem, origin, clinical, benchmarks };
    const [one, two] = [join(folder, `as-${format}`), join(folder, `as-${format}-again`)];
    const files = await writeDataSet(items, { ...options, out: one });
    await writeDataSet(items, { ...options, out: two });
    let differ = 0;
    for (const file of files) {
      const [a, b] = await Promise.all([one, two].map((place) => Deno.readFile(join(place, file))));
      if (a!.length !== b!.length || a!.some((byte, i) => byte !== b![i])) differ++;
    }
    compared.push(comparison(`${format}: files that differ when written twice`, differ, 0));
  }
  return compared;
}

/**
 * Writes data sets of both forms and compares what Python makes of them with what was written.
 *
 * @param python path of a Python with datasets, transformers and TRL
 * @param generated items of the generator
 * @param model a model whose tokenizer has a chat template
 * @param folder where to write; empty
 * @returns a comparison for each table and split, for the tokens, the reward and two steps of each trainer
 * @throws {WorkbenchError} when Python fails
 */
export async function dataSetComparisons(
  python: string,
  generated: readonly Item[],
  model: Checkpoint,
  folder: string,
): Promise<Comparison[]> {
  const own = await Promise.all(
    questions.map((question) => itemOfQuestion(question, "own", "here")),
  );
  const items = [...generated, ...own];
  const twice = await sameTwice(items, folder, await loadClinical(await loadKnowledge()));
  await writeCheckpoint(join(folder, "tokenizer"), model);
  const expected = expectedOf(items, own, model);
  await Deno.writeTextFile(join(folder, "expected.json"), JSON.stringify(expected));
  const { success, stdout, stderr } = await new Deno.Command(python, {
    args: [fromFileUrl(new URL("./data_sets.py", import.meta.url)), folder],
    env: {
      HF_HUB_OFFLINE: "1",
      HF_DATASETS_CACHE: join(folder, "cache"),
      CUDA_VISIBLE_DEVICES: "",
    },
  }).output();
  const text = new TextDecoder();
  if (!success) throw new WorkbenchError(text.decode(stderr));
  const found = JSON.parse(text.decode(stdout).trim().split("\n").at(-1)!);
  return [
    ...twice,
    ...found.map(([name, error, tolerance]: [string, number, number]) =>
      comparison(name, error, tolerance)
    ),
  ];
}
