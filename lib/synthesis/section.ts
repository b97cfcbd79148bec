/**
 * Sections of a patient's record: what the patient reports, what an examination finds, what tests measure.
 *
 * The tables call many signs symptoms, so their kind alone does not tell: fine crackles need a stethoscope, proteinuria a test,
 * and nobody else can examine a patient's nausea. Words of a finding tell first, its kind where they do not.
 */
import { type Clinical, type Concept, type DiseaseFinding, isShown } from "../knowledge/mod.ts";

/** The sections, in the order in which a record has them. */
export const sections = ["reported", "examined", "measured"] as const;

/** One of the sections. */
export type Section = (typeof sections)[number];

/** What can be had only from a laboratory, a recording or a picture. */
const tested = new RegExp(
  String
    .raw`\b(?:CBC|ECG|EEG|EMG|DXA|X-rays?|MRI|CT|ultrasound|imaging|microscopy|biopsy|spirometry|urinalysis|serum|culture|` +
    String
      .raw`antibod(?:y|ies)|PSA|aPTT|PT|INR|CRP|ESR|TSH|ALT|AST|LDL|HDL|eGFR|BUN|WBC|ferritin|bilirubin|` +
    String
      .raw`creatinine|cholesterol|triglycerides|calcium|potassium|sodium|urea|albumin|testosterone|phosphatase|glucose|` +
    String
      .raw`troponin|h(?:ae|e)moglobin|platelets|joint fluid|bleeding time|bone density|AKI|` +
    String
      .raw`\w+(?:penia|cytosis|philia)|\w*(?:proteinuria|pyuria|albuminuria|ketonuria)|hyperlipid(?:ae|e)mia|an(?:ae|e)mia|` +
    String.raw`\w*(?:kal|natr|calc|glyc|albumin|bilirubin|uric|ferritin)(?:ae|e)mia)\b`,
  "i",
);

/** What an examination measures: vital signs. */
const vital =
  /\b(?:blood pressure|bp|heart rate|pulse|respiratory rate|tachycardia|bradycardia|tachypn(?:o)?ea|hypotension|oxygen saturation|hypox(?:ae|e)mia|hypothermia|intraocular pressure|venous pressure)\b/i;

/** What is felt, touched and measured alike. */
const temperature = /^(?:low-grade |high-grade |high )?fever\b(?! with)|\btemperature\b/i;

/** What somebody can feel and hardly anybody else can see. */
const felt =
  /\b(?:pain|ache|aches|aching|headaches?|backache|earache|nausea|itch\w*|fatigue|tired\w*|weakness|dizz\w+|vertigo|malaise|thirst|polydipsia|hunger|appetite|heartburn|pyrosis|chills|palpitations?|numbness|tingling|paresthesia|burning|discomfort|tinnitus|insomnia|nightmares|flashbacks|worry|anxiety|fear|cravings|libido|fullness|photophobia|dysuria|dyspareunia|dysmenorrhea|smell|taste|ageusia|anosmia|satiety|guilt|urgency|nocturia|lightheadedness|faint\w*|intolerance|cramps?|dyspnea on exertion|orthopnea)\b/i;

/** What hands or instruments find: a pain there is one that the examiner causes. */
const elicited =
  /\b(?:tender(?:ness)?|percussion|auscultation|palpable|palpation|fremitus|crackles|rales|r(?:h)?onchi|(?:breath|heart|bowel) sounds?|murmur|thrill|apex beat|pulsus|reflex(?:es)?|(?:Murphy|Phalen|Tinel|Babinski|Kernig|Brudzinski) sign|whispered voice test|sphincter tone|vibration sense|femoral pulses|foot pulses|hepatomegaly|splenomegaly|hepatosplenomegaly|papilledema|fundoscopy|optic cup|retinal arterioles|field defect|cranial nerve|(?:neck|jugular) (?:vein|veins|venous)|enlarged (?:uterus|irregular uterus|parotid|liver|spleen|axillary|cervical)|clouded lens|on examination|lymphadenopathy|tonsillar exudates|uvular deviation|rebound|ear canal|pelvic mass|flank mass|spider angiomas|xanthomas|tympanic|ascites)\b/i;

/** The kinds of the rows that name a finding. */
const kinds = new WeakMap<Clinical, ReadonlyMap<string, ReadonlySet<DiseaseFinding["kind"]>>>();

function kindsOf(clinical: Clinical): ReadonlyMap<string, ReadonlySet<DiseaseFinding["kind"]>> {
  const known = kinds.get(clinical);
  if (known !== undefined) return known;
  const found = new Map<string, Set<DiseaseFinding["kind"]>>();
  for (const { findings } of clinical.diseases.values()) {
    for (const { finding, kind } of findings.filter(isShown)) {
      found.set(finding.id, (found.get(finding.id) ?? new Set()).add(kind));
    }
  }
  kinds.set(clinical, found);
  return found;
}

/**
 * The sections in which a finding may stand.
 *
 * @param clinical The curated tables, whose rows say what kind of finding it is.
 * @param finding The finding.
 * @returns At least one section, the usual one first.
 */
export function sectionsOf(clinical: Clinical, finding: Concept): readonly Section[] {
  const name = `${finding.name}; ${finding.entity?.name ?? ""}`;
  const rows = kindsOf(clinical).get(finding.id) ?? new Set();
  if (vital.test(name)) {
    return rows.has("symptom") ? ["examined", "measured", "reported"] : ["examined", "measured"];
  }
  if (temperature.test(finding.name)) return sections;
  if (tested.test(name)) return ["measured"];
  if (elicited.test(name)) return ["examined"];
  if (felt.test(name)) return ["reported"];
  if (rows.has("test") && !rows.has("symptom") && !rows.has("sign")) return ["measured"];
  return rows.has("sign") && !rows.has("symptom")
    ? ["examined", "reported"]
    : ["reported", "examined"];
}
