/** Tables, figures and sentences of the preference sweep. @module */

import type { Figure, Row } from "../../lib/figures/mod.ts";
import type { NamedTable, Presentation, ReportSection, ResultsOf } from "../core/experiment.ts";
import { commandOf } from "../core/results.ts";
import { modelText } from "../laboratory/model_text.ts";
import { testsMeaning } from "../laboratory/told_apart.ts";
import { counted } from "../stages/verdicts.ts";
import {
  comparedAnswer,
  cornerAnswer,
  frontAnswer,
  harmAnswer,
  hindsightAnswer,
  meanText,
  measureText,
  nouns,
} from "./answers_view.ts";
import type { paretoSchema } from "./config.ts";
import type { Ground, Mean, ParetoFindings, Single, SweptGround } from "./findings.ts";
import {
  frontFigure,
  measureFigure,
  pointMeans,
  preferencesOf,
  profileFigure,
  startMeans,
} from "./fronts_view.ts";
import { type MeasureName, measureNames, measures, parts, sweeps } from "./measures.ts";

type ParetoResults = ResultsOf<typeof paretoSchema>;

const groundNames: Readonly<Record<Ground, string>> = {
  model: "language model",
  tabular: "tabular problems",
};

const headOf = (measure: MeasureName): string => {
  const { title, unit } = measures[measure];
  return unit === "" ? title : `${title} (${unit})`;
};

function sweepRows(ground: SweptGround): Row[] {
  const shown = parts.flatMap((part) =>
    measureNames.filter((measure) =>
      ground.estimates.some((row) => row.part === part && row.measure === measure)
    ).map((measure) => ({ part, measure }))
  );
  return sweeps.map((sweep): Row => ({
    sweep,
    ...Object.fromEntries(shown.map(({ part, measure }) => [
      `${part === "train" ? "" : "held out: "}${headOf(measure)}`,
      measureText(ground, sweep, measure, part),
    ])),
  }));
}

function pointRows(ground: SweptGround, findings: ParetoFindings): Row[] {
  const row = (sweep: string, preference: string, means: ReturnType<typeof startMeans>): Row => ({
    sweep,
    preference,
    ...Object.fromEntries(findings.rewardNames.map((reward, i) => {
      const { mean: value, low, high, n } = means![i]!;
      return [reward, meanText({ value, low, high, n }, 1, 1)];
    })),
  });
  return [
    row("start", "\u2013", startMeans(ground, "train")),
    ...sweeps.flatMap((sweep) =>
      preferencesOf(sweep, findings.preferences).map(({ name }, k) =>
        row(sweep, name, pointMeans(ground, sweep, "train")![k])
      )
    ),
  ];
}

function singleRows({ singles }: SweptGround): Row[] {
  const text = (mean: Mean | null) => mean === null ? "\u2013" : meanText(mean, 2, 100);
  return singles.map((row: Single): Row => ({
    point: row.system,
    "worst-off (points)": text(row.least),
    "mean of the rewards (points)": text(row.gain),
    "worst-off less capability-aware": text(row.leastLess),
    "p (Holm) of the worst-off": row.leastLess?.p_holm ?? null,
    "mean less capability-aware": text(row.gainLess),
    "p (Holm) of the mean": row.gainLess?.p_holm ?? null,
    "held out: worst-off": text(row.heldOutLeast),
    "held out: mean": text(row.heldOutGain),
  }));
}

/** Tables of a ground. */
function tablesOf(ground: SweptGround, findings: ParetoFindings): NamedTable[] {
  const n = ground.units.length;
  const over = `${groundNames[ground.ground]}, means over ${counted(n, nouns[ground.ground])}${
    n === 1 ? "" : " with Student's 95 % intervals"
  }`;
  return [
    {
      name: `sweeps-${ground.ground}`,
      caption: `Every sweep: ${over}`,
      rows: sweepRows(ground),
    },
    {
      name: `points-${ground.ground}`,
      caption: `Mean rewards in per cent by preference: ${over}`,
      rows: pointRows(ground, findings),
    },
    {
      name: `equal-${ground.ground}`,
      caption: `At equal preference, and the best static preference in hindsight: ${over}`,
      rows: singleRows(ground),
    },
  ];
}

