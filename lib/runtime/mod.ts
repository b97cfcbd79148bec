/**
 * The foundation of the workbench: TensorFlow.js and its backend, errors, commands, random streams, files, progress.
 *
 * @module
 */
export { collectGarbage } from "./allocator.ts";
export * from "./backend.ts";
export * from "./card.ts";
export * from "./command.ts";
export * from "./config_file.ts";
export * from "./csv.ts";
export * from "./each_kernels.ts";
export * from "./errors.ts";
export * from "./files.ts";
export * from "./graph.ts";
export * from "./hash.ts";
export * from "./install.ts";
export * from "./json.ts";
export * from "./kernels.ts";
export { type Lease, type LeaseOptions, withLease } from "./lease.ts";
export * from "./markdown.ts";
export * from "./memory.ts";
export { isNative } from "./native_backend.ts";
export { packMatrix, packsMatrices } from "./packed.ts";
export * from "./paths.ts";
export { printable } from "./printable.ts";
export * from "./system_file.ts";
export * from "./precision.ts";
export * from "./progress.ts";
export * from "./python.ts";
export { escapeRegExp, shellQuoted } from "./quoting.ts";
export * from "./random.ts";
export { openRegular, readRegular } from "./regular_file.ts";
export { type AnySchema, type ObjectSchema, type OutputOf, type Schema, unwrap } from "./schema.ts";
export * from "./store.ts";
export * from "./store_contents.ts";
export * from "./temporaries.ts";
export * from "./tensorflow.ts";
export * from "./text_file.ts";
export * from "./wheel.ts";
export * from "./writable.ts";
