/** Path helpers of the Deno standard library, typed for its npm build. @module */
// deno-lint-ignore-file no-explicit-any
import * as path from "npm:deno-std@1.4.0/path/mod.js";

const p = path as any;

/** Joins path segments and normalises the result. */
export const join: (...segments: string[]) => string = p.join;
/** Resolves segments to an absolute path. */
export const resolve: (...segments: string[]) => string = p.resolve;
/** The last part of a path. */
export const basename: (path: string, suffix?: string) => string = p.basename;
/** The folder of a path. */
export const dirname: (path: string) => string = p.dirname;
/** The extension of a path, with its dot. */
export const extname: (path: string) => string = p.extname;
/** The path from one folder to another. */
export const relative: (from: string, to: string) => string = p.relative;
/** Whether a path is absolute. */
export const isAbsolute: (path: string) => boolean = p.isAbsolute;
/** The file path of a `file:` URL. */
export const fromFileUrl: (url: string | URL) => string = p.fromFileUrl;
/** The `file:` URL of an absolute path. */
export const toFileUrl: (path: string) => URL = p.toFileUrl;
