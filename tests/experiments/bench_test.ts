import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { join } from "@std/path";
import { chooseWorkloads } from "../../experiments/bench/benchmarks.ts";
import {
  compare,
  comparisonTable,
  differences,
  measurementTable,
  medians,
  unitOf,
} from "../../experiments/bench/comparison.ts";
import { peersFolder, peersPython, readRequirements } from "../../experiments/bench/environment.ts";
import { GENERATIONS } from "../../experiments/bench/grpo_run.ts";
import { timeGrpo } from "../../experiments/bench/grpo_step.ts";
import { defineBenchmark, median, medianSeconds } from "../../experiments/bench/measure.ts";
import {
  availablePeers,
  measurePeer,
  type Peer,
  peers,
} from "../../experiments/bench/processes.ts";
import {
  generateAll,
  randomSequences,
  scoredSequences,
} from "../../experiments/bench/sequences.ts";
import { tinyConfig } from "../../experiments/bench/tiny.ts";
import {
  basePolicy,
  disposeTransformer,
  type Tokenizer,
  weightShapes,
} from "../../lib/model/mod.ts";
import {
  isFile,
  peakFromStatus,
  startBackend,
  tf,
  UsageError,
  WorkbenchError,
} from "../../lib/runtime/mod.ts";
import { smallestAdapter, smallestModel, smallestTokenizer } from "./smallest.ts";

Deno.test("the tiny model has as many parameters as the one of bench_trl.py", () => {
  const sizes = [...weightShapes(tinyConfig).values()].map((s) => s.reduce((n, x) => n * x, 1));
  assertEquals(sizes.reduce((a, b) => a + b), 2_018_496);
});

Deno.test("names choose models, workloads, or one of one model; wrong ones are refused", () => {
  assertEquals(chooseWorkloads([]).map(({ benchmark }) => benchmark), ["tiny", "smollm2"]);
  assertEquals(chooseWorkloads(["tiny"]), [
    { benchmark: "tiny", workloads: ["matmul", "sft", "generate", "logprob", "grpo"] },
  ]);
  // The order is that of the workloads, not of the names.
  assertEquals(chooseWorkloads(["smollm2/grpo", "matmul"]), [
    { benchmark: "tiny", workloads: ["matmul"] },
    { benchmark: "smollm2", workloads: ["matmul", "grpo"] },
  ]);
  const error = assertThrows(() => chooseWorkloads(["tiny/prefill"]), UsageError);
  assertStringIncludes(error.message, '"tiny/prefill"');
});

Deno.test("a median is the middle of sorted numbers", () => {
  assertEquals(median([10, 9, 1]), 9);
  assertEquals(median([4, 1, 3, 2]), 2.5);
  assertThrows(() => median([]), UsageError);
});

Deno.test("the first run warms up and does not count", async () => {
  const durations = [9000, 4000, 1000, 2000];
  let [runs, time] = [0, 0];
  const seconds = await medianSeconds(() => void (time += durations[runs++]!), 3, () => time);
  assertEquals([runs, seconds], [4, 2]);
});

Deno.test("the peak of memory is read in units of 2^20 bytes", () => {
  assertEquals(peakFromStatus("Name:\tdeno\nVmPeak:\t 9999 kB\nVmHWM:\t  2048 kB\n"), 2);
  assertEquals(peakFromStatus("Name:\tdeno\n"), undefined);
});

Deno.test("a benchmark loads its model only for workloads that need it, and runs what is chosen", async () => {
  let loads = 0;
  const benchmark = defineBenchmark<number>({
    arithmetic: () => Promise.resolve({ matmul_1_gflops: 1 }),
    grpoRun: () => {
      throw new Error("not asked for");
    },
    load: () => Promise.resolve({ subject: ++loads, found: { params: 5 } }),
    workloads: [
      { name: "a", run: (subject) => ({ a_s: subject }) },
      { name: "b", run: () => ({ b_s: 2 }) },
    ],
  });
  const options = { model: "", steps: 2, precision: "float32" } as const;
  assertEquals(benchmark.names, ["matmul", "a", "b"]);
  const { peak_rss_mb, ...first } = await benchmark.run(["matmul"], options);
  assert(peak_rss_mb! > 10);
  assertEquals([first, loads], [{ matmul_1_gflops: 1 }, 0]);
  const { peak_rss_mb: _, ...second } = await benchmark.run(["b"], options);
  assertEquals([second, loads], [{ params: 5, b_s: 2 }, 1]);
});

