/**
 * SmolLM2-135M-Instruct from its GGUF file, as transformers computes it: weights, tokenizer, chat template, hidden
 * states, logits, log-probabilities, greedy continuations, and likelihoods of MMLU questions.
 *
 * @module
 */

import { join } from "@std/path";
import {
  basePolicy,
  batchLogits,
  type Checkpoint,
  createTransformer,
  disposeTransformer,
  generate,
  logLikelihoods,
  packGroups,
  type Policy,
  readSafetensors,
  renderChat,
  scoreBatch,
  type StoredTensor,
  type Tokenizer,
} from "../../lib/model/mod.ts";
import { sha256Hex } from "../../lib/runtime/mod.ts";
import { loadMmlu, type MmluSubject } from "../../lib/evaluation/mod.ts";
import { type Comparison, comparison, maxDifference } from "./comparison.ts";
import { tokenizerComparisons } from "./seed.ts";

interface Reference {
  readonly tokenizer: readonly { text: string; ids: number[]; decoded: string }[];
  readonly chat: readonly {
    messages: { role: string; content: string }[];
    plain: { text: string; ids: number[] };
    with_generation_prompt: { text: string; ids: number[] };
  }[];
  readonly prompts: readonly { ids: number[]; greedy_ids: number[] }[];
  readonly continuation: { ids: number[] };
  readonly weights: Readonly<Record<string, { shape: number[]; sha256: string }>>;
  readonly mmlu: readonly {
    subject: MmluSubject;
    from: number;
    to: number;
    questions: readonly { cloze: { loglik: number[] } }[];
  }[];
}

/** Chats as text and as token ids, each with and without the beginning of an answer. */
function chatComparison(tokenizer: Tokenizer, chats: Reference["chat"]): Comparison {
  const wrong = chats.flatMap(({ messages, plain, with_generation_prompt }) =>
    [plain, with_generation_prompt].filter(({ text, ids }, i) => {
      const ours = renderChat(tokenizer, messages, { addGenerationPrompt: i === 1 });
      return ours !== text || String(tokenizer.encode(ours, { addSpecial: false })) !== String(ids);
    })
  );
  return comparison(`chat template (${chats.length} chats)`, wrong.length, 0);
}

/** The bytes of the weights, by their hashes. */
async function weightComparison(
  { weights }: Checkpoint,
  expected: Reference["weights"],
): Promise<Comparison> {
  let wrong = 0;
  for (const [name, { sha256 }] of Object.entries(expected)) {
    const data = weights.get(name)?.data ?? new Float32Array();
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    if (await sha256Hex(bytes) !== sha256) wrong++;
  }
  return comparison(`weights bitwise (${Object.keys(expected).length} tensors)`, wrong, 0);
}

/** Logits behind each prompt: all of two of them, and the largest 20 of each. */
function logitComparisons(
  policy: Policy,
  prompts: readonly (readonly number[])[],
  vocabSize: number,
  arrays: ReadonlyMap<string, StoredTensor>,
): Comparison[] {
  const batch = packGroups(prompts.map((prompt) => ({ prompt, completions: [] })));
  const last = Int32Array.from(prompts, (ids, g) => g * batch.promptLength + ids.length - 1);
  const logits = batchLogits(policy, batch, last);
  const values = logits.dataSync();
  logits.dispose();
  const row = (g: number) => values.subarray(g * vocabSize, (g + 1) * vocabSize);
  const full = arrays.get("last_logits_rows_0_and_7")!.data as Float32Array;
  const topIds = arrays.get("last_top20_ids")!.data;
  const topLogits = arrays.get("last_top20_logits")!.data as Float32Array;
  return [
    comparison(
      "logits of the next token",
      Math.max(
        maxDifference(row(0), full.subarray(0, vocabSize)),
        maxDifference(row(7), full.subarray(vocabSize)),
      ),
      2e-3,
    ),
    comparison(
      "top 20 logits of each prompt",
      maxDifference(
        prompts.flatMap((_, g) =>
          Array.from({ length: 20 }, (_, i) => row(g)[Number(topIds[g * 20 + i])]!)
        ),
        topLogits,
      ),
      2e-3,
    ),
  ];
}

/** Greedy continuations of the prompts. */
async function greedyComparison(
  policy: Policy,
  prompts: readonly { readonly ids: readonly number[]; readonly greedy_ids: readonly number[] }[],
): Promise<Comparison> {
  const found = await generate(policy, prompts.map(({ ids }) => ids), {
    maxNewTokens: 32,
    temperature: 0,
    stopIds: [],
    seed: 0,
  });
  const wrong = found.filter(([completion], g) =>
    String(completion!.ids) !== String(prompts[g]!.greedy_ids)
  );
  return comparison("greedy ids (8 prompts of 32 tokens)", wrong.length, 0);
}

/** Likelihoods of the answers of a subject's first questions. */
async function mmluComparison(
  model: { readonly tokenizer: Tokenizer; readonly policy: Policy },
  { subject, from, to, questions: expected }: Reference["mmlu"][number],
  questions: number,
): Promise<Comparison> {
  const all = await loadMmlu(subject);
  const chosen = all.slice(from, Math.min(to, from + questions));
  const found = await logLikelihoods(
    model,
    chosen.flatMap(({ question, choices }) =>
      choices.map((choice) => ({
        context: `Question: ${question}\nAnswer:`,
        continuation: ` ${choice}`,
      }))
    ),
  );
  return comparison(
    `MMLU ${subject}, likelihood of ${chosen.length} x 4 choices`,
    maxDifference(
      found.map(({ logprob }) => logprob),
      expected.slice(0, chosen.length).flatMap(({ cloze }) => cloze.loglik),
    ),
    5e-3,
  );
}

/** All comparisons of one folder with the model at hand; `questions` limits MMLU's. */
export async function smollm2Comparisons(
  folder: string,
  checkpoint: Checkpoint,
  questions = 12,
): Promise<Comparison[]> {
  const reference = JSON.parse(
    await Deno.readTextFile(join(folder, "reference.json")),
  ) as Reference;
  const arrays = readSafetensors(join(folder, "arrays.safetensors"));
  const { tokenizer, config } = checkpoint;
  const results = [
    ...tokenizerComparisons(tokenizer, reference.tokenizer),
    chatComparison(tokenizer, reference.chat),
    await weightComparison(checkpoint, reference.weights),
  ];
  const model = createTransformer(checkpoint);
  const policy = basePolicy(model);
  const prompts = reference.prompts.map(({ ids }) => ids);
  results.push(...logitComparisons(policy, prompts, config.vocabSize, arrays));
  const completions = [reference.continuation.ids];
  results.push(comparison(
    "log-probabilities of a continuation",
    maxDifference(
      scoreBatch(policy, packGroups(prompts.map((prompt) => ({ prompt, completions })))),
      arrays.get("continuation_logprobs")!.data as Float32Array,
    ),
    1e-3,
  ));
  results.push(await greedyComparison(policy, reference.prompts));
  for (const entry of reference.mmlu) {
    results.push(await mmluComparison({ tokenizer, policy }, entry, questions));
  }
  disposeTransformer(model);
  return results;
}
