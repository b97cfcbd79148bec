/** Answers as a clinician reads them: asserted, as specific as asked, and right in any clothes. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  checkClaim,
  everydayNames,
  findEntity,
  isSpecific,
  loadKnowledge,
  mentions,
  prevalence,
} from "../../lib/knowledge/mod.ts";
import { referencePasses, type RuleScores, ruleScores } from "../../lib/reward/mod.ts";
import type { Check, Item } from "../../lib/synthesis/mod.ts";

const knowledge = await loadKnowledge();
const id = (name: string): string => findEntity(knowledge, name)!.id;

/** An item of one's own with these checks. */
function itemOf(
  reference: string,
  checks: readonly Check[],
  capability: Item["capability"] = "domain",
): Item {
  const base = { id: "0123456789abcdef", family: "own", version: 1, split: "test" } as const;
  return {
    ...base,
    capability,
    prompt: "?",
    reference,
    checks,
    claims: [],
    decisions: [],
    case: "own",
    template: "own",
  };
}
const line = (field: string) => ({ format: "line", field }) as const;
const text = { format: "text" } as const;
const symptomOf = (disease: string, where: typeof text | ReturnType<typeof line>): Check => ({
  kind: "fact",
  capability: "domain",
  where,
  entity: "symptom",
  predicate: "presents",
  side: "object",
  anchor: id(disease),
  count: 1,
});
const labelled = itemOf("Answer: fever", [
  symptomOf("influenza", line("Answer")),
  { kind: "labels", capability: "instruction", labels: ["Answer"] },
]);
const free = itemOf("Fever is a symptom of influenza.", [symptomOf("influenza", text)]);
const score = (item: Item, completion: string): RuleScores =>
  ruleScores(item, completion, knowledge);

Deno.test("a fact is right where it is stated, and not where it is denied, doubted or merely named", () => {
  assert(referencePasses(labelled, knowledge) && referencePasses(free, knowledge));
  for (
    const completion of [
      "Answer: fever? Never.",
      "Answer: fever (no)",
      "Answer: anything but fever",
      "Answer: I doubt it is fever",
      "Answer: fever is a myth",
      "Answer: fever: none",
      "Answer: fever. I was wrong.",
    ]
  ) assertEquals(score(labelled, completion).domain, 0, completion);
  for (
    const completion of [
      "Influenza fever.",
      "Influenza, fever",
      "Influenza guards against fever.",
      "Influenza prevents fever.",
      "No one with influenza has fever.",
      "It is untrue that influenza causes fever.",
      "Fever has nothing to do with influenza.",
      "Fever in influenza is out of the question.",
      "Influenza wont cause fever.",
      "Fever speaks against influenza.",
      "Neither cough nor fever is a symptom of influenza.",
      "Is fever a symptom of influenza? No.",
      "Influenza causes everything but fever.",
      "It is a mistake to think of fever in influenza.",
    ]
  ) assertEquals(score(free, completion).domain, 0, completion);
  for (
    const completion of [
      "Influenza is seldom without fever.",
      "Fever is not unusual in influenza.",
      "One must not overlook fever in influenza.",
      "In non-immune people influenza brings fever.",
      "Without therapy influenza leads to fever.",
      "Symptoms of influenza:\n- fever",
      "Influenza: fever",
      "Not only adults with influenza have fever.",
      "To exclude influenza look for fever.",
      "Influenza without fever is unusual.",
      "Fever is not specific but typical of influenza.",
      "No other symptom of influenza is as common as fever.",
      "Unless treated, influenza causes fever.",
    ]
  ) assertEquals(score(free, completion).domain, 1, completion);
});

