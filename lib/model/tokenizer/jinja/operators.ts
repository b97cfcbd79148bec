/** Python's operators on the values of a template. @module */

import { TemplateError } from "./lexer.ts";
import {
  compare,
  contains,
  equal,
  Float,
  isList,
  numberOf,
  Tuple,
  typeName,
  Undefined,
  type Value,
} from "./values.ts";

/** A number as an integer, or as a float where one of the operands was one. */
function made(value: number, ...operands: readonly Value[]): Value {
  if (operands.some((operand) => operand instanceof Float)) return new Float(value);
  if (Number.isSafeInteger(value)) return value;
  throw new TemplateError(`the integer ${value}, which is too large`);
}

/** Arithmetic of two numbers; floor and remainder go down, as in Python. */
function calculate(operator: string, a: Value, b: Value, x: number, y: number): Value {
  if (["/", "//", "%"].includes(operator) && y === 0) throw new TemplateError("a division by zero");
  switch (operator) {
    case "+":
      return made(x + y, a, b);
    case "-":
      return made(x - y, a, b);
    case "*":
      return made(x * y, a, b);
    case "/":
      return new Float(x / y);
    case "//":
      return made(Math.floor(x / y), a, b);
    case "%":
      return made(x - y * Math.floor(x / y), a, b);
    default:
      return y < 0 ? new Float(x ** y) : made(x ** y, a, b);
  }
}

/**
 * The value of an arithmetic expression.
 *
 * @param operator `+`, `-`, `*`, `/`, `//`, `%` or `**`
 * @throws TemplateError when the values do not go together
 */
export function arithmetic(operator: string, left: Value, right: Value): Value {
  const [x, y] = [numberOf(left), numberOf(right)];
  if (x !== undefined && y !== undefined) return calculate(operator, left, right, x, y);
  const unknown = [left, right].find((value) => value instanceof Undefined);
  if (unknown !== undefined) throw new TemplateError(unknown.complaint);
  if (operator === "+") {
    if (typeof left === "string" && typeof right === "string") return left + right;
    if (isList(left) && isList(right)) return [...left, ...right];
    if (left instanceof Tuple && right instanceof Tuple) {
      return new Tuple([...left.items, ...right.items]);
    }
  }
  if (operator === "*") {
    const [many, times] = typeof left === "number" ? [right, left] : [left, right];
    if (typeof times === "number") {
      const count = Math.max(0, times);
      if (typeof many === "string") return many.repeat(count);
      if (isList(many)) return Array.from({ length: count }, () => many).flat() as Value[];
    }
  }
  throw new TemplateError(
    operator === "%" && typeof left === "string"
      ? "the operator % on a text, which is not supported"
      : `the operator ${operator} between ${typeName(left)} and ${typeName(right)}`,
  );
}

/** The negative of a number. @throws TemplateError when it is none */
export function negative(value: Value, sign: -1 | 1): Value {
  const number = numberOf(value);
  if (number !== undefined) return made(sign * number, value);
  if (value instanceof Undefined) throw new TemplateError(value.complaint);
  throw new TemplateError(`the sign of a ${typeName(value)}`);
}

/**
 * Whether a comparison holds.
 *
 * @param operator `==`, `!=`, `<`, `>`, `<=`, `>=`, `in` or `not in`
 * @throws TemplateError when the values have no order
 */
export function holds(operator: string, left: Value, right: Value): boolean {
  switch (operator) {
    case "==":
      return equal(left, right);
    case "!=":
      return !equal(left, right);
    case "in":
      return contains(right, left);
    case "not in":
      return !contains(right, left);
    case "<":
      return compare(left, right) < 0;
    case ">":
      return compare(left, right) > 0;
    case "<=":
      return compare(left, right) <= 0;
    default:
      return compare(left, right) >= 0;
  }
}
