/**
 * Readers of the Hetionet v1.0 tables (nodes, edges) and of PharmacotherapyDB. A bad line is reported with its
 * number and the rest of the file is read.
 *
 * Sources: Himmelstein et al. 2017, eLife 6:e26726; PharmacotherapyDB, doi:10.15363/thinklab.d182.
 *
 * @module
 */

import { WorkbenchError } from "../../runtime/mod.ts";
import type { EntityKind, Predicate } from "../types.ts";

/** A node of Hetionet. */
export interface HetionetNode {
  /** Its id in this project: `DOID:8469`, `MESH:D005334`, `DB00843`, `UBERON:0000955`, `N0000175722`. */
  readonly id: string;
  /** What it is. */
  readonly kind: EntityKind;
  /** Its name as Hetionet writes it. */
  readonly name: string;
}

/** The metaedges of Hetionet that the project uses, with their meaning. */
export const metaedges: Readonly<
  Record<
    string,
    { predicate: Predicate; subject: EntityKind; object: EntityKind }
  >
> = {
  DpS: { predicate: "presents", subject: "disease", object: "symptom" },
  CtD: { predicate: "treats", subject: "drug", object: "disease" },
  CpD: { predicate: "palliates", subject: "drug", object: "disease" },
  DlA: { predicate: "localizes", subject: "disease", object: "anatomy" },
  DrD: { predicate: "resembles", subject: "disease", object: "disease" },
  PCiC: { predicate: "includes", subject: "class", object: "drug" },
};

/** An edge of Hetionet. */
export interface HetionetEdge {
  /** `DpS`, `CtD`, `CpD`, `DlA`, `DrD` or `PCiC`. */
  readonly metaedge: string;
  /** Id of the source node. */
  readonly subject: string;
  /** What the metaedge means. */
  readonly predicate: Predicate;
  /** Id of the target node. */
  readonly object: string;
  /** File and line, for messages. */
  readonly at?: string;
}

/** PharmacotherapyDB's labels: disease-modifying, symptomatic, non-indication. */
export type IndicationCategory = "DM" | "SYM" | "NOT";

/** A physician-curated pair of drug and disease. */
export interface Indication {
  /** DOID id. */
  readonly disease: string;
  /** DrugBank id. */
  readonly drug: string;
  /** Name of the disease in the table. */
  readonly diseaseName: string;
  /** Name of the drug in the table. */
  readonly drugName: string;
  /** The curators' label. */
  readonly category: IndicationCategory;
  /** How many curators looked at it. */
  readonly curators: number;
  /** How many resources listed it. */
  readonly resources: number;
  /** File and line, for messages. */
  readonly at?: string;
}

/** Rows that could be read and messages about the others. */
export interface Table<Row> {
  /** The rows in file order. */
  readonly rows: readonly Row[];
  /** `file:line: what was wrong`. */
  readonly warnings: readonly string[];
}

const kinds: Readonly<
  Record<string, { kind: EntityKind; prefix: string; id: RegExp }>
> = {
  "Disease": { kind: "disease", prefix: "", id: /^DOID:\d+$/ },
  "Symptom": { kind: "symptom", prefix: "MESH:", id: /^[DC]\d+$/ },
  "Compound": { kind: "drug", prefix: "", id: /^DB\d+$/ },
  "Anatomy": { kind: "anatomy", prefix: "", id: /^UBERON:\d+$/ },
  "Pharmacologic Class": { kind: "class", prefix: "", id: /^N\d+$/ },
};

function nodeKind(name: string): (typeof kinds)[string] | undefined {
  return Object.hasOwn(kinds, name) ? kinds[name] : undefined;
}

/** `Symptom::D005334` as kind and id; undefined when it is neither well-formed nor of a known kind. */
function nodeId(text: string): { kind: EntityKind; id: string } | undefined {
  const cut = text.indexOf("::");
  const known = cut < 0 ? undefined : nodeKind(text.slice(0, cut));
  const id = text.slice(cut + 2);
  return known !== undefined && known.id.test(id)
    ? { kind: known.kind, id: known.prefix + id }
    : undefined;
}

/**
 * Reads a tab-separated table line by line, without quoting. A bad or repeated line is reported and left out.
 *
 * @param text The table.
 * @param where Its name, for messages.
 * @param columns What its first line must be.
 * @param parse Makes a row of the cells of a line and of its place, or says what was wrong.
 * @returns Rows and warnings.
 * @throws WorkbenchError when the first line has other columns.
 */
