/** Facts of the graph under verifiable constraints; the form is scored as instruction, the facts as domain. @module */
import type { Claim, Entity, Predicate } from "../../knowledge/mod.ts";
import type { RandomStream } from "../../runtime/mod.ts";
import type { Check } from "../check.ts";
import type { Family, Wording } from "../draft.ts";
import { type DiseaseFacts, displayName } from "../source.ts";
import { constrain } from "./constraints.ts";
import { listed } from "./phrasing.ts";

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

const wording: Wording = {
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
    const { text, constraints } = constrain(
      topics.map(({ sentence }) => sentence),
      displayName(facts.disease),
      random,
    );
    return {
      key: ["answer", facts.disease.id, ...topics.map(({ claim }) => claim.predicate).sort()],
      wording,
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
