/** What tasks may do: their permissions are those of deno.json, and they do with them what they are for. @module */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl, join } from "@std/path";

const root = fromFileUrl(new URL("../../", import.meta.url));
const config = JSON.parse(await Deno.readTextFile(join(root, "deno.json"))) as {
  readonly lock: { readonly frozen?: boolean };
  readonly tasks: Readonly<Record<string, { readonly command: string }>>;
};

/** Runs a task's command in the project, as `deno task` does, with further permissions taken away. */
async function runTask(
  name: string,
  args: readonly string[],
  without: readonly string[] = [],
): Promise<{ code: number; out: string; err: string }> {
  const [variable, program, verb, ...rest] = config.tasks[name]!.command.split(" ");
  assertEquals([variable, program, verb], ["DENO_NO_UPDATE_CHECK=1", "deno", "run"]);
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", ...without, ...rest, ...args],
    cwd: root,
    env: { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

Deno.test("tasks: none asks for everything, for a new Deno or for other packages than are locked", () => {
  assertEquals(config.lock.frozen, true);
  for (const [name, { command }] of Object.entries(config.tasks)) {
    assert(!/(?:^|\s)(?:-A|--allow-all)(?:\s|$)/.test(command), name);
    assertEquals(
      command.split("deno ").length,
      command.split("DENO_NO_UPDATE_CHECK=1 deno ").length,
      name,
    );
  }
  // What needs no model reaches no network and starts no program.
  for (const name of ["figures", "runs", "compare"]) {
    const { command } = config.tasks[name]!;
    assert(!/-[A-Z]*N|--allow-(?:net|run)/.test(command), command);
  }
  assert(!/--allow-(?:ffi|run)|-[A-Z]*S/.test(config.tasks["synthesize"]!.command));
});

Deno.test("tasks: data, figures and tables come with the permissions of their tasks", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const items = join(folder, "items.jsonl");
    // Without a teacher no network is reached.
    const made = await runTask("synthesize", ["--count", "16", "--out", items], ["--deny-net"]);
    assertEquals(made.code, 0, made.err);
    assertEquals((await Deno.readTextFile(items)).trim().split("\n").length, 16);
    const from = ["--from", join(root, "experiments/results/surrogate")];
    const drawn = await runTask("figures", [...from, "--out", join(folder, "figures")]);
    assertEquals(drawn.code, 0, drawn.err);
    assertStringIncludes(drawn.out, "Drew 1 figures");
    const gallery = await runTask("figures", [...from, "--gallery", "--out", folder]);
    assertEquals(gallery.code, 0, gallery.err);
    const runs = await runTask("runs", [folder]);
    assertEquals(runs.code, 2); // There are none, and it could look.
    assertStringIncludes(runs.err, "error: Expected");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("tasks: with the model there, generating and training reach no network and start no program", async () => {
  const folder = await Deno.makeTempDir();
  const without = ["--deny-net", "--deny-run"];
  try {
    const said = await runTask(
      "generate",
      ["--model", "tiny", "--prompt", "a", "--max-new-tokens", "2"],
      without,
    );
    if (/Cannot fetch|Requires (?:net|run) access/.test(said.err)) {
      console.warn("tasks: skipped, the model or the library is not in the cache");
      return;
    }
    assertEquals(said.code, 0, said.err);
    const run = await runTask("train", [
      ...["--method", "sft", "--model", "tiny", "--data-count", "40", "--max-steps", "1"],
      ...["--per-device-train-batch-size", "2", "--out", join(folder, "run")],
    ], without);
    assertEquals(run.code, 0, run.err);
    const runs = await runTask("runs", [folder]);
    assertEquals(runs.code, 0, runs.err);
    const out = await runTask("export", [
      ...["--run", join(folder, "run"), "--format", "peft", "--out", join(folder, "adapter")],
    ], without);
    assertEquals(out.code, 0, out.err);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
