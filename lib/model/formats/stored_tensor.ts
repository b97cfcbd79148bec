/**
 * Tensors as files hold them, outside any backend.
 *
 * @module
 */

/** A row-major array of float32 and its shape, such as one weight of a model. */
export interface FloatTensor {
  /** Outermost dimension first; a projection is `[out, in]`. */
  readonly shape: readonly number[];
  /** Row-major values. */
  readonly data: Float32Array;
}

/** A tensor of a safetensors file: F32, F16 and BF16 become float32, F64 stays, integers and booleans become int32. */
export interface StoredTensor {
  /** Type in the file, such as `BF16` or `I64`. */
  readonly dtype: string;
  /** Outermost dimension first. */
  readonly shape: readonly number[];
  /** Row-major values. */
  readonly data: Float32Array | Float64Array | Int32Array;
}
