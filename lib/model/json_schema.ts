/** The grammar of the JSON texts that fit a JSON Schema (draft 2020-12, the part that a grammar can promise). @module */

import { UsageError } from "../runtime/mod.ts";
import {
  bytes,
  choice,
  type Grammar,
  lazy,
  literal,
  optional,
  repeat,
  sequence,
} from "./grammar.ts";

/** A JSON Schema: an object of keywords, or true for anything. */
export type JsonSchema = boolean | { readonly [keyword: string]: unknown };

type Keywords = { readonly [keyword: string]: unknown };

const annotations = new Set([
  ...["$schema", "$id", "$comment", "$defs", "definitions", "title", "description", "default"],
  ...["examples", "deprecated", "readOnly", "writeOnly"],
]);

const byType: Readonly<Record<string, readonly string[]>> = {
  object: ["properties", "required", "additionalProperties"],
  array: ["items", "minItems", "maxItems"],
  string: ["minLength", "maxLength"],
  integer: ["minimum", "maximum"],
  number: [],
  boolean: [],
  null: [],
};

/** Integers between two limits are listed one by one; this many at most. */
const MOST_INTEGERS = 10_000;

/** Digits of a number, so that no text of digits goes on for ever. */
const MOST_DIGITS = 15;

/** A further byte of a character. */
const follow = bytes([0x80, 0xbf]);
const hex = bytes([0x30, 0x39], [0x41, 0x46], [0x61, 0x66]);

/** One character inside a JSON string: UTF-8 as it is, or an escape; no half of a surrogate pair. */
const character = choice(
  bytes([0x20, 0x21], [0x23, 0x5b], [0x5d, 0x7f]),
  sequence(bytes([0xc2, 0xdf]), follow),
  sequence(bytes([0xe0, 0xe0]), bytes([0xa0, 0xbf]), follow),
  sequence(bytes([0xe1, 0xec], [0xee, 0xef]), follow, follow),
  sequence(bytes([0xed, 0xed]), bytes([0x80, 0x9f]), follow),
  sequence(bytes([0xf0, 0xf0]), bytes([0x90, 0xbf]), follow, follow),
  sequence(bytes([0xf1, 0xf3]), follow, follow, follow),
  sequence(bytes([0xf4, 0xf4]), bytes([0x80, 0x8f]), follow, follow),
  sequence(literal("\\"), choice(...[...'"\\/bfnrt'].map(literal))),
  sequence(
    literal("\\u"),
    choice(
      sequence(bytes([0x30, 0x39], [0x41, 0x43], [0x45, 0x46], [0x61, 0x63], [0x65, 0x66]), hex),
      sequence(bytes([0x44, 0x44], [0x64, 0x64]), bytes([0x30, 0x37])),
    ),
    hex,
    hex,
  ),
);

const digit = bytes([0x30, 0x39]);
const integer = sequence(
  optional(literal("-")),
  choice(literal("0"), sequence(bytes([0x31, 0x39]), repeat(digit, 0, MOST_DIGITS - 1))),
);
const number = sequence(
  integer,
  optional(sequence(literal("."), repeat(digit, 1, MOST_DIGITS))),
  optional(
    sequence(
      choice(literal("e"), literal("E")),
      optional(choice(literal("+"), literal("-"))),
      repeat(digit, 1, 2),
    ),
  ),
);
const space = optional(literal(" "));
const comma = sequence(literal(","), space);

const stringOf = (least: number, most: number): Grammar =>
  sequence(literal('"'), repeat(character, least, most), literal('"'));

const arrayOf = (items: Grammar, least: number, most: number): Grammar => {
  const filled = sequence(
    items,
    repeat(sequence(comma, items), Math.max(0, least - 1), most - 1),
  );
  const inside = most === 0 ? sequence() : least === 0 ? optional(filled) : filled;
  return sequence(literal("["), inside, literal("]"));
};

/** Any JSON value; members of objects have any names. */
const anything: Grammar = lazy(() =>
  choice(
    stringOf(0, Infinity),
    number,
    ...["true", "false", "null"].map(literal),
    arrayOf(anything, 0, Infinity),
    sequence(
      literal("{"),
      optional(sequence(member, repeat(sequence(comma, member), 0, Infinity))),
      literal("}"),
    ),
  )
);
const member: Grammar = lazy(() => sequence(stringOf(0, Infinity), literal(":"), space, anything));

/**
 * The grammar of a schema's values as compact JSON (one space may stand behind a comma or colon). Properties come in
 * the order of the schema, and no others. Every text of the grammar is valid; not every valid text is in the grammar.
 *
 * @throws UsageError with the keyword and its place for what a grammar cannot promise, such as `pattern`
 */
