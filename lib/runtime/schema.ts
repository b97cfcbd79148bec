/**
 * Looking into zod schemas, and zod's complaints in this project's words.
 *
 * @module
 */
import { z } from "zod";

/** A zod schema. */
export type AnySchema = z.ZodType;

/** A zod schema of an object. */
export type ObjectSchema = z.ZodObject;

/** A zod schema whose values are `T`. */
export type Schema<T> = AnySchema & { readonly _zod: { readonly output: T } };

/** What a zod schema's values are, as `z.infer` says. */
export type OutputOf<S extends AnySchema> = S["_zod"]["output"];

/** The schema inside defaults, optional marks and the like, and the first description on the way to it. */
export function unwrap(
  schema: AnySchema,
): { readonly core: AnySchema; readonly description: string } {
  let core = schema;
  let description = schema.description ?? "";
  for (;;) {
    if (
      core instanceof z.ZodDefault || core instanceof z.ZodPrefault ||
      core instanceof z.ZodOptional || core instanceof z.ZodNullable ||
      core instanceof z.ZodReadonly
    ) {
      core = core.def.innerType as z.ZodType;
    } else if (core instanceof z.ZodPipe) {
      core = core.def.in as z.ZodType;
    } else {
      return { core, description };
    }
    description ||= core.description ?? "";
  }
}

/** The schema that holds for the value at a path of keys; undefined where the path leaves objects and lists. */
export function schemaAt(
  schema: z.ZodType,
  path: readonly PropertyKey[],
): z.ZodType | undefined {
  let at: z.ZodType | undefined = unwrap(schema).core;
  for (const key of path) {
    if (at instanceof z.ZodObject) at = at.shape[key as string] as z.ZodType;
    else if (at instanceof z.ZodArray) at = at.element as z.ZodType;
    else return undefined;
    if (at === undefined) return undefined;
    at = unwrap(at).core;
  }
  return at;
}

/** A value in a few characters, for error messages. */
function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  // JSON has no word for infinity.
  if (typeof value === "number") return String(value);
  let text: string;
  try {
    text = typeof value === "bigint" ? `${value}n` : JSON.stringify(value) ?? String(value);
  } catch {
    text = String(value);
  }
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** The value that stands at a path of keys inside a value. */
function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value;
  for (const key of path) {
    if (at === null || typeof at !== "object") return undefined;
    at = (at as Record<PropertyKey, unknown>)[key];
  }
  return at;
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  int: "an integer",
  number: "a number",
  string: "a string",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
  null: "null",
};

/** A limit on a number, a text or a list, in words. */
function bound(
  issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig,
  integer: boolean,
): string {
  const [limit, more, most] = issue.code === "too_small"
    ? [issue.minimum, "greater", "at least"]
    : [issue.maximum, "less", "at most"];
  const relation = issue.inclusive ? `${most} ${limit}` : `${more} than ${limit}`;
  if (issue.origin === "string") return `a string of ${relation} characters`;
  if (issue.origin === "array") return `a list of ${relation} entries`;
  return `${integer ? "an integer" : "a number"} ${relation}`;
}

/** What zod expected at the place of an issue, in words. */
function expectation(issue: z.core.$ZodIssue, integer: boolean): string {
  switch (issue.code) {
    case "invalid_type":
      return integer && issue.expected === "number"
        ? "to be an integer"
        : `to be ${TYPE_NAMES[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return issue.values.length === 1
        ? `to be ${shown(issue.values[0])}`
        : `to be one of ${issue.values.map((v) => String(v)).join(", ")}`;
    case "too_small":
    case "too_big":
      return `to be ${bound(issue, integer)}`;
    case "not_multiple_of":
      return `to be a multiple of ${issue.divisor}`;
    case "invalid_format":
      return `to be a string of the form ${issue.pattern ?? issue.format}`;
    default:
      return `to be valid (${issue.message})`;
  }
}

/** A key as it is, or quoted where it would break the line. */
function keyText(key: PropertyKey): string {
  const text = String(key);
  // deno-lint-ignore no-control-regex -- control characters are what is looked for
  return /[\x00-\x1f\x7f]/.test(text) ? JSON.stringify(text) : text;
}

/**
 * One line for the first fault that zod found: the key, what was expected, what was found.
 *
 * @param nameOf how a key's path is written
 */
export function firstFault(
  schema: z.ZodType,
  value: unknown,
  error: z.ZodError,
  nameOf: (path: readonly PropertyKey[]) => string = (path) => path.map(keyText).join("."),
): string {
  const issue = error.issues[0]!;
  if (issue.code === "unrecognized_keys") {
    const names = issue.keys.map((key) => nameOf([...issue.path, key]));
    return `Expected only known keys but found ${names.join(", ")}`;
  }
  const at = schemaAt(schema, issue.path);
  const integer = at instanceof z.ZodNumber && at.format === "safeint";
  const found = shown(valueAt(value, issue.path));
  return `Expected ${nameOf(issue.path) || "the value"} ${
    expectation(issue, integer)
  } but found ${found}`;
}
