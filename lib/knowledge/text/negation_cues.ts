/**
 * The words that deny, and those that only seem to: one list for rewards, claims and rewordings. The classes follow NegEx
 * (Chapman et al. 2001) and ConText (Harkema et al. 2009): cues before a name, cues behind it, pseudo-negations, and what
 * ends the reach of a cue.
 *
 * @module
 */

/** A list of patterns as one, for whole words. */
const words = (...patterns: readonly string[]): string => `(?:${patterns.join("|")})`;

const contraction = String
  .raw`(?:is|are|was|were|do|does|did|ca|could|wo|would|should|has|have|had|must|need|might|ai)n['’]?t`;

const auxiliary = words(
  "is|are|was|were|be|been|being|does|do|did|has|have|had",
  "can|could|should|would|will|must|may|might|seems?|appears?|remains?|looks?",
);

/** Verbs in the forms of a statement; they end the reach of "without" and "rule out". */
export const negationVerbs: string = words(
  auxiliary,
  contraction,
  "causes?|caused|causing|presents?|shows?|showed|leads?|led|leading|produces?|gives?|brings?|develops?|occurs?",
  "appears?|treats?|affects?|asks?|check|looks?|considers?|thinks?|starts?|suspects?|suggests?|points?|means?",
  "reports?|takes?|triggers?|includes?|remains?|becomes?|makes?|comes?|helps?|works?|expects?|notes?|tells?|says?",
  "belongs?|follows?|features?|involves?|indicates?|runs?|begins?|accompan(?:y|ies)|characteri[sz]es?|explains?",
);

const deny = words(
  "ignored?|denied|deny|excluded?|ruled?\\s+out|overlook(?:ed)?|miss(?:ed|ing)?|dismiss(?:ed)?|neglect(?:ed)?",
  "doubt(?:ed|s)?|dispute[sd]?|question(?:ed|s)?|forget|forgotten|omit(?:ted)?|discount(?:ed)?|underestimated?",
  "surprised|astonished|amazed|escaped?|disregard(?:ed)?|absent|lacking|spared?|left\\s+out|free\\s+(?:of|from)|devoid\\s+of|separated|avoided|prevented",
);
const seldom = words(
  "un(?:common|usual|expected|heard\\s+of|known|related|important|typical|reasonable|true)\\w*",
  "infrequent\\w*|rare(?:ly)?|seldom|surprising\\w*|exceptional\\w*|an?\\s+exception|insignificant|negligible",
  "impossible|improbable|implausible|atypical|specific|diagnostic|pathognomonic|sufficient|proof|only|just|merely|simply|solely|exclusively|limited\\s+to|confined\\s+to",
  "all|every\\w*|always|necessarily|invariably|universal\\w*|until|long\\s+(?:after|before)|least|enough",
);
/** Words that deny what stands behind them, as one pattern. */
export const negators: string = words(
  "by\\s+no\\s+means",
  "in\\s+no\\s+way",
  "no",
  "not",
  "never",
  "cannot",
  "hardly",
  "rarely",
  "seldom",
  contraction,
);
const care = words(
  "treatment|therapy|therapies|medication|medicine|intervention|care|vaccination|vaccine|prophylaxis|antibiotics?",
  "warning|delay|exception|fail|difficulty|help|supervision|complications?|further\\s+ado|notice|prompting",
);

