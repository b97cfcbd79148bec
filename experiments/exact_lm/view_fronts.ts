/** Study 4 in tables, figures and sentences. @module */

import {
  type Figure,
  type FrontPoint,
  pairwiseFronts,
  parallelCoordinates,
  type Row,
} from "../../lib/figures/mod.ts";
import {
  replicateDifference,
  type ReplicateMean,
  replicateMean,
  replicateMeans,
} from "../laboratory/replicates.ts";
import { EQUAL } from "../laboratory/preferences.ts";
import { counted, sideOf } from "../stages/verdicts.ts";
import type { ExactLmConfig } from "./config.ts";
import { type ExactLmFindings, type Fronts, type Sweep, sweeps } from "./findings.ts";
import {
  hindsight,
  meanSweepRanks,
  type Part,
  type Reference,
  volumes,
} from "./front_statistics.ts";
import { sweepNames } from "./names.ts";
import { meanText, number, pText, type StudyView } from "./wording.ts";

/** What a preference changed, mean over replicates: they differ in where they start. */
function changesOf(fronts: Fronts, sweep: Sweep, preference: string, part: Part): ReplicateMean[] {
  const start = new Map(fronts.starts.map((row) => [row.seed, row[part]]));
  return replicateMeans(
    fronts.rows.filter((row) => row.sweep === sweep && row.preference === preference)
      .map((row) => row[part].map((x, i) => x - start.get(row.seed)![i]!)),
  );
}

/** Replicates from which on an interval says something. */
const FEW = 3;

/** Means with their ends, all moved by as much as the start is away from 0. */
const ends = (means: readonly ReplicateMean[], start: readonly number[] = means.map(() => 0)) => ({
  values: means.map(({ mean }, i) => start[i]! + mean),
  ...means[0]!.n >= FEW && {
    low: means.map(({ low }, i) => start[i]! + low),
    high: means.map(({ high }, i) => start[i]! + high),
  },
});

/** Panels for every two rewards. */
function frontFigure(fronts: Fronts, names: readonly string[], part: Part): Figure {
  const onTrain = part === "values";
  const start = replicateMeans(fronts.starts.map((row) => row[part])).map(({ mean }) => mean);
  return pairwiseFronts({
    title: `Fronts of every two rewards, ${onTrain ? "training" : "held-out"} prompts`,
    rewards: names,
    sweeps: sweeps.map((sweep) => ({
      name: sweepNames[sweep],
      points: fronts.preferences.map(({ name }): FrontPoint => ({
        label: name,
        ...ends(changesOf(fronts, sweep, name, part), start),
      })),
    })),
    start,
    ...onTrain && { reachable: { name: "exact front", fronts: fronts.reachable } },
    n: fronts.starts.length,
    unit: "replicates",
    digits: 3,
    caption: `A point for each preference${
      fronts.starts.length < FEW ? "" : "; intervals are those of the change from the start"
    }${
      onTrain
        ? ". The exact front is that of two rewards over all policies, one for each prompt"
        : ""
    }`,
  });
}

/** What a preference changes, a line for each sweep. */
function profileFigure(fronts: Fronts, names: readonly string[], preference: string): Figure {
  return parallelCoordinates({
    title: `What the preference ${preference} changes, training prompts`,
    categories: names,
    series: sweeps.map((sweep) => ({
      name: sweepNames[sweep],
      ...ends(changesOf(fronts, sweep, preference, "values")),
    })),
    yTitle: "Change from the start",
    reference: 0,
    n: fronts.starts.length,
    unit: "replicates",
    digits: 3,
    caption: "A line for each way to weigh",
  });
}

function volumeRows(fronts: Fronts): Row[] {
  const ranks = { values: meanSweepRanks(fronts), heldOut: meanSweepRanks(fronts, "heldOut") };
  return sweeps.map((sweep, k): Row => {
    const volume = (reference: Reference, part: Part) =>
      meanText(replicateMean(volumes(fronts, sweep, reference, part)), 3);
    return {
      sweep: sweepNames[sweep],
      "volume from 0 (start = 1)": volume("zero", "values"),
      "volume from the start": volume("start", "values"),
      "mean rank": ranks.values[k]!.toFixed(2),
      "held-out volume from 0": volume("zero", "heldOut"),
      "held-out volume from the start": volume("start", "heldOut"),
      "held-out mean rank": ranks.heldOut[k]!.toFixed(2),
    };
  });
}

