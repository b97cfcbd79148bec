/**
 * The names in a sentence: entities of the graph, persons, and pronouns with what they stand for.
 *
 * @module
 */
import { mentions } from "../graph/mentions.ts";
import type { Entity, EntityKind, Knowledge } from "../types.ts";
import type { TextName } from "./types.ts";

/** More names in one sentence are not read: the time that it takes stays bounded. */
const mostNames = 60;

const adjectives = String.raw`(?:[\p{L}-]+\s+){0,3}?`;
const age = String
  .raw`(?:\d{1,3}|[a-z]+)[-\s](?:years?|months?|weeks?|days?|yr)[-\s]?(?:old|of\s+age)`;
const noun =
  "patient|man|woman|boy|girl|child|infant|baby|newborn|teenager|adolescent|lady|gentleman|male|female|student|smoker|farmer|worker|nurse|teacher|toddler|person";

/** One person whose case is told. "Patients with gout" and "any patient" are nobody in particular. */
const patient = new RegExp(
  String
    .raw`\b(?:(?:the|an?|this|that|our|my|your)\s+)(?:${age}\s+)?${adjectives}(?:${noun})(?:\s+(?:of|aged)\s+\d{1,3})?\b(?!['’]s|\s+(?:age|sex|group))|` +
    String
      .raw`^(?:woman|man|girl|boy|female|male),\s+(?:aged\s+)?\d{1,3}(?:\s+years?(?:\s+old)?)?\b|` +
    String.raw`\b\d{1,3}\s?-?(?:yo|y\/o|yr|year[-\s]old)?\s?(?:[MF]|man|woman|male|female)\b|` +
    String
      .raw`\b(?:Mr|Mrs|Ms)\.?\s+\p{Lu}\p{L}+\b(?!['’]s)|(?<!\b(?:every|each|any|no|another|most|typical|average)\s+)\b(?:the\s+)?(?:patient|pt)\b(?!['’]s)|\b(?:s?he)\b`,
  "giu",
);

/** "A patient with gout may ...", "a person with gout": nobody in particular. */
const anybody = /^an?\s+(?:\p{L}+\s+)?\p{L}+$/iu;
const generic =
  /^\s+(?:with|who\s+ha[sd]|diagnosed\s+with|suffering\s+from|who\s+suffers?\s+from)\s+[^,.;!?\n]{3,60}?\s(?:may|might|can|could|will|should|must|often|usually|typically|commonly|sometimes|generally|tends?)\b/i;

const relative =
  "mother|father|parents?|brothers?|sisters?|siblings?|sons?|daughters?|aunts?|uncles?|cousins?|grand(?:mother|father|parents?)|wife|husband|partner|spouse|twin|nephews?|nieces?|relatives?|family|roommates?|neighbou?rs?|colleagues?|friends?|classmates?";

/** Somebody else. */
const family = new RegExp(
  String
    .raw`\b(?:(?:the\s+)?(?:patient|man|woman|boy|girl|child)['’]s|his|her|their|my|our|your|whose|the|an?(?!\s+(?:expectant\s+|pregnant\s+|young\s+|nursing\s+)?mother\b)|one|both|several|two|(?:mr|mrs|ms)\.?\s+\p{L}+['’]s)\s+(?:(?:own|elder|older|younger|twin|maternal|paternal|late|first-degree|other)\s+){0,2}(?:${relative})\b`,
  "giu",
);

const pronoun =
  /\b(?:(?:this|that|such\s+an?)\s+(?:situation|setting|case)|(?:early|mild|severe|localized|active)\s+(?:infection|disease)|(?:the|this|that|such)\s+(?:disease|condition|disorder|illness|infection|drug|medicine|medication|agent|compound)(?!\s+(?:of|for|that|to|with|in|used|class(?:es)?)\b)|it|they|this|these|(?:its|their)(?=\s+(?:[\p{L}-]+\s+){0,2}(?:symptoms?|signs?|findings?|features?|manifestations?|hallmarks?|complications?|treatments?|therapy|management|risk\s+factors?|risks?)\b))\b(?!\s+(?:is|was)\s+(?:an?\s+(?:common\s+)?(?:myth|mistake|misconception|fact)|false|true|untrue|wrong|known|clear|unclear|possible|likely|unlikely|important|not\s+(?:true|the\s+case))\b)/giu;

/** Words before a pronoun that stands for a disease. */
const treated =
  /\b(?:treat(?:s|ing)?|cures?|reliev\w+|manag\w+|control\w*|against|for|ha(?:s|ve|d)|with)\s*$/i;

/** The kind that a pronoun asks for. */
function wantedKinds(words: string): readonly EntityKind[] {
  if (/(?:drug|medic|agent|compound)/i.test(words)) return ["drug"];
  if (/(?:disease|condition|disorder|illness|infection|situation|setting|case)/i.test(words)) {
    return ["disease"];
  }
  return ["disease", "drug"];
}

/** Behind a pronoun that stands for a finding: "it is a warning sign of". */
const ofFinding =
  /^\s+(?:is|are|was|were|may\s+be|can\s+be|counts\s+as)\s+(?:[\p{L}]+\s+){0,4}?(?:symptoms?|signs?|findings?|features?|flags?|manifestations?|hallmarks?|complaints?)\s+(?:of|in|for)\b/iu;

/** Words of names that name nothing here: "hand in hand"; "sensitive to cold" is no disease, "a cold" and "cold hands" are names. */
const idiom =
  /\b(?:hand\s+in\s+hand|(?:on\s+the\s+)?(?:one|other)\s+hand|at\s+hand|by\s+heart|in\s+the\s+face\s+of|at\s+the\s+heart\s+of|on\s+(?:the|its|their)\s+heels|backbone|in\s+the\s+long\s+run|fits?(?=\s+(?!and\b|or\b|in\b|are\b|is\b|may\b|can\b)\p{L})|(?<!\b(?:an?|common|head|bad|severe)\s+)cold)\b/giu;

