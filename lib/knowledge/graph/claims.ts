/**
 * Validation of claims: supported, contradicted, only associated or unknown, with the edges that say so.
 *
 * The graph is read as an open world: what it does not state is unknown, not false. Co-occurrence in MEDLINE, Hetionet's only
 * ground for `presents`, `localizes` and `resembles`, makes two things associated: it is no statement about patients. Claims are read as general
 * statements ("influenza presents with fever"), not about every patient. These inferences are sound under that reading
 * and are the only ones made:
 *
 * | predicate | supported by | contradicted by |
 * |---|---|---|
 * | every | a direct edge | a subject or an object of a kind that excludes the one the predicate needs (a drug is no disease) |
 * | `is_a` | the reflexive, transitive closure | the reversed relation: the edges of circles are left out of the graph, so of two different terms at most one is above the other |
 * | `presents` | a presented symptom that is a kind of the claimed one (colic is a kind of pain) | |
 * | `localizes` | the only `located_in` of an ancestor's definition: a definition holds for all kinds of the thing | |
 * | `resembles` | the same edge read backwards | |
 * | `treats` | | a contraindication; PharmacotherapyDB: symptomatic only (SYM), which denies disease modification |
 * | `palliates` | | a contraindication |
 * | `not_indicated` | | a disease-modifying (DM) or symptomatic indication |
 * | `contraindicated` | a contraindication in what the disease is a kind of | an accepted use in the disease |
 *
 * A non-indication (NOT) of PharmacotherapyDB denies nothing: it stands for uses that its curators did not count, some of them
 * established.
 *
 * Not inferred, since they do not follow: `presents` from an ancestor or a descendant of the disease (a finding is
 * typical, not necessary; what one kind of a disease shows need not be typical of the whole); `presents` of a special
 * symptom from a general one; `treats`, `palliates` and `not_indicated` from an ancestor or a descendant of the disease
 * or from a drug of the same class; `palliates` from `treats` or against it (a disease-modifying drug may also relieve);
 * `localizes` from MEDLINE co-occurrence at an ancestor; anything from a related, broader or narrower name.
 *
 * @module
 */

import {
  type Claim,
  type Edge,
  type Entity,
  type EntityKind,
  type Evidence,
  type Knowledge,
  type Predicate,
  predicateKinds,
} from "../types.ts";
import { ancestorsOf, descendantsOf, isAPath } from "./closure.ts";
import { type Candidate, candidates } from "./names.ts";

/**
 * What the graph says about a claim; the rules stand at the top of this file. A name with several meanings gives a
 * verdict only where all its best meanings agree.
 *
 * @param k The graph.
 * @param claim Subject and object by id or name.
 * @returns Verdict, path and reason; unknown for a name that the graph does not know.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { checkClaim } from "./claims.ts";
 * import { buildKnowledge } from "../joined_graph.ts";
 * import { readObo } from "../ontology/obo.ts";
 * const diseases = readObo("[Term]\nid: D:1\nname: cold\nis_a: D:2\n[Term]\nid: D:2\nname: infection\n", "d.obo");
 * const symptoms = readObo("[Term]\nid: S:1\nname: cough\n", "s.obo");
 * const k = buildKnowledge({ diseases, symptoms, nodes: [], edges: [], indications: [], warnings: [] });
 * const { verdict, path } = checkClaim(k, { subject: "Colds", predicate: "is_a", object: "infection" });
 * assertEquals([verdict, ...path], ["supported", "cold (D:1) is_a infection (D:2)"]);
 * assertEquals(checkClaim(k, { subject: "D:2", predicate: "is_a", object: "D:1" }).verdict, "contradicted");
 * ```
 */
export function checkClaim(k: Knowledge, claim: Claim): Evidence {
  const needs = predicateKinds[claim.predicate];
  const subjects = meanings(k, claim.subject, needs.subject);
  const objects = meanings(k, claim.object, needs.object);
  for (
    const [side, all] of [["subject", subjects], ["object", objects]] as const
  ) {
    if (all.fitting.length === 0) {
      return misfit(claim, side, all.others, needs[side]);
    }
  }
  const kinds = [...new Set(subjects.fitting.map((e) => e.kind))];
  const byKind = kinds.map((kind) => {
    const readings = subjects.fitting.filter((s) => s.kind === kind).flatMap((
      s,
    ) =>
      objects.fitting.filter((o) => claim.predicate !== "is_a" || o.kind === kind)
        .map((o) => checkEntities(k, s, claim.predicate, o))
    );
    return agree(claim, readings);
  });
  return byKind.find(({ verdict }) => verdict === "supported" || verdict === "contradicted") ??
    byKind.find(({ verdict }) => verdict === "associated") ?? byKind[0] ??
    unknown("the names have no common kind");
}