/** Pseudo-negations: they hold a cue and deny nothing. */
export const pseudoNegations: readonly RegExp[] = [
  String.raw`\bout\s+of\s+proportion\b`,
  String
    .raw`\b(?:that|which)\s+(?:nobody|no\s?one|others\s+(?:do|can)\s*(?:not|n['’]t))(?:\s+else)?(?:\s+can)?\s+(?:hears?|sees?|notices?|perceives?)\b`,
  String
    .raw`\b(?:${negators}|nothing)\s+(?:to\s+)?(?:be\s+|been\s+)?(?:an?\s+|the\s+|at\s+all\s+|in\s+)?(?:very\s+|so\s+|quite\s+)?${seldom}\b`,
  String
    .raw`\b(?:${negators}|nobody|no\s?one|none|nothing)\s+(?:\w+\s+){0,2}?(?:to\s+)?(?:be\s+|been\s+)?(?:ever\s+)?${deny}\b`,
  String
    .raw`\bno\s+(?:\w+\s+)?(?:doubt|less|question|wonder|surprise|exception|secret|longer\s+rare|matter|reason\s+to\s+doubt)\b`,
  String.raw`\bwithout\s+(?:any\s+|a\s+)?(?:doubt|question|exception|fail)\b`,
  String
    .raw`\b(?:without|with\s+no|no|in\s+the\s+absence\s+of)\s+(?:\w+\s+)?${care}\b(?!\s+(?:of|with|by)\b)`,
  String
    .raw`\b(?:if|when|where|unless|though|although|while|even\s+if)\s+(?:left\s+)?not\s+(?:\w+ly\s+)?\w+ed\b`,
  String.raw`\b(?:no|nothing|none)\s+(?:\w+\s+)?(?:but|other\s+than|except)\b`,
  String.raw`\b(?:hard|difficult|impossible|wrong|foolish|unwise)\s+to\s+${deny}\b`,
  String.raw`\bin\s+no\s+time\b`,
  String.raw`\blittle\s+more\s+than\b`,
  String.raw`\b${negators}\s+(?:\w+\s+){0,2}?without\b`,
  String.raw`\b${negators}\s+(?:\w+\s+)?(?:go|be)\s+(?:far\s+)?wrong\b`,
  String.raw`\bnothing\s+(?:is|are|was|would\s+be)\s+(?:more|as|so)\b[^.;!?\n]*?\b(?:than|as)\b`,
  String
    .raw`\bwho\s+(?:is|are|was|were|has|have)\s+(?:not|never)\s+(?:been\s+)?(?:\w+ly\s+)?\w+ed\b`,
  String.raw`\bno\s+other(?=\b[^.;\n]*\b(?:as|than)\b)`,
].map((pattern) => new RegExp(pattern, "gi"));

/** How far a cue before a name reaches: over a clause, over some words, to the next verb, or to the next word. */
export type Reach = "clause" | "words" | "phrase" | "word";

const stated = words(
  "false|untrue|wrong|incorrect|nonsense|doubtful|questionable|impossible|inconceivable|unproven",
  "(?:a|the)\\s+(?:common\\s+)?(?:myth|lie|mistake|misconception|fallacy|legend|error)",
  `${negators}\\s+(?:true|right|correct|the\\s+case|so|certain|clear|proven|established|possible|believe|think|agree)`,
  "(?:no|little|hardly\\s+any)\\s+(?:\\w+\\s+)?(?:evidence|proof|reason|indication|suggestion|truth|basis|sign|hint|data)",
);

