/**
 * Writes a graph of TensorFlow operations as a SavedModel without variables: the few protocol buffer messages that
 * this takes, field numbers as in TensorFlow's graph.proto, attr_value.proto, tensor.proto and meta_graph.proto.
 *
 * @module
 */

import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

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

/** Writes a field that is a message. */
function message(to: BinaryWriter, field: number, fill: (inner: BinaryWriter) => void): void {
  fill(to.tag(field, WireType.LengthDelimited).fork());
  to.join();
}

/** Writes a field that is a text. */
function text(to: BinaryWriter, field: number, value: string): void {
  to.tag(field, WireType.LengthDelimited).string(value);
}

/** Writes a field that is an integer or an enumeration's number. */
function integer(to: BinaryWriter, field: number, value: number): void {
  to.tag(field, WireType.Varint).int64(value);
}

/** Fills a TensorShapeProto. */
const shape = (dimensions: readonly number[]) => (to: BinaryWriter): void =>
  dimensions.forEach((size) => message(to, 2, (dimension) => integer(dimension, 1, size)));

/** Fills an AttrValue, or adds to an AttrValue.ListValue, whose fields have the same numbers. */
const attribute = (value: AttributeValue) => (to: BinaryWriter): void => {
  switch (value.kind) {
    case "string":
      return text(to, 2, value.value);
    case "int":
      return integer(to, 3, value.value);
    case "float":
      to.tag(4, WireType.Bit32).float(Math.fround(value.value));
      return;
    case "bool":
      to.tag(5, WireType.Varint).bool(value.value);
      return;
    case "type":
      return integer(to, 6, value.value);
    case "shape":
      return message(to, 7, shape(value.value));
    case "list":
      return message(to, 1, (list) => value.value.forEach((item) => attribute(item)(list)));
  }
};

/** Writes a NodeDef into a GraphDef. */
function node(
  graph: BinaryWriter,
  name: string,
  op: string,
  inputs: readonly string[],
  attributes: Readonly<Record<string, (to: BinaryWriter) => void>>,
): void {
  message(graph, 1, (def) => {
    text(def, 1, name);
    text(def, 2, op);
    inputs.forEach((input) => text(def, 3, input));
    for (const [key, fill] of Object.entries(attributes)) {
      message(def, 5, (entry) => {
        text(entry, 1, key);
        message(entry, 2, fill);
      });
    }
  });
}

/** Producer version of the graph: any since which the kernels in use have not changed. */
const GRAPH_VERSION = 1000;

/** Fills a GraphDef. */
const graphDef = ({ inputs, constants, nodes, outputs }: Graph) => (graph: BinaryWriter): void => {
  const type = (dtype: DataType) => attribute({ kind: "type", value: dataTypes[dtype] });
  for (const { name, dtype, shape: dimensions } of inputs) {
    const sizes = attribute({ kind: "shape", value: dimensions });
    node(graph, name, "Placeholder", [], { dtype: type(dtype), shape: sizes });
  }
  for (const { name, dtype, shape: dimensions, bytes } of constants) {
    node(graph, name, "Const", [], {
      dtype: type(dtype),
      value: (to) =>
        message(to, 8, (tensor) => {
          integer(tensor, 1, dataTypes[dtype]);
          message(tensor, 2, shape(dimensions));
          tensor.tag(4, WireType.LengthDelimited).bytes(bytes);
        }),
    });
  }
  for (const { name, op, inputs: from, attributes } of nodes) {
    const fill = Object.entries(attributes).map(([key, value]) => [key, attribute(value)] as const);
    node(graph, name, op, from, Object.fromEntries(fill));
  }
  for (const { name, source, dtype } of outputs) {
    node(graph, name, "Identity", [source], { T: type(dtype) });
  }
  message(graph, 4, (versions) => integer(versions, 1, GRAPH_VERSION));
};

/** Fills the SignatureDef that names what goes in and comes out. */
const signatureDef = ({ inputs, outputs }: Graph) => (signature: BinaryWriter): void => {
  for (const [field, tensors] of [[1, inputs], [2, outputs]] as const) {
    for (const { name, dtype, shape: dimensions } of tensors) {
      message(signature, field, (entry) => {
        text(entry, 1, name);
        message(entry, 2, (info) => {
          text(info, 1, `${name}:0`);
          integer(info, 2, dataTypes[dtype]);
          message(info, 3, shape(dimensions));
        });
      });
    }
  }
  text(signature, 3, "tensorflow/serving/predict");
};

/**
 * Encodes a graph.
 *
 * @param graph what goes in, is computed and comes out
 * @returns the bytes of `saved_model.pb`, with the graph under the tag `serve`
 */
export function encodeSavedModel(graph: Graph): Uint8Array<ArrayBuffer> {
  const model = new BinaryWriter();
  integer(model, 1, 1);
  message(model, 2, (meta) => {
    message(meta, 1, (info) => text(info, 4, "serve"));
    message(meta, 2, graphDef(graph));
    message(meta, 5, (entry) => {
      text(entry, 1, "serving_default");
      message(entry, 2, signatureDef(graph));
    });
  });
  return model.finish();
}
