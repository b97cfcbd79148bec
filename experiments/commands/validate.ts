/**
 * `deno task validate`: what a text claims, whether curated knowledge says so, and why; and how many errors that were put
 * into generated items are found.
 *
 * @module
 */
import { z } from "zod";
import {
  type CheckedTextClaim,
  type Clinical,
  clinicalReader,
  isRefused,
  loadClinical,
  loadKnowledge,
  type TextName,
  validateText,
} from "../../lib/knowledge/mod.ts";
import {
  progressBar,
  readText,
  runCommand,
  UsageError,
  writeFileAtomic,
} from "../../lib/runtime/mod.ts";

import {
  type Alarms,
  detectTextErrors,
  selectSource,
  synthesize,
  type TextDetection,
} from "../../lib/synthesis/mod.ts";

const schema = z.object({
  text: z.string().default("").describe("The text file to read"),
  prompt: z.string().default("").describe("A text file that the text answers"),
  json: z.string().default("").describe("Write the claims as JSON to this file"),
  errors: z.int().min(0).default(0).describe(
    "Instead of a text: put so many errors of each kind into generated items and count alarms",
  ),
  seed: z.int().min(0).default(0).describe("Same seed, same items and errors"),
});

async function read(path: string): Promise<string> {
  const text = await readText(path);
  if (text === undefined) throw new UsageError(`Expected a text file but found none at ${path}`);
  return text;
}

/** Line and column of a place, from 1, by where the lines begin. */
function placeOf(lines: readonly number[], at: number): string {
  let [low, high] = [0, lines.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (lines[middle]! <= at) low = middle;
    else high = middle;
  }
  return `${low + 1}:${at - lines[low]! + 1}`;
}

const widest = 28;
const cut = (words: string): string => {
  const plain = words.replace(/\s+/g, " ");
  return plain.length > widest ? `${plain.slice(0, widest - 1)}…` : plain;
};

/** One row of the table. */
function rowOf(lines: readonly number[], claim: CheckedTextClaim): string[] {
  const { subject, relation, object, polarity, experiencer, time, certainty, verdict, rule } =
    claim;
  const { extent, degrees = [], quantities = [] } = claim;
  const said = polarity === "denied" ? `not ${relation}` : relation;
  const numbers = quantities.map(({ value, unit }) => `${value} ${unit}`);
  return [
    placeOf(lines, claim.start),
    cut(subject.standsFor ?? subject.text),
    said,
    cut(object.standsFor ?? object.text),
    [
      experiencer,
      time,
      certainty,
      ...(extent === undefined ? [] : [extent]),
      ...degrees,
      ...numbers,
    ]
      .filter((word) => !["general", "now", "stated"].includes(word)).join(" ") || "-",
    verdict,
    rule,
  ];
}

/** A name with its place and the entities that it can mean. */
const plainName = ({ start, end, text, entities, person, standsFor }: TextName) => ({
  start,
  end,
  text,
  entities: entities.map(({ id, kind, name }) => ({ id, kind, name })),
  ...(person === undefined ? {} : { person }),
  ...(standsFor === undefined ? {} : { standsFor }),
});

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => row.map((cell, i) => cell.padEnd(widths[i]!)).join("  ").trimEnd());
}

/** So many items are generated for each error that is wanted of a kind: not every item has a place for every kind. */
const itemsForAnError = 3;

/** Alarms on generated items with errors in their texts, and without. Nothing was dropped from them for its text. */
async function measure(clinical: Clinical, most: number, seed: number): Promise<TextDetection> {
  const bar = progressBar("synthesize");
  const { items } = await synthesize({
    clinical,
    count: itemsForAnError * most,
    seed,
    without: ["validation"],
    onProgress: bar.update,
  });
  bar.finish();
  return detectTextErrors(selectSource(clinical, "train"), items, most, seed);
}

const share = ({ items, alarms }: Alarms): string =>
  items === 0 ? "-" : `${(100 * alarms / items).toFixed(1)} %`;

function detectionTable({ untouched, errors, families }: TextDetection): string[] {
  const row = (kind: string, alarms: Alarms): string[] => [
    kind,
    String(alarms.items),
    String(alarms.alarms),
    share(alarms),
  ];
  return [
    ...table([
      ["error", "items", "alarms", "share"],
      row("none", untouched),
      ...errors.map((alarms) => row(alarms.kind, alarms)),
    ]),
    "",
    ...table([
      ["family", "items", "alarms", "share", "wrong answers", "alarms", "share"],
      ...families.map(({ family, untouched, wrong }) => [
        ...row(family, untouched),
        ...row("", wrong).slice(1),
      ]),
    ]),
  ];
}

await runCommand(
  {
    name: "validate",
    summary:
      "Reads the claims of a text and says which of them curated knowledge supports, and what is no part of a text. " +
      "Verdicts: supported, contradicted, associated (only written about together), unknown. Of sentences that were not seen " +
      "before, 113 of 136 right ones by SmolLM2-135M, 261 of 280 in the manner of small models and 330 of 420 of textbook prose were accepted, and 258 of 330, 187 of 200 and 257 of 300 errors " +
      "refused (tests/knowledge/fixtures/claims).",
    schema,
    examples: [
      "--text note.txt",
      "--text answer.txt --prompt question.txt --json claims.json",
      "--errors 200",
    ],
  },
  Deno.args,
  async ({ text: path, prompt: promptPath, json, errors, seed }) => {
    if ((path === "") === (errors === 0)) {
      throw new UsageError(
        "Expected either --text or --errors but found " + (path === "" ? "none" : "both"),
      );
    }
    const text = path === "" ? "" : await read(path);
    const prompt = promptPath === "" ? undefined : await read(promptPath);
    const knowledge = await loadKnowledge(undefined, (line) => console.error(`warning: ${line}`));
    const clinical = await loadClinical(knowledge);
    if (errors > 0) {
      const found = await measure(clinical, errors, seed);
      console.log(detectionTable(found).join("\n"));
      if (json !== "") await writeFileAtomic(json, JSON.stringify(found, undefined, 2) + "\n");
      return;
    }
    for (const warning of clinical.warnings) console.error(`warning: ${warning}`);
    const { vocabulary, options } = clinicalReader(clinical);
    const found = validateText(text, vocabulary, {
      ...options,
      ...(prompt === undefined ? {} : { prompt }),
    });
    const { claims, counts, faults } = found;
    const refused = isRefused(found);
    const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
    const [head, ...lines] = table([
      ["place", "subject", "relation", "object", "said of", "verdict", "rule"],
      ...claims.map((claim) => rowOf(starts, claim)),
    ]);
    if (claims.length > 0) console.log(head);
    for (const [i, line] of lines.entries()) {
      console.log(line);
      const { reason, path: evidence } = claims[i]!;
      for (const step of [reason, ...evidence]) console.log(`      ${step}`);
    }
    for (const { rule, start, text: words } of faults) {
      console.log(`${placeOf(starts, start)}  fault: ${rule}: ${cut(words)}`);
    }
    console.log(
      `${claims.length} claims: ` +
        Object.entries(counts).map(([verdict, n]) => `${n} ${verdict}`).join(", ") +
        `; ${faults.length} faults: ${refused ? "refused" : "nothing to refuse"}`,
    );
    if (json !== "") {
      const plain = claims.map((claim) => ({
        ...claim,
        subject: plainName(claim.subject),
        object: plainName(claim.object),
      }));
      await writeFileAtomic(
        json,
        JSON.stringify({ claims: plain, counts, faults, refused }, undefined, 2) + "\n",
      );
    }
  },
);