/** One verdict for all readings of an ambiguous name: theirs when they agree, else unknown. */
function agree(claim: Claim, readings: readonly Evidence[]): Evidence {
  const first = readings[0];
  if (first === undefined) {
    return unknown(
      `"${claim.subject}" and "${claim.object}" are not of one kind`,
    );
  }
  if (readings.every((r) => r.verdict === first.verdict)) return first;
  return unknown(
    `"${claim.subject}" or "${claim.object}" has several meanings, which give different verdicts`,
  );
}

interface Meanings {
  fitting: Entity[];
  others: Candidate[];
}

/** The best meanings of these kinds (names and exact synonyms of live entities), and all the others. */
function meanings(
  k: Knowledge,
  text: string,
  kinds: readonly EntityKind[],
): Meanings {
  const all = candidates(k, text);
  const usable = all.filter((c) =>
    c.rank <= 1 && !c.entity.obsolete && kinds.includes(c.entity.kind)
  );
  const fitting = kinds.flatMap((kind) => {
    const same = usable.filter((c) => c.entity.kind === kind);
    return same.filter((c) => c.rank === same[0]?.rank && c.exact === same[0]?.exact).map((c) =>
      c.entity
    );
  });
  return { fitting, others: all.filter((c) => !usable.includes(c)) };
}

/** Kinds in one group may hold of one thing (a headache is a disease and a symptom), kinds of two groups may not. */
const group: Readonly<Record<EntityKind, string>> = {
  disease: "condition",
  symptom: "condition",
  drug: "drug",
  class: "class",
  anatomy: "anatomy",
};

function misfit(
  claim: Claim,
  side: "subject" | "object",
  others: readonly Candidate[],
  kinds: readonly EntityKind[],
): Evidence {
  const text = claim[side];
  const best = others[0];
  const wanted = kinds.join(" or ");
  if (best === undefined) return unknown(`no ${wanted} is called "${text}"`);
  const name = label(best.entity);
  if (others.every((o) => o.entity.obsolete)) {
    return unknown(`${name} is obsolete and has no successor`);
  }
  if (others.some((o) => kinds.includes(o.entity.kind))) {
    return unknown(`"${text}" is only a related name of ${name}`);
  }
  if (
    others.every((o) => o.rank <= 1 && kinds.every((kind) => group[kind] !== group[o.entity.kind]))
  ) {
    return {
      verdict: "contradicted",
      path: [`${name} is of kind ${best.entity.kind}`],
      reason:
        `the ${side} of ${claim.predicate} is a ${wanted}, and ${name} is a ${best.entity.kind}`,
    };
  }
  return unknown(
    `${name} is known as a ${best.entity.kind}, not as a ${wanted}`,
  );
}

function checkEntities(
  k: Knowledge,
  subject: Entity,
  predicate: Predicate,
  object: Entity,
): Evidence {
  if (predicate === "is_a") return checkIsA(k, subject, object);
  const direct = edge(k, subject, predicate, object);
  if (direct !== undefined) {
    return isStated(direct)
      ? supported([say(k, direct)], "stated directly")
      : inferred(k, subject, predicate, object) ?? associated([say(k, direct)]);
  }
  return inferred(k, subject, predicate, object) ??
    unknown(`no edge says that ${label(subject)} ${predicate} ${label(object)}`);
}

/** Relations that Hetionet takes from co-occurrence in MEDLINE. */
const fromLiterature: ReadonlySet<Predicate> = new Set(["presents", "localizes", "resembles"]);

/**
 * Whether something else than co-occurrence in the literature states an edge.
 *
 * @param edge An edge of the graph.
 * @returns False for findings, sites and likenesses that Hetionet alone gives.
 */
export function isStated({ predicate, sources }: Edge): boolean {
  return !fromLiterature.has(predicate) || sources.some((source) => source !== "Hetionet");
}

/** What follows from other edges; undefined where nothing does. */
function inferred(
  k: Knowledge,
  subject: Entity,
  predicate: Predicate,
  object: Entity,
): Evidence | undefined {
  switch (predicate) {
    case "presents":
      return checkPresents(k, subject, object);
    case "localizes":
      return checkLocalizes(k, subject, object);
    case "treats":
    case "palliates":
    case "not_indicated":
    case "contraindicated":
      return checkIndication(k, subject, predicate, object);
    default:
      return undefined;
  }
}

function checkIsA(k: Knowledge, subject: Entity, object: Entity): Evidence {
  const up = isAPath(k, subject.id, object.id);
  if (up !== undefined) {
    return supported(
      up.length === 1 ? [`${label(subject)} is itself`] : chain(k, up),
      "stated by the is-a hierarchy",
    );
  }
  const down = isAPath(k, object.id, subject.id);
  if (down !== undefined) {
    return contradicted(
      chain(k, down),
      "the hierarchy states the reverse, and it has no circles",
    );
  }
  return unknown(
    `${label(object)} is not above ${label(subject)}, which does not exclude it`,
  );
}

