/**
 * Getting native TensorFlow: the library and its headers come out of TensorFlow's own wheel, and the part of
 * `@tensorflow/tfjs-node-gpu` that calls it is compiled here, in one call of the C++ compiler.
 *
 * The package's own install script is never run: it fetches a TensorFlow of 2022.
 *
 * @module
 */
import { dirname, fromFileUrl, join, relative } from "@std/path";
import { WorkbenchError } from "./errors.ts";
import { elfFault } from "./elf.ts";
import {
  fileFailure,
  isFile,
  isFolder,
  removeQuietly,
  withLock,
  writeFileAtomic,
} from "./files.ts";
import { crc32OfFile, hashJson } from "./hash.ts";
import { cacheFolder } from "./paths.ts";
import type { OnProgress } from "./progress.ts";
import { systemFile } from "./system_file.ts";
import { readText } from "./text_file.ts";
import { type DamagedMember, damagedMember, fetchWheel, type Wheel, wheelFolder } from "./wheel.ts";

/** TensorFlow for the processor alone, or for NVIDIA cards too. */
export type Flavour = "cpu" | "cuda";

const TENSORFLOW = "2.21.0";

/** The two libraries, and the headers that the binding includes. */
const MEMBERS =
  /^tensorflow\/(libtensorflow_(cc|framework)\.so\.2|include\/(tensorflow\/c|tensorflow\/core\/platform|tsl\/platform|xla\/tsl\/c)\/.*\.h)$/;

const WHEELS: Readonly<Record<Flavour, Wheel>> = {
  cpu: {
    name: "tensorflow-cpu",
    version: TENSORFLOW,
    sha256: "2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c",
    platform: "manylinux_2_27_x86_64",
    python: "3.11",
    members: MEMBERS,
    contents: {
      "tensorflow/libtensorflow_cc.so.2": "cacd225b",
      "tensorflow/libtensorflow_framework.so.2": "ddfffa6f",
    },
  },
  cuda: {
    name: "tensorflow",
    version: TENSORFLOW,
    sha256: "9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124",
    platform: "manylinux_2_27_x86_64",
    python: "3.11",
    members: MEMBERS,
  },
};

/** What the wheel's extra `and-cuda` asks for, but for the compiler, which running operations does not need. */
const CUDA_LIBRARIES: readonly (readonly [name: string, version: string])[] = [
  ["nvidia-cublas-cu12", ">=12.5.3.2,<13.0"],
  ["nvidia-cuda-cupti-cu12", ">=12.5.82,<13.0"],
  ["nvidia-cuda-nvrtc-cu12", ">=12.5.82,<13.0"],
  ["nvidia-cuda-runtime-cu12", ">=12.5.82,<13.0"],
  ["nvidia-cudnn-cu12", ">=9.3.0.75,<10.0"],
  ["nvidia-cufft-cu12", ">=11.2.3.61,<12.0"],
  ["nvidia-curand-cu12", ">=10.3.6.82,<11.0"],
  ["nvidia-cusolver-cu12", ">=11.6.3.83,<12.0"],
  ["nvidia-cusparse-cu12", ">=12.5.1.3,<13.0"],
  ["nvidia-nccl-cu12", ">=2.27.7,<3.0"],
  ["nvidia-nvjitlink-cu12", ">=12.5.82,<13.0"],
];

/** Where the compiled binding of a flavour is, whether or not it is there yet. */
async function bindingPath(flavour: Flavour): Promise<string> {
  const folder = await wheelFolder(WHEELS[flavour]);
  const key = await hashJson({
    wheel: relative(cacheFolder(), folder),
    binding: "4.22.0",
  });
  return join(
    cacheFolder(),
    "native",
    `tensorflow-${TENSORFLOW}-${flavour}-${key.slice(0, 8)}`,
    "tfjs_binding.node",
  );
}

/** The install is there and damaged: what is loaded all the same may end the process or compute something else. */
export class DamagedInstall extends WorkbenchError {}

/** Where a binding's own CRC-32 is kept. */
const checksumPath = (binding: string): string => `${binding}.crc32`;

