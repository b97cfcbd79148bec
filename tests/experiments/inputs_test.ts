import { assertEquals, assertNotEquals } from "@std/assert";
import { join } from "@std/path";
import { knowledgeHash } from "../../lib/knowledge/mod.ts";
import { modelHash } from "../../lib/model/mod.ts";
import { dataFolder, hashFiles } from "../../lib/runtime/mod.ts";

/** Lets a test work in a folder of its own. */
async function within(work: (root: string) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir();
  try {
    await work(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** A folder with files. */
async function folder(path: string, files: Record<string, string>): Promise<string> {
  await Deno.mkdir(path, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(join(path, name), text);
  }
  return path;
}

Deno.test("a model counts by what its files hold, not by its name or place", () =>
  within(async (root) => {
    const files = { "config.json": "{}", "model.safetensors": "weights" };
    const first = await modelHash(await folder(join(root, "a", "model"), files));
    const copy = await modelHash(await folder(join(root, "b", "copy"), files));
    const same = { ...files, "model.safetensors": "others!" };
    const other = await modelHash(await folder(join(root, "c", "model"), same));
    const tokenizer = { ...files, "tokenizer.json": "{}" };
    const another = await modelHash(await folder(join(root, "d", "model"), tokenizer));
    const noted = { ...files, "README.md": "notes" };
    assertEquals(copy, first);
    assertNotEquals(other, first);
    assertNotEquals(another, first);
    assertEquals(await modelHash(await folder(join(root, "e", "model"), noted)), first);
  }));

Deno.test("a changed ontology changes the graph's hash, a changed note does not", () =>
  within(async (root) => {
    for (const name of ["ontology", "hetionet", "clinical"]) {
      await Deno.mkdir(join(root, name));
      for await (const file of Deno.readDir(join(dataFolder(), name))) {
        if (!file.isFile) continue;
        await Deno.copyFile(join(dataFolder(), name, file.name), join(root, name, file.name));
      }
    }
    const before = await knowledgeHash();
    assertEquals(await knowledgeHash(root), before);
    await Deno.writeTextFile(join(root, "ontology", "README.md"), "notes");
    assertEquals(await knowledgeHash(root), before);
    await Deno.writeTextFile(join(root, "ontology", "symp.obo"), "\n", { append: true });
    const changed = await knowledgeHash(root);
    assertNotEquals(changed, before);
    await Deno.writeTextFile(join(root, "clinical", "tests.tsv"), "\n", { append: true });
    assertNotEquals(await knowledgeHash(root), changed);
  }));

Deno.test("files of a folder count with their names, in one order", () =>
  within(async (root) => {
    const [a, b] = [
      await hashFiles(await folder(join(root, "a"), { one: "1", two: "2" })),
      await hashFiles(await folder(join(root, "b"), { two: "2", one: "1" })),
    ];
    assertEquals(a, b);
    assertNotEquals(await hashFiles(await folder(join(root, "c"), { one: "2", two: "1" })), a);
  }));
