/**
 * Leases: of all processes that want to do the same work in a shared folder, one does it.
 *
 * A lock of the system ends with its process, but on some file systems it does not reach other machines. So whoever has the
 * lock also writes a lease, a file that it renews while it lives. One that is no longer renewed is taken over, and its holder, should
 * it wake, finds that it has lost it. No clock is compared with another machine's: a process watches for how long a lease stays as it
 * is.
 *
 * @module
 */
import { basename, dirname } from "@std/path";
import { fileFailure, numbersIn, removeQuietly, withFreeLock, withLock } from "./files.ts";

/** Milliseconds between two heart-beats. */
const BEAT = 10_000;

/** Heart-beats that have to be missing before a lease is taken over. */
const MISSED = 12;

/** Milliseconds after which a lease is nobody's for those who do not wait: a day. */
const FORGOTTEN_AFTER = 86_400_000;

/** Name of this machine; of all machines where a program may not ask, so that the system's locks alone decide. */
function machineName(): string {
  try {
    return Deno.hostname();
  } catch {
    return "";
  }
}

/** A lease, as its holder has it. */
export interface Lease {
  /** How many of its holders, one after another, were taken for dead. */
  readonly turn: number;
  /** Whether it is still held; not when another process took this one for dead. */
  readonly isHeld: () => Promise<boolean>;
}

/** How leases are taken. */
export interface LeaseOptions {
  /** Called every second while another holds it. */
  readonly onWait?: (() => void) | undefined;
  /** Milliseconds between two heart-beats; 10 seconds when left out. */
  readonly beat?: number | undefined;
}

/** What stands in a lease. */
const termsOf = (beat: number): string => JSON.stringify({ machine: machineName(), beat });

const leaseFile = (path: string, turn: number): string => `${path}.${turn}.lease`;

/** The number of the last lease; undefined without. */
async function lastTurn(path: string): Promise<number | undefined> {
  const turns = await numbersIn(dirname(path), `${basename(path)}.`, ".lease");
  return turns.at(-1);
}

/** Text of a lease; undefined where there is none any more. */
const readLease = (file: string): Promise<string | undefined> =>
  Deno.readTextFile(file).catch(() => undefined);

/** Whether a lease is of a process of this machine: one that does not live any more, where the caller has the lock. */
async function isOfThisMachine(file: string): Promise<boolean> {
  try {
    return JSON.parse(await readLease(file) ?? "").machine === machineName();
  } catch {
    return false;
  }
}

/**
 * Watches a lease until its holder has to be taken for dead; false once it has been given back. Looks are counted, not time, so that
 * whoever was asleep meanwhile looks as often as others.
 */
async function isDead(file: string, { onWait, beat = BEAT }: LeaseOptions): Promise<boolean> {
  const pause = Math.min(1000, beat);
  let text = await readLease(file);
  for (let looks = 0; looks * pause < MISSED * beat; looks++) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    onWait?.();
    const now = await readLease(file);
    if (now === undefined) return false;
    if (now !== text) looks = 0;
    text = now;
  }
  return true;
}

/** Writes a lease that is not there yet; gives whether it was not. */
async function create(file: string, text: string): Promise<boolean> {
  try {
    await Deno.writeTextFile(file, text, { createNew: true });
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    await removeQuietly(file);
    throw fileFailure(error, `use ${file}`);
  }
}

/** Takes a lease when nobody who lives holds it; gives its turn. */
async function take(path: string, isLocked: boolean, options: LeaseOptions): Promise<number> {
  for (;;) {
    const last = await lastTurn(path);
    if (last !== undefined) {
      const file = leaseFile(path, last);
      const isLeft = isLocked && await isOfThisMachine(file);
      if (!isLeft && !await isDead(file, options)) continue;
    }
    const turn = last === undefined ? 0 : last + 1;
    if (!await create(leaseFile(path, turn), termsOf(0))) continue;
    for (let old = last ?? -1; old >= 0; old--) await removeQuietly(leaseFile(path, old));
    return turn;
  }
}

/** Renews a lease until it is told to end; one that was taken over is not made again. */
function renewing(file: string, beat: number): () => void {
  let beats = 0;
  const timer = setInterval(() => {
    try {
      using own = Deno.openSync(file, { write: true, truncate: true });
      own.writeSync(new TextEncoder().encode(termsOf(++beats)));
    } catch {
      // It was taken over, or the disk is full or away: whoever holds it asks before it counts.
    }
  }, beat);
  return () => clearInterval(timer);
}

/**
 * Runs work while no other process of any machine, and no other caller in this one, holds the lease of the same path.
 * It is free at once when a process of the same machine ends in any way, and when the heart-beats of one of another machine are missing
 * for two minutes.
 *
 * @param path the lock file, which stays; leases stand beside it
 * @param work what to run; what counts only while the lease is held asks whether it is
 * @param options how it is taken
 * @returns what the work gives
 * @throws {WorkbenchError} when the folder may not be written to
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { withLease } from "./lease.ts";
 *
 * const folder = Deno.makeTempDirSync();
 * const held = await withLease(`${folder}/work`, ({ isHeld }) => isHeld());
 * assertEquals(held, true);
 * assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["work"]);
 * Deno.removeSync(folder, { recursive: true });
 * ```
 */
export function withLease<T>(
  path: string,
  work: (lease: Lease) => Promise<T>,
  options: LeaseOptions = {},
): Promise<T> {
  return withLock(path, async (isLocked) => {
    const turn = await take(path, isLocked, options);
    const file = leaseFile(path, turn);
    const isHeld = async () => await lastTurn(path) === turn;
    const endRenewing = renewing(file, options.beat ?? BEAT);
    try {
      return await work({ turn, isHeld });
    } finally {
      endRenewing();
      if (await isHeld()) await removeQuietly(file);
    }
  }, options.onWait);
}

/**
 * Runs work where nobody holds the lease of a path, and does not wait for it. A lease of another machine that is older than a day is
 * nobody's.
 *
 * @param path the lock file
 * @param work what to run
 * @returns whether it was run
 */
export async function withFreeLease(path: string, work: () => Promise<void>): Promise<boolean> {
  let isFree = false;
  const isUnlocked = await withFreeLock(path, async () => {
    isFree = await isNobodys(path);
    if (isFree) await work();
  });
  return isUnlocked && isFree;
}

async function isNobodys(path: string): Promise<boolean> {
  const last = await lastTurn(path);
  if (last === undefined) return true;
  const file = leaseFile(path, last);
  if (await isOfThisMachine(file)) return true;
  const renewed = (await Deno.stat(file).catch(() => undefined))?.mtime?.getTime() ?? Date.now();
  return Date.now() - renewed > FORGOTTEN_AFTER;
}
