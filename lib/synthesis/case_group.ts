/**
 * Drawing counterfactual cases: candidates that can be taken for each other, findings that tell each from all others, drugs of
 * which each is of use in one of them, and one person who can have all of it.
 */
import type { RandomStream } from "../runtime/mod.ts";
import {
  type CaseGroup,
  casesOf,
  type ClinicalCase,
  findingsOf,
  type Patient,
  patientOf,
} from "./case.ts";
import {
  alikeOf,
  discriminatingDrugs,
  discriminatingFindings,
  fitTogether,
  flagsIn,
  isSayable,
  mayBeDenied,
} from "./confusable.ts";
import { checkConsistency } from "./consistency.ts";
import { demandOf, demandOfDisease, drawPerson } from "./person.ts";
import { type Section, sectionsOf } from "./section.ts";
import {
  type DiseaseFacts,
  type DrugFact,
  type FindingFact,
  shareWord,
  type Source,
} from "./source.ts";

/** What a group must have. */
export interface GroupOptions {
  /** Number of candidates. */
  readonly size: 2 | 3;
  /** At least so many findings are shared; at most one more than none when 0. */
  readonly shared: number;
  /** The drugs that may be asked for, one for each candidate; none are where it is left out. */
  readonly drugs?: (fact: DrugFact) => boolean;
  /** Whether some but not all patients have a red flag. */
  readonly urgency?: true;
  /** Whether every patient has something reported and something examined or measured. */
  readonly mixed?: true;
}

/**
 * Every drug may be asked for.
 *
 * @returns True.
 */
export const anyDrug = (): boolean => true;

/** Patients of a group have so many discriminating findings. */
const discriminatingCount = 2;

/** So many second and third candidates are tried in one draw. */
const tries = 12;

/** How often candidates are drawn that share a finding, of those that have such. */
const sharingShare = 0.85;

const sectionOf = ({ clinical }: Source, { row }: FindingFact): Section =>
  sectionsOf(clinical, row.finding)[0]!;

/**
 * Draw one group.
 *
 * @param source Where diseases and their facts come from.
 * @param random Draws every part.
 * @param options What the group must have.
 * @returns The group; undefined when the diseases drawn do not serve.
 */
export function drawGroup(
  source: Source,
  random: RandomStream,
  options: GroupOptions,
): CaseGroup | undefined {
  const first = random.pick(source.diseases);
  const alike = alikeOf(source, first).filter(({ shared, related }) =>
    shared >= options.shared && (shared > 0 || related)
  );
  if (alike.length === 0) return undefined;
  const sharing = alike.filter(({ shared }) => shared > 0);
  for (let attempt = 0; attempt < tries; attempt++) {
    const near = sharing.length > 0 && random.next() < sharingShare ? sharing : alike;
    const second = random.pick(near).facts;
    const chosen = [first, second];
    if (options.size === 3) {
      const nearSecond = new Set(alikeOf(source, second).map(({ facts }) => facts));
      const thirds = near.filter(({ facts }) => nearSecond.has(facts));
      if (thirds.length === 0) continue;
      chosen.push(random.pick(thirds).facts);
    }
    const group = groupOf(source, random, random.shuffle(chosen), options);
    if (group !== undefined) return group;
  }
  return undefined;
}

