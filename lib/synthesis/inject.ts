/**
 * Wrong answers on purpose: the key of an item's decision is moved to another option, to measure what validation and curation
 * catch. The checks stay, so they still tell right from wrong.
 */
import type { RandomStream } from "../runtime/mod.ts";
import type { Decision, Item } from "./item.ts";

/** The reference with the value of the field that states a decision replaced; undefined where the value is not there. */
function restate(
  reference: string,
  { where, options, answer }: Decision,
  place: number,
): string | undefined {
  const [right, wrong] = [options[answer]!, options[place]!];
  const letter = (at: number): string => "ABCDEFGH"[at]!;
  const forms: readonly (readonly [string, string])[] = where.format === "json"
    ? [[`"${where.field}": "${right}"`, `"${where.field}": "${wrong}"`]]
    : where.format === "line"
    ? [
      [`${where.field}: ${letter(answer)}. ${right}`, `${where.field}: ${letter(place)}. ${wrong}`],
      [`${where.field}: ${right}`, `${where.field}: ${wrong}`],
      [`| ${where.field} | ${right} |`, `| ${where.field} | ${wrong} |`],
    ]
    : [[right, wrong]];
  const found = forms.find(([stated]) => reference.includes(stated));
  return found && reference.replace(found[0], () => found[1]);
}

/**
 * The item with one decision answered by another option in its reference and its key.
 *
 * @param item Any item.
 * @param random Draws decision and option.
 * @returns The changed item, which keeps id and checks; undefined where it has no decision that its reference states.
 */
export function injectWrongAnswer(item: Item, random: RandomStream): Item | undefined {
  if (item.decisions.length === 0) return undefined;
  const number = random.integer(item.decisions.length);
  const { options, answer } = item.decisions[number]!;
  return answerBy(item, number, (answer + 1 + random.integer(options.length - 1)) % options.length);
}

/**
 * The item with a decision answered by the option at a place, in its reference and its key.
 *
 * @param item Any item.
 * @param number Number of the decision, from 0.
 * @param place Place of the option.
 * @returns The changed item, which keeps id and checks; undefined where its reference does not state the decision.
 */
export function answerBy(item: Item, number: number, place: number): Item | undefined {
  const reference = restate(item.reference, item.decisions[number]!, place);
  if (reference === undefined) return undefined;
  return {
    ...item,
    reference,
    decisions: item.decisions.map((one, i) => i === number ? { ...one, answer: place } : one),
  };
}

/**
 * The item with every decision answered at random, which may be right: by chance in one of as many as there are combinations.
 *
 * @param item Any item.
 * @param random Draws the options.
 * @returns The changed item; undefined where its reference does not state a decision, or it has none.
 */
export function answerAtRandom(item: Item, random: RandomStream): Item | undefined {
  if (item.decisions.length === 0) return undefined;
  return item.decisions.reduce<Item | undefined>(
    (answered, decision, number) =>
      answered && answerBy(answered, number, random.integer(decision.options.length)),
    item,
  );
}
