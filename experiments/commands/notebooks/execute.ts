/**
 * Running notebooks on the Deno kernel, and type-checking their code.
 *
 * @module
 */
import { basename, dirname, fromFileUrl, join, resolve, toFileUrl } from "@std/path";
import {
  cacheFolder,
  hashJson,
  type OnProgress,
  type PythonEnvironment,
  pythonEnvironment,
  removeQuietly,
  temporaryFolder,
  WorkbenchError,
  writeFileAtomic,
} from "../../../lib/runtime/mod.ts";
import { codeCells, type Notebook, notebookModule, parseNotebook } from "./notebook.ts";

/** What runs notebooks, without a kernel of its own: cells run on Deno's. */
const jupyter = {
  name: "notebooks",
  requirements: ["nbclient==0.10.4", "nbformat==5.10.4", "jupyter_client==8.6.3"],
} as const;

/**
 * An environment with the lock file that lies beside this one.
 *
 * @param environment its name and packages
 * @param file the lock file's name
 */
export async function withLockFile(
  environment: PythonEnvironment,
  file: string,
): Promise<PythonEnvironment> {
  return { ...environment, lock: await Deno.readTextFile(new URL(file, import.meta.url)) };
}

/** Longest time of one cell, in seconds. */
const cellSeconds = 600;

/** What runs notebooks on this machine. */
export interface Runner {
  /** The Python that has nbclient. */
  readonly python: string;
  /** The folder for JUPYTER_PATH, which describes the kernel. */
  readonly kernels: string;
}

/**
 * Prepares what runs notebooks: a Python environment, and the description of the kernel with this very Deno.
 *
 * @throws {WorkbenchError} one line when the Python environment cannot be made
 */
export async function prepareRunner(onProgress?: OnProgress): Promise<Runner> {
  return {
    python: await pythonEnvironment(await withLockFile(jupyter, "requirements.txt"), onProgress),
    kernels: await describeKernel(),
  };
}

/**
 * Writes the description of the Deno kernel into the cache. Interrupts come as messages, since a signal would end it.
 *
 * @returns the folder to name in JUPYTER_PATH
 */
export async function describeKernel(): Promise<string> {
  const kernel = {
    argv: [Deno.execPath(), "jupyter", "--kernel", "--conn", "{connection_file}"],
    display_name: "Deno",
    language: "typescript",
    interrupt_mode: "message",
  };
  const folder = join(cacheFolder(), "jupyter", await hashJson(kernel));
  await writeFileAtomic(
    join(folder, "kernels", "deno", "kernel.json"),
    JSON.stringify(kernel, null, 2),
  );
  return folder;
}

/**
 * Runs a notebook from a fresh kernel in its own folder, until its end or its first error.
 *
 * @param onProgress told of code cells done, and of the first line of the one that runs
 * @returns the notebook with its outputs; an error of a cell is one of them
 * @throws {WorkbenchError} when a cell takes too long or the kernel ends
 */
export async function executeNotebook(
  runner: Runner,
  path: string,
  notebook: Notebook,
  onProgress?: OnProgress,
): Promise<Notebook> {
  const script = fromFileUrl(new URL("run.py", import.meta.url));
  const child = new Deno.Command(runner.python, {
    args: [script, path, String(cellSeconds)],
    env: { JUPYTER_PATH: runner.kernels, NO_COLOR: "1", PYTHONDONTWRITEBYTECODE: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const errors = new Response(child.stderr).text();
  const total = codeCells(notebook).length;
  let running = 0;
  let failed: string | undefined;
  let result: unknown;
  for await (const event of events(child.stdout)) {
    failed ??= event.failed;
    result ??= event.notebook;
    const cell = notebook.cells[event.cell ?? -1];
    if (cell?.cell_type === "code") onProgress?.(running++, total, cell.source.split("\n")[0]);
  }
  const { success } = await child.status;
  if (failed !== undefined) {
    throw new WorkbenchError(`${basename(path)}, code cell ${running}: ${failed}`);
  }
  if (!success || result === undefined) {
    const reason = (await errors).trim().split("\n").at(-1) || "it gave no reason";
    throw new WorkbenchError(`Cannot run ${basename(path)}: ${reason}`);
  }
  return parseNotebook(JSON.stringify(result), path);
}

/** What the Python program tells, one JSON object a line. */
interface RunEvent {
  readonly cell?: number;
  readonly failed?: string;
  readonly notebook?: unknown;
}

async function* events(stream: ReadableStream<Uint8Array>): AsyncGenerator<RunEvent> {
  let rest = "";
  for await (const part of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + part).split("\n");
    rest = lines.pop()!;
    for (const line of lines) yield JSON.parse(line) as RunEvent;
  }
}

/**
 * Type-checks the code cells of notebooks, each notebook as one module.
 *
 * @returns one line for each fault: notebook, code cell, line, what is wrong
 */
export async function checkTypes(
  notebooks: readonly { readonly path: string; readonly notebook: Notebook }[],
): Promise<string[]> {
  const scratch = temporaryFolder("notebook-");
  try {
    const modules = await Promise.all(notebooks.map(async ({ path, notebook }, i) => {
      const folder = toFileUrl(`${dirname(resolve(path))}/`);
      const module = notebookModule(notebook, folder);
      const file = join(scratch, `${i}.ts`);
      await Deno.writeTextFile(file, module.text);
      return { path, file, places: module.places };
    }));
    const config = fromFileUrl(new URL("../../../deno.json", import.meta.url));
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--quiet", "--config", config, ...modules.map(({ file }) => file)],
      env: { NO_COLOR: "1" },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).output();
    if (success) return [];
    const said = new TextDecoder().decode(stderr);
    const faults = said.split(/\n(?=TS\d+ \[)/).flatMap((part) => {
      const message = /^(?:TS\d+ \[ERROR\]|error): (.*)/m.exec(part)?.[1];
      const place = /\bat (file:\S+?):(\d+):\d+/.exec(part);
      const module = modules.find(({ file }) => toFileUrl(file).href === place?.[1]);
      const at = module?.places[Number(place?.[2]) - 1];
      if (message === undefined) return [];
      if (module === undefined || at === undefined) {
        return [place === null ? message : `${basename(place[1]!)}, line ${place[2]}: ${message}`];
      }
      return [`${basename(module.path)}, code cell ${at.cell}, line ${at.line}: ${message}`];
    });
    return faults.length > 0
      ? faults
      : ["Cannot type-check the notebooks: deno check gave no reason"];
  } finally {
    await removeQuietly(scratch);
  }
}
