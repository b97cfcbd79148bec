import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { decide, type DecisionOutcome } from "../../lib/evaluation/mod.ts";
import {
  basePolicy,
  createTransformer,
  disposeTransformer,
  type LanguageModel,
  logLikelihoods,
  type Tokenizer,
} from "../../lib/model/mod.ts";
import { startBackend, tf } from "../../lib/runtime/mod.ts";
import type { Check, Decision, Item } from "../../lib/synthesis/mod.ts";
import { letterTokenizer, smallCheckpoint, smallConfig } from "../model/small_model.ts";

await startBackend();

/** One token for each character of ASCII text; the end token is a zero byte. */
const characters: Tokenizer = {
  ...letterTokenizer,
  encode: (text) => [...text].map((c) => 1 + c.charCodeAt(0) % (letterTokenizer.vocabSize - 1)),
  tokenBytes: () => new Uint8Array(1),
};

const checkpoint = smallCheckpoint(smallConfig("llama", { maxPositions: 1024 }));

async function withModel(use: (language: LanguageModel) => Promise<void>): Promise<void> {
  const before = tf.memory().numTensors;
  const model = createTransformer(checkpoint);
  await use({ tokenizer: characters, policy: basePolicy(model) });
  disposeTransformer(model);
  assertEquals(tf.memory().numTensors, before);
}

function itemOf(
  id: string,
  prompt: string,
  decisions: readonly Decision[],
  more: { checks?: readonly Check[]; group?: string } = {},
): Item {
  return {
    id,
    capability: "reasoning",
    family: `family-${id}`,
    version: 1,
    split: "test",
    prompt,
    reference: "-",
    checks: [],
    claims: [],
    decisions,
    case: id,
    template: "own",
    ...more,
  };
}

const diseases = ["gout", "asthma", "whooping cough"];
const letters = ["fever", "a cough", "pain", "rash"];
const drugs = ["salbutamol", "colchicine"];
const items: readonly Item[] = [
  itemOf("a", "Is it gout, asthma or whooping cough? Or salbutamol, colchicine?", [
    { where: { format: "line", field: "Diagnosis" }, options: diseases, answer: 2 },
    { where: { format: "json", field: "drug" }, options: drugs, answer: 1 },
  ], { group: "g" }),
  itemOf("b", "No options here.", []),
  itemOf("c", "Which?\nA. fever\nB. a cough\nC. pain\nD. rash", [
    { where: { format: "line", field: "Answer" }, options: letters, answer: 0 },
  ], {
    checks: [{ kind: "choice", capability: "domain", letter: "A", options: letters }],
  }),
  itemOf("d", "One sentence: gout, asthma or whooping cough.", [
    { where: { format: "text" }, options: diseases, answer: 1 },
  ]),
];

/** Place of the continuation that is likeliest by its mean over tokens, of which every character is one. */
async function likeliest(
  language: LanguageModel,
  prompt: string,
  lead: string,
  continuations: readonly string[],
): Promise<number> {
  const context = `system be brief\0user ${prompt}\0bot ${lead}`;
  const found = await logLikelihoods(
    language,
    continuations.map((continuation) => ({ context, continuation, chat: true as const })),
  );
  const means = found.map(({ logprob, tokens }, i) => {
    assertEquals(tokens, continuations[i]!.length);
    return logprob / tokens;
  });
  return means.indexOf(Math.max(...means));
}

