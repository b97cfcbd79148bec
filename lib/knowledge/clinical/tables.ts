/**
 * Readers of the curated clinical tables: diseases, findings, treatments, contraindications, differentials, tests, wordings.
 * A line that is not what its columns say is reported with file and line and left out; nothing is guessed.
 *
 * @module
 */

import { readTable, type Table } from "../ontology/hetionet.ts";
import {
  type ClinicalSource,
  clinicalSources,
  type ContraindicationRow,
  type DifferentialRow,
  type DiseaseRow,
  drugRoles,
  findingKinds,
  type FindingRow,
  likelihoods,
  ratings,
  strengths,
  type TestRow,
  type TreatmentRow,
  wordedKinds,
  type WordingRow,
} from "./rows.ts";

/** Why a cell cannot be read. */
class Fault extends Error {}

const shown = (text: string): string =>
  JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);

const words = (cell: string, column: string): string => {
  if (cell === "") throw new Fault(`Expected ${column} to have words but found none`);
  return cell;
};

const oneOf = <T extends string>(cell: string, column: string, all: readonly T[]): T => {
  const found = all.find((value) => value === cell);
  if (found === undefined) {
    throw new Fault(`Expected ${column} to be one of ${all.join(", ")} but found ${shown(cell)}`);
  }
  return found;
};

const number = (cell: string, column: string, low: number, high: number): number => {
  const value = /^\d+(?:\.\d+)?$/.test(cell) ? Number(cell) : NaN;
  if (!(value >= low && value <= high)) {
    throw new Fault(
      `Expected ${column} to be a number from ${low} to ${high} but found ${shown(cell)}`,
    );
  }
  return value;
};

const sourcesOf = (cell: string): ClinicalSource[] => {
  const sources = cell.split(";").map((source) => oneOf(source, "sources", clinicalSources));
  if (new Set(sources).size < sources.length) {
    throw new Fault(`Expected every source once but found ${shown(cell)}`);
  }
  return sources;
};

const idOf = (cell: string, column: string, form: RegExp, example: string): string => {
  if (!form.test(cell)) {
    throw new Fault(`Expected ${column} like ${example} but found ${shown(cell)}`);
  }
  return cell;
};

/** An optional cell as a part of a row: nothing where it is empty. */
function part<K extends string, T>(
  key: K,
  cell: string,
  read: (cell: string) => T,
): { readonly [k in K]?: T } {
  return cell === "" ? {} : { [key]: read(cell) } as { readonly [k in K]?: T };
}

const plain = (cell: string): string => cell;

/** Reads a table whose cells have no white space at their ends and no character that could not be decoded. */
function read<Row>(
  text: string,
  where: string,
  columns: string,
  parse: (cell: (column: string) => string, at: string) => Row,
): Table<Row> {
  const names = columns.split(" ");
  return readTable(text, where, names, (cells, at) => {
    const odd = cells.findIndex((cell) => cell !== cell.trim() || /[\ufffd\p{Cc}]/u.test(cell));
    if (odd >= 0) {
      return `Expected ${names[odd]} to be plain text without white space at its ends but found ${
        shown(cells[odd]!)
      }`;
    }
    try {
      return parse((column) => cells[names.indexOf(column)]!, at);
    } catch (error) {
      if (error instanceof Fault) return error.message;
      throw error;
    }
  });
}

const doid = (cell: string): string => idOf(cell, "doid", /^DOID:\d+$/, "DOID:8469");
const drugbank = (cell: string): string => idOf(cell, "drugbank", /^DB\d{5}$/, "DB00843");

/**
 * Reads `diseases.tsv`. A second row for a disease is reported and left out.
 *
 * @param text The table.
 * @param where Its name, for messages.
 * @returns Rows and warnings.
 * @throws WorkbenchError when the first line has other columns.
 */
export function readDiseases(text: string, where: string): Table<DiseaseRow> {
  const columns =
    "disease doid doid_name newer_doid icd10 specialty severity age_min age_max female_share " +
    "age_sex_source sourced_findings good_findings first_line_drugs no_drug_is_first_line " +
    "first_line_with_contraindication drugs_with_contraindication";
  const seen = new Set<string>();
  return read(text, where, columns, (cell, at) => {
    const age = (column: string) => (value: string) => number(value, column, 0, 120);
    const row: DiseaseRow = {
      disease: words(cell("disease"), "disease"),
      ...part("doid", cell("doid"), doid),
      icd10: idOf(cell("icd10"), "icd10", /^[A-Z]\d\d(?:\.[\dA-Z]+)?$/, "E11.9"),
      ...part("specialty", cell("specialty"), plain),
      ...part("severity", cell("severity"), (value) => number(value, "severity", 1, 5)),
      ...part("ageMin", cell("age_min"), age("age_min")),
      ...part("ageMax", cell("age_max"), age("age_max")),
      ...part("femaleShare", cell("female_share"), (value) => number(value, "female_share", 0, 1)),
      ...part(
        "ageSexSource",
        cell("age_sex_source"),
        (value) => oneOf(value, "age_sex_source", clinicalSources),
      ),
      at,
    };
    const { ageMin, ageMax, femaleShare, ageSexSource } = row;
    if ((ageMin ?? 0) > (ageMax ?? 120)) {
      throw new Fault(`Expected age_min up to age_max but found ${ageMin} and ${ageMax}`);
    }
    if ((ageMin ?? ageMax ?? femaleShare) !== undefined && ageSexSource === undefined) {
      throw new Fault("Expected age_sex_source beside age or sex but found none");
    }
    if (seen.has(row.disease)) {
      throw new Fault(`Expected one row for ${shown(row.disease)} but found another`);
    }
    seen.add(row.disease);
    return row;
  });
}

