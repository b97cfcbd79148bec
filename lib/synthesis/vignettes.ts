/**
 * Vignettes written by hand, in groups of four: four diseases that can be taken for one another, each the right one once.
 * Their items belong to `test-wordings`: no wording of the families reads like them.
 *
 * @module
 */
import { join } from "@std/path";
import { z } from "zod";
import {
  type Clinical,
  type Concept,
  conceptKey,
  type DiseaseFinding,
  type DiseaseProfile,
  isShown,
  type Treatment,
} from "../knowledge/mod.ts";
import {
  dataFolder,
  hashJson,
  parseConfig,
  parseJsonLines,
  readText,
  type Schema,
  UsageError,
  WorkbenchError,
} from "../runtime/mod.ts";
import type { Check } from "./check.ts";
import type { Decision, Item, ItemClaim } from "./item.ts";
import { line } from "./tasks/field_checks.ts";
import { lines, listed } from "./tasks/phrasing.ts";

/** A patient in a person's words, with what the text says by the curated tables. */
export interface WrittenVignette {
  /** Its group; the four vignettes of a group stand together. */
  readonly group: string;
  /** The disease by its name in the tables. */
  readonly disease: string;
  /** Concept id of the disease. */
  readonly id: string;
  /** A drug for the disease that is for no other of the group, by its name in the tables; all four of a group have one or none. */
  readonly drug?: string;
  /** The patient's sex, where the text tells it. */
  readonly sex?: "female" | "male";
  /** The patient's age in years, where the text tells it. */
  readonly age?: number;
  /** Typical findings of the disease that the text tells, in the words of their rows. */
  readonly present: readonly string[];
  /** Findings that the text denies, in the words of a row of another disease. */
  readonly denied: readonly string[];
  /** What the clinician, the patient or a relative wrote or said. */
  readonly text: string;
}

const text = z.string().min(1);

/** Schema of one vignette, one line of the file. */
const writtenVignetteSchema: Schema<WrittenVignette> = z.strictObject({
  group: text,
  disease: text,
  id: text,
  drug: text.exactOptional(),
  sex: z.enum(["female", "male"]).exactOptional(),
  age: z.int().min(0).max(120).exactOptional(),
  present: z.array(text).min(2),
  denied: z.array(text),
  text,
});

/** Diseases, and so vignettes, of a group. */
const groupSize = 4;

/** The family of the items made of vignettes. */
export const vignetteFamily = "vignette-written";

/** Raised when the items of the same vignettes change meaning. */
const vignetteVersion = 1;

/**
 * Which candidate stands at which place, a row for each vignette of a group: two orthogonal Latin squares. In each, every
 * candidate stands once at every place, and so does the right one, number `i` in row `i`; the right disease and the right
 * drug stand at the same place in one row of four.
 */
const candidateOrder = [[0, 1, 2, 3], [2, 3, 0, 1], [3, 2, 1, 0], [1, 0, 3, 2]] as const;
const drugOrder = [[0, 1, 2, 3], [3, 2, 1, 0], [1, 0, 3, 2], [2, 3, 0, 1]] as const;

/**
 * Reads the vignettes of a data folder.
 *
 * @param folder Holds `vignettes/vignettes.jsonl`; the project's `data/` when left out.
 * @returns The vignettes in the order of the file, those of a group together.
 * @throws WorkbenchError when the file is missing or, in the project's data, changed.
 * @throws UsageError when a line is no vignette, or a group is not four vignettes in a row of different diseases, with four
 * different drugs or none.
 */
export async function readVignettes(folder: string = dataFolder()): Promise<WrittenVignette[]> {
  const path = join(folder, "vignettes", "vignettes.jsonl");
  const content = await readText(path);
  if (content === undefined) throw new WorkbenchError(`Expected a file ${path} but found none`);
  const vignettes = parseJsonLines(content, path).map(({ value, where }) =>
    parseConfig(writtenVignetteSchema, value, where)
  );
  checkGroups(groupsOf(vignettes), path);
  return vignettes;
}

/** Runs of vignettes with the same group. */
function groupsOf(vignettes: readonly WrittenVignette[]): WrittenVignette[][] {
  const groups: WrittenVignette[][] = [];
  for (const vignette of vignettes) {
    const last = groups.at(-1);
    if (last?.[0]?.group === vignette.group) last.push(vignette);
    else groups.push([vignette]);
  }
  return groups;
}

function checkGroups(groups: readonly (readonly WrittenVignette[])[], path: string): void {
  const seen = new Set<string>();
  for (const group of groups) {
    checkGroup(group, path);
    const { group: name } = group[0]!;
    if (seen.has(name)) {
      throw new UsageError(`Expected every group once but found ${name} again in ${path}`);
    }
    seen.add(name);
  }
}

function checkGroup(group: readonly WrittenVignette[], path: string): void {
  const { group: name } = group[0]!;
  const fault = (expected: string, found: string): never => {
    throw new UsageError(`Expected the group ${name} to ${expected} but found ${found} in ${path}`);
  };
  if (group.length !== groupSize) fault("be 4 vignettes in a row", `${group.length}`);
  const diseases = new Set(group.map(({ id }) => id));
  if (diseases.size < groupSize) fault("have 4 different diseases", [...diseases].join(", "));
  const drugs = new Set(group.flatMap(({ drug }) => drug ?? []));
  if (drugs.size !== groupSize && drugs.size > 0) {
    fault("have 4 different drugs or none", [...drugs].join(", "));
  }
}

/** A vignette with its rows of the tables. */
interface Grounded {
  readonly vignette: WrittenVignette;
  readonly profile: DiseaseProfile;
  readonly present: readonly DiseaseFinding[];
  readonly treatment?: Treatment;
}

