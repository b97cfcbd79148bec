/** Groups of items as families make them, for tests. */
import { loadClinical, loadKnowledge } from "../../../lib/knowledge/mod.ts";
import { randomStream } from "../../../lib/runtime/mod.ts";
import { type Family, type Proposal, wordPrompt } from "../../../lib/synthesis/draft.ts";
import type { Item, Split } from "../../../lib/synthesis/item.ts";
import { selectSource, type Source, type SourceSplit } from "../../../lib/synthesis/source.ts";

/** The graph. */
export const knowledge = await loadKnowledge();

/** The curated tables. */
export const clinical = await loadClinical(knowledge);

const sources = new Map<SourceSplit, Source>();

/** The source of a split. */
export function sourceFor(split: SourceSplit): Source {
  const known = sources.get(split) ?? selectSource(clinical, split);
  sources.set(split, known);
  return known;
}

/** An item without what only a file needs. */
export function itemOf(family: Family, proposal: Proposal, split: Split, number: number): Item {
  const { prompt, template } = wordPrompt(proposal, split, randomStream(number, "wording"));
  return {
    id: number.toString(16).padStart(16, "0"),
    capability: family.capability,
    family: family.id,
    version: family.version,
    split,
    prompt,
    reference: proposal.reference,
    checks: proposal.checks,
    claims: proposal.claims,
    decisions: proposal.decisions ?? [],
    ...(proposal.evidence !== undefined && { evidence: proposal.evidence }),
    case: proposal.key.join(),
    template,
  };
}

/** A group of items with their proposals. */
export interface Made {
  /** The items. */
  readonly items: readonly Item[];
  /** What they were made from. */
  readonly proposals: readonly Proposal[];
}

/** Draws groups of a family; fails a test by its shortage. */
export function makeGroups(
  family: Family,
  source: SourceSplit,
  count: number,
  split: Split = source,
): Made[] {
  const groups: Made[] = [];
  for (let i = 0; groups.length < count && i < 40 * count; i++) {
    const proposals = family.propose(sourceFor(source), randomStream(i, family.id));
    if (proposals.length === 0) continue;
    groups.push({
      proposals,
      // One wording for all, as in the pipeline.
      items: proposals.map((proposal) => itemOf(family, proposal, split, i)),
    });
  }
  return groups;
}
