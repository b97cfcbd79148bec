/** Reads the statements of a Jinja template. @module */

import { parseExpression, parseFilter, parseTuple, TokenStream } from "./expressions.ts";
import { TemplateError, tokenize } from "./lexer.ts";
import { checkNames } from "./names.ts";
import type { Expression, Parameters, Statement, Target } from "./syntax.ts";

/** Statements that other templates, or extensions that chat templates do not have, are needed for. */
const refused = [
  "extends",
  "include",
  "import",
  "from",
  "block",
  "autoescape",
  "do",
  "trans",
  "debug",
];

/**
 * Reads a template.
 *
 * @param template the template's source
 * @throws TemplateError when it is no template, or has a statement that is not supported
 */
export function parseTemplate(template: string): Statement[] {
  const stream = new TokenStream(tokenize(template));
  const body = parseBody(stream, [], false);
  if (!stream.is("end")) stream.fail("the template's end");
  checkNames(body);
  return body;
}

/** Reads statements up to one of the names, which is then at the place; none for all of the template. */
function parseBody(stream: TokenStream, ends: readonly string[], inLoop: boolean): Statement[] {
  const body: Statement[] = [];
  for (;;) {
    if (stream.is("end")) {
      if (ends.length > 0) stream.fail(ends.join(" or "));
      return body;
    }
    if (stream.is("text")) body.push({ kind: "text", text: stream.next().value });
    else if (stream.skip("variable begin")) {
      body.push({ kind: "output", value: parseTuple(stream) });
      stream.expect("variable end");
    } else {
      stream.expect("block begin");
      if (stream.is("name") && ends.includes(stream.current.value)) return body;
      body.push(parseStatement(stream, inLoop));
      stream.expect("block end");
    }
  }
}

/** Reads the body of a statement: behind its tag, to the tag of one of the names; gives that name too. */
function parseInner(
  stream: TokenStream,
  ends: readonly string[],
  inLoop: boolean,
): { readonly body: Statement[]; readonly end: string } {
  stream.skip("operator", ":");
  stream.expect("block end");
  const body = parseBody(stream, ends, inLoop);
  return { body, end: stream.next().value };
}

function parseStatement(stream: TokenStream, inLoop: boolean): Statement {
  const { value: name, line } = stream.expect("name");
  switch (name) {
    case "if":
      return parseIf(stream, inLoop);
    case "for":
      return parseFor(stream, inLoop);
    case "set":
      return parseSet(stream);
    case "with":
      return parseWith(stream, inLoop);
    case "macro": {
      const { value: macro } = stream.expect("name");
      const parameters = parseParameters(stream);
      const { body } = parseInner(stream, ["endmacro"], false);
      return { kind: "macro", name: macro, parameters, body };
    }
    case "call": {
      const parameters = stream.is("operator", "(") ? parseParameters(stream) : [];
      const call = parseExpression(stream);
      if (call.kind !== "call") throw new TemplateError(`call without a call, line ${line}`);
      const { body } = parseInner(stream, ["endcall"], false);
      return { kind: "call block", call, parameters, body };
    }
    case "filter": {
      const filter = parseFilter(stream, undefined, true)!;
      return { kind: "filter block", filter, body: parseInner(stream, ["endfilter"], false).body };
    }
    case "generation":
      return { kind: "generation", body: parseInner(stream, ["endgeneration"], false).body };
    case "break":
    case "continue":
      if (!inLoop) {
        throw new TemplateError(
          `${name} outside of a loop, or inside a text that is made there, line ${line}`,
        );
      }
      return { kind: name };
    default:
      throw new TemplateError(
        refused.includes(name)
          ? `the statement ${name}, which is not supported in chat templates, line ${line}`
          : `the statement ${name}, which Jinja does not know, line ${line}`,
      );
  }
}

function parseIf(stream: TokenStream, inLoop: boolean): Statement {
  const branches: { test: Expression; body: Statement[] }[] = [];
  for (;;) {
    const test = parseTuple(stream, { withChoice: false });
    const { body, end } = parseInner(stream, ["elif", "else", "endif"], inLoop);
    branches.push({ test, body });
    if (end === "elif") continue;
    const otherwise = end === "else" ? parseInner(stream, ["endif"], inLoop).body : [];
    return { kind: "if", branches, otherwise };
  }
}

function parseFor(stream: TokenStream, inLoop: boolean): Statement {
  const target = parseTarget(stream, false);
  stream.expect("name", "in");
  const over = parseTuple(stream, { withChoice: false });
  const test = stream.skip("name", "if") ? parseExpression(stream) : undefined;
  const recursive = stream.skip("name", "recursive");
  const { body, end } = parseInner(stream, ["endfor", "else"], true);
  const otherwise = end === "else" ? parseInner(stream, ["endfor"], inLoop).body : [];
  return { kind: "for", target, over, test, recursive, body, otherwise };
}

function parseSet(stream: TokenStream): Statement {
  const target = parseTarget(stream, true);
  if (stream.skip("operator", "=")) return { kind: "set", target, value: parseTuple(stream) };
  const filter = parseFilter(stream, undefined);
  return { kind: "set block", target, filter, body: parseInner(stream, ["endset"], false).body };
}

function parseWith(stream: TokenStream, inLoop: boolean): Statement {
  const values: (readonly [Target, Expression])[] = [];
  while (!stream.is("block end")) {
    if (values.length > 0) stream.expect("operator", ",");
    const target = parseTarget(stream, false);
    stream.expect("operator", "=");
    values.push([target, parseExpression(stream)]);
  }
  return { kind: "with", values, body: parseInner(stream, ["endwith"], inLoop).body };
}

const constants = ["true", "True", "false", "False", "none", "None"];

/** Reads names that values are put into; a comma makes them a tuple. */
function parseTarget(stream: TokenStream, withNamespace: boolean): Target {
  const items: Target[] = [];
  let tuple = false;
  do {
    if (items.length > 0) {
      tuple = true;
      if (!stream.is("name") && !stream.is("operator", "(")) break;
      if (stream.is("name", "in")) break;
    }
    items.push(parseOneTarget(stream, withNamespace));
  } while (stream.skip("operator", ","));
  return tuple ? { kind: "tuple", items } : items[0]!;
}

function parseOneTarget(stream: TokenStream, withNamespace: boolean): Target {
  if (stream.skip("operator", "(")) {
    const inner = parseTarget(stream, withNamespace);
    stream.expect("operator", ")");
    return inner;
  }
  const { value: name, line } = stream.expect("name");
  if (constants.includes(name)) throw new TemplateError(`a value for ${name}, line ${line}`);
  if (withNamespace && stream.skip("operator", ".")) {
    return { kind: "namespace", name, attribute: stream.expect("name").value };
  }
  return { kind: "name", name };
}

function parseParameters(stream: TokenStream): Parameters {
  const parameters: { name: string; otherwise?: Expression }[] = [];
  stream.expect("operator", "(");
  while (!stream.is("operator", ")")) {
    if (parameters.length > 0) stream.expect("operator", ",");
    const { value: name } = stream.expect("name");
    if (stream.skip("operator", "=")) parameters.push({ name, otherwise: parseExpression(stream) });
    else if (parameters.at(-1)?.otherwise !== undefined) stream.fail("a value for the parameter");
    else parameters.push({ name });
  }
  stream.next();
  return parameters;
}
