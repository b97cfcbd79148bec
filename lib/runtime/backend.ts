/**
 * The machinery behind TensorFlow.js: the one place that loads it.
 *
 * @module
 */
import { createRequire } from "node:module";
import { cpus, totalmem } from "node:os";
import util from "node:util";
import { dirname, fromFileUrl, join } from "@std/path";
import manifest from "../../deno.json" with { type: "json" };
import { returnLargeArrays } from "./allocator.ts";
import { UsageError, WorkbenchError } from "./errors.ts";
import { DamagedInstall, hasGpuDriver, installNative, isInstalled } from "./install.ts";
import { multipliesBfloat16, precisions, setMatmulPrecision } from "./precision.ts";
import { type OnProgress, progressBar } from "./progress.ts";
import { withoutStandardError } from "./quiet.ts";
import { tf } from "./tensorflow.ts";

/** The names of the backends. */
export const backendNames = ["native", "native-bf16", "gpu", "wasm", "cpu"] as const;

/** What computes: TensorFlow, TensorFlow with large products in bfloat16, TensorFlow with CUDA, WebAssembly, or plain JavaScript. */
export type BackendName = (typeof backendNames)[number];

/** What computes and where, as results record it. */
export interface BackendInfo {
  /** The backend that runs. */
  readonly name: BackendName;
  /** Versions by name: tfjs, tensorflow (with native TensorFlow), deno, workbench. */
  readonly versions: Readonly<Record<string, string>>;
  /** The machine. */
  readonly machine: {
    readonly os: string;
    readonly arch: string;
    readonly cpu: string;
    readonly cores: number;
    readonly memory_gb: number;
  };
  /** One line for the user when it is not what was hoped for: what is missing and how to get it. */
  readonly note?: string;
}

/** What the compiled binding offers besides its operations. */
interface Binding {
  readonly TF_Version: string;
  isUsingGpuDevice(): boolean;
}

const started = new Map<BackendName | "best", Promise<BackendInfo>>();

/** What was started last. */
let running: BackendName | "best" | undefined;

/**
 * Starts the backend that all tensors live on; needed before any tensor work, and cheap when it runs already.
 *
 * Without a wish, what runs goes on; at first, native TensorFlow serves, with CUDA where `deno task setup --gpu` was run and a driver is there;
 * where it cannot be had, WebAssembly serves and `note` says why; where it is there and damaged, nothing is started. The first start fetches and compiles what is
 * missing (see {@linkcode installNative}) and shows a bar on standard error.
 *
 * @param wanted the backend to use; the variable BALANCEDBIO_BACKEND else
 * @param onProgress told of what the first start fetches, instead of the bar
 * @throws {WorkbenchError} one line when the wanted backend cannot be had, or native TensorFlow is damaged
 * @throws {UsageError} when BALANCEDBIO_BACKEND names no backend
 */
export async function startBackend(
  wanted?: BackendName,
  onProgress?: OnProgress,
): Promise<BackendInfo> {
  const first = backendFromEnvironment() ?? "best";
  const name = wanted ?? running ?? first;
  const info = await startOnce(name, onProgress);
  running = name;
  setMatmulPrecision(info.name === "native-bf16" ? "bf16" : "float32");
  const engine = ENGINE_NAMES[info.name];
  if (tf.getBackend() !== engine) await tf.setBackend(engine);
  return info;
}

/** What large products are computed in, as options have it. */
export const precisionOptions = [...precisions, "auto"] as const;

/**
 * The backend for an option of that kind.
 *
 * @param precision `auto` takes bf16 where the processor multiplies it itself (AMX, AVX512_BF16)
 * @returns what {@linkcode startBackend} takes; undefined for float32, which every backend computes in
 */
export function backendFor(precision: (typeof precisionOptions)[number]): BackendName | undefined {
  return precision === "bf16" || (precision === "auto" && multipliesBfloat16())
    ? "native-bf16"
    : undefined;
}

/** The engine's names for the backends. */
const ENGINE_NAMES: Readonly<Record<BackendName, string>> = {
  native: "tensorflow",
  "native-bf16": "tensorflow",
  gpu: "tensorflow",
  wasm: "wasm",
  cpu: "cpu",
};

function backendFromEnvironment(): BackendName | undefined {
  const value = Deno.env.get("BALANCEDBIO_BACKEND");
  if (!value) return undefined;
  const name = backendNames.find((known) => known === value);
  if (name) return name;
  throw new UsageError(
    `Expected BALANCEDBIO_BACKEND to be one of ${
      backendNames.join(", ")
    } but found ${value} in the environment`,
  );
}

function startOnce(
  name: BackendName | "best",
  onProgress: OnProgress | undefined,
): Promise<BackendInfo> {
  let starting = started.get(name);
  if (!starting) {
    starting = start(name, onProgress);
    started.set(name, starting);
    starting.catch(() => started.delete(name));
  }
  return starting;
}

