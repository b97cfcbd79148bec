/**
 * Reads expressions of a Jinja template, with jinja2's precedence: `~` binds closer than `+`, `**` is read from the
 * left, a filter closer than any of them.
 *
 * @module
 */

import { TemplateError, type Token, type TokenType } from "./lexer.ts";
import type { CallArguments, Expression } from "./syntax.ts";

/** Tokens with a place in them. */
export class TokenStream {
  #at = 0;
  readonly #tokens: readonly Token[];

  /** @param tokens the tokens of a template, from `tokenize` */
  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  /** The token at the place. */
  get current(): Token {
    return this.#tokens[this.#at]!;
  }

  /** The token behind it. */
  get following(): Token {
    return this.#tokens[this.#at + 1] ?? this.#tokens.at(-1)!;
  }

  /** Goes on; gives the token that was at the place. */
  next(): Token {
    const token = this.current;
    if (token.type !== "end") this.#at++;
    return token;
  }

  /** Whether a token of this type, and of this text if one is named, is at the place. */
  is(type: TokenType, value?: string): boolean {
    const { current } = this;
    return current.type === type && (value === undefined || current.value === value);
  }

  /** Goes on where the token is at the place; says whether it was. */
  skip(type: TokenType, value?: string): boolean {
    if (!this.is(type, value)) return false;
    this.next();
    return true;
  }

  /** The token at the place, which has to be this. @throws TemplateError when it is another */
  expect(type: TokenType, value?: string): Token {
    if (this.is(type, value)) return this.next();
    return this.fail(value ?? `a ${type}`);
  }

  /** @throws TemplateError always: what was expected here */
  fail(expected: string): never {
    const { type, value, line } = this.current;
    throw new TemplateError(
      `${type === "end" ? "the template's end" : JSON.stringify(value)} where ${expected} was ` +
        `expected, line ${line}`,
    );
  }
}

const none: CallArguments = { positional: [], named: [] };

/** Reads an expression. */
export function parseExpression(stream: TokenStream, withChoice = true): Expression {
  let value = parseOr(stream);
  while (withChoice && stream.skip("name", "if")) {
    const test = parseOr(stream);
    const no = stream.skip("name", "else") ? parseExpression(stream) : undefined;
    value = { kind: "choice", test, yes: value, no };
  }
  return value;
}

/** Reads one expression, or several with commas between, which make a tuple. */
export function parseTuple(
  stream: TokenStream,
  options: { readonly withChoice?: boolean; readonly mayBeEmpty?: boolean } = {},
): Expression {
  const items: Expression[] = [];
  let tuple = false;
  const ends = (): boolean =>
    ["variable end", "block end", "end"].includes(stream.current.type) ||
    stream.is("operator", ")") || stream.is("name", "recursive");
  for (;;) {
    if (items.length > 0) stream.expect("operator", ",");
    if (ends()) break;
    items.push(parseExpression(stream, options.withChoice ?? true));
    if (!stream.is("operator", ",")) break;
    tuple = true;
  }
  if (!tuple && items.length > 0) return items[0]!;
  if (!tuple && options.mayBeEmpty !== true) stream.fail("an expression");
  return { kind: "tuple", items };
}

function parseOr(stream: TokenStream): Expression {
  let left = parseAnd(stream);
  while (stream.skip("name", "or")) left = { kind: "or", left, right: parseAnd(stream) };
  return left;
}

function parseAnd(stream: TokenStream): Expression {
  let left = parseNot(stream);
  while (stream.skip("name", "and")) left = { kind: "and", left, right: parseNot(stream) };
  return left;
}

function parseNot(stream: TokenStream): Expression {
  return stream.skip("name", "not")
    ? { kind: "not", of: parseNot(stream) }
    : parseComparison(stream);
}

