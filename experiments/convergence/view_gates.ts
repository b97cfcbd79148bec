/** Table, figures and sentences on which gate stands noise. @module */

import { wilsonInterval } from "../../lib/evaluation/mod.ts";
import { curves, type Figure, formatShare, type Row } from "../../lib/figures/mod.ts";
import { holm } from "../stages/statistics.ts";
import { detectableText, shareOf, withInterval } from "../stages/verdicts.ts";
import { type GateFindings, gateKinds, type GateRow } from "./findings.ts";

/** Level of the sign tests after the correction for their number. */
const LEVEL = 0.05;

const names: Readonly<Record<GateRow["way"], string>> = {
  static: "static weights",
  veto: "veto",
  shrink: "shrunk",
  none: "no gate",
  exact: "true gradients",
};

/** The ways in a sentence. */
const phrases: Readonly<Record<GateRow["way"], string>> = {
  static: "under static weights",
  veto: "with the veto",
  shrink: "with the shrunk gate",
  none: "with no gate",
  exact: "from the true gradients",
};

const titles: Readonly<Record<GateRow["kind"], string>> = {
  conflict: "In conflict",
  aligned: "Aligned",
};

const of = (gates: GateFindings, kind: GateRow["kind"], way: GateRow["way"]) =>
  gates.rows.filter((row) => row.kind === kind && row.way === way);

/** Ways that are drawn as lines, those from noisy gradients with bands. */
const drawn = ["veto", "shrink", "none", "exact"] as const;

/**
 * Least cosine with a true gradient over the signal to noise, for each gate, where gradients are in conflict.
 *
 * @param gates what the gates came to
 * @returns the figure
 */
export function gateFigure(gates: GateFindings): Figure {
  const fixed = of(gates, "conflict", "static")[0]!.cosine.mean;
  return curves({
    title: "What noise does to the weights where gradients conflict, by gate",
    series: drawn.map((way) => {
      const rows = of(gates, "conflict", way);
      return {
        name: names[way],
        x: gates.signals,
        y: rows.map(({ cosine }) => cosine.mean),
        ...(way !== "exact" && {
          low: rows.map(({ cosine }) => cosine.low),
          high: rows.map(({ cosine }) => cosine.high),
        }),
      };
    }),
    references: [
      { axis: "y", value: 0 },
      { axis: "y", value: fixed, label: names.static },
    ],
    xTitle: "Signal to noise of the step's gradients",
    yTitle: "Least cosine with a true gradient",
    xScale: "log",
    n: gates.geometries,
    caption:
      `Means over ${gates.geometries} geometries, ${gates.blocks} blocks of prompts, noise of effective dimension ` +
      `${gates.dimension}.`,
  });
}

/**
 * Share of the geometries on which a weight leaves the preference, for each gate.
 *
 * @param gates what the gates came to
 * @returns the figure
 */
export function movedFigure(gates: GateFindings): Figure {
  const n = gates.geometries;
  return curves({
    title: "How often a weight leaves the preference, by gate",
    series: gateKinds.map((kind) => ({
      title: titles[kind],
      series: drawn.map((way) => {
        const counts = of(gates, kind, way).map(({ moved }) => moved);
        const limits = counts.map((k) => wilsonInterval(k, n));
        return {
          name: names[way],
          x: gates.signals,
          y: counts.map((k) => 100 * k / n),
          ...(way !== "exact" && {
            low: limits.map(({ low }) => 100 * low),
            high: limits.map(({ high }) => 100 * high),
          }),
        };
      }),
    })),
    xTitle: "Signal to noise of the step's gradients",
    yTitle: "Geometries (%)",
    xScale: "log",
    n,
    caption: "Aligned gradients give no reason to leave it: what moves there is noise.",
  });
}

/**
 * One row a kind, signal and way.
 *
 * @param gates what the gates came to
 * @returns the rows
 */
