/** Comparisons of the balance and statistics code with exact and independent reference values. @module */
import {
  capabilityAwareWeights,
  dualBasis,
  dualProj,
  type Gram,
  gramMatrix,
  harmfulPreference,
  mgda,
  nnls,
  upgrad,
} from "../../lib/balance/mod.ts";
import {
  clopperPearson,
  estimateLambda,
  hypervolume,
  klInverse,
  lambdaStar,
  mcnemar,
  nondominated,
  selectiveThreshold,
  wilsonInterval,
} from "../../lib/evaluation/mod.ts";
import { type Comparison, comparison } from "./comparison.ts";

/** Python writes Infinity and NaN as bare words; they become null. */
export function parseReference(text: string): unknown {
  return JSON.parse(
    text.replace(/([:[,]\s*)(-?Infinity|NaN)(?=\s*[,\]}])/g, "$1null"),
  );
}

/** Largest deviation relative to max(1, |expected|), element by element; Infinity for shapes that differ or a NaN. */
export function deviation(
  found: readonly number[],
  expected: readonly number[],
): number {
  if (found.length !== expected.length) return Infinity;
  let worst = 0;
  for (let i = 0; i < found.length; i++) {
    const error = Math.abs(found[i]! - expected[i]!) /
      Math.max(1, Math.abs(expected[i]!));
    worst = Math.max(worst, Number.isNaN(error) ? Infinity : error);
  }
  return worst;
}

const numbers = (
  name: string,
  found: readonly number[],
  expected: readonly number[],
  tolerance: number,
): Comparison => comparison(name, deviation(found, expected), tolerance);
const exact = (name: string, found: unknown, expected: unknown): Comparison =>
  comparison(
    name,
    JSON.stringify(found) === JSON.stringify(expected) ? 0 : Infinity,
    0,
  );

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, i) => sum + x * b[i]!, 0);
const times = (matrix: Gram, v: readonly number[]): number[] => matrix.map((row) => dot(row, v));
const quadratic = (gram: Gram, w: readonly number[]): number => dot(w, times(gram, w));
const combine = (w: readonly number[], rows: Gram): number[] =>
  rows[0]!.map((_, k) => rows.reduce((sum, row, i) => sum + w[i]! * row[k]!, 0));

interface GramCase {
  kind: string;
  J: number[][];
  metric_diag: number[];
  G: number[][];
  p: number[];
  w_unique: boolean;
  v: number[];
  w: number[];
  Gw: number[];
  d: number[];
  d_norm_M: number;
  price_of_harmlessness: number;
  upgrad_w: number[];
  upgrad_norm_M_squared: number;
  mgda_w: number[];
  mgda_norm_M_squared: number;
  dual_basis_w?: number[];
  some_preference_harms: boolean;
  general: {
    base: number[];
    b: number[];
    v: number[];
    z: number[];
    progress: number[];
    z_norm_M_squared: number;
  };
  ridge_1_percent: { w: number[]; Gw: number[]; eps: number };
}

interface Reference {
  gram: GramCase[];
  lambda_star: ({
    kind: string;
    a: number;
    b: number;
    c: number;
    lambda_raw: number | null;
  } & Record<string, unknown>)[];
  selective: {
    alpha: number;
    delta: number;
    n_min: number;
    grid: number[];
    confidence: number[];
    error: number[];
    tests: { t: number; n: number; k: number; p: number; upper: number }[];
    chosen_strict_start_0: number | null;
    chosen_skip_below_n_min: number | null;
  }[];
  hypervolume: {
    points: number[][];
    reference: number[];
    hypervolume_exact_rational: number;
    nondominated: boolean[];
  }[];
  counts: {
    n: number;
    successes: number;
    wilson95: number[];
    clopper_pearson95: number[];
    table: number[][];
    mcnemar_exact_p: number;
    mcnemar_mid_p: number;
    mcnemar_chi2_corrected: number | null;
    mcnemar_chi2_corrected_p: number | null;
  }[];
  kl_inverse: {
    J_ref: number;
    sequence_kl: number;
    lower: number;
    upper: number;
    pinsker: number;
    bretagnolle_huber: number;
  }[];
}

