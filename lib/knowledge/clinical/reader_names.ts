/**
 * Words that tell a reader what a text speaks of though they are no names: adjectives of diseases and findings, and how
 * allergies are said. They are read and never written.
 *
 * @module
 */
import type { ConceptKind } from "./names.ts";

/** Diseases in the tables to abbreviations and short names of notes; those that mean several things stand in abbreviations.ts. */
export const shortNames: Readonly<Record<string, string>> = {
  "acute angle-closure glaucoma": "AACG; acute angle closure",
  "acute interstitial nephritis": "AIN",
  "acute kidney injury": "AKI",
  "acute tubular necrosis": "ATN",
  "adult-onset Still's disease": "AOSD; adult Still's disease",
  "alcohol withdrawal": "EtOH withdrawal",
  "alpha 1-antitrypsin deficiency": "AATD; A1AT deficiency",
  "aortic dissection": "AoD",
  "atopic dermatitis": "eczema",
  "attention deficit hyperactivity disorder": "ADHD",
  "autoimmune hepatitis": "AIH",
  "basal cell carcinoma": "BCC",
  "brain cancer": "brain tumor",
  "carpal tunnel syndrome": "CTS",
  "cerebral venous thrombosis": "CVT; CVST",
  "chronic kidney disease": "CKD",
  "chronic venous insufficiency": "CVI",
  "colon cancer": "bowel cancer",
  "diabetic ketoacidosis": "DKA; ketoacidosis",
  "disseminated intravascular coagulation": "DIC",
  "endometrial cancer": "cancer of the endometrium; cancer of the womb; uterine cancer",
  "esophageal rupture":
    "ruptured oesophagus; ruptured esophagus; rupture of the oesophagus; Boerhaave syndrome",
  "giant cell arteritis": "GCA; temporal arteritis",
  "Guillain-Barre syndrome": "GBS",
  "hemophilia A": "haemophilia",
  "heparin-induced thrombocytopenia": "HIT",
  "hepatitis B": "HBV infection; chronic HBV infection",
  "hepatitis C": "HCV infection; chronic HCV infection",
  "hepatorenal syndrome": "HRS",
  "infectious mononucleosis": "mono; IM",
  "interstitial cystitis": "IC; bladder pain syndrome",
  "interstitial lung disease": "ILD",
  "intestinal perforation": "perforated bowel; bowel perforation; perforated intestine",
  "intracerebral hemorrhage": "ICH",
  "iron deficiency anemia": "IDA",
  "kidney cancer": "renal cancer",
  "myasthenia gravis": "myasthenia",
  "nephrolithiasis": "renal colic",
  "non-alcoholic fatty liver disease": "NAFLD; NASH; fatty liver",
  "orthostatic hypotension": "postural hypotension",
  "ovarian cancer": "cancer of the ovary; cancer of the ovaries",
  "overactive bladder": "OAB",
  "polycystic kidney disease": "PKD; ADPKD",
  "post-traumatic stress disorder": "PTSD",
  "primary biliary cholangitis": "PBC",
  "primary sclerosing cholangitis": "PSC",
  "psoriatic arthritis": "PsA",
  "pulmonary hypertension": "PAH",
  "rapidly progressive glomerulonephritis": "RPGN",
  "restless legs syndrome": "RLS; restless legs",
  "sickle cell anemia": "sickle cell disease; SCD",
  "sleep apnea": "OSA",
  "subarachnoid hemorrhage": "SAH",
  "substance use disorder": "SUD; opioid use disorder",
  "systemic scleroderma": "scleroderma; SSc",
  "tension headache": "TTH; tension-type headache",
  "thrombotic thrombocytopenic purpura": "TTP",
  "traumatic brain injury": "TBI; head injury; head trauma; injury to the head",
  "tuberculosis": "TB",
  "urinary tract obstruction": "obstructive uropathy",
  "vasovagal syncope": "simple faint; common faint; vasovagal faint",
  "vitamin D deficiency": "low in vitamin D; lack of vitamin D",
  "vitamin K deficiency": "VKD",
  "von Willebrand's disease": "vWD; VWD",
};

