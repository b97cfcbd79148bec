/**
 * Classes of drugs as texts name them, with the drugs of the curated tables that belong to each. The graph's pharmacologic
 * classes lack most of these names. What is said of a class is judged by what the tables say of its members.
 *
 * @module
 */

/** Names of a class, the first its own, to its members. */
const members: Readonly<Record<string, string>> = {
  "ACE inhibitor; ACEI; angiotensin-converting enzyme inhibitor":
    "lisinopril; enalapril; ramipril; captopril; benazepril; perindopril; quinapril",
  "angiotensin receptor blocker; ARB; angiotensin II receptor antagonist; sartan":
    "losartan; valsartan; candesartan; irbesartan; telmisartan; olmesartan",
  "beta blocker; beta-adrenergic blocker; beta-blocking agent; beta-adrenoceptor antagonist":
    "propranolol; metoprolol; atenolol; carvedilol; bisoprolol; nadolol; timolol; labetalol; esmolol",
  "calcium channel blocker; calcium antagonist":
    "amlodipine; nifedipine; diltiazem; verapamil; felodipine; nimodipine",
  "thiazide; thiazide diuretic": "hydrochlorothiazide; chlorthalidone; indapamide",
  "loop diuretic": "furosemide; torsemide; bumetanide",
  "statin; HMG-CoA reductase inhibitor":
    "atorvastatin; simvastatin; rosuvastatin; pravastatin; lovastatin",
  "nonsteroidal anti-inflammatory drug; NSAID; non-steroidal anti-inflammatory drug":
    "ibuprofen; naproxen; indomethacin; diclofenac; ketorolac; meloxicam; celecoxib; aspirin",
  "selective serotonin reuptake inhibitor; SSRI":
    "sertraline; fluoxetine; citalopram; escitalopram; paroxetine; fluvoxamine",
  "serotonin-norepinephrine reuptake inhibitor; SNRI": "venlafaxine; duloxetine; desvenlafaxine",
  "tricyclic antidepressant; TCA": "amitriptyline; nortriptyline; imipramine; clomipramine",
  "benzodiazepine": "lorazepam; diazepam; alprazolam; clonazepam; midazolam; chlordiazepoxide",
  "triptan": "sumatriptan; rizatriptan; zolmitriptan; eletriptan",
  "proton pump inhibitor; PPI": "omeprazole; esomeprazole; pantoprazole; lansoprazole; rabeprazole",
  "H2 blocker; H2 receptor antagonist": "famotidine; ranitidine; cimetidine; nizatidine",
  "bisphosphonate": "alendronate; risedronate; ibandronate; zoledronic acid; pamidronate",
  "corticosteroid; glucocorticoid":
    "prednisone; prednisolone; methylprednisolone; dexamethasone; hydrocortisone; budesonide; betamethasone",
  "inhaled corticosteroid": "budesonide; fluticasone; beclomethasone; mometasone",
  "beta agonist; beta-2 agonist": "albuterol; salmeterol; formoterol; terbutaline",
  "macrolide; macrolide antibiotic": "azithromycin; clarithromycin; erythromycin",
  "fluoroquinolone": "ciprofloxacin; levofloxacin; moxifloxacin; ofloxacin",
  "cephalosporin": "ceftriaxone; cephalexin; cefazolin; cefuroxime; cefepime; cefixime; cefdinir",
  "tetracycline antibiotic": "doxycycline; minocycline; tetracycline",
  "aminoglycoside": "gentamicin; tobramycin; amikacin; streptomycin",
  "sulfonylurea": "glipizide; glimepiride; glyburide; gliclazide",
  "SGLT2 inhibitor; gliflozin": "empagliflozin; dapagliflozin; canagliflozin",
  "GLP-1 receptor agonist; GLP-1 agonist": "semaglutide; liraglutide; dulaglutide; exenatide",
  "TNF inhibitor; anti-TNF drug; TNF blocker": "infliximab; adalimumab; etanercept; certolizumab",
  "dopamine agonist": "pramipexole; ropinirole; rotigotine; bromocriptine; cabergoline",
  "cholinesterase inhibitor; acetylcholinesterase inhibitor":
    "donepezil; rivastigmine; galantamine; pyridostigmine",
  "alpha blocker; alpha-1 blocker": "tamsulosin; doxazosin; terazosin; alfuzosin; prazosin",
  "5-alpha reductase inhibitor": "finasteride; dutasteride",
  "triazole antifungal; azole antifungal": "fluconazole; itraconazole; voriconazole",
  "organic nitrate": "nitroglycerin; isosorbide mononitrate; isosorbide dinitrate",
  "opioid analgesic": "morphine; oxycodone; hydrocodone; fentanyl; tramadol; codeine",
};

/** A class. */
export interface DrugClass {
  /** Its id, which is also a name of nothing else. */
  readonly id: string;
  /** Its names, its own first. */
  readonly names: readonly string[];
  /** Names of its members. */
  readonly members: readonly string[];
}

/**
 * The id under which a class is spoken of as a class, where its drugs are not meant: "losartan is a sartan".
 *
 * @param id Id of a class.
 * @returns Another id.
 */
export const classIdOf = (id: string): string => `${id} (class)`;

/** All classes. */
export const drugClasses: readonly DrugClass[] = Object.entries(members).map(([names, own]) => {
  // The plural of an abbreviation is not told from its letters.
  const all = names.split("; ").flatMap((name) =>
    /^[A-Z0-9]+$/.test(name) ? [name, `${name}s`] : [name]
  );
  return { id: `drug class:${all[0]}`, names: all, members: own.split("; ") };
});
