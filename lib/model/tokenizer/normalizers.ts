/** How a `tokenizer.json` changes a text before it is cut, as the library tokenizers of Hugging Face does it. @module */

import * as z from "zod";
import { parseConfig, UsageError } from "../../runtime/mod.ts";
import { patternOf } from "./patterns.ts";

const stepSchema = z.looseObject({ type: z.string() });

type Step = z.infer<typeof stepSchema>;

const space = /\p{White_Space}/u;

/** What a normaliser does to a text. */
type Change = (text: string) => string;

function replaces(step: Step, where: string): Change {
  const pattern = patternOf(step["pattern"], `normalizer.pattern in ${where}`);
  const content = String(step["content"] ?? "");
  return (text) => pattern === undefined ? text : text.replace(pattern, () => content);
}

/**
 * Makes what a normaliser does.
 *
 * @param normalizer what stands at the key `normalizer` of a `tokenizer.json`; null or undefined for nothing
 * @param where the file's path, for messages
 * @throws UsageError when it is of a kind that is not supported
 */
export function normalizerOf(normalizer: unknown, where: string): Change {
  if (normalizer === null || normalizer === undefined) return (text) => text;
  const step = parseConfig(stepSchema, normalizer, `normalizer of ${where}`);
  switch (step.type) {
    case "Sequence": {
      const steps = parseConfig(z.array(stepSchema), step["normalizers"], `normalizer of ${where}`)
        .map((inner) => normalizerOf(inner, where));
      return (text) => steps.reduce((changed, change) => change(changed), text);
    }
    case "NFC":
    case "NFD":
    case "NFKC":
    case "NFKD": {
      const form = step.type;
      return (text) => text.normalize(form);
    }
    case "Lowercase":
      // Letter by letter: a sigma at the end of a word is like any other.
      return (text) => Array.from(text, (letter) => letter.toLowerCase()).join("");
    case "Strip": {
      const left = step["strip_left"] !== false;
      const right = step["strip_right"] !== false;
      return (text) => {
        let [start, end] = [0, text.length];
        while (left && start < end && space.test(text[start]!)) start++;
        while (right && start < end && space.test(text[end - 1]!)) end--;
        return text.slice(start, end);
      };
    }
    case "StripAccents":
      return (text) => text.replace(/\p{Mn}/gu, "");
    case "Prepend": {
      const before = String(step["prepend"] ?? "");
      return (text) => text === "" ? text : before + text;
    }
    case "Replace":
      return replaces(step, where);
    default:
      throw new UsageError(
        "Expected normalizer.type to be one of Sequence, NFC, NFD, NFKC, NFKD, Lowercase, Strip, StripAccents, " +
          `Prepend, Replace but found ${JSON.stringify(step.type)} in ${where}`,
      );
  }
}