/** Diseases in the tables to what people call them, for reading. */
export const commonNames: Readonly<Record<string, string>> = {
  "substance use disorder":
    "alcohol addiction; opioid addiction; alcohol use disorder; drug addiction; alcoholism; opioid dependence; alcohol dependence",
  "abdominal aortic aneurysm":
    "ballooning of the abdominal aorta; aneurysm of the abdominal aorta; aneurysms of the abdominal aorta",
  "acute angle-closure glaucoma": "angle-closure glaucoma; narrow-angle glaucoma",
  "acute cholecystitis":
    "inflamed gallbladder; gallbladder inflammation; inflammation of the gallbladder",
  "acute cystitis": "infection of the bladder",
  "acute dystonic reaction": "acute dystonia; dystonic reaction",
  "acute kidney injury": "acute renal failure",
  "acute liver failure": "fulminant hepatic failure; acute hepatic failure",
  "acute pancreatitis": "inflamed pancreas; inflammation of the pancreas",
  "acute sinusitis":
    "sinus infection; acute sinus infection; acute bacterial sinusitis; bacterial sinusitis; acute rhinosinusitis",
  "alcohol withdrawal": "withdrawal from alcohol; stopping alcohol; delirium tremens",
  "allergic rhinitis": "nasal allergy; pollen allergy",
  "alpha 1-antitrypsin deficiency": "lack of alpha-1 antitrypsin",
  "anal fissure": "tear of the anus; anal tear",
  "anxiety disorder": "generalized anxiety disorder",
  "aortic dissection": "torn aorta; tear in the aorta; dissecting aneurysm",
  "aortic valve stenosis":
    "narrowed aortic valve; narrowing of the aortic valve; tight aortic valve",
  "appendicitis": "inflamed appendix; inflammation of the appendix",
  "Barrett's esophagus": "Barrett's",
  "basal cell carcinoma": "basal cell skin cancer",
  "benign prostatic hyperplasia":
    "benign prostate enlargement; benign prostatic enlargement; benign enlargement of the prostate",
  "bipolar disorder": "bipolar mania; bipolar illness",
  "bladder cancer": "urothelial carcinoma",
  "cardiac tamponade": "tamponade",
  "cataract": "clouding of the lens; lens clouding",
  "celiac disease": "gluten intolerance; sprue",
  "cerebral venous thrombosis": "sinus thrombosis; cerebral sinus thrombosis",
  "cervical artery dissection":
    "carotid dissection; carotid artery dissection; vertebral artery dissection; cervical dissection; tear in a neck artery; torn neck artery",
  "chronic kidney disease": "chronic renal failure",
  "chronic obstructive pulmonary disease": "smoker's lung",
  "chronic sinusitis": "long-standing sinusitis; chronic rhinosinusitis; chronic sinus infection",
  "colon cancer": "colorectal cancer; cancer of the bowel",
  "COVID-19": "coronavirus disease; coronavirus infection",
  "deep vein thrombosis":
    "blood clot in the leg; clot in a leg vein; thrombosis of the deep leg veins; thrombosis of a deep vein; thrombosis of a deep leg vein",
  "diabetic retinopathy": "diabetic eye disease; retinopathy of diabetes",
  "diverticulitis": "inflamed diverticula",
  "ectopic pregnancy": "tubal pregnancy",
  "endometrial cancer": "womb cancer; cancer of the uterus; cancer of the lining of the womb",
  "erectile dysfunction": "erection problems",
  "esophageal rupture": "burst esophagus; torn esophagus; perforated esophagus",
  "esophagitis": "inflammation of the esophagus; inflamed gullet; reflux esophagitis",
  "fecal incontinence": "bowel incontinence",
  "gastritis": "inflamed stomach lining; inflammation of the stomach lining",
  "gastroenteritis": "stomach bug; infectious diarrhea",
  "gastroesophageal reflux disease": "reflux disease",
  "gestational diabetes": "diabetes in pregnancy; pregnancy diabetes",
  "glaucoma": "open-angle glaucoma; primary open-angle glaucoma",
  "gonorrhea": "gonococcal infection",
  "hemochromatosis": "iron overload",
  "hypertensive emergency": "hypertensive crisis",
  "hypothyroidism": "myxedema; low thyroid function",
  "infective endocarditis":
    "infected heart valve; infection of a heart valve; infection of the heart valves",
  "inguinal hernia": "groin hernia; hernia in the groin",
  "interstitial lung disease":
    "lung fibrosis; scarring of the lungs; pulmonary fibrosis; idiopathic pulmonary fibrosis; IPF",
  "intestinal obstruction": "blocked bowel; obstructed bowel; blockage of the bowel",
  "intestinal perforation": "hole in the bowel",
  "intracerebral hemorrhage":
    "brain bleed; bleeding into the brain; cerebral hemorrhage; bleed into the brain; hemorrhagic stroke",
  "irritable bowel syndrome": "irritable bowel",
  "kidney cancer": "renal cell carcinoma",
  "laryngitis": "inflamed larynx; inflammation of the larynx",
  "liver cirrhosis": "scarred liver; scarring of the liver",
  "Lyme disease": "borreliosis",
  "lymphoma": "diffuse large B-cell lymphoma; lymph node cancer",
  "mesenteric ischemia": "ischemic bowel",
  "myocardial infarction": "coronary thrombosis",
  "myocarditis": "inflamed heart muscle; inflammation of the heart muscle",
  "nephrolithiasis": "renal stones; ureteric stone; stone in the kidney",
  "non-alcoholic fatty liver disease": "non-alcoholic fatty liver",
  "osteoarthritis": "wear-and-tear arthritis; arthrosis",
  "osteoporosis": "brittle bones; thin bones",
  "otitis externa": "outer ear infection; infection of the ear canal",
  "otitis media": "infection of the middle ear",
  "ovarian cancer": "ovarian carcinoma",
  "peptic ulcer disease": "stomach ulcer; duodenal ulcer; gastric ulcer; ulcer of the stomach",
  "pericarditis": "inflamed pericardium; inflammation of the pericardium",
  "peripheral artery disease": "narrowed leg arteries",
  "peritonsillar abscess": "abscess beside the tonsil",
  "pleural effusion": "fluid around the lung; fluid around the lungs; fluid in the pleural space",
  "pneumonia": "lung infection; infection of the lung; infection of the lungs",
  "pneumothorax": "collapsed lung; collapse of a lung",
  "polycystic kidney disease": "cystic kidneys",
  "polycystic ovary syndrome": "polycystic ovarian syndrome",
  "post-traumatic stress disorder": "posttraumatic stress disorder",
  "prostate cancer": "prostatic carcinoma",
  "pseudogout": "calcium pyrophosphate disease",
  "pulmonary edema": "acute pulmonary edema; water on the lungs; lung oedema",
  "pulmonary embolism":
    "blood clot in the lung; blood clot in the lungs; clot in the lung; clot in the lungs; lung clot",
  "pulmonary hypertension": "pulmonary arterial hypertension; high blood pressure in the lungs",
  "pyelonephritis": "kidney infection; infection of the kidney; infected kidney",
  "rheumatoid arthritis": "rheumatoid disease",
  "rib fracture": "cracked rib",
  "scombroid poisoning": "scombroid",
  "septic arthritis": "joint infection; bacterial arthritis; infection of a joint",
  "sleep apnea": "obstructive sleep apnea",
  "streptococcal pharyngitis": "strep pharyngitis",
  "stroke": "cerebral infarction",
  "subarachnoid hemorrhage": "subarachnoid bleed; bleeding into the subarachnoid space",
  "thrombocytopenia": "lack of platelets",
  "thyroid cancer": "thyroid carcinoma",
  "tonsillitis": "inflamed tonsils; infected tonsils",
  "type 1 diabetes mellitus": "juvenile-onset diabetes; insulin-dependent diabetes",
  "urinary tract obstruction": "obstructed urinary tract; blocked urinary tract; blocked ureter",
  "uterine fibroid": "leiomyoma",
  "vasovagal syncope":
    "vasovagal fainting; vasovagal reaction; vasovagal attack; vasovagal episode",
  "viral pharyngitis": "viral sore throat",
  "vitamin D deficiency": "vitamin D lack; too little vitamin D",
  "vitamin K deficiency": "lack of vitamin K; vitamin K lack",
  "von Willebrand's disease": "von Willebrand's",
  "Wilson disease": "copper storage disease",
};

