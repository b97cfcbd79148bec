/** Shapes of markers, in Plotly's names. */
export type MarkerSymbol =
  | "circle"
  | "square"
  | "diamond"
  | "triangle-up"
  | "triangle-down"
  | "cross"
  | "x"
  | "star";

/** Kinds of line, in Plotly's names. */
export type LineDash = "solid" | "dash" | "dot" | "dashdot" | "longdash";

/** How one method looks in every figure. Colour is never alone: symbol and dash tell methods apart in grey too. */
export interface MethodStyle {
  /** Colour as `#RRGGBB`. */
  readonly color: string;
  /** Shape of its markers. */
  readonly symbol: MarkerSymbol;
  /** Kind of its lines. */
  readonly dash: LineDash;
}

/**
 * The colours of Okabe and Ito (Color Universal Design, 2008), which people with the common kinds of colour
 * blindness tell apart; yellow is left out because it is too pale for lines on white.
 */
export const palette = {
  grey: "#ABABAB",
  orange: "#E69F00",
  sky: "#56B4E9",
  green: "#009E73",
  vermillion: "#D55E00",
  blue: "#0072B2",
  purple: "#CC79A7",
  black: "#222222",
  brown: "#8C510A",
  teal: "#35978F",
} as const;

function style(
  color: keyof typeof palette,
  symbol: MarkerSymbol = "circle",
  dash: LineDash = "solid",
): MethodStyle {
  return { color: palette[color], symbol, dash };
}

const methods: Readonly<Record<string, MethodStyle>> = {
  base: style("grey", "circle"),
  sft: style("orange", "square"),
  grpo: style("sky", "triangle-up"),
  gdpo: style("green", "diamond"),
  cagrpo: style("vermillion", "circle"),
  capabilityaware: style("vermillion", "circle"),
  momentumaware: style("vermillion", "square", "dash"),
  capped: style("vermillion", "triangle-up", "dot"),
  margin: style("vermillion", "diamond", "dashdot"),
  static: style("black", "circle"),
  uniform: style("grey", "square", "dash"),
  mogrpo: style("sky", "diamond", "dash"),
  conditioned: style("green", "triangle-up", "dash"),
  gated: style("green", "triangle-up", "dash"),
  mgda: style("blue", "circle"),
  pcgrad: style("purple", "circle"),
  cagrad: style("brown", "circle"),
  imtlg: style("teal", "circle"),
  nashmtl: style("blue", "square", "dash"),
  alignedmtl: style("purple", "square", "dash"),
  upgrad: style("brown", "square", "dash"),
  dualproj: style("teal", "square", "dash"),
  dualbasis: style("black", "diamond", "dot"),
  measured: style("blue", "circle"),
  majority: style("grey", "x", "dot"),
  naivebayes: style("blue", "diamond", "dashdot"),
  mean: style("black", "square", "dash"),
  noiseaware: style("vermillion", "x", "longdash"),
  config: style("purple", "diamond", "dot"),
  fairgrad: style("brown", "diamond", "dot"),
  unweighted: style("grey", "square", "dash"),
  rewardedsoups: style("blue", "triangle-up", "dot"),
  domain: style("blue", "circle"),
  reasoning: style("purple", "square", "dash"),
  instruction: style("brown", "triangle-up", "dashdot"),
  integration: style("black", "diamond", "dot"),
};

const spare: readonly MethodStyle[] = [
  style("blue", "star"),
  style("purple", "star"),
  style("brown", "star"),
  style("teal", "star"),
  style("green", "star"),
  style("black", "star"),
];

/** The name by which a method is looked up: lower case, letters and digits alone. */
function methodKey(system: string): string {
  return system.toLowerCase().replace(/[^a-z0-9]/g, "");
}

/**
 * The style of a method, the same in every figure.
 *
 * A name that is not in the table gets one of six spare styles, by its letters.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { methodStyle } from "./method_style.ts";
 *
 * assertEquals(methodStyle("CA-GRPO"), methodStyle("ca_grpo"));
 * ```
 */
export function methodStyle(system: string): MethodStyle {
  const key = methodKey(system);
  const known = methods[key];
  if (known !== undefined) return known;
  let sum = 0;
  for (const letter of key) sum = (sum * 31 + letter.charCodeAt(0)) % 65521;
  return spare[sum % spare.length]!;
}

/** The colour of a method, the same in every figure, as `#RRGGBB`. */
export function methodColor(system: string): string {
  return methodStyle(system).color;
}

/** The same colour with an opacity in [0, 1], as `rgba(...)`. */
export function withOpacity(color: string, opacity: number): string {
  const channel = (at: number) => Number.parseInt(color.slice(at, at + 2), 16);
  return `rgba(${channel(1)},${channel(3)},${channel(5)},${opacity})`;
}
