/** The four hypotheses in a table and in sentences. @module */

import type { Row } from "../../lib/figures/mod.ts";
import { counted, listed } from "../stages/verdicts.ts";
import type { ExactLmConfig } from "./config.ts";
import { type ExactLmFindings, type Hypothesis, hypothesisNames } from "./findings.ts";
import { pText, type StudyView } from "./wording.ts";
import { minus } from "../stages/verdicts.ts";

type Name = typeof hypothesisNames[number];

/** What the estimate is. */
const estimates: Readonly<Record<Name, string>> = {
  H1: "share of replicates in which static weights exceed the bound",
  H2: "gain relative to static weights, the least over the preferences",
  H3: "share of version 0.1's steps that harm",
  H4: "harm of shrunk products relative to the hard gate's",
};

/** Decimals that tell estimates apart. */
const text = (value: number | null) => value === null ? "\u2013" : minus(value.toFixed(2));

function hypothesisRow(name: Name, found: Hypothesis): Row {
  const { estimate, low, high, n, favourable, exceptions, p, p_holm, holds } = found;
  return {
    hypothesis: name,
    estimate: `${text(estimate)} [${text(low)}, ${text(high)}]`,
    of: estimates[name],
    replicates: n,
    "on the claimed side": favourable,
    "against the theorem": exceptions,
    p: pText(p),
    "p (Holm)": pText(p_holm),
    holds: holds ? "yes" : "no",
  };
}

/** What speaks for and against a hypothesis. */
const details: Readonly<Record<Name, (found: Hypothesis, config: ExactLmConfig) => string>> = {
  H1: ({ favourable, exceptions, n }, { ascent }) =>
    `static weights at the preference ${ascent.lopsided} exceed c / (2 \u2212 c) in ${favourable} of ${
      counted(n, "replicate")
    }, capability-aware weights at some preference in ${exceptions}`,
  H2: ({ favourable, exceptions, estimate, n }) =>
    `capability-aware weights gain at least half of what static ones gain in ${favourable} of ${
      counted(n, "replicate")
    } (${text(estimate)} of it on average), and the price is ${
      exceptions === 0 ? "that of Theorem 4d in all" : `not that of Theorem 4d in ${exceptions}`
    }`,
  H3: ({ favourable, exceptions, estimate, n }) =>
    `more than 20 % of version 0.1's steps harm in ${favourable} of ${counted(n, "replicate")} (${
      minus((100 * estimate).toFixed(0))
    } % on average), and solve-then-step harms ${
      exceptions === 0 ? "in none" : `in ${exceptions}`
    }`,
  H4: ({ favourable, estimate, n }, { noise }) =>
    `at a signal to noise of ${noise.signal} shrunk products leave at most half of the hard gate's harm in ${favourable} of ${
      counted(n, "replicate")
    } (${text(estimate)} of it on average)`,
};

/** What chance has to do with it. */
function chance({ p, p_holm, p_least, n }: Hypothesis, tests: number): string {
  if (p_holm < 0.05) return `beyond chance (${pText(p)}, ${pText(p_holm)} after Holm's correction)`;
  return Math.min(1, tests * p_least) >= 0.05
    ? `chance is not ruled out, which ${counted(n, "replicate")} cannot (${pText(p)}, at least ${
      p_least.toFixed(3)
    }; ${pText(p_holm)} after Holm's correction)`
    : `not beyond chance (${pText(p)}, ${pText(p_holm)} after Holm's correction)`;
}

/**
 * Shows the hypotheses.
 *
 * @param findings what was found
 * @param config options of the run
 * @returns table and section
 */
export function viewHypotheses(
  { hypotheses, protocol, replicates }: ExactLmFindings,
  config: ExactLmConfig,
): StudyView {
  const judged = hypothesisNames.flatMap((name) => {
    const found = hypotheses[name];
    return found === undefined ? [] : [{ name, found }];
  });
  const left = hypothesisNames.filter((name) => hypotheses[name] === undefined);
  const sentences = judged.map(({ name, found }) =>
    `${name} ${found.holds ? "holds" : "does not hold"}: ${details[name](found, config)}; ${
      chance(found, hypothesisNames.length)
    }.`
  );
  const table = {
    name: "hypotheses",
    caption: "The four hypotheses, with 95 % intervals over replicates",
    rows: judged.length === 0
      ? [{ hypothesis: "\u2013", holds: "none was tested" }]
      : judged.map(({ name, found }) => hypothesisRow(name, found)),
  };
  return {
    tables: [table],
    figures: [],
    section: {
      id: "exact-lm",
      question:
        "Do the weights keep a language model's capabilities from harm, where nothing is sampled?",
      answer: [
        ...sentences,
        ...left.length === 0 ? [] : [
          `Not tested, because the study did not run or there was nothing to compare: ${
            listed(left)
          }.`,
        ],
      ].join(" "),
      table: table.rows,
      tableCaption: table.caption,
      figures: [],
      method:
        `${
          counted(replicates, "replicate")
        }, model ${config.model}. Rules of decision, sizes and tests are those of PROTOCOL.md ` +
        `(hash ${protocol.text}, options ${protocol.config}). ${
          judged.map(({ name, found }) => `${name}: ${found.statement}.`).join(" ")
        }`,
    },
  };
}
