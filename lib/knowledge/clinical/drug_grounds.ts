/**
 * What speaks for and against drugs in diseases: curated uses and contraindications. PharmacotherapyDB's non-indications
 * are not read.
 *
 * @module
 */

import { ancestorsOf } from "../graph/closure.ts";
import type { Clinical } from "./clinical.ts";
import type { Contraindication } from "./facts.ts";
import { edgeTo, type Ground, ground, type Grounds, sayEdge } from "./grounds.ts";
import type { Concept } from "./names.ts";

/** Rows against a drug in a disease or in what it is a kind of, by strength. */
function contraindicationsIn(
  clinical: Clinical,
  drug: Concept,
  disease: Concept,
): { row: Contraindication; way: string[] }[] {
  const above = disease.entity === undefined
    ? new Set<string>()
    : ancestorsOf(clinical.knowledge, disease.entity.id);
  return (clinical.contraindications.get(drug.id) ?? []).flatMap((row) => {
    if (row.condition.id === disease.id) return [{ row, way: [] }];
    return row.condition.entity !== undefined && above.has(row.condition.entity.id)
      ? [{ row, way: [`${disease.name} is a kind of ${row.condition.name}`] }]
      : [];
  });
}

/**
 * A condition that speaks against a drug, as evidence.
 *
 * @param drug The drug's name.
 * @param row The condition.
 * @param way Steps from the condition to what is asked.
 * @returns The evidence.
 */
export const forbiddenGround = (
  drug: string,
  row: Contraindication,
  way: readonly string[] = [],
): Ground =>
  ground(
    `${drug} in ${row.condition.name}: ${row.strength}`,
    row,
    `${drug} is ${
      row.strength === "avoid" ? "to be avoided" : "contraindicated"
    } in ${row.condition.name}`,
    way,
  );

/** A contraindication or a boxed warning; a caution is none. */
function forbidden(clinical: Clinical, drug: Concept, disease: Concept): Ground | undefined {
  const found = contraindicationsIn(clinical, drug, disease)
    .find(({ row }) => row.strength !== "caution");
  return found && forbiddenGround(drug.name, found.row, found.way);
}

/** An accepted use: of the tables, else of PharmacotherapyDB. */
function use(
  clinical: Clinical,
  drug: Concept,
  relation: "treats" | "first_line" | "relieves",
  disease: Concept,
): Ground | undefined {
  const rows = clinical.diseases.get(disease.id)?.treatments.filter((row) =>
    row.drug.id === drug.id
  );
  const row = rows?.find(({ role }) =>
    relation === "treats" || role === (relation === "first_line" ? "first-line" : "symptom relief")
  );
  if (row !== undefined) {
    const setting = row.setting === undefined ? "" : ` (${row.setting})`;
    return ground(
      `${drug.name} for ${disease.name}: ${row.role}${setting}`,
      row,
      `${drug.name} is ${row.role} for ${disease.name}`,
    );
  }
  if (relation === "first_line") return undefined;
  const edge =
    (relation === "treats" ? edgeTo(clinical, drug, "treats", disease, true) : undefined) ??
      edgeTo(clinical, drug, "palliates", disease, true);
  return edge && {
    sources: edge.sources.filter((source) => source !== "Hetionet"),
    path: [sayEdge(clinical, edge)],
    reason: `a curated ${edge.predicate === "treats" ? "disease-modifying" : "symptomatic"} drug`,
  };
}

/**
 * What speaks for and against the use of a drug for a disease.
 *
 * @param clinical The curated knowledge.
 * @param drug The drug.
 * @param relation Any use, first-line use, or relief of symptoms.
 * @param disease The disease.
 * @returns The grounds.
 */
export function treatmentGrounds(
  clinical: Clinical,
  drug: Concept,
  relation: "treats" | "first_line" | "relieves",
  disease: Concept,
): Grounds {
  const known = use(clinical, drug, relation, disease);
  const otherwise =
    `no curated source says that ${drug.name} is used for ${disease.name}, or that it is not`;
  const against = forbidden(clinical, drug, disease);
  if (relation !== "first_line" || known !== undefined || against !== undefined) {
    return { known, against, otherwise };
  }
  const profile = clinical.diseases.get(disease.id);
  const reserve = profile?.treatments.find(({ drug: { id }, role }) =>
    id === drug.id && role === "uncommon"
  );
  const none = profile?.treatments.some(({ role }) => role === "first-line") === true
    ? undefined
    : profile?.noDrugIsFirstLine[0];
  if (reserve !== undefined) {
    const words = `${drug.name} for ${disease.name}: uncommon (${reserve.setting ?? "reserve"})`;
    return { against: ground(words, reserve, `${drug.name} is a reserve or replaced`), otherwise };
  }
  if (none === undefined) return { otherwise };
  const words = `no drug is first-line for ${disease.name} (${none.setting ?? "care"})`;
  return { against: ground(words, none, `no drug is first-line for ${disease.name}`), otherwise };
}

/**
 * What speaks for and against a contraindication.
 *
 * @param clinical The curated knowledge.
 * @param drug The drug.
 * @param disease The condition.
 * @returns The grounds.
 */
export function contraindicationGrounds(
  clinical: Clinical,
  drug: Concept,
  disease: Concept,
): Grounds {
  const caution = contraindicationsIn(clinical, drug, disease)
    .some(({ row }) => row.strength === "caution");
  return {
    known: forbidden(clinical, drug, disease),
    against: use(clinical, drug, "treats", disease),
    otherwise: caution
      ? `the sources ask for caution with ${drug.name} in ${disease.name}, no more`
      : `no curated source says that ${drug.name} is contraindicated in ${disease.name}`,
  };
}
