import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  isInstalled,
  matmul,
  randomStream,
  startBackend,
  swiGlu,
  tf,
} from "../../lib/runtime/mod.ts";
import { recordedPullback } from "../../lib/runtime/graph.ts";
import { tensorsToKeep } from "../../lib/runtime/rematerialize.ts";

type Node = Parameters<typeof tensorsToKeep>[0][number];

const node = (name: string, op: string, inputs: readonly string[], outputs = [name]): Node => ({
  name,
  op,
  inputs,
  outputs,
  attributes: {},
});

/** Whether what is read follows from what is kept without an operation that is not cheap. */
function follows(
  nodes: readonly Node[],
  kept: ReadonlySet<string>,
  read: readonly string[],
): boolean {
  const made = new Map(nodes.flatMap((one) => one.outputs.map((output) => [output, one] as const)));
  const known = (name: string): boolean => {
    const by = made.get(name);
    return by === undefined || kept.has(name) || (by.op !== "MatMul" && by.inputs.every(known));
  };
  return read.every(known);
}

Deno.test("what is kept is enough, and no smaller choice is", () => {
  const random = randomStream(0, "graphs");
  const pick = <T>(list: readonly T[]): T => list[random.integer(list.length)]!;
  let saved = 0;
  for (let round = 0; round < 200; round++) {
    const nodes: Node[] = [];
    const names = ["given0", "given1"];
    for (let i = 0; i < 5; i++) {
      const op = pick(["MatMul", "Mul", "Sigmoid", "SplitV"]);
      const inputs = op === "Mul" || op === "MatMul" ? [pick(names), pick(names)] : [pick(names)];
      const outputs = op === "SplitV" ? [`n${i}`, `n${i}:1`] : [`n${i}`];
      nodes.push(node(`n${i}`, op, inputs, outputs));
      names.push(...outputs);
    }
    const made = nodes.flatMap(({ outputs }) => outputs);
    const sizes = new Map(made.map((name) => [name, 1 + random.integer(9)]));
    const total = (of: Iterable<string>) =>
      [...of].reduce((sum, name) => sum + sizes.get(name)!, 0);
    const read = made.filter(() => random.next() < 0.5);
    const kept = tensorsToKeep(nodes, read, (name) => sizes.get(name)!);
    assert(follows(nodes, new Set(kept), read), `${JSON.stringify(nodes)}: ${kept} for ${read}`);
    const subsets = Array.from(
      { length: 2 ** made.length },
      (_, bits) => new Set(made.filter((_, i) => bits >> i & 1)),
    );
    const least = Math.min(
      ...subsets.filter((subset) => follows(nodes, subset, read)).map(total),
    );
    assertEquals(total(kept), least);
    saved += total(read) - least;
  }
  assert(saved > 0);
});

Deno.test("of equal choices it is the one with the least to compute again", () => {
  const nodes = [node("x", "MatMul", ["a", "b"]), node("y", "Neg", ["x"]), node("z", "Neg", ["y"])];
  assertEquals(tensorsToKeep(nodes, ["z"], () => 1), ["z"]);
  assertEquals(tensorsToKeep(nodes, [], () => 1), []);
  assertEquals(tensorsToKeep([node("y", "Neg", ["given"])], ["y"], () => 1), []);
});

Deno.test({
  name: "a pullback keeps the product before a gated activation alone, and has its gradients",
  ignore: !await isInstalled("cpu"),
  fn: async () => {
    await startBackend("native");
    tf.tidy(() => {
      const random = (shape: [number, number], seed: number) =>
        tf.randomNormal<tf.Rank.R2>(shape, 0, 1, "float32", seed);
      const input = { x: random([4, 6], 1), gateUp: random([6, 16], 2), down: random([8, 6], 3) };
      const block = (x: tf.Tensor) => matmul(swiGlu(matmul(x, input.gateUp)), input.down);
      const dy = random([4, 6], 4);
      const { kept, value, gradients } = recordedPullback("gated", input, [4, 6], (t, dy) => {
        const block = (x: tf.Tensor) => matmul(swiGlu(matmul(x, t.gateUp)), t.down);
        const { value, grad } = tf.valueAndGrad(block)(t.x, dy as tf.Tensor2D);
        return { value, gradients: [grad] };
      });
      assertEquals(kept.reduce((sum, { size }) => sum + size, 0), 4 * 16);
      const expected = tf.valueAndGrad(block)(input.x, dy);
      for (const [found, wanted] of [[value, expected.value], [gradients(dy)[0]!, expected.grad]]) {
        const numbers = wanted!.dataSync();
        found!.dataSync().forEach((x, i) =>
          assertAlmostEquals(x, numbers[i]!, 1e-4 * (1 + Math.abs(numbers[i]!)))
        );
      }
    });
  },
});
