/**
 * The inside of TensorFlow.js's native backend, as far as kernels are run by name and recorded.
 *
 * @module
 */
import { tf } from "./tensorflow.ts";

/** An attribute of an operation, as the binding is given it. */
export interface Attribute {
  /** The attribute's name in TensorFlow. */
  readonly name: string;
  /** One of the binding's `TF_ATTR_` numbers. */
  readonly type: number;
  /** The value. */
  readonly value: unknown;
}

/** The compiled binding: numbers such as `TF_ATTR_TYPE`, and functions for graphs. */
export interface Binding extends Readonly<Record<string, unknown>> {
  /** TensorFlow's number of an attribute that is a data type. */
  readonly TF_ATTR_TYPE: number;
  /** TensorFlow's number of an attribute that is true or false. */
  readonly TF_ATTR_BOOL: number;
  /** Loads a graph from a folder and gives its number. */
  loadSavedModel(folder: string, tags: string): number;
  /** Frees a graph. */
  deleteSavedModel(id: number): void;
  /** Runs a graph on tensors by their ids. */
  runSavedModel(id: number, inputs: number[], inputNames: string, outputNames: string): unknown[];
}

/** The part of the native backend that runs kernels by name, and that recording needs. */
export interface NativeBackend {
  /** The compiled binding. */
  binding: Binding;
  /** Runs a kernel with one output. */
  executeSingleOutput(name: string, attributes: Attribute[], inputs: unknown[]): tf.Tensor;
  /** Runs a kernel with several outputs. */
  executeMultipleOutputs(
    name: string,
    attributes: Attribute[],
    inputs: unknown[],
    outputs: number,
  ): tf.Tensor[];
  /** The binding's ids of tensors. */
  getInputTensorIds(tensors: readonly tf.Tensor[]): number[];
  /** A tensor of what the binding gave. */
  createOutputTensor(metadata: unknown): tf.Tensor;
}

/** Whether the native TensorFlow library runs the kernels. */
export function isNative(): boolean {
  return tf.getBackend() === "tensorflow";
}

/** The native backend, where it runs. */
export function nativeBackend(): NativeBackend {
  return tf.backend() as unknown as NativeBackend;
}
