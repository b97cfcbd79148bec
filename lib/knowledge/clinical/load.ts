/**
 * Reading the curated clinical tables from the project's data.
 *
 * @module
 */

import { join } from "@std/path";
import { dataFolder, readText, WorkbenchError } from "../../runtime/mod.ts";
import type { Table } from "../ontology/hetionet.ts";
import type { Knowledge } from "../types.ts";
import {
  buildClinical,
  type Clinical,
  type ClinicalOptions,
  type ClinicalRows,
} from "./clinical.ts";
import {
  readContraindications,
  readDifferentials,
  readDiseases,
  readFindings,
  readTests,
  readTreatments,
  readWordings,
} from "./tables.ts";

/**
 * Reads the curated tables of a data folder and joins them with the graph.
 *
 * @param knowledge The graph.
 * @param options What is read of them.
 * @param folder Holds `clinical/`; the project's `data/` when left out.
 * @returns The curated knowledge, with warnings about lines that could not be read.
 * @throws WorkbenchError when a table is missing, damaged or has other columns.
 * @throws UsageError when a table is not UTF-8.
 */
export async function loadClinical(
  knowledge: Knowledge,
  options: ClinicalOptions = {},
  folder: string = dataFolder(),
): Promise<Clinical> {
  return buildClinical(knowledge, await readClinical(folder), options);
}

/**
 * Reads the curated tables of a data folder.
 *
 * @param folder Holds `clinical/`.
 * @returns The rows of all tables, with warnings about lines that could not be read.
 * @throws WorkbenchError when a table is missing, damaged or has other columns.
 * @throws UsageError when a table is not UTF-8.
 */
export async function readClinical(folder: string): Promise<ClinicalRows> {
  const warnings: string[] = [];
  const read = async <Row>(
    name: string,
    parse: (text: string, where: string) => Table<Row>,
  ): Promise<readonly Row[]> => {
    const path = join(folder, "clinical", name);
    const text = await readText(path);
    if (text === undefined) throw new WorkbenchError(`Expected a file ${path} but found none`);
    const table = parse(text, name);
    warnings.push(...table.warnings);
    return table.rows;
  };
  return {
    diseases: await read("diseases.tsv", readDiseases),
    findings: await read("findings.tsv", readFindings),
    treatments: await read("treatments.tsv", readTreatments),
    contraindications: await read("contraindications.tsv", readContraindications),
    differentials: await read("differentials.tsv", readDifferentials),
    tests: await read("tests.tsv", readTests),
    wordings: await read("wordings.tsv", readWordings),
    warnings,
  };
}
