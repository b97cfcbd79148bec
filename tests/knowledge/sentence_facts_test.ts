import { assert, assertEquals } from "@std/assert";
import {
  clinicalReader,
  isRefused,
  loadClinical,
  loadKnowledge,
  validateText,
} from "../../lib/knowledge/mod.ts";
import { plainStems } from "../../lib/knowledge/facts/plain_words.ts";

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

Deno.test("words keep their order: what turns others turns the same ones as in the fact", () => {
  each("accepted", [
    "Haemophilia A shows itself by a long aPTT while the PT stays normal.",
    "In peripheral artery disease the leg hurts on walking, which is relieved by rest.",
    "Gout crystals are negatively birefringent, whereas those of pseudogout are weakly positive.",
  ]);
  each("refused", [
    "Haemophilia A shows itself by a prolonged PT and a normal aPTT.",
    "In peripheral artery disease there is leg pain at rest, relieved by walking.",
    "In pseudogout the crystals are negatively birefringent.",
    "Macular degeneration takes peripheral vision and spares central vision.",
    "The murmur of aortic stenosis is harsh and diastolic.",
  ]);
});

Deno.test("drugs by their use: other drugs' uses, purposes, rules under a condition, care without drugs", () => {
  each("accepted", [
    "Lactulose is first-line for the encephalopathy of cirrhosis.",
    "If vagal manoeuvres fail in SVT, adenosine is first-line.",
    "Sumatriptan must not be given for migraine to somebody with coronary artery disease.",
    "Neither heparin nor enoxaparin may be given in heparin-induced thrombocytopenia.",
    "The common cold has no first-line drug; care is supportive.",
    "Everyone with type 1 diabetes needs insulin.",
    "Heparin-induced thrombocytopenia begins five to ten days after heparin.",
    "Trimethoprim-sulfamethoxazole is a first-line drug for cystitis.",
  ]);
  each("refused", [
    "Lactulose is first-line for the ascites of cirrhosis.",
    "No drug is first-line for asthma.",
    "Men who take nitrates can use sildenafil without any worry.",
    "Everyone with gout needs allopurinol.",
  ]);
});

Deno.test("numbers are the source's, with their bounds, and of the right disease", () => {
  each("accepted", [
    "Morning stiffness of osteoarthritis lasts less than 30 minutes.",
    "Nimodipine is given for three weeks after a subarachnoid bleed.",
  ]);
  each("refused", [
    "Morning stiffness of osteoarthritis lasts more than 30 minutes.",
    "Nimodipine is given for three months after a subarachnoid bleed.",
    "Osteoarthritis makes joints stiff for more than an hour, whereas in rheumatoid arthritis stiffness lasts less than 30 minutes.",
  ]);
});