/** The group of these candidates, in this order. */
function groupOf(
  source: Source,
  random: RandomStream,
  candidates: readonly DiseaseFacts[],
  options: GroupOptions,
): CaseGroup | undefined {
  const without = (i: number): DiseaseFacts[] => candidates.filter((_, j) => j !== i);
  const drugs = options.drugs === undefined
    ? []
    : drawDrugs(source, random, candidates, options.drugs);
  if (drugs === undefined) return undefined;
  const names = [...candidates.map(({ disease }) => disease), ...drugs.map(({ drug }) => drug)]
    .flatMap(({ name, synonyms }) => [name, ...synonyms]);
  const isSilent = ({ finding }: FindingFact): boolean =>
    ![finding.name, ...finding.synonyms].some((word) =>
      names.some((name) => shareWord(word, name))
    );
  const pools = candidates.map((facts, i) =>
    ownFirst(random.shuffle(discriminatingFindings(source, facts, without(i)).filter(isSilent)))
  );
  if (pools.some((pool) => pool.length < discriminatingCount)) return undefined;
  const shared = sharedFindings(source, random, candidates, Math.max(1, options.shared))
    .filter(isSilent);
  if (shared.length < options.shared) return undefined;
  if (shared.length === 0 && !areRelated(source, candidates)) return undefined;
  const chosen = drawDiscriminating(source, random, pools, shared, options);
  if (chosen === undefined) return undefined;
  const step = random.integer(candidates.length - 1) + 1;
  const patients: Patient[] = [];
  for (const [i, discriminating] of chosen.entries()) {
    const deniedOf = (i + step) % candidates.length;
    const present = [...shared, ...discriminating];
    const denied = random.shuffle(pools[deniedOf]!).find((fact) =>
      sectionOf(source, fact) !== "measured" &&
      present.every((one) => mayBeDenied(source, one, fact))
    );
    if (denied === undefined) return undefined;
    patients.push({ discriminating, denied, deniedOf, flags: flagsIn(source, present) });
  }
  const said = patients.flatMap(({ discriminating, denied }) => [...discriminating, denied]);
  const person = drawPerson(random, [
    ...candidates.map(({ profile }) => demandOfDisease(profile)),
    ...[...shared, ...said].map(({ row }) => demandOf(row.finding)),
  ]);
  if (person === undefined) return undefined;
  const group = { candidates, drugs, shared, ...person, patients };
  return isOwn(source, group) && isConsistent(source, group) ? group : undefined;
}

/** Whether any two of the candidates have a specialty or a complaint in common. */
const areRelated = (source: Source, candidates: readonly DiseaseFacts[]): boolean =>
  candidates.every((one, i) => {
    const related = alikeOf(source, one).filter((other) => other.related);
    return candidates.slice(i + 1).every((other) => related.some(({ facts }) => facts === other));
  });

/** A fact of the split alone in front, where there is one: every item of a test rests on one. */
function ownFirst(facts: readonly FindingFact[]): readonly FindingFact[] {
  const own = facts.find((fact) => fact.own);
  return own === undefined ? facts : [own, ...facts.filter((fact) => fact !== own)];
}

/** Whether every patient has a finding or a drug that belongs to the split alone. */
function isOwn(source: Source, { patients, drugs }: CaseGroup): boolean {
  return source.split === "train" ||
    patients.every(({ discriminating }, i) =>
      discriminating.some(({ own }) => own) || drugs[i]?.own === true
    );
}

/** A drug for each candidate, of which none may be of use in another one. */
function drawDrugs(
  source: Source,
  random: RandomStream,
  candidates: readonly DiseaseFacts[],
  isUsable: (fact: DrugFact) => boolean,
): DrugFact[] | undefined {
  const drawn: DrugFact[] = [];
  for (const [i, facts] of candidates.entries()) {
    const drugs = discriminatingDrugs(source, facts, candidates.filter((_, j) => j !== i))
      .filter((fact) =>
        isUsable(fact) && !drawn.some((other) => shareWord(other.drug.name, fact.drug.name))
      );
    const first = drugs.filter(({ row }) => row.role === "first-line");
    // What guidelines put first is the better question, other accepted drugs the rarer one.
    const pool = first.length > 0 && random.next() < 0.7 ? first : drugs;
    if (pool.length === 0) return undefined;
    drawn.push(random.pick(pool));
  }
  return drawn;
}

