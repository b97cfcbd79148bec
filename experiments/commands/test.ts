/**
 * `deno task test`: sets up what the tests need, runs them with those in the documentation, and closes with the counts.
 *
 * @module
 */
import { join } from "@std/path";
import { z } from "zod";
import { resolveEncoder, resolveModel } from "../../lib/model/mod.ts";
import {
  formatSeconds,
  type OnProgress,
  progressBar,
  runCommand,
  startBackend,
  temporaryFolder,
} from "../../lib/runtime/mod.ts";
import { countTests, type Outcomes, sumCounts, summaryLine } from "./test/junit.ts";
import { testUnits } from "./test/units.ts";

const schema = z.object({
  paths: z.array(z.string()).default(["tests", "lib"]).describe("Files or folders to test"),
  offline: z.boolean().default(false).describe("Fetch no model; its tests are skipped"),
  check: z.boolean().default(true).describe("Check types first"),
  jobs: z.int().min(1).default(2).describe("Folders that are tested at once"),
});

/** These start a cluster: `deno task test:slurm` runs them. */
const ofCluster = "tests/slurm";

/** What every run of the tests takes. */
const options = ["--allow-all", "--doc", "--permit-no-files", `--ignore=${ofCluster}`];

/** Fetches the models that tests read; without the network those tests are skipped. */
async function fetchModels(): Promise<void> {
  const models = {
    smollm2: (update: OnProgress) => resolveModel("smollm2", update),
    encoder: resolveEncoder,
  };
  for (const [name, resolve] of Object.entries(models)) {
    let bar: ReturnType<typeof progressBar> | undefined;
    try {
      await resolve((done, total, note) => {
        bar ??= progressBar(`Fetching ${name}:`);
        bar.update(done, total, note);
      });
    } catch (error) {
      console.error(`note: tests of ${name} are skipped: ${(error as Error).message}`);
    }
    bar?.finish();
  }
}

/** Checks the types of tests and examples; what is wrong is shown. */
async function typesAreRight(paths: readonly string[]): Promise<boolean> {
  const args = ["test", "--no-run", "--quiet", ...options, ...paths];
  return (await new Deno.Command(Deno.execPath(), { args }).spawn().status).success;
}

/** Runs the tests of a folder or file, with the report at `reportPath`; the output is shown, or kept. */
async function runTests(
  path: string,
  reportPath: string,
  shown: boolean,
): Promise<{ counts: Outcomes; output: string }> {
  const sink = shown ? "inherit" : "piped";
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "--no-check", ...options, `--junit-path=${reportPath}`, path],
    stdin: "null",
    stdout: sink,
    stderr: sink,
  }).spawn();
  const texts = shown ? [] : [child.stdout, child.stderr].map((one) => new Response(one).text());
  const [{ success }, ...said] = await Promise.all([child.status, ...texts]);
  const counts = countTests(await Deno.readTextFile(reportPath).catch(() => ""));
  if (!counts.whole) said.push("error: the tests ended before their report was whole");
  else if (!success && counts.failed === 0) said.push("error: a file failed outside its tests");
  // A run that failed never closes with 0 failed.
  const failed = success && counts.whole ? counts.failed : Math.max(1, counts.failed);
  return { counts: { ...counts, failed }, output: said.join("\n") };
}

await runCommand(
  {
    name: "test",
    summary: "Runs the tests, those in the documentation included; the last line has the counts.",
    schema,
    positional: ["paths"],
    examples: ["", "tests/balance lib/balance"],
  },
  Deno.args,
  async ({ paths, offline, check, jobs }) => {
    const { note } = await startBackend();
    if (note) console.error(`note: ${note}`);
    if (!offline) await fetchModels();
    if (check && !await typesAreRight(paths)) Deno.exit(1);
    const units = (await testUnits(paths)).filter((unit) => unit !== ofCluster);
    const folder = temporaryFolder("balancedbio-");
    const all: Outcomes[] = [];
    const waiting = units.entries();
    const work = async () => {
      for (const [index, unit] of waiting) {
        const start = performance.now();
        const reportPath = join(folder, `${index}.xml`);
        const { counts, output } = await runTests(unit, reportPath, units.length === 1);
        if (counts.failed > 0) console.log(output);
        all.push(counts);
        const seconds = formatSeconds((performance.now() - start) / 1000);
        console.log(`${all.length}/${units.length} ${unit}: ${summaryLine(counts)} (${seconds})`);
      }
    };
    await Promise.all(Array.from({ length: jobs }, work));
    await Deno.remove(folder, { recursive: true });
    const counts = sumCounts(all);
    console.log(`\n${summaryLine(counts)}`);
    const isEmpty = counts.passed + counts.failed + counts.skipped === 0;
    if (isEmpty) console.error("error: Expected tests but found none");
    Deno.exit(counts.failed > 0 || isEmpty ? 1 : 0);
  },
);
