/** The methods of Python's strings that templates call. @module */

import { spaces, TemplateError } from "./lexer.ts";
import {
  asInteger,
  asText,
  bind,
  type Given,
  itemsOf,
  truth,
  Tuple,
  typeName,
  type Value,
} from "./values.ts";

/** What a method does to a text. */
export type TextMethod = (text: string, given: Given) => Value;

/** Characters in brackets of a regular expression. */
function bracket(characters: string): string {
  return [...characters].map((symbol) => `\\u{${symbol.codePointAt(0)!.toString(16)}}`).join("");
}

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
  if (chosen === "") return text;
  const set = chosen === null ? spaces : bracket(asText(chosen, "the characters of strip"));
  const left = sides === "right" ? text : text.replace(new RegExp(`^[${set}]+`, "u"), "");
  return sides === "left" ? left : left.replace(new RegExp(`[${set}]+$`, "u"), "");
}

/** Where Python ends lines, inside brackets of a regular expression. */
const lineEnds = "\\n\\v\\f\\r\\x1c-\\x1e\\x85\\u2028\\u2029";

/** A text's lines, without their ends unless these are kept, by Python's idea of a line end. */
export function splitLines(text: string, keepEnds = false): string[] {
  const lines = text.match(new RegExp(`[^${lineEnds}]*(?:\\r\\n|[${lineEnds}]|$)`, "gu")) ?? [];
  const end = new RegExp(`(?:\\r\\n|[${lineEnds}])$`, "u");
  return lines.filter((line) => line !== "").map((line) => keepEnds ? line : line.replace(end, ""));
}

/** A text with its first character in upper case and the others in lower case. */
export function capitalize(text: string): string {
  const [first = "", ...rest] = text;
  return first.toUpperCase() + rest.join("").toLowerCase();
}

