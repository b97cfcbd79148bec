import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { completeConfig } from "../../lib/runs/config.ts";
import {
  beginRun,
  begunRun,
  checkModelFiles,
  finishedRun,
  readRunFolder,
  runFiles,
  type RunFolder,
  type RunInputs,
} from "../../lib/runs/folder.ts";
import { logFile } from "../../lib/runs/log.ts";
import { writeParameters } from "../../lib/runs/parameters.ts";
import { type ModelConfig, modelHash } from "../../lib/model/mod.ts";
import { startBackend, tf, UsageError } from "../../lib/runtime/mod.ts";
import { adamWState, saveCheckpoint } from "../../lib/training/mod.ts";
import { inTemporaryFolder, tinyGguf } from "../model/fixtures.ts";

await startBackend();

const backend = {
  name: "wasm",
  versions: {},
  machine: { os: "linux", arch: "x86_64", cpu: "Made-up", cores: 2, memory_gb: 8 },
} as const;
const config = completeConfig({ method: "grpo", model: "tiny" }, "a test");
const inputs: RunInputs = {
  model: "m",
  knowledge: "k",
  items: "i",
  itemCount: 7,
  validation: "v",
  rules: 1,
  from: { hash: "f", config: {} },
};

Deno.test("a run goes on only with the model, graph, items, rules and beginning that it was begun with", () =>
  inTemporaryFolder(async (folder) => {
    assertEquals(await begunRun(folder, config, inputs, backend), undefined);
    await beginRun(folder, config, inputs, backend);
    assertEquals(await begunRun(folder, config, inputs, backend), undefined, "one without a step");
    await Deno.writeTextFile(join(folder, logFile), "step\n1\n");
    assertEquals((await begunRun(folder, config, inputs, backend))?.config, config);
    const others: [Partial<RunInputs>, string][] = [
      [{ model: "other" }, "the hash of the model's files"],
      [{ knowledge: "other" }, "the hash of the graph's files"],
      [{ items: "other" }, "the hash of the training items"],
      [{ validation: "other" }, "the hash of the validation items"],
      [{ rules: 2 }, "the version of the rules"],
      [{ from: null }, "the hash of the earlier run"],
    ];
    for (const [change, message] of others) {
      const work = () => begunRun(folder, config, { ...inputs, ...change }, backend);
      await assertRejects(work, UsageError, `Expected ${message}`);
    }
    await assertRejects(
      () => begunRun(folder, { ...config, seed: 1 }, inputs, backend),
      UsageError,
      "Expected seed to be 0 as before but found 1",
    );
  }));

Deno.test("a run of an earlier version, which recorded no model and graph, goes on", () =>
  inTemporaryFolder(async (folder) => {
    await beginRun(folder, config, inputs, backend);
    await Deno.writeTextFile(join(folder, logFile), "step\n1\n");
    const path = join(folder, runFiles.record);
    const { model: _, knowledge: _knowledge, ...record } = JSON.parse(
      await Deno.readTextFile(path),
    );
    await Deno.writeTextFile(path, JSON.stringify(record));
    assertEquals((await begunRun(folder, config, inputs, backend))?.record.items, "i");
  }));

/** Parameters or a checkpoint of two numbers, of a run. */
const values = () =>
  ({ kind: "full", segments: [], layerSize: 2, values: tf.tensor1d([1, 2]) }) as const;

async function leftBy(
  kind: "checkpoint" | "parameters",
  folder: string,
  run: unknown,
): Promise<string> {
  const trainable = values();
  const optimizer = adamWState(2);
  if (kind === "checkpoint") {
    await saveCheckpoint(folder, { trainable, optimizer, extra: null, run });
  } else await writeParameters(folder, {} as ModelConfig, trainable, "tiny", run);
  tf.dispose([trainable.values, optimizer.momentum, optimizer.secondMoment]);
  return join(folder, kind === "checkpoint" ? runFiles.checkpoint : runFiles.parameters);
}

