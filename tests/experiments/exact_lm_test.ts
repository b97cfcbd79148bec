/** The exact experiment from the command line to its report, as small as it can be. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { exactLmFindings } from "../../experiments/exact_lm/findings.ts";
import { readResults } from "../../lib/runs/mod.ts";
import { cachedSmollm2, inTemporaryFolder } from "../model/fixtures.ts";
import { command } from "./commands.ts";

/** A start that learned nothing, a prompt of each task, two steps. */
const config = {
  "exact-lm": {
    start: { promptsPerTask: 1, maxSteps: 1, perDeviceTrainBatchSize: 2 },
    conflict: { dials: [0.5] },
    ascent: { steps: 2, rules: ["static", "capability_aware"], heldOutSteps: 2 },
    optimizer: { steps: 2, heldOutSteps: 2 },
    noise: { checkpoints: [0], prompts: [4], draws: 4 },
    fronts: { replicates: 1, steps: 1 },
  },
};

Deno.test({
  name:
    "exact-lm: a run writes findings, results and a report, a second one is read from the store",
  ignore: cachedSmollm2() === undefined,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const out = join(folder, "out");
      const file = join(folder, "config.json");
      await Deno.writeTextFile(file, JSON.stringify(config));
      const run = (...more: string[]) =>
        command(
          "experiments",
          ...["exact-lm", "--preset", "smoke", "--seeds", "1", "--out", out, "--config", file],
          ...more,
        );
      const read = async () =>
        exactLmFindings.parse(
          JSON.parse(await Deno.readTextFile(join(out, "exact-lm", "findings.json"))),
        );
      const ran = await run();
      assertEquals(ran.code, 0, ran.err);
      const found = await read();
      assertEquals(found.conflict!.length, 4);
      assertEquals(found.ascents!.length, 2 * 2 + 5);
      assertEquals(
        found.optimizers!.map(({ steps }) => steps),
        Array.from({ length: 5 }, () => 2),
      );
      assertEquals(found.trainer.capability_aware!.steps, 2);
      assertEquals(found.trainer.capability_aware!.harmful, 0);
      assertEquals(found.fronts!.rows.length, 4 * 5);
      assertEquals(found.fronts!.starts.length, 1);
      for (const { rule, control, deviation, residual } of found.ascents!) {
        if (control === "aligned") assert(deviation < 1e-6, `${deviation}`);
        if (rule === "capability_aware" && control === null) assert(residual < 1e-6, `${residual}`);
      }
      // The complement of a reward falls by what the reward gains, unless the weights hold still.
      const dominant = found.ascents!.filter(({ control }) => control === "dominant");
      assertEquals(dominant.map(({ rule }) => rule), ["static", "capability_aware"]);
      assert(dominant[0]!.fall > 10 * dominant[1]!.fall, JSON.stringify(dominant));
      assertEquals(Object.keys(found.hypotheses).slice(0, 3), ["H1", "H2", "H3"]);
      // One replicate has a number and no interval.
      assertEquals(found.hypotheses.H2!.low, null);

      const { metrics, comparisons, config_hash } = await readResults(join(out, "exact-lm"));
      assert(metrics.length > 20 && comparisons.length > 8);
      const report = await Deno.readTextFile(join(out, "report.html"));
      assertStringIncludes(report, "Study 3: what does noise do to the weights");
      assertStringIncludes(report, found.protocol.config);

      const again = await run("--studies", "2,1");
      assertEquals(again.code, 0, again.err);
      const some = await read();
      assertEquals(some.protocol, found.protocol);
      assertEquals([some.conflict, some.noise, some.fronts], [undefined, undefined, undefined]);
      // Everything was read from the store: seconds are those of the first run.
      assertEquals(some.ascents, found.ascents);
      assertEquals(some.optimizers, found.optimizers);
      assertEquals(Object.keys(some.hypotheses), ["H1", "H2", "H3"]);
      const results = await readResults(join(out, "exact-lm"));
      assert(results.config_hash !== config_hash);
      assertStringIncludes(
        await Deno.readTextFile(join(out, "report.html")),
        "--preset smoke --seeds 1 --studies 2,1",
      );
    }),
});