export function readTable<Row>(
  text: string,
  where: string,
  columns: readonly string[],
  parse: (cells: readonly string[], at: string) => Row | string,
): Table<Row> {
  const rows: Row[] = [];
  const warnings: string[] = [];
  const lines = text.replace(/^\ufeff/, "").split(/\r?\n/);
  const found = (lines[0] ?? "").split("\t");
  if (
    found.length !== columns.length || columns.some((c, i) => found[i] !== c)
  ) {
    const shown = JSON.stringify((lines[0] ?? "").slice(0, 80));
    throw new WorkbenchError(
      `Expected ${where} to start with the columns ${columns.join(", ")} but found ${shown}`,
    );
  }
  const seen = new Map<string, number>();
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i] ?? "";
    if (line === "") continue;
    const earlier = seen.get(line);
    const cells = line.split("\t");
    const row = earlier !== undefined
      ? `Expected every line once but found line ${earlier} again`
      : cells.length !== columns.length
      ? `Expected ${columns.length} columns but found ${cells.length}`
      : parse(cells, `${where}:${i + 1}`);
    seen.set(line, i + 1);
    if (typeof row === "string") warnings.push(`${where}:${i + 1}: ${row}: the line is left out`);
    else rows.push(row);
  }
  return { rows, warnings };
}

/**
 * Reads `nodes.tsv` (columns id, name, kind).
 *
 * @param text The table, tab-separated.
 * @param where Its name, for messages.
 * @returns Nodes and warnings.
 * @throws WorkbenchError when the first line has other columns.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readNodes } from "./hetionet.ts";
 * const { rows, warnings } = readNodes("id\tname\tkind\nSymptom::D005334\tFever\tSymptom\nx\n", "nodes.tsv");
 * assertEquals(rows, [{ id: "MESH:D005334", kind: "symptom", name: "Fever" }]);
 * assertEquals(warnings, ["nodes.tsv:3: Expected 3 columns but found 1: the line is left out"]);
 * ```
 */
export function readNodes(text: string, where: string): Table<HetionetNode> {
  return readTable(
    text,
    where,
    ["id", "name", "kind"],
    ([id = "", name = "", kind = ""]) => {
      const node = nodeId(id);
      if (node === undefined || nodeKind(kind)?.kind !== node.kind) {
        return `Expected the id of a ${kind || "node"} but found ${JSON.stringify(id)}`;
      }
      return name.trim() === ""
        ? `Expected ${id} to have a name but found none`
        : { ...node, name: name.trim() };
    },
  );
}

/**
 * Reads `edges.tsv` (columns source, metaedge, target). Throws WorkbenchError when the header line is another one.
 *
 * @param text The table, tab-separated.
 * @param where Its name, for messages.
 * @returns Edges and warnings.
 * @throws WorkbenchError when the first line has other columns.
 */
export function readEdges(text: string, where: string): Table<HetionetEdge> {
  return readTable(
    text,
    where,
    ["source", "metaedge", "target"],
    ([source = "", metaedge = "", target = ""], at) => {
      const meaning = Object.hasOwn(metaedges, metaedge) ? metaedges[metaedge] : undefined;
      if (meaning === undefined) {
        return `Expected one of ${Object.keys(metaedges).join(", ")} but found ${
          JSON.stringify(metaedge)
        }`;
      }
      const subject = nodeId(source);
      const object = nodeId(target);
      if (
        subject?.kind !== meaning.subject || object?.kind !== meaning.object
      ) {
        return `Expected ${metaedge} to join ${meaning.subject} and ${meaning.object} but found ${source} and ${target}`;
      }
      return {
        metaedge,
        subject: subject.id,
        predicate: meaning.predicate,
        object: object.id,
        at,
      };
    },
  );
}

/**
 * Reads `pharmacotherapydb.tsv`. A pair has one label: a second one is reported and left out.
 *
 * @param text The table, tab-separated.
 * @param where Its name, for messages.
 * @returns Pairs of drug and disease, and warnings.
 * @throws WorkbenchError when the first line has other columns.
 */
export function readIndications(
  text: string,
  where: string,
): Table<Indication> {
  const columns = [
    "doid_id",
    "drugbank_id",
    "disease",
    "drug",
    "category",
    "n_curators",
    "n_resources",
  ];
  const labels = new Map<string, string>();
  return readTable(text, where, columns, (cells, at) => {
    const [
      disease = "",
      drug = "",
      diseaseName = "",
      drugName = "",
      category = "",
      curators = "",
      resources = "",
    ] = cells;
    if (!/^DOID:\d+$/.test(disease)) {
      return `Expected doid_id like DOID:8469 but found ${JSON.stringify(disease)}`;
    }
    if (!/^DB\d+$/.test(drug)) {
      return `Expected drugbank_id like DB00843 but found ${JSON.stringify(drug)}`;
    }
    if (category !== "DM" && category !== "SYM" && category !== "NOT") {
      return `Expected category to be DM, SYM or NOT but found ${JSON.stringify(category)}`;
    }
    if (!/^\d+$/.test(curators) || !/^\d+$/.test(resources)) {
      return `Expected n_curators and n_resources to be counts but found ${
        JSON.stringify([curators, resources])
      }`;
    }
    const earlier = labels.get(`${drug} ${disease}`);
    if (earlier !== undefined) {
      return `Expected one label for ${drug} and ${disease} but found ${earlier} and ${category}`;
    }
    labels.set(`${drug} ${disease}`, category);
    return {
      disease,
      drug,
      diseaseName,
      drugName,
      category,
      curators: Number(curators),
      resources: Number(resources),
      at,
    };
  });
}
