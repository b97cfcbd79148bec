/** The symbols that byte-level BPE writes for bytes. @module */

/** The symbol of each byte: printable characters stand for themselves. */
export const byteSymbols: readonly string[] = (() => {
  let spare = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte >= 0x21 && byte <= 0x7e) ||
      (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    return String.fromCharCode(printable ? byte : spare++);
  });
})();

/** Bytes by symbol. */
export const symbolBytes: ReadonlyMap<string, number> = new Map(
  byteSymbols.map((symbol, byte) => [symbol, byte]),
);
