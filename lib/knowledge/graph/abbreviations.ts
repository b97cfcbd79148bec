/**
 * Abbreviations of medicine that mean several things. They are read only where the text around them, or the kind of thing
 * that is asked for, leaves one meaning; else the reader asks. Those of drugs are on the lists of error-prone abbreviations
 * of the Institute for Safe Medication Practices.
 *
 * @module
 */

import { foldText } from "./spelling.ts";

/** What an abbreviation can stand for. */
export type MeaningKind = "disease" | "finding" | "drug" | "other";

/** One meaning of an abbreviation. */
export interface Meaning {
  /** In full. */
  readonly name: string;
  /** What it is; `other` is no disease, finding or drug. */
  readonly kind: MeaningKind;
  /** Beginnings of words around it that speak for this meaning, in small letters. */
  readonly cues: readonly string[];
}

/** Abbreviation: meanings as `name/kind: cues`, separated by semicolons. */
const table: Readonly<Record<string, string>> = {
  AD:
    "Alzheimer's disease/disease: dement memor cognit amyloid donepezil; atopic dermatitis/disease: skin itch eczem emollient; autosomal dominant/other: gene inherit mutation famil; aortic dissection/disease: tear aort widened",
  AI:
    "aortic insufficiency/disease: murmur valve diastol; adrenal insufficiency/disease: cortisol hydrocortisone addison; artificial intelligence/other: model algorithm",
  ALL: "acute lymphoblastic leukemia/disease: leuk blast marrow chemo",
  ALS:
    "amyotrophic lateral sclerosis/disease: motor fasciculat riluzole bulbar; advanced life support/other: resuscit ambulance arrest",
  AMS:
    "altered mental status/finding: confus drows disorient; acute mountain sickness/disease: altitude climb mountain",
  AR:
    "allergic rhinitis/disease: nose nasal pollen sneez; aortic regurgitation/disease: murmur valve diastol; autosomal recessive/other: gene inherit mutation",
  ARF:
    "acute renal failure/disease: creatinin urin kidney dialys; acute respiratory failure/disease: ventilat oxygen hypox; acute rheumatic fever/disease: strepto carditis chorea",
  AS:
    "aortic valve stenosis/disease: murmur valve systol syncop; ankylosing spondylitis/disease: back spin sacroil b27",
  ASA:
    "aspirin/drug: mg platelet tablet antiplatelet; American Society of Anesthesiologists class/other: anesth anaesth preoperat class",
  ASD:
    "autism spectrum disorder/disease: social speech behavio child; atrial septal defect/disease: murmur shunt heart septal; acute stress disorder/disease: trauma nightmare flashback",
  AZT: "zidovudine/drug: hiv antiretrovir; azathioprine/drug: transplant crohn colitis lupus",
  BPD:
    "borderline personality disorder/disease: personalit impuls self-harm; bipolar disorder/disease: mania manic lithium; bronchopulmonary dysplasia/disease: preterm neonat ventilat oxygen",
  BS:
    "bowel sounds/finding: abdom auscult hypoactive; breath sounds/finding: lung wheez crackl; blood sugar/other: glucose insulin diabet mg/dl",
  CA: "cancer/disease: tumor metasta oncolog; cardiac arrest/disease: resuscit defibrill asystol",
  CAD:
    "coronary artery disease/disease: angina chest stent statin; cold agglutinin disease/disease: hemoly agglutin",
  CF:
    "cystic fibrosis/disease: sputum pancrea cftr sweat salt lung; counting fingers/finding: visual acuity eye",
  CP:
    "chest pain/finding: angina ecg troponin radiat; cerebral palsy/disease: spastic child birth; chronic pancreatitis/disease: pancrea alcohol lipase",
  CRF:
    "chronic renal failure/disease: creatinin kidney dialys; corticotropin-releasing factor/other: hormone pituit; case report form/other: trial data",
  CVA:
    "stroke/disease: hemipar weakness aphas speech; costovertebral angle/other: tender percuss flank",
  DI:
    "diabetes insipidus/disease: polyuri desmopressin sodium; drug interaction/other: dose inhibit",
  DM:
    "diabetes mellitus/disease: glucose insulin metformin hba1c; dermatomyositis/disease: rash muscle gottron; myotonic dystrophy/disease: myoton grip",
  ED:
    "erectile dysfunction/disease: erect sildenafil sexual; emergency department/other: arriv presented triage admitted; eating disorder/disease: bulimi anorexia binge",
  EM:
    "erythema multiforme/disease: target drug mucos; erythema migrans/finding: tick lyme; electron microscopy/other: biops micrograph",
  GBS:
    "Guillain-Barre syndrome/disease: ascend reflex weakness; group B streptococcus/other: pregnan neonat swab vagin",
  HA:
    "headache/finding: throb pain migrain; hepatitis A/disease: jaundice liver travel; hemolytic anemia/disease: haptoglobin ldh coombs; hospital-acquired/other: pneumonia nosocom",
  HCT:
    "hematocrit/other: hemoglobin haemoglobin %; hydrochlorothiazide/drug: diuret pressure hypertens; hydrocortisone/drug: steroid cream adrenal",
  HD:
    "Huntington's disease/disease: chorea cag; Hodgkin's lymphoma/disease: node lymphom; hemodialysis/other: dialys fistula kidney",
  IBD: "inflammatory bowel disease/disease: crohn colitis colonoscop diarrh bowel",
  IC:
    "interstitial cystitis/disease: bladder urgency pelvic; immunocompromised/other: transplant infect; informed consent/other: consent sign",
  ICH:
    "intracerebral hemorrhage/disease: parenchym basal hypertens; intracranial hemorrhage/disease: subdural epidural head",
  LE: "lupus erythematosus/disease: ana malar rash; lower extremity/other: edema leg pulse",
  LOC:
    "loss of consciousness/finding: syncop faint seizure head; level of consciousness/other: glasgow gcs alert",
  MD:
    "muscular dystrophy/disease: gowers muscle child; macular degeneration/disease: vision drusen eye; Meniere's disease/disease: vertig tinnit hearing; physician/other: consult attending",
  MG:
    "myasthenia gravis/disease: ptosis fatig acetylcholine pyridostigmine eyelid droop diplop; milligram/other: dose tablet daily; magnesium/other: serum electrolyt",
  MI:
    "myocardial infarction/disease: troponin chest st-elev stent breastbone sternum arm jaw aspirin coronar; mitral insufficiency/disease: murmur valve apex",
  MM:
    "multiple myeloma/disease: plasma paraprotein bone; malignant melanoma/disease: mole skin pigment; millimetre/other: size measure diameter",
  MR:
    "mitral regurgitation/disease: murmur valve apex; magnetic resonance/other: imag scan; modified release/other: tablet dose; intellectual disability/finding: learning develop",
  MS:
    "multiple sclerosis/disease: demyelin optic relaps interferon numb vision spastic; mitral stenosis/disease: murmur valve rheumatic diastol; morphine sulfate/drug: mg opioid pain iv; mental status/other: orient exam alert",
  MSO4: "morphine sulfate/drug: opioid pain; magnesium sulfate/drug: eclamp torsade",
  MTX: "methotrexate/drug: arthrit psoria folic ectopic; mitoxantrone/drug: leuk sclerosis",
  OA: "osteoarthritis/disease: knee joint stiff hip; optic atrophy/finding: disc vision pale",
  OCD:
    "obsessive-compulsive disorder/disease: obsess compuls ritual ssri; osteochondritis dissecans/disease: knee cartilage elbow",
  PCP:
    "Pneumocystis pneumonia/disease: hiv cd4 trimethoprim; phencyclidine/drug: intoxic nystagm drug; primary care physician/other: refer visit",
  PD:
    "Parkinson's disease/disease: tremor rigid levodopa bradykines haloperidol metoclopramide parkinson slow; panic disorder/disease: panic attack anxi; peritoneal dialysis/other: dialys catheter; Paget's disease/disease: bone nipple",
  PE:
    "pulmonary embolism/disease: d-dimer clot anticoag dvt ctpa breathless dyspn pleurit apixaban rivaroxaban heparin hemopt; pleural effusion/disease: dull drain thoracentes; pre-eclampsia/disease: pregnan proteinuri; pulmonary edema/disease: crackl furosemide; physical examination/other: exam vital heent",
  PID:
    "pelvic inflammatory disease/disease: pelvic cervi discharge; primary immunodeficiency/disease: immunoglob infect; prolapsed intervertebral disc/disease: sciatic lumbar back",
  PND:
    "paroxysmal nocturnal dyspnea/finding: breathless orthopn heart; postnasal drip/finding: nose throat cough; postnatal depression/disease: mood baby birth",
  PV:
    "polycythemia vera/disease: hematocrit jak2 phlebot; pemphigus vulgaris/disease: blister mouth nikolsky; per vaginam/other: bleed exam",
  RA:
    "rheumatoid arthritis/disease: joint stiff methotrexate synovi rheumatoid dmard hand; right atrium/other: catheter echo pressure; room air/other: oxygen saturat spo2; refractory anemia/disease: marrow myelodysplas",
  RF:
    "rheumatoid factor/other: antibod arthrit serolog; renal failure/disease: creatinin dialys; respiratory failure/disease: ventilat oxygen; rheumatic fever/disease: strepto carditis",
  RP: "retinitis pigmentosa/disease: night vision retina; Raynaud phenomenon/finding: finger cold",
  SS:
    "Sjogren's syndrome/disease: dry eye mouth; systemic scleroderma/disease: skin sclerodact; serotonin syndrome/disease: clonus ssri; sickle cell anemia/disease: sickl crisis hemoglobin",
  SVT:
    "supraventricular tachycardia/disease: palpit adenosine narrow vagal heart verapamil; superficial vein thrombosis/disease: vein cord leg",
  T4: "thyroxine level/other: tsh thyroid serum; levothyroxine/drug: tablet mcg replace",
  TAC: "triamcinolone/drug: cream ointment; tacrolimus/drug: transplant trough",
  TS:
    "Tourette syndrome/disease: tic; tuberous sclerosis/disease: seizure ash angiofibrom; Turner syndrome/disease: 45 ovar webbed; tricuspid stenosis/disease: murmur valve",
  TTP:
    "thrombotic thrombocytopenic purpura/disease: platelet schistocyt adamts plasma; tender to palpation/finding: abdom exam palpat",
  UC:
    "ulcerative colitis/disease: bloody diarrh mesala colonoscop rectal stool; uterine contractions/finding: labor labour pregnan; urgent care/other: clinic seen",
  VT:
    "ventricular tachycardia/disease: ecg wide shock amiodarone palpit faint; verotoxin/other: coli hus",
};

