/**
 * Words that say of a drug that it is used, that it does nothing, and that it must not be given.
 *
 * @module
 */

const given = String
  .raw`(?:giv\w+|us(?:e[ds]?|ing)|tak(?:en?|es|ing)|prescrib\w*|start\w*|offer\w*|administ\w*|receiv\w*|combin\w*)`;
const may = "(?:must|should|ought|shall|may|can|could|do|does|is|are|will|would|need)";

/** That a drug must not be given. */
export const harm: RegExp = new RegExp(
  String
    .raw`\b(?:contra-?indicat\w*|avoid(?:s|ed|ing)?|withh[eo]ld\w*|harm(?:s|ful|ed)?|dangerous|hazardous|unsafe|unsuitable|inadvisable|forbidden|off[-\s]limits|ill-advised|(?:steer\s+clear|(?:stay|keep)\s+away)|` +
    String
      .raw`${may}\s*(?:not|n['’]t)\s+(?:to\s+)?(?:be\s+|ever\s+)?(?:${given}|get|have)|(?:cannot|never)\s+(?:be\s+)?${given}|not\s+(?:to\s+be\s+)?(?:given|used|recommended|advis\w+)|` +
    String
      .raw`neither\s+(?:(?:[\p{L}-]+\s+){1,3}?nor\s+(?:[\p{L}-]+\s+){1,3}?)?${may}\s+(?:to\s+)?(?:be\s+)?${given})\b`,
  "iu",
);
/** That it is not. */
export const harmless: RegExp =
  /\b(?:not|never|n['’]t)\s+(?:be\s+|strictly\s+)?(?:contra-?indicat\w*|harmful|dangerous|unsafe|avoided)|\bneed\s+not\s+be\s+avoided|\bno\s+(?:harm|danger|contra-?indication\w*)\b|\b(?:perfectly|entirely|completely|quite|considered)\s+safe\b|\bsafe(?:ly)?\s+(?:to|in|for|be)\b|\bis\s+(?:an?\s+)?safe\b|\bwithout\s+(?:any\s+|much\s+)?(?:risk|danger|worry|concern|hesitation|problems?)\b/i;
/** That it does nothing. */
export const useless: RegExp =
  /\b(?:useless|worthless|ineffective|of\s+no\s+(?:use|benefit|value|help)|no\s+(?:role|place|benefit|effect)|(?:does|do|did|will|would)\s*(?:not|n['’]t)\s+(?:help|work|treat|relieve|improve|benefit)|not\s+(?:effective|useful|helpful|indicated|used|a\s+treatment)|never\s+(?:used|helps))\b/i;
/** That it is used. */
export const use: RegExp =
  /\b(?:treat\w*|first|1st|tx|rx|choice|choose|chosen|giv\w+|start\w*|beg[iau]n\w*|us(?:e|es|ed|ing|ually)|help\w*|reliev\w*|eas(?:e|es|ed)|standard|recommend\w*|options?|therap\w*|prescri\w*|indicated|effective|works?|control\w*|manag\w*|drugs?|medic\w*|substitut\w*|add(?:ed|s)?|offer\w*|line|administ\w*|tak(?:e|en|es|ing)|receiv\w*|agents?|antibiotics?|prevent\w*|mainstays?|respond\w*|benefit\w*|combin\w*|initiat\w*|preferred|calls?\s+for|requires?|needs?|backbone|cornerstone)\b/i;
