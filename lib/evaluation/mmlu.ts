/**
 * MMLU's biomedical subjects (Hendrycks et al., arXiv 2009.03300): four-option questions, asked two ways.
 *
 * Cloze: the likelihood of ` choice` after `Question: ...` and `Answer:`, by three normalisations. Letters: the
 * likelihood of ` A` to ` D` after the question with its options. A small model answers the letters variant with the
 * same letter whatever is asked, so its result comes with the distribution of predictions; options are shuffled
 * for each item unless that is turned off.
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
  parseCsv,
  randomStream,
  readText,
  UsageError,
  WorkbenchError,
} from "../runtime/mod.ts";
import {
  type ChoiceOutcome,
  type ChoiceQuestion,
  type ChoiceSummary,
  type LogLikelihood,
  type Normalization,
  normalizations,
  rankChoices,
  summarizeChoices,
} from "./likelihood.ts";
import { stratifiedSample } from "./sample.ts";

/** Raised when prompts or scoring change, so that results of different versions are not compared. */
export const mmluVersion = 1;

/** The subjects that come with the project. */
export const mmluSubjects = [
  "anatomy",
  "clinical_knowledge",
  "college_biology",
  "college_medicine",
  "human_aging",
  "medical_genetics",
  "nutrition",
  "professional_medicine",
  "virology",
] as const;

/** One of {@linkcode mmluSubjects}. */
export type MmluSubject = typeof mmluSubjects[number];

/** The six subjects that stand for biomedical knowledge in most publications. */
export const biomedicalSubjects: readonly MmluSubject[] = [
  "anatomy",
  "clinical_knowledge",
  "college_biology",
  "college_medicine",
  "medical_genetics",
  "professional_medicine",
];

/** One question. */
export interface MmluQuestion {
  /** Subject and position in its file, counted from 0, as `anatomy/12`. */
  readonly id: string;
  /** Where it belongs. */
  readonly subject: MmluSubject;
  /** The question's text. */
  readonly question: string;
  /** Four choices. */
  readonly choices: readonly string[];
  /** Index of the right choice. */
  readonly answer: number;
}

const columns = [
  "question",
  "choice0",
  "choice1",
  "choice2",
  "choice3",
  "answer",
] as const;
const text = z.string().trim().min(1);
const rowSchema = z.object({
  question: text,
  choice0: text,
  choice1: text,
  choice2: text,
  choice3: text,
  answer: z.string().regex(/^[0-3]$/).transform(Number),
});

/**
 * Reads a subject's questions from `SUBJECT_SPLIT.csv`.
 *
 * @param subject The subject.
 * @param split The test questions, or the five or more for examples in a prompt.
 * @param folder Folder of the files; the project's own when left out.
 * @returns The questions in the file's order.
 * @throws {UsageError} If the subject is unknown or a row is not as expected: another number of cells, a choice twice.
 * @throws {WorkbenchError} If the file cannot be read.
 */
export async function loadMmlu(
  subject: MmluSubject,
  split: "test" | "dev" = "test",
  folder: string = join(dataFolder(), "benchmarks", "mmlu"),
): Promise<MmluQuestion[]> {
  if (!mmluSubjects.includes(subject)) {
    throw new UsageError(
      `Expected subject to be one of ${mmluSubjects.join(", ")} but found ${subject}`,
    );
  }
  const path = join(folder, `${subject}_${split}.csv`);
  const content = await readText(path);
  if (content === undefined) {
    throw new WorkbenchError(`Expected questions in CSV but found no file at ${path}`);
  }
  const table = parseCsv(content, path);
  if (table.columns.join() !== columns.join()) {
    throw new UsageError(
      `Expected the columns ${columns} but found ${table.columns} in ${path}`,
    );
  }
  return table.rows.map(({ cells, where }, index) => {
    const row = parseConfig(rowSchema, cells, where);
    const choices = [row.choice0, row.choice1, row.choice2, row.choice3];
    const twice = choices.findIndex((choice, i) => choices.indexOf(choice) !== i);
    if (twice >= 0) {
      throw new UsageError(
        `Expected four different choices but found choice${twice} to be choice${
          choices.indexOf(choices[twice]!)
        } again in ${where}; leave the question out or mend it`,
      );
    }
    return {
      id: `${subject}/${index}`,
      subject,
      question: row.question,
      choices,
      answer: row.answer,
    };
  });
}

const LETTERS = "ABCD";

/**
 * The question as cloze: the choices' own text is scored.
 *
 * @param question The question.
 * @returns Context and continuations.
 */
export function clozeQuestion(question: MmluQuestion): ChoiceQuestion {
  return {
    id: question.id,
    context: `Question: ${question.question}\nAnswer:`,
    continuations: question.choices.map((choice) => ` ${choice}`),
    answer: question.answer,
  };
}

/**
 * The question with its options listed: the letters are scored.
 *
 * @param question The question.
 * @param examples Solved questions put before it.
 * @returns Context and continuations.
 */
export function lettersQuestion(
  question: MmluQuestion,
  examples: readonly MmluQuestion[] = [],
): ChoiceQuestion {
  const block = (q: MmluQuestion) =>
    `${q.question}\n${q.choices.map((choice, i) => `${LETTERS[i]}. ${choice}\n`).join("")}Answer:`;
  const subject = question.subject.replaceAll("_", " ");
  return {
    id: question.id,
    context: `The following are multiple choice questions (with answers) about ${subject}.\n\n${
      examples.map((q) => `${block(q)} ${LETTERS[q.answer]}\n\n`).join("")
    }${block(question)}`,
    continuations: [...LETTERS].map((letter) => ` ${letter}`),
    answer: question.answer,
  };
}

