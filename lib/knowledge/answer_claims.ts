/**
 * What an answer claims together with its prompt: the diagnosis shows the findings of the case, diagnosis and drug are among
 * those offered, a bare answer completes the question, and lists are as long as was asked for.
 *
 * @module
 */
import { asideRule, type Field, isAside, jointClaims } from "./labelled_lines.ts";
import { negators } from "./negation_cues.ts";
import { claimAt, idOf, offered, promptChecks } from "./prompt_checks.ts";
import type { TextReading } from "./text_claims.ts";
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
  return {
    claims,
    diagnoses: said?.names ?? [],
    checked: promptChecks(prompt, asked, text, fields, diagnosed),
  };
}
