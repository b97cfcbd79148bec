/** `deno task runs` on made-up runs of which there are logs alone. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { parse } from "@std/csv/parse";
import { join } from "@std/path";
import { logFile } from "../../lib/runs/mod.ts";
import { inTemporaryFolder } from "../model/fixtures.ts";
import { command } from "./commands.ts";

const logs = { low: "step,loss\n1,0.5\n", none: "step,kl\n1,0.25\n", high: "step,loss\n7,2.5\n" };

async function makeRuns(folder: string): Promise<void> {
  for (const [name, text] of Object.entries(logs)) {
    await Deno.mkdir(join(folder, name), { recursive: true });
    await Deno.writeTextFile(join(folder, name, logFile), text);
  }
}

/** First cells of the lines of a table behind its heading. */
const firstCells = (table: string): string[] =>
  table.trimEnd().split("\n").slice(1).map((line) => line.split(" ")[0]!);

Deno.test("runs by name with the usual columns; sorted both ways, those without a value last", () =>
  inTemporaryFolder(async (folder) => {
    await makeRuns(folder);
    const [usual, rising, falling] = await Promise.all([
      command("runs", folder),
      command("runs", folder, "--sort", "loss", "--columns", "run,loss,steps"),
      command("runs", folder, "--sort=-loss", "--columns", "run,loss,steps"),
    ]);
    assertEquals([usual.code, usual.err], [0, ""]);
    assertEquals(firstCells(usual.out), ["high", "low", "none"]);
    assertEquals(usual.out.split("\n")[0]!.split(/ +/), [
      ...["run", "method", "model", "seed", "steps", "seconds", "loss", "finished", "note"],
    ]);
    assertStringIncludes(usual.out, "config.json but found none");
    assertEquals(
      rising.out,
      "run    loss  steps\nlow   0.500      1\nhigh  2.500      7\nnone      –      1\n",
    );
    assertEquals(firstCells(falling.out), ["high", "low", "none"]);
  }));

Deno.test("a file of CSV holds all columns in full; wrong input is one line with code 2", () =>
  inTemporaryFolder(async (folder) => {
    await makeRuns(folder);
    const path = join(folder, "own", "runs.csv");
    const [written, column, sort, empty] = await Promise.all([
      command("runs", folder, "--csv", path),
      command("runs", folder, "--columns", "run,lost"),
      command("runs", folder, "--sort=-lost"),
      command("runs", join(folder, "nowhere")),
    ]);
    assertEquals([written.code, written.out], [0, `3 runs: ${path}\n`], written.err);
    const [names, ...rows] = parse(await Deno.readTextFile(path));
    for (const name of ["run", "kl", "loss", "finished", "note"]) {
      assert(names!.includes(name), name);
    }
    const loss = names!.indexOf("loss");
    assertEquals(rows.map((row) => [row[0], row[loss]]), [["high", "2.5"], ["low", "0.5"], [
      "none",
      "",
    ]]);
    for (const [ended, option] of [[column, "--columns"], [sort, "--sort"]] as const) {
      assertEquals([ended.code, ended.out, ended.err.split("\n").length], [2, "", 2]);
      assertStringIncludes(ended.err, `Expected ${option} to name a column but found lost`);
      assertStringIncludes(ended.err, "kl");
    }
    assertEquals([empty.code, empty.out], [2, ""]);
    assertStringIncludes(empty.err, "Expected a folder but found none");
  }));
