/**
 * Your own benchmark: multiple choice as JSON Lines, `{"question": "...", "choices": ["...", "..."], "answer": 0}`.
 *
 * The likelihood of each choice's text is compared, not a generated letter: a small model says "A" whatever is asked.
 * Long choices are less likely in sum, so the likelihood per token is looked at.
 */
import { z } from "zod";
import {
  type ChoiceOutcome,
  type ChoiceSummary,
  type LogLikelihood,
  mcnemarFromItems,
  rankChoices,
  summarizeChoices,
} from "../../lib/evaluation/mod.ts";
import { parseConfig, parseJsonLines, readText, UsageError } from "../../lib/runtime/mod.ts";

// A schema says what a line must be. A bad line is one message: the key, what was expected, what was found, where.
const questionSchema = z.strictObject({
  question: z.string().min(1),
  choices: z.array(z.string().min(1)).min(2),
  answer: z.int().min(0),
}).refine(({ answer, choices }) => answer < choices.length, "an answer that is one of the choices")
  .refine(({ choices }) => new Set(choices).size === choices.length, {
    message: "texts that differ",
    path: ["choices"],
  });

/**
 * Measures a model on a file of questions.
 *
 * @param loglikelihood the model: `(requests, onProgress) => logLikelihoods({ tokenizer, policy }, requests, onProgress)`
 */
export async function evaluateFile(
  path: string,
  loglikelihood: LogLikelihood,
): Promise<ChoiceSummary> {
  // Accuracy with n, its 95 % Wilson interval, and how often each place in the list was predicted.
  return summarizeChoices(await rankFile(path, loglikelihood), "token");
}

/**
 * Compares two models on the same questions: only those that one of them alone gets right tell them apart (McNemar).
 *
 * @returns the difference of the accuracies, the first model's less the second's, and its exact p-value
 */
export async function compareOnFile(
  path: string,
  first: LogLikelihood,
  second: LogLikelihood,
): Promise<{ readonly difference: number; readonly p: number }> {
  const right = async (model: LogLikelihood): Promise<boolean[]> =>
    (await rankFile(path, model)).map(({ predicted, answer }) => predicted.token === answer);
  const { difference, exact } = mcnemarFromItems(await right(first), await right(second));
  return { difference, p: exact };
}

async function rankFile(path: string, loglikelihood: LogLikelihood): Promise<ChoiceOutcome[]> {
  const text = await readText(path);
  if (text === undefined) throw new UsageError(`Expected questions but found no file at ${path}`);
  const questions = parseJsonLines(text, path).map(({ value, line, where }) => {
    const { question, choices, answer } = parseConfig(questionSchema, value, where);
    // The space belongs to the choice: context and choice are encoded together and cut between tokens.
    const continuations = choices.map((choice) => ` ${choice}`);
    return { id: `${line}`, context: `Question: ${question}\nAnswer:`, continuations, answer };
  });
  return await rankChoices(questions, loglikelihood);
}
