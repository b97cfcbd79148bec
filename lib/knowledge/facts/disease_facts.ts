/**
 * What the curated tables say of a disease as plain word stems, so that a sentence can be held against it in whatever words
 * it says the same.
 *
 * @module
 */
import { type Clinical, listUnder } from "../clinical/clinical.ts";
import type { Contraindication, DiseaseProfile, Treatment } from "../clinical/facts.ts";
import { absenceIn } from "../clinical/finding_text.ts";
import { conceptKey } from "../clinical/names.ts";
import type { Sourced } from "../clinical/rows.ts";
import { ancestorsOf, isInfection } from "../graph/closure.ts";
import { normalizeName } from "../graph/names.ts";
import type { TextRelation } from "../text/types.ts";
import {
  alternatives,
  degree,
  distinctStems,
  type Stems,
  unitsIn,
  unitsOf,
  wordingUnits,
} from "./fact_units.ts";
import { plain } from "./plain_words.ts";

/** A finding or a test of a disease, or what is done where no drug is first-line. */
export interface DiseaseFact {
  /** What it says of the disease. */
  readonly relation: Extract<
    TextRelation,
    "presents" | "has_risk" | "red_flag" | "diagnosed_by" | "first_line"
  >;
  /** Its words: those of the source, or others for the same. */
  readonly text: string;
  /** The words of the source. */
  readonly source: string;
  /** The stems of all its words. */
  readonly stems: Stems;
  /** Where it stands. */
  readonly row: Sourced;
  /** How often the disease shows it; a test has no such thing. */
  readonly rating?: "typical" | "uncommon";
  /** Whether it says what is absent. */
  readonly absent: boolean;
  /** The stems of its words, and of parts that hold by themselves: who says all of one has said it. */
  readonly units: readonly Stems[];
}

/** What the tables say of a disease. */
export interface DiseaseFacts {
  /** The disease and whom it affects. */
  readonly profile: DiseaseProfile;
  /** Its findings and tests, in the words of their sources and in others. */
  readonly facts: readonly DiseaseFact[];
  /** Those in the words of their sources. */
  readonly sourced: readonly DiseaseFact[];
  /** Whether the ontology calls it a disease by an infectious agent. */
  readonly infectious: boolean;
  /** The settings of each of its drugs, by the drug's id. */
  readonly settings: ReadonlyMap<string, readonly string[]>;
}

/** A condition that speaks against a drug. */
export interface DrugCondition {
  /** The row. */
  readonly row: Contraindication;
  /** The stems of its words, and of others that say the same: who says all of one has said it. */
  readonly units: readonly Stems[];
}

/** Words of conditions that say no more than that they are there: "use of nitrates". */
const presence =
  /\b(?:use|intake|presence)\s+of\b|\b(?:concurrent|known|active)\s+(?=use)|\s+as\s+the\s+only\s+treatment$/gi;

/** The facts of all diseases. */
export interface FactBook {
  /**
   * Asks for the facts of a disease by its id: also of a degree of it, or of what only one disease of the tables is a kind of; undefined
   * where there are none.
   */
  readonly factsOf: (id: string) => DiseaseFacts | undefined;
  /** The conditions that speak against a drug, by its id; their rows tell cautions apart. */
  readonly conditionsOf: (drug: string) => readonly DrugCondition[];
  /** The words of findings of any disease, each of two stems or more, of which a stem is one; none for other words. */
  readonly findingsWith: (stem: string) => readonly Stems[];
  /** The same of tests. */
  readonly testsWith: (stem: string) => readonly Stems[];
  /** Whether a word stands in any name of the graph or of the tables. */
  readonly knowsWord: (word: string) => boolean;
}

/** Forms of a disease that the tables tell apart by the settings of its drugs. */
const form = /\b(?:focal|idiopathic|generali[sz]ed)\s+|\s+with\s+reduced\s+ejection\s+fraction$/gi;

/**
 * The same fact in other words.
 *
 * @param fact The fact.
 * @param wordings Other words.
 * @param disease The stems of the disease's name.
 * @param known The units of all facts of the disease.
 * @returns A fact for each wording that is found where the fact is not.
 */
function reworded(
  fact: DiseaseFact,
  wordings: readonly string[],
  disease: Stems,
  known: readonly Stems[],
): DiseaseFact[] {
  // "High temperature" for "fever", in the plain words of which it is a high fever
  const isMore = (unit: Stems): boolean =>
    known.some((own) =>
      own.every((stem) => unit.includes(stem)) &&
      unit.every((stem) => own.includes(stem) || plain.has(stem))
    );
  return wordings.flatMap((text) => {
    const units = unitsIn(wordingUnits(text), disease).filter((unit) => !isMore(unit));
    return units.length === 0 ? [] : [{ ...fact, text, stems: distinctStems(text), units }];
  });
}

