/** The tests of Jinja: what stands behind `is`. @module */

import { isLower, isUpper } from "./letter_case.ts";
import { TemplateError } from "./lexer.ts";
import { arithmetic, holds } from "./operators.ts";
import {
  Callable,
  Float,
  isDict,
  isList,
  numberOf,
  Once,
  textOf,
  Tuple,
  Undefined,
  type Value,
  View,
} from "./values.ts";

/** A test of a value, or of two. */
type Test = (value: Value, ...others: Value[]) => boolean;

/** The remainder of a division, by Python's rules. @throws TemplateError when one of them is no number */
function remainder(value: Value, by: Value): number {
  return numberOf(arithmetic("%", value, by))!;
}

const comparison = (operator: string) => (value: Value, other: Value): boolean =>
  holds(operator, value, other);

const [equals, differs] = [comparison("=="), comparison("!=")];
const [less, more] = [comparison("<"), comparison(">")];
const [atMost, atLeast] = [comparison("<="), comparison(">=")];

const tests: Readonly<Record<string, Test>> = {
  boolean: (value) => typeof value === "boolean",
  // An undefined value counts: only the call itself fails.
  callable: (value) => value instanceof Callable || value instanceof Undefined,
  defined: (value) => !(value instanceof Undefined),
  divisibleby: (value, by: Value) => remainder(value, by) === 0,
  "==": equals,
  eq: equals,
  equalto: equals,
  even: (value) => remainder(value, 2) === 0,
  false: (value) => value === false,
  float: (value) => value instanceof Float,
  ge: atLeast,
  greaterthan: more,
  gt: more,
  in: (value, container: Value) => holds("in", value, container),
  integer: (value) => typeof value === "number",
  iterable: (value) =>
    typeof value === "string" || isList(value) || isDict(value) || value instanceof Tuple ||
    value instanceof View || value instanceof Once || value instanceof Undefined,
  le: atMost,
  lessthan: less,
  lower: (value) => isLower(textOf(value)),
  lt: less,
  mapping: (value) => isDict(value),
  ne: differs,
  none: (value) => value === null,
  number: (value) => numberOf(value) !== undefined,
  odd: (value) => remainder(value, 2) === 1,
  sameas: (value, other: Value) => value === other,
  // What has a length and can be looked into: an undefined value has the methods for both.
  sequence: (value) =>
    typeof value === "string" || value instanceof Undefined || isList(value) || isDict(value) ||
    value instanceof Tuple ||
    (value instanceof View && value.kind === "range"),
  string: (value) => typeof value === "string",
  true: (value) => value === true,
  undefined: (value) => value instanceof Undefined,
  upper: (value) => isUpper(textOf(value)),
};

/**
 * Whether a value passes a test.
 *
 * @param name the test's name
 * @param value what is tested
 * @param others what it is tested against
 * @throws TemplateError when there is no such test
 */
export function passes(name: string, value: Value, others: readonly Value[]): boolean {
  const test = Object.hasOwn(tests, name) ? tests[name]! : undefined;
  if (test === undefined) throw new TemplateError(`the test ${name}, which is not supported`);
  if (others.length !== test.length - 1) {
    throw new TemplateError(`${others.length} values for the test ${name}`);
  }
  return test(value, ...others);
}
