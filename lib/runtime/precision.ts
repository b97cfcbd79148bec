/**
 * The numbers in which large matrix products of recorded graphs are computed.
 *
 * In bfloat16 (8 bits of mantissa) a processor with AMX or AVX512_BF16 multiplies about twice to eight times as fast as in float32.
 * Only factors and product are rounded to it, sums inside a product are float32 (oneDNN), and everything between products stays
 * float32: weights, norms, softmax, log-probabilities, gradients, the optimizer. That is what PyTorch's `autocast` does with
 * matrix products, and `bf16=True` in TRL.
 *
 * @module
 */

import type { AttributeValue, DataType, GraphNode } from "./saved_model.ts";
import { systemFile } from "./system_file.ts";

/** What products are computed in. */
export const precisions = ["float32", "bf16"] as const;

/** One of {@linkcode precisions}. */
export type Precision = (typeof precisions)[number];

let current: Precision = "float32";

/**
 * Chooses what large products of recorded graphs are computed in, as `torch.set_float32_matmul_precision` does.
 *
 * @param precision What from now on; float32 at the start.
 * @returns What it was.
 */
export function setMatmulPrecision(precision: Precision): Precision {
  const before = current;
  current = precision;
  return before;
}

/** What large products of recorded graphs are computed in. */
export function matmulPrecision(): Precision {
  return current;
}

/** Whether the processor multiplies bfloat16 itself: a flag that Linux tells; false where it tells none. */
export function multipliesBfloat16(): boolean {
  return /\b(?:amx_bf16|avx512_bf16)\b/.test(systemFile("/proc/cpuinfo") ?? "");
}

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

/** TensorFlow's numbers for the two types. */
const [float32, bfloat16] = [type(1), type(14)];

const cast = (name: string, from: string, to: AttributeValue): GraphNode => ({
  name,
  op: "Cast",
  attributes: {
    SrcT: to === bfloat16 ? float32 : bfloat16,
    DstT: to,
    Truncate: { kind: "bool", value: false },
  },
  inputs: [from],
});

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

/**
 * Puts the large products among a graph's operations into bfloat16; a factor of several products is rounded once.
 *
 * @param nodes The operations, in order.
 * @param describe Type and shape of a tensor by name.
 * @returns The operations with other products, whose results have the names that they had.
 */
export function inBfloat16(
  nodes: readonly GraphNode[],
  describe: (name: string) => Described | undefined,
): GraphNode[] {
  const rounded = new Set<string>();
  return nodes.flatMap((node): GraphNode[] => {
    if (!isWorthRounding(node, describe)) return [node];
    const { name, inputs, attributes } = node;
    const factors = inputs.map((input) => `${input.replace(":", "_")}_bf16`);
    const casts = inputs.flatMap((input, i) => {
      if (rounded.has(factors[i]!)) return [];
      rounded.add(factors[i]!);
      return [cast(factors[i]!, input, bfloat16)];
    });
    const product = `${name}_product`;
    return [
      ...casts,
      { name: product, op: "MatMul", inputs: factors, attributes: { ...attributes, T: bfloat16 } },
      cast(name, product, float32),
    ];
  });
}
