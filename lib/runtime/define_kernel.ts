/** Registering operations with every backend of TensorFlow.js, with their gradients. @module */

import { tf } from "./tensorflow.ts";

/** Tensors by name. */
export type Inputs = Record<string, tf.Tensor>;
/** Anything else that a kernel is given, by name. */
export type Attributes = Record<string, unknown>;

/** A kernel with its gradient. */
export interface Kernel {
  readonly name: string;
  readonly native?: (inputs: Inputs, attributes: Attributes) => tf.Tensor;
  readonly composed: (inputs: Inputs, attributes: Attributes) => tf.Tensor;
  readonly gradient: (
    dy: tf.Tensor,
    inputs: Inputs,
    attributes: Attributes,
  ) => Record<string, () => tf.Tensor>;
  readonly inputs: readonly string[];
}

/** Registers a kernel with every backend, and its gradient: only the gradients asked for are computed. */
export function defineKernel(kernel: Kernel): void {
  for (const backendName of ["tensorflow", "wasm", "cpu"]) {
    const run = backendName === "tensorflow" && kernel.native !== undefined
      ? kernel.native
      : kernel.composed;
    tf.registerKernel({
      kernelName: kernel.name,
      backendName,
      kernelFunc: ({ inputs, attrs }) =>
        tf.tidy(() => run(inputs as Inputs, attrs as unknown as Attributes)),
    });
  }
  tf.registerGradient({
    kernelName: kernel.name,
    inputsToSave: [...kernel.inputs],
    gradFunc: (dy, saved, attrs) => {
      const inputs: Inputs = {};
      kernel.inputs.forEach((name, i) => inputs[name] = saved[i] as tf.Tensor);
      return kernel.gradient(
        dy as tf.Tensor,
        inputs,
        attrs as unknown as Attributes,
      );
    },
  });
}

/** Runs a kernel that {@linkcode defineKernel} registered. */
export function runKernel(
  name: string,
  inputs: Inputs,
  attributes: Attributes = {},
): tf.Tensor {
  return tf.engine().runKernel(
    name,
    inputs as unknown as tf.NamedTensorMap,
    attributes as unknown as tf.NamedAttrMap,
  ) as tf.Tensor;
}
