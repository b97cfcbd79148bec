import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { command, commandProcess } from "../experiments/commands.ts";
import { hasSlurm, until, withCluster } from "./cluster.ts";

/** Several waves: pilots, then ascents and trainings. */
const sweep = [
  ...["convergence", "reward-weighting", "--preset", "smoke", "--seeds", "1"],
  "--config",
  JSON.stringify({
    "reward-weighting": {
      rules: ["static", "capability-aware"],
      trainer: { parts: ["static", "capability-aware"] },
    },
  }),
];

/** What was found, and results without what is timed. */
async function found(out: string): Promise<string[]> {
  const names = ["convergence", "reward-weighting"];
  const parts = names.map(async (name) => {
    const read = (file: string) => Deno.readTextFile(join(out, name, file));
    const { date: _, machine: __, seconds: ___, ...results } = JSON.parse(
      await read("results.json"),
    );
    return [await read("findings.json"), JSON.stringify(results)];
  });
  return (await Promise.all(parts)).flat();
}

Deno.test({
  name:
    "a sweep on Slurm outlives its node and its launcher, and gives what the local launcher gives",
  ignore: !hasSlurm(),
  fn: async () => {
    await withCluster(async (cluster, folder) => {
      const out = join(folder, "slurm");
      const args = [...sweep, "--out", out, "--launcher", "slurm", "--jobs", "8"];
      const launcher = commandProcess("experiments", args, cluster.env).spawn();
      const said = launcher.output();
      const running = async (): Promise<string> =>
        (await cluster.slurm("squeue", "-h", "-t", "RUNNING", "-w", "node1", "-o", "%F_%K")).trim();
      const records = async () =>
        (await Array.fromAsync(Deno.readDir(join(out, "cells"))).catch(() => []))
          .filter(({ name }) => /-[0-9a-f]{16}\.json$/.test(name)).length;
      await until("made cells, and one on node1", async () => {
        return await records() >= 3 && await running() !== "";
      }, 240);
      const task = await running();
      await cluster.killNode("node1");
      launcher.kill("SIGKILL");
      await said;
      const states = async () =>
        await cluster.slurm("squeue", "-h", "-t", "all", "--array", "-o", "%F_%K %T %r");
      // Slurm queues the task again, or lets it fail where it was not quite under way.
      await until("the end of the dead node's task", async () => {
        return !(await states()).split("\n").some((line) => line.startsWith(`${task} RUNNING`)) &&
          (await cluster.slurm("sinfo", "-h", "-n", "node1", "-o", "%T")).includes("down");
      }, 120);
      // Slurm lets what it queued again wait for two minutes.
      await cluster.slurm("scontrol", "update", `jobid=${task}`, "starttime=now").catch(() => "");
      await cluster.startNode("node1");
      const second = commandProcess("experiments", args, cluster.env).spawn();
      const ended = second.output();
      const before = await records();
      await until("more cells", async () => await records() > before, 120);
      await cluster.stopController();
      await new Promise((resolve) => setTimeout(resolve, 5000));
      await cluster.startController();
      const again = await ended;
      assertEquals(again.code, 0, new TextDecoder().decode(again.stderr) + await states());
      const cores = String(navigator.hardwareConcurrency);
      const local = join(folder, "local");
      const alone = await command(
        "experiments",
        ...[...sweep, "--out", local, "--launcher", "local", "--jobs", cores],
      );
      assertEquals(alone.code, 0, alone.err);
      assertEquals(await found(out), await found(local));
    });
  },
});

Deno.test({
  name: "jobs that a launcher left are cancelled; without Slurm there is one line",
  ignore: !hasSlurm(),
  fn: async () => {
    await withCluster(async (cluster, folder) => {
      const out = join(folder, "out");
      const args = ["convergence", "--preset", "smoke", "--out", out, "--launcher", "slurm"];
      const nowhere = await commandProcess("experiments", args).output();
      assertEquals(nowhere.code, 1);
      assertStringIncludes(new TextDecoder().decode(nowhere.stderr), "Cannot run scontrol");
      for (const node of ["node1", "node2"]) {
        await cluster.slurm("scontrol", "update", `nodename=${node}`, "state=drain", "reason=test");
      }
      const launcher = commandProcess("experiments", args, cluster.env).spawn();
      const said = launcher.output();
      const queued = async () => (await cluster.slurm("squeue", "-h", "-o", "%T")).trim();
      await until("a job in the queue", async () => await queued() === "PENDING", 60);
      launcher.kill("SIGINT");
      const ended = await said;
      assertEquals(ended.code, 130);
      assertStringIncludes(new TextDecoder().decode(ended.stderr), "the same command joins them");
      assertEquals(await queued(), "PENDING");
      const cancel = await commandProcess("experiments", ["--out", out, "--cancel"], cluster.env)
        .output();
      assertStringIncludes(new TextDecoder().decode(cancel.stdout), "1 job cancelled");
      await until("an empty queue", async () => await queued() === "", 30);
      assert(await Deno.stat(join(out, "cells", "slurm.json")).then(() => false, () => true));
    });
  },
});