Deno.test("what a semicolon parts is one statement where one part names the disease", () => {
  each("accepted", [
    "Painful periods point to endometriosis; pain during sex is common too.",
  ]);
  each("refused", ["Croup is worst at night; a productive cough with rusty sputum is typical."]);
  // Parts without end are no endless sentence.
  const { claims } = found(`Gout hurts; ${"it aches at night; ".repeat(400)}`);
  assert(claims.every(({ start, end }) => end - start <= 600));
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

Deno.test("a vignette and its diagnosis, and a sentence about drugs and the one before it, are read together", () => {
  each("accepted", [
    "A 28-year-old woman reports painful loss of sight in one eye, a numb arm and an electric feeling down her back when she bends her neck. Multiple sclerosis is likely.",
    "Subarachnoid hemorrhage typically presents with a sudden, severe headache and neck stiffness. Nimodipine is the first-line drug.",
    "Lost height and a stooped back are typical of osteoporosis. Alendronate is the initial drug, but hypocalcaemia is a contraindication to it.",
  ]);
  each("refused", [
    "A 28-year-old woman reports painful loss of sight in one eye and numbness of an arm. Multiple sclerosis is likely, and propranolol is the first-line drug.",
    "Subarachnoid hemorrhage typically presents with a sudden, severe headache and neck stiffness. Colchicine is the first-line drug.",
    "Prostate cancer may cause bone pain and an elevated PSA. Testosterone can be given to these patients.",
  ]);
});

Deno.test("what the next sentence says of the same disease is read: findings, tests, care", () => {
  each("accepted", [
    "Pericarditis causes chest pain. The pain is relieved by sitting forward.",
    "Hypothyroidism causes fatigue. Lab tests show a high TSH.",
    "Celiac disease causes diarrhea. A gluten-free diet is the first-line treatment.",
  ]);
  each("refused", [
    "Pericarditis causes chest pain. The pain is worse on sitting forward.",
    "Migraine causes a throbbing headache on one side. Patients often have hematuria.",
    "Pneumonia presents with fever and cough. Red flags include hair loss.",
    "Hypothyroidism causes fatigue. Lab tests show a low TSH.",
    "Tuberculosis causes night sweats. The diagnosis is confirmed by a lumbar puncture.",
    "Bacterial meningitis causes fever and neck stiffness. Antibiotics are contraindicated.",
    "Celiac disease causes diarrhea. Bread and pasta are the first-line treatment.",
  ]);
});

Deno.test("what a sentence adds to a fact is accounted for: names, reasons, kinds, uses, abbreviations", () => {
  each("accepted", [
    "Fluticasone is a first-line drug for allergic rhinitis.",
    "Propranolol is contraindicated in patients with asthma because of that condition.",
    "Chronic obstructive pulmonary disease (COPD) causes a productive cough.",
    "Tamsulosin is a first-line drug for benign prostatic hyperplasia, a disease affecting the male reproductive system.",
    "Lactulose is used to treat the encephalopathy of patients with liver cirrhosis.",
  ]);
  each("refused", [
    "Fluticasone is a first-line drug for allergic rhinitis, also known as a leukotriene receptor antagonist.",
    "Tiotropium is a first-line drug for chronic obstructive pulmonary disease due to its broad antimicrobial activity.",
    "Acyclovir is a first-line drug for herpes zoster, also known as herpes X.",
    "Interstitial cystitis (ICS) causes pelvic pain and urinary urgency.",
    "Diltiazem, a medication used to treat hypotension, should not be used in hypotension.",
    "Ergotamine is contraindicated in peripheral artery disease, where it is metabolized by the enzyme glutathionylation.",
    "Dantemonium is a first-line drug.",
    "Oseltamivir is the first-line drug for influenza, but it should not be started until 48 hours have passed.",
  ]);
});

Deno.test("which of two drugs a condition is said of, in words that exclude", () => {
  each("accepted", [
    "Alendronate, a first choice in osteoporosis, is ruled out by achalasia.",
    "Tranexamic acid is a first-line drug for uterine fibroids, but active thromboembolic disease forbids its use.",
    "Midodrine is first-line for orthostatic hypotension, but not in a patient with urinary retention.",
    "Amoxicillin is the first choice for otitis media, azithromycin being left for patients who are allergic to penicillin.",
    "Neither propranolol nor nadolol may be prescribed to a patient with asthma, and even metoprolol calls for caution.",
  ]);
  each("refused", [
    "Ethambutol must not be given during acute gout, and pyrazinamide must not be given in optic neuritis.",
    "In type 1 diabetes insulin may be replaced by glimepiride.",
  ]);
});

Deno.test("sexes compared, ages between numbers, ratios and bounds", () => {
  each("accepted", [
    "Osteoporosis, which affects women more than men, causes loss of height.",
    "COPD is confirmed when spirometry shows a ratio of FEV1 to FVC below 0.7.",
  ]);
  each("refused", [
    "Osteoporosis, which affects men more than women, causes loss of height.",
    "Multiple sclerosis, which may start with painful visual loss in one eye, affects about three men for every woman.",
    "Hemophilia A, a disorder seen predominantly in females, causes a prolonged aPTT.",
    "Bronchiolitis affects children between the ages of 6 and 12.",
    "COPD is confirmed when spirometry shows a ratio of FEV1 to FVC above 0.7.",
    "Thrombotic thrombocytopenic purpura: the ADAMTS13 activity is above 90%, and the smear shows schistocytes.",
    "The attacks of cluster headache, severe and one-sided around the eye or temple, last from four to seventy-two hours.",
  ]);
});

Deno.test("words of a fact that are turned, swapped or denied", () => {
  each("accepted", [
    "In pancreatic cancer the stools are pale and the urine is dark.",
    "Otitis externa presents with an itching ear, and pulling on the outer ear is painful.",
    "In lupus the polyarthritis is symmetrical and not erosive.",
  ]);
  each("refused", [
    "Patients with pancreatic cancer typically have jaundice, dark stools and pale urine.",
    "Otitis externa presents with an itching ear, and pulling on the outer ear is not painful.",
    "In lupus the polyarthritis is symmetrical and typically erosive.",
    "Open-angle glaucoma robs the patient of central vision first.",
    "Lymphoma typically presents with painful enlargement of the lymph nodes and fever.",
  ]);
});

Deno.test("findings, conditions and diseases in other words, without what these add", () => {
  each("accepted", [
    "In heart failure patients wake at night short of air.",
    "Shingles causes pain and blisters in one dermatome on one side of the body.",
    "Nobody with haemophilia should take aspirin.",
    "Tiotropium is first-line in COPD, but it has to be used cautiously in urinary retention.",
  ]);
  each("refused", [
    "Interstitial lung disease causes a productive cough.",
    "Appendicitis causes a high fever, never a mild one.",
    "Psoriasis is an infection of the heart valves that shows splinter haemorrhages.",
    "Rosacea is a contagious skin condition that causes facial redness.",
    "Paracetomules (clindamycin) are a first-line drug for peritonsillar abscess.",
  ]);
});

Deno.test("words of harm are the drug's, and a drug is judged by the part that speaks of it", () => {
  each("accepted", [
    "In dengue, acetaminophen can relieve the fever.",
    "Haloperidol is contraindicated in a patient whose resting tremor is due to Parkinson's disease.",
    "Folic acid must not be the only treatment of pernicious anaemia; what is needed is cyanocobalamin.",
    "For a child with ADHD, methylphenidate is first-line, while clonidine is another drug in use.",
  ]);
  each("refused", [
    "If a patient with myasthenia gravis has pneumonia, levofloxacin is the preferred antibiotic.",
    "For migraine, propranolol should be taken at the start of an attack to treat it.",
  ]);
});

Deno.test("other sides, fingers, onsets, decades and tenths than the facts'", () => {
  each("refused", [
    "Appendicitis causes pain that moves to the left upper part of the abdomen.",
    "Carpal tunnel syndrome causes numbness of the ring and little fingers.",
    "Delirium has an insidious onset over several years and shows inattention.",
    "Giant cell arteritis strikes people in their twenties and presents with headache.",
    "Nine out of ten patients with systemic lupus erythematosus are men.",
  ]);
  each("accepted", [
    "Carpal tunnel syndrome causes numbness of the thumb, index and middle fingers.",
    "Nine out of ten patients with systemic lupus erythematosus are women.",
    "Fatigue and itching are typical of primary biliary cholangitis.",
  ]);
  each("refused", ["Gout usually affects women."]);
});
