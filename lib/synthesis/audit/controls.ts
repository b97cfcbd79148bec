/**
 * Controls: items changed so that one way to answer them is gone. Where findings decide, a model that reads them falls to chance
 * with the findings of others; one that recalls what it knows of names falls to chance with names that nobody knows.
 *
 * Only prompt, reference, evidence, decisions and texts of checks change. Ids stay, so that scores pair with those before;
 * claims stay too and may no longer hold. Score the decisions ({@linkcode decidedOption}): checks by entity do not know new names.
 *
 * @module
 */
import { type Knowledge, mentions } from "../../knowledge/mod.ts";
import { escapeRegExp, type RandomStream, randomStream } from "../../runtime/mod.ts";
import type { Check } from "../check.ts";
import type { Item } from "../item.ts";
import { withEvidence } from "../shuffle_options.ts";

/** Items whose evidence is shuffled among themselves. */
const poolOf = ({ group, family, split }: Item): string =>
  group === undefined ? JSON.stringify([family, split]) : group;

/**
 * Give items each other's evidence, each permutation as likely as the others: within its group an item, or within family and
 * split where it has no group. In a group of k options each option is then right with probability 1 / k whatever the evidence
 * says. (Were no item to keep its own, the evidence would tell a wrong option.)
 *
 * @param items Any items; those without evidence stay as they are.
 * @param seed Same seed, same permutation, whatever the order of the groups.
 * @returns The items in their order with exchanged evidence.
 */
export function shuffleEvidence(items: readonly Item[], seed: number): Item[] {
  const pools = Map.groupBy(items.filter(({ evidence }) => evidence !== undefined), poolOf);
  const given = new Map<Item, string>();
  for (const [pool, members] of pools) {
    const shuffled = randomStream(seed, "shuffled evidence", pool).shuffle(members);
    members.forEach((item, i) => given.set(item, shuffled[i]!.evidence!));
  }
  return items.map((item) => {
    const evidence = given.get(item);
    return evidence === undefined ? item : withEvidence(item, evidence);
  });
}

const syllables = { starts: [..."bdfgklmnprstvz"], vowels: [..."aeiou"], ends: [..."lmnrsx"] };

/** A name that means nothing: four syllables and a last sound, such as Dofumikan. */
function inventName(random: RandomStream): string {
  const open = Array.from(
    { length: 4 },
    () => random.pick(syllables.starts) + random.pick(syllables.vowels),
  );
  const name = open.join("") + random.pick(syllables.ends);
  return name[0]!.toUpperCase() + name.slice(1);
}

/** Texts of a check in which names may stand, changed. */
function renameCheck(check: Check, rename: (text: string) => string): Check {
  switch (check.kind) {
    case "choice":
      return { ...check, options: check.options.map(rename) };
    case "value":
      return { ...check, expected: rename(check.expected), allowed: check.allowed.map(rename) };
    case "keyword":
      return { ...check, word: rename(check.word) };
    case "forbidden":
      return { ...check, words: check.words.map(rename) };
    case "starts":
    case "ends":
      return { ...check, phrase: rename(check.phrase) };
    default:
      return check;
  }
}

/**
 * Replace the names of diseases and drugs by invented ones: an entity has one new name in all items, by whichever of its names
 * it was called, and no two entities share one. Findings keep their names.
 *
 * @param items Any items.
 * @param seed Same seed, same names.
 * @param knowledge The graph, which finds names in texts.
 * @returns The items in their order with new names in prompt, reference, evidence, decisions and texts of checks.
 */
export function renameEntities(items: readonly Item[], seed: number, knowledge: Knowledge): Item[] {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  const nameOf = (id: string): string => {
    const known = names.get(id);
    if (known !== undefined) return known;
    const random = randomStream(seed, "invented name", id);
    let name = inventName(random);
    while (taken.has(name) || mentions(knowledge, name).length > 0) name = inventName(random);
    names.set(id, name);
    taken.add(name);
    return name;
  };
  return items.map((item) => {
    const { prompt, reference, evidence, decisions, checks } = item;
    const renamed = new Map<string, string>();
    for (const text of [...decisions.flatMap(({ options }) => options), prompt, reference]) {
      for (const { entity, start, end } of mentions(knowledge, text, ["disease", "drug"])) {
        const surface = text.slice(start, end).toLowerCase();
        if (!renamed.has(surface)) renamed.set(surface, nameOf(entity.id));
      }
    }
    if (renamed.size === 0) return item;
    const longestFirst = [...renamed.keys()].sort((a, b) => b.length - a.length).map(escapeRegExp);
    const any = new RegExp(
      `(?<![\\p{L}\\p{N}])(?:${longestFirst.join("|")})(?![\\p{L}\\p{N}])`,
      "giu",
    );
    const rename = (text: string): string =>
      text.replace(any, (surface) => renamed.get(surface.toLowerCase()) ?? surface);
    const parts = evidence === undefined ? [prompt] : prompt.split(evidence);
    const evidenceNow = evidence === undefined ? undefined : rename(evidence);
    return {
      ...item,
      prompt: parts.map(rename).join(evidenceNow),
      reference: rename(reference),
      ...(evidenceNow === undefined ? {} : { evidence: evidenceNow }),
      decisions: decisions.map((decision) => ({
        ...decision,
        options: decision.options.map(rename),
      })),
      checks: checks.map((check) => renameCheck(check, rename)),
    };
  });
}
