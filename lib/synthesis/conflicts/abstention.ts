/** Answer or abstain: domain pays for naming the supported drug, reasoning for not claiming too much. @module */
import type { Entity, Knowledge } from "../../knowledge/mod.ts";
import { displayName } from "../source.ts";
import { listed } from "../tasks/phrasing.ts";
import { isDrugOf, unrelatedDrugs } from "./facts.ts";
import {
  type ConflictAnswer,
  type ConflictItem,
  type ConflictTask,
  type ConflictWording,
  type Demand,
  headName,
  inTurn,
} from "./task.ts";

/** How far an answer commits itself to its claim. */
const commitments = { named: 1, hedged: 0.5, abstained: 0 } as const;

const rewards = (
  commitment: keyof typeof commitments,
  supported: boolean,
  demand: Demand,
): Omit<ConflictAnswer, "text"> => ({
  domain: !supported ? 0 : commitment === "named" ? 1 : 0.6,
  // Where nothing is said of being sure, caution alone is paid; else only what is claimed without support costs.
  reasoning: demand !== "both" && supported ? 1 : 1 - commitments[commitment],
  instruction: 1,
});

/** A wording with the same sentence under both demands: which of them holds depends on the drugs alone. */
function withLeave(ask: string, when: string): ConflictWording {
  const sentence = `${when}, answer "Not sure".`;
  return { ask, first: sentence, second: sentence };
}

/**
 * Two drugs to choose from, and leave not to choose. Under the first demand one of them is supported, under the second
 * none is, with the same wording: the content decides. Without the leave, one is supported and both rewards are paid.
 */
export const abstention: ConflictTask = {
  id: "abstention",
  wordings: {
    train: [
      withLeave(
        "Which of these drugs is used for {disease}: {either}?",
        "If neither is, or you cannot tell",
      ),
      withLeave(
        "A patient has {disease}. Choose a drug for it: {either}.",
        "If neither treats it, or you are in doubt",
      ),
      withLeave(
        "{Disease}: {either}. Which one is a treatment?",
        "If neither is one, or nobody can say",
      ),
    ],
    test: [
      withLeave(
        "Name the drug that is given for {disease}, out of {both}.",
        "Should neither be right, or should you not know",
      ),
      withLeave(
        "{Both} are on the list for a patient with {disease}. Pick one.",
        "Should neither fit, or should it be unclear",
      ),
    ],
  },
  *items(facts, random) {
    const { knowledge } = facts;
    const treated = random.shuffle(facts.diseases.filter(({ drugs }) => drugs.length > 0));
    const wrong = new Map(
      treated.map(({ disease }) => [disease, random.shuffle(unrelatedDrugs(facts, disease))]),
    );
    const pairs = inTurn(
      treated.map(({ disease, drugs }) =>
        random.shuffle(drugs).map((drug, at) => ({ disease, drug, at }))
      ),
    );
    for (const { disease, drug, at } of pairs) {
      const others = wrong.get(disease) ?? [];
      if (others.length < 2) continue;
      const [other, instead] = [others[at % others.length]!, others[(at + 1) % others.length]!];
      yield itemOf(knowledge, disease, drug, other, instead, random.integer(2) === 0);
    }
  },
};

/** A question for the drug of a disease; where none is to be supported, `instead` stands in the place of the drug. */
function itemOf(
  knowledge: Knowledge,
  disease: Entity,
  drug: Entity,
  other: Entity,
  instead: Entity,
  drugFirst: boolean,
): ConflictItem {
  return {
    key: [disease.id, drug.id],
    put(demand) {
      const head = demand === "second" ? instead : drug;
      const shown = (drugFirst ? [head, other] : [other, head]).map(displayName);
      const answers = [head, other].flatMap((named) => {
        const supported = isDrugOf(knowledge, named.id, disease.id);
        return [
          { text: headName(named), ...rewards("named", supported, demand) },
          { text: `Perhaps ${displayName(named)}`, ...rewards("hedged", supported, demand) },
        ];
      });
      return {
        slots: {
          disease: displayName(disease),
          either: listed(shown, "or"),
          both: listed(shown),
        },
        answers: [...answers, { text: "Not sure", ...rewards("abstained", false, demand) }],
      };
    },
  };
}
