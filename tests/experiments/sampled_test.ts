/** The experiment on sampled answers from the command line to its report, as small as it can be. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { sampledFindings } from "../../experiments/sampled/findings.ts";
import { readResults } from "../../lib/runs/mod.ts";
import { cachedSmollm2, inTemporaryFolder } from "../model/fixtures.ts";
import { command } from "./commands.ts";

/** A start that learned nothing, a prompt of each task, a step. */
const small = {
  start: {
    promptsPerTask: 1,
    heldOut: true,
    answers: "all",
    maxSteps: 1,
    learningRate: 1e-3,
    perDeviceTrainBatchSize: 2,
  },
  grpo: { maxSteps: 1, learningRate: 1e-3, numGenerations: 2, maxCompletionLength: 4 },
  prompts: 8,
  furtherArms: ["capability-aware with shrinking"],
  harmSteps: [1],
  signalSteps: [0],
};

Deno.test({
  name:
    "sampled: a run writes findings, results and a report, a second one is read from the store, one that cannot be is refused",
  ignore: cachedSmollm2() === undefined,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const out = join(folder, "out");
      const run = async (config: object) => {
        const file = join(folder, "config.json");
        await Deno.writeTextFile(file, JSON.stringify({ sampled: config }));
        return command(
          "experiments",
          ...["sampled", "--preset", "smoke", "--seeds", "2", "--out", out, "--config", file],
        );
      };
      const read = async () =>
        sampledFindings.parse(
          JSON.parse(await Deno.readTextFile(join(out, "sampled", "findings.json"))),
        );
      const refused = await run({ ...small, noisyPrompts: 8 });
      assertEquals(refused.code, 2);
      assertStringIncludes(
        refused.err,
        "Expected noisyPrompts to be below prompts, 8, but found 8",
      );

      const ran = await run(small);
      assertEquals(ran.code, 0, ran.err);
      const found = await read();
      assertEquals(
        found.conditions.map(({ arm, preference, prompts }) => [arm, preference, prompts]),
        [
          ["static", "reasoning", 8],
          ["capability-aware", "reasoning", 8],
          ["capability-aware with shrinking", "reasoning", 8],
          ["static", "reasoning", 6],
          ["capability-aware", "reasoning", 6],
        ],
      );
      assertEquals([found.replicates, found.prompts.train, found.judged], [2, 4, [0, 1]]);
      for (const { harm, outside } of found.conditions) {
        assertEquals(harm.steps, 2);
        // A start that learned nothing writes no closed answer.
        assert(outside.start > 0.9 && outside.start <= 1, `${outside.start}`);
      }
      assertEquals(found.conditions.map(({ signal }) => signal.length), [0, 1, 0, 0, 0]);
      assertEquals(found.hypotheses.map(({ id, replicates }) => [id, replicates.length]), [
        ["S1", 2],
        ["S2", 2],
      ]);
      const { metrics, comparisons } = await readResults(join(out, "sampled"));
      assertEquals([metrics.length, comparisons.length], [5 * 6, 3 * 6]);
      const report = await Deno.readTextFile(join(out, "report.html"));
      assertStringIncludes(report, "What is left of it when gradients are noisy?");
      assertStringIncludes(report, found.protocol.config);

      const again = await run(small);
      assertEquals(again.code, 0, again.err);
      assertStringIncludes(again.err, "from the store");
      assertEquals(await read(), found);
    }),
});
