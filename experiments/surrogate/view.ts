/** Table, figure and sentence of the experiment on surrogates. @module */

import { wilsonInterval } from "../../lib/evaluation/mod.ts";
import {
  dotIntervals,
  type Figure,
  formatShare,
  formatShareInterval,
  type Row,
  sentenceList,
} from "../../lib/figures/mod.ts";
import type { Results } from "../../lib/runs/mod.ts";
import type { Presentation, ResultsOf } from "../core/experiment.ts";
import { commandOf } from "../core/results.ts";
import type { surrogateSchema } from "./config.ts";
import {
  type FormName,
  formNames,
  type Source,
  sources,
  type SurrogateFindings,
} from "./findings.ts";

/** Deviations below this are drawn there: rounding, of single precision on the model. */
const LEAST = 1e-16;

/** From here on a deviation is more than rounding. */
const ROUNDING = 1e-4;

function found(results: Pick<Results, "metrics">, form: FormName, source: Source) {
  const metric = (capability: string) =>
    results.metrics.find((m) => m.system === form && m.capability === `${capability}, ${source}`)!;
  return {
    deviation: metric("deviation"),
    harmful: metric("batches with a harmed reward"),
  };
}

function surrogateFigure(results: Pick<Results, "metrics">): Figure {
  const least = (x: number) => Math.max(LEAST, x);
  const n = (source: Source) => found(results, formNames[0], source).deviation.n;
  return dotIntervals({
    title: "What one backward pass gives, against the weighted sum",
    rows: formNames,
    panels: sources.flatMap((source) => {
      const own = formNames.map((form) => found(results, form, source));
      return [
        {
          title: `${source} (${n(source)})`,
          xTitle: "Relative deviation",
          scale: "log" as const,
          values: own.map(({ deviation }) => least(deviation.mean)),
          low: own.map(({ deviation }) => least(deviation.low)),
          high: own.map(({ deviation }) => least(deviation.high)),
        },
        {
          title: "",
          xTitle: "Batches with harm (%)",
          values: own.map(({ harmful }) => 100 * harmful.mean),
          low: own.map(({ harmful }) => 100 * harmful.low),
          high: own.map(({ harmful }) => 100 * harmful.high),
        },
      ];
    }),
    columns: 4,
    caption: "Weights were solved to harm no reward from the gradients of each form's own parts; " +
      "harm is counted by the unbiased gradients of the rewards' means.",
    n: Math.max(...sources.map(n)),
    unit: "batches at most",
  });
}

function surrogateRows(results: Pick<Results, "metrics">): Row[] {
  return formNames.map((form): Row => ({
    form,
    ...Object.fromEntries(sources.flatMap((source) => {
      const { deviation, harmful } = found(results, form, source);
      return [
        [`deviation, ${source}`, deviation.mean.toExponential(1)],
        [
          `batches with harm, ${source} (%)`,
          formatShareInterval(harmful.mean, harmful),
        ],
      ];
    })),
  }));
}

const quoted = (forms: readonly FormName[]) => sentenceList(forms.map((form) => `"${form}"`));

/** For which forms the pass is the weighted sum, and whether the weights then keep their promise. */
function sumSentence({ sources: of }: SurrogateFindings): string {
  const counts = sources.map((source) => of[source].batches);
  const same = formNames.filter((form) =>
    sources.every((source) => of[source].forms[form].largestDeviation < ROUNDING)
  );
  const harmless = same.filter((form) =>
    sources.every((source) => of[source].forms[form].harmfulBatches === 0)
  );
  const where = sources.map((source, k) => `${counts[k]} batches of ${batchesOf[source]}`);
  const pass = `On ${sentenceList(where)} the pass gives the weighted sum up to rounding for ${
    same.length === 0 ? "none" : same.length
  } of ${formNames.length} forms`;
  if (same.length === 0) return `${pass}.`;
  if (harmless.length === 0) return `${pass}, each of which harms a reward in some batch.`;
  const limits = counts.map((n) => `${formatShare(wilsonInterval(0, n).high)} %`);
  return `${pass}, and with it no harm for ${quoted(harmless)} (0 of ${
    counts.join(" and 0 of ")
  } batches each, which leaves up to ${limits.join(" and ")}).`;
}

/** What batches of a source are of. */
const batchesOf: Readonly<Record<Source, string>> = {
  "tabular policies": "tabular policies",
  "language model": "the language model",
};

/** The forms that harm most often, with the share of their batches. */
function harmSentence(results: Pick<Results, "metrics">): string {
  const all = (form: FormName) => sources.map((source) => found(results, form, source).harmful);
  const harmful = formNames.filter((form) => all(form).some(({ mean }) => mean > 0));
  if (harmful.length === 0) return "No form harmed a reward in any batch.";
  const worst = harmful
    .toSorted((a, b) => all(b)[0]!.mean - all(a)[0]!.mean || all(b)[1]!.mean - all(a)[1]!.mean)
    .slice(0, 3);
  const shares = worst.map((form) =>
    `${
      all(form).map((share) => `${formatShareInterval(share.mean, share)} %`).join(" and ")
    } with "${form}"`
  );
  return `${harmful.length} of ${formNames.length} forms harm a reward in some batch, most often, on ${
    sentenceList(sources.map((source) => batchesOf[source]))
  }: ${shares.join("; ")}.`;
}

/**
 * Shows a run.
 *
 * @param results what stands in results.json
 * @param findings what stands in findings.json
 * @returns tables, figures and sections of the report
 */
export function viewSurrogate(
  results: ResultsOf<typeof surrogateSchema>,
  findings: SurrogateFindings,
): Presentation {
  const { config } = results;
  const { beta, epsilon } = findings;
  const [tabular, model] = sources.map((source) => findings.sources[source].batches);
  const rows = surrogateRows(results);
  const caption = "One backward pass against the weighted sum of the rewards' gradients";
  const figure = surrogateFigure(results);
  return {
    tables: [{ name: "surrogates", caption, rows }],
    figures: [{ name: "surrogates", figure }],
    sections: [{
      id: "surrogates",
      question: "When is one backward pass the weighted sum of the rewards' gradients?",
      answer: `${sumSentence(findings)} ${harmSentence(results)}`,
      table: rows,
      tableCaption: caption,
      figures: [figure],
      method:
        `${tabular} batches of tabular policies in double precision; on the fine-tuned model ${config.model} in single ` +
        `precision ${model} batches of ${config.batchPrompts} prompts with ${config.grpo.numGenerations} completions each, ` +
        `gradients of a fresh adapter of rank ${config.rank}. Divergence with weight ${beta}; ratios clipped at 1 ± ${epsilon} ` +
        `on a policy that has moved on. Up to rounding: every batch deviates by less than ${
          ROUNDING.toExponential(0)
        }. Shares with 95 % Wilson intervals over batches.`,
      command: commandOf(results),
    }],
  };
}
