/**
 * PubMedQA (Jin et al., arXiv 1909.06146): research questions answered yes, no or maybe, on the official 500 test ids.
 *
 * The likelihood of ` yes`, ` no` and ` maybe` is compared after the abstract and question, or after the question alone.
 * Answering yes to everything is right in 55 % of them, so macro F1 stands beside the accuracy.
 *
 * @module
 */
import { join } from "@std/path";
import { z } from "zod";
import {
  dataFolder,
  hashJson,
  type OnProgress,
  parseConfig,
  parseJson,
  readText,
  WorkbenchError,
} from "../runtime/mod.ts";
import type { Interval } from "./intervals.ts";
import {
  type ChoiceOutcome,
  type ChoiceQuestion,
  type LogLikelihood,
  rankChoices,
  summarizeChoices,
} from "./likelihood.ts";
import { stratifiedSample } from "./sample.ts";

/** Raised when prompts or scoring change, so that results of different versions are not compared. */
export const pubmedqaVersion = 1;

/** The answers, in the order of all counts. */
export const pubmedqaAnswers = ["yes", "no", "maybe"] as const;

/** One of {@linkcode pubmedqaAnswers}. */
export type PubmedqaAnswer = typeof pubmedqaAnswers[number];

/** One question. */
export interface PubmedqaQuestion {
  /** PubMed id of the article. */
  readonly id: string;
  /** The question, mostly the article's title. */
  readonly question: string;
  /** Sections of the abstract, its conclusion left out. */
  readonly contexts: readonly string[];
  /** The experts' answer. */
  readonly answer: PubmedqaAnswer;
}

const answerSchema = z.enum(pubmedqaAnswers);
const articlesSchema = z.record(
  z.string(),
  z.object({
    QUESTION: z.string().min(1),
    CONTEXTS: z.array(z.string()).min(1),
  }),
);
const truthSchema = z.record(z.string(), answerSchema);

/**
 * Reads the test questions: those that `test_ground_truth.json` names, from `ori_pqal.json`.
 *
 * @param folder Folder of the files; the project's own when left out.
 * @returns The questions by ascending id.
 * @throws {UsageError} If a file's content is not as expected.
 * @throws {WorkbenchError} If a file cannot be read or a test id is missing.
 */
export async function loadPubmedqa(
  folder: string = join(dataFolder(), "benchmarks", "pubmedqa"),
): Promise<PubmedqaQuestion[]> {
  const articles = await readChecked(
    articlesSchema,
    join(folder, "ori_pqal.json"),
  );
  const truth = await readChecked(
    truthSchema,
    join(folder, "test_ground_truth.json"),
  );
  return Object.entries(truth)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([id, answer]) => {
      const article = articles[id];
      if (article === undefined) {
        throw new WorkbenchError(
          `Expected the test question ${id} but found none in ${folder}`,
        );
      }
      return {
        id,
        question: article.QUESTION,
        contexts: article.CONTEXTS,
        answer,
      };
    });
}

async function readChecked<T>(schema: z.ZodType<T>, path: string): Promise<T> {
  const text = await readText(path);
  if (text === undefined) {
    throw new WorkbenchError(`Expected questions in JSON but found no file at ${path}`);
  }
  return parseConfig(schema, parseJson(text, path), path);
}

/** What stands before the answer: the abstract and the question, or the question alone. */
export type PubmedqaPrompt = "abstract" | "question";

/**
 * The question with its three answers as continuations.
 *
 * @param question The question.
 * @param prompt What stands before the answer.
 * @returns Context and continuations.
 */
export function pubmedqaQuestion(
  question: PubmedqaQuestion,
  prompt: PubmedqaPrompt,
): ChoiceQuestion {
  return {
    id: question.id,
    context: prompt === "abstract"
      ? `Abstract: ${question.contexts.join(" ")}\nQuestion: ${question.question}\nAnswer:`
      : `Question: ${question.question}\nAnswer (yes, no or maybe):`,
    continuations: pubmedqaAnswers.map((answer) => ` ${answer}`),
    answer: pubmedqaAnswers.indexOf(question.answer),
  };
}

