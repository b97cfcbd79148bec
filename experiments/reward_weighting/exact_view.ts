/** What the rules do on the exact problems: table, figure and sentences. @module */

import { average, signTest, wilsonInterval } from "../../lib/evaluation/mod.ts";
import { formatShare, type Row } from "../../lib/figures/mod.ts";
import type { Results } from "../../lib/runs/mod.ts";
import { capabilities } from "../../lib/synthesis/mod.ts";
import type { NamedFigure, NamedTable, ReportSection } from "../core/experiment.ts";
import { detectableDifference } from "../stages/statistics.ts";
import { counted, listed, shareOf, withInterval } from "../stages/verdicts.ts";
import type { WeightingConfig } from "./config.ts";
import { metricDots, metricOf } from "./dots_view.ts";
import { type ExactRule, tabularName, type WeightingFindings } from "./findings.ts";

/** Level of the sign tests. */
const LEVEL = 0.05;

/** Rounding of rewards of size 1 after some hundred steps. */
const ROUNDING = 1e-9;

type Metrics = Pick<Results, "metrics">;

const columns: Readonly<Record<string, readonly [key: string, digits: number]>> = {
  "steps that lower a reward (%)": ["harm", 1],
  "largest fall / gain": ["ratio", 4],
  "gain of the mean": ["gain", 4],
  "least gain of a reward": ["least", 4],
  "hypervolume (start = 1)": ["volume", 3],
  "mean rank": ["rank", 1],
};

/** A metric of a rule with its interval; a dash where no problem has it. */
function cell(results: Metrics, rule: string, key: string, digits: number, factor = 1): string {
  const m = metricOf(results, tabularName(rule), key);
  return m === undefined ? "\u2013" : withInterval(m.mean, m, digits, factor);
}

function exactRows(results: Metrics, { exact }: WeightingFindings): Row[] {
  return exact.map(({ rule }): Row => ({
    rule,
    ...Object.fromEntries(
      Object.entries(columns).map(([column, [key, digits]]) => [
        column,
        cell(results, rule, key, digits, key === "harm" ? 100 : 1),
      ]),
    ),
  }));
}

/** Which rules never lowered a reward, out of how many problems. */
function harmAnswer(exact: readonly ExactRule[]): string {
  const harmless = exact.filter(({ harm }) => harm.every((share) => share === 0));
  const others = exact.length - harmless.length;
  if (harmless.length === 0) {
    return "With exact gradients every rule lowers a reward in some step of some problem.";
  }
  return `With exact gradients ${
    others === 0 ? "no rule" : `none of ${listed(harmless.map(({ rule }) => rule))}`
  } ever lowers a reward: each does so in ${shareOf(0, exact[0]!.harm.length, "problem")}${
    others === 0 ? "" : `; ${others === 1 ? "one other rule does" : `${others} other rules do`}`
  }.`;
}

/** How one rule's number stands to another's, problem by problem. */
interface ByProblem {
  /** Told apart when the sign test says so. */
  readonly side: "larger" | "smaller" | undefined;
  /** In how many problems it is larger. */
  readonly text: string;
}

/** Compares by problem; where a rule has no number, or both are equal, a problem tells nothing. */
function byProblem(a: readonly (number | null)[], b: readonly (number | null)[]): ByProblem {
  const differences = a.flatMap((x, k) => {
    const y = b[k]!;
    return x === null || y === null || Math.abs(x - y) < ROUNDING ? [] : [x - y];
  });
  if (differences.length === 0) return { side: undefined, text: "equal in every problem" };
  const larger = differences.filter((x) => x > 0).length;
  const { p, above, below, least } = signTest(differences);
  const side = p >= LEVEL ? undefined : above < below ? "larger" : "smaller";
  const power = 0.5 + detectableDifference(wilsonInterval(larger, differences.length));
  const open = least >= LEVEL
    ? `; so few problems cannot reach p < ${LEVEL}`
    : `; detectable from ${formatShare(power, 0)} % of the problems on`;
  return {
    side,
    text: `larger in ${shareOf(larger, differences.length, "problem")}, p = ${formatP(p)}${
      side === undefined ? open : ""
    }`,
  };
}

