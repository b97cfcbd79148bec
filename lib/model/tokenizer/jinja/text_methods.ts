/** The methods of Python's strings that templates call. @module */

import { capitalize, folded, isLower, isTitle, isUpper, swapped, titled } from "./letter_case.ts";
import { spaces, TemplateError } from "./lexer.ts";
import { checkText } from "./limits.ts";
import {
  asInteger,
  asText,
  bind,
  bindPlaces,
  type Given,
  itemsOf,
  Tuple,
  type Value,
} from "./values.ts";

/** What a method does to a text. */
export type TextMethod = (text: string, given: Given) => Value;

const space = new RegExp(`[${spaces}]`, "u");

/**
 * A text without characters at its ends.
 *
 * @param characters which ones; undefined or null for white space
 * @param sides which ends
 */
export function strip(
  text: string,
  characters: Value | undefined,
  sides: "left" | "right" | "both" = "both",
): string {
  const chosen = characters ?? null;
  const set = chosen === null ? undefined : new Set(asText(chosen, "the characters of strip"));
  const goes = (symbol: string): boolean =>
    set === undefined ? space.test(symbol) : set.has(symbol);
  let [start, end] = [0, text.length];
  // Character by character from the ends: a search for what ends a text begins anew at every place.
  while (sides !== "right" && start < end) {
    const symbol = String.fromCodePoint(text.codePointAt(start)!);
    if (!goes(symbol)) break;
    start += symbol.length;
  }
  while (sides !== "left" && start < end) {
    const isPair = end - start > 1 &&
      /[\ud800-\udbff][\udc00-\udfff]/.test(text.slice(end - 2, end));
    const symbol = text.slice(end - (isPair ? 2 : 1), end);
    if (!goes(symbol)) break;
    end -= symbol.length;
  }
  return text.slice(start, end);
}

/** Where Python ends lines, inside brackets of a regular expression. */
const lineEnds = "\\n\\v\\f\\r\\x1c-\\x1e\\x85\\u2028\\u2029";

/** A text's lines, without their ends unless these are kept, by Python's idea of a line end. */
export function splitLines(text: string, keepEnds = false): string[] {
  const lines = text.match(new RegExp(`[^${lineEnds}]*(?:\\r\\n|[${lineEnds}]|$)`, "gu")) ?? [];
  const end = new RegExp(`(?:\\r\\n|[${lineEnds}])$`, "u");
  return lines.filter((line) => line !== "").map((line) => keepEnds ? line : line.replace(end, ""));
}

/**
 * A text with some, or all, places of a part of it replaced.
 *
 * @param most how many places; all where it is negative
 */
export function replaced(text: string, part: string, other: string, most: number): string {
  const pieces = part === "" ? ["", ...text, ""] : text.split(part);
  const cuts = pieces.length - 1;
  const done = most < 0 ? cuts : Math.min(most, cuts);
  checkText(text.length + done * other.length);
  return pieces.slice(0, done + 1).join(other) +
    pieces.slice(done + 1).map((piece) => part + piece).join("");
}

/** Splits at white space; at most `most` times, from the left or the right. */
function splitSpaces(text: string, most: number, fromRight: boolean): string[] {
  const found = [...text.matchAll(new RegExp(`[^${spaces}]+`, "gu"))];
  const words = found.map(([word]) => word);
  if (most < 0 || words.length <= most) return words;
  if (fromRight) {
    const last = found[words.length - most - 1]!;
    const head = text.slice(0, last.index + last[0].length);
    return [head, ...words.slice(words.length - most)];
  }
  return [...words.slice(0, most), text.slice(found[most]!.index)];
}

function split(name: "split" | "rsplit"): TextMethod {
  return (text, given) => {
    const { sep = null, maxsplit = -1 } = bind(name, ["sep", "maxsplit"], given);
    const most = asInteger(maxsplit, "maxsplit");
    if (sep === null) return splitSpaces(text, most, name === "rsplit");
    const separator = asText(sep, "sep");
    if (separator === "") throw new TemplateError("an empty separator");
    const parts = text.split(separator);
    if (most < 0 || parts.length <= most + 1) return parts;
    const at = name === "split" ? most : parts.length - most - 1;
    return name === "split"
      ? [...parts.slice(0, at), parts.slice(at).join(separator)]
      : [parts.slice(0, at + 1).join(separator), ...parts.slice(at + 1)];
  };
}

