/** Tables, figures and sentences of the experiment on sampled answers. @module */

import type { Row } from "../../lib/figures/mod.ts";
import type { Presentation, ReportSection, ResultsOf } from "../core/experiment.ts";
import { commandOf } from "../core/results.ts";
import { counted, detectableMeaning, minus, withInterval } from "../stages/verdicts.ts";
import { AWARE, CONTROL } from "./arms.ts";
import type { sampledSchema } from "./config.ts";
import type { SampledFindings } from "./findings.ts";
import { LEVEL } from "./hypotheses.ts";
import { outcomeNames, parts } from "./outcomes.ts";
import {
  armSentence,
  harmSentence,
  hypothesisSentence,
  loggedSentence,
  noiseSentence,
  outcomeSentence,
  outsideSentence,
  signalSentence,
} from "./view_answers.ts";
import { fullPrompts, sampledFigures } from "./view_figures.ts";

type SampledResults = ResultsOf<typeof sampledSchema>;

const POINTS = 100;

function hypothesisRows({ hypotheses }: SampledFindings): Row[] {
  return hypotheses.map((
    { id, statement, estimate, low, high, p, holm, n, above, holds },
  ): Row => ({
    hypothesis: id,
    statement,
    "above the bound (points)": withInterval(estimate, { low, high }, 1, POINTS),
    "replicates above": `${above} of ${n}`,
    p: p.toFixed(3),
    "p (Holm)": holm.toFixed(3),
    holds: holds ? "yes" : "no",
  }));
}

function outcomeRows({ conditions }: SampledFindings): Row[] {
  return conditions.map(({ arm, preference, prompts, outcomes, harm, outside }): Row => ({
    arm,
    preference,
    prompts,
    ...Object.fromEntries(outcomes.map(({ part, outcome, estimate }) => [
      `${outcome}, ${part} (points)`,
      withInterval(estimate.value, estimate, 1, POINTS),
    ])),
    "harmful steps": harm.steps === 0 ? null : `${harm.harmful} of ${harm.steps}`,
    "least cosine": harm.mean === null ? null : minus(harm.mean.toFixed(2)),
    "outside at the end (%)": (POINTS * outside.end).toFixed(1),
  }));
}

function signalRows(findings: SampledFindings): Row[] {
  const { rewards, start, conditions } = findings;
  const numbers = [...new Set(conditions.map(({ prompts }) => prompts))];
  return [
    ...numbers.map((prompts): Row => ({
      where: "start, exact",
      prompts,
      ...Object.fromEntries(rewards.map((name, i) => {
        const { mean, low, high } = start.signal[i]!;
        return [name, withInterval(mean, { low, high }, 2, prompts)];
      })),
    })),
    ...conditions.flatMap(({ arm, preference, prompts, signal }) =>
      signal.map(({ step, ratios }): Row => ({
        where: `${arm}, ${preference}, after ${counted(step, "step")}, exact`,
        prompts,
        ...Object.fromEntries(rewards.map((name, i) => [name, minus(ratios[i]!.toFixed(2))])),
      }))
    ),
    ...conditions.filter(({ logged }) => logged.some((x) => x !== null)).map(
      ({ arm, preference, prompts, logged }): Row => ({
        where: `${arm}, ${preference}, logged`,
        prompts,
        ...Object.fromEntries(rewards.map((name, i) => [
          name,
          logged[i] === null || logged[i] === undefined ? null : minus(logged[i]!.toFixed(2)),
        ])),
      }),
    ),
  ];
}

function differenceRows({ differences }: SampledFindings): Row[] {
  return differences.map((
    { arm, preference, prompts, part, outcome, estimate, replicates },
  ): Row => ({
    arm,
    preference,
    prompts,
    part,
    outcome,
    "difference (points)": withInterval(estimate.value, estimate, 1, POINTS),
    "replicates below 0": `${replicates.filter((x) => x < 0).length} of ${replicates.length}`,
  }));
}

/** How everything was set up, for methods. */
function methodText({ config }: SampledResults, findings: SampledFindings): string {
  const { grpo, model, dial, preferences } = config;
  const { prompts, replicates, judged, resamples, tasks } = findings;
  const named = preferences.map(({ name, weights }) => `${name} (${weights.join(", ")})`).join(
    ", ",
  );
  return `${counted(replicates, "replicate")} of model ${model}, each a start of ${
    counted(config.sft.maxSteps, "step")
  } of supervised fine-tuning on closed answers taken at random, with ${prompts.train} prompts to train on and ${prompts.heldOut} ` +
    `held out, of ${counted(tasks.length, "task")}, dial ${dial}. ${
      counted(grpo.maxSteps, "step")
    } of GRPO on free text, ${grpo.numGenerations} completions a prompt, preferences ${named}. Values are sums over the closed ` +
    `answers of probability times reward after steps ${
      judged.join(", ")
    }: nothing in them is sampled. Intervals: ${
      resamples.toLocaleString("en")
    } resamples of replicates and, in each, prompts, the same for all arms. ${detectableMeaning}`;
}

