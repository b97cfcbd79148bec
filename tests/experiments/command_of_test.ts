/** The command under "To reproduce" gives the configuration that ran. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { z } from "zod";
import { defineExperiment } from "../../experiments/core/experiment.ts";
import { commandOf } from "../../experiments/core/results.ts";
import { parseConfig, readConfig, UsageError } from "../../lib/runtime/mod.ts";
import { sampleResults } from "./sample_results.ts";

const schema = z.object({
  items: z.int().default(4),
  studies: z.array(z.int()).default([0, 1]),
  system: z.string().default("Be kind."),
  sft: z.object({ maxSteps: z.int().default(1), learningRate: z.number().default(0.5) }),
});

const experiment = defineExperiment({
  id: "made-up",
  question: "?",
  config: schema,
  presets: { smoke: { sft: {} }, quick: { items: 8, sft: {} }, paper: { sft: {} } },
  seeds: { smoke: 1, quick: 1, paper: 1 },
  options: ["studies"],
  findings: z.null(),
  run: () => Promise.reject(new Error("not run")),
  view: (results) => ({
    tables: [],
    figures: [],
    sections: [{
      ...{ id: "a", question: "?", answer: ".", figures: [], method: "." },
      command: commandOf(results, { studies: results.config.studies.join(",") }),
    }],
  }),
});

const commandFor = (config: z.input<typeof schema>, preset = "quick"): string =>
  experiment.view(
    { ...sampleResults, experiment: "made-up", preset, seeds: [0], config: schema.parse(config) },
    null,
  ).sections[0]!.command;

Deno.test("a command names what was given besides the preset, at any depth, as a shell and --config read it", async () => {
  const plain = "npx -y deno@2.9.6 task experiments made-up --preset quick --seeds 1 --studies 0,1";
  assertEquals(commandFor({ items: 8, sft: {} }), plain);
  const other = { items: 9, system: 'It\'s "$HOME"', sft: { learningRate: 2 } };
  const command = commandFor(other);
  assert(command.startsWith(`${plain} --config '`), command);
  const { stdout } = await new Deno.Command("sh", {
    args: ["-c", `for word in ${command.slice(plain.length)}; do printf '%s\\n' "$word"; done`],
  }).output();
  const [flag, json] = new TextDecoder().decode(stdout).trimEnd().split("\n");
  assertEquals(flag, "--config");
  assertEquals(await readConfig(json!), { value: { "made-up": other }, where: "--config" });
  assertEquals(commandFor({ items: 9, sft: {} }, "own").includes("--config"), false);
});

Deno.test("what is wrong in JSON on the command line is told of it", async () => {
  await assertRejects(
    () => readConfig('{"a": 1, "a": 2}'),
    UsageError,
    "found a twice in --config",
  );
  await assertRejects(() => readConfig("{a"), UsageError, "Expected JSON");
  await assertRejects(() => readConfig("none.json"), UsageError, "found none at none.json");
  assert(parseConfig(z.object({ a: z.int() }), (await readConfig(' {"a":1}')).value, "x"));
});
