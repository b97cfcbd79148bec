/** Claims that were labelled by hand, and what the validator makes of them. */
import {
  type CheckedTextClaim,
  type ClaimJudge,
  clinicalReader,
  clinicalVocabulary,
  degreesIn,
  isRefused,
  type Knowledge,
  loadClinical,
  loadKnowledge,
  normalizeName,
  type TextName,
  type TextOptions,
  type TextValidation,
  validateText,
} from "../../lib/knowledge/mod.ts";

/** One row of a table of labelled claims. */
export interface LabelledClaim {
  readonly kind: string;
  /** What is right: to support it, to refuse it (contradicted or unknown), or to find no claim. */
  readonly expected: "accept" | "refuse" | "none";
  readonly subject: string;
  readonly relation: string;
  readonly object: string;
  readonly polarity: string;
  readonly experiencer: string;
  readonly time: string;
  readonly text: string;
  /** The prompt that the text answers; empty for none. */
  readonly prompt: string;
}

export type Outcome = "accepted" | "refused" | "not read" | "none" | "a claim";

export interface JudgedRow {
  readonly row: LabelledClaim;
  readonly outcome: Outcome;
  readonly right: boolean;
  readonly claims: readonly CheckedTextClaim[];
}

const folder = new URL("./fixtures/claims/", import.meta.url);

/** A judge that knows the facts of a table, and nothing else: what is measured with it is how a text is read. */
function tableJudge(table: string): ClaimJudge {
  const facts = new Map(
    table.trimEnd().split("\n").slice(1).map((line) => {
      const [subject, relation, object, verdict] = line.split("\t");
      return [`${subject} ${relation} ${object}`, verdict as "supported" | "contradicted"] as const;
    }),
  );
  const weaker: Readonly<Record<string, string>> = { first_line: "treats", associated: "presents" };
  return ({ subject, relation, object }) => {
    const key = weaker[relation] ?? relation;
    const verdict = facts.get(`${subject} ${key} ${object}`) ??
      (relation === "associated" ? facts.get(`${object} ${key} ${subject}`) : undefined);
    return verdict === undefined
      ? { verdict: "unknown", path: [], reason: "not in the table" }
      : { verdict, path: [], reason: "in the table" };
  };
}

/** The sets, the graph with the curated names, and for each set how its texts are validated. */
export async function labelledSets(): Promise<{
  readonly knowledge: Knowledge;
  readonly sets: readonly {
    readonly name: string;
    readonly rows: readonly LabelledClaim[];
    readonly options: TextOptions;
  }[];
}> {
  const clinical = await loadClinical(await loadKnowledge());
  const read = (name: string): Promise<string> => Deno.readTextFile(new URL(`${name}.tsv`, folder));
  const facts = { judge: tableJudge(await read("facts")), boundsOf: () => undefined };
  const tables = clinicalReader(clinical).options;
  const sets = [];
  for (
    const [names, options] of [
      [ofFacts, facts],
      [ofTables, tables],
      [ofOthers, tables],
      [ofModel, tables],
    ] as const
  ) {
    for (const name of names) sets.push({ name, rows: readRows(await read(name)), options });
  }
  return { knowledge: clinicalVocabulary(clinical), sets };
}

const setsFrom = (first: number, last: number): string[] =>
  Array.from({ length: last - first + 1 }, (_, i) => `test-${first + i}`);

/** Sets whose facts stand in `facts.tsv`. */
const ofFacts = ["dev", ...setsFrom(1, 5)];

/** Sets that are labelled by the curated tables. */
const ofTables = setsFrom(6, 17);

/** Sets that were written by others than the reader's author, from the tables alone. */
export const ofOthers: readonly string[] = setsFrom(18, 62);

/** Sets that a small model wrote, SmolLM2-135M-Instruct. */
export const ofModel: readonly string[] = [
  "smollm2-1",
  "smollm2-2",
  "smollm2-3",
  "smollm2-4",
];

/** Rows of a tab-separated table; line breaks in texts are written \n. */
export function readRows(table: string): LabelledClaim[] {
  return table.trimEnd().split("\n").slice(1).map((line) => {
    const [
      kind,
      expected,
      subject,
      relation,
      object,
      polarity,
      experiencer,
      time,
      text,
      prompt = "",
    ] = line
      .split("\t");
    return {
      kind,
      expected,
      subject,
      relation,
      object,
      polarity,
      experiencer,
      time,
      text: text!.replaceAll("\\n", "\n"),
      prompt: prompt.replaceAll("\\n", "\n"),
    } as LabelledClaim;
  });
}

