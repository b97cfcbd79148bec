/** The audit of the generator's items, in numbers that are enough for every family. @module */

import { auditItems, type AuditReport, type GuessTable } from "../../lib/evaluation/mod.ts";
import { benchmarkTexts, synthesize, testSets } from "../../lib/synthesis/mod.ts";
import { referencePasses } from "../../lib/reward/mod.ts";
import { itemsKey } from "../stages/keys.ts";
import type { Workshop as AnyWorkshop } from "../stages/workshop.ts";
import type { SynthesisConfig } from "./config.ts";
import type { SynthesisFindings } from "./findings.ts";

type Audit = SynthesisFindings["audit"];

/** Raised when the audit finds otherwise, so that a stored one is not shown. */
const AUDIT_VERSION = 1;

/** What each guesser got. */
export const guessTableOf = (
  { baselines, floors, controls }: GuessTable,
): Audit["families"][number]["table"] =>
  Object.entries({ blind: baselines, floor: floors, control: controls }).flatMap((
    [kind, results],
  ) =>
    Object.entries(results).map(([guesser, result]) => ({
      guesser,
      kind: kind as "blind" | "floor" | "control",
      ...result,
    }))
  );

function summaryOf(
  { families, sets, items, duplicates, leakage, consistency }: AuditReport,
): Audit {
  return {
    items: Object.values(items).reduce((sum, n) => sum + n, 0),
    families: Object.entries(families).filter(([, { n }]) => n > 0)
      .map(([name, guesses]) => ({ name, table: guessTableOf(guesses) })),
    sets: testSets.flatMap((name) => {
      const own = leakage.sets[name];
      if (own === undefined || sets[name] === undefined) return [];
      const { claims, seen } = own.claims;
      return [{ name, claims, seen, table: guessTableOf(sets[name]) }];
    }),
    duplicates,
    broken: Object.values(consistency).reduce((sum, { n }) => sum + n, 0),
  };
}

/**
 * Makes items in numbers that are enough for every family, and audits them.
 *
 * @param workshop graph, tables and options
 * @returns what blind guessers get right, what test shares with training, what repeats
 */
export async function auditGenerator(
  { context, config, inputs, knowledge, clinical }: AnyWorkshop<SynthesisConfig>,
): Promise<Audit> {
  const count = config.auditItems;
  const bar = context.stage("Auditing");
  const key = { ...itemsKey(inputs, { items: count }), audit: AUDIT_VERSION };
  const stage = await context.store.json("audit", key, async () => {
    const { items } = await synthesize({
      clinical,
      count,
      seed: 0,
      verify: (item) => referencePasses(item, knowledge),
      onProgress: bar.update,
    });
    const benchmarks = await benchmarkTexts();
    return summaryOf(auditItems(items, { knowledge, benchmarks, onProgress: bar.update }));
  });
  bar.finish(stage.cached ? "from the store" : `${count} items`);
  return stage.value;
}
