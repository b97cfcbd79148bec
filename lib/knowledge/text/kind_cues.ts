/**
 * Cues of place, kind and likeness.
 *
 * @module
 */
import { article, be, type Cue, cue, entityMarks, left, modifiers, right } from "./cue.ts";

/** The cues. */
export const kindCues: readonly Cue[] = [
  cue("verb", "affects", [left("localizes"), left("presents")], [
    String
      .raw`affects?|affected(?!\s+by)|spares?|settles?\s+in|spreads?\s+to|affecting|involves?|involving|attacks?(?!\s+of\b|\s*,)|damages|inflames?|targets?|strikes?|infects?|(?:${be})?(?:locali[sz]ed|located|situated|seated|cent(?:er|re)d|confined)\s+(?:in|at|within|to|on)|(?:arises?|originates?|starts?|begins?|develops?|sits?|lies|occurs?|is|are|grows?|takes\s+place)\s+(?:\w+ly\s+)?(?:in|from|within)|${be}an?\s+(?:${modifiers})(?:disease|disorder|inflammation|infection|tumou?r|cancer|illness|condition|problem|ailment|affection|malignancy|autoimmunity)\s+(?:of|affecting|involving|in)`,
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
  cue("verb", "is also called", [left("is_a"), right("includes")], [
    String.raw`${be}(?:known\s+as|called|termed|referred\s+to\s+as)`,
    String
      .raw`${be}(?:an?\s+|the\s+)?(?:other\s+|another\s+)?(?:name|word|term)s?\s+for|${be}short\s+for|stands\s+for`,
  ]),
  cue("verb", "is a", [left("is_a"), right("includes")], [
    String
      .raw`${be}(?:considered\s+|regarded\s+as\s+)?(?:an?\s+|among\s+(?:the\s+)?|one\s+of\s+the\s+)(?=(?:(?!(?:of|in|for|to|with|by|and|or|symptomatic|disease-modifying)\b)[\p{L}-]+,?\s+){0,3}${entityMarks})`,
  ]),
  cue("verb", "includes", [left("includes"), right("is_a"), left("presents")], [
    String.raw`includes?|comprises?|encompass(?:es)?`,
  ]),
  cue("noun", "class of", [left("includes"), right("is_a")], [
    String.raw`(?:(?:pharmacologic(?:al)?|drug)\s+)?(?:class|group|family)\s+of(?:\s+the\s+drug)?`,
  ]),
  cue("verb", "resembles", [left("resembles"), left("presents")], [
    String
      .raw`resembles?|mimics?|imitates?|simulates?|looks?\s+(?:\w+\s+)?like|${be}similar\s+to|(?:${be})?(?:confused|mistaken|confusable)\s+(?:with|for)|(?:${be})?(?:distinguished|differentiated|told\s+(?:apart\s+)?)\s+from|${be}(?:an?\s+|the\s+)?(?:important\s+|main\s+)?(?:differential(?:\s+diagnosis)?|alternative)\s+(?:of|for|to)|shares?\s+(?:many\s+|some\s+)?(?:findings|features|symptoms)\s+with|overlaps?\s+with`,
  ], { open: true, neutral: true }),
  cue("noun", "differential of", [right("resembles")], [
    String.raw`differentials?(?:\s+diagnos[ie]s)?\s+(?:of|for)`,
  ]),
];
