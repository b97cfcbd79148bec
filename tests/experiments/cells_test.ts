import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { expectedOf, readRecords, writeRecord } from "../../experiments/cells/cell_files.ts";
import { makeNamed } from "../../experiments/cells/commands.ts";
import { makeCells, planCells, type PlannedRun } from "../../experiments/cells/plan.ts";
import { branches, together } from "../../experiments/core/branches.ts";
import type { Experiment, RunContext } from "../../experiments/core/experiment.ts";
import { command } from "./commands.ts";
import { NotMadeError, openStore, UsageError, WorkbenchError } from "../../lib/runtime/mod.ts";

const silent = { update: () => {}, finish: () => {} };

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Doubles a number for each seed, adds what the seeds gave, and tells what it makes. */
function doubling(made: string[] = []): PlannedRun {
  const run = async ({ store, stage, seeds }: RunContext) => {
    const doubled = await branches(seeds, async (seed) => {
      stage(`Doubling ${seed}`);
      const start = await store.files("start", { seed }, async (folder) => {
        made.push(`start ${seed}`);
        await Deno.writeTextFile(join(folder, "number"), String(seed));
      });
      stage(`Reading ${seed}`);
      // Its key names the start, which need not be there to ask for it.
      const { value } = await store.json("doubled", { from: start.hash }, async () => {
        made.push(`doubled ${seed}`);
        const helper = await store.json("factor", {}, () => Promise.resolve(made.push("factor")));
        assert(helper.value > 0);
        return 2 * Number(await Deno.readTextFile(join(start.path, "number")));
      });
      return value;
    });
    stage("Adding");
    const sum = await store.json("sum", { doubled }, () => {
      made.push("sum");
      return Promise.resolve(doubled.reduce((a, b) => a + b));
    });
    return { metrics: [], comparisons: [], seconds: {}, notes: [], findings: sum.value };
  };
  const experiment = { id: "doubling", timed: [], run } as unknown as Experiment;
  return { experiment, config: {}, seeds: [1, 2, 3] };
}

const context = { backend: { name: "none" } } as unknown as Omit<RunContext, "store" | "seeds">;
const worker = { ...context, stage: () => silent };

/** Whether cells are there after they were to be made. */
const areMade = async (run: PlannedRun, folder: string, ...hashes: string[]): Promise<boolean> =>
  (await makeCells(run, worker, folder, hashes, () => Promise.resolve())).length === 0;

Deno.test("cells are what is not there, each with those that its key names; what lies behind comes next", () =>
  withFolder(async (folder) => {
    const made: string[] = [];
    const run = doubling(made);
    const cells = await planCells([run], context, folder);
    assertEquals(made, []);
    assertEquals(
      cells.map(({ kind, label }) => `${kind}: ${label}`),
      [1, 2, 3].flatMap((seed) => [`start: Doubling ${seed}`, `doubled: Reading ${seed}`]),
    );
    const [start, doubled] = cells;
    assertEquals([start!.needs, doubled!.needs], [[], [start!.hash]]);
    // Nothing but what is named is made, and with it what it asks for.
    assert(await areMade(run, folder, start!.hash));
    assertEquals(made, ["start 1"]);
    assert(await areMade(run, folder, doubled!.hash));
    assertEquals(made.slice(1), ["doubled 1", "factor"]);
    assertEquals((await planCells([run], context, folder)).length, 4);
    assert(await areMade(run, folder, doubled!.hash), "it is there already");
    assertEquals(made.length, 3);
    // Several in one run, what one of them asks for being made for itself alone.
    const rest = cells.slice(2).map(({ hash }) => hash);
    const times: number[] = [];
    await makeCells(run, worker, folder, rest.slice(0, 3), (hash, seconds) => {
      assertEquals(hash, rest[times.length]);
      return Promise.resolve(void times.push(seconds));
    });
    assertEquals(times.length, 3);
    assert(times.every((seconds) => seconds > 0));
    assertEquals((await planCells([run], context, folder)).map(({ hash }) => hash), rest.slice(3));
    assert(await areMade(run, folder, ...rest));
    const [sum, ...others] = await planCells([run], context, folder);
    assertEquals([sum!.kind, sum!.label, others.length], ["sum", "Adding", 0]);
    assert(await areMade(run, folder, sum!.hash));
    assertEquals(await planCells([run], context, folder), []);
    // The run reads everything from the store.
    const before = made.length;
    const whole = { ...worker, store: openStore(folder), seeds: run.seeds };
    assertEquals((await run.experiment.run(whole, {})).findings, 12);
    assertEquals(made.length, before);
  }));

