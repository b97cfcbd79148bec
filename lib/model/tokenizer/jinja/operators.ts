/** Python's operators on the values of a template. @module */

import { TemplateError } from "./lexer.ts";
import { checkList, checkText } from "./limits.ts";
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
  // Integers have no negative zero.
  if (Number.isSafeInteger(value)) return value + 0;
  throw new TemplateError(`the integer ${value}, which is too large`);
}

/** The remainder of a division that goes down; it has the divisor's sign, a zero too. */
function modulo(x: number, y: number): number {
  const rest = x % y;
  if (rest === 0) return y < 0 ? -0 : 0;
  return rest < 0 === y < 0 ? rest : rest + y;
}

/** A division that goes down, as Python does it: from the remainder, which is exact. */
function floorDivision(x: number, y: number): number {
  const quotient = (x - modulo(x, y)) / y;
  if (quotient === 0) return x / y < 0 || Object.is(x / y, -0) ? -0 : 0;
  const floor = Math.floor(quotient);
  return quotient - floor > 0.5 ? floor + 1 : floor;
}

/** @throws TemplateError where Python has no real number, or none of 64 bits */
function power(a: Value, b: Value, x: number, y: number): Value {
  if (x === 0 && y < 0) throw new TemplateError("zero to a negative power");
  const value = x ** y;
  if (Number.isNaN(value) && !Number.isNaN(x) && !Number.isNaN(y)) {
    throw new TemplateError("a root of a negative number, which is not supported");
  }
  if (a instanceof Float || b instanceof Float || y < 0) {
    if (!Number.isFinite(value) && Number.isFinite(x) && Number.isFinite(y)) {
      throw new TemplateError("a power that is too large");
    }
    return new Float(value);
  }
  return made(value);
}

/** Arithmetic of two numbers. */
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
      return made(floorDivision(x, y), a, b);
    case "%":
      return made(modulo(x, y), a, b);
    default:
      return power(a, b, x, y);
  }
}

/** A text or list `times` times. */
function repeated(many: string | readonly Value[] | Tuple, times: number): Value {
  const count = Math.max(0, times);
  if (typeof many === "string") {
    checkText(many.length * count);
    return many.repeat(count);
  }
  const items = many instanceof Tuple ? many.items : many;
  checkList(items.length * count);
  const all = Array.from({ length: items.length * count }, (_, i) => items[i % items.length]!);
  return many instanceof Tuple ? new Tuple(all) : all;
}

function joined(left: readonly Value[], right: readonly Value[]): readonly Value[] {
  checkList(left.length + right.length);
  return [...left, ...right];
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
    if (typeof left === "string" && typeof right === "string") {
      checkText(left.length + right.length);
      return left + right;
    }
    if (isList(left) && isList(right)) return joined(left, right);
    if (left instanceof Tuple && right instanceof Tuple) {
      return new Tuple(joined(left.items, right.items));
    }
  }
  if (operator === "*") {
    const whole = (value: Value): value is number | boolean =>
      typeof value === "number" || typeof value === "boolean";
    const [many, times] = whole(left) ? [right, left] : [left, right];
    if (whole(times) && (typeof many === "string" || isList(many) || many instanceof Tuple)) {
      return repeated(many, Number(times));
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
