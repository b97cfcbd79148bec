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

import { isNative } from "./native_backend.ts";
import { matmulPrecision } from "./precision.ts";
import type { GraphTensor } from "./saved_model.ts";
import { tensorsToKeep } from "./rematerialize.ts";
import { tf } from "./tensorflow.ts";
import { type LoadedGraph, loadGraph, type Trace, trace, type TraceNode } from "./trace.ts";

/** A recorded function. */
interface RecordedGraph {
  readonly graph: LoadedGraph;
  /** The outputs' places, with numbers for tensors. */
  readonly structure: unknown;
}

/** A recorded function in two parts. */
interface RecordedPullback {
  readonly forward: LoadedGraph;
  readonly backward: LoadedGraph;
  /** Which inputs the second part reads. */
  readonly read: readonly number[];
}

type Recording = RecordedGraph | RecordedPullback;

/** Graphs that are kept; the one that was not used for longest goes first. */
const MOST_GRAPHS = 64;
const graphs = new Map<string, Recording>();
let enabled = true;

/** Turns recording on or off (it is on); returns what it was. Off, every function runs operation by operation. */
export function setRecording(on: boolean): boolean {
  const before = enabled;
  enabled = on;
  return before;
}

/** Whether functions are recorded: on the native backend, unless it was turned off. */
export function isRecording(): boolean {
  return enabled && isNative();
}

/** Number of recorded functions that are kept. */
export function recordedGraphs(): number {
  return graphs.size;
}

function free(recording: Recording): void {
  if ("graph" in recording) recording.graph.dispose();
  else {
    recording.forward.dispose();
    recording.backward.dispose();
  }
}

