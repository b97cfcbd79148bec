/**
 * Your own teacher. Any server that speaks OpenAI's chat completions (vLLM, Ollama, llama.cpp) rewords prompts, and so
 * does any function from prompts to completions. What a teacher or a model writes is checked like everything else.
 *
 * Curation is Source2Synth's: a model trained on slice 0 filters slice 1, where what it cannot answer is dropped, and
 * fills blanks in the references, where what fails the checks is not kept.
 */
import { renderFigure, stageBars } from "../../lib/figures/mod.ts";
import type { Knowledge } from "../../lib/knowledge/mod.ts";
import { referencePasses, ruleScores } from "../../lib/reward/mod.ts";
import {
  type Attempt,
  filterByTries,
  imputeItems,
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
 * @param tries k: an item is dropped when none of so many tries answers it
 */
export async function curateWithModel(
  items: readonly Item[],
  knowledge: Knowledge,
  train: (slice: readonly Item[]) => Promise<Attempt>,
  tries: number,
  folder: string,
): Promise<Curated> {
  // A case lies in one slice, so the model has not seen what it filters.
  const [first, second] = sliceItems(items);
  const attempt = await train(first);
  const filtered = await filterByTries({
    items: second,
    attempt,
    tries,
    score: (item, completion) => ruleScores(item, completion, knowledge)[item.capability] ?? 0,
  });
  const { items: imputed, refilled } = await imputeItems({
    items: filtered.kept,
    attempt,
    accept: (item) => referencePasses(item, knowledge),
  });
  const path = `${folder}/curated.jsonl`;
  await writeItems(path, imputed);
  let answered = 0;
  const figure = stageBars({
    title: "Items that the model answers",
    stages: [
      { name: "second slice", kept: second.length },
      ...filtered.answeredAt.map((more, i) => ({
        name: i === 0 ? "first try" : `${i + 1} tries`,
        kept: answered += more,
        produced: second.length,
      })),
    ],
    xTitle: "Items",
  });
  const { svg } = await renderFigure(figure, folder, "curation");
  return { items: imputed, refilled, files: { items: path, figure: svg } };
}