/** The part of a text between two places, by Python's rules for them; undefined where it begins behind its end. */
function partOf(
  text: string,
  start: Value,
  end: Value,
): { readonly text: string; readonly start: number } | undefined {
  if (start === null && end === null) return { text, start: 0 };
  const symbols = [...text];
  const { length } = symbols;
  const place = (bound: Value, otherwise: number): number => {
    const at = bound === null ? otherwise : asInteger(bound, "a place in a text");
    return at < 0 ? Math.max(0, at + length) : at;
  };
  const [from, to] = [place(start, 0), Math.min(place(end, length), length)];
  return from > to ? undefined : { text: symbols.slice(from, to).join(""), start: from };
}

/** Where a part lies, in characters; -1 where it does not. */
function place(name: string, from: "left" | "right"): TextMethod {
  return (text, given) => {
    const { sub, start = null, end = null } = bindPlaces(name, ["sub!", "start", "end"], given);
    const wanted = asText(sub, "the text to look for");
    const part = partOf(text, start, end);
    const at = part === undefined
      ? -1
      : from === "left"
      ? part.text.indexOf(wanted)
      : part.text.lastIndexOf(wanted);
    if (at < 0 && name.endsWith("index")) throw new TemplateError("a text that is not there");
    return at < 0 ? -1 : part!.start + [...part!.text.slice(0, at)].length;
  };
}

function edge(name: "startswith" | "endswith"): TextMethod {
  return (text, given) => {
    const { prefix, start = null, end = null } = bindPlaces(
      name,
      ["prefix!", "start", "end"],
      given,
    );
    const parts = prefix instanceof Tuple ? prefix.items : [prefix];
    const part = partOf(text, start, end)?.text;
    return parts.map((one) => asText(one, `what ${name} looks for`)).some((wanted) =>
      name === "startswith" ? part?.startsWith(wanted) : part?.endsWith(wanted)
    );
  };
}

function partition(name: "partition" | "rpartition"): TextMethod {
  return (text, given) => {
    const { sep } = bindPlaces(name, ["sep!"], given);
    const separator = asText(sep, "sep");
    if (separator === "") throw new TemplateError("an empty separator");
    const at = name === "partition" ? text.indexOf(separator) : text.lastIndexOf(separator);
    if (at < 0) return new Tuple(name === "partition" ? [text, "", ""] : ["", "", text]);
    return new Tuple([text.slice(0, at), separator, text.slice(at + separator.length)]);
  };
}

function pad(name: string, before: (missing: number, width: number) => number): TextMethod {
  return (text, given) => {
    const { width, fillchar = " " } = bindPlaces(name, ["width!", "fillchar"], given);
    const whole = asInteger(width, "width");
    const missing = Math.max(0, whole - [...text].length);
    const fill = asText(fillchar, "fillchar");
    if ([...fill].length !== 1) {
      throw new TemplateError(`a fillchar of ${name} that is no character`);
    }
    checkText(text.length + missing * fill.length);
    const left = before(missing, whole);
    return fill.repeat(left) + text + fill.repeat(missing - left);
  };
}

/** Texts with another between them. */
export function joinTexts(texts: readonly string[], between: string): string {
  checkText(texts.reduce((sum, text) => sum + text.length + between.length, 0));
  return texts.join(between);
}

/** A method without arguments. */
function plain(name: string, change: (text: string) => Value): TextMethod {
  return (text, given) => {
    bind(name, [], given);
    return change(text);
  };
}

