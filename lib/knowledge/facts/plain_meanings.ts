/**
 * Medical words and everyday phrases, by the plain words that mean the same: a dictionary for comparing what texts say, not for writing them.
 *
 * @module
 */

/** Plain words to the words and phrases that mean them, separated by semicolons. */
export const plainMeanings: Readonly<Record<string, string>> = {
  // how it is
  "hard":
    "difficult; difficulty; difficulties; trouble; unable; inability; cannot; can't; not able; problem; struggle; impaired; impairment; harder; poor",
  "lose":
    "loss; lost; losing; loses; take away; rob of; robs of; destroy; destroys; disappear; gone; no longer; fade away",
  "pain":
    "painful; ache; aching; achy; sore; soreness; hurt; discomfort; cramp; cramping; colicky; colic; agony",
  "swell": "swelling; swollen; edema; puffy; puffiness; enlarged; enlargement; enlarging",
  "red": "erythema; redness; reddened; reddening; erythematous; flushed; flushing; flush; go red",
  "stiff": "rigidity; rigid; stiffness; stiffening",
  "weak": "weakness; paresis; weakened; floppy",
  "numb": "hypoesthesia; numbness",
  "tingle": "paresthesia; paresthesias; pins and needles; tingling; prickling",
  "fast": "rapid; rapidly; quick; quickly; racing; accelerated",
  "slow":
    "slowness; slowed; sluggish; gradual; gradually; insidious; build up slowly; builds slowly; develops slowly; comes on slowly; fade slowly",
  "sudden":
    "suddenly; abrupt; abruptly; acute; acutely; sudden-onset; out of the blue; without warning; all at once; new onset; thunderclap",
  "worse":
    "grow worse; grows worse; growing worse; worsen; worsened; worsening; aggravated; exacerbated; made worse; aggravate; worst",
  "not worse": "not grow worse; not get worse",
  "relieve":
    "relief; eased; ease; better; improve; improved; improvement; alleviated; soothe; settle; lessen; calm; calmed; go away; goes away; going away",
  "high":
    "elevated; raised; increased; increase; elevation; rise; rising; above normal; excess; excessive; too much; loud; louder",
  "low":
    "reduced; decreased; decrease; diminished; drop; fall in; falling; lower; deficient; below normal; depleted; suppressed; reduction; decline; fall; falls; lack of; shortage; quiet; quieter; weaker; fainter",
  "prolong": "prolonged; lengthened; prolongation; long time; long-lasting",
  "uneven":
    "irregular; irregularity; ragged; lopsided; jagged; notched; asymmetric; asymmetrical; asymmetry",
  "change": "changing; changed; altered; alteration; evolving",
  "short": "shortened; brief",
  "positive": "positively",
  "negative": "negatively",
  "constrict": "pinpoint; constricted; small pupil; miosis",
  "dull": "dullness; stony dullness",
  "hyperresonant": "hyperresonance",
  "hard breath worse lie flat": "orthopnea",
  "free air": "free gas",
  "gas": "flatulence; wind; passing gas; passing wind",
  "lie": "lies; lying; supine; recumbent; recumbency",
  "pressure": "bp; blood pressure; arterial pressure",
  "crush chest":
    "chest pressure; pressure in the chest; pressure on the chest; chest heaviness; heavy chest; heaviness in the chest; heaviness of the chest",
  "high inr": "prolonged inr",
  "no": "without; absence of",
  "severe": "intense; excruciating; agonizing; unbearable; fierce",
  "painless": "without pain; without any pain; no pain; pain free; not hurt",
  "one": "unilateral; unilaterally; one-sided; one side; one side of the body; single",
  "both": "bilateral; bilaterally; two-sided; both sides; symmetric; symmetrical",
  "different": "differential; difference; unequal; differs",
  "night": "nocturnal; nighttime; overnight; nightly",
  "low breath sound": "faint breath sounds; breath sounds are faint",
  "mcp joint": "knuckle; knuckles; metacarpophalangeal joint; metacarpophalangeal",
  "exert":
    "exertion; exercise; exertional; effort; physical activity; everyday activity; daily activity; routine activity; routine physical activity; ordinary activity; walking; climbing stairs; on effort",
  "rest": "resting",
  "morning": "waking; wake; awakening; wakes; wake up",
  "recent": "recently; lately; in the last weeks; preceding",
  "repeat": "recurrent; repeated; recurring; repetitive; again and again; keeps coming back",
  "recover": "recovery; recovers; recovering; recovered",
  "fluctuate":
    "fluctuating; fluctuation; wax and wane; waxes and wanes; comes and goes; come and go",
  "forget": "forgetful; forgetfulness",
  "infect": "infection; infected; infectious",
  "inflame": "inflammation; inflamed; inflammatory",
  "tear": "tearing; ripping",
  "crush": "crushing; squeezing; squeeze; constricting; pressing; tightness; tight",
  // breath, heart, pressure, temperature
  "hard breath":
    "dyspnea; shortness of breath; short of breath; breathless; breathlessness; out of breath; struggle for air; air hunger; short of air; fighting for air; gasping for air; winded; gasping",
  "fast breath":
    "tachypnea; high respiratory rate; rapid respiratory rate; breathes fast; high breath rate",
  "breath": "respiration; respirations; respiratory",
  "deep fast breath": "kussmaul respirations; kussmaul breathing",
  "fruit breath":
    "fruity; fruity breath; fruity smelling breath; breath smells fruity; breath smells of fruit",
  "wheeze": "wheezing; wheezy",
  "cough blood": "hemoptysis; bloody sputum; blood in sputum; cough up blood",
  "phlegm": "sputum; mucus",
  "product cough":
    "productive cough; wet cough; cough up phlegm; cough bringing up phlegm; brings up phlegm",
  "purulent": "pus; suppurative",
  "fast heart":
    "tachycardia; rapid heartbeat; racing heart; high heart rate; fast heartbeat; fast heart rate; rapid pulse; fast pulse; heart races; heart beats fast",
  "slow heart": "bradycardia; low heart rate; slow heartbeat; slow pulse",
  "uneven heart":
    "irregular heartbeat; irregular pulse; arrhythmia; irregularly irregular pulse; irregular heart rhythm",
  "palpitation":
    "palpitations; pounding heart; heart flutters; fluttering heart; awareness of the heartbeat",
  "low pressure":
    "hypotension; hypotensive; low blood pressure; low bp; blood pressure falls; blood pressure drops",
  "high pressure": "hypertension; hypertensive; high blood pressure; high bp",
  "fever": "pyrexia; febrile; feverish; high temperature; raised temperature; temperature; fevers",
  "chill": "chills; rigors; rigor; shivering; shivers",
  "sweat": "diaphoresis; sweating; sweats; perspiration; sweaty",
  // blood, urine, bowel
  "bleed": "hemorrhage; bleeding; bled; haemorrhage; hemorrhagic; bloody",
  "bleed joint": "hemarthrosis; hemarthroses; bleeding into joints",
  "protein urine": "proteinuria; albuminuria",
  "sugar urine": "glycosuria; glucosuria",
  "bleed nose": "epistaxis; nosebleed; nosebleeds; nose bleeds",
  "bruise": "bruising; ecchymosis; bruising susceptibility; easy bruising; bruises easily",
  "blood vomit": "hematemesis; vomit blood; bloody vomit",
  "black stool": "melena; tarry stool; black tarry stool",
  "blood stool": "hematochezia; bloody stool; blood in the stool; blood in stools",
  "blood urine": "hematuria; blood in urine; bloody urine; red urine",
  "urine":
    "urinate; urinates; urinating; urination; urinary; pass water; pee; peeing; void; voiding; micturition; pass urine; passing urine",
  "pain urine":
    "dysuria; burning urination; burning on passing urine; urine burns; burning when passing urine; burning when urinating; stinging when passing urine",
  "frequent urine":
    "polyuria; urinary frequency; frequency of urine; passing a lot of urine; large volumes of urine; frequently pass urine",
  "night urine": "nocturia; getting up at night to pass urine; waking at night to urinate",
  "leak urine":
    "escape of urine; urine escapes; urine escape; leakage of urine; urinary leakage; urine leakage; incontinence",
  "thirst":
    "polydipsia; thirsty; excessive thirst; extreme thirst; increased thirst; very thirsty; drinking a lot",
  "hungry":
    "polyphagia; hunger; increased appetite; extreme hunger; increased hunger; always hungry",
  "lose appetite":
    "anorexia; loss of appetite; poor appetite; off food; no appetite; reduced appetite; decreased appetite",
  "vomit": "vomiting; emesis; throw up; throwing up; being sick; vomits; threw up; bring up food",
  "nausea": "nauseous; nauseated; queasy; queasiness; feel sick; feeling sick; sick to the stomach",
  "diarrhea":
    "loose stool; loose stools; watery stools; loose motions; loose bowels; frequent stools",
  "constipation": "constipated; infrequent stools; hard stools",
  "bloat": "bloating; bloated; distension; distention; distended; swollen abdomen; swollen belly",
  // head, senses, nerves
  "pain head": "headache; headaches; cephalalgia",
  "dizzy": "dizziness; lightheaded; light-headed; lightheadedness; giddy; giddiness",
  "spin": "vertigo; spinning; room spins; spinning sensation",
  "faint":
    "syncope; fainting; faints; pass out; passing out; black out; blackout; presyncope; swoon",
  "lose conscious":
    "loss of consciousness; unconscious; unconsciousness; lose consciousness; lose their consciousness; knocked out",
  "confuse": "confusion; confused; disorientation; disoriented; muddled; befuddled",
  "seizure": "seizures; convulsion; convulsions; convulse",
  "shake": "tremor; tremors; shaking; trembling; shaky; trembles",
  "slow move": "bradykinesia; slowness of movement; slow movement; slowed movement",
  "move":
    "movement; moving; movements; motion; spread; spreads; spreading; radiate; radiating; radiation; migrate; migrating; shift; travel; shoot",
  "one weak": "hemiparesis; hemiplegia",
  "face": "facial",
  "droop": "drooping; droopy; droops; sagging; hanging",
  "droop eyelid": "ptosis; drooping eyelid; droopy eyelid; drooping lid",
  "double vision": "diplopia; see double; double sight",
  "blur vision": "blurred vision; blurry vision; vision blurs; blurred sight; sight blurs",
  "tear eye": "lacrimation; watery eye; watering eye; eye waters; eyes water",
  "vision": "visual; sight; eyesight; seeing; see",
  "light": "photo",
  "light hurt":
    "photophobia; sensitivity to light; light sensitivity; sensitive to light; bothered by light; light bothers",
  "ring ear": "tinnitus; ringing in the ear; ringing in the ears; buzzing in the ear",
  "hear": "hearing",
  "lose hear": "hearing loss; deafness; deaf; hard of hearing; poor hearing",
  "smell": "sense of smell",
  "lose smell": "anosmia; loss of smell",
  "lose taste": "ageusia; loss of taste; dysgeusia",
  "lose memory":
    "amnesia; memory loss; forget; no memory; poor memory; memory impairment; memory problems; memory fails",
  "hard attention":
    "inattention; poor concentration; difficulty concentrating; cannot concentrate; unable to sustain attention; unable to concentrate; easily distracted",
  "hard speak":
    "dysarthria; slurred speech; slurring of speech; speech difficulty; speaking difficult; slurs",
  "hard swallow": "dysphagia; difficulty swallowing; trouble swallowing",
  "pain swallow": "odynophagia; painful swallowing; hurts to swallow",
  "hallucinate":
    "hallucination; hallucinations; hearing voices; hear voices; seeing things that are not there",
  "delusion": "delusions; delusional",
  "sad": "low mood; depressed mood; sadness; feeling down; feels down; mood is low",
  "lose interest": "anhedonia; loss of interest; loss of pleasure; no interest",
  "worry": "anxiety; anxious; worried",
  "hard sleep":
    "insomnia; sleeplessness; trouble sleeping; poor sleep; difficulty sleeping; sleep disturbance; lie awake; sleep badly",
  "sleepy": "somnolence; drowsiness; drowsy; sleepiness",
  "tired":
    "fatigue; tiredness; exhausted; exhaustion; lethargy; lethargic; lack of energy; fatigued; worn out; low energy",
  "irritable": "irritability; bad-tempered",
  "motionless":
    "lie still; lies still; lie quite still; lies quite still; lie perfectly still; lying still; keep still; keeping still",
  "restless":
    "restlessness; agitation; agitated; cannot sit still; cannot keep still; pace; fidget",
  // skin, joints, nodes
  "itch": "pruritus; itching; itchy; itches",
  "rash": "exanthem; exanthema; eruption; skin rash; rashes",
  "blister": "vesicle; vesicles; vesicular; blistering; blisters; bullae; blistered",
  "hive": "urticaria; wheals; hives; weals",
  "yellow":
    "jaundice; icterus; yellowing; icteric; jaundiced; yellow skin; yellow eyes; skin turns yellow; yellowing of the skin",
  "pale": "pallor; paleness; pale skin",
  "blue": "cyanosis; bluish; cyanotic",
  "lump": "mass; nodule; nodules; lumps; bump; swelling like a lump",
  "ulcer": "ulcers; open sore; ulcerated; ulceration",
  "scale": "scaly; scaling; flaky",
  "not heal": "nonhealing; non-healing; never heals; fails to heal",
  "color": "colours; colors; coloured; multicolored",
  "border": "borders; edges; edge; margin; margins; outline",
  "mole": "nevus; naevus; moles",
  "grow": "growth; growing; grows; grew",
  "lymph node": "lymph nodes; lymph glands",
  "swell lymph node":
    "lymphadenopathy; swollen glands; swollen lymph nodes; enlarged lymph nodes; swollen nodes",
  "swell liver": "hepatomegaly; enlarged liver",
  "swell spleen": "splenomegaly; enlarged spleen",
  "swell thyroid": "goiter; goitre; enlarged thyroid",
  "pain joint": "arthralgia; arthralgias; joint ache; aching joints; sore joints",
  "pain muscle": "myalgia; myalgias; muscle ache; aching muscles; sore muscles; muscle soreness",
  "twist neck": "torticollis; wry neck; twisted neck",
  "stiff neck": "nuchal rigidity; meningismus; neck stiffness",
  "break bone": "fracture; fractures; broken bone; broken bones; fractured; break; broken",
  "injury": "trauma; traumatic; blow; accident; knock; injured",
  "tender": "tenderness; sore to the touch",
  // parts of the body
  "trachea": "windpipe; tracheal",
  "deviate trachea": "shifted windpipe; shifted trachea; displaced trachea; trachea displaced",
  "tonsil": "tonsillar; tonsils",
  "gum": "gingival; gums",
  "valve": "valvular",
  "vein": "venous; veins",
  "artery": "arterial; arteries",
  "nerve": "neural; nerves",
  "prostate": "prostatic",
  "uterus": "uterine; womb",
  "ovary": "ovarian; ovaries",
  "esophagus": "esophageal; gullet; food pipe",
  "throat": "pharyngeal",
  "larynx": "laryngeal; voice box",
  "rib": "costal; ribs",
  "spine": "spinal; backbone; vertebral",
  "tongue": "lingual",
  "pelvis": "pelvic",
  "groin": "inguinal",
  "armpit": "axillary; axilla; armpits",
  "abdomen": "belly; tummy; stomach; abdominal",
  "chest": "thorax; thoracic",
  "epigastrium": "epigastric; pit of the stomach",
  "anus": "anal; back passage; rectum; rectal",
  "behind sternum": "substernal; retrosternal; behind the breastbone; behind the breast bone",
  "around eye": "orbital; periorbital; supraorbital; retro-orbital; behind the eye",
  "around navel": "periumbilical; umbilical; around the belly button",
  "right low abdomen":
    "right lower quadrant; right iliac fossa; lower right abdomen; right lower abdomen",
  "right upper abdomen":
    "right upper quadrant; upper right abdomen; right upper abdomen; below the right ribs",
  "left low abdomen": "left lower quadrant; left iliac fossa; lower left abdomen",
  "flank": "loin; flanks",
  "leg": "lower limb; lower limbs; lower extremity; calf; legs",
  "arm": "upper limb; upper limbs; upper extremity; arms",
  "limb": "extremity; extremities",
  "kidney": "renal; nephric",
  "liver": "hepatic",
  "lung": "pulmonary",
  "heart": "cardiac",
  "spleen": "splenic",
  "skin": "cutaneous; dermal; dermatological",
  "bowel": "intestine; intestinal; gut; bowels; gi; gastrointestinal",
  "genitourinary": "gu; urogenital",
  "bile duct": "biliary; biliary tract",
  "fleet": "evanescent; fleeting; transient; short-lived",
  "daily": "quotidian; every day; each day",
  "brain": "cerebral",
  "eye": "ocular; eyes",
  "mouth": "oral",
  "muscle": "muscular; muscles",
  "temple": "temporal; temples",
  "pain throat": "sore throat; throat pain; pharyngeal pain; pharyngitis",
  "pain ear": "otalgia; earache",
  "pain jaw chew": "jaw claudication",
  "run nose": "rhinorrhea; runny nose; nasal discharge; nose runs; watery nose",
  "block nose":
    "nasal congestion; stuffy nose; congested nose; blocked nose; blocked nostril; stuffy nostril; nasal obstruction; stuffed nose",
  "hoarse": "hoarseness; husky voice; hoarse voice; husky",
  // women and men
  "period": "menses; menstruation; menstrual; periods; menstrual period; menstrual bleeding",
  "miss period":
    "amenorrhea; missed period; absent periods; no periods; missed menses; periods stop; missing a period",
  "uneven period":
    "irregular menses; oligomenorrhea; irregular menstruation; irregular periods; menstrual irregularity; irregular menstrual cycle",
  "heavy period": "menorrhagia; heavy menses; heavy menstrual bleeding",
  "pain period": "dysmenorrhea; painful periods; period pain; painful menstruation",
  "pain intercourse":
    "dyspareunia; painful sex; pain during sex; painful intercourse; pain during intercourse; hurts during sex",
  "high hair":
    "hirsutism; excess hair; unwanted hair; excessive hair growth; excess facial hair; hairiness",
  "lose hair": "alopecia; hair loss; baldness; hair falls out",
  "postmenopausal": "post-menopausal; after menopause; past the menopause; after her menopause",
  "infertile":
    "infertility; difficulty conceiving; trouble getting pregnant; unable to conceive; hard to conceive",
  // examinations
  "ultrasound": "ultrasonography; sonography; sonogram; ultrasonographic",
  "electric": "electric shock; electric shocks; electrical",
  "angiogram": "angiography; arteriography",
  "x ray": "radiograph; radiography; plain film; chest film; roentgenogram",
  "ecg": "electrocardiogram; ekg; electrocardiography",
  "echo": "echocardiography; echocardiogram",
  "ct": "computed tomography",
  "joint fluid": "synovial fluid",
  "fena": "fractional excretion of sodium; fractional sodium excretion",
  "dip joint":
    "distal interphalangeal joint; distal interphalangeal; distal finger joint; end joint; end joint of the finger",
  "day": "daytime",
  "pregnancy": "pregnant; expecting a baby; gestation",
  // laboratory
  "low platelet": "thrombocytopenia; low platelet count; platelet count is low",
  "low hemoglobin": "anemia",
  "same side": "ipsilateral",
  "opposite side": "contralateral; other side; side opposite",
  "high white cell":
    "leukocytosis; high white cell count; high wbc; raised white cell count; high white blood cell count",
  "low white cell": "leukopenia; low white cell count; low wbc; low white blood cell count",
  "neck vein swell":
    "jvp; raised jvp; jugular venous distention; jugular venous distension; neck vein distention; distended neck veins; raised jugular venous pressure; jugular distension",
  "high sugar": "hyperglycemia; high blood sugar; high glucose; high blood glucose; high sugar",
  "low sugar": "hypoglycemia; low blood sugar; low glucose; low blood glucose",
  "low oxygen": "hypoxia; hypoxemia; low oxygen saturation; desaturation",
  // what came before
  "smoke": "smoking; smoker; smokers; tobacco; cigarettes; cigarette",
  "alcohol": "drinker; drinkers",
  "cancer": "malignancy; malignant; neoplasm; tumour; tumor; malignancies",
  "immobile":
    "immobility; immobilization; immobilisation; immobilized; bed rest; long immobilisation; bedridden",
  "surgery": "operation; surgical; operations",
  "obese": "obesity; overweight; high body weight",
  "virus": "viral",
  "bacteria": "bacterial",
};