const names = (name: TextName, label: string): boolean =>
  label === "patient"
    ? name.person === "patient"
    : label === "family"
    ? name.person === "family"
    : [name.text, name.standsFor ?? name.text].some((one) => bare(one) === bare(label));

/** A name without its article and words of degree. */
const bare = (name: string): string => {
  const degrees = new RegExp(`^(?:the|an?|${degreesIn(name).join("|") || "the"})$`);
  return normalizeName(name).split(" ").filter((word) => !degrees.test(word)).join(" ");
};

/** Whether a claim is the labelled one: relation and polarity as labelled, or their other wording. */
function isLabelled(claim: CheckedTextClaim, row: LabelledClaim): boolean {
  const relation = row.relation.replaceAll(" ", "_");
  const forms = relation === "not_indicated"
    ? [["not_indicated", "affirmed"], ["treats", "denied"]]
    : relation === "presents" && (row.subject === "patient" || row.subject === "family")
    ? [["has", row.polarity]]
    : relation === "treats"
    ? [["treats", row.polarity], [
      "not_indicated",
      row.polarity === "denied" ? "affirmed" : "denied",
    ]]
    : [[relation, row.polarity]];
  const same = names(claim.subject, row.subject) && names(claim.object, row.object);
  const mirrored = (relation === "resembles" || relation === "associated") &&
    names(claim.subject, row.object) &&
    names(claim.object, row.subject);
  return (same || mirrored) &&
    forms.some(([one, polarity]) =>
      claim.relation === one && (claim.polarity === polarity || claim.extent === "few")
    ) &&
    claim.experiencer === row.experiencer && claim.time === row.time;
}

/** What becomes of a text as a whole: it is accepted where something is supported and nothing is refused. */
const outcomeOfText = (found: TextValidation): Outcome =>
  isRefused(found) ? "refused" : found.counts.supported > 0 ? "accepted" : "not read";

/** What becomes of the labelled claim; of several that fit the last one counts. */
function outcomeOfClaim(claims: readonly CheckedTextClaim[], row: LabelledClaim): Outcome {
  const found = claims.filter((claim) => isLabelled(claim, row)).at(-1);
  if (found === undefined || found.verdict === "not a claim") return "not read";
  return found.verdict === "supported" ? "accepted" : "refused";
}

/** What the validator does with each row; a row without a subject is about its whole text. */
export function judgeRows(
  k: Knowledge,
  rows: readonly LabelledClaim[],
  options: TextOptions,
): JudgedRow[] {
  return rows.map((row) => {
    const found = validateText(row.text, k, {
      ...options,
      ...(row.prompt === "" ? {} : { prompt: row.prompt }),
    });
    const { claims } = found;
    if (row.expected === "none") {
      const outcome = claims.some(({ verdict }) => verdict !== "not a claim") ? "a claim" : "none";
      return { row, outcome, right: outcome === "none", claims };
    }
    const outcome = row.subject === "" ? outcomeOfText(found) : outcomeOfClaim(claims, row);
    const right = outcome === (row.expected === "accept" ? "accepted" : "refused");
    return { row, outcome, right, claims };
  });
}

/** The confusion by kind, as lines of text. */
export function table(judged: readonly JudgedRow[]): string {
  const outcomes: readonly Outcome[] = ["accepted", "refused", "not read", "none", "a claim"];
  const lines = [["expected", "kind", "n", "right", ...outcomes].join("\t")];
  const add = (expected: string, kind: string, rows: readonly JudgedRow[]): void => {
    const count = (of: (row: JudgedRow) => boolean): number => rows.filter(of).length;
    lines.push(
      [
        expected,
        kind,
        rows.length,
        count(({ right }) => right),
        ...outcomes.map((outcome) => count((row) => row.outcome === outcome)),
      ].join("\t"),
    );
  };
  for (const expected of ["accept", "refuse", "none"]) {
    const rows = judged.filter(({ row }) => row.expected === expected);
    for (const kind of new Set(rows.map(({ row }) => row.kind))) {
      add(expected, kind, rows.filter(({ row }) => row.kind === kind));
    }
    add(expected, "all", rows);
  }
  return lines.join("\n");
}