/** What is wrong with a library; undefined for a whole one. */
function libraryFault(path: string): string | undefined {
  try {
    return elfFault(path);
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? "it is missing" : (error as Error).message;
  }
}

/** What is wrong with a binding: its tables, or the checksum that was kept when it was compiled. */
async function bindingFault(binding: string): Promise<string | undefined> {
  const fault = libraryFault(binding);
  const kept = fault === undefined ? await readText(checksumPath(binding)) : undefined;
  if (kept === undefined) return fault;
  const found = await crc32OfFile(binding);
  return found === kept.trim() ? undefined : `its checksum is ${found}, not ${kept.trim()}`;
}

/** The first library of TensorFlow that is missing or cut short. */
function damagedLibrary(folder: string): DamagedMember | undefined {
  for (const name of ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"]) {
    const path = join(folder, "tensorflow", name);
    const fault = libraryFault(path);
    if (fault !== undefined) return { path, fault };
  }
  return undefined;
}

/** The first damaged file of an install, by what takes no time to look at; undefined for a whole one. */
async function damagedFile(folder: string, binding: string): Promise<DamagedMember | undefined> {
  const library = damagedLibrary(folder);
  if (library !== undefined) return library;
  const fault = await bindingFault(binding);
  return fault === undefined ? undefined : { path: binding, fault };
}

/**
 * Looks at all of an install, checksums too, and removes what is damaged, so that {@linkcode installNative} makes it again.
 *
 * @param flavour with or without CUDA
 * @returns what was damaged
 * @throws {WorkbenchError} when it cannot be removed
 */
export async function removeDamaged(flavour: Flavour): Promise<readonly DamagedMember[]> {
  const binding = await bindingPath(flavour);
  const folder = await wheelFolder(WHEELS[flavour]);
  const found: DamagedMember[] = [];
  const remove = async (damaged: DamagedMember, path: string): Promise<void> => {
    found.push(damaged);
    await removeQuietly(path).catch((error) => {
      throw fileFailure(error, `remove ${path}`);
    });
  };
  if (await isFile(binding)) {
    const fault = await bindingFault(binding);
    if (fault !== undefined) await remove({ path: binding, fault }, binding);
  }
  if (await isFolder(folder)) {
    const named = damagedLibrary(folder) ?? await damagedMember(WHEELS[flavour]);
    if (named !== undefined) await remove(named, folder);
  }
  return found;
}

/** Whether a flavour was installed before. */
export async function isInstalled(flavour: Flavour): Promise<boolean> {
  return await isFile(await bindingPath(flavour));
}

/** Whether an NVIDIA driver runs here. */
export async function hasGpuDriver(): Promise<boolean> {
  return systemFile("/proc/driver/nvidia/version") !== undefined ||
    await isFile("/usr/lib/wsl/lib/libcuda.so.1");
}

/**
 * Makes sure that native TensorFlow is in the cache. The first time it fetches 274 MB (with CUDA 572 MB, and where an
 * NVIDIA driver runs about 2 GB of CUDA libraries) and compiles for some seconds; later it looks at three files.
 *
 * @param flavour with or without CUDA
 * @param onProgress told of bytes fetched and unpacked
 * @returns the path of the compiled binding
 * @throws {DamagedInstall} one line when what is there is damaged
 * @throws {WorkbenchError} one line: an unknown platform, no compiler, no pip, no network
 */
export async function installNative(
  flavour: Flavour,
  onProgress?: OnProgress,
): Promise<string> {
  if (Deno.build.os !== "linux" || Deno.build.arch !== "x86_64") {
    throw new WorkbenchError(
      `Expected Linux on x86_64 for native TensorFlow but found ${Deno.build.os} on ${Deno.build.arch}`,
    );
  }
  const binding = await bindingPath(flavour);
  const folder = await wheelFolder(WHEELS[flavour]);
  if (!(await isFile(binding)) || !(await isFolder(folder))) {
    const compiler = await findCompiler();
    await fetchWheel(WHEELS[flavour], onProgress);
    await withLock(`${dirname(binding)}.lock`, async () => {
      if (!(await isFile(binding))) {
        await compile(compiler, folder, binding, onProgress);
      }
    });
  }
  const damaged = await damagedFile(folder, binding);
  if (damaged !== undefined) {
    throw new DamagedInstall(
      `Expected ${damaged.path} as it was installed but found it damaged: ${damaged.fault}; ` +
        "`deno task setup` makes it again, and BALANCEDBIO_BACKEND=wasm computes without it",
    );
  }
  if (flavour === "cuda" && await hasGpuDriver()) {
    await addCudaLibraries(folder, onProgress);
  }
  return binding;
}

