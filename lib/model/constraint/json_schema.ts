/** The grammar of the JSON texts that fit a JSON Schema (draft 2020-12, the part that a grammar can promise). @module */

import { jsonText, UsageError } from "../../runtime/mod.ts";
import { inMessage } from "../formats/text.ts";
import { choice, type Grammar, lazy, literal } from "./grammar.ts";
import {
  jsonArray,
  jsonInteger,
  jsonMap,
  jsonNumber,
  jsonObject,
  jsonString,
  jsonValue,
} from "./json_grammar.ts";

/** A JSON Schema: an object of keywords, true for anything, or false for nothing. */
export type JsonSchema = boolean | { readonly [keyword: string]: unknown };

type Keywords = { readonly [keyword: string]: unknown };

const annotations = [
  ...["$schema", "$id", "$comment", "$defs", "definitions", "title", "description", "default"],
  ...["examples", "deprecated", "readOnly", "writeOnly"],
];

/** Keywords that are understood beside a type. */
const byType = {
  object: ["properties", "required", "additionalProperties"],
  array: ["items", "minItems", "maxItems"],
  string: ["minLength", "maxLength"],
  integer: ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"],
  number: [],
  boolean: [],
  null: [],
} as const satisfies Record<string, readonly string[]>;

type TypeName = keyof typeof byType;

/** Keywords that say it all, with the others that are understood beside them. */
const whole: Readonly<Record<string, readonly string[]>> = {
  enum: ["type"],
  const: ["type"],
  $ref: [],
  anyOf: [],
  oneOf: [],
};

const isObject = (value: unknown): value is Keywords =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A fault of the schema: what was expected, what was found, where. */
function fault(expected: string, found: unknown, at: string): UsageError {
  return new UsageError(
    `Expected ${expected} but found ${inMessage(jsonText(found))} in ${inMessage(at)}`,
  );
}

/** Whether a value is of one of the types. */
function hasType(value: unknown, types: readonly TypeName[]): boolean {
  const own: readonly TypeName[] = value === null
    ? ["null"]
    : Array.isArray(value)
    ? ["array"]
    : typeof value === "bigint"
    ? ["integer", "number"]
    : typeof value === "number"
    ? Number.isInteger(value) ? ["integer", "number"] : ["number"]
    : [typeof value as TypeName];
  return own.some((type) => types.includes(type));
}

function listAt(keywords: Keywords, key: string, at: string): readonly unknown[] {
  const value = keywords[key];
  if (!Array.isArray(value)) throw fault(`${key} to be a list`, value, at);
  return value;
}

/** The types that a schema names; undefined where it names none. */
function typesOf(keywords: Keywords, at: string): readonly TypeName[] | undefined {
  if (keywords.type === undefined) return undefined;
  const types = [keywords.type].flat();
  const unknown = types.findIndex((type) =>
    typeof type !== "string" || !Object.hasOwn(byType, type)
  );
  if (unknown >= 0 || types.length === 0) {
    throw fault(`type to be one of ${Object.keys(byType).join(", ")}`, types[unknown] ?? types, at);
  }
  return types as TypeName[];
}

function countAt(keywords: Keywords, key: string, otherwise: number, at: string): number {
  const value = keywords[key];
  if (value === undefined) return otherwise;
  if (!Number.isInteger(value) || (value as number) < 0) {
    throw fault(`${key} to be an integer of at least 0`, value, at);
  }
  return value as number;
}

function limitAt(keywords: Keywords, key: string, otherwise: number, at: string): number {
  const value = keywords[key];
  // A grammar's integers are far smaller than what a number cannot hold.
  if (typeof value === "bigint") return Number(value);
  if (value !== undefined && typeof value !== "number") {
    throw fault(`${key} to be a number`, value, at);
  }
  return value ?? otherwise;
}

function integers(keywords: Keywords, at: string): Grammar {
  const low = Math.max(
    Math.ceil(limitAt(keywords, "minimum", -Infinity, at)),
    Math.floor(limitAt(keywords, "exclusiveMinimum", -Infinity, at)) + 1,
  );
  const high = Math.min(
    Math.floor(limitAt(keywords, "maximum", Infinity, at)),
    Math.ceil(limitAt(keywords, "exclusiveMaximum", Infinity, at)) - 1,
  );
  return jsonInteger(low, high);
}