/** Figures of a ground by name. */
function figuresOf(ground: SweptGround, findings: ParetoFindings): Record<string, Figure> {
  const where = groundNames[ground.ground];
  const on = (part: "train" | "heldOut", words: string) =>
    frontFigure(ground, findings, part, `Fronts of every two rewards: ${where}${words}`);
  const isModel = ground.ground === "model";
  const heldOut = on("heldOut", ", held-out prompts");
  return {
    [`fronts-${ground.ground}`]: on("train", isModel ? ", training prompts" : "")!,
    ...heldOut !== undefined && { [`fronts-${ground.ground}-held-out`]: heldOut },
    [`measures-${ground.ground}`]: measureFigure(ground, `Volumes, harm and gain: ${where}`),
    ...isModel && Object.fromEntries(
      (["static", "capability-aware", "UPGrad"] as const).map((sweep) => [
        `profiles-${sweep}`,
        profileFigure(ground, findings, sweep),
      ]),
    ),
  };
}

type Section = Omit<ReportSection, "command">;

function modelSections(
  { config, seeds }: ParetoResults,
  findings: ParetoFindings,
  ground: SweptGround,
  [sweepTable, pointTable, singleTable]: readonly NamedTable[],
  figures: Readonly<Record<string, Figure>>,
): Section[] {
  const { trainer, preferences } = config;
  const profiles = Object.entries(figures).filter(([name]) => name.startsWith("profiles"));
  const rest = Object.entries(figures).filter(([name]) => !name.startsWith("profiles"));
  return [
    {
      id: "pareto",
      question: "What does a preference among the capabilities buy?",
      answer: [
        harmAnswer(ground, "train"),
        comparedAnswer(ground, "train"),
        frontAnswer(ground, findings.preferences),
        harmAnswer(ground, "heldOut"),
        comparedAnswer(ground, "heldOut"),
      ].filter((sentence) => sentence !== "").join(" "),
      table: sweepTable!.rows,
      tableCaption: sweepTable!.caption,
      figures: rest.map(([, figure]) => figure),
      method: `${findings.preferences.length} preferences, no weight below ${preferences.least}; ${
        modelText(config)
      }; ${
        counted(trainer.steps, "step")
      } of AdamW with exact gradients, learning rate ${trainer.learningRate}, in one order of the optimizer for all; ${
        counted(seeds.length, "replicate")
      }, paired. A soup is the mean of the static corners' parameters. ${testsMeaning}`,
    },
    {
      id: "pareto-points",
      question: "Where does each preference lead, and would another static one have done?",
      answer: `${cornerAnswer(ground)} ${hindsightAnswer(ground)}`,
      table: singleTable!.rows,
      tableCaption: singleTable!.caption,
      figures: profiles.map(([, figure]) => figure),
      method:
        `${pointTable!.caption}: in the table ${
          pointTable!.name
        }. Hindsight: in each replicate the static run ` +
        "that harms nobody at its end, or least, and of those that harm nobody the one with the largest gain of the mean.",
    },
  ];
}

function tabularSection(
  { config: { tabular } }: ParetoResults,
  findings: ParetoFindings,
  ground: SweptGround,
  [table]: readonly NamedTable[],
  figures: Readonly<Record<string, Figure>>,
): Section {
  return {
    id: "pareto-tabular",
    question: "How near do the sweeps come to the exact front where every policy can be made?",
    answer: [
      harmAnswer(ground, "train"),
      comparedAnswer(ground, "train"),
      frontAnswer(ground, findings.preferences),
      hindsightAnswer(ground),
    ].join(" "),
    table: table!.rows,
    tableCaption: table!.caption,
    figures: Object.values(figures),
    method:
      `Softmax policies over ${tabular.answers} answers to ${tabular.prompts} prompts, ${findings.rewardNames.length} rewards ` +
      `with conflict ${tabular.conflict} (0: independent, 1: as opposed as they can be), ${
        counted(ground.units.length, "problem")
      }, ${
        counted(tabular.steps, "step")
      } of exact ascent of size ${tabular.learningRate} with weights of absolute sum 1. ${testsMeaning}`,
  };
}

/**
 * Tables, figures and sections of the report.
 *
 * @param results what stands in results.json
 * @param findings what stands in findings.json
 * @returns what is shown
 */
export function viewPareto(results: ParetoResults, findings: ParetoFindings): Presentation {
  const command = commandOf(results);
  const shown = findings.grounds.map((ground) => ({
    ground,
    tables: tablesOf(ground, findings),
    figures: figuresOf(ground, findings),
  }));
  const sections = shown.flatMap(({ ground, tables, figures }) =>
    ground.ground === "model"
      ? modelSections(results, findings, ground, tables, figures)
      : [tabularSection(results, findings, ground, tables, figures)]
  );
  return {
    tables: shown.flatMap(({ tables }) => tables),
    figures: shown.flatMap(({ figures }) =>
      Object.entries(figures).map(([name, figure]) => ({ name, figure }))
    ),
    sections: sections.map((section) => ({ ...section, command })),
  };
}
