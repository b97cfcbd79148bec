/**
 * JupyterLab with the Deno kernel, in an environment of its own in the cache.
 *
 * @module
 */
import { dirname, fromFileUrl, join } from "@std/path";
import { type OnProgress, pythonEnvironment, writeFileAtomic } from "../../../lib/runtime/mod.ts";
import { describeKernel, withLockFile } from "./execute.ts";

/** JupyterLab, and plotly for the renderer of interactive figures that it brings along. */
const jupyterlab = {
  name: "lab",
  requirements: ["jupyterlab==4.6.6", "plotly==7.1.0"],
} as const;

/** Settings that JupyterLab begins with: it asks for no news and looks for no updates. */
const settings = {
  "@jupyterlab/apputils-extension:notification": { fetchNews: "false", checkForUpdates: false },
};

/** The folder of the project's notebooks. */
export const notebookFolder: string = fromFileUrl(new URL("../../../notebooks", import.meta.url));

/** How to start JupyterLab. */
export interface LabOptions {
  /** Folder that it shows. */
  readonly folder: string;
  /** Port to listen on, on this machine only; another one where it is taken. */
  readonly port: number;
  /** Whether to open a browser. */
  readonly browser: boolean;
  /** Whether it may run as root. */
  readonly allowRoot: boolean;
  /** Token to log in with; JupyterLab makes one up when left out. */
  readonly token?: string;
}

/**
 * What starts JupyterLab. It asks nobody for news, updates or extensions.
 *
 * @throws {WorkbenchError} one line when the Python environment cannot be made
 */
export async function labCommand(
  { folder, port, browser, allowRoot, token }: LabOptions,
  onProgress?: OnProgress,
): Promise<{ command: string; args: string[]; env: Record<string, string> }> {
  const python = await pythonEnvironment(
    await withLockFile(jupyterlab, "lab-requirements.txt"),
    onProgress,
  );
  await writeFileAtomic(
    join(dirname(dirname(python)), "share", "jupyter", "lab", "settings", "overrides.json"),
    JSON.stringify(settings),
  );
  return {
    command: python,
    args: [
      ...["-m", "jupyterlab", `--ServerApp.root_dir=${folder}`, "--ServerApp.ip=localhost"],
      `--ServerApp.port=${port}`,
      "--LabApp.extension_manager=readonly",
      ...browser ? [] : ["--no-browser"],
      ...allowRoot ? ["--allow-root"] : [],
      ...token === undefined ? [] : [`--IdentityProvider.token=${token}`],
    ],
    env: { JUPYTER_PATH: await describeKernel(), PYTHONDONTWRITEBYTECODE: "1" },
  };
}
