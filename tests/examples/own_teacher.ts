/**
 * Your own teacher. Any server that speaks OpenAI's chat completions (vLLM, Ollama, llama.cpp) rewords prompts, and so
 * does any function from prompts to completions. What a teacher or a model writes is checked like everything else.
 *
 * Curation is Source2Synth's: a model trained on slice 0 filters slice 1, where what it does not answer better than a guess,
 * or answers without the patient's findings, is dropped; and it fills blanks in the vignettes, where only a finding of the
 * diagnosis is kept.
 */
import { renderFigure, stageBars } from "../../lib/figures/mod.ts";
import type { Knowledge } from "../../lib/knowledge/mod.ts";
import {
  type Attempt,
  chooseByCompletion,
  curateItems,
  curationFaults,
  imputeFindings,
  type Item,
  rewordItems,
  sliceItems,
  teacherAttempt,
  writeItems,
} from "../../lib/synthesis/mod.ts";

/** Rewords items with the model NAME of a server, such as `http://localhost:8000/v1`. */
export async function rewordWithServer(
  items: readonly Item[],
  knowledge: Knowledge,
  url: string,
  name: string,
): Promise<Item[]> {
  const attempt = teacherAttempt({ url, model: name });
  // A wording that names other entities, denies what is there or is too long is refused: the item keeps its own.
  const { items: reworded } = await rewordItems({ items, attempt, knowledge });
  return reworded;
}

/** How many items are left after each step, and where they and the figure of it lie. */
export interface Curated {
  readonly items: readonly Item[];
  readonly refilled: number;
  readonly files: { readonly items: string; readonly figure: string };
}

/**
 * Curates the second slice with a model, writes the items as JSON Lines and draws how many each step kept.
 *
 * @param train makes the model from the first slice: `deno task train --method sft` on it and `complete` on the result
 * @param tries k: how often each item is asked, with its options in another order
 */
export async function curateWithModel(
  items: readonly Item[],
  knowledge: Knowledge,
  train: (slice: readonly Item[]) => Promise<Attempt>,
  tries: number,
  folder: string,
): Promise<Curated> {
  // A counterfactual group lies in one slice, so the model has not seen what it filters.
  const [first, second] = sliceItems(items);
  const attempt = await train(first);
  const curated = await curateItems({
    items: second,
    choose: chooseByCompletion(attempt),
    tries,
    seed: 0,
  });
  const kept = curated.filter(({ fault }) => fault === undefined).map(({ item }) => item);
  const { items: imputed, refilled } = await imputeFindings({ knowledge, items: kept, attempt });
  const path = `${folder}/curated.jsonl`;
  await writeItems(path, imputed);
  let left = second.length;
  const figure = stageBars({
    title: "Items that the model's curation keeps",
    stages: [
      { name: "second slice", kept: left },
      ...curationFaults.map((fault) => ({
        name: `not: ${fault}`,
        kept: left -= curated.filter((one) => one.fault === fault).length,
        produced: second.length,
      })),
    ],
    xTitle: "Items",
  });
  const { svg } = await renderFigure(figure, folder, "curation");
  return { items: imputed, refilled, files: { items: path, figure: svg } };
}
