/** What the commands do with wrong input: one line on standard error, the right exit code, nothing written. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { dirname, fromFileUrl, join } from "@std/path";
import { loadKnowledge } from "../../lib/knowledge/mod.ts";
import { readCheckpoint, writeCheckpoint } from "../../lib/model/mod.ts";
import { dataFolder, storeContents } from "../../lib/runtime/mod.ts";
import { readItems } from "../../lib/synthesis/mod.ts";
import { inTemporaryFolder, tinyGguf } from "../model/fixtures.ts";
import { onSmallDisk } from "../runtime/small_disk.ts";

const root = fromFileUrl(new URL("../..", import.meta.url));

interface Ended {
  readonly code: number;
  readonly out: string;
  /** Lines on standard error, without those of progress bars. */
  readonly errors: readonly string[];
}

/** Runs a task of the project as a user does. */
async function task(...args: string[]): Promise<Ended> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", ...args],
    cwd: root,
    env: { NO_COLOR: "1", BALANCEDBIO_BACKEND: "cpu" },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const bars = /^(Setting up|Generating|Loading|synthesize)/;
  return {
    code,
    out: text(stdout),
    errors: text(stderr).split("\n").filter((line) => line !== "" && !bars.test(line)),
  };
}

/** Asserts that a command ended with this code and one line that holds all of these words. */
function assertOneLine(ended: Ended, code: number, ...words: string[]): void {
  assertEquals(
    [ended.code, ended.out, ended.errors.length],
    [code, "", 1],
    ended.errors.join("\n"),
  );
  const [line] = ended.errors as [string];
  assert(line.startsWith("error: ") && !line.includes("unexpected"), line);
  for (const word of words) assertStringIncludes(line, word);
}

const namesIn = (folder: string): string[] => [...Deno.readDirSync(folder)].map(({ name }) => name);

Deno.test("experiments: an unknown preset, experiment or option, and a value that is none", () =>
  inTemporaryFolder(async (folder) => {
    const out = join(folder, "out");
    for (
      const [args, ...words] of [
        [["--preset", "huge"], "--preset", "smoke, quick, paper", '"huge"'],
        [["main-result"], "main-results", '"main-result"'],
        [["--presett", "smoke"], "--presett", "did you mean --preset?"],
        [["--seeds", "0"], "--seeds", "at least 1", "0"],
        [["--seeds"], "--seeds", "a value"],
        [["--seeds", "1e9"], "--seeds", "10000", "1000000000"],
        [["--out", ""], "--out"],
        [["pareto", "--studies", "1"], "--studies with exact-lm alone", "pareto"],
        [["--studies", "1"], "--studies with exact-lm alone"],
        [["exact-lm", "--studies", "5"], "studies", "5"],
      ] as [string[], ...string[]][]
    ) assertOneLine(await task("experiments", "--out", out, ...args), 2, ...words);
    assertEquals(namesIn(folder), []);
  }));

Deno.test("experiments: what is wrong in the file of --config, at any depth", () =>
  inTemporaryFolder(async (folder) => {
    const path = join(folder, "config.json");
    const out = join(folder, "out");
    for (
      const [text, ...words] of [
        ['{"main-resultz": {}}', "main-resultz", path],
        ['{"main-results": {"itemz": 3}}', "known keys", "itemz", "main-results"],
        ['{"main-results": {"sft": {"learningRat": 1}}}', "known keys", "sft.learningRat"],
        ['{"main-results": {"items": "many"}}', "items to be an integer", '"many"'],
        ['{"main-results": {"grpo": {"beta": -1}}}', "grpo.beta", "-1"],
        ['{"main-results": {"tuning": {"kind": "half"}}}', "tuning"],
        ['{"main-results": 5}', "main-results to be an object", "5", path],
        ["[]", "an object", path],
        ["{x", "JSON", path],
        ["", "JSON", path],
      ] as [string, ...string[]][]
    ) {
      await Deno.writeTextFile(path, text);
      assertOneLine(
        await task("experiments", "--out", out, "--config", path, "--preset", "smoke"),
        2,
        ...words,
      );
    }
    for (const missing of [join(folder, "none.json"), folder]) {
      const ended = await task("experiments", "--out", out, "--config", missing);
      assertOneLine(ended, 2, "--config", missing);
    }
    assertEquals(namesIn(folder), ["config.json"]);
  }));

Deno.test("experiments: a file in the place of the output folder", () =>
  inTemporaryFolder(async (folder) => {
    const file = join(folder, "file");
    await Deno.writeTextFile(file, "kept");
    const ended = await task("experiments", "--preset", "smoke", "--out", file);
    assertOneLine(ended, 1, file, "a file is in the place of a folder");
    assertEquals(await Deno.readTextFile(file), "kept");
  }));

