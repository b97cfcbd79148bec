import { assertEquals, assertThrows } from "@std/assert";
import { parse } from "@std/csv/parse";
import { join } from "@std/path";
import { logFile, openRunLog, readRunLog } from "../../lib/runs/log.ts";
import { WorkbenchError } from "../../lib/runtime/mod.ts";
import { inTemporaryFolder } from "../model/fixtures.ts";

const entry = (step: number, more: Record<string, number> = {}) => ({
  step,
  loss: step / 8,
  grad_norm: 1,
  learning_rate: 0.5,
  step_time: 0.25,
  ...more,
});

const read = (folder: string): string[][] => parse(Deno.readTextFileSync(join(folder, logFile)));

Deno.test("rows are there at once; a metric that comes late gets a column, a step without it an empty cell", () =>
  inTemporaryFolder((folder) => {
    const log = openRunLog(folder);
    log.add(entry(1));
    assertEquals(read(folder).length, 2);
    log.add(entry(2, { "rewards/domain/mean": 0.125 }));
    log.add(entry(3));
    log.close();
    const [columns, ...rows] = read(folder);
    const at = columns!.indexOf("rewards/domain/mean");
    assertEquals(columns!.slice(0, 3), ["step", "loss", "grad_norm"]);
    assertEquals(rows.map((row) => [row[0], row[1], row[at]]), [
      ["1", "0.125", ""],
      ["2", "0.25", "0.125"],
      ["3", "0.375", ""],
    ]);
    return Promise.resolve();
  }));

Deno.test("a run that goes on replaces the steps behind its checkpoint and a line that was cut", () =>
  inTemporaryFolder(async (folder) => {
    const first = openRunLog(folder);
    for (const step of [1, 2, 3, 4]) first.add(entry(step));
    first.close();
    await Deno.writeTextFile(join(folder, logFile), "5,0.6", { append: true });
    const second = openRunLog(folder);
    second.add(entry(3, { loss: 9, kl: 0.5 }));
    second.add(entry(4));
    second.close();
    const [, ...rows] = read(folder);
    assertEquals(rows.map((row) => [row[0], row[1]]), [
      ["1", "0.125"],
      ["2", "0.25"],
      ["3", "9"],
      ["4", "0.5"],
    ]);
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
    assertEquals(names.filter((name) => name.startsWith("events.out.tfevents.")).length, 2);
    assertEquals(names.length, 3);
  }));

Deno.test("a folder in the place of the file is told in one line", () =>
  inTemporaryFolder(async (folder) => {
    await Deno.mkdir(join(folder, logFile));
    assertThrows(
      () => openRunLog(folder).add(entry(1)),
      WorkbenchError,
      "a folder is in the place of a file",
    );
  }));

Deno.test("a log that is damaged, cut or gone is written again from the checkpoint's steps, with the times that are left", () =>
  inTemporaryFolder(async (folder) => {
    const path = join(folder, logFile);
    const steps = [entry(1), entry(2, { kl: NaN }), entry(3)];
    const first = openRunLog(folder);
    steps.forEach(first.add);
    first.add(entry(4));
    first.close();
    const whole = await Deno.readTextFile(path);
    const times = read(folder).slice(1).map((row) => row[read(folder)[0]!.indexOf("wall_time")]);
    openRunLog(folder).resume(steps);
    assertEquals(await Deno.readTextFile(path), whole, "what is whole stays");
    const broken: [string | undefined, boolean][] = [
      [whole.replace("0.25", "0.35"), true],
      [whole.split("\n").toSpliced(2, 1).join("\n"), true],
      [whole.replace("step,", "step,step,"), false],
      ['\0\xff\n\n,,"', false],
      ["", false],
      [undefined, false],
    ];
    for (const [text, timed] of broken) {
      if (text === undefined) await Deno.remove(path);
      else await Deno.writeTextFile(path, text);
      const log = openRunLog(folder);
      log.resume(steps);
      log.add(entry(4, { late: 1 }));
      log.close();
      const rows = readRunLog(folder);
      assertEquals(
        rows.slice(0, 3).map(({ wall_time: _, ...row }) => row),
        steps as Record<string, number>[],
      );
      assertEquals(rows[0]!.wall_time, timed ? Number(times[0]) : undefined);
      assertEquals([rows.length, rows[3]!.late], [4, 1]);
    }
  }));

Deno.test("a run that begins anew does not read the log that lies there, and follows no link", () =>
  inTemporaryFolder(async (folder) => {
    const path = join(folder, logFile);
    const other = join(folder, "other");
    await Deno.writeTextFile(other, "mine");
    await Deno.symlink(other, `${path}.tmp`);
    await Deno.writeTextFile(path, 'step,loss\n1,"2\n');
    const log = openRunLog(folder);
    log.add(entry(1));
    log.close();
    assertEquals(readRunLog(folder).map(({ step }) => step), [1]);
    assertEquals(await Deno.readTextFile(other), "mine");
  }));
