/**
 * Renders Jinja templates as jinja2 does in the environment that transformers makes for chat templates: `trim_blocks`,
 * `lstrip_blocks`, `break` and `continue`, `generation`, `tojson` without escapes for HTML, `raise_exception`,
 * `strftime_now`, and no way to change a list or dict. What is not supported is refused by name.
 *
 * @module
 */

import { callValue, givenTo, Scope, valueOf } from "./evaluate.ts";
import { globalsAt } from "./globals.ts";
import { TemplateError } from "./lexer.ts";
import { roundCost, stepCost } from "./limits.ts";
import { loopValue } from "./loop.ts";
import { ownNames } from "./names.ts";
import { parseTemplate } from "./statements.ts";
import type { Expression, Parameters, Statement, Target } from "./syntax.ts";
import { joinTexts } from "./text_methods.ts";
import {
  Callable,
  fromData,
  itemsOf,
  Namespace,
  textOf,
  truth,
  Tuple,
  typeName,
  Undefined,
  type Value,
} from "./values.ts";

export { TemplateError } from "./lexer.ts";

function assign(target: Target, value: Value, scope: Scope): void {
  if (target.kind === "name") return scope.set(target.name, value);
  if (target.kind === "namespace") {
    const namespace = scope.get(target.name);
    if (!(namespace instanceof Namespace)) {
      throw new TemplateError(`an attribute set on ${target.name}, which is no namespace`);
    }
    if (target.attribute.startsWith("_")) {
      throw new TemplateError(
        `the namespace's attribute ${target.attribute}, which may not be set`,
      );
    }
    namespace.attributes.set(target.attribute, value);
    return;
  }
  const items = itemsOf(value);
  if (items.length !== target.items.length) {
    throw new TemplateError(`${items.length} values for ${target.items.length} names`);
  }
  for (const [i, part] of target.items.entries()) assign(part, items[i]!, scope);
}

/** The text of statements in a scope of their own. */
function textIn(body: readonly Statement[], scope: Scope): string {
  const out: string[] = [];
  run(body, new Scope(scope), out);
  return joinTexts(out, "");
}

/** Writes a piece of the text that is rendered. */
function write(text: string, scope: Scope, out: string[]): void {
  scope.budget.spend(text.length);
  out.push(text);
}

/** The text that a block's filter or call makes. @throws TemplateError when it is something else */
function blockText(value: Value, what: string): string {
  if (typeof value === "string") return value;
  throw new TemplateError(`a ${typeName(value)} from a ${what} block, which has to be a text`);
}

/** Whether a name is read anywhere in a piece of a template. */
function reads(piece: unknown, name: string): boolean {
  if (typeof piece !== "object" || piece === null) return false;
  if ("kind" in piece && piece.kind === "name" && "name" in piece && piece.name === name) {
    return true;
  }
  return Object.values(piece).some((inner) => reads(inner, name));
}

/** What a macro's parameter is when nothing was given for it. */
function withoutValue(name: string, otherwise: Expression | undefined, scope: Scope): Value {
  return otherwise === undefined
    ? new Undefined(`parameter '${name}' was not provided`)
    : valueOf(otherwise, scope);
}

/** A macro: its parameters have values of their own each time; `varargs`, `kwargs` and `caller` are there too. */
function macro(
  name: string,
  parameters: Parameters,
  body: readonly Statement[],
  defined: Scope,
): Callable {
  const [takesMore, takesNamed, takesCaller] = ["varargs", "kwargs", "caller"].map((special) =>
    reads(body, special)
  );
  return new Callable(name, ({ positional, named }) => {
    defined.budget.spend(roundCost);
    const scope = new Scope(defined);
    const rest = new Map(named);
    for (const [i, { name: own, otherwise }] of parameters.entries()) {
      if (i < positional.length && rest.has(own)) {
        throw new TemplateError(`two values for ${own} of the macro ${name}`);
      }
      const value = i < positional.length ? positional[i] : rest.get(own);
      rest.delete(own);
      scope.set(own, value !== undefined ? value : withoutValue(own, otherwise, scope));
    }
    scope.set("caller", new Undefined("No caller defined"));
    const caller = rest.get("caller");
    if (takesCaller && caller !== undefined) {
      scope.set("caller", caller);
      rest.delete("caller");
    }
    if (positional.length > parameters.length && !takesMore) {
      throw new TemplateError(`${positional.length} values for the macro ${name}`);
    }
    if (rest.size > 0 && !takesNamed) {
      throw new TemplateError(`a value for ${[...rest.keys()][0]}, which ${name} does not take`);
    }
    scope.set("varargs", new Tuple(positional.slice(parameters.length)));
    scope.set("kwargs", new Map(rest));
    return textIn(body, scope);
  });
}