export function gateRows(gates: GateFindings): Row[] {
  return gates.rows.map(({ kind, signal, way, cosine, harm, gain, moved }): Row => ({
    gradients: titles[kind].toLowerCase(),
    "signal to noise": signal,
    weights: names[way],
    "least true cosine": withInterval(cosine.mean, cosine, 3),
    harm: withInterval(harm.mean, harm, 3),
    "cosine with the preferred step": withInterval(gain.mean, gain, 3),
    "weights moved (%)": formatShare(moved / gates.geometries, 0),
  }));
}

/** Where the shrunk gate is told apart from another, after Holm's correction for all tests. */
function againstText(gates: GateFindings, baseline: "veto" | "none"): string {
  const adjusted = holm(gates.tests.map(({ p }) => p));
  const tests = gates.tests.map((test, k) => ({ ...test, told: adjusted[k]! < LEVEL }))
    .filter((test) => test.kind === "conflict" && test.baseline === baseline && test.n > 0);
  const list = (verb: string, found: typeof tests) =>
    found.length === 0 ? [] : [
      `${verb} at ${
        found.map(({ signal, better, n }) => `${signal} (${shareOf(better, n, "case")})`).join(", ")
      }`,
    ];
  const told = tests.filter((test) => test.told);
  const open = tests.filter((test) => !test.told);
  const shares = open.map(({ better, n }) => wilsonInterval(better, n));
  const parts = [
    ...list("larger", told.filter(({ better, n }) => better > n / 2)),
    ...list("smaller", told.filter(({ better, n }) => better <= n / 2)),
    ...open.length === 0 ? [] : [
      `not told apart at ${open.map(({ signal }) => signal).join(", ")} (${
        detectableText(shares, 0, 100, " points from a half")
      })`,
    ],
  ];
  return `against ${baseline === "veto" ? "the veto's" : "that with no gate"} it is ${
    parts.length === 0 ? "the same" : parts.join(", ")
  }`;
}

/**
 * Which gate leaves the least harm, and which moves weights for nothing.
 *
 * @param gates what the gates came to
 * @returns the sentences
 */
export function gateAnswer(gates: GateFindings): string {
  const middle = gates.signals.reduce((a, b) =>
    Math.abs(Math.log(b / 0.5)) < Math.abs(Math.log(a / 0.5)) ? b : a
  );
  const at = (kind: GateRow["kind"], way: GateRow["way"], signal: number) =>
    of(gates, kind, way).find((row) => row.signal === signal)!;
  const harm = (way: GateRow["way"]) => at("conflict", way, middle).harm;
  const left = harm("shrink").mean / harm("veto").mean;
  const harms = (["static", "veto", "shrink", "none", "exact"] as const)
    .map((way) => `${withInterval(harm(way).mean, harm(way), 3)} ${phrases[way]}`);
  const [least] = gates.signals;
  const moved = (["veto", "shrink", "none"] as const).map((way) =>
    `${formatShare(at("aligned", way, least!).moved / gates.geometries, 0)} % ${phrases[way]}`
  );
  return `At a signal to noise of ${middle} the harm, what of the least true cosine is below 0, is ${
    harms.join(", ")
  }: ${
    Number.isFinite(left)
      ? `shrinking leaves ${formatShare(left, 0)} % of what the veto leaves`
      : "the veto leaves none"
  }. The least true cosine with the shrunk gate, geometry by geometry: ${
    againstText(gates, "veto")
  }; ${
    againstText(gates, "none")
  } (sign tests, Holm's correction for ${gates.tests.length}). Where gradients are aligned a weight leaves the preference for nothing: at ${least} on ${
    moved.join(", ")
  } of the geometries.`;
}

/**
 * How gates were compared.
 *
 * @param gates what the gates came to
 * @returns sentences
 */
export function gateMethod(gates: GateFindings): string {
  return `${gates.geometries} drawn geometries of ${gates.capabilities} capabilities in conflict and as many aligned ones, a draw ` +
    `of noise each; the step's gradients in ${gates.blocks} blocks with isotropic noise in ${gates.dimension} dimensions. ` +
    "Signal to noise is n G_ii / C_ii of the whole step, twice that of a half; the trainer's weights from each half, with its " +
    "default cap and ridge and without momentum, are judged by the true gradients, mean over the halves.";
}
