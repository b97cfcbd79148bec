/** What a trained model says when it may stay silent, and which treatments it names, in stages that the store keeps. @module */

import { selectiveThreshold } from "../../lib/evaluation/mod.ts";
import { checkClaim, type Claim, type Knowledge, mentions } from "../../lib/knowledge/mod.ts";
import { complete, logLikelihoods, renderChat } from "../../lib/model/mod.ts";
import { referencePasses } from "../../lib/reward/mod.ts";
import { UsageError } from "../../lib/runtime/mod.ts";
import { type Item, synthesize } from "../../lib/synthesis/mod.ts";
import { withLanguageModel } from "../stages/evaluate.ts";
import { readTrained, type TrainedSystem, trainingKey } from "../stages/train.ts";
import { itemsKey } from "../stages/keys.ts";
import type { Workshop } from "../stages/workshop.ts";
import type {
  ChoiceAnswer,
  SelectiveOutcome,
  TreatedItem,
  Treatment,
  TreatmentCount,
} from "./findings.ts";

/** Held-out items with the hash of what they depend on. */
export interface HeldOutItems {
  /** The items, of validation and test. */
  readonly items: readonly Item[];
  /** The hash. */
  readonly hash: string;
}

/**
 * Items that no training sees: a case lies in one split by its hash, whatever it was drawn with.
 *
 * @param workshop Data and models.
 * @param count Items that are drawn, over all splits.
 * @returns Those of validation and test.
 */
export async function heldOutItems(
  { context, config, knowledge, clinical, inputs }: Workshop,
  count: number,
): Promise<HeldOutItems> {
  const bar = context.stage("Generating held-out data");
  const { value, hash } = await context.store.json(
    "held-out",
    { ...itemsKey(inputs, { items: count }), seed: 1, chosen: config.families },
    async () => {
      const { items } = await synthesize({
        clinical,
        count,
        seed: 1,
        verify: (item) => referencePasses(item, knowledge),
        onProgress: bar.update,
      });
      return items.filter(({ family, split }) =>
        split !== "train" && (config.families?.includes(family) ?? true)
      );
    },
  );
  bar.finish(`${value.length} items`);
  return { items: value, hash };
}

/** Letters of the options. */
const letters = "ABCD";

/** The questions with options, one a case. */
function questionsOf(items: readonly Item[]) {
  const seen = new Set<string>();
  return items.flatMap((item) => {
    const check = item.checks.find(({ kind }) => kind === "choice");
    if (check?.kind !== "choice" || seen.has(item.case)) return [];
    seen.add(item.case);
    return [{ item, check }];
  });
}

/** Families as they are written in a message. */
const familiesOf = ({ config }: Workshop) => config.families?.join(", ") ?? "all families";

/**
 * Ranks the options of every question, as the answer's text after the chat prompt, by likelihood a token; one question a
 * case.
 *
 * @param workshop Data and models.
 * @param system The system that answers.
 * @param held Items that no training saw.
 * @returns One answer for each case.
 * @throws {UsageError} when no item is a question with options
 */
export async function choiceAnswers(
  workshop: Workshop,
  system: TrainedSystem,
  held: HeldOutItems,
): Promise<ChoiceAnswer[]> {
  const { context, config, tokenizer } = workshop;
  const questions = questionsOf(held.items);
  if (questions.length === 0) {
    throw new UsageError(
      `Expected questions with options among the held-out items but found none in ${
        familiesOf(workshop)
      }`,
    );
  }
  const bar = context.stage("Ranking options");
  const key = { ...trainingKey(workshop), parameters: system.hash, held: held.hash };
  const stage = await context.store.json("option-scores", key, async () => {
    const trainable = readTrained(workshop, system);
    try {
      return await withLanguageModel(workshop, trainable, async (language) => {
        const requests = questions.flatMap(({ item, check }) => {
          const chat = renderChat(tokenizer, [
            { role: "system", content: config.system },
            { role: "user", content: item.prompt },
          ], { addGenerationPrompt: true });
          return check.options.map((option, i) => ({
            context: `${chat}Answer:`,
            continuation: ` ${letters[i]}. ${option}`,
            chat: true,
          }));
        });
        const found = await logLikelihoods(language, requests, bar.update);
        const scores = found.map(({ logprob, tokens }) => logprob / tokens);
        const size = letters.length;
        return questions.map((_, q) => scores.slice(size * q, size * (q + 1)));
      });
    } finally {
      trainable.values.dispose();
    }
  });
  bar.finish(stage.cached ? "from the store" : undefined);
  return questions.map(({ item, check }, q): ChoiceAnswer => {
    const scores = stage.value[q]!;
    const [best, next] = scores.toSorted((a, b) => b - a);
    return {
      case: item.case,
      family: item.family,
      split: item.split,
      scores,
      confidence: best! - next!,
      error: letters[scores.indexOf(best!)] !== check.letter,
    };
  });
}

/** Shares of the validation items that thresholds answer, the first of them half: no label is looked at. */
export const coverages = [0.5, 0.6, 0.7, 0.8, 0.9, 1] as const;

/**
 * Thresholds from the validation items, calibration on every second case of the test split, the rest for the count.
 *
 * @param answers Answers of validation and test, one a case.
 * @param promise Error rate asked for, and the probability with which the promise may fail.
 * @returns What may be answered, and what came of it.
 */