async function start(
  name: BackendName | "best",
  onProgress: OnProgress | undefined,
): Promise<BackendInfo> {
  // Brings the gradients, and the backend in plain JavaScript.
  await import("@tensorflow/tfjs");
  if (name === "cpu") return await startCpu();
  if (name === "wasm") return await startWasm();
  if (name === "native") return await startNative("cpu", onProgress);
  if (name === "native-bf16") {
    const { versions } = await startOnce("native", onProgress);
    return describe(
      name,
      versions,
      multipliesBfloat16()
        ? undefined
        : "this processor does not multiply bfloat16 itself; float32 is faster on it",
    );
  }
  if (name === "gpu") return await startNative("cuda", onProgress);
  try {
    const cuda = await isInstalled("cuda") && await hasGpuDriver();
    return await startNative(cuda ? "cuda" : "cpu", onProgress);
  } catch (error) {
    // Another backend computes other numbers: it takes over where there is no TensorFlow, not where it is damaged.
    if (!(error instanceof WorkbenchError) || error instanceof DamagedInstall) throw error;
    return await startWasm(
      `${error.message}. WebAssembly serves instead, several times slower; BALANCEDBIO_BACKEND=wasm chooses it without this line`,
    );
  }
}

async function startNative(
  flavour: "cpu" | "cuda",
  onProgress: OnProgress | undefined,
): Promise<BackendInfo> {
  const path = await installWithBar(flavour, onProgress);
  const debug = Boolean(Deno.env.get("BALANCEDBIO_DEBUG"));
  if (!debug && !Deno.env.get("TF_CPP_MIN_LOG_LEVEL")) {
    Deno.env.set("TF_CPP_MIN_LOG_LEVEL", "3");
  }
  restoreIsNullOrUndefined();
  returnLargeArrays();
  const { NodeJSKernelBackend } = await import(
    "@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js"
  );
  await import("@tensorflow/tfjs-node-gpu/dist/register_all_kernels.js");
  let binding: Binding & ConstructorParameters<typeof NodeJSKernelBackend>[0];
  try {
    const load = () => createRequire(path)(path) as typeof binding;
    binding = debug ? load() : withoutStandardError(load);
  } catch (error) {
    throw new WorkbenchError(
      `Cannot load native TensorFlow: ${
        (error as Error).message.split("\n")[0]
      }; \`deno task setup\` looks for damage`,
      {
        cause: error,
      },
    );
  }
  const backend = new NodeJSKernelBackend(binding, "@tensorflow/tfjs-node-gpu");
  tf.registerBackend(
    ENGINE_NAMES.native,
    () => backend as unknown as tf.KernelBackend,
    3,
  );
  const onGpu = binding.isUsingGpuDevice();
  const versions = { tensorflow: binding.TF_Version };
  if (flavour === "cpu" || onGpu) {
    return describe(onGpu ? "gpu" : "native", versions);
  }
  return describe(
    "native",
    versions,
    "TensorFlow with CUDA found no usable NVIDIA card; it computes on the processor",
  );
}

/** Installs what is missing; a bar is shown from the first news on when nobody else listens. */
async function installWithBar(
  flavour: "cpu" | "cuda",
  onProgress: OnProgress | undefined,
): Promise<string> {
  let bar: ReturnType<typeof progressBar> | undefined;
  const path = await installNative(
    flavour,
    onProgress ?? ((done, total, note) => {
      bar ??= progressBar("Setting up TensorFlow:");
      bar.update(done, total, note);
    }),
  );
  bar?.finish();
  return path;
}

/** tfjs-node calls a function of node:util that is gone from today's Node and Deno. */
function restoreIsNullOrUndefined(): void {
  const target = util as { isNullOrUndefined?: (value: unknown) => boolean };
  target.isNullOrUndefined ??= (value) => value === null || value === undefined;
}

async function startCpu(): Promise<BackendInfo> {
  await tf.setBackend(ENGINE_NAMES.cpu);
  // Else its first tensor prints an advertisement.
  (tf.backend() as unknown as { firstUse: boolean }).firstUse = false;
  return describe("cpu");
}

async function startWasm(note?: string): Promise<BackendInfo> {
  const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
  const folder = dirname(
    fromFileUrl(
      import.meta.resolve("@tensorflow/tfjs-backend-wasm/package.json"),
    ),
  );
  setWasmPaths(join(folder, "dist/"));
  if (!(await tf.setBackend(ENGINE_NAMES.wasm))) {
    throw new WorkbenchError("Cannot start the WebAssembly backend");
  }
  return describe("wasm", {}, note);
}

function describe(
  name: BackendName,
  versions: Record<string, string> = {},
  note?: string,
): BackendInfo {
  const processors = cpus();
  return {
    name,
    versions: {
      tfjs: tf.version_core,
      ...versions,
      deno: Deno.version.deno,
      workbench: manifest.version,
    },
    machine: {
      os: `${Deno.build.os} ${Deno.osRelease()}`,
      arch: Deno.build.arch,
      cpu: processors[0]?.model ?? "unknown",
      cores: navigator.hardwareConcurrency,
      memory_gb: Math.round(totalmem() / 1e8) / 10,
    },
    ...(note === undefined ? {} : { note }),
  };
}
