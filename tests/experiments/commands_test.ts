import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { basename, fromFileUrl, join } from "@std/path";
import { commandLine, type Task } from "../../experiments/core/command_line.ts";
import { parityPath } from "../model/fixtures.ts";

const root = fromFileUrl(new URL("../..", import.meta.url));
const theory = parityPath("theory", "reference.json");
const model = parityPath("seed0", "model");

/** Runs a command as a user does. */
async function command(
  name: Task,
  ...args: string[]
): Promise<{ code: number; out: string; err: string }> {
  return await commandWith({}, name, ...args);
}

/** Runs a command with variables. */
async function commandWith(
  env: Readonly<Record<string, string>>,
  name: Task,
  ...args: string[]
): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: commandLine(name, args).slice(1),
    cwd: root,
    env: { NO_COLOR: "1", ...env },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("parity: a table with code 0, and code 1 as soon as one number differs", () =>
  inFolder(async (folder) => {
    const text = await Deno.readTextFile(theory);
    await Deno.writeTextFile(join(folder, "reference.json"), text);
    const good = await command("parity", folder);
    assertEquals([good.code, good.err], [0, ""]);
    const lines = good.out.trimEnd().split("\n");
    assert(lines.length > 200 && lines.slice(1, -1).every((line) => line.endsWith(" ok")));
    const total = lines.length - 2;
    assertEquals(lines.at(-1), `${basename(folder)}: ${total} of ${total} within tolerance`);
    const [, value] = /"hypervolume_exact_rational":([\d.]+)/.exec(text)!;
    const changed = text.replace(
      `"hypervolume_exact_rational":${value}`,
      `"hypervolume_exact_rational":${Number(value) + 0.01}`,
    );
    await Deno.writeTextFile(join(folder, "reference.json"), changed);
    const bad = await command("parity", folder);
    assertEquals(bad.code, 1);
    assertEquals(bad.out.match(/FAIL/g)?.length, 1);
  }));

Deno.test("parity: all sets without a folder, and a model that cannot be had is a failure, not a skip", () =>
  inFolder(async (folder) => {
    const without = {
      BALANCEDBIO_CACHE: folder,
      BALANCEDBIO_BACKEND: "wasm",
      PIP_NO_INDEX: "1",
      PIP_FIND_LINKS: folder,
    };
    const { code, out, err } = await commandWith(without, "parity");
    assertEquals(code, 1);
    const totals = out.match(/^\w+: (\d+) of \1 within tolerance$/gm)!;
    assertEquals(totals.map((line) => line.split(":")[0]), ["theory", "seed0", "seed1"]);
    const [line, ...others] = err.trimEnd().split("\n").filter((line) => line.includes("error"));
    assertEquals(others, []);
    assertStringIncludes(line!, "error: smollm2 is not compared: Cannot fetch");
  }));

Deno.test("parity: what is no such folder is refused with code 2 and one line", () =>
  inFolder(async (folder) => {
    const cases: [string | undefined, string][] = [
      [undefined, "Expected a folder with reference.json but found none"],
      ["reference.json", "Expected JSON"],
    ];
    for (const [file, message] of cases) {
      if (file) await Deno.writeTextFile(join(folder, file), "{");
      const { code, out, err } = await command("parity", folder);
      assertEquals([code, out, err.trimEnd().split("\n").length], [2, "", 1], err);
      assertStringIncludes(err, message);
    }
  }));

Deno.test("generate: only the completions on standard output, the same for the same seed", async () => {
  const args = ["--model", model, "--adapter", parityPath("seed0", "adapter"), "--raw"];
  const sampling = [
    "--prompt",
    "the heart",
    "--max-new-tokens",
    "6",
    "--num-generations",
    "3",
    "--temperature",
    "1",
  ];
  const first = await command("generate", ...args, ...sampling);
  assertEquals(first.code, 0, first.err);
  assertEquals(first.out.split("\n---\n").length, 3);
  assertEquals((await command("generate", ...args, ...sampling)).out, first.out);
  const other = await command("generate", ...args, ...sampling, "--seed", "1");
  assert(other.out !== first.out);
});

Deno.test("generate: a model that is not there and options that clash are one line", async () => {
  for (
    const [args, message] of [
      [["--prompt", "x", "--model", "no/such/model"], "Expected model to be smollm2"],
      [["--prompt", "x", "--raw", "--system", "y"], "--raw"],
      [[], "Expected --prompt"],
    ] as const
  ) {
    const { code, out, err } = await command("generate", ...args);
    assertEquals([code, out], [2, ""], err);
    assertStringIncludes(err.trimEnd().split("\n").at(-1)!, message);
  }
});