/** What {@linkcode evaluatePubmedqa} asks, and of whom. */
export interface PubmedqaOptions {
  /** The model. */
  readonly loglikelihood: LogLikelihood;
  /** What stands before the answer; the abstract when left out. */
  readonly prompt?: PubmedqaPrompt | undefined;
  /** Questions, drawn in proportion to the answers; all 500 when left out. */
  readonly limit?: number | undefined;
  /** Seed of the draw; 0 when left out. */
  readonly seed?: number | undefined;
  /** Folder of the files; the project's own when left out. */
  readonly folder?: string | undefined;
  /** Called with the number of requests done. */
  readonly onProgress?: OnProgress | undefined;
}

/** Result of {@linkcode evaluatePubmedqa}. */
export interface PubmedqaResult extends Interval {
  /** Always `pubmedqa`. */
  readonly benchmark: "pubmedqa";
  /** {@linkcode pubmedqaVersion} at the time. */
  readonly version: number;
  /** What stood before the answer. */
  readonly prompt: PubmedqaPrompt;
  /** Number of questions. */
  readonly n: number;
  /** Share of right answers; `low` and `high` are its 95 % Wilson limits. */
  readonly accuracy: number;
  /** Mean of the three answers' F1 scores. */
  readonly macroF1: number;
  /** Number of predictions of each answer. */
  readonly predicted: Readonly<Record<PubmedqaAnswer, number>>;
  /** Number of questions with each answer. */
  readonly truth: Readonly<Record<PubmedqaAnswer, number>>;
  /** One outcome for each question, in a fixed order, so that systems can be paired. */
  readonly perItem: readonly ChoiceOutcome[];
  /** Hash of everything that the model was asked. */
  readonly promptHash: string;
}

/**
 * Measures a model on PubMedQA's test questions.
 *
 * @param options What to ask, and of whom.
 * @returns Accuracy with n and interval, macro F1, outcomes by item and the hash of the prompts.
 * @throws {UsageError} If a file's content or the limit is not as expected.
 * @throws {WorkbenchError} If a file cannot be read or the model's answers are not numbers.
 */
export async function evaluatePubmedqa(
  options: PubmedqaOptions,
): Promise<PubmedqaResult> {
  const { prompt = "abstract", seed = 0 } = options;
  const all = await loadPubmedqa(options.folder);
  const chosen = stratifiedSample(
    all,
    (question) => question.answer,
    options.limit,
    seed,
  );
  const asked = chosen.map((question) => pubmedqaQuestion(question, prompt));
  const perItem = await rankChoices(
    asked,
    options.loglikelihood,
    options.onProgress,
  );
  const { n, accuracy, low, high, predicted } = summarizeChoices(
    perItem,
    "sum",
  );
  const truth = pubmedqaAnswers.map((_, i) => perItem.filter((o) => o.answer === i).length);
  const counts = (values: readonly number[]) =>
    Object.fromEntries(
      pubmedqaAnswers.map((answer, i) => [answer, values[i]!]),
    ) as Record<
      PubmedqaAnswer,
      number
    >;
  return {
    benchmark: "pubmedqa",
    version: pubmedqaVersion,
    prompt,
    n,
    accuracy,
    low,
    high,
    macroF1: macroF1(
      perItem.map((o) => o.predicted.sum),
      perItem.map((o) => o.answer),
      3,
    ),
    predicted: counts(predicted),
    truth: counts(truth),
    perItem,
    promptHash: await hashJson(
      asked.map((q) => [q.context, ...q.continuations]),
    ),
  };
}

/**
 * Mean F1 over classes; a class that is neither predicted nor true has F1 0.
 *
 * @param predicted Class index predicted for each item.
 * @param truth Class index that is right for each item.
 * @param classes Number of classes.
 * @returns A number in [0, 1].
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { macroF1 } from "./pubmedqa.ts";
 *
 * assertAlmostEquals(macroF1([0, 0, 1], [0, 1, 1], 2), 2 / 3);
 * ```
 */
export function macroF1(
  predicted: readonly number[],
  truth: readonly number[],
  classes: number,
): number {
  let sum = 0;
  for (let k = 0; k < classes; k++) {
    const hits = predicted.filter((p, i) => p === k && truth[i] === k).length;
    const seen = predicted.filter((p) => p === k).length +
      truth.filter((t) => t === k).length;
    sum += 2 * hits / Math.max(1, seen);
  }
  return sum / classes;
}