Deno.test("generate: a path that is not there ends with 2, a damaged file with 1", () =>
  inTemporaryFolder(async (folder) => {
    const generate = (model: string) => task("generate", "--prompt", "a", "--model", model);
    const missing = join(folder, "none.gguf");
    assertOneLine(await generate(missing), 2, "model", missing);

    const whole = tinyGguf();
    const gguf = join(folder, "model.gguf");
    for (const length of [0, 3, 100, whole.length >> 1, whole.length - 40]) {
      await Deno.writeFile(gguf, whole.subarray(0, length));
      assertOneLine(await generate(gguf), 1, gguf);
    }
    await Deno.writeTextFile(gguf, "this is no model");
    assertOneLine(await generate(gguf), 1, gguf);
  }));

Deno.test("generate: a damaged folder of a model", () =>
  inTemporaryFolder(async (folder) => {
    const model = join(folder, "model");
    const generate = (...more: string[]) =>
      task("generate", "--prompt", "a", "--raw", "--model", model, ...more);
    await Deno.mkdir(model);
    assertOneLine(await generate(), 2, "a model folder with config.json", model);

    await Deno.writeFile(join(folder, "model.gguf"), tinyGguf());
    await writeCheckpoint(model, await readCheckpoint(join(folder, "model.gguf")));
    const path = join(model, "model.safetensors");
    const whole = await Deno.readFile(path);
    for (const length of [0, 5, 20, whole.length - 4]) {
      await Deno.writeFile(path, whole.subarray(0, length));
      assertOneLine(await generate(), 1, path);
    }
    await Deno.writeFile(path, whole);
    assertEquals((await generate("--max-new-tokens", "8")).code, 0);
    assertOneLine(
      await generate("--max-new-tokens", "1000000"),
      2,
      "1000000 new tokens",
      "at most",
    );
    await Deno.writeTextFile(join(model, "config.json"), "{");
    assertOneLine(await generate(), 1, "config.json");
  }));

Deno.test("synthesize: no count, no place, and folders that are not there yet", () =>
  inTemporaryFolder(async (folder) => {
    const path = join(folder, "a", "b", "items.jsonl");
    for (const count of ["0", "-3", "1.5", "many"]) {
      const ended = await task("synthesize", "--count", count, "--out", path);
      assertOneLine(ended, 2, "--count", count);
    }
    assertOneLine(await task("synthesize", "--count", "8"), 2, "--out");
    assertEquals(namesIn(folder), []);

    const ended = await task("synthesize", "--count", "16", "--out", path);
    assertEquals([ended.code, ended.errors], [0, []]);
    assertEquals((await readItems(path)).length, 16);
    assertEquals(namesIn(dirname(path)), ["items.jsonl"]);

    const below = join(path, "items.jsonl");
    assertOneLine(
      await task("synthesize", "--count", "8", "--out", below),
      1,
      "a file is in the place of a folder",
    );
  }));

Deno.test("a full disk is one line with code 1, and nothing is half there", (t) =>
  inTemporaryFolder((folder) =>
    onSmallDisk(t, folder, async () => {
      const path = join(folder, "items.jsonl");
      const ended = await task("synthesize", "--count", "120", "--out", path);
      assertOneLine(ended, 1, path, "there is no space left on the disk");
      assertEquals(namesIn(folder), []);
      const run = await task("experiments", "main-results", "--preset", "smoke", "--out", folder);
      assertOneLine(run, 1, folder, "there is no space left on the disk");
      assertEquals(await storeContents(join(folder, "store")), []);
    })
  ));

Deno.test("ontology: broken lines are told with their numbers, and the rest is read", () =>
  inTemporaryFolder(async (folder) => {
    for (const part of ["ontology", "hetionet"]) {
      await Deno.mkdir(join(folder, part));
      for (const { name } of Deno.readDirSync(join(dataFolder(), part))) {
        await Deno.copyFile(join(dataFolder(), part, name), join(folder, part, name));
      }
    }
    const path = join(folder, "ontology", "symp.obo");
    const lines = (await Deno.readTextFile(path)).split("\n");
    const stanza = lines.indexOf("[Term]");
    const broken = [
      "this line has no colon",
      'def: "no end [x:1]',
      "is_a: ",
    ];
    // The id's own line comes first in a stanza, so the broken lines stand behind it.
    lines.splice(stanza + 2, 0, ...broken);
    await Deno.writeTextFile(path, lines.join("\n"));
    // The folder has no curated tables.
    const whole = await loadKnowledge(undefined, undefined, { clinical: false });
    const partial = await loadKnowledge(folder);
    const fresh = partial.warnings.filter((warning) => !whole.warnings.includes(warning));
    assertEquals(
      broken.map((_, i) => fresh.some((w) => w.startsWith(`symp.obo:${stanza + 3 + i}: `))),
      [true, true, true],
      fresh.join("\n"),
    );
    assertEquals(fresh.length, 3);
    assertEquals(partial.entities.size, whole.entities.size);
  }));
