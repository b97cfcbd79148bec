/**
 * `deno task store`: what a store holds, how much of it, whether it is whole; and frees space.
 *
 * @module
 */
import { z } from "zod";
import { plainTable, type Row } from "../../lib/figures/mod.ts";
import {
  damagedEntries,
  isFolder,
  progressBar,
  removeStored,
  runCommand,
  storeContents,
  type StoredThing,
  UsageError,
  WorkbenchError,
} from "../../lib/runtime/mod.ts";

const schema = z.object({
  action: z.enum(["ls", "du", "verify", "gc"]).describe(
    "ls: every entry; du: space by kind; verify: read all and name what is damaged; gc: free space",
  ),
  store: z.string().min(1).default("results/store").describe("Folder of the store"),
  kind: z.string().min(1).optional().describe("Only entries of this kind"),
  olderThan: z.number().min(0).optional().describe(
    "gc: also entries that are older than so many days",
  ),
  unfinished: z.boolean().default(false).describe(
    "gc: also the checkpoints of what was stopped, which then begins anew",
  ),
});

const megabytes = (things: readonly StoredThing[]): number =>
  things.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6;

const counted = (things: readonly StoredThing[], word: string): string =>
  `${things.length} ${word}, ${megabytes(things).toFixed(1)} MB`;

function list(things: readonly StoredThing[]): void {
  const rows = things.map(({ kind, hash, what, bytes, changed }): Row => ({
    kind,
    name: hash,
    what,
    MB: bytes / 1e6,
    changed: new Date(changed).toISOString().slice(0, 16).replace("T", " "),
  }));
  if (rows.length > 0) console.log(plainTable(rows));
}

function space(things: readonly StoredThing[]): void {
  const rows = [...Map.groupBy(things, ({ kind }) => kind)].map(([kind, own]): Row => {
    const of = (what: StoredThing["what"]) => own.filter((thing) => thing.what === what);
    return {
      kind,
      entries: of("entry").length,
      MB: megabytes(of("entry")),
      "checkpoints (MB)": megabytes(of("scratch")),
      "rest (MB)": megabytes(of("rest")),
    };
  });
  if (rows.length > 0) console.log(plainTable(rows));
  console.log(`${megabytes(things).toFixed(1)} MB in all`);
}

async function verify(store: string, things: readonly StoredThing[]): Promise<void> {
  const bar = progressBar("Reading");
  const damaged = await damagedEntries(store, things, bar.update);
  bar.finish();
  list(damaged);
  if (damaged.length > 0) {
    throw new WorkbenchError(
      `Expected whole entries but found ${damaged.length} damaged; a run that needs one makes it again`,
    );
  }
  console.log("Every entry is whole.");
}

await runCommand(
  {
    name: "store",
    summary: "Shows what a store of results holds, checks it, and frees space.",
    schema,
    positional: ["action"],
    examples: ["du", "verify --store /tmp/results/store", "gc --older-than 30"],
  },
  Deno.args,
  async ({ action, store, kind, olderThan, unfinished }) => {
    if (!await isFolder(store)) throw new UsageError(`Expected a store in ${store} but found none`);
    const things = (await storeContents(store)).filter((one) =>
      kind === undefined || one.kind === kind
    );
    if (action === "ls") return list(things);
    if (action === "du") return space(things);
    if (action === "verify") return await verify(store, things);
    const before = olderThan === undefined ? -Infinity : Date.now() - olderThan * 86_400_000;
    const made = new Set(things.filter(({ what }) => what === "entry").map(({ hash }) => hash));
    const useless = things.filter(({ what, hash, changed }) =>
      what === "rest" || (what === "scratch" && (unfinished || made.has(hash))) ||
      (what === "entry" && changed < before)
    );
    const removed = await removeStored(store, useless);
    console.log(`${counted(removed, "removed")}; ${useless.length - removed.length} in use`);
  },
);
