/**
 * The words that state a relation between two names: verbs, which stand between them, and nouns ("a symptom of"), whose
 * complement stands behind them. Patterns are matched in a sentence whose names are single marks.
 *
 * @module
 */
import type { TextRelation } from "./text_types.ts";

/** The mark of a name that is an entity or a pronoun for one, as a class of characters. */
export const entityMarks = String.raw`[\uE000-\uE0FF]`;

/** The mark of a person. */
export const personMarks = String.raw`[\uE100-\uE1FF]`;

/** One way to read a cue: which relation, and which side is its subject. */
export interface CueReading {
  /** The relation. */
  readonly relation: TextRelation;
  /** The side of the cue, or of the complement of a noun, that is the subject. */
  readonly subject: "left" | "right";
}

/** A cue. Of its readings the first counts whose kinds fit, else the first. */
export interface Cue {
  /** The rule's name, which a claim carries. */
  readonly rule: string;
  /** Where the other name stands: around a verb; behind a noun its complement, and before it or behind that the other. */
  readonly form: "verb" | "noun";
  /** The words. */
  readonly pattern: RegExp;
  /** What it says, the best reading first. */
  readonly readings: readonly CueReading[];
  /** Whether its subject may be a person: then the claim is about that person. */
  readonly personal?: true;
  /** Whether unknown words are read as a name: only where the cue is seldom used otherwise. */
  readonly open?: true;
  /** Whether the words look like a denial and are none here ("relieves", "contraindicated"). */
  readonly neutral?: true;
}

const adverb = String
  .raw`(?:(?:often|also|always|usually|commonly|typically|frequently|sometimes|mostly|mainly|primarily|generally|normally|chiefly|still|now|currently|not|never|rarely|seldom|hardly|even|first|best|well|easily|particularly|especially|most|more|very|quite|rather|so|all|both|only|merely|just|further|widely|uncommonly|infrequently|by\s+no\s+means|in\s+no\s+way|not\s+at\s+all|in\s+fact|at\s+times|in\s+part|one\s+of|\w+ly)\s+)*`;
const be = String
  .raw`(?:is|are|was|were|be|been|being|isn'?t|aren'?t|wasn'?t|weren'?t|(?:can|could|may|might|will|would|should|must)(?:\s+(?:often|also|sometimes|not|never))?\s+be|ha(?:s|ve)\s+(?:(?:never|not|often|long|also|all|both|each)\s+)?(?:been|proven|proved)(?:\s+(?:shown|proven|found))?(?:\s+to\s+be)?|seems?(?:\s+to\s+be)?|remains?|becomes?)\s+${adverb}`;
const article = String.raw`(?:(?:an?|the|one|another|any|some|its|their)\s+)?`;
const modifiers = String.raw`(?:(?!(?:of|in|for|to|with|by|and|or)\b)[\p{L}-]+\s+){0,3}?`;
const disorderWords = String
  .raw`(?:(?:the\s+)?(?:symptoms?|signs?|pain|attacks?|complaints?|manifestations?)\s+(?:of|in|due\s+to|caused\s+by|from)\s+)?`;
const purpose = String
  .raw`(?:to\s+(?:treat|manage|control|cure|help(?:\s+with)?|fight|combat)|(?:in|for|as)\s+(?:the\s+|a\s+)?(?:${modifiers})(?:treatment|management|therapy|control|care)\s+(?:of|for|in)|for|in|against|to(?=\s+(?:patients|people|those|adults|children)\s+with))`;
const relief = String
  .raw`(?:to\s+(?:relieve|ease|alleviate|soothe|palliate|reduce)|for\s+(?:the\s+)?(?:symptomatic\s+)?relief\s+(?:of|in|from)|(?:for|as)\s+(?:an?\s+|the\s+)?symptomatic\s+(?:treatment|relief|therapy|management|drug)\s+(?:of|in|for))\s+${disorderWords}`;

const left = (relation: TextRelation): CueReading => ({ relation, subject: "left" });
const right = (relation: TextRelation): CueReading => ({ relation, subject: "right" });

type Flags = Partial<Pick<Cue, "personal" | "open" | "neutral">>;
const cue = (
  form: Cue["form"],
  rule: string,
  readings: readonly CueReading[],
  patterns: readonly string[],
  flags: Flags = {},
): Cue => ({
  form,
  rule,
  readings,
  pattern: new RegExp(`(?<![\\p{L}-])(?:${patterns.join("|")})(?:(?<=\\s)|(?!\\p{L}))`, "giu"),
  ...flags,
});