/** Names of the graph, one for each place. */
function graphNames(k: Knowledge, text: string, offset: number): TextName[] {
  const byPlace = new Map<number, { start: number; end: number; entities: Entity[] }>();
  const idioms = [...text.matchAll(idiom)].map(({ index, 0: words }) => ({
    start: index,
    end: index + words.length,
  }));
  for (const { entity, start, end } of mentions(k, text)) {
    if (idioms.some((words) => inside({ start, end }, words))) continue;
    const same = byPlace.get(start);
    if (same === undefined) {
      if (byPlace.size === mostNames) break;
      byPlace.set(start, { start, end, entities: [entity] });
    } else same.entities.push(entity);
  }
  return [...byPlace.values()].map(({ start, end, entities }) => ({
    start: offset + start,
    end: offset + end,
    text: text.slice(start, end),
    entities,
  }));
}

/**
 * The names in a sentence, from left to right, which do not overlap.
 *
 * @param k The graph.
 * @param text The sentence.
 * @param offset Where it stands in the whole text.
 * @param topics The names of the two sentences before it, the nearest sentence first; pronouns stand for the first of the
 * kind they ask for.
 * @returns Names with places in the whole text.
 */
export function namesIn(
  k: Knowledge,
  text: string,
  offset: number,
  topics: readonly (readonly TextName[])[],
): TextName[] {
  const found = graphNames(k, text, offset);
  const taken = (start: number, end: number): boolean =>
    found.some((name) => overlaps(name, { start, end }));
  const add = (pattern: RegExp, make: (words: string, name: TextName) => TextName | undefined) => {
    for (const { index, 0: words } of text.matchAll(pattern)) {
      const [start, end] = [offset + index, offset + index + words.length];
      if (found.length >= 2 * mostNames || taken(start, end)) continue;
      const name = make(words, { start, end, text: words, entities: [] });
      if (name !== undefined) found.push(name);
    }
  };
  add(family, (_, name) => ({ ...name, person: "family" }));
  add(
    patient,
    (words, name) =>
      // "PT" is a test
      /\bPT$/.test(words) || anybody.test(words) &&
          (/\bperson$/i.test(words) || generic.test(text.slice(name.end - offset)) ||
            (/\b(?:in|for|among)\s+$/i.test(text.slice(0, name.start - offset)) &&
              /^\s+(?:with|who\s+has)\b/i.test(text.slice(name.end - offset))))
        ? undefined
        : { ...name, person: "patient" },
  );
  add(pronoun, (words, name) => {
    const kinds = ofFinding.test(text.slice(name.end - offset))
      ? ["symptom" as const]
      : treated.test(text.slice(0, name.start - offset))
      ? ["disease" as const]
      : wantedKinds(words);
    const fits = (other: TextName): boolean =>
      other.entities.some((entity) => kinds.includes(entity.kind));
    const fitsOnly = (other: TextName): boolean =>
      fits(other) && !other.entities.some(({ kind }) => kind === "symptom");
    // "gout is one of its risk factors": not its own
    const isOwn = /\b(?:is|are|was|were)\s+(?:one\s+of|among|part\s+of)\s+$/i
      .test(text.slice(0, name.start - offset));
    const before = found.filter((other) => other.end <= name.start).sort((a, b) =>
      a.start - b.start
    );
    const one = (kinds[0] === "symptom" ? [fits] : [fitsOnly, fits]).flatMap((test) =>
      [isOwn ? before.slice(0, -1) : before, ...topics].flatMap((names) =>
        names.find(test) ?? []
      )
    )[0];
    if (one === undefined) return undefined;
    return { ...name, entities: one.entities, standsFor: one.standsFor ?? one.text };
  });
  return found.sort((a, b) => a.start - b.start);
}

/**
 * What a name means, of one of these kinds.
 *
 * @param name A name in a text.
 * @param kinds Kinds, the best first.
 * @returns The entity, or undefined.
 */
export function meaningOf(name: TextName, kinds: readonly EntityKind[]): Entity | undefined {
  return kinds.flatMap((kind) => name.entities.find((entity) => entity.kind === kind) ?? [])[0];
}

/**
 * Whether a place lies within another.
 *
 * @param place A place.
 * @param outer Another.
 * @returns True also where both are the same.
 */
export const inside = (
  { start, end }: { readonly start: number; readonly end: number },
  outer: { readonly start: number; readonly end: number },
): boolean => start >= outer.start && end <= outer.end;

/**
 * Whether two places share a character.
 *
 * @param one A place.
 * @param other Another.
 * @returns False where one ends at the start of the other.
 */
export const overlaps = (
  one: { readonly start: number; readonly end: number },
  other: { readonly start: number; readonly end: number },
): boolean => one.start < other.end && other.start < one.end;

/**
 * What stands between two names.
 *
 * @param text The whole text.
 * @param one A name.
 * @param other Another, before it or behind it.
 * @returns The words.
 */
export function between(text: string, one: TextName, other: TextName): string {
  const [first, last] = one.start < other.start ? [one, other] : [other, one];
  return text.slice(first.end, last.start);
}

/**
 * Words of a text as a name that nothing knows.
 *
 * @param text The whole text.
 * @param start Index of the first character.
 * @param end Index after the last one.
 * @returns The name.
 */
export const nameAt = (text: string, start: number, end: number): TextName => ({
  start,
  end,
  text: text.slice(start, end),
  entities: [],
});
