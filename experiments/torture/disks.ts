/**
 * Disks that fill up: a command says so in one line, and with room again the same command goes on.
 *
 * @module
 */
import { join } from "@std/path";
import { projectFolder, shellQuoted } from "../../lib/runtime/mod.ts";
import { commandLine } from "../core/command_line.ts";
import { type Ended, manners } from "./process.ts";
import type { Outcome, Trial } from "./trial.ts";
import type { Whole, Work } from "./work.ts";

/** Runs a script in a namespace of its own, in which it may mount disks; undefined where that is not allowed here. */
async function inNamespace(script: string): Promise<Ended | undefined> {
  const mayMount = async (...flags: string[]): Promise<boolean> => {
    try {
      const { success } = await new Deno.Command("unshare", {
        args: [...flags, "--mount", "sh", "-c", "mount -t tmpfs none /mnt"],
        stdout: "null",
        stderr: "null",
      }).output();
      return success;
    } catch {
      return false;
    }
  };
  const flags = await mayMount()
    ? []
    : await mayMount("--user", "--map-root-user")
    ? ["--user", "--map-root-user"]
    : undefined;
  if (flags === undefined) return undefined;
  const { code, stdout, stderr } = await new Deno.Command("unshare", {
    args: [...flags, "--mount", "sh", "-c", script],
    cwd: projectFolder(),
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr), hung: false, seconds: 0 };
}

/** Runs a work on a disk of so many kilobytes, then with room, and compares. */
async function fillUp(
  work: Work,
  kilobytes: number,
  folder: string,
  whole: string,
): Promise<Outcome> {
  const disk = join(folder, "disk");
  const kept = join(folder, "kept");
  const out = join(disk, "out");
  await Deno.mkdir(disk);
  const command = commandLine(work.task, work.args(out)).map(shellQuoted).join(" ");
  const ended = await inNamespace(
    [
      `mount -t tmpfs -o size=${kilobytes}k none ${shellQuoted(disk)} || exit 90`,
      `${command} 1>&2; first=$?; echo "first $first" >> ${shellQuoted(join(folder, "codes"))}`,
      `mount -o remount,size=1g ${shellQuoted(disk)} || exit 91`,
      `cp -r ${shellQuoted(disk)} ${shellQuoted(join(folder, "full"))}`,
      `${command} > /dev/null 2> ${shellQuoted(join(folder, "second"))}`,
      `second=$?; echo "second $second" >> ${shellQuoted(join(folder, "codes"))}`,
      `cp -r ${shellQuoted(out)} ${shellQuoted(kept)}`,
    ].join("\n"),
  );
  if (ended === undefined) return { skipped: "disks cannot be mounted here" };
  const codes = await Deno.readTextFile(join(folder, "codes"));
  const code = (which: string): number =>
    Number(new RegExp(`${which} (\\d+)`).exec(codes)?.[1] ?? NaN);
  const [first, second] = [code("first"), code("second")];
  const fault = manners({ ...ended, code: first });
  if (fault !== undefined) return { fault: `${kilobytes} kB: ${fault}` };
  if (second !== 0) {
    const said = (await Deno.readTextFile(join(folder, "second"))).trimEnd().split("\n").at(-1);
    return { fault: `${kilobytes} kB, then with room: code ${second}, ${said}` };
  }
  return await work.same(kept, whole)
    ? "same"
    : { fault: `${kilobytes} kB, then with room: another result than without` };
}

/**
 * Trials on small disks.
 *
 * @param works what is disturbed
 * @param count trials of each work: as many sizes, each 2.5 times the one before
 * @param whole the undisturbed run of a work
 */
export function diskTrials(
  works: readonly Work[],
  count: number,
  whole: (work: Work) => Promise<Whole>,
): Trial[] {
  return works.flatMap((work) =>
    Array.from({ length: count }, (_, i): Trial => {
      const kilobytes = Math.round(16 * 2.5 ** i);
      return {
        kind: `small disk: ${work.name}`,
        name: `${kilobytes} kB`,
        run: async (folder) => await fillUp(work, kilobytes, folder, (await whole(work)).folder),
      };
    })
  );
}
