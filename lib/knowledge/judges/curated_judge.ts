/**
 * The judge that asks the curated knowledge: what the tables, the ontologies and PharmacotherapyDB's uses state is
 * supported, what they deny is contradicted; co-occurrence in the literature supports nothing but "is associated with".
 *
 * @module
 */
import type { Entails } from "../answers/case_checks.ts";
import { type CareMeasure, careMeasures } from "../clinical/care_measures.ts";
import type { Clinical } from "../clinical/clinical.ts";
import { classIdOf, drugClasses } from "../clinical/drug_classes.ts";
import { entailedBy, entails } from "../clinical/entailment.ts";
import type { DiseaseFinding } from "../clinical/facts.ts";
import type { Standing, StandingEvidence } from "../clinical/grounds.ts";
import { type Concept, type ConceptKind, readName } from "../clinical/names.ts";
import { redFlagsOf } from "../clinical/red_flags.ts";
import { type Relation, standingOf } from "../clinical/standing.ts";
import { isInfection } from "../graph/closure.ts";
import { isSpecific } from "../graph/specificity.ts";
import { agreesInDegree, measureOf, quantitiesIn, type Quantity } from "../text/qualifiers.ts";
import { testsNamed } from "../text/test_claims.ts";
import {
  type ClaimJudge,
  definedCause,
  type JudgedClaim,
  type JudgedEvidence,
  opposite,
} from "./graph_judge.ts";
import { type BoundsOf, hierarchyBounds } from "./person_profile.ts";
import { judgePopulation } from "./population_judge.ts";

const verdictOf: Readonly<Record<Standing, JudgedEvidence["verdict"]>> = {
  curated: "supported",
  contradicted: "contradicted",
  associated: "associated",
  unknown: "unknown",
};

const judgedBy = ({ standing, path, reason }: StandingEvidence): JudgedEvidence => ({
  verdict: verdictOf[standing],
  path,
  reason,
});

/** What an id or a name means. */
function conceptOf(clinical: Clinical, kind: ConceptKind, text: string): Concept | undefined {
  const reading = readName(clinical.knowledge, clinical.names, kind, text);
  return reading.status === "read" ? reading.concept : undefined;
}

/** The findings of a disease that are or entail a claimed one. */
function factsOf(clinical: Clinical, { subject, object }: JudgedClaim): DiseaseFinding[] {
  const [from, to] = [
    conceptOf(clinical, "disease", subject),
    conceptOf(clinical, "finding", object),
  ];
  if (from === undefined || to === undefined) return [];
  return (clinical.diseases.get(from.id)?.findings ?? []).filter(({ kind, finding, text }) =>
    kind !== "risk" && kind !== "red flag" && entails(clinical, finding, to, text) !== undefined
  );
}

/** A number with its unit against the words of a finding. */
function agreesInNumber(quantity: Quantity, text: string): boolean | undefined {
  const claimed = measureOf(quantity);
  const same = quantitiesIn(text).map(measureOf).filter(({ of }) => of === claimed.of);
  return same.length === 0 ? undefined : same.some(({ value }) => value === claimed.value);
}

/** What degrees and numbers of a claim make of its verdict, and how often the disease shows the finding. */
function qualified(
  clinical: Clinical,
  claim: JudgedClaim,
  evidence: JudgedEvidence,
): JudgedEvidence {
  const facts = factsOf(clinical, claim);
  if (evidence.verdict !== "supported" || facts.length === 0) return evidence;
  const checks = [
    ...(claim.degrees ?? []).map((degree) =>
      [degree, (text: string) => agreesInDegree(degree, text)] as const
    ),
    ...(claim.quantities ?? []).map((quantity) =>
      [
        `${quantity.value} ${quantity.unit}`,
        (text: string) => agreesInNumber(quantity, text),
      ] as const
    ),
  ];
  for (const [words, agrees] of checks) {
    const said = facts.map(({ text }) => [text, agrees(text)] as const);
    if (said.some(([, same]) => same === true)) continue;
    const other = said.find(([, same]) => same === false);
    return other === undefined
      ? {
        ...evidence,
        verdict: "unknown",
        reason: `${evidence.reason}, but no source says "${words}"`,
      }
      : {
        ...evidence,
        verdict: "contradicted",
        reason: `the sources say "${other[0]}", not "${words}"`,
      };
  }
  const typical = facts.some(({ rating }) => rating === "typical");
  return { ...evidence, frequency: typical ? "typical" : "uncommon" };
}

