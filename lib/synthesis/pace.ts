/**
 * When a server may be asked: so many requests a minute, pauses that it asks for, and growing delays between tries.
 *
 * @module
 */

/** Longest pause that is waited for, in milliseconds: a server that asks for more has nothing to give today. */
export const longestPause = 600_000;

/** Longest delay between two tries of which the server says nothing, in milliseconds. */
const longestDelay = 60_000;

/**
 * Wait.
 *
 * @param milliseconds How long; not at all below 1.
 * @param signal Ends the wait.
 * @throws The signal's reason when it is aborted before.
 */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const end = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", end);
      resolve();
    }, milliseconds);
    signal.addEventListener("abort", end, { once: true });
  });
}

/** The time, and waiting. */
export interface Clock {
  /** Milliseconds from any moment on. */
  readonly now: () => number;
  /** As {@linkcode pause}. */
  readonly pause: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** Turns of several workers at one server. */
export interface Pace {
  /** Waits for the next turn. */
  readonly turn: (signal: AbortSignal) => Promise<void>;
  /** No turn for so many milliseconds. */
  readonly hold: (milliseconds: number) => void;
}

/**
 * Turns at even distances, for all workers together.
 *
 * @param perMinute Most turns a minute; as many as are wanted when left out.
 * @param clock Where the time comes from; the system when left out.
 * @returns The turns.
 */
export function paceOf(
  perMinute: number = Infinity,
  clock: Clock = { now: () => performance.now(), pause },
): Pace {
  const gap = 60_000 / perMinute;
  let next = 0;
  return {
    async turn(signal) {
      for (let now = clock.now(); now < next; now = clock.now()) {
        await clock.pause(next - now, signal);
      }
      next = clock.now() + gap;
    },
    hold(milliseconds) {
      next = Math.max(next, clock.now() + milliseconds);
    },
  };
}

/**
 * The delay before a further try: exponential with full jitter, so that many who failed at once do not come back at once
 * (Brooker, Exponential backoff and jitter, 2015).
 *
 * @param tries How many tries failed, from 1.
 * @param first Longest delay after the first, in milliseconds.
 * @param share Draws a number in [0, 1); at random when left out.
 * @returns Milliseconds.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { delayAfter } from "./pace.ts";
 *
 * assertEquals([1, 2, 3].map((tries) => delayAfter(tries, 1000, () => 0.5)), [500, 1000, 2000]);
 * ```
 */
export function delayAfter(
  tries: number,
  first: number,
  share: () => number = Math.random,
): number {
  return share() * Math.min(longestDelay, first * 2 ** (tries - 1));
}

/**
 * What a Retry-After header asks for (RFC 9110, section 10.2.3).
 *
 * @param header Seconds, or a date; null where there is none.
 * @returns Milliseconds from now, at least 0; undefined for none and for what cannot be read.
 */
export function retryAfter(header: string | null): number | undefined {
  if (header === null) return undefined;
  if (/^\s*\d+(?:\.\d+)?\s*$/.test(header)) return Number(header) * 1000;
  const at = /[A-Za-z]{3}/.test(header) ? Date.parse(header) : NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}
