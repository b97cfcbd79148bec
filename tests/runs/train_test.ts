/** Whole training runs of the tiny model through the command. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { parse } from "@std/csv/parse";
import { join } from "@std/path";
import { logFile } from "../../lib/runs/log.ts";
import { readRunFolder, runFiles } from "../../lib/runs/folder.ts";
import { cachedSmollm2, inTemporaryFolder } from "../model/fixtures.ts";
import { command, commandProcess, type Ended, shortRun } from "../experiments/commands.ts";

const ignore = cachedSmollm2() === undefined;
if (ignore) console.warn("train: skipped, the tokenizer of smollm2 was not fetched");

const sft = [...shortRun, "--max-steps", "12", "--save-steps", "3"];
const parameters = (folder: string) => Deno.readFile(join(folder, runFiles.parameters));

/** Steps of the log so far. */
function stepsIn(folder: string): number[] {
  try {
    const [, ...rows] = parse(Deno.readTextFileSync(join(folder, logFile)));
    return rows.map(([step]) => Number(step));
  } catch {
    return [];
  }
}

const upTo = (steps: number) => Array.from({ length: steps }, (_, i) => i + 1);

/** Begins a run, sends it a signal when it has taken some steps, and waits for its end. */
async function stopped(
  args: readonly string[],
  folder: string,
  steps: number,
  signal: Deno.Signal,
): Promise<{ status: Deno.CommandStatus; err: string }> {
  const child = commandProcess("train", [...args, "--out", folder]).spawn();
  const [err] = [new Response(child.stderr).text(), child.stdout.cancel()];
  while (stepsIn(folder).length < steps) await new Promise((done) => setTimeout(done, 10));
  child.kill(signal);
  return { status: await child.status, err: await err };
}

/** Asserts that a command ended with this code and a last line that holds all of these words. */
function assertFails(ended: Ended, code: number, ...words: string[]): void {
  assertEquals([ended.code, ended.out], [code, ""], ended.err);
  const line = ended.err.trimEnd().split("\n").at(-1)!;
  assert(line.startsWith("error: ") && !line.includes("unexpected"), line);
  for (const word of words) assertStringIncludes(line, word);
}

Deno.test({
  name: "a run that is killed or stopped goes on and ends with the same bits",
  ignore,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const whole = join(folder, "whole");
      const ended = await command("train", ...sft, "--out", whole);
      assertEquals(ended.code, 0, ended.err);
      assertStringIncludes(ended.out, "12 steps of sft");
      assertStringIncludes(ended.err, "tokens/s");
      assertEquals(stepsIn(whole), upTo(12));
      const names = [...Deno.readDirSync(whole)].map(({ name }) => name);
      assertEquals(names.filter((name) => !/^(events|\.lock)/.test(name)).sort(), [
        runFiles.adapter,
        runFiles.config,
        logFile,
        runFiles.parameters,
        runFiles.record,
      ]);

      const killed = join(folder, "killed");
      assertEquals((await stopped(sft, killed, 5, "SIGKILL")).status.signal, "SIGKILL");
      const left = stepsIn(killed).length;
      assert(left < 12, "killed in time");
      const other = await command("train", ...sft, "--seed", "1", "--out", killed);
      assertFails(other, 2, "Expected seed to be 0 as before but found 1", killed, "--out");
      const resumed = await command("train", ...sft, "--out", killed);
      assertEquals(resumed.code, 0, resumed.err);
      assert(!resumed.out.startsWith("12 steps"), resumed.out);
      assertEquals(stepsIn(killed), upTo(12));
      assertEquals(await parameters(killed), await parameters(whole));

      const interrupted = join(folder, "interrupted");
      const { status, err } = await stopped(sft, interrupted, 4, "SIGINT");
      assertEquals(status.code, 130, err);
      assertStringIncludes(err, "the same command goes on");
      const taken = stepsIn(interrupted);
      assert(taken.length < 12 && taken.length >= 4);
      await Deno.stat(join(interrupted, runFiles.checkpoint));
      const again = await command("train", ...sft, "--out", interrupted);
      assertStringIncludes(again.out, `${12 - taken.length} steps of sft`);
      assertEquals(stepsIn(interrupted), upTo(12));
      assertEquals(await parameters(interrupted), await parameters(whole));

      const damaged = join(folder, "damaged");
      assertEquals((await stopped(sft, damaged, 7, "SIGKILL")).status.signal, "SIGKILL");
      assert(stepsIn(damaged).length < 12, "killed in time");
      const newest = join(damaged, runFiles.checkpoint);
      const bytes = await Deno.readFile(newest);
      bytes[bytes.length - 1]! ^= 1;
      await Deno.writeFile(newest, bytes);
      // What can be read of the log is of no use either; the checkpoint has its steps.
      await Deno.writeTextFile(join(damaged, logFile), 'step,loss\n1,"0.5\n2');
      const mended = await command("train", ...sft, "--out", damaged);
      assertEquals(mended.code, 0, mended.err);
      const notes = mended.err.split("\n").filter((line) => line.startsWith("note: "));
      assertEquals(notes.length, 1, mended.err);
      assertStringIncludes(notes[0]!, newest);
      const from = Number(notes[0]!.match(/goes on from step (\d+)/)?.[1]);
      assert(from === 3 || from === 6, notes[0]);
      assertStringIncludes(mended.out, `${12 - from} steps of sft`);
      assertEquals(stepsIn(damaged), upTo(12));
      assertEquals(await parameters(damaged), await parameters(whole));

      // Of the files beside the parameters none is needed to tell that it is another run, or the same.
      for (const name of [runFiles.config, runFiles.record, logFile]) {
        await Deno.remove(join(whole, name));
      }
      const seeded = await command("train", ...sft, "--seed", "1", "--out", whole);
      assertFails(seeded, 2, "Expected seed to be 0 as before but found 1", runFiles.parameters);
      const before = await command("train", ...sft, "--out", whole);
      assertEquals([before.code, before.out.includes("had come to its end before")], [0, true]);
      const longer = await command("train", ...sft, "--max-steps", "13", "--out", whole);
      assertFails(longer, 2, "sft.maxSteps to be 12 as before but found 13");
    }),
});

