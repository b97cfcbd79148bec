/**
 * What do validation and curation of synthetic items buy? Drafts of a teacher that errs are kept, dropped at random, validated and
 * curated; models are trained on what is left and judged on four test sets. PROTOCOL.md holds sizes, arms and hypotheses.
 *
 * @module
 */

import { fromFileUrl } from "@std/path";
import {
  average,
  decide,
  type DecisionOutcome,
  drawOption,
  guessItems,
} from "../../lib/evaluation/mod.ts";
import { hashFiles, hashJson, randomStream } from "../../lib/runtime/mod.ts";
import {
  answerAtRandom,
  type Choose,
  type CuratedItem,
  curateItems,
  curationFaults,
  drawGroups,
  groupItems,
  injectWrongAnswer,
  type Item,
  renameEntities,
  shuffleEvidence,
  sliceItems,
  testSets,
  textFault,
} from "../../lib/synthesis/mod.ts";
import { branches, together } from "../core/branches.ts";
import type { RunContext, RunOutput } from "../core/experiment.ts";
import { withLanguageModel } from "../stages/evaluate.ts";
import { readTrained, supervised, type TrainedSystem, trainingKey } from "../stages/train.ts";
import { openWorkshop, trainingItems, type Workshop as AnyWorkshop } from "../stages/workshop.ts";
import { auditGenerator, guessTableOf } from "./audit.ts";
import type { SynthesisConfig } from "./config.ts";
import {
  type Arm,
  type ArmName,
  armNames,
  controlSets,
  type KeyKind,
  keyKinds,
  type Measured,
  type MeasuredSet,
  measuredSets,
  type SynthesisFindings,
} from "./findings.ts";
import { comparisonsOf, metricsOf, RIGHT } from "./statistics.ts";

type Workshop = AnyWorkshop<SynthesisConfig>;

/** Where the protocol lies. */
const PROTOCOL = fromFileUrl(new URL("./PROTOCOL.md", import.meta.url));

/** Raised when decisions are asked or curation works otherwise, so that stored ones are not mixed. */
const DECISIONS_VERSION = 3;

/** Seed of what is drawn once for all arms and seeds. */
const DRAW = 0;

/** The workshop with other items. */
async function withItems(workshop: Workshop, items: readonly Item[]): Promise<Workshop> {
  const itemsHash = await hashJson(items.map(({ id, reference }) => [id, reference]));
  return { ...workshop, items, itemsHash };
}

/** Training items of which a careless teacher answered some wrong. */
function carelessDrafts(items: readonly Item[], errorRate: number): Item[] {
  return items.map((item) => {
    const random = randomStream(DRAW, "careless", item.id);
    return random.next() < errorRate ? injectWrongAnswer(item, random) ?? item : item;
  });
}

const isWrong = (draft: Item, right: ReadonlyMap<string, Item>): boolean =>
  draft.reference !== right.get(draft.id)!.reference;

/** Decisions of a system on items, from the store where they were made before. */
async function decisions(
  workshop: Workshop,
  label: string,
  system: TrainedSystem | undefined,
  items: readonly Item[],
): Promise<readonly DecisionOutcome[]> {
  const { context, config } = workshop;
  const bar = context.stage(label);
  const key = {
    ...trainingKey(workshop),
    version: DECISIONS_VERSION,
    parameters: system?.hash ?? null,
    asked: await hashJson(items.map(({ prompt, decisions }) => [prompt, decisions])),
  };
  const stage = await context.store.json("decisions", key, async () => {
    const trainable = system && readTrained(workshop, system);
    try {
      return await withLanguageModel(
        workshop,
        trainable,
        (language) => decide({ language, items, system: config.system, onProgress: bar.update }),
      );
    } finally {
      trainable?.values.dispose();
    }
  });
  bar.finish(stage.cached ? "from the store" : undefined);
  return stage.value;
}

/** Lets a system choose: options are drawn by what speaks for them, so that several tries tell an opinion from a guess. */
function chooser(workshop: Workshop, label: string, system: TrainedSystem): Choose {
  return async (items, attempt) => {
    const outcomes = await decisions(workshop, label, system, items);
    let next = 0;
    return items.map((item) => {
      const random = randomStream(DRAW, "try", item.id, attempt);
      return outcomes.slice(next, next += item.decisions.length)
        .map((outcome) => drawOption(outcome, random));
    });
  };
}

/** Whole groups of up to so many items, the same for all arms and seeds. */
function someOf(items: readonly Item[], most: number): Item[] {
  return drawGroups(items, most, randomStream(DRAW, "some"));
}