function parseComparison(stream: TokenStream): Expression {
  const first = parseArithmetic(stream, 0);
  const rest: (readonly [string, Expression])[] = [];
  for (;;) {
    const { type, value } = stream.current;
    if (type === "operator" && ["==", "!=", "<", ">", "<=", ">="].includes(value)) {
      stream.next();
      rest.push([value, parseArithmetic(stream, 0)]);
    } else if (stream.skip("name", "in")) {
      rest.push(["in", parseArithmetic(stream, 0)]);
    } else if (stream.is("name", "not") && stream.following.value === "in") {
      stream.next();
      stream.next();
      rest.push(["not in", parseArithmetic(stream, 0)]);
    } else {
      return rest.length === 0 ? first : { kind: "comparison", first, rest };
    }
  }
}

/** Operators by how close they bind, the loosest first. */
const levels: readonly (readonly string[])[] = [
  ["+", "-"],
  ["~"],
  ["*", "/", "//", "%"],
  ["**"],
];

function parseArithmetic(stream: TokenStream, level: number): Expression {
  const operators = levels[level];
  if (operators === undefined) return parseUnary(stream);
  let left = parseArithmetic(stream, level + 1);
  while (stream.current.type === "operator" && operators.includes(stream.current.value)) {
    const operator = stream.next().value;
    const right = parseArithmetic(stream, level + 1);
    if (operator !== "~") left = { kind: "arithmetic", operator, left, right };
    else if (left.kind === "concatenation") {
      left = { kind: "concatenation", parts: [...left.parts, right] };
    } else left = { kind: "concatenation", parts: [left, right] };
  }
  return left;
}

function parseUnary(stream: TokenStream, withFilter = true): Expression {
  let value: Expression;
  if (stream.skip("operator", "-")) value = { kind: "negative", of: parseUnary(stream, false) };
  else if (stream.skip("operator", "+")) {
    value = { kind: "positive", of: parseUnary(stream, false) };
  } else value = parsePrimary(stream);
  value = parsePostfix(stream, value);
  return withFilter ? parseFilters(stream, value) : value;
}

const constants: Readonly<Record<string, boolean | null>> = {
  true: true,
  True: true,
  false: false,
  False: false,
  none: null,
  None: null,
};

/** Reads a name, a literal or what stands in brackets. */
function parsePrimary(stream: TokenStream): Expression {
  const { type, value } = stream.current;
  if (type === "name") {
    stream.next();
    const constant = Object.hasOwn(constants, value) ? constants[value] : undefined;
    return constant === undefined
      ? { kind: "name", name: value }
      : { kind: "constant", value: constant };
  }
  if (type === "string") {
    let text = "";
    while (stream.is("string")) text += stream.next().value;
    return { kind: "constant", value: text };
  }
  if (type === "integer" || type === "float") {
    const { line } = stream.next();
    const number = Number(value.replaceAll("_", ""));
    if (type === "float") return { kind: "float", value: number };
    if (!Number.isSafeInteger(number)) {
      throw new TemplateError(`the integer ${value}, which is too large, line ${line}`);
    }
    return { kind: "constant", value: number };
  }
  if (stream.skip("operator", "(")) {
    const inner = parseTuple(stream, { mayBeEmpty: true });
    stream.expect("operator", ")");
    return inner;
  }
  if (stream.skip("operator", "[")) {
    return { kind: "list", items: parseItems(stream, "]", () => parseExpression(stream)) };
  }
  if (stream.skip("operator", "{")) {
    const pairs = parseItems(stream, "}", (): readonly [Expression, Expression] => {
      const key = parseExpression(stream);
      stream.expect("operator", ":");
      return [key, parseExpression(stream)];
    });
    return { kind: "dict", pairs };
  }
  return stream.fail("a value");
}

/** Reads things with commas between, to a closing bracket; a comma may stand before it. */
function parseItems<T>(stream: TokenStream, close: string, parse: () => T): T[] {
  const items: T[] = [];
  while (!stream.is("operator", close)) {
    if (items.length > 0) stream.expect("operator", ",");
    if (stream.is("operator", close)) break;
    items.push(parse());
  }
  stream.expect("operator", close);
  return items;
}

