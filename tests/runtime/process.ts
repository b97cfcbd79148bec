/** Programs in processes of their own, for tests of whole runs. */

const root = new URL("../../", import.meta.url).pathname;

/** The command that runs TypeScript code from the project's root, where `./lib/...` can be imported. */
export function program(
  code: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", "--ext=ts", code, ...args],
    cwd: root,
    env,
    stdout: "piped",
    stderr: "piped",
  });
}

/** Runs code to its end. */
export async function run(
  ...args: Parameters<typeof program>
): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await program(...args).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

/** Runs code until it writes something, then sends it a signal and gives its exit code. */
export async function stop(
  signal: Deno.Signal,
  ...args: Parameters<typeof program>
): Promise<number> {
  const child = program(...args).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  child.kill(signal);
  await Promise.all([reader.cancel(), child.stderr.cancel()]);
  return (await child.status).code;
}
