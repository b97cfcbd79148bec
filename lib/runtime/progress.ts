/**
 * Progress of long work, on standard error.
 *
 * @module
 */

import { printable } from "./printable.ts";

/**
 * Told of progress.
 *
 * @param done how much is done, in any unit
 * @param total how much there is, in the same unit; 0 when it is not known
 * @param note a few words on what is going on
 */
export type OnProgress = (done: number, total: number, note?: string) => void;

/** The bar of one stage of a longer work. */
export interface StageProgress {
  /** Moves the bar. */
  readonly update: OnProgress;
  /** Ends it. */
  readonly finish: (note?: string) => void;
}

/** Shows a bar for a stage under its label. */
export type OnStage = (label: string) => StageProgress;

/** Where a bar is drawn; standard error unless told otherwise. */
export interface ProgressOutput {
  /** Writes text at once. */
  readonly write: (text: string) => void;
  /** Whether the text is seen by a person at a terminal, where a line can be redrawn. */
  readonly terminal: boolean;
  /** Width of a line in characters. */
  readonly columns: number;
  /** The time in milliseconds. */
  readonly now: () => number;
}

const encoder = new TextEncoder();

function standardError(): ProgressOutput {
  const terminal = Deno.stderr.isTerminal();
  return {
    write: (text) => void Deno.stderr.writeSync(encoder.encode(text)),
    terminal,
    columns: terminal ? columns() : 80,
    now: () => performance.now(),
  };
}

function columns(): number {
  try {
    return Deno.consoleSize().columns;
  } catch {
    return 80;
  }
}

/**
 * A time span in words: "8s", "3m 05s", "2h 07m".
 *
 * @param seconds the span
 * @example
 * ```ts
 * import { formatSeconds } from "./progress.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(formatSeconds(185), "3m 05s");
 * ```
 */
export function formatSeconds(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  const two = (n: number) => String(n).padStart(2, "0");
  if (s < 60) return `${s}s`;
  if (s < 3600) return `${Math.floor(s / 60)}m ${two(s % 60)}s`;
  return `${Math.floor(s / 3600)}h ${two(Math.floor(s / 60) % 60)}m`;
}

/** Milliseconds between two pictures of a bar. */
const REDRAW = 100;

/** Milliseconds between two plain lines. */
const SPEAK = 10_000;

/**
 * A progress bar with the time left. At a terminal one line is redrawn; elsewhere plain lines come, at most one per
 * 10 seconds and per 10 % of the work, and one at the end.
 *
 * @param label what is being done
 * @param output where to draw
 */
export function progressBar(
  label: string,
  output: ProgressOutput = standardError(),
): { update: OnProgress; finish: (note?: string) => void } {
  const start = output.now();
  let phase = start;
  let last = { at: output.terminal ? -Infinity : start, share: 0 };

  function text(done: number, total: number, note: string | undefined): string {
    const elapsed = (output.now() - phase) / 1000;
    const known = total > 0;
    const share = known ? Math.min(1, done / total) : 0;
    const parts = [label];
    if (known) {
      if (output.terminal) {
        parts.push(`[${"█".repeat(Math.round(20 * share)).padEnd(20, "·")}]`);
      }
      parts.push(`${Math.floor(100 * share)} %`);
      if (share > 0 && share < 1 && elapsed >= 1) {
        parts.push(`${formatSeconds(elapsed * (1 - share) / share)} left`);
      }
    }
    if (note) parts.push(note);
    return parts.join(" ").slice(0, output.columns - 1);
  }

  function draw(said: string): void {
    const line = printable(said).replaceAll("\n", " ");
    output.write(output.terminal ? `\r\x1b[K${line}` : `${line}\n`);
  }

  return {
    update(done, total, note) {
      const now = output.now();
      const share = total > 0 ? done / total : 0;
      if (share < last.share) {
        // A new part of the work begins, with its own speed.
        phase = now;
        last = { at: last.at, share };
      }
      const due = output.terminal
        ? now - last.at >= REDRAW
        : now - last.at >= SPEAK && (total === 0 || share - last.share >= 0.1);
      if (!due) return;
      last = { at: now, share };
      draw(text(done, total, note));
    },
    finish(note) {
      const line = `${label} ${note ?? "done"} (${formatSeconds((output.now() - start) / 1000)})`;
      draw(line.slice(0, output.columns - 1));
      if (output.terminal) output.write("\n");
    },
  };
}
