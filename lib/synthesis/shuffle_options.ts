/**
 * The options of an item in another order: whoever knows the answer still gives it, whoever has a favourite place does not.
 *
 * @module
 */
import { escapeRegExp, type RandomStream } from "../runtime/mod.ts";
import type { Check } from "./check.ts";
import type { Decision, Item } from "./item.ts";

const letters = ["A", "B", "C", "D"] as const;

/** Options that the form of an answer fixes. */
export const fixedOption: RegExp = /^(?:yes|no|true|false)$/i;

/**
 * The item without its evidence: what is left says nothing of the answer. The evidence gives way to three points.
 *
 * @param item Any item.
 * @returns Its prompt; the whole of it for an item without evidence.
 */
export function blindPrompt(
  { prompt, evidence }: { readonly prompt: string; readonly evidence?: string | undefined },
): string {
  return evidence === undefined ? prompt : prompt.replace(evidence, () => "...");
}

/**
 * The same item with other evidence, in its prompt too.
 *
 * @param item an item with evidence
 * @param evidence what the patient has instead
 */
export function withEvidence<I extends Pick<Item, "prompt" | "evidence">>(
  item: I,
  evidence: string,
): I {
  return { ...item, prompt: item.prompt.replaceAll(item.evidence!, () => evidence), evidence };
}

/**
 * The same item with the options of each decision in an order that is drawn: in the prompt outside the evidence, in the
 * decision, and where the answer is a letter in check and reference too. The id stays.
 *
 * @param item An item whose options stand in its prompt.
 * @param random Draws the orders.
 * @returns The item with its options moved; the same item where it has none.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { randomStream } from "../runtime/mod.ts";
 * import type { Item } from "./item.ts";
 * import { shuffleOptions } from "./shuffle_options.ts";
 *
 * const item = {
 *   prompt: "Cough. Is it asthma or gout?",
 *   reference: "Diagnosis: asthma",
 *   checks: [],
 *   decisions: [{ where: { format: "line", field: "Diagnosis" }, options: ["asthma", "gout"], answer: 0 }],
 * } as unknown as Item;
 * const moved = [0, 1, 2, 3].map((seed) => shuffleOptions(item, randomStream(seed)));
 * assertEquals(new Set(moved.map(({ prompt }) => prompt)).size, 2);
 * for (const { decisions: [one] } of moved) assertEquals(one!.options[one!.answer], "asthma");
 * ```
 */
export function shuffleOptions(item: Item, random: RandomStream): Item {
  const moves = new Map<string, string>();
  // Decisions among the same options are moved alike: the prompt shows these once.
  const orders = new Map<string, readonly number[]>();
  const decisions = item.decisions.map((decision): Decision => {
    const { options, answer } = decision;
    if (options.every((option) => fixedOption.test(option))) return decision;
    const key = JSON.stringify(options);
    const order = orders.get(key) ?? random.shuffle(options.map((_, i) => i));
    orders.set(key, order);
    const moved = order.map((i) => options[i]!);
    for (const [i, option] of options.entries()) moves.set(option, moved[i]!);
    return { ...decision, options: moved, answer: order.indexOf(answer) };
  });
  if (moves.size === 0) return item;
  const names = [...moves.keys()].sort((a, b) => b.length - a.length).map(escapeRegExp);
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${names.join("|")})(?![\\p{L}\\p{N}])`, "gu");
  const move = (text: string): string => text.replace(pattern, (name) => moves.get(name)!);
  const { prompt, evidence } = item;
  const at = evidence === undefined ? -1 : prompt.indexOf(evidence);
  const behind = at + (evidence?.length ?? 0);
  const lettered = item.checks.find((check) => check.kind === "choice");
  const answer = lettered === undefined
    ? undefined
    : decisions.find(({ options }) => options.includes(lettered.options[0]!));
  return {
    ...item,
    prompt: at < 0
      ? move(prompt)
      : move(prompt.slice(0, at)) + evidence + move(prompt.slice(behind)),
    decisions,
    ...(answer !== undefined && {
      checks: item.checks.map((check): Check =>
        check.kind === "choice"
          ? { ...check, options: answer.options, letter: letters[answer.answer]! }
          : check
      ),
      reference: item.reference.replace(/\b[A-D](?=\. )/, letters[answer.answer]!),
    }),
  };
}
