import { assert } from "@std/assert";
import { loadKnowledge, validateText } from "../../lib/knowledge/mod.ts";

const knowledge = await loadKnowledge();

/** So many characters: what takes time that grows with their square does not come to its end. */
const length = 40_000;

const units = [
  "\n",
  " ",
  "a-a-",
  "_",
  "{{",
  "<|",
  "**",
  "```\n",
  "only ",
  "not ",
  "without ",
  "every patient with ",
  "must not be ",
  "mild ",
  "high-grade ",
  "3 weeks ",
  "gout, ",
  "gout and fever ",
  "gout without ",
  "in gout ",
  "risk of gout ",
  "the patient has gout. ",
  "Answer: fever, not polyuria\n",
  "go go go ",
];

Deno.test("a text of any unit that repeats is read, alone and as the answer to itself", () => {
  for (const unit of units) {
    const text = unit.repeat(Math.ceil(length / unit.length));
    for (const prompt of [undefined, text]) {
      const options = prompt === undefined ? {} : { prompt };
      const { claims, faults } = validateText(
        prompt === undefined ? text : unit,
        knowledge,
        options,
      );
      assert(
        [...claims, ...faults].every(({ start, end }) => start <= end && end <= text.length),
        unit,
      );
    }
  }
});
