/** What a trained model says when it may stay silent, and which treatments it names, in stages that the store keeps. @module */

import { selectiveThreshold } from "../../lib/evaluation/mod.ts";
import { checkClaim, type Claim, type Knowledge, mentions } from "../../lib/knowledge/mod.ts";
import { complete, logLikelihoods, renderChat } from "../../lib/model/mod.ts";
import { referencePasses, rulesVersion } from "../../lib/reward/mod.ts";
import { type Item, type Split, synthesize } from "../../lib/synthesis/mod.ts";
import { withLanguageModel } from "../stages/evaluate.ts";
import { readTrained, type TrainedSystem, trainingKey } from "../stages/train.ts";
import { STAGES_VERSION, type Workshop } from "../stages/workshop.ts";
import { START_SEED } from "../stages/tiny_start.ts";

/** Items that no training sees: a case lies in one split by its hash, whatever it was drawn with. */
export async function heldOutItems(
  { context, config, knowledge }: Workshop,
  count: number,
): Promise<{ items: Item[]; hash: string }> {
  const bar = context.stage("Generating held-out data");
  const { value, hash } = await context.store.json(
    "held-out",
    { version: STAGES_VERSION, rules: rulesVersion, count, seed: 1, families: config.families },
    async () => {
      const { items } = await synthesize({
        knowledge,
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

/** A four-option question as the model answered it. */
export interface ChoiceAnswer {
  /** The fact that was asked for: answers to different ones are independent. */
  readonly case: string;
  readonly split: Split;
  /** Lead of the likeliest option over the next, in nats a token. */
  readonly confidence: number;
  /** Whether the likeliest option is wrong. */
  readonly error: boolean;
}

/** Ranks the options of every question, as the answer's text after the chat prompt, by likelihood a token; one question a case. */
export async function choiceAnswers(
  workshop: Workshop,
  system: TrainedSystem,
  held: { items: readonly Item[]; hash: string },
): Promise<ChoiceAnswer[]> {
  const { context, config, tokenizer } = workshop;
  const seen = new Set<string>();
  const questions = held.items.flatMap((item) => {
    const check = item.checks.find(({ kind }) => kind === "choice");
    if (check?.kind !== "choice" || seen.has(item.case)) return [];
    seen.add(item.case);
    return [{ item, check }];
  });
  const bar = context.stage("Ranking options");
  const key = { ...trainingKey(workshop), parameters: system.hash, held: held.hash };
  const stage = await context.store.json("choices", key, async () => {
    const trainable = readTrained(workshop, system, START_SEED);
    try {
      return await withLanguageModel(workshop, trainable, async (language) => {
        const requests = questions.flatMap(({ item, check }) => {
          const chat = renderChat(tokenizer, [
            { role: "system", content: config.system },
            { role: "user", content: item.prompt },
          ], { addGenerationPrompt: true });
          return check.options.map((option, i) => ({
            context: `${chat}Answer:`,
            continuation: ` ${"ABCD"[i]}. ${option}`,
          }));
        });
        const found = await logLikelihoods(language, requests, bar.update);
        return questions.map(({ item, check }, q): ChoiceAnswer => {
          const scores = found.slice(4 * q, 4 * q + 4).map(({ logprob, tokens }) =>
            logprob / tokens
          );
          const [best, next] = scores.toSorted((a, b) => b - a);
          return {
            case: item.case,
            split: item.split,
            confidence: best! - next!,
            error: "ABCD"[scores.indexOf(best!)] !== check.letter,
          };
        });
      });
    } finally {
      trainable.values.dispose();
    }
  });
  bar.finish(stage.cached ? "from the store" : undefined);
  return stage.value;
}

/** Shares of the validation items that thresholds answer, the first of them half: no label is looked at. */
const coverages = [0.5, 0.6, 0.7, 0.8, 0.9, 1] as const;

/** What a model promises on held-out questions. */
export interface SelectiveOutcome {
  /** Error rate asked for. */
  readonly alpha: number;
  /** Calibration items, and items of the test split. */
  readonly calibration: number;
  readonly test: number;
  /** Items answered on the test split, and wrong ones among them; both 0 where nothing can be promised. */
  readonly answered: number;
  readonly errors: number;
  /** Wrong ones among all items of the test split. */
  readonly allErrors: number;
  /** Whether some threshold holds the promise. */
  readonly promised: boolean;
  /** The calibration's tests: threshold, items, errors, upper limit of the risk. */
  readonly tests: readonly { n: number; errors: number; upper: number }[];
}

/** Thresholds from the validation items, calibration on every second case of the test split, the rest for the count. */
export function answerSelectively(
  answers: readonly ChoiceAnswer[],
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
  const isCalibration = (answer: ChoiceAnswer) => parseInt(answer.case.at(-1)!, 16) % 2 === 0;
  const calibration = held.filter(isCalibration);
  const test = held.filter((answer) => !isCalibration(answer));
  const { threshold, tests } = selectiveThreshold({
    confidence: calibration.map(({ confidence }) => confidence),
    error: calibration.map(({ error }) => error),
    thresholds,
    ...promise,
  });
  const answered = test.filter(({ confidence }) =>
    threshold !== undefined && confidence >= threshold
  );
  const wrong = (list: readonly ChoiceAnswer[]) => list.filter(({ error }) => error).length;
  return {
    alpha: promise.alpha,
    calibration: calibration.length,
    test: test.length,
    answered: answered.length,
    errors: wrong(answered),
    allErrors: wrong(test),
    promised: threshold !== undefined,
    tests: tests.map(({ n, errors, upper }) => ({ n, errors, upper })),
  };
}

/** What the graph says about the drugs that an answer names. */
export type Treatment = "none named" | "supported" | "unknown" | "contradicted" | "not indicated";

/** The claim of an item about a treatment, where its reference names the drug. */
function treatmentOf(knowledge: Knowledge, item: Item): Claim | undefined {
  return mentions(knowledge, item.reference, ["drug"]).length === 0
    ? undefined
    : item.claims.find(({ predicate }) => predicate === "treats" || predicate === "palliates");
}

/** The worst that the graph says about any drug in an answer: as a treatment of the claim's disease, in the claim's role. */
export function judgeTreatment(knowledge: Knowledge, answer: string, claim: Claim): Treatment {
  const verdicts = mentions(knowledge, answer, ["drug"]).map(({ entity }): Treatment => {
    const said = { subject: entity.id, object: claim.object };
    if (checkClaim(knowledge, { ...said, predicate: "not_indicated" }).verdict === "supported") {
      return "not indicated";
    }
    return checkClaim(knowledge, { ...said, predicate: claim.predicate }).verdict;
  });
  const worst: Treatment[] = ["not indicated", "contradicted", "unknown", "supported"];
  return worst.find((verdict) => verdicts.includes(verdict)) ?? "none named";
}

/** Greedy answers to the held-out items that ask for a treatment, each with what the graph says about it. */
export async function treatments(
  workshop: Workshop,
  name: string,
  system: TrainedSystem | undefined,
  held: { items: readonly Item[]; hash: string },
): Promise<Treatment[]> {
  const { context, config, knowledge } = workshop;
  const asked = held.items.flatMap((item) => {
    const claim = treatmentOf(knowledge, item);
    return claim === undefined || item.split !== "test" ? [] : [{ item, claim }];
  });
  const bar = context.stage(`Treatments, ${name}`);
  const { maxNewTokens, evaluationRows } = config;
  const key = {
    ...trainingKey(workshop),
    parameters: system?.hash ?? null,
    held: held.hash,
    maxNewTokens,
    evaluationRows,
  };
  const stage = await context.store.json("treatments", key, async () => {
    const trainable = system && readTrained(workshop, system, START_SEED);
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
  return stage.value;
}
