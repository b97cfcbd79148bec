/** A disk that is soon full, for tests of what happens then. */

/** A file system of 64 kB, or undefined where this user may not mount one. */
export async function smallDisk(folder: string): Promise<string | undefined> {
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
