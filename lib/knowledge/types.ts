/**
 * The vocabulary of the knowledge graph: entities, edges, claims and verdicts.
 *
 * @module
 */

/** The five kinds of entity, in the order in which a bare name is looked up. */
export const entityKinds = [
  "disease",
  "symptom",
  "drug",
  "anatomy",
  "class",
] as const;

/** What an entity is. `class` is a pharmacologic class. */
export type EntityKind = typeof entityKinds[number];

/** One node of the graph. */
export interface Entity {
  /** `DOID:8469`, `SYMP:0000613`, `MESH:D005334`, `DB00843`, `UBERON:0000955` or `N0000175722`. */
  readonly id: string;
  /** What it is. */
  readonly kind: EntityKind;
  /** Its primary name, as the source writes it. */
  readonly name: string;
  /** Names of exactly the same thing (OBO scope EXACT). */
  readonly synonyms: readonly string[];
  /** Names of something near it (OBO scopes RELATED, BROAD, NARROW): never an identity. */
  readonly related: readonly string[];
  /** Other ids of the same thing: alternative ids and ids of the other source, never the id itself. */
  readonly crossIds: readonly string[];
  /** The definition, without its references. */
  readonly definition?: string;
  /** True when the source has withdrawn the term. */
  readonly obsolete: boolean;
}

/** Every relation that a claim can state, with subject and object as {@link predicateKinds} says. */
export const predicates = [
  "presents",
  "treats",
  "palliates",
  "not_indicated",
  "contraindicated",
  "localizes",
  "resembles",
  "includes",
  "is_a",
] as const;

/**
 * A relation: disease `presents` symptom; drug `treats` (disease-modifying), `palliates` (symptomatic), is `not_indicated` for
 * (of no use in, which forbids nothing) or `contraindicated` in (harmful in) a disease; disease `localizes` to anatomy; disease `resembles` disease; class `includes` drug;
 * disease `is_a` disease (and symptom `is_a` symptom).
 */
export type Predicate = typeof predicates[number];

/** The kinds that the subject and the object of each predicate may have; for `is_a` both have the same kind. */
export const predicateKinds: Readonly<
  Record<
    Predicate,
    {
      readonly subject: readonly EntityKind[];
      readonly object: readonly EntityKind[];
    }
  >
> = {
  presents: { subject: ["disease"], object: ["symptom"] },
  treats: { subject: ["drug"], object: ["disease"] },
  palliates: { subject: ["drug"], object: ["disease"] },
  not_indicated: { subject: ["drug"], object: ["disease"] },
  contraindicated: { subject: ["drug"], object: ["disease"] },
  localizes: { subject: ["disease"], object: ["anatomy"] },
  resembles: { subject: ["disease"], object: ["disease"] },
  includes: { subject: ["class"], object: ["drug"] },
  is_a: { subject: ["disease", "symptom"], object: ["disease", "symptom"] },
};

/** Where an edge comes from. */
export type Source =
  | "Disease Ontology"
  | "Symptom Ontology"
  | "Disease Ontology definition"
  | "Hetionet"
  | "PharmacotherapyDB"
  | "Clinical tables";

/** One edge of the graph, with every source that states it. */
export interface Edge {
  /** Id of the subject. */
  readonly subject: string;
  /** The relation. */
  readonly predicate: Predicate;
  /** Id of the object. */
  readonly object: string;
  /** At least one source, in the order in which they were read. */
  readonly sources: readonly Source[];
  /** For edges of PharmacotherapyDB: how many of the four resources that it was curated from list the pair, 1 to 4. */
  readonly resources?: number;
}

/** One atomic statement; subject and object are ids or names. */
export interface Claim {
  /** Id or name. */
  readonly subject: string;
  /** The relation. */
  readonly predicate: Predicate;
  /** Id or name. */
  readonly object: string;
}

/**
 * What the graph says about a claim. `associated`: the two are written about together, which neither supports nor contradicts
 * it.
 */
export const verdicts = ["supported", "contradicted", "associated", "unknown"] as const;

/** One of {@linkcode verdicts}. */
export type Verdict = typeof verdicts[number];

/** A verdict with its reason. */
export interface Evidence {
  /** What the graph says. */
  readonly verdict: Verdict;
  /** The edges that lead to the verdict, one readable sentence each; empty when nothing was found. */
  readonly path: readonly string[];
  /** One sentence that says why. */
  readonly reason: string;
}

/** The relations that definitions of the Disease Ontology spell out in their text. */
export const phraseRelations = [
  "has_symptom",
  "located_in",
  "has_material_basis_in",
  "transmitted_by",
] as const;

/** One of {@link phraseRelations}. */
export type PhraseRelation = typeof phraseRelations[number];

/** What follows one relation word in a definition. */
export interface Phrase {
  /** Id of the disease whose definition it is. */
  readonly disease: string;
  /** The relation word. */
  readonly relation: PhraseRelation;
  /** The words after it, up to the end of the phrase. */
  readonly text: string;
  /** Ids of the symptoms or anatomy that the words name; several where known names are joined by "and". */
  readonly entities: readonly string[];
  /** True when it is the definition's only phrase of this relation, no list and not "mainly": then it holds for every case. */
  readonly sole: boolean;
}

/** One way to name an entity. */
export interface NameEntry {
  /** Id of the entity. */
  readonly id: string;
  /** 0 primary name, 1 exact synonym, 2 related name, 3 withdrawn name without a successor. */
  readonly rank: number;
  /** The name as the source writes it. */
  readonly text: string;
}

/** The edges of one predicate, in both directions. */
export interface EdgeTable {
  /** Subject id, object id, edge. */
  readonly forward: ReadonlyMap<string, ReadonlyMap<string, Edge>>;
  /** Object id, subject id, edge. */
  readonly backward: ReadonlyMap<string, ReadonlyMap<string, Edge>>;
}

/** The whole graph. Build it with `loadKnowledge`, ask it with the functions of this folder. */
export interface Knowledge {
  /** Every entity by id, obsolete ones too. */
  readonly entities: ReadonlyMap<string, Entity>;
  /** What was wrong in the files, with file and line. */
  readonly warnings: readonly string[];
  /** Every edge by predicate. `resembles` stands in both directions. */
  readonly edges: Readonly<Record<Predicate, EdgeTable>>;
  /** Alternative, replaced and foreign ids (upper case) to the id of the live entity. */
  readonly ids: ReadonlyMap<string, string>;
  /** Normalised name (`normalizeName`) to what it can mean, best first. */
  readonly names: ReadonlyMap<string, readonly NameEntry[]>;
  /** Folded form (`foldText`) to the normal forms of names that are spelt otherwise. */
  readonly spellings: ReadonlyMap<string, readonly string[]>;
  /** First word of a normalised name to the number of words of the longest name that starts with it. */
  readonly longest: ReadonlyMap<string, number>;
  /** Id of a live disease to the phrases of its definition, in order. */
  readonly phrases: ReadonlyMap<string, readonly Phrase[]>;
}
