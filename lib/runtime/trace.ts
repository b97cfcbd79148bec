/**
 * Writes down every operation that TensorFlow executes while a function of tensors runs, and loads what was written
 * as a graph.
 *
 * @module
 */

import { type Composite, withBfloat16 } from "./bfloat16.ts";
import { temporaryFailure } from "./files.ts";
import { graphFolder } from "./graph_folder.ts";
import { type Attribute, type Binding, nativeBackend } from "./native_backend.ts";
import { matmulPrecision } from "./precision.ts";
import {
  type AttributeValue,
  type DataType,
  dataTypes,
  encodeSavedModel,
  type Graph,
  type GraphNode,
  type GraphTensor,
} from "./saved_model.ts";
import { tf } from "./tensorflow.ts";

/** An operation with the names of its outputs. */
export interface TraceNode extends GraphNode {
  /** `node` and, where there are several, `node:1` and so on. */
  readonly outputs: readonly string[];
}

/** What a function executed. */
export interface Trace {
  /** The tensors it was given, `input0` and so on. */
  readonly inputs: readonly GraphTensor[];
  /** Other tensors that it read. */
  readonly constants: Graph["constants"];
  /** Its operations, in order. */
  readonly nodes: readonly TraceNode[];
  /** Type and shape of each operation's outputs, by name. */
  readonly shapes: ReadonlyMap<string, Omit<GraphTensor, "name">>;
  /** Names of the tensors it returned. */
  readonly returned: readonly string[];
}

/** A graph that TensorFlow holds. */
export interface LoadedGraph {
  /** Runs it on tensors in the order of its inputs. */
  run(inputs: readonly tf.Tensor[]): tf.Tensor[];
  /** Frees it. */
  dispose(): void;
}

/** Attribute of a recorded operation, from the way the binding is given it. */
function attributeValue(binding: Binding, { name, type, value }: Attribute): AttributeValue {
  if (Array.isArray(value)) {
    return type === binding.TF_ATTR_SHAPE ? { kind: "shape", value: value as number[] } : {
      kind: "list",
      value: value.map((item) => attributeValue(binding, { name, type, value: item })),
    };
  }
  switch (type) {
    case binding.TF_ATTR_INT:
      return { kind: "int", value: value as number };
    case binding.TF_ATTR_FLOAT:
      return { kind: "float", value: value as number };
    case binding.TF_ATTR_BOOL:
      return { kind: "bool", value: value as boolean };
    case binding.TF_ATTR_TYPE:
      return { kind: "type", value: value as number };
    case binding.TF_ATTR_STRING:
      return { kind: "string", value: value as string };
    default:
      throw new Error(
        `Expected an attribute that can be recorded but found ${name} of type ${type}`,
      );
  }
}

/** Operations without an attribute T; for the others, T is the first input's type where the call leaves it out. */
const withoutT = new Set([
  "Cast",
  "OneHot",
  "Range",
  "GatherV2",
  "Fill",
  "ResourceGather",
  "Where",
]);

const describe = ({ dtype, shape }: tf.Tensor): Omit<GraphTensor, "name"> => ({
  dtype: dtype as DataType,
  shape,
});

/** A number as a constant of type int64. */
const int64 = (value: number): Omit<Graph["constants"][number], "name"> => ({
  dtype: "int64",
  shape: [],
  bytes: new Uint8Array(BigInt64Array.of(BigInt(value)).buffer),
});

/** Writes an operation down while a function is traced. */
let recorder:
  | ((op: string, attributes: Attribute[], inputs: unknown[], outputs: tf.Tensor[]) => void)
  | undefined;

/**
 * An operation that only graphs have, since its tensors are of a type that TensorFlow.js lacks. A trace writes it down;
 * meanwhile zeros stand for what it gives.
 *
 * @param op one of {@linkcode Composite}
 * @param inputs what it reads
 * @param shape shape of what it gives
 * @param dtype type of what it gives
 * @throws {Error} when nothing is being traced
 */
export function composite(
  op: Composite,
  inputs: readonly tf.Tensor[],
  shape: readonly number[],
  dtype: "float32" | "int32",
): tf.Tensor {
  const write = recorder;
  if (write === undefined) throw new Error(`Expected ${op} to be recorded but nothing is`);
  recorder = undefined;
  try {
    const output = tf.zeros([...shape], dtype);
    write(op, [], [...inputs], [output]);
    return output;
  } finally {
    recorder = write;
  }
}

