/**
 * An optional teacher: any server that speaks OpenAI's chat completions (vLLM, Ollama, llama.cpp). It is asked patiently, by
 * several at a time, and never twice for what it has answered: answers are kept by address, model and question, so that a
 * run which was stopped goes on where it was. What it writes is validated like everything else (`rewording.ts`).
 */
import { formatSeconds, type OnProgress, type Store, WorkbenchError } from "../runtime/mod.ts";
import {
  askOnce,
  type ChatBody,
  type ChatServer,
  checkedKey,
  completionsAddress,
} from "./chat_server.ts";
import type { Attempt } from "./curate.ts";
import { delayAfter, longestPause, type Pace, paceOf, pause } from "./pace.ts";

/** The environment variable that commands take a teacher's key from. */
export const teacherKeyVariable = "BALANCEDBIO_TEACHER_KEY";

/** Where the teacher is and how it is asked. */
export interface TeacherOptions {
  /** Address up to the version, such as `http://localhost:8000/v1`. */
  readonly url: string;
  /** The model's name on the server. */
  readonly model: string;
  /** Sent as a bearer token, where the server wants one; neither stored nor shown. */
  readonly key?: string | undefined;
  /** Where answers are kept; they are not when left out. */
  readonly store?: Store;
  /** Longest answer, in tokens; 256 when left out. */
  readonly maxTokens?: number;
  /** Most seconds for one answer; 120 when left out. */
  readonly timeout?: number;
  /** Most requests a minute; no limit when left out. */
  readonly perMinute?: number | undefined;
  /** Requests at a time; 4 when left out. */
  readonly parallel?: number;
  /** How often one question is asked at most; 5 when left out. */
  readonly tries?: number;
  /** Longest delay after the first failed try, in milliseconds, twice that after the second; 1000 when left out. */
  readonly firstDelay?: number;
  /** Told of the answers so far, how many of them had been kept, and what is waited for. */
  readonly onProgress?: OnProgress;
}

/** One question, asked until there is an answer or no hope. */
async function askPatiently(
  server: ChatServer,
  body: ChatBody,
  { pace, tries, firstDelay, signal, onWait }: {
    readonly pace: Pace;
    readonly tries: number;
    readonly firstDelay: number;
    readonly signal: AbortSignal;
    readonly onWait: (note: string) => void;
  },
): Promise<string> {
  for (let number = 1;; number++) {
    await pace.turn(signal);
    const answer = await askOnce(server, body, signal);
    if ("text" in answer) return answer.text;
    signal.throwIfAborted();
    const { fault, again, wait = 0 } = answer;
    const found = `Expected a completion from ${server.address} but found ${fault}`;
    if (!again) throw new WorkbenchError(found);
    if (wait > longestPause) {
      throw new WorkbenchError(`${found}; it asks to wait ${Math.round(wait / 60_000)} minutes`);
    }
    if (number >= tries) throw new WorkbenchError(`${found}, ${tries} times`);
    pace.hold(wait);
    const delay = wait > 0 ? 0 : delayAfter(number, firstDelay);
    onWait(`asks again in ${formatSeconds(Math.max(wait, delay) / 1000)}: ${fault}`);
    await pause(delay, signal);
  }
}

/**
 * Work on several of a list at a time. The first failure ends the others.
 *
 * @returns The results in the order of the list.
 */
async function several<T, R>(
  list: readonly T[],
  parallel: number,
  work: (entry: T, signal: AbortSignal) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const failed = new AbortController();
  let next = 0;
  let first: { readonly error: unknown } | undefined;
  await Promise.all(Array.from({ length: Math.min(parallel, list.length) }, async () => {
    while (next < list.length && first === undefined) {
      const at = next++;
      try {
        results[at] = await work(list[at]!, failed.signal);
      } catch (error) {
        first ??= { error };
        failed.abort();
      }
    }
  }));
  if (first !== undefined) throw first.error;
  return results;
}

/**
 * Completions from a teacher; the try's number is the seed, and the first try takes the likeliest answer.
 *
 * Status 408, 429 and 5xx, failures of the network and answers that break off are tried again, after the pause that the
 * server asks for or a growing one; everything else ends the work at once. What was answered until then is kept.
 *
 * @param options Address, model, key and limits.
 * @returns A function for `rewordItems`, `filterByTries` and `imputeItems`. It throws a `WorkbenchError` in one line, with
 * the server's own words, when there is no answer.
 * @throws UsageError for an address or a key that cannot be.
 */
export function teacherAttempt(
  {
    url,
    model,
    key,
    store,
    maxTokens = 256,
    timeout = 120,
    perMinute,
    parallel = 4,
    tries = 5,
    firstDelay = 1000,
    onProgress,
  }: TeacherOptions,
): Attempt {
  const server: ChatServer = {
    address: completionsAddress(url),
    key: checkedKey(key),
    timeout: timeout * 1000,
  };
  const pace = paceOf(perMinute);
  return async (prompts, attempt) => {
    let done = 0;
    let kept = 0;
    return await several(prompts, parallel, async (content, signal) => {
      const body: ChatBody = {
        model,
        messages: [{ role: "user", content }],
        max_tokens: maxTokens,
        temperature: attempt === 0 ? 0 : 0.7,
        seed: attempt,
        stream: false,
      };
      const onWait = (note: string) => onProgress?.(done, prompts.length, note);
      const ask = () => askPatiently(server, body, { pace, tries, firstDelay, signal, onWait });
      const { value, cached } = store === undefined
        ? { value: await ask(), cached: false }
        : await store.json("completion", { address: server.address, body }, ask);
      if (cached) kept += 1;
      onProgress?.(++done, prompts.length, kept > 0 ? `${kept} answers had been kept` : undefined);
      return value;
    });
  };
}
