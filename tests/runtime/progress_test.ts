import { assert, assertEquals } from "@std/assert";
import { formatSeconds, progressBar } from "../../lib/runtime/mod.ts";

function fake(
  terminal: boolean,
): { lines: string[]; clock: { now: number }; output: Parameters<typeof progressBar>[1] } {
  const lines: string[] = [];
  const clock = { now: 0 };
  const output = {
    write: (text: string) => void lines.push(text),
    terminal,
    columns: 60,
    now: () => clock.now,
  };
  return { lines, clock, output };
}

Deno.test("at a terminal one line is redrawn with the time left", () => {
  const { lines, clock, output } = fake(true);
  const bar = progressBar("Training", output);
  for (let i = 0; i <= 100; i++) {
    bar.update(i, 100);
    clock.now += 50;
  }
  bar.finish();
  assert(lines.length < 60, "not drawn more often than ten times a second");
  assert(
    lines.slice(0, -1).every((line) =>
      line.startsWith("\r") && !line.includes("\n") && line.length <= 65
    ),
  );
  assert(lines.some((line) => line.includes("50 % 3s left")), lines.join(""));
  assertEquals(lines.at(-2), "\r\x1b[KTraining done (5s)");
});

Deno.test("elsewhere lines are plain and sparse", () => {
  const { lines, clock, output } = fake(false);
  const bar = progressBar("Training", output);
  for (let i = 0; i < 1000; i++) {
    clock.now += 100;
    bar.update(i, 1000, `step ${i}`);
  }
  bar.finish();
  assert(lines.length <= 11 && lines.length >= 5, `${lines.length} lines`);
  assert(
    lines.every((line) => line.endsWith("\n") && !line.includes("\r") && !line.includes("\x1b")),
  );
  assertEquals(lines.at(-1), "Training done (1m 40s)\n");
});

Deno.test("short work says one line, unknown totals show the note", () => {
  const { lines, clock, output } = fake(false);
  const bar = progressBar("Reading", output);
  bar.update(1, 10);
  bar.finish("read 10 rows");
  assertEquals(lines, ["Reading read 10 rows (0s)\n"]);
  clock.now += 20_000;
  bar.update(5, 0, "5 rows");
  assertEquals(lines.at(-1), "Reading 5 rows\n");
});

Deno.test("a new part of the work has its own time left", () => {
  const { lines, clock, output } = fake(true);
  const bar = progressBar("Setup", output);
  bar.update(90, 100);
  clock.now += 100_000;
  bar.update(0, 10);
  clock.now += 2_000;
  bar.update(5, 10);
  assert(lines.at(-1)?.includes("50 % 2s left"), lines.at(-1));
});

Deno.test("time spans in words", () => {
  assertEquals([-1, 0.4, 59.4, 60, 3599, 3600, 7620].map(formatSeconds), [
    "0s",
    "0s",
    "59s",
    "1m 00s",
    "59m 59s",
    "1h 00m",
    "2h 07m",
  ]);
});