/**
 * Compare with the exact reference of the theory. Weights are compared only where the Gram matrix is nonsingular;
 * otherwise the combined gradient, its norm and the progress are, which are unique always.
 */
export function theoryComparisons(reference: unknown): Comparison[] {
  const data = reference as Reference;
  return [
    ...data.gram.flatMap(gramComparisons),
    ...data.lambda_star.flatMap(lambdaComparisons),
    ...data.selective.flatMap(selectiveComparisons),
    ...data.hypervolume.flatMap((c, i) => [
      numbers(`hypervolume ${i}`, [hypervolume(c.points, c.reference)], [
        c.hypervolume_exact_rational,
      ], 1e-12),
      exact(
        `hypervolume ${i} nondominated`,
        nondominated(c.points),
        c.nondominated,
      ),
    ]),
    ...data.counts.flatMap(countComparisons),
    ...data.kl_inverse.map((c, i) => {
      const found = klInverse(c.J_ref, c.sequence_kl);
      return numbers(
        `kl_inverse ${i}`,
        [found.lower, found.upper, found.pinsker, found.bretagnolleHuber],
        [c.lower, c.upper, c.pinsker, c.bretagnolle_huber],
        1e-12,
      );
    }),
  ];
}

function gramComparisons(c: GramCase, index: number): Comparison[] {
  const name = `gram ${index} ${c.kind}`;
  const out: Comparison[] = [];
  const add = (
    what: string,
    found: readonly number[],
    expected: readonly number[],
    tolerance = 1e-11,
  ) => out.push(numbers(`${name} ${what}`, found, expected, tolerance));
  const gram = gramMatrix(c.J, c.metric_diag);
  add("G", gram.flat(), c.G.flat(), 1e-14);

  const found = capabilityAwareWeights({ gram, preference: c.p });
  const proj = dualProj(gram, c.p);
  add("d", combine(found.weights, c.J), c.d);
  add("d of dual_proj", combine(proj, c.J), c.d);
  add("Gw", times(gram, found.weights), c.Gw);
  add("progress", found.progress, c.Gw);
  const d = combine(found.weights, c.J);
  add("norm", [Math.sqrt(d.reduce((sum, x, k) => sum + c.metric_diag[k]! * x * x, 0))], [
    c.d_norm_M,
  ]);
  add("price", [found.price], [c.price_of_harmlessness]);
  add("kkt", [found.kkt], [0], 1e-12);

  const general = nnls(gram, c.general.b);
  const z = combine(general.solution, c.J).map((x, k) => x + c.general.base[k]!);
  add("general z", z, c.general.z);
  add("general progress", general.progress, c.general.progress);
  add("general norm", [dot(z.map((x, k) => x * c.metric_diag[k]!), z)], [
    c.general.z_norm_M_squared,
  ]);

  const ridged = capabilityAwareWeights({ gram, preference: c.p, ridge: 0.01 });
  add("ridge w", ridged.weights, c.ridge_1_percent.w); // The ridge makes the matrix nonsingular unless a gradient is 0.
  add("ridge Gw", ridged.progress, c.ridge_1_percent.Gw);
  add("ridge eps", [ridged.eps], [c.ridge_1_percent.eps]);

  const up = upgrad(gram, c.p), least = mgda(gram, c.p);
  add("upgrad squared norm", [quadratic(gram, up)], [c.upgrad_norm_M_squared]);
  add("mgda squared norm", [quadratic(gram, least)], [c.mgda_norm_M_squared]);
  if (c.w_unique) {
    add("v", found.multipliers, c.v);
    add("w", found.weights, c.w);
    add("general v", general.solution, c.general.v);
    add("upgrad w", up, c.upgrad_w);
    add("mgda w", least, c.mgda_w);
    if (c.dual_basis_w) {
      add("dual_basis w", dualBasis(gram, c.p), c.dual_basis_w);
    }
  }
  out.push(
    exact(
      `${name} some preference harms`,
      harmfulPreference(gram) !== undefined,
      c.some_preference_harms,
    ),
  );
  return out;
}

