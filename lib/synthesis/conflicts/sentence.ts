/** Bare name or full sentence: instruction pays for the name alone, reasoning for a claim stated whole. @module */
import type { Entity } from "../../knowledge/mod.ts";
import { displayName } from "../source.ts";
import { listed } from "../tasks/phrasing.ts";
import { isDrugOf, unrelatedDrugs } from "./facts.ts";
import { type ConflictAnswer, type ConflictTask, headName, inTurn } from "./task.ts";

/** How much of the claim an answer states: the drug; the drug and the disease; both and their relation. */
const forms = [
  { whole: 0, text: (drug: Entity, _: Entity): string => headName(drug) },
  {
    whole: 0.5,
    text: (drug: Entity, disease: Entity): string =>
      `${headName(drug)} for ${displayName(disease)}`,
  },
  {
    whole: 1,
    text: (drug: Entity, disease: Entity): string =>
      `${headName(drug)} is used for ${displayName(disease)}.`,
  },
] as const;

/** Two drugs for a disease, of which the graph supports one. */
export const sentence: ConflictTask = {
  id: "sentence",
  wordings: {
    train: [
      {
        ask: "Which drug is used for {disease}, {either}?",
        first: "Reply with the name alone.",
        second: "Reply in a full sentence.",
      },
      {
        ask: "{Either}: which of them treats {disease}?",
        first: "Write only the name.",
        second: "Write a whole sentence.",
      },
      {
        ask: "Name the treatment of {disease}: {either}.",
        first: "Just the name, please.",
        second: "As a complete sentence, please.",
      },
    ],
    test: [
      {
        ask: "What would you give for {disease}, {either}?",
        first: "Give nothing but the name.",
        second: "State it as a sentence.",
      },
      {
        ask: "A colleague asks whether {either} is the drug for {disease}.",
        first: "Tell the name and no more.",
        second: "Tell it in one sentence.",
      },
    ],
  },
  *items(facts, random) {
    const treated = random.shuffle(facts.diseases.filter(({ drugs }) => drugs.length > 0));
    const pairs = inTurn(
      treated.map(({ disease, drugs }) => {
        const wrong = random.shuffle(unrelatedDrugs(facts, disease));
        return random.shuffle(drugs).flatMap((drug, i) =>
          wrong.length === 0 ? [] : [{ disease, drug, other: wrong[i % wrong.length]! }]
        );
      }),
    );
    for (const { disease, drug, other } of pairs) {
      const either = listed(random.shuffle([drug, other]).map(displayName), "or");
      const answers = [drug, other].flatMap((named) => {
        const supported = Number(isDrugOf(facts.knowledge, named.id, disease.id));
        return forms
          .filter(({ whole }) => supported === 1 || whole !== 0.5)
          .map(({ whole, text }) => ({ text: text(named, disease), whole, supported }));
      });
      yield {
        key: [disease.id, drug.id],
        put: (demand) => ({
          slots: { disease: displayName(disease), either },
          answers: answers.map(({ text, whole, supported }): ConflictAnswer => ({
            text,
            domain: supported,
            reasoning: demand === "first" ? supported : whole * (1 + supported) / 2,
            instruction: demand === "second" ? 1 : 1 - whole,
          })),
        }),
      };
    }
  },
};
