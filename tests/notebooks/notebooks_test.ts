import { assert, assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import {
  codeCells,
  type Notebook,
  notebookText,
  outputFaults,
  owedOutputs,
  parseNotebook,
} from "../../experiments/commands/notebooks/notebook.ts";
import { endsWithShow } from "./ends_with_show.ts";

const folder = fromFileUrl(new URL("../../notebooks", import.meta.url));
const names = [...Deno.readDirSync(folder)].map(({ name }) => name)
  .filter((name) => name.endsWith(".ipynb")).sort();

Deno.test("there are notebooks, numbered in reading order", () => {
  assert(names.length > 0);
  for (const name of names) assertMatch(name, /^\d{2}-[a-z-]+\.ipynb$/);
});

for (const name of names) {
  const content = await Deno.readTextFile(join(folder, name));
  const notebook: Notebook = parseNotebook(content, name);

  Deno.test(`${name}: every cell that shows something has its outputs, without errors or machine paths`, () => {
    assertEquals(outputFaults(notebook), []);
  });

  Deno.test(`${name}: cells ran once, from top to bottom`, () => {
    const cells = codeCells(notebook);
    assertEquals(cells.map((cell) => cell.execution_count), cells.map((_, i) => i + 1));
    assertEquals(new Set(notebook.cells.map(({ id }) => id)).size, notebook.cells.length);
  });

  Deno.test(`${name}: show is the last statement wherever it stands`, () => {
    for (const { source } of codeCells(notebook)) {
      assert(owedOutputs(source) <= 1, source);
      assertEquals(owedOutputs(source) === 1, endsWithShow(source), source);
    }
  });

  Deno.test(`${name}: a title first, prose before all code but the imports, figures and tables`, () => {
    assert(notebook.cells[0]!.cell_type === "markdown");
    assertMatch(notebook.cells[0]!.source, /^# /);
    const types = codeCells(notebook).flatMap((cell) =>
      (cell.outputs ?? []).flatMap(({ data }) => Object.keys(data ?? {}))
    );
    assert(types.filter((type) => type === "image/svg+xml").length >= 2);
    assert(types.includes("text/html"));
    for (const [i, cell] of notebook.cells.entries()) {
      if (cell.cell_type === "code" && i > 1) {
        const before = notebook.cells[i - 1]!;
        assert(before.cell_type === "markdown" || owedOutputs(before.source) === 0, cell.source);
      }
    }
  });

  Deno.test(`${name}: the file has the bytes that a run would write`, () => {
    assertEquals(notebookText(notebook), content);
  });
}