const finding =
  "(?:symptom|sign|finding|feature|manifestation|complaint|presentation|hallmark|indicator|mark|consequence|complication)s?";

/** All cues; where two overlap, the one that begins first counts, and of those the longest. */
export const cues: readonly Cue[] = [
  cue("verb", "causes", [left("presents"), left("caused_by")], [
    String
      .raw`causes?|caused(?!\s+by)|causing|leading\s+to|resulting\s+in|producing|${be}(?:responsible\s+for|(?:an?\s+|the\s+|one\s+of\s+the\s+)?(?:[\p{L}-]+\s+)?causes?\s+of)|produces?|produced(?!\s+by)|leads?\s+to|led\s+to|results?\s+in|brings?\s+(?:on|about)|gives?(?:\s+rise\s+to)?|triggers?|induces?|provokes?|makes?\s+(?:people|patients|those\s+affected)\s+(?:have|suffer\s+from|develop|feel|get)`,
    String
      .raw`(?:manifests?|shows?|reveals?|announces?)(?:\s+itself|\s+up)?\s+(?:as|with|by|through|in\s+the\s+form\s+of)|makes?\s+itself\s+felt\s+(?:as|by|through|with)|comes?\s+with|(?:starts?|begins?|opens?|presents?\s+early)\s+with|goes\s+(?:along\s+)?with`,
    String
      .raw`(?:${be})?(?:characteri[sz]ed|marked|accompanied|heralded|recogni[sz]ed|signalled|dominated|followed|complicated)\s+by`,
    String.raw`${be}without|(?:comes?|occurs?|runs?|appears?|exists?)\s+(?:\w+\s+)?without`,
  ], { open: true }),
  cue("verb", "presents with", [left("presents")], [
    String
      .raw`presents?(?:\s+\w+ly)?\s+(?:with|as)|presented\s+with|presenting\s+(?:with|as)|presents?(?=\s+without\b)|presented(?=\s+without\b)|features?|shows?|showed|displays?|develops?|developed|experiences?|experienced`,
  ], { personal: true, open: true }),
  cue("verb", "has", [left("presents")], [
    String
      .raw`has|have|had|having|gets?|got|suffers?\s+from|suffered\s+from|suffering\s+from|complains?\s+of|complained\s+of|complaining\s+of|reports?|reported(?!\s+(?:in|by|to|for|as))|reporting|den(?:y|ies|ied)|describes?|notes?|notices?|noticed|experiences?|feels?|felt|exhibits?|lacks?|${be}free\s+(?:of|from)|(?:died|recovered|recovering)\s+(?:of|from)|survived|got\s+over|${be}(?:treated|cured|operated|hospitali[sz]ed|seen|admitted)\s+(?:for|of)|(?:comes?|came|walks?|walked)(?:\s+(?:in|to\s+[\p{L}\s]{1,30}?))?\s+(?:with|because\s+of|for)|(?:arrives?|arrived|is\s+here|was\s+brought\s+in|is\s+brought\s+in)\s+(?:with|because\s+of|for)|seeks?\s+(?:help|advice|care)\s+(?:for|because\s+of)|consults?\s+[\p{L}\s]{0,30}?(?:for|because\s+of)|${be}(?:at\s+(?:\w+\s+)?risk\s+(?:of|for)|prone\s+to|susceptible\s+to|likely\s+to\s+(?:develop|get|have))|${be}(?:diagnosed|found|seen|admitted|noted|living|afflicted|ill|known)\s+(?:with|for|to\s+(?:have|suffer\s+from))`,
  ], { personal: true }),
  cue("verb", "symptoms include", [left("presents")], [
    String
      .raw`(?:['’]s?\s+)?(?:${modifiers})${finding}\s+(?:can\s+|may\s+|often\s+|usually\s+|typically\s+|commonly\s+)*(?:includes?|included|are|is|consists?\s+of|comprises?|such\s+as|like)`,
  ], { open: true }),
  cue("verb", "is caused by", [right("presents"), left("caused_by")], [
    String
      .raw`${be}(?:caused|produced|triggered|brought\s+(?:on|about)|induced|provoked|explained)\s+by|(?:${be})?due\s+to|results?\s+from|stems?\s+from|${be}(?:an?\s+)?(?:result|consequence|effect)s?\s+of|caused\s+by`,
  ], { open: true }),
  cue("verb", "is spread by", [left("transmitted_by")], [
    String
      .raw`${be}(?:spread|transmitted|carried|passed\s+on)\s+(?:by|through|via)|spreads?\s+(?:by|through|via)`,
  ]),
  cue("verb", "is seen in", [right("presents"), left("localizes")], [
    String
      .raw`${be}(?:an?\s+)?(?:seen|found|observed|common|typical|usual|frequent|reported|present|noted|encountered|described|uncommon|rare|unusual|absent|expected|characteristic|suggestive|indicative|missing|part|prominent|overlooked|missed|ignored|forgotten|excluded)(?:\s+(?:finding|symptom|sign|feature|picture))?\s+(?:in|of|with|during|among|from)(?:\s+(?:patients|people|those|cases|most|many|persons|individuals)(?:\s+(?:with|of|who\s+have|suffering\s+from))?)*`,
    String
      .raw`(?:often\s+|usually\s+|commonly\s+|frequently\s+)?(?:occurs?|occurred|appears?|arises?)\s+(?:\w+ly\s+)?(?:in|with|during)(?:\s+(?:patients|people|those|cases)\s+with)?|accompan(?:y|ies|ied)|belongs?\s+to\s+(?:the\s+)?(?:picture|presentation|signs|symptoms)\s+of`,
    String
      .raw`in(?=\s+${entityMarks}\s+${be}(?:an?\s+)?(?:common|typical|usual|frequent|expected|unusual|rare|absent|uncommon|seen|reported|well\s+known|not\b))`,
  ], { open: true }),
  cue("verb", "is linked to", [left("presents"), right("presents")], [
    String.raw`${be}(?:associated|linked|tied|connected)\s+(?:with|to)`,
  ]),
  cue("verb", "treatment includes", [right("treats")], [
    String
      .raw`(?:its\s+|the\s+)?(?:usual\s+|main\s+|standard\s+|common\s+|first-line\s+)?(?:treatments?|therap(?:y|ies)|drugs?|medications?|medicines?)(?:\s+options)?\s+(?:(?:often|usually|typically|may|can)\s+)*(?:includes?|consists?\s+of|involves?|(?:is|are)(?:\s+with)?(?=\s+${entityMarks}))`,
  ]),
  cue("verb", "has to do with", [left("presents"), right("presents")], [
    String
      .raw`(?:has|have)\s+(?:nothing|little|much|something)\s+to\s+do\s+with|(?:is|are)\s+(?:\w+\s+)?(?:un)?(?:related|connected)\s+(?:to|with)`,
  ]),
  cue("noun", "typical of", [right("presents")], [
    String.raw`(?:typical|characteristic|suggestive|diagnostic|indicative)\s+(?:of|for|in)`,
  ], { open: true }),
  cue("verb", "points to", [right("presents")], [
    String
      .raw`suggests?|points?\s+to|(?:should\s+|must\s+)?makes?\s+(?:one|you|us|doctors|physicians)\s+think\s+of|raises?\s+(?:the\s+)?(?:suspicion|possibility)\s+of|${be}(?:an?\s+)?(?:clue|pointer)s?\s+to|indicates?|speaks?\s+for|signals?|argues?\s+for|${be}(?:consistent|compatible)\s+with`,
  ]),
  cue("noun", "symptom of", [right("presents")], [
    String
      .raw`${finding}\s+(?:that\s+are\s+)?(?:associated|linked|connected)\s+with|${finding}\s+(?:caused|produced)\s+by|${finding}(?:\s+(?:seen|found|reported|observed))?\s+(?:of|in|for)(?:\s+(?:patients|people|those)\s+with)?|${finding}\s+(?:that\s+)?(?:patients|people|those)\s+with|${finding}\s+that\s+(?:someone|somebody|a\s+(?:person|patient)|one|you|people|patients)\s+(?:has|have|is\s+suffering\s+from|suffers?\s+from)`,
  ], { open: true }),
  cue("verb", "treats", [left("treats")], [
    String
      .raw`treats?|treated(?!\s+(?:with|by|using|effectively|successfully))|cures?|combats?|controls?|manages?|works?\s+(?:well\s+)?(?:for|against|in|on)|helps?(?:\s+(?:with|in|against|to\s+(?:treat|control|manage)|people\s+with|patients\s+with))?|improves?(?!\s+(?:with|on|under))|${be}(?:effective|active|useful|helpful|beneficial|useless|ineffective|inactive|worthless|unsuitable|inappropriate|of\s+(?:no\s+|little\s+|great\s+|some\s+)?(?:use|benefit|value|help))\s+(?:in|against|for|to)(?:\s+treating|\s+(?:patients|people|those)\s+with)?|do(?:es)?\s+(?:nothing|little|much|something|a\s+lot)\s+(?:for|against|in)`,
    String
      .raw`(?:${be})?(?:used|given|prescribed|taken|indicated|recommended|approved|licen[sc]ed|administered|chosen|suitable|appropriate|offered|reserved|started|preferred)\s+${purpose}(?:\s+(?:patients|people|those|adults|children)\s+with)?`,
    String
      .raw`(?:has|have|had|plays?|is|are)\s+${adverb}(?:an?|no|little|some|any|of)\s+(?:${modifiers})(?:role|place|use|benefit|effect|value)\s+(?:in|for|against)(?:\s+(?:the\s+)?(?:treatment|management|therapy)\s+of|\s+treating)?|(?:has|have)\s+${adverb}(?:role|place|use|benefit|effect)\s+in`,
    String
      .raw`in\s+(?:the\s+)?(?:treatment|management|therapy)\s+of|keeps?(?=\s+${entityMarks}\s+(?:under\s+control|in\s+check|at\s+bay))`,
  ], { open: true, neutral: true }),
  cue("verb", "prevents", [left("treats"), left("presents")], [
    String
      .raw`prevents?|protects?(?:\s+[\p{L}]+){0,2}?\s+(?:from|against)|wards?\s+off|guards?\s+against`,
  ], { neutral: true }),
  cue("verb", "relieves", [left("palliates")], [
    String.raw`(?:relieves?|eases?|alleviates?|palliates?|soothes?|reduces?|lessens?)\s+${
      disorderWords.replace(/\?$/, "?")
    }|(?:relieves?|eases?|alleviates?|palliates?|soothes?|reduces?|lessens?)`,
    String
      .raw`(?:gives?|offers?|provides?|brings?|affords?)\s+(?:only\s+|mere\s+)?(?:symptomatic|symptom)\s+(?:relief|treatment)\s+(?:of|in|for|from|to\s+patients\s+with)`,
    String
      .raw`(?:${be})?(?:used|given|prescribed|taken|indicated|recommended|administered)\s+${relief}`,
    String
      .raw`${be}(?:an?\s+)?symptomatic\s+(?:${modifiers})(?:treatment|drug|therapy|medicine|remedy|agent|medication)\s+(?:of|for|in)`,
    String.raw`acts?\s+(?:only\s+)?(?:symptomatically|on\s+the\s+symptoms)\s+(?:in|of)`,
  ], { open: true, neutral: true }),
  cue("verb", "modifies", [left("modifies")], [
    String
      .raw`modif(?:y|ies)\s+(?:the\s+course\s+of\s+)?|(?:slows?|alters?|changes?|halts?)\s+(?:the\s+)?(?:course|progress(?:ion)?)\s+of|${be}(?:an?\s+)?disease[-\s]modifying\s+(?:${modifiers})?(?:(?:treatment|drug|therapy|medicine|agent|medication)\s+)?(?:of|for|in)`,
  ], { neutral: true }),
  cue("verb", "is treated with", [right("treats")], [
    String
      .raw`(?:${be})?(?:treated|managed|controlled|cured|helped|handled|slowed(?:\s+down)?|halted|suppressed|kept\s+at\s+bay|brought\s+under\s+control|kept\s+(?:in\s+check|under\s+control)|dealt\s+with)\s+(?:\w+ly\s+)?(?:with|by|using|on)(?:\s+(?:taking|giving|using|means\s+of))?(?:\s+(?:medications|drugs|medicines|agents)\s+(?:such\s+as|like|including))?|benefits?\s+from|calls?\s+for|responds?(?:\s+\w+)?\s+to|improves?\s+(?:with|on|under)|requires?|needs?`,
  ], { open: true }),
  cue("verb", "is relieved by", [right("palliates")], [
    String
      .raw`(?:symptoms?\s+)?(?:${be})(?:relieved|eased|alleviated|palliated|soothed)(?:\s+\w+ly)?\s+(?:with|by|using)`,
  ], { open: true, neutral: true }),
  cue("verb", "is contraindicated in", [left("contraindicated")], [
    String
      .raw`${be}contraindicated\s+(?:in|for|with|during)(?:\s+(?:patients|people|those)\s+with)?|(?:should|must|is\s+to)\s+(?:be\s+)?avoided?\s+(?:in|during|with)(?:\s+(?:patients|people|those)\s+with)?|${be}(?:dangerous|harmful|unsafe)\s+(?:in|for|with)|worsens?|aggravates?`,
  ], { open: true, neutral: true }),
  cue("noun", "avoid", [right("contraindicated")], [String.raw`avoid`], { neutral: true }),
  cue("noun", "treatment for", [left("treats")], [
    String
      .raw`(?:treatments?|therap(?:y|ies)|drugs?|medicines?|medications?|remed(?:y|ies)|cures?|agents?|options?|choices?|mainstays?|standards?|management)(?:\s+of\s+choice)?\s+(?:for|of|in|against)(?:\s+(?:the\s+treatment\s+of|treating|patients\s+with|people\s+with))?`,
    String
      .raw`(?:treatments?|drugs?|medicines?|medications?|agents?|options?)\s+(?:that\s+are\s+|which\s+are\s+)?(?:used|given|taken|prescribed|available|approved|recommended)\s+(?:to\s+treat|for\s+treating|for\s+the\s+treatment\s+of|for|in|against)`,
    String.raw`(?<=^\W*)treat|treating`,
  ], { open: true }),
  cue("noun", "start on", [left("treats")], [
    String
      .raw`(?:starts?|puts?|keeps?|places?|maintains?)\s+(?:patients|people|those|everyone|anyone|children|adults)\s+with`,
  ], { open: true }),
  cue("noun", "symptomatic treatment for", [left("palliates")], [
    String
      .raw`symptomatic\s+(?:treatments?|therap(?:y|ies)|drugs?|medicines?|medications?|relief)(?:\s+of\s+choice)?\s+(?:for|of|in|against)`,
  ], { open: true, neutral: true }),
  cue("verb", "affects", [left("localizes")], [
    String
      .raw`affects?|affected(?!\s+by)|spares?|settles?\s+in|spreads?\s+to|affecting|involves?|involving|attacks?|damages|inflames?|targets?|strikes?|infects?|(?:${be})?(?:locali[sz]ed|located|situated|seated|cent(?:er|re)d|confined)\s+(?:in|at|within|to|on)|(?:arises?|originates?|starts?|begins?|develops?|sits?|lies|occurs?|is|are|grows?|takes\s+place)\s+(?:\w+ly\s+)?(?:in|from|within)|${be}an?\s+(?:${modifiers})(?:disease|disorder|inflammation|infection|tumou?r|cancer|illness|condition|problem|ailment|affection|malignancy|autoimmunity)\s+(?:of|affecting|involving|in)`,
  ], { open: true }),
  cue("verb", "is affected by", [right("localizes")], [
    String
      .raw`${be}(?:affected|involved|attacked|damaged|inflamed|targeted|struck|hit|harmed)\s+(?:by|in)|${be}the\s+(?:main\s+|usual\s+)?(?:site|seat|location|organ|target|part)(?:\s+(?:most|mainly|mostly|often|usually))?\s+(?:(?:affected|involved|attacked|damaged)\s+(?:by|in)|of|in)`,
  ], { open: true }),
  cue("noun", "site of", [right("localizes")], [
    String
      .raw`(?:site|seat|location|target)s?\s+(?:of|in)|(?:body\s+part|organ)s?\s+(?:affected|involved)\s+(?:by|in)`,
  ]),
  cue("verb", "is a kind of", [left("is_a"), right("includes")], [
    String
      .raw`${be}(?:considered\s+|classified\s+as\s+|regarded\s+as\s+|thought\s+of\s+as\s+)?${article}(?:${modifiers})(?:kinds?|types?|forms?|parts?|subtypes?|variet(?:y|ies)|examples?|members?|cases?|sorts?|subclass)\s+(?:of|in|from)(?:\s+(?:the\s+)?(?:class|group|family)(?:\s+of)?)?`,
    String
      .raw`belongs?\s+(?:to|among|with)(?:\s+(?:the\s+)?(?:class|group|family|category)(?:\s+of)?)?|falls?\s+(?:under|into|within|among)|counts?\s+(?:as|among)|${be}(?:classified|classed|grouped|categori[sz]ed|listed|ranked|counted)\s+(?:as|under|among|with|in)|ranks?\s+among`,
  ], { open: true }),
  cue("verb", "is a", [left("is_a"), right("includes")], [
    String
      .raw`${be}(?:considered\s+|regarded\s+as\s+)?(?:an?\s+|among\s+(?:the\s+)?|one\s+of\s+the\s+)(?=(?:(?!(?:of|in|for|to|with|by|and|or|symptomatic|disease-modifying)\b)[\p{L}-]+,?\s+){0,3}${entityMarks})`,
  ]),
  cue("verb", "includes", [left("includes"), right("is_a")], [
    String.raw`includes?|comprises?|encompass(?:es)?`,
  ]),
  cue("noun", "class of", [left("includes"), right("is_a")], [
    String.raw`(?:(?:pharmacologic(?:al)?|drug)\s+)?(?:class|group|family)\s+of(?:\s+the\s+drug)?`,
  ]),
  cue("verb", "resembles", [left("resembles")], [
    String
      .raw`resembles?|mimics?|imitates?|simulates?|looks?\s+(?:\w+\s+)?like|${be}similar\s+to|(?:${be})?(?:confused|mistaken|confusable)\s+(?:with|for)|(?:${be})?(?:distinguished|differentiated|told\s+(?:apart\s+)?)\s+from|${be}(?:an?\s+|the\s+)?(?:important\s+|main\s+)?(?:differential(?:\s+diagnosis)?|alternative)\s+(?:of|for|to)|shares?\s+(?:many\s+|some\s+)?(?:findings|features|symptoms)\s+with|overlaps?\s+with`,
  ], { open: true, neutral: true }),
  cue("noun", "differential of", [right("resembles")], [
    String.raw`differentials?(?:\s+diagnos[ie]s)?\s+(?:of|for)`,
  ]),
  cue("verb", "person with", [left("has")], [
    String.raw`(?<=${personMarks}\s*,?\s*)(?:with|without)`,
  ], { personal: true }),
  cue("verb", "takes", [left("takes")], [
    String
      .raw`takes?|took|taking|receives?|received|${be}(?:given|started|put|prescribed|treated|maintained)(?:\s+(?:on|with))?`,
  ], { personal: true }),
];