export function answerSelectively(
  answers: readonly Pick<ChoiceAnswer, "case" | "split" | "confidence" | "error">[],
  promise: { readonly alpha: number; readonly delta: number },
): SelectiveOutcome {
  const validation = answers.filter(({ split }) => split === "validation")
    .map(({ confidence }) => confidence).sort((a, b) => b - a);
  const thresholds = [
    ...new Set(
      coverages.map((share) =>
        share === 1 ? 0 : validation[Math.ceil(share * validation.length) - 1] ?? 0
      ),
    ),
  ];
  const held = answers.filter(({ split }) => split === "test");
  // The case is a hash: its last digit is as good as a coin.
  const isCalibration = (hash: string) => parseInt(hash.at(-1)!, 16) % 2 === 0;
  const calibration = held.filter((answer) => isCalibration(answer.case));
  const test = held.filter((answer) => !isCalibration(answer.case));
  const { threshold, tests } = selectiveThreshold({
    confidence: calibration.map(({ confidence }) => confidence),
    error: calibration.map(({ error }) => error),
    thresholds,
    ...promise,
  });
  const answered = test.filter(({ confidence }) =>
    threshold !== undefined && confidence >= threshold
  );
  const wrong = (list: readonly { readonly error: boolean }[]) =>
    list.filter(({ error }) => error).length;
  return {
    alpha: promise.alpha,
    calibration: calibration.length,
    test: test.length,
    threshold: threshold ?? null,
    answered: answered.length,
    errors: wrong(answered),
    allErrors: wrong(test),
    tests: tests.map(({ threshold, n, errors, upper }) => ({ threshold, n, errors, upper })),
  };
}

/** The claim of an item about a treatment, where its reference names the drug. */
function treatmentOf(knowledge: Knowledge, item: Item): Claim | undefined {
  return mentions(knowledge, item.reference, ["drug"]).length === 0
    ? undefined
    : item.claims.find(({ predicate }) => predicate === "treats" || predicate === "palliates");
}

/**
 * The worst that the graph says about any drug in an answer: as a treatment of the claim's disease, in the claim's role.
 *
 * @param knowledge The graph.
 * @param answer The answer's text.
 * @param claim The disease and the role that were asked for.
 * @returns The verdict.
 */
export function judgeTreatment(knowledge: Knowledge, answer: string, claim: Claim): Treatment {
  const verdicts = mentions(knowledge, answer, ["drug"]).map(({ entity }): Treatment => {
    const said = { subject: entity.id, object: claim.object };
    if (checkClaim(knowledge, { ...said, predicate: "contraindicated" }).verdict === "supported") {
      return "contraindicated";
    }
    const { verdict } = checkClaim(knowledge, { ...said, predicate: claim.predicate });
    return verdict === "associated" ? "unknown" : verdict;
  });
  const worst: Treatment[] = ["contraindicated", "contradicted", "unknown", "supported"];
  return worst.find((verdict) => verdicts.includes(verdict)) ?? "none named";
}

/**
 * Greedy answers to the held-out items that ask for a treatment, each with what the graph says about it.
 *
 * @param workshop Data and models.
 * @param name Name of the system.
 * @param system The system that answers; undefined: the model as it is.
 * @param held Items that no training saw.
 * @returns The answers with their counts.
 * @throws {UsageError} when no item of the test split asks for a treatment
 */
export async function treatments(
  workshop: Workshop,
  name: string,
  system: TrainedSystem | undefined,
  held: HeldOutItems,
): Promise<TreatmentCount> {
  const { context, config, knowledge } = workshop;
  const asked = held.items.flatMap((item) => {
    const claim = treatmentOf(knowledge, item);
    return claim === undefined || item.split !== "test" ? [] : [{ item, claim }];
  });
  if (asked.length === 0) {
    throw new UsageError(
      `Expected questions for a treatment among the held-out items but found none in ${
        familiesOf(workshop)
      }`,
    );
  }
  const bar = context.stage(`Treatments, ${name}`);
  const { maxNewTokens, evaluationRows } = config;
  const key = {
    ...trainingKey(workshop),
    parameters: system?.hash ?? null,
    held: held.hash,
    knowledge: workshop.inputs.knowledge,
    maxNewTokens,
    evaluationRows,
  };
  const stage = await context.store.json("treatments", key, async () => {
    const trainable = system && readTrained(workshop, system);
    try {
      const answers = await withLanguageModel(
        workshop,
        trainable,
        (language) =>
          complete(language, asked.map(({ item }) => item.prompt), {
            maxNewTokens,
            temperature: 0,
            seed: 0,
            system: config.system,
            batchRows: evaluationRows,
          }, bar.update),
      );
      return answers.map(([first], i) => judgeTreatment(knowledge, first!.text, asked[i]!.claim));
    } finally {
      trainable?.values.dispose();
    }
  });
  bar.finish(stage.cached ? "from the store" : undefined);
  return countTreatments(
    name,
    asked.map(({ item: { id, family } }, i) => ({ id, family, verdict: stage.value[i]! })),
  );
}

/** Counts the answers of a system by verdict. */
function countTreatments(system: string, answers: readonly TreatedItem[]): TreatmentCount {
  const counts: Record<Treatment, number> = {
    "none named": 0,
    supported: 0,
    unknown: 0,
    contradicted: 0,
    "contraindicated": 0,
  };
  for (const { verdict } of answers) counts[verdict]++;
  return { system, n: answers.length, counts, answers };
}
