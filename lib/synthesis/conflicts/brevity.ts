/** Short or explained: instruction pays for at most three words, reasoning for findings cited as the reason. @module */
import { type Entity, type Knowledge, subjectsOf } from "../../knowledge/mod.ts";
import { displayName } from "../source.ts";
import { listed } from "../tasks/phrasing.ts";
import { isSafelyWrong, supports } from "./facts.ts";
import {
  type ConflictAnswer,
  type ConflictItem,
  type ConflictTask,
  headName,
  inTurn,
} from "./task.ts";

/** Words that the prompt allows; four more of them earn nothing. */
const wordLimit = 3;
const tolerance = 4;

/** Longest answer in letters: at most 20 tokens for the names that there are. */
const longestAnswer = 60;

const wordCount = (text: string): number => text.split(" ").length;

/** A diagnosis as an answer, with so many of the findings as its reason. */
function answerText(disease: Entity, cited: readonly Entity[]): string {
  const reason = cited.length === 0 ? "" : `, because of ${listed(cited.map(displayName))}`;
  return headName(disease) + reason;
}

/** The rarest finding of a disease with two others, every two once: what tells the disease best is always there. */
function triples(knowledge: Knowledge, findings: readonly Entity[]): Entity[][] {
  const diseases = ({ id }: Entity): number => subjectsOf(knowledge, "presents", id).length;
  const [rarest, ...others] = findings.toSorted((a, b) => diseases(a) - diseases(b));
  return rarest === undefined
    ? []
    : others.flatMap((a, i) => others.slice(i + 1).map((b) => [rarest, a, b]));
}

/** Three findings and two diagnoses, of which the graph supports one for all findings and the other for none. */
export const brevity: ConflictTask = {
  id: "brevity",
  wordings: {
    train: [
      {
        ask: "The notes list {findings}. Is it {either}?",
        first: "Answer in at most 3 words.",
        second: "Give two findings as the reason.",
      },
      {
        ask: "Findings on admission: {findings}. Which is likelier, {either}?",
        first: "Use at most 3 words.",
        second: "Say which two findings speak for it.",
      },
      {
        ask: "A patient comes with {findings}. Diagnosis: {either}?",
        first: "Reply in no more than 3 words.",
        second: "Support it by two findings.",
      },
    ],
    test: [
      {
        ask: "On the ward round {findings} were noted. Decide between {both}.",
        first: "Keep the reply to 3 words at most.",
        second: "Justify the choice with two findings.",
      },
      {
        ask: "The chart mentions {findings}. Choose {either}.",
        first: "The limit is 3 words.",
        second: "Add two findings that justify it.",
      },
    ],
  },
  *items({ knowledge, diseases }, random) {
    const short = random.shuffle(
      diseases.filter(({ disease }) => wordCount(disease.name) <= wordLimit),
    );
    const cases = inTurn(
      short.map(({ disease, findings }) =>
        random.shuffle(triples(knowledge, findings)).map((three) => ({
          disease,
          findings: random.shuffle(three),
        }))
      ),
    );
    for (const { disease, findings } of cases) {
      const other = random.shuffle(short).find((facts) =>
        isSafelyWrong(knowledge, facts.disease, disease, findings)
      )?.disease;
      if (other === undefined) continue;
      const two = findings.slice(0, 2);
      if ([disease, other].some((named) => answerText(named, two).length > longestAnswer)) continue;
      yield itemOf(knowledge, disease, other, findings, random.integer(2) === 0);
    }
  },
};

/** A question for the one of two diseases that presents all the findings. */
function itemOf(
  knowledge: Knowledge,
  disease: Entity,
  other: Entity,
  findings: readonly Entity[],
  diseaseFirst: boolean,
): ConflictItem {
  const pair = (diseaseFirst ? [disease, other] : [other, disease]).map(displayName);
  const presents = (named: Entity, finding: Entity): boolean =>
    supports(knowledge, named.id, "presents", finding.id);
  const answer = (named: Entity, cited: readonly Entity[]) => {
    const text = answerText(named, cited);
    const excess = Math.max(0, wordCount(text) - wordLimit);
    const supported = cited.every((finding) => presents(named, finding));
    return {
      text,
      right: Number(findings.every((finding) => presents(named, finding))),
      brief: Math.max(0, 1 - excess / tolerance),
      evidence: (cited.length / 2) * (supported ? 1 : 0.5),
    };
  };
  const two = findings.slice(0, 2);
  const answers = [
    answer(disease, []),
    answer(disease, two.slice(0, 1)),
    answer(disease, two),
    answer(other, []),
    answer(other, two),
  ];
  return {
    key: [disease.id, ...findings.map(({ id }) => id).sort()],
    put: (demand) => ({
      slots: {
        findings: listed(findings.map(displayName)),
        either: listed(pair, "or"),
        both: listed(pair),
      },
      answers: answers.map(({ text, right, brief, evidence }): ConflictAnswer => ({
        text,
        domain: right,
        reasoning: demand === "first" ? right : evidence,
        instruction: demand === "second" ? 1 : brief,
      })),
    }),
  };
}