/** Behind the complement of a noun: what follows is the other side ("symptoms of gout include", "treat gout with"). */
export const nounContinuation: Readonly<Record<string, RegExp>> = {
  "start on": /^\s*(?:on|with)\s+/i,
  avoid: /^\s*(?:in|during|with|for)\s+(?:(?:patients|people|those)\s+with\s+)?/i,
  "treatment for":
    /^\s*(?:,\s*)?(?:(?:can|may|should|usually|often|generally|typically|always)\s+)*(?:includes?|included|is|are|was|were|be|consists?\s+of|comprises?|such\s+as|like|with|by\s+giving|using|remains?|:)(?:\s+(?:treated\s+with|given|often|usually|typically))?\s+/i,
};

/** The continuation of the other nouns. */
export const plainContinuation: RegExp =
  /^\s*(?:,\s*)?(?:(?:can|may|should|usually|often|generally|typically|always|commonly|frequently)\s+)*(?:includes?|included|is|are|was|were|be|consists?\s+of|comprises?|such\s+as|like|remains?|:)(?:\s+(?:often|usually|typically|not|never|mainly))?\s+/i;

/** Between the other side and a noun before which it stands: "fever and cough are common". */
export const copula: RegExp = new RegExp(
  String
    .raw`\s*,?\s*(?:(?:which|that)\s+)?(?:${be}|counts?\s+as\s+|serves?\s+as\s+|ranks?\s+(?:as|among)\s+|acts?\s+as\s+)${adverb}(?:(?:an?|the|one|among|of|some|two|three|both|all|part|no|not|now)\s+)*(?:(?!(?:of|in|for|to|with|by)\b)[\p{L}-]+\s+){0,3}$`,
  "iu",
);
