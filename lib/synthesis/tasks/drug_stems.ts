/**
 * Kinds of drugs by their names: the stems of international nonproprietary names (WHO, "The use of stems in the selection of INN").
 * A drug of one kind may stand for another of it, whether or not a table says so.
 *
 * @module
 */

const kinds: readonly RegExp[] = [
  // Antibacterials as one kind: most infections respond to several of them.
  /cillin|^cef|^ceph|mycin|micin|floxacin|cycline|penem\b|^sulfa|trimethoprim|nitrofurantoin|nidazole|zolid|vancin|^rif|colistin|polymyxin|bactam|aztreonam|chloramphenicol/i,
  /vir\b|vudine|amantadine/i,
  /fungin|conazole|amphotericin|nystatin|terbinafine|griseofulvin/i,
  /predniso|cortiso|methasone|cinolone|budesonide|ciclesonide|triamcinolone|mometasone|fluticasone/i,
  /profen|fenac|oxicam|coxib|indometacin|indomethacin|naproxen|ketorolac|acetylsalicylic|acetaminophen|paracetamol/i,
  /orphan|codone|morph|fentan|codeine|tramadol|tapentadol|methadone|pethidine/i,
  /azepam|azolam|zolpidem|zopiclone|barbital|hydroxyzine|buspirone/i,
  /oxetine|traline|pram\b|ipramine|triptyline|faxine|cipran|mirtazapine|trazodone|bupropion/i,
  /apine\b|peridol|peridone|piprazole|azine\b/i,
  /racetam|gabalin|gabapentin|zepine|toin\b|valpro|lamotrigine|topiramate|zonisamide/i,
  /olol\b|dipine\b|pril\b|sartan\b|thiazide|semide|verapamil|diltiazem|hydralazine|spironolactone|eplerenone|clonidine/i,
  /parin\b|xaban\b|gatran\b|teplase\b|grel\b|grelor\b|warfarin|argatroban|bivalirudin|dipyridamole/i,
  /statin\b(?<!nystatin)|fibrate|ezetimibe|niacin/i,
  /gliptin|gliflozin|glitazone|glinide|metformin|glutide|natide|^gl[iy]|insulin/i,
  /prazole|tidine|sucralfate|antacid|carbonate|bismuth/i,
  /setron|pride\b|metoclopramide|domperidone/i,
  /terol\b|terenol|tropium|phylline|lukast/i,
  /atadine|cetirizine|fenadine|azelastine|ramine\b/i,
  /tinib\b|rafenib|platin\b|taxel|rubicin|poside|citabine|fosfamide|trexed|trexate|ciclib|parib|degib|vin(?:cristine|blastine|orelbine)|mustine/i,
  /mab\b|cept\b/i,
  /dronate|denosumab|teriparatide|calcitonin|calci|vitamin D/i,
  /estr|gest|clomifene|letrozole|anastrozole|relix|relin|lutamide|steride|contracept/i,
  /triptan\b|ergot/i,
  /oxybutynin|fenacin|tolterodine|trospium|mirabegron|zosin\b|losin\b/i,
  /prost\b|lamide\b|brimonidine|pilocarpine|timolol/i,
  /formin|thyro|thimazole|thiouracil|iodine/i,
];

/**
 * Whether two drugs are of one kind by their names.
 *
 * @param a Name of a drug.
 * @param b Name of a drug.
 * @returns True where one stem is in both names.
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { isOneKind } from "./drug_stems.ts";
 * assert(isOneKind("gentamicin", "nitrofurantoin") && !isOneKind("gentamicin", "warfarin"));
 * ```
 */
export function isOneKind(a: string, b: string): boolean {
  return kinds.some((kind) => kind.test(a) && kind.test(b));
}