/** "Is associated with": whatever is written of the two together, or of the second as a risk of the first. */
function association(clinical: Clinical, { subject, object }: JudgedClaim): JudgedEvidence {
  const found = (["presents", "has_risk", "red_flag", "resembles"] as const).flatMap((relation) => [
    standingOf(clinical, { subject, relation, object }),
    standingOf(clinical, { subject: object, relation, object: subject }),
  ]);
  const stated = found.find(({ standing }) => standing === "curated") ??
    found.find(({ standing }) => standing === "associated");
  if (stated !== undefined) return { ...judgedBy(stated), verdict: "supported" };
  return judgedBy(found.find(({ standing }) => standing === "contradicted") ?? found[0]!);
}

/** Disease-modifying: a use that no source calls symptomatic only. */
function modification(clinical: Clinical, { subject, object }: JudgedClaim): JudgedEvidence {
  const ask = (relation: Relation): StandingEvidence =>
    standingOf(clinical, { subject, relation, object });
  const [relieves, treats] = [ask("relieves"), ask("treats")];
  if (relieves.standing === "curated") {
    return {
      ...judgedBy(relieves),
      verdict: "contradicted",
      reason: `${relieves.reason}, no more`,
    };
  }
  // What is used for an infection is used against its cause
  const infection = isInfection(clinical.knowledge, object);
  if (treats.standing !== "curated" || infection || / treats /.test(treats.path[0] ?? "")) {
    return judgedBy(treats);
  }
  return {
    verdict: "unknown",
    path: treats.path,
    reason: `${treats.reason}, and no source says that it changes the course`,
  };
}

const membersOf = new Map(
  drugClasses.flatMap(({ id, members }) => [[id, members], [classIdOf(id), members]]),
);

/** Whether a class of drugs has a member; undefined for other classes. */
function classIncludes(
  clinical: Clinical,
  { subject, object }: JudgedClaim,
): JudgedEvidence | undefined {
  const members = membersOf.get(subject);
  if (members === undefined) return undefined;
  const drug = conceptOf(clinical, "drug", object);
  const isMember = members.some((name) => conceptOf(clinical, "drug", name)?.id === drug?.id);
  return drug !== undefined && isMember
    ? {
      verdict: "supported",
      path: [`${drug.name} is of the class`],
      reason: "a drug of the class",
    }
    : { verdict: "unknown", path: [], reason: "it is not listed among the drugs of the class" };
}

/** What is said of a measure: that it is for a disease, or first, is so where the tables put it first. */
function ofMeasure(
  { name, diseases }: CareMeasure,
  { relation, object }: JudgedClaim,
): JudgedEvidence {
  const isFor = (relation === "treats" || relation === "first_line") && diseases.includes(object);
  return isFor
    ? { verdict: "supported", path: [], reason: `no drug is first-line, but ${name}` }
    : { verdict: "unknown", path: [], reason: `no curated source says so of ${name}` };
}

/**
 * What is said of a class of drugs, by what the tables say of its members: a use of one is a use of the class, and what
 * speaks against one speaks against the class where no member is used there.
 */
function ofClass(
  members: readonly string[],
  { relation }: JudgedClaim,
  askMember: (drug: string) => JudgedEvidence,
): JudgedEvidence {
  const found = members.map(askMember);
  const order = relation === "contraindicated"
    ? ["contradicted", "supported"]
    : ["supported", "contradicted"];
  for (const verdict of [...order, "associated"]) {
    const one = found.find((evidence) => evidence.verdict === verdict);
    if (one !== undefined) return { ...one, reason: `of a drug of the class: ${one.reason}` };
  }
  return { verdict: "unknown", path: [], reason: "no source says so of a drug of the class" };
}

/** Whether a finding or a kind is no mere heading: the disease's own rows name it, or few diseases have it. */
function saysSomething(clinical: Clinical, { subject, relation, object }: JudgedClaim): boolean {
  const { knowledge, diseases } = clinical;
  const kind = relation === "is_a" ? "disease" : "finding";
  const [from, to] = [
    conceptOf(clinical, kind === "finding" ? "disease" : kind, subject),
    conceptOf(clinical, kind, object),
  ];
  if (from === undefined || to?.entity === undefined) return true;
  // A heading is no row's word: what follows from one by the hierarchy alone says nothing.
  const own = diseases.get(from.id)?.findings.some(({ finding, text }) =>
    entails(clinical, finding, to, text)?.every((step) => !step.includes(" is_a ")) === true
  );
  const predicate = relation === "is_a" ? "is_a" : "presents";
  return own === true || isSpecific(knowledge, { subject: from.id, predicate, object: to.id });
}

