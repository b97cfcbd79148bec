/** Assertions of the Deno standard library, typed for its npm build. @module */
// deno-lint-ignore-file no-explicit-any
import * as assertions from "npm:deno-std@1.4.0/assert/mod.js";

const a = assertions as any;

/** An error class, as `assertThrows` and `assertRejects` take it. */
export type ErrorClass<E extends Error> = abstract new (...args: any[]) => E;

/** Fails unless `value` is truthy. */
export function assert(value: unknown, message?: string): asserts value {
  a.assert(value, message);
}
/** Fails unless both are deeply equal. */
export function assertEquals<T>(actual: T, expected: T, message?: string): void {
  a.assertEquals(actual, expected, message);
}
/** Fails if both are deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, message?: string): void {
  a.assertNotEquals(actual, expected, message);
}
/** Fails unless the numbers differ by at most `tolerance`. */
export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance?: number,
  message?: string,
): void {
  a.assertAlmostEquals(actual, expected, tolerance, message);
}
/** Fails unless the string holds `expected`. */
export function assertStringIncludes(actual: string, expected: string, message?: string): void {
  a.assertStringIncludes(actual, expected, message);
}
/** Fails unless the string matches the pattern. */
export function assertMatch(actual: string, expected: RegExp, message?: string): void {
  a.assertMatch(actual, expected, message);
}
/** Fails unless the call throws (an `ErrorClass` with `includes` in its message). */
export function assertThrows<E extends Error = Error>(
  call: () => unknown,
  errorClass?: ErrorClass<E>,
  includes?: string,
): E {
  return errorClass === undefined
    ? a.assertThrows(call)
    : a.assertThrows(call, errorClass, includes);
}
/** Fails unless the promise rejects (with an `ErrorClass`, with `includes` in its message). */
export function assertRejects<E extends Error = Error>(
  call: () => PromiseLike<unknown>,
  errorClass?: ErrorClass<E>,
  includes?: string,
): Promise<E> {
  return errorClass === undefined
    ? a.assertRejects(call)
    : a.assertRejects(call, errorClass, includes);
}
