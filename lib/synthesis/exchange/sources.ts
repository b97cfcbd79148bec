/** What the items rest on: sources, their licences, and which of them a list of items uses. @module */

import type { ClinicalSource, Knowledge, Source } from "../../knowledge/mod.ts";
import type { Item, ItemClaim } from "../item.ts";
import { families } from "../tasks/families.ts";

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
const sources: Readonly<Record<Source | ClinicalSource, DataSource>> = {
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

/** Whose name an id stands for. */
function nameSource(id: string): DataSource {
  if (id.startsWith("DOID:")) return diseaseOntology;
  return id.startsWith("SYMP:") ? sources["Symptom Ontology"] : sources.Hetionet;
}

/** What a claim rests on: the edge that states it, and the names of its ends; undefined where the graph lacks an end. */
function sourcesOfClaim(
  { edges, entities }: Knowledge,
  { subject, predicate, object }: ItemClaim,
): DataSource[] | undefined {
  if (!entities.has(subject) || !entities.has(object)) return undefined;
  const edge = edges[predicate].forward.get(subject)?.get(object);
  const stated = (edge?.sources ?? []).map((name) =>
    predicate === "includes" && name === "Hetionet" ? drugClasses : sources[name]
  );
  return [...stated, nameSource(subject), nameSource(object)];
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
 * @param knowledge the project's graph
 * @returns the sources with the number of items that rest on each, in the order of their names; and the number of items of
 *   other families that state nothing, or of any that state something that the graph has no names for: what those rest on is not known here
 */
export function sourcesOfItems(
  items: readonly Item[],
  knowledge: Knowledge,
): { readonly used: SourceUse[]; readonly unknown: number } {
  const counts = new Map<DataSource, number>();
  let unknown = 0;
  const generated = new Set(families.map(({ id }) => id));
  for (const { claims, family } of items) {
    const found = claims.map((claim) => sourcesOfClaim(knowledge, claim));
    if ((claims.length === 0 && !generated.has(family)) || found.includes(undefined)) unknown++;
    for (const source of new Set(found.flatMap((some) => some ?? []))) {
      counts.set(source, (counts.get(source) ?? 0) + 1);
    }
  }
  const used = [...counts].map(([source, n]) => ({ ...source, items: n }))
    .sort((a, b) => a.source < b.source ? -1 : 1);
  return { used, unknown };
}
