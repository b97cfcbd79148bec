/**
 * Cuts a Jinja template into tokens as jinja2 does with `trim_blocks` and `lstrip_blocks`, the settings of chat
 * templates.
 *
 * @module
 */

/** A template that jinja2 refuses too, or one that asks for what is not supported. */
export class TemplateError extends Error {
  /** Always `"TemplateError"`. */
  override readonly name = "TemplateError";
}

/** What a token is. `end` stands once, behind all others. */
export type TokenType =
  | "text"
  | "block begin"
  | "block end"
  | "variable begin"
  | "variable end"
  | "name"
  | "string"
  | "integer"
  | "float"
  | "operator"
  | "end";

/** A piece of a template. */
export interface Token {
  /** What it is. */
  readonly type: TokenType;
  /** Text as it is written; of a string what its escapes stand for, of a number its digits. */
  readonly value: string;
  /** Line of the template, from 1. */
  readonly line: number;
}

/** Python's white space, inside brackets of a regular expression. */
export const spaces =
  "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

const space = new RegExp(`[${spaces}]`, "u");

const rule = (source: string, flags = ""): RegExp => new RegExp(source, `uy${flags}`);

const begin = new RegExp(
  `\\{%[-+]?[${spaces}]*raw[${spaces}]*(?:-%\\}[${spaces}]*|%\\})|\\{[%{#][-+]?`,
  "u",
);
const commentEnd = new RegExp(`\\+#\\}|-#\\}[${spaces}]*|#\\}\\n?`, "u");
const rawEnd = new RegExp(
  `\\{%[-+]?[${spaces}]*endraw[${spaces}]*(?:\\+%\\}|-%\\}[${spaces}]*|%\\}\\n?)`,
  "u",
);
const blockEnd = rule(`\\+%\\}|-%\\}[${spaces}]*|%\\}\\n?`);
const variableEnd = rule(`-\\}\\}[${spaces}]*|\\}\\}`);

/** What stands inside a tag, in the order in which jinja2 tries it. */
const inside: readonly (readonly [TokenType | "space", RegExp])[] = [
  ["space", rule(`[${spaces}]+`)],
  [
    "float",
    rule(
      "(?<!\\.)(?:\\d+_)*\\d+(?:(?:\\.(?:\\d+_)*\\d+)?e[+-]?(?:\\d+_)*\\d+|\\.(?:\\d+_)*\\d+)",
      "i",
    ),
  ],
  [
    "integer",
    rule("0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[\\da-f])+|[1-9](?:_?\\d)*|0(?:_?0)*", "i"),
  ],
  ["name", rule("[\\p{L}\\p{Nl}_][\\p{L}\\p{Nl}\\p{M}\\p{Nd}\\p{Pc}]*")],
  ["string", rule(`'[^'\\\\]*(?:\\\\.[^'\\\\]*)*'|"[^"\\\\]*(?:\\\\.[^"\\\\]*)*"`, "s")],
  ["operator", rule("//|\\*\\*|[=!><]=|[-+/*%~[\\](){}><=.:|,;]")],
];

const closing: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

const escapes: Readonly<Record<string, string>> = {
  "\n": "",
  "\\": "\\",
  "'": "'",
  '"': '"',
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** What a string literal stands for, by Python's rules: an escape that it does not know stays as it is. */
function unescape(text: string, line: number): string {
  return text.replace(
    /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{1,3})|([\s\S]))/gu,
    (whole, x, u, U, octal, one) => {
      if (/^\\[xuU].?$/u.test(whole) || one === "N") {
        throw new TemplateError(`the escape ${whole} in a string, line ${line}`);
      }
      if (one !== undefined) return escapes[one] ?? whole;
      const code = octal === undefined ? parseInt(x ?? u ?? U, 16) : parseInt(octal, 8);
      return String.fromCodePoint(code);
    },
  );
}

