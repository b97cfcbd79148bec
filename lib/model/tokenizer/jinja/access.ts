/** Looking into the values of a template: attributes, items, slices. @module */

import { TemplateError } from "./lexer.ts";
import { otherTextMethods, textMethods } from "./text_methods.ts";
import {
  bind,
  bindPlaces,
  Callable,
  equal,
  Float,
  type Given,
  isDict,
  isList,
  type Key,
  keyOf,
  Namespace,
  numberOf,
  Tuple,
  typeName,
  Undefined,
  type Value,
  View,
} from "./values.ts";

/** Methods that change a list or dict: the sandbox of chat templates forbids them. */
const changing: Readonly<Record<string, readonly string[]>> = {
  list: ["append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort"],
  dict: ["clear", "pop", "popitem", "setdefault", "update"],
};

/** What Python's values have besides and templates hardly ask for. */
const others: Readonly<Record<string, readonly string[]>> = {
  int: [
    ...["as_integer_ratio", "bit_count", "bit_length", "conjugate", "denominator", "from_bytes"],
    ...["imag", "numerator", "real", "to_bytes"],
  ],
  float: ["as_integer_ratio", "conjugate", "fromhex", "hex", "imag", "real"],
  dict: ["fromkeys"],
  dict_keys: ["isdisjoint", "mapping"],
  dict_values: ["mapping"],
  dict_items: ["isdisjoint", "mapping"],
  range: ["count", "index", "start", "step", "stop"],
  generator: ["close", "gi_code", "gi_frame", "gi_running", "gi_yieldfrom", "send", "throw"],
  str: otherTextMethods,
};

function dictMethod(dict: ReadonlyMap<Key, Value>, name: string): Callable | undefined {
  const make = (call: (given: Given) => Value): Callable => new Callable(name, call);
  const view = (kind: View["kind"], items: () => Value[]): Callable =>
    make((given) => {
      bind(name, [], given);
      return new View(kind, items());
    });
  switch (name) {
    case "get":
      return make((given) => {
        const { key, default: otherwise = null } = bindPlaces("get", ["key!", "default"], given);
        if (key instanceof Undefined) return otherwise;
        const known = numberOf(key!) ?? keyOf(key!);
        return dict.get(known) ?? (dict.has(known) ? null : otherwise);
      });
    case "keys":
      return view("dict_keys", () => [...dict.keys()]);
    case "values":
      return view("dict_values", () => [...dict.values()]);
    case "items":
      return view("dict_items", () => [...dict].map((pair) => new Tuple(pair)));
    case "copy":
      return make(() => new Map(dict));
    default:
      return undefined;
  }
}

function listMethod(items: readonly Value[], name: string): Callable | undefined {
  if (name === "copy") return new Callable(name, () => [...items]);
  if (name !== "index" && name !== "count") return undefined;
  return new Callable(name, (given) => {
    const { value } = bindPlaces(name, ["value!"], given);
    if (name === "count") return items.filter((item) => equal(item, value!)).length;
    const at = items.findIndex((item) => equal(item, value!));
    if (at < 0) throw new TemplateError("a value that is not in the list");
    return at;
  });
}

/** A method that a value has; undefined where it has none of that name. */
function methodOf(value: Value, name: string): Value | undefined {
  if (changing[typeName(value)]?.includes(name)) {
    return new Callable(name, () => {
      throw new TemplateError(`the method ${name}, which chat templates may not call`);
    });
  }
  const type = typeName(value);
  if (others[type === "bool" ? "int" : type]?.includes(name)) {
    const what = type === "str" ? "method" : "attribute";
    throw new TemplateError(`the ${what} ${name} of a ${type}, which is not supported`);
  }
  if (typeof value === "string") {
    const method = Object.hasOwn(textMethods, name) ? textMethods[name]! : undefined;
    return method === undefined ? undefined : new Callable(name, (given) => method(value, given));
  }
  if (isDict(value)) return dictMethod(value, name);
  if (isList(value)) return listMethod(value, name);
  if (value instanceof Tuple) return name === "copy" ? undefined : listMethod(value.items, name);
  if (value instanceof Namespace) return value.attributes.get(name);
  if (value instanceof Callable) return value.attributes.get(name);
  if (value instanceof Float && name === "is_integer") {
    return new Callable(name, () => Number.isInteger(value.value));
  }
  return undefined;
}

