/** The filters of Jinja: what stands behind `|`. @module */

import { followPath } from "./access.ts";
import { toJson } from "./json_text.ts";
import { capitalize } from "./letter_case.ts";
import { spaces, TemplateError } from "./lexer.ts";
import { checkText } from "./limits.ts";
import { readFloat, readInteger, rounded } from "./numbers.ts";
import { arithmetic } from "./operators.ts";
import { passes } from "./tests.ts";
import { joinTexts, replaced, splitLines, strip } from "./text_methods.ts";
import {
  asInteger,
  asText,
  bind,
  compare,
  Float,
  type Given,
  isDict,
  itemsOf,
  lengthOf,
  numberOf,
  Once,
  textOf,
  truth,
  Tuple,
  typeName,
  Undefined,
  type Value,
} from "./values.ts";

type Filter = (value: Value, given: Given) => Value;

/** A filter without arguments. */
function plain(name: string, change: (value: Value) => Value): Filter {
  return (value, given) => {
    bind(name, [], given);
    return change(value);
  };
}

/** A value as it is compared when case does not count. */
function folded(value: Value, sensitive: Value): Value {
  return typeof value === "string" && !truth(sensitive) ? value.toLowerCase() : value;
}

/** What a list's values are sorted, chosen or counted by. */
function keyBy(attribute: Value, sensitive: Value): (value: Value) => Value {
  return (value) => folded(attribute === null ? value : followPath(value, attribute), sensitive);
}

/** As `keyBy`, where an attribute may be several with commas between, the first of which counts most. */
function keysBy(attribute: Value, sensitive: Value): (value: Value) => Value {
  if (typeof attribute !== "string") return keyBy(attribute, sensitive);
  const keys = attribute.split(",").map((one) => keyBy(one, sensitive));
  return (value) => keys.map((key) => key(value));
}

function sortBy(items: readonly Value[], key: (value: Value) => Value, reverse: Value): Value[] {
  const sign = asInteger(reverse, "reverse") === 0 ? 1 : -1;
  return items.map((item) => ({ item, by: key(item) }))
    .sort((a, b) => sign * compare(a.by, b.by)).map(({ item }) => item);
}

function extreme(name: "min" | "max"): Filter {
  return (value, given) => {
    const { case_sensitive = false, attribute = null } = bind(
      name,
      ["case_sensitive", "attribute"],
      given,
    );
    const key = keyBy(attribute, case_sensitive);
    const sign = name === "min" ? 1 : -1;
    const items = itemsOf(value);
    if (items.length === 0) return new Undefined("No aggregated item, sequence was empty.");
    return items.reduce((best, item) => sign * compare(key(item), key(best)) < 0 ? item : best);
  };
}

/** What `map` and `select` go over: nothing where the value is false, such as none. */
function ownItems(value: Value): readonly Value[] {
  return truth(value) ? itemsOf(value) : [];
}

/** Filters that keep what passes a test, or what does not. */
function choose(keep: boolean, byAttribute: boolean): Filter {
  return (value, { positional, named }) => {
    if (named.size > 0) throw new TemplateError("a named value where a test was expected");
    const [attribute, rest] = byAttribute
      ? [positional[0], positional.slice(1)]
      : [undefined, positional];
    if (byAttribute && attribute === undefined) throw new TemplateError("a missing attribute");
    const [test, ...others] = rest;
    return new Once(
      ownItems(value).filter((item) => {
        const tested = attribute === undefined ? item : followPath(item, attribute);
        const passed = test === undefined
          ? truth(tested)
          : passes(asText(test, "the name of a test"), tested, others);
        return passed === keep;
      }),
    );
  };
}

function map(value: Value, given: Given): Value {
  const { positional: [name, ...positional], named } = given;
  if (name === undefined) {
    const { attribute, default: otherwise } = bind("map", ["attribute!", "default"], given);
    return new Once(
      ownItems(value).map((item) => {
        const found = followPath(item, attribute!);
        return found instanceof Undefined ? otherwise ?? found : found;
      }),
    );
  }
  const filter = asText(name, "the name of a filter");
  return new Once(ownItems(value).map((item) => applyFilter(filter, item, { positional, named })));
}

