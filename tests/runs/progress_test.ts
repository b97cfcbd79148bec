import { assertEquals, assertStringIncludes } from "@std/assert";
import { showProgress } from "../../lib/runs/progress.ts";

const entry = (step: number, num_tokens: number, step_time = 2) => ({
  step,
  loss: 0.5,
  grad_norm: 1,
  learning_rate: 0.1,
  step_time,
  num_tokens,
});

/** What is shown of these steps of 9, each a second behind the one before. */
function shown(steps: readonly ReturnType<typeof entry>[]): string[] {
  const lines: string[] = [];
  let seconds = 0;
  const show = showProgress("sft", (line) => lines.push(line), () => 1000 * seconds++);
  for (const step of steps) show(step, 9);
  return lines;
}

/** Step and tokens per second of each row. */
const speeds = (lines: readonly string[]) =>
  lines.slice(1).map((line) => line.trim().split(/\s+/)).map(([step, , speed]) => [step, speed]);

Deno.test("tokens per second are those of the steps so far, from a running total", () => {
  const lines = shown([entry(1, 100), entry(2, 300), entry(3, 300)]);
  assertStringIncludes(lines[0]!, "tokens/s");
  assertEquals(speeds(lines), [["1/9", "50"], ["2/9", "75"], ["3/9", "50"]]);
});

Deno.test("a run that goes on counts from its first step on", () => {
  const lines = shown([entry(5, 4000), entry(6, 4300, 3), entry(7, 4400, 1)]);
  assertEquals(speeds(lines), [["5/9", "–"], ["6/9", "100"], ["7/9", "100"]]);
});
