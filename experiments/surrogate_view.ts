/** Table, figure and sentence of the experiment on surrogates. @module */

import {
  dotIntervals,
  type Figure,
  formatShare,
  formatShareInterval,
  type Row,
  sentenceList,
} from "../lib/figures/mod.ts";
import type { Presentation } from "./experiment.ts";
import { commandOf, type Results } from "./results.ts";
import { type Source, sources, type SurrogateConfig } from "./surrogate.ts";
import { BETA, EPSILON, type FormName, formNames } from "./surrogate_forms.ts";

/** Deviations below this are drawn there: rounding, of single precision on the model. */
const LEAST = 1e-16;

/** From here on a deviation is more than rounding. */
const ROUNDING = 1e-4;

function found(results: Results, form: FormName, source: Source) {
  const metric = (capability: string) =>
    results.metrics.find((m) => m.system === form && m.capability === `${capability}, ${source}`)!;
  return {
    deviation: metric("deviation"),
    harmful: metric("batches with a harmed reward"),
  };
}

function surrogateFigure(results: Results): Figure {
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

function surrogateRows(results: Results): Row[] {
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

function surrogateAnswer(results: Results): string {
  const all = (form: FormName) => sources.map((source) => found(results, form, source));
  const names = (forms: readonly FormName[]) => sentenceList(forms.map((form) => `"${form}"`));
  const same = formNames.filter((form) =>
    all(form).every(({ deviation }) => deviation.mean < ROUNDING)
  );
  const harmless = same.filter((form) => all(form).every(({ harmful }) => harmful.mean === 0));
  const shares = (form: FormName) =>
    all(form).map(({ harmful }) => `${formatShare(harmful.mean, 0)} %`).join(" and ");
  const harmful = formNames.filter((form) => all(form).some(({ harmful }) => harmful.mean > 0));
  const worst = harmful.toSorted((a, b) => all(b)[0]!.harmful.mean - all(a)[0]!.harmful.mean).slice(
    0,
    3,
  );
  return `The pass gives the weighted sum up to rounding for ${same.length} of ${formNames.length} forms, and with it no harm for ${
    names(harmless)
  }. ${
    harmful.length === 0
      ? "No batch had a harmed reward."
      : `Shares of batches in which a reward is harmed, on ${sources.join(" and on the ")}: ${
        worst.map((form) => `${shares(form)} with "${form}"`).join("; ")
      }.`
  }`;
}

/** Tables, figures and sections of the report. */
export function presentSurrogate(results: Results, config: SurrogateConfig): Presentation {
  const rows = surrogateRows(results);
  const caption = "One backward pass against the weighted sum of the rewards' gradients";
  const figure = surrogateFigure(results);
  return {
    tables: [{ name: "surrogates", caption, rows }],
    figures: [{ name: "surrogates", figure }],
    sections: [{
      id: "surrogates",
      question: "When is one backward pass the weighted sum of the rewards' gradients?",
      answer: surrogateAnswer(results),
      table: rows,
      tableCaption: caption,
      figures: [figure],
      method:
        `${config.instances} batches of tabular policies in double precision; on the fine-tuned tiny model in single precision ${
          found(results, formNames[0], "language model").deviation.n
        } batches of ${config.batchPrompts} prompts with ${config.grpo.numGenerations} completions each, gradients of a fresh adapter of ` +
        `rank ${config.rank}. Divergence with weight ${BETA}; ratios clipped at 1 ± ${EPSILON} on a policy that has moved on.`,
      command: commandOf(results),
    }],
  };
}