/** What arms are measured on. */
function measuredItems(workshop: Workshop): Map<MeasuredSet, Item[]> {
  const { items, config, knowledge } = workshop;
  const deciding = items.filter((item) => item.decisions.length > 0);
  const sets = new Map<MeasuredSet, Item[]>();
  for (const set of testSets) {
    sets.set(set, someOf(deciding.filter(({ split }) => split === set), config.setItems));
  }
  const test = sets.get("test")!.filter(({ evidence, group }) =>
    evidence !== undefined && group !== undefined
  );
  sets.set("shuffled evidence", shuffleEvidence(test, DRAW));
  sets.set("renamed", renameEntities(test, DRAW, knowledge));
  return sets;
}

/** What guessers that were trained on the training items get on the same test items. */
function guessesOn(
  workshop: Workshop,
  sets: ReadonlyMap<MeasuredSet, readonly Item[]>,
): SynthesisFindings["guesses"] {
  const asked = testSets.flatMap((set) => sets.get(set)!);
  const { sets: tables } = guessItems([...trainingItems(workshop), ...asked], workshop.knowledge);
  return testSets.flatMap((set) =>
    tables[set] === undefined ? [] : [{ set, table: guessTableOf(tables[set]) }]
  );
}

/** Share of right decisions of each group, in the order of the groups, by either way to read them. */
function shares(outcomes: readonly DecisionOutcome[]): NonNullable<Measured[MeasuredSet]> {
  const groups = [...Map.groupBy(outcomes, ({ unit }) => unit).values()];
  const by = (read: "predicted" | "likeliest") =>
    groups.map((group) => average(group.map((one) => Number(one[read] === one.answer))));
  return { predicted: by("predicted"), likeliest: by("likeliest") };
}

/** Lets a system decide some sets. */
async function measure(
  workshop: Workshop,
  label: string,
  system: TrainedSystem | undefined,
  sets: ReadonlyMap<MeasuredSet, readonly Item[]>,
): Promise<Measured> {
  const measured = await branches(
    [...sets],
    async ([set, items]) =>
      [set, shares(await decisions(workshop, `${label}: ${set}`, system, items))] as const,
  );
  return Object.fromEntries(measured) as Measured;
}

/** The same items of slice 1 with a right, a random and a wrong key, and what keeps them. */
async function keepRates(
  workshop: Workshop,
  items: readonly Item[],
  choose: Choose,
  tries: number,
): Promise<SynthesisFindings["kept"]> {
  const keyed = (kind: KeyKind, item: Item): Item | undefined => {
    const random = randomStream(DRAW, kind, item.id);
    if (kind === "right key") return item;
    return kind === "random key" ? answerAtRandom(item, random) : injectWrongAnswer(item, random);
  };
  const usable = items.filter((item) => keyed("wrong key", item) !== undefined);
  return await branches(keyKinds, async (key) => {
    const asked = usable.flatMap((item) => keyed(key, item) ?? []);
    const curated = await curateItems({ items: asked, choose, tries, seed: DRAW });
    return {
      key,
      items: asked.length,
      validated: asked.filter((item) => textFault(workshop.clinical, item) === undefined).length,
      curated: curated.filter(({ fault }) => fault === undefined).length,
      faults: Object.fromEntries(
        curationFaults.map((fault) => [fault, curated.filter((one) => one.fault === fault).length]),
      ) as SynthesisFindings["kept"][number]["faults"],
    };
  });
}

/** Trains a model on slice 0, which curates slice 1; and what it keeps of items whose key is known. */
async function curation(
  workshop: Workshop,
  first: readonly Item[],
  second: readonly Item[],
  secondRight: readonly Item[],
) {
  const { context, config: { tries, keptItems } } = workshop;
  const curator = await supervised(await withItems(workshop, first), context.seeds[0]!);
  const choose = chooser(workshop, "Curating", curator);
  const deciding = secondRight.filter((item) => item.decisions.length > 0);
  const [curated, kept] = await together(
    () => curateItems({ items: second, choose, tries, seed: DRAW }),
    () => keepRates(workshop, someOf(deciding, keptItems), choose, tries),
  );
  return { curator, curated, kept };
}

/** Share of the drafts that curation has to keep for arms to be trained on what it keeps. */
const LEAST_CURATED = 0.1;

