/**
 * Labelled lines and JSON objects: "Diagnosis: gout", "Drug: allopurinol", {"findings": ["fever"]}. What one line says
 * follows only together with another, most often the diagnosis.
 *
 * @module
 */
import type { Knowledge } from "../types.ts";
import { contextOf } from "./context.ts";
import { type FieldRole, roleOf, wantedKinds } from "./line_labels.ts";
import { canBeName } from "./masked_sentence.ts";
import { meaningOf, namesIn } from "./names.ts";
import { deniedSpans } from "./negation.ts";
import type { Sentence } from "./sentences.ts";
import type { TextClaim, TextName, TextRelation } from "./types.ts";

/** A labelled value. */
export interface Field {
  /** What it is. */
  readonly role: FieldRole;
  /** The label in small letters. */
  readonly label: string;
  /** The names in it; words that the graph does not know are names without entities. */
  readonly names: readonly TextName[];
  /** Which of them are denied. */
  readonly denied: ReadonlySet<TextName>;
  /** Index of the first character of the value. */
  readonly start: number;
  /** Index after its last. */
  readonly end: number;
}

/** Values that only say what is to stand there. */
const blank =
  /^(?:one|two|three|four|five|all|the|an?|list|name|none|no|yes|unknown|n\/a|nothing|your|which|what|letter|symptom|disease|drug|class|not)\b/i;