/**
 * Whether a fact speaks of all of some words.
 *
 * @param fact The fact.
 * @param stems The stems of the words.
 * @returns True also for no stems.
 */
export const holds = (fact: DiseaseFact, stems: Stems): boolean =>
  stems.every((stem) => fact.stems.includes(stem));

/**
 * Whether a fact is said in the words of its source.
 *
 * @param fact The fact.
 * @returns False for another wording.
 */
export const isInOwnWords = ({ text, source }: DiseaseFact): boolean => text === source;

/** How else it is said that no drug is first-line. */
const noDrug: readonly Stems[] = [
  "no drug",
  "no first-line drug",
  "no first-line",
  "no medicine",
  "no medication",
  "no tablet",
  "not a drug",
  "without a drug",
].map(distinctStems);

const relationOf = { "risk": "has_risk", "red flag": "red_flag" } as const;

/** The facts of a disease in the words of their sources. */
function sourcedFacts(clinical: Clinical, profile: DiseaseProfile): DiseaseFact[] {
  const disease = distinctStems(profile.disease.name);
  const findings = [...profile.findings, ...profile.denials].map((fact): DiseaseFact => {
    const { kind, text, rating } = fact;
    const absence = absenceIn(text);
    const absent = absence?.whole === true;
    return {
      relation: kind === "risk" || kind === "red flag" ? relationOf[kind] : "presents",
      text,
      source: text,
      stems: distinctStems(text),
      row: fact,
      rating,
      absent,
      units: absent
        ? absence.absent.map(distinctStems)
        : unitsOf(clinical, disease, text, kind === "risk"),
    };
  });
  const shown = profile.tests.flatMap((test): DiseaseFact[] => {
    const result = /\(([^()]{12,})\)/.exec(test.test)?.[1];
    return result === undefined ? [] : [{
      relation: "presents",
      text: result,
      source: result,
      stems: distinctStems(result),
      row: test,
      absent: false,
      units: unitsOf(clinical, disease, result),
    }];
  });
  const tests = profile.tests.map((test): DiseaseFact => ({
    relation: "diagnosed_by",
    text: test.test,
    source: test.test,
    stems: distinctStems(test.test),
    row: test,
    absent: false,
    units: unitsOf(clinical, disease, test.test),
  }));
  const care = profile.noDrugIsFirstLine.map((row): DiseaseFact => {
    const { setting } = row;
    const text = `no drug is first-line${setting === undefined ? "" : `, but ${setting}`}`;
    return {
      relation: "first_line",
      text,
      source: text,
      stems: distinctStems(text),
      row,
      absent: false,
      // "Treat the cause" names no measure
      units: [
        ...noDrug,
        ...[distinctStems(setting ?? "")].filter((unit) => !unit.every((stem) => plain.has(stem))),
      ],
    };
  });
  return [...findings, ...tests, ...shown, ...care];
}

/** Facts of a disease in other words: its findings, then its tests. */
function rewordings(
  { wordings }: Clinical,
  profile: DiseaseProfile,
  sourced: readonly DiseaseFact[],
): DiseaseFact[] {
  const disease = distinctStems(profile.disease.name);
  const units = sourced.flatMap((fact) => fact.units);
  const isTest = ({ relation }: DiseaseFact): boolean => relation === "diagnosed_by";
  const inWords = (
    facts: readonly DiseaseFact[],
    all: ReadonlyMap<string, readonly string[]>,
  ): DiseaseFact[] =>
    facts.flatMap((fact) => reworded(fact, all.get(fact.text) ?? [], disease, units));
  return [
    ...inWords(
      sourced.filter((fact) => fact.rating !== undefined && !fact.absent),
      wordings.finding,
    ),
    ...inWords(sourced.filter(isTest), wordings.test),
  ];
}

function settingsOf(treatments: readonly Treatment[]): Map<string, string[]> {
  const settings = new Map<string, string[]>();
  for (const { drug, setting } of treatments) {
    if (setting !== undefined) listUnder(settings, drug.id, setting);
  }
  return settings;
}

