/** Tables, figures and sentences of the comparison of weighting rules, from its results. @module */

import {
  dotIntervals,
  type Figure,
  formatFixed,
  formatShare,
  formatShareInterval,
  type Row,
} from "../lib/figures/mod.ts";
import { capabilities } from "../lib/synthesis/mod.ts";
import type { StepLog } from "../lib/training/mod.ts";
import type { Presentation } from "./experiment.ts";
import { commandOf, type Metric, type Results } from "./results.ts";
import type { WeightingConfig } from "./reward_weighting.ts";
import { rewardCurves } from "./reward_curves.ts";
import { holm } from "./trial_statistics.ts";
import { ruleGroups, tabularRules } from "./weighting_rules.ts";

/** The mean over the capabilities, which count the same. */
export const MEAN = "mean";

/** Name of a rule in the exact problems, as it stands in metrics. */
export function tabularName(rule: string): string {
  return `exact: ${rule}`;
}

/** What the figures need besides the results. */
export interface WeightingRecord {
  /** The configuration that ran. */
  readonly config: WeightingConfig;
  /** Logs of each rule, one a seed. */
  readonly logs: ReadonlyMap<string, readonly (readonly StepLog[])[]>;
}

type Comparison = Results["comparisons"][number];

const interval = ({ mean, low, high }: Pick<Metric, "mean" | "low" | "high">, digits: number) =>
  `${formatFixed(mean, digits)} [${formatFixed(low, digits)}, ${formatFixed(high, digits)}]`;

function metricOf(results: Results, system: string, capability: string): Metric {
  return results.metrics.find((m) => m.system === system && m.capability === capability)!;
}

const fromStart = ({ comparisons }: Results): Comparison[] =>
  comparisons.filter(({ baseline }) => baseline === "start");

const beyond = ({ low, high }: Comparison): "above" | "below" | undefined =>
  low > 0 ? "above" : high < 0 ? "below" : undefined;

function ruleRows(results: Results, { config }: WeightingRecord): Row[] {
  const all = fromStart(results);
  return config.rules.map((rule): Row => {
    const own = all.filter(({ system }) => system === rule);
    const cell = (c: Comparison) => formatShareInterval(c.difference, c);
    const fallen = own.filter((c) => beyond(c) === "below" && c.capability !== MEAN);
    return {
      rule,
      ...Object.fromEntries(own.map((c) => [c.capability, cell(c)])),
      "hypervolume (start = 1)": interval(metricOf(results, rule, "hypervolume"), 2),
      "mean rank": interval(metricOf(results, rule, "mean rank"), 1),
      "below the start": fallen.length === 0
        ? "\u2013"
        : fallen.map(({ capability }) => capability).join(", "),
    };
  });
}

const tabularColumns: Readonly<Record<string, readonly [key: string, digits: number]>> = {
  "steps that lower a reward (%)": ["harm", 1],
  "largest fall / gain": ["ratio", 4],
  "gain of the mean": ["gain", 4],
  "least gain of a reward": ["least", 4],
  "hypervolume (start = 1)": ["volume", 3],
  "mean rank": ["rank", 1],
};

function tabularRows(results: Results): Row[] {
  return Object.keys(tabularRules).map((rule): Row => ({
    rule,
    ...Object.fromEntries(
      Object.entries(tabularColumns).map(([column, [key, digits]]) => {
        const m = metricOf(results, tabularName(rule), key);
        const factor = key === "harm" ? 100 : 1;
        const scaled = { mean: m.mean * factor, low: m.low * factor, high: m.high * factor };
        return [column, interval(scaled, digits)];
      }),
    ),
  }));
}

/** How many differences are beyond their interval, and how many of them outlive the correction. */
function startAnswer(results: Results): string {
  const all = fromStart(results).filter(({ capability }) => capability !== MEAN);
  const adjusted = holm(all.map(({ p }) => p));
  const count = (side: "above" | "below") => all.filter((c) => beyond(c) === side).length;
  const sure = all.filter((_, k) => adjusted[k]! < 0.05);
  const fallen = all.filter((c) => beyond(c) === "below");
  const list = (found: readonly Comparison[]) =>
    found.map(({ system, capability }) => `${system} on ${capability}`).join(", ");
  return `Of ${all.length} differences to the start ${count("above")} lie above and ${
    count("below")
  } below 0 beyond the 95 % interval; chance alone would give ${
    (0.025 * all.length).toFixed(1)
  } on each side. After Holm's correction for their number ${
    sure.length === 0 ? "none is left" : `${sure.length} are left`
  }. Below their start beyond the interval: ${fallen.length === 0 ? "none" : list(fallen)}.`;
}

