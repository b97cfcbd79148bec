/**
 * `deno task facts`: what the curated knowledge says of a disease or a claim, with its sources; samples of it for review.
 *
 * @module
 */
import { z } from "zod";
import {
  type Clinical,
  curatedEdges,
  loadClinical,
  loadKnowledge,
  raisedFlags,
  readName,
  redFlagRule,
  redFlagsOf,
  type Relation,
  relations,
  sampleEdges,
  type Sourced,
  standingOf,
} from "../../lib/knowledge/mod.ts";
import { runCommand, UsageError, writeFileAtomic } from "../../lib/runtime/mod.ts";

const schema = z.object({
  disease: z.string().default("").describe("Name or id of a disease: everything known of it"),
  claim: z.string().default("").describe(
    `SUBJECT; RELATION; OBJECT, with one of ${relations.join(", ")}: how it stands`,
  ),
  context: z.string().default("").describe("Text around the names, for ambiguous abbreviations"),
  sample: z.int().min(0).default(0).describe("Number of facts to draw for review"),
  seed: z.int().min(0).default(0).describe("Same seed, same sample"),
  screened: z.boolean().default(true).describe("Draw only from facts that may carry an answer"),
  published: z.boolean().default(false).describe("Leave out what rests on no published source"),
  out: z.string().default("").describe("File for the sample; the screen when left out"),
});

const says = (words: string, { sources, at }: Sourced): string =>
  `  ${words}  [${sources.join(", ")}; ${at}]`;

/** Everything known of a disease, line by line. */
function profileLines(
  clinical: Clinical,
  name: string,
  { context, published }: { readonly context: string; readonly published: boolean },
): string[] {
  const reading = readName(clinical.knowledge, clinical.names, "disease", name, context);
  if (reading.status === "ambiguous") throw new UsageError(reading.question);
  const profile = reading.status === "read" ? clinical.diseases.get(reading.concept.id) : undefined;
  if (profile === undefined) {
    throw new UsageError(
      `Expected a disease of the curated tables but found ${JSON.stringify(name)}`,
    );
  }
  const { disease, age, sex, findings, denials, treatments, tests, differentials } = profile;
  const flags = redFlagsOf(clinical, published);
  const raised = (row: typeof findings[number]): string =>
    raisedFlags(clinical, flags, [row]).length === 0 ? "" : ", needs urgent referral";
  return [
    `${disease.name} (${disease.id}): ${age.min} to ${age.max} years, ${sex} sex${
      sex === "both" ? "es" : ""
    }`,
    "findings",
    ...findings.map((row) => says(`${row.text} (${row.rating} ${row.kind}${raised(row)})`, row)),
    ...denials.map((row) => says(row.text, row)),
    "drugs",
    ...treatments.map((row) =>
      says(`${row.drug.name} (${[row.role, row.setting ?? ""].filter(Boolean).join(", ")})`, row)
    ),
    ...profile.noDrugIsFirstLine.map((row) => says(`no drug first (${row.setting ?? ""})`, row)),
    "tests",
    ...tests.map((row) => says(`${row.test} (${row.complaint})`, row)),
    "complaints",
    ...differentials.map((row) => says(`${row.complaint} (${row.likelihood})`, row)),
    redFlagRule(flags),
  ];
}

/** How a claim stands, line by line. */
function claimLines(clinical: Clinical, claim: string, context: string): string[] {
  const [subject = "", written = "", object = "", ...rest] = claim.split(";").map((part) =>
    part.trim()
  );
  const relation = relations.find((known: Relation) => known === written);
  if (relation === undefined || subject === "" || object === "" || rest.length > 0) {
    throw new UsageError(
      `Expected --claim to be SUBJECT; RELATION; OBJECT with one of ${
        relations.join(", ")
      } but found ${JSON.stringify(claim)}`,
    );
  }
  const { standing, reason, path } = standingOf(clinical, { subject, relation, object, context });
  return [`${standing}: ${reason}`, ...path.map((step) => `  ${step}`)];
}

await runCommand(
  {
    name: "facts",
    summary: "Says what the curated clinical knowledge says, and what says so.",
    schema,
    examples: [
      '--disease "heart attack"',
      '--claim "propranolol; treats; asthma"',
      "--sample 100 --seed 2 --out sample.tsv",
    ],
  },
  Deno.args,
  async ({ disease, claim, context, sample, seed, screened, published, out }) => {
    const knowledge = await loadKnowledge();
    const clinical = await loadClinical(knowledge, { published });
    for (const warning of clinical.warnings) console.error(`warning: ${warning}`);
    if (disease !== "") {
      console.log(profileLines(clinical, disease, { context, published }).join("\n"));
    }
    if (claim !== "") console.log(claimLines(clinical, claim, context).join("\n"));
    if (sample > 0) {
      const rows = sampleEdges(curatedEdges(clinical, screened), sample, seed).map((edge) =>
        [
          edge.subject,
          edge.relation,
          edge.object,
          edge.remark,
          edge.sources.join(";"),
          edge.at,
          "",
          "",
        ].join("\t")
      );
      const head = "subject\trelation\tobject\tremark\tsources\tat\trating\treason";
      const text = [head, ...rows, ""].join("\n");
      if (out === "") console.log(text.trimEnd());
      else await writeFileAtomic(out, text);
    }
    if (disease === "" && claim === "" && sample === 0) {
      console.log(`${clinical.diseases.size} diseases, ${curatedEdges(clinical).length} facts`);
    }
  },
);
