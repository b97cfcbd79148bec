/**
 * `deno task audit`: says of any file of items what can be answered without reading, what leaks from training into test, what
 * repeats, and which rules are broken.
 *
 * Ends with exit code 1 where an item breaks a rule of its own: evidence or an option that the prompt does not hold, a reference
 * that states another option, a group in which an option is never right. No chance excuses these. What can be answered blindly
 * and what leaks is reported, with exit code 0: how much of it is too much depends on the question.
 *
 * @module
 */
import { z } from "zod";
import { auditItems, type AuditReport, type GuessTable } from "../../lib/evaluation/mod.ts";
import { type Knowledge, loadClinical, loadKnowledge } from "../../lib/knowledge/mod.ts";
import { referencePasses } from "../../lib/reward/mod.ts";
import { progressBar, runCommand, WorkbenchError, writeFileAtomic } from "../../lib/runtime/mod.ts";
import {
  benchmarkTexts,
  capabilities,
  importNotes,
  type Item,
  readItemFile,
  similarityBins,
  synthesize,
  testSets,
} from "../../lib/synthesis/mod.ts";
import { textTable } from "../bench/table.ts";

const schema = z.object({
  data: z.string().min(1).optional().describe(
    "File of items, of any origin, or of questions in JSON Lines or CSV; items are made when left out",
  ),
  count: z.int().min(1).default(10_000).describe("Number of items to make without --data"),
  seed: z.int().min(0).default(0).describe("Seed of the items to make without --data"),
  json: z.string().min(1).optional().describe(
    "File for the findings: families: { NAME: { n, chance, baselines: { NAME: { accuracy, low, high } } } } and more",
  ),
});

/** Items of a file, or made. */
async function itemsOf(
  { data, count, seed }: {
    readonly data?: string | undefined;
    readonly count: number;
    readonly seed: number;
  },
  knowledge: Knowledge,
): Promise<readonly Item[]> {
  if (data !== undefined) {
    const bar = progressBar("questions");
    const { items, imported } = await readItemFile(data, referencePasses, bar.update);
    if (imported !== undefined) {
      bar.finish();
      importNotes(imported).forEach((note) => console.error(`note: ${note}`));
    }
    return items;
  }
  const bar = progressBar("synthesize");
  const verify = (item: Item): boolean => referencePasses(item, knowledge);
  const clinical = await loadClinical(knowledge);
  const { items } = await synthesize({ clinical, count, seed, verify, onProgress: bar.update });
  bar.finish();
  return items;
}

/** A table of records, which all have the keys of the first one. */
function recordTable(rows: readonly Readonly<Record<string, string | number>>[]): string {
  const columns = Object.keys(rows[0]!);
  return textTable([columns, ...rows.map((row) => columns.map((name) => String(row[name])))]) +
    "\n";
}

const percent = (share: number): string => (100 * share).toFixed(1);
const shareOf = (part: number, all: number): string =>
  all === 0 ? "none" : `${part} of ${all} (${percent(part / all)} %)`;

/** Rows of a table of guessers: one for each that answers, in per cent, marked where its interval leaves chance out. */
function guessRows(column: string, name: string, { baselines, floors, controls }: GuessTable) {
  const kinds = { blind: baselines, floor: floors, control: controls };
  return Object.entries(kinds).flatMap(([kind, results]) =>
    Object.entries(results).map((
      [guesser, { n, clusters, chance, accuracy, low, high, inside }],
    ) => ({
      [column]: name,
      guesser,
      kind,
      n,
      groups: clusters,
      chance: percent(chance),
      right: percent(accuracy),
      "95 %": `[${percent(low)}, ${percent(high)}]`,
      verdict: kind === "floor" ? "" : inside ? "chance" : accuracy > chance ? "ABOVE" : "BELOW",
    }))
  );
}

/** Too few questions to tell chance from 5 points more. */
const fewest = 400;

