/**
 * What an answer claims together with its prompt: the diagnosis shows the findings of the case, diagnosis and drug are among
 * those offered, a bare answer completes the question, and lists are as long as was asked for.
 *
 * @module
 */
import type { TextReading } from "../text/claims.ts";
import { type Field, jointClaims, recordRule, tableRows } from "../text/labelled_lines.ts";
import type { CheckedTextClaim, TextClaim, TextName } from "../text/types.ts";
import { type AnswerContext, caseChecks } from "./case_checks.ts";
import { claimAt, idOf, offered, promptChecks } from "./prompt_checks.ts";
import { questionChecks } from "./question_claims.ts";

/** Claims for the judge, and those that the prompt alone decides. */
export interface AnswerClaims {
  /** About diseases and drugs. */
  readonly claims: readonly TextClaim[];
  /** Names of what the answer says that the patient has, of the diseases that are offered: they are decided by the offer. */
  readonly diagnoses: readonly TextName[];
  /** Decided already. */
  readonly checked: readonly CheckedTextClaim[];
}

const called =
  /(?:\b(?:diagnosis|condition|disease|illness|answer|likel(?:y|iest)|fits?|suggests?|points?\s+to)(?:\s+(?:here|is|of|would|must|be|remains|most|likely|probably|therefore|a|an|the))*|^\W*(?:this|it)\s+(?:is|was|must\s+be|looks\s+like)(?:\s+(?:an?|most|very|likely|probably|clearly))*)\s*$/i;
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
  const said = asked.claims.find(({ relation, object, polarity, experiencer, time, rule }) =>
    relation === "has" && rule !== recordRule && polarity === "affirmed" &&
    experiencer === "patient" && time === "now" &&
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

/** The disease that alone is named: in the questions, or else in the whole prompt but for the record of its patient. */
function soleDisease({ sentences, claims }: TextReading): TextName | undefined {
  const known = new Set(
    claims.filter(({ rule }) => rule === recordRule).map(({ object }) => object.start),
  );
  const only = (all: typeof sentences): TextName | undefined => {
    const names = all.flatMap(({ names }) => names).filter((name) =>
      idOf(name, "disease") !== undefined && !known.has(name.start)
    );
    return new Set(names.map((name) => idOf(name, "disease"))).size === 1 ? names[0] : undefined;
  };
  return only(sentences.filter(({ place }) => place.form === "question")) ?? only(sentences);
}

/**
 * What an answer claims together with its prompt.
 *
 * @param context The prompt as read, the answer, and what decides.
 * @param reading What was read in the answer.
 * @returns Claims for the judge and checks that the prompt decides; names of the prompt have their places in the prompt.
 */
export function answerClaims(context: AnswerContext, reading: TextReading): AnswerClaims {
  const { asked, text, fields } = context;
  const prompt = asked.text;
  const named = namedDisease(prompt, asked);
  const subject = named ?? soleDisease(asked);
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
  const rows = tableRows(context.knowledge, text);
  const claims: TextClaim[] = [
    ...jointClaims(fields, subject),
    ...rows.flatMap((row) => jointClaims(row)),
  ];
  if (disease !== undefined) {
    for (const { relation, object, polarity, experiencer, time, certainty, rule } of asked.claims) {
      if (
        relation === "has" && rule !== recordRule && polarity === "affirmed" &&
        experiencer === "patient" &&
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
    checked: [
      ...promptChecks(prompt, asked, text, fields, diagnosed),
      ...questionChecks(context),
      ...caseChecks({
        ...context,
        fields: [...fields, ...rows.flat()],
        ...(subject === undefined ? {} : { subject }),
      }),
    ],
  };
}
