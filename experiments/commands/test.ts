/**
 * `deno task test`: sets up what the tests need, runs them with those in the documentation, and closes with the counts.
 *
 * @module
 */
import { join } from "@std/path";
import { z } from "zod";
import { resolveEncoder, resolveModel } from "../../lib/model/mod.ts";
import {
  type OnProgress,
  progressBar,
  runCommand,
  startBackend,
  temporaryFolder,
} from "../../lib/runtime/mod.ts";
import { countTests, summaryLine } from "./test/junit.ts";

const schema = z.object({
  paths: z.array(z.string()).default(["tests", "lib"]).describe("Files or folders to test"),
  offline: z.boolean().default(false).describe("Fetch no model; its tests are skipped"),
  check: z.boolean().default(true).describe("Check types first"),
});

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

await runCommand(
  {
    name: "test",
    summary: "Runs the tests, those in the documentation included; the last line has the counts.",
    schema,
    positional: ["paths"],
    examples: ["", "tests/balance lib/balance"],
  },
  Deno.args,
  async ({ paths, offline, check }) => {
    const { note } = await startBackend();
    if (note) console.error(`note: ${note}`);
    if (!offline) await fetchModels();
    const folder = temporaryFolder("balancedbio-");
    const reportPath = join(folder, "report.xml");
    const { code } = await new Deno.Command(Deno.execPath(), {
      args: [
        "test",
        "--allow-all",
        "--doc",
        ...(check ? [] : ["--no-check"]),
        // They start a cluster, which `deno task test:slurm` is for.
        "--ignore=tests/slurm",
        `--junit-path=${reportPath}`,
        ...paths,
      ],
      stdout: "inherit",
      stderr: "inherit",
    }).spawn().status;
    const report = await Deno.readTextFile(reportPath).catch(() => "");
    await Deno.remove(folder, { recursive: true });
    const counts = countTests(report);
    if (!counts.whole) console.error("error: the tests ended before their report was whole");
    else if (code !== 0 && counts.failed === 0) {
      console.error("error: a file failed outside its tests; see above");
    }
    // A run that failed never closes with 0 failed; the line stands alone even where a test was cut off.
    const failed = code !== 0 || !counts.whole ? Math.max(1, counts.failed) : counts.failed;
    console.log(`\n${summaryLine({ ...counts, failed })}`);
    Deno.exit(code === 0 && !counts.whole ? 1 : code);
  },
);
