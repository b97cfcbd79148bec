import { assert, assertEquals, assertRejects } from "@std/assert";
import type { CellRecord } from "../../experiments/cells/cell_files.ts";
import type { Cell } from "../../experiments/cells/plan.ts";
import { schedule, type ScheduleOptions } from "../../experiments/cells/schedule.ts";

const cell = (hash: string, ...needs: string[]): Cell => ({
  experiment: "test",
  kind: hash.replace(/\d+$/, ""),
  hash,
  label: hash,
  needs,
});

/** A machine that is told when a process ends, and what is started on it. */
function machine() {
  const started: string[] = [];
  const ends = new Map<string, (success: boolean) => void>();
  const start: ScheduleOptions["start"] = (cells) => {
    const name = cells.map(({ hash }) => hash).join("+");
    started.push(name);
    return { ended: new Promise((resolve) => ends.set(name, resolve)) };
  };
  /** Lets a process end, and waits until what follows from it has happened. */
  const end = async (name: string, success = true) => {
    ends.get(name)!(success);
    for (let i = 0; i < 20; i++) await Promise.resolve();
  };
  return { started, start, end };
}

const quiet = {
  jobs: 2,
  megabytes: 1000,
  records: () => Promise.resolve<CellRecord[]>([]),
  more: () => Promise.resolve<Cell[]>([]),
  onChange: () => {},
  signal: new AbortController().signal,
};

const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

Deno.test("a long cell holds up nothing but what needs it: what lies behind the others is asked for meanwhile", async () => {
  const { started, start, end } = machine();
  const behind = [[cell("b1")], [cell("c1"), cell("c2", "long")], []];
  let asked = 0;
  const told: string[] = [];
  const failed = schedule([cell("long"), cell("a1"), cell("a2", "a1")], {
    ...quiet,
    start,
    more: () => Promise.resolve(behind[asked++] ?? []),
    onChange: (running, made, lost) =>
      told.push(`${running.map(({ hash }) => hash)} ${made} ${lost}`),
  });
  await settle();
  assertEquals(started, ["long", "a1"]);
  await end("a1");
  assertEquals([started.at(-1), asked], ["a2", 0]);
  await end("a2");
  assertEquals([started.at(-1), asked], ["b1", 1]);
  await end("b1");
  assertEquals([started.at(-1), asked], ["c1", 2]);
  await end("c1");
  assertEquals([started.length, asked], [5, 3]);
  await end("long");
  assertEquals(started.at(-1), "c2");
  await end("c2");
  assertEquals(await failed, []);
  assertEquals(told.at(-1), " 6 0");
});

Deno.test("cells that failed together are tried alone; what needs one that failed is not made", async () => {
  const { started, start, end } = machine();
  const short: CellRecord = { experiment: "test", kind: "short", seconds: 1, peakMegabytes: 10 };
  const failed = schedule([cell("short1"), cell("short2"), cell("after", "short2")], {
    ...quiet,
    start,
    records: () => Promise.resolve([short]),
  });
  await settle();
  assertEquals(started, ["short1+short2"]);
  await end("short1+short2", false);
  assertEquals(started.slice(1), ["short1", "short2"]);
  await end("short1");
  await end("short2", false);
  assertEquals((await failed).map(({ hash }) => hash), ["short2"]);
  assert(!started.includes("after"));
});

Deno.test("processes fit into memory together, but for one alone; what was learnt of a kind counts at once", async () => {
  const { started, start, end } = machine();
  const records: CellRecord[] = [];
  const failed = schedule([cell("big1"), cell("big2"), cell("big3"), cell("big4")], {
    ...quiet,
    start,
    jobs: 4,
    records: () => Promise.resolve(records),
  });
  await settle();
  assertEquals(started.length, 4, "each its share where nothing is known");
  for (const name of [...started]) await end(name);
  assertEquals(await failed, []);

  records.push({ experiment: "test", kind: "big", seconds: 100, peakMegabytes: 1500 });
  const again = machine();
  const alone = schedule([cell("big5"), cell("big6")], {
    ...quiet,
    start: again.start,
    records: () => Promise.resolve(records),
  });
  await settle();
  assertEquals(again.started, ["big5"]);
  await again.end("big5");
  assertEquals(again.started, ["big5", "big6"]);
  await again.end("big6");
  assertEquals(await alone, []);
});

Deno.test("nothing begins behind a signal; a question that fails is told", async () => {
  const { started, start, end } = machine();
  const stop = new AbortController();
  const stopped = schedule([cell("a"), cell("b"), cell("c")], {
    ...quiet,
    start,
    signal: stop.signal,
  });
  await settle();
  stop.abort();
  await end("a");
  await end("b");
  assertEquals(await stopped, []);
  assertEquals(started, ["a", "b"]);

  const other = machine();
  const asking = schedule([cell("d"), cell("e")], {
    ...quiet,
    start: other.start,
    more: () => Promise.reject(new Error("no plan")),
  });
  const refused = assertRejects(() => asking, Error, "no plan");
  await settle();
  await other.end("d");
  await refused;
});
