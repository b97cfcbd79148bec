/**
 * Instruction tasks: facts of the graph under verifiable constraints of IFEval's kinds, and structured notes.
 * The form is scored as instruction; what is said is scored as domain.
 */
import type { Claim, Entity, Predicate } from "../../knowledge/mod.ts";
import type { RandomStream } from "../../runtime/mod.ts";
import { caseKey, claimsOf, drawCase, findingsOf } from "../case.ts";
import type { Check } from "../check.ts";
import { type Family, lines, listed, type Wording } from "../draft.ts";
import { drugFact, drugOptions, line, names } from "./reasoning.ts";
import { type DiseaseFacts, displayName } from "../source.ts";

/** One fact to state about a disease. */
interface Topic {
  readonly ask: string;
  readonly entity: Entity;
  readonly sentence: string;
  readonly claim: Claim;
  readonly side: "subject" | "object";
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function topicsOf(facts: DiseaseFacts, random: RandomStream): Topic[] {
  const disease = facts.disease;
  const name = displayName(disease);
  const topics: Topic[] = [];
  const add = (
    pool: readonly Entity[],
    ask: string,
    side: Topic["side"],
    predicate: Predicate,
    say: string,
  ): void => {
    if (pool.length === 0) return;
    const entity = random.pick(pool);
    const claim: Claim = side === "object"
      ? { subject: disease.id, predicate, object: entity.id }
      : { subject: entity.id, predicate, object: disease.id };
    const sentence = capitalised(
      say.replace("{x}", displayName(entity)).replace("{disease}", name),
    );
    topics.push({ ask, entity, sentence, claim, side });
  };
  add(facts.symptoms, "one symptom", "object", "presents", "{x} is a symptom of {disease}");
  add(facts.treats, "one drug that treats it", "subject", "treats", "{x} treats {disease}");
  add(
    facts.sites,
    "one body part that it affects",
    "object",
    "localizes",
    "{disease} affects the {x}",
  );
  return topics;
}

const openers = ["Note:", "Summary:", "Facts:", "In brief:"] as const;
const closers = ["End of note", "Please see a doctor", "That is all"] as const;
const avoidable = [
  "patient",
  "common",
  "often",
  "include",
  "may",
  "usually",
  "caused",
  "can",
] as const;

/** A constraint: what the prompt says, what the reference does, what is checked. */
interface Constraint {
  readonly say: string;
  readonly check: Check;
}

const countWords = (text: string): number =>
  text.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;

/** The facts in a form with one or two further constraints, all of them kept by the text. */
function constrain(topics: readonly Topic[], name: string, random: RandomStream): {
  text: string;
  constraints: Constraint[];
} {
  const capability = "instruction";
  const constraints: Constraint[] = [];
  const bulleted = random.next() < 0.5;
  const count = topics.length;
  const sentences = topics.map(({ sentence }) => sentence);
  let text = bulleted
    ? sentences.map((s) => `- ${s}`).join("\n")
    : sentences.map((s) => `${s}.`).join(" ");
  constraints.push(
    bulleted
      ? {
        say: `Write exactly ${count} bullets that start with "- ".`,
        check: { kind: "bullets", capability, count },
      }
      : {
        say: `Write exactly ${count} sentences.`,
        check: { kind: "sentences", capability, count },
      },
  );
  constraints.push({
    say: `Use the name "${name}" at least ${count} times.`,
    check: { kind: "keyword", capability, word: name, times: count },
  });
  const options = [
    "letter_case",
    "no_commas",
    "forbidden",
    "words",
    bulleted ? "ends" : "starts",
  ] as const;
  for (const option of random.shuffle(options).slice(0, random.integer(2) + 1)) {
    const cased = constraints.some(({ check }) => check.kind === "letter_case");
    const edged = constraints.some(({ check }) => check.kind === "starts" || check.kind === "ends");
    switch (option) {
      case "letter_case": {
        if (edged) break;
        const style = random.pick(["lower", "upper"] as const);
        text = style === "lower" ? text.toLowerCase() : text.toUpperCase();
        constraints.push({
          say: style === "lower" ? "Use small letters only." : "USE CAPITAL LETTERS ONLY.",
          check: { kind: "letter_case", capability, style },
        });
        break;
      }
      case "no_commas":
        constraints.push({ say: "Use no commas.", check: { kind: "no_commas", capability } });
        break;
      case "forbidden": {
        const words = random.shuffle(avoidable).filter((word) => !text.toLowerCase().includes(word))
          .slice(0, 2);
        constraints.push({
          say: `Do not use the words ${listed(words.map((word) => `"${word}"`), "or")}.`,
          check: { kind: "forbidden", capability, words },
        });
        break;
      }
      case "words": {
        const max = Math.ceil((countWords(text) + 8) / 5) * 5;
        constraints.push({
          say: `Use at most ${max} words.`,
          check: { kind: "words", capability, min: 3 * count, max },
        });
        break;
      }
      case "starts": {
        if (cased) break;
        const phrase = random.pick(openers);
        text = `${phrase} ${text}`;
        constraints.push({
          say: `Start with "${phrase}"`,
          check: { kind: "starts", capability, phrase },
        });
        break;
      }
      case "ends": {
        if (cased) break;
        const phrase = random.pick(closers);
        text = `${text}\n${phrase}`;
        constraints.push({
          say: `End with the line "${phrase}"`,
          check: { kind: "ends", capability, phrase },
        });
        break;
      }
    }
  }
  return { text, constraints };
}

const answerWording: Wording = {
  id: "constrained",
  train: [
    "Write about {disease}: {topics}. {constraints}",
    "Disease: {disease}. State {topics}. {constraints}",
    "{constraints} Subject: {disease}. Content: {topics}.",
  ],
  heldOut: ["Give these facts about {disease}: {topics}. {constraints}"],
};

/** Two or three facts about a disease under three or four constraints. */
export const instructionAnswer: Family = {
  id: "instruction-answer",
  capability: "instruction",
  version: 1,
  propose(source, random) {
    const facts = random.pick(source.diseases);
    const topics = random.shuffle(topicsOf(facts, random)).slice(0, random.next() < 0.6 ? 2 : 3);
    if (topics.length < 2) return undefined;
    const { text, constraints } = constrain(topics, displayName(facts.disease), random);
    return {
      key: ["answer", facts.disease.id, ...topics.map(({ claim }) => claim.predicate).sort()],
      wording: answerWording,
      slots: {
        disease: displayName(facts.disease),
        topics: listed(topics.map(({ ask }) => ask)),
        constraints: constraints.map(({ say }) => say).join(" "),
      },
      reference: text,
      checks: [
        ...constraints.map(({ check }) => check),
        ...topics.map(({ entity, claim, side }): Check => ({
          kind: "fact",
          capability: "domain",
          where: { format: "text" },
          entity: entity.kind,
          predicate: claim.predicate,
          side,
          anchor: facts.disease.id,
          count: 1,
        })),
      ],
      claims: topics.map(({ claim }) => claim),
    };
  },
};

const visit = {
  train: [
    "Visit: {findings}; the {site} is affected; diagnosis {disease}. Drugs: {drugs}. ",
    "A patient with {disease} reports {findings}. The {site} is affected. Drugs to choose from: {drugs}. ",
  ],
  heldOut: [
    "Today: {findings}. Affected: {site}. The diagnosis is {disease}. Possible drugs: {drugs}. ",
  ],
} as const;

function noteWording(id: string, question: string): Wording {
  return {
    id,
    train: visit.train.map((start) => start + question),
    heldOut: visit.heldOut.map((start) => start + question),
  };
}

const soapWording = noteWording(
  "soap",
  "Write a SOAP note in four lines:\nSubjective: the findings\nObjective: the affected body part\n" +
    "Assessment: the diagnosis\nPlan: one {role} drug",
);
const jsonWording = noteWording(
  "json-note",
  'Reply with one JSON object only, with the keys "findings" (a list), "site", "diagnosis" and "drug" ' +
    "(one {role} drug).",
);

/** The value at a key of the JSON object. */
export function jsonField(field: string): { format: "json"; field: string } {
  return { format: "json", field };
}

/** A JSON object on one line, with spaces as people write them. */
export function jsonLine(
  parts: readonly (readonly [key: string, value: string | readonly string[]])[],
): string {
  const shown = parts.map(([key, value]) =>
    `"${key}": ${
      typeof value === "string" ? `"${value}"` : `[${value.map((v) => `"${v}"`).join(", ")}]`
    }`
  );
  return `{${shown.join(", ")}}`;
}

/** A visit as a SOAP note, or as JSON to a schema. */
export const instructionNote: Family = {
  id: "instruction-note",
  capability: "instruction",
  version: 1,
  propose(source, random) {
    const clinical = drawCase(source, random, 3);
    if (clinical === undefined) return undefined;
    const drugs = drugOptions(source, clinical, random);
    if (drugs === undefined) return undefined;
    const soap = random.next() < 0.5;
    const findings = findingsOf(clinical);
    const found = findings.map(displayName);
    const [site, disease, drug] = [clinical.site, clinical.disease, clinical.drug].map(
      displayName,
    ) as [
      string,
      string,
      string,
    ];
    const at = soap ? line : jsonField;
    const fields = soap
      ? (["Subjective", "Objective", "Assessment", "Plan"] as const)
      : (["findings", "site", "diagnosis", "drug"] as const);
    const form: Check = soap ? { kind: "labels", capability: "instruction", labels: fields } : {
      kind: "json",
      capability: "instruction",
      keys: fields.map((key) => ({
        key,
        type: key === "findings" ? "array" as const : "string" as const,
      })),
    };
    return {
      key: caseKey(clinical),
      wording: soap ? soapWording : jsonWording,
      slots: { findings: listed(found), site, disease, drugs, role: clinical.role },
      reference: soap
        ? lines([[fields[0], found.join(", ")], [fields[1], site], [fields[2], disease], [
          fields[3],
          drug,
        ]])
        : jsonLine([[fields[0], found], [fields[1], site], [fields[2], disease], [
          fields[3],
          drug,
        ]]),
      checks: [
        form,
        { kind: "words", capability: "instruction", min: 6, max: 40 },
        names("instruction", at(fields[0]), findings),
        names("instruction", at(fields[1]), [clinical.site]),
        names("instruction", at(fields[2]), [clinical.disease]),
        drugFact(clinical, at(fields[3])),
      ],
      claims: claimsOf(clinical),
      clinical,
    };
  },
};
