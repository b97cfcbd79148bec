import { assert, assertEquals } from "@std/assert";
import {
  clinicalReader,
  isRefused,
  loadClinical,
  loadKnowledge,
  validateText,
} from "../../lib/knowledge/mod.ts";
import { plainStems } from "../../lib/knowledge/plain_words.ts";

const clinical = await loadClinical(await loadKnowledge());
const { vocabulary, options } = clinicalReader(clinical);

const found = (text: string) => validateText(text, vocabulary, options);

/** What becomes of a text: accepted, refused, or nothing. */
function outcome(text: string): string {
  const checked = found(text);
  if (isRefused(checked)) return "refused";
  return checked.counts.supported > 0 ? "accepted" : "nothing";
}

function each(expected: string, texts: readonly string[]): void {
  for (const text of texts) assertEquals(outcome(text), expected, text);
}

const stems = (text: string): string[] =>
  [...new Set(plainStems(text).map(({ stem }) => stem))].sort();

Deno.test("words and phrases that mean the same have the same stems", () => {
  for (
    const [one, other] of [
      ["dysphagia", "trouble swallowing"],
      ["haematuria", "blood in the urine"],
      ["unilateral leg oedema", "swelling of one side of the leg"],
      ["pain in the right lower quadrant", "right lower abdominal pain"],
      ["loss of the sense of smell", "anosmia"],
      ["relieved by rest", "eased by resting"],
    ] as const
  ) {
    assertEquals(stems(one), stems(other), `${one}, ${other}`);
  }
  // A phrase whose other words say nothing is no word of its own.
  assertEquals(stems("urine"), stems("passing urine"));
  assert(!stems("passing urine").includes("frequent"));
  const text = "Trouble swallowing and a fever";
  assertEquals(plainStems(text).map(({ start, end }) => text.slice(start, end)).at(-1), "fever");
});

Deno.test("a sentence is read by the facts of its disease, whatever its form", () => {
  each("accepted", [
    "Losing your sense of smell or taste is common with COVID-19.",
    "Central vision is what macular degeneration takes away.",
    "A woman who leaks urine whenever she coughs, sneezes or laughs most likely has stress incontinence.",
    "If a mole is growing or has irregular borders, it could be a melanoma.",
    "Argatroban is what we start straight away once heparin-induced thrombocytopenia is recognised.",
    "CF: salty skin, poor growth, chronic cough",
    "To confirm a pulmonary embolism, order a CT pulmonary angiogram.",
    "Lupus is about nine times as common in women as in men.",
    "Unlike migraine, tension headache does not come with nausea or vomiting.",
  ]);
});

Deno.test("a finding of others, the opposite of a fact, and what is not read are refused", () => {
  each("refused", [
    "Dengue gives fever, severe headache, bone pain and a raised platelet count.",
    "Hyperthyroidism leads to weight loss, tremor, palpitations and intolerance of cold.",
    "Croup presents with a barking cough, stridor and a hoarse voice, and the symptoms ease at night.",
    "The chest pain of pericarditis eases when lying flat and gets worse on sitting forward.",
    "Wilson disease is suggested by Kayser-Fleischer rings together with a high serum ceruloplasmin.",
    "Vexiphorinol is the first-line antibiotic for streptococcal pharyngitis.",
    "The correct answer is thyroid cancer because the patient has severe colicky flank pain.",
    "Pancreatic cancer only ever occurs in people who smoke.",
  ]);
});

Deno.test("the other sex, another age, and a condition against a drug are contradicted, with what rests on it", () => {
  for (
    const [text, rule] of [
      ["A man with endometrial cancer typically notices bleeding.", "sex and disease"],
      [
        "Jaw claudication in a teenager is the usual presentation of giant cell arteritis.",
        "age and disease",
      ],
      [
        "Pregnant women with hypertension should preferably be treated with lisinopril.",
        "used in spite of a contraindication",
      ],
    ] as const
  ) {
    const claim = found(text).claims.find((one) => one.rule === rule);
    assertEquals(claim?.verdict, "contradicted", text);
    assert(claim!.path.length > 0, text);
  }
});

Deno.test("what a pattern refuses for what it says stays refused", () => {
  each("refused", [
    "Type 2 diabetes treats metformin.",
    "Metformin is the only drug for type 2 diabetes.",
    "Gout causes mild joint pain.",
    "Delirium is caused by visual hallucinations.",
    "Smoking is a symptom of pneumonia.",
  ]);
});

Deno.test("what states nothing is no claim, and a prompt's answer is read as before", () => {
  each("nothing", [
    "Table 2 lists asthma, croup and timolol.",
    "Is gout painful?",
    "Thank you for asking about hepatitis A.",
    "The patient has asthma. He was seen on Monday.",
  ]);
});