/** Which rules can be told apart on the mean and by rank. */
function ruleAnswer(results: Results, { config }: WeightingRecord): string {
  const rules = config.rules;
  const mean = (rule: string) => metricOf(results, rule, MEAN).mean;
  const best = rules.reduce((a, b) => mean(b) > mean(a) ? b : a);
  const won = fromStart(results).find((c) => c.system === best && c.capability === MEAN)!;
  const against = results.comparisons.filter(({ baseline }) => baseline === "static");
  const names = (side: "above" | "below") =>
    against.filter((c) => beyond(c) === side).map(({ system }) => system).join(", ") || "none";
  const rank = (rule: string) => metricOf(results, rule, "mean rank");
  const first = rules.reduce((a, b) => rank(b).mean < rank(a).mean ? b : a);
  const apart = rules.filter((rule) => rank(rule).low > rank(first).high).length;
  return `On the mean of the capabilities ${best} is highest, ${
    formatShare(won.difference)
  } points [${formatShare(won.low)}, ${
    formatShare(won.high)
  }] from the start. Against static weights, beyond the interval: above ${names("above")}; below ${
    names("below")
  }. The best mean rank is that of ${first}, ${interval(rank(first), 1)} of ${rules.length}; ${
    apart === 0
      ? "no rule's interval lies clear of it, so by rank the rules cannot be told apart"
      : `the intervals of ${apart} rules lie clear of it`
  }.`;
}

function tabularAnswer(results: Results): string {
  const rules = Object.keys(tabularRules);
  const at = (rule: string, key: string) => metricOf(results, tabularName(rule), key);
  const harmless = rules.filter((rule) => at(rule, "harm").high === 0);
  const best = rules.reduce((a, b) => at(b, "volume").mean > at(a, "volume").mean ? b : a);
  const fair = rules.reduce((a, b) => at(b, "least").mean > at(a, "least").mean ? b : a);
  const text = (rule: string, key: string, digits: number) => interval(at(rule, key), digits);
  return `With exact gradients no step of ${
    harmless.join(", ") || "any rule"
  } lowers a reward. Under static weights ${
    formatShare(at("static", "harm").mean)
  } % of the changes are falls, in total ${
    text("static", "ratio", 3)
  } of the gain at most, and under capability-aware weights, which are harmless to first order, ${
    formatShare(at("capability-aware", "harm").mean)
  } %, but only ${
    text("capability-aware", "ratio", 3)
  } of the gain. The largest hypervolume is that of ${best}, ${text(best, "volume", 3)}, against ${
    text("static", "volume", 3)
  } with static weights; the reward that gains least gains most under ${fair}, ${
    text(fair, "least", 3)
  }.`;
}

/** Differences to the start by rule, a panel for each capability. */
function differenceDots(results: Results, { config }: WeightingRecord): Figure {
  const all = fromStart(results);
  return dotIntervals({
    title: "Score less that of the start",
    rows: config.rules,
    panels: capabilities.map((capability) => {
      const own = config.rules.map((rule) =>
        all.find((c) => c.system === rule && c.capability === capability)!
      );
      return {
        title: capability,
        xTitle: "Points",
        values: own.map((c) => c.difference * 100),
        low: own.map((c) => c.low * 100),
        high: own.map((c) => c.high * 100),
        reference: 0,
      };
    }),
    n: metricOf(results, "start", MEAN).n,
    digits: 1,
  });
}

/** A panel for each metric of the rules. */
function metricDots(
  results: Results,
  rows: readonly string[],
  systemOf: (rule: string) => string,
  panels: readonly (readonly [title: string, metric: string, reference?: number])[],
  words: { readonly title: string; readonly n: number; readonly unit: string },
): Figure {
  return dotIntervals({
    ...words,
    columns: 3,
    digits: 3,
    rows,
    panels: panels.map(([title, metric, reference]) => {
      const own = rows.map((rule) => metricOf(results, systemOf(rule), metric));
      return {
        title,
        xTitle: "",
        values: own.map(({ mean }) => mean),
        low: own.map(({ low }) => low),
        high: own.map(({ high }) => high),
        ...(reference !== undefined && { reference }),
      };
    }),
  });
}

