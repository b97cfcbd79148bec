/** Tables, figures and sentences on the forms of the advantage. @module */

import { curves, type CurveSeries, type Figure, type Row } from "../../lib/figures/mod.ts";
import type { Presentation, ResultsOf } from "../core/experiment.ts";
import { commandOf } from "../core/results.ts";
import type { advantagesSchema } from "./config.ts";
import {
  advantageForms,
  type AdvantagesFindings,
  type FollowedReward,
  type FormName,
} from "./findings.ts";
import { reportedCounts } from "./reported.ts";

function countFigure({ counts }: AdvantagesFindings): Figure {
  return curves({
    title: "Groups of binary rewards that the advantages tell apart",
    series: [...new Set(counts.map(({ rewards }) => rewards))].map((rewards) => ({
      title: `${rewards} rewards`,
      series: advantageForms.map((name) => {
        const own = counts.filter((row) => row.form === name && row.rewards === rewards);
        return {
          name,
          ...(name === "GRPO without std" && { dash: "dot" as const }),
          x: own.map(({ size }) => size),
          y: own.map(({ distinct }) => distinct),
        };
      }),
    })),
    xTitle: "Completions in a group",
    yTitle: "Distinct groups",
    yScale: "log",
    n: 1,
    digits: 0,
    caption: "Counted over all groups up to the order of the completions; exact.",
  });
}

/** Measured and derived correlation of one reward, as lines over x. */
function followedLines(
  rows: readonly FollowedReward[],
  xOf: (row: FollowedReward) => number,
): CurveSeries[] {
  const forms: FormName[] = ["GRPO", "GDPO"];
  return forms.flatMap((form): CurveSeries[] => {
    const own = rows.filter((row) => row.form === form);
    return [
      {
        name: form,
        x: own.map(xOf),
        y: own.map(({ mean }) => mean),
        low: own.map(({ low }) => low),
        high: own.map(({ high }) => high),
      },
      {
        name: form === "GRPO" ? "derived, summed" : "derived, normalised first",
        kind: "bound",
        dash: form === "GRPO" ? "dash" : "dot",
        x: own.map(xOf),
        y: own.map((row) => row.derived),
      },
    ];
  });
}

const derived = "what MO-GRPO derives for uncorrelated rewards";

function pairFigure({ pairs }: AdvantagesFindings): Figure {
  return curves({
    title: "How far the advantage follows each of two rewards",
    series: [0, 1].map((reward) => ({
      title: reward === 0 ? "reward with deviation 1" : "the other reward",
      series: followedLines(
        pairs.filter((row) => row.reward === reward),
        (row) => row.deviations[1]!,
      ),
    })),
    xTitle: "Deviation of the other reward",
    yTitle: "Correlation with the advantage",
    xScale: "log",
    n: pairs[0]!.n,
    caption: "",
    bound: derived,
  });
}

function manyFigure({ many }: AdvantagesFindings): Figure {
  return curves({
    title: "How far the advantage follows K rewards of deviations 1 to K",
    series: [
      { title: "quietest reward", pick: (_: FollowedReward) => 0 },
      { title: "loudest reward", pick: (row: FollowedReward) => row.deviations.length - 1 },
    ].map(({ title, pick }) => ({
      title,
      series: followedLines(
        many.filter((row) => row.reward === pick(row)),
        (row) => row.deviations.length,
      ),
    })),
    xTitle: "Number of rewards K",
    yTitle: "Correlation with the advantage",
    n: many[0]!.n,
    caption: "",
    bound: derived,
  });
}

function countRows({ counts }: AdvantagesFindings): Row[] {
  return counts.filter(({ form }) => form === "GRPO").map(({ rewards, size, groups }): Row => {
    const reported = reportedCounts.find((row) => row.rewards === rewards && row.size === size);
    return {
      rewards,
      "group size": size,
      groups,
      ...Object.fromEntries(
        advantageForms.map((
          form,
        ) => [
          form,
          counts.find((row) => row.form === form && row.rewards === rewards && row.size === size)!
            .distinct,
        ]),
      ),
      "reported (GDPO)": reported
        ? advantageForms.map((form) => reported.counts[form]).join(", ")
        : "",
    };
  });
}

