/** What the items rest on: sources, their licences, and which of them a list of items uses. @module */

import {
  type Claim,
  type Clinical,
  type ClinicalSource,
  type Knowledge,
  type Predicate,
  predicates,
  type Source,
  type Sourced,
} from "../../knowledge/mod.ts";
import type { Item, ItemClaim } from "../item.ts";
import { families } from "../tasks/families.ts";
import { vignetteFamily } from "../vignettes.ts";

/** A source of facts or names. */
export interface DataSource {
  /** Its name. */
  readonly source: string;
  /** Its licence in words. */
  readonly licence: string;
  /** Its licence as the Hub names it. */
  readonly hub: string;
  /** Who made it. */
  readonly credit: string;
}

const CC0 = ["CC0 1.0", "cc0-1.0"] as const;
const CC_BY = ["CC BY 4.0", "cc-by-4.0"] as const;

const entry = (
  source: string,
  [licence, hub]: readonly [string, string],
  credit: string,
): DataSource => ({ source, licence, hub, credit });

const diseaseOntology = entry(
  "Human Disease Ontology",
  ["CC BY 3.0", "cc-by-3.0"],
  "disease-ontology.org, release of 2015-05-14",
);
const drugClasses = entry(
  "DrugCentral, drug classes within Hetionet",
  CC_BY,
  "drugcentral.org",
);

/** What an edge or a row can name as its source. */
const sources: Readonly<Record<Exclude<Source, "Clinical tables"> | ClinicalSource, DataSource>> = {
  "Disease Ontology": diseaseOntology,
  "Disease Ontology definition": diseaseOntology,
  "Symptom Ontology": entry("Symptom Ontology", CC0, "github.com/DiseaseOntology/SymptomOntology"),
  Hetionet: entry("Hetionet v1.0", CC0, "Himmelstein et al., het.io"),
  PharmacotherapyDB: entry(
    "PharmacotherapyDB",
    CC0,
    "Himmelstein et al., physician-curated indications",
  ),
  ddxplus: entry("DDXPlus", CC_BY, "Fansi Tchango et al., arXiv 2205.09148; put into noun phrases"),
  "open-medicine": entry("open-medicine 0.12.0", ["MIT", "mit"], "its authors"),
  "faker-healthcare": entry("faker-healthcare-provider 2.5.0", ["MIT", "mit"], "its authors"),
  "disease-ontology": entry(
    "Human Disease Ontology, symptoms",
    CC0,
    "Schriml et al., release of 2026-08-19",
  ),
  orphanet: entry(
    "Orphadata in the Human Phenotype Ontology",
    CC_BY,
    "INSERM 1999; Gargano et al., hpo.jax.org, release of 2025-01-16",
  ),
  drugcentral: entry("DrugCentral, indications", CC_BY, "Ursu et al., drugcentral.org"),
  synthea: entry(
    "Synthea 3.3.0",
    ["Apache-2.0", "apache-2.0"],
    "Walonoski et al.; symptoms taken out of its modules",
  ),
  hand: entry(
    "rows written for the project",
    CC0,
    "a language model's general medical knowledge, without a document",
  ),
};

/** Where the facts of the generated items come from. */
export const graphSources: readonly DataSource[] = [
  diseaseOntology,
  sources["Symptom Ontology"],
  sources.Hetionet,
  sources.PharmacotherapyDB,
  drugClasses,
];

/** Whose names the ids with a beginning stand for; other ids are names of the curated tables. */
const nameSources: readonly (readonly [start: string, source: DataSource])[] = [
  ["DOID:", diseaseOntology],
  ["SYMP:", sources["Symptom Ontology"]],
  ["HP:", sources.orphanet],
  ...["MESH:", "DB", "UBERON:", "N0"].map((start) => [start, sources.Hetionet] as const),
];

/** What the words of items of a family rest on, where the project has them from elsewhere than its templates. */
const familySources: ReadonlyMap<string, DataSource> = new Map([[
  vignetteFamily,
  entry(
    "vignettes written for the project",
    CC0,
    "a language model; no clinician has reviewed them",
  ),
]]);

const keyOf = ({ subject, predicate, object }: Claim): string =>
  `${subject} ${predicate} ${object}`;

/** What the rows of the curated tables rest on, by the claim that each makes in the graph. */
function rowSources({ diseases, contraindications }: Clinical): Map<string, Set<ClinicalSource>> {
  const found = new Map<string, Set<ClinicalSource>>();
  const add = (subject: string, predicate: Predicate, object: string, row: Sourced): void => {
    const key = keyOf({ subject, predicate, object });
    found.set(key, new Set([...found.get(key) ?? [], ...row.sources]));
  };
  for (const { disease, findings, treatments } of diseases.values()) {
    for (const row of findings) add(disease.id, "presents", row.finding.id, row);
    for (const row of treatments) {
      add(row.drug.id, row.role === "symptom relief" ? "palliates" : "treats", disease.id, row);
    }
  }
  for (const row of [...contraindications.values()].flat()) {
    add(row.drug.id, "contraindicated", row.condition.id, row);
  }
  return found;
}

/** What a claim rests on: the edges that state it, and the names of its ends; undefined where the graph lacks an end. */
function sourcesOfClaim(
  { edges, entities }: Knowledge,
  rows: ReadonlyMap<string, ReadonlySet<ClinicalSource>>,
  { denied, ...claim }: ItemClaim,
): DataSource[] | undefined {
  const ends = [claim.subject, claim.object];
  if (!ends.every((id) => entities.has(id))) return undefined;
  // What is denied because of another relation rests on that one.
  const relations = denied === undefined ? [claim.predicate] : predicates;
  const stated = relations.flatMap((predicate) => {
    const edge = edges[predicate].forward.get(claim.subject)?.get(claim.object);
    return (edge?.sources ?? []).flatMap((name) => {
      if (name === "Clinical tables") {
        return [...rows.get(keyOf({ ...claim, predicate })) ?? []].map((row) => sources[row]);
      }
      return predicate === "includes" && name === "Hetionet" ? drugClasses : sources[name];
    });
  });
  const names = ends.flatMap((id) =>
    nameSources.find(([start]) => id.startsWith(start))?.[1] ?? []
  );
  return [...stated, ...names];
}

/** How many items rest on a source. */
export interface SourceUse extends DataSource {
  /** Number of items. */
  readonly items: number;
}

/**
 * What items rest on, by their claims.
 *
 * @param items the items
 * @param clinical the curated tables, joined with the project's graph
 * @returns the sources with the number of items that rest on each, in the order of their names; and the number of items of
 *   other families that state nothing, or of any that state something that the graph has no names for: what those rest on is not known here
 */
export function sourcesOfItems(
  items: readonly Item[],
  clinical: Clinical,
): { readonly used: SourceUse[]; readonly unknown: number } {
  const counts = new Map<DataSource, number>();
  let unknown = 0;
  const rows = rowSources(clinical);
  const generated = new Set(families.map(({ id }) => id));
  for (const { claims, family } of items) {
    const found = claims.map((claim) => sourcesOfClaim(clinical.knowledge, rows, claim));
    if ((claims.length === 0 && !generated.has(family)) || found.includes(undefined)) unknown++;
    const words = familySources.get(family);
    const all = [...found.flatMap((some) => some ?? []), ...words === undefined ? [] : [words]];
    for (const source of new Set(all)) {
      counts.set(source, (counts.get(source) ?? 0) + 1);
    }
  }
  const used = [...counts].map(([source, n]) => ({ ...source, items: n }))
    .sort((a, b) => a.source < b.source ? -1 : 1);
  return { used, unknown };
}
