/** The way from the command line to the README, whole: data, training, evaluation, soups, several seeds, files. */
import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { mainResultsFindings } from "../../experiments/main_results/findings.ts";
import { paretoFindings } from "../../experiments/pareto/findings.ts";
import { sweeps } from "../../experiments/pareto/measures.ts";
import { weightingFindings } from "../../experiments/reward_weighting/findings.ts";
import { comparedPairs, measuredNames, systems } from "../../experiments/main_results/systems.ts";
import { readResults } from "../../lib/runs/mod.ts";
import { sha256Hex } from "../../lib/runtime/mod.ts";
import { capabilities } from "../../lib/synthesis/mod.ts";
import { cachedSmollm2, inTemporaryFolder } from "../model/fixtures.ts";
import { command } from "./commands.ts";

/** As small as it can be: what is trained here learns nothing. */
const small = {
  items: 160,
  sft: { maxSteps: 2, perDeviceTrainBatchSize: 2, microBatchSize: 2 },
  grpo: { maxSteps: 1, promptsPerStep: 6, numGenerations: 2, maxCompletionLength: 4 },
  testItems: 2,
  maxNewTokens: 4,
};

const config = {
  "main-results": { ...small, mmluQuestions: 6 },
  pareto: { trainer: { steps: 1 }, tabular: { steps: 5 } },
  "reward-weighting": {
    rules: ["static", "capability-aware", "margin"],
    ascent: { steps: 1 },
    trainer: { steps: 1 },
    tabular: { problems: 2, steps: 5 },
  },
};

/** Hashes of the files below a folder whose name ends so, by path. */
async function hashes(
  folder: string,
  endings: RegExp,
  inside = "",
): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { name, isDirectory } of Deno.readDir(join(folder, inside))) {
    const path = inside === "" ? name : `${inside}/${name}`;
    if (isDirectory) Object.assign(found, await hashes(folder, endings, path));
    else if (endings.test(path)) {
      found[path] = await sha256Hex(await Deno.readFile(join(folder, path)));
    }
  }
  return found;
}

const shown = /(?:tables|figures)\/[^/]+\.(?:csv|md|tex|svg|png|pdf|json)$|report\.html$/;

/** What the main comparison wrote at two seeds. */
async function checkMainResults(folder: string): Promise<void> {
  const results = await readResults(folder);
  assertEquals(results.seeds, [0, 1]);
  const metric = (system: string, capability: string) =>
    results.metrics.find((m) => m.system === system && m.capability === capability);
  for (const system of ["form filler", ...systems]) {
    for (const measured of measuredNames) {
      const found = metric(system, measured);
      if (system === "form filler" && measured === "MMLU") {
        assertEquals(found, undefined);
        continue;
      }
      const n = measured === "MMLU" ? 6 : measured === "mean" ? 8 : 2;
      assertEquals(found?.n, n, `${system} ${measured}`);
      assertEquals(found?.seeds, system === "base" || system === "form filler" ? 1 : 2);
    }
  }
  const pairs = new Set(results.comparisons.map((c) => `${c.system} ${c.baseline}`));
  assertEquals([...pairs], comparedPairs.map((pair) => pair.join(" ")));

  const text = await Deno.readTextFile(join(folder, "findings.json"));
  const findings = mainResultsFindings.parse(JSON.parse(text));
  assertEquals(findings.items.map(({ capability }) => capability), [
    ...capabilities.flatMap((capability) => [capability, capability]),
  ]);
  for (const { name, runs } of findings.systems) {
    assertEquals(runs.map(({ seed }) => seed), metric(name, "mean")!.seeds === 1 ? [0] : [0, 1]);
    const scores = runs.flatMap((run) => run.scores);
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
    assertAlmostEquals(metric(name, "mean")!.mean, mean, 1e-12);
  }
  // The floor knows the form: it earns something where a model that learned nothing does not.
  assert(metric("form filler", "mean")!.mean > 0.2);
  assertEquals(findings.sftLogs.map((log) => log.length), [2, 2]);
  assertEquals(Object.values(findings.logs).map((logs) => logs.map((log) => log.length)), [
    [1, 1],
    [1, 1],
    [1, 1],
  ]);
  // Seeds are runs of their own.
  const losses = findings.sftLogs.map(([first]) => first!.loss);
  assert(losses[0] !== losses[1], `losses ${losses}`);
}

