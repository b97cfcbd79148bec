/** A tokenizer of bytes, schemas, and a plain validator. @module */

import type { JsonSchema, Tokenizer } from "../../lib/model/mod.ts";

/** A token for the end, one for each byte, and some that span several elements of JSON or parts of a character. */
const pieces = [
  ...['{"', '":', '", "', '"}', '":"', "true", "null", "12", '"a', "ab", "]}", "[[", "é", "\\u00"],
].map((text) => new TextEncoder().encode(text));
export const byteTokens: Tokenizer = {
  vocabSize: 1 + 256 + pieces.length,
  definition: {} as Tokenizer["definition"],
  eosIds: [0],
  encode: () => [],
  decode: (ids) =>
    new TextDecoder("utf-8", { fatal: true }).decode(
      Uint8Array.from(ids.filter((id) => id !== 0).flatMap((id) => [...byteTokens.tokenBytes(id)])),
    ),
  tokenBytes: (id) =>
    id === 0 ? new Uint8Array() : id <= 256 ? Uint8Array.of(id - 1) : pieces[id - 257]!,
  isSpecial: (id) => id === 0,
};

/** Whether a value fits a schema: the keywords that the tests use, written plainly. */
export function fits(value: unknown, schema: JsonSchema, root: JsonSchema = schema): boolean {
  if (typeof schema === "boolean") return schema;
  const s = schema as Record<string, unknown>;
  if (s.$ref !== undefined) {
    const path = (s.$ref as string).split("/").slice(1);
    const part = path.reduce<unknown>((v, k) => (v as Record<string, unknown>)[k], root);
    return fits(value, part as JsonSchema, root);
  }
  if (
    s.enum !== undefined &&
    !(s.enum as unknown[]).some((v) => JSON.stringify(v) === JSON.stringify(value))
  ) return false;
  if ("const" in s) return JSON.stringify(s.const) === JSON.stringify(value);
  const options = (s.anyOf ?? s.oneOf) as JsonSchema[] | undefined;
  if (options !== undefined) {
    const found = options.filter((o) => fits(value, o, root)).length;
    return s.oneOf === undefined ? found >= 1 : found === 1;
  }
  const types = [s.type].flat();
  return types.some((type) => {
    switch (type) {
      case undefined:
        return true;
      case "null":
        return value === null;
      case "boolean":
        return typeof value === "boolean";
      case "number":
        return typeof value === "number" && Number.isFinite(value);
      case "integer":
        return Number.isInteger(value) && (value as number) >= (s.minimum as number ?? -Infinity) &&
          (value as number) <= (s.maximum as number ?? Infinity);
      case "string": {
        if (typeof value !== "string") return false;
        const length = [...value].length;
        return length >= (s.minLength as number ?? 0) &&
          length <= (s.maxLength as number ?? Infinity);
      }
      case "array":
        return Array.isArray(value) && value.length >= (s.minItems as number ?? 0) &&
          value.length <= (s.maxItems as number ?? Infinity) &&
          value.every((item) => fits(item, (s.items ?? true) as JsonSchema, root));
      default: {
        if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
        const properties = (s.properties ?? {}) as Record<string, JsonSchema>;
        return (s.required as string[] ?? []).every((key) => key in value) &&
          Object.entries(value).every(([key, item]) =>
            properties[key] === undefined
              ? fits(item, (s.additionalProperties ?? true) as JsonSchema, root)
              : fits(item, properties[key], root)
          );
      }
    }
  });
}

/** An object of every kind. */
export const note: JsonSchema = {
  type: "object",
  properties: {
    drug: { type: "string", minLength: 1, maxLength: 4 },
    dose: { type: "integer", minimum: -3, maximum: 12 },
    urgent: { type: "boolean" },
    route: { enum: ["oral", 'in "quotes"', null] },
    doses: { type: "array", items: { type: "number" }, minItems: 1, maxItems: 3 },
    other: { anyOf: [{ type: "null" }, { const: { a: [1, 2] } }] },
  },
  required: ["drug", "dose"],
  additionalProperties: false,
};
/** A recursive schema. */
export const tree: JsonSchema = {
  $defs: {
    node: {
      type: "object",
      properties: {
        name: { type: ["string", "null"], maxLength: 2 },
        parts: { type: "array", items: { $ref: "#/$defs/node" }, maxItems: 1 },
      },
      required: ["name"],
      additionalProperties: false,
    },
  },
  $ref: "#/$defs/node",
};