function sectionsOf(
  results: SampledResults,
  findings: SampledFindings,
  tables: Readonly<Record<"hypotheses" | "outcomes" | "signal" | "differences", readonly Row[]>>,
  figures: Presentation["figures"],
): ReportSection[] {
  const command = commandOf(results);
  const named = (start: string) =>
    figures.filter(({ name }) => name.startsWith(start)).map(({ figure }) => figure);
  const { hypotheses } = findings;
  const numbers = [...new Set(findings.conditions.map(({ prompts }) => prompts))];
  return [
    {
      id: "sampled",
      question: "Does CA-GRPO on sampled answers keep rewards from falling, and at what price?",
      answer: [
        ...hypotheses.map((found) => hypothesisSentence(found, hypotheses.length)),
        signalSentence(findings, fullPrompts(findings)),
        outcomeSentence(findings, "largest fall"),
        outcomeSentence(findings, "gain"),
      ].join(" "),
      table: tables.hypotheses,
      tableCaption: "Claims that were stated before the run",
      figures: named("changes"),
      method: methodText(results, findings) +
        ` A claim holds if the interval lies above 0 and the one-sided exact sign test over the replicates is at most ${LEVEL} ` +
        `after Holm's correction for ${counted(hypotheses.length, "claim")}.`,
      command,
    },
    {
      id: "sampled-arms",
      question: `How do the arms differ from ${CONTROL} weights with the same loss?`,
      answer: [
        ...outcomeNames.flatMap((outcome) =>
          parts.map((part) => armSentence(findings, outcome, part))
        ),
        outsideSentence(findings),
      ].join(" "),
      table: tables.outcomes,
      tableCaption: "What became of the rewards",
      figures: [...named("differences"), ...named("weights")],
      method:
        `All arms start from the same parameters with the same prompts and seeds. But for GRPO, which differs in advantages, loss and ` +
        "optimizer, they differ from the control in the weights alone.",
      command,
    },
    {
      id: "sampled-noise",
      question: "How much of it is left when gradients are noisy?",
      answer: [
        ...numbers.map((prompts) => signalSentence(findings, prompts)),
        loggedSentence(findings),
        noiseSentence(findings),
        harmSentence(findings),
      ].join(" "),
      table: tables.signal,
      tableCaption: "Signal to noise of the rewards' gradients in the optimizer's metric",
      figures: named("noise"),
      method:
        "Exact signal to noise: n |g|^2 / C with the exact gradient g of a reward's mean and C the variance of one prompt's " +
        "estimate, over prompts and completions, from a fresh draw of completions of every trained prompt. Brackets: range over " +
        `the replicates. Harm: cosine of the step that was made with the exact gradients at its start, in the step's metric; ${AWARE} ` +
        "weights know the gradients' estimates alone.",
      command,
    },
  ];
}

/**
 * Shows a run.
 *
 * @param results what stands in results.json
 * @param findings what stands in findings.json
 * @returns tables, figures and sections of the report
 */
export function viewSampled(results: SampledResults, findings: SampledFindings): Presentation {
  const tables = {
    hypotheses: hypothesisRows(findings),
    outcomes: outcomeRows(findings),
    signal: signalRows(findings),
    differences: differenceRows(findings),
  };
  const weightsOf = (name: string) =>
    results.config.preferences.find((preference) => preference.name === name)?.weights ?? [];
  const figures = sampledFigures(findings, weightsOf);
  const captions: Readonly<Record<keyof typeof tables, string>> = {
    hypotheses: "Claims that were stated before the run",
    outcomes: "What became of the rewards",
    signal: "Signal to noise of the rewards' gradients",
    differences: `Paired differences from ${CONTROL} weights`,
  };
  return {
    tables: (Object.keys(tables) as (keyof typeof tables)[]).map((name) => ({
      name,
      caption: captions[name],
      rows: tables[name],
    })),
    figures,
    sections: sectionsOf(results, findings, tables, figures),
  };
}