/** The first C++ compiler that runs: the one that CXX names, else the usual ones. */
async function findCompiler(): Promise<string> {
  const named = Deno.env.get("CXX");
  for (const compiler of named ? [named] : ["g++", "c++", "clang++"]) {
    try {
      const { success } = await new Deno.Command(compiler, {
        args: ["--version"],
        stdin: "null",
        stdout: "null",
        stderr: "null",
      }).output();
      if (success) return compiler;
    } catch {
      // Not on the PATH: the next one may be.
    }
  }
  throw new WorkbenchError(
    `Expected a C++ compiler on the PATH for native TensorFlow but found ${
      named ? `that CXX=${named} does not run` : "none; install g++ or clang++"
    }`,
  );
}

/** Compiles the binding against the library in a wheel's folder. */
async function compile(
  compiler: string,
  wheel: string,
  binding: string,
  onProgress: OnProgress | undefined,
): Promise<void> {
  onProgress?.(0, 0, "compiling the binding");
  const { default: headers } = await import("node-api-headers");
  const source = dirname(
    fromFileUrl(import.meta.resolve("@tensorflow/tfjs-node-gpu/package.json")),
  );
  const library = join(wheel, "tensorflow");
  const fresh = `${binding}.${crypto.randomUUID()}.new`;
  await Deno.mkdir(dirname(binding), { recursive: true });
  const { success, stderr } = await new Deno.Command(compiler, {
    args: [
      ...["-O2", "-fPIC", "-shared", "-std=c++17", "-DNAPI_VERSION=8"],
      ...[headers.include_dir, join(library, "include"), source].map((path) => `-I${path}`),
      ...["tfjs_backend.cc", "tfjs_binding.cc"].map((name) => join(source, "binding", name)),
      ...[
        "-o",
        fresh,
        `-L${library}`,
        "-l:libtensorflow_cc.so.2",
        "-l:libtensorflow_framework.so.2",
      ],
      `-Wl,-rpath,$ORIGIN/${relative(dirname(binding), library)}`,
    ],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) {
    await removeQuietly(fresh);
    const lines = new TextDecoder().decode(stderr).split("\n");
    const reason = lines.find((line) => /error/i.test(line)) ?? lines[0] ?? "";
    throw new WorkbenchError(
      `Cannot compile TensorFlow's binding with ${compiler}: ${reason.trim()}`,
    );
  }
  const sum = await crc32OfFile(fresh);
  await removeQuietly(checksumPath(binding));
  await Deno.rename(fresh, binding);
  await writeFileAtomic(checksumPath(binding), `${sum}\n`);
}

/**
 * Puts CUDA's libraries where TensorFlow looks for them, the folder `nvidia` beside its own. They are hard links,
 * since the libraries find each other by their own place. This was written without a card at hand to try it on; the
 * build with CUDA itself was seen to compute on the processor where there is no card.
 */
async function addCudaLibraries(
  wheel: string,
  onProgress: OnProgress | undefined,
): Promise<void> {
  for (const [name, version] of CUDA_LIBRARIES) {
    const members = /^nvidia\/[^/]+\/lib\/[^/]+\.so[.\d]*$/;
    const folder = await fetchWheel({ name, version, members }, onProgress);
    for (const part of Deno.readDirSync(join(folder, "nvidia"))) {
      const from = join(folder, "nvidia", part.name, "lib");
      const to = join(wheel, "nvidia", part.name, "lib");
      await Deno.mkdir(to, { recursive: true });
      for (const { name } of Deno.readDirSync(from)) {
        if (!(await isFile(join(to, name)))) {
          await Deno.link(join(from, name), join(to, name));
        }
      }
    }
  }
}