function hindsightRows(fronts: Fronts): Row[] {
  return hindsight(fronts).map(({ seed, preference, fall, gain, awareFall, awareGain }): Row => ({
    replicate: seed,
    "best static preference": preference,
    "largest fall": number(fall, 4),
    "gain of the equal sum": number(gain, 4),
    "capability-aware, equal preference: largest fall": number(awareFall, 4),
    "its gain": number(awareGain, 4),
  }));
}

/** Capability-aware weights against another sweep, by volume. */
function volumeSentence(fronts: Fronts, reference: Reference): string {
  const texts = (["static", "upgrad", "soup"] as const).map((baseline) => {
    const found = replicateDifference(
      volumes(fronts, "capability_aware", reference),
      volumes(fronts, baseline, reference),
    );
    const side = found.n < 2 ? undefined : sideOf(found);
    return `${sweepNames[baseline]} ${
      side === undefined ? "not told apart" : side === "above" ? "less" : "more"
    } (difference ${meanText(found)}, ${pText(found.p)})`;
  });
  return `Volume from ${
    reference === "zero" ? "0" : "the start"
  } against capability-aware weights: ${texts.join("; ")}.`;
}

function hindsightSentence(fronts: Fronts): string {
  const found = hindsight(fronts);
  const clean = found.filter(({ fall }) => fall <= 1e-6);
  const beaten = clean.filter(({ gain, awareGain }) => gain > awareGain).length;
  return `Chosen in hindsight, some static preference harms nobody at the end in ${clean.length} of ${
    counted(found.length, "replicate")
  }${
    clean.length === 0
      ? ""
      : `, and gains more of the equal sum than capability-aware weights at equal preference in ${beaten} of them`
  }; capability-aware weights end with a largest fall of ${
    number(Math.max(...found.map(({ awareFall }) => awareFall)), 4)
  }, the best static preference with ${number(Math.max(...found.map(({ fall }) => fall)), 4)}.`;
}

function rankSentence(fronts: Fronts): string {
  const ranks = meanSweepRanks(fronts);
  const best = sweeps[ranks.indexOf(Math.min(...ranks))]!;
  return `The best mean rank over rewards, preferences and replicates is ${sweepNames[best]}'s (${
    Math.min(...ranks).toFixed(2)
  } of ${sweeps.length}).`;
}

/**
 * Shows study 4.
 *
 * @param fronts what was measured
 * @param findings names of the rewards
 * @param config options of the run
 * @returns tables, figures and section
 */
export function viewFronts(
  fronts: Fronts,
  { rewardNames }: Pick<ExactLmFindings, "rewardNames">,
  config: ExactLmConfig,
): StudyView {
  const { lopsided } = config.ascent;
  const favoured = fronts.preferences.find(({ name }) => name === lopsided)?.name;
  const figures: Record<string, Figure> = {
    fronts: frontFigure(fronts, rewardNames, "values"),
    "fronts-held-out": frontFigure(fronts, rewardNames, "heldOut"),
    "profile-equal": profileFigure(fronts, rewardNames, EQUAL),
    ...favoured !== undefined && favoured !== EQUAL
      ? {
        [`profile-${favoured.replaceAll(" + ", "-")}`]: profileFigure(
          fronts,
          rewardNames,
          favoured,
        ),
      }
      : {},
  };
  const tables = [
    {
      name: "volumes",
      caption: "Hypervolume and mean rank by sweep, with 95 % intervals over replicates",
      rows: volumeRows(fronts),
    },
    {
      name: "hindsight",
      caption: "The static preference that harms nobody, or least, chosen by its outcome",
      rows: hindsightRows(fronts),
    },
  ];
  return {
    tables,
    figures: Object.entries(figures).map(([name, figure]) => ({ name, figure })),
    section: {
      id: "exact-lm-fronts",
      question:
        "Study 4: where do preferences lead, and could a static one have been chosen to harm nobody?",
      answer: [
        volumeSentence(fronts, "zero"),
        volumeSentence(fronts, "start"),
        rankSentence(fronts),
        hindsightSentence(fronts),
      ].join(" "),
      table: tables[0]!.rows,
      tableCaption: tables[0]!.caption,
      figures: Object.values(figures),
      digits: 3,
      method:
        `${counted(fronts.preferences.length, "preference")}, ${
          counted(config.fronts.steps, "step")
        } of AdamW each; a soup is the mean of the static corners' parameters, in the shares of what a ` +
        `preference gives above ${config.fronts.least}. Volume from 0 in units of what the start dominates, from the start in units of all that lies above it. p values of exact permutation tests over replicates.`,
    },
  };
}
