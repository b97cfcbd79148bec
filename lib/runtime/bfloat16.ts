/**
 * Operations of a graph in bfloat16, which TensorFlow has and TensorFlow.js lacks.
 *
 * @module
 */

import type { Precision } from "./precision.ts";
import type { AttributeValue, DataType, GraphNode } from "./saved_model.ts";

/**
 * Multiplications and additions for each number that is read or written from which a product in bfloat16 is faster, though its factors have
 * to be rounded first. With AVX512_BF16, 576 by 576 x 3,072: at 60 (32 rows) 0.9 times as fast, at 115 (64 rows) 1.2, at 335
 * (256 rows) 1.7, at 705 (1,280 rows) 1.8.
 */
const WORTH = 100;

/** Type and shape of a tensor of a graph. */
interface Described {
  readonly dtype: DataType;
  readonly shape: readonly number[];
}

const type = (value: number): AttributeValue => ({ kind: "type", value });

/** TensorFlow's numbers for the types. */
const [float32, int32, bfloat16] = [type(1), type(3), type(14)];

const node = (
  name: string,
  op: string,
  inputs: readonly string[],
  attributes: GraphNode["attributes"],
): GraphNode => ({ name, op, inputs, attributes });

const no: AttributeValue = { kind: "bool", value: false };

const cast = (name: string, from: string, to: AttributeValue): GraphNode =>
  node(name, "Cast", [from], {
    SrcT: to === bfloat16 ? float32 : bfloat16,
    DstT: to,
    Truncate: no,
  });

const reshape = (name: string, from: string, shape: string): GraphNode =>
  node(name, "Reshape", [from, shape], { T: bfloat16, Tshape: int32 });

const multiply = (
  name: string,
  factors: readonly string[],
  transposed: readonly [AttributeValue, AttributeValue],
): GraphNode[] => [
  node(`${name}_product`, "MatMul", factors, {
    T: bfloat16,
    transpose_a: transposed[0],
    transpose_b: transposed[1],
  }),
  cast(name, `${name}_product`, float32),
];

/** Whether an operation is a product that is faster in bfloat16. */
function isWorthRounding(
  { name, op, inputs }: GraphNode,
  describe: (name: string) => Described | undefined,
): boolean {
  if (op !== "MatMul") return false;
  const [a, b, product] = [inputs[0]!, inputs[1]!, name].map(describe);
  if (a?.dtype !== "float32" || b?.dtype !== "float32" || product === undefined) return false;
  const [m, n] = product.shape as [number, number];
  const k = a.shape[0]! * a.shape[1]! / m;
  return 2 * m * n * k >= WORTH * (m * k + k * n + m * n);
}

/** Operations on tensors of bfloat16 that stand for several of TensorFlow's. */
const expansions = {
  /** A matrix `[K, N]` in float32 and the shape `[K, N / 2, 2]` to the packed matrix `[K, N / 2]`. */
  PackBfloat16: ({ name, inputs: [matrix, shape] }: GraphNode): GraphNode[] => [
    cast(`${name}_rounded`, matrix!, bfloat16),
    reshape(`${name}_pairs`, `${name}_rounded`, shape!),
    node(name, "Bitcast", [`${name}_pairs`], { T: bfloat16, type: int32 }),
  ],
  /** Rows `[M, K]` in float32, a packed matrix and the shape `[K, N]` to the product `[M, N]` in float32. */
  PackedMatMul: ({ name, inputs: [rows, packed, shape] }: GraphNode): GraphNode[] => [
    cast(`${name}_rows`, rows!, bfloat16),
    node(`${name}_pairs`, "Bitcast", [packed!], { T: int32, type: bfloat16 }),
    reshape(`${name}_matrix`, `${name}_pairs`, shape!),
    ...multiply(name, [`${name}_rows`, `${name}_matrix`], [no, no]),
  ],
} as const;

/** Name of an operation that only graphs have. */
export type Composite = keyof typeof expansions;

/**
 * Puts the large products among a graph's operations into bfloat16, if that is the precision; a factor of several products is
 * rounded once. Operations that TensorFlow does not know become those that they stand for.
 *
 * @param nodes The operations, in order.
 * @param describe Type and shape of a tensor by name.
 * @param precision What large products are computed in.
 * @returns The operations, whose results have the names that they had.
 */
export function withBfloat16(
  nodes: readonly GraphNode[],
  describe: (name: string) => Described | undefined,
  precision: Precision,
): GraphNode[] {
  const rounded = new Set<string>();
  return nodes.flatMap((one): GraphNode[] => {
    const { name, op, inputs, attributes: { transpose_a, transpose_b } } = one;
    if (op in expansions) return expansions[op as Composite](one);
    if (precision === "float32" || !isWorthRounding(one, describe)) return [one];
    const factors = inputs.map((input) => `${input.replace(":", "_")}_bf16`);
    const casts = inputs.flatMap((input, i) => {
      if (rounded.has(factors[i]!)) return [];
      rounded.add(factors[i]!);
      return [cast(factors[i]!, input, bfloat16)];
    });
    return [...casts, ...multiply(name, factors, [transpose_a ?? no, transpose_b ?? no])];
  });
}