/** What a `$ref` names inside the schema; undefined where there is nothing. */
function targetOf(schema: JsonSchema, reference: string): unknown {
  let path: string[];
  try {
    path = reference.split("/").slice(1).map((part) =>
      decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~")
    );
  } catch {
    return undefined;
  }
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, key)
        ? (value as Keywords)[key]
        : undefined,
    schema,
  );
}

/**
 * Options of oneOf must not overlap, for a grammar cannot count: either each has types of its own, or each lists values
 * of its own that are no objects or arrays.
 */
function checkApart(options: readonly unknown[], at: string): void {
  const kinds = options.flatMap((option) => {
    if (!isObject(option)) return [undefined];
    const values = Array.isArray(option.enum)
      ? [...new Set(option.enum)]
      : "const" in option
      ? [option.const]
      : undefined;
    return values?.map((v) =>
      typeof v === "object" && v !== null ? undefined : `=${v}:${typeof v}`
    ) ??
      [...new Set([option.type].flat())];
  });
  const listed = kinds.filter((kind) => String(kind).startsWith("=")).length;
  const overlap = kinds.includes(undefined) || new Set(kinds).size < kinds.length ||
    (kinds.includes("integer") && kinds.includes("number")) ||
    (listed > 0 && listed < kinds.length);
  if (overlap) {
    throw new UsageError(
      `Expected options of oneOf to have types or values of their own but found others in ${
        inMessage(at)
      }`,
    );
  }
}

/**
 * A value that a schema lists, as JSON. An integer that numbers cannot hold has to be a bigint: `JSON.parse` has rounded
 * one that is a number, and what stood there cannot be told.
 */
function listedText(value: unknown, at: string): string {
  const check = (part: unknown): void => {
    if (typeof part === "object" && part !== null) Object.values(part).forEach(check);
    if (Number.isInteger(part) && !Number.isSafeInteger(part) && Math.abs(part as number) < 1e21) {
      throw new UsageError(
        `Expected integers of at most ${Number.MAX_SAFE_INTEGER}, or bigints as parseJson reads them, but found ${part} in ${
          inMessage(at)
        }`,
      );
    }
  };
  check(value);
  return jsonText(value);
}

/** The whole schema and the grammars of the parts that a `$ref` has named so far. */
interface Root {
  readonly schema: JsonSchema;
  readonly named: Map<string, Grammar>;
  /** How deep the part lies that is being read, `$ref`s followed. */
  readonly level: { now: number };
}

/** Schemas may be inside each other this deep. */
const deepest = 500;

/** What a `$ref` stands for. */
function resolve(root: Root, reference: unknown, at: string): Grammar {
  if (typeof reference !== "string" || !/^#(\/|$)/.test(reference)) {
    throw fault("$ref to be # or to begin with #/", reference, at);
  }
  const known = root.named.get(reference);
  if (known !== undefined) return known;
  const target = targetOf(root.schema, reference);
  if (target === undefined) throw fault("$ref to name a part of the schema", reference, at);
  // Named before it is made, since it may hold itself; made now, since a fault in it has to be told now.
  let made: Grammar = choice();
  const later = lazy(() => made);
  root.named.set(reference, later);
  made = grammarOf(root, target, reference);
  return later;
}

function objects(root: Root, keywords: Keywords, at: string): Grammar {
  const { properties = {}, required = [], additionalProperties = true } = keywords;
  if (!isObject(properties)) throw fault("properties to be an object", properties, at);
  if (!(Array.isArray(required) && required.every((name) => typeof name === "string"))) {
    throw fault("required to be a list of names", required, at);
  }
  const missing = required.find((name) => !Object.hasOwn(properties, name));
  if (missing !== undefined) {
    throw new UsageError(
      `Expected properties to have "${inMessage(missing)}", which is required, in ${inMessage(at)}`,
    );
  }
  const entries = Object.entries(properties);
  if (entries.length === 0 && additionalProperties !== false) {
    return jsonMap(grammarOf(root, additionalProperties, `${at}/additionalProperties`));
  }
  return jsonObject(entries.map(([name, value]) => ({
    name,
    value: grammarOf(root, value, `${at}/properties/${name}`),
    required: required.includes(name),
  })));
}

