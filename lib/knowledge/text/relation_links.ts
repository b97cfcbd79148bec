/**
 * Which kinds the two sides of a relation need, and links: a relation between two names, before it is known how it is said.
 *
 * @module
 */
import type { EntityKind } from "../types.ts";
import type { CueReading } from "./cue.ts";
import type { TextName, TextRelation } from "./types.ts";

/** The kinds that each side of a relation needs; a person is the subject of `has` and `takes`. */
export const textRelationKinds: Readonly<
  Record<
    TextRelation,
    { readonly subject: readonly EntityKind[]; readonly object: readonly EntityKind[] }
  >
> = {
  presents: { subject: ["disease"], object: ["symptom"] },
  treats: { subject: ["drug"], object: ["disease"] },
  modifies: { subject: ["drug"], object: ["disease"] },
  palliates: { subject: ["drug"], object: ["disease"] },
  not_indicated: { subject: ["drug"], object: ["disease"] },
  contraindicated: { subject: ["drug"], object: ["disease"] },
  first_line: { subject: ["drug"], object: ["disease"] },
  has_risk: { subject: ["disease"], object: ["symptom", "disease"] },
  red_flag: { subject: ["disease"], object: ["symptom"] },
  associated: { subject: ["disease"], object: ["symptom", "disease"] },
  localizes: { subject: ["disease"], object: ["anatomy"] },
  resembles: { subject: ["disease"], object: ["disease"] },
  includes: { subject: ["class"], object: ["drug"] },
  is_a: { subject: ["disease", "symptom"], object: ["disease", "symptom"] },
  caused_by: { subject: ["disease"], object: [] },
  transmitted_by: { subject: ["disease"], object: [] },
  affects: { subject: ["disease"], object: [] },
  diagnosed_by: { subject: ["disease"], object: [] },
  has: { subject: [], object: ["symptom", "disease"] },
  takes: { subject: [], object: ["drug"] },
};

/** A relation between two names. */
export interface Link {
  /** Who or what. */
  readonly subject: TextName;
  /** The relation. */
  readonly relation: TextRelation;
  /** To whom or what. */
  readonly object: TextName;
  /** The rule by which it was read. */
  readonly rule: string;
  /** The cue's place in the marked words, where it looks like a denial. */
  readonly neutral?: readonly [start: number, end: number];
  /** Whether "not" in these words is part of what they say. */
  readonly forbids?: boolean;
  /** Whether its words say the opposite of the relation. */
  readonly denies?: boolean;
}

/**
 * Whether a name can mean something of these kinds.
 *
 * @param name A name.
 * @param kinds Kinds.
 * @returns False for a person and for unknown words.
 */
export function isOf(name: TextName, kinds: readonly EntityKind[]): boolean {
  return name.entities.some(({ kind }) => kinds.includes(kind));
}

/**
 * Whether both names of a link are of the kinds of its relation.
 *
 * @param link A link, or a claim.
 * @returns False also for what is said of persons, and for relations with anything but an entity.
 */
export function fitsKinds(
  { subject, relation, object }: Pick<Link, "subject" | "relation" | "object">,
): boolean {
  const kinds = textRelationKinds[relation];
  return isOf(subject, kinds.subject) && isOf(object, kinds.object);
}

/**
 * The kinds on both sides of a cue.
 *
 * @param reading A reading of a cue.
 * @returns Kinds of the left and of the right name.
 */
export function sides({ relation, subject }: CueReading): {
  readonly left: readonly EntityKind[];
  readonly right: readonly EntityKind[];
} {
  const kinds = textRelationKinds[relation];
  return subject === "left"
    ? { left: kinds.subject, right: kinds.object }
    : { left: kinds.object, right: kinds.subject };
}
