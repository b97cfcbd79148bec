/**
 * Slurm with two nodes on one machine, without systemd: munge, a controller and two daemons with ports and folders of their
 * own. Needs Debian's packages slurmctld, slurmd, slurm-client and munge, and root.
 */
import { join } from "@std/path";

/** A cluster that runs. */
export interface Cluster {
  /** Environment in which Slurm's programs find it. */
  readonly env: Readonly<Record<string, string>>;
  /** Kills a node with all that runs on it, as a power cut would. */
  readonly killNode: (name: string) => Promise<void>;
  /** Starts a node again. */
  readonly startNode: (name: string) => Promise<void>;
  /** Ends the controller; jobs go on. */
  readonly stopController: () => Promise<void>;
  /** Starts the controller again. */
  readonly startController: () => Promise<void>;
  /** Runs one of Slurm's programs. */
  readonly slurm: (program: string, ...args: string[]) => Promise<string>;
  /** Ends everything. */
  readonly stop: () => Promise<void>;
}

const nodes = { node1: 36818, node2: 36819 } as const;
const CONTROLLER_PORT = 36817;

/** Whether Slurm's programs are here and may be started. */
export function hasSlurm(): boolean {
  const found = new Deno.Command("sh", {
    args: ["-c", "test $(id -u) = 0 && command -v slurmctld slurmd sbatch munged"],
    stdout: "null",
    stderr: "null",
  }).outputSync();
  return found.success;
}

async function output(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const ended = await new Deno.Command(program, { args: [...args], env }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (!ended.success) throw new Error(`${program} ${args.join(" ")}: ${text(ended.stderr)}`);
  return text(ended.stdout);
}

function configuration(folder: string): string {
  const host = Deno.hostname().split(".")[0]!;
  const settings = {
    ClusterName: "lab",
    SlurmctldHost: `${host}(127.0.0.1)`,
    SlurmctldPort: CONTROLLER_PORT,
    SlurmUser: "root",
    AuthType: "auth/munge",
    AuthInfo: `socket=${folder}/munge/socket`,
    CredType: "cred/munge",
    StateSaveLocation: `${folder}/controller`,
    SlurmdSpoolDir: `${folder}/%n`,
    SlurmctldPidFile: `${folder}/controller.pid`,
    SlurmdPidFile: `${folder}/%n.pid`,
    SlurmctldLogFile: `${folder}/log/controller.log`,
    SlurmdLogFile: `${folder}/log/%n.log`,
    ProctrackType: "proctrack/linuxproc",
    TaskPlugin: "task/none",
    MpiDefault: "none",
    SchedulerType: "sched/backfill",
    SchedulerParameters: "batch_sched_delay=0,sched_interval=1,bf_interval=1",
    SelectType: "select/cons_tres",
    SelectTypeParameters: "CR_Core",
    AccountingStorageType: "accounting_storage/none",
    JobAcctGatherType: "jobacct_gather/none",
    SlurmdTimeout: 5,
    SlurmctldTimeout: 5,
    MinJobAge: 3600,
    KillWait: 2,
    ReturnToService: 2,
    JobRequeue: 1,
    // So that the sweep needs several arrays for a level.
    MaxArraySize: 4,
    SlurmdParameters: "config_overrides",
  };
  const nodeLines = Object.entries(nodes).map(([name, port]) =>
    `NodeName=${name} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${port} CPUs=1 RealMemory=8000 State=UNKNOWN`
  );
  return [
    ...Object.entries(settings).map(([key, value]) => `${key}=${value}`),
    ...nodeLines,
    `PartitionName=lab Nodes=${Object.keys(nodes).join(",")} Default=YES MaxTime=INFINITE State=UP`,
    "",
  ].join("\n");
}

/** Processes whose command line or environment names a node's folder, and all below them. */
async function processesOf(folder: string, name: string): Promise<number[]> {
  const pid = Number((await Deno.readTextFile(join(folder, `${name}.pid`))).trim());
  const table = await output("ps", ["-eo", "pid=,ppid=,args="], {});
  const rows = table.trim().split("\n").map((line) => {
    const [, id, parent, args] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line)!;
    return { id: Number(id), parent: Number(parent), args: args! };
  });
  // A step's daemon is no child of the node's: it is found by the jobs that Slurm runs there.
  const jobs = (await output("squeue", ["-h", "-t", "RUNNING", "-w", name, "-o", "%A"], {
    SLURM_CONF: join(folder, "slurm.conf"),
  })).split(/\s+/).filter((job) => job !== "");
  const chosen = new Set([
    pid,
    ...rows.filter(({ args }) => jobs.some((job) => args.startsWith(`slurmstepd: [${job}.`)))
      .map(({ id }) => id),
  ]);
  for (let before = 0; before < chosen.size;) {
    before = chosen.size;
    for (const { id, parent } of rows) if (chosen.has(parent)) chosen.add(id);
  }
  return [...chosen];
}

