/** Tables, figures and sentences of the experiment on sampled answers. @module */

import type { Row } from "../../lib/figures/mod.ts";
import type { Presentation, ReportSection, ResultsOf } from "../core/experiment.ts";
import { commandOf } from "../core/results.ts";
import { counted, detectableMeaning } from "../stages/verdicts.ts";
import { AWARE, CONTROL } from "./arms.ts";
import { preferenceOf, type sampledSchema } from "./config.ts";
import type { SampledFindings } from "./findings.ts";
import { LEVEL } from "./hypotheses.ts";
import { parts } from "./outcomes.ts";
import {
  armSentence,
  harmSentence,
  hypothesisSentence,
  loggedSentence,
  noiseSentence,
  outcomeSentence,
  outsideSentence,
  signalSentence,
  startSentence,
} from "./view_answers.ts";
import { sampledFigures } from "./view_figures.ts";
import { differenceRows, hypothesisRows, outcomeRows, signalRows } from "./view_tables.ts";
import { fullPrompts } from "./wording.ts";

type SampledResults = ResultsOf<typeof sampledSchema>;

/** Names of the tables, in their order, with what they show. */
const captions = {
  claims: "Claims that were stated before the run",
  outcomes: "What became of the rewards",
  signal: "Signal to noise of the rewards' gradients in the optimizer's metric",
  differences: `Paired differences from ${CONTROL} weights`,
} as const;

type Tables = Readonly<Record<keyof typeof captions, readonly Row[]>>;

/** How the starts were made. */
function startText({ config: { start, model } }: SampledResults): string {
  if (start === undefined) return `model ${model} as it is`;
  const answers = start.answers === "all" ? "all answers" : "one answer drawn at random";
  const of = start.heldOut ? "the prompts, the held-out ones among them" : "the trained prompts";
  return `model ${model} after ${
    counted(start.maxSteps, "step")
  } of supervised fine-tuning on ${answers} to ${of}`;
}

/** How everything was set up, for methods. */
function methodText(results: SampledResults, findings: SampledFindings): string {
  const { grpo, dial, preferences } = results.config;
  const { prompts, replicates, judged, resamples, tasks, protocol, hypotheses } = findings;
  const weights = preferences.map((name) =>
    `${name} (${preferenceOf(name).weights.map((w) => Number(w.toFixed(3))).join(", ")})`
  );
  return [
    `${counted(replicates, "replicate")}, each with its own start (${
      startText(results)
    }) and its own draw of ${
      counted(prompts.train, "prompt")
    } to train on and ${prompts.heldOut} held out, from ${
      counted(tasks.length, "task")
    }, dial ${dial}.`,
    `${
      counted(grpo.maxSteps, "step")
    } of GRPO on sampled text, ${grpo.numGenerations} completions a prompt at temperature ${grpo.temperature}; preferences ${
      weights.join(", ")
    }.`,
    `Values are sums over the closed answers of probability times reward, after steps ${
      judged.join(", ")
    }: nothing in them is sampled.`,
    `Margin: what a claim says is above 0, mean over the preferences. Intervals: ${
      resamples.toLocaleString("en")
    } resamples of replicates and, in each, prompts, the same for all arms.`,
    `A claim holds if the interval lies above 0 and the one-sided exact sign test over the replicates gives at most ${LEVEL} after ` +
    `Holm's correction for ${counted(hypotheses.length, "claim")}.`,
    detectableMeaning,
    `The protocol was fixed before the run (hash ${protocol.text}, options ${protocol.config}).`,
  ].join(" ");
}

function sectionsOf(
  results: SampledResults,
  findings: SampledFindings,
  tables: Tables,
  figures: Presentation["figures"],
): ReportSection[] {
  const command = commandOf(results);
  const beginning = (start: string) =>
    figures.filter(({ name }) => name.startsWith(start)).map(({ figure }) => figure);
  const { hypotheses, conditions } = findings;
  const fewest = Math.min(...conditions.map(({ prompts }) => prompts));
  return [
    {
      id: "sampled",
      question: "Does CA-GRPO on sampled answers keep rewards from falling, and at what price?",
      answer: [
        ...hypotheses.map((found) => hypothesisSentence(found, hypotheses.length)),
        startSentence(findings),
        signalSentence(findings, fullPrompts(findings)),
        outcomeSentence(findings, "largest fall"),
        outcomeSentence(findings, "gain"),
      ].join(" "),
      table: tables.claims,
      tableCaption: captions.claims,
      figures: beginning("changes"),
      method: methodText(results, findings),
      command,
    },
    {
      id: "sampled-arms",
      question: `How do the arms differ from ${CONTROL} weights with the same loss?`,
      answer: [
        ...(["largest fall", "gain"] as const).flatMap((outcome) =>
          parts.map((part) => armSentence(findings, outcome, part))
        ),
        outsideSentence(findings),
      ].join(" "),
      table: tables.outcomes,
      tableCaption: captions.outcomes,
      figures: [...beginning("differences"), ...beginning("weights")],
      method:
        "All arms start from the same parameters with the same prompts and seeds and differ from the control in the weights " +
        "alone, but for GRPO, which differs in advantages, loss and optimizer too. The gain is that of the sum of the rewards " +
        "weighted by the preference. Differences are told apart by their own 95 % intervals, without a correction: they decide " +
        "nothing.",
      command,
    },
    {
      id: "sampled-noise",
      question: "What is left of it when gradients are noisy?",
      answer: [
        signalSentence(findings, fewest),
        loggedSentence(findings),
        noiseSentence(findings),
        harmSentence(findings),
      ].join(" "),
      table: tables.signal,
      tableCaption: captions.signal,
      figures: beginning("noise"),
      method:
        "Exact signal to noise: n |g|^2 / C, g the exact gradient of a reward's mean, C the variance of the estimate from one prompt, " +
        "with the exact gradients of all prompts and fresh completions of each. Brackets: range over the replicates. Harm: cosine " +
        `of the step that was made with the exact gradients at its start, in the step's metric; ${AWARE} weights know estimates alone.`,
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
  const tables: Tables = {
    claims: hypothesisRows(findings),
    outcomes: outcomeRows(findings),
    signal: signalRows(findings),
    differences: differenceRows(findings),
  };
  const figures = sampledFigures(findings);
  return {
    tables: (Object.keys(captions) as (keyof typeof captions)[]).map((name) => ({
      name,
      caption: captions[name],
      rows: tables[name],
    })),
    figures,
    sections: sectionsOf(results, findings, tables, figures),
  };
}