Deno.test("each decision is asked where the form states it, by likelihood a token", () =>
  withModel(async (language) => {
    const seen: number[] = [];
    const outcomes = await decide({
      language,
      items,
      system: "be brief",
      onProgress: (done) => seen.push(done),
    });
    const [a, , c, d] = items as [Item, Item, Item, Item];
    const lettered = letters.map((option, i) => ` ${"ABCD"[i]}. ${option}`);
    const expected = [
      await likeliest(language, a.prompt, "Diagnosis:", diseases.map((name) => ` ${name}`)),
      await likeliest(language, a.prompt, '{"drug": "', drugs.map((name) => `${name}"`)),
      await likeliest(language, c.prompt, "Answer:", lettered),
      await likeliest(language, d.prompt, "", diseases),
    ];
    assertEquals(outcomes.map(({ likeliest }) => likeliest), expected);
    // Without findings there is nothing else to go by.
    assertEquals(outcomes.map(({ predicted }) => predicted), expected);
    assertEquals(seen.at(-1), 4);
    // Nothing is asked of what has no options; a group is one unit, an item without one stands for itself.
    const rest = (
      { predicted: _, likeliest: __, scores, ...outcome }: DecisionOutcome,
    ) => (assertEquals(scores.length, outcome.options), outcome);
    assertEquals(outcomes.map(rest), [
      { id: "a", family: "family-a", unit: "g", field: "Diagnosis", options: 3, answer: 2 },
      { id: "a", family: "family-a", unit: "g", field: "drug", options: 2, answer: 1 },
      { id: "c", family: "family-c", unit: "c", field: "Answer", options: 4, answer: 0 },
      { id: "d", family: "family-d", unit: "d", field: "", options: 3, answer: 1 },
    ]);
  }));

Deno.test("a seed moves the options with their answers, the same way each time", () =>
  withModel(async (language) => {
    const ask = (seed: number) => decide({ language, items, system: "be brief", seed });
    const first = await ask(1);
    assertEquals(await ask(1), first);
    const places = (outcomes: readonly DecisionOutcome[]) => outcomes.map(({ answer }) => answer);
    const others = await Promise.all([2, 3, 4, 5].map(ask));
    assert(others.some((other) => places(other).join() !== places(first).join()));
    for (const outcomes of [first, ...others]) {
      assertEquals(outcomes.map(({ id, field, options }) => [id, field, options]), [
        ["a", "Diagnosis", 3],
        ["a", "drug", 2],
        ["c", "Answer", 4],
        ["d", "", 3],
      ]);
      for (const { answer, predicted, options } of outcomes) {
        assert(answer >= 0 && answer < options && predicted >= 0 && predicted < options);
      }
    }
  }));

Deno.test("an item is decided by itself, whatever is asked with it", () =>
  withModel(async (language) => {
    const [item] = items as [Item];
    const asked = ["chills", "a swollen toe", "a whoop", "wheezing at night"].map((finding, i) => ({
      ...item,
      id: `${i}`,
      prompt: `The patient has ${finding}. ${item.prompt}`,
    }));
    const together = await decide({ language, items: asked, system: "be brief", seed: 7 });
    const apart = await Promise.all(
      asked.map((one) => decide({ language, items: [one], system: "be brief", seed: 7 })),
    );
    assertEquals(together, apart.flat());
    assertEquals(await decide({ language, items: [], system: "be brief" }), []);
  }));

Deno.test("what the findings add decides: the log-likelihood less that without them", () =>
  withModel(async (language) => {
    const options = ["gout", "asthma"];
    const evidence = "Cough at night";
    const question = (text: string) => `${text}. Is it gout or asthma?`;
    const item = {
      ...itemOf("e", question(evidence), [
        { where: { format: "line", field: "Diagnosis" }, options, answer: 1 },
      ]),
      evidence,
    };
    const scores = async (prompt: string) =>
      (await logLikelihoods(
        language,
        options.map((name) => ({
          context: `system be brief\0user ${prompt}\0bot Diagnosis:`,
          continuation: ` ${name}`,
          chat: true as const,
        })),
      )).map(({ logprob }) => logprob);
    const [given, blind] = [await scores(question(evidence)), await scores(question("..."))];
    const added = given.map((value, i) => value - blind[i]!);
    const [outcome] = await decide({ language, items: [item], system: "be brief" });
    for (const [i, score] of outcome!.scores.entries()) assertAlmostEquals(score, added[i]!, 1e-4);
    assertEquals(outcome!.predicted, added[0]! > added[1]! ? 0 : 1);
    const means = given.map((value, i) => value / (1 + options[i]!.length));
    assertEquals(outcome!.likeliest, means[0]! > means[1]! ? 0 : 1);
  }));
