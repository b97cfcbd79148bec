/**
 * Fetches models from the Hugging Face Hub: only the files that a model needs, once, at a fixed commit, into the cache
 * that Python's `huggingface_hub` shares ({@linkcode modelCache}).
 *
 * A branch or tag keeps to the commit that it stood for when it was first asked for. What is there is used without a
 * connection; the Hub is asked once more only where nothing says whether the commit has files that a model may do
 * without. `HF_HUB_OFFLINE=1` forbids any connection. An interrupted download goes on where it stopped, also in a later
 * run. `HF_ENDPOINT` names another Hub.
 *
 * @module
 */

import { basename, join } from "@std/path";
import {
  type OnProgress,
  removeQuietly,
  UsageError,
  withLock,
  WorkbenchError,
} from "../../runtime/mod.ts";
import {
  blobPath,
  cachedCommit,
  fileSize,
  isAbsent,
  isCommit,
  keepAbsent,
  keepCommit,
  linkBlob,
  type ModelCache,
  modelCache,
  snapshotFolder,
} from "./hub_cache.ts";
import {
  downloadFile,
  hashOf,
  isHash,
  isRefusal,
  type RemoteFile,
  statusOf,
} from "./hub_download.ts";
import { hubFetch, promptFetch } from "./hub_fetch.ts";
import { inMessage, readJson } from "../formats/text.ts";

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

/** Files without which there is no model, besides its weights. */
const required = ["config.json", "tokenizer.json"];
/** Files that say more about a model where there are any. */
const optional = [
  "generation_config.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "added_tokens.json",
  "chat_template.jinja",
];

const weightsName = "model.safetensors";
const indexName = `${weightsName}.index.json`;
const shardName = /^model-\d+-of-\d+\.safetensors$/;

/** Where models are fetched from: `HF_ENDPOINT`, else the public Hub. */
function endpoint(): string {
  return (Deno.env.get("HF_ENDPOINT") || "https://huggingface.co").replace(/\/+$/, "");
}

/** Whether `HF_HUB_OFFLINE` forbids connections, with the values that Python's package takes for yes. */
function isOffline(): boolean {
  return ["1", "on", "yes", "true"].includes((Deno.env.get("HF_HUB_OFFLINE") ?? "").toLowerCase());
}

/**
 * The folder of a model of the Hub, fetched unless it is in the cache.
 *
 * @param model the model
 * @param onProgress told the bytes fetched and to fetch
 * @returns the folder of the commit's files, most of them links
 * @throws UsageError when the Hub has no such model or revision, or it has no safetensors weights or `tokenizer.json`
 * @throws WorkbenchError when the Hub cannot be reached, or what it sends is not what it lists
 */
export async function fetchHubModel(model: HubModel, onProgress?: OnProgress): Promise<string> {
  const { repository, revision } = model;
  const asked = `${repository}@${revision}`;
  const cache = await modelCache(repository);
  const commit = await cachedCommit(cache, revision);
  const missing = commit === undefined
    ? undefined
    : await missingFile(cache, commit) ?? await damagedFile(cache, commit);
  const usable = commit !== undefined && missing === undefined;
  if (usable && (isOffline() || await isSettled(cache, commit))) {
    return snapshotFolder(cache, commit);
  }
  if (isOffline()) {
    throw new WorkbenchError(
      `Expected ${asked} in ${cache.folder}, since HF_HUB_OFFLINE is set, but found no ${
        missing ?? "commit of that name"
      }`,
    );
  }
  let listing: Listing;
  try {
    listing = await listModel(repository, commit ?? revision);
  } catch (error) {
    // As without a connection: what is there has to do.
    if (usable) return snapshotFolder(cache, commit);
    throw hubFailure(error, asked);
  }
  const chosen = neededFiles(listing.files, asked);
  const total = chosen.reduce((sum, { size }) => sum + size, 0);
  let before = 0;
  for (const file of chosen) {
    await fetchInto(
      cache,
      repository,
      listing.commit,
      file,
      (done, what) => onProgress?.(before + done, total, what),
    ).catch((error) => {
      throw hubFailure(error, `${asked}, ${file.path}`);
    });
    before += file.size;
    onProgress?.(before, total, file.path);
  }
  for (const path of optional) {
    if (!listing.files.has(path)) await keepAbsent(cache, listing.commit, path);
  }
  await keepCommit(cache, revision, listing.commit);
  return snapshotFolder(cache, listing.commit);
}

/** The first file of those that a model cannot do without that a commit's folder does not have. */
async function missingFile(cache: ModelCache, commit: string): Promise<string | undefined> {
  const folder = snapshotFolder(cache, commit);
  const has = async (name: string) => await fileSize(join(folder, name)) !== undefined;
  for (const name of required) if (!await has(name)) return name;
  if (await has(weightsName)) return undefined;
  const index = await readJson(join(folder, indexName)) as { weight_map?: object } | undefined;
  if (index === undefined) return weightsName;
  for (const name of new Set(Object.values(index?.weight_map ?? {}).map(String))) {
    if (!shardName.test(name) || !await has(name)) return name;
  }
  return undefined;
}

/**
 * The first file of a commit whose contents are not those that their name in the cache, a hash, tells. All such contents are
 * removed, so that they are fetched again.
 */
