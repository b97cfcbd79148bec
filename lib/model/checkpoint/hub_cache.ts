/**
 * The cache of the Hugging Face Hub's models on this machine, which Python's `huggingface_hub` shares: what one program
 * has fetched the other uses. `HF_HUB_CACHE`, else `HF_HOME/hub`, else `~/.cache/huggingface/hub` holds
 *
 * - `models--OWNER--NAME/refs/REVISION`: the commit that a branch or tag stood for,
 * - `models--OWNER--NAME/blobs/HASH`: contents under their Git hash or, large ones, their SHA-256; `HASH.incomplete` is
 *   the beginning of one,
 * - `models--OWNER--NAME/snapshots/COMMIT/PATH`: a link to a blob,
 * - `models--OWNER--NAME/.no_exist/COMMIT/PATH`: an empty file that says that the commit has no such file,
 * - `.locks/models--OWNER--NAME/HASH.lock`: locked while a blob is written.
 *
 * @module
 */

import { dirname, join, relative } from "@std/path";
import { fileFailure, removeQuietly, writeFileAtomic } from "../../runtime/mod.ts";
import { readText } from "../formats/text.ts";

/** The part of a cache that holds one model. */
export interface ModelCache {
  /** Folder of the model's refs, blobs and snapshots. */
  readonly folder: string;
  /** Folder of the locks of its blobs. */
  readonly locks: string;
}

/** Whether a revision is a commit, which never changes. */
export function isCommit(revision: string): boolean {
  return /^[0-9a-f]{40}$/.test(revision);
}

/**
 * The cache of a model.
 *
 * @param repository `owner/name`
 */
export async function modelCache(repository: string): Promise<ModelCache> {
  // Loaded here, so that nobody who reads local files needs the package.
  const { getHFHubCachePath, getRepoFolderName } = await import("@huggingface/hub");
  const name = getRepoFolderName({ type: "model", name: repository });
  return {
    folder: join(getHFHubCachePath(), name),
    locks: join(getHFHubCachePath(), ".locks", name),
  };
}

const refPath = ({ folder }: ModelCache, revision: string): string =>
  join(folder, "refs", ...revision.split("/"));

/**
 * The commit that a revision is known to stand for.
 *
 * @param cache the model's cache
 * @param revision branch, tag or commit
 * @returns undefined before the first fetch
 * @throws WorkbenchError when it cannot be read
 */
export async function cachedCommit(
  cache: ModelCache,
  revision: string,
): Promise<string | undefined> {
  if (isCommit(revision)) return revision;
  const commit = (await readText(refPath(cache, revision)))?.trim();
  return commit !== undefined && isCommit(commit) ? commit : undefined;
}

/**
 * Notes which commit a revision stands for.
 *
 * @param cache the model's cache
 * @param revision branch, tag or commit
 * @param commit the commit
 * @throws WorkbenchError when it cannot be written
 */
export async function keepCommit(
  cache: ModelCache,
  revision: string,
  commit: string,
): Promise<void> {
  if (!isCommit(revision)) await writeFileAtomic(refPath(cache, revision), commit);
}

/** Folder of a commit's files. */
export function snapshotFolder({ folder }: ModelCache, commit: string): string {
  return join(folder, "snapshots", commit);
}

/** Path of contents by their hash. */
export function blobPath({ folder }: ModelCache, hash: string): string {
  return join(folder, "blobs", hash);
}

/**
 * Bytes of a file, which a link may stand for.
 *
 * @returns undefined where there is none
 */
export async function fileSize(path: string): Promise<number | undefined> {
  try {
    return (await Deno.stat(path)).size;
  } catch {
    return undefined;
  }
}

/**
 * Puts a blob among the files of a commit; where the system makes no symbolic links, as a hard link.
 *
 * @param cache the model's cache
 * @param commit the commit
 * @param path of the file in the repository
 * @param hash of its contents, which are there
 * @throws WorkbenchError when the link cannot be made
 */
export async function linkBlob(
  cache: ModelCache,
  commit: string,
  path: string,
  hash: string,
): Promise<void> {
  const target = join(snapshotFolder(cache, commit), path);
  const blob = blobPath(cache, hash);
  const temporary = `${target}.${crypto.randomUUID()}.tmp`;
  try {
    await Deno.mkdir(dirname(target), { recursive: true });
    await Deno.symlink(relative(dirname(target), blob), temporary, { type: "file" })
      .catch(() => Deno.link(blob, temporary));
    await Deno.rename(temporary, target);
  } catch (error) {
    await removeQuietly(temporary).catch(() => {});
    throw fileFailure(error, `write ${target}`);
  }
}

const absentPath = ({ folder }: ModelCache, commit: string, path: string): string =>
  join(folder, ".no_exist", commit, path);

/**
 * Notes that a commit has no such file.
 *
 * @param cache the model's cache
 * @param commit the commit
 * @param path of the file in the repository
 * @throws WorkbenchError when it cannot be written
 */
export async function keepAbsent(cache: ModelCache, commit: string, path: string): Promise<void> {
  await writeFileAtomic(absentPath(cache, commit, path), "");
}

/** Whether a commit is known to have no such file. */
export async function isAbsent(cache: ModelCache, commit: string, path: string): Promise<boolean> {
  return await fileSize(absentPath(cache, commit, path)) !== undefined;
}