/** A text with some, or all, places of a part of it replaced. */
export function replace(text: string, given: Given): string {
  const { old, new: by, count = -1 } = bind("replace", ["old!", "new!", "count"], given);
  const [part, other] = [asText(old, "what to replace"), asText(by, "what to replace it by")];
  const most = count === null ? -1 : asInteger(count, "count");
  const pieces = part === "" ? ["", ...text, ""] : text.split(part);
  const cuts = pieces.length - 1;
  const done = most < 0 ? cuts : Math.min(most, cuts);
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

/** Where a part lies, in characters; -1 where it does not. */
function place(name: string, from: "left" | "right"): TextMethod {
  return (text, given) => {
    const { sub } = bind(name, ["sub!"], given);
    const part = asText(sub, "the text to look for");
    const at = from === "left" ? text.indexOf(part) : text.lastIndexOf(part);
    if (at < 0 && name.endsWith("index")) throw new TemplateError("a text that is not there");
    return at < 0 ? -1 : [...text.slice(0, at)].length;
  };
}

function edge(name: "startswith" | "endswith"): TextMethod {
  return (text, given) => {
    const { prefix } = bind(name, ["prefix!"], given);
    const parts = prefix instanceof Tuple ? prefix.items : [prefix];
    return parts.some((part) => {
      const wanted = asText(part, `what ${name} looks for`);
      return name === "startswith" ? text.startsWith(wanted) : text.endsWith(wanted);
    });
  };
}

function partition(name: "partition" | "rpartition"): TextMethod {
  return (text, given) => {
    const { sep } = bind(name, ["sep!"], given);
    const separator = asText(sep, "sep");
    if (separator === "") throw new TemplateError("an empty separator");
    const at = name === "partition" ? text.indexOf(separator) : text.lastIndexOf(separator);
    if (at < 0) return new Tuple(name === "partition" ? [text, "", ""] : ["", "", text]);
    return new Tuple([text.slice(0, at), separator, text.slice(at + separator.length)]);
  };
}

function pad(name: string, before: (missing: number) => number): TextMethod {
  return (text, given) => {
    const { width, fillchar = " " } = bind(name, ["width!", "fillchar"], given);
    const missing = Math.max(0, asInteger(width, "width") - [...text].length);
    const fill = asText(fillchar, "fillchar");
    return fill.repeat(before(missing)) + text + fill.repeat(missing - before(missing));
  };
}

/** A method without arguments. */
function plain(name: string, change: (text: string) => Value): TextMethod {
  return (text, given) => {
    bind(name, [], given);
    return change(text);
  };
}

const cased = /[\p{Lu}\p{Ll}\p{Lt}]/u;

/** The methods by name. */
export const textMethods: Readonly<Record<string, TextMethod>> = {
  capitalize: plain("capitalize", capitalize),
  count: (text, given) => {
    const { sub } = bind("count", ["sub!"], given);
    const part = asText(sub, "the text to count");
    return part === "" ? [...text].length + 1 : text.split(part).length - 1;
  },
  endswith: edge("endswith"),
  find: place("find", "left"),
  index: place("index", "left"),
  isalnum: plain("isalnum", (text) => /^[\p{L}\p{N}]+$/u.test(text)),
  isalpha: plain("isalpha", (text) => /^\p{L}+$/u.test(text)),
  isdecimal: plain("isdecimal", (text) => /^\p{Nd}+$/u.test(text)),
  isdigit: plain("isdigit", (text) => /^[\p{Nd}²³¹⁰⁴-⁹₀-₉]+$/u.test(text)),
  islower: plain("islower", (text) => /\p{Ll}/u.test(text) && !/[\p{Lu}\p{Lt}]/u.test(text)),
  isnumeric: plain("isnumeric", (text) => /^\p{N}+$/u.test(text)),
  isspace: plain("isspace", (text) => new RegExp(`^[${spaces}]+$`, "u").test(text)),
  isupper: plain("isupper", (text) => /\p{Lu}/u.test(text) && !/[\p{Ll}\p{Lt}]/u.test(text)),
  join: (text, given) => {
    const { iterable } = bind("join", ["iterable!"], given);
    return itemsOf(iterable!).map((item) => asText(item, "a text to join")).join(text);
  },
  center: pad("center", (missing) => Math.floor(missing / 2)),
  ljust: pad("ljust", () => 0),
  lower: plain("lower", (text) => text.toLowerCase()),
  casefold: plain("casefold", (text) => text.toLowerCase().replaceAll("ß", "ss")),
  lstrip: (text, given) => strip(text, bind("lstrip", ["chars"], given).chars, "left"),
  partition: partition("partition"),
  removeprefix: (text, given) => {
    const prefix = asText(bind("removeprefix", ["prefix!"], given).prefix, "prefix");
    return text.startsWith(prefix) ? text.slice(prefix.length) : text;
  },
  removesuffix: (text, given) => {
    const suffix = asText(bind("removesuffix", ["suffix!"], given).suffix, "suffix");
    return suffix !== "" && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text;
  },
  replace,
  rfind: place("rfind", "right"),
  rindex: place("rindex", "right"),
  rjust: pad("rjust", (missing) => missing),
  rpartition: partition("rpartition"),
  rsplit: split("rsplit"),
  rstrip: (text, given) => strip(text, bind("rstrip", ["chars"], given).chars, "right"),
  split: split("split"),
  splitlines: (text, given) =>
    splitLines(text, truth(bind("splitlines", ["keepends"], given).keepends ?? false)),
  startswith: edge("startswith"),
  strip: (text, given) => strip(text, bind("strip", ["chars"], given).chars),
  swapcase: plain(
    "swapcase",
    (text) =>
      [...text].map((c) => c === c.toUpperCase() ? c.toLowerCase() : c.toUpperCase()).join(""),
  ),
  title: plain("title", (text) => {
    let inside = false;
    return [...text].map((symbol) => {
      const changed = inside ? symbol.toLowerCase() : symbol.toUpperCase();
      inside = cased.test(symbol);
      return changed;
    }).join("");
  }),
  upper: plain("upper", (text) => text.toUpperCase()),
  zfill: (text, given) => {
    const { width } = bind("zfill", ["width!"], given);
    const sign = /^[-+]/.exec(text)?.[0] ?? "";
    return sign + text.slice(sign.length).padStart(asInteger(width, "width") - sign.length, "0");
  },
};

/** Methods of Python's strings that are not here. */
export const otherTextMethods: readonly string[] = [
  ...["encode", "expandtabs", "format", "format_map", "isascii", "isidentifier", "isprintable"],
  ...["istitle", "maketrans", "translate"],
];

/** @throws TemplateError always: the method is not supported */
export function refuseMethod(value: Value, name: string): never {
  throw new TemplateError(`the method ${name} of a ${typeName(value)}, which is not supported`);
}
