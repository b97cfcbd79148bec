import { createHash } from "node:crypto";
import { fromFileUrl, join } from "@std/path";
import { z } from "zod";
import { readRegular, readText, sha256Hex } from "../runtime/mod.ts";
import type { Figure } from "./figure.ts";

/** What a drawn file was made from and what was written. */
export interface DrawnFile {
  /** Hash of the figure and of the code that drew it, see {@linkcode drawnFrom}. */
  readonly from: string;
  /** SHA-256 of the file's bytes. */
  readonly bytes: string;
}

/** The record of a folder's drawn files, by file name. */
export interface DrawnFiles {
  /** One file. */
  readonly [name: string]: DrawnFile;
}

const schema = z.record(
  z.string(),
  z.strictObject({ from: z.string(), bytes: z.string() }),
);

/**
 * A hash of everything but the figure that a picture depends on: the source and the font of this folder, the versions
 * of all packages (`deno.lock`), Deno, and the kind of machine.
 *
 * @param source This folder.
 * @returns `undefined` where the source or the lock file cannot be read, as in a package from the network.
 */
export function drawingVersion(source: URL): string | undefined {
  if (source.protocol !== "file:") return undefined;
  const here = fromFileUrl(source);
  const hash = createHash("sha256").update(`${Deno.version.deno} ${Deno.build.target}`);
  try {
    for (const path of [...filesUnder(here), join(here, "../../deno.lock")]) {
      const content = createHash("sha256").update(Deno.readFileSync(path)).digest("hex");
      hash.update(`\n${path.slice(here.length)} ${content}`);
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable) {
      return undefined;
    }
    throw error;
  }
  return hash.digest("hex");
}

function filesUnder(folder: string): string[] {
  const found = [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = join(folder, name);
    return isDirectory ? filesUnder(path) : [path];
  });
  return found.sort();
}

/**
 * {@linkcode drawingVersion} of the code that runs. It is taken when the code is loaded: a run that goes on for hours
 * must not give what it draws the version of files that were changed in the meantime.
 */
export const loadedDrawing: string | undefined = drawingVersion(new URL(".", import.meta.url));

/**
 * The hash of a figure as drawn by one version of the code.
 *
 * @example
 * ```ts
 * import { assertNotEquals } from "@std/assert";
 * import { drawnFrom } from "./drawn.ts";
 *
 * const figure = { title: "a", spec: { data: [], layout: {} }, rows: [], alt: "", caption: "" };
 * assertNotEquals(await drawnFrom("1", figure), await drawnFrom("2", figure));
 * assertNotEquals(await drawnFrom("1", figure), await drawnFrom("1", { ...figure, title: "b" }));
 * ```
 */
export function drawnFrom(version: string, figure: Figure): Promise<string> {
  return sha256Hex(JSON.stringify([version, figure]));
}

/** Reads a record. One that is not there, or is not a record, says nothing: everything is drawn again. */
export async function readDrawn(path: string): Promise<DrawnFiles> {
  try {
    return schema.parse(JSON.parse(await readText(path) ?? "{}"));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return {};
    throw error;
  }
}

/** A file's bytes if it is there, was made from `from`, and holds what was written. */
export async function currentFile(
  path: string,
  drawn: DrawnFile | undefined,
  from: string | undefined,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (drawn === undefined || drawn.from !== from) return undefined;
  const bytes = readRegular(path);
  return bytes !== undefined && await sha256Hex(bytes) === drawn.bytes ? bytes : undefined;
}
