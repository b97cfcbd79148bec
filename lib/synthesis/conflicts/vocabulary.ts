/** The patient's words or the medical term: domain pays for the term, instruction for the words as they were said. @module */
import type { Entity } from "../../knowledge/mod.ts";
import { displayName } from "../source.ts";
import { supports } from "./facts.ts";
import {
  capitalised,
  type ConflictAnswer,
  type ConflictItem,
  type ConflictTask,
  inTurn,
} from "./task.ts";

/** Words that patients seldom use: terms that medicine took from Greek and Latin, by their endings, and what is impaired. */
const learned =
  /^(?:impaired .*|\S*(?:thralgia|myalgia|phobia|diplopia|rrhea|rrhagia|dyspepsia|pruritus|staxis|phagia|ptysis|pnea|pyrexia|esthesia|emesis|rigors|asthenia|syncope|urticaria|ageusia|ecchymosis|eructation))$/i;

/** A finding under two names that the graph gives it. */
interface Named {
  readonly finding: Entity;
  /** The learned name. */
  readonly term: string;
  /** The shortest of the others. */
  readonly words: string;
}

/** Both names of a finding; undefined where all its names are learned ones or none is. */
function namesOf(finding: Entity): Named | undefined {
  const names = [displayName(finding), ...finding.synonyms];
  const term = names.find((name) => learned.test(name));
  const words = names.filter((name) => !learned.test(name)).sort((a, b) => a.length - b.length)[0];
  return term === undefined || words === undefined ? undefined : { finding, term, words };
}

/** A patient's complaint, which the chart can take up as it was said or under its medical term. */
export const vocabulary: ConflictTask = {
  id: "vocabulary",
  wordings: {
    train: [
      {
        ask: 'A patient with {disease} complains of "{words}". What do you write in the chart?',
        first: "Use the medical term.",
        second: "Use the patient's own words.",
      },
      {
        ask: '"{Words}", says a patient with {disease}. Which finding is it?',
        first: "Give the medical term.",
        second: "Keep the patient's words.",
      },
      {
        ask: "Complaint in {disease}: {words}. Which finding goes into the record?",
        first: "Record it as a medical term.",
        second: "Record it as the patient said it.",
      },
    ],
    test: [
      {
        ask: 'Someone with {disease} reports "{words}". What is to be entered?',
        first: "Enter the professional term.",
        second: "Enter it as it was said.",
      },
      {
        ask: 'The form of a patient with {disease} reads "{words}". Which finding is noted?',
        first: "Note it in medical language.",
        second: "Note it in plain language.",
      },
    ],
  },
  *items({ knowledge, diseases }, random) {
    const complaints = diseases.flatMap(({ disease, findings }) =>
      findings.flatMap((finding) => {
        const named = namesOf(finding);
        return named === undefined ? [] : [{ disease, ...named }];
      })
    );
    const all = new Map(complaints.map((complaint) => [complaint.finding.id, complaint]));
    const lists = [...all.keys()].sort().map((id) =>
      random.shuffle(complaints.filter(({ finding }) => finding.id === id))
    );
    for (const { disease, ...right } of inTurn(random.shuffle(lists))) {
      const wrong = random.shuffle([...all.values()]).find((other) =>
        !supports(knowledge, other.finding.id, "is_a", right.finding.id) &&
        !supports(knowledge, right.finding.id, "is_a", other.finding.id)
      );
      if (wrong !== undefined) yield itemOf(disease, right, wrong);
    }
  },
};

/** A question for the name of a finding, which the patient has told in other words than the term. */
function itemOf(disease: Entity, right: Named, wrong: Named): ConflictItem {
  const { finding, term, words } = right;
  // How far an answer is the term; what is left of it is the patient's words.
  const forms = [
    { text: term, learned: 1, right: true },
    { text: `${term} (${words})`, learned: 0.5, right: true },
    { text: words, learned: 0, right: true },
    { text: wrong.term, learned: 1, right: false },
    { text: wrong.words, learned: 0, right: false },
  ];
  return {
    key: [disease.id, finding.id],
    put: (demand) => ({
      slots: { disease: displayName(disease), words },
      answers: forms.map(({ text, learned, right }): ConflictAnswer => ({
        text: capitalised(text),
        domain: !right ? 0 : demand === "second" ? 1 : 0.2 + 0.8 * learned,
        reasoning: 1,
        instruction: demand === "first" ? 1 : 1 - learned,
      })),
    }),
  };
}