function toInteger(value: Value, given: Given): Value {
  const { default: otherwise = 0, base = 10 } = bind("int", ["default", "base"], given);
  if (value instanceof Undefined) throw new TemplateError(value.complaint);
  if (value instanceof Float && Math.abs(value.value) === Infinity) {
    throw new TemplateError("infinity as an integer");
  }
  const number = typeof value === "string"
    ? readInteger(value, asInteger(base, "base")) ?? readFloat(value)
    : numberOf(value);
  if (number === undefined || !Number.isFinite(number)) return otherwise;
  const whole = Math.trunc(number) + 0;
  if (!Number.isSafeInteger(whole)) {
    throw new TemplateError(`the integer ${whole}, which is too large`);
  }
  return whole;
}

function toFloat(value: Value, given: Given): Value {
  const { default: otherwise = new Float(0) } = bind("float", ["default"], given);
  if (value instanceof Undefined) throw new TemplateError(value.complaint);
  const number = typeof value === "string" ? readFloat(value) : numberOf(value);
  return number === undefined ? otherwise : new Float(number);
}

function round(value: Value, given: Given): Value {
  const { precision = 0, method = "common" } = bind("round", ["precision", "method"], given);
  const number = numberOf(value);
  const places = asInteger(precision, "precision");
  if (number === undefined) throw new TemplateError(`a ${typeName(value)} to round`);
  if (Math.abs(places) > 300) throw new TemplateError(`a number rounded to ${places} places`);
  if (method === "ceil" || method === "floor") {
    return new Float((Math[method](number * 10 ** places) + 0) / 10 ** places);
  }
  if (method !== "common") throw new TemplateError("a way to round that is not known");
  return value instanceof Float ? new Float(rounded(number, places)) : rounded(number, places);
}

/** A number of spaces, none where it is negative. */
function spacesOf(count: number): string {
  checkText(count);
  return " ".repeat(Math.max(0, count));
}

function indent(value: Value, given: Given): string {
  const { width = 4, first = false, blank = false } = bind(
    "indent",
    ["width", "first", "blank"],
    given,
  );
  const step = typeof width === "string" ? width : spacesOf(asInteger(width, "width"));
  const [head = "", ...rest] = splitLines(`${asText(value, "what to indent")}\n`);
  checkText((value as string).length + (rest.length + 1) * step.length);
  const lines = [head, ...rest.map((line) => line !== "" || truth(blank) ? step + line : line)];
  return (truth(first) ? step : "") + lines.join("\n");
}

/** A text with the first letter of every word in upper case and the others in lower case. */
function title(value: Value): string {
  return textOf(value).split(new RegExp(`([-${spaces}({\\[<]+)`, "u")).map((word) => {
    const [first = "", ...rest] = word;
    return first.toUpperCase() + rest.join("").toLowerCase();
  }).join("");
}

/** What stands for a value in a set. @throws TemplateError for what cannot be in one */
function hashOf(value: Value): string {
  const number = numberOf(value);
  if (number !== undefined) return `number ${number + 0}`;
  if (typeof value === "string") return `text ${value}`;
  if (value === null || value instanceof Undefined) return typeName(value);
  throw new TemplateError(`a ${typeName(value)} where equal values are left out`);
}

function unique(value: Value, given: Given): Value {
  const { case_sensitive = false, attribute = null } = bind(
    "unique",
    ["case_sensitive", "attribute"],
    given,
  );
  const key = keyBy(attribute, case_sensitive);
  const seen = new Set<string>();
  return new Once(
    itemsOf(value).filter((item) => {
      const own = hashOf(key(item));
      return seen.size < seen.add(own).size;
    }),
  );
}

function dictSort(value: Value, given: Given): Value {
  const { case_sensitive = false, by = "key", reverse = false } = bind(
    "dictsort",
    ["case_sensitive", "by", "reverse"],
    given,
  );
  if (!isDict(value)) throw new TemplateError(`a ${typeName(value)} where a dict was expected`);
  if (by !== "key" && by !== "value") {
    throw new TemplateError("a dict sorted by neither key nor value");
  }
  const at = by === "key" ? 0 : 1;
  const pairs = [...value].map((pair) => new Tuple(pair));
  return sortBy(pairs, (pair) => folded((pair as Tuple).items[at]!, case_sensitive), reverse);
}