function kill(pid: number, signal: Deno.Signal): void {
  try {
    Deno.kill(pid, signal);
  } catch {
    // It has ended.
  }
}

/** Waits until a condition holds. */
export async function until(
  what: string,
  holds: () => Promise<boolean>,
  seconds: number,
): Promise<void> {
  for (const end = Date.now() + 1000 * seconds; !await holds();) {
    if (Date.now() > end) throw new Error(`Expected ${what} within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Starts a cluster for some work, in a folder that is removed with it. */
export async function withCluster(
  work: (cluster: Cluster, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "slurm-" });
  try {
    const cluster = await startCluster(folder);
    try {
      await work(cluster, folder);
    } finally {
      await cluster.stop();
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function startCluster(folder: string): Promise<Cluster> {
  for (const name of ["controller", "log", "munge", ...Object.keys(nodes)]) {
    await Deno.mkdir(join(folder, name), { recursive: true, mode: 0o755 });
  }
  await Deno.chmod(folder, 0o755);
  const config = join(folder, "slurm.conf");
  await Deno.writeTextFile(config, configuration(folder));
  const key = join(folder, "munge", "key");
  await Deno.writeFile(key, crypto.getRandomValues(new Uint8Array(128)), { mode: 0o600 });
  const env = { SLURM_CONF: config };
  const munge = (file: string) => join(folder, "munge", file);
  await output("munged", [
    "--force",
    ...["--socket", munge("socket"), "--key-file", key, "--pid-file", munge("pid")],
    ...["--log-file", munge("log"), "--seed-file", munge("seed")],
  ], env);
  const controller = (...more: string[]) => output("slurmctld", [...more, "-f", config], env);
  await controller("-c");
  const startNode = async (name: string) => void await output("slurmd", ["-N", name], env);
  const slurm = (program: string, ...args: string[]) => output(program, args, env);
  const stop = async () => {
    await slurm("scancel", "--user=root").catch(() => "");
    const pids: string[] = [];
    for (const name of ["node1.pid", "node2.pid", "controller.pid", "munge/pid"]) {
      pids.push((await Deno.readTextFile(join(folder, name)).catch(() => "")).trim());
    }
    const running = pids.filter((pid) => pid !== "");
    for (const pid of running) kill(Number(pid), "SIGTERM");
    // They still write to the folder until they end.
    const haveEnded = async () =>
      !(await new Deno.Command("ps", { args: ["-o", "pid=", "-p", running.join(",")] }).output())
        .success;
    await until("the end of the cluster", haveEnded, 30);
  };
  try {
    for (const name of Object.keys(nodes)) await startNode(name);
    const idle = async () => (await slurm("sinfo", "-h", "-t", "idle", "-o", "%D")).trim() === "2";
    await until("two idle nodes", idle, 30);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    env,
    killNode: async (name) => {
      for (const pid of await processesOf(folder, name)) kill(pid, "SIGKILL");
    },
    startNode,
    stopController: async () => {
      kill(Number(await Deno.readTextFile(join(folder, "controller.pid"))), "SIGTERM");
      const answers = () =>
        slurm("scontrol", "ping").then((text) => text.includes("UP"), () => false);
      await until("a controller that is silent", async () => !await answers(), 30);
    },
    startController: async () => void await controller(),
    slurm,
    stop,
  };
}
