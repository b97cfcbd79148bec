/**
 * Everyday names of human anatomy, which the anatomical ontology (UBERON) writes otherwise.
 *
 * @module
 */

/** UBERON id to everyday names of the same part of the human body. */
export const everydayAnatomy: Readonly<Record<string, readonly string[]>> = {
  "UBERON:0000002": ["cervix", "cervix uteri"],
  "UBERON:0000007": ["pituitary", "hypophysis"],
  "UBERON:0000941": ["optic nerve"],
  "UBERON:0000982": ["joint"],
  "UBERON:0000992": ["ovary", "ovaries"],
  "UBERON:0001037": ["hair"],
  "UBERON:0001105": ["clavicle", "collarbone"],
  "UBERON:0001130": ["spine", "spinal column"],
  "UBERON:0001352": ["ear canal"],
  "UBERON:0001684": ["lower jaw bone"],
  "UBERON:0001734": ["uvula"],
  "UBERON:0001846": ["inner ear"],
  "UBERON:0002046": ["thyroid"],
  "UBERON:0002097": ["skin"],
  "UBERON:0002110": ["gallbladder"],
  "UBERON:0002367": ["prostate"],
  "UBERON:0002387": ["foot", "feet"],
  "UBERON:0002398": ["hand"],
};