export function jsonGrammar(schema: JsonSchema): Grammar {
  const named = new Map<string, Grammar>();

  function resolve(reference: unknown, at: string): Grammar {
    if (typeof reference !== "string" || !reference.startsWith("#")) {
      throw new UsageError(
        `Expected $ref to begin with # but found ${JSON.stringify(reference)} in ${at}`,
      );
    }
    const known = named.get(reference);
    if (known !== undefined) return known;
    const path = reference.split("/").slice(1).map((part) =>
      decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~")
    );
    const target = path.reduce<unknown>(
      (value, key) => (value as Keywords | undefined)?.[key],
      schema,
    );
    if (target === undefined) {
      throw new UsageError(
        `Expected $ref to name a part of the schema but found ${reference} in ${at}`,
      );
    }
    const later = lazy(() => grammarOf(target as JsonSchema, reference));
    named.set(reference, later);
    // A faulty part is told at once, not in the middle of a text.
    grammarOf(target as JsonSchema, reference);
    return later;
  }

  function count(keywords: Keywords, key: string, otherwise: number, at: string): number {
    const value = keywords[key] ?? otherwise;
    if (value !== Infinity && !(Number.isInteger(value) && value as number >= 0)) {
      throw new UsageError(
        `Expected ${key} to be a number from 0 but found ${JSON.stringify(value)} in ${at}`,
      );
    }
    return value as number;
  }

  function objectOf(keywords: Keywords, at: string): Grammar {
    const properties = Object.entries((keywords.properties ?? {}) as Record<string, JsonSchema>);
    const required = (keywords.required ?? []) as readonly string[];
    const missing = required.find((name) => !properties.some(([key]) => key === name));
    if (missing !== undefined) {
      throw new UsageError(
        `Expected properties to have ${JSON.stringify(missing)}, which is required, in ${at}`,
      );
    }
    if (properties.length === 0 && keywords.additionalProperties !== false) {
      return sequence(
        literal("{"),
        optional(sequence(member, repeat(sequence(comma, member), 0, Infinity))),
        literal("}"),
      );
    }
    const members = properties.map(([name, value]) => ({
      needed: required.includes(name),
      text: sequence(
        literal(JSON.stringify(name)),
        literal(":"),
        space,
        grammarOf(value, `${at}/properties/${name}`),
      ),
    }));
    // From the last one: what may follow when something stands before it, and when nothing does.
    let [after, first]: [Grammar, Grammar] = [sequence(), sequence()];
    for (const { needed, text } of members.toReversed()) {
      const [withComma, without] = [sequence(comma, text, after), sequence(text, after)];
      [after, first] = needed
        ? [withComma, without]
        : [choice(withComma, after), choice(without, first)];
    }
    return sequence(literal("{"), first, literal("}"));
  }

  function integersOf(keywords: Keywords, at: string): Grammar {
    const { minimum, maximum } = keywords;
    if (minimum === undefined && maximum === undefined) return integer;
    const [low, high] = [Math.ceil(Number(minimum)), Math.floor(Number(maximum))];
    if (!(high >= low && high - low < MOST_INTEGERS)) {
      throw new UsageError(
        `Expected minimum and maximum to enclose from 1 to ${MOST_INTEGERS} integers but found ${minimum} and ${maximum} in ${at}`,
      );
    }
    return choice(...Array.from({ length: high - low + 1 }, (_, i) => literal(String(low + i))));
  }

  function ofType(type: string, keywords: Keywords, at: string): Grammar {
    switch (type) {
      case "object":
        return objectOf(keywords, at);
      case "array":
        return arrayOf(
          grammarOf((keywords.items ?? true) as JsonSchema, `${at}/items`),
          count(keywords, "minItems", 0, at),
          count(keywords, "maxItems", Infinity, at),
        );
      case "string":
        return stringOf(
          count(keywords, "minLength", 0, at),
          count(keywords, "maxLength", Infinity, at),
        );
      case "integer":
        return integersOf(keywords, at);
      case "number":
        return number;
      case "boolean":
        return choice(literal("true"), literal("false"));
      default:
        return literal("null");
    }
  }

  function grammarOf(part: JsonSchema, at: string): Grammar {
    if (part === true) return anything;
    if (typeof part !== "object" || part === null || Array.isArray(part)) {
      throw new UsageError(`Expected a schema but found ${JSON.stringify(part)} in ${at}`);
    }
    const keywords = part as Keywords;
    const types = keywords.type === undefined ? [] : [keywords.type].flat() as string[];
    const unknown = types.find((type) => byType[type] === undefined);
    if (unknown !== undefined) {
      throw new UsageError(
        `Expected type to be one of ${Object.keys(byType).join(", ")} but found ${
          JSON.stringify(unknown)
        } in ${at}`,
      );
    }
    const whole = ["enum", "const", "$ref", "anyOf", "oneOf"].filter((key) => key in keywords);
    const understood = new Set([
      ...["type", ...annotations],
      ...(whole.length > 0 ? whole.slice(0, 1) : types.flatMap((type) => byType[type]!)),
    ]);
    const stray = Object.keys(keywords).find((key) => !understood.has(key));
    if (stray !== undefined) {
      throw new UsageError(
        `Expected keywords that a grammar can promise but found ${stray} in ${at}`,
      );
    }
    const values = keywords.enum ?? ("const" in keywords ? [keywords.const] : undefined);
    if (Array.isArray(values)) {
      return choice(...values.map((value) => literal(JSON.stringify(value))));
    }
    if ("$ref" in keywords) return resolve(keywords.$ref, at);
    const options = keywords.anyOf ?? keywords.oneOf;
    if (Array.isArray(options)) {
      if ("oneOf" in keywords) checkApart(options, at);
      return choice(...options.map((option, i) => grammarOf(option, `${at}/${whole[0]}/${i}`)));
    }
    if (types.length === 0) return anything;
    return choice(...types.map((type) => ofType(type, keywords, at)));
  }

  /** Options of oneOf must not overlap: each has a type of its own. */
  function checkApart(options: readonly Keywords[], at: string): void {
    const types = options.flatMap(({ type }) => [type].flat());
    const overlap = types.includes(undefined) || new Set(types).size < types.length ||
      (types.includes("integer") && types.includes("number"));
    if (overlap) {
      throw new UsageError(
        `Expected options of oneOf to have types of their own but found others in ${at}`,
      );
    }
  }

  return grammarOf(schema, "#");
}
