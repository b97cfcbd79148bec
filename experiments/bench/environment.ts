/**
 * The Python environment of the peers: made in the cache on first use, once somebody has agreed to the download.
 *
 * @module
 */
import { fromFileUrl, join } from "@std/path";
import {
  findEnvironment,
  progressBar,
  pythonEnvironment,
  UsageError,
  WorkbenchError,
} from "../../lib/runtime/mod.ts";

/** The folder of the peers' scripts. */
export const peersFolder: string = fromFileUrl(new URL("./peers", import.meta.url));

/** What the packages are on Linux, where PyTorch brings NVIDIA's libraries along; elsewhere it is less. */
const size = { download: 3.1e9, disk: 6.2e9 };

/** Asks a question on the terminal; undefined where nobody can answer. */
export type Ask = ((question: string) => boolean) | undefined;

/**
 * The packages that a requirements file asks pip for, without comments.
 *
 * @param text what the file holds
 * @returns one requirement a line, `torch==2.15.0`
 */
export function readRequirements(text: string): string[] {
  return text.split("\n").map((line) => line.replace(/#.*/, "").trim()).filter(Boolean);
}

/** The terminal's question, where there is a terminal. */
export function terminal(): Ask {
  return Deno.stdin.isTerminal() ? confirm : undefined;
}

/**
 * The Python that has the peers' packages. On first use they are fetched into the cache, after a question.
 *
 * @param yes whether to fetch without asking
 * @param ask asks on the terminal
 * @returns the path of the Python
 * @throws {UsageError} where nobody can be asked and `yes` is not set
 * @throws {WorkbenchError} one line when the answer is no, or the packages cannot be installed
 */
export async function peersPython(yes: boolean, ask: Ask): Promise<string> {
  const wanted = {
    name: "peers",
    requirements: readRequirements(await Deno.readTextFile(join(peersFolder, "requirements.txt"))),
    lock: await Deno.readTextFile(join(peersFolder, "requirements-lock.txt")),
    downloadBytes: size.download,
  };
  const { folder, python } = await findEnvironment(wanted);
  if (python !== undefined) return python;
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  const what = `the peers' Python packages (up to ${gigabytes(size.download)} to fetch, ${
    gigabytes(size.disk)
  } in ${folder})`;
  if (!yes && ask === undefined) {
    throw new UsageError(
      `Expected --yes to fetch ${what}, or --peers to name a Python that has them, but found neither on the command line`,
    );
  }
  if (!yes && !ask!(`Fetch ${what}?`)) {
    throw new WorkbenchError(
      "Cannot measure the peers without their packages; --peers names a Python that has them",
    );
  }
  const bar = progressBar("Fetching the peers:");
  const made = await pythonEnvironment(wanted, bar.update);
  bar.finish();
  return made;
}