function otherwise(value: Value, given: Given): Value {
  const { default_value = "", boolean = false } = bind(
    "default",
    ["default_value", "boolean"],
    given,
  );
  return value instanceof Undefined || (truth(boolean) && !truth(value)) ? default_value : value;
}

const absent = new Undefined("No item, sequence was empty.");

const filters: Readonly<Record<string, Filter>> = {
  abs: plain("abs", (value) => {
    const number = numberOf(value);
    if (number === undefined) throw new TemplateError(`the size of a ${typeName(value)}`);
    return value instanceof Float ? new Float(Math.abs(number)) : Math.abs(number);
  }),
  capitalize: plain("capitalize", (value) => capitalize(textOf(value))),
  count: plain("count", lengthOf),
  d: otherwise,
  default: otherwise,
  dictsort: dictSort,
  first: plain("first", (value) => {
    const [first, ...rest] = itemsOf(value);
    if (value instanceof Once) value.items = rest;
    return first ?? (first === undefined ? absent : null);
  }),
  float: toFloat,
  indent,
  int: toInteger,
  items: plain("items", (value) => {
    if (value instanceof Undefined) return new Once([]);
    if (!isDict(value)) throw new TemplateError("the items of what is no dict");
    return new Once([...value].map((pair) => new Tuple(pair)));
  }),
  join: (value, given) => {
    const { d = "", attribute = null } = bind("join", ["d", "attribute"], given);
    const items = itemsOf(value);
    const parts = attribute === null ? items : items.map((item) => followPath(item, attribute));
    return joinTexts(parts.map(textOf), textOf(d));
  },
  last: plain("last", (value) => {
    if (value instanceof Once) throw new TemplateError("the last value of a generator");
    const last = itemsOf(value).at(-1);
    return last === undefined ? absent : last;
  }),
  length: plain("length", lengthOf),
  list: plain("list", (value) => [...itemsOf(value)]),
  lower: plain("lower", (value) => textOf(value).toLowerCase()),
  map,
  max: extreme("max"),
  min: extreme("min"),
  reject: choose(false, false),
  rejectattr: choose(false, true),
  replace: (value, given) => {
    const { old, new: by, count = null } = bind("replace", ["old!", "new!", "count"], given);
    const most = count === null ? -1 : asInteger(count, "count");
    return replaced(textOf(value), textOf(old!), textOf(by!), most);
  },
  reverse: plain("reverse", (value) => {
    const items = itemsOf(value).toReversed();
    return typeof value === "string" ? items.join("") : new Once(items);
  }),
  round,
  safe: plain("safe", textOf),
  select: choose(true, false),
  selectattr: choose(true, true),
  sort: (value, given) => {
    const { reverse = false, case_sensitive = false, attribute = null } = bind(
      "sort",
      ["reverse", "case_sensitive", "attribute"],
      given,
    );
    return sortBy(itemsOf(value), keysBy(attribute, case_sensitive), reverse);
  },
  string: plain("string", textOf),
  sum: (value, given) => {
    const { attribute = null, start = 0 } = bind("sum", ["attribute", "start"], given);
    if (typeof start === "string") throw new TemplateError("a sum of texts");
    return itemsOf(value).map((item) => attribute === null ? item : followPath(item, attribute))
      .reduce((sum, item) => arithmetic("+", sum, item), start);
  },
  title: plain("title", title),
  tojson: toJson,
  trim: (value, given) => strip(textOf(value), bind("trim", ["chars"], given).chars),
  unique,
  upper: plain("upper", (value) => textOf(value).toUpperCase()),
  wordcount: plain("wordcount", (value) => textOf(value).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0),
};

/**
 * What a filter makes of a value.
 *
 * @param name the filter's name
 * @throws TemplateError when there is no such filter or it does not take the value
 */
export function applyFilter(name: string, value: Value, given: Given): Value {
  const filter = Object.hasOwn(filters, name) ? filters[name]! : undefined;
  if (filter === undefined) throw new TemplateError(`the filter ${name}, which is not supported`);
  return filter(value, given);
}
