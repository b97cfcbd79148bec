/**
 * Python environments in the cache, for the few jobs that only Python's packages do: Jupyter's notebooks, and other
 * programs to compare with.
 *
 * @module
 */
import { basename, dirname, join } from "@std/path";
import { WorkbenchError } from "./errors.ts";
import { fileFailure, removeQuietly, withLock } from "./files.ts";
import { hashJson } from "./hash.ts";
import { cacheFolder } from "./paths.ts";
import { pipFailure, sizeOf } from "./pip.ts";
import type { OnProgress } from "./progress.ts";

/** A Python environment, and what is installed in it. */
export interface PythonEnvironment {
  /** Its name in the cache. */
  readonly name: string;
  /** Packages with exact versions, `nbclient==0.10.4`. */
  readonly requirements: readonly string[];
  /**
   * Text of a requirements file with them, all that they need, and the hashes of all their files: pip then installs
   * nothing else.
   */
  readonly lock?: string;
  /** Bytes that pip fetches for them, the whole of the progress; unknown without it. */
  readonly downloadBytes?: number;
}

/** The oldest Python that serves, as major and minor version. */
const OLDEST = [3, 9] as const;

/** What a call of Python or of pip gave. */
interface Outcome {
  readonly success: boolean;
  readonly out: string;
  readonly errors: string;
}

async function call(command: string, args: readonly string[]): Promise<Outcome | undefined> {
  try {
    const { success, stdout, stderr } = await new Deno.Command(command, {
      args: [...args],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).output();
    const text = new TextDecoder();
    return { success, out: text.decode(stdout).trim(), errors: text.decode(stderr).trim() };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied) {
      return undefined;
    }
    throw error;
  }
}

/** The Python on the PATH, with its version like `3.11`. */
async function findPython(): Promise<{ command: string; version: string }> {
  let found = "none";
  for (const command of ["python3", "python"]) {
    const script = "import sys; print('%d.%d' % sys.version_info[:2])";
    const outcome = await call(command, ["-c", script]);
    if (!outcome?.success) continue;
    const version = outcome.out;
    const [major = 0, minor = 0] = version.split(".").map(Number);
    if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) {
      return { command, version };
    }
    found = `Python ${version}`;
  }
  throw new WorkbenchError(
    `Expected Python ${
      OLDEST.join(".")
    } or newer on the PATH but found ${found}; install Python 3 with pip and venv`,
  );
}

/** The interpreter of an environment's folder. */
function interpreter(folder: string): string {
  return Deno.build.os === "windows"
    ? join(folder, "Scripts", "python.exe")
    : join(folder, "bin", "python");
}

/** Whether a program starts. */
async function starts(python: string): Promise<boolean> {
  return (await call(python, ["--version"]))?.success ?? false;
}

/** Where an environment is, once it is made, and the Python that makes it. */
async function place(
  { name, requirements, lock }: PythonEnvironment,
): Promise<{ folder: string; maker: string }> {
  const { command, version } = await findPython();
  const hash = (await hashJson({ version, requirements, ...(lock !== undefined && { lock }) }))
    .slice(0, 8);
  return {
    folder: join(cacheFolder(), "python", `${name}-${version}-${hash}`),
    maker: command,
  };
}

/**
 * Where an environment's Python is, or would be.
 *
 * @param environment its name and packages
 * @returns the folder, and its Python where an earlier call has made it and it still starts (the Python that it was made
 *   from may be gone)
 * @throws {WorkbenchError} one line when there is no Python
 */
export async function findEnvironment(
  environment: PythonEnvironment,
): Promise<{ folder: string; python?: string }> {
  const { folder } = await place(environment);
  const python = interpreter(folder);
  return await starts(python) ? { folder, python } : { folder };
}

/**
 * Makes a Python environment in the cache, when it is not there yet, and installs its packages with pip.
 * Runs at the same time wait for each other. It is made under another name and gets its own when it is whole, so that
 * what a killed run left is never used; the next run removes it.
 *
 * @param environment its name and packages
 * @param onProgress told of bytes fetched and of what pip is doing
 * @returns the path of its Python
 * @throws {WorkbenchError} one line when there is no Python, it lacks venv, or pip cannot install the packages
 */
export async function pythonEnvironment(
  environment: PythonEnvironment,
  onProgress?: OnProgress,
): Promise<string> {
  const { folder, maker } = await place(environment);
  const python = interpreter(folder);
  if (await starts(python)) return python;
  return await withLock(`${folder}.lock`, async () => {
    if (await starts(python)) return python;
    const work = `${folder}.${crypto.randomUUID().slice(0, 8)}.new`;
    try {
      await removeLeft(folder);
      onProgress?.(0, 0, "making a Python environment");
      const made = await call(maker, ["-m", "venv", work]);
      if (!made?.success) throw new WorkbenchError(venvFailure(maker, made));
      await install(interpreter(work), environment, join(work, "fetched"), onProgress);
      await Deno.rename(work, folder);
      return python;
    } catch (error) {
      throw fileFailure(error, `make a Python environment in ${folder}`);
    } finally {
      await removeQuietly(work).catch(() => {});
    }
  }, () => onProgress?.(0, 0, "waiting for another run that makes the Python environment"));
}

/** Removes an environment that no longer starts, and what killed runs left of it. */
async function removeLeft(folder: string): Promise<void> {
  const name = basename(folder);
  for (const entry of await Array.fromAsync(Deno.readDir(dirname(folder)))) {
    const left = entry.name.startsWith(`${name}.`) && entry.name.endsWith(".new");
    if (left || entry.name === name) await removeQuietly(join(dirname(folder), entry.name));
  }
}

/** Installs packages with pip, which keeps what it fetches in a folder that is removed at the end. */
async function install(
  python: string,
  { requirements, lock, downloadBytes = 0 }: PythonEnvironment,
  fetched: string,
  onProgress: OnProgress | undefined,
): Promise<void> {
  await Deno.mkdir(fetched);
  const locked = join(fetched, "requirements.txt");
  if (lock !== undefined) await Deno.writeTextFile(locked, lock);
  const child = new Deno.Command(python, {
    args: [
      ...["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-cache-dir"],
      ...["--progress-bar", "off", "--retries", "2"],
      ...lock === undefined ? requirements : ["--require-hashes", "-r", locked],
    ],
    env: { TMPDIR: fetched },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let note = "";
  const report = () => onProgress?.(sizeOf(fetched), downloadBytes, note);
  const watch = setInterval(report, 1000);
  try {
    const errors = new Response(child.stderr).text();
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      note = text.trim().split("\n").at(-1)!.trim() || note;
      report();
    }
    if (!(await child.status).success) {
      throw new WorkbenchError(
        `Cannot install ${requirements.join(", ")} with pip: ${pipFailure(await errors)}`,
      );
    }
  } finally {
    clearInterval(watch);
  }
  await removeQuietly(fetched);
}

/** Why venv failed; Debian and Ubuntu ship it apart from Python. */
function venvFailure(command: string, made: Outcome | undefined): string {
  const said = `${made?.out ?? ""}\n${made?.errors ?? ""}`;
  if (/ensurepip|No module named venv/.test(said)) {
    return `Expected ${command} to have venv and pip but found it without; install the package python3-venv`;
  }
  const last = said.trim().split("\n").at(-1);
  return `Cannot make a Python environment with ${command} -m venv: ${last || "it gave no reason"}`;
}