/**
 * The judge of curated knowledge.
 *
 * @param clinical The curated knowledge.
 * @returns A judge of affirmed statements.
 */
export function curatedJudge(clinical: Clinical): ClaimJudge {
  const ask = ({ subject, object }: JudgedClaim, relation: Relation): JudgedEvidence =>
    judgedBy(standingOf(clinical, { subject, relation, object }));
  const measures = new Map(careMeasures(clinical).map((one) => [one.id, one]));
  const [boundsByName, bounds] = [hierarchyBounds(clinical.knowledge), curatedBounds(clinical)];
  const judge: ClaimJudge = (claim) => {
    const { relation, subject } = claim;
    const members = membersOf.get(subject);
    const measure = measures.get(subject);
    if (measure !== undefined) return ofMeasure(measure, claim);
    if (members !== undefined && relation !== "includes") {
      return ofClass(members, claim, (drug) => judge({ ...claim, subject: drug }));
    }
    switch (relation) {
      case "caused_by":
      case "transmitted_by":
        return definedCause(clinical.knowledge, claim);
      case "affects":
        return judgePopulation(
          claim.object,
          { ...boundsByName(subject), ...bounds(subject) },
          clinical.diseases.get(subject)?.femaleShare,
        );
      case "diagnosed_by": {
        const tests = testsNamed(claim.object).map((object) =>
          ask({ ...claim, object }, "tested_by")
        );
        return tests.find(({ verdict }) => verdict !== "supported") ?? tests[0] ??
          { verdict: "unknown", path: [], reason: "no test is named" };
      }
      case "includes":
        return classIncludes(clinical, claim) ?? ask(claim, "includes");
      case "associated":
        return association(clinical, claim);
      case "modifies":
        return modification(clinical, claim);
      case "not_indicated": {
        const used = ask(claim, "treats");
        return { ...used, verdict: opposite[used.verdict] };
      }
      case "palliates": {
        // Who is given a drug for a disease expects relief of it.
        const [relieves, used] = [ask(claim, "relieves"), ask(claim, "treats")];
        return relieves.verdict === "unknown" && used.verdict === "supported" ? used : relieves;
      }
      case "presents":
      case "is_a": {
        const evidence = ask(claim, relation);
        if (evidence.verdict !== "supported" || saysSomething(clinical, claim)) {
          return relation === "presents" ? qualified(clinical, claim, evidence) : evidence;
        }
        return {
          ...evidence,
          verdict: "unknown",
          reason: "holds of most diseases, so says nothing",
        };
      }
      default:
        return ask(claim, relation as Relation);
    }
  };
  return judge;
}

/**
 * Who can have a disease, by the curated tables.
 *
 * @param clinical The curated knowledge.
 * @returns A function of a disease's id; undefined for diseases that are not in the tables.
 */
export function curatedBounds({ diseases }: Clinical): BoundsOf {
  return (id) => {
    const profile = diseases.get(id);
    if (profile?.ageSexSource === undefined) return undefined;
    const { age, sex } = profile;
    return { age, ...(sex === "both" ? {} : { sex }) };
  };
}

/**
 * Which finding entails which, by the curated tables: the hierarchy, the words, and what the list of red flags counts alike.
 *
 * @param clinical The curated knowledge.
 * @returns Whether whoever has a finding has what some words name.
 */
export function curatedEntails(clinical: Clinical): Entails {
  const flags = new Map(redFlagsOf(clinical).map((flag) => [flag.wording, flag.findings]));
  return ({ id, name }, words) => {
    const from = clinical.names.finding.byId.get(id) ?? conceptOf(clinical, "finding", name);
    const named = conceptOf(clinical, "finding", words);
    const wanted = flags.get(words.toLowerCase()) ?? (named === undefined ? [] : [named]);
    if (from === undefined) return false;
    const ids = entailedBy(clinical, from);
    return wanted.some((one) => ids.has(one.id));
  };
}