/** Sweeps in two replicates: every sweep on both grounds, soups of one corner that are that corner. */
async function checkPareto(folder: string): Promise<void> {
  const { metrics, seeds } = await readResults(folder);
  assertEquals(seeds, [0, 1]);
  for (const sweep of sweeps) {
    const own = metrics.filter(({ system }) => system === `model: ${sweep}`);
    assert(own.length >= 15, `${sweep}: ${own.length} metrics`);
    assert(own.every((m) => Number.isFinite(m.mean) && m.n === 2), sweep);
  }
  const text = await Deno.readTextFile(join(folder, "findings.json"));
  const [model] = paretoFindings.parse(JSON.parse(text)).grounds;
  for (const { train, heldOut } of model!.units) {
    for (const { start, ends } of [train, heldOut!]) {
      ends["rewarded soups"][0]!.forEach((x, i) =>
        assertAlmostEquals(x, ends.static[0]![i]!, 1e-6)
      );
      assert(ends.static[0]!.some((x, i) => x !== start[i]), "trained");
    }
  }
}

/** Rules in two replicates, the trainer and tabular problems beside them. */
async function checkWeighting(folder: string): Promise<void> {
  const text = await Deno.readTextFile(join(folder, "findings.json"));
  const { settings, runs } = weightingFindings.parse(JSON.parse(text));
  assertEquals(
    settings.map(({ ground, preference, n }) => `${ground} ${preference.name} ${n}`),
    [
      "model equal 2",
      "model reasoning 2",
      "trainer reasoning 2",
      "tabular equal 2",
      "tabular reasoning 2",
    ],
  );
  // Static weights at two preferences are those of the compared settings; three more are for hindsight.
  const fixed = runs.filter(({ ground, system }) => ground === "model" && system === "static");
  assertEquals(fixed.length, 2 * (2 + 3));
  // All runs of a replicate begin in one start.
  for (const seed of [0, 1]) {
    const starts = runs.filter((run) => run.seed === seed).map(({ values }) => values[0]!.join());
    assertEquals(new Set(starts).size, 1);
  }
}

Deno.test({
  name:
    "flagship: what the experiments write at two seeds is whole, and drawn again without training",
  ignore: cachedSmollm2() === undefined,
  fn: () =>
    inTemporaryFolder(async (root) => {
      const out = join(root, "out");
      const file = join(root, "config.json");
      await Deno.writeTextFile(file, JSON.stringify(config));
      const options = ["--preset", "smoke", "--seeds", "2", "--out", out, "--config", file];
      const ran = await command("experiments", ...Object.keys(config), ...options);
      assertEquals(ran.code, 0, ran.err);
      await checkMainResults(join(out, "main-results"));
      await checkPareto(join(out, "pareto"));
      await checkWeighting(join(out, "reward-weighting"));
      const report = await Deno.readTextFile(join(out, "report.html"));
      assertStringIncludes(report, "Which system is best on the four capabilities?");
      assertStringIncludes(report, "What does a preference among the capabilities buy?");

      // Everything that is shown comes from results and findings: the store is not needed.
      await Deno.remove(join(out, "store"), { recursive: true });
      const before = await hashes(out, shown);
      assert(Object.keys(before).length > 30, Object.keys(before).join());
      const again = join(root, "again");
      const drawn = await command("figures", "--from", out, "--out", again);
      assertEquals(drawn.code, 0, drawn.err);
      assertEquals(await hashes(again, shown), before);

      const readme = join(root, "README.md");
      const long = join(root, "RESULTS.md");
      const marks = "<!-- results: written by deno task readme -->\n<!-- end of results -->";
      await Deno.writeTextFile(readme, `# Title\n\n${marks}\n\nEnd\n`);
      const wrote = await command(
        "readme",
        ...["--from", out, "--file", readme, "--results", long],
      );
      assertEquals(wrote.code, 0, wrote.err);
      const part = await Deno.readTextFile(readme);
      assertStringIncludes(part, "| form filler |");
      assertStringIncludes(part, "--preset smoke --seeds 2");
      assertStringIncludes(part, "On the mean of the four capabilities");
      const text = await Deno.readTextFile(long);
      assertStringIncludes(text, "## main-results, smoke");
      assertStringIncludes(text, "## pareto, smoke");
    }),
});
