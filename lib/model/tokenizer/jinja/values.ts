/**
 * The values of a Jinja template: Python's, since templates print, compare and test them by Python's rules.
 *
 * @module
 */

import { TemplateError } from "./lexer.ts";
import { type Budget, checkText, comparingBudget } from "./limits.ts";

/** A number with a point; integers are plain numbers. */
export class Float {
  /** @param value the number */
  constructor(readonly value: number) {}
}

/** What a name stands for that nothing was given for: empty as text, false, and not to be looked into. */
export class Undefined {
  /** @param complaint what to say when it is used for more than text */
  constructor(readonly complaint: string) {}
}

/** A list that cannot be changed. */
export class Tuple {
  /** @param items its values */
  constructor(readonly items: readonly Value[]) {}
}

/** What can be gone over and counted but is no list: a range, or the keys, values or items of a dict. */
export class View {
  /**
   * @param kind Python's name for it
   * @param items its values
   * @param bounds what a range was made of: start, stop and step
   */
  constructor(
    readonly kind: "range" | "dict_keys" | "dict_values" | "dict_items",
    readonly items: readonly Value[],
    readonly bounds?: readonly [number, number, number],
  ) {}
}

/** Values that can be gone over once, which filters such as `map` give; true even where there are none. */
export class Once {
  /** @param items the values that are left */
  constructor(public items: readonly Value[]) {}
}

/** Named values that a template can change from inside a loop. */
export class Namespace {
  /** @param attributes its values by name */
  constructor(readonly attributes: Map<string, Value>) {}
}

/** What is given to a function. */
export interface Given {
  /** Values by place. */
  readonly positional: readonly Value[];
  /** Values by name. */
  readonly named: ReadonlyMap<string, Value>;
}

/** What can be called. */
export class Callable {
  /**
   * @param name its name, for messages
   * @param call what it does
   * @param attributes values that can be asked of it
   */
  constructor(
    readonly name: string,
    readonly call: (given: Given) => Value,
    readonly attributes: ReadonlyMap<string, Value> = new Map(),
  ) {}
}

/** What a dict can be asked for. */
export type Key = string | number | null;

/** A value of a template. */
export type Value =
  | null
  | boolean
  | number
  | string
  | Float
  | Undefined
  | Tuple
  | View
  | Once
  | Namespace
  | Callable
  | readonly Value[]
  | ReadonlyMap<Key, Value>;

/** Whether a value is a list. */
export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/** Whether a value is a dict. */
export function isDict(value: Value): value is ReadonlyMap<Key, Value> {
  return value instanceof Map;
}

/** A value from plain data: objects become dicts, numbers with a fraction become floats. */
export function fromData(data: unknown): Value {
  if (data === null || typeof data === "boolean" || typeof data === "string") return data;
  if (typeof data === "number") return Number.isSafeInteger(data) ? data : new Float(data);
  if (Array.isArray(data)) return data.map(fromData);
  if (typeof data === "object") {
    return new Map(
      Object.entries(data!).filter(([, value]) => value !== undefined)
        .map(([key, value]) => [key, fromData(value)]),
    );
  }
  throw new TemplateError(`a value of type ${typeof data}, which a template cannot hold`);
}

/** Python's name of a value's type. */
export function typeName(value: Value): string {
  if (value === null) return "NoneType";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number") return "int";
  if (typeof value === "string") return "str";
  if (isList(value)) return "list";
  if (isDict(value)) return "dict";
  if (value instanceof View) return value.kind;
  if (value instanceof Float) return "float";
  if (value instanceof Once) return "generator";
  return value.constructor.name.toLowerCase();
}

/** Whether a value counts as true. */
export function truth(value: Value): boolean {
  if (value === null || value instanceof Undefined) return false;
  if (typeof value !== "object") return Boolean(value);
  if (value instanceof Float) return value.value !== 0;
  if (isList(value)) return value.length > 0;
  if (isDict(value)) return value.size > 0;
  if (value instanceof Tuple || value instanceof View) return value.items.length > 0;
  return true;
}

