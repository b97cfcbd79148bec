/** A run whose parameters or adapter are damaged: told in one line, never taken for one that has come to its end. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { completeConfig } from "../../lib/runs/config.ts";
import { evaluateRun } from "../../lib/runs/evaluate.ts";
import { exportRun } from "../../lib/runs/export.ts";
import { runFiles } from "../../lib/runs/folder.ts";
import { checkParameters } from "../../lib/runs/parameters.ts";
import { trainRun } from "../../lib/runs/run.ts";
import { startBackend, WorkbenchError } from "../../lib/runtime/mod.ts";
import { cachedSmollm2, inTemporaryFolder } from "../model/fixtures.ts";

const ignore = cachedSmollm2() === undefined;
const stage = () => ({ update: () => {}, finish: () => {} });

Deno.test({
  name: ignore
    ? "damaged runs (skipped: the tokenizer of smollm2 was not fetched)"
    : "damaged runs train, evaluate and export nothing",
  ignore,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const backend = await startBackend();
      const out = join(folder, "run");
      const config = completeConfig({
        method: "sft",
        model: "tiny",
        data: { count: 40, seed: 0 },
        sft: { maxSteps: 1, perDeviceTrainBatchSize: 2 },
      }, "a test");
      const train = () => trainRun({ config, out, backend, stage });
      assertEquals((await train()).steps, 1);
      const evaluate = () =>
        evaluateRun({
          run: out,
          backend,
          stage,
          testItems: 1,
          mmluQuestions: 0,
          pubmedqaQuestions: 0,
          maxNewTokens: 1,
          batchRows: 1,
          seed: 0,
        });
      const write = () =>
        exportRun({
          run: out,
          format: "peft",
          numberFormat: "F32",
          out: join(folder, "export"),
          name: "x",
          stage,
        });
      const parameters = join(out, runFiles.parameters);
      const adapter = join(out, runFiles.adapter, "adapter_model.safetensors");
      const readers = {
        [parameters]: [train, evaluate],
        [adapter]: [write],
      };
      for (const [path, reads] of Object.entries(readers)) {
        const whole = await Deno.readFile(path);
        const flipped = whole.slice();
        flipped[flipped.length - 2]! ^= 8;
        const odd = [whole.subarray(0, 0), whole.subarray(0, whole.length - 5), flipped];
        for (const bytes of odd) {
          await Deno.writeFile(path, bytes);
          await assertRejects(() => checkParameters(out, config.tuning), WorkbenchError, path);
        }
        for (const read of reads) {
          const { message } = await assertRejects(read, WorkbenchError);
          assertStringIncludes(message, path);
          assert(!message.includes("\n"), message);
          if (read === train) assertStringIncludes(message, "put a whole copy in its place, or");
        }
        await Deno.writeFile(path, whole);
        await checkParameters(out, config.tuning);
      }
    }),
});
