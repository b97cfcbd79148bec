/** JSON as Python's `json.dumps` writes it, which the filter `tojson` of chat templates does. @module */

import { TemplateError } from "./lexer.ts";
import { checkText } from "./limits.ts";
import {
  asInteger,
  asText,
  bind,
  compare,
  Float,
  floatText,
  type Given,
  isDict,
  isList,
  itemsOf,
  type Key,
  truth,
  Tuple,
  typeName,
  type Value,
} from "./values.ts";

interface Style {
  readonly ascii: boolean;
  /** What one step further in is written as; undefined for a single line. */
  readonly indent: string | undefined;
  readonly between: string;
  readonly behindKey: string;
  readonly sorted: boolean;
}

const short: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\b": "\\b",
  "\f": "\\f",
};

function stringText(text: string, ascii: boolean): string {
  // deno-lint-ignore no-control-regex -- control characters are what has to be escaped
  const special = ascii ? /["\\]|[^ -~]/g : /["\\\x00-\x1f]/g;
  return `"${
    text.replace(
      special,
      (symbol) => short[symbol] ?? `\\u${symbol.charCodeAt(0).toString(16).padStart(4, "0")}`,
    )
  }"`;
}

/** A float as JSON writes it; what JSON has no word for as Python does. */
function number(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  return Number.isFinite(value) ? floatText(value) : value > 0 ? "Infinity" : "-Infinity";
}

function keyText(key: Key): string {
  if (typeof key === "string") return key;
  return key === null ? "null" : String(key);
}

/** A number of spaces, none where it is negative. */
function spaces(count: number): string {
  checkText(count);
  return " ".repeat(Math.max(0, count));
}

/** A value between brackets, on lines of their own where there is an indentation. */
function bracketed(
  parts: readonly string[],
  [open, close]: string,
  style: Style,
  depth: number,
): string {
  if (parts.length === 0) return `${open}${close}`;
  const more = (depth + 2) * (style.indent?.length ?? 0) + style.between.length + 1;
  checkText(parts.reduce((sum, part) => sum + part.length + more, 0));
  if (style.indent === undefined) return `${open}${parts.join(style.between)}${close}`;
  const line = `\n${style.indent.repeat(depth + 1)}`;
  return `${open}${line}${parts.join(`${style.between}${line}`)}\n${
    style.indent.repeat(depth)
  }${close}`;
}

function write(value: Value, style: Style, depth: number): string {
  if (value === null) return "null";
  if (typeof value === "boolean" || typeof value === "number") return String(value);
  if (typeof value === "string") return stringText(value, style.ascii);
  if (value instanceof Float) return number(value.value);
  if (isList(value) || value instanceof Tuple) {
    return bracketed(
      itemsOf(value).map((item) => write(item, style, depth + 1)),
      "[]",
      style,
      depth,
    );
  }
  if (isDict(value)) {
    const entries = style.sorted ? [...value].sort(([a], [b]) => compare(a, b)) : [...value];
    return bracketed(
      entries.map(([key, item]) =>
        `${stringText(keyText(key), style.ascii)}${style.behindKey}${write(item, style, depth + 1)}`
      ),
      "{}",
      style,
      depth,
    );
  }
  throw new TemplateError(`a ${typeName(value)} as JSON, which it has no words for`);
}

/**
 * The filter `tojson` of chat templates.
 *
 * @param value what to write
 * @param given `ensure_ascii`, `indent`, `separators` and `sort_keys`, as for `json.dumps`
 * @throws TemplateError when a value has no JSON
 */
export function toJson(value: Value, given: Given): string {
  const { ensure_ascii = false, indent = null, separators = null, sort_keys = false } = bind(
    "tojson",
    ["ensure_ascii", "indent", "separators", "sort_keys"],
    given,
  );
  const step = indent === null
    ? undefined
    : typeof indent === "string"
    ? indent
    : spaces(asInteger(indent, "indent"));
  const [between, behindKey] = separators === null
    ? [step === undefined ? ", " : ",", ": "]
    : itemsOf(separators).map((separator) => asText(separator, "a separator"));
  if (between === undefined || behindKey === undefined) {
    throw new TemplateError("separators that are not two texts");
  }
  return write(
    value,
    { ascii: truth(ensure_ascii), indent: step, between, behindKey, sorted: truth(sort_keys) },
    0,
  );
}
