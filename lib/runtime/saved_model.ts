/**
 * Writes a graph of TensorFlow operations as a SavedModel without variables: the few protocol buffer messages that
 * this takes, field numbers as in TensorFlow's graph.proto, attr_value.proto, tensor.proto and meta_graph.proto.
 *
 * @module
 */

/** TensorFlow's numbers for the data types that occur. */
export const dataTypes = { float32: 1, int32: 3, int64: 9, bool: 10 } as const;

/** One of {@linkcode dataTypes}. */
export type DataType = keyof typeof dataTypes;

/** A value of an attribute, tagged with what it is. */
export type AttributeValue =
  | { readonly kind: "int" | "float" | "type"; readonly value: number }
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "shape"; readonly value: readonly number[] }
  | { readonly kind: "list"; readonly value: readonly AttributeValue[] };

/** An operation with its inputs by name, `node` or `node:output`. */
export interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly inputs: readonly string[];
}

/** A tensor that goes in, comes out, or is constant. */
export interface GraphTensor {
  readonly name: string;
  readonly dtype: DataType;
  readonly shape: readonly number[];
}

/** A graph: placeholders, constants with their bytes, operations, and outputs that name what they repeat. */
export interface Graph {
  readonly inputs: readonly GraphTensor[];
  readonly constants: readonly (GraphTensor & { readonly bytes: Uint8Array })[];
  readonly nodes: readonly GraphNode[];
  readonly outputs: readonly (GraphTensor & { readonly source: string })[];
}

const utf8 = new TextEncoder();

/** Appends protocol buffer fields to a growing message. */
class Message {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  #push(bytes: Uint8Array): void {
    this.#parts.push(bytes);
    this.#length += bytes.length;
  }

  #varint(value: number | bigint): void {
    let rest = BigInt.asUintN(64, BigInt(value));
    const bytes: number[] = [];
    while (rest > 127n) {
      bytes.push(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    bytes.push(Number(rest));
    this.#push(Uint8Array.from(bytes));
  }

  int(field: number, value: number | bigint): void {
    this.#varint(field << 3);
    this.#varint(value);
  }

  float(field: number, value: number): void {
    this.#varint(field << 3 | 5);
    this.#push(new Uint8Array(Float32Array.of(value).buffer));
  }

  bytes(field: number, value: Uint8Array): void {
    this.#varint(field << 3 | 2);
    this.#varint(value.length);
    this.#push(value);
  }

  string(field: number, value: string): void {
    this.bytes(field, utf8.encode(value));
  }

  message(field: number, fill: (message: Message) => void): void {
    const inner = new Message();
    fill(inner);
    this.bytes(field, inner.finish());
  }

  finish(): Uint8Array<ArrayBuffer> {
    const all = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
}

const shape = (dimensions: readonly number[]) => (m: Message): void =>
  dimensions.forEach((size) => m.message(2, (dimension) => dimension.int(1, size)));

/** Fields of AttrValue and of AttrValue.ListValue have the same numbers but for strings' and types' wrapping. */
function attribute(m: Message, value: AttributeValue): void {
  switch (value.kind) {
    case "string":
      return m.string(2, value.value);
    case "int":
      return m.int(3, value.value);
    case "float":
      return m.float(4, value.value);
    case "bool":
      return m.int(5, value.value ? 1 : 0);
    case "type":
      return m.int(6, value.value);
    case "shape":
      return m.message(7, shape(value.value));
    case "list":
      return m.message(1, (list) => value.value.forEach((item) => attribute(list, item)));
  }
}

function node(
  graph: Message,
  name: string,
  op: string,
  inputs: readonly string[],
  attributes: Readonly<Record<string, (m: Message) => void>>,
): void {
  graph.message(1, (m) => {
    m.string(1, name);
    m.string(2, op);
    inputs.forEach((input) => m.string(3, input));
    for (const [key, fill] of Object.entries(attributes)) {
      m.message(5, (entry) => {
        entry.string(1, key);
        entry.message(2, fill);
      });
    }
  });
}

/** Producer version of the graph: any since which the kernels in use have not changed. */
const GRAPH_VERSION = 1000;

function graphDef({ inputs, constants, nodes, outputs }: Graph): Uint8Array {
  const graph = new Message();
  for (const { name, dtype, shape: dimensions } of inputs) {
    node(graph, name, "Placeholder", [], {
      dtype: (m) => m.int(6, dataTypes[dtype]),
      shape: (m) => m.message(7, shape(dimensions)),
    });
  }
  for (const { name, dtype, shape: dimensions, bytes } of constants) {
    node(graph, name, "Const", [], {
      dtype: (m) => m.int(6, dataTypes[dtype]),
      value: (m) =>
        m.message(8, (tensor) => {
          tensor.int(1, dataTypes[dtype]);
          tensor.message(2, shape(dimensions));
          tensor.bytes(4, bytes);
        }),
    });
  }
  for (const { name, op, inputs: from, attributes } of nodes) {
    const fill = Object.entries(attributes).map(([key, value]) =>
      [key, (m: Message) => attribute(m, value)] as const
    );
    node(graph, name, op, from, Object.fromEntries(fill));
  }
  for (const { name, source, dtype } of outputs) {
    node(graph, name, "Identity", [source], { T: (m) => m.int(6, dataTypes[dtype]) });
  }
  graph.message(4, (versions) => versions.int(1, GRAPH_VERSION));
  return graph.finish();
}

/** The bytes of `saved_model.pb` with the graph under the tag `serve`. */
export function encodeSavedModel(graph: Graph): Uint8Array<ArrayBuffer> {
  const model = new Message();
  model.int(1, 1);
  model.message(2, (meta) => {
    meta.message(1, (info) => info.string(4, "serve"));
    meta.bytes(2, graphDef(graph));
    meta.message(5, (entry) => {
      entry.string(1, "serving_default");
      entry.message(2, (signature) => {
        const sides = [[1, graph.inputs], [2, graph.outputs]] as const;
        for (const [field, tensors] of sides) {
          for (const { name, dtype, shape: dimensions } of tensors) {
            signature.message(field, (item) => {
              item.string(1, name);
              item.message(2, (tensor) => {
                tensor.string(1, `${name}:0`);
                tensor.int(2, dataTypes[dtype]);
                tensor.message(3, shape(dimensions));
              });
            });
          }
        }
        signature.string(3, "tensorflow/serving/predict");
      });
    });
  });
  return model.finish();
}