function checkPresents(
  k: Knowledge,
  disease: Entity,
  symptom: Entity,
): Evidence | undefined {
  const shown = k.edges.presents.forward.get(disease.id);
  if (shown === undefined) return undefined;
  let weak: Evidence | undefined;
  for (const special of descendantsOf(k, symptom.id)) {
    const found = shown.get(special);
    const up = found === undefined ? undefined : isAPath(k, special, symptom.id);
    if (found === undefined || up === undefined) continue;
    const path = [say(k, found), ...chain(k, up)];
    if (isStated(found)) return supported(path, "a presented symptom is a kind of the claimed one");
    weak ??= associated(path);
  }
  return weak;
}

function checkLocalizes(
  k: Knowledge,
  disease: Entity,
  anatomy: Entity,
): Evidence | undefined {
  for (const above of ancestorsOf(k, disease.id)) {
    const phrase = k.phrases.get(above)?.find((p) =>
      p.relation === "located_in" && p.entities.includes(anatomy.id) &&
      p.sole
    );
    const found = phrase === undefined
      ? undefined
      : k.edges.localizes.forward.get(above)?.get(anatomy.id);
    const up = found === undefined ? undefined : isAPath(k, disease.id, above);
    if (found !== undefined && up !== undefined) {
      return supported(
        [...chain(k, up), say(k, found)],
        "located there by the definition of what it is a kind of",
      );
    }
  }
  return undefined;
}

function checkIndication(
  k: Knowledge,
  drug: Entity,
  predicate: Predicate,
  disease: Entity,
): Evidence {
  const modifies = edge(k, drug, "treats", disease);
  const relieves = edge(k, drug, "palliates", disease);
  const harmful = contraindication(k, drug, disease);
  if (predicate === "not_indicated" || predicate === "contraindicated") {
    const found = modifies ?? relieves;
    if (found !== undefined) {
      return contradicted([say(k, found)], "a curated indication");
    }
    if (predicate === "contraindicated" && harmful !== undefined) {
      return supported(harmful, "contraindicated in what the disease is a kind of");
    }
  } else if (harmful !== undefined) {
    return contradicted(harmful, "a contraindication");
  } else if (predicate === "treats" && relieves !== undefined) {
    return contradicted(
      [say(k, relieves)],
      "curated as symptomatic only, not as disease-modifying",
    );
  } else if (predicate === "palliates" && modifies !== undefined) {
    return {
      ...unknown(
        "curated as disease-modifying, which neither states nor excludes relief",
      ),
      path: [say(k, modifies)],
    };
  }
  return unknown(`${label(drug)} and ${label(disease)} are no curated pair`);
}

/** The way to a contraindication of the drug in the disease or in what it is a kind of. */
function contraindication(k: Knowledge, drug: Entity, disease: Entity): string[] | undefined {
  const rows = k.edges.contraindicated.forward.get(drug.id);
  for (const above of rows === undefined ? [] : [disease.id, ...ancestorsOf(k, disease.id)]) {
    const found = rows!.get(above);
    const up = found === undefined ? undefined : isAPath(k, disease.id, above);
    if (found !== undefined && up !== undefined) return [...chain(k, up), say(k, found)];
  }
  return undefined;
}

function edge(
  k: Knowledge,
  subject: Entity,
  predicate: Predicate,
  object: Entity,
): Edge | undefined {
  return k.edges[predicate].forward.get(subject.id)?.get(object.id);
}

function supported(path: readonly string[], reason: string): Evidence {
  return { verdict: "supported", path, reason };
}

function contradicted(path: readonly string[], reason: string): Evidence {
  return { verdict: "contradicted", path, reason };
}

function associated(path: readonly string[]): Evidence {
  return {
    verdict: "associated",
    path,
    reason: "they occur together in the literature, which states nothing of patients",
  };
}

function unknown(reason: string): Evidence {
  return { verdict: "unknown", path: [], reason };
}

/** `influenza (DOID:8469)`. */
function label(entity: Entity): string {
  return `${entity.name} (${entity.id})`;
}

function say(
  k: Knowledge,
  { subject, predicate, object, sources }: Edge,
): string {
  const from = k.entities.get(subject);
  const to = k.entities.get(object);
  const sentence = `${from === undefined ? subject : label(from)} ${predicate} ${
    to === undefined ? object : label(to)
  }`;
  return predicate === "is_a" ? sentence : `${sentence} [${sources.join(", ")}]`;
}

function chain(k: Knowledge, ids: readonly string[]): string[] {
  return ids.slice(1).map((above, i) => {
    const found = k.edges.is_a.forward.get(ids[i] ?? "")?.get(above);
    return found === undefined ? `${ids[i]} is_a ${above}` : say(k, found);
  });
}
