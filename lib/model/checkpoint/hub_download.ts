/**
 * Fetches one file of the Hugging Face Hub so that it goes on where an earlier attempt stopped, and stands under its
 * name only once its contents have the hash that was asked for.
 *
 * This is not left to `downloadFileToCacheDir` of `@huggingface/hub`, which begins every attempt at the first byte,
 * takes what arrives without a look at its size or hash, and has no lock; `Blob`s of the package carry the data.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { dirname } from "@std/path";
import {
  fileFailure,
  openRegular,
  removeQuietly,
  WorkbenchError,
  writeFileAtomic,
} from "../../runtime/mod.ts";
import { fileSize } from "./hub_cache.ts";

/** A file of a repository. */
export interface RemoteFile {
  /** Its path in the repository. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** SHA-256 of large files, Git's hash of a blob (SHA-1) of others; in hexadecimal. */
  readonly hash: string;
}

/** Attempts without a new byte after which a download is given up. */
const attempts = 3;
/** Milliseconds without a byte after which an attempt is given up. */
const patience = 60_000;

/**
 * Fetches one file, going on from what an earlier attempt has left in `TARGET.incomplete`.
 *
 * @param open begins an attempt: the whole file, of which a slice may be asked for
 * @param file its size and hash
 * @param target where it goes
 * @param onBytes told the number of bytes that are there
 * @throws WorkbenchError when the contents have another hash or are longer than listed, and nothing of them stays; or when they cannot be written
 * @throws Error when three attempts after one another have brought nothing; what is there stays
 */
export async function downloadFile(
  open: () => Promise<Blob>,
  file: RemoteFile,
  target: string,
  onBytes: (done: number) => void,
): Promise<void> {
  const part = `${target}.incomplete`;
  // The name is fixed, for other programs to go on from: what is no file there, such as a link, is not written through.
  const there = await Deno.lstat(part).catch(() => undefined);
  if (there !== undefined && !there.isFile) await removeQuietly(part);
  for (let failures = 0;;) {
    const had = await fileSize(part) ?? 0;
    if (had > file.size) {
      await removeQuietly(part);
      continue;
    }
    if (file.size === 0) await writeFileAtomic(part, "");
    if (had === file.size) break;
    try {
      await appendFrom(await open(), { had, file, part }, onBytes);
      const has = await fileSize(part);
      if (has === file.size) break;
      throw new Error(`the connection ended after ${has} of ${file.size} bytes`);
    } catch (error) {
      if (error instanceof WorkbenchError || isRefusal(error)) throw error;
      failures = (await fileSize(part) ?? 0) > had ? 0 : failures + 1;
      if (failures >= attempts) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200 * 2 ** failures));
    }
  }
  if (await hashOf(part, file.hash) !== file.hash) {
    await removeQuietly(part);
    throw new WorkbenchError(
      `Expected ${file.path} to have the hash that the Hub lists but found another; it is removed, try again`,
    );
  }
  await Deno.rename(part, target);
}

/** Appends the bytes of a blob from `had` on to a file, and no more of them than are listed. */
async function appendFrom(
  blob: Blob,
  { had, file: { path, size }, part }: {
    readonly had: number;
    readonly file: RemoteFile;
    readonly part: string;
  },
  onBytes: (done: number) => void,
): Promise<void> {
  let file: Deno.FsFile;
  try {
    await Deno.mkdir(dirname(part), { recursive: true });
    file = await Deno.open(part, { create: true, append: true });
  } catch (error) {
    throw fileFailure(error, `write ${part}`);
  }
  using _file = file;
  const reader = (had === 0 ? blob : blob.slice(had)).stream().getReader();
  let done = had;
  try {
    for (;;) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(
          () => reject(new Error(`no data for ${patience / 1000} seconds`)),
          patience,
        );
      });
      const next = await Promise.race([reader.read(), late]).finally(() => clearTimeout(timer));
      if (next.done) break;
      const bytes = next.value;
      if (done + bytes.length > size) {
        await removeQuietly(part);
        throw new WorkbenchError(
          `Expected ${path} to have ${size} bytes, as the Hub lists, but it went on behind them; it is removed`,
        );
      }
      try {
        for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
      } catch (error) {
        throw fileFailure(error, `write ${part}`);
      }
      onBytes(done += bytes.length);
    }
    await file.sync();
  } finally {
    // The stream may have failed already, which has been told.
    await reader.cancel().catch(() => {});
  }
}

/** Whether a text is one of the hashes that name contents. */
export function isHash(text: string): boolean {
  return /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}

/**
 * The hash of a file's contents.
 *
 * @param path the file
 * @param expected a hash of the kind that is asked for
 */
export async function hashOf(path: string, expected: string): Promise<string> {
  const large = expected.length === 64;
  const hash = createHash(large ? "sha256" : "sha1");
  using file = openRegular(path);
  if (!large) hash.update(`blob ${file.statSync().size}\0`);
  const buffer = new Uint8Array(1 << 20);
  for (let n = await file.read(buffer); n !== null; n = await file.read(buffer)) {
    hash.update(buffer.subarray(0, n));
  }
  return hash.digest("hex");
}

/** Status of the Hub's answer that an error tells of, undefined for other errors. */
export function statusOf(error: unknown): number | undefined {
  return typeof error === "object" && error !== null && "statusCode" in error
    ? Number(error.statusCode)
    : undefined;
}

/** Whether the Hub has said that trying again is of no use. */
export function isRefusal(error: unknown): boolean {
  return [401, 403, 404].includes(statusOf(error) ?? 0);
}