/** A float as Python writes it. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const [digits, exponent] = value.toExponential().split("e") as [string, string];
  const power = Number(exponent);
  if (power < -4 || power >= 16) {
    return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
  }
  if (power >= 0) return Number.isInteger(value) ? `${BigInt(value)}.0` : String(value);
  const sign = value < 0 ? "-" : "";
  return `${sign}0.${"0".repeat(-power - 1)}${digits.replace(/[-.]/g, "")}`;
}

const marks: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/** A string as Python writes it inside a list. */
function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const inner = text.replace(/[\\\n\r\t'"]|[^\P{C}]|[^\P{Z}]/gu, (symbol) => {
    if (symbol === " " || (symbol !== quote && (symbol === "'" || symbol === '"'))) return symbol;
    if (symbol === quote) return `\\${symbol}`;
    const code = symbol.codePointAt(0)!;
    const [letter, length] = code < 0x100 ? ["x", 2] : code < 0x10000 ? ["u", 4] : ["U", 8];
    return marks[symbol] ?? `\\${letter}${code.toString(16).padStart(length as number, "0")}`;
  });
  return `${quote}${inner}${quote}`;
}

/** Goes through the pieces of a value's text; `inside` a list texts have quotes. */
function writeText(value: Value, put: (piece: string) => void, inside: boolean): void {
  const all = (items: readonly Value[]): void =>
    items.forEach((item, i) => {
      if (i > 0) put(", ");
      writeText(item, put, true);
    });
  const between = (open: string, items: readonly Value[], close: string): void => {
    put(open);
    all(items);
    put(close);
  };
  if (typeof value === "string") put(inside ? quoted(value) : value);
  else if (value === null) put("None");
  else if (typeof value === "boolean") put(value ? "True" : "False");
  else if (typeof value === "number") put(String(value));
  else if (value instanceof Float) put(floatText(value.value));
  else if (value instanceof Undefined) put(inside ? "Undefined" : "");
  else if (isList(value)) between("[", value, "]");
  else if (value instanceof Tuple) between("(", value.items, value.items.length === 1 ? ",)" : ")");
  else if (isDict(value)) {
    put("{");
    let first = true;
    for (const [key, item] of value) {
      if (!first) put(", ");
      first = false;
      writeText(key, put, true);
      put(": ");
      writeText(item, put, true);
    }
    put("}");
  } else if (value instanceof View && value.kind !== "range") {
    between(`${value.kind}([`, value.items, "])");
  } else if (value instanceof View && value.bounds !== undefined) {
    const [start, stop, step] = value.bounds;
    put(`range(${start}, ${stop}${step === 1 ? "" : `, ${step}`})`);
  } else throw new TemplateError(`a ${typeName(value)} written as text, which is not supported`);
}

/** A value as Python's `str` writes it. @throws TemplateError for what has no useful text, or too long a one */
export function textOf(value: Value): string {
  if (typeof value === "string") return value;
  const pieces: string[] = [];
  let length = 0;
  writeText(value, (piece) => {
    length += piece.length;
    checkText(length);
    pieces.push(piece);
  }, false);
  return pieces.join("");
}

/** The number that a value is, true being 1; undefined where it is none. */
export function numberOf(value: Value): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return Number(value);
  return value instanceof Float ? value.value : undefined;
}

/** Whether two values are equal. */
export function equal(a: Value, b: Value, budget: Budget = comparingBudget()): boolean {
  const [x, y] = [numberOf(a), numberOf(b)];
  if (x !== undefined && y !== undefined) return x === y;
  if (a === b) return true;
  budget.spend(1);
  if (a instanceof Undefined && b instanceof Undefined) return true;
  if (isList(a) && isList(b)) {
    return a.length === b.length && a.every((item, i) => equal(item, b[i]!, budget));
  }
  if (a instanceof Tuple && b instanceof Tuple) return equal(a.items, b.items, budget);
  if (a instanceof View && b instanceof View && a.kind === b.kind) {
    if (a.kind === "range") return equal(a.items, b.items, budget);
    // Keys and items are compared as sets.
    return a.kind !== "dict_values" && a.items.length === b.items.length &&
      a.items.every((item) => b.items.some((other) => equal(item, other, budget)));
  }
  if (isDict(a) && isDict(b)) {
    return a.size === b.size &&
      [...a].every(([key, value]) => b.has(key) && equal(value, b.get(key)!, budget));
  }
  return false;
}

