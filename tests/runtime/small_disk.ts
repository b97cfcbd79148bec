/** A disk that is soon full, for tests of what happens then. */

/** A file system of 64 kB, or undefined where this user may not mount one. */
async function smallDisk(folder: string): Promise<string | undefined> {
  if (Deno.build.os !== "linux") return undefined;
  try {
    const mount = new Deno.Command("mount", {
      args: ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder],
      stderr: "null",
    });
    return (await mount.output()).success ? folder : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Takes a step of a test on a file system of 64 kB, mounted in a folder; a step that is skipped where this user may not.
 *
 * @param t The test.
 * @param folder An empty folder.
 * @param step What is done there.
 */
export async function onSmallDisk(
  t: Deno.TestContext,
  folder: string,
  step: () => Promise<void>,
): Promise<void> {
  const disk = await smallDisk(folder);
  try {
    await t.step({
      name: disk ? "on a disk of 64 kB" : "skipped: mounting a small disk is not allowed here",
      ignore: disk === undefined,
      fn: step,
    });
  } finally {
    if (disk) await new Deno.Command("umount", { args: [folder] }).output();
  }
}