for (const kind of ["checkpoint", "parameters"] as const) {
  Deno.test(`${kind} of another run are refused, whatever was deleted beside them; their own description comes back`, () =>
    inTemporaryFolder(async (folder) => {
      const run = await beginRun(folder, config, inputs, backend);
      const path = await leftBy(kind, folder, { config: run.config, record: run.record });
      const files = [runFiles.config, runFiles.record, logFile];
      const others: [() => Promise<unknown>, string][] = [
        [
          () => begunRun(folder, { ...config, seed: 1 }, inputs, backend),
          "seed to be 0 as before but found 1",
        ],
        [
          () => begunRun(folder, config, { ...inputs, model: "o" }, backend),
          "the hash of the model's files",
        ],
        [
          () => begunRun(folder, config, { ...inputs, validation: "o" }, backend),
          "the validation items",
        ],
        [
          () => begunRun(folder, config, inputs, { ...backend, name: "native" }),
          'the backend to be "wasm"',
        ],
        [
          () => begunRun(folder, config, inputs, { ...backend, versions: { tfjs: "9" } }),
          "the backend's version of.tfjs",
        ],
      ];
      for (const gone of [[], [files[0]!], [files[1]!], files]) {
        for (const name of files) await Deno.writeTextFile(join(folder, name), "step\n1\n");
        await beginRun(folder, config, inputs, backend);
        for (const name of gone) await Deno.remove(join(folder, name));
        for (const [work, message] of others) {
          const error = await assertRejects(work, UsageError, message);
          assertStringIncludes(error.message, `in ${path}; another --out`);
        }
        assertEquals((await begunRun(folder, config, inputs, backend))?.config, config);
        assertEquals((await readRunFolder(folder))?.record.items, "i");
      }
      // One of an earlier version does not say what it is of; config.json and run.json do.
      await Promise.all(
        ["checkpoint", "checkpoint.previous", "checkpoint.next"].map((name) =>
          Deno.remove(join(folder, `${name}.safetensors`)).catch(() => {})
        ),
      );
      await leftBy(kind, folder, undefined);
      assertEquals((await begunRun(folder, config, inputs, backend))?.config, config);
      await Deno.remove(join(folder, runFiles.config));
      await assertRejects(() => begunRun(folder, config, inputs, backend), UsageError, path);
    }));
}

Deno.test("a finished run is what its parameters were trained with", () =>
  inTemporaryFolder(async (folder) => {
    await assertRejects(() => finishedRun(folder), UsageError, "folder of a training run");
    const run = await beginRun(folder, config, inputs, backend);
    await assertRejects(() => finishedRun(folder), UsageError, "come to its end");
    const path = await leftBy("parameters", folder, { config: run.config, record: run.record });
    assertEquals((await finishedRun(folder)).config, config);
    await beginRun(folder, { ...config, seed: 3 }, inputs, backend);
    const error = await assertRejects(() => finishedRun(folder), UsageError);
    assertStringIncludes(error.message, `Expected seed to be 0 as in ${path} but found 3`);
    await Deno.remove(join(folder, runFiles.config));
    await Deno.remove(join(folder, runFiles.record));
    assertEquals((await finishedRun(folder)).config.seed, 0);
  }));

Deno.test("a model whose files changed since the training is refused with both hashes", () =>
  inTemporaryFolder(async (folder) => {
    const path = join(folder, "m.gguf");
    await Deno.writeFile(path, tinyGguf());
    const model = await modelHash(path);
    const run = {
      folder,
      config: { ...config, model: path },
      record: { model },
    } as unknown as RunFolder;
    await checkModelFiles(run);
    await Deno.writeFile(
      path,
      tinyGguf().map((byte, i, all) => i === all.length - 1 ? byte ^ 1 : byte),
    );
    const error = await assertRejects(() => checkModelFiles(run), UsageError);
    for (const part of [model, path, "put the model back"]) {
      assertStringIncludes(error.message, part);
    }
  }));
