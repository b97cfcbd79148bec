/**
 * Recorded graphs: a function of tensors is run once while every operation that TensorFlow executes is written down,
 * and from then on replayed as one graph. This saves most of the cost of an operation's call and lets TensorFlow run
 * independent operations side by side.
 *
 * A function may be recorded if it depends on nothing but its tensors and what its key says. On other backends than
 * the native one, and where recording is off, the function simply runs.
 *
 * @module
 */

import * as tf from "@tensorflow/tfjs-core";
import { isNative } from "./kernels.ts";
import {
  type AttributeValue,
  type DataType,
  dataTypes,
  encodeSavedModel,
  type Graph,
  type GraphNode,
} from "./saved_model.ts";

/** Tensors in plain objects and arrays, next to numbers that belong to the key. */
export type TensorTree =
  | tf.Tensor
  | number
  | undefined
  | readonly TensorTree[]
  | { readonly [key: string]: TensorTree };

interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

interface Binding extends Record<string, unknown> {
  loadSavedModel(folder: string, tags: string): number;
  deleteSavedModel(id: number): void;
  runSavedModel(id: number, inputs: number[], inputNames: string, outputNames: string): unknown[];
}

/** The parts of the native backend that recording needs. */
interface NativeBackend {
  binding: Binding;
  executeSingleOutput(name: string, attributes: Attribute[], inputs: unknown[]): tf.Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: Attribute[],
    inputs: unknown[],
    outputs: number,
  ): tf.Tensor[];
  getInputTensorIds(tensors: readonly tf.Tensor[]): number[];
  createOutputTensor(metadata: unknown): tf.Tensor;
}

const native = () => tf.backend() as unknown as NativeBackend;

/** A recorded function. */
interface RecordedGraph {
  run(inputs: readonly tf.Tensor[]): tf.Tensor[];
  dispose(): void;
  /** The outputs' places, with numbers for tensors. */
  readonly structure: unknown;
}

/** Graphs that are kept; the one that was not used for longest goes first. */
const MOST_GRAPHS = 64;
const graphs = new Map<string, RecordedGraph>();
let enabled = true;

/** Turns recording on or off (it is on); returns what it was. Off, every function runs operation by operation. */
export function setRecording(on: boolean): boolean {
  const before = enabled;
  enabled = on;
  return before;
}

/** Number of graphs that are kept. */
export function recordedGraphs(): number {
  return graphs.size;
}

/** Frees all recorded graphs. */
export function disposeGraphs(): void {
  graphs.forEach((graph) => graph.dispose());
  graphs.clear();
}

/** Takes the tensors out of a tree; what stays tells trees of different form apart. */
function flatten(tree: unknown, tensors: tf.Tensor[]): unknown {
  if (tree instanceof tf.Tensor) return `$${tensors.push(tree) - 1}`;
  if (Array.isArray(tree)) return tree.map((item) => flatten(item, tensors));
  if (tree === null || typeof tree !== "object") return tree;
  return Object.fromEntries(
    Object.entries(tree).map(([key, item]) => [key, flatten(item, tensors)]),
  );
}

/** Puts tensors back into the form that {@linkcode flatten} left. */
function rebuild(structure: unknown, tensors: readonly tf.Tensor[]): unknown {
  if (typeof structure === "string" && structure.startsWith("$")) {
    return tensors[Number(structure.slice(1))];
  }
  if (Array.isArray(structure)) return structure.map((item) => rebuild(item, tensors));
  if (structure === null || typeof structure !== "object") return structure;
  return Object.fromEntries(
    Object.entries(structure).map(([key, item]) => [key, rebuild(item, tensors)]),
  );
}

/**
 * Calls `compute` on a tree of tensors, as a graph that the first call of the same key and shapes records.
 * Temporaries are freed; the caller disposes of the outputs.
 *
 * @param key everything besides the tensors that the result depends on
 * @param input tensors in objects and arrays
 * @param compute builds the outputs from the inputs, with differentiable operations or gradients
 * @param worth whether to record at all: a graph costs as much as some dozens of calls. This must not depend on how
 * often the function was called, since a graph may round otherwise, and a run that resumes must give the same bits.
 */
