import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  type Notebook,
  notebookModule,
  notebookText,
  type Output,
  outputFaults,
  owedOutputs,
  parseNotebook,
  withOutputs,
} from "../../experiments/commands/notebooks/notebook.ts";
import { checkTypes } from "../../experiments/commands/notebooks/execute.ts";
import { UsageError } from "../../lib/runtime/mod.ts";
import { endsWithShow } from "./ends_with_show.ts";

const table = { "text/html": "<p>", "text/markdown": "x", "text/plain": "x" };

function display(data: Record<string, unknown>): Output {
  return { output_type: "display_data", metadata: {}, data };
}

function notebook(source: string, outputs: Output[]): Notebook {
  return parseNotebook(
    JSON.stringify({
      nbformat: 4,
      nbformat_minor: 5,
      metadata: { kernelspec: { name: "deno", display_name: "Deno" } },
      cells: [
        { id: "a", cell_type: "markdown", metadata: {}, source: "# A" },
        { id: "b", cell_type: "code", metadata: {}, source, outputs, execution_count: 9 },
      ],
    }),
    "a.ipynb",
  );
}

Deno.test("a cell owes an output for each show at the margin", () => {
  assertEquals(owedOutputs("const x = 1;\nawait show(x);\nawait show([\n  x,\n]);"), 2);
  assertEquals(owedOutputs("if (x) {\n  await show(x);\n}\n// await show(x);"), 0);
  assertEquals(endsWithShow("const x = 1;\nawait show([\n  x,\n]);"), true);
  assertEquals(endsWithShow("await show(x);\nconst y = 1;"), false);
});

Deno.test("a lost output, an error, a foreign form and a machine path are faults", () => {
  assertEquals(outputFaults(notebook("await show(x);", [display(table)])), []);
  assertEquals(outputFaults(notebook("const x = 1;", [])), []);
  assertEquals(outputFaults(notebook("await show(x);", [])), [
    "code cell 1: Expected 1 shown outputs but found 0",
  ]);
  assertEquals(outputFaults(notebook("await show(x);", [display({ "text/plain": "x" })])), [
    "code cell 1: Expected a figure, a table or a sentence but found text/plain",
  ]);
  assertEquals(
    outputFaults(notebook("f();", [{
      output_type: "error",
      ename: "TypeError",
      evalue: "\x1b[31mno f\x1b[0m\nat x",
      traceback: [],
    }])),
    ["code cell 1: TypeError: no f"],
  );
  for (const path of ["file:///a.ts", "/home/me/x", "in /tmp/x", "C:\\Users\\me"]) {
    assertStringIncludes(
      outputFaults(notebook("await show(x);", [display({ ...table, "text/plain": path })]))
        .join(),
      "paths of this machine",
      path,
    );
  }
  for (const text of ["and/or", "data/home/x", "option A:\nfever"]) {
    const shown = display({ ...table, "text/plain": text });
    assertEquals(outputFaults(notebook("await show(x);", [shown])), [], text);
  }
});

Deno.test("outputs are taken over without counts, times or versions of the run", () => {
  const run = notebook("await show(x);", [display(table)]);
  run.cells[1]!.metadata = { execution: { started: "now" } };
  run.metadata["language_info"] = { version: "6" };
  const written = withOutputs(notebook("await show(x);", []), run);
  assertEquals(written.cells[1]!.execution_count, 1);
  assertEquals(written.cells[1]!.metadata, {});
  assertEquals(written.metadata["language_info"], undefined);
  assertEquals(written.cells[1]!.outputs, run.cells[1]!.outputs);
});

Deno.test("a notebook's text reads back as the same notebook", () => {
  const before = notebook("const a = 1;\n\nawait show(a);", [display(table)]);
  const text = notebookText(before);
  assertStringIncludes(text, '"const a = 1;\\n",');
  assertEquals(notebookText(parseNotebook(text, "a.ipynb")), text);
});

Deno.test("what is no notebook for Deno is refused in one line", () => {
  assertThrows(() => parseNotebook("x", "a.ipynb"), UsageError, "in a.ipynb");
  const python = notebookText(notebook("", [])).replace('"name": "deno"', '"name": "python3"');
  assertThrows(() => parseNotebook(python, "a.ipynb"), UsageError, "metadata.kernelspec.name");
});

Deno.test("relative imports of the module are read from the notebook's folder", () => {
  const source = 'import { a } from "../lib/a.ts";\nconst b = await import("./b.ts");\nexport {};';
  const { text, places } = notebookModule(notebook(source, []), new URL("file:///p/notebooks/"));
  assertStringIncludes(text, 'from "file:///p/lib/a.ts"');
  assertStringIncludes(text, 'import("file:///p/notebooks/b.ts")');
  assertEquals(places[1], { cell: 1, line: 2 });
});

Deno.test("a type error is told with its cell and line", async () => {
  const wrong = notebook(
    'const a = 1;\nconst b: string = a;\nimport { join } from "@std/path";',
    [],
  );
  assertEquals(await checkTypes([{ path: "notebooks/a.ipynb", notebook: wrong }]), [
    "a.ipynb, code cell 1, line 2: Type 'number' is not assignable to type 'string'.",
  ]);
});