/** Cues before what they deny. */
export const cuesBefore: readonly { readonly reach: Reach; readonly pattern: RegExp }[] = ([
  [
    "clause",
    String.raw`\b${stated}\s+to\s+(?:say|think|claim|believe|state|assume|suppose|expect|call)\b`,
  ],
  [
    "clause",
    String
      .raw`\b${stated}(?:\s+to\s+(?:say|think|claim|believe|state|assume|suppose))?\s+(?:that|whether|if)\b`,
  ],
  [
    "clause",
    String
      .raw`\b(?:in\s+vain|(?:hard|difficult)\s+to\s+(?:imagine|conceive|believe|think\s+of)|(?:un(?:usual|thinkable|likely)|im(?:possible|plausible|probable)|inconceivable|rare)\s+for)\b`,
  ],
  [
    "clause",
    String
      .raw`\b(?:nobody|no\s?one|none\s+of|doubt(?:s|ed|ing)?|wrongly|falsely|mistakenly|erroneously)\b`,
  ],
  ["clause", String.raw`\b(?:absent|negative|denied|denies|excluded|ruled\s+out)\s*:`],
  ["word", String.raw`\bnon\b`],
  [
    "word",
    String
      .raw`\b(?:stop(?:s|ped|ping)?|discontinu(?:e|es|ed|ing)|with(?:hold|holds|held|holding|draw|draws|drew|drawn|drawing)|ceas(?:e|es|ed|ing)|suspend(?:s|ed|ing)?|omit(?:s|ted|ting)?)(?:\s+(?:the|any|all|taking|giving|using|oral|current|their|his|her|(?:treatment|therapy)\s+with))*(?=\s)`,
  ],
  [
    "words",
    String
      .raw`\b(?:no|not|never|neither|nor|cannot|hardly|scarcely|barely|rarely|seldom|unlikely|contraindicated|${contraction})\b`,
  ],
  [
    "words",
    String
      .raw`\b(?:fail(?:s|ed)?\s+to|do(?:es)?\s+nothing|nothing\s+to\s+do\s+with|far\s+from|(?:any|every)thing\s+but|all\s+but|nothing\s+like|(?:less|least)\s+(?:likely|probable|typical)|(?<!\ba\s)few\s+(?:would|people|doctors|experts|patients))\b`,
  ],
  [
    "phrase",
    String
      .raw`\b(?:without|den(?:y|ies|ied|ying)|absen(?:t|ce\s+of)|exclud(?:e|es|ed|ing)|rul(?:e|es|ed|ing)\s+out)\b`,
  ],
  [
    "phrase",
    String
      .raw`\b(?:avoid(?:s|ed|ing)?|lack(?:s|ed|ing)?(?:\s+of)?|free\s+(?:of|from)|devoid\s+of|negative\s+for|instead\s+of)\b`,
  ],
  [
    "phrase",
    String
      .raw`\b(?:rather\s+than|other\s+than|(?:(?:more|less)\s+)?than(?!\s+(?:\d|an?\s|half|one|two|three))|as\s+opposed\s+to|compared\s+(?:with|to)|versus|vs\.?|except)(?=\s)`,
  ],
  [
    "phrase",
    String
      .raw`\b(?:unlike|opposite\s+of|unrelated\s+to|independent\s+of|refut(?:e|es|ed)|reject(?:s|ed)?|dismiss(?:es|ed)?)\b`,
  ],
  [
    "phrase",
    String
      .raw`\b(?:prevents?|preventing|protect(?:s|ing)?\s+(?:\w+\s+){0,2}?(?:from|against)|guards?\s+against|wards?\s+off|spares?)\b`,
  ],
  [
    "phrase",
    String
      .raw`\b(?:allerg(?:y|ies|ic)\s+to|hypersensitiv(?:e|ity)\s+to|intoleran(?:ce|t)\s+(?:of|to)|contraindications?\s+(?:to|of))\b`,
  ],
  [
    "phrase",
    String
      .raw`\b(?:relieves?|reduces?|alleviates?|abolishes|suppresses|eliminates?|cures?|lowers|(?<=\b(?:to|can|may|will|helps?)\s)lower)\b`,
  ],
] as const).map(([reach, pattern]) => ({ reach, pattern: new RegExp(pattern, "gi") }));

const predicate = words(
  "absent|missing|un(?:likely|usual|expected|common)|surprising|atypical|exceptional|incompatible|out(?!\\w|\\s+of\\b)|(?:falsely|wrongly|mistakenly|erroneously)|the\\s+(?:exact\\s+)?opposite|excluded|contraindicated|denied|ruled\\s+out|inappropriate|impossible|mistaken|untrue|false",
  "wrong|incorrect|nonsense|unrelated|unheard\\s+of|out\\s+of\\s+the\\s+question|far\\s+from|anything\\s+but|rejected",
  "nothing\\s+(?:like|to\\s+do\\s+with)|(?:an?|the)\\s+(?:\\w+\\s+)?(?:myth|lie|mistake|misconception|fallacy|error|legend)",
  "dismissed|refuted|disproved|not\\s+the\\s+case|spared|prevented|useless|ineffective|harmful|of\\s+no\\s+(?:use|benefit|value|help)",
);
const adverb = String.raw`(?:\s+(?:been|be|also|\w+ly|in\s+fact|most|very|quite|just|now))*`;
const denies = words(
  String
    .raw`${auxiliary}${adverb}\s+(?:not|never|hardly|scarcely|rarely|seldom|(?<=(?:is|are|was|were)\s+)no)\b`,
  String.raw`${contraction}\b`,
  String.raw`${auxiliary}${adverb}\s+${predicate}\b`,
  String.raw`(?:cannot|never|hardly|scarcely|rarely|seldom)\b`,
  String
    .raw`not\s+(?:indicated|present|likely|recommended|used|given|appropriate|seen|found|typical|part\s+of|(?:an?|the|one)\s+(?:\w+\s+)?(?:symptom|sign|finding|feature|manifestation|cause|treatment|drug|therapy))\b`,
  String.raw`go\s+away\b`,
  String.raw`fails?\s+to\b`,
  String.raw`(?:argues?|speaks?|counts?|points?)\s+against\b|rules?\s+out\b|excludes?\b`,
  String
    .raw`(?:plays?|ha[sd]|have)\s+(?:no|nothing)\s+(?:part|role|place|effect|to\s+do|in\s+common)\b`,
  String.raw`${predicate}\b`,
);