/**
 * The question with its options in an order drawn from the seed and its id.
 *
 * @param question The question.
 * @param seed Seed of the draw.
 * @returns The same question, options and answer moved together.
 */
export function shuffleOptions(
  question: MmluQuestion,
  seed: number,
): MmluQuestion {
  const order = randomStream(seed, "options", question.id).shuffle(
    question.choices.map((_, i) => i),
  );
  return {
    ...question,
    choices: order.map((i) => question.choices[i]!),
    answer: order.indexOf(question.answer),
  };
}

/** What {@linkcode evaluateMmlu} asks, and of whom. */
export interface MmluOptions {
  /** The model. */
  readonly loglikelihood: LogLikelihood;
  /** Subjects; {@linkcode biomedicalSubjects} when left out. */
  readonly subjects?: readonly MmluSubject[] | undefined;
  /** Questions over all subjects together, drawn in proportion; all of them when left out. */
  readonly limit?: number | undefined;
  /** Seed of the draw and of the options' order; 0 when left out. */
  readonly seed?: number | undefined;
  /** Which way to ask; cloze when left out. */
  readonly variant?: "cloze" | "letters" | undefined;
  /** Solved questions before each one, letters variant only; 0 when left out. */
  readonly shots?: number | undefined;
  /** Whether the letters variant shuffles each item's options; true when left out. */
  readonly shuffle?: boolean | undefined;
  /** Folder of the files; the project's own when left out. */
  readonly folder?: string | undefined;
  /** Called with the number of requests done. */
  readonly onProgress?: OnProgress | undefined;
}

/** Accuracy of one subject or of all together. */
export interface MmluScore {
  /** Number of questions. */
  readonly n: number;
  /** By normalisation: accuracy and the distribution of predicted choices. In the letters variant all tend to agree. */
  readonly scores: Readonly<Record<Normalization, ChoiceSummary>>;
}

/** Result of {@linkcode evaluateMmlu}. */
export interface MmluResult extends MmluScore {
  /** Always `mmlu`. */
  readonly benchmark: "mmlu";
  /** {@linkcode mmluVersion} at the time. */
  readonly version: number;
  /** Which way was asked. */
  readonly variant: "cloze" | "letters";
  /** Solved questions before each one. */
  readonly shots: number;
  /** Mean of the subjects' accuracies, by normalisation; `scores` counts each question the same. */
  readonly macro: Readonly<Record<Normalization, number>>;
  /** Scores by subject. */
  readonly subjects: readonly (MmluScore & { readonly subject: MmluSubject })[];
  /** One outcome for each question, in a fixed order, so that systems can be paired. */
  readonly perItem: readonly ChoiceOutcome[];
  /** Hash of everything that the model was asked. */
  readonly promptHash: string;
}

/**
 * Measures a model on MMLU.
 *
 * @param options What to ask, and of whom.
 * @returns Accuracies with n and interval, outcomes by item and the hash of the prompts.
 * @throws {UsageError} If a subject is unknown, there are not enough examples, or options disagree.
 * @throws {WorkbenchError} If a file cannot be read or the model's answers are not numbers.
 */
export async function evaluateMmlu(options: MmluOptions): Promise<MmluResult> {
  const { variant = "cloze", shots = 0, seed = 0, shuffle = true, folder } = options;
  const subjects = options.subjects ?? biomedicalSubjects;
  if (variant === "cloze" && shots > 0) {
    throw new UsageError(
      `Expected shots to be 0 in the cloze variant but found ${shots}`,
    );
  }
  const all = (await Promise.all(
    subjects.map((subject) => loadMmlu(subject, "test", folder)),
  )).flat();
  const examples = new Map<MmluSubject, MmluQuestion[]>();
  for (const subject of shots > 0 ? subjects : []) {
    const solved = await loadMmlu(subject, "dev", folder);
    if (!(shots <= solved.length)) {
      throw new UsageError(
        `Expected shots to be at most ${solved.length} for ${subject} but found ${shots}`,
      );
    }
    examples.set(subject, solved.slice(0, shots));
  }
  const chosen = stratifiedSample(
    all,
    (question) => question.subject,
    options.limit,
    seed,
  );
  const asked = chosen.map((question) =>
    variant === "cloze" ? clozeQuestion(question) : lettersQuestion(
      shuffle ? shuffleOptions(question, seed) : question,
      examples.get(question.subject),
    )
  );
  const perItem = await rankChoices(
    asked,
    options.loglikelihood,
    options.onProgress,
  );
  const bySubject = subjects.flatMap((subject) => {
    const own = perItem.filter((_, i) => chosen[i]!.subject === subject);
    return own.length === 0 ? [] : [{ subject, ...scoreOf(own) }];
  });
  return {
    benchmark: "mmlu",
    version: mmluVersion,
    variant,
    shots,
    ...scoreOf(perItem),
    macro: byNormalization((name) =>
      bySubject.reduce((sum, one) => sum + one.scores[name].accuracy, 0) /
      bySubject.length
    ),
    subjects: bySubject,
    perItem,
    promptHash: await hashJson(
      asked.map((q) => [q.context, ...q.continuations]),
    ),
  };
}

function scoreOf(outcomes: readonly ChoiceOutcome[]): MmluScore {
  return {
    n: outcomes.length,
    scores: byNormalization((name) => summarizeChoices(outcomes, name)),
  };
}

function byNormalization<T>(
  value: (name: Normalization) => T,
): Record<Normalization, T> {
  return Object.fromEntries(
    normalizations.map((name) => [name, value(name)]),
  ) as Record<
    Normalization,
    T
  >;
}