/** Diseases that are kinds of one that has no row, where they are one only and its name holds the other's: "endocarditis". */
function onlyKinds({ diseases, knowledge }: Clinical): Map<string, string> {
  const kinds = new Map<string, string[]>();
  for (const [id, { disease }] of diseases) {
    if (disease.entity === undefined) continue;
    for (const above of ancestorsOf(knowledge, disease.entity.id)) {
      listUnder(kinds, above, id);
    }
  }
  const words = (id: string): Set<string> =>
    new Set(conceptKey(diseases.get(id)!.disease.name).split(" "));
  return new Map([...kinds].flatMap(([above, ids]) => {
    const name = conceptKey(knowledge.entities.get(above)?.name ?? "").split(" ");
    const [only] = ids;
    return ids.length === 1 && only !== undefined && name.every((word) => words(only).has(word))
      ? [[above, only] as const]
      : [];
  }));
}

/** Units, each under all of its stems. */
function byStem(units: readonly Stems[]): Map<string, Stems[]> {
  const found = new Map<string, Stems[]>();
  for (const unit of new Map(units.map((unit) => [unit.join(" "), unit])).values()) {
    for (const stem of unit) listUnder(found, stem, unit);
  }
  return found;
}

/**
 * The facts of diseases, each read when it is first asked for.
 *
 * @param clinical The curated knowledge.
 * @returns The facts.
 */
export function factBook(clinical: Clinical): FactBook {
  const { diseases, names, knowledge, wordings } = clinical;
  const read = new Map<string, DiseaseFacts>();
  const sourced = new Map<string, DiseaseFact[]>();
  let kinds: Map<string, string> | undefined;
  let findings: Map<string, Stems[]> | undefined;
  let tests: Map<string, Stems[]> | undefined;
  let words: Set<string> | undefined;
  const conditions = new Map<string, readonly DrugCondition[]>();
  /** "Severe pre-eclampsia" is a pre-eclampsia. */
  const plainer = (id: string): string | undefined => {
    const name = names.disease.byId.get(id)?.name ?? knowledge.entities.get(id)?.name ?? "";
    const found = names.disease.byName.get(conceptKey(name.replace(degree, "").replace(form, "")))
      ?.id;
    if (found !== undefined && diseases.has(found)) return found;
    kinds ??= onlyKinds(clinical);
    return kinds.get(id);
  };
  const sourcedOf = (profile: DiseaseProfile): DiseaseFact[] => {
    const known = sourced.get(profile.disease.id) ?? sourcedFacts(clinical, profile);
    sourced.set(profile.disease.id, known);
    return known;
  };
  const factsOf = (id: string): DiseaseFacts | undefined => {
    const profile = diseases.get(id) ?? diseases.get(plainer(id) ?? "");
    if (profile === undefined) return undefined;
    const own = sourcedOf(profile);
    const known = read.get(id) ?? {
      profile,
      facts: [...own, ...rewordings(clinical, profile, own)],
      sourced: own,
      infectious: profile.disease.entity !== undefined &&
        isInfection(knowledge, profile.disease.entity.id),
      settings: settingsOf(profile.treatments),
    };
    read.set(id, known);
    return known;
  };
  const unitsWhere = (isMeant: (fact: DiseaseFact) => boolean): Map<string, Stems[]> =>
    byStem(
      [...diseases.values()].flatMap(sourcedOf).filter(isMeant)
        .flatMap(({ units }) => units).filter(({ length }) => length > 1),
    );
  return {
    factsOf,
    conditionsOf: (drug) => {
      const known = conditions.get(drug) ?? (clinical.contraindications.get(drug) ?? [])
        .map((row) => ({
          row,
          units: [
            ...alternatives(row.condition.name.replace(presence, "")).map(distinctStems)
              .filter(({ length }) => length > 0),
            ...(wordings.condition.get(row.condition.name) ?? []).flatMap(wordingUnits),
          ],
        }));
      conditions.set(drug, known);
      return known;
    },
    findingsWith: (stem) => {
      findings ??= unitsWhere(({ relation, rating }) =>
        relation === "presents" && rating !== undefined
      );
      return findings.get(stem) ?? [];
    },
    testsWith: (stem) => {
      tests ??= unitsWhere(({ relation }) => relation === "diagnosed_by");
      return tests.get(stem) ?? [];
    },
    knowsWord: (word) => {
      words ??= new Set(
        [
          knowledge.names,
          ...(["disease", "finding", "drug"] as const).map((kind) => names[kind].byName),
        ].flatMap((all) => [...all.keys()]).flatMap((name) => name.split(/[^\p{L}\d]+/u)),
      );
      return words.has(normalizeName(word));
    },
  };
}
