/**
 * `deno task validate`: what a text claims, whether the knowledge graph says so, and why.
 *
 * @module
 */
import { z } from "zod";
import { type CheckedTextClaim, loadKnowledge, type TextName, validateText } from "../../lib/knowledge/mod.ts";
import { readText, runCommand, UsageError, writeFileAtomic } from "../../lib/runtime/mod.ts";

const schema = z.object({
  text: z.string().min(1).describe("The text file to read"),
  prompt: z.string().default("").describe("A text file that the text answers"),
  json: z.string().default("").describe("Write the claims as JSON to this file"),
});

async function read(path: string): Promise<string> {
  const text = await readText(path);
  if (text === undefined) throw new UsageError(`Expected a text file but found none at ${path}`);
  return text;
}

/** Line and column of a place, from 1. */
function placeOf(text: string, at: number): string {
  const before = text.slice(0, at);
  return `${before.split("\n").length}:${at - before.lastIndexOf("\n")}`;
}

const widest = 28;
const cut = (words: string): string => {
  const plain = words.replace(/\s+/g, " ");
  return plain.length > widest ? `${plain.slice(0, widest - 1)}…` : plain;
};

/** One row of the table. */
function rowOf(text: string, claim: CheckedTextClaim): string[] {
  const { subject, relation, object, polarity, experiencer, time, certainty, verdict, rule } = claim;
  const said = polarity === "denied" ? `not ${relation}` : relation;
  return [
    placeOf(text, claim.start),
    cut(subject.standsFor ?? subject.text),
    said,
    cut(object.standsFor ?? object.text),
    [experiencer, time, certainty].filter((word) => !["general", "now", "stated"].includes(word))
      .join(" ") || "-",
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

await runCommand(
  {
    name: "validate",
    summary: "Reads the claims of a text and says which of them the knowledge graph supports.",
    schema,
    examples: ["--text note.txt", "--text answer.txt --prompt question.txt --json claims.json"],
  },
  Deno.args,
  async ({ text: path, prompt: promptPath, json }) => {
    const text = await read(path);
    const prompt = promptPath === "" ? undefined : await read(promptPath);
    const knowledge = await loadKnowledge(undefined, (line) => console.error(`warning: ${line}`));
    const { claims, counts } = validateText(
      text,
      knowledge,
      prompt === undefined ? {} : { prompt },
    );
    const [head, ...lines] = table([
      ["place", "subject", "relation", "object", "said of", "verdict", "rule"],
      ...claims.map((claim) => rowOf(text, claim)),
    ]);
    if (claims.length > 0) console.log(head);
    for (const [i, line] of lines.entries()) {
      console.log(line);
      const { reason, path: evidence } = claims[i]!;
      for (const step of [reason, ...evidence]) console.log(`      ${step}`);
    }
    console.log(
      `${claims.length} claims: ` +
        Object.entries(counts).map(([verdict, n]) => `${n} ${verdict}`).join(", "),
    );
    if (json !== "") {
      const plain = claims.map((claim) => ({
        ...claim,
        subject: plainName(claim.subject),
        object: plainName(claim.object),
      }));
      await writeFileAtomic(json, JSON.stringify({ claims: plain, counts }, undefined, 2) + "\n");
    }
  },
);