/** Items of a value in which no name is known. */
function strangers(
  text: string,
  start: number,
  end: number,
  names: readonly TextName[],
): TextName[] {
  const found: TextName[] = [];
  let at = start;
  for (const piece of text.slice(start, end).split(/(,|;|\band\b|\bor\b|\+|\/|\(|\))/)) {
    const from = at;
    at += piece.length;
    const lead = /^[\s"'*[\]{}.-]*(?:[A-D][.)]\s+)?/.exec(piece)![0].length;
    const words = piece.slice(lead).replace(/[\s"'*[\]{}.!]+$/, "");
    if (
      !canBeName(words) || words.split(/\s+/).length > 3 || blank.test(words) ||
      names.some((name) => name.start < at && from < name.end)
    ) continue;
    const first = from + lead;
    found.push({ start: first, end: first + words.length, text: words, entities: [] });
  }
  return found;
}

/**
 * The value of a known label.
 *
 * @param k The graph.
 * @param text The whole text.
 * @param label The label in small letters.
 * @param start Where the value begins.
 * @param end Where it ends.
 * @returns The field; undefined for another label.
 */
export function fieldOf(
  k: Knowledge,
  text: string,
  label: string,
  start: number,
  end: number,
): Field | undefined {
  const named = roleOf(label);
  if (named === undefined) return undefined;
  const all = namesIn(k, text.slice(start, end), start, []).filter(({ person }) =>
    person === undefined
  );
  // What an old note finds under "objective" may be a part of the body.
  const isSite = label === "objective" && all.length > 0 &&
    all.every((name) => meaningOf(name, ["symptom", "disease"]) === undefined);
  const role = isSite ? "site" : named;
  const fitting = all.filter((name) => meaningOf(name, wantedKinds[role]) !== undefined);
  const rest = fitting.length === 0 ? all : fitting;
  const names = [...rest, ...strangers(text, start, end, all)].sort((a, b) => a.start - b.start);
  const flags = deniedSpans(
    text.slice(start, end),
    names.map((name) => ({ start: name.start - start, end: name.end - start })),
  );
  return { role, label, names, denied: new Set(names.filter((_, i) => flags[i])), start, end };
}

const pair = /"([A-Za-z_ -]{2,30})"\s*:\s*(\[[^\][{}]*\]|"(?:[^"\\\n]|\\.)*")/g;

/**
 * The values of a JSON object.
 *
 * @param k The graph.
 * @param text A text.
 * @returns Its fields; undefined where the text is no JSON object.
 */
export function jsonFields(k: Knowledge, text: string): Field[] | undefined {
  if (!/^\s*(?:```(?:json)?\s*)?\{\s*"/.test(text)) return undefined;
  return [...text.matchAll(pair)].flatMap(({ index, 0: all, 1: key, 2: value }) => {
    const start = index + all.length - value!.length;
    return fieldOf(k, text, key!.toLowerCase(), start, index + all.length) ?? [];
  });
}

const personalRoles: ReadonlySet<FieldRole> = new Set([
  "present",
  "absent",
  "history",
  "record",
  "family",
]);

/**
 * What a field says of the patient by itself.
 *
 * @param field A field.
 * @param text The whole text.
 * @param place Its line.
 * @param patient The patient's name.
 * @returns Claims of the relation `has`.
 */
export function personalClaims(
  field: Field,
  text: string,
  place: Pick<Sentence, "start" | "end">,
  patient: TextName,
): TextClaim[] {
  const { role, label, names, denied } = field;
  if (!personalRoles.has(role)) return [];
  return names.filter(({ entities }) => entities.length > 0).map((object): TextClaim => {
    const context = contextOf(text, object, place, names);
    const experiencer = role === "family" ? "family" : context.experiencer ?? "patient";
    return {
      subject: experiencer === "family"
        ? { ...patient, text: "family", person: "family" }
        : patient,
      relation: "has",
      object,
      polarity: (role === "absent") !== denied.has(object) ? "denied" : "affirmed",
      experiencer,
      time: role === "history" ? "past" : context.time,
      certainty: context.certainty,
      start: place.start,
      end: place.end,
      rule: role === "record" ? recordRule : `line ${label}`,
    };
  });
}

/** The cells of a row of a Markdown table, with their places. */
function cellsOf(text: string, start: number, row: string): { start: number; end: number }[] {
  const bars = [...row.matchAll(/\|/g)].map(({ index }) => start + index);
  return bars.slice(1).map((end, i) => {
    const cell = text.slice(bars[i]! + 1, end);
    const from = bars[i]! + 1 + cell.length - cell.trimStart().length;
    return { start: from, end: from + cell.trim().length };
  });
}

/**
 * The rows of a Markdown table, each as the fields that its header names.
 *
 * @param k The graph.
 * @param text A text.
 * @returns The fields of each row; none where the text has no table.
 */
export function tableRows(k: Knowledge, text: string): Field[][] {
  const rows = [...text.matchAll(/^[ \t]*\|.*\|[ \t]*$/gm)].map(({ index, 0: row }) =>
    cellsOf(text, index, row)
  );
  const [head, line, ...body] = rows;
  if (head === undefined || line === undefined) return [];
  const labels = head.map(({ start, end }) => text.slice(start, end).toLowerCase());
  return body.map((cells) =>
    cells.flatMap(({ start, end }, i) => fieldOf(k, text, labels[i] ?? "", start, end) ?? [])
  );
}

/** The rule of what else is known of a patient: no diagnosis has to explain it. */
export const recordRule = "entry of the record";

/** The rule of what a field rules out beside what it says: that is wrong only where it is known to be so. */
export const asideRule = "ruled out beside the answer";

/**
 * Whether a field rules a name out beside others: "gout, not asthma".
 *
 * @param field The field.
 * @param name One of its names.
 * @returns False where all names are ruled out.
 */
export const isAside = ({ names, denied }: Field, name: TextName): boolean =>
  denied.has(name) && denied.size < names.length;

/** Labels whose values speak for the diagnosis: a denied one is an error there. */
const isReason =
  /^(?:finding|symptom|sign|test|because|discriminating|for|shared|reasons?|evidence|clues?)$/;

/** A claim of two fields. */
function joint(
  subject: TextName,
  relation: TextRelation,
  object: TextName,
  field: Field,
  denied: boolean,
  rule: string,
): TextClaim {
  return {
    subject,
    relation,
    object,
    polarity: denied ? "denied" : "affirmed",
    experiencer: "general",
    time: "now",
    certainty: "stated",
    start: field.start,
    end: field.end,
    rule,
  };
}

/**
 * What the fields of one answer say together: the diagnosis shows the findings and affects the site, the drug treats it, the
 * class includes the drug.
 *
 * @param fields The fields of a text, and those of its prompt.
 * @param diagnosis The disease that they are about, where no field names it.
 * @returns Claims about diseases and drugs.
 */
export function jointClaims(fields: readonly Field[], diagnosis?: TextName): TextClaim[] {
  const own = fields.filter(({ role }) => role === "diagnosis").flatMap((field) =>
    field.names.filter((name) => !field.denied.has(name))
  );
  const disease = own.find(({ entities }) => entities.length > 0) ?? own[0] ?? diagnosis;
  const drugs = fields.filter(({ role }) =>
    role === "treats" || role === "modifies" || role === "palliates"
  )
    .flatMap(({ names }) => names);
  const claims: TextClaim[] = [];
  for (const field of fields) {
    const { role, label, names, denied } = field;
    for (const name of names) {
      const rule = isAside(field, name) ? asideRule : `lines diagnosis and ${label}`;
      const negative = denied.has(name);
      if (role === "class") {
        for (const drug of drugs) {
          claims.push(joint(name, "includes", drug, field, negative, `lines drug and ${label}`));
        }
      }
      if (disease === undefined) continue;
      if (role === "present" && (!negative || isReason.test(label))) {
        if (!name.entities.some(({ kind }) => kind === "disease") || meaningOf(name, ["symptom"])) {
          claims.push(joint(disease, "presents", name, field, negative, rule));
        }
      } else if (role === "site") {
        claims.push(joint(disease, "localizes", name, field, negative, rule));
      } else if (
        role === "treats" || role === "modifies" || role === "palliates" || role === "not_indicated"
      ) {
        claims.push(joint(name, role, disease, field, negative, rule));
      }
    }
  }
  return claims;
}
