/**
 * Cues between drugs and diseases: use, relief, what speaks against it.
 *
 * @module
 */
import {
  adverb,
  be,
  type Cue,
  cue,
  disorderWords,
  entityMarks,
  left,
  modifiers,
  mustNot,
  people,
  personMarks,
  purpose,
  relief,
  right,
  within,
} from "./cue.ts";

/** The cues. */
export const drugCues: readonly Cue[] = [
  cue("verb", "treatment includes", [right("treats")], [
    String
      .raw`(?:its\s+|the\s+)?(?:usual\s+|main\s+|standard\s+|common\s+|first-line\s+)?(?:treatments?|therap(?:y|ies)|drugs?|medications?|medicines?)(?:\s+options)?\s+(?:(?:often|usually|typically|may|can)\s+)*(?:includes?|consists?\s+of|involves?|(?:is|are)(?:\s+with)?(?=\s+${entityMarks}))`,
  ]),
  cue("verb", "treats", [left("treats")], [
    String
      .raw`treats?|targets?|tackles?|address(?:es)?|fights?|counters?|(?:is|are)\s+what\s+(?:[\p{L}-]+\s+){0,2}?(?:doctors|clinicians|physicians|people|we|experts|guidelines)\s+(?:prescribe|use|give|choose|recommend|take|reach\s+for|start\s+with)(?:\s+first)?\s+(?:for|in|against|to\s+treat)|treated(?!\s+(?:with|by|using|effectively|successfully))|heals?|clears?(?:\s+up)?(?!\s+(?:up|with|on)\b)|reverses?|combats?|controls?(?!\s+of\b)|manages?|works?\s+(?:well\s+)?(?:for|against|in|on)|${be}(?:among|one\s+of|part\s+of)\s+the\s+(?:[\p{L}-]+\s+){0,2}?(?:options?|choices?|drugs?|treatments?|therap(?:y|ies)|management|care|medicines?)\s+(?:for|in|of|against)|${be}(?:an?\s+|the\s+)?(?:[\p{L}-]+\s+){0,2}?(?:standard|mainstay|cornerstone|backbone|staple)(?:\s+(?:of\s+)?(?:care|therapy|treatment))?\s+(?:in|for|of)|belongs?\s+to\s+the\s+(?:[\p{L}-]+\s+)?(?:treatment|management|therapy)\s+of|helps?(?:\s+(?:with|in|against|to\s+(?:treat|control|manage)|${people}\s+(?:with|who\s+(?:ha(?:s|ve)|suffers?\s+from))))?|corrects?|improves?(?!\s+(?:with|on|under))|${be}(?:effective|active|useful|helpful|beneficial|useless|ineffective|inactive|worthless|unsuitable|inappropriate|of\s+(?:no\s+|little\s+|great\s+|some\s+)?(?:use|benefit|value|help))\s+(?:in|against|for|to)(?:\s+treating|\s+${people}\s+with)?|do(?:es)?\s+(?:nothing|little|much|something|a\s+lot)\s+(?:for|against|in)`,
    String
      .raw`(?:${be})?(?:used|given|prescribed|taken|indicated|recommended|approved|licen[sc]ed|administered|tried|employed|added|chosen|suitable|appropriate|offered|reserved|started|applied|injected|infused|preferred)(?:\s+(?:first|initially|early|mainly|mostly|before\s+(?:anything|everything)\s+else))?\s+(?:${purpose}|(?:when|if|where|once)\s+(?:there\s+(?:is|are)|${people}\s+(?:has|have|suffers?\s+from|develops?|is\s+diagnosed\s+with)))(?:\s+${people}\s+with)?`,
    String
      .raw`(?:has|have|had|plays?|is|are)\s+${adverb}(?:an?|no|little|some|any|of)\s+(?:${modifiers})(?:role|place|use|benefit|effect|value)\s+(?:in|for|against)(?:\s+(?:the\s+)?(?:treatment|management|therapy)\s+of|\s+treating)?|(?:has|have)\s+${adverb}(?:role|place|use|benefit|effect)\s+in`,
    String
      .raw`in\s+(?:the\s+)?(?:treatment|management|therapy)\s+of|keeps?(?=\s+${entityMarks}\s+(?:under\s+control|in\s+check|at\s+bay))`,
  ], { open: true, neutral: true }),
  cue("verb", "prevents", [left("treats"), left("presents")], [
    String
      .raw`prevents?|protects?(?:\s+[\p{L}]+){0,2}?\s+(?:from|against)|wards?\s+off|guards?\s+against`,
  ], { neutral: true }),
  cue("verb", "is prevented by", [right("treats"), right("presents")], [
    String
      .raw`${be}(?:prevented|averted|warded\s+off)(?:\s+\w+ly)?\s+(?:with|by|using)(?:\s+(?:taking|giving|using))?`,
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
      .raw`cures?|eradicates?|modif(?:y|ies)\s+(?:the\s+course\s+of\s+)?|(?:slows?|alters?|changes?|halts?)\s+(?:the\s+)?(?:course|progress(?:ion)?)\s+of|${be}(?:an?\s+)?disease[-\s]modifying\s+(?:${modifiers})?(?:(?:treatment|drug|therapy|medicine|agent|medication)\s+)?(?:of|for|in)`,
  ], { neutral: true }),
  cue("verb", "is treated with", [right("treats")], [
    String
      .raw`(?:${be})?(?:treated|managed|controlled|achieved|cured|healed|corrected|reversed|helped|handled|slowed(?:\s+down)?|halted|suppressed|kept\s+at\s+bay|brought\s+under\s+control|addressed|kept\s+(?:in\s+check|under\s+control)|dealt\s+with)\s+(?:\w+ly\s+)?(?:with|by|using|on)(?:\s+(?:taking|giving|using|means\s+of))?(?:\s+(?:medications|drugs|medicines|agents)\s+(?:such\s+as|like|including))?|benefits?\s+from|do(?:es)?\s+(?:well|better|best)\s+(?:on|with)|(?:gets?|got)(?=\s+(?:[\p{L}-]+\s+){0,2}${entityMarks})|(?:relies|rests|depends|based)\s+on|calls?\s+for|responds?(?:\s+\w+)?\s+to|(?:improves?|clears?(?:\s+up)?|resolves?|heals?|subsides?|goes\s+away)\s+(?:with|on|under)|requires?|needs?`,
  ], { open: true }),
  cue("verb", "is relieved by", [right("palliates")], [
    String
      .raw`(?:symptoms?\s+)?(?:${be})(?:relieved|eased|alleviated|palliated|soothed)(?:\s+\w+ly)?\s+(?:with|by|using)`,
  ], { open: true, neutral: true }),
  cue("verb", "is contraindicated in", [left("contraindicated")], [
    String
      .raw`${be}(?:contraindicated|forbidden|prohibited|off[-\s]limits|ruled\s+out|unsafe|dangerous|harmful|hazardous|risky|ill-advised|inadvisable|deadly|(?:best|to\s+be)\s+avoided|avoided|(?:an?\s+)?(?:no-go|taboo|bad\s+idea|(?:poor|wrong|bad)\s+choice)|out\s+of\s+the\s+question|off\s+the\s+table)\s+(?:when|if|where|${within})(?:\s+(?:there\s+(?:is|are)|(?:${people}|${personMarks})\s+(?:has|have|suffers?\s+from)))?|(?:should|must|needs?\s+to|ought\s+to|has\s+to|have\s+to)\s+be\s+(?:avoided|withheld|stopped|kept\s+away)\s+(?:when|if|where|${within})(?:\s+(?:there\s+(?:is|are)|(?:${people}|${personMarks})\s+(?:has|have|suffers?\s+from)))?|worsens?|aggravates?`,
    String
      .raw`contraindicated\s+(?:in|during|with|for|by|around|before|after|at)|(?:has|have)\s+(?:an?\s+)?(?:[\p{L}-]+\s+)?contraindications?\s+(?:in|with|for)`,
  ], { open: true, neutral: true }),
  cue("verb", "must not be given in", [left("contraindicated")], [
    String
      .raw`${mustNot}\s+(?:given|used|taken|prescribed|administered|started|offered|combined|recommended|employed|continued)\s+(?:when|if|where|(?!for\s)${within})(?:\s+(?:there\s+(?:is|are)|(?:${people}|${personMarks})\s+(?:has|have|suffers?\s+from)))?(?!\s+(?:the\s+)?(?:treatment|management|therapy|treat|manage)\b)`,
    String
      .raw`(?:is|are)(?:\s+not|n'?t)\s+(?:safe|allowed|permitted|an\s+option|suitable|tolerated|safely\s+(?:given|used))\s+(?:when|if|where|${within})|has\s+no\s+place\s+when|(?<=:\s*)(?:not|never|no\s+use|avoid)\s+(?:when|if|${within})`,
  ], { open: true, neutral: true, forbids: true }),
  cue("verb", "is safe in", [left("contraindicated")], [
    String
      .raw`${be}(?:safe|harmless|allowed|permitted|well\s+tolerated|safely\s+(?:used|given|taken|prescribed)|(?:used|given|taken|prescribed)\s+(?:(?:\w+\s+)?safely|without\s+(?:any\s+)?(?:concern|worry|hesitation|risk|danger|problems?|restrictions?))|no\s+problem)\s+(?:when|if|where|(?!for\s)${within})`,
  ], { open: true, neutral: true, denies: true }),
  cue("verb", "must not take", [right("contraindicated")], [
    String
      .raw`${mustNot}\s+(?:take|receive|get|use)(?=\s*(?:[.;,!]|$))|${mustNot}\s+(?:take|receive|get|use|have|given|prescribed|treated\s+with|put\s+on|started\s+on|offered)(?=\s+(?:[\p{L}-]+\s+){0,2}${entityMarks})|(?:should|must|need\s+to|needs\s+to|ought\s+to|have\s+to|has\s+to)\s+(?:avoid|(?:stay|steer|keep)\s+(?:away|clear)\s+(?:from|of))|(?:rules?\s+out|precludes?|forbids?|prohibits?|contraindicates?|excludes?|makes?)(?:\s+(?:the\s+)?(?:use\s+of|giving|taking|treatment\s+with|therapy\s+with))|(?:precludes?|forbids?|prohibits?|contraindicates?)`,
  ], { open: true, neutral: true, forbids: true }),
  cue("noun", "avoid", [right("contraindicated")], [
    String
      .raw`avoid(?:ing)?(?:\s+(?:giving|prescribing|using))?|(?:do\s+not|don'?t|never)\s+(?:ever\s+)?(?:give|use|prescribe|start|combine|administer|take|offer)|(?:${people}|doctors|clinicians|physicians|prescribers|you|we)\s+(?:must|should|may)\s*(?:not|never)\s+(?:give|use|prescribe|start|administer|offer|take)|withhold|(?:stay|steer|keep)\s+(?:away|clear)\s+(?:from|of)`,
  ], { open: true, neutral: true, forbids: true }),
  cue("noun", "contraindication to", [right("contraindicated")], [
    String
      .raw`(?:contraindications?\s+(?:to|for|of|against)|obstacles?\s+to)(?:\s+(?:the\s+)?(?:use\s+of|taking|using|giving|treatment\s+with))?|reasons?\s+(?:not\s+to\s+(?:give|use|take|prescribe)|to\s+(?:avoid|withhold))`,
  ], { open: true, neutral: true, forbids: true }),
  cue("noun", "treatment for", [left("treats")], [
    String
      .raw`(?:treatments?|therap(?:y|ies)|drugs?|medicines?|medications?|remed(?:y|ies)|cures?|agents?|options?|choices?|mainstays?|standards?|management)(?:\s+of\s+choice)?\s+(?:for|of|in|against)(?:\s+(?:the\s+treatment\s+of|treating|patients\s+with|people\s+with))?`,
    String
      .raw`(?:treatments?|drugs?|medicines?|medications?|agents?|options?)\s+(?:that\s+are\s+|which\s+are\s+)?(?:(?:most\s+)?(?:often|commonly|frequently|widely)\s+|usually\s+)?(?:used|given|taken|prescribed|available|approved|recommended)\s+(?:to\s+treat|for\s+treating|for\s+the\s+treatment\s+of|for|in|against)`,
    String
      .raw`(?:drugs?|medicines?|medications?|agents?|treatments?|therap(?:y|ies)|one|thing)\s+to\s+(?:reach\s+for|use|give|try|start\s+with|begin\s+with|choose|prescribe|take|consider)(?:\s+first)?\s+(?:for|in|against|when\s+treating)`,
    String.raw`(?<=^[^\p{L}\uE000-\uE1FF]*)treat|treating|first[-\s]line\s+(?:for|in|of)`,
  ], { open: true }),
  cue("noun", "reach for", [right("treats")], [
    String
      .raw`(?:reach(?:es)?|opts?|go(?:es)?)\s+for|rel(?:y|ies)\s+on|chooses?|prefers?|prescribes?|favou?rs?|offers?|tr(?:y|ies)|recommends?|(?:puts?|ranks?|places?|lists?)(?=\s+${entityMarks}\s+(?:first|among|as)\b)`,
  ], { open: true }),
  cue("noun", "start on", [left("treats")], [
    String
      .raw`(?:starts?|puts?|keeps?|places?|maintains?)\s+${people}\s+with`,
  ], { open: true }),
  cue("noun", "symptomatic treatment for", [left("palliates")], [
    String
      .raw`symptomatic\s+(?:treatments?|therap(?:y|ies)|drugs?|medicines?|medications?|relief)(?:\s+of\s+choice)?\s+(?:for|of|in|against)`,
  ], { open: true, neutral: true }),
  cue("verb", "takes", [left("takes")], [
    String
      .raw`takes?|took|taking|(?:may|can|could)\s+(?:safely\s+)?use|receives?|received|${be}(?:given|started|put|prescribed|treated|maintained)(?:\s+(?:on|with))?`,
  ], { personal: true }),
];
