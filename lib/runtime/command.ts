/**
 * Command lines: options from a zod schema, help made from it, one-line errors, exit codes.
 *
 * Exit codes: 0 done, 1 failed, 2 wrong input; stopped with Ctrl-C, 130 as the shell counts it.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { levenshteinDistance } from "@std/text/levenshtein-distance";
import { z } from "zod";
import { UsageError, WorkbenchError } from "./errors.ts";
import { outOfMemory } from "./memory.ts";
import { guardConsole, printable } from "./printable.ts";
import { firstFault, type ObjectSchema, type OutputOf, unwrap } from "./schema.ts";

/** A command of the project. */
export interface CommandSpec<S extends ObjectSchema> {
  /** The name of its task: `deno task NAME`. */
  readonly name: string;
  /** One line that says what it does. */
  readonly summary: string;
  /** Its options: each key of the schema is one, `maxTokens` is written `--max-tokens`. */
  readonly schema: S;
  /** Keys that take the arguments without `--`, in order; the last one takes all the rest when it is a list. */
  readonly positional?: readonly (keyof S["shape"] & string)[];
  /** Command lines to show in the help, without `deno task NAME`. */
  readonly examples?: readonly string[];
}

/** One option, as the command line sees it. */
interface Option {
  readonly key: string;
  readonly flag: string;
  readonly kind: "boolean" | "number" | "string" | "mixed";
  readonly list: boolean;
  readonly values: readonly string[];
  readonly required: boolean;
  readonly fallback: unknown;
  readonly description: string;
}

function kebab(key: string): string {
  return key.replace(/_/g, "-").replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
}

/** The name without what its spellings differ in: max-new-tokens, max_new_tokens, maxNewTokens. */
function plain(name: string): string {
  return name.replace(/[-_]/g, "").toLowerCase();
}

/** What a value is written as. */
function kindOf(
  core: z.ZodType,
): { kind: Option["kind"]; values: readonly string[] } {
  if (core instanceof z.ZodBoolean) return { kind: "boolean", values: [] };
  if (core instanceof z.ZodNumber) return { kind: "number", values: [] };
  if (core instanceof z.ZodString) return { kind: "string", values: [] };
  if (core instanceof z.ZodEnum) {
    return { kind: "string", values: core.options.map(String) };
  }
  return { kind: "mixed", values: [] };
}

function optionsOf(schema: z.ZodObject): readonly Option[] {
  return Object.entries(schema.shape).map(([key, field]) => {
    const type = field as z.ZodType;
    const { core, description } = unwrap(type);
    const list = core instanceof z.ZodArray;
    const absent = type.safeParse(undefined);
    return {
      key,
      flag: `--${kebab(key)}`,
      list,
      ...kindOf(list ? unwrap(core.element as z.ZodType).core : core),
      required: !absent.success,
      fallback: absent.data,
      description,
    };
  });
}

/** The value that a text on the command line stands for; what cannot be converted is left for the schema to refuse. */
function convert(option: Option, text: string): unknown {
  const one = (part: string): unknown => {
    if (option.kind === "boolean") {
      return part === "true" ? true : part === "false" ? false : part;
    }
    if (
      option.kind === "string" || part.trim() === "" ||
      Number.isNaN(Number(part))
    ) return part;
    return Number(part);
  };
  return option.list ? text.split(",").map((part) => one(part.trim())) : one(text);
}

/** What to say behind an unknown option: the one that was probably meant, or where they are listed. */
function suggestion(name: string, options: readonly Option[]): string {
  const wanted = plain(name);
  const near = options.find((o) => {
    const known = plain(o.key);
    const slips = Math.max(1, known.length >> 2);
    return known.startsWith(wanted) || wanted.startsWith(known) ||
      levenshteinDistance(known, wanted) <= slips;
  });
  return near ? `; did you mean ${near.flag}?` : "; --help lists the options";
}

/** An option's name on the command line; `negated` is that of a flag that is turned off, `--no-resume`. */
interface Name {
  readonly option: Option;
  readonly negated: boolean;
}

