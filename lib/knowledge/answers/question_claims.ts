/**
 * What an answer to a question states: the name that it gives stands in the relation that is asked for to what the question
 * is about; "yes" states what was asked, "no" that it is not so.
 *
 * @module
 */
import { candidates } from "../graph/names.ts";
import type { TextReading } from "../text/claims.ts";
import { asideRule, type Field, isAside } from "../text/labelled_lines.ts";
import { negators } from "../text/negation_cues.ts";
import { isFirstLine } from "../text/qualifiers.ts";
import { fitsKinds } from "../text/relation_links.ts";
import type { CheckedTextClaim, TextClaim, TextName, TextRelation } from "../text/types.ts";
import type { EntityKind } from "../types.ts";
import type { AnswerContext } from "./case_checks.ts";
import { asksForDefinition, tellsDefinition } from "./definition_checks.ts";
import { claimAt, idOf } from "./prompt_checks.ts";

/** Asks for what must not be given. */
const forbidding =
  /\b(?:avoid\w*|contraindicat\w*|unsafe|danger\w*|harm\w*|forbid\w*|forbidden|mistake|(?:speaks?|rules?)\s+(?:against|out)|rule\s+out|cupboard|(?:must|should|may|need)\s+(?:not|never)|(?:is|are)\s+not\s+to\s+be|never\s+be\s+(?:given|used|taken))\b/i;

const denyingQuestion = new RegExp(`\\b(?:${negators}|except|least)\\b`, "i");

/** What is left out beside what is asked for: "includes asthma but not gout". */
const besides =
  /\b(?:but|and|while|whereas|unlike|leaves\s+out)\b[^.?!]*\b(?:not|out)\b|,?\s*while\b[^.?!]*/gi;

const hierarchy =
  /\b(?:kinds?|types?|broader|category|belongs?|classified|classification|forms?|groups?|falls?|headings?|covers|chapter|includes|among\s+which)\b/i;

/** Words before a disease of which the answer is to be a kind. */
const kindOf =
  /\b(?:(?:kind|type|form)s?\s+of|falls?\s+under|classified\s+as|chapter\s+on)\s+(?:an?\s+|the\s+)?$/i;
/** Words behind it. */
const isGroup =
  /^\s+(?:is|are)\s+(?:an?\s+)?(?:group|heading|class|kind)\s+(?:of\s+diseases|that\s+includes)/i;

/** The relation of a drug to a disease that the words of a question or statement name. */
function drugRelation(words: string): TextRelation {
  if (/not\s+indicated/i.test(words)) return "not_indicated";
  if (/disease[- ]modifying/i.test(words)) return "modifies";
  if (/symptomatic|relie\w+/i.test(words)) return "palliates";
  if (forbidding.test(words)) return "contraindicated";
  return isFirstLine(words) ? "first_line" : "treats";
}

type Reading = readonly [subject: TextName, relation: TextRelation, object: TextName];

/** Two diseases in a hierarchy, both ways round where the words do not tell. */
function kinds(words: string, anchor: TextName, answer: TextName): Reading[] {
  const at = words.toLowerCase().indexOf(anchor.text.toLowerCase());
  const lead = at < 0 ? "" : words.slice(0, at);
  const rest = at < 0 ? "" : words.slice(at + anchor.text.length);
  const [up, down]: Reading[] = [[anchor, "is_a", answer], [answer, "is_a", anchor]];
  if (kindOf.test(lead) || isGroup.test(rest)) return [down!];
  return [up!];
}