/** Runs the function once on the native backend, writing down what it executes; all it makes is freed. */
export function trace(
  inputs: readonly tf.Tensor[],
  compute: (inputs: readonly tf.Tensor[]) => readonly tf.Tensor[],
): Trace {
  const backend = nativeBackend();
  const names = new Map<object, string>(inputs.map(({ dataId }, i) => [dataId, `input${i}`]));
  const shapes = new Map<string, Omit<GraphTensor, "name">>();
  const constants: (Graph["constants"][number])[] = [];
  const nodes: TraceNode[] = [];
  // Recording goes by identity of the data: nothing may be freed, and its identity used again, meanwhile.
  const held: object[] = [];
  const nameOf = (input: unknown): string => {
    const { dataId, valueArray } = input as { dataId?: object; valueArray?: ArrayLike<number> };
    if (dataId === undefined) {
      const name = `const${constants.length}`;
      constants.push({ name, ...int64(valueArray![0]!) });
      return name;
    }
    const known = names.get(dataId);
    if (known !== undefined) return known;
    const { buffer, byteOffset, byteLength } = tf.backend().readSync(dataId) as Float32Array;
    const bytes = new Uint8Array(buffer, byteOffset, byteLength).slice();
    const name = `const${constants.length}`;
    constants.push({ name, ...describe(input as tf.Tensor), bytes });
    names.set(dataId, name);
    held.push(dataId);
    return name;
  };
  const write = (op: string, attributes: Attribute[], from: unknown[], outputs: tf.Tensor[]) => {
    const name = `node${nodes.length}`;
    const given = attributes.filter(({ value }) => value !== undefined && value !== null);
    const all: Record<string, AttributeValue> = Object.fromEntries(
      given.map((a) => [a.name, attributeValue(backend.binding, a)]),
    );
    if (all.T === undefined && !withoutT.has(op)) {
      const dtype = (from[0] as tf.Tensor).dtype as DataType;
      all.T = { kind: "type", value: dataTypes[dtype] };
    }
    const outputNames = outputs.map((_, i) => i === 0 ? name : `${name}:${i}`);
    const inputs = from.map(nameOf);
    outputs.forEach((output, i) => {
      names.set(output.dataId, outputNames[i]!);
      shapes.set(outputNames[i]!, describe(output));
      held.push(output.dataId);
    });
    nodes.push({ name, op, attributes: all, inputs, outputs: outputNames });
  };
  const { executeSingleOutput, executeMultipleOutputs } = backend;
  backend.executeSingleOutput = (op, attributes, from) => {
    const output = executeSingleOutput.call(backend, op, attributes, from);
    recorder?.(op, attributes, from, [output]);
    return output;
  };
  backend.executeMultipleOutputs = (op, attributes, from, count) => {
    const outputs = executeMultipleOutputs.call(backend, op, attributes, from, count);
    recorder?.(op, attributes, from, outputs);
    return outputs;
  };
  const returned: string[] = [];
  recorder = write;
  try {
    tf.tidy(() => {
      for (const tensor of compute(inputs)) {
        returned.push(nameOf(tensor));
        shapes.set(returned.at(-1)!, describe(tensor));
      }
    });
  } finally {
    recorder = undefined;
    backend.executeSingleOutput = executeSingleOutput;
    backend.executeMultipleOutputs = executeMultipleOutputs;
  }
  return {
    inputs: inputs.map((tensor, i) => ({ name: `input${i}`, ...describe(tensor) })),
    constants,
    nodes,
    shapes,
    returned,
  };
}

/**
 * Loads the part of a trace that computes `outputs`. `inputs` are names of the trace: its own inputs or tensors that
 * another part computes.
 */
export function loadGraph(
  { constants, nodes, shapes }: Trace,
  inputs: readonly GraphTensor[],
  outputs: readonly string[],
): LoadedGraph {
  const backend = nativeBackend();
  // A placeholder cannot be called "node3:1": the parts get names of their own.
  const renamed = new Map(inputs.map(({ name }, i) => [name, `given${i}`]));
  const wanted = new Set(outputs);
  const needed: GraphNode[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((name) => wanted.has(name) && !renamed.has(name))) continue;
    needed.unshift({ ...node, inputs: node.inputs.map((name) => renamed.get(name) ?? name) });
    node.inputs.forEach((name) => wanted.add(name));
  }
  const folder = graphFolder();
  const given = inputs.map((input, i) => ({ ...input, name: `given${i}` }));
  const results = outputs.map((name, i) => ({
    name: `output${i}`,
    source: renamed.get(name) ?? name,
    ...shapes.get(name)!,
  }));
  const known = new Map([...given, ...constants].map((tensor) => [tensor.name, tensor]));
  let id: number;
  try {
    const bytes = encodeSavedModel({
      inputs: given,
      constants: constants.filter(({ name }) => wanted.has(name)),
      nodes: withBfloat16(
        needed,
        (name) => known.get(name) ?? shapes.get(name),
        matmulPrecision(),
      ),
      outputs: results,
    });
    try {
      Deno.writeFileSync(`${folder.path}/saved_model.pb`, bytes);
    } catch (error) {
      throw temporaryFailure(error);
    }
    id = backend.binding.loadSavedModel(folder.path, "serve");
  } finally {
    folder.remove();
  }
  const inputNames = given.map(({ name }) => name).join(",");
  const outputNames = results.map(({ name }) => name).join(",");
  return {
    run: (tensors) =>
      backend.binding.runSavedModel(
        id,
        backend.getInputTensorIds(tensors),
        inputNames,
        outputNames,
      ).map((metadata) => backend.createOutputTensor(metadata)),
    dispose: () => backend.binding.deleteSavedModel(id),
  };
}