/** Every spelling of every option: `max-new-tokens`, `max_new_tokens` and `maxNewTokens`. */
function namesOf(options: readonly Option[]): ReadonlyMap<string, Name> {
  const names = new Map<string, Name>();
  const add = (key: string, name: Name) => {
    const kebabKey = kebab(key);
    for (const spelling of [key, kebabKey, kebabKey.replaceAll("-", "_")]) {
      if (!names.has(spelling)) names.set(spelling, name);
    }
  };
  for (const option of options) add(option.key, { option, negated: false });
  for (const option of options.filter(isFlag)) {
    add(`no${option.key[0]!.toUpperCase()}${option.key.slice(1)}`, { option, negated: true });
  }
  return names;
}

/** Whether an option takes no value. */
function isFlag({ kind, list }: Option): boolean {
  return kind === "boolean" && !list;
}

/** The values and the arguments in the words of a command line, or `"help"`. */
function readWords(
  args: readonly string[],
  options: readonly Option[],
): { readonly values: Record<string, unknown>; readonly rest: string[] } | "help" {
  const names = namesOf(options);
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      [...names].map(([name, { option }]) => [
        name,
        { type: isFlag(option) ? "boolean" : "string" } as const,
      ]),
    ),
    strict: false,
    tokens: true,
  });
  const values: Record<string, unknown> = {};
  const rest: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") rest.push(token.value);
    if (token.kind !== "option") continue;
    if (token.rawName === "--help" || token.rawName === "-h") return "help";
    const { option, negated } = (token.rawName.startsWith("--") && names.get(token.name)) || {};
    if (option === undefined || (negated && token.inlineValue)) {
      const word = args[token.index]!;
      const meant = suggestion(word.replace(/^-+|=[^]*$/g, ""), options);
      throw new UsageError(
        `Expected a known option but found ${word} on the command line${meant}`,
      );
    }
    if (isFlag(option)) {
      values[option.key] = negated ? false : convert(option, token.value ?? "true");
      continue;
    }
    const { value, inlineValue } = token;
    if (value === undefined || (!inlineValue && /^--[a-zA-Z]/.test(value))) {
      throw new UsageError(
        `Expected a value behind ${option.flag} but found ${
          value ?? "nothing"
        } on the command line`,
      );
    }
    values[option.key] = convert(option, value);
  }
  return { values, rest };
}

/**
 * Reads a command's options from its arguments.
 *
 * `--key value`, `--key=value`, `--flag`, `--no-flag`, lists as `a,b,c`; behind `--` nothing is an option. The key
 * `maxTokens` is written `--max-tokens`, `--max_tokens` or `--maxTokens`; of an option given twice the last one counts.
 *
 * @param spec the command
 * @param args the arguments behind its name
 * @returns the options with defaults, or `"help"` when help is asked for
 * @throws {UsageError} for an unknown option, a missing or a bad value
 * @example
 * ```ts
 * import { parseOptions } from "./command.ts";
 * import { assertEquals } from "@std/assert";
 * import { z } from "zod";
 *
 * const schema = z.object({ maxTokens: z.int().default(8), names: z.array(z.string()) });
 * const options = parseOptions({ name: "demo", summary: "", schema }, ["--names", "a,b"]);
 * assertEquals(options, { maxTokens: 8, names: ["a", "b"] });
 * ```
 */
export function parseOptions<S extends ObjectSchema>(
  spec: CommandSpec<S>,
  args: readonly string[],
): OutputOf<S> | "help" {
  const options = optionsOf(spec.schema);
  const words = readWords(args, options);
  if (words === "help") return "help";
  const { values, rest } = words;
  placeArguments(spec.positional ?? [], options, rest, values);
  const missing = options.find((o) => o.required && !(o.key in values));
  if (missing) {
    const what = spec.positional?.includes(missing.key)
      ? `the argument ${missing.key.toUpperCase()}`
      : missing.flag;
    throw new UsageError(
      `Expected ${what} but found nothing on the command line; --help explains it`,
    );
  }
  const parsed = spec.schema.safeParse(values);
  if (parsed.success) return parsed.data;
  const nameOf = (path: readonly PropertyKey[]): string =>
    options.find((o) => o.key === path[0])?.flag ?? path.map(String).join(".");
  const fault = firstFault(spec.schema, values, parsed.error, nameOf);
  throw new UsageError(`${fault} on the command line`);
}