Deno.test("what holds of most diseases is no answer, what the graph states of this one is", () => {
  const kind = itemOf("Answer: skin disease", [{
    kind: "fact",
    capability: "domain",
    where: line("Answer"),
    entity: "disease",
    predicate: "is_a",
    side: "object",
    anchor: id("psoriasis"),
    count: 1,
  }]);
  for (const heading of ["nervous system symptom", "general symptom", "sensation perception"]) {
    assertEquals(score(labelled, `Answer: ${heading}`).domain, 0, heading);
  }
  assertEquals(score(kind, "Answer: disease of anatomical entity").domain, 0);
  assertEquals(score(kind, "Answer: skin disease").domain, 1);
  const claim = {
    subject: id("influenza"),
    predicate: "presents",
    object: id("nervous system symptom"),
  } as const;
  assertEquals([checkClaim(knowledge, claim).verdict, isSpecific(knowledge, claim)], [
    "supported",
    false,
  ]);
  assert(prevalence(knowledge, "presents").get(claim.object)! > 0.5);
});

Deno.test("a label in Markdown, or spoken, is read; it costs a part of the form", () => {
  for (
    const completion of [
      "**Answer:** fever",
      "__Answer__: fever",
      "`Answer`: fever",
      "* Answer: fever",
      "2) Answer: fever",
      "> Answer: fever",
      "## Answer\nfever",
      "**Answer**\nfever",
      "Answer:\n- fever",
      "| Answer | fever |",
      "Final answer: fever",
      "Answer\uff1afever",
      "The answer is fever.",
      "Answer = fever",
      "Answer \u2013 fever",
      "(1) Answer: fever",
      "\u201cAnswer: fever\u201d",
      "Answer (one symptom): fever",
      "\\textbf{Answer:} fever",
    ]
  ) {
    const { domain, instruction, invalid } = score(labelled, completion);
    assertEquals([domain, invalid], [1, false], completion);
    assert(instruction! < 1, completion);
  }
  assertEquals(score(labelled, "Answer: **fever**").domain, 1);
  assertAlmostEquals(score(labelled, "**Answer:** fever").instruction!, 0.75, 1e-12);
});

Deno.test("a remark on an answer costs nothing, another answer does", () => {
  for (
    const [completion, domain] of [
      ["Answer: fever, as is typical", 1],
      ["Answer: fever, often above 39 degrees", 1],
      ["Answer: fever, not jaundice", 1],
      ["Answer: fever, unlike jaundice", 1],
      ["Answer: fever. Fever is typical of influenza.", 1],
      ["Answer: fever, glorp", 0.25],
      ["Answer: fever, jaundice of the newborn, polyuria", 1 / 9],
      ["Answer: fever\n".repeat(8), 1 / 49],
    ] as const
  ) {
    if (completion.includes("newborn")) assert(score(labelled, completion).domain! < 0.26);
    else assertAlmostEquals(score(labelled, completion).domain!, domain, 1e-12, completion);
  }
});

Deno.test("the same JSON value earns the same, however it is printed; a key given twice is no object", () => {
  const keys = [{ key: "findings", type: "array" }, { key: "disease", type: "string" }] as const;
  const value = { findings: ["fever", "cough and cold"], disease: "influenza" };
  const json = itemOf(JSON.stringify(value), [
    { kind: "json", capability: "instruction", keys },
    { kind: "words", capability: "instruction", min: 6, max: 8 },
    {
      kind: "entities",
      capability: "domain",
      where: { format: "json", field: "disease" },
      entity: "disease",
      accepted: [id("influenza")],
      count: 1,
    },
  ]);
  const printed = [
    JSON.stringify(value),
    JSON.stringify(value, null, 2),
    "```json\n" + JSON.stringify(value, null, 1) + "\n```",
    '{"disease":"influenz\\u0061","findings":["fever","cough and cold"]}',
  ].map((one) => score(json, one));
  for (const scores of printed) assertEquals(scores, printed[0]);
  assertEquals(printed[0], { domain: 1, instruction: 1, invalid: false });
  const twice = score(
    json,
    '{"findings": ["fever", "cough and cold"], "disease": "gout", "disease": "influenza"}',
  );
  assert(twice.domain! < 0.5 && twice.instruction! < 0.7, JSON.stringify(twice));
  const nested = '{"findings": ["fever", "\\"disease\\": x"], "disease": "influenza"}';
  assertEquals(score(json, nested).domain, 1);
});

