/**
 * Notebook files: reading, the outputs that their cells owe, and the bytes that are written.
 *
 * @module
 */
import { z } from "zod";
import { UsageError } from "../../../lib/runtime/mod.ts";

const text = z.union([z.string(), z.array(z.string())]).transform((value) =>
  typeof value === "string" ? value : value.join("")
);

const outputSchema = z.looseObject({
  output_type: z.string(),
  /** Forms by MIME type, of outputs that show something. */
  data: z.record(z.string(), z.unknown()).optional(),
  /** Name and message of an error. */
  ename: z.string().optional(),
  evalue: z.string().optional(),
});

const cellSchema = z.looseObject({
  id: z.string(),
  cell_type: z.enum(["code", "markdown", "raw"]),
  metadata: z.record(z.string(), z.unknown()),
  source: text,
  outputs: z.array(outputSchema).optional(),
  execution_count: z.int().nullish(),
});

const notebookSchema = z.looseObject({
  nbformat: z.literal(4),
  nbformat_minor: z.int().min(5),
  metadata: z.looseObject({ kernelspec: z.looseObject({ name: z.literal("deno") }) }),
  cells: z.array(cellSchema).min(1),
});

/** One output of a code cell. */
export type Output = z.infer<typeof outputSchema>;

/** One cell; the source is one text. */
export type Cell = z.infer<typeof cellSchema>;

/** A notebook of format 4.5 or newer for the Deno kernel. */
export type Notebook = z.infer<typeof notebookSchema>;

/**
 * Reads a notebook's text.
 *
 * @throws {UsageError} when it is no notebook of format 4.5 for the Deno kernel; the message names the file and the key
 */
export function parseNotebook(content: string, path: string): Notebook {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    throw new UsageError(`Expected a notebook in JSON but found other text in ${path}`);
  }
  const parsed = notebookSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path: key, message } = parsed.error.issues[0]!;
  throw new UsageError(
    `Expected a notebook of format 4.5 for the kernel "deno" in ${path}, but ${
      key.join(".") || "it"
    }: ${message}`,
  );
}

/** The code cells, in order. */
export function codeCells(notebook: Notebook): Cell[] {
  return notebook.cells.filter((cell) => cell.cell_type === "code");
}

/** How many outputs a cell owes: one for each `await show(...)` that starts a line. */
export function owedOutputs(source: string): number {
  return source.match(/^await show\(/gm)?.length ?? 0;
}

/** What `show` sends for a figure, a table and a sentence. */
const bundles: readonly (readonly string[])[] = [
  ["application/vnd.plotly.v1+json", "image/svg+xml", "text/plain"],
  ["text/html", "text/markdown", "text/plain"],
  ["text/markdown", "text/plain"],
];

/** Folders of one machine, which say nothing to a reader elsewhere. */
const machinePath = /file:\/\/|(?<![\w.])\/(?:home|Users|root|tmp|work|private)\/|\b[A-Z]:\\\\\w/;

/** Everything wrong with the outputs of a notebook, one line each; after an error nothing else counts. */
export function outputFaults(notebook: Notebook): string[] {
  const cells = codeCells(notebook).map(({ source, outputs }, index) => ({
    where: `code cell ${index + 1}`,
    owed: owedOutputs(source),
    outputs: outputs ?? [],
  }));
  const errors = cells.flatMap(({ where, outputs }) =>
    outputs.filter((output) => output.output_type === "error")
      .map(({ ename, evalue }) => `${where}: ${plain(`${ename}: ${evalue}`)}`)
  );
  if (errors.length > 0) return errors;
  return cells.flatMap(({ where, owed, outputs }) => {
    const faults: string[] = [];
    if (outputs.some((output) => machinePath.test(JSON.stringify(output)))) {
      faults.push(`${where}: Expected outputs without paths of this machine but found one`);
    }
    const shown = outputs.filter((output) => output.output_type === "display_data");
    if (shown.length < owed) {
      faults.push(`${where}: Expected ${owed} shown outputs but found ${shown.length}`);
    }
    for (const { data } of owed > 0 ? shown : []) {
      const types = Object.keys(data ?? {}).sort();
      if (bundles.some((bundle) => bundle.join() === types.join())) continue;
      const found = types.join(", ") || "nothing";
      faults.push(`${where}: Expected a figure, a table or a sentence but found ${found}`);
    }
    return faults;
  });
}

/** The first line of a message without terminal colours. */
function plain(message: string): string {
  // deno-lint-ignore no-control-regex
  return message.replaceAll(/\x1b\[[\d;]*m/g, "").split("\n")[0]!;
}

/** The notebook with the outputs of a run, and nothing else of it: counts from 1, no times, no versions. */
export function withOutputs(notebook: Notebook, run: Notebook): Notebook {
  let count = 0;
  return {
    ...notebook,
    cells: notebook.cells.map((cell, i) =>
      cell.cell_type !== "code" ? cell : {
        ...cell,
        metadata: {},
        execution_count: ++count,
        outputs: (run.cells[i]?.outputs ?? []).map((output) =>
          output.output_type === "execute_result" ? { ...output, execution_count: count } : output
        ),
      }
    ),
  };
}

/** The lines of a text, each with its line feed, as notebook files hold texts. */
function lines(value: string): string[] {
  return value.match(/[^\n]*\n|[^\n]+/g) ?? [];
}

/** A value with the keys of all its objects in order, so that equal notebooks are equal bytes. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => [k, sorted(v)]),
  );
}

/** The notebook as the text of its file, in the form that Jupyter writes: sorted keys, texts as lists of lines. */
export function notebookText(notebook: Notebook): string {
  const asFile = {
    ...notebook,
    cells: notebook.cells.map((cell) => ({
      ...cell,
      source: lines(cell.source),
      ...(cell.outputs === undefined ? {} : { outputs: cell.outputs.map(outputInFile) }),
    })),
  };
  return `${JSON.stringify(sorted(asFile), null, 1)}\n`;
}

function outputInFile(output: Output): Output {
  const split = (value: unknown): unknown => typeof value === "string" ? lines(value) : value;
  const data = output.data && Object.fromEntries(
    Object.entries(output.data).map(([type, value]) => [type, split(value)]),
  );
  return {
    ...output,
    ...(data === undefined ? {} : { data }),
    ...("text" in output ? { text: split(output["text"]) } : {}),
  };
}

/** A notebook's code as one module, and where each of its lines comes from. */
export interface NotebookModule {
  /** The module's text. */
  readonly text: string;
  /** For each line of the module, the code cell and the line in it, both from 1. */
  readonly places: readonly { readonly cell: number; readonly line: number }[];
}

/**
 * The code cells as one module, whose relative imports are read from a folder.
 *
 * @param folder URL of the notebook's folder, with a slash at the end
 */
export function notebookModule(notebook: Notebook, folder: URL): NotebookModule {
  const rows = codeCells(notebook).flatMap((cell, c) =>
    cell.source.split("\n").map((code, l) => ({ code, cell: c + 1, line: l + 1 }))
  );
  return {
    text: [...rows.map(({ code }) => absoluteImports(code, folder)), "export {};", ""].join("\n"),
    places: rows.map(({ cell, line }) => ({ cell, line })),
  };
}

function absoluteImports(code: string, folder: URL): string {
  return code.replace(
    /(\bfrom\s*|\bimport\s*\(?\s*)"(\.{1,2}\/[^"]+)"/g,
    (_, before: string, path: string) => `${before}"${new URL(path, folder).href}"`,
  );
}
