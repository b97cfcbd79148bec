/**
 * What a prompt alone decides about its answer: names against those that are offered, lists and lines as long as was asked
 * for, the letter of an option against its text.
 *
 * @module
 */
import type { TextReading } from "../text/claims.ts";
import { type Field, isAside } from "../text/labelled_lines.ts";
import { meaningOf } from "../text/names.ts";
import type { CheckedTextClaim, TextClaim, TextName, TextRelation } from "../text/types.ts";
import type { EntityKind } from "../types.ts";
import { offeredPlaces } from "./prompt_claims.ts";

/**
 * The id of what a name means of a kind.
 *
 * @param name A name.
 * @param kind The kind.
 * @returns The id, or undefined.
 */
export const idOf = (name: TextName, kind: EntityKind): string | undefined =>
  meaningOf(name, [kind])?.id;

/**
 * A claim at a place.
 *
 * @param place Where it stands.
 * @param subject Who or what.
 * @param relation The relation.
 * @param object To whom or what.
 * @param rule The rule.
 * @param polarity Affirmed when left out.
 * @returns The claim, of the patient where the relation is one of persons.
 */
export const claimAt = (
  place: { readonly start: number; readonly end: number },
  subject: TextName,
  relation: TextRelation,
  object: TextName,
  rule: string,
  polarity: TextClaim["polarity"] = "affirmed",
): TextClaim => ({
  subject,
  relation,
  object,
  polarity,
  experiencer: relation === "has" || relation === "takes" ? "patient" : "general",
  time: "now",
  certainty: "stated",
  start: place.start,
  end: place.end,
  rule,
});

const words = (
  text: string,
  place: { readonly start: number; readonly end: number },
): TextName => ({
  start: place.start,
  end: place.end,
  text,
  entities: [],
});

/**
 * Names of a kind that the prompt's questions and lists put up for choice.
 *
 * @param asked What was read in the prompt.
 * @param role The role of such lists.
 * @param kind The kind.
 * @returns Names; none where only one thing of the kind is named.
 */
export function offered(asked: TextReading, role: Field["role"], kind: EntityKind): TextName[] {
  const lists = asked.fields.filter((field) => field.role === role).map(({ names }) => names);
  const questions = asked.sentences.filter(({ place }) => place.form === "question").map((
    { names },
  ) => names);
  const places = offeredPlaces(asked);
  const chosen = asked.sentences.flatMap(({ names }) => names).filter(({ start }) =>
    places.has(start)
  );
  return [...lists, ...questions, chosen].flatMap((names) => {
    const fitting = names.filter((name) => idOf(name, kind) !== undefined);
    return new Set(fitting.map((name) => idOf(name, kind))).size > 1 ? fitting : [];
  });
}

/** A field's names against those that are offered. */
function choiceChecks(
  fields: readonly Field[],
  choices: readonly TextName[],
  kind: "disease" | "drug",
): CheckedTextClaim[] {
  const ids = new Set(choices.map((name) => idOf(name, kind)));
  if (ids.size < 2) return [];
  return fields.flatMap((field) =>
    field.names.filter((name) =>
      (idOf(name, kind) !== undefined || name.entities.length === 0) && !isAside(field, name)
    ).map(
      (name): CheckedTextClaim => {
        const denied = field.denied.has(name);
        const among = ids.has(idOf(name, kind)) && (!denied || field.role === "not_indicated");
        const list = choices.map(({ text }) => text).join(", ");
        const relation = kind === "drug" ? "takes" : "has";
        return {
          ...claimAt(field, words("patient", field), relation, name, `offered ${kind}s`),
          verdict: among ? "supported" : "contradicted",
          path: [`offered: ${list}`],
          reason: among ? "one of those offered" : denied ? "denied" : "none of those offered",
        };
      },
    )
  );
}

