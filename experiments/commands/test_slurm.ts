/**
 * `deno task test:slurm`: installs Slurm where a system has Debian's packages, starts two nodes on this machine and runs a
 * sweep on them while a node and the launcher are killed.
 *
 * @module
 */
import { z } from "zod";
import { projectFolder, runCommand, UsageError, WorkbenchError } from "../../lib/runtime/mod.ts";

/** Debian's packages. */
const packages = ["slurmctld", "slurmd", "slurm-client", "munge", "procps"];

/** Runs a program whose output is shown; whether it went well. */
async function shown(program: string, ...args: string[]): Promise<boolean> {
  const child = new Deno.Command(program, { args, cwd: projectFolder(), stdin: "null" }).spawn();
  return (await child.status).success;
}

const isThere = (): boolean =>
  new Deno.Command("sh", {
    args: ["-c", "command -v slurmctld slurmd sbatch munged ps"],
    stdout: "null",
    stderr: "null",
  }).outputSync().success;

await runCommand(
  {
    name: "test:slurm",
    summary: "Tests the launcher on Slurm, with two nodes on this machine (as root, on Debian).",
    schema: z.object({}),
    examples: [""],
  },
  Deno.args,
  async () => {
    if (Deno.uid() !== 0) throw new UsageError("Expected root but found another user");
    if (!isThere()) {
      const installs = await shown("apt-get", "update", "-qq") &&
        await shown("apt-get", "install", "-y", "-qq", "--no-install-recommends", ...packages);
      if (!installs || !isThere()) {
        throw new WorkbenchError(`Cannot install ${packages.join(", ")}`);
      }
    }
    if (!await shown(Deno.execPath(), "test", "-A", "--no-check", "tests/slurm")) {
      throw new WorkbenchError("The tests on Slurm failed");
    }
  },
);