/** Below 0 where the first text comes before the second, by code points. */
function compareText(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  for (const [i, symbol] of left.entries()) {
    const difference = symbol.codePointAt(0)! - (right[i]?.codePointAt(0) ?? -1);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** Below 0 where `a` comes before `b`. @throws TemplateError where they have no order */
export function compare(a: Value, b: Value, budget: Budget = comparingBudget()): number {
  budget.spend(1);
  if (typeof a === "string" && typeof b === "string") return compareText(a, b);
  const [x, y] = [numberOf(a), numberOf(b)];
  if (x !== undefined && y !== undefined) return x < y ? -1 : x > y ? 1 : x === y ? 0 : NaN;
  const [left, right] = isList(a) && isList(b)
    ? [a, b]
    : a instanceof Tuple && b instanceof Tuple
    ? [a.items, b.items]
    : [];
  if (left !== undefined && right !== undefined) {
    const at = left.findIndex((item, i) => i >= right.length || !equal(item, right[i]!, budget));
    return at < 0
      ? left.length - right.length
      : at >= right.length
      ? 1
      : compare(left[at]!, right[at]!, budget);
  }
  const unknown = [a, b].find((value) => value instanceof Undefined);
  if (unknown !== undefined) throw new TemplateError(unknown.complaint);
  throw new TemplateError(`a comparison of ${typeName(a)} and ${typeName(b)}`);
}

/** The values that a loop goes over. @throws TemplateError where there are none to go over */
export function itemsOf(value: Value): readonly Value[] {
  if (typeof value === "string") return [...value];
  if (isList(value)) return value;
  if (isDict(value)) return [...value.keys()];
  if (value instanceof Tuple || value instanceof View) return value.items;
  if (value instanceof Undefined) return [];
  if (value instanceof Once) {
    const { items } = value;
    value.items = [];
    return items;
  }
  throw new TemplateError(`a ${typeName(value)} where a list was expected`);
}

/** How many values or characters there are. @throws TemplateError for what has no length */
export function lengthOf(value: Value): number {
  if (value instanceof Once) throw new TemplateError("the length of a generator");
  return isDict(value) ? value.size : itemsOf(value).length;
}

/** Whether `item` is in `container`: a part of a text, a value of a list, a key of a dict. */
export function contains(container: Value, item: Value): boolean {
  if (typeof container === "string") {
    if (typeof item === "string") return container.includes(item);
    throw new TemplateError(`a ${typeName(item)} where a text was expected, to look for in a text`);
  }
  if (isDict(container)) {
    return !(item instanceof Undefined) && container.has(numberOf(item) ?? keyOf(item));
  }
  return itemsOf(container).some((other) => equal(other, item));
}

/** A value as a dict's key. @throws TemplateError for what cannot be one */
export function keyOf(value: Value): Key {
  if (value === null || typeof value === "string" || typeof value === "number") return value;
  throw new TemplateError(`a ${typeName(value)} as the key of a dict`);
}

/**
 * Values by the names of a function's parameters.
 *
 * @param name the function's name, for messages
 * @param parameters the names in order; an exclamation mark behind one that has to be given
 * @throws TemplateError when one is missing, given twice or not known
 */
export function bind<Name extends string>(
  name: string,
  parameters: readonly (Name | `${Name}!`)[],
  { positional, named }: Given,
): { readonly [N in Name]?: Value } {
  const names = parameters.map((parameter) => parameter.replace("!", ""));
  if (positional.length > names.length) {
    throw new TemplateError(`${positional.length} values for ${name}, which takes ${names.length}`);
  }
  const values: Record<string, Value> = {};
  for (const [i, value] of positional.entries()) values[names[i]!] = value;
  for (const [key, value] of named) {
    if (!names.includes(key) || Object.hasOwn(values, key)) {
      throw new TemplateError(`a value for ${key}, which ${name} does not take here`);
    }
    values[key] = value;
  }
  const missing = parameters.find((p) => p.endsWith("!") && !Object.hasOwn(values, p.slice(0, -1)));
  if (missing !== undefined) throw new TemplateError(`${name} without ${missing.slice(0, -1)}`);
  return values as { readonly [N in Name]?: Value };
}

/**
 * Values by the places of a function's parameters, none of which can be given by name, as those of most of Python's methods.
 *
 * @param name the function's name, for messages
 * @param parameters the names in order; an exclamation mark behind one that has to be given
 * @throws TemplateError when one is missing, or given by name
 */
export function bindPlaces<Name extends string>(
  name: string,
  parameters: readonly (Name | `${Name}!`)[],
  given: Given,
): { readonly [N in Name]?: Value } {
  if (given.named.size > 0) throw new TemplateError(`a value by name for ${name}, which has none`);
  return bind(name, parameters, given);
}

/** The text that an argument has to be. @throws TemplateError when it is none */
export function asText(value: Value | undefined, what: string): string {
  if (typeof value === "string") return value;
  throw new TemplateError(`a ${value === undefined ? "nothing" : typeName(value)} as ${what}`);
}

/** The integer that an argument has to be. @throws TemplateError when it is none */
export function asInteger(value: Value | undefined, what: string): number {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return Number(value);
  throw new TemplateError(`a ${value === undefined ? "nothing" : typeName(value)} as ${what}`);
}