/**
 * Items that ask for the diagnosis of each vignette and, where its group has drugs, for the drug.
 *
 * The candidates are the four diseases of the group and the drugs their four drugs, in Latin squares, so neither names nor
 * places tell an answer. What decides is the vignette, which is the item's evidence.
 *
 * @param clinical The curated tables whole, by-hand rows included, joined with the graph.
 * @param vignettes Whole groups, as {@linkcode readVignettes} gives them.
 * @returns An item for each vignette, in order, of the family `vignette-written` and the split `test-wordings`.
 * @throws UsageError when a group is not whole, or a disease, a finding or a drug is not in the tables as the vignette says.
 */
export async function vignetteItems(
  clinical: Clinical,
  vignettes: readonly WrittenVignette[],
): Promise<Item[]> {
  const groups = groupsOf(vignettes);
  checkGroups(groups, "the vignettes");
  const items: Item[] = [];
  for (const group of groups) {
    const grounded = group.map((vignette) => groundVignette(clinical, vignette));
    for (const place of grounded.keys()) {
      items.push(await itemOf(grounded, place, items.length + 1));
    }
  }
  return items;
}

/** The rows that a vignette names. */
function groundVignette({ diseases, names }: Clinical, vignette: WrittenVignette): Grounded {
  const { group, disease, id, drug } = vignette;
  const missing = (expected: string, found: string): never => {
    throw new UsageError(
      `Expected ${expected} but found ${
        JSON.stringify(found)
      } in the vignette of ${disease} in the group ${group}`,
    );
  };
  const profile = diseases.get(id);
  if (profile === undefined || profile.disease.name !== disease) {
    return missing("name and id of one disease of the tables", `${disease} (${id})`);
  }
  const present = vignette.present.map((words) =>
    profile.findings.find((row) => row.text === words && row.rating === "typical") ??
      missing(`a typical finding of ${disease}`, words)
  );
  if (drug === undefined) return { vignette, profile, present };
  const named = names.drug.byName.get(conceptKey(drug));
  const treatment =
    profile.treatments.find((row) => row.role !== "uncommon" && row.drug.id === named?.id) ??
      missing(`a first-line or accepted drug for ${disease}`, drug);
  return { vignette, profile, present, treatment };
}

/** One item: the vignette at a place of its group, with all candidates of the group. */
async function itemOf(group: readonly Grounded[], place: number, number: number): Promise<Item> {
  const { vignette, profile, present, treatment } = group[place]!;
  const { disease } = profile;
  const decisions: Decision[] = [
    decide("Diagnosis", candidateOrder[place]!, place, (i) => group[i]!.profile.disease.name),
  ];
  if (treatment !== undefined) {
    decisions.push(
      decide("Treatment", drugOrder[place]!, place, (i) => group[i]!.vignette.drug!),
    );
  }
  const labels = decisions.map(({ where }) => where.format === "line" ? where.field : "");
  const answers = decisions.map(({ options, answer }) => options[answer]!);
  const [candidates, drugs] = decisions.map(({ options }) => listed(options, "or"));
  const prompt = [
    vignette.text,
    drugs === undefined
      ? `Which of these is it: ${candidates}? Reply in one line:`
      : `Which of these is it: ${candidates}? Drugs: ${drugs}. Reply in two lines:`,
    "Diagnosis: one disease",
    ...(drugs === undefined ? [] : ["Treatment: one drug"]),
  ].join("\n");
  const reference = lines(labels.map((label, i) => [label, answers[i]!]));
  const checks: Check[] = [
    {
      kind: "entities",
      capability: "reasoning",
      where: line("Diagnosis"),
      entity: "disease",
      accepted: [disease.id],
      count: 1,
    },
    ...(treatment === undefined ? [] : [drugCheck(treatment)]),
    { kind: "labels", capability: "instruction", labels },
  ];
  const shared = { family: vignetteFamily, version: vignetteVersion, prompt, reference, checks };
  return {
    id: await hashJson(shared),
    capability: "reasoning",
    split: "test-wordings",
    ...shared,
    claims: claimsOf(disease, present, treatment),
    decisions,
    evidence: vignette.text,
    group: `${vignetteFamily} ${vignette.group}`,
    case: await hashJson(["case", disease.id, ...present.map(({ finding }) => finding.id).sort()]),
    template: `written/${number}`,
  };
}

function decide(
  field: string,
  order: readonly number[],
  place: number,
  nameOf: (candidate: number) => string,
): Decision {
  return { where: line(field), options: order.map(nameOf), answer: order.indexOf(place) };
}

const drugPredicate = ({ role }: Treatment): "treats" | "palliates" =>
  role === "symptom relief" ? "palliates" : "treats";

function drugCheck(treatment: Treatment): Check {
  return {
    kind: "fact",
    capability: "domain",
    where: line("Treatment"),
    entity: "drug",
    predicate: drugPredicate(treatment),
    side: "subject",
    anchor: treatment.disease.id,
    count: 1,
  };
}

/** What the item rests on: the findings that patients show (history and red flags are no `presents`), and the drug. */
function claimsOf(
  disease: Concept,
  present: readonly DiseaseFinding[],
  treatment: Treatment | undefined,
): ItemClaim[] {
  const findings = present.filter(isShown).map(({ finding }): ItemClaim => ({
    subject: disease.id,
    predicate: "presents",
    object: finding.id,
  }));
  return treatment === undefined ? findings : [...findings, {
    subject: treatment.drug.id,
    predicate: drugPredicate(treatment),
    object: disease.id,
  }];
}
