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
  readSafetensors,
  renderChat,
  scoreBatch,
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
  const floats = (name: string) => arrays.get(name)!.data as Float32Array;
  const { tokenizer } = checkpoint;
  const results = tokenizerComparisons(tokenizer, reference.tokenizer);

  const wrongChats = reference.chat.flatMap(({ messages, plain, with_generation_prompt }) =>
    [plain, with_generation_prompt].filter(({ text, ids }, i) => {
      const ours = renderChat(tokenizer, messages, { addGenerationPrompt: i === 1 });
      return ours !== text || String(tokenizer.encode(ours)) !== String(ids);
    })
  );
  results.push(comparison(`chat template (${reference.chat.length} chats)`, wrongChats.length, 0));

  let wrongWeights = 0;
  for (const [name, { sha256 }] of Object.entries(reference.weights)) {
    const data = checkpoint.weights.get(name)?.data ?? new Float32Array();
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    if (await sha256Hex(bytes) !== sha256) wrongWeights++;
  }
  results.push(
    comparison(
      `weights bitwise (${Object.keys(reference.weights).length} tensors)`,
      wrongWeights,
      0,
    ),
  );

  const model = createTransformer(checkpoint);
  const policy = basePolicy(model);
  const prompts = reference.prompts.map(({ ids }) => ids);
  const batch = packGroups(prompts.map((prompt) => ({ prompt, completions: [] })));
  const last = Int32Array.from(prompts, (ids, g) => g * batch.promptLength + ids.length - 1);
  const logits = batchLogits(policy, batch, last);
  const values = logits.dataSync();
  const vocabulary = checkpoint.config.vocabSize;
  const row = (g: number) => values.subarray(g * vocabulary, (g + 1) * vocabulary);
  const full = floats("last_logits_rows_0_and_7");
  results.push(comparison(
    "logits of the next token",
    Math.max(
      maxDifference(row(0), full.subarray(0, vocabulary)),
      maxDifference(row(7), full.subarray(vocabulary)),
    ),
    2e-3,
  ));
  const topIds = arrays.get("last_top20_ids")!.data;
  const topLogits = floats("last_top20_logits");
  results.push(comparison(
    "top 20 logits of each prompt",
    maxDifference(
      prompts.flatMap((_, g) =>
        Array.from({ length: 20 }, (_, i) => row(g)[Number(topIds[g * 20 + i])]!)
      ),
      topLogits,
    ),
    2e-3,
  ));
  logits.dispose();
  const continuation = reference.continuation.ids;
  results.push(comparison(
    "log-probabilities of a continuation",
    maxDifference(
      scoreBatch(
        policy,
        packGroups(prompts.map((prompt) => ({ prompt, completions: [continuation] }))),
      ),
      floats("continuation_logprobs"),
    ),
    1e-3,
  ));
  const greedy = await generate(policy, prompts, {
    maxNewTokens: 32,
    temperature: 0,
    stopIds: [],
    seed: 0,
  });
  const wrongGreedy = greedy.filter(([completion], g) =>
    String(completion!.ids) !== String(reference.prompts[g]!.greedy_ids)
  );
  results.push(comparison("greedy ids (8 prompts of 32 tokens)", wrongGreedy.length, 0));

  for (const entry of reference.mmlu) {
    const all = await loadMmlu(entry.subject);
    const chosen = all.slice(entry.from, Math.min(entry.to, entry.from + questions));
    const found = await logLikelihoods(
      { tokenizer, policy },
      chosen.flatMap(({ question, choices }) =>
        choices.map((choice) => ({
          context: `Question: ${question}\nAnswer:`,
          continuation: ` ${choice}`,
        }))
      ),
    );
    results.push(comparison(
      `MMLU ${entry.subject}, likelihood of ${chosen.length} x 4 choices`,
      maxDifference(
        found.map(({ logprob }) => logprob),
        entry.questions.slice(0, chosen.length).flatMap(({ cloze }) => cloze.loglik),
      ),
      5e-3,
    ));
  }
  disposeTransformer(model);
  return results;
}
