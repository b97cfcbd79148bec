import { assert, assertEquals } from "@std/assert";
import { command } from "../experiments/commands.ts";
import { program } from "../runtime/process.ts";

/** Serves by a program that writes its process id and stays; it says when the program ended by itself. */
const code = `
  import { runServer } from "./experiments/commands/notebooks/server.ts";
  const stay = "console.log(Deno.pid); await new Promise((r) => setTimeout(r, 60_000));";
  await runServer(Deno.execPath(), { args: ["eval", Deno.args[0] ?? stay], env: {} });
  console.log("ended");`;

/** Whether a process is there and no zombie. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}

for (const signal of ["SIGTERM", "SIGHUP"] as const) {
  Deno.test({
    name: `what is served ends with its command: ${signal}`,
    ignore: Deno.build.os !== "linux",
    fn: async () => {
      const child = program(code).spawn();
      const reader = child.stdout.getReader();
      const pid = Number(new TextDecoder().decode((await reader.read()).value));
      assert(isAlive(pid));
      child.kill(signal);
      const status = await child.status;
      assertEquals(status.signal, signal);
      assert(!isAlive(pid), "it goes on");
      await Promise.all([reader.cancel(), child.stderr.cancel()]);
    },
  });
}

Deno.test("a program that ends by itself ends what serves it", async () => {
  const { success, stdout } = await program(code, ["0"]).output();
  assertEquals([success, new TextDecoder().decode(stdout)], [true, "ended\n"]);
});

Deno.test({
  name: "root is told of the option that it needs",
  ignore: Deno.uid() !== 0, // Another user gets JupyterLab without it.
  fn: async () => {
    const { code, err } = await command("lab", "--no-browser");
    assertEquals(code, 2);
    assert(err.includes("--allow-root"), err);
  },
});