function ofType(root: Root, type: TypeName, keywords: Keywords, at: string): Grammar {
  switch (type) {
    case "object":
      return objects(root, keywords, at);
    case "array":
      return jsonArray(
        grammarOf(root, keywords.items ?? true, `${at}/items`),
        countAt(keywords, "minItems", 0, at),
        countAt(keywords, "maxItems", Infinity, at),
      );
    case "string":
      return jsonString(
        countAt(keywords, "minLength", 0, at),
        countAt(keywords, "maxLength", Infinity, at),
      );
    case "integer":
      return integers(keywords, at);
    case "number":
      return jsonNumber;
    case "boolean":
      return choice(literal("true"), literal("false"));
    case "null":
      return literal("null");
  }
}

/** The grammar of a part of the schema. */
function grammarOf(root: Root, part: unknown, at: string): Grammar {
  if (root.level.now === deepest) {
    throw new UsageError(
      `Expected a schema of at most ${deepest} levels but found more in ${inMessage(at)}`,
    );
  }
  root.level.now++;
  const grammar = grammarIn(root, part, at);
  root.level.now--;
  return grammar;
}

function grammarIn(root: Root, part: unknown, at: string): Grammar {
  if (part === true) return jsonValue;
  if (part === false) return choice();
  if (!isObject(part)) throw fault("a schema", part, at);
  const types = typesOf(part, at);
  const main = Object.keys(whole).find((key) => key in part);
  const understood = main === undefined
    ? ["type", ...(types ?? []).flatMap((type): readonly string[] => byType[type])]
    : [main, ...whole[main]!];
  const stray = Object.keys(part).find((key) => ![...understood, ...annotations].includes(key));
  if (stray !== undefined) {
    throw new UsageError(
      `Expected keywords that a grammar can promise but found ${inMessage(stray)} in ${
        inMessage(at)
      }`,
    );
  }
  switch (main) {
    case "enum":
    case "const": {
      const values = main === "enum" ? listAt(part, "enum", at) : [part.const];
      return choice(
        ...values.filter((value) => types === undefined || hasType(value, types))
          .map((value) => literal(listedText(value, `${at}/${main}`))),
      );
    }
    case "$ref":
      return resolve(root, part.$ref, at);
    case "anyOf":
    case "oneOf": {
      const options = listAt(part, main, at);
      if (main === "oneOf") checkApart(options, at);
      return choice(...options.map((option, i) => grammarOf(root, option, `${at}/${main}/${i}`)));
    }
    default:
      return types === undefined
        ? jsonValue
        : choice(...types.map((type) => ofType(root, type, part, at)));
  }
}

/**
 * The grammar of a schema's values as compact JSON (one space may stand behind a comma or colon). Properties come in
 * the order of the schema, and no others; numbers have 15 digits before and behind the point and two in the exponent
 * at most, but for those that the schema lists. Every text of the grammar is valid; not every valid text is in the grammar.
 *
 * @param schema the schema; for large integers as `parseJson` reads it with `integers: "exact"`
 * @throws UsageError with the keyword and its place for what a grammar cannot promise, such as `pattern`
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { grammarMachine } from "./grammar.ts";
 * import { jsonGrammar } from "./json_schema.ts";
 *
 * const { start, next } = grammarMachine(jsonGrammar({ type: "integer", minimum: 7 }));
 * assertEquals(next(start, 0x36)?.complete, false); // 6 is too small, 60 is not
 * assertEquals(next(start, 0x37)?.complete, true);
 * ```
 */
export function jsonGrammar(schema: JsonSchema): Grammar {
  return grammarOf({ schema, named: new Map(), level: { now: 0 } }, schema, "#");
}
