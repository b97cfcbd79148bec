/**
 * A content-addressed store: work is done once for each key and found again later.
 *
 * An entry is made aside and renamed when it is whole, so a killed run leaves nothing half-written. Runs at the same
 * time wait for each other at the same entry only. An entry whose content does not match its hash is made again.
 *
 * @module
 */
import { join, relative } from "@std/path";
import { fileFailure, removeQuietly, withLock, writeFileAtomic } from "./files.ts";
import { canonicalJson, hashJson, sha256Hex, sha256OfFile } from "./hash.ts";
import { UsageError } from "./errors.ts";

/** How an entry came to be. */
export interface StoreEntry {
  /** 16 hexadecimal digits of kind and key. */
  readonly hash: string;
  /** Whether it was there already. */
  readonly cached: boolean;
  /** What making it took, in seconds, now or then. */
  readonly seconds: number;
}

/** A content-addressed store in a folder. */
export interface Store {
  /** The folder that holds it. */
  readonly folder: string;
  /**
   * A JSON value by key. Fresh values come back as JSON would read them, as later ones do.
   *
   * @param kind a word for what it is; the name of a folder
   * @param key all that the value depends on
   * @param make makes the value
   */
  readonly json: <T>(
    kind: string,
    key: unknown,
    make: () => Promise<T>,
  ) => Promise<StoreEntry & { readonly value: T }>;
  /**
   * A folder of files by key.
   *
   * @param kind a word for what it is; the name of a folder
   * @param key all that the files depend on
   * @param make writes the files into `folder`; `scratch` is a folder of the same key that outlives a killed run, for
   * checkpoints, and is removed when the entry is whole
   */
  readonly files: (
    kind: string,
    key: unknown,
    make: (folder: string, scratch: string) => Promise<void>,
  ) => Promise<StoreEntry & { readonly path: string }>;
}

interface JsonEntry {
  readonly key: unknown;
  readonly seconds: number;
  readonly sha256: string;
  readonly value: unknown;
}

interface FilesEntry {
  readonly key: unknown;
  readonly seconds: number;
  readonly files: Readonly<Record<string, string>>;
}

/** The name of the description inside an entry of files. */
const DESCRIPTION = ".entry.json";

async function readJson<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(path)) as T;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof SyntaxError) {
      return undefined;
    }
    throw error;
  }
}

/** Every file under a folder but the entry's description, by relative path, sorted. */
async function listFiles(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory) {
      found.push(
        ...(await listFiles(path)).map((name) => join(entry.name, name)),
      );
    } else if (entry.name !== DESCRIPTION) found.push(entry.name);
  }
  return found.sort();
}

async function fileHashes(folder: string): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const name of await listFiles(folder)) {
    hashes[name] = await sha256OfFile(join(folder, name));
  }
  return hashes;
}

async function wholeFiles(path: string): Promise<FilesEntry | undefined> {
  const entry = await readJson<FilesEntry>(join(path, DESCRIPTION));
  if (entry?.files === undefined) return undefined;
  return canonicalJson(await fileHashes(path)) === canonicalJson(entry.files) ? entry : undefined;
}

async function wholeJson(path: string): Promise<JsonEntry | undefined> {
  const entry = await readJson<JsonEntry>(path);
  if (entry?.sha256 === undefined) return undefined;
  return await sha256Hex(JSON.stringify(entry.value)) === entry.sha256 ? entry : undefined;
}

/** The hash of an entry, its path without an ending, and the path of its lock. */
async function placeOf(
  folder: string,
  kind: string,
  key: unknown,
): Promise<{ hash: string; path: string; lock: string }> {
  if (!/^[a-z0-9][a-z0-9_-]*$/.test(kind)) {
    throw new UsageError(
      `Expected kind to be a word of a-z, 0-9, - and _ but found ${JSON.stringify(kind)}`,
    );
  }
  const hash = await hashJson({ kind, key });
  return {
    hash,
    path: join(folder, kind, hash),
    lock: join(folder, ".locks", `${kind}-${hash}`),
  };
}

async function storedJson<T>(
  folder: string,
  kind: string,
  key: unknown,
  make: () => Promise<T>,
): Promise<StoreEntry & { value: T }> {
  const { hash, path, lock } = await placeOf(folder, kind, key);
  const file = `${path}.json`;
  return await withLock(lock, async () => {
    const old = await wholeJson(file);
    if (old) {
      return {
        value: old.value as T,
        hash,
        cached: true,
        seconds: old.seconds,
      };
    }
    const start = performance.now();
    const made = await make();
    const seconds = (performance.now() - start) / 1000;
    const text = JSON.stringify(made);
    if (text === undefined) {
      throw new UsageError(
        `Expected ${kind} to be a value that JSON can hold but found nothing`,
      );
    }
    const value = JSON.parse(text) as T;
    const entry: JsonEntry = {
      key,
      seconds,
      sha256: await sha256Hex(text),
      value,
    };
    await writeFileAtomic(file, `${JSON.stringify(entry, null, 1)}\n`);
    return { value, hash, cached: false, seconds };
  });
}

async function storedFiles(
  folder: string,
  kind: string,
  key: unknown,
  make: (folder: string, scratch: string) => Promise<void>,
): Promise<StoreEntry & { path: string }> {
  const { hash, path, lock } = await placeOf(folder, kind, key);
  const fresh = join(folder, kind, `.${hash}.new`);
  const scratch = join(folder, kind, `.${hash}.scratch`);
  return await withLock(lock, async () => {
    const old = await wholeFiles(path);
    if (old) return { path, hash, cached: true, seconds: old.seconds };
    await removeQuietly(fresh);
    try {
      await Deno.mkdir(fresh, { recursive: true });
      await Deno.mkdir(scratch, { recursive: true });
      const start = performance.now();
      await make(fresh, scratch);
      const seconds = (performance.now() - start) / 1000;
      const entry: FilesEntry = {
        key,
        seconds,
        files: await fileHashes(fresh),
      };
      await writeFileAtomic(
        join(fresh, DESCRIPTION),
        `${JSON.stringify(entry, null, 1)}\n`,
      );
      await removeQuietly(path);
      await Deno.rename(fresh, path);
      await removeQuietly(scratch);
      return { path, hash, cached: false, seconds };
    } catch (error) {
      await removeQuietly(fresh);
      throw fileFailure(error, `make ${relative(folder, path)} in ${folder}`);
    }
  });
}

/**
 * Opens the store in a folder; the folder is made with the first entry.
 *
 * @param folder where the entries are kept: `KIND/HASH.json` and `KIND/HASH/`
 * @example
 * ```ts
 * import { openStore } from "./store.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const store = openStore(Deno.makeTempDirSync());
 * const make = () => Promise.resolve([1, 2]);
 * assertEquals((await store.json("numbers", { seed: 1 }, make)).cached, false);
 * assertEquals((await store.json("numbers", { seed: 1 }, make)).cached, true);
 * Deno.removeSync(store.folder, { recursive: true });
 * ```
 */
export function openStore(folder: string): Store {
  return {
    folder,
    json: (kind, key, make) => storedJson(folder, kind, key, make),
    files: (kind, key, make) => storedFiles(folder, kind, key, make),
  };
}
