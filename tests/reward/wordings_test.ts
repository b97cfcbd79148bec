/** Wordings of one answer: denied, affirmed, taken back, set aside, without a label, of a degree. */
import { assert, assertEquals } from "@std/assert";
import { findEntity, loadKnowledge, takesBack, withoutDegree } from "../../lib/knowledge/mod.ts";
import { ruleScores } from "../../lib/reward/mod.ts";
import type { Check, Item } from "../../lib/synthesis/mod.ts";

const knowledge = await loadKnowledge();
const id = (name: string): string => findEntity(knowledge, name)!.id;

function itemOf(reference: string, ...checks: readonly Check[]): Item {
  const base = { id: "0123456789abcdef", family: "own", version: 1, split: "test" } as const;
  const rest = { prompt: "?", claims: [], decisions: [], case: "own", template: "own" };
  return { ...base, ...rest, capability: "domain", reference, checks };
}
const labelled = { format: "line", field: "Answer" } as const;
const free = { format: "text" } as const;
const symptom = (where: typeof labelled | typeof free): Item =>
  itemOf("Answer: fever", {
    kind: "fact",
    capability: "domain",
    where,
    entity: "symptom",
    predicate: "presents",
    side: "object",
    anchor: id("influenza"),
    count: 1,
  });
const drug = itemOf("Answer: Methotrexate", {
  kind: "fact",
  capability: "domain",
  where: labelled,
  entity: "drug",
  predicate: "treats",
  side: "subject",
  anchor: id("psoriasis"),
  count: 1,
});
const choice = itemOf("Answer: C. fever", {
  kind: "choice",
  capability: "domain",
  letter: "C",
  options: ["polydipsia", "rash", "fever", "tremor"],
});
const urgent = itemOf("Urgent: no", {
  kind: "value",
  capability: "domain",
  where: { format: "line", field: "Urgent" },
  allowed: ["yes", "no"],
  expected: "no",
});

/** Every completion earns so much. */
function earns(item: Item, domain: number, ...completions: readonly string[]): void {
  for (const completion of completions) {
    assertEquals(ruleScores(item, completion, knowledge).domain, domain, completion);
  }
}

Deno.test("denied: without evidence, in vain, surprising, refuted, with a late not", () => {
  earns(
    symptom(free),
    0,
    "There is no evidence that influenza causes fever.",
    "There is little reason to expect fever in influenza.",
    "You will look in vain for fever in influenza.",
    "Fever would be surprising in influenza.",
    "It is unusual for influenza to cause fever.",
    "The claim that fever is a symptom of influenza is false.",
    "The idea that influenza causes fever has been disproved.",
    "Fever is a symptom of influenza - not!",
    "Fever (not a symptom of influenza).",
    "Influenza makes fever go away.",
    "Few would expect fever in influenza.",
    "Fever, which is not caused by influenza.",
  );
});

Deno.test("set aside: a symptom of another disease, and not of the one asked about", () => {
  earns(
    symptom(free),
    0,
    "Fever is a symptom of malaria, not of influenza.",
    "Fever is a symptom of malaria rather than influenza.",
    "Fever is a sign of anything but influenza.",
  );
  earns(symptom(free), 1, "Fever is a symptom of influenza, not of gout.");
});

Deno.test("affirmed: two negations, what cannot go wrong, who is not vaccinated", () => {
  earns(
    symptom(free),
    1,
    "You cannot go wrong with fever in influenza.",
    "Fever is nothing unusual in influenza.",
    "Nothing is more typical of influenza than fever.",
    "Patients with influenza who are not vaccinated get fever.",
    "Nobody would be surprised by fever in influenza.",
    "Influenza is hard to imagine without fever.",
    "It is false that influenza never causes fever.",
    "It is unlikely for influenza to spare you fever.",
    "Fever and influenza go together.",
  );
});

Deno.test("taken back on the next line", () => {
  earns(
    symptom(labelled),
    0,
    "Answer: fever\nNo.",
    "Answer: fever\nThat is wrong.",
    "Answer: fever\nWait, no.",
    "Answer: fever\nActually no, it is polydipsia",
  );
  earns(symptom(labelled), 1, "Answer: fever\nNone of the others fits as well.");
  assert(takesBack("No, it is cough") && !takesBack("Nothing else fits") && !takesBack("cough"));
});

Deno.test("in other clothes: a lone name, a name of its kind, brackets, mathematics, a label cut short", () => {
  earns(
    symptom(labelled),
    1,
    "fever",
    "Fever.",
    "Symptom: fever",
    "[Answer]: fever",
    "$\\boxed{\\text{Answer: fever}}$",
    "Sure! Answer: fever",
    "So the answer is: fever",
    "Ans: fever",
    "Answer: high fever",
    "Answer: mild fever (38 °C)",
  );
  // A row of names of several kinds, a list, another field: no lone answer.
  earns(symptom(labelled), 0, "influenza fever", "For: fever", "fever\ncough");
  assertEquals(
    withoutDegree(knowledge, findEntity(knowledge, "severe headache")!)?.name,
    "headache",
  );
  assertEquals(withoutDegree(knowledge, findEntity(knowledge, "dry cough")!), undefined);
});

Deno.test("a drug that is stopped or makes it worse is no treatment; given with a condition it is one", () => {
  earns(
    drug,
    0,
    "Answer: stop methotrexate in psoriasis",
    "Answer: discontinue oral methotrexate",
    "Answer: withhold the methotrexate",
    "Answer: methotrexate makes it worse",
    "Answer: intolerance of methotrexate",
  );
  earns(drug, 1, "Answer: start methotrexate, unless pregnant", "Answer: oral methotrexate");
});

Deno.test("a letter with its option's text counts without an anchor; several do not", () => {
  earns(
    choice,
    1,
    "C. fever",
    "**C) fever**",
    "(C) fever",
    "Option C (fever) is correct.",
    "\\boxed{C. fever}",
    "It is C, fever.",
    "I choose C. fever",
    "Answer: c. fever",
  );
  earns(choice, 0, "C. fever is wrong", "Answer: C. fever or D. tremor", "Answer: A. fever");
  const article = itemOf("Answer: B. rash", {
    kind: "choice",
    capability: "domain",
    letter: "A",
    options: ["fever", "rash", "tremor", "cough"],
  });
  for (const text of ["A fever, I think.", "It is a fever.", "The answer is a fever"]) {
    assert(ruleScores(article, text, knowledge).invalid, text);
  }
  assertEquals(
    ruleScores(choice, "A. polydipsia\nB. rash\nC. fever\nD. tremor", knowledge).domain,
    0,
  );
});

Deno.test("a fixed value in other words", () => {
  earns(urgent, 1, "Urgent: No urgent referral", "Urgent: not urgent", "Urgent? No");
  earns(urgent, 0, "Urgent: no doubt", "Urgent: no delay", "Urgent: not sure", "Urgent? Yes");
});