function correlationRows(rows: readonly FollowedReward[]): Row[] {
  return rows.map((row): Row => ({
    form: row.form,
    deviations: row.deviations.join(", "),
    reward: row.reward + 1,
    correlation: row.mean,
    low: row.low,
    high: row.high,
    derived: row.derived,
    n: row.n,
  }));
}

function countAnswer({ counts }: AdvantagesFindings): string {
  const found = (form: FormName, rewards: number, size: number) =>
    counts.find((row) => row.form === form && row.rewards === rewards && row.size === size)
      ?.distinct;
  const compared = reportedCounts.flatMap(({ rewards, size, counts: reported }) =>
    advantageForms.flatMap((form) => {
      const own = found(form, rewards, size);
      return own === undefined ? [] : [own === reported[form]];
    })
  );
  const largest = counts.filter((row) => row.form === "GDPO" && row.rewards === 2)
    .reduce((a, b) => (b.size > a.size ? b : a));
  const numbers = advantageForms.map((form) => `${form} ${found(form, 2, largest.size)}`);
  return `With two binary rewards and ${largest.size} completions, of ${largest.groups} groups ` +
    `${numbers.join(", ")} are told apart. ${
      compared.filter(Boolean).length
    } of ${compared.length} ` +
    "counts that others report come out the same.";
}

function correlationAnswer({ pairs, many }: AdvantagesFindings): string {
  const text = (x: number) => x.toFixed(2);
  const widest = Math.max(...pairs.map(({ deviations }) => deviations[1]!));
  const at = (form: FormName) =>
    pairs.filter((row) => row.form === form && row.deviations[1] === widest)
      .map((row) => text(row.mean)).join(" and ");
  const all = [...pairs, ...many];
  const gap = Math.max(...all.map((row) => Math.abs(row.mean - row.derived)));
  const missed = all.filter(({ low, high, derived }) => derived < low || derived > high).length;
  return `With deviations 1 and ${widest} the advantage correlates with the rewards by ${
    at("GRPO")
  } when they are summed and by ${at("GDPO")} when each is normalised first; ` +
    `no mean is further than ${
      gap.toFixed(3)
    } from what is derived for large groups, and ${missed} of ${all.length} intervals miss it.`;
}

/** Tables, figures and sections of the report. */
export function viewAdvantages(
  results: ResultsOf<typeof advantagesSchema>,
  findings: AdvantagesFindings,
): Presentation {
  const { config } = results;
  const tables = [
    {
      name: "distinct-groups",
      caption: "Groups of binary rewards that the advantages tell apart",
      rows: countRows(findings),
    },
    {
      name: "reward-correlation",
      caption: "Correlation of rewards and advantage, two rewards",
      rows: correlationRows(findings.pairs),
    },
    {
      name: "reward-correlation-many",
      caption: "Correlation of rewards and advantage, K rewards",
      rows: correlationRows(findings.many),
    },
    {
      name: "two-completions",
      caption: "Advantage of the better of two completions by their summed rewards",
      rows: findings.twoCompletions.map((row): Row => ({ ...row })),
    },
  ];
  const figures = [
    { name: "distinct-groups", figure: countFigure(findings) },
    { name: "reward-correlation", figure: pairFigure(findings) },
    { name: "reward-correlation-many", figure: manyFigure(findings) },
  ];
  const command = commandOf(results);
  return {
    tables,
    figures,
    sections: [
      {
        id: "distinct-groups",
        question: "How many groups of rewards do the advantages tell apart?",
        answer: countAnswer(findings),
        table: tables[0]!.rows,
        tableCaption: tables[0]!.caption,
        digits: 0,
        figures: [figures[0]!.figure],
        method:
          "Every group of binary rewards up to the order of its completions, equal weights; " +
          "two groups count as one when their sorted advantages are equal.",
        command,
      },
      {
        id: "reward-correlation",
        question: "Which reward does the advantage follow?",
        answer: correlationAnswer(findings),
        table: tables[1]!.rows,
        tableCaption: tables[1]!.caption,
        figures: figures.slice(1).map(({ figure }) => figure),
        method:
          `Independent normal rewards, ${config.groups} groups of ${config.completions} completions a draw; ` +
          "95 % bootstrap intervals over draws. Rewards are centred in their group.",
        command,
      },
    ],
  };
}
