/**
 * Scalars as an event file of TensorBoard: TFRecord frames (length, masked CRC-32C, data, masked CRC-32C) around Event
 * protocol buffers. Only the few fields that scalars need are written.
 *
 * @module
 */

import { join } from "@std/path";
import { fileFailure } from "../runtime/mod.ts";

/** CRC-32C (Castagnoli, reflected polynomial 0x82f63b78) of every byte. */
const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

/**
 * CRC-32C of bytes, as an unsigned number.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { crc32c } from "./event_file.ts";
 *
 * assertEquals(crc32c(new TextEncoder().encode("123456789")), 0xe3069283);
 * ```
 */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ table[(crc ^ byte) & 0xff]!;
  return ~crc >>> 0;
}

/** The checksum as TFRecord stores it: rotated by 15 bits, plus a constant. */
function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((n, { length }) => n + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

function littleEndian(size: number, write: (view: DataView) => void): Uint8Array {
  const view = new DataView(new ArrayBuffer(size));
  write(view);
  return new Uint8Array(view.buffer);
}

/** One frame of a TFRecord file. */
export function tfRecord(data: Uint8Array): Uint8Array {
  const u32 = (value: number) => littleEndian(4, (view) => view.setUint32(0, value, true));
  const length = littleEndian(8, (view) => view.setBigUint64(0, BigInt(data.length), true));
  return joinBytes([length, u32(maskedCrc(length)), data, u32(maskedCrc(data))]);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = BigInt(value); bytes.length === 0 || rest > 0n; rest >>= 7n) {
    bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
  }
  return Uint8Array.from(bytes);
}

/** Fields of a protocol buffer by number and wire type. */
const field = {
  integer: (number: number, value: number) => joinBytes([varint(number << 3), varint(value)]),
  double: (number: number, value: number) =>
    joinBytes([varint(number << 3 | 1), littleEndian(8, (v) => v.setFloat64(0, value, true))]),
  bytes: (number: number, value: Uint8Array) =>
    joinBytes([varint(number << 3 | 2), varint(value.length), value]),
  text: (number: number, value: string) => field.bytes(number, new TextEncoder().encode(value)),
  float: (number: number, value: number) =>
    joinBytes([varint(number << 3 | 5), littleEndian(4, (v) => v.setFloat32(0, value, true))]),
};

/** Numbers in the messages of TensorFlow's event.proto and summary.proto. */
const event = { wallTime: 1, step: 2, fileVersion: 3, summary: 5, sessionLog: 7 } as const;
const value = { tag: 1, simpleValue: 2 } as const;
const sessionStart = 1;

/**
 * An Event with scalars of one step.
 *
 * @param wallTime seconds since 1970
 * @param step the step
 * @param scalars values by tag; those that are not finite are kept as they are
 */
export function scalarEvent(
  wallTime: number,
  step: number,
  scalars: Readonly<Record<string, number>>,
): Uint8Array {
  const values = Object.entries(scalars).map(([tag, number]) =>
    field.bytes(1, joinBytes([field.text(value.tag, tag), field.float(value.simpleValue, number)]))
  );
  return joinBytes([
    field.double(event.wallTime, wallTime),
    field.integer(event.step, step),
    field.bytes(event.summary, joinBytes(values)),
  ]);
}

/** An event file that is being written. */
export interface EventFile {
  /** Where it is. */
  readonly path: string;
  /** Adds the scalars of a step at once. */
  readonly scalars: (step: number, values: Readonly<Record<string, number>>) => void;
  /** Ends it. */
  readonly close: () => void;
}

/**
 * Opens a new event file in a folder, for `tensorboard --logdir FOLDER`. Steps that an earlier file of the folder has
 * from `firstStep` on are replaced: TensorBoard drops them when it reads this one.
 *
 * @param folder where it goes; made if it is not there
 * @param firstStep the first step that will be written
 * @param now seconds since 1970
 * @throws WorkbenchError when the folder cannot be written to
 */
export function openEventFile(
  folder: string,
  firstStep: number,
  now: () => number = () => Date.now() / 1000,
): EventFile {
  const start = now();
  // TensorBoard reads the files of a folder in the order of their names.
  const name = `events.out.tfevents.${start.toFixed(3)}.balancedbio.${Deno.pid}`;
  const path = join(folder, name);
  const attempt = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw fileFailure(error, `write ${path}`);
    }
  };
  const file = attempt(() => {
    Deno.mkdirSync(folder, { recursive: true });
    return Deno.openSync(path, { write: true, createNew: true });
  });
  const add = (data: Uint8Array) =>
    attempt(() => {
      const record = tfRecord(data);
      for (let at = 0; at < record.length;) at += file.writeSync(record.subarray(at));
    });
  add(joinBytes([
    field.double(event.wallTime, start),
    field.text(event.fileVersion, "brain.Event:2"),
  ]));
  add(joinBytes([
    field.double(event.wallTime, start),
    field.integer(event.step, firstStep),
    field.bytes(event.sessionLog, field.integer(1, sessionStart)),
  ]));
  return {
    path,
    scalars: (step, values) => add(scalarEvent(now(), step, values)),
    close: () => file.close(),
  };
}
