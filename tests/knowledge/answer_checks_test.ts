import { assert, assertEquals } from "@std/assert";
import {
  clinicalReader,
  isRefused,
  loadClinical,
  loadKnowledge,
  type TextValidation,
  validateText,
} from "../../lib/knowledge/mod.ts";

const { vocabulary, options } = clinicalReader(await loadClinical(await loadKnowledge()));

const read = (prompt: string, text: string): TextValidation =>
  validateText(text, vocabulary, { ...options, prompt });

/** The rules by which a text is refused. */
const refusing = ({ claims }: TextValidation): string[] =>
  claims.filter(({ verdict }) => verdict !== "supported" && verdict !== "not a claim")
    .map(({ rule }) => rule);

/** Right answers are accepted, wrong ones refused by the rule. */
function check(
  cases: readonly (readonly [prompt: string, right: string, wrong: string, rule: string])[],
): void {
  for (const [prompt, right, wrong, rule] of cases) {
    assertEquals(refusing(read(prompt, right)), [], `${prompt} ${right}`);
    const rules = refusing(read(prompt, wrong));
    assert(rules.includes(rule), `${prompt} ${wrong}: ${rules}`);
  }
}

const listed = (...options: readonly string[]): string =>
  options.map((option, i) => `\n${"ABCD"[i]}. ${option}`).join("") +
  "\nReply in the form: Answer: letter. text";

Deno.test("an option states what the question asks for, whatever its words", () => {
  const drugs = listed("colchicine", "lorazepam", "budesonide", "metformin");
  const conditions = listed("gout", "asthma", "otitis media", "rosacea");
  const answer = "question and answer";
  check([
    [`Gout: pick its treatment.${drugs}`, "Answer: A. colchicine", "Answer: B. lorazepam", answer],
    [
      `A patient has gout. Which drug would help?${drugs}`,
      "Answer: A. colchicine",
      "Answer: D. metformin",
      answer,
    ],
    [`What is budesonide given for?${conditions}`, "Answer: B. asthma", "Answer: A. gout", answer],
    [
      `Pick the drug that is not to be given in asthma.${listed("propranolol", "colchicine")}`,
      "Answer: A. propranolol",
      "Answer: B. colchicine",
      answer,
    ],
    [
      `One of the following is characteristic of asthma. Which one?${
        listed("heartburn", "wheezing")
      }`,
      "Answer: B. wheezing",
      "Answer: A. heartburn",
      answer,
    ],
    [
      `Which of these is a kind of kidney cancer?${
        listed("orbit lymphoma", "mesoblastic nephroma")
      }`,
      "Answer: B. mesoblastic nephroma",
      "Answer: A. orbit lymphoma",
      answer,
    ],
    [
      `Of which of these is mesoblastic nephroma a kind?${listed("kidney cancer", "skin disease")}`,
      "Answer: A. kidney cancer",
      "Answer: B. skin disease",
      answer,
    ],
  ]);
});

Deno.test("the disease of a definition is told by its own definition", () => {
  const disease = [...vocabulary.entities.values()].find(({ name }) => name === "asthma")!;
  const words = disease.definition!.split(". ")[0]!.replace(/_/g, " ");
  check([[
    `Which disease is this? ${words}.${listed("gout", "asthma")}`,
    "Answer: B. asthma",
    "Answer: A. gout",
    "definition and answer",
  ]]);
});

Deno.test("yes and no judge the statement of the prompt", () => {
  const form = " Reply in one line: Answer: yes or no";
  const ask = (statement: string): string => `Is this right? ${statement}.${form}`;
  const [yes, no, rule] = ["Answer: yes", "Answer: no", "yes or no"];
  check([
    [ask("Colchicine is used to treat gout"), yes, no, rule],
    [ask("Lorazepam is used to treat gout"), no, yes, rule],
    [ask("Asthma is a contraindication of propranolol"), yes, no, rule],
    [ask("Kidney cancer is a group that includes mesoblastic nephroma"), yes, no, rule],
    [ask("Wheezing is a typical finding of gout"), no, yes, rule],
  ]);
});

