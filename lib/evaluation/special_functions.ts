/** The distribution functions that the intervals and tests need, in float64. @module */

const lanczos = [
  0.99999999999980993,
  676.5203681218851,
  -1259.1392167224028,
  771.32342877765313,
  -176.61502916214059,
  12.507343278686905,
  -0.13857109526572012,
  9.9843695780195716e-6,
  1.5056327351493116e-7,
];

/** ln Gamma(x), x > 0 (Lanczos). */
export function logGamma(x: number): number {
  if (x < 0.5) {
    return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  }
  const z = x - 1;
  let sum = lanczos[0]!;
  for (let i = 1; i < lanczos.length; i++) sum += lanczos[i]! / (z + i);
  const t = z + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t +
    Math.log(sum);
}

/** Regularised incomplete beta function I_x(a, b) by its continued fraction (Lentz). */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(
    a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) -
      logGamma(b),
  ) / a;
  const floor = 1e-300;
  let c = 1, d = 1 / guard(1 - (a + b) * x / (a + 1), floor), result = d;
  for (let k = 1; k <= 5000; k++) {
    const even = k * (b - k) * x / ((a + 2 * k - 1) * (a + 2 * k));
    d = 1 / guard(1 + even * d, floor);
    c = guard(1 + even / c, floor);
    result *= d * c;
    const odd = -(a + k) * (a + b + k) * x / ((a + 2 * k) * (a + 2 * k + 1));
    d = 1 / guard(1 + odd * d, floor);
    c = guard(1 + odd / c, floor);
    result *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return Math.min(1, front * result);
}

function guard(x: number, floor: number): number {
  return Math.abs(x) < floor ? floor : x;
}

/** Quantile of the beta distribution: x with I_x(a, b) = p, by bisection to the last bit. */
export function betaQuantile(p: number, a: number, b: number): number {
  return bisect((x) => incompleteBeta(x, a, b) < p, 0, 1);
}

/** P(Bin(n, p) <= k). */
export function binomialCdf(k: number, n: number, p: number): number {
  if (k < 0) return 0;
  if (k >= n) return 1;
  return incompleteBeta(1 - p, n - k, k + 1);
}

/** erfc(x) for x >= 0: a series below 2, a continued fraction above. */
function complementaryError(x: number): number {
  if (x < 2) {
    let term = x, sum = x;
    for (let k = 1; k < 200 && Math.abs(term) > 1e-18 * Math.abs(sum); k++) {
      term *= -x * x / k;
      sum += term / (2 * k + 1);
    }
    return 1 - 2 / Math.sqrt(Math.PI) * sum;
  }
  let fraction = 0;
  for (let k = 120; k >= 1; k--) fraction = k / 2 / (x + fraction);
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + fraction);
}

/** P(Z > z) for a standard normal Z. */
export function normalTail(z: number): number {
  return z >= 0
    ? complementaryError(z / Math.SQRT2) / 2
    : 1 - complementaryError(-z / Math.SQRT2) / 2;
}

/** z with P(Z <= z) = p, 0 < p < 1. */
export function normalQuantile(p: number): number {
  if (p < 0.5) return -normalQuantile(1 - p);
  return bisect((z) => normalTail(z) > 1 - p, 0, 40);
}

/** The point in [low, high] where `below` turns from true to false, to the last bit. */
export function bisect(
  below: (x: number) => boolean,
  low: number,
  high: number,
): number {
  for (let step = 0; step < 1100; step++) {
    const middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) break;
    if (below(middle)) low = middle;
    else high = middle;
  }
  return low + (high - low) / 2;
}
