/**
 * Fetches models from the Hugging Face Hub: only the files that a model needs, once, at a fixed commit.
 *
 * A fetched model lies in `hub/models--OWNER--NAME/snapshots/COMMIT` of the cache folder; `refs` beside it holds the
 * commit that a branch or tag stood for when it was first asked for, and keeps to it. What is there is used without a
 * connection. An interrupted download goes on where it stopped, also in a later run.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { join } from "@std/path";
import {
  cacheFolder,
  fileFailure,
  type OnProgress,
  removeQuietly,
  UsageError,
  withLock,
  WorkbenchError,
  writeFileAtomic,
} from "../../runtime/mod.ts";
import { inMessage, readText } from "../formats/text.ts";

/** A model on the Hub. */
export interface HubModel {
  /** `owner/name`. */
  readonly repository: string;
  /** Branch, tag or commit. */
  readonly revision: string;
}

/**
 * Reads `owner/name` or `owner/name@revision`.
 *
 * @param name what the user wrote
 * @returns undefined when it has another form
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseHubName } from "./hub.ts";
 *
 * assertEquals(parseHubName("owner/name@v1"), { repository: "owner/name", revision: "v1" });
 * assertEquals(parseHubName("./folder/model"), undefined);
 * ```
 */
export function parseHubName(name: string): HubModel | undefined {
  const part = "[A-Za-z0-9][A-Za-z0-9._-]{0,95}";
  const match = new RegExp(`^(${part}/${part})(?:@([A-Za-z0-9][A-Za-z0-9._/-]{0,199}))?$`).exec(
    name,
  );
  if (match === null || name.includes("..") || name.endsWith(".gguf")) return undefined;
  return { repository: match[1]!, revision: match[2] ?? "main" };
}

const isCommit = (revision: string): boolean => /^[0-9a-f]{40}$/.test(revision);

/** Files besides the weights that say what a model is; those with `true` must be there. */
const plainFiles: Readonly<Record<string, boolean>> = {
  "config.json": true,
  "generation_config.json": false,
  "tokenizer.json": true,
  "tokenizer_config.json": false,
  "chat_template.jinja": false,
  "LICENSE": false,
};

const indexName = "model.safetensors.index.json";

/** A file of a repository and the hash of its contents. */
interface RemoteFile {
  readonly path: string;
  readonly size: number;
  readonly oid?: string;
  readonly lfs?: { readonly oid: string };
}

/** Where models are fetched from: `HF_ENDPOINT`, else the public Hub. */
function endpoint(): string {
  return (Deno.env.get("HF_ENDPOINT") || "https://huggingface.co").replace(/\/+$/, "");
}

/**
 * The folder of a model of the Hub, fetched unless it is in the cache.
 *
 * @param model the model
 * @param onProgress told the bytes fetched and to fetch
 * @throws UsageError when the Hub has no such model or revision, or it has no safetensors weights or `tokenizer.json`
 * @throws WorkbenchError when the Hub cannot be reached, or what it sends is not what it lists
 */
export async function fetchHubModel(model: HubModel, onProgress?: OnProgress): Promise<string> {
  const folder = join(cacheFolder(), "hub", `models--${model.repository.replace("/", "--")}`);
  const ready = await cachedSnapshot(folder, model.revision);
  if (ready !== undefined) return ready;
  return await withLock(`${folder}.lock`, async () => {
    return await cachedSnapshot(folder, model.revision) ??
      await fetchSnapshot(folder, model, onProgress);
  }, () => onProgress?.(0, 1, "waiting for another download"));
}

const refPath = (folder: string, revision: string): string =>
  join(folder, "refs", encodeURIComponent(revision));
const snapshotPath = (folder: string, commit: string): string => join(folder, "snapshots", commit);
const completeName = ".complete.json";

/** The commit that a revision was pinned to, undefined before the first fetch. */
async function pinnedCommit(folder: string, revision: string): Promise<string | undefined> {
  if (isCommit(revision)) return revision;
  const commit = (await readText(refPath(folder, revision)))?.trim();
  return commit !== undefined && isCommit(commit) ? commit : undefined;
}

async function cachedSnapshot(folder: string, revision: string): Promise<string | undefined> {
  const commit = await pinnedCommit(folder, revision);
  if (commit === undefined) return undefined;
  const snapshot = snapshotPath(folder, commit);
  return await readText(join(snapshot, completeName)) === undefined ? undefined : snapshot;
}

async function fetchSnapshot(
  folder: string,
  model: HubModel,
  onProgress?: OnProgress,
): Promise<string> {
  // Loaded here, so that nobody who reads local files needs the package.
  const hub = await import("@huggingface/hub");
  const { repository, revision } = model;
  const hubUrl = endpoint();
  const asked = `${repository}@${revision}`;
  const repo = { type: "model", name: repository } as const;
  let commit = await pinnedCommit(folder, revision);
  const listed = new Map<string, RemoteFile>();
  try {
    commit ??= (await hub.modelInfo({
      name: repository,
      revision,
      additionalFields: ["sha"],
      hubUrl,
      fetch: promptFetch,
    })).sha;
    if (!isCommit(commit)) throw new Error(`no commit but ${commit}`);
    for await (
      const file of hub.listFiles({ repo, revision: commit, hubUrl, fetch: promptFetch })
    ) {
      if (file.type === "file") listed.set(file.path, file);
    }
  } catch (error) {
    throw hubFailure(error, asked, hubUrl);
  }
  const snapshot = snapshotPath(folder, commit);
  const chosen = neededFiles(listed, asked);
  const total = chosen.reduce((sum, { size }) => sum + size, 0);
  let before = 0;
  for (const file of chosen) {
    const target = join(snapshot, file.path);
    // A file stands under its name only after its hash was checked.
    if (await sizeOf(target) !== file.size) {
      const open = async (): Promise<Blob> => {
        const asking = { repo, path: file.path, revision: commit!, hubUrl };
        const downloadInfo = await hub.fileDownloadInfo({ ...asking, fetch: promptFetch });
        const blob = downloadInfo && await hub.downloadFile({ ...asking, downloadInfo });
        if (blob === null) throw new Error(`no file ${file.path}`);
        return blob;
      };
      await download(open, file, target, (done) => onProgress?.(before + done, total, file.path))
        .catch((error) => {
          throw hubFailure(error, `${asked}, ${file.path}`, hubUrl);
        });
    }
    before += file.size;
    onProgress?.(before, total, file.path);
  }
  const files = Object.fromEntries(chosen.map(({ path, size }) => [path, size]));
  if (!isCommit(revision)) await writeFileAtomic(refPath(folder, revision), `${commit}\n`);
  await writeFileAtomic(
    join(snapshot, completeName),
    `${JSON.stringify({ repository, revision, commit, files }, null, 2)}\n`,
  );
  return snapshot;
}

