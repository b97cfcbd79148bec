import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { isInstalled, startBackend, tf, UsageError } from "../../lib/runtime/mod.ts";
import { run } from "./process.ts";

const imports = `import { startBackend, tf } from "./lib/runtime/mod.ts";`;
const native = await isInstalled("cpu");

/** The gradient of a sum of squared softmax values, by hand: 2 p (p - sum p^2). */
function softmaxGradient(x: readonly number[]): number[] {
  const e = x.map(Math.exp);
  const p = e.map((v) => v / e.reduce((a, b) => a + b));
  const dot = p.reduce((a, b) => a + b * b, 0);
  return p.map((v) => 2 * v * (v - dot));
}

const [wanted, other] = native ? ["native", "wasm"] as const : ["wasm", "cpu"] as const;

Deno.test("the backend computes products and gradients in the engine that tf names", async () => {
  const info = await startBackend(wanted);
  assertEquals(info.name, wanted);
  assertEquals(tf.getBackend(), wanted === "native" ? "tensorflow" : "wasm");
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    const x = tf.tensor2d([[1, 2, 3]]);
    assertEquals([...tf.matMul(x, x, false, true).dataSync()], [14]);
    const gradient = tf.grad((t: tf.Tensor) => tf.sum(tf.square(tf.softmax(t))))(x);
    softmaxGradient([1, 2, 3]).forEach((expected, i) =>
      assertAlmostEquals(gradient.dataSync()[i]!, expected, 1e-6)
    );
    assertEquals(tf.topk(tf.tensor1d([3, 1, 2]), 2).indices.arraySync(), [
      0,
      2,
    ]);
  });
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("starting again is cheap, and another backend can take over", async () => {
  const first = await startBackend(wanted);
  assertEquals(await startBackend(wanted), first);
  await startBackend(other);
  assertEquals(tf.getBackend(), other === "wasm" ? "wasm" : "cpu");
  await startBackend(wanted);
  assertEquals([...tf.add(tf.tensor1d([1]), tf.tensor1d([2])).dataSync()], [3]);
});

Deno.test("versions and machine are told", async () => {
  const info = await startBackend(wanted);
  for (const name of ["tfjs", "deno", "workbench"]) {
    assert(/^\d+\.\d+\.\d+/.test(info.versions[name] ?? ""), name);
  }
  assertEquals("tensorflow" in info.versions, native);
  assert(info.machine.cores >= 1 && info.machine.memory_gb > 0.1);
});

Deno.test("a name that is no backend is refused in one line", async () => {
  const old = Deno.env.get("BALANCEDBIO_BACKEND");
  Deno.env.set("BALANCEDBIO_BACKEND", "tpu");
  try {
    await assertRejects(
      () => startBackend(),
      UsageError,
      "to be one of native, native-bf16, gpu, wasm, cpu but found tpu",
    );
  } finally {
    if (old === undefined) Deno.env.delete("BALANCEDBIO_BACKEND");
    else Deno.env.set("BALANCEDBIO_BACKEND", old);
  }
});

Deno.test({
  name: "native TensorFlow and plain JavaScript start without a word",
  ignore: !native,
  fn: async () => {
    for (const name of ["native", "cpu"]) {
      const code =
        `${imports} await startBackend(); tf.ones([2, 2]).matMul(tf.ones([2, 2])).dataSync();`;
      assertEquals(await run(code, [], { BALANCEDBIO_BACKEND: name }), {
        code: 0,
        out: "",
        err: "",
      });
    }
  },
});

Deno.test("without compiler or pip, WebAssembly serves and the note says what is missing", async () => {
  const empty = await Deno.makeTempDir();
  try {
    const code = `${imports} const info = await startBackend();
      console.log(info.name, tf.matMul([[2]], [[3]]).dataSync()[0]); console.log(info.note);`;
    const env = {
      PATH: empty,
      BALANCEDBIO_CACHE: empty,
      BALANCEDBIO_BACKEND: "",
      CXX: "",
    };
    const bare = await run(code, [], env);
    assertEquals(bare.code, 0, bare.err);
    const [name, note] = bare.out.split("\n");
    assertEquals(name, "wasm 6");
    assert(
      /C\+\+ compiler.*install g\+\+|Linux on x86_64/.test(note ?? ""),
      note,
    );
    const forced = await run(
      `${imports} await startBackend().catch((e) => console.log(e.name, e.message.includes("\\n")));`,
      [],
      { ...env, BALANCEDBIO_BACKEND: "native" },
    );
    assertEquals(forced.out, "WorkbenchError false\n");
  } finally {
    await Deno.remove(empty, { recursive: true });
  }
});

Deno.test({
  name: "without pip, the note says so",
  ignore: Deno.build.os !== "linux" || Deno.build.arch !== "x86_64",
  fn: async () => {
    const folder = await Deno.makeTempDir();
    try {
      await Deno.writeTextFile(`${folder}/g++`, "#!/bin/sh\nexit 0\n", {
        mode: 0o755,
      });
      const { out, err } = await run(`${imports} console.log((await startBackend()).note);`, [], {
        PATH: folder,
        BALANCEDBIO_CACHE: folder,
        BALANCEDBIO_BACKEND: "",
        CXX: "",
      });
      assert(
        out.startsWith(
          "Expected Python with pip on the PATH to fetch tensorflow-cpu",
        ),
        out + err,
      );
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
