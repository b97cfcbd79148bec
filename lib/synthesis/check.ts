/**
 * Checks: verifiable requirements on a completion, each with a score in [0, 1] and the capability it speaks for.
 */
import { z } from "zod";
import { type EntityKind, entityKinds, type Predicate, predicates } from "../knowledge/mod.ts";
import type { Schema } from "../runtime/mod.ts";

/** The capabilities that a check can speak for; integration is computed from these three. */
export const checkedCapabilities = ["domain", "reasoning", "instruction"] as const;

/** A capability that a check can speak for. */
export type CheckedCapability = (typeof checkedCapabilities)[number];

/** Where a check looks: the whole completion, a labelled line (`Diagnosis: ...`), or a key of a JSON object. */
export type Where =
  | { readonly format: "text" }
  | { readonly format: "line" | "json"; readonly field: string };

/** A four-option answer such as `Answer: C. nausea`: letter and text. */
export interface ChoiceCheck {
  /** Tells the checks apart. */
  readonly kind: "choice";
  /** The capability whose score it enters. */
  readonly capability: CheckedCapability;
  /** The right letter. */
  readonly letter: "A" | "B" | "C" | "D";
  /** The four option texts, A to D. */
  readonly options: readonly string[];
}

/** Names `count` of the accepted entities, and no others of that kind. */
export interface EntitiesCheck {
  /** Tells the checks apart. */
  readonly kind: "entities";
  /** The capability whose score it enters. */
  readonly capability: CheckedCapability;
  /** Where the answer is looked for. */
  readonly where: Where;
  /** The kind of entity looked for. */
  readonly entity: EntityKind;
  /** Entity ids. */
  readonly accepted: readonly string[];
  /** How many are wanted. */
  readonly count: number;
}

/** Names `count` entities for which the claim about `anchor` is supported by the graph, and no others of that kind. */
export interface FactCheck {
  /** Tells the checks apart. */
  readonly kind: "fact";
  /** The capability whose score it enters. */
  readonly capability: CheckedCapability;
  /** Where the answer is looked for. */
  readonly where: Where;
  /** The kind of entity looked for. */
  readonly entity: EntityKind;
  /** The relation of the claim. */
  readonly predicate: Predicate;
  /** The side of the claim that the completion fills. */
  readonly side: "subject" | "object";
  /** The entity id on the other side. */
  readonly anchor: string;
  /** How many are wanted. */
  readonly count: number;
}

/**
 * Two named entities stand in a relation, the second hop of a two-hop answer. The object must itself stand in a
 * relation to the anchor (the drug treats the disease), so that a pair learned by heart does not pay everywhere.
 */
export interface LinkCheck {
  /** Tells the checks apart. */
  readonly kind: "link";
  /** The capability whose score it enters. */
  readonly capability: CheckedCapability;
  /** Where the subject stands, and its kind. */
  readonly subject: { readonly where: Where; readonly entity: EntityKind };
  /** The relation of the claim. */
  readonly predicate: Predicate;
  /** Where the object stands, its kind, and its own relation to the anchor. */
  readonly object: {
    readonly where: Where;
    readonly entity: EntityKind;
    readonly predicate: Predicate;
    /** Entity id. */
    readonly anchor: string;
  };
}

/** What the inner field names is also named in the outer one (the diagnosis is in the differential). */
export interface SubsetCheck {
  /** Tells the checks apart. */
  readonly kind: "subset";
  /** The capability whose score it enters. */
  readonly capability: CheckedCapability;
  /** The field whose entities must also stand in the other. */
  readonly inner: Where;
  /** The field that they must also stand in. */
  readonly outer: Where;
  /** The kind of entity looked for. */
  readonly entity: EntityKind;
  /** Ids of the entities that count: the candidates of the question. */
  readonly among: readonly string[];
}

/** The field is exactly the expected one of the allowed values. */
export interface ValueCheck {
  /** Tells the checks apart. */
  readonly kind: "value";
  /** The capability whose score it enters. */
  readonly capability: CheckedCapability;
  /** Where the answer is looked for. */
  readonly where: Where;
  /** The right value. */
  readonly expected: string;
  /** All values that the prompt offers. */
  readonly allowed: readonly string[];
}

/** Labelled lines, each once, in this order, and nothing else. */
export interface LabelsCheck {
  /** Tells the checks apart. */
  readonly kind: "labels";
  /** The capability whose score it enters. */
  readonly capability: CheckedCapability;
  /** The labels, in order. */
  readonly labels: readonly string[];
}

/** One JSON object with exactly these keys and types. */
export interface JsonCheck {
  /** Tells the checks apart. */
  readonly kind: "json";
  /** The capability whose score it enters. */
  readonly capability: CheckedCapability;
  /** The keys with the types of their values. */
  readonly keys: readonly { readonly key: string; readonly type: "string" | "array" }[];
}

/** One Markdown table with these columns and so many rows below its header. */
export interface TableCheck {
  /** Tells the checks apart. */
  readonly kind: "table";
  /** The capability whose score it enters. */
  readonly capability: CheckedCapability;
  /** The names of the columns, in order. */
  readonly columns: readonly string[];
  /** How many rows are wanted. */
  readonly rows: number;
}

