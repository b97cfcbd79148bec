/**
 * Whether a library of machine code is whole. A library that was cut short ends the process with a signal when it is
 * loaded, so this is asked before.
 *
 * @module
 */
import { openRegular } from "./regular_file.ts";

/**
 * What is wrong with a library, as far as the tables of the 64-bit ELF format tell: they say where its parts lie.
 *
 * @param path the library
 * @returns a few words, or undefined where nothing is wrong
 * @throws {Deno.errors.NotFound} when there is no such file
 */
export function elfFault(path: string): string | undefined {
  using file = openRegular(path);
  const { size } = file.statSync();
  const read = (at: number, length: number): DataView | undefined => {
    const bytes = new Uint8Array(length);
    if (at + length > size) return undefined;
    file.seekSync(at, Deno.SeekMode.Start);
    for (let done = 0; done < length;) {
      const count = file.readSync(bytes.subarray(done));
      if (count === null) return undefined;
      done += count;
    }
    return new DataView(bytes.buffer);
  };
  const header = read(0, 64);
  // "\x7fELF", 64 bits, little-endian.
  if (header?.getUint32(0) !== 0x7f454c46 || header.getUint16(4) !== 0x0201) {
    return "it is no library";
  }
  const cut = (end: number) => `it has ${size} of at least ${end} bytes`;
  const long = (view: DataView, at: number) => Number(view.getBigUint64(at, true));
  const table = (offset: number, entrySize: number, count: number) => ({
    start: long(header, offset),
    entry: header.getUint16(entrySize, true),
    count: header.getUint16(count, true),
  });
  const sections = table(40, 58, 60);
  const segments = table(32, 54, 56);
  for (const { start, entry, count } of [sections, segments]) {
    if (start + entry * count > size) return cut(start + entry * count);
  }
  for (let i = 0; i < segments.count; i++) {
    const segment = read(segments.start + i * segments.entry, 56);
    if (segment === undefined) return "its table of parts is damaged";
    const end = long(segment, 8) + long(segment, 32);
    if (end > size) return cut(end);
  }
  return undefined;
}