/** Gives the arguments without `--` to the keys that take them. */
function placeArguments(
  positional: readonly string[],
  options: readonly Option[],
  rest: string[],
  values: Record<string, unknown>,
): void {
  for (const key of positional) {
    const option = options.find((o) => o.key === key);
    if (!option || rest.length === 0) continue;
    values[key] = option.list
      ? rest.splice(0).flatMap((text) => convert(option, text))
      : convert(option, rest.shift()!);
  }
  if (rest.length > 0) {
    throw new UsageError(
      `Expected options only but found ${rest[0]} on the command line; --help lists the options`,
    );
  }
}

/** What `--help` shows for a command: its options with their values, defaults and descriptions. */
export function helpText<S extends ObjectSchema>(spec: CommandSpec<S>): string {
  const options = optionsOf(spec.schema);
  const positional: readonly string[] = spec.positional ?? [];
  const rows = options.map((o) => {
    const value = o.kind === "boolean"
      ? ""
      : o.values.length > 0
      ? ` ${o.values.join("|")}`
      : o.kind === "number"
      ? " N"
      : " TEXT";
    const fallback = o.required
      ? "needed"
      : o.fallback === undefined || o.fallback === false
      ? ""
      : `default ${Array.isArray(o.fallback) ? o.fallback.join(",") : String(o.fallback)}`;
    const left = positional.includes(o.key)
      ? o.key.toUpperCase()
      : `${o.flag}${value}${o.list ? ",..." : ""}`;
    return [
      left,
      [o.description, fallback && `(${fallback})`].filter(Boolean).join(" "),
    ] as const;
  });
  rows.push(["--help", "Show this text"]);
  const width = Math.min(32, Math.max(...rows.map(([left]) => left.length)));
  const table = rows.flatMap(([left, right]) =>
    left.length > width
      ? [`  ${left}`, `  ${"".padEnd(width)}  ${right}`]
      : [`  ${left.padEnd(width)}  ${right}`.trimEnd()]
  );
  const usage = [
    "deno task",
    spec.name,
    ...positional.map((k) => k.toUpperCase()),
    "[options]",
  ].join(" ");
  const examples = (spec.examples ?? []).map((e) => `  deno task ${spec.name} ${e}`.trimEnd());
  return [
    spec.summary,
    "",
    `Usage: ${usage}`,
    "",
    "Options:",
    ...table,
    ...(examples.length > 0 ? ["", "Examples:", ...examples] : []),
    "",
  ].join("\n");
}

/** The exit code and the text for an error that ended a command. */
function failure(error: unknown): { code: number; text: string } {
  const message = (error instanceof Error ? error.message : String(error))
    .split("\n")[0]!;
  const debug = Boolean(Deno.env.get("BALANCEDBIO_DEBUG"));
  const stack = debug && error instanceof Error && error.stack ? `\n${error.stack}` : "";
  if (error instanceof UsageError) {
    return { code: 2, text: `error: ${message}${stack}` };
  }
  if (error instanceof WorkbenchError) {
    return { code: 1, text: `error: ${message}${stack}` };
  }
  const memory = outOfMemory(error);
  if (memory !== undefined) return { code: 1, text: `error: ${memory}${stack}` };
  const hint = debug ? "" : " (unexpected; BALANCEDBIO_DEBUG=1 shows where)";
  return { code: 1, text: `error: ${message || "no message"}${hint}${stack}` };
}

/**
 * Runs a command: reads its options, shows help when asked, and ends the process with code 1 or 2 and one line on
 * standard error when the work fails. Whatever it writes to the console is `printable`. Ctrl-C ends it at once, with the system's own code for that (130 in a shell).
 *
 * @param spec the command
 * @param args the arguments behind its name, `Deno.args`
 * @param main the work
 */
export async function runCommand<S extends ObjectSchema>(
  spec: CommandSpec<S>,
  args: readonly string[],
  main: (options: OutputOf<S>) => Promise<void>,
): Promise<void> {
  const encoder = new TextEncoder();
  guardConsole();
  try {
    const options = parseOptions(spec, args);
    if (options === "help") {
      Deno.stdout.writeSync(encoder.encode(helpText(spec)));
      return;
    }
    await main(options);
  } catch (error) {
    const { code, text } = failure(error);
    Deno.stderr.writeSync(encoder.encode(`${printable(text)}\n`));
    Deno.exit(code);
  }
}