export function recorded<I, O>(
  key: string,
  input: I,
  compute: (input: I) => O,
  worth = true,
): O {
  const run = () => tf.tidy(() => compute(input) as tf.TensorContainer) as O;
  if (!enabled || !worth || !isNative()) return run();
  const tensors: tf.Tensor[] = [];
  const form = flatten(input, tensors);
  const signature = tensors.map(({ dtype, shape }) => `${dtype}[${shape}]`).join(" ");
  const id = `${key} ${JSON.stringify(form)} ${signature}`;
  let graph = graphs.get(id);
  if (graph === undefined) {
    graph = record(tensors, (inputs) => compute(rebuild(form, inputs) as I));
    if (graphs.size >= MOST_GRAPHS) {
      const [oldest, dropped] = graphs.entries().next().value!;
      dropped.dispose();
      graphs.delete(oldest);
    }
  } else graphs.delete(id);
  graphs.set(id, graph);
  return rebuild(graph.structure, graph.run(tensors)) as O;
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

/** Runs the function once, writing down what it executes, and loads that as a graph. */
function record(
  inputs: readonly tf.Tensor[],
  compute: (inputs: readonly tf.Tensor[]) => unknown,
): RecordedGraph {
  const backend = native();
  const names = new Map<object, string>();
  const constants: (Graph["constants"][number])[] = [];
  const nodes: GraphNode[] = [];
  // Recording goes by identity of the data: nothing may be freed, and its identity used again, meanwhile.
  const held: object[] = [];
  const nameOf = (input: unknown): string => {
    const { dataId, valueArray } = input as { dataId?: object; valueArray?: ArrayLike<number> };
    if (dataId === undefined) {
      const name = `const${constants.length}`;
      const bytes = new Uint8Array(BigInt64Array.of(BigInt(valueArray![0]!)).buffer);
      constants.push({ name, dtype: "int64", shape: [], bytes });
      return name;
    }
    const known = names.get(dataId);
    if (known !== undefined) return known;
    const { dtype, shape } = input as tf.Tensor;
    const values = tf.backend().readSync(dataId as tf.DataId) as Float32Array;
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();
    const name = `const${constants.length}`;
    constants.push({ name, dtype: dtype as DataType, shape, bytes });
    names.set(dataId, name);
    held.push(dataId);
    return name;
  };
  const write = (op: string, attributes: Attribute[], from: unknown[], outputs: tf.Tensor[]) => {
    const name = `node${nodes.length}`;
    const entries = attributes
      .filter(({ value }) => value !== undefined && value !== null)
      .map((a) => [a.name, attributeValue(backend.binding, a)] as const);
    const all: Record<string, AttributeValue> = Object.fromEntries(entries);
    if (all.T === undefined && !withoutT.has(op)) {
      const dtype = (from[0] as tf.Tensor).dtype as DataType;
      all.T = { kind: "type", value: dataTypes[dtype] };
    }
    nodes.push({ name, op, attributes: all, inputs: from.map(nameOf) });
    outputs.forEach(({ dataId }, i) => {
      names.set(dataId, i === 0 ? name : `${name}:${i}`);
      held.push(dataId);
    });
  };
  inputs.forEach(({ dataId }, i) => names.set(dataId, `input${i}`));
  const { executeSingleOutput, executeMultipleOutputs } = backend;
  backend.executeSingleOutput = (op, attributes, from) => {
    const output = executeSingleOutput.call(backend, op, attributes, from);
    write(op, attributes, from, [output]);
    return output;
  };
  backend.executeMultipleOutputs = (op, attributes, from, count) => {
    const outputs = executeMultipleOutputs.call(backend, op, attributes, from, count);
    write(op, attributes, from, outputs);
    return outputs;
  };
  const outputs: tf.Tensor[] = [];
  let structure: unknown;
  try {
    tf.tidy(() => {
      structure = flatten(compute(inputs), outputs);
    });
  } finally {
    backend.executeSingleOutput = executeSingleOutput;
    backend.executeMultipleOutputs = executeMultipleOutputs;
  }
  const describe = (name: string, { dtype, shape }: tf.Tensor) => ({
    name,
    dtype: dtype as DataType,
    shape,
  });
  return load(backend, {
    inputs: inputs.map((t, i) => describe(`input${i}`, t)),
    constants,
    nodes,
    outputs: outputs.map((t, i) => ({
      ...describe(`output${i}`, t),
      source: names.get(t.dataId)!,
    })),
  }, structure);
}

function load(backend: NativeBackend, graph: Graph, structure: unknown): RecordedGraph {
  const folder = Deno.makeTempDirSync({ prefix: "balancedbio-graph-" });
  let id: number;
  try {
    Deno.writeFileSync(`${folder}/saved_model.pb`, encodeSavedModel(graph));
    id = backend.binding.loadSavedModel(folder, "serve");
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
  const inputNames = graph.inputs.map(({ name }) => name).join(",");
  const outputNames = graph.outputs.map(({ name }) => name).join(",");
  return {
    structure,
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
