/**
 * `deno task setup`: fetches and compiles what the chosen backend needs, and says what will compute.
 *
 * @module
 */
import { z } from "zod";
import {
  backendNames,
  cacheFolder,
  hasGpuDriver,
  isInstalled,
  removeDamaged,
  runCommand,
  startBackend,
  tf,
} from "../../lib/runtime/mod.ts";

const schema = z.object({
  backend: z.enum(backendNames).optional().describe(
    "The backend to set up; the best one for this machine without it",
  ),
  gpu: z.boolean().default(false).describe(
    "Set up TensorFlow with CUDA for NVIDIA cards, as --backend gpu does",
  ),
});

/** Times a product of two square matrices, in 10^9 floating-point operations a second. */
async function measure(size: number): Promise<number> {
  const x = tf.randomUniform([size, size]); // [N, N]
  let best = Infinity;
  for (let i = 0; i < 4; i++) {
    const start = performance.now();
    const y = tf.matMul(x, x);
    await y.data();
    best = Math.min(best, performance.now() - start);
    y.dispose();
  }
  x.dispose();
  return 2 * size ** 3 / best / 1e6;
}

await runCommand(
  {
    name: "setup",
    summary: "Fetches and compiles what the tensors need, and says what will compute them.",
    schema,
    examples: ["", "--gpu", "--backend wasm"],
  },
  Deno.args,
  async ({ backend, gpu }) => {
    const cuda = gpu || await isInstalled("cuda") && await hasGpuDriver();
    for (const flavour of ["cpu", "cuda"] as const) {
      for (const { path, fault } of await removeDamaged(flavour)) {
        console.error(`note: ${path} was damaged (${fault}); it was removed and is made again`);
      }
    }
    const info = await startBackend(gpu ? "gpu" : backend ?? (cuda ? "gpu" : undefined));
    if (info.note) console.error(`note: ${info.note}`);
    const speed = await measure(info.name === "cpu" ? 256 : 1024);
    const { os, arch, cpu, cores, memory_gb } = info.machine;
    console.log(
      `backend    ${info.name}, ${Math.round(speed)} GFLOP/s in a float32 matrix product`,
    );
    console.log(
      `versions   ${Object.entries(info.versions).map((pair) => pair.join(" ")).join(", ")}`,
    );
    console.log(
      `machine    ${os}, ${arch}, ${cpu}, ${cores} cores, ${memory_gb} GB`,
    );
    console.log(`cache      ${cacheFolder()}`);
  },
);