function runFor(
  statement: Statement & { readonly kind: "for" },
  over: Value,
  scope: Scope,
  out: string[],
  depth: number,
): Ending {
  const items = itemsOf(over).filter((item) => {
    scope.budget.spend(stepCost);
    if (statement.test === undefined) return true;
    const inner = new Scope(scope);
    assign(statement.target, item, inner);
    return truth(valueOf(statement.test, inner));
  });
  const again = (value: Value): string => {
    const text: string[] = [];
    runFor(statement, value, scope, text, depth + 1);
    return joinTexts(text, "");
  };
  const loop = loopValue(items, depth, statement.recursive ? again : undefined);
  // As in jinja2, a loop has gone round when a round came to its end.
  let wentRound = false;
  for (const [i, item] of items.entries()) {
    scope.budget.spend(roundCost);
    const inner = new Scope(scope);
    inner.set("loop", loop(i));
    assign(statement.target, item, inner);
    const ended = run(statement.body, inner, out);
    if (ended === "break") break;
    wentRound ||= ended === undefined;
  }
  return wentRound ? undefined : run(statement.otherwise, new Scope(scope), out);
}

/** How statements ended: with a loop's round or, undefined, by themselves. */
type Ending = "break" | "continue" | undefined;

/** Runs statements; says how they ended, if a loop's round ended with them. */
function run(body: readonly Statement[], scope: Scope, out: string[]): Ending {
  for (const statement of body) {
    scope.budget.spend(stepCost);
    switch (statement.kind) {
      case "text":
        write(statement.text, scope, out);
        break;
      case "output":
        write(textOf(valueOf(statement.value, scope)), scope, out);
        break;
      case "if": {
        const branch = statement.branches.find(({ test }) => truth(valueOf(test, scope)));
        const ended = run(branch?.body ?? statement.otherwise, scope, out);
        if (ended !== undefined) return ended;
        break;
      }
      case "for": {
        const ended = runFor(statement, valueOf(statement.over, scope), scope, out, 1);
        if (ended !== undefined) return ended;
        break;
      }
      case "break":
      case "continue":
        return statement.kind;
      case "with": {
        const inner = new Scope(scope);
        for (const [target, value] of statement.values) {
          assign(target, valueOf(value, scope), inner);
        }
        const ended = run(statement.body, inner, out);
        if (ended !== undefined) return ended;
        break;
      }
      default:
        runSimple(statement, scope, out);
    }
  }
  return undefined;
}

/** Runs a statement that no loop's round can end in. */
function runSimple(statement: Statement, scope: Scope, out: string[]): void {
  switch (statement.kind) {
    case "set":
      return assign(statement.target, valueOf(statement.value, scope), scope);
    case "set block": {
      const text = textIn(statement.body, scope);
      const { filter } = statement;
      return assign(
        statement.target,
        filter === undefined ? text : valueOf(filter, scope, text),
        scope,
      );
    }
    case "macro":
      return scope.set(
        statement.name,
        macro(statement.name, statement.parameters, statement.body, scope),
      );
    case "call block": {
      const { call } = statement;
      if (call.kind !== "call") return;
      const { positional, named } = givenTo(call.args, scope);
      const caller = macro("caller", statement.parameters, statement.body, scope);
      const given = { positional, named: new Map([...named, ["caller", caller as Value]]) };
      return write(blockText(callValue(valueOf(call.of, scope), given), "call"), scope, out);
    }
    case "filter block":
      return write(
        blockText(valueOf(statement.filter, scope, textIn(statement.body, scope)), "filter"),
        scope,
        out,
      );
    case "generation":
      return write(textIn(statement.body, scope), scope, out);
  }
}

/**
 * Renders a template.
 *
 * @param template the template's source
 * @param variables plain data by name: text, numbers, lists and objects
 * @param now the time that `strftime_now` tells
 * @returns the text
 * @throws TemplateError when the template is at fault, refuses the variables, asks for what is not supported or costs
 *   more than {@linkcode mostWork}
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { renderTemplate } from "./render.ts";
 *
 * assertEquals(renderTemplate("{% for x in xs %}{{ loop.index }}: {{ x }}{% endfor %}", { xs: [true, null] }), "1: True2: None");
 * ```
 */
export function renderTemplate(
  template: string,
  variables: Readonly<Record<string, unknown>>,
  now: Date = new Date(),
): string {
  const scope = new Scope();
  for (const [name, value] of globalsAt(now)) scope.set(name, value);
  const inner = new Scope(scope);
  for (const [name, value] of Object.entries(variables)) {
    if (value !== undefined) inner.set(name, fromData(value));
  }
  const out: string[] = [];
  try {
    const body = parseTemplate(template);
    for (const name of ownNames(body)) inner.set(name, new Undefined(`'${name}' is undefined`));
    run(body, inner, out);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new TemplateError(
      error.message.includes("call stack")
        ? "macros that call each other, or brackets inside each other, more deeply than is rendered"
        : `a value that is too large (${error.message})`,
    );
  }
  return out.join("");
}
