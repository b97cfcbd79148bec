import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  clinicalVocabulary,
  curatedBounds,
  curatedJudge,
  isRefused,
  loadClinical,
  loadKnowledge,
  type TextOptions,
  validateText,
} from "../../lib/knowledge/mod.ts";
import { smallKnowledge } from "./small.ts";

const clinical = await loadClinical(await loadKnowledge());
const knowledge = clinicalVocabulary(clinical);
const curated = { judge: curatedJudge(clinical), boundsOf: curatedBounds(clinical) };

const verdicts = (text: string, options?: TextOptions): string[] =>
  validateText(text, knowledge, { ...curated, ...options }).claims.map(({ verdict }) => verdict);

/** Whether something in an answer is refused. */
const refused = (text: string, prompt: string): boolean =>
  isRefused(validateText(text, knowledge, { ...curated, prompt }));

Deno.test("verdicts with their evidence", () => {
  const { claims, counts, faults } = validateText(
    "The flu causes fever. The flu causes tinnitus. The flu does not cause fever.",
    knowledge,
    curated,
  );
  assertEquals(claims.map(({ verdict }) => verdict), ["supported", "unknown", "contradicted"]);
  const none = { associated: 0, "not a claim": 0 };
  assertEquals(counts, { supported: 1, contradicted: 1, unknown: 1, ...none });
  assertEquals(faults, []);
  assertEquals(claims[0]!.path[0], '"The flu" is influenza (DOID:8469)');
  assertMatch(claims[0]!.path[1]!, /^influenza presents fever .*findings\.tsv:\d+\]$/);
});

Deno.test("drugs are judged by the curated tables: use, first line, relief, contraindication", () => {
  const judged = {
    "Loperamide treats gastroenteritis.": "supported",
    "Loperamide is the drug of choice for gastroenteritis.": "contradicted",
    "Metformin is the first-line drug for type 2 diabetes.": "supported",
    "Propranolol is contraindicated in asthma.": "supported",
    "Avoid propranolol in asthma.": "supported",
    "Propranolol treats asthma.": "contradicted",
    "Propranolol is safe in asthma.": "contradicted",
    "Metformin is contraindicated in type 2 diabetes.": "contradicted",
    "Colchicine is contraindicated in gout.": "contradicted",
    "Omeprazole is contraindicated in gout.": "unknown",
  };
  for (const [text, verdict] of Object.entries(judged)) {
    assertEquals(verdicts(text), [verdict], text);
  }
  // PharmacotherapyDB's non-indications deny nothing
  assertEquals(
    verdicts("Tretinoin treats acute promyelocytic leukemia.").includes("contradicted"),
    false,
  );
});

Deno.test("what is only written about together is told apart, and supports nothing but that", () => {
  const small = smallKnowledge();
  const judge = (standing: "associated" | "unknown") => () => ({
    verdict: standing,
    path: [],
    reason: "",
  });
  for (const standing of ["associated", "unknown"] as const) {
    const { claims, counts } = validateText("A cold causes cough.", small, {
      judge: judge(standing),
    });
    assertEquals(claims.map(({ verdict }) => verdict), [standing]);
    assertEquals(counts[standing], 1);
    const denied = validateText("A cold does not cause cough.", small, { judge: judge(standing) });
    assertEquals(denied.claims.map(({ verdict }) => verdict), ["unknown"]);
  }
  assertEquals(verdicts("Influenza is associated with fever."), ["supported"]);
  assertEquals(verdicts("Influenza is associated with a clouded lens."), ["unknown"]);
});

Deno.test("no source says always or only; rare is right where it is uncommon; degrees and numbers are the source's", () => {
  const judged = {
    "Gout causes joint pain.": "supported",
    "Gout always causes joint pain.": "unknown",
    "Only gout causes joint pain.": "unknown",
    "Gout usually causes joint pain.": "supported",
    "Gout rarely causes joint pain.": "contradicted",
    "Headache is uncommon in hypertension.": "supported",
    "Headache is a typical symptom of hypertension.": "contradicted",
    "Pneumothorax causes sudden pleuritic chest pain.": "supported",
    "Pneumothorax causes gradual pleuritic chest pain.": "contradicted",
    "Gout causes bloody joint pain.": "unknown",
    "Pertussis causes a cough lasting more than two weeks.": "supported",
    "Pertussis causes a cough lasting more than 14 days.": "supported",
    "Pertussis causes a cough lasting more than two days.": "contradicted",
    "Gout is always an arthritis.": "supported",
  };
  for (const [text, verdict] of Object.entries(judged)) {
    assertEquals(verdicts(text).at(-1), verdict, text);
  }
});