function parsePostfix(stream: TokenStream, start: Expression): Expression {
  let value = start;
  for (;;) {
    if (stream.skip("operator", ".")) {
      const { type, value: name } = stream.next();
      if (type === "name") value = { kind: "attribute", of: value, name };
      else if (type === "integer") {
        value = { kind: "item", of: value, key: { kind: "constant", value: Number(name) } };
      } else stream.fail("a name or number behind the dot");
    } else if (stream.skip("operator", "[")) {
      value = parseSubscript(stream, value);
    } else if (stream.is("operator", "(")) {
      value = { kind: "call", of: value, args: parseArguments(stream) };
    } else return value;
  }
}

function parseSubscript(stream: TokenStream, of: Expression): Expression {
  const end = (): boolean => stream.is("operator", "]");
  const bounds: (Expression | undefined)[] = [undefined, undefined, undefined];
  let at = 0;
  if (!stream.is("operator", ":")) bounds[0] = parseExpression(stream);
  if (stream.is("operator", ",")) stream.fail("one key");
  if (end()) {
    stream.next();
    return { kind: "item", of, key: bounds[0]! };
  }
  while (at < 2 && stream.skip("operator", ":")) {
    at++;
    if (!end() && !stream.is("operator", ":")) bounds[at] = parseExpression(stream);
  }
  stream.expect("operator", "]");
  return { kind: "slice", of, bounds };
}

/** Reads the arguments of a call, with their parentheses. */
export function parseArguments(stream: TokenStream): CallArguments {
  stream.expect("operator", "(");
  const positional: Expression[] = [];
  const named: (readonly [string, Expression])[] = [];
  let list: Expression | undefined;
  let dict: Expression | undefined;
  parseItems(stream, ")", () => {
    if (dict !== undefined) stream.fail(")");
    if (list === undefined && stream.skip("operator", "*")) list = parseExpression(stream);
    else if (stream.skip("operator", "**")) dict = parseExpression(stream);
    else if (
      stream.is("name") && stream.following.value === "=" && stream.following.type === "operator"
    ) {
      const name = stream.next().value;
      stream.next();
      named.push([name, parseExpression(stream)]);
    } else if (named.length > 0 || list !== undefined) stream.fail("a name with =");
    else positional.push(parseExpression(stream));
  });
  return {
    positional,
    named,
    ...(list === undefined ? {} : { list }),
    ...(dict === undefined ? {} : { dict }),
  };
}

function parseFilters(stream: TokenStream, start: Expression): Expression {
  let value = start;
  for (;;) {
    if (stream.is("operator", "|")) value = parseFilter(stream, value)!;
    else if (stream.skip("name", "is")) value = parseTest(stream, value);
    else if (stream.is("operator", "(")) {
      value = { kind: "call", of: value, args: parseArguments(stream) };
    } else return value;
  }
}

/**
 * Reads filters, each behind its `|`.
 *
 * @param of what the first one is applied to; undefined for a block's text
 * @param first whether a filter's name stands here without a `|`
 * @returns undefined where there is no filter and nothing to filter
 */
export function parseFilter(
  stream: TokenStream,
  of: Expression | undefined,
  first = false,
): Expression | undefined {
  let value = of;
  for (let named = first; named || stream.skip("operator", "|"); named = false) {
    const { value: name } = stream.expect("name");
    const args = stream.is("operator", "(") ? parseArguments(stream) : none;
    value = { kind: "filter", of: value, name, args };
  }
  return value;
}

function parseTest(stream: TokenStream, of: Expression): Expression {
  const negated = stream.skip("name", "not");
  const { value: name } = stream.expect("name");
  let args = none;
  const { type, value } = stream.current;
  if (stream.is("operator", "(")) args = parseArguments(stream);
  else if (
    ["string", "integer", "float"].includes(type) ||
    (type === "operator" && (value === "[" || value === "{")) ||
    (type === "name" && !["else", "or", "and"].includes(value))
  ) {
    if (value === "is" && type === "name") stream.fail("no second is");
    args = { positional: [parsePostfix(stream, parsePrimary(stream))], named: [] };
  }
  const test: Expression = { kind: "test", of, name, args };
  return negated ? { kind: "not", of: test } : test;
}
