/**
 * The four capabilities on the project's own items: the model completes each prompt, the rules score it, and an item
 * counts for the capability that it belongs to.
 *
 * @module
 */
import type { RuleScores } from "../reward/mod.ts";
import { hashJson, type OnProgress, UsageError, WorkbenchError } from "../runtime/mod.ts";
import { capabilities, type Capability, type Item } from "../synthesis/mod.ts";
import { average, bootstrapInterval, type MeanInterval } from "./intervals.ts";
import type { Complete } from "./likelihood.ts";

/** What {@linkcode evaluateItems} asks, of whom, and who judges. */
export interface ItemsOptions {
  /** Items; those of the test split for a result that is reported. */
  readonly items: readonly Item[];
  /** The model. */
  readonly complete: Complete;
  /** Judges the completion of an item; `ruleScores` with the graph filled in. */
  readonly score: (item: Item, completion: string) => RuleScores;
  /** Longest completion, in tokens. */
  readonly maxNewTokens: number;
  /** Sampling temperature; 0, greedy, when left out. */
  readonly temperature?: number | undefined;
  /** Seed of the sampling and of the intervals. */
  readonly seed: number;
  /** Called with the number of completions done. */
  readonly onProgress?: OnProgress | undefined;
}

/** One item's result. */
export interface ItemOutcome {
  /** The item's id. */
  readonly id: string;
  /** Score of the item's own capability, in [0, 1]. */
  readonly score: number;
  /** Whether the completion was no valid answer. */
  readonly invalid: boolean;
  /** What the model wrote. */
  readonly completion: string;
}

/** A capability's result. */
export interface CapabilityResult extends MeanInterval {
  /** Which one; `mean` is its mean score with a 95 % bootstrap interval over the `n` items. */
  readonly capability: Capability;
  /** Share of completions that were no valid answer. */
  readonly invalidRate: number;
  /** Mean length of a completion, in words. */
  readonly meanLength: number;
  /** One outcome for each item by ascending id, so that systems can be paired. */
  readonly perItem: readonly ItemOutcome[];
  /** Hash of the ids and prompts. */
  readonly promptHash: string;
}

/**
 * Measures a model on items. Greedy decoding unless a temperature is given.
 *
 * @param options Items, model and judge.
 * @returns A result for each capability that has items, in the order of `capabilities`; it does not depend on the
 * order of the items.
 * @throws {UsageError} If there is no item or an id stands twice.
 * @throws {WorkbenchError} If completions are missing, or an item's own score is absent or not in [0, 1].
 */
export async function evaluateItems(
  options: ItemsOptions,
): Promise<CapabilityResult[]> {
  const { complete, score, maxNewTokens, temperature = 0, seed, onProgress } = options;
  if (options.items.length === 0) {
    throw new UsageError("Expected at least one item but found none");
  }
  const items = options.items.toSorted((a, b) => a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
  const twice = items.find((item, i) => item.id === items[i + 1]?.id);
  if (twice !== undefined) {
    throw new UsageError(`Expected each item once but found ${twice.id} twice`);
  }
  const prompts = items.map((item) => item.prompt);
  const completions = await complete(prompts, {
    maxNewTokens,
    temperature,
    seed,
  }, onProgress);
  if (completions.length !== items.length) {
    throw new WorkbenchError(
      `Expected ${items.length} completions but found ${completions.length}`,
    );
  }
  const outcomes = items.map((item, i) => outcomeOf(item, completions[i]!, score));
  const results: CapabilityResult[] = [];
  for (const capability of capabilities) {
    const own = items.flatMap((item, i) => item.capability === capability ? [i] : []);
    if (own.length === 0) continue;
    const perItem = own.map((i) => outcomes[i]!);
    results.push({
      capability,
      ...bootstrapInterval(perItem.map((outcome) => outcome.score), { seed }),
      invalidRate: average(perItem.map((outcome) => Number(outcome.invalid))),
      meanLength: average(
        perItem.map((outcome) => outcome.completion.match(/\S+/g)?.length ?? 0),
      ),
      perItem,
      promptHash: await hashJson(own.map((i) => [items[i]!.id, prompts[i]])),
    });
  }
  return results;
}

function outcomeOf(
  item: Item,
  completion: string,
  judge: ItemsOptions["score"],
): ItemOutcome {
  const judged = judge(item, completion);
  const score = judged[item.capability];
  if (score === undefined || !(score >= 0 && score <= 1)) {
    throw new WorkbenchError(
      `Expected the score ${item.capability} of ${item.id} to be a number in [0, 1] but found ${
        score ?? "none"
      }`,
    );
  }
  return { id: item.id, score, invalid: judged.invalid, completion };
}