/** A p value for a sentence. */
const formatP = (p: number): string => p < 1e-3 ? p.toExponential(0) : p.toFixed(3);

const named = (exact: readonly ExactRule[], rule: string): ExactRule =>
  exact.find((row) => row.rule === rule)!;

/** Falls under capability-aware weights against those under static weights. */
function fallAnswer(results: Metrics, exact: readonly ExactRule[]): string {
  const [fixed, aware] = [named(exact, "static"), named(exact, "capability-aware")];
  const { text, side } = byProblem(aware.ratio, fixed.ratio);
  const falls = ({ rule, harm }: ExactRule) =>
    `${
      formatShare(average(harm))
    } % of the changes are falls and the largest total fall of a reward is ${
      cell(results, rule, "ratio", 3)
    } of the gain`;
  return `Under static weights ${falls(fixed)}; under capability-aware weights ${falls(aware)}: ${
    side === undefined ? "not told apart" : side
  } relative to the gain (${text}).`;
}

/** The rule with the largest mean of a number, against the next one and against static weights. */
function leaderAnswer(
  results: Metrics,
  exact: readonly ExactRule[],
  key: "volume" | "least",
  what: string,
): string {
  const [best, next] = exact.toSorted((a, b) => average(b[key]) - average(a[key]));
  const fixed = named(exact, "static");
  const value = ({ rule }: ExactRule) => `${rule}, ${cell(results, rule, key, 3)}`;
  const against = (other: ExactRule) => {
    const { side, text } = byProblem(best![key], other[key]);
    return `${side === undefined ? "not told apart from" : `${side} than`} that of ${
      value(other)
    } (${text})`;
  };
  const others = [next!, ...(next === fixed || best === fixed ? [] : [fixed])];
  return `${what} ${value(best!)}; by problem it is ${others.map(against).join(" and ")}.`;
}

/**
 * Table, figure and section on the exact problems.
 *
 * @param results the metrics
 * @param config options of the problems
 * @param findings what the rules did
 * @param command that makes them again
 * @returns the parts of the presentation
 */
export function viewExact(
  results: Metrics,
  config: WeightingConfig["tabular"],
  findings: WeightingFindings,
  command: string,
): { readonly table: NamedTable; readonly figure: NamedFigure; readonly section: ReportSection } {
  const { exact } = findings;
  const problems = exact[0]!.harm.length;
  const table = {
    name: "exact",
    caption: `${counted(problems, "exact problem")}, means with 95 % intervals over them`,
    rows: exactRows(results, findings),
  };
  const figure = metricDots(results, exact.map(({ rule }) => rule), tabularName, [
    ["Falls (share of changes)", "harm", 0],
    ["Largest fall / gain", "ratio", 0],
    ["Gain of the mean", "gain", 0],
    ["Least gain of a reward", "least", 0],
    ["Hypervolume (start = 1)", "volume", 1],
    ["Mean rank", "rank"],
  ], { title: "The rules where gradients are exact", n: problems, unit: "problems" });
  return {
    table,
    figure: { name: "exact", figure },
    section: {
      id: "reward-weighting-exact",
      question: "What do the rules do where gradients are exact?",
      answer: [
        harmAnswer(exact),
        fallAnswer(results, exact),
        leaderAnswer(results, exact, "volume", "The largest hypervolume is that of"),
        leaderAnswer(results, exact, "least", "The least gain of a reward is largest under"),
      ].join(" "),
      table: table.rows,
      tableCaption: table.caption,
      figures: [figure],
      method:
        `Softmax policies over ${config.answers} answers to ${config.prompts} prompts, ${capabilities.length} rewards ` +
        `with conflict ${config.conflict}, ${config.steps} steps of ascent of size ${config.learningRate}; weights scaled ` +
        "to absolute sum 1, but for the margin variant, which also sets its step size. By problem: the share of the problems " +
        "in which the one number is larger than the other, without those in which they are equal, with Wilson's 95 % interval; " +
        "told apart by the exact sign test, two-sided, p < 0.05, not corrected for the number of comparisons.",
      command,
    },
  };
}
