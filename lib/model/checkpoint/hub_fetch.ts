/**
 * Requests to a Hub that is not trusted: they go where they may go, and their answers end.
 *
 * @module
 */

import { WorkbenchError } from "../../runtime/mod.ts";

/** How often a request may be sent elsewhere. */
const mostRedirects = 10;
/** Bytes of an answer that lists or describes something; a thousand files take a third of one. */
const mostBytes = 1 << 24;
/** Milliseconds in which such an answer has to be there. */
const patience = 30_000;

/** What requests may do. */
export interface HubFetchOptions {
  /** The Hub's address. */
  readonly hubUrl: string;
  /** Whether another host may answer, as for large files, whose contents are told by their SHA-256. */
  readonly elsewhere: boolean;
}

/** The host that an address names, where a request may go to it. */
function checkPlace(url: URL, { hubUrl, elsewhere }: HubFetchOptions): void {
  const hub = new URL(hubUrl);
  if (url.protocol !== "https:" && url.protocol !== hub.protocol) {
    throw new WorkbenchError(
      `Expected ${hub.host} to lead to an address with https but found ${url.protocol}//${url.host}`,
    );
  }
  if (!elsewhere && url.host !== hub.host) {
    throw new WorkbenchError(
      `Expected ${hub.host} to answer itself but found that it leads to ${url.host}`,
    );
  }
}

/**
 * Makes what fetches: it follows redirects to hosts that are allowed and never from https to http, and tells no other host
 * what authorises it.
 *
 * @param options what is allowed
 * @returns a function like `fetch` that throws a WorkbenchError for an address that is not allowed
 */
export function hubFetch(options: HubFetchOptions): typeof fetch {
  return async (input, init) => {
    let url = new URL(input instanceof Request ? input.url : input);
    const headers = new Headers(init?.headers);
    for (let hops = 0; hops <= mostRedirects; hops++) {
      checkPlace(url, options);
      const response = await fetch(url, { ...init, headers, redirect: "manual" });
      const next = response.headers.get("location");
      if (![301, 302, 303, 307, 308].includes(response.status) || next === null) return response;
      await response.body?.cancel();
      const target = new URL(next, url);
      if (target.host !== url.host) headers.delete("authorization");
      url = target;
    }
    throw new WorkbenchError(
      `Expected at most ${mostRedirects} redirects but found more behind ${
        new URL(options.hubUrl).host
      }`,
    );
  };
}

/**
 * As {@linkcode hubFetch}, for answers that are short: one has arrived, whole, in half a minute or it fails, and of one that
 * goes on and on no more than 16 MiB are read.
 *
 * @param options what is allowed; `part` where the beginning of an answer is enough
 */
export function promptFetch(
  { part = false, ...options }: HubFetchOptions & { readonly part?: boolean },
): typeof fetch {
  const follow = hubFetch(options);
  return async (input, init) => {
    const response = await follow(input, { ...init, signal: AbortSignal.timeout(patience) });
    const { status, headers } = response;
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    let length = 0;
    for await (const chunk of response.body ?? []) {
      chunks.push(chunk);
      length += chunk.length;
      if (length <= mostBytes) continue;
      if (part) break;
      throw new WorkbenchError(
        `Expected an answer of at most ${mostBytes} bytes but found more at ${response.url}`,
      );
    }
    const body = [204, 304].includes(status) ? null : new Blob(chunks);
    const whole = new Response(body, { status, headers });
    Object.defineProperty(whole, "url", { value: response.url });
    return whole;
  };
}