/** Text before a tag: `-` takes all white space away, else a block or comment takes its own indentation. */
function textBefore(text: string, tag: string, sign: string, lineStarts: boolean): string {
  if (sign === "-") {
    let end = text.length;
    while (end > 0 && space.test(text[end - 1]!)) end--;
    return text.slice(0, end);
  }
  if (sign === "+" || tag === "{{") return text;
  const lineAt = text.lastIndexOf("\n") + 1;
  const own = new RegExp(`^[${spaces}]+$`, "u").test(text.slice(lineAt));
  return own && (lineAt > 0 || lineStarts) ? text.slice(0, lineAt) : text;
}

/** Where the next tokens come from. */
interface Position {
  at: number;
  line: number;
  /** Whether what was read last ended with a line break; so at the start. */
  lineStarts: boolean;
}

function advance(position: Position, text: string): void {
  position.at += text.length;
  position.line += text.split("\n").length - 1;
  position.lineStarts = text.endsWith("\n");
}

/** The tokens of a tag up to its end; the place is behind its beginning. */
function readTag(source: string, position: Position, ending: RegExp, type: TokenType): Token[] {
  const tokens: Token[] = [];
  const open: string[] = [];
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = position.at;
    return pattern.exec(source)?.[0];
  };
  while (position.at < source.length) {
    const end = open.length === 0 ? match(ending) : undefined;
    if (end !== undefined) {
      tokens.push({ type, value: end, line: position.line });
      advance(position, end);
      return tokens;
    }
    let found: readonly [TokenType | "space", string] | undefined;
    for (const [kind, pattern] of inside) {
      const value = match(pattern);
      if (value === undefined) continue;
      found = [kind, value];
      break;
    }
    if (found === undefined) {
      throw new TemplateError(`the character ${source[position.at]}, line ${position.line}`);
    }
    const [kind, value] = found;
    if (kind === "operator") {
      const close = closing[value];
      if (close !== undefined) open.push(close);
      else if (")]}".includes(value) && open.pop() !== value) {
        throw new TemplateError(`an unexpected ${value}, line ${position.line}`);
      }
    }
    if (kind !== "space") {
      const meaning = kind === "string" ? unescape(value.slice(1, -1), position.line) : value;
      tokens.push({ type: kind, value: meaning, line: position.line });
    }
    advance(position, value);
  }
  throw new TemplateError(`a tag without an end, line ${position.line}`);
}

/**
 * The tokens of a template. Line ends of every kind are line feeds, and a last one does not count.
 *
 * @param template the template's source
 * @throws TemplateError when a tag has no end or holds what Jinja does not know
 */
export function tokenize(template: string): Token[] {
  const source = template.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  const position: Position = { at: 0, line: 1, lineStarts: true };
  const tokens: Token[] = [];
  const addText = (value: string): void => {
    if (value !== "") tokens.push({ type: "text", value, line: position.line });
  };
  while (position.at < source.length) {
    const rest = source.slice(position.at);
    const found = begin.exec(rest);
    if (found === null) {
      addText(rest);
      break;
    }
    const tag = found[0].slice(0, 2);
    const sign = found[0].slice(2, 3);
    addText(textBefore(rest.slice(0, found.index), tag, sign, position.lineStarts));
    advance(position, rest.slice(0, found.index + found[0].length));
    if (tag === "{#") {
      const end = commentEnd.exec(source.slice(position.at));
      if (end === null) throw new TemplateError(`a comment without an end, line ${position.line}`);
      advance(position, source.slice(position.at, position.at + end.index + end[0].length));
    } else if (found[0].endsWith("}") || found[0].length > 3) {
      const inRaw = source.slice(position.at);
      const end = rawEnd.exec(inRaw);
      if (inRaw === "") break;
      if (end === null) throw new TemplateError(`raw without endraw, line ${position.line}`);
      addText(textBefore(inRaw.slice(0, end.index), "{%", end[0].slice(2, 3), position.lineStarts));
      advance(position, inRaw.slice(0, end.index + end[0].length));
    } else {
      const block = tag === "{%";
      tokens.push({
        type: block ? "block begin" : "variable begin",
        value: tag,
        line: position.line,
      });
      const [ending, type] = block
        ? [blockEnd, "block end"] as const
        : [variableEnd, "variable end"] as const;
      for (const token of readTag(source, position, ending, type)) tokens.push(token);
    }
  }
  tokens.push({ type: "end", value: "", line: position.line });
  return tokens;
}
