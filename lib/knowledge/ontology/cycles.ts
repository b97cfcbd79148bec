/**
 * Cycles of a directed graph, by Tarjan's strongly connected components (SIAM J. Comput. 1 (1972) 146-160), without
 * recursion: a chain may be as long as the file.
 *
 * @module
 */

interface Frame {
  readonly id: string;
  readonly next: Iterator<string>;
}

/**
 * The sets of nodes that can all reach each other: of two nodes and more, or one node that leads to itself.
 *
 * @param nodes The nodes, in order.
 * @param nextOf Where edges lead from a node; ids that are no nodes are passed over.
 * @returns One list for each cycle or tangle of cycles, in the order in which they are found.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { cyclesOf } from "./cycles.ts";
 * const edges: Record<string, string[]> = { a: ["b"], b: ["a", "c"], c: [] };
 * assertEquals(cyclesOf(Object.keys(edges), (id) => edges[id]!), [["a", "b"]]);
 * ```
 */
export function cyclesOf(
  nodes: Iterable<string>,
  nextOf: (id: string) => Iterable<string>,
): string[][] {
  const all = new Set(nodes);
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const open = new Set<string>();
  const stack: string[] = [];
  const cycles: string[][] = [];
  const frames: Frame[] = [];
  const lower = (id: string, to: number): void => {
    low.set(id, Math.min(low.get(id) ?? to, to));
  };
  const enter = (id: string): void => {
    order.set(id, order.size);
    lower(id, order.size - 1);
    open.add(id);
    stack.push(id);
    frames.push({ id, next: nextOf(id)[Symbol.iterator]() });
  };
  const leave = (id: string): void => {
    frames.pop();
    const below = frames.at(-1);
    if (below !== undefined) lower(below.id, low.get(id)!);
    if (low.get(id) !== order.get(id)) return;
    const members = stack.splice(stack.lastIndexOf(id));
    for (const member of members) open.delete(member);
    if (members.length > 1 || [...nextOf(id)].includes(id)) cycles.push(members);
  };
  for (const start of all) {
    if (order.has(start)) continue;
    enter(start);
    for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
      const { value, done } = frame.next.next();
      if (done === true) leave(frame.id);
      else if (!all.has(value)) continue;
      else if (!order.has(value)) enter(value);
      else if (open.has(value)) lower(frame.id, order.get(value)!);
    }
  }
  return cycles;
}
