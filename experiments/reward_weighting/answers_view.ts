/** What a setting says, in sentences. @module */

import { toldApart } from "../laboratory/told_apart.ts";
import { counted, listed, shareOf } from "../stages/verdicts.ts";
import { type Baseline, HINDSIGHT, type Setting } from "./findings.ts";
import { type ComparedName, measures } from "./measures.ts";
import { estimateOf, meanText, nounOf } from "./setting_view.ts";

/** The rules themselves, without the row of hindsight. */
const rulesOf = ({ systems }: Setting): string[] =>
  systems.filter((system) => system !== HINDSIGHT);

/** Systems that lower no reward in any step of any replicate or problem. */
function harmless(setting: Setting, measure: "harmful" | "first_order"): string[] {
  return rulesOf(setting).filter((system) =>
    setting.outcomes[system]!.every((outcome) => outcome[measure] === 0)
  );
}

/** Which systems never harm, and of how many. */
function harmlessText(
  setting: Setting,
  measure: "harmful" | "first_order",
  what: string,
): string {
  const names = harmless(setting, measure);
  const all = counted(setting.n, nounOf(setting));
  const others = rulesOf(setting).filter((system) => !names.includes(system));
  const some = others.length > 3 ? `the other ${others.length}` : listed(others);
  return names.length === 0
    ? `${what} in some step of ${all} under every one of ${others.length}`
    : others.length === 0
    ? `${what} in no step of ${all} under any of ${names.length}`
    : `${what} in no step of ${all} under ${listed(names)}, in some step under ${some}`;
}

/**
 * How often and by how much the baselines harm, and who never does.
 *
 * @param setting what was measured
 * @returns sentences
 */
export function harmAnswer(setting: Setting): string {
  const of = (system: string) =>
    `${system} ${meanText(setting, system, "harmful")} %, falls of ${
      meanText(setting, system, "falls")
    } points in sum`;
  return `Steps that lower a reward: ${of("static")}; ${of("capability-aware")}. ${
    harmlessText(setting, "harmful", "A reward falls beyond rounding")
  }. ${harmlessText(setting, "first_order", "A reward is harmed to first order")}.`;
}

/**
 * In how many replicates a reward falls by more, relative to the gain, than Theorem 7b allows capability-aware weights.
 *
 * @param setting what was measured
 * @param bound c / (2 - c)
 * @returns a sentence
 */
export function boundAnswer(setting: Setting, bound: number): string {
  const above = (system: string) => {
    const broken =
      setting.outcomes[system]!.filter(({ ratio }) =>
        ratio === null || ratio === undefined || ratio > bound
      ).length;
    return shareOf(broken, setting.n, nounOf(setting));
  };
  const rough =
    setting.outcomes["capability-aware"]!.filter(({ smoothness }) => smoothness! > 1).length;
  return `A reward falls by more than c / (2 - c) = ${
    bound.toFixed(3)
  } of what the preferred sum gains, the bound of Theorem 7b for capability-aware weights, in ${
    above("static")
  } under static and in ${above("capability-aware")} under capability-aware weights, ${
    rough === 0
      ? "none of which is less smooth than the L that sets the step"
      : `${rough} of which ${
        rough === 1 ? "is" : "are"
      } less smooth than the L that sets the step, so that the bound does not speak of ${
        rough === 1 ? "it" : "them"
      }`
  }.`;
}

/**
 * Who differs from static and from capability-aware weights, and in what.
 *
 * @param setting what was compared
 * @param pairs baselines with the measures that are told
 * @returns sentences
 */
export function comparedAnswer(
  setting: Setting,
  pairs: readonly (readonly [baseline: Baseline, measure: ComparedName])[],
): string {
  return toldApart(
    pairs.map(([baseline, measure]) => ({
      label: `${measures[measure].title} against ${baseline}`,
      style: measures[measure],
      family: setting.differences.filter((row) =>
        row.baseline === baseline && row.measure === measure
      ).map((row) => ({ ...row, name: row.system })),
    })),
    nounOf(setting),
  );
}

/**
 * Whose rank is best, with whose intervals lie clear of it.
 *
 * @param setting what was measured
 * @returns a sentence
 */
export function rankAnswer(setting: Setting): string {
  const rows = rulesOf(setting).map((system) => estimateOf(setting, system, "rank")!);
  const first = rows.reduce((a, b) => b.value < a.value ? b : a);
  const clear = rows.filter(({ low }) => low > first.high);
  return setting.n === 1
    ? `With one ${nounOf(setting)} ranks say nothing.`
    : `The best mean rank is that of ${first.system}, ${
      meanText(setting, first.system, "rank")
    } of ${rows.length}; ${
      clear.length === 0
        ? "no other interval lies clear of it"
        : `clear of it ${clear.length === 1 ? "lies that" : "lie those"} of ${
          clear.length > 4 ? `${clear.length} others` : listed(clear.map(({ system }) => system))
        }`
    }.`;
}

/**
 * What a static preference would have given that had been chosen knowing where each leads.
 *
 * @param setting what was measured
 * @returns a sentence; an empty text where there was no choice
 */
export function hindsightAnswer(setting: Setting): string {
  if (setting.chosen.length === 0) return "";
  const counts = Object.entries(Object.groupBy(setting.chosen, (name) => name))
    .map(([name, found]) => `${name} ${found!.length}`);
  const harmed = setting.outcomes[HINDSIGHT]!.filter(({ harmful }) => harmful !== 0).length;
  return `The static preference that harms nobody at the end, or least, chosen in hindsight in each ${
    nounOf(setting)
  } (${listed(counts)}), lowers a reward on the way in ${
    shareOf(harmed, setting.n, nounOf(setting))
  }; the worst-off reward changes by ${
    meanText(setting, HINDSIGHT, "least")
  } and the preferred sum by ${
    meanText(setting, HINDSIGHT, "gain")
  } points, under capability-aware weights by ${
    meanText(setting, "capability-aware", "least")
  } and ${meanText(setting, "capability-aware", "gain")}.`;
}
