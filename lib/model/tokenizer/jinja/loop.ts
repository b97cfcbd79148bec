/** What a template knows of the loop that it is in. @module */

import { TemplateError } from "./lexer.ts";
import { bind, Callable, equal, Tuple, Undefined, type Value } from "./values.ts";

/**
 * The values of `loop` in each round.
 *
 * @param items what the loop goes over
 * @param depth how deep the loop stands in calls of itself, from 1
 * @param again renders the loop over other values; undefined where it is not recursive
 * @returns the value in a round, by the round's number from 0
 */
export function loopValue(
  items: readonly Value[],
  depth: number,
  again: ((over: Value) => string) | undefined,
): (index: number) => Value {
  let last: Value | undefined;
  const changed = new Callable("changed", ({ positional }) => {
    const own = new Tuple(positional);
    const same = last !== undefined && equal(last, own);
    last = own;
    return !same;
  });
  return (index) => {
    const cycle = new Callable("cycle", ({ positional }) => {
      if (positional.length === 0) throw new TemplateError("cycle without values");
      return positional[index % positional.length]!;
    });
    const neighbour = (at: number, which: string): Value =>
      at < 0 || at >= items.length ? new Undefined(`there is no ${which} item`) : items[at]!;
    const attributes: Readonly<Record<string, Value>> = {
      index: index + 1,
      index0: index,
      revindex: items.length - index,
      revindex0: items.length - index - 1,
      first: index === 0,
      last: index === items.length - 1,
      length: items.length,
      depth,
      depth0: depth - 1,
      previtem: neighbour(index - 1, "previous"),
      nextitem: neighbour(index + 1, "next"),
      cycle,
      changed,
    };
    return new Callable("loop", (given) => {
      if (again === undefined) throw new TemplateError("a call of a loop that is not recursive");
      return again(bind("loop", ["iterable!"], given).iterable!);
    }, new Map(Object.entries(attributes)));
  };
}