Deno.test("a ratio above 1 means that ours is faster or smaller, whatever the unit", () => {
  assertEquals(unitOf("sft_tok_s"), { unit: "tokens/s", moreIsBetter: true });
  assertEquals(unitOf("grpo_step_s"), { unit: "s", moreIsBetter: false });
  assertEquals(unitOf("params"), undefined);
  const rounds = [
    {
      ours: { a_tok_s: 20, b_s: 1, c_mb: 50, params: 7 },
      theirs: { a_tok_s: 10, b_s: 4, c_mb: 100, params: 8 },
    },
    {
      ours: { a_tok_s: 10, b_s: 2, c_mb: 50, params: 7 },
      theirs: { a_tok_s: 10, b_s: 2, c_mb: 100, params: 8 },
    },
    {
      ours: { a_tok_s: 30, b_s: 3, c_mb: 50, params: 7, only_s: 1 },
      theirs: { a_tok_s: 10, b_s: 6, c_mb: 100, params: 8 },
    },
  ];
  assertEquals(compare(rounds), [
    { name: "a_tok_s", ours: 20, theirs: 10, ratio: 2, low: 1, high: 3 },
    { name: "b_s", ours: 2, theirs: 4, ratio: 2, low: 1, high: 4 },
    { name: "c_mb", ours: 50, theirs: 100, ratio: 2, low: 2, high: 2 },
  ]);
  assertEquals(differences(rounds).length, 1);
  assertEquals(medians(rounds.map(({ ours }) => ours)).only_s, 1);
  const table = comparisonTable("demo", "TRL", compare(rounds));
  assertStringIncludes(table, "a_tok_s  20.0  10.0   2.00    1.00     3.00");
  assertStringIncludes(measurementTable("demo", { b_s: 0.01234 }), "b_s   0.0123     s");
});

Deno.test("peers get only what is chosen, and memory is compared only where the work is the same", () => {
  const [trl, torch, llama] = peers as [Peer, Peer, Peer];
  const request = {
    benchmark: "smollm2",
    workloads: ["matmul", "logprob"],
    steps: 3,
    precision: "float32",
    model: "m",
  } as const;
  assert(trl.args(request, "m")!.includes("--skip-grpo"));
  assert(!trl.args({ ...request, workloads: ["grpo"] }, "m")!.includes("--skip-grpo"));
  assert(!trl.sameMemory(request));
  assertEquals(torch.args(request, "m.gguf"), [
    "torch",
    "--gguf",
    "m.gguf",
    "--steps",
    "3",
    "--only",
    "matmul,logprob",
  ]);
  assertEquals(llama.args(request, "m"), undefined);
});

Deno.test("peers whose scripts or modules are not there are named", async () => {
  const folder = await Deno.makeTempDir();
  const { available, absent } = await availablePeers("python3", folder);
  assertEquals(available, []);
  assertEquals(absent.length, peers.length);
  assertStringIncludes(absent[0]!, join(folder, "bench_trl.py"));
  for (const { script } of peers) await Deno.writeTextFile(join(folder, script), "");
  const interpreter = join(folder, "python");
  await Deno.writeTextFile(interpreter, "#!/bin/sh\necho trl gguf\n", { mode: 0o755 });
  const found = await availablePeers(interpreter, folder);
  assertStringIncludes(found.absent[1]!, `${interpreter} has no module trl, gguf`);
  assert(!found.absent[1]!.includes("pip install"));
  assertStringIncludes(found.absent[2]!, join(folder, "requirements-llama.txt"));
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a peer's numbers are read from its file, without what is no number; its failure is one line", async () => {
  const folder = await Deno.makeTempDir();
  // A stand-in for Python that runs a script of the same arguments.
  const interpreter = join(folder, "python");
  await Deno.writeTextFile(interpreter, '#!/bin/sh\nexec sh "$@"\n', { mode: 0o755 });
  const script = 'while [ "$1" != --json ]; do shift; done\n' +
    `echo '{"torch":"2","sft_tok_s":5,"peak_rss_mb":9,"grpo_len":null}' > "$2"\n`;
  await Deno.writeTextFile(join(folder, "bench_trl.py"), script);
  const request = {
    benchmark: "tiny",
    workloads: ["sft"],
    steps: 2,
    precision: "float32",
    model: "m",
  } as const;
  assertEquals(await measurePeer(peers[0]!, interpreter, folder, request, "m"), { sft_tok_s: 5 });
  await Deno.writeTextFile(join(folder, "bench_trl.py"), "echo 'first\nlast' >&2; exit 3\n");
  const error = await assertRejects(
    () => measurePeer(peers[0]!, interpreter, folder, request, "m"),
    WorkbenchError,
  );
  assert(error.message.endsWith(": last"), error.message);
  await Deno.remove(folder, { recursive: true });
});

