/** What can be found wrong in a list of items without asking a model or the graph. @module */

import { type Item, testSets } from "../item.ts";
import { type ContaminationIndex, findContamination, plainWords } from "./contamination.ts";

const share = (part: number, whole: number): string => `${(100 * part / whole).toFixed(0)} %`;

/** Items by a key. */
function groups(all: readonly Item[], keyOf: (item: Item) => string): Item[][] {
  return [...Map.groupBy(all, keyOf).values()];
}

function twins(all: readonly Item[]): string[] {
  const prompts = groups(all, ({ prompt }) => plainWords(prompt).join(" "));
  const again = prompts.reduce((sum, group) => sum + group.length - 1, 0);
  const apart = prompts.filter((group) => new Set(group.map(({ split }) => split)).size > 1).length;
  return [
    again === 0
      ? "No prompt stands twice."
      : `Of ${all.length} items ${again} repeat another's prompt, ${apart} of them across splits.`,
  ];
}

/** How far forms alone lead where something is to be chosen. */
function decisions(all: readonly Item[]): string[] {
  const own = all.flatMap((item) => item.decisions);
  const without = all.filter((item) => item.decisions.length === 0).length;
  const open = without === 0 ? [] : [
    `Items that show no options: ${without} of ${all.length}; the reward above compares their lines with the reference's.`,
  ];
  if (own.length === 0) return open;
  const chance = own.reduce((sum, { options }) => sum + 1 / options.length, 0);
  const longest =
    own.filter(({ options, answer }) =>
      options.every((option, i) => i === answer || option.length < options[answer]!.length)
    ).length;
  const first = own.filter(({ answer }) => answer === 0).length;
  const n = own.length;
  return [
    ...open,
    `Of ${n} decisions chance gets ${share(chance, n)} right, the first option ${
      share(first, n)
    }, an option longer than all others ${share(longest, n)}.`,
  ];
}

/** How much of what test items state is stated in training. */
function knownClaims(all: readonly Item[]): string[] {
  const stated = (item: Item): string[] =>
    item.claims.filter(({ denied }) => denied === undefined)
      .map(({ subject, predicate, object }) => `${subject} ${predicate} ${object}`);
  const trained = new Set(all.filter(({ split }) => split === "train").flatMap(stated));
  return testSets.flatMap((set) => {
    const own = all.filter(({ split }) => split === set).flatMap(stated);
    if (own.length === 0 || trained.size === 0) return [];
    const known = own.filter((claim) => trained.has(claim)).length;
    return [
      `Of ${own.length} claims of ${set} ${share(known, own.length)} are stated in training, too.`,
    ];
  });
}

/** Claims that are denied only because no table lists them. */
function weakDenials(all: readonly Item[]): string[] {
  const denied = all.flatMap(({ claims }) => claims.filter((claim) => claim.denied !== undefined));
  const weak = denied.filter((claim) => claim.denied === "not listed").length;
  return weak === 0 ? [] : [
    `Of ${denied.length} claims that are taken to be wrong ${weak} are so only because no table lists them.`,
  ];
}

/** Words in a row that items share with benchmarks. */
function overlaps(all: readonly Item[], benchmarks: ContaminationIndex): string[] {
  const found = all.flatMap(({ id, prompt, reference }) => {
    const shared = findContamination(benchmarks, `${prompt} ${reference}`);
    return shared === undefined ? [] : [{ item: id, ...shared }];
  });
  const names = [...new Set(benchmarks.texts.map(({ benchmark }) => benchmark))];
  const [first] = found;
  if (first === undefined) return [`No item shares 13 words in a row with ${names.join(", ")}.`];
  const counts = names.map((name) =>
    `${found.filter(({ benchmark }) => benchmark === name).length} with ${name}`
  );
  return [
    `Items that share words in a row with a benchmark: ${found.length} (${
      counts.join(", ")
    }), such as ${first.item}: ${JSON.stringify(first.words)}.`,
  ];
}

/**
 * What can be found wrong in items, computed from them.
 *
 * @param all the items
 * @param benchmarks what no item may share words with
 * @returns sentences
 */
export function dataFaults(all: readonly Item[], benchmarks: ContaminationIndex): string[] {
  return [
    ...twins(all),
    ...decisions(all),
    ...knownClaims(all),
    ...weakDenials(all),
    ...overlaps(all, benchmarks),
  ];
}