function guessText({ families, sets }: AuditReport): string {
  const all = Object.entries(families);
  const blind = all.flatMap(([, { baselines }]) => Object.values(baselines));
  const outside = blind.filter(({ inside }) => !inside).length;
  const few = all.filter(([, { n }]) => n > 0 && n < fewest).map(([name, { n }]) =>
    `${name} (${n})`
  );
  const silent = all.filter(([, { n, withoutDecisions }]) => n === 0 && withoutDecisions > 0)
    .map(([name, { withoutDecisions }]) => `${name} (${withoutDecisions} items)`);
  const rows = all.flatMap(([name, family]) => guessRows("family", name, family));
  const setRows = testSets.flatMap((set) =>
    sets[set] === undefined ? [] : guessRows("test set", set, sets[set])
  );
  const forms = all.flatMap(([family, { scores }]) =>
    Object.entries(scores).map(([guesser, earned]) => ({
      family,
      decides: guesser,
      ...Object.fromEntries(capabilities.map((capability) => {
        const found = earned[capability];
        return [
          capability,
          found === undefined
            ? "–"
            : `${percent(found.mean)} [${percent(found.low)}, ${percent(found.high)}]`,
        ];
      })),
    }))
  );
  return [
    "Decisions of test items by family, in per cent. Blind guessers and controls must be at chance. Floors read the\n" +
    "findings: echo looks for letters of the options in them, memory recalls training claims. Intervals: Wilson's over groups,\n" +
    "whose questions depend on each other.\n\n",
    rows.length === 0 ? "no test item states a decision\n" : recordTable(rows),
    blind.length === 0
      ? ""
      : `\n${outside} of ${blind.length} blind intervals leave chance out; ${
        (0.05 * blind.length).toFixed(1)
      } would by chance.\n`,
    few.length === 0
      ? ""
      : `Fewer than ${fewest} questions, which tell little: ${few.join(", ")}.\n`,
    silent.length === 0 ? "" : `No decisions: ${silent.join(", ")}.\n`,
    setRows.length === 0 ? "" : `\nBy test set, over families\n\n${recordTable(setRows)}`,
    forms.length === 0
      ? ""
      : `\nRule scores of filled forms on whole test items, by what decides in them; the form filler decides by lot\n\n${
        recordTable(forms)
      }`,
  ].join("");
}

function leakageText({ leakage, duplicates, overlap, items }: AuditReport): string {
  const sets = testSets.flatMap((set) => {
    const found = leakage.sets[set];
    if (found === undefined) return [];
    const { claims, twins } = found;
    return [{
      set,
      items: items[set] ?? 0,
      "claims seen": shareOf(claims.seen, claims.claims),
      "pairs seen": shareOf(claims.seenPairs, claims.claims),
      "nothing new": shareOf(claims.nothingNew, claims.items),
      [`twin < ${similarityBins[0]}`]: twins.none,
      ...Object.fromEntries(similarityBins.map((low, bin) => [
        `${low === 1 ? "=" : ">="} ${low}`,
        twins.bins[bin]!,
      ])),
    }];
  });
  const { heldOut, groups, cases, families, templates } = leakage;
  const total = Object.values(items).reduce((sum, n) => sum + n, 0);
  const example = (lines: readonly string[]): string =>
    lines.length === 0 ? "" : `, such as ${lines[0]}`;
  const worst = heldOut.examples[0];
  return [
    "\nLeakage: claims of test items that training states, and the nearest training prompt by shared runs of three words\n\n",
    sets.length === 0 ? "no test items\n" : recordTable(sets),
    "\n",
    `held-out diseases that training names: ${heldOut.named}, where test-diseases is about ${heldOut.diseases}${
      worst === undefined ? "" : `, such as ${worst.name} in ${worst.prompts} prompts`
    }\n`,
    `groups in several splits: ${groups.n}${example(groups.examples)}\n`,
    `cases in several splits: ${cases.n}${example(cases.examples)}\n`,
    `families of test-forms in training: ${families.join(", ") || "none"}\n`,
    `wordings of test-wordings in training: ${templates.join(", ") || "none"}\n`,
    `duplicates of earlier items: exact ${shareOf(duplicates.exact, total)}, same words ${
      shareOf(duplicates.normalised, total)
    }, near ${shareOf(duplicates.near, total)}\n`,
    `items that share a passage with a benchmark: ${overlap.n}${example(overlap.examples)}\n`,
  ].join("");
}

function consistencyText({ consistency, references }: AuditReport): string {
  const rows = Object.entries(consistency).map(([rule, { n, examples }]) => ({
    rule,
    n,
    example: examples[0]!,
  }));
  return [
    `references that fail their own checks: ${references.n}${
      references.n === 0 ? "" : `, such as ${references.examples[0]}`
    }\n`,
    "\nConsistency\n\n",
    rows.length === 0 ? "every rule holds\n" : recordTable(rows),
  ].join("");
}

await runCommand(
  {
    name: "audit",
    summary:
      "Audits a file of items: blind baselines, leakage, duplicates, overlap, consistency.\n" +
      "Exit code 1 where an item breaks a rule of its own; what chance may excuse is only reported.",
    schema,
    examples: [
      "--data items.jsonl",
      "--data items.jsonl --json audit.json",
      "--count 4000 --seed 1",
    ],
  },
  Deno.args,
  async (options) => {
    const knowledge = await loadKnowledge(undefined, (line) => console.error(`warning: ${line}`));
    const items = await itemsOf(options, knowledge);
    const benchmarks = await benchmarkTexts();
    const bar = progressBar("audit");
    const report = auditItems(items, { knowledge, benchmarks, onProgress: bar.update });
    bar.finish(`${items.length} items`);
    if (options.json !== undefined) {
      await writeFileAtomic(options.json, JSON.stringify(report, undefined, 2) + "\n");
    }
    console.log(guessText(report) + leakageText(report) + consistencyText(report));
    const broken = Object.values(report.consistency).reduce((sum, { n }) => sum + n, 0);
    if (broken > 0) {
      throw new WorkbenchError(
        `Expected consistent items but found ${broken} faults, listed above`,
      );
    }
  },
);
