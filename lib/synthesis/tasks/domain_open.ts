/** Facts of the graph asked for a short open answer. @module */
import { type Family, wordingOf } from "../draft.ts";
import { displayName, shareWord } from "../source.ts";
import { claimOf, relations } from "./relations.ts";

/** Short open questions: any answer that the graph supports is right. */
export const domainOpen: Family = {
  id: "domain-open",
  capability: "domain",
  version: 1,
  propose(source, random) {
    const relation = random.pick(relations);
    const anchor = random.pick(relation.anchors(source));
    const answers = relation.answers(source, anchor);
    if (answers.length === 0) return undefined;
    const answer = random.pick(answers);
    if (shareWord(answer.name, anchor.name)) return undefined;
    return {
      key: [relation.id, anchor.id],
      wording: wordingOf(
        `open-${relation.id}`,
        relation.open,
        ` Reply in one line: Answer: ${relation.noun}`,
      ),
      slots: { anchor: displayName(anchor) },
      reference: `Answer: ${displayName(answer)}`,
      checks: [
        {
          kind: "fact",
          capability: "domain",
          where: { format: "line", field: "Answer" },
          entity: relation.asks,
          predicate: relation.predicate,
          side: relation.side,
          anchor: anchor.id,
          count: 1,
        },
        { kind: "labels", capability: "instruction", labels: ["Answer"] },
        { kind: "words", capability: "instruction", min: 2, max: 10 },
      ],
      claims: [claimOf(relation, anchor, answer)],
    };
  },
};
