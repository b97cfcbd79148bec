/**
 * Questions of one's own as items: a prompt with its answer, perhaps with options, and checks that need no graph.
 */
import { z } from "zod";
import { hashJson, randomStream, type Schema, UsageError } from "../../runtime/mod.ts";
import { type Check, checkedCapabilities, checkSchema } from "../check.ts";
import { capabilities, type Capability, type Item, type Split, splits } from "../item.ts";
import { factShares } from "../split.ts";
import { plainWords } from "./contamination.ts";

/** A question of one's own. */
export interface OwnQuestion {
  /** What is asked, without the options. */
  readonly prompt: string;
  /** The answer; where there are options, one of them or its letter. */
  readonly answer: string;
  /** What can be chosen from. */
  readonly options?: readonly string[];
  /** The capability that it belongs to; domain when left out. */
  readonly capability?: Capability;
  /** The split; by the question's words when left out. */
  readonly split?: Split;
  /** Further demands on a completion; where there are no options, they take the place of the one that it holds the answer. */
  readonly checks?: readonly Check[];
}

/** Kinds of checks whose entity ids only a knowledge graph explains. */
const graphKinds: ReadonlySet<Check["kind"]> = new Set(["entities", "fact", "link", "subset"]);

const text = z.string().trim().min(1);
const option = text.transform((words) => words.replace(/\s+/g, " "));

/** Schema of a question. */
export const questionSchema: Schema<OwnQuestion> = z.strictObject({
  prompt: text,
  answer: text,
  options: z.array(option).min(2).max(26).exactOptional(),
  capability: z.enum(capabilities).exactOptional(),
  split: z.enum(splits).exactOptional(),
  checks: z.array(checkSchema).min(1).exactOptional(),
});

/**
 * The split of a question by its words alone, so that its twins with other options, punctuation or capitals lie beside it.
 *
 * @param prompt The question.
 * @returns Training, validation or test, in the shares of generated facts.
 */