Deno.test("names without a statement and what a model leaves behind are refused", () => {
  assertEquals(verdicts("Influenza fever."), ["unknown"]);
  const faults = (text: string): string[] =>
    validateText(text, knowledge, curated).faults.map(({ rule }) => rule);
  const left = {
    "Gout hurts.<|im_end|>": ["special token"],
    "[INST] Gout hurts. [/INST]</s>": ["special token", "special token", "special token"],
    "<think>Gout?</think> Gout hurts.": ["tag", "tag"],
    "Assistant: Gout hurts.": ["role"],
    "{{disease}} hurts, [insert drug] helps, ____ too.": [
      "placeholder",
      "placeholder",
      "placeholder",
    ],
    "Sure! Here is the reworded text: gout hurts.": ["chatter"],
    "As an AI language model I know that gout hurts.": ["chatter"],
    "Gout\u200b hurts \ufffd.": ["control character", "replacement character"],
    "Gout hurts hurts hurts hurts.": ["repetition"],
    "Gout hurts &amp; burns.": ["markup"],
    "Gout hurts. In gout < 1 % have [urate] > 3 mg/dl; see below.": [],
    '```json\n{"diagnosis": "gout"}\n```': [],
  };
  for (const [text, rules] of Object.entries(left)) assertEquals(faults(text), rules, text);
});

Deno.test("what holds of most diseases says nothing; roles that cannot be are refused", () => {
  assertEquals(verdicts("Influenza causes a nervous system symptom."), ["unknown"]);
  assertEquals(
    verdicts("Fever causes influenza. Gout treats colchicine. Arthritis is a type of gout."),
    ["unknown", "unknown", "contradicted"],
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
    validateText(text, knowledge, curated).claims.filter(({ verdict }) =>
      verdict === "contradicted"
    ).map(({ rule }) => rule);
  assertEquals(faults("A man with ovarian cancer has fever."), ["sex and disease"]);
  assertEquals(faults("A woman with ovarian cancer has fever."), []);
  assertEquals(faults("A woman has fever. He has cough."), ["sex said twice"]);
  assertEquals(faults("A 34-year-old patient has fever. The 70-year-old patient has cough."), [
    "age said twice",
  ]);
  assertEquals(faults("A man has fever. A woman has cough."), [], "two patients");
  assertEquals(faults("A man with gout has fever. The man is 4 years old."), ["age and disease"]);
  const boundsOf = () => ({ age: { min: 60, max: 110 } });
  const { claims } = validateText("A 20-year-old man has gout.", knowledge, { boundsOf });
  assertEquals(claims.at(-1)!.rule, "age and disease");
});

const prompt =
  "A 64-year-old man has had heartburn, nausea and chest pain for three weeks. He denies fever. Is it " +
  "gastroesophageal reflux disease, gout or asthma? Drugs: omeprazole or colchicine. Reply in three lines:\n" +
  "Because: two findings that point to it\nDiagnosis: one disease\nDrug: one drug";
const answer =
  "Because: heartburn and nausea\nDiagnosis: gastroesophageal reflux disease\nDrug: omeprazole";

Deno.test("an answer is read with its prompt", () => {
  assert(!refused(answer, prompt));
  for (
    const [part, other] of [
      ["heartburn", "tinnitus"], // not in the prompt
      ["heartburn", "fever"], // denied in the prompt
      ["heartburn and nausea", "heartburn"], // two were asked for
      ["heartburn and nausea", "heartburn and nausea for three days"], // weeks
      ["gastroesophageal reflux disease", "gout"], // does not show the findings
      ["gastroesophageal reflux disease", "epilepsy"], // not offered
      ["gastroesophageal reflux disease", "not gastroesophageal reflux disease"],
      ["omeprazole", "colchicine"],
      ["omeprazole", "not omeprazole"],
      ["omeprazole", "xanthobrel"],
    ] as const
  ) assert(refused(answer.replace(part, other), prompt), other);
  for (
    const [part, other] of [
      ["gastroesophageal reflux disease", "gastroesophageal reflux disease, not gout"],
      ["heartburn and nausea", "heartburn and nausea for 21 days"],
    ] as const
  ) assert(!refused(answer.replace(part, other), prompt), other);
  assert(refused(answer, prompt.replace("nausea", "tinnitus")));
});

Deno.test("bare answers complete the question", () => {
  const ask = "Name one symptom of influenza. Reply in one line: Answer: symptom";
  for (
    const right of ["fever", "fever, as it is typical", "fever, not polyuria", "fever (not rash)"]
  ) {
    assert(!refused(`Answer: ${right}`, ask), right);
  }
  assert(!refused("**Answer:** fever", ask));
  for (
    const wrong of [
      "tinnitus",
      "snorbling",
      "not fever",
      "fever? No.",
      "nervous system symptom",
      "fever<|im_end|>",
    ]
  ) {
    assert(refused(`Answer: ${wrong}`, ask), wrong);
  }
  const options =
    "Which of these is a symptom of influenza?\nA. polyuria\nB. fever\nReply: Answer: letter. text";
  assert(!refused("Answer: B. fever", options));
  assert(refused("Answer: A. fever", options) && refused("Answer: A. polyuria", options));
  assert(refused("Answer: B. fever. Actually I am wrong: it is A.", options));
});

Deno.test("JSON is read by its keys", () => {
  const text =
    '{"findings": ["heartburn", "nausea"], "diagnosis": "gastroesophageal reflux disease", ' +
    '"drug": "omeprazole"}';
  assertEquals(
    new Set(verdicts(text).filter((verdict) => verdict !== "not a claim")),
    new Set(["supported"]),
  );
  assertEquals(
    verdicts(text.replace("omeprazole", "colchicine")).filter((one) => one === "unknown").length,
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
