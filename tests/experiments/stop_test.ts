/** Signals end experiments behind a step, with a checkpoint, and the same command goes on from it. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { cachedSmollm2, inTemporaryFolder } from "../model/fixtures.ts";
import { stop } from "../runtime/process.ts";

const ignore = cachedSmollm2() === undefined;

const work = (body: string) =>
  `const { stopOnSignals, stoppable } = await import("./experiments/core/stop.ts");
  const stop = stopOnSignals((line) => console.log(line), () => "at once");
  ${body}`;

Deno.test("a signal ends what keeps no checkpoints at once, with the shell's code", async () => {
  const code = work(`console.log("ready"); await new Promise((done) => setTimeout(done, 60_000));`);
  assertEquals(await stop("SIGINT", code), 130);
  assertEquals(await stop("SIGTERM", code), 143);
});

Deno.test("a signal lets work with checkpoints come to its step", async () => {
  const code = work(`
    const reason = await stoppable(stop, (signal) => new Promise((done) => {
      signal.addEventListener("abort", () => setTimeout(() => done(signal.reason), 50));
      console.log("ready");
    }));
    stop.end();
    Deno.exit(reason === stop.signal.reason && stop.code() === 143 ? 7 : 8);`);
  assertEquals(await stop("SIGTERM", code), 7);
});

/** A file of this name below a folder. */
function below(folder: string, name: string): string | undefined {
  try {
    for (const entry of Deno.readDirSync(folder)) {
      const path = join(folder, entry.name);
      const found = entry.isDirectory ? below(path, name) : entry.name === name ? path : undefined;
      if (found !== undefined) return found;
    }
  } catch {
    // It went meanwhile.
  }
  return undefined;
}

Deno.test({
  name: ignore
    ? "experiments that are stopped (skipped: the tokenizer of smollm2 was not fetched)"
    : "experiments say that they wait for another's entry, and leave a checkpoint and no result when they are stopped",
  ignore,
  fn: () =>
    inTemporaryFolder(async (out) => {
      const config = JSON.stringify({
        "main-results": {
          items: 120,
          sft: { maxSteps: 5000, saveSteps: 2, perDeviceTrainBatchSize: 2 },
        },
      });
      const experiments = new Deno.Command(Deno.execPath(), {
        args: [
          ...[
            "run",
            "-A",
            "--no-check",
            "experiments/main.ts",
            "main-results",
            "--preset",
            "smoke",
          ],
          ...["--out", out, "--config", config],
        ],
        cwd: fromFileUrl(new URL("../..", import.meta.url)),
        env: { NO_COLOR: "1" },
        stdout: "null",
        stderr: "piped",
      });
      const child = experiments.spawn();
      const err = new Response(child.stderr).text();
      let ended = false;
      const status = child.status.then((status) => {
        ended = true;
        return status;
      });
      while (!ended && below(out, "checkpoint.safetensors") === undefined) {
        await new Promise((done) => setTimeout(done, 20));
      }
      if (!ended) {
        const other = experiments.spawn();
        let text = "";
        for await (const part of other.stderr.pipeThrough(new TextDecoderStream())) {
          text += part;
          if (text.includes("note: waiting for another process that makes an entry of sft in")) {
            break;
          }
        }
        other.kill("SIGKILL");
        await other.status;
        child.kill("SIGINT");
      }
      assertEquals((await status).code, 130, await err);
      assertStringIncludes(await err, "Stopping behind this step");
      assertStringIncludes(await err, `Stopped; the same command goes on from ${out}`);
      assert(below(out, "checkpoint.safetensors") !== undefined);
      assertEquals(below(out, "results.json"), undefined);
    }),
});
