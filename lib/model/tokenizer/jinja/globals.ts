/** The names that every chat template knows. @module */

import { TemplateError } from "./lexer.ts";
import { strftime } from "./strftime.ts";
import {
  asInteger,
  asText,
  bind,
  Callable,
  type Given,
  isDict,
  itemsOf,
  type Key,
  keyOf,
  Namespace,
  textOf,
  Undefined,
  type Value,
  View,
} from "./values.ts";

/** The longest range that the sandbox of chat templates makes. */
const longestRange = 100_000;

function range({ positional, named }: Given): Value {
  if (named.size > 0 || positional.length < 1 || positional.length > 3) {
    throw new TemplateError("range without one to three integers");
  }
  const numbers = positional.map((value) => asInteger(value, "a bound of range"));
  const [start, stop] = numbers.length === 1 ? [0, numbers[0]!] : [numbers[0]!, numbers[1]!];
  const step = numbers[2] ?? 1;
  if (step === 0) throw new TemplateError("range with the step 0");
  const length = Math.max(0, Math.ceil((stop - start) / step));
  if (length > longestRange) {
    throw new TemplateError(`a range of more than ${longestRange} integers`);
  }
  const items = Array.from({ length }, (_, i) => start + i * step);
  return new View("range", items, [start, stop, step]);
}

/** What `dict` and `namespace` are made of: a dict or a list of pairs, and values by name. */
function entries(name: string, { positional, named }: Given): Map<Key, Value> {
  if (positional.length > 1) throw new TemplateError(`${name} with more than one value`);
  const [from] = positional;
  if (from instanceof Undefined) throw new TemplateError(from.complaint);
  const made = new Map<Key, Value>();
  const pairs = from === undefined ? [] : isDict(from) ? [...from] : itemsOf(from).map(itemsOf);
  for (const pair of pairs) {
    if (pair.length !== 2) throw new TemplateError(`${name} from what is no list of pairs`);
    made.set(keyOf(pair[0]!), pair[1]!);
  }
  for (const [key, value] of named) made.set(key, value);
  return made;
}

function namespace(given: Given): Value {
  const attributes = new Map<string, Value>();
  for (const [key, value] of entries("namespace", given)) {
    const attribute = asText(key, "a name in a namespace");
    if (attribute.startsWith("_")) {
      throw new TemplateError(`the namespace's attribute ${attribute}, which may not be set`);
    }
    attributes.set(attribute, value);
  }
  return new Namespace(attributes);
}

/**
 * The names and what they stand for.
 *
 * @param now the time that `strftime_now` tells
 */
export function globalsAt(now: Date): ReadonlyMap<string, Value> {
  const functions: Readonly<Record<string, (given: Given) => Value>> = {
    range,
    dict: (given) => entries("dict", given),
    namespace,
    raise_exception: (given) => {
      const { message } = bind("raise_exception", ["message!"], given);
      throw new TemplateError(textOf(message!));
    },
    strftime_now: (given) => {
      const { format } = bind("strftime_now", ["format!"], given);
      return strftime(now, asText(format, "the format of strftime_now"));
    },
  };
  for (const name of ["cycler", "joiner", "lipsum"]) {
    Object.assign(functions, {
      [name]: () => {
        throw new TemplateError(`the function ${name}, which is not supported`);
      },
    });
  }
  return new Map(
    Object.entries(functions).map(([name, call]) => [name, new Callable(name, call)]),
  );
}
