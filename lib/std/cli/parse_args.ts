/** Command line parsing of the Deno standard library, typed for its npm build. @module */
// deno-lint-ignore-file no-explicit-any
import * as cli from "npm:deno-std@1.4.0/cli/parse_args.js";

/** What {@linkcode parseArgs} understands. */
export interface ParseOptions {
  /** Flags that take no value. */
  readonly boolean?: readonly string[];
  /** Options whose value is a string. */
  readonly string?: readonly string[];
  /** Options that may be given several times. */
  readonly collect?: readonly string[];
  /** Other names for an option. */
  readonly alias?: Readonly<Record<string, string | readonly string[]>>;
  /** Values of options that are not given. */
  readonly default?: Readonly<Record<string, unknown>>;
  /** Called with each option that is not declared; returning false drops it. */
  readonly unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** Parses command line arguments; what is not an option is in `_`. */
export function parseArgs(
  args: readonly string[],
  options: ParseOptions = {},
): { _: (string | number)[] } & Record<string, any> {
  return (cli as any).parseArgs(args, options);
}