Deno.test("what a prompt offers, asks or demands is no claim of it", () => {
  const patient = "A 60-year-old man has had wheezing since May.";
  for (
    const offer of [
      "It is gout, rosacea or asthma, to be treated with metformin, colchicine or budesonide.",
      "Is it asthma or gout? Drugs: budesonide or colchicine.",
      "Find the disease among gout or asthma and the drug among budesonide or colchicine.",
    ]
  ) {
    const found = read(`${patient} ${offer}`, "Diagnosis: asthma\nDrug: budesonide");
    assertEquals(refusing(found), [], offer);
    assert(isRefused(read(`${patient} ${offer}`, "Diagnosis: asthma\nDrug: colchicine")), offer);
  }
  const wrong = read("Gout is treated with lorazepam. Name one more drug.", "Answer: colchicine");
  assert(refusing(wrong).some((rule) => rule.endsWith("(prompt)")));
});

Deno.test("sections of a record tell of the patient", () => {
  for (
    const told of [
      "A 60-year-old man reports fever. Tests reveal high CRP.",
      "Man, 60 years old. Reported: fever. Tests: high CRP.",
      "A man aged 60. Symptoms: fever. Results of tests: high CRP.",
    ]
  ) {
    const prompt = `${told} List the findings. Reply in one line:\nFindings: all that are present`;
    assertEquals(refusing(read(prompt, "Findings: fever, high CRP")), [], told);
    assertEquals(refusing(read(prompt, "Findings: fever, rash")), ["line findings"], told);
  }
});

Deno.test("lines on an absent finding, on urgency, on what is avoided and on the order of findings", () => {
  const absent = "A 30-year-old man reports joint pain. The patient denies wheezing. " +
    "Is it gout, asthma or rosacea? Reply in lines:\nAgainst: one disease\nDiagnosis: one disease";
  const flag = (finding: string): string =>
    `A 70-year-old man reports fever and ${finding}. Reply in one line:\nUrgent: yes or no\n` +
    "Rule: urgent referral for blue skin, stridor or chest pain.";
  const drugs =
    "A 50-year-old woman has gout. Also known: systemic fungal infection and rosacea. " +
    "Drugs for gout: prednisone or allopurinol. Reply in lines:\nAvoid: one drug\nBecause: why\nGive: the other";
  const order =
    "A patient has wheezing and joint pain. Possible are gout, asthma or rosacea; each " +
    "finding is typical of one. Reply in three lines:\nFirst: one\nSecond: one\nExcluded: one";
  check([
    [
      absent,
      "Against: asthma\nDiagnosis: gout",
      "Against: rosacea\nDiagnosis: gout",
      "line against",
    ],
    [absent, "Against: asthma\nDiagnosis: gout", "Against: gout\nDiagnosis: gout", "line against"],
    [
      absent,
      "Against: asthma\nDiagnosis: gout",
      "Against: not asthma\nDiagnosis: gout",
      "line against",
    ],
    [flag("cyanosis"), "Urgent: yes", "Urgent: no", "line urgent"],
    [flag("cough"), "Urgent: no", "Urgent: yes", "line urgent"],
    [
      drugs,
      "Avoid: prednisone\nBecause: systemic fungal infection\nGive: allopurinol",
      "Avoid: allopurinol\nBecause: systemic fungal infection\nGive: prednisone",
      "line give",
    ],
    [
      drugs,
      "Avoid: prednisone\nBecause: systemic fungal infection\nGive: allopurinol",
      "Avoid: prednisone\nBecause: rosacea\nGive: allopurinol",
      "line avoid",
    ],
    [
      order,
      "First: asthma\nSecond: gout\nExcluded: rosacea",
      "First: gout\nSecond: asthma\nExcluded: rosacea",
      "line first",
    ],
    [
      order,
      "First: asthma\nSecond: gout\nExcluded: rosacea",
      "First: asthma\nSecond: gout\nExcluded: gout",
      "line excluded",
    ],
  ]);
});

Deno.test("a table states row by row what its header names", () => {
  const prompt = "Give gout and asthma the right drug: colchicine, budesonide and metformin. " +
    "Reply with a Markdown table.";
  const table = (first: string, second: string): string =>
    `| Disease | Drug |\n|---|---|\n| gout | ${first} |\n| asthma | ${second} |`;
  check([[
    prompt,
    table("colchicine", "budesonide"),
    table("metformin", "budesonide"),
    "lines diagnosis and drug",
  ]]);
});

Deno.test("names beside a finding do not date it; initials end no sentence, a letter of a name does", () => {
  const prompt =
    "A 30-year-old man reports fear of dying and dyspnea. It is hepatitis B. He has no rash. " +
    "Reply in one line:\nFindings: all";
  assertEquals(refusing(read(prompt, "Findings: dyspnea")), []);
  assertEquals(refusing(read(prompt, "Findings: rash")), ["line findings"]);
});
