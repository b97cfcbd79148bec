/**
 * What part or function of the body the words of a finding are about. Whoever shows nothing of the eyes has no visual disturbance:
 * a finding is safely wrong where the disease has none of its topic, however the tables word it.
 *
 * @module
 */

const words: Readonly<Record<string, string>> = {
  eyes:
    "lens glare papilled retinal vision visual eye ocular pupil blur photophob diplop optic fundosc conjunctiv cornea scotoma floaters tearing intraocular",
  ears: "hearing ear tinnitus vertigo dizz balance unstead lighthead faint syncop",
  "nose and throat":
    "nose nasal sneez rhino sinus throat tonsil hoarse voice swallow dysphag odynoph uvula drool postnasal epistax smell",
  mouth: "mouth tongue gum tooth teeth oral taste ageusia saliva salivary lip jaw trismus",
  face: "face facial droop",
  lungs:
    "tachypn mucus cough dyspn breath wheez sputum hemopt respir lung crackle percussion stridor oxygen hypox cyanos chest pleur apnea snor gasp choking",
  heart:
    "palpit heart cardi murmur pulse ecg chest arrhyth angina precord jugular edema pressure bp hypertens hypotens shock orthopn bradyc tachyc apex swelling swollen ankle troponin bnp faint syncop sweating diaphor collapse",
  bowels:
    "abdom nausea vomit stool diarrh constip bowel bloat heartburn reflux stomach epigast rectal rectum anal melena hematoch hematem satiety appetite dyspep flatul belch bilious tenesmus regurg hiccup indigest gas rebound guarding",
  liver: "jaundice yellow bilirubin liver hepat ascit alt ast alp spleen gallbladder murphy",
  urine:
    "urea egfr pyuria suprapubic hesitancy leakage urin renal kidney creatin flank hematur proteinur bladder nocturia dysuria oligur anuria cast costoverteb void incontin bun",
  sex:
    "erection dyspareun infertil adnexal dysmenorr psa testosterone vagin menstru menorr amenorr menopaus period pelvic penis penile testic testis scrot breast nipple uter cervi libido erectile pregnan fertil genital groin galactorr spotting hirsut sexual ejacul",
  skin:
    "mole pimple blackhead whitehead scar urticaria angioedema eczema sore pearly skin rash itch prurit lesion papul vesicl blister ulcer erythem hair nail wheal hives plaque scal bruis petech purpur pallor pale red flush sweat pigment crust pustul comedon acne hirsut dry burning bald wart nodul patch",
  joints:
    "joint arthr arthralg stiff swollen swelling tophi deform knee hip shoulder wrist finger toe motion",
  "muscles and bones":
    "muscle myal bone back neck limb leg arm calf thigh fracture cramp spine spasm limp grip hand foot feet height lordosis",
  nerves:
    "dysarthr speak cranial vibration staring catapl dermatome postural seiz convuls headache migraine weak paraly numb tingl paresth tremor reflex speech aphas confus conscious memory cognit mental coma letharg neuro sensor rigid bradykin gait ataxi droop stupor drows stiff fontanelle photophob disorient walking coordination fall involuntary movement posture drop",
  mind:
    "craving mania grandios reckless hypervigil startle affect judgement disorganized communication mood anxi depress worry panic irritab agitat hallucin delus sleep insomn fear concentrat attent restless behav compuls obsess hyperactiv interest withdrawal guilt suicid thought conversation social impuls emotion crying flashback nightmare tension",
  blood:
    "eosinophil macrocyt antinuclear anti-ro anemi bleed bruis petech platelet leuk neutro lympho hemoglobin mcv iron ferritin clot pt aptt inr pallor pale epistax thrombocyt wbc blast cytop hematoma",
  "glands and nodes": "lymphadenop node glands spleen splenomeg goiter thyroid",
  metabolism:
    "ldl hdl albumin hyperlipid thirst polydip polyur glucose weight tsh thyro t4 cortisol calcium potassium sodium heat cold appetite hba1c growth lipid cholesterol triglycer uric hunger hungry ketone sugar fat xanth",
  fever: "fever chill rigor malaise crp esr sweats flu",
};

const topics = Object.entries(words).map(([name, stems]) =>
  [name, new RegExp(`\\b(?:${stems.split(" ").join("|")})`, "i")] as const
);

/**
 * The topics of some words.
 *
 * @param text The words of a finding.
 * @returns Names of topics; none for words that tell no part of the body.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { topicsOf } from "./finding_topics.ts";
 * assertEquals(topicsOf("blurred vision"), topicsOf("visual disturbances"));
 * ```
 */
export function topicsOf(text: string): string[] {
  return topics.filter(([, pattern]) => pattern.test(text)).map(([name]) => name);
}
