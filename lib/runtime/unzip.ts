/**
 * Taking members out of zip archives, piece by piece, so that an archive may be larger than the memory.
 *
 * @module
 */
import { dirname, join } from "@std/path";
import { Unzip, type UnzipFile, UnzipInflate } from "fflate";

/**
 * Writes an archive's members whose name matches into a folder.
 *
 * @param archive the zip file
 * @param folder where the members go, under their own names
 * @param members which names to take
 * @param onBytes told how many bytes of the archive were read so far
 * @returns the names written, in the archive's order
 * @throws {Error} when the archive breaks off or is damaged
 */
export async function unzipMembers(
  archive: string,
  folder: string,
  members: RegExp,
  onBytes: (read: number) => void,
): Promise<readonly string[]> {
  const open = new Map<string, Deno.FsFile>();
  const written: string[] = [];
  let failed: unknown;

  function take(member: UnzipFile): void {
    const safe = !member.name.startsWith("/") &&
      !member.name.split("/").includes("..");
    if (!safe || member.name.endsWith("/") || !members.test(member.name)) {
      return;
    }
    const path = join(folder, member.name);
    Deno.mkdirSync(dirname(path), { recursive: true });
    const file = Deno.openSync(path, {
      write: true,
      create: true,
      truncate: true,
    });
    open.set(member.name, file);
    member.ondata = (error, chunk, final) => {
      failed ??= error;
      if (failed) return;
      for (let at = 0; at < chunk.length;) {
        at += file.writeSync(chunk.subarray(at));
      }
      if (!final) return;
      file.syncSync();
      file.close();
      open.delete(member.name);
      written.push(member.name);
    };
    member.start();
  }

  try {
    using source = await Deno.open(archive);
    const unzip = new Unzip(take);
    unzip.register(UnzipInflate);
    const buffer = new Uint8Array(1 << 20);
    let read = 0;
    for (
      let n = await source.read(buffer);
      n !== null;
      n = await source.read(buffer)
    ) {
      unzip.push(buffer.slice(0, n));
      if (failed) throw failed;
      onBytes(read += n);
    }
    const broken = [...open.keys()][0];
    if (broken !== undefined) {
      throw new Error(`the archive breaks off inside ${broken}`);
    }
    return written;
  } finally {
    for (const file of open.values()) file.close();
  }
}