/** Frees all recorded graphs. */
export function disposeGraphs(): void {
  graphs.forEach(free);
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

/** The recording of this key, form and shapes; made at its first use. */
function remembered<R extends Recording>(
  key: string,
  form: unknown,
  tensors: readonly tf.Tensor[],
  make: () => R,
): R {
  const signature = tensors.map(({ dtype, shape }) => `${dtype}[${shape}]`).join(" ");
  const id = `${matmulPrecision()} ${key} ${JSON.stringify(form)} ${signature}`;
  let recording = graphs.get(id);
  if (recording === undefined) {
    recording = make();
    if (graphs.size >= MOST_GRAPHS) {
      const [oldest, dropped] = graphs.entries().next().value!;
      free(dropped);
      graphs.delete(oldest);
    }
  } else graphs.delete(id);
  graphs.set(id, recording);
  return recording as R;
}

/**
 * Calls `compute` on a tree of tensors, as a graph that the first call of the same key and shapes records.
 * Temporaries are freed; the caller disposes of the outputs.
 *
 * @param key everything besides the tensors that the result depends on
 * @param input tensors in objects and arrays
 * @param compute builds the outputs from the inputs, with differentiable operations or gradients
 * @param worth whether to record at all: a graph costs about as much as two calls. This must not depend on how often
 * the function was called, since a graph may round otherwise, and a run that resumes must give the same bits.
 */
export function recorded<I, O>(
  key: string,
  input: I,
  compute: (input: I) => O,
  worth = true,
): O {
  if (!worth || !isRecording()) return tf.tidy(() => compute(input) as tf.TensorContainer) as O;
  const tensors: tf.Tensor[] = [];
  const form = flatten(input, tensors);
  const { graph, structure } = remembered(key, form, tensors, (): RecordedGraph => {
    let structure: unknown;
    const traced = trace(tensors, (inputs) => {
      const outputs: tf.Tensor[] = [];
      structure = flatten(compute(rebuild(form, inputs) as I), outputs);
      return outputs;
    });
    return { graph: loadGraph(traced, traced.inputs, traced.returned), structure };
  });
  return rebuild(structure, graph.run(tensors)) as O;
}

/** A function's value, and what its vector-Jacobian products take. */
export interface Pullback {
  /** The value; the caller disposes of it. */
  readonly value: tf.Tensor;
  /** What is kept of the forward pass. */
  readonly kept: readonly tf.Tensor[];
  /**
   * The gradients for the derivative `dy` of a loss with respect to the value, and whatever else is known only then; may be
   * called several times.
   */
  readonly gradients: (dy: tf.Tensor, ...late: readonly tf.Tensor[]) => tf.Tensor[];
}

/**
 * Cuts a trace in two where operations begin to depend on `late` inputs: which tensors of the first part to keep, and which
 * other inputs the second part reads.
 */
function cut(
  { inputs, nodes, shapes }: Trace,
  late: Set<string>,
  gradients: readonly string[],
): { readonly kept: readonly string[]; readonly read: readonly number[] } {
  const early: TraceNode[] = [];
  const crossing = new Set<string>();
  for (const node of nodes) {
    if (!node.inputs.some((from) => late.has(from))) {
      early.push(node);
      continue;
    }
    node.inputs.filter((from) => !late.has(from)).forEach((from) => crossing.add(from));
    node.outputs.forEach((output) => late.add(output));
  }
  gradients.filter((name) => !late.has(name)).forEach((name) => crossing.add(name));
  const made = new Set(early.flatMap(({ outputs }) => outputs));
  const kept = tensorsToKeep(
    early,
    [...crossing].filter((name) => made.has(name)),
    (name) => 4 * tf.util.sizeFromShape([...shapes.get(name)!.shape]),
  );
  // What the second part needs besides: the inputs of all that it computes again.
  const needed = new Set(crossing);
  const here = new Set(kept);
  for (const { inputs, outputs } of early.toReversed()) {
    if (outputs.some((name) => needed.has(name) && !here.has(name))) {
      inputs.forEach((from) => needed.add(from));
    }
  }
  return { kept, read: inputs.flatMap(({ name }, i) => needed.has(name) ? [i] : []) };
}

/**
 * Computes a function so that its gradients need no second forward pass: it is recorded with its backward pass, and
 * the record is cut in two where operations begin to depend on `dy`. What the second part reads of the first is kept, or what
 * it follows from by cheap operations where that is smaller ({@linkcode tensorsToKeep}); dispose of it when no more
 * gradients are wanted. The inputs must live until then. Only while {@linkcode isRecording}.
 *
 * @param key everything besides the tensors that the result depends on
 * @param input tensors in objects and arrays
 * @param shape the value's shape
 * @param compute value and gradients for a given `dy`
 * @param lateShapes shapes of what else comes with `dy`
 */
export function recordedPullback<I>(
  key: string,
  input: I,
  shape: readonly number[],
  compute: (
    input: I,
    dy: tf.Tensor,
    ...late: readonly tf.Tensor[]
  ) => { value: tf.Tensor; gradients: readonly tf.Tensor[] },
  lateShapes: readonly (readonly number[])[] = [],
): Pullback {
  const tensors: tf.Tensor[] = [];
  const form = flatten(input, tensors);
  const { forward, backward, read } = remembered(`${key} pullback`, form, tensors, () => {
    const stand = [shape, ...lateShapes].map((of) => tf.zeros([...of]));
    const traced = trace([...tensors, ...stand], (inputs) => {
      const [dy, ...late] = inputs.slice(tensors.length) as [tf.Tensor, ...tf.Tensor[]];
      const { value, gradients } = compute(rebuild(form, inputs) as I, dy, ...late);
      return [value, ...gradients];
    });
    tf.dispose(stand);
    const lateInputs = traced.inputs.slice(tensors.length);
    const [value, ...gradients] = traced.returned as [string, ...string[]];
    const { kept, read } = cut(traced, new Set(lateInputs.map(({ name }) => name)), gradients);
    const keptTensors = kept.map((name): GraphTensor => ({ name, ...traced.shapes.get(name)! }));
    return {
      forward: loadGraph(traced, traced.inputs.slice(0, tensors.length), [value, ...kept]),
      backward: loadGraph(
        traced,
        [...keptTensors, ...read.map((i) => traced.inputs[i]!), ...lateInputs],
        gradients,
      ),
      read,
    };
  });
  const [value, ...kept] = forward.run(tensors);
  return {
    value: value!,
    kept,
    gradients: (dy, ...late) =>
      backward.run([...kept, ...read.map((i) => tensors[i]!), dy, ...late]),
  };
}
