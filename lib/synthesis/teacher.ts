/**
 * An optional teacher: any server that speaks OpenAI's chat completions (vLLM, Ollama, llama.cpp) rewords prompts.
 * What it writes is validated like everything else: `rewordingFault` says what must stay.
 */
import type { Knowledge } from "../knowledge/mod.ts";
import { hashJson, WorkbenchError } from "../runtime/mod.ts";
import type { Attempt } from "./curate.ts";
import type { Item } from "./item.ts";
import { rewordingFault, rewordInstruction, splitPrompt } from "./rewording.ts";

/** Where the teacher is and how it is asked. */
export interface TeacherOptions {
  /** Address up to the version, such as `http://localhost:8000/v1`. */
  readonly url: string;
  /** The model's name on the server. */
  readonly model: string;
  /** Sent as a bearer token, where the server wants one. */
  readonly key?: string;
  /** Longest answer, in tokens; 256 when left out. */
  readonly maxTokens?: number;
}

/**
 * Completions from a teacher, one request at a time; the try's number is the seed.
 *
 * @param options Address, model and limits.
 * @returns A function for `rewordItems`, `filterByTries` and `imputeItems`. It throws a `WorkbenchError` when the
 * server cannot be reached, refuses, or answers something else than a completion.
 */
export function teacherAttempt({ url, model, key, maxTokens = 256 }: TeacherOptions): Attempt {
  const address = `${url.replace(/\/+$/, "")}/chat/completions`;
  return async (prompts, attempt) => {
    const completions: string[] = [];
    for (const content of prompts) {
      const body = {
        model,
        messages: [{ role: "user", content }],
        max_tokens: maxTokens,
        temperature: attempt === 0 ? 0 : 0.7,
        seed: attempt,
      };
      let answer: unknown;
      try {
        const response = await fetch(address, {
          method: "POST",
          headers: {
            "content-type": "application/json",
            ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
          },
          body: JSON.stringify(body),
        });
        if (!response.ok) {
          await response.body?.cancel();
          throw new Error(`status ${response.status}`);
        }
        answer = await response.json();
      } catch (error) {
        throw new WorkbenchError(
          `Expected a completion from ${address} but found: ${(error as Error).message}`,
        );
      }
      const text = (answer as { choices?: { message?: { content?: unknown } }[] })?.choices?.[0]
        ?.message?.content;
      if (typeof text !== "string") {
        throw new WorkbenchError(
          `Expected choices[0].message.content from ${address} but found none`,
        );
      }
      completions.push(text);
    }
    return completions;
  };
}

/**
 * Reword the first line of each prompt; an item keeps its prompt where the rewording does not hold.
 *
 * @param options.items What is reworded.
 * @param options.attempt The teacher, asked once for each item.
 * @param options.knowledge The graph, which finds entities in texts.
 * @returns All items in their order, how many were reworded, and why the others were not: fault and number.
 */
export async function rewordItems(
  { items, attempt, knowledge }: {
    readonly items: readonly Item[];
    readonly attempt: Attempt;
    readonly knowledge: Knowledge;
  },
): Promise<{ items: Item[]; reworded: number; refused: Record<string, number> }> {
  const asks = items.map((item) => `${rewordInstruction}\n${splitPrompt(item.prompt)[0]}`);
  const answers = items.length === 0 ? [] : await attempt(asks, 0);
  const refused: Record<string, number> = {};
  const result: Item[] = [];
  for (const [i, item] of items.entries()) {
    const head = answers[i]?.trim() ?? "";
    const prompt = head + splitPrompt(item.prompt)[1];
    const fault = head === "" || head.includes("\n")
      ? "not one line"
      : prompt === item.prompt
      ? "the same"
      : rewordingFault(item, prompt, knowledge);
    if (fault !== undefined) {
      refused[fault] = (refused[fault] ?? 0) + 1;
      result.push(item);
      continue;
    }
    const { family, version, reference, checks } = item;
    const id = await hashJson({ family, version, prompt, reference, checks });
    result.push({ ...item, id, prompt, template: `${item.template}+reworded` });
  }
  return {
    items: result,
    reworded: items.length - Object.values(refused).reduce((sum, n) => sum + n, 0),
    refused,
  };
}