/** Drugs in the tables to what people call them, for reading. */
export const commonDrugNames: Readonly<Record<string, string>> = {
  "combined oral contraceptive":
    "combined pill; combined pills; combined birth control pill; combined birth control pills; combined contraceptive",
  "nitroglycerin": "GTN; nitroglycerin ointment",
  "epinephrine": "adrenalin",
};

/**
 * The short name of an eponym.
 *
 * @param name A name in the tables.
 * @returns "Wilson's" for "Wilson disease"; nothing for other names.
 */
export function eponymWords(name: string): string[] {
  const found = /^(\p{Lu}[\p{L}-]+?)(?:'s)? (?:disease|syndrome)$/u.exec(name);
  return found === null ? [] : [`${found[1]}'s`];
}

/** Name in the tables to the words that stand for it. */
export const readerWords: Readonly<
  Record<Extract<ConceptKind, "disease" | "finding">, Readonly<Record<string, readonly string[]>>>
> = {
  disease: {
    "acute cystitis": ["cystitis", "bladder infection"],
    "asthma": ["asthmatic", "asthmatics"],
    "bipolar disorder": ["manic", "mania"],
    "mesenteric ischemia": ["ischemia of the gut", "ischemia of the bowel", "bowel ischemia"],
    "multiple myeloma": ["myeloma"],
    "epilepsy": ["epileptic", "epileptics"],
    "hypertension": ["hypertensive", "hypertensives"],
    "hypothyroidism": ["hypothyroid"],
    "hyperthyroidism": ["hyperthyroid"],
    "liver cirrhosis": ["cirrhotic", "cirrhotics"],
    "hemophilia A": ["hemophilia", "hemophiliac", "hemophiliacs"],
    "migraine": ["migraineur", "migraineurs"],
    "major depressive disorder": ["depression"],
    "osteoarthritis": ["osteoarthritic"],
    "osteoporosis": ["osteoporotic"],
    "panic disorder": ["panic attack", "panic attacks"],
    "Parkinson's disease": ["parkinsonian"],
    "pregnancy": ["pregnant"],
    "schizophrenia": ["schizophrenic"],
    "skin squamous cell carcinoma": [
      "squamous cell carcinoma",
      "squamous cell carcinoma of the skin",
      "squamous cell skin cancer",
    ],
  },
  finding: {
    "bloating": ["bloated"],
    "constipation": ["constipated"],
    "cyanosis": ["cyanotic"],
    "dizziness": ["dizzy"],
    "drowsiness": ["drowsy"],
    "excessive thirst": ["thirsty"],
    "fatigue": ["tired", "fatigued"],
    "fever": ["feverish"],
    "heavy alcohol use": ["heavy drinking"],
    "hoarseness": ["hoarse"],
    "itching": ["itchy"],
    "jaundice": ["jaundiced", "icteric"],
    "lethargy": ["lethargic"],
    "low blood pressure": ["hypotensive"],
    "nausea": ["nauseous", "nauseated"],
    "pallor": ["pale"],
    "rapid heartbeat": ["tachycardic"],
    "high respiratory rate": ["tachypneic"],
    "shortness of breath": ["breathless", "short of breath"],
    "weight gain": ["gain weight", "gains weight", "gaining weight"],
    "weight loss": ["lose weight", "loses weight", "losing weight"],
  },
};

/**
 * How a quantity that is high or low is said otherwise.
 *
 * @param name A name in the tables.
 * @returns "Blood pressure is high" for "high blood pressure"; nothing for other names.
 */
export function quantityWords(name: string): string[] {
  const found = /^(raised|high|elevated|increased|low|decreased) ([a-z ]+)$/.exec(name);
  return found === null ? [] : [`${found[2]} is ${found[1]}`];
}

/**
 * How a complaint in a part of the body is said otherwise.
 *
 * @param name A name in the tables.
 * @returns "Swelling of the leg" and "swelling in the leg" for "leg swelling"; nothing for other names.
 */
export function siteWords(name: string): string[] {
  const found = /^([a-z]+) (swelling|pain|edema|weakness|cramps?|stiffness|tenderness)$/.exec(name);
  return found === null
    ? []
    : ["of", "in"].map((within) => `${found[2]} ${within} the ${found[1]}`);
}

/**
 * How a lesion of a part of the body is said otherwise.
 *
 * @param name A name in the tables.
 * @returns "Dissection of the carotid artery" for "carotid artery dissection"; nothing for other names.
 */
export function lesionWords(name: string): string[] {
  const found =
    /^((?!acute|chronic|viral|bacterial|septic)[a-z]+(?: [a-z]+)?) (dissection|obstruction|fracture|rupture|perforation|cancer|carcinoma|tumor|stenosis|aneurysm|injury|abscess|infection|embolism|thrombosis)$/
      .exec(name);
  return found === null ? [] : ["the ", "a ", ""].map((the) => `${found[2]} of ${the}${found[1]}`);
}

/**
 * How an allergy is said otherwise.
 *
 * @param name A name in the tables.
 * @returns "Allergic to penicillin" and the like for "penicillin allergy"; nothing for a name of anything else.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { allergyWords } from "./reader_names.ts";
 *
 * assertEquals(allergyWords("penicillin allergy").includes("allergic to penicillin"), true);
 * assertEquals(allergyWords("gout"), []);
 * ```
 */
export function allergyWords(name: string): string[] {
  const to = /^(.+) allergy$/.exec(name)?.[1];
  if (to === undefined) return [];
  const stems = ["allergic", "allergy", "allergies", "hypersensitive", "hypersensitivity"];
  return [...stems.map((stem) => `${stem} to ${to}`), `${to} hypersensitivity`, `${to}-allergic`];
}