/** A Python program that says its version, makes environments of itself and installs anything. */
const standIn = `#!/bin/sh
case "$*" in
*"-m venv"*) mkdir -p "$3/bin"; cp "$0" "$3/bin/python";;
*"-m pip"*) echo "$*" >> "$LOG";;
*) echo 3.11;;
esac
`;

Deno.test({
  name: "the peers' packages are fetched once, and only when somebody agrees",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const folder = await Deno.makeTempDir();
    const names = ["PATH", "BALANCEDBIO_CACHE", "LOG"];
    const old = names.map((name) => [name, Deno.env.get(name)] as const);
    try {
      await Deno.writeTextFile(join(folder, "python3"), standIn, { mode: 0o755 });
      Deno.env.set("PATH", `${folder}:${Deno.env.get("PATH")}`);
      Deno.env.set("BALANCEDBIO_CACHE", join(folder, "cache"));
      Deno.env.set("LOG", join(folder, "log"));
      const installs = () => Deno.readTextFile(join(folder, "log")).catch(() => "");
      const nobody = await assertRejects(() => peersPython(false, undefined), UsageError);
      assertStringIncludes(nobody.message, "Expected --yes to fetch the peers' Python packages");
      assertStringIncludes(nobody.message, "--peers to name a Python");
      const questions: string[] = [];
      const answer = (given: boolean) => (question: string) => {
        questions.push(question);
        return given;
      };
      await assertRejects(() => peersPython(false, answer(false)), WorkbenchError, "--peers names");
      assertEquals(await installs(), "");
      assertStringIncludes(
        questions[0]!,
        `GB in ${join(folder, "cache", "python", "peers-3.11-")}`,
      );
      const python = await peersPython(false, answer(true));
      assertEquals(questions.length, 2);
      assertStringIncludes(await installs(), "--require-hashes -r ");
      const once = await installs();
      assertEquals(await peersPython(false, answer(false)), python);
      assertEquals(await peersPython(true, undefined), python);
      assertEquals([questions.length, await installs()], [2, once]);
    } finally {
      for (const [name, value] of old) {
        value === undefined ? Deno.env.delete(name) : Deno.env.set(name, value);
      }
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("every requirement of the peers is pinned exactly, and their scripts are there", async () => {
  for (const name of ["requirements.txt", "requirements-llama.txt"]) {
    const requirements = readRequirements(await Deno.readTextFile(join(peersFolder, name)));
    assert(requirements.length > 0);
    for (const line of requirements) assert(/^[\w-]+==\d+(\.\d+)+$/.test(line), line);
  }
  assertEquals(readRequirements("# a\n\nb==1 # c\n"), ["b==1"]);
  for (const { script } of peers) await Deno.stat(join(peersFolder, script));
});

Deno.test("sequences are scored on every token but the first, without padding", () => {
  const batch = scoredSequences(randomSequences(3, 10, [3, 16], "test"));
  assertEquals(batch.ids.length, 30);
  assertEquals(batch.targets.length, 27);
  assert(batch.ids.every((id) => id >= 3 && id < 16));
});

Deno.test("generation and GRPO run to the full length where no token ends it, else to the end token, and leave no tensors", async () => {
  await startBackend();
  const model = smallestModel();
  const prompts = randomSequences(3, 4, [3, 16], "test");
  const before = tf.memory().numTensors;
  assertEquals(await generateAll(basePolicy(model), prompts, 20), 60);
  assertEquals(tf.memory().numTensors, before);
  const timed = (eosIds: readonly number[]) =>
    timeGrpo({
      model,
      tokenizer: { ...smallestTokenizer, eosIds },
      trainable: smallestAdapter(),
      prompts,
      promptsPerStep: 2,
      newTokens: 6,
      steps: 3,
    });
  const times = await timed([]);
  assert((await timed(smallestTokenizer.eosIds)).length < 6);
  assertEquals(times.length, 6);
  assertEquals(tf.memory().numTensors, before);
  disposeTransformer(model);
});

Deno.test("a step's time is the median behind the first step, the run's that of all", async () => {
  await startBackend();
  // A clock that leaps: sampling takes 9, 1 and 3 units in the three steps, what follows it 10 in each.
  const unit = 1e9; // ms, beside which what the steps really take is nothing
  const sampling = [9, 1, 3];
  const rows = 2 * GENERATIONS;
  const real = performance.now.bind(performance);
  let [leapt, decoded, taken] = [0, 0, 0];
  performance.now = () => {
    const read = real() + leapt;
    if (decoded === rows) [decoded, leapt, taken] = [0, leapt + 10 * unit, taken + 1];
    return read;
  };
  const tokenizer: Tokenizer = {
    ...smallestTokenizer,
    decode: (...given) => {
      decoded++;
      leapt += sampling[taken]! * unit / rows;
      return smallestTokenizer.decode(...given);
    },
  };
  const model = smallestModel();
  try {
    const { generate, step, wallPerStep } = await timeGrpo({
      model,
      tokenizer,
      trainable: smallestAdapter(),
      prompts: randomSequences(3, 4, [3, 16], "test"),
      promptsPerStep: 2,
      newTokens: 6,
      steps: 3,
    });
    const units = [generate, step, wallPerStep].map((seconds) => 1000 * seconds / unit);
    [2, 12, (9 + 1 + 3 + 30) / 3].forEach((x, i) => assertAlmostEquals(units[i]!, x, 1e-2));
  } finally {
    performance.now = real;
    disposeTransformer(model);
  }
});

Deno.test({
  name: "programs that measure end with the process that started them",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const folder = await Deno.makeTempDir();
    const interpreter = join(folder, "python");
    await Deno.writeTextFile(interpreter, '#!/bin/sh\nexec sh "$@"\n', { mode: 0o755 });
    await Deno.writeTextFile(
      join(folder, "bench_trl.py"),
      "touch started; for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.1; done; touch survived\n",
    );
    const module = new URL("../../experiments/bench/processes.ts", import.meta.url).href;
    const code = `import { measurePeer, peers } from ${JSON.stringify(module)};
      const request = { benchmark: "tiny", workloads: [], steps: 2, model: "" };
      await measurePeer(peers[0], ${JSON.stringify(interpreter)}, ${
      JSON.stringify(folder)
    }, request, "");`;
    const config = new URL("../../deno.json", import.meta.url).pathname;
    const file = join(folder, "parent.ts");
    await Deno.writeTextFile(file, code);
    const temporary = join(folder, "temporary");
    await Deno.mkdir(temporary);
    const parent = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "--config", config, file],
      env: { TMPDIR: temporary },
      stdout: "null",
      stderr: "inherit",
    }).spawn();
    const exists = (name: string) => isFile(join(folder, name));
    let running = true;
    parent.status.then(() => running = false);
    while (running && !await exists("started")) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert(await exists("started"));
    parent.kill("SIGTERM");
    assertEquals((await parent.status).signal, "SIGTERM");
    await new Promise((resolve) => setTimeout(resolve, 1300));
    assert(!await exists("survived"));
    assertEquals([...Deno.readDirSync(temporary)], []);
    await Deno.remove(folder, { recursive: true });
  },
});

Deno.test("a profile is of whole models and stands alone", async () => {
  const command = new URL("../../experiments/commands/bench.ts", import.meta.url).pathname;
  const run = async (...args: string[]) => {
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", command, "--profile", ...args],
    }).output();
    return [code, new TextDecoder().decode(stderr)] as const;
  };
  const [code, text] = await run("--only", "tiny/sft");
  assertEquals(code, 2);
  assertStringIncludes(text, "workloads of tiny");
  const [other, line] = await run("--compare");
  assertEquals(other, 2);
  assertStringIncludes(line, "--profile");
});