/** The training items of each arm; none of curated items where curation kept next to nothing. */
function armsOf(
  right: readonly Item[],
  drafts: readonly Item[],
  curated: readonly CuratedItem[],
  validated: ReadonlySet<string>,
): Map<ArmName, readonly Item[]> {
  const valid = drafts.filter(({ id }) => validated.has(id));
  const kept = curated.filter(({ fault }) => fault === undefined).map(({ item }) => item);
  const enough = kept.length >= LEAST_CURATED * drafts.length;
  const size = Math.min(valid.length, enough ? kept.length : valid.length);
  const some = (items: readonly Item[]): Item[] =>
    randomStream(DRAW, "arm").shuffle([...items]).slice(0, size);
  return new Map<ArmName, readonly Item[]>([
    ["right keys", right],
    ["all drafts", drafts],
    ["random drop", some(drafts)],
    ["validated", some(valid)],
    ["curated", enough ? some(kept) : []],
    ["validated and curated", enough ? kept.filter(({ id }) => validated.has(id)) : []],
  ]);
}

const isControl = (set: MeasuredSet): boolean => controlSets.some((control) => control === set);

/** Trains every arm at every seed and lets it decide; the controls with right keys alone. */
async function trainArms(
  workshop: Workshop,
  arms: ReadonlyMap<ArmName, readonly Item[]>,
  sets: ReadonlyMap<MeasuredSet, readonly Item[]>,
  isWrongDraft: (item: Item) => boolean,
): Promise<{ readonly arms: Arm[]; readonly seconds: number }> {
  let seconds = 0;
  const withoutControls = new Map([...sets].filter(([set]) => !isControl(set)));
  const trained = armNames.filter((name) => arms.get(name)!.length > 0);
  const found = await branches(trained, async (name): Promise<Arm> => {
    const items = arms.get(name)!;
    const own = await withItems(workshop, items);
    const runs = await branches(workshop.context.seeds, async (seed) => {
      const system = await supervised(own, seed);
      seconds += system.seconds;
      const asked = name === RIGHT ? sets : withoutControls;
      return { seed, sets: await measure(workshop, `${name}, seed ${seed}`, system, asked) };
    });
    return { name, items: items.length, wrong: items.filter(isWrongDraft).length, runs };
  });
  return { arms: found, seconds };
}

/** Runs the experiment. */
export async function runSynthesis(
  context: RunContext,
  config: SynthesisConfig,
): Promise<RunOutput<SynthesisFindings>> {
  const workshop = await openWorkshop(context, config);
  const items = trainingItems(workshop);
  const right = new Map(items.map((item) => [item.id, item]));
  const [first, second] = sliceItems(carelessDrafts(items, config.errorRate));
  const secondRight = second.map(({ id }) => right.get(id)!);
  const validated = new Set(
    second.filter((item) => textFault(workshop.clinical, item) === undefined).map(({ id }) => id),
  );
  const sets = measuredItems(workshop);
  const [audit, { curator, curated, kept }, base] = await together(
    () => auditGenerator(workshop),
    () => curation(workshop, first, second, secondRight),
    () => measure(workshop, "base", undefined, sets),
  );
  const arms = armsOf(secondRight, second, curated, validated);
  const trained = await trainArms(workshop, arms, sets, (item) => isWrong(item, right));
  const findings: SynthesisFindings = {
    protocol: await hashJson([await hashFiles(PROTOCOL), config]),
    stages: workshop.synthesis.stages,
    audit,
    drafts: {
      items: second.length,
      wrong: second.filter((item) => isWrong(item, right)).length,
      validated: validated.size,
      curated: curated.filter(({ fault }) => fault === undefined).length,
      both: curated.filter(({ fault, item }) => fault === undefined && validated.has(item.id))
        .length,
    },
    kept,
    sets: await Promise.all(measuredSets.map(async (set) => {
      const asked = sets.get(set)!;
      const groups = groupItems(asked);
      const chanceOf = (group: readonly Item[]): number =>
        average(
          group.flatMap(({ decisions }) => decisions.map(({ options }) => 1 / options.length)),
        );
      return {
        set,
        items: asked.length,
        units: groups.length,
        chance: groups.length === 0 ? 0 : average(groups.map(chanceOf)),
        prompts: await hashJson(asked.map(({ prompt }) => prompt)),
      };
    })),
    guesses: guessesOn(workshop, sets),
    arms: trained.arms,
    base,
  };
  return {
    metrics: metricsOf(findings),
    comparisons: comparisonsOf(findings),
    seconds: { training: trained.seconds + curator.seconds },
    notes: [
      "Accuracy over decisions among the options that the prompt shows, by what the findings add to an option's " +
      "log-likelihood; groups weigh the same; a group's share is its mean over the seeds.",
    ],
    findings,
  };
}