/** Tables, figures and sections of the report. */
export function presentWeighting(results: Results, record: WeightingRecord): Presentation {
  const { config, logs } = record;
  const tables = [
    {
      name: "rules",
      caption: "Score less that of the start in points, with 95 % intervals",
      rows: ruleRows(results, record),
    },
    {
      name: "exact",
      caption: `${config.tabular.problems} exact problems, means with 95 % intervals over them`,
      rows: tabularRows(results),
    },
  ];
  const shown = Object.entries(ruleGroups)
    .map(([group, rules]) => [group, rules.filter((rule) => logs.has(rule))] as const)
    .filter(([, rules]) => rules.length > 1);
  const curveFigures = shown.map(([group, rules]) => ({
    name: `rewards-${group.replaceAll(" ", "-")}`,
    figure: rewardCurves(logs, rules, {
      title: `Reward while training: ${group}`,
      sharedY: false,
      window: Math.max(1, Math.round(config.grpo.maxSteps / 4)),
    }),
  }));
  const differences = differenceDots(results, record);
  const standing = metricDots(results, config.rules, (rule) => rule, [
    ["Mean of the capabilities", MEAN],
    ["Hypervolume (start = 1)", "hypervolume", 1],
    ["Mean rank", "mean rank"],
  ], {
    title: "Mean score, hypervolume and rank",
    n: metricOf(results, "start", MEAN).n,
    unit: "items",
  });
  const exact = metricDots(results, Object.keys(tabularRules), tabularName, [
    ["Falls (share of changes)", "harm", 0],
    ["Largest fall / gain", "ratio", 0],
    ["Gain of the mean", "gain", 0],
    ["Least gain of a reward", "least", 0],
    ["Hypervolume (start = 1)", "volume", 1],
    ["Mean rank", "rank"],
  ], {
    title: "The rules where gradients are exact",
    n: config.tabular.problems,
    unit: "problems",
  });
  const command = commandOf(results);
  const n = metricOf(results, "start", MEAN).n;
  return {
    tables,
    figures: [
      { name: "differences", figure: differences },
      { name: "standing", figure: standing },
      ...curveFigures,
      { name: "exact", figure: exact },
    ],
    sections: [
      {
        id: "reward-weighting",
        question: "Which rule should weigh the capabilities' rewards?",
        answer: `${ruleAnswer(results, record)} ${startAnswer(results)}`,
        table: tables[0]!.rows,
        tableCaption: tables[0]!.caption,
        figures: [differences, standing],
        method:
          `${config.rules.length} rules from one start, ${results.seeds.length} seeds, ${config.grpo.maxSteps} steps of ` +
          `${config.grpo.promptsPerStep} prompts and ${config.grpo.numGenerations} completions each; ${n} held-out items. ` +
          "Intervals by bootstrap over items and seeds; the rank is a rule's mean rank over the capabilities, 1 the best. " +
          "Hypervolume: the product of the scores, in units of the start's.",
        command,
      },
      {
        id: "reward-weighting-curves",
        question: "How do the rewards move while training?",
        answer:
          `In ${config.grpo.maxSteps} steps the mean reward of the sampled completions goes from first to last: ${
            config.rules.map((rule) => `${rule} ${movement(logs.get(rule)!)}`).join(", ")
          }.`,
        figures: curveFigures.map(({ figure }) => figure),
        method:
          "Rewards of the completions that were sampled for training, at the sampling temperature.",
        command,
      },
      {
        id: "reward-weighting-exact",
        question: "What do the rules do where gradients are exact?",
        answer: tabularAnswer(results),
        table: tables[1]!.rows,
        tableCaption: tables[1]!.caption,
        figures: [exact],
        method:
          `Softmax policies over ${config.tabular.answers} answers to ${config.tabular.prompts} prompts, four rewards with conflict ` +
          `${config.tabular.conflict}, ${config.tabular.steps} steps of ascent of size ${config.tabular.learningRate}; weights scaled to absolute sum 1, ` +
          "but for the margin variant, which also sets its step size.",
        command,
      },
    ],
  };
}

/** Mean reward in the first and in the last quarter of the steps. */
function movement(runs: readonly (readonly StepLog[])[]): string {
  const size = Math.max(1, Math.round(runs[0]!.length / 4));
  const mean = (part: readonly StepLog[]) => {
    const values = part.flatMap((log) =>
      capabilities.map((c) => log[`rewards/${c}/mean`]).filter((r) => r !== undefined)
    );
    return values.reduce((a, b) => a + b, 0) / values.length;
  };
  const over = (pick: (log: readonly StepLog[]) => readonly StepLog[]) =>
    runs.reduce((sum, log) => sum + mean(pick(log)), 0) / runs.length;
  return `${over((log) => log.slice(0, size)).toFixed(3)} to ${
    over((log) => log.slice(-size)).toFixed(3)
  }`;
}