Deno.test("what is timed is no cell, nor is what lies behind it; the others of its run are", () =>
  withFolder(async (folder) => {
    const run = doubling();
    const timed = { ...run, experiment: { ...run.experiment, timed: ["doubled"] } };
    const kindsOf = async () => (await planCells([timed], context, folder)).map(({ kind }) => kind);
    assertEquals(await kindsOf(), ["start", "start", "start"]);
    const cells = await planCells([timed], context, folder);
    assert(await areMade(timed, folder, ...cells.map(({ hash }) => hash)));
    assertEquals(await kindsOf(), []);
    const whole = { ...worker, store: openStore(folder), seeds: run.seeds };
    assertEquals((await timed.experiment.run(whole, {})).findings, 12);
  }));

Deno.test("a cell that nobody asks for, or whose cells are not there, is not made", () =>
  withFolder(async (folder) => {
    const run = doubling();
    assert(!await areMade(run, folder, "0123456789abcdef"));
    const [start, doubled] = await planCells([run], context, folder);
    assert(!await areMade(run, folder, doubled!.hash));
    assert(await areMade(run, folder, start!.hash));
    const named = (...names: string[]) => makeNamed([run], names, worker, folder);
    await assertRejects(
      () => named("doubling/start/0", "other/start/0"),
      UsageError,
      "other/start",
    );
    await assertRejects(() => named("other/start/0"), UsageError, "other/start/0");
    await assertRejects(() => named("doubling"), UsageError, "EXPERIMENT/KIND/HASH");
    await assertRejects(() => named("doubling/start/0"), WorkbenchError, "does not");
  }));

Deno.test("branches go on where one lacks something, and stop where one fails", async () => {
  const seen: number[] = [];
  const lacking = (item: number) => {
    seen.push(item);
    return item === 2 ? Promise.reject(new NotMadeError("no 2")) : Promise.resolve(item);
  };
  await assertRejects(() => branches([1, 2, 3], lacking), NotMadeError, "no 2");
  assertEquals(seen, [1, 2, 3]);
  const failing = (item: number) => {
    seen.push(item);
    return item === 5 ? Promise.reject(new WorkbenchError("broken")) : Promise.resolve(item);
  };
  await assertRejects(() => branches([4, 5, 6], failing), WorkbenchError, "broken");
  assertEquals(seen, [1, 2, 3, 4, 5]);
  assertEquals(
    await together(() => Promise.resolve("a"), () => Promise.resolve(1)),
    ["a", 1],
  );
});

Deno.test("what a cell takes is expected of others of its kind, those of its experiment first", () =>
  withFolder(async (out) => {
    assertEquals(await readRecords(out), []);
    const record = (experiment: string, seconds: number) =>
      ({ experiment, kind: "sft", seconds, peakMegabytes: 10 * seconds }) as const;
    await writeRecord(out, "a/sft/1", record("a", 10));
    await writeRecord(out, "a/sft/2", record("a", 20));
    await writeRecord(out, "b/sft/3", record("b", 100));
    await Deno.writeTextFile(join(out, "cells", "torn.json"), `{"experiment": "a"`);
    const records = await readRecords(out);
    assertEquals(records.length, 3);
    const expected = (experiment: string, kind = "sft") =>
      expectedOf({ experiment, kind }, records);
    assertEquals(expected("a"), { seconds: 15, peakMegabytes: 200 });
    assertEquals(expected("c"), { seconds: 20, peakMegabytes: 1000 });
    assertEquals(expected("a", "grpo"), undefined);
  }));

Deno.test("cells in processes of their own give what one run gives; a second launch makes none", () =>
  withFolder(async (folder) => {
    const findings = async (out: string, ...args: string[]) => {
      const names = ["advantages", "convergence"];
      const { code, err } = await command(
        "experiments",
        ...names,
        ...["--preset", "smoke", "--out", join(folder, out), ...args],
      );
      assertEquals(code, 0, err);
      const found = names.map((name) =>
        Deno.readTextFile(join(folder, out, name, "findings.json"))
      );
      return { found: await Promise.all(found), err };
    };
    const alone = await findings("alone");
    const launch = ["--launcher", "local", "--jobs", "2"];
    const launched = await findings("launched", ...launch);
    assertEquals(launched.found, alone.found);
    assertStringIncludes(launched.err, "Cells 3 made");
    assertEquals((await readRecords(join(folder, "launched"))).length, 3);
    assertStringIncludes((await findings("launched", ...launch)).err, "Cells 0 made");
    const plan = ["--preset", "smoke", "--out", join(folder, "launched"), "--plan"];
    const { out } = await command("experiments", "advantages", "convergence", ...plan);
    assertStringIncludes(out, "Everything is in the store.");
  }));
