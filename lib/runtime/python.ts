/**
 * Python environments in the cache, for the few jobs that only Python's packages do (Jupyter's notebooks).
 *
 * @module
 */
import { join } from "@std/path";
import { WorkbenchError } from "./errors.ts";
import { fileFailure, isFile, removeQuietly, withLock } from "./files.ts";
import { hashJson } from "./hash.ts";
import { cacheFolder } from "./paths.ts";
import type { OnProgress } from "./progress.ts";

/** A Python environment, and what is installed in it. */
export interface PythonEnvironment {
  /** Its name in the cache. */
  readonly name: string;
  /** Packages with exact versions, `nbclient==0.10.4`. */
  readonly requirements: readonly string[];
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

/** Whether the environment was finished, and its Python still runs (the one that it was made from may be gone). */
async function isWhole(folder: string): Promise<boolean> {
  return await isFile(join(folder, "complete")) &&
    ((await call(interpreter(folder), ["--version"]))?.success ?? false);
}

/**
 * Makes a Python environment in the cache, when it is not there yet, and installs its packages with pip.
 * Runs at the same time wait for each other; an environment that was not finished is made anew.
 *
 * @param environment its name and packages
 * @param onProgress told what is being done
 * @returns the path of its Python
 * @throws {WorkbenchError} one line when there is no Python, it lacks venv, or pip cannot install the packages
 */
export async function pythonEnvironment(
  environment: PythonEnvironment,
  onProgress?: OnProgress,
): Promise<string> {
  const { name, requirements } = environment;
  const { command, version } = await findPython();
  const hash = (await hashJson([version, requirements])).slice(0, 8);
  const folder = join(cacheFolder(), "python", `${name}-${version}-${hash}`);
  const python = interpreter(folder);
  if (await isWhole(folder)) return python;
  return await withLock(`${folder}.lock`, async () => {
    if (await isWhole(folder)) return python;
    try {
      await removeQuietly(folder);
      onProgress?.(0, 2, "making a Python environment");
      const made = await call(command, ["-m", "venv", folder]);
      if (!made?.success) throw new WorkbenchError(venvFailure(command, made));
      onProgress?.(1, 2, `installing ${requirements.map((r) => r.split("==")[0]).join(", ")}`);
      const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"];
      const installed = await call(python, [...pip, "--retries", "2", ...requirements]);
      if (!installed?.success) {
        throw new WorkbenchError(
          `Cannot install ${requirements.join(", ")} with pip: ${
            pipFailure(installed?.errors ?? "")
          }`,
        );
      }
      await Deno.writeTextFile(join(folder, "complete"), "");
      return python;
    } catch (error) {
      await removeQuietly(folder).catch(() => {});
      throw fileFailure(error, `make a Python environment in ${folder}`);
    }
  }, () => onProgress?.(0, 0, "waiting for another run that makes the Python environment"));
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

/** Why pip failed, in a few words, from what it wrote. */
function pipFailure(errors: string): string {
  if (/connection broken|Max retries exceeded|name resolution/.test(errors)) {
    return "the package index cannot be reached; is there a network?";
  }
  const line = errors.split("\n").findLast((text) => text.startsWith("ERROR"));
  return line?.replace(/^ERROR: */, "") ?? "it gave no reason";
}