export function splitOfQuestion(prompt: string): Split {
  const at = randomStream(0, `question ${plainWords(prompt).join(" ")}`).next();
  if (at < factShares.test) return "test";
  return at < factShares.test + factShares.validation ? "validation" : "train";
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** Place of the answer among the options: the option that it is, or that of its letter. */
function answerPlace(answer: string, options: readonly string[], where: string): number {
  const plain = (words: string): string => words.replace(/\s+/g, " ").toLowerCase();
  const twice = options.findIndex((one, i) =>
    options.findIndex((other) => plain(other) === plain(one)) < i
  );
  if (twice >= 0) {
    throw new UsageError(
      `Expected options to be different but found options.${twice}, ${
        JSON.stringify(options[twice])
      }, twice in ${where}`,
    );
  }
  const said = options.findIndex((one) => plain(one) === plain(answer));
  const place = said >= 0 ? said : answer.length === 1 ? letters.indexOf(answer) : -1;
  if (place >= 0 && place < options.length) return place;
  throw new UsageError(
    `Expected answer to be one of the options or a letter from A to ${
      letters[options.length - 1]
    } but found ${JSON.stringify(answer)} in ${where}`,
  );
}

/** What an item has that depends on whether there are options. */
type Answered = Pick<Item, "prompt" | "reference" | "decisions"> & { readonly check: Check };

const where = { format: "line", field: "Answer" } as const;

/** Four options by letter, as in the families of the generator. */
function lettered(prompt: string, options: readonly string[], answer: number): Answered {
  const lines = options.map((words, i) => `${letters[i]}. ${words}`);
  return {
    prompt: [prompt, ...lines, "Reply in the form: Answer: letter. text"].join("\n"),
    reference: `Answer: ${lines[answer]}`,
    decisions: [{ where, options, answer }],
    check: {
      kind: "choice",
      capability: "domain",
      letter: letters[answer] as "A" | "B" | "C" | "D",
      options,
    },
  };
}

/** Any other number of options, each a line: the answer is the option's text. */
function listed(
  prompt: string,
  options: readonly string[],
  answer: number,
  place: string,
): Answered {
  const padded = options.map((words) => ` ${plainWords(words).join(" ")} `);
  const inside = padded.findIndex((one, i) =>
    padded.some((other, j) => i !== j && other.includes(one))
  );
  if (inside >= 0) {
    throw new UsageError(
      `Expected options of which none is part of another, as there are not four, but found options.${inside}, ${
        JSON.stringify(options[inside])
      }, in another in ${place}`,
    );
  }
  const lines = options.map((words) => `- ${words}`);
  return {
    prompt: [prompt, ...lines, "Reply in the form: Answer: one of these"].join("\n"),
    reference: `Answer: ${options[answer]}`,
    decisions: [{ where, options, answer }],
    check: {
      kind: "value",
      capability: "domain",
      where,
      expected: options[answer]!,
      allowed: options,
    },
  };
}

/** Makes sure that a completion can earn the capability that the question belongs to. */
function checkCovered(capability: Capability, checks: readonly Check[], place: string): void {
  const needed = capability === "integration" ? checkedCapabilities : [capability];
  const missing = needed.find((one) => checks.every((check) => check.capability !== one));
  if (missing === undefined) return;
  throw new UsageError(
    `Expected checks of ${
      needed.join(", ")
    }, as capability is ${capability}, but found none of ${missing} in ${place}`,
  );
}

/** The checks of a question. */
function checksOf(
  { answer, options, capability = "domain", checks }: OwnQuestion,
  check: Check | undefined,
  place: string,
): Check[] {
  const graph = checks?.findIndex(({ kind }) => graphKinds.has(kind)) ?? -1;
  if (graph >= 0) {
    throw new UsageError(
      `Expected checks that need no graph but found checks.${graph}.kind to be ${
        checks![graph]!.kind
      } in ${place}`,
    );
  }
  const own = capability === "integration" ? "domain" : capability;
  const given = options === undefined
    ? { kind: "keyword" as const, capability: own, word: answer, times: 1 }
    : { ...check!, capability: own };
  const all = options === undefined && checks !== undefined ? checks : [given, ...checks ?? []];
  checkCovered(capability, all, place);
  return [...all];
}

/**
 * A question as an item.
 *
 * Four options are shown with letters and checked as a choice, another number as lines of which one is to be repeated; without
 * options the answer has to occur in the completion. The id is the hash of the content, as that of a generated item.
 *
 * @param question The question.
 * @param family The family that it is put into.
 * @param place File and line, for messages.
 * @returns The item; it rests on no claims.
 * @throws UsageError in one line when the answer is none of the options, options are alike, or a check does not fit.
 * @example
 * ```ts
 * import { itemOfQuestion } from "./question.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const question = { prompt: "What carries oxygen?", answer: "B", options: ["bile", "haemoglobin", "lymph", "insulin"] };
 * const { reference, decisions } = await itemOfQuestion(question, "own", "a.jsonl, line 1");
 * assertEquals([reference, decisions[0]?.answer], ["Answer: B. haemoglobin", 1]);
 * ```
 */
export async function itemOfQuestion(
  question: OwnQuestion,
  family: string,
  place: string,
): Promise<Item> {
  const { prompt, answer, options, capability = "domain" } = question;
  const at = options && answerPlace(answer, options, place);
  const answered = options === undefined
    ? { prompt, reference: answer, decisions: [], check: undefined }
    : options.length === 4
    ? lettered(prompt, options, at!)
    : listed(prompt, options, at!, place);
  const { check, ...words } = answered;
  const checks = checksOf(question, check, place);
  const version = 1;
  const { reference } = words;
  return {
    id: await hashJson({ family, version, prompt: words.prompt, reference, checks }),
    capability,
    family,
    version,
    split: question.split ?? splitOfQuestion(prompt),
    prompt: words.prompt,
    reference,
    checks,
    claims: [],
    decisions: words.decisions,
    case: await hashJson(plainWords(prompt)),
    template: "own",
  };
}