/** The number of words is within bounds, both inclusive. */
export interface WordsCheck {
  /** Tells the checks apart. */
  readonly kind: "words";
  /** The capability whose score it enters. */
  readonly capability: CheckedCapability;
  /** Fewest words. */
  readonly min: number;
  /** Most words. */
  readonly max: number;
}

/** The number of sentences, or of bullet lines that start with `- `. */
export interface CountCheck {
  /** Tells the checks apart. */
  readonly kind: "sentences" | "bullets";
  /** The capability whose score it enters. */
  readonly capability: CheckedCapability;
  /** How many are wanted. */
  readonly count: number;
}

/** The word or phrase occurs at least `times` times. */
export interface KeywordCheck {
  /** Tells the checks apart. */
  readonly kind: "keyword";
  /** The capability whose score it enters. */
  readonly capability: CheckedCapability;
  /** The word or phrase. */
  readonly word: string;
  /** How often it must occur at least. */
  readonly times: number;
}

/** None of these words occurs. */
export interface ForbiddenCheck {
  /** Tells the checks apart. */
  readonly kind: "forbidden";
  /** The capability whose score it enters. */
  readonly capability: CheckedCapability;
  /** The words to avoid. */
  readonly words: readonly string[];
}

/** All letters are in one case. */
export interface LetterCaseCheck {
  /** Tells the checks apart. */
  readonly kind: "letter_case";
  /** The capability whose score it enters. */
  readonly capability: CheckedCapability;
  /** The case wanted. */
  readonly style: "lower" | "upper";
}

/** The completion begins, or ends, with the phrase. */
export interface EdgeCheck {
  /** Tells the checks apart. */
  readonly kind: "starts" | "ends";
  /** The capability whose score it enters. */
  readonly capability: CheckedCapability;
  /** The phrase wanted. */
  readonly phrase: string;
}

/** No comma occurs. */
export interface NoCommasCheck {
  /** Tells the checks apart. */
  readonly kind: "no_commas";
  /** The capability whose score it enters. */
  readonly capability: CheckedCapability;
}

/** A verifiable requirement on a completion, told apart by `kind`. */
export type Check =
  | ChoiceCheck
  | EntitiesCheck
  | FactCheck
  | LinkCheck
  | SubsetCheck
  | ValueCheck
  | LabelsCheck
  | JsonCheck
  | TableCheck
  | WordsCheck
  | CountCheck
  | KeywordCheck
  | ForbiddenCheck
  | LetterCaseCheck
  | EdgeCheck
  | NoCommasCheck;

const entity = z.enum(entityKinds);
/** Schema of a predicate of the knowledge graph. */
export const predicateSchema: Schema<Predicate> = z.enum(predicates);
const text = z.string().min(1);
const count = z.int().min(1);
const capability = z.enum(checkedCapabilities).describe(
  "The capability whose score this check enters.",
);
/** Schema of the place where a check looks. */
export const whereSchema: Schema<Where> = z.union([
  z.object({ format: z.literal("text") }),
  z.object({ format: z.enum(["line", "json"]), field: text }),
]);
const named = z.object({ where: whereSchema, entity });
const linked = z.object({ where: whereSchema, entity, predicate: predicateSchema, anchor: text });

/** Schema of a check. */
export const checkSchema: Schema<Check> = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("choice"),
    capability,
    letter: z.enum(["A", "B", "C", "D"]),
    options: z.array(text).length(4),
  }),
  z.object({
    kind: z.literal("entities"),
    capability,
    where: whereSchema,
    entity,
    accepted: z.array(text).min(1),
    count,
  }),
  z.object({
    kind: z.literal("fact"),
    capability,
    where: whereSchema,
    entity,
    predicate: predicateSchema,
    side: z.enum(["subject", "object"]),
    anchor: text,
    count,
  }),
  z.object({
    kind: z.literal("link"),
    capability,
    subject: named,
    predicate: predicateSchema,
    object: linked,
  }),
  z.object({
    kind: z.literal("subset"),
    capability,
    inner: whereSchema,
    outer: whereSchema,
    entity,
    among: z.array(text).min(1),
  }),
  z.object({
    kind: z.literal("value"),
    capability,
    where: whereSchema,
    expected: text,
    allowed: z.array(text).min(2),
  }),
  z.object({ kind: z.literal("labels"), capability, labels: z.array(text).min(1) }),
  z.object({
    kind: z.literal("json"),
    capability,
    keys: z.array(z.object({ key: text, type: z.enum(["string", "array"]) })).min(1),
  }),
  z.object({
    kind: z.literal("table"),
    capability,
    columns: z.array(text).min(2),
    rows: count,
  }),
  z.object({ kind: z.literal("words"), capability, min: z.int().min(0), max: count }),
  z.object({ kind: z.literal(["sentences", "bullets"]), capability, count }),
  z.object({ kind: z.literal("keyword"), capability, word: text, times: count }),
  z.object({ kind: z.literal("forbidden"), capability, words: z.array(text).min(1) }),
  z.object({ kind: z.literal("letter_case"), capability, style: z.enum(["lower", "upper"]) }),
  z.object({ kind: z.literal(["starts", "ends"]), capability, phrase: text }),
  z.object({ kind: z.literal("no_commas"), capability }),
]);
