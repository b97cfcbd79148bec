/**
 * One question to a server that speaks OpenAI's chat completions, and whatever may come back: an answer, or a fault in one
 * line that says whether asking again can help. It never waits longer than its limit, reads no more than its limit, follows
 * no redirect (the key would go along), and a key that the server repeats is struck out.
 *
 * @module
 */
import { printable, UsageError } from "../runtime/mod.ts";
import { retryAfter } from "./pace.ts";

/** Where a server is, and how long one of its answers may take. */
export interface ChatServer {
  /** The full address of its chat completions. */
  readonly address: string;
  /** Sent as a bearer token, where the server wants one. */
  readonly key: string | undefined;
  /** Longest time from the request to the last byte of the answer, in milliseconds. */
  readonly timeout: number;
}

/** What is asked, in the API's own names. */
export interface ChatBody {
  /** The model's name on the server. */
  readonly model: string;
  /** The conversation: one user's message. */
  readonly messages: readonly { readonly role: "user"; readonly content: string }[];
  /** Longest answer, in tokens. */
  readonly max_tokens: number;
  /** 0 for the likeliest answer. */
  readonly temperature: number;
  /** Tells the tries apart. */
  readonly seed: number;
  /** The answer comes whole. */
  readonly stream: false;
}

/** An answer, or why there is none. */
export type ChatAnswer =
  | {
    /** What the model wrote; empty where it wrote nothing. */
    readonly text: string;
  }
  | {
    /** What was found in place of an answer. */
    readonly fault: string;
    /** Whether the same question may get an answer later. */
    readonly again: boolean;
    /** How long the server asks to wait, in milliseconds. */
    readonly wait?: number;
  };

/** Most bytes of an answer. */
const largest = 1 << 20;

/** Most characters of a server's own words. */
const longestSaid = 200;

/**
 * The address of a server's chat completions.
 *
 * @param url Address up to the version, such as `http://localhost:8000/v1`; the full address will do, too.
 * @returns The full address.
 * @throws UsageError for anything else, and for a user, password or query in it: an address is stored and shown.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { completionsAddress } from "./chat_server.ts";
 *
 * const address = "http://localhost:8000/v1/chat/completions";
 * assertEquals(completionsAddress("http://localhost:8000/v1/"), address);
 * assertEquals(completionsAddress(address), address);
 * ```
 */
export function completionsAddress(url: string): string {
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    throw new UsageError(
      `Expected the teacher's address to be such as http://localhost:8000/v1 but found ${
        JSON.stringify(printable(url.split("@").at(-1)!))
      }`,
    );
  }
  if (parsed.username || parsed.password || parsed.search || parsed.hash) {
    throw new UsageError(
      `Expected the teacher's address to be without user, password, query and fragment but found one in that of ${parsed.host}`,
    );
  }
  return `${parsed.href.replace(/\/+$/, "").replace(/\/chat\/completions$/, "")}/chat/completions`;
}

/**
 * A key that can be sent.
 *
 * @param key The key as it was given; undefined and empty for none.
 * @returns The key without white space around it, or undefined.
 * @throws UsageError when it is not one line of printable ASCII characters without spaces.
 */
export function checkedKey(key: string | undefined): string | undefined {
  const given = key?.trim();
  if (!given) return undefined;
  if (/^[!-~]+$/.test(given)) return given;
  throw new UsageError(
    "Expected the teacher's key to be one word of printable ASCII characters but found others in it",
  );
}

/** A text that may hold the key, without it. */
const struck = (text: string, key: string | undefined): string =>
  key === undefined ? text : text.replaceAll(key, "[key]");

/** A server's own words in one line: the message of a JSON error, else the text without tags. */
function said(text: string, key: string | undefined): string {
  let words = text;
  try {
    const value = JSON.parse(text);
    const error = value?.error ?? value?.message ?? value?.detail;
    const message = error?.message ?? error;
    if (message !== undefined) {
      words = typeof message === "string" ? message : JSON.stringify(message);
    }
  } catch {
    words = text.replace(/<(style|script)\b.*?<\/\1>/gis, " ").replace(/<[^<>]*>/g, " ");
  }
  const line = printable(struck(words, key)).replace(/\s+/g, " ").trim();
  return line.length > longestSaid ? `${line.slice(0, longestSaid)}…` : line;
}