Deno.test("of options that lie in each other the longest at a place is quoted; signs are read", () => {
  const choice = (letter: "A" | "B" | "C" | "D", ...options: string[]): Item =>
    itemOf(`Answer: ${letter}. ${options["ABCD".indexOf(letter)]}`, [
      { kind: "choice", capability: "domain", letter, options },
    ]);
  const cancer = choice("B", "carcinoma", "lung carcinoma", "gout", "asthma");
  const salts = choice("D", "iron", "copper", "zinc", "iron and zinc");
  const signs = choice("A", "< 5 %", "> 5 %", "5 %", "50 %");
  const spelt = choice("C", "gout", "asthma", "haemorrhage", "edema");
  for (const item of [cancer, salts, signs, spelt]) {
    assert(referencePasses(item, knowledge), item.reference);
  }
  assertEquals(score(cancer, "Answer: A. carcinoma").domain, 0);
  assertEquals(score(salts, "Answer: A. iron").domain, 0);
  assertEquals(score(signs, "Answer: B. > 5 %").domain, 0);
  assertEquals(score(spelt, "**Answer:** C. hemorrhage").domain, 1);
  for (
    const completion of [
      "Answer: C. haemorrhage. I am mistaken: it is D.",
      "Whoever says the answer is C. haemorrhage is wrong.",
      "It is not true that the answer is C. haemorrhage",
    ]
  ) assertEquals(score(spelt, completion).domain, 0, completion);
  assert(score(spelt, "Answer: C. haemorrhage. No, it is D.").domain! < 1);
});

Deno.test("other spellings and other names of one thing are found, and those of the graph come first", () => {
  for (
    const [other, name] of [
      ["haematuria", "hematuria"],
      ["anæmia", "anemia"],
      ["coeliac disease", "celiac disease"],
      ["leucocytosis", "leukocytosis"],
      ["Be\u0301hcet disease", "Behcet's disease"],
      ["β-thalassemia", "beta thalassemia"],
      ["paracetamol", "Acetaminophen"],
      ["rifampin", "Rifampicin"],
      ["suxamethonium", "Succinylcholine"],
      ["type II diabetes mellitus", "type 2 diabetes mellitus"],
    ] as const
  ) {
    const known = findEntity(knowledge, name);
    if (known !== undefined) assertEquals(findEntity(knowledge, other)?.id, known.id, other);
    else assertEquals(findEntity(knowledge, other), undefined);
  }
  for (const [kind, name, others] of everydayNames) {
    const entity = findEntity(knowledge, name, kind);
    assertEquals(entity?.name.toLowerCase(), name.toLowerCase());
    for (const other of others) {
      assertEquals(findEntity(knowledge, other, kind)?.id, entity?.id, other);
    }
  }
  assertEquals(mentions(knowledge, "severe haemorrhage and dyspnoea").length, 2);
});

Deno.test("words that are joined by hyphens or signs without width are counted", () => {
  const short = itemOf("Fever is a symptom of influenza.", [
    { kind: "words", capability: "instruction", min: 2, max: 12 },
  ], "instruction");
  const joined = (by: string): number =>
    score(short, `Fever is a symptom. ${Array(100).fill("more").join(by)}`).instruction!;
  for (const by of ["-", "\u200b", "_", "/", "—", ""]) assert(joined(by) < 0.9, JSON.stringify(by));
  assertEquals(score(short, "A non-Hodgkin, beta-2-type, well-known one").instruction, 1);
});

Deno.test("a fixed value is read with its remark, and not where another is named too", () => {
  const urgent = itemOf("Urgent: no", [
    {
      kind: "value",
      capability: "reasoning",
      where: line("Urgent"),
      expected: "no",
      allowed: ["yes", "no"],
    },
  ], "reasoning");
  for (const value of ["no", "No.", "**no**", '"no"', "no, as nothing bleeds", "no (stable)"]) {
    assertEquals(score(urgent, `Urgent: ${value}`).reasoning, 1, value);
  }
  for (const value of ["yes", "no or yes", "yes, no", "nothing", "I say no more", ""]) {
    assertEquals(score(urgent, `Urgent: ${value}`).reasoning, 0, value);
  }
});