/** A denial behind a name, from its end on and within its clause. */
export const denialBehind: RegExp = new RegExp(
  String
    .raw`^[\s("'*-]*(?:,?\s*(?:which|that|it|this)\s+)?(?!(?:the|an?|his|her|their)\b)(?:(?!(?:and|or|with)\b)\w+\s+){0,2}?${denies}`,
  "i",
);

/** A bare answer behind a name: "fever? No.", "fever - no", "fever: absent", "fever (not)". */
export const answerBehind: RegExp = new RegExp(
  String
    .raw`^["'*)\]]*\s*(?:[✗✘❌✖👎]|(?:[?:=;.–—-]+|[(\[]|,|\n)\s*(?:(?:actually|sorry|wait|oops|well|hm+),?\s+)?(?:no|not|never|nope|none|negative|absent|false|wrong|` +
    String
      .raw`incorrect|untrue|excluded|denied|ruled\s+out|unlikely|hardly|-ve|not\s+(?:really|so|at\s+all|present|true|likely|` +
    String.raw`the\s+case))["'*\])]*\s*(?=[).!;,\n]|$))`,
  "iu",
);

/** What is seldom so: with a denial before it the name is affirmed ("influenza without fever is unusual"). */
export const seldomBehind: RegExp = new RegExp(
  String
    .raw`^[\s("'*-]*(?:\w+\s+){0,2}?${auxiliary}${adverb}\s+(?:unusual|uncommon|rare|unlikely|exceptional|atypical|surprising|unexpected|strange|odd|unthinkable|unheard\s+of|impossible|an?\s+(?:exception|surprise|rarity))\b`,
  "i",
);

/** What a drug does that is no use of it. */
export const harmBehind: RegExp = new RegExp(
  String
    .raw`^[\s,"'*]*(?:\w+ly\s+)?(?:causes?|worsens?|aggravates?|exacerbates?|triggers?|induces?|provokes?|harms?|makes?\s+(?:\w+\s+)+worse)\b`,
  "i",
);

/** A speaker takes back what was said before. */
export const retraction: RegExp = new RegExp(
  String
    .raw`\b(?:(?:i\s+(?:am|was)|i['’]m)\s+(?:wrong|mistaken|incorrect)|that\s+(?:is|was)\s+(?:wrong|false|incorrect|a\s+mistake|not\s+right)` +
    String
      .raw`|scratch\s+that|i\s+take\s+(?:it|that)\s+back|no,?\s+wait|wait,?\s+no|just\s+kidding|(?:disregard|ignore)\s+(?:that|this)|on\s+second\s+thought)\b` +
    String.raw`|\s[-–—…]+\s*not\s*[!.]*(?=\s*(?:\n|$))`,
  "gi",
);

/** What is claimed and called false afterwards: "the claim that fever is a sign of influenza is false". */
export const refuted: RegExp = new RegExp(
  String
    .raw`\b(?:claims?|ideas?|notion|belief|statement|assertion|view|rumou?r|theory|hypothesis|suggestion)\s+(?:that|of)\b[^.;!?\n]*?\b` +
    String
      .raw`(?:is|are|was|were|has\s+been|have\s+been)${adverb}\s+(?:false|wrong|untrue|incorrect|mistaken|nonsense|unfounded|refuted|` +
    String
      .raw`disproved|rejected|an?\s+(?:\w+\s+)?(?:myth|lie|mistake|misconception|error)|not\s+(?:true|right|correct|supported|proven))\b`,
  "gi",
);

/** Where a clause ends. */
export const border: RegExp = new RegExp(
  String
    .raw`(?:[.;!?]|(?<!\b(?:absent|negative|denied|denies|excluded|ruled\s+out)\s*):)(?=\s|$)|\n|\b(?:(?<!(?:anything|everything|all)\s)but|however|though|although|while|whereas|because|(?<=,\s)as(?!\s+(?:well|much)\b)|since|therefore|yet|` +
    String.raw`and\s+(?:then\s+|also\s+|often\s+|usually\s+|so\s+)?${negationVerbs})\b`,
  "gi",
);
