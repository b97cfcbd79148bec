/**
 * Cues between diseases and what they show: findings, causes, risks, red flags.
 *
 * @module
 */
import {
  be,
  type Cue,
  cue,
  entityMarks,
  finding,
  left,
  modifiers,
  people,
  personMarks,
  right,
} from "./cue.ts";

/** Words that call a finding a red flag. */
export const flagWords: RegExp = /\b(?:red\s+flags?|(?:warning|alarm|danger)\s+signs?)\b/i;

/** The cues. */
export const findingCues: readonly Cue[] = [
  cue("verb", "causes", [left("presents"), left("caused_by")], [
    String
      .raw`makes?\s+for|causes?|caused(?!\s+by)|causing|leading\s+to|resulting\s+in|producing|${be}(?:responsible\s+for|behind|(?:an?\s+|the\s+|one\s+of\s+the\s+)?(?:[\p{L}-]+\s+)?causes?\s+of)|produces?|produced(?!\s+by)|leads?\s+to|led\s+to|results?\s+in|brings?\s+(?:on|about)|gives?(?!\s+away\b)(?:\s+rise\s+to)?|triggers?|induces?|provokes?|tends?\s+to\s+(?:cause|produce|bring(?:\s+on)?|lead\s+to|give)|brings?(?!\s+to\s+mind)(?=\s+(?:[\p{L}-]+\s+){0,2}${entityMarks}(?!\s+to\s+mind))|leaves?\s+${people}\s+(?:with|suffering\s+from|feeling)|makes?\s+(?:people|patients|those\s+affected)\s+(?:have|suffer\s+from|develop|feel|get)`,
    String
      .raw`(?:manifests?|shows?|reveals?|announces?)(?:\s+itself|\s+up)?\s+(?:as|with|by|through|in\s+the\s+form\s+of)|(?:manifests?|shows?|reveals?|announces?|expresses?)\s+itself\s+in|(?:makes?\s+itself|makes?\s+its\s+presence)\s+(?:felt|known|noticed)\s+(?:as|by|through|with)|comes?\s+with|${be}(?:known|notable|notorious|typified|defined)\s+(?:for|by)(?:\s+causing)?|(?:opens?|presents?\s+early)\s+with|(?:goes|go)\s+(?:along\s+|together\s+|hand\s+in\s+hand\s+)?with`,
    String
      .raw`(?:${be})?(?:characteri[sz]ed|marked|accompanied|heralded|recogni[sz]ed|signalled|dominated|followed|complicated|attended|typified|identified|betrayed|revealed)\s+(?:by|through)`,
  ], { open: true }),
  cue("verb", "begins with", [left("presents"), right("treats")], [
    String.raw`(?:starts?|begins?)\s+with`,
  ], { open: true }),
  cue("verb", "in which", [left("presents")], [
    String.raw`,?\s*(?:in|with)\s+(?:which|whom)(?=\s+(?:[\p{L}-]+\s+){0,2}${entityMarks})`,
  ]),
  cue("verb", "comes without", [left("presents")], [
    String
      .raw`${be}without|(?:comes?|occurs?|runs?|appears?|exists?)\s+(?:\w+\s+)?without|(?<=^[^\uE100-\uE1FF]*${entityMarks}\s)without`,
  ], { open: true }),
  cue("verb", "presents with", [left("presents")], [
    String
      .raw`presents?(?:\s+\w+ly)?\s+(?:with|as)|presented\s+with|presenting\s+(?:with|as)|presents?(?=\s+without\b)|presented(?=\s+without\b)|features?|shows?|showed|displays?|develops?|developed|experiences?|experienced(?!\s+(?:by|in|with))|mentions?|mentioned(?!\s+(?:in|by))|describes?|will\s+have|can\s+expect|struggles?\s+with|(?:${be})?(?:troubled|bothered|plagued)\s+(?:by|with)(?=\s+(?:[\p{L}-]+\s+){0,2}${entityMarks})|wakes?\s+(?:up\s+)?with|turns?\s+up\s+with`,
  ], { personal: true, open: true }),
  cue("verb", "has", [left("presents"), right("treats")], [
    String
      .raw`has|have|had|having|gets?|got|caught|contracted|picked\s+up|came\s+down\s+with|comes\s+down\s+with|lives?\s+with|${be}(?:worried|concerned|anxious)\s+about|suffers?\s+from|suffered\s+from|suffering\s+from|complains?\s+of|complained\s+of|complaining\s+of|reports?|reported(?!\s+(?:in|by|to|for|as|with|during|among))|reporting|den(?:y|ies|ied)|describes?|notes?|notices?|noticed|experiences?|feels?|felt|exhibits?|lacks?|${be}free\s+(?:of|from)|(?:died|recovered|recovering)\s+(?:of|from)|survived|got\s+over|${be}(?:treated|cured|operated|hospitali[sz]ed|seen|admitted)\s+(?:for|of)|(?:comes?|came|walks?|walked)(?:\s+(?:in|to\s+[\p{L}\s]{1,30}?))?\s+(?:with|because\s+of|for)|(?:arrives?|arrived|is\s+here|was\s+brought\s+in|is\s+brought\s+in)\s+(?:with|because\s+of|for)|seeks?\s+(?:help|advice|care)\s+(?:for|because\s+of)|consults?\s+[\p{L}\s]{0,30}?(?:for|because\s+of)|${be}(?:diagnosed|found|seen|admitted|noted|living|afflicted|ill|known)\s+(?:with|for|to\s+(?:have|suffer\s+from))`,
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
      .raw`${be}(?:an?\s+)?(?:seen|found|heard|palpated|detected|observed|experienced|felt|suffered|recorded|documented|described|listed|mentioned|common|typical|usual|frequent|reported|present|noted|encountered|described|uncommon|rare|unusual|absent|expected|characteristic|suggestive|indicative|missing|part|prominent|overlooked|missed|ignored|forgotten|excluded)(?:\s+(?:finding|symptom|sign|feature|picture))?\s+(?:in|of|with|during|among|from|by)(?:\s+(?:patients|people|those|cases|most|many|persons|individuals)(?:\s+(?:with|of|who\s+have|suffering\s+from))?)*`,
    String
      .raw`(?:often\s+|usually\s+|commonly\s+|frequently\s+)?(?:occurs?|occurred|appears?|arises?)\s+(?:\w+ly\s+)?(?:in|with|during)(?:\s+(?:patients|people|those|cases)\s+with)?|accompan(?:y|ies|ied)|belongs?\s+(?:to|among)\s+(?:the\s+)?(?:[\p{L}-]+\s+){0,2}?(?:picture|presentation|signs|symptoms|features|findings|manifestations)\s+of|${be}what\s+(?:${people}\s+(?:with|who\s+have)(?=\s+${entityMarks}))|(?:characteri[sz]es?|marks?|heralds?|signals?|announces?|complicates?)`,
    String
      .raw`(?:when(?:ever)?|if|once|where)\s+(?:you|${people})\s+(?:has|have|gets?|suffers?\s+from|comes?\s+down\s+with)|(?<=[:–—]\s*)(?:seen|found|heard|felt|observed|noted|common|typical)\s+(?:in|with|during)`,
    String
      .raw`in(?=\s+${entityMarks}\s+${be}(?:an?\s+)?(?:common|typical|usual|frequent|expected|unusual|rare|absent|uncommon|seen|reported|well\s+known|not\b))`,
  ], { open: true }),
  cue("verb", "is linked to", [left("associated"), right("associated")], [
    String
      .raw`${be}(?:associated|linked|tied|related|connected|correlated)\s+(?:with|to)|correlates?\s+with`,
  ]),
  cue("verb", "has to do with", [left("presents"), right("presents")], [
    String
      .raw`(?:has|have)\s+(?:nothing|little|much|something)\s+to\s+do\s+with|(?:is|are)\s+(?:\w+\s+)?un(?:related|connected)\s+(?:to|with)`,
  ]),
  cue("noun", "typical of", [right("presents")], [
    String
      .raw`(?:typical|characteristic|suggestive|diagnostic|indicative|pathognomonic|specific)\s+(?:of|for|in|to)`,
  ], { open: true }),
  cue("verb", "points to", [right("presents")], [
    String
      .raw`suggests?|distinguishes(?=\s+${entityMarks}\s*(?:[.;,!]|$))|hints?\s+at|points?\s+(?:to|towards?)|(?:argues?|speaks?|counts?)\s+for|fits?(?!\s+of\b)|match(?:es)?|goes\s+with|${be}in\s+keeping\s+with|makes?(?=\s+${entityMarks}\s+(?:less\s+likely|unlikely))|(?:should\s+|must\s+)?makes?\s+(?:one|you|us|doctors|physicians)\s+think\s+of|raises?\s+(?:the\s+)?(?:suspicion|possibility|fear)\s+of|makes?\s+(?:one|you|us|doctors|physicians)\s+suspect|brings?\s+to\s+mind|brings?(?=\s+(?:an?\s+)?${entityMarks}\s+to\s+mind)|${be}(?:an?\s+)?(?:clue|pointer)s?\s+to|indicates?|${be}(?:consistent|compatible)\s+with`,
  ], { open: true }),
  cue("verb", "means", [right("presents"), left("presents")], [
    String.raw`means?(?=\s+(?:[\p{L}-]+\s+){0,2}${entityMarks})`,
  ]),
  cue("verb", "speaks against", [right("presents"), right("contraindicated")], [
    String
      .raw`(?:argues?|speaks?|counts?|points?|weighs?)\s+(?:away\s+from|against)|rules\s+out|excludes`,
  ], { open: true, neutral: true, forbids: true }),
  cue("noun", "seen in", [left("presents")], [
    String
      .raw`(?:sees?|finds?|expects?|observes?|encounters?|rule\s+out|exclude|ignore|overlook|miss|forget|surprised\s+(?:by|to\s+(?:see|find))|${people}\s+(?:\w+ly\s+|often\s+)?(?:describe|report|notice|experience|complain\s+of|mention|feel|show))(?:\s+(?:signs|evidence)\s+of)?`,
  ], { open: true }),
  cue("noun", "recognised by", [right("presents")], [
    String
      .raw`(?:recogni[sz]e|identify|spot|diagnose|know)(?=\s+(?:[\p{L}-]+\s+){0,2}${entityMarks}\s+(?:by|from|through)\b)`,
  ], { open: true }),
  cue("verb", "is one of its signs", [right("presents")], [
    String
      .raw`${be}(?:one\s+of\s+|among\s+|part\s+of\s+|an?\s+|typical\s+of\s+)?(?=${entityMarks}(?:['’]s)?\s+${modifiers}${finding}\b)`,
  ]),
  cue("verb", "is to be considered in", [left("presents")], [
    String
      .raw`${be}(?:considered|suspected|thought\s+of)\s+(?:in|with|when|if)(?:\s+(?:there\s+(?:is|are)|${people}\s+(?:with|has|have|who\s+ha(?:s|ve))))?`,
  ]),
  cue("noun", "think of", [right("presents")], [
    String
      .raw`(?:suspects?|(?:think|thinks|thought)\s+of|be\s+alert\s+to|(?:bear|keep)(?=\s+${entityMarks}\s+in\s+mind)|think(?=\s+${entityMarks})|considers?|should\s+(?:raise|prompt)\s+(?:the\s+)?(?:thoughts?|suspicion)\s+of)`,
  ]),
  cue("verb", "raises the risk of", [right("has_risk")], [
    String
      .raw`(?:raises?|increases?|heightens?|contributes?\s+to|doubles|adds?\s+to|carries|means?|brings?|elevates?|lowers?|reduces?|affects?|changes?|raise|increase)\s+(?:(?:the|a|an?\s+(?:higher|greater|increased|raised)|one's|your|their)\s+)?(?:[\p{L}-]+\s+){0,2}?(?:risk|chance|chances|likelihood|odds|probability|danger)\s+(?:of|for)(?:\s+(?:getting|developing|having))?|predisposes?(?:\s+[\p{L}]+){0,2}?\s+to|(?:makes?)(?=\s+${entityMarks}\s+(?:much\s+)?more\s+likely)|puts?\s+${people}\s+at\s+(?:[\p{L}-]+\s+)?risk\s+(?:of|for)`,
    String
      .raw`${be}(?:an?\s+|the\s+|one\s+of\s+the\s+)?(?:(?!at\b)[\p{L}-]+\s+){0,2}?risks?(?:\s+factors?)?\s+(?:for|of|in)(?:\s+(?:getting|developing))?|favou?rs\s+(?:the\s+)?(?:development|onset|occurrence)\s+of`,
  ], { neutral: true }),
  cue("verb", "is at risk of", [right("has_risk")], [
    String
      .raw`${be}(?:at\s+(?:[\p{L}-]+\s+)?risk\s+(?:of|for)|prone\s+to|susceptible\s+to|(?:more\s+)?likely\s+to\s+(?:develop|get|have|suffer\s+from|contract)|predisposed\s+to)(?:\s+(?:getting|developing))?|(?:develops?|gets?|contracts?|has|have|runs?|carr(?:y|ies)|faces?)\s+(?:an?\s+)?(?:higher|increased|raised|greater|elevated)\s+(?:risk|chance|odds|likelihood)\s+(?:of|for)(?:\s+(?:getting|developing))?`,
  ], { personal: true }),
  cue("verb", "is one of its risks", [right("has_risk")], [
    String
      .raw`${be}(?:one\s+of\s+|among\s+|an?\s+)?(?=${entityMarks}(?:['’]s)?\s+${modifiers}(?:risk\s+factors?|risks?)\b)`,
    String.raw`favou?rs(?=\s+(?:[\p{L}-]+\s+){0,2}${entityMarks})`,
  ]),
  cue("noun", "risk factor for", [right("has_risk")], [
    String
      .raw`(?:risks?|predisposing)\s+factors?\s+(?:for|of|in)|(?:histor(?:y|ies)|exposures?)\s+that\s+predisposes?\s+to`,
  ]),
  cue("noun", "red flag in", [right("red_flag")], [
    String
      .raw`(?:red\s+flags?|(?:warning|alarm|danger)\s+(?:signs?|signals?|symptoms?|features?))\s+(?:in|for|of|with|when)(?:\s+(?:${people}|cases)(?:\s+(?:with|of|who\s+have))?)?`,
  ], { open: true }),
  cue("noun", "symptom of", [right("presents")], [
    String
      .raw`${finding}\s+(?:that\s+are\s+)?(?:associated|linked|connected)\s+with|${finding}\s+(?:caused|produced)\s+by|${finding}(?:\s+(?:seen|found|reported|observed))?\s+(?:of|in|for)(?:\s+${people}\s+with)?|${finding}\s+(?:that\s+)?${people}\s+with|what\s+[\p{L}]+s\s+${people}\s+with|what\s+(?:you|one|we|doctors|clinicians|${people})\s+(?:\w+\s+)?(?:sees?|finds?|notices?|expects?|gets?)\s+in|(?:picture|presentation|profile|symptomatology)\s+(?:of|in)|${finding}\s+that\s+(?:someone|somebody|a\s+(?:person|patient)|one|you|people|patients)\s+(?:has|have|is\s+suffering\s+from|suffers?\s+from)`,
  ], { open: true }),
  cue("verb", "person with", [left("has")], [
    String.raw`(?<=${personMarks}\s*,?\s*)(?:with|without)`,
  ], { personal: true }),
];
