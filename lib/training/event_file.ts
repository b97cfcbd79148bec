/**
 * Scalars as an event file of TensorBoard: TFRecord frames (length, masked CRC-32C, data, masked CRC-32C) around Event
 * protocol buffers. Only the few fields that scalars need are written.
 *
 * @module
 */

import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
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
 * @param bytes Any number of them.
 * @returns The checksum, in [0, 2^32).
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

/**
 * One frame of a TFRecord file.
 *
 * @param data What it holds.
 * @returns Length (8 bytes), checksum of the length, data, checksum of the data.
 */
export function tfRecord(data: Uint8Array): Uint8Array {
  const frame = new Uint8Array(12 + data.length + 4);
  const view = new DataView(frame.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc(frame.subarray(0, 8)), true);
  frame.set(data, 12);
  view.setUint32(12 + data.length, maskedCrc(data), true);
  return frame;
}

/** Numbers in the messages of TensorFlow's event.proto and summary.proto. */
const event = { wallTime: 1, step: 2, fileVersion: 3, summary: 5, sessionLog: 7 } as const;
const summary = { value: 1 } as const;
const value = { tag: 1, simpleValue: 2 } as const;
const sessionLog = { status: 1 } as const;
const sessionStart = 1;

/** An Event that is being written, with its time. */
function eventAt(wallTime: number): BinaryWriter {
  return new BinaryWriter().tag(event.wallTime, WireType.Bit64).double(wallTime);
}

/**
 * An Event with scalars of one step.
 *
 * @param wallTime Seconds since 1970.
 * @param step The step.
 * @param scalars Values by tag; those that are not finite in single precision are kept as they are there.
 * @returns The message's bytes.
 */
export function scalarEvent(
  wallTime: number,
  step: number,
  scalars: Readonly<Record<string, number>>,
): Uint8Array {
  const to = eventAt(wallTime).tag(event.step, WireType.Varint).int64(step)
    .tag(event.summary, WireType.LengthDelimited).fork();
  for (const [tag, number] of Object.entries(scalars)) {
    to.tag(summary.value, WireType.LengthDelimited).fork()
      .tag(value.tag, WireType.LengthDelimited).string(tag)
      .tag(value.simpleValue, WireType.Bit32).float(Math.fround(number))
      .join();
  }
  return to.join().finish();
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
 * @param folder Where it goes; made if it is not there.
 * @param firstStep The first step that will be written.
 * @param now Seconds since 1970.
 * @returns The open file; the caller closes it.
 * @throws WorkbenchError when the folder cannot be written to.
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
  add(
    eventAt(start).tag(event.fileVersion, WireType.LengthDelimited).string("brain.Event:2")
      .finish(),
  );
  add(
    eventAt(start).tag(event.step, WireType.Varint).int64(firstStep)
      .tag(event.sessionLog, WireType.LengthDelimited).fork()
      .tag(sessionLog.status, WireType.Varint).int32(sessionStart)
      .join().finish(),
  );
  return {
    path,
    scalars: (step, values) => add(scalarEvent(now(), step, values)),
    close: () => file.close(),
  };
}