/**
 * Reads `findings.tsv`.
 *
 * @param text The table.
 * @param where Its name, for messages.
 * @returns Rows and warnings.
 * @throws WorkbenchError when the first line has other columns.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readFindings } from "./tables.ts";
 * const head = "disease\tfinding\tkind\tterm\tshare\trating\tsources\tnote\n";
 * const { rows, warnings } = readFindings(`${head}gout\ttophi\tsing\t\t\ttypical\thand\t\n`, "findings.tsv");
 * assertEquals(rows, []);
 * assertEquals(warnings, [
 *   'findings.tsv:2: Expected kind to be one of symptom, sign, test, risk, red flag but found "sing": the line is left out',
 * ]);
 * ```
 */
export function readFindings(text: string, where: string): Table<FindingRow> {
  const columns = "disease finding kind term share rating sources note";
  return read(text, where, columns, (cell, at) => ({
    disease: words(cell("disease"), "disease"),
    finding: words(cell("finding"), "finding"),
    kind: oneOf(cell("kind"), "kind", findingKinds),
    ...part(
      "term",
      cell("term"),
      (value) => idOf(value, "term", /^(?:SYMP|HP):\d{7}$/, "SYMP:0000613"),
    ),
    ...part("share", cell("share"), (value) => number(value, "share", 0, 1)),
    rating: oneOf(cell("rating"), "rating", ratings),
    sources: sourcesOf(cell("sources")),
    ...part("note", cell("note"), plain),
    at,
  }));
}

/**
 * Reads `treatments.tsv`.
 *
 * @param text The table.
 * @param where Its name, for messages.
 * @returns Rows and warnings.
 * @throws WorkbenchError when the first line has other columns.
 */
export function readTreatments(text: string, where: string): Table<TreatmentRow> {
  return read(text, where, "disease drug drugbank role setting sources guideline", (cell, at) => {
    const role = oneOf(cell("role"), "role", drugRoles);
    if ((cell("drug") === "") !== (role === "none")) {
      throw new Fault(
        `Expected a drug with every role but none, and with that alone no drug, but found ${
          shown(cell("drug"))
        } as ${role}`,
      );
    }
    return {
      disease: words(cell("disease"), "disease"),
      drug: cell("drug"),
      ...part("drugbank", cell("drugbank"), drugbank),
      role,
      ...part("setting", cell("setting"), plain),
      sources: sourcesOf(cell("sources")),
      ...part("guideline", cell("guideline"), plain),
      at,
    };
  });
}

/**
 * Reads `contraindications.tsv`. A second row for a pair of drug and condition is reported and left out.
 *
 * @param text The table.
 * @param where Its name, for messages.
 * @returns Rows and warnings.
 * @throws WorkbenchError when the first line has other columns.
 */
export function readContraindications(text: string, where: string): Table<ContraindicationRow> {
  const seen = new Set<string>();
  return read(text, where, "drug drugbank condition doid strength sources doi", (cell, at) => {
    const pair = `${cell("drug")}\t${cell("condition")}`;
    if (seen.has(pair)) throw new Fault(`Expected one row for ${shown(pair)} but found another`);
    seen.add(pair);
    return {
      drug: words(cell("drug"), "drug"),
      ...part("drugbank", cell("drugbank"), drugbank),
      condition: words(cell("condition"), "condition"),
      ...part("doid", cell("doid"), doid),
      strength: oneOf(cell("strength"), "strength", strengths),
      sources: sourcesOf(cell("sources")),
      ...part("doi", cell("doi"), (value) => idOf(value, "doi", /^10\.\d{4,9}\/\S+$/, "10.1161/x")),
      at,
    };
  });
}

/**
 * Reads `differentials.tsv`, all of open-medicine.
 *
 * @param text The table.
 * @param where Its name, for messages.
 * @returns Rows and warnings.
 * @throws WorkbenchError when the first line has other columns.
 */
export function readDifferentials(text: string, where: string): Table<DifferentialRow> {
  const columns = "complaint disease likelihood name_in_source age sex";
  const remark = (cell: string): string => cell.replaceAll("_", " ");
  return read(text, where, columns, (cell, at) => ({
    complaint: remark(words(cell("complaint"), "complaint")),
    disease: words(cell("disease"), "disease"),
    likelihood: oneOf(cell("likelihood"), "likelihood", likelihoods),
    ...part("age", cell("age"), remark),
    ...part("sex", cell("sex"), remark),
    sources: ["open-medicine"],
    at,
  }));
}

/**
 * Reads `tests.tsv`, all of open-medicine.
 *
 * @param text The table.
 * @param where Its name, for messages.
 * @returns Rows and warnings.
 * @throws WorkbenchError when the first line has other columns.
 */
export function readTests(text: string, where: string): Table<TestRow> {
  return read(text, where, "disease test complaint", (cell, at) => ({
    disease: words(cell("disease"), "disease"),
    test: words(cell("test"), "test"),
    complaint: words(cell("complaint"), "complaint").replaceAll("_", " "),
    sources: ["open-medicine"],
    at,
  }));
}

/**
 * Reads `wordings.tsv`.
 *
 * @param text The table.
 * @param where Its name, for messages.
 * @returns Rows and warnings.
 * @throws WorkbenchError when the first line has other columns.
 */
export function readWordings(text: string, where: string): Table<WordingRow> {
  return read(text, where, "kind name wording", (cell, at) => ({
    kind: oneOf(cell("kind"), "kind", wordedKinds),
    name: words(cell("name"), "name"),
    wording: words(cell("wording"), "wording"),
    at,
  }));
}