/** The body of a response as text; undefined when it is too large. */
async function bodyOf(response: Response): Promise<string | undefined> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.length;
    if (size > largest) return undefined;
    parts.push(part);
  }
  return await new Blob(parts as Uint8Array<ArrayBuffer>[]).text();
}

/** What a status other than success says. */
function refused(response: Response, text: string, key: string | undefined): ChatAnswer {
  const { status, headers } = response;
  if (status >= 300 && status < 400) {
    const to = URL.parse(headers.get("location") ?? "", response.url);
    const place = to === null ? "nowhere" : struck(`${to.origin}${to.pathname}`, key);
    return { fault: `a redirect to ${printable(place)}, which is not followed`, again: false };
  }
  const words = said(text, key);
  const wait = retryAfter(headers.get("retry-after"));
  return {
    fault: `status ${status}${words && `: ${words}`}`,
    again: status === 408 || status === 429 || status >= 500,
    ...(wait === undefined ? {} : { wait }),
  };
}

/** The model's text in a successful answer. */
function completionIn(type: string, text: string, key: string | undefined): ChatAnswer {
  const fault = (found: string, again = false): ChatAnswer => ({ fault: found, again });
  if (/event-stream/i.test(type) || /^data:/.test(text)) {
    return fault("a stream of events, though the answer was asked for as a whole");
  }
  if (text.trim() === "") return fault("an empty answer", true);
  let value: { error?: unknown; choices?: { message?: { content?: unknown } }[] } | null;
  try {
    value = JSON.parse(text);
  } catch {
    if (/^\s*[{[]/.test(text)) return fault("JSON that breaks off or is damaged", true);
    const kind = /^\s*</.test(text) ? "a web page" : "no JSON";
    return fault(`${kind}: ${said(text, key)}`);
  }
  if (value?.error) return fault(`an error: ${said(text, key)}`);
  const message = Array.isArray(value?.choices) ? value.choices[0]?.message : undefined;
  const content = message?.content;
  if (content === null) return { text: "" };
  if (typeof content !== "string") {
    return fault(`no text at choices[0].message.content of ${said(text, key)}`);
  }
  return key !== undefined && content.includes(key)
    ? fault("an answer that holds the key")
    : { text: content };
}

/** Why a request came to nothing, in the system's own words. */
function networkFault(error: unknown, key: string | undefined): string {
  const message = error instanceof Error ? error.message : String(error);
  return said(message.replace(/^.*?\bfor url \([^)]*\):?\s*/, ""), key) || "the connection failed";
}

/**
 * Ask once.
 *
 * @param server Where, with which key, and how long at most.
 * @param body What.
 * @param signal Ends the question when it is no longer wanted.
 * @returns The answer, or a fault in one line; nothing is thrown for what a server or the network does.
 */
export async function askOnce(
  { address, key, timeout }: ChatServer,
  body: ChatBody,
  signal: AbortSignal,
): Promise<ChatAnswer> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), timeout);
  try {
    const response = await fetch(address, {
      method: "POST",
      redirect: "manual",
      headers: {
        "content-type": "application/json",
        accept: "application/json",
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      },
      body: JSON.stringify(body),
      signal: AbortSignal.any([signal, limit.signal]),
    });
    const text = await bodyOf(response);
    if (text === undefined) {
      return { fault: `an answer of more than ${largest >> 20} MiB`, again: false };
    }
    return response.ok
      ? completionIn(response.headers.get("content-type") ?? "", text, key)
      : refused(response, text, key);
  } catch (error) {
    return limit.signal.aborted
      ? { fault: `no whole answer within ${timeout / 1000} s`, again: true }
      : { fault: networkFault(error, key), again: true };
  } finally {
    clearTimeout(timer);
    // Whatever still comes is not waited for.
    limit.abort();
  }
}