/** Typical findings of all candidates, at most so many, that can stand beside each other. */
function sharedFindings(
  source: Source,
  random: RandomStream,
  [first, ...others]: readonly DiseaseFacts[],
  most: number,
): FindingFact[] {
  const common = first!.findings.filter(({ finding }) =>
    isSayable(source, finding) &&
    others.every(({ findings }) => findings.some((other) => other.finding.id === finding.id))
  );
  return compatible(source, random.shuffle(common), []).slice(0, most);
}

/** Facts that can stand beside those taken and beside each other: no word in common, none entails or excludes another. */
function compatible(
  source: Source,
  facts: readonly FindingFact[],
  taken: readonly FindingFact[],
): FindingFact[] {
  const kept: FindingFact[] = [];
  for (const fact of facts) {
    if ([...taken, ...kept].every((other) => fitTogether(source, fact, other))) kept.push(fact);
  }
  return kept;
}

/** Sections of the discriminating findings that are tried for all patients alike, before any will do. */
const forms: readonly (readonly Section[])[] = [
  ["reported", "reported"],
  ["reported", "examined"],
  ["reported", "measured"],
  ["examined", "examined"],
];

/** The discriminating findings of each patient; of the same sections in all of them where that is possible. */
function drawDiscriminating(
  source: Source,
  random: RandomStream,
  pools: readonly (readonly FindingFact[])[],
  shared: readonly FindingFact[],
  { urgency, mixed }: GroupOptions,
): FindingFact[][] | undefined {
  const isFlagged = (fact: FindingFact): boolean => flagsIn(source, [fact]).length > 0;
  if (urgency && shared.some(isFlagged)) return undefined;
  const flagged = random.integer(pools.length);
  const reported = shared.some((fact) => sectionOf(source, fact) === "reported");
  const isMixed = (facts: readonly FindingFact[]): boolean => {
    const own = facts.map((fact) => sectionOf(source, fact));
    return (reported || own.includes("reported")) && own.some((section) => section !== "reported");
  };
  for (const form of [...random.shuffle(forms), undefined]) {
    const chosen = pools.map((pool, i) => {
      const usable = urgency && i !== flagged ? pool.filter((fact) => !isFlagged(fact)) : pool;
      const pair = pairIn(source, usable, shared, form);
      if (pair === undefined || (mixed && !isMixed(pair))) return undefined;
      if (!urgency || i !== flagged || pair.some(isFlagged)) return pair;
      const flag = usable.find(isFlagged);
      return flag &&
        pairIn(source, [flag, ...usable.filter((fact) => fact !== flag)], shared, form, flag);
    });
    if (chosen.every((pair) => pair !== undefined)) return chosen;
  }
  return undefined;
}

/** The first two facts that fit together and have these sections; one of them is `needed` where that is given. */
function pairIn(
  source: Source,
  pool: readonly FindingFact[],
  shared: readonly FindingFact[],
  form: readonly Section[] | undefined,
  needed?: FindingFact,
): FindingFact[] | undefined {
  const usable = pool.filter((fact) => shared.every((other) => fitTogether(source, fact, other)));
  for (const [i, a] of usable.entries()) {
    if (needed !== undefined && a !== needed) continue;
    for (const b of usable.slice(needed === undefined ? i + 1 : 0)) {
      if (a === b || !fitTogether(source, a, b)) continue;
      const own = [sectionOf(source, a), sectionOf(source, b)].sort();
      if (form === undefined || own.join() === [...form].sort().join()) return [a, b];
    }
  }
  return undefined;
}

/** Whether one person can have all that is said of each patient. */
function isConsistent({ clinical }: Source, group: CaseGroup): boolean {
  return casesOf(group).every((one: ClinicalCase) =>
    checkConsistency(clinical, {
      age: group.age,
      sex: group.sex,
      present: findingsOf(one).map(({ row: { finding } }) => ({
        finding,
        section: sectionsOf(clinical, finding)[0]!,
      })),
      absent: [patientOf(one).denied.row.finding],
      history: [],
      diagnosis: group.candidates[one.diagnosis]!.profile.disease,
    }).length === 0
  );
}
