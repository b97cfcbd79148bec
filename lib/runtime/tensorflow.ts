/**
 * TensorFlow.js with those of its types that this project names.
 *
 * @module
 */
import * as core from "@tensorflow/tfjs-core";

/** TensorFlow.js. Its operations work once `startBackend` was awaited. */
export const tf: typeof core = core;

/** The types of TensorFlow.js that this project names. */
export declare namespace tf {
  /** A tensor of any shape. */
  export type Tensor = core.Tensor;
  /** A vector. */
  export type Tensor1D = core.Tensor1D;
  /** A matrix. */
  export type Tensor2D = core.Tensor2D;
  /** A tensor with three axes. */
  export type Tensor3D = core.Tensor3D;
  /** A tensor with four axes. */
  export type Tensor4D = core.Tensor4D;
  /** Tensors inside lists and objects, as `tf.tidy` returns them. */
  export type TensorContainer = core.TensorContainer;
  /** Tensors by name: the inputs of an operation. */
  export type NamedTensorMap = core.NamedTensorMap;
  /** The attributes of an operation. */
  export type NamedAttrMap = core.NamedAttrMap;
  /** What a backend knows a tensor's values by. */
  export type DataId = core.DataId;
  /** A backend. */
  export type KernelBackend = core.KernelBackend;
  /** Numbers of axes. */
  export namespace Rank {
    /** One axis. */
    export type R1 = core.Rank.R1;
    /** Two axes. */
    export type R2 = core.Rank.R2;
  }
}
