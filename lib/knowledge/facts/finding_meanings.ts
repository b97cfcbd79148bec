/**
 * Words of findings and laboratory tests, by plain words that mean the same: the second half of the dictionary that texts are compared with.
 *
 * @module
 */

/** Plain words to the words and phrases that mean them, separated by semicolons. */
export const findingMeanings: Readonly<Record<string, string>> = {
  // in general
  "malaise": "feeling unwell; feels unwell; generally unwell; feel ill; feeling ill; feels poorly",
  "persistent": "continual; ongoing; unrelenting; does not go away; won't go away; lingering",
  "generalized": "all over; widespread; whole body; diffuse; everywhere",
  "family": "relatives; familial; hereditary; inherited",
  "previous": "prior; earlier; former; in the past",
  "attack": "episode; bout; spell; paroxysm; paroxysmal; episodic",
  "eat": "meal; meals; eating; food; eaten; feeding",
  "fat eat": "greasy food; fatty food; fatty meal; greasy meal",
  "elderly": "old age; advanced age; older people",
  "strain": "straining; bearing down",
  "spontaneous": "by itself; unprovoked",
  "sharp": "stabbing; knife-like; knifelike; piercing; lancinating",
  "burn": "burning; scalding; stinging",
  "throb": "throbbing; pulsating; pounding; pulsatile",
  "gnaw": "gnawing; nagging",
  "cold": "cool; chilly; coolness; coldness",
  "warm": "warmth; hot",
  "thick": "thickened; thickening",
  "regular": "steady; regularly",
  "reactive": "reacts; reacting",
  "fail thrive": "failure to thrive; poor growth; fails to grow; does not grow",
  "underweight": "too thin; low body weight; emaciated",
  "dehydrate": "dehydration; dried out; volume depletion; fluid loss; loss of fluid",
  "immunosuppressed":
    "immunosuppression; immunocompromised; immunodeficient; weakened immune system; weak immune system; impaired immunity; immune deficiency",
  "allergy": "allergies; allergic; atopic; atopy",
  "household": "same house; same home; family members",
  "secondhand smoke": "passive smoking; passive smoke; second-hand smoke",
  "contraceptive": "birth control pill; birth control; contraception; contraceptives",
  "thrombosis": "thrombus; clot; clots; clotting; blood clot; thromboses; thrombotic",
  "blood thinner": "anticoagulant; anticoagulants; anticoagulation",
  "abscess": "collection of pus; pocket of pus",
  "perforate": "perforation; perforated",
  "necrosis": "dead tissue; tissue death; necrotic; gangrene",
  "calcify": "calcification; calcified; calcium deposits",
  "deform": "deformity; deformed; deformities; misshapen",
  "protrude":
    "protrusion; protruding; pushed out; sticks out; sticking out; poking out; bulging; bulge",
  "stone": "calculus; calculi; stones",
  "gallstone": "gallstones; cholelithiasis; stones in the gallbladder; gall stones",
  "intolerant": "intolerance; cannot stand; cannot bear; cannot tolerate; poorly tolerated",
  "waste": "wasting; atrophy; atrophied; atrophic",
  "paralyze": "paralysis; paralysed; palsy; paralyzed; palsied",
  // chest and throat
  "rale": "rales; crackles; crackle; crepitations",
  "stridor":
    "harsh noise on breathing in; noisy breathing in; noise on breathing in; high-pitched breathing noise; noisy breathing",
  "drool": "drooling; drools; dribbling saliva; saliva dribbles",
  "muffle": "muffled; hot potato",
  "sit forward":
    "lean forward; leaning forward; bend forward; bending forward; sit up and lean forward; sitting up and leaning forward",
  "worse deep breath": "pleuritic",
  "bark cough": "barking cough; cough like a seal; seal-like cough; seal's bark; croupy cough",
  "snore": "snoring; snores; snored",
  "sneeze": "sneezing; sneezes",
  "postnasal drip":
    "mucus running down the throat; mucus dripping down the throat; mucus running down the back of the throat",
  "club finger": "clubbing; digital clubbing; clubbed fingers; drumstick fingers; finger clubbing",
  "neck": "cervical",
  "crepitus":
    "crackling under the skin; crackling skin; subcutaneous emphysema; air under the skin; crackling air; air crackling under the skin",
  "exudate": "exudative; exudates",
  "salt skin": "salty skin; skin tastes salty; salty sweat; salty-tasting skin",
  // abdomen
  "heartburn":
    "pyrosis; burning behind the breastbone; retrosternal burning; burning behind the sternum",
  "full early": "early satiety; full after a few bites; feels full quickly; quickly full",
  "stiff abdomen":
    "guarding; abdominal guarding; board-like abdomen; boardlike abdomen; abdomen rigid as a board; board-hard abdomen",
  "ascites": "fluid in the abdomen; fluid in the belly; abdominal fluid",
  "stool": "feces; faeces; bowel motion; bowel movement; poo; fecal",
  "pale stool": "acholic; acholic stool; clay-colored stool; light-colored stool",
  "bowel urgency": "urgent need to open the bowels; rush to the toilet",
  "green vomit": "bilious; bile-stained vomit; bilious vomiting; vomiting bile",
  "sour taste": "acid taste; acid in the mouth; acid coming up",
  "push back": "pushed back in",
  "flap tremor": "asterixis; flapping tremor; flapping hands",
  "spider angioma": "spider naevi; spider nevi; spider veins; vascular spiders; spider angiomata",
  // urine and sex
  "urgent urine":
    "urinary urgency; urgency of urine; sudden urge to urinate; sudden urge to pass urine; sudden need to urinate; sudden need to pass urine; urgent desire to void; urgent need to urinate",
  "no urine": "anuria; no urine output",
  "low urine":
    "oliguria; low urine output; little urine; scant urine; reduced urine output; passes little urine",
  "dark urine": "tea-colored urine; cola-colored urine; brown urine",
  "foam urine": "frothy urine; foamy urine; foaming urine; bubbly urine; urine foams",
  "weak stream":
    "weak urine stream; weak urinary stream; poor urinary stream; poor urine stream; feeble stream; poor stream; thin stream; weak flow; poor urine flow; slow stream",
  "hesitate": "hesitancy; trouble starting to urinate; trouble starting the stream; wait for urine",
  "incomplete empty":
    "incomplete emptying; incomplete bladder emptying; never feels empty; incompletely emptied; does not empty",
  "above pubis": "suprapubic; above the pubic bone; over the bladder",
  "penis discharge":
    "penile discharge; discharge from the penis; urethral discharge; discharge from the urethra",
  "unprotected sex": "sex without a condom; condomless sex",
  "sex drive": "libido; sexual desire",
  "shoulder tip pain": "pain at the tip of the shoulder",
  "nipple retract": "inverted nipple; retraction of the nipple; nipple pulled in; drawn-in nipple",
  "dimple skin": "dimpled skin; skin dimpling; orange peel skin; puckered skin",
  // eyes and ears
  "red eye": "conjunctival injection; bloodshot eye; bloodshot",
  "conjunctivitis": "pink eye; pinkeye; inflamed conjunctiva",
  "remove": "removable; scraped off; scrape off; wiped off; scraped away; rubbed off",
  "deviate": "deviation; deviated; displaced; pushed away; pushed aside; pushed to one side",
  "fade color": "washed-out colors; washed out colors; faded colors; fading colors",
  "cloud lens": "clouded lens; cloudy lens; lens opacity; opaque lens",
  "glare": "dazzle; dazzled; dazzling; dazzling lights",
  "halo": "halos; haloes; rings around lights",
  "floater": "floaters; floating spots; spots before the eyes",
  "tunnel vision": "through a tunnel",
  "peripheral vision": "side vision; edges of the visual field; vision at the sides; outer vision",
  "papilledema": "swollen optic disc; optic disc swelling; swelling of the optic disc",
  "protrude eye": "exophthalmos; proptosis; bulging eyes",
  "ear full": "ear fullness; fullness in the ear; pressure in the ear; plugged ear",
  "pupil": "pupillary; pupils",
  // nerves and mind
  "unsteady gait":
    "unsteady on the feet; unsteady walking; walks unsteadily; staggering; stumbling; ataxia; loss of balance; poor balance; imbalance",
  "coma": "comatose; unresponsive; unrousable",
  "hard think": "disordered thought; disorganized thinking; incoherent thinking",
  "cognition": "cognitive; mental function",
  "speech": "speaking; talking; speak; talk",
  "memory": "memories",
  "stare": "staring; blank staring; stares blankly",
  "bite tongue": "tongue biting; bitten tongue",
  "flashback": "flashbacks; reliving the trauma; relives the trauma",
  "nightmare": "bad dreams; nightmares; bad dream",
  "startle": "easily startled; jumpy; jumpiness",
  "guilt": "guilty; worthlessness; worthless",
  "suicide": "suicidal; thoughts of death; wish to die",
  "doom": "impending doom; fear of dying; feels about to die",
  "low need sleep":
    "need little sleep; little need for sleep; need less sleep; decreased need for sleep; get by on little sleep",
  "reckless spend": "spending sprees; spend recklessly; spending recklessly; reckless spending",
  "grandiose": "grandiosity; inflated self-esteem",
  "impulsive": "impulsivity; acts without thinking; acting without thinking",
  "crave": "cravings; craving",
  "bend": "bending; bent; flexing; flexion",
  // skin, joints, bones
  "petechia":
    "petechiae; pinpoint red spots; pinprick red spots; tiny red spots; small red spots; pinpoint bleeding",
  "dark skin":
    "hyperpigmentation; darkened skin; darkening of the skin; bronze skin; bronzed skin; skin turns bronze",
  "sun sensitive":
    "photosensitivity; sun-sensitive skin; sensitivity to sunlight; sensitive to sunlight; sensitive to the sun; sensitivity to the sun",
  "malar rash":
    "butterfly rash; rash across the cheeks; rash over the cheeks; rash on the cheeks; butterfly-shaped rash",
  "bull's-eye rash":
    "erythema migrans; bullseye rash; target-shaped rash; expanding red rash; ring-shaped rash",
  "dermatome": "dermatomal; band of skin; strip of skin",
  "silver scale": "silvery scales; silvery",
  "pearl": "pearly; shiny",
  "crust": "crusted; crusting; scab; scabs",
  "blackhead": "blackheads; comedones; comedo",
  "pit nail": "pitted nails; nail pitting; pits in the nails; pitting of the nails",
  "sausage finger":
    "dactylitis; sausage digits; sausage digit; sausage-like fingers; swell like sausages; fingers like sausages",
  "tophus": "tophi; chalky lumps; urate lumps",
  "stoop": "stooped; stooped posture; hunched; kyphosis; bent posture",
  "lose height": "getting shorter; shorter height; loss of height",
  "white finger cold": "raynaud; fingers turn white in the cold; fingers blanch in the cold",
  "dry mouth": "xerostomia; parched mouth",
  "swell salivary gland":
    "parotid swelling; enlarged parotid glands; swollen parotid glands; salivary gland swelling",
  "joint": "articular; joints",
  "scapula": "shoulder blade; scapular; shoulder blades",
  "foot": "feet",
  "swell leg": "dependent edema; ankle swelling; swollen ankles; ankle edema; peripheral edema",
  "tent": "pinch; pinched",
  "dental extract": "dental work; tooth extraction; tooth removal; extraction of a tooth",
  // laboratory
  "white cell": "wbc; white blood cell; leukocyte",
  "red cell": "rbc; red blood cell; erythrocyte",
  "schistocyte": "fragmented red cell; fragmented red blood cell; red cell fragments",
  "liver enzyme": "transaminase; transaminases; aminotransferases; liver enzymes",
  "alkaline phosphatase": "alp; alk phos",
  "low calcium": "hypocalcemia; low blood calcium",
  "low sodium": "hyponatremia",
  "high potassium": "hyperkalemia",
  "high lymphocyte": "lymphocytosis",
  "low albumin": "hypoalbuminemia; low serum albumin",
  "high bilirubin": "hyperbilirubinemia",
  "high cholesterol": "hypercholesterolemia; hyperlipidemia; high blood fats; high lipids",
  "esr": "sedimentation rate; erythrocyte sedimentation rate",
  "inr": "international normalized ratio",
  "pt": "prothrombin time",
  "aptt": "ptt; partial thromboplastin time; activated partial thromboplastin time",
};
