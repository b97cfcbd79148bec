/**
 * Naive Bayes over the features of options: how much more often an option with a feature was right than by chance.
 *
 * @module
 */

/** Numbers for words, the same for the same word. */
export type Vocabulary = (word: string) => number;

/** Words are numbered below this, so that two numbers make one. */
const most = 2 ** 26;

/**
 * An empty vocabulary, which numbers words as they come.
 *
 * @returns The vocabulary.
 */
export function newVocabulary(): Vocabulary {
  const numbers = new Map<string, number>();
  return (word) => {
    let number = numbers.get(word);
    if (number === undefined) numbers.set(word, number = numbers.size);
    return number;
  };
}

/**
 * The feature that two words make together.
 *
 * @param context Number of the first word.
 * @param word Number of the second.
 * @returns A number of its own, exact below 2^53.
 */
export function pairOf(context: number, word: number): number {
  return context * most + word;
}

/** A question with its answer. */
export interface Example {
  /** The features of each option, none twice. */
  readonly options: readonly (readonly number[])[];
  /** Place of the right option. */
  readonly answer: number;
}

/**
 * Learn what features say of options.
 *
 * A feature's weight is the log of its odds of being right over those by chance, `(r + p) / (e + p)` against
 * `(n - r + 1 - p) / (n - e + 1 - p)`: r of n options with the feature were right, e = n p would be by chance, and one more
 * option is thought that is right as often as chance has it. So a feature that is right as often as chance says nothing.
 *
 * @param examples Questions of training items.
 * @returns The score of an option by its features: the sum of their weights, 0 for features never met.
 */
export function learnWeights(examples: Iterable<Example>): (features: readonly number[]) => number {
  const places = new Map<number, number>();
  const counts: number[] = [];
  for (const { options, answer } of examples) {
    for (const [place, features] of options.entries()) {
      for (const feature of features) {
        let at = places.get(feature);
        if (at === undefined) {
          places.set(feature, at = counts.length);
          counts.push(0, 0, 0);
        }
        counts[at]! += 1;
        counts[at + 1]! += 1 / options.length;
        if (place === answer) counts[at + 2]! += 1;
      }
    }
  }
  const weight = (feature: number): number => {
    const at = places.get(feature);
    if (at === undefined) return 0;
    const [n, expected, right] = [counts[at]!, counts[at + 1]!, counts[at + 2]!];
    const p = expected / n;
    return Math.log((right + p) / (expected + p)) -
      Math.log((n - right + 1 - p) / (n - expected + 1 - p));
  };
  return (features) => features.reduce((sum, feature) => sum + weight(feature), 0);
}
