/** Numbers from texts, and rounding, as Python does it. @module */

import { strip } from "./text_methods.ts";

/** A text with the digits of all scripts as 0 to 9: in Unicode those of a script follow each other. */
function plainDigits(text: string): string {
  return text.replace(/\p{Nd}/gu, (digit) => {
    const code = digit.codePointAt(0)!;
    let value = 0;
    while (/\p{Nd}/u.test(String.fromCodePoint(code - value - 1))) value++;
    return String(value % 10);
  });
}

/**
 * A text as Python's `int` reads it.
 *
 * @param base 2 to 36, or 0 for the one that a prefix says
 * @returns undefined where it is no integer of that base
 */
export function readInteger(text: string, base: number): number | undefined {
  const found = /^([-+]?)(0[xob](?=_?[0-9a-z]))?_?([0-9a-z]+(?:_[0-9a-z]+)*)$/.exec(
    plainDigits(strip(text, null)).toLowerCase(),
  );
  if (found === null || (base !== 0 && (base < 2 || base > 36))) return undefined;
  const [whole, sign, prefix, digits] = found as unknown as [string, string, string?, string?];
  const said = prefix === undefined ? undefined : { x: 16, o: 8, b: 2 }[prefix[1]!];
  const isPrefix = said !== undefined && (base === 0 || base === said);
  if (!isPrefix && whole.startsWith(`${sign}_`)) return undefined;
  const all = (isPrefix ? digits! : `${prefix ?? ""}${digits}`).replaceAll("_", "");
  if (base === 0 && !isPrefix && /^0+[1-9]/.test(all)) return undefined;
  const radix = isPrefix ? said : base === 0 ? 10 : base;
  if ([...all].some((digit) => !(parseInt(digit, 36) < radix))) return undefined;
  const value = parseInt(all, radix);
  return sign === "-" ? -value + 0 : value;
}

/** A text as Python's `float` reads it; undefined where it is none. */
export function readFloat(text: string): number | undefined {
  const bare = plainDigits(strip(text, null)).replace(/(?<=\d)_(?=\d)/g, "");
  if (/^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?$/i.test(bare)) return Number(bare);
  const word = /^([-+]?)(inf|infinity|nan)$/i.exec(bare);
  if (word === null) return undefined;
  return word[2]!.toLowerCase() === "nan" ? NaN : word[1] === "-" ? -Infinity : Infinity;
}

/** The even one of the two whole numbers around one that lies between them, else the nearest. */
function nearestEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/**
 * A number rounded as Python's `round` does it: of two decimals that are equally near the even one counts.
 *
 * @param places decimal places; negative ones stand before the point
 */
export function rounded(value: number, places: number): number {
  const size = Math.abs(value);
  const sign = value < 0 || Object.is(value, -0) ? -1 : 1;
  if (!Number.isFinite(value) || places > 60 || (places > 0 && size >= 2 ** 52)) return value;
  if (places === 0) return sign * nearestEven(size);
  if (places < 0) {
    const unit = 10 ** -places;
    const rest = size % unit;
    const count = (size - rest) / unit;
    const up = 2 * rest > unit || (2 * rest === unit && count % 2 === 1);
    return sign * (count + (up ? 1 : 0)) * unit;
  }
  // All digits of the number: those behind the place say whether it lies in the middle.
  const digits = size.toFixed(Math.min(100, places + 40));
  const cut = digits.indexOf(".") + 1 + places;
  if (!/^50*$/.test(digits.slice(cut))) return sign * Number(size.toFixed(places));
  const below = digits.slice(0, cut);
  return sign * (Number(below.at(-1)) % 2 === 0 ? Number(below) : Number(size.toFixed(places)));
}