async function damagedFile(cache: ModelCache, commit: string): Promise<string | undefined> {
  const folder = snapshotFolder(cache, commit);
  let damaged: string | undefined;
  for await (const { name, isSymlink } of Deno.readDir(folder)) {
    const known = [...required, ...optional, weightsName, indexName].includes(name) ||
      shardName.test(name);
    if (!known || !isSymlink) continue;
    const path = join(folder, name);
    const hash = basename(await Deno.readLink(path));
    if (!isHash(hash) || await hashOf(path, hash) === hash) continue;
    await removeQuietly(await Deno.realPath(path));
    damaged ??= `whole ${name}: it was damaged and is removed`;
  }
  return damaged;
}

/** Whether each of the optional files is there or known not to exist. */
async function isSettled(cache: ModelCache, commit: string): Promise<boolean> {
  const folder = snapshotFolder(cache, commit);
  for (const name of optional) {
    const known = await fileSize(join(folder, name)) !== undefined ||
      await isAbsent(cache, commit, name);
    if (!known) return false;
  }
  return true;
}

/** Pages of a list of files; one names a thousand. */
const mostPages = 100;

/** What the Hub says of a revision. */
interface Listing {
  readonly commit: string;
  /** Files outside folders, by path. */
  readonly files: ReadonlyMap<string, RemoteFile>;
}

async function listModel(repository: string, revision: string): Promise<Listing> {
  const hub = await import("@huggingface/hub");
  const hubUrl = endpoint();
  const asking = { hubUrl, fetch: promptFetch({ hubUrl, elsewhere: false }) };
  const { sha: commit } = isCommit(revision)
    ? { sha: revision }
    : await hub.modelInfo({ name: repository, revision, additionalFields: ["sha"], ...asking });
  if (!isCommit(commit)) throw new Error(`no commit but ${commit}`);
  const repo = { type: "model", name: repository } as const;
  const files = new Map<string, RemoteFile>();
  let pages = 0;
  const fetchPage: typeof fetch = (...page) => {
    if (++pages > mostPages) {
      throw new WorkbenchError(`Expected at most ${mostPages} pages of files but found more`);
    }
    return asking.fetch(...page);
  };
  for await (
    const entry of hub.listFiles({ repo, revision: commit, hubUrl, fetch: fetchPage })
  ) {
    const hash = entry.lfs?.oid ?? entry.oid ?? "";
    if (entry.type !== "file") continue;
    if (!(Number.isSafeInteger(entry.size) && entry.size >= 0)) {
      throw new Error(`a size of ${entry.path} that is none: ${entry.size}`);
    }
    // Contents get their name in the cache from it.
    if (!isHash(hash)) {
      throw new Error(`a hash of ${entry.path} that is none: ${hash}`);
    }
    files.set(entry.path, { path: entry.path, size: entry.size, hash });
  }
  return { commit, files };
}

/** The files that a model is read from, small ones first. */
function neededFiles(listed: ReadonlyMap<string, RemoteFile>, asked: string): RemoteFile[] {
  const absent = required.find((path) => !listed.has(path));
  if (absent !== undefined) {
    throw new UsageError(`Expected a model with ${absent} but found none in ${asked}`);
  }
  const small = [...required, ...optional, "LICENSE"];
  const shards = [...listed.keys()].filter((path) => shardName.test(path)).sort();
  const weights = listed.has(weightsName) ? [weightsName] : [indexName, ...shards];
  if (!listed.has(weights[0]!)) {
    throw new UsageError(`Expected a model with safetensors weights but found none in ${asked}`);
  }
  return [...small, ...weights].flatMap((path) => listed.get(path) ?? []);
}

/** Puts a file of a commit into the cache, fetched unless its contents are there. */
async function fetchInto(
  cache: ModelCache,
  repository: string,
  commit: string,
  file: RemoteFile,
  onBytes: (done: number, what: string) => void,
): Promise<void> {
  const { path, size, hash } = file;
  if (await fileSize(join(snapshotFolder(cache, commit), path)) === size) return;
  const blob = blobPath(cache, hash);
  await withLock(join(cache.locks, `${hash}.lock`), async () => {
    if (await fileSize(blob) === size) return;
    const { downloadFile: blobOf, fileDownloadInfo } = await import("@huggingface/hub");
    const repo = { type: "model", name: repository } as const;
    const hubUrl = endpoint();
    const asking = { repo, path, revision: commit, hubUrl };
    // Another host may have what is told by its SHA-256; that of Git is too weak for it.
    const allowed = { hubUrl, elsewhere: hash.length === 64 };
    const open = async (): Promise<Blob> => {
      const downloadInfo = await fileDownloadInfo({
        ...asking,
        fetch: promptFetch({ ...allowed, part: true }),
      });
      const content = downloadInfo &&
        await blobOf({ ...asking, downloadInfo, fetch: hubFetch(allowed) });
      if (content === null) throw new Error(`no file ${path}`);
      if (content.size !== size) {
        throw new WorkbenchError(
          `Expected ${path} to have ${size} bytes, as the Hub lists, but found that it has ${content.size}`,
        );
      }
      return content;
    };
    await downloadFile(open, file, blob, (done) => onBytes(done, path));
  }, () => onBytes(0, "waiting for another download"));
  await linkBlob(cache, commit, path, hash);
}

/** A failure of the Hub in one line. */
function hubFailure(error: unknown, asked: string): Error {
  const hubUrl = endpoint();
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
