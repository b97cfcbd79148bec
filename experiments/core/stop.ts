/** How a command ends that is told to by a signal: behind the step of work that keeps checkpoints, else at once. @module */

/** A stop that may be asked for. */
export interface Stop {
  /** Set when it was asked for. */
  readonly signal: AbortSignal;
  /** Runs work that ends at the signal, behind a checkpoint; meanwhile the command is not ended at once. */
  readonly during: <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T>;
  /** Exit code of the signal that asked for it; 0 before. */
  readonly code: () => number;
  /** Hears no signals any more: they would keep the process alive. */
  readonly end: () => void;
}

/** Exit codes of signals, as a shell counts them. */
const codes = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Listens to SIGINT and SIGTERM. The first asks for a stop, a second ends the process.
 *
 * @param say takes a line for the user
 * @param atOnce what to say where no work with checkpoints runs
 */
export function stopOnSignals(say: (line: string) => void, atOnce: () => string): Stop {
  const controller = new AbortController();
  let running = 0;
  let code = 0;
  const listeners = Object.entries(codes).map(([name, signalCode]) => {
    const listener = (): void => {
      if (controller.signal.aborted) Deno.exit(signalCode);
      code = signalCode;
      controller.abort(new Error("stopped"));
      if (running > 0) return say("\nStopping behind this step; once more stops at once.");
      say(`\n${atOnce()}`);
      Deno.exit(signalCode);
    };
    Deno.addSignalListener(name as keyof typeof codes, listener);
    return [name as keyof typeof codes, listener] as const;
  });
  return {
    signal: controller.signal,
    during: async (work) => {
      running++;
      try {
        return await work(controller.signal);
      } finally {
        running--;
      }
    },
    code: () => code,
    end: () => listeners.forEach(([name, listener]) => Deno.removeSignalListener(name, listener)),
  };
}

/**
 * Runs work that keeps checkpoints so that a signal ends it behind a step.
 *
 * @param stop what listens; nothing does when left out
 * @param work ends at the signal that it is given
 */
export function stoppable<T>(
  stop: Stop | undefined,
  work: (signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  return stop === undefined ? work(undefined) : stop.during(work);
}