function lambdaComparisons(
  c: Reference["lambda_star"][number],
  index: number,
): Comparison[] {
  const name = `lambda_star ${index} ${c.kind}`;
  if (c.kind === "from_data") {
    const found = estimateLambda(
      c.R as number[],
      c.S as number[],
      c.Q as number[],
    );
    return [
      numbers(
        `${name} moments`,
        [found.moments.a, found.moments.b, found.moments.c],
        [c.a, c.b, c.c],
        1e-12,
      ),
      numbers(`${name} slope`, [found.raw ?? NaN, found.raw ?? NaN], [
        c.lambda_raw ?? NaN,
        c.ols_slope as number,
      ], 1e-11),
      numbers(`${name} standard error`, [found.standardError], [
        c.ols_stderr as number,
      ], 1e-11),
    ];
  }
  const found = lambdaStar(c);
  const raw = c.lambda_raw === null
    ? exact(`${name} raw`, found.raw ?? null, null)
    : numbers(`${name} raw`, [found.raw ?? NaN], [c.lambda_raw], 1e-12);
  return [
    raw,
    numbers(`${name} lambda, variance`, [found.lambda, found.variance], [
      c.lambda_star as number,
      c.variance as number,
    ], 1e-12),
  ];
}

function selectiveComparisons(
  c: Reference["selective"][number],
  index: number,
): Comparison[] {
  const name = `selective ${index}`;
  const input = {
    confidence: c.confidence,
    error: c.error.map(Boolean),
    thresholds: c.grid,
    alpha: c.alpha,
    delta: c.delta,
  };
  const strict = selectiveThreshold(input);
  const skipping = selectiveThreshold({ ...input, skipSmall: true });
  return [
    exact(
      `${name} counts`,
      strict.tests.map((t) => [t.n, t.errors]),
      c.tests.map((t) => [t.n, t.k]),
    ),
    numbers(
      `${name} p`,
      strict.tests.map((t) => t.p),
      c.tests.map((t) => t.p),
      1e-11,
    ),
    numbers(
      `${name} upper`,
      strict.tests.map((t) => t.upper),
      c.tests.map((t) => t.upper),
      1e-11,
    ),
    exact(`${name} minimum`, strict.minimum, c.n_min),
    exact(`${name} strict`, strict.threshold ?? null, c.chosen_strict_start_0),
    exact(
      `${name} skip`,
      skipping.threshold ?? null,
      c.chosen_skip_below_n_min,
    ),
  ];
}

function countComparisons(
  c: Reference["counts"][number],
  index: number,
): Comparison[] {
  const wilson = wilsonInterval(c.successes, c.n),
    pearson = clopperPearson(c.successes, c.n);
  const test = mcnemar(c.table[0]![1]!, c.table[1]![0]!);
  const out = [
    numbers(
      `counts ${index} wilson`,
      [wilson.low, wilson.high],
      c.wilson95,
      1e-12,
    ),
    numbers(
      `counts ${index} clopper_pearson`,
      [pearson.low, pearson.high],
      c.clopper_pearson95,
      1e-11,
    ),
    numbers(`counts ${index} mcnemar`, [test.exact, test.midP], [
      c.mcnemar_exact_p,
      c.mcnemar_mid_p,
    ], 1e-11),
  ];
  if (
    c.mcnemar_chi2_corrected !== null && c.mcnemar_chi2_corrected_p !== null
  ) { // without unequal pairs theirs is infinite
    const expected = [c.mcnemar_chi2_corrected, c.mcnemar_chi2_corrected_p];
    out.push(
      numbers(
        `counts ${index} mcnemar chi2`,
        [test.chi2Corrected, test.chi2CorrectedP],
        expected,
        1e-11,
      ),
    );
  }
  return out;
}
