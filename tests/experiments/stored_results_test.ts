/** The committed results, as their views show them today. */
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { experiments } from "../../experiments/catalogue.ts";
import { resultsFolders, viewStored } from "../../experiments/report/presentation.ts";

const root = join(import.meta.dirname!, "../../experiments/results");
const folders = [...await resultsFolders(root), ...await resultsFolders(join(root, "paper"))];

for (const folder of folders) {
  const name = folder.slice(root.length + 1);
  Deno.test(`${name}: figures of sections have names, tables are the committed ones`, async () => {
    const { results, shown } = await viewStored(folder, experiments);
    const named = shown.figures.map(({ figure }) => figure);
    for (const { id, figures, answer } of shown.sections) {
      assert(figures.every((figure) => named.includes(figure)), id);
      assert(!/NaN|undefined|Infinity|\[object/.test(answer), answer);
    }
    const tables = (extension: string) => shown.tables.map((t) => `tables/${t.name}.${extension}`);
    assertEquals(
      results.tables.filter((path) => path.endsWith(".csv")).sort(),
      tables("csv").sort(),
    );
    assertEquals(
      results.figures.filter((path) => path.endsWith(".svg")).sort(),
      shown.figures.map((f) => `figures/${f.name}.svg`).sort(),
    );
  });
}

Deno.test("every experiment has committed results", () => {
  const ids = new Set(folders.map((folder) => folder.split("/").at(-1)));
  assertEquals(experiments.filter(({ id }) => !ids.has(id)).map(({ id }) => id), []);
});
