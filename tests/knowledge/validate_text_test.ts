import { assert, assertEquals, assertMatch } from "@std/assert";
import { loadKnowledge, type TextOptions, validateText } from "../../lib/knowledge/mod.ts";
import { smallKnowledge } from "./small.ts";

const knowledge = await loadKnowledge();

const verdicts = (text: string, options?: TextOptions): string[] =>
  validateText(text, knowledge, options).claims.map(({ verdict }) => verdict);

/** Whether something in an answer is refused. */
const refused = (text: string, prompt: string): boolean => {
  const { counts } = validateText(text, knowledge, { prompt });
  return counts.contradicted + counts.unknown > 0;
};

Deno.test("verdicts with their evidence", () => {
  const { claims, counts } = validateText(
    "The flu causes chills. The flu causes jaundice. The flu does not cause chills.",
    knowledge,
  );
  assertEquals(claims.map(({ verdict }) => verdict), ["supported", "unknown", "contradicted"]);
  assertEquals(counts, {
    supported: 1,
    contradicted: 1,
    associated: 0,
    unknown: 1,
    "not a claim": 0,
  });
  assertEquals(claims[0]!.path[0], '"flu" is influenza (DOID:8469)');
  assertMatch(claims[0]!.path[1]!, /^influenza \(DOID:8469\) presents chills .*definition\]$/);
});

Deno.test("uses of drugs: any use, symptomatic, disease-modifying, against, and none", () => {
  assertEquals(verdicts("Naproxen treats migraine. Naproxen modifies migraine."), [
    "supported",
    "contradicted",
  ]);
  assertEquals(verdicts("Scopolamine is not indicated for Alzheimer's disease."), ["supported"]);
  assertEquals(verdicts("Scopolamine is indicated for Alzheimer's disease."), ["contradicted"]);
  assertEquals(
    verdicts("Scopolamine is contraindicated in Alzheimer's disease."),
    ["unknown"],
    "a non-indication is no contraindication",
  );
  assertEquals(verdicts("Metformin is contraindicated in type 2 diabetes."), ["contradicted"]);
});

Deno.test("what holds of most diseases says nothing; roles that cannot be are refused", () => {
  assertEquals(verdicts("Influenza causes a nervous system symptom."), ["unknown"]);
  assertEquals(
    verdicts("Fever causes influenza. Gout treats allopurinol. Arthritis is a type of gout."),
    [
      "unknown",
      "contradicted",
      "contradicted",
    ],
  );
});

Deno.test("causes and carriers are those of the definition", () => {
  assertEquals(
    verdicts("Influenza is caused by Influenzavirus A. Influenza is caused by mosquitoes."),
    [
      "supported",
      "unknown",
    ],
  );
});

Deno.test("reports on a person agree with what was said before", () => {
  assertEquals(verdicts("He has fever. He has fever."), ["not a claim", "supported"]);
  assertEquals(verdicts("He has fever. He has no fever."), ["not a claim", "contradicted"]);
  assertEquals(verdicts("He has colic. He has pain."), ["not a claim", "supported"]);
  assertEquals(verdicts("He has no pain. He has colic."), ["not a claim", "contradicted"]);
  assertEquals(verdicts("His mother has gout. He has gout."), ["not a claim", "unknown"]);
  assertEquals(verdicts("He had gout years ago. He has gout."), ["not a claim", "unknown"]);
});

Deno.test("sex and age are said once and fit the disease", () => {
  const faults = (text: string) =>
    validateText(text, knowledge).claims.filter(({ verdict }) => verdict === "contradicted").map((
      { rule },
    ) => rule);
  assertEquals(faults("A man with ovarian cancer has fever."), ["sex and disease"]);
  assertEquals(faults("A woman with ovarian cancer has fever."), []);
  assertEquals(faults("A woman has fever. He has cough."), ["sex said twice"]);
  assertEquals(faults("A 34-year-old patient has fever. The 70-year-old patient has cough."), [
    "age said twice",
  ]);
  assertEquals(faults("A man has fever. A woman has cough."), [], "two patients");
  const boundsOf = () => ({ age: { min: 60, max: 110 } });
  const { claims } = validateText("A 20-year-old man has gout.", knowledge, { boundsOf });
  assertEquals(claims.at(-1)!.rule, "age and disease");
});

const prompt =
  "Present: vomiting, dizziness and confusion. Absent: fever. Is it migraine, gout or asthma? " +
  "Drugs: topiramate or colchicine. Reply in four lines:\nBecause: two findings that point to it\n" +
  "Diagnosis: one disease\nDrug: one disease-modifying drug\nSite: the affected body part";
const answer =
  "Because: vomiting and dizziness\nDiagnosis: migraine\nDrug: topiramate\nSite: brain";

Deno.test("an answer is read with its prompt", () => {
  assert(!refused(answer, prompt));
  for (
    const [part, other] of [
      ["vomiting", "jaundice"], // not in the prompt
      ["vomiting", "fever"], // denied in the prompt
      ["vomiting and dizziness", "vomiting"], // two were asked for
      ["migraine", "gout"], // does not show the findings
      ["migraine", "epilepsy"], // not offered
      ["migraine", "not migraine"],
      ["topiramate", "colchicine"],
      ["topiramate", "not topiramate"],
      ["topiramate", "xanthobrel"],
      ["brain", "knee"],
    ] as const
  ) assert(refused(answer.replace(part, other), prompt), other);
  assert(refused(answer, prompt.replace("dizziness", "hematemesis")));
  assert(refused(answer, prompt.replace("Absent: fever", "Present: oliguria")));
});

Deno.test("bare answers complete the question", () => {
  const ask = "Name one symptom of influenza. Reply in one line: Answer: symptom";
  assert(!refused("Answer: fever", ask) && !refused("**Answer:** fever, as it is typical", ask));
  for (
    const wrong of ["jaundice", "snorbling", "not fever", "fever? No.", "nervous system symptom"]
  ) {
    assert(refused(`Answer: ${wrong}`, ask), wrong);
  }
  const options =
    "Which of these is a symptom of influenza?\nA. polyuria\nB. fever\nReply: Answer: letter. text";
  assert(!refused("Answer: B. fever", options));
  assert(refused("Answer: A. fever", options) && refused("Answer: A. polyuria", options));
});

Deno.test("JSON is read by its keys", () => {
  const text =
    '{"findings": ["vomiting", "dizziness"], "diagnosis": "migraine", "drug": "topiramate"}';
  assertEquals(
    new Set(verdicts(text).filter((verdict) => verdict !== "not a claim")),
    new Set(["supported"]),
  );
  assertEquals(
    verdicts(text.replace("topiramate", "colchicine")).filter((one) => one === "unknown").length,
    1,
  );
});

Deno.test("another judge decides where it is given, and never about persons", () => {
  const asked: string[] = [];
  const { claims } = validateText("A cold causes cough. He has cough.", smallKnowledge(), {
    judge: ({ subject, relation, object }) => {
      asked.push(`${subject} ${relation} ${object}`);
      return { verdict: "contradicted", path: ["a book"], reason: "so it is written" };
    },
  });
  assertEquals(asked, ["cold presents SYMP:3"]);
  assertEquals(claims.map(({ verdict }) => verdict), ["contradicted", "not a claim"]);
});
