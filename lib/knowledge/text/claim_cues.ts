/**
 * All cues, and how a sentence goes on around those that are nouns.
 *
 * @module
 */
import { adverb, be, type Cue } from "./cue.ts";
import { drugCues } from "./drug_cues.ts";
import { findingCues } from "./finding_cues.ts";
import { kindCues } from "./kind_cues.ts";

/** All cues; where two overlap, the one that begins first counts, and of those the longest. */
export const cues: readonly Cue[] = [...findingCues, ...drugCues, ...kindCues];

/** Behind the complement of a noun: what follows is the other side ("symptoms of gout include", "treat gout with"). */
export const nounContinuation: Readonly<Record<string, RegExp>> = {
  "start on": /^\s*(?:on|with)\s+/i,
  "reach for":
    /^\s*(?:first\s+)?(?:in|for|to\s+(?:treat|manage|control)|against|when(?:\s+treating)?|among(?=.*\sfor\s))\s+/i,
  avoid:
    /^\s*(?:in|during|with|for|to|if|when|where)\s+(?:(?:there\s+(?:is|are)|(?:patients|people|those|someone|anyone)\s+(?:with|has|have|who\s+ha(?:s|ve)))\s+)?/i,
  "contraindication to":
    /^\s*(?:,\s*)?(?:(?:can|may|usually|often|generally|typically|always|commonly|mainly)\s+)*(?:includes?|included|is|are|was|were|consists?\s+of|comprises?|such\s+as|like|remains?|:|in|during)\s+/i,
  "think of":
    /^\s*(?:in|with|when(?:ever)?|if|where|once|upon|every\s+time)\s+(?:(?:there\s+(?:is|are)|(?:an?\s+)?(?:patients?|people|those|someone|anyone|[\uE100-\uE1FF])\s+(?:with|has|have|presents?\s+with|who\s+ha(?:s|ve))|you\s+see)\s+)?/i,
  "recognised by": /^\s*(?:by|from|through)\s+(?:(?:the|its|an?)\s+)?/i,
  "seen in": /^\s*(?:in|with|among)\s+/i,
  "treatment for":
    /^\s*(?:(?:[\uE000-\uE0FF]|pain|symptoms|attacks?|flares?|infections?|patients)\s+)?(?:,\s*)?(?:(?:can|may|should|usually|often|generally|typically|always)\s+)*(?:(?:starts?|begins?)\s+with|(?:relies|rests|depends)\s+on|is\s+based\s+on|involves?|includes?|included|is|are|was|were|be|consists?\s+of|comprises?|such\s+as|like|with|by\s+giving|using|remains?|:)(?:\s+(?:treated\s+with|given|often|usually|typically))?\s+/i,
};

/** The continuation of the other nouns. */
export const plainContinuation: RegExp =
  /^\s*(?:,\s*)?(?:(?:can|may|should|usually|often|generally|typically|always|commonly|frequently|most|mainly|above\s+all)\s+)*(?:includes?|included|is|are|was|were|be|consists?\s+of|comprises?|such\s+as|like|remains?|:)(?:\s+(?:often|usually|typically|not|never|mainly))?\s+/i;

/** Between the other side and a noun before which it stands: "fever and cough are common", "fever, a common". */
export const copula: RegExp = new RegExp(
  String
    .raw`\s*[:–—]\s*$|\s*(?:,|[-–—(])\s*(?:an?|the|one\s+of\s+the|another)\s+(?:(?!(?:of|in|for|to|with|by)\b)[\p{L}-]+\s+){0,3}$|` +
    String
      .raw`\s*,?\s*(?:(?:which|that)\s+)?(?:${be}|counts?\s+as\s+|serves?\s+as\s+|ranks?\s+(?:as|among)\s+|acts?\s+as\s+)${adverb}(?:(?:an?|the|one|among|of|some|two|three|both|all|part|no|not|now)\s+)*(?:(?!(?:of|in|for|to|with|by)\b)[\p{L}-]+\s+){0,3}$`,
  "iu",
);