/** Every abbreviation with its meanings. */
export const abbreviations: ReadonlyMap<string, readonly Meaning[]> = new Map(
  Object.entries(table).map(([short, meanings]) => [
    short,
    meanings.split(";").map((text): Meaning => {
      const [head = "", cues = ""] = text.split(":");
      const cut = head.lastIndexOf("/");
      return {
        name: head.slice(0, cut).trim(),
        kind: head.slice(cut + 1).trim() as MeaningKind,
        cues: cues.trim().split(" ").map(foldText),
      };
    }),
  ]),
);

/** Letters of the longest one. */
export const longestAbbreviation: number = Math.max(
  ...[...abbreviations.keys()].map((key) => key.length),
);

/** How an abbreviation was read. */
export type AbbreviationReading =
  /** One meaning is left. */
  | { readonly status: "read"; readonly meaning: Meaning }
  /** Several are left: `question` asks which. */
  | {
    readonly status: "ambiguous";
    readonly meanings: readonly Meaning[];
    readonly question: string;
  }
  /** It is not in the list. */
  | { readonly status: "unlisted" };

/**
 * Reads an abbreviation in capitals. With a kind only meanings of that kind count. Of several the one is taken of whom a
 * cue stands in the context and of no other; an abbreviation with one listed meaning needs no context.
 *
 * @param text The abbreviation; points in it and white space around it are passed over.
 * @param context The text around it.
 * @param kind What is asked for; every kind when left out.
 * @returns The meaning, a question, or that it is not in the list.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readAbbreviation } from "./abbreviations.ts";
 * const read = readAbbreviation("MS", "a diastolic murmur after rheumatic fever");
 * assertEquals(read.status === "read" && read.meaning.name, "mitral stenosis");
 * const asked = readAbbreviation("MS", "", "disease");
 * assertEquals(
 *   asked.status === "ambiguous" && asked.question,
 *   "Expected MS to mean one thing but found multiple sclerosis or mitral stenosis: write it in full",
 * );
 * ```
 */
export function readAbbreviation(
  text: string,
  context = "",
  kind?: MeaningKind,
): AbbreviationReading {
  const short = text.trim().replaceAll(".", "");
  const all = abbreviations.get(short)?.filter((m) => kind === undefined || m.kind === kind) ?? [];
  if (all.length === 0) return { status: "unlisted" };
  if (all.length === 1) return { status: "read", meaning: all[0]! };
  const words = foldText(context.toLowerCase()).split(/[\s,.;:()]+/).filter((word) => word !== "");
  const fitting = all.filter(({ cues }) =>
    cues.some((cue) => words.some((word) => word.startsWith(cue)))
  );
  if (fitting.length === 1) return { status: "read", meaning: fitting[0]! };
  const left = fitting.length === 0 ? all : fitting;
  const names = left.map(({ name }) => name);
  const listed = `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
  return {
    status: "ambiguous",
    meanings: left,
    question: `Expected ${short} to mean one thing but found ${listed}: write it in full`,
  };
}
