/**
 * What an answer claims together with its prompt: the diagnosis shows the findings of the case, diagnosis and drug are among
 * those offered, a bare answer completes the question, and lists are as long as was asked for.
 *
 * @module
 */
import { asideRule, type Field, isAside, jointClaims } from "./labelled_lines.ts";
import { negators } from "./negation_cues.ts";
import type { TextReading } from "./text_claims.ts";
import { meaningOf } from "./text_names.ts";
import { isFirstLine } from "./text_qualifiers.ts";
import type { CheckedTextClaim, TextClaim, TextName, TextRelation } from "./text_types.ts";
import type { EntityKind } from "./types.ts";

/** Claims for the judge, and those that the prompt alone decides. */
export interface AnswerClaims {
  /** About diseases and drugs. */
  readonly claims: readonly TextClaim[];
  /** Names of what the answer says that the patient has, of the diseases that are offered: they are decided by the offer. */
  readonly diagnoses: readonly TextName[];
  /** Decided already. */
  readonly checked: readonly CheckedTextClaim[];
}

const idOf = (name: TextName, kind: EntityKind): string | undefined => meaningOf(name, [kind])?.id;

const claimAt = (
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

/** Names of a kind that the prompt's questions and lists put up for choice. */
function offered(asked: TextReading, role: Field["role"], kind: EntityKind): TextName[] {
  const lists = asked.fields.filter((field) => field.role === role).map(({ names }) => names);
  const questions = asked.sentences.filter(({ place }) => place.form === "question").map((
    { names },
  ) => names);
  return [...lists, ...questions].flatMap((names) => {
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

/** A diagnosis line that names no disease but denies one. */
function deniedDiagnoses(fields: readonly Field[]): CheckedTextClaim[] {
  return fields.filter(({ names, denied }) =>
    names.length > 0 && names.every((name) => denied.has(name))
  )
    .map((field): CheckedTextClaim => ({
      ...claimAt(
        field,
        words("patient", field),
        "has",
        field.names[0]!,
        "a diagnosis that is none",
        "denied",
      ),
      verdict: "contradicted",
      path: [],
      reason: "the line names only what is denied",
    }));
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
const forms: readonly (readonly [demand: RegExp, count: (text: string) => number])[] = [
  [
    new RegExp(`\\bexactly ${formNumber} bullets?\\b`, "i"),
    (text) => text.match(/^[ \t]*[-*•][ \t]/gm)?.length ?? 0,
  ],
  [
    new RegExp(`\\bexactly ${formNumber} sentences?\\b`, "i"),
    (text) => text.match(/[.!?](?=\s|$)/g)?.length ?? 0,
  ],
  [
    new RegExp(`\\bin ${formNumber} lines?\\b`, "i"),
    (text) => text.split("\n").filter((line) => line.trim() !== "").length,
  ],
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

const denyingQuestion = new RegExp(`\\b(?:${negators}|except|least)\\b`, "i");

/** Asks for what must not be given. */
const forbidding =
  /\b(?:avoid\w*|contraindicat\w*|unsafe|dangerous|(?:must|should|may)\s+(?:not|never)|never\s+be\s+(?:given|used|taken))\b/i;

/** The relation between two names, by their kinds and the words of the question. */
function relationOf(
  question: string,
  anchor: TextName,
  answer: TextName,
): readonly [subject: TextName, relation: TextRelation, object: TextName] | undefined {
  const has = (name: TextName, kind: EntityKind): boolean => idOf(name, kind) !== undefined;
  const strange = answer.entities.length === 0;
  const drug = /\b(?:drugs?|medicines?|medications?|treat\w*|therapy|agents?|relie\w+)\b/i.test(
    question,
  );
  const drugRelation: TextRelation = /not\s+indicated/i.test(question)
    ? "not_indicated"
    : /disease[- ]modifying/i.test(question)
    ? "modifies"
    : /symptomatic|relie\w+/i.test(question)
    ? "palliates"
    : forbidding.test(question)
    ? "contraindicated"
    : isFirstLine(question)
    ? "first_line"
    : "treats";
  const hierarchy = /\b(?:kind|type|broader|category|belongs?|classified|form)\b/i.test(question);
  if (has(anchor, "drug")) {
    if (has(answer, "class") || (strange && /class/i.test(question))) {
      return [answer, "includes", anchor];
    }
    if (has(answer, "disease") || strange) return [anchor, drugRelation, answer];
  }
  if (has(anchor, "class") && (has(answer, "drug") || strange)) return [anchor, "includes", answer];
  if (has(anchor, "disease")) {
    if (hierarchy && (has(answer, "disease") || strange)) return [anchor, "is_a", answer];
    if (has(answer, "symptom")) return [anchor, "presents", answer];
    if (has(answer, "anatomy")) return [anchor, "localizes", answer];
    if (has(answer, "drug") || (strange && drug)) return [answer, drugRelation, anchor];
    if (has(answer, "disease")) return [anchor, "resembles", answer];
    if (strange) {
      return [
        anchor,
        /body|where|located|site|affect/i.test(question) ? "localizes" : "presents",
        answer,
      ];
    }
  }
  if (has(anchor, "symptom") && (has(answer, "disease") || strange)) {
    return [answer, "presents", anchor];
  }
  if (has(anchor, "anatomy") && (has(answer, "disease") || strange)) {
    return [answer, "localizes", anchor];
  }
  return undefined;
}

const questionWords = /\b(?:which|what|name|where)\b/i;

/** "Answer: fever" completes the question where that names one thing. */
function answers(prompt: string, asked: TextReading, fields: readonly Field[]): TextClaim[] {
  const question = asked.sentences.find(({ place, names }) =>
    (place.form === "question" || place.form === "instruction") && names.some(({ entities }) =>
      entities.length > 0
    ) &&
    questionWords.test(prompt.slice(place.start, place.end))
  );
  const anchors = question?.names.filter(({ entities }) => entities.length > 0) ?? [];
  const anchor = anchors[0];
  if (question === undefined || anchor === undefined || anchors.length > 1) return [];
  const sentence = prompt.slice(question.place.start, question.place.end);
  if (
    /\b(?:definition|defined)\b/i.test(sentence) || question.place.label?.includes("definition")
  ) return [];
  return fields.filter(({ role }) => role === "answer").flatMap((field) =>
    field.names.flatMap((name): TextClaim[] => {
      const read = relationOf(sentence, anchor, name);
      if (read === undefined) return [];
      const denied =
        denyingQuestion.test(sentence.replace(/not\s+indicated/i, "").replace(forbidding, "")) !==
          field.denied.has(name);
      const rule = isAside(field, name) ? asideRule : "question and answer";
      return [claimAt(field, ...read, rule, denied ? "denied" : "affirmed")];
    })
  );
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

const called =
  /\b(?:diagnosis|condition|disease|illness|answer|likel(?:y|iest)|fits?|suggests?|points?\s+to)(?:\s+(?:here|is|of|would|must|be|remains|most|likely|probably|therefore|a|an|the))*\s*$/i;
const calledBehind =
  /^\s+(?:is|would\s+be|seems|remains)\s+(?:the\s+)?(?:most\s+likely|likeliest|likelier|right|correct|best|final|working|most\s+probable)\b/i;

/**
 * The diagnosis that the sentences of an answer make, as a field: what they say that the patient has, or call the diagnosis,
 * of the diseases that are offered.
 *
 * @param text The answer.
 * @param reading What was read in it.
 * @param choices The diseases that the prompt offers.
 * @returns A field; undefined where no sentence makes a diagnosis.
 */
function saidDiagnosis(
  text: string,
  { claims, sentences }: TextReading,
  choices: readonly TextName[],
): Field | undefined {
  const ids = new Set(choices.map((name) => idOf(name, "disease")));
  const has = claims.filter(({ relation, object, experiencer, time, certainty }) =>
    relation === "has" && experiencer === "patient" && time === "now" &&
    certainty !== "hypothetical" && ids.has(idOf(object, "disease"))
  );
  const named = sentences.flatMap(({ place, names }) =>
    names.filter((name) =>
      idOf(name, "disease") !== undefined && !has.some(({ object }) =>
        object.start === name.start
      ) &&
      (called.test(text.slice(place.start, name.start)) ||
        calledBehind.test(text.slice(name.end, place.end)))
    )
  );
  const names = [...has.map(({ object }) => object), ...named].sort((a, b) => a.start - b.start);
  if (ids.size < 2 || names.length === 0) return undefined;
  const denied = new Set(
    has.filter(({ polarity }) => polarity === "denied").map(({ object }) => object),
  );
  const place = { start: names[0]!.start, end: names.at(-1)!.end };
  return { role: "diagnosis", label: "said diagnosis", names, denied, ...place };
}

/** The disease that the prompt itself names as its patient's or as its subject. */
function namedDisease(prompt: string, asked: TextReading): TextName | undefined {
  const field = asked.fields.find(({ role, names }) =>
    role === "diagnosis" && names[0]?.entities.length
  )?.names[0];
  if (field !== undefined) return field;
  const said = asked.claims.find(({ relation, object, polarity, experiencer, time }) =>
    relation === "has" && polarity === "affirmed" && experiencer === "patient" && time === "now" &&
    idOf(object, "disease") !== undefined && idOf(object, "symptom") === undefined
  );
  if (said !== undefined) return said.object;
  const labelled = asked.sentences.flatMap(({ names }) => names).find((name) =>
    idOf(name, "disease") !== undefined &&
    /\bdiagnosis(?:\s+of|\s+is)?\s*$/i.test(prompt.slice(0, name.start).slice(-16))
  );
  if (labelled !== undefined) return labelled;
  return undefined;
}

/**
 * What an answer claims together with its prompt.
 *
 * @param prompt The prompt.
 * @param asked What was read in it.
 * @param text The answer.
 * @param reading What was read in it.
 * @returns Claims for the judge and checks that the prompt decides; names of the prompt have their places in the prompt.
 */
export function answerClaims(
  prompt: string,
  asked: TextReading,
  text: string,
  reading: TextReading,
): AnswerClaims {
  const { fields } = reading;
  const inQuestions = asked.sentences.filter(({ place }) => place.form === "question")
    .flatMap(({ names }) => names).filter((name) => idOf(name, "disease") !== undefined);
  const sole = new Set(inQuestions.map((name) => idOf(name, "disease"))).size === 1
    ? inQuestions[0]
    : undefined;
  const named = namedDisease(prompt, asked);
  const choices = offered(asked, "candidates", "disease");
  const said = saidDiagnosis(text, reading, choices);
  const diagnosed = [
    ...fields.filter(({ role }) => role === "diagnosis"),
    ...(said === undefined ? [] : [said]),
  ];
  const disease =
    diagnosed.flatMap(({ names, denied }) => names.filter((name) => !denied.has(name)))[0] ??
      named;
  const place = diagnosed[0] ?? { start: 0, end: text.length };
  const claims: TextClaim[] = [
    ...jointClaims(fields, named ?? sole),
    ...answers(prompt, asked, fields),
  ];
  if (disease !== undefined) {
    for (const { relation, object, polarity, experiencer, time, certainty } of asked.claims) {
      if (
        relation === "has" && polarity === "affirmed" && experiencer === "patient" &&
        time === "now" &&
        certainty !== "hypothetical" && idOf(object, "symptom") !== undefined
      ) claims.push(claimAt(place, disease, "presents", object, "finding of the case"));
    }
    for (const { place: { start, end }, names } of asked.sentences) {
      if (!/\b(?:is|are)\s+affected\b/i.test(prompt.slice(start, end))) continue;
      for (const name of names.filter((one) => idOf(one, "anatomy") !== undefined)) {
        claims.push(claimAt(place, disease, "localizes", name, "site of the case"));
      }
    }
  }
  const drugs = fields.filter(({ role }) =>
    role === "treats" || role === "modifies" || role === "palliates" || role === "not_indicated"
  );
  const differential = fields.filter(({ role }) => role === "candidates");
  return {
    claims,
    diagnoses: said?.names ?? [],
    checked: [
      ...choiceChecks(
        [...diagnosed, ...differential],
        choices,
        "disease",
      ),
      ...choiceChecks(drugs, offered(asked, "offered", "drug"), "drug"),
      ...deniedDiagnoses(diagnosed),
      ...countChecks(prompt, asked, fields),
      ...formChecks(prompt, text, fields),
      ...letterChecks(prompt, text, fields),
    ],
  };
}
