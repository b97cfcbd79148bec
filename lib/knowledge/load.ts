/**
 * Reading the graph from the project's data.
 *
 * @module
 */

import { join } from "@std/path";
import {
  dataFolder,
  decodeText,
  hashFiles,
  hashJson,
  readRegular,
  WorkbenchError,
} from "../runtime/mod.ts";
import { readClinical } from "./clinical/load.ts";
import { buildKnowledge } from "./joined_graph.ts";
import { readEdges, readIndications, readNodes } from "./ontology/hetionet.ts";
import { readObo } from "./ontology/obo.ts";
import type { Knowledge } from "./types.ts";

/** A command shows so many warnings of a graph and counts the rest. */
const mostShown = 10;

/**
 * Tells a person what was wrong in the files of a graph: the first warnings, and how many more there are.
 *
 * @param knowledge The graph.
 * @param tell Takes one line.
 */
export function tellWarnings(
  { warnings }: Pick<Knowledge, "warnings">,
  tell: (line: string) => void,
): void {
  for (const warning of warnings.slice(0, mostShown)) tell(warning);
  const more = warnings.length - mostShown;
  if (more > 0) tell(`and ${more} more warnings about the knowledge graph (knowledge.warnings)`);
}

/** What is read of a data folder. */
export interface KnowledgeOptions {
  /** False leaves the curated clinical tables out of the graph; true when left out. */
  readonly clinical?: boolean;
}

/**
 * Reads the files of a data folder and joins them.
 *
 * @param folder Holds `ontology/` and `hetionet/`, and `clinical/` where there are curated tables; the project's `data/` when
 * left out.
 * @param tell Told what was wrong in them, as {@linkcode tellWarnings} does.
 * @param options What is read.
 * @returns The graph, with warnings about lines that could not be read.
 * @throws WorkbenchError when a file is missing or not of its format.
 * @throws UsageError when a table is not UTF-8.
 */
export async function loadKnowledge(
  folder: string = dataFolder(),
  tell?: (line: string) => void,
  { clinical = true }: KnowledgeOptions = {},
): Promise<Knowledge> {
  const read = async (...names: string[]): Promise<Uint8Array> => {
    const path = join(folder, ...names);
    const bytes = await Promise.resolve().then(() => readRegular(path));
    if (bytes === undefined) throw new WorkbenchError(`Expected a file ${path} but found none`);
    return bytes;
  };
  const text = async (...names: string[]): Promise<string> =>
    decodeText(await read(...names), join(folder, ...names));
  const nodes = readNodes(await text("hetionet", "nodes.tsv"), "nodes.tsv");
  const edges = readEdges(await text("hetionet", "edges.tsv"), "edges.tsv");
  const indications = readIndications(
    await text("hetionet", "pharmacotherapydb.tsv"),
    "pharmacotherapydb.tsv",
  );
  const knowledge = buildKnowledge({
    diseases: readObo(await read("ontology", "doid.obo"), "doid.obo"),
    symptoms: readObo(await read("ontology", "symp.obo"), "symp.obo"),
    nodes: nodes.rows,
    edges: edges.rows,
    indications: indications.rows,
    warnings: [...nodes.warnings, ...edges.warnings, ...indications.warnings],
    clinical: clinical && await hasClinical(folder) ? await readClinical(folder) : undefined,
  });
  if (tell !== undefined) tellWarnings(knowledge, tell);
  return knowledge;
}

/**
 * Hash of the files that a graph is read from: another release of an ontology gives another hash.
 *
 * @param folder Holds `ontology/`, `hetionet/` and, where there are curated tables, `clinical/`; the project's `data/` when
 * left out.
 * @returns 16 hexadecimal digits.
 * @throws Deno.errors.NotFound when one of the first two is not there.
 */
export async function knowledgeHash(folder: string = dataFolder()): Promise<string> {
  const counts = (name: string) => name.endsWith(".obo") || name.endsWith(".tsv");
  return await hashJson([
    await hashFiles(join(folder, "ontology"), counts),
    await hashFiles(join(folder, "hetionet"), counts),
    await hasClinical(folder)
      ? await hashFiles(join(folder, "clinical"), (name) => counts(name) && !name.includes("/"))
      : "none",
  ]);
}

/**
 * Whether a data folder has curated clinical tables.
 *
 * @param folder A data folder; the project's when left out.
 * @returns True where it holds a folder `clinical/`.
 */
export async function hasClinical(folder: string = dataFolder()): Promise<boolean> {
  try {
    return (await Deno.stat(join(folder, "clinical"))).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