/** The methods by name. */
export const textMethods: Readonly<Record<string, TextMethod>> = {
  capitalize: plain("capitalize", capitalize),
  count: (text, given) => {
    const { sub, start = null, end = null } = bindPlaces("count", ["sub!", "start", "end"], given);
    const wanted = asText(sub, "the text to count");
    const part = partOf(text, start, end);
    if (part === undefined) return 0;
    return wanted === "" ? [...part.text].length + 1 : part.text.split(wanted).length - 1;
  },
  endswith: edge("endswith"),
  find: place("find", "left"),
  index: place("index", "left"),
  isalnum: plain("isalnum", (text) => /^[\p{L}\p{N}]+$/u.test(text)),
  isalpha: plain("isalpha", (text) => /^\p{L}+$/u.test(text)),
  isdecimal: plain("isdecimal", (text) => /^\p{Nd}+$/u.test(text)),
  isdigit: plain("isdigit", (text) => /^[\p{Nd}²³¹⁰⁴-⁹₀-₉]+$/u.test(text)),
  isascii: plain("isascii", (text) => !/\P{ASCII}/u.test(text)),
  isidentifier: plain(
    "isidentifier",
    (text) => /^[\p{XID_Start}_]\p{XID_Continue}*$/u.test(text),
  ),
  isprintable: plain("isprintable", (text) => !/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u.test(text)),
  istitle: plain("istitle", isTitle),
  islower: plain("islower", isLower),
  isnumeric: plain("isnumeric", (text) => /^\p{N}+$/u.test(text)),
  isspace: plain("isspace", (text) => new RegExp(`^[${spaces}]+$`, "u").test(text)),
  isupper: plain("isupper", isUpper),
  join: (text, given) => {
    const { iterable } = bindPlaces("join", ["iterable!"], given);
    return joinTexts(itemsOf(iterable!).map((item) => asText(item, "a text to join")), text);
  },
  // Where it does not come out even, the left side gets more if the width is odd.
  center: pad("center", (missing, width) => Math.floor(missing / 2) + (missing & width & 1)),
  ljust: pad("ljust", () => 0),
  lower: plain("lower", (text) => text.toLowerCase()),
  casefold: plain("casefold", folded),
  lstrip: (text, given) => strip(text, bindPlaces("lstrip", ["chars"], given).chars, "left"),
  partition: partition("partition"),
  removeprefix: (text, given) => {
    const prefix = asText(bindPlaces("removeprefix", ["prefix!"], given).prefix, "prefix");
    return text.startsWith(prefix) ? text.slice(prefix.length) : text;
  },
  removesuffix: (text, given) => {
    const suffix = asText(bindPlaces("removesuffix", ["suffix!"], given).suffix, "suffix");
    return suffix !== "" && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text;
  },
  replace: (text, given) => {
    const { old, new: by, count = -1 } = bindPlaces("replace", ["old!", "new!", "count"], given);
    const [part, other] = [asText(old, "what to replace"), asText(by, "what to replace it by")];
    return replaced(text, part, other, asInteger(count, "count"));
  },
  rfind: place("rfind", "right"),
  rindex: place("rindex", "right"),
  rjust: pad("rjust", (missing) => missing),
  rpartition: partition("rpartition"),
  rsplit: split("rsplit"),
  rstrip: (text, given) => strip(text, bindPlaces("rstrip", ["chars"], given).chars, "right"),
  split: split("split"),
  splitlines: (text, given) =>
    splitLines(
      text,
      asInteger(bind("splitlines", ["keepends"], given).keepends ?? false, "keepends") !== 0,
    ),
  startswith: edge("startswith"),
  strip: (text, given) => strip(text, bindPlaces("strip", ["chars"], given).chars),
  swapcase: plain("swapcase", swapped),
  title: plain("title", titled),
  upper: plain("upper", (text) => text.toUpperCase()),
  zfill: (text, given) => {
    const { width } = bindPlaces("zfill", ["width!"], given);
    const missing = Math.max(0, asInteger(width, "width") - [...text].length);
    checkText(text.length + missing);
    const sign = /^[-+]/.exec(text)?.[0] ?? "";
    return sign + "0".repeat(missing) + text.slice(sign.length);
  },
};

/** Methods of Python's strings that are not here. */
export const otherTextMethods: readonly string[] = [
  ...["encode", "expandtabs", "format", "format_map", "maketrans", "translate"],
];
