/** What a store holds: entries, and what processes that were ended left of entries. @module */

import { join } from "@std/path";
import { removeQuietly } from "./files.ts";
import { isWholeEntry, whileUnmade } from "./store.ts";

/** Something in a store's folder. */
export interface StoredThing {
  /** The folder of the store. */
  readonly kind: string;
  /** The name of the entry that it is, or is a part of. */
  readonly hash: string;
  /**
   * `entry`: made; `scratch`: checkpoints of an entry that is being made or was stopped; `rest`: files of an entry that was not
   * finished, of no use to anybody.
   */
  readonly what: "entry" | "scratch" | "rest";
  /** Its path. */
  readonly path: string;
  /** Its size. */
  readonly bytes: number;
  /** When it was last changed, in milliseconds since 1970. */
  readonly changed: number;
}

/** Size and last change of a file, or of a folder with all it holds. */
async function measured(path: string): Promise<{ bytes: number; changed: number }> {
  const { size, mtime, isDirectory } = await Deno.lstat(path);
  const own = { bytes: isDirectory ? 0 : size, changed: mtime?.getTime() ?? 0 };
  if (!isDirectory) return own;
  let { bytes, changed } = own;
  for await (const { name } of Deno.readDir(path)) {
    const inner = await measured(join(path, name));
    bytes += inner.bytes;
    changed = Math.max(changed, inner.changed);
  }
  return { bytes, changed };
}

/** What a name in a kind's folder stands for. */
function partsOf(name: string): Pick<StoredThing, "hash" | "what"> | undefined {
  const [, dot, hash, ending] = /^(\.?)([0-9a-f]{16})(.*)$/.exec(name) ?? [];
  if (hash === undefined) return undefined;
  if (dot === "") return ending === "" || ending === ".json" ? { hash, what: "entry" } : undefined;
  return { hash, what: ending!.endsWith(".scratch") ? "scratch" : "rest" };
}

/**
 * Lists a store.
 *
 * @param folder the store's
 * @returns what it holds, by kind and name; nothing where there is no such folder
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openStore } from "./store.ts";
 * import { storeContents } from "./store_contents.ts";
 *
 * const store = openStore(Deno.makeTempDirSync());
 * const { hash } = await store.json("numbers", { seed: 1 }, () => Promise.resolve(1));
 * const [thing] = await storeContents(store.folder);
 * assertEquals([thing!.kind, thing!.hash, thing!.what], ["numbers", hash, "entry"]);
 * Deno.removeSync(store.folder, { recursive: true });
 * ```
 */
export async function storeContents(folder: string): Promise<StoredThing[]> {
  const names = async (path: string) =>
    (await Array.fromAsync(Deno.readDir(path)).catch(() => [])).map(({ name }) => name).sort();
  const things: StoredThing[] = [];
  for (const kind of await names(folder)) {
    if (kind.startsWith(".")) continue;
    for (const shard of await names(join(folder, kind))) {
      for (const name of await names(join(folder, kind, shard))) {
        const parts = partsOf(name);
        if (parts === undefined) continue;
        const path = join(folder, kind, shard, name);
        // What another process removes meanwhile is not there.
        const size = await measured(path).catch(() => undefined);
        if (size !== undefined) things.push({ kind, ...parts, path, ...size });
      }
    }
  }
  return things;
}

/**
 * Finds the entries whose content is not what it was made with.
 *
 * @param folder the store's
 * @param things what it holds
 * @param onProgress told how many entries have been read
 * @returns the damaged ones; the next run that needs one makes it again
 */
export async function damagedEntries(
  folder: string,
  things: readonly StoredThing[],
  onProgress: (done: number, total: number) => void,
): Promise<StoredThing[]> {
  const entries = things.filter(({ what }) => what === "entry");
  const damaged: StoredThing[] = [];
  for (const [i, entry] of entries.entries()) {
    if (!await isWholeEntry(folder, entry)) damaged.push(entry);
    onProgress(i + 1, entries.length);
  }
  return damaged;
}

/**
 * Removes things from a store that no process is making.
 *
 * @param folder the store's
 * @param things what is removed
 * @returns those that were removed
 */
export async function removeStored(
  folder: string,
  things: readonly StoredThing[],
): Promise<StoredThing[]> {
  const removed: StoredThing[] = [];
  for (const thing of things) {
    const done = await whileUnmade(folder, thing, () => removeQuietly(thing.path));
    if (done) removed.push(thing);
  }
  return removed;
}