/** What an item of a value is; undefined where there is none. */
function own(value: Value, key: Value): Value | undefined {
  if (typeof key === "boolean") return own(value, Number(key));
  if (isDict(value)) return value.get((key instanceof Float ? key.value : key) as Key);
  if (typeof key !== "number") return undefined;
  if (typeof value === "string") return [...value].at(key);
  if (isList(value)) return value.at(key);
  if (value instanceof Tuple || (value instanceof View && value.kind === "range")) {
    return value.items.at(key);
  }
  return undefined;
}

function missing(value: Value, key: Value): Undefined {
  if (value === null) return new Undefined(`'None' has no attribute ${JSON.stringify(key)}`);
  return new Undefined(`'${typeName(value)} object' has no attribute ${JSON.stringify(key)}`);
}

/** @throws TemplateError when the value is undefined, which has nothing in it */
function checkKnown(value: Value): void {
  if (value instanceof Undefined) throw new TemplateError(value.complaint);
}

/** What `value.name` is: a method before an item. @throws TemplateError when the value is undefined */
export function attributeOf(value: Value, name: string): Value {
  checkKnown(value);
  const method = methodOf(value, name);
  if (method !== undefined) return method;
  const item = own(value, name);
  return item === undefined ? missing(value, name) : item;
}

/** What `value[key]` is: an item before a method. @throws TemplateError when the value is undefined */
export function itemOf(value: Value, key: Value): Value {
  checkKnown(value);
  const found = own(value, key);
  if (found !== undefined) return found;
  const method = typeof key === "string" ? methodOf(value, key) : undefined;
  return method === undefined ? missing(value, key) : method;
}

/** The value that an attribute's path, such as `function.name`, leads to. */
export function followPath(value: Value, path: Value): Value {
  if (typeof path === "number") return itemOf(value, path);
  if (typeof path !== "string") throw new TemplateError(`a ${typeName(path)} as an attribute`);
  return path.split(".").reduce<Value>(
    (at, part) => itemOf(at, /^\d+$/.test(part) ? Number(part) : part),
    value,
  );
}

/** Every `step`th value between two places, by Python's rules. */
function cut<T>(items: readonly T[], bounds: readonly (number | null)[]): T[] {
  const step = bounds[2] ?? 1;
  if (step === 0) throw new TemplateError("a slice with the step 0");
  const { length } = items;
  const [lowest, highest] = step > 0 ? [0, length] : [-1, length - 1];
  const clamp = (bound: number | null | undefined, otherwise: number): number =>
    bound === null || bound === undefined
      ? otherwise
      : Math.min(highest, Math.max(lowest, bound < 0 ? bound + length : bound));
  const start = clamp(bounds[0], step > 0 ? lowest : highest);
  const stop = clamp(bounds[1], step > 0 ? highest : lowest);
  const found: T[] = [];
  for (let i = start; step > 0 ? i < stop : i > stop; i += step) found.push(items[i]!);
  return found;
}

/**
 * What `value[start:stop:step]` is.
 *
 * @throws TemplateError when the value has no slices or a bound is no integer
 */
export function sliceOf(value: Value, bounds: readonly Value[]): Value {
  checkKnown(value);
  const numbers = bounds.map((bound) => {
    if (bound === null || typeof bound === "number") return bound;
    if (typeof bound === "boolean") return Number(bound);
    throw new TemplateError(`a ${typeName(bound)} as the bound of a slice`);
  });
  if (typeof value === "string") return cut([...value], numbers).join("");
  if (isList(value)) return cut(value, numbers);
  if (value instanceof Tuple) return new Tuple(cut(value.items, numbers));
  if (value instanceof View && value.kind === "range") {
    return new View("range", cut(value.items, numbers));
  }
  throw new TemplateError(`a slice of a ${typeName(value)}`);
}