Deno.test({
  name: "grpo goes on from a run, with its model, data and tuning, and every reward in the log",
  ignore,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const [first, second] = [join(folder, "sft"), join(folder, "grpo")];
      const begun = await command("train", ...shortRun, "--max-steps", "1", "--out", first);
      assertEquals(begun.code, 0, begun.err);
      const file = join(folder, "config.json");
      await Deno.writeTextFile(
        file,
        JSON.stringify({ method: "grpo", rewards: { mixing: 1 }, grpo: { promptsPerStep: 4 } }),
      );
      const grpo = ["--config", file, "--from", first, "--max-completion-length", "8"];
      const ended = await command("train", ...grpo, "--max-steps", "2", "--out", second);
      assertEquals(ended.code, 0, ended.err);
      const run = (await readRunFolder(second))!;
      assertEquals([run.config.model, run.config.data.count, run.config.grpo?.promptsPerStep], [
        "tiny",
        40,
        4,
      ]);
      assertEquals(run.record.from?.config, (await readRunFolder(first))?.config);
      const [columns] = parse(await Deno.readTextFile(join(second, logFile)));
      for (const name of ["reward", "rewards/integration/mean", "weights/domain", "kl"]) {
        assert(columns!.includes(name), name);
      }
      assertStringIncludes(ended.err, "rewards");

      const interrupted = join(folder, "interrupted");
      const longer = [...grpo, "--max-steps", "6", "--save-steps", "5"];
      const { status, err } = await stopped(longer, interrupted, 2, "SIGINT");
      assertEquals(status.code, 130, err);
      const taken = stepsIn(interrupted).length;
      assert(taken >= 2 && taken < 6);
      const resumed = await command("train", ...longer, "--out", interrupted);
      assertStringIncludes(resumed.out, `${6 - taken} steps of grpo`);
      assertEquals(stepsIn(interrupted), upTo(6));

      const third = join(folder, "third");
      const elsewhere = await command("train", ...grpo, "--model", "smollm2", "--out", third);
      assertFails(elsewhere, 2, 'Expected model to be "tiny", as in', '"smollm2"');
      const full = await command("train", ...grpo, "--tuning-kind", "full", "--out", third);
      assertFails(full, 2, "Expected tuning to be");
      const aware = ["--weighting", "capability_aware", "--out", third];
      assertFails(await command("train", ...grpo, ...aware), 2, "leave_one_out");
    }),
});

Deno.test("wrong input is one line with code 2, and nothing is written", () =>
  inTemporaryFolder(async (folder) => {
    const out = join(folder, "out");
    const items = join(folder, "items.jsonl");
    await Deno.writeTextFile(items, "{}\n");
    const text = join(folder, "text.json");
    await Deno.writeTextFile(text, "{x");
    for (
      const [args, ...words] of [
        [[], "Expected --out"],
        [["--out", out], "Expected method to be one of sft, grpo"],
        [["--out", out, "--method", "ppo"], "--method", "sft, grpo"],
        [["--out", out, "--method", "sft", "--max-steps", "0"], "--max-steps", "at least 1"],
        [["--out", out, "--method", "sft", "--beta", "0"], "beta, which is one of grpo"],
        [["--out", out, "--method", "sft", "--from", folder], "folder of a training run", folder],
        [["--out", out, "--method", "sft", "--config", text], "JSON", text],
        [["--out", out, "--method", "sft", "--config", out], "--config", out],
        [["--out", out, "--method", "sft", "--data-items", items], "items.jsonl, line 1"],
        [["--out", out, "--method", "sft", "--model", "none/such/model"], "Expected model to be"],
        [["--out", out, "--method", "sft", "--per-device-train-batch-size", "1e9"], "10000"],
        [["--out", "", "--method", "sft"], "--out"],
        [["--out", out, "--max-step", "3"], "did you mean --max-steps?"],
      ] as [string[], ...string[]][]
    ) assertFails(await command("train", ...args), 2, ...words);
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
      "items.jsonl",
      "text.json",
    ]);
  }));