/** The files that a model is read from, small ones first. */
function neededFiles(listed: ReadonlyMap<string, RemoteFile>, asked: string): RemoteFile[] {
  const needed: RemoteFile[] = [];
  for (const [path, must] of Object.entries(plainFiles)) {
    const file = listed.get(path);
    if (file !== undefined) needed.push(file);
    else if (must) throw new UsageError(`Expected a model with ${path} but found none in ${asked}`);
  }
  const whole = listed.get("model.safetensors");
  const index = listed.get(indexName);
  const shards = [...listed.values()].filter(({ path }) =>
    /^model-\d+-of-\d+\.safetensors$/.test(path)
  ).sort((a, b) => a.path < b.path ? -1 : 1);
  if (whole !== undefined) return [...needed, whole];
  if (index !== undefined) return [...needed, index, ...shards];
  throw new UsageError(`Expected a model with safetensors weights but found none in ${asked}`);
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await Deno.stat(path)).size;
  } catch {
    return -1;
  }
}

/** Attempts without a new byte after which a download is given up. */
const attempts = 3;
/** Milliseconds without a byte after which an attempt is given up. */
const patience = 60_000;

/** Fetches one file into `target`, going on from what an earlier attempt has left. */
async function download(
  open: () => Promise<Blob>,
  file: RemoteFile,
  target: string,
  onBytes: (done: number) => void,
): Promise<void> {
  const part = `${target}.part`;
  for (let failures = 0;;) {
    const had = Math.max(await sizeOf(part), 0);
    if (had > file.size) {
      await removeQuietly(part);
      continue;
    }
    if (file.size === 0) await writeFileAtomic(part, "");
    if (had === file.size) break;
    try {
      await appendFrom(await open(), had, part, onBytes);
      if (await sizeOf(part) === file.size) break;
      throw new Error(`the connection ended after ${await sizeOf(part)} of ${file.size} bytes`);
    } catch (error) {
      if (error instanceof WorkbenchError || isRefusal(error)) throw error;
      failures = await sizeOf(part) > had ? 0 : failures + 1;
      if (failures >= attempts) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200 * 2 ** failures));
    }
  }
  if (!await hasHash(part, file)) {
    await removeQuietly(part);
    throw new WorkbenchError(
      `Expected ${file.path} to have the hash that the Hub lists but found another; it is removed, try again`,
    );
  }
  await Deno.rename(part, target);
}

/** Appends the bytes of a blob from `had` on to a file. */
async function appendFrom(
  blob: Blob,
  had: number,
  part: string,
  onBytes: (done: number) => void,
): Promise<void> {
  let file: Deno.FsFile;
  try {
    await Deno.mkdir(join(part, ".."), { recursive: true });
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

/** Whether a file has the SHA-256 of large files, or the Git blob hash of others, that the Hub lists. */
async function hasHash(path: string, { size, oid, lfs }: RemoteFile): Promise<boolean> {
  const hash = createHash(lfs ? "sha256" : "sha1");
  if (!lfs) hash.update(`blob ${size}\0`);
  using file = await Deno.open(path);
  const buffer = new Uint8Array(1 << 20);
  for (let n = await file.read(buffer); n !== null; n = await file.read(buffer)) {
    hash.update(buffer.subarray(0, n));
  }
  return hash.digest("hex") === (lfs?.oid ?? oid);
}

const statusOf = (error: unknown): number | undefined =>
  typeof error === "object" && error !== null && "statusCode" in error
    ? Number(error.statusCode)
    : undefined;

/** Whether trying again is of no use. */
const isRefusal = (error: unknown): boolean => [401, 403, 404].includes(statusOf(error) ?? 0);

/** Fetches an answer that is short: it has arrived, whole, in half a minute or it fails. */
const promptFetch: typeof fetch = async (input, init) => {
  const response = await fetch(input, { ...init, signal: AbortSignal.timeout(30_000) });
  const { status, headers } = response;
  const whole = new Response(await response.arrayBuffer(), { status, headers });
  Object.defineProperty(whole, "url", { value: response.url });
  return whole;
};

/** A failure of the Hub in one line. */
function hubFailure(error: unknown, asked: string, hubUrl: string): Error {
  if (error instanceof WorkbenchError || error instanceof UsageError) return error;
  if (isRefusal(error)) {
    return new UsageError(
      `Expected ${asked} to be a path or a public model of ${hubUrl} but found neither (status ${
        statusOf(error)
      })`,
    );
  }
  const reason = inMessage(error instanceof Error ? error.message : String(error));
  return new WorkbenchError(
    `Cannot fetch ${asked} from ${hubUrl}: ${reason}; what has arrived is kept, try again`,
  );
}
