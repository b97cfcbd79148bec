/** The relations of the graph that domain tasks ask about, with their wordings. @module */
import {
  type Claim,
  type Entity,
  type EntityKind,
  objectsOf,
  type Predicate,
} from "../../knowledge/mod.ts";
import type { Variants } from "../draft.ts";
import { isPlainName, type Source } from "../source.ts";

/** A relation as a question: which side of which claim is asked for. */
export interface Relation {
  /** Its name. */
  readonly id: string;
  /** The predicate of the claim. */
  readonly predicate: Predicate;
  /** The side of the claim that the answer fills; the anchor fills the other. */
  readonly side: "subject" | "object";
  /** The kind of the answer. */
  readonly asks: EntityKind;
  /** What the answer is called in a prompt. */
  readonly noun: string;
  /** Entities that can be asked about. */
  readonly anchors: (source: Source) => readonly Entity[];
  /** The answers with usable names that the graph supports for an anchor. */
  readonly answers: (source: Source, anchor: Entity) => readonly Entity[];
  /** Questions that options follow. */
  readonly choice: Variants;
  /** Questions without options. */
  readonly open: Variants;
}

const diseases = (source: Source): readonly Entity[] =>
  source.diseases.map((facts) => facts.disease);
const genericDisease =
  /^(disease|syndrome|.* system disease|genetic disease|monogenic disease|physical disorder)$/i;

/** Every relation that domain tasks ask about; the last one is between diseases. */
export const relations: readonly Relation[] = [
  {
    id: "symptom",
    predicate: "presents",
    side: "object",
    asks: "symptom",
    noun: "symptom",
    anchors: diseases,
    answers: (source, anchor) => source.facts.get(anchor.id)?.symptoms ?? [],
    choice: {
      train: ["Which of these is a symptom of {anchor}?", "Which finding does {anchor} cause?"],
      heldOut: ["A patient has {anchor}. Which symptom fits?"],
    },
    open: {
      train: ["Name one symptom of {anchor}.", "What is a typical symptom of {anchor}?"],
      heldOut: ["Give a finding that {anchor} can cause."],
    },
  },
  {
    id: "drug",
    predicate: "treats",
    side: "subject",
    asks: "drug",
    noun: "drug",
    anchors: diseases,
    answers: (source, anchor) => source.facts.get(anchor.id)?.treats ?? [],
    choice: {
      train: [
        "Which of these drugs treats {anchor}?",
        "Which drug is disease-modifying in {anchor}?",
      ],
      heldOut: ["A patient has {anchor}. Which drug treats it?"],
    },
    open: {
      train: ["Name one drug that treats {anchor}.", "Which drug is used to treat {anchor}?"],
      heldOut: ["Give a disease-modifying drug for {anchor}."],
    },
  },
  {
    id: "site",
    predicate: "localizes",
    side: "object",
    asks: "anatomy",
    noun: "body part",
    anchors: diseases,
    answers: (source, anchor) => source.facts.get(anchor.id)?.sites ?? [],
    choice: {
      train: ["Where is {anchor} located?", "Which of these body parts does {anchor} affect?"],
      heldOut: ["A patient has {anchor}. Which body part is affected?"],
    },
    open: {
      train: [
        "Name one body part that {anchor} affects.",
        "Where in the body is {anchor} located?",
      ],
      heldOut: ["Give an anatomical site of {anchor}."],
    },
  },
  {
    id: "class",
    predicate: "includes",
    side: "subject",
    asks: "class",
    noun: "class",
    anchors: (source) => source.pools.drug,
    answers: (source, anchor) => source.classes.get(anchor.id) ?? [],
    choice: {
      train: [
        "To which pharmacologic class does {anchor} belong?",
        "What is the class of the drug {anchor}?",
      ],
      heldOut: ["A patient takes {anchor}. Which class of drug is this?"],
    },
    open: {
      train: ["Name the pharmacologic class of {anchor}.", "What class of drug is {anchor}?"],
      heldOut: ["Give the class that the drug {anchor} belongs to."],
    },
  },
  {
    id: "is_a",
    predicate: "is_a",
    side: "object",
    asks: "disease",
    noun: "disease",
    anchors: (source) => source.pools.disease,
    answers: (source, anchor) =>
      objectsOf(source.knowledge, anchor.id, "is_a").filter((parent) =>
        parent.id !== anchor.id && isPlainName(parent.name) && !genericDisease.test(parent.name)
      ),
    choice: {
      train: ["Of which disease is {anchor} a kind?", "What kind of disease is {anchor}?"],
      heldOut: ["A patient has {anchor}. Under which broader disease does it fall?"],
    },
    open: {
      train: [
        "Name a broader disease of which {anchor} is a kind.",
        "What kind of disease is {anchor}?",
      ],
      heldOut: ["Give the broader disease that {anchor} falls under."],
    },
  },
];

/**
 * The claim that an answer makes about an anchor.
 *
 * @param relation Says on which side the answer stands.
 * @param anchor The entity asked about.
 * @param answer The entity answered.
 * @returns The claim, by entity id.
 */
export function claimOf(relation: Relation, anchor: Entity, answer: Entity): Claim {
  return relation.side === "object"
    ? { subject: anchor.id, predicate: relation.predicate, object: answer.id }
    : { subject: answer.id, predicate: relation.predicate, object: anchor.id };
}
