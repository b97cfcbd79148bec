/**
 * A program that serves until it is stopped, and that ends with this process.
 *
 * @module
 */

/** Signals that end this process, and the program with it. */
const endings: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGBREAK"]
  : ["SIGTERM", "SIGHUP"];

/**
 * Runs a program until it ends. Ctrl-C reaches it from the terminal, too, so it is left to do about it what it does, such as
 * ask. Whatever else ends this process ends the program first.
 *
 * @param command what to run
 * @param options its arguments and its environment
 * @returns its exit code
 */
export async function runServer(
  command: string,
  options: { readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> },
): Promise<number> {
  const child = new Deno.Command(command, { args: [...options.args], env: { ...options.env } })
    .spawn();
  let ended: Deno.Signal | undefined;
  const listeners: [Deno.Signal, () => void][] = [
    ["SIGINT", () => {}],
    ...endings.map((signal): [Deno.Signal, () => void] => [signal, () => {
      ended = signal;
      child.kill("SIGTERM");
    }]),
  ];
  for (const listener of listeners) Deno.addSignalListener(...listener);
  const { code } = await child.status;
  for (const listener of listeners) Deno.removeSignalListener(...listener);
  // Nobody listens any more: the process ends as it does without a program.
  if (ended !== undefined) Deno.kill(Deno.pid, ended);
  return code;
}
