/**
 * A content-addressed store: work is done once for each key and found again later.
 *
 * An entry is made aside and renamed when it is whole, so a killed run leaves nothing half-written. Runs at the same
 * time, on this machine or on others that share the folder, wait for each other at the same entry only. An entry whose content does not
 * match its hash, or whose key is not the one that it stands under, is made again. The first two digits of its hash are
 * a folder, so that none grows too large.
 *
 * @module
 */
import { join, relative } from "@std/path";
import { countedSeconds } from "./attempts.ts";
import { removeTemporaries } from "./temporaries.ts";
import { fileFailure, numbersIn, removeQuietly, writeFileAtomic } from "./files.ts";
import { canonicalJson, hashJson, sha256Hex, sha256OfFile } from "./hash.ts";
import { readText } from "./text_file.ts";
import { isObject } from "./config_file.ts";
import { type Lease, withFreeLease, withLease } from "./lease.ts";
import { UsageError } from "./errors.ts";

/** How an entry came to be. */
export interface StoreEntry {
  /** 16 hexadecimal digits of kind and key. */
  readonly hash: string;
  /** Whether it was there already. */
  readonly cached: boolean;
  /** What making it took, in seconds, now or then; of files with all attempts that were stopped. */
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

/** Told the kind of the entry that another process makes. */
export type OnWait = (kind: string) => void;

/** Which entry is asked for. */
export interface StorePlace {
  /** What it is. */
  readonly kind: string;
  /** 16 hexadecimal digits of kind and key. */
  readonly hash: string;
  /** All that it depends on. */
  readonly key: unknown;
}

/** How a store is used. */
export interface StoreOptions {
  /** Told every second while another process makes the entry that is wanted. */
  readonly onWait?: OnWait;
  /**
   * Which entries may be made; all when left out. Of another one that is not there hash and nothing else is known: its content throws
   * {@linkcode NotMadeError} when it is read.
   */
  readonly makes?: (place: StorePlace) => boolean;
  /** Milliseconds between two heart-beats of a process that makes an entry, for others to see; 10 seconds when left out. */
  readonly beat?: number;
}

/** The content of an entry was read that is not there and may not be made. */
export class NotMadeError extends Error {
  /** Always `"NotMadeError"`. */
  override readonly name = "NotMadeError";
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

/** The name inside a scratch folder under which the time of all attempts is noted. */
const SECONDS = ".seconds";

/** Parsed JSON; undefined where there is none, and for anything else that stands in its place. */
async function readJson(path: string): Promise<Record<string, unknown> | undefined> {
  try {
    const value: unknown = JSON.parse(await readText(path) ?? "null");
    return isObject(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof UsageError) return undefined;
    throw error;
  }
}

/** Hashes of the files under a folder but the entry's description, by relative path; what is no file has none. */
async function fileHashes(folder: string, inside = ""): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  const entries = await Array.fromAsync(Deno.readDir(join(folder, inside)));
  for (const { name, isFile, isDirectory } of entries.sort((a, b) => a.name < b.name ? -1 : 1)) {
    const path = join(inside, name);
    if (isDirectory) Object.assign(hashes, await fileHashes(folder, path));
    else if (path !== DESCRIPTION) {
      hashes[path] = isFile ? await sha256OfFile(join(folder, path)) : "no file";
    }
  }
  return hashes;
}

/** Whether a description belongs to the entry of a hash: one that was put under another name does not. */
async function belongs(
  entry: Record<string, unknown> | undefined,
  kind: string,
  hash: string,
): Promise<boolean> {
  if (entry === undefined || !("key" in entry) || typeof entry.seconds !== "number") return false;
  return await hashJson({ kind, key: entry.key }).catch(() => undefined) === hash;
}

async function wholeFiles(
  { kind, hash, path }: Pick<Place, "kind" | "hash" | "path">,
): Promise<FilesEntry | undefined> {
  const entry = await readJson(join(path, DESCRIPTION));
  if (!await belongs(entry, kind, hash) || !isObject(entry!.files)) return undefined;
  const same = canonicalJson(await fileHashes(path)) === canonicalJson(entry!.files);
  return same ? entry as unknown as FilesEntry : undefined;
}

async function wholeJson(
  { kind, hash, path }: Pick<Place, "kind" | "hash" | "path">,
): Promise<JsonEntry | undefined> {
  const entry = await readJson(`${path}.json`);
  if (!await belongs(entry, kind, hash) || entry!.value === undefined) return undefined;
  return await sha256Hex(JSON.stringify(entry!.value)) === entry!.sha256
    ? entry as unknown as JsonEntry
    : undefined;
}

/** Where an entry is. */
interface Place extends StorePlace {
  /** The folder that it is in. */
  readonly folder: string;
  /** Its path without an ending. */
  readonly path: string;
  /** The path of its lock. */
  readonly lock: string;
}

/** The folder in which the entries of a kind are whose hashes begin alike. */
const shardPath = (folder: string, kind: string, hash: string): string =>
  join(folder, kind, hash.slice(0, 2));

const entryPath = (folder: string, kind: string, hash: string): string =>
  join(shardPath(folder, kind, hash), hash);

const lockPath = (folder: string, kind: string, hash: string): string =>
  join(shardPath(folder, ".locks", hash), `${kind}-${hash}`);

async function placeOf(folder: string, kind: string, key: unknown): Promise<Place> {
  if (!/^[a-z0-9][a-z0-9_-]*$/.test(kind)) {
    throw new UsageError(
      `Expected kind to be a word of a-z, 0-9, - and _ but found ${JSON.stringify(kind)}`,
    );
  }
  const hash = await hashJson({ kind, key });
  return {
    kind,
    hash,
    key,
    folder: shardPath(folder, kind, hash),
    path: entryPath(folder, kind, hash),
    lock: lockPath(folder, kind, hash),
  };
}

/**
 * Whether an entry is there with the content that it was made with, under the key that its name says.
 *
 * @param folder the store's
 * @param entry its kind and name
 */
export async function isWholeEntry(
  folder: string,
  { kind, hash }: Pick<StorePlace, "kind" | "hash">,
): Promise<boolean> {
  const place = { kind, hash, path: entryPath(folder, kind, hash) };
  return await wholeJson(place) !== undefined || await wholeFiles(place) !== undefined;
}

/**
 * Runs work on an entry where no process makes it.
 *
 * @param folder the store's
 * @param entry its kind and name
 * @param work what is done
 * @returns whether it was done
 */
export function whileUnmade(
  folder: string,
  { kind, hash }: Pick<StorePlace, "kind" | "hash">,
  work: () => Promise<void>,
): Promise<boolean> {
  return withFreeLease(lockPath(folder, kind, hash), work);
}

/** What is known of an entry that is not there: reading its content throws. */
function unmade<T extends StoreEntry>(place: Place, folder: string, content: keyof T & string): T {
  const entry: StoreEntry = { hash: place.hash, cached: false, seconds: 0 };
  return Object.defineProperty(entry, content, {
    enumerable: true,
    get: () => {
      throw new NotMadeError(
        `Expected ${place.kind}/${place.hash} in ${folder} but found nothing`,
      );
    },
  }) as T;
}

/**
 * What is there, or what is made while no other process has the entry's lease. What is there needs none, so that a store
 * may be read-only. What was made by a process that was taken for dead does not count: another makes it.
 */
async function foundOrMade<E, T extends StoreEntry>(
  { place, folder, content, options: { onWait, makes, beat } }: {
    readonly place: Place;
    readonly folder: string;
    readonly content: keyof T & string;
    readonly options: StoreOptions;
  },
  find: (place: Place) => Promise<E | undefined>,
  found: (entry: E) => T,
  make: (lease: Lease) => Promise<T | undefined>,
): Promise<T> {
  const there = await find(place);
  if (there !== undefined) return found(there);
  if (makes !== undefined && !makes({ kind: place.kind, hash: place.hash, key: place.key })) {
    return unmade<T>(place, folder, content);
  }
  for (;;) {
    const entry = await withLease(place.lock, async (lease) => {
      const old = await find(place);
      return old === undefined ? await make(lease) : found(old);
    }, { beat, onWait: onWait && (() => onWait(place.kind)) });
    if (entry !== undefined) return entry;
  }
}

async function storedJson<T>(
  folder: string,
  kind: string,
  key: unknown,
  make: () => Promise<T>,
  options: StoreOptions,
): Promise<StoreEntry & { value: T }> {
  const place = await placeOf(folder, kind, key);
  const { hash, path } = place;
  return await foundOrMade<JsonEntry, StoreEntry & { value: T }>(
    { place, folder, content: "value", options },
    wholeJson,
    ({ value, seconds }) => ({ value: value as T, hash, cached: true, seconds }),
    async (lease) => {
      await removeTemporaries(place.folder, `${hash}.json`);
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
      const entry: JsonEntry = { key, seconds, sha256: await sha256Hex(text), value };
      if (!await lease.isHeld()) return undefined;
      await writeFileAtomic(`${path}.json`, `${JSON.stringify(entry, null, 1)}\n`);
      return { value, hash, cached: false, seconds };
    },
  );
}

/**
 * The scratch folder of an entry. A process that was taken for dead and still writes does not know its name: the folder is
 * renamed with each turn.
 */
async function scratchOf({ folder, hash }: Place, turn: number): Promise<string> {
  const pathOf = (of: number) => join(folder, `.${hash}.${of}.scratch`);
  const turns = await numbersIn(folder, `.${hash}.`, ".scratch");
  const last = turns.pop();
  for (const older of turns) await removeQuietly(pathOf(older));
  if (last !== undefined && last !== turn) await Deno.rename(pathOf(last), pathOf(turn));
  await Deno.mkdir(pathOf(turn), { recursive: true });
  return pathOf(turn);
}

async function storedFiles(
  folder: string,
  kind: string,
  key: unknown,
  make: (folder: string, scratch: string) => Promise<void>,
  options: StoreOptions,
): Promise<StoreEntry & { path: string }> {
  const place = await placeOf(folder, kind, key);
  const { hash, path } = place;
  return await foundOrMade<FilesEntry, StoreEntry & { path: string }>(
    { place, folder, content: "path", options },
    wholeFiles,
    ({ seconds }) => ({ path, hash, cached: true, seconds }),
    async ({ turn, isHeld }) => {
      const freshOf = (of: number) => join(place.folder, `.${hash}.${of}.new`);
      const fresh = freshOf(turn);
      try {
        const left = await numbersIn(place.folder, `.${hash}.`, ".new");
        for (const of of left) await removeQuietly(freshOf(of));
        await Deno.mkdir(fresh, { recursive: true });
        const scratch = await scratchOf(place, turn);
        const seconds = await countedSeconds(join(scratch, SECONDS), () => make(fresh, scratch));
        const entry: FilesEntry = { key, seconds, files: await fileHashes(fresh) };
        await writeFileAtomic(join(fresh, DESCRIPTION), `${JSON.stringify(entry, null, 1)}\n`);
        if (!await isHeld()) {
          await removeQuietly(fresh);
          return undefined;
        }
        await removeQuietly(path);
        await Deno.rename(fresh, path);
        await removeQuietly(scratch);
        return { path, hash, cached: false, seconds };
      } catch (error) {
        // The first failure is the one to tell.
        await removeQuietly(fresh).catch(() => {});
        if (!await isHeld()) return undefined;
        throw fileFailure(error, `make ${relative(folder, path)} in ${folder}`);
      }
    },
  );
}

/**
 * Opens the store in a folder; the folder is made with the first entry.
 *
 * @param folder where the entries are kept: `KIND/HA/HASH.json` and `KIND/HA/HASH/`
 * @param options how it is used
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
export function openStore(folder: string, options: StoreOptions = {}): Store {
  return {
    folder,
    json: (kind, key, make) => storedJson(folder, kind, key, make, options),
    files: (kind, key, make) => storedFiles(folder, kind, key, make, options),
  };
}
