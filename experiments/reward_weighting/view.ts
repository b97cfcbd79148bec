/** Tables, figures and sentences of the comparison of weighting rules. @module */

import { preservationRatio, SOFTMAX_SMOOTHNESS } from "../../lib/balance/mod.ts";
import type { Row } from "../../lib/figures/mod.ts";
import type {
  NamedFigure,
  NamedTable,
  Presentation,
  ReportSection,
  ResultsOf,
} from "../core/experiment.ts";
import { commandOf } from "../core/results.ts";
import { modelText } from "../laboratory/model_text.ts";
import { testsMeaning } from "../laboratory/told_apart.ts";
import { capital, counted, listed } from "../stages/verdicts.ts";
import {
  boundAnswer,
  comparedAnswer,
  harmAnswer,
  hindsightAnswer,
  rankAnswer,
} from "./answers_view.ts";
import type { weightingSchema } from "./config.ts";
import { curveFigures } from "./curves_view.ts";
import type { Ground, Setting, WeightingFindings } from "./findings.ts";
import { trainerParts } from "./parts.ts";
import {
  differenceFigure,
  differenceRows,
  nounOf,
  outcomeFigure,
  outcomeRows,
} from "./setting_view.ts";

type WeightingResults = ResultsOf<typeof weightingSchema>;

/** Tables and figures of a setting. */
interface Shown {
  readonly setting: Setting;
  readonly outcomes: NamedTable;
  readonly differences: NamedTable;
  readonly figures: readonly NamedFigure[];
}

/** How grounds are called in titles. */
const groundNames: Readonly<Record<Ground, string>> = {
  model: "Rules on the language model",
  trainer: "Settings of the trainer on the language model",
  tabular: "Rules on tabular problems",
};

/** What a setting of the trainer is about. */
function partOf(system: string): Row {
  return { part: trainerParts[system as keyof typeof trainerParts].part };
}

function show(setting: Setting): Shown {
  const { ground, preference, n } = setting;
  const title = `${groundNames[ground]}, preference ${preference.name}`;
  const id = `${ground}-${preference.name}`;
  const over = `means over ${counted(n, nounOf(setting))}${
    n === 1 ? "" : " with Student's 95 % intervals"
  }`;
  return {
    setting,
    outcomes: {
      name: id,
      caption: `${title}: ${over}`,
      rows: outcomeRows(setting, ground === "trainer" ? partOf : undefined),
    },
    differences: {
      name: `${id}-differences`,
      caption: `${title}: paired differences, ${over}; p values with Holm's correction`,
      rows: differenceRows(setting),
    },
    figures: [
      { name: id, figure: outcomeFigure(setting, title) },
      {
        name: `${id}-differences`,
        figure: differenceFigure(setting, `${title}: paired differences`),
      },
    ],
  };
}

const told = [
  ["static", "least"],
  ["static", "gain"],
  ["capability-aware", "least"],
  ["capability-aware", "gain"],
  ["static", "held_out_least"],
] as const;

/** The answer of a setting of rules. */
function rulesAnswer(setting: Setting, bound: number): string {
  return [
    `Preference ${setting.preference.name}.`,
    harmAnswer(setting),
    boundAnswer(setting, bound),
    comparedAnswer(setting, told),
    rankAnswer(setting),
    hindsightAnswer(setting),
  ].filter((sentence) => sentence !== "").join(" ");
}

/** What the runs on the language model are. */
function runsText({ config, seeds }: WeightingResults, { rewardNames }: WeightingFindings): string {
  return `${capital(modelText(config))}; ${rewardNames.length} rewards; ${
    counted(seeds.length, "replicate")
  }, paired`;
}

function ruleSection(
  results: WeightingResults,
  findings: WeightingFindings,
  shown: readonly Shown[],
): Omit<ReportSection, "command"> {
  const { config } = results;
  const { ascent, pilot } = config;
  return {
    id: "reward-weighting",
    question: "Which rule should weigh the capabilities' rewards?",
    answer: shown.map(({ setting }) => rulesAnswer(setting, preservationRatio(ascent.c))).join(" "),
    table: shown[0]!.outcomes.rows,
    tableCaption: shown[0]!.outcomes.caption,
    figures: shown.flatMap(({ figures }) => figures.map(({ figure }) => figure)),
    method:
      `${runsText(results, findings)}. ${
        counted(ascent.steps, "step")
      } of exact ascent of size c / L, c = ${ascent.c}, in the fixed metric of a pilot (${
        counted(pilot.steps, "step")
      } of Adam), without momentum; L grows fourfold, up to ${ascent.growths} times, where static weights meet a larger effective ` +
      "smoothness; weights scaled to absolute sum 1, but for the margin variant, which sets its step size. " +
      `${testsMeaning} Forms of the advantage are compared by the experiments advantages and surrogate (Theorem 8), gates and ` +
      "halves, which matter only with noise, by exact-lm (study 3) and sampled.",
  };
}

