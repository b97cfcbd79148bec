/**
 * The processes that measure: the workbench's own, and the scripts of other software.
 *
 * @module
 */
import { dirname, fromFileUrl, join } from "@std/path";
import {
  endedBy,
  isFile,
  projectFolder,
  temporaryFolder,
  UsageError,
  WorkbenchError,
} from "../../lib/runtime/mod.ts";
import type { Choice } from "./benchmarks.ts";
import type { Reply, Request } from "./child.ts";
import type { Measurements } from "./measure.ts";

/** Signals that end this process; the programs that it runs end with it. */
const endings: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM", "SIGHUP"];

/** Runs a program to its end; a signal that ends this process ends the program first and calls `onEnding`. */
async function runToEnd(
  program: string,
  options: Deno.CommandOptions,
  onEnding: () => void,
): Promise<{ status: Deno.CommandStatus; stderr: string }> {
  const child = new Deno.Command(program, options).spawn();
  const listeners = endings.map((signal) => {
    const listener = () => {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended by itself.
      }
      onEnding();
      stopListening();
      // Again, and now nobody listens: the process ends as it does without programs.
      Deno.kill(Deno.pid, signal);
    };
    Deno.addSignalListener(signal, listener);
    return [signal, listener] as const;
  });
  const stopListening = () => listeners.forEach((pair) => Deno.removeSignalListener(...pair));
  try {
    const [status, stderr] = await Promise.all([
      child.status,
      options.stderr === "piped" ? child.stderr.text() : "",
    ]);
    return { status, stderr };
  } finally {
    stopListening();
  }
}

/** Runs a program that writes JSON to the file behind `--json`; what it says is shown when it fails. */
async function runForJson(
  program: string,
  args: readonly string[],
  { cwd, quiet }: { readonly cwd: string; readonly quiet: boolean },
): Promise<unknown> {
  const folder = temporaryFolder("balancedbio-");
  const file = join(folder, "found.json");
  try {
    const { status, stderr } = await runToEnd(program, {
      args: [...args, "--json", file],
      cwd,
      stdout: "null",
      stderr: quiet ? "piped" : "inherit",
    }, () => Deno.removeSync(folder, { recursive: true }));
    if (!status.success) {
      const said = stderr.trim().split("\n").at(-1);
      throw new WorkbenchError(
        `Cannot measure with ${[program, ...args].join(" ")}${
          endedBy(status) || (said ? `: ${said}` : "")
        }`,
      );
    }
    return JSON.parse(await Deno.readTextFile(file));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Measures the workbench. */
export async function measureOurs(request: Request): Promise<Reply> {
  const child = fromFileUrl(new URL("./child.ts", import.meta.url));
  const args = ["run", "-A", "--quiet", child, "--request", JSON.stringify(request)];
  return await runForJson(Deno.execPath(), args, { cwd: projectFolder(), quiet: false }) as Reply;
}

/** Other software that runs the same workloads. */
export interface Peer {
  /** Name in tables. */
  readonly name: string;
  /** The model whose workloads it runs. */
  readonly benchmark: Choice["benchmark"];
  /** The Python modules that it needs. */
  readonly modules: readonly string[];
  /** The file beside its script with packages that the peers' environment does not have; none without it. */
  readonly extra?: string;
  /** Its script. */
  readonly script: string;
  /** Arguments of the script for the chosen workloads; undefined where it runs none of them. */
  readonly args: (request: Request, gguf: string) => string[] | undefined;
  /** Whether its process does then what ours does, so that peaks of memory can be compared. */
  readonly sameMemory: (request: Request) => boolean;
}

/** The peers, in the order in which they run. */
export const peers: readonly Peer[] = [
  {
    name: "TRL",
    benchmark: "tiny",
    modules: ["torch", "transformers", "trl", "peft", "datasets"],
    script: "bench_trl.py",
    args: ({ workloads, steps, precision }) => [
      "--steps",
      String(steps),
      ...(precision === "bf16" ? ["--bf16"] : []),
      ...(workloads.includes("grpo") ? [] : ["--skip-grpo"]),
    ],
    sameMemory: ({ workloads }) =>
      ["matmul", "sft", "generate", "logprob"].every((name) => workloads.includes(name)),
  },
  {
    name: "PyTorch + TRL",
    benchmark: "smollm2",
    modules: ["torch", "transformers", "trl", "peft", "datasets", "gguf"],
    script: "bench_smollm2.py",
    args: ({ workloads, steps, precision }, gguf) => [
      "torch",
      "--gguf",
      gguf,
      "--steps",
      String(steps),
      "--only",
      workloads.join(","),
      ...(precision === "bf16" ? ["--bf16"] : []),
    ],
    sameMemory: () => true,
  },
  {
    name: "llama.cpp",
    benchmark: "smollm2",
    modules: ["torch", "llama_cpp"],
    extra: "requirements-llama.txt",
    script: "bench_smollm2.py",
    args: ({ workloads }, gguf) =>
      workloads.includes("generate") ? ["llama", "--gguf", gguf] : undefined,
    sameMemory: () => false,
  },
];

/** The peers that can run: their script is in the folder and Python has their module. `absent` says why others cannot. */
export async function availablePeers(
  python: string,
  scripts: string,
): Promise<{ available: Peer[]; absent: string[] }> {
  const available: Peer[] = [];
  const absent: string[] = [];
  for (const peer of peers) {
    const script = join(scripts, peer.script);
    const here = await isFile(script);
    const missing = here ? await missingModules(python, peer.modules) : [];
    if (!here) absent.push(`${peer.name} is not measured: there is no ${script}`);
    else if (missing.length > 0) {
      const how = peer.extra &&
        `; ${python} -m pip install -r ${join(scripts, peer.extra)} adds it`;
      absent.push(
        `${peer.name} is not measured: ${python} has no module ${missing.join(", ")}${how ?? ""}`,
      );
    } else available.push(peer);
  }
  return { available, absent };
}

/** The modules among `modules` that Python does not find. */
async function missingModules(python: string, modules: readonly string[]): Promise<string[]> {
  const code =
    "import importlib.util, sys; print(*(m for m in sys.argv[1:] if importlib.util.find_spec(m) is None))";
  try {
    const { stdout } = await new Deno.Command(python, {
      args: ["-c", code, ...modules],
      stderr: "null",
    }).output();
    return new TextDecoder().decode(stdout).split(/\s+/).filter((name) => name !== "");
  } catch (error) {
    throw new UsageError(
      `Expected peers to be a Python program but found ${python}, which does not start: ${
        (error as Error).message
      }`,
    );
  }
}

/** Measures a peer; undefined where it has none of the chosen workloads. What is not a number is left out, and so is
 * memory that cannot be compared. */
export async function measurePeer(
  peer: Peer,
  python: string,
  scripts: string,
  request: Request,
  gguf: string,
): Promise<Measurements | undefined> {
  const args = peer.args(request, gguf);
  if (args === undefined) return undefined;
  const script = join(scripts, peer.script);
  const found = await runForJson(python, [script, ...args], { cwd: dirname(script), quiet: true });
  return Object.fromEntries(
    Object.entries(found as Record<string, unknown>).filter(([name, value]) =>
      typeof value === "number" && (!name.endsWith("_mb") || peer.sameMemory(request))
    ),
  ) as Measurements;
}
