/** The values of a template's expressions. @module */

import { attributeOf, itemOf, sliceOf } from "./access.ts";
import { applyFilter } from "./filters.ts";
import { TemplateError } from "./lexer.ts";
import { type Budget, renderingBudget, stepCost } from "./limits.ts";
import { arithmetic, holds, negative } from "./operators.ts";
import type { CallArguments, Expression } from "./syntax.ts";
import { passes } from "./tests.ts";
import { joinTexts } from "./text_methods.ts";
import {
  Callable,
  Float,
  type Given,
  isDict,
  isList,
  itemsOf,
  type Key,
  keyOf,
  Once,
  textOf,
  truth,
  Tuple,
  Undefined,
  type Value,
  View,
} from "./values.ts";

/** How many characters or values there are to go over. */
function sizeOf(value: Value): number {
  if (typeof value === "string") return value.length;
  if (isList(value)) return value.length;
  if (isDict(value)) return value.size;
  const isRow = value instanceof Tuple || value instanceof View || value instanceof Once;
  return isRow ? value.items.length : 0;
}

/** Values by name, and the scope around. */
export class Scope {
  readonly #values = new Map<string, Value>();
  readonly #outer: Scope | undefined;
  /** What is left of the steps of rendering, shared by all scopes. */
  readonly budget: Budget;

  /** @param outer the scope around; none for that of a template */
  constructor(outer?: Scope) {
    this.#outer = outer;
    this.budget = outer?.budget ?? renderingBudget();
  }

  /** What a name stands for here or around. */
  get(name: string): Value | undefined {
    return this.#values.has(name) ? this.#values.get(name) : this.#outer?.get(name);
  }

  /** Makes a name stand for a value here. */
  set(name: string, value: Value): void {
    this.#values.set(name, value);
  }
}

/** What is given to a function in a call. */
export function givenTo(args: CallArguments, scope: Scope): Given {
  const places = args.positional.map((value) => valueOf(value, scope));
  const more = args.list === undefined ? [] : itemsOf(valueOf(args.list, scope));
  const positional = [...places, ...more];
  const named = new Map(args.named.map(([name, value]) => [name, valueOf(value, scope)]));
  if (args.dict !== undefined) {
    const dict = valueOf(args.dict, scope);
    if (!isDict(dict)) throw new TemplateError("values by name from what is no dict");
    for (const [key, value] of dict) {
      if (typeof key !== "string" || named.has(key)) {
        throw new TemplateError(`a value by the name ${key}, which is no text or given twice`);
      }
      named.set(key, value);
    }
  }
  return { positional, named };
}

/** Calls a value. @throws TemplateError when it cannot be called */
export function callValue(callee: Value, given: Given): Value {
  if (callee instanceof Undefined) throw new TemplateError(callee.complaint);
  if (!(callee instanceof Callable)) throw new TemplateError("a call of what is no function");
  return callee.call(given);
}

function lookUp(name: string, scope: Scope): Value {
  const value = scope.get(name);
  if (value === undefined && name === "self") {
    throw new TemplateError("the name self, which is not supported");
  }
  return value === undefined ? new Undefined(`'${name}' is undefined`) : value;
}

/** Values that are looked up, whose making costs nothing. */
const lookedUp = ["constant", "name", "attribute", "item", "and", "or", "choice"];

/** The value of an expression. `filtered` is what a filter without an operand is applied to. */
export function valueOf(expression: Expression, scope: Scope, filtered?: Value): Value {
  const value = evaluated(expression, scope, filtered);
  scope.budget.spend(stepCost + (lookedUp.includes(expression.kind) ? 0 : sizeOf(value)));
  return value;
}

function evaluated(expression: Expression, scope: Scope, filtered?: Value): Value {
  const of = (inner: Expression): Value => valueOf(inner, scope, filtered);
  // A value that is gone over, which costs its length.
  const whole = (inner: Expression): Value => {
    const value = of(inner);
    scope.budget.spend(sizeOf(value));
    return value;
  };
  switch (expression.kind) {
    case "constant":
      return expression.value;
    case "float":
      return new Float(expression.value);
    case "name":
      return lookUp(expression.name, scope);
    case "list":
      return expression.items.map(of);
    case "tuple":
      return new Tuple(expression.items.map(of));
    case "dict":
      return new Map(
        expression.pairs.map(([key, value]): [Key, Value] => [keyOf(of(key)), of(value)]),
      );
    case "attribute":
      return lookedInto(of(expression.of), (object) => attributeOf(object, expression.name), scope);
    case "item":
      return lookedInto(of(expression.of), (object) => itemOf(object, of(expression.key)), scope);
    case "slice":
      return sliceOf(
        whole(expression.of),
        expression.bounds.map((b) => b === undefined ? null : of(b)),
      );
    case "call":
      return callValue(of(expression.of), givenTo(expression.args, scope));
    case "filter":
      return applyFilter(
        expression.name,
        expression.of === undefined ? filtered! : whole(expression.of),
        givenTo(expression.args, scope),
      );
    case "test":
      return passes(
        expression.name,
        whole(expression.of),
        givenTo(expression.args, scope).positional,
      );
    case "not":
      return !truth(of(expression.of));
    case "negative":
      return negative(of(expression.of), -1);
    case "positive":
      return negative(of(expression.of), 1);
    case "and":
    case "or": {
      const left = of(expression.left);
      return truth(left) === (expression.kind === "and") ? of(expression.right) : left;
    }
    case "arithmetic":
      return arithmetic(expression.operator, whole(expression.left), whole(expression.right));
    case "concatenation":
      return joinTexts(expression.parts.map((part) => textOf(of(part))), "");
    case "comparison": {
      let left = whole(expression.first);
      for (const [operator, next] of expression.rest) {
        const right = whole(next);
        if (!holds(operator, left, right)) return false;
        left = right;
      }
      return true;
    }
    case "choice":
      if (truth(of(expression.test))) return of(expression.yes);
      return expression.no === undefined
        ? new Undefined(
          "the inline if-expression evaluated to false and no else section was defined.",
        )
        : of(expression.no);
  }
}

/** What is found in a value; a text is gone through, and so is a value by its methods. */
function lookedInto(object: Value, find: (object: Value) => Value, scope: Scope): Value {
  const found = find(object);
  if (typeof object === "string" || found instanceof Callable) scope.budget.spend(sizeOf(object));
  return found;
}