/** What two names can have to do with each other, by their kinds and the words around the first. */
function readingsOf(words: string, anchor: TextName, answer: TextName): Reading[] {
  const has = (name: TextName, kind: EntityKind): boolean => idOf(name, kind) !== undefined;
  const strange = answer.entities.length === 0;
  const found: Reading[] = [];
  const isCondition = has(answer, "disease") || has(answer, "symptom") || strange;
  if (has(anchor, "drug")) {
    if (has(answer, "class") || (strange && /class/i.test(words))) {
      found.push([answer, "includes", anchor]);
    } else if (isCondition) found.push([anchor, drugRelation(words), answer]);
  }
  if (has(anchor, "class") && (has(answer, "drug") || strange)) {
    found.push([anchor, "includes", answer]);
  }
  if (has(answer, "drug") && (has(anchor, "disease") || has(anchor, "symptom"))) {
    found.push([answer, drugRelation(words), anchor]);
  }
  if (has(anchor, "disease")) {
    if (hierarchy.test(words) && (has(answer, "disease") || strange)) {
      found.push(...kinds(words, anchor, answer));
    } else if (has(answer, "symptom")) found.push([anchor, "presents", answer]);
    else if (has(answer, "anatomy")) found.push([anchor, "localizes", answer]);
    else if (has(answer, "disease") && !has(anchor, "symptom")) {
      found.push([anchor, "resembles", answer]);
    } else if (strange) {
      const drug = /\b(?:drugs?|medicines?|medications?|treat\w*|therapy|agents?|relie\w+)\b/i;
      const site = /body|where|located|site|affect/i.test(words);
      found.push(
        drug.test(words)
          ? [answer, drugRelation(words), anchor]
          : [anchor, site ? "localizes" : "presents", answer],
      );
    }
  }
  if (has(anchor, "symptom") && (has(answer, "disease") || strange)) {
    found.push([answer, "presents", anchor]);
  }
  if (has(anchor, "anatomy") && (has(answer, "disease") || strange)) {
    found.push([answer, "localizes", anchor]);
  }
  return found;
}

/** A question: its words and the names in them. */
interface Question {
  readonly words: string;
  readonly anchors: readonly TextName[];
  /** Its sentences that ask. */
  readonly asks: string;
  /** Whether several answers are listed behind it. */
  readonly lists: boolean;
}

const options = /^[ \t]*[A-H][.)][ \t]+\S/m;
const replyForm = /\b(?:reply|respond|answer)\s+(?:in|with|only|by|as)\b/i;

/** More names in a question are not tried: the time that it takes stays bounded. */
const mostAnchors = 20;

/** The question of a prompt: everything before the options and the form of the reply. */
function questionOf({ text, sentences }: TextReading): Question {
  const [listed, form] = [text.search(options), text.search(replyForm)];
  const end = Math.min(...[listed, form].filter((at) => at >= 0), text.length);
  const anchors = sentences.filter(({ place }) => place.start < end).flatMap(({ names }) => names)
    .filter(({ start, person, entities }) =>
      start < end && person === undefined && entities.length > 0
    ).slice(0, mostAnchors);
  const asking = sentences.filter(({ place }) => place.start < end && place.form !== "statement")
    .map(({ place }) => text.slice(place.start, Math.min(place.end, end)));
  const words = text.slice(0, end);
  return { words, asks: asking.length > 0 ? asking.join(" ") : words, anchors, lists: listed >= 0 };
}

/** The verdict that speaks best for the answer: one reading that holds is enough. */
const bestOf = (checked: readonly CheckedTextClaim[]): CheckedTextClaim | undefined =>
  checked.find(({ verdict }) => verdict === "supported") ??
    checked.find(({ verdict }) => verdict === "contradicted") ?? checked[0];

/** "Answer: gout" to a question for the disease of a definition. */
function definitionCheck(
  { knowledge, asked }: AnswerContext,
  field: Field,
): CheckedTextClaim | undefined {
  const name = field.names.find((one) => idOf(one, "disease") !== undefined);
  // A name of the tables may be one of the ontology's for something else.
  const called = name === undefined ? [] : candidates(knowledge, name.text, "disease");
  const diseases = called.map(({ entity }) => entity);
  const disease = diseases.find((one) => tellsDefinition(asked.text, one)) ?? diseases[0];
  if (name === undefined || disease === undefined) return undefined;
  const told = tellsDefinition(asked.text, disease);
  const text: TextName = { ...field, text: "the definition", entities: [] };
  return {
    ...claimAt(field, text, "is_a", name, "definition and answer"),
    verdict: told ? "supported" : "unknown",
    path: [`${disease.name} (${disease.id}): ${disease.definition ?? "no definition"}`],
    reason: told ? "the prompt tells its definition" : "the prompt tells no definition of it",
  };
}

/** So many meanings of one name are tried. */
const mostMeanings = 4;

