/** The grammar of JSON texts (RFC 8259) in compact form: one space may stand behind a comma or colon. @module */

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

/** Digits of a number, so that no text of digits goes on for ever. */
const MOST_DIGITS = 15;

/** The largest integer that a grammar allows; exact as a number. */
const MOST_INTEGER = 10 ** MOST_DIGITS - 1;

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

/** Any number that is finite as a 64-bit one. */
export const jsonNumber: Grammar = sequence(
  optional(literal("-")),
  choice(literal("0"), sequence(bytes([0x31, 0x39]), repeat(digit, 0, MOST_DIGITS - 1))),
  optional(sequence(literal("."), repeat(digit, 1, MOST_DIGITS))),
  optional(
    sequence(
      choice(literal("e"), literal("E")),
      optional(choice(literal("+"), literal("-"))),
      repeat(digit, 1, 2),
    ),
  ),
);

/** Texts of digits from `low` to `high`, which are of one length. */
function digitsBetween(low: string, high: string): Grammar {
  if (/^0*$/.test(low) && /^9*$/.test(high)) return repeat(digit, low.length, low.length);
  const [first, last] = [low.charCodeAt(0), high.charCodeAt(0)];
  const [restLow, restHigh] = [low.slice(1), high.slice(1)];
  if (first === last) return sequence(literal(low[0]!), digitsBetween(restLow, restHigh));
  const free = restLow.length;
  return choice(
    sequence(literal(low[0]!), digitsBetween(restLow, "9".repeat(free))),
    ...(last - first > 1
      ? [sequence(bytes([first + 1, last - 1]), repeat(digit, free, free))]
      : []),
    sequence(literal(high[0]!), digitsBetween("0".repeat(free), restHigh)),
  );
}

/** Integers from `low` to `high`, both from 0. */
function naturals(low: number, high: number): Grammar {
  const lengths = Array.from({ length: MOST_DIGITS }, (_, i) => i + 1);
  return choice(...lengths.flatMap((length) => {
    const least = Math.max(low, length === 1 ? 0 : 10 ** (length - 1));
    const most = Math.min(high, 10 ** length - 1);
    return least > most ? [] : [digitsBetween(String(least), String(most))];
  }));
}

/** Integers from `low` to `high`, of 15 digits at most; without limits any of them. */
export function jsonInteger(low: number = -Infinity, high: number = Infinity): Grammar {
  const [least, most] = [Math.max(low, -MOST_INTEGER), Math.min(high, MOST_INTEGER)];
  return choice(
    naturals(Math.max(least, 0), most),
    sequence(literal("-"), naturals(Math.max(-most, 1), -least)),
  );
}

const comma = sequence(literal(","), optional(literal(" ")));

/** Strings of `least` to `most` characters. */
export function jsonString(least: number, most: number): Grammar {
  return sequence(literal('"'), repeat(character, least, most), literal('"'));
}

/** Arrays of `least` to `most` items. */
export function jsonArray(items: Grammar, least: number, most: number): Grammar {
  if (most < least) return choice();
  const filled = sequence(
    items,
    repeat(sequence(comma, items), Math.max(0, least - 1), most - 1),
  );
  const inside = most === 0 ? sequence() : least === 0 ? optional(filled) : filled;
  return sequence(literal("["), inside, literal("]"));
}

/** A member of an object: its name's text, a colon, a value. */
const member = (name: Grammar, value: Grammar): Grammar =>
  sequence(name, literal(":"), optional(literal(" ")), value);

/** Objects with any names, whose values are of one kind. */
export function jsonMap(value: Grammar): Grammar {
  const any = member(jsonString(0, Infinity), value);
  const members = sequence(any, repeat(sequence(comma, any), 0, Infinity));
  return sequence(literal("{"), optional(members), literal("}"));
}

/** Objects with these members in this order, and no others. */
export function jsonObject(
  properties: readonly {
    readonly name: string;
    readonly value: Grammar;
    readonly required: boolean;
  }[],
): Grammar {
  // From the last one: what may follow when something stands before it, and when nothing does.
  let [after, first]: [Grammar, Grammar] = [sequence(), sequence()];
  for (const { name, value, required } of properties.toReversed()) {
    const text = member(literal(JSON.stringify(name)), value);
    const [withComma, without] = [sequence(comma, text, after), sequence(text, after)];
    [after, first] = required
      ? [withComma, without]
      : [choice(withComma, after), choice(without, first)];
  }
  return sequence(literal("{"), first, literal("}"));
}

/** Any JSON value. */
export const jsonValue: Grammar = lazy(() =>
  choice(
    jsonString(0, Infinity),
    jsonNumber,
    ...["true", "false", "null"].map(literal),
    jsonArray(jsonValue, 0, Infinity),
    jsonMap(jsonValue),
  )
);