const numbers = ["zero", "one", "two", "three", "four", "five", "six"];
const template = /^\s*(?:the\s+)?(one|two|three|four|five|six)\b/i;
const jsonTemplate =
  /"([A-Za-z_ -]{2,30})"\s*\((?:a\s+)?(?:list\s+of\s+)?(?:the\s+)?(one|two|three|four|five|six)\b/g;

/** Lists of another length than the prompt asks for. */
function countChecks(
  prompt: string,
  asked: TextReading,
  fields: readonly Field[],
): CheckedTextClaim[] {
  const wanted = new Map<string, number>();
  for (const { label, start, end, names } of asked.fields) {
    const number = names.some(({ entities }) => entities.length > 0)
      ? undefined
      : template.exec(prompt.slice(start, end))?.[1];
    if (number !== undefined) wanted.set(label, numbers.indexOf(number.toLowerCase()));
  }
  for (const [, key, number] of prompt.matchAll(jsonTemplate)) {
    wanted.set(key!.toLowerCase(), numbers.indexOf(number!.toLowerCase()));
  }
  return fields.flatMap((field): CheckedTextClaim[] => {
    const count = wanted.get(field.label);
    if (count === undefined || field.names.length === 0) return [];
    const length = field.names.filter((name) => !isAside(field, name)).length;
    const same = length === count;
    return [{
      ...claimAt(
        field,
        words(field.label, field),
        "has",
        words(String(length), field),
        "number of items",
      ),
      verdict: same ? "supported" : "contradicted",
      path: [`asked for: ${count}`],
      reason: same ? "as many as asked for" : "not as many as asked for",
    }];
  });
}

const formNumber = "(one|two|three|four|five|six|\\d{1,2})";
const demand = (what: string): RegExp =>
  new RegExp(`\\b(?:in|exactly|write)\\s+${formNumber}\\s+(?:${what})\\b(?!\\s+each)`, "i");
const forms: readonly (readonly [demand: RegExp, count: (text: string) => number])[] = [
  [demand("bullets?|bullet\\s+points?"), (text) => text.match(/^[ \t]*[-*•][ \t]/gm)?.length ?? 0],
  [demand("sentences?"), (text) => text.match(/[.!?](?=\s|$)/g)?.length ?? 0],
  [demand("lines?"), (text) => text.split("\n").filter((line) => line.trim() !== "").length],
];

/** Other numbers of lines, bullets or sentences than the prompt asks for; "name one symptom" against the answer. */
function formChecks(prompt: string, text: string, fields: readonly Field[]): CheckedTextClaim[] {
  const answer = fields.find(({ role, names }) => role === "answer" && names.length > 0);
  const named = new RegExp(`\\b(?:name|state|give) ${formNumber} [a-z]+`, "i");
  const all = [
    ...forms,
    ...(answer === undefined
      ? []
      : [[named, () => answer.names.filter((name) => !isAside(answer, name)).length] as const]),
  ];
  const place = { start: 0, end: text.length };
  return all.flatMap(([demand, count]): CheckedTextClaim[] => {
    const found = demand.exec(prompt);
    if (found === null) return [];
    const at = numbers.indexOf(found[1]!.toLowerCase());
    const wanted = at < 0 ? Number(found[1]) : at;
    const is = count(text);
    return [{
      ...claimAt(
        place,
        words("answer", place),
        "has",
        words(String(is), place),
        "number asked for",
      ),
      verdict: is === wanted ? "supported" : "contradicted",
      path: [`asked for: ${found[0]}`],
      reason: is === wanted ? "as many as asked for" : "not as many as asked for",
    }];
  });
}

/** The letter of a four-option answer against its text. */
function letterChecks(prompt: string, text: string, fields: readonly Field[]): CheckedTextClaim[] {
  const options = new Map(
    [...prompt.matchAll(/^[ \t]*([A-D])[.)][ \t]+(\S.*?)[ \t]*$/gm)].map((
      [, letter, option],
    ) => [letter!, option!]),
  );
  if (options.size < 2) return [];
  return fields.filter(({ role }) => role === "answer").flatMap((field): CheckedTextClaim[] => {
    const said = /^\s*([A-D])[.)]\s*(.+?)\s*$/.exec(text.slice(field.start, field.end));
    if (said === null) return [];
    const option = options.get(said[1]!);
    const same = option?.toLowerCase() === said[2]!.toLowerCase().replace(/\.$/, "");
    return [{
      ...claimAt(
        field,
        words(said[1]!, field),
        "is_a",
        words(said[2]!, field),
        "letter and option",
      ),
      verdict: same ? "supported" : "contradicted",
      path: [`option ${said[1]}: ${option ?? "none"}`],
      reason: same ? "the option of this letter" : "another option has this letter",
    }];
  });
}

/**
 * Everything that the prompt decides by itself.
 *
 * @param prompt The prompt.
 * @param asked What was read in it.
 * @param text The answer.
 * @param fields The values of its labels.
 * @param diagnosed Those of them, and of its sentences, that name the diagnosis.
 * @returns Checked claims.
 */
export function promptChecks(
  prompt: string,
  asked: TextReading,
  text: string,
  fields: readonly Field[],
  diagnosed: readonly Field[],
): CheckedTextClaim[] {
  const drugs = fields.filter(({ role }) =>
    role === "treats" || role === "modifies" || role === "palliates" || role === "not_indicated"
  );
  const differential = fields.filter(({ role }) => role === "candidates");
  const diseases = offered(asked, "candidates", "disease");
  return [
    ...choiceChecks([...diagnosed, ...differential], diseases, "disease"),
    ...choiceChecks(drugs, offered(asked, "offered", "drug"), "drug"),
    ...countChecks(prompt, asked, fields),
    ...formChecks(prompt, text, fields),
    ...letterChecks(prompt, text, fields),
  ];
}
