/** Curated facts asked for a short open answer. @module */
import { type Family, wordingOf } from "../draft.ts";
import { displayName } from "../source.ts";
import { line, names } from "./field_checks.ts";
import { openKinds } from "./open_questions.ts";

/** So many questions of a kind are drawn until one serves. */
const mostDraws = 12;

/** Short open questions: any answer that the curated sources support is right, and none is right often. */
export const domainOpen: Family = {
  id: "domain-open",
  capability: "domain",
  version: 2,
  propose(source, random) {
    const { id, noun, wordings, draw } = random.pick(openKinds);
    // Facts of some kinds serve more rarely: without further draws there would be few of them.
    let question = draw(source, random);
    for (let i = 1; i < mostDraws && question === undefined; i++) question = draw(source, random);
    if (question === undefined) return [];
    const { key, slots, answer, accepted, claims } = question;
    const entities = accepted.flatMap((one) => source.knowledge.entities.get(one) ?? []);
    return [{
      key: ["open", id, ...key],
      wording: wordingOf(`open-${id}`, wordings, ` Reply in one line: Answer: ${noun}`),
      slots,
      reference: `Answer: ${displayName(answer)}`,
      checks: [
        names("domain", line("Answer"), entities, 1),
        { kind: "labels", capability: "instruction", labels: ["Answer"] },
        { kind: "words", capability: "instruction", min: 2, max: 10 },
      ],
      claims,
    }];
  },
};