function trainerSection(
  results: WeightingResults,
  findings: WeightingFindings,
  { setting, outcomes, figures }: Shown,
): Omit<ReportSection, "command"> {
  const { trainer } = results.config;
  return {
    id: "reward-weighting-trainer",
    question: "What does each part of the trainer's capability-aware weights do?",
    answer: [
      harmAnswer(setting),
      comparedAnswer(setting, [
        ["capability-aware", "falls"],
        ["capability-aware", "least"],
        ["capability-aware", "gain"],
      ]),
      sameAnswer(setting),
    ].filter((sentence) => sentence !== "").join(" "),
    table: outcomes.rows,
    tableCaption: outcomes.caption,
    figures: figures.map(({ figure }) => figure),
    method:
      `${runsText(results, findings)}. ${
        counted(trainer.steps, "step")
      } of AdamW with exact gradients by the trainer, learning rate ${trainer.learningRate}, largest norm ${trainer.maxGradNorm}; ` +
      "capability-aware is the trainer's default (weights of this step, momentum known, solved at every step), static " +
      `is in its order of the optimizer. ${testsMeaning}`,
  };
}

/** Settings that end where the default does in every replicate: what they set did not act. */
function sameAnswer({ systems, outcomes }: Setting): string {
  const same = systems.filter((system) =>
    system !== "capability-aware" &&
    outcomes[system]!.every((outcome, k) =>
      (["gain", "least", "falls"] as const).every((measure) =>
        outcome[measure] === outcomes["capability-aware"]![k]![measure]
      )
    )
  );
  return same.length === 0 ? "" : `The same as the default in every run: ${listed(same)}.`;
}

function tabularSection(
  results: WeightingResults,
  { rewardNames }: WeightingFindings,
  shown: readonly Shown[],
): Omit<ReportSection, "command"> {
  const { prompts, answers, conflict, steps, learningRate } = results.config.tabular;
  const bound = preservationRatio(learningRate * SOFTMAX_SMOOTHNESS / prompts);
  return {
    id: "reward-weighting-exact",
    question: "What do the rules do where gradients and curvature are known?",
    answer: shown.map(({ setting }) => rulesAnswer(setting, bound)).join(" "),
    table: shown[0]!.outcomes.rows,
    tableCaption: shown[0]!.outcomes.caption,
    figures: shown.flatMap(({ figures }) => figures.map(({ figure }) => figure)),
    method:
      `Softmax policies over ${answers} answers to ${prompts} prompts, ${rewardNames.length} rewards with conflict ${conflict}, ${
        counted(shown[0]!.setting.n, "problem")
      }, ${
        counted(steps, "step")
      } of ascent of size ${learningRate}; the same rules, scaling and measures. ${testsMeaning}`,
  };
}

/**
 * Tables, figures and sections of the report.
 *
 * @param results what stands in results.json
 * @param findings what stands in findings.json
 * @returns what is shown
 */
export function viewWeighting(
  results: WeightingResults,
  findings: WeightingFindings,
): Presentation {
  const shown = findings.settings.map(show);
  const on = (ground: Ground) => shown.filter(({ setting }) => setting.ground === ground);
  const [model, trainer, tabular] = [on("model"), on("trainer"), on("tabular")];
  const last = model.at(-1)!.setting.preference.name;
  const curves = curveFigures(findings, last);
  const command = commandOf(results);
  const sections = [
    ruleSection(results, findings, model),
    {
      id: "reward-weighting-curves",
      question: "How do the rewards move on the way?",
      answer: `Mean rewards of the training prompts over the steps, at the preference ${last}.`,
      figures: curves.map(({ figure }) => figure),
      method: "A line below 0 is a reward below its start. Bands are over replicates, not paired.",
    },
    ...trainer.map((one) => trainerSection(results, findings, one)),
    tabularSection(results, findings, tabular),
  ];
  return {
    tables: shown.flatMap(({ outcomes, differences }) => [outcomes, differences]),
    figures: [...shown.flatMap(({ figures }) => figures), ...curves],
    sections: sections.map((section) => ({ ...section, command })),
  };
}