/** The names of an answer in the relation that the question asks for. */
function namedAnswers(
  { knowledge, decide }: AnswerContext,
  question: Question,
  field: Field,
): CheckedTextClaim[] {
  const { words, asks, anchors, lists } = question;
  const asked = asks.replace(/not\s+indicated/i, "").replace(forbidding, "").replace(besides, "");
  const denies = denyingQuestion.test(asked);
  const checked = field.names.flatMap((name): CheckedTextClaim[] => {
    const denied = denies !== field.denied.has(name);
    const rule = isAside(field, name) ? asideRule : "question and answer";
    const polarity = denied ? "denied" : "affirmed";
    const judge = (answer: TextName): CheckedTextClaim | undefined => {
      const claims = anchors.filter(({ text }) => text.toLowerCase() !== name.text.toLowerCase())
        .flatMap((anchor) => readingsOf(words, anchor, answer))
        .map((reading) => claimAt(field, ...reading, rule, polarity));
      return bestOf(decide(denied ? claims.slice(0, 1) : claims));
    };
    const best = judge(name);
    if (best === undefined || best.verdict === "supported" || denied) return [best ?? []].flat();
    // A name of the tables may be one of the ontology's for something else.
    const others = candidates(knowledge, name.text, "disease").slice(0, mostMeanings);
    const other = others.map(({ entity }) => judge({ ...name, entities: [entity] }))
      .find((checked) => checked?.verdict === "supported");
    return [other ?? best];
  });
  // An option is one answer, even where two names are found in it.
  return lists ? [bestOf(checked) ?? []].flat() : checked;
}

const agrees = /^\W*(?:yes|true|right|correct|agreed)\s*(?:$|[.,;:!])/i;
const disagrees = /^\W*(?:no|false|wrong|incorrect|disagreed)\s*(?:$|[.,;:!])/i;

/** What a prompt puts up to be judged: the claims of its sentences, or what its two names have to do with each other. */
function statedIn(asked: TextReading, { words, anchors }: Question): TextClaim[][] {
  const read = asked.claims.filter((claim) => claim.start < words.length && fitsKinds(claim))
    .map((claim) => [{ ...claim, certainty: "stated" as const }]);
  const [a, b] = anchors.filter(({ standsFor }) => standsFor === undefined);
  if (read.length > 0 || a === undefined || b === undefined) return read;
  const place = { start: a.start, end: b.end };
  const polarity = denyingQuestion.test(words.replace(forbidding, "")) ? "denied" : "affirmed";
  return [
    readingsOf(words, a, b).map((one) => claimAt(place, ...one, "statement in question", polarity)),
  ];
}

/** "Yes" is right where every claim that was put up holds, "no" where one does not. */
function judgement(
  context: AnswerContext,
  question: Question,
  field: Field,
): CheckedTextClaim[] {
  const { asked, text, decide } = context;
  const answer = text.slice(field.start, field.end);
  const yes = agrees.test(answer);
  if (asksForDefinition(asked.text)) {
    const [name] = question.anchors.filter((one) => idOf(one, "disease") !== undefined);
    const found = name && definitionCheck(context, { ...field, names: [name] });
    if (found === undefined) return [];
    return [{
      ...found,
      verdict: yes === (found.verdict === "supported") ? "supported" : "unknown",
    }];
  }
  const best = statedIn(asked, question).flatMap((claims) => bestOf(decide(claims)) ?? []);
  const failing = best.find(({ verdict }) => verdict !== "supported");
  const shown = failing ?? best[0];
  if (shown === undefined) return [];
  const rule = "yes or no";
  if (yes) return [{ ...shown, rule }];
  return [{
    ...shown,
    rule,
    verdict: failing === undefined ? "contradicted" : "supported",
    reason: `answered no: ${shown.reason}`,
  }];
}

/**
 * Whether an answer says no more of a statement than that it is right or wrong.
 *
 * @param text The answer.
 * @param field Its answer line.
 * @returns True for yes, no and words of that kind.
 */
export function isJudgement(text: string, { start, end }: Field): boolean {
  const value = text.slice(start, end);
  return agrees.test(value) || disagrees.test(value);
}

/**
 * The claims that the answer lines of a text make of the question of its prompt.
 *
 * @param context The prompt as read, the answer, and what decides.
 * @returns Checked claims.
 */
export function questionChecks(context: AnswerContext): CheckedTextClaim[] {
  const { asked, text, fields } = context;
  const question = questionOf(asked);
  return fields.filter(({ role }) => role === "answer").flatMap((field) => {
    if (isJudgement(text, field)) return judgement(context, question, field);
    if (asksForDefinition(asked.text)) return definitionCheck(context, field) ?? [];
    return namedAnswers(context, question, field);
  });
}
