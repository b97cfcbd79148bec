/** Shapes of markers, in Plotly's names. */
export type MarkerSymbol =
  | "circle"
  | "square"
  | "diamond"
  | "triangle-up"
  | "triangle-down"
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
  formfiller: style("purple", "x", "dot"),
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
  all: style("sky", "triangle-down"),
  capabilityawareweights: style("vermillion", "circle"),
  grpowithoutstd: style("sky", "square", "dash"),
  exactfront: style("green", "square"),
  start: style("purple", "star"),
  reachable: style("green", "square"),
  realised: style("vermillion", "circle"),
  lora: style("blue", "circle"),
  full: style("orange", "square", "dash"),
  loraeachcompletionbyitself: style("purple", "triangle-up", "dot"),
};

/** Colours of names that are not in the table: not those of lines from theory and of capability-aware weights. */
const spareColors = ["blue", "orange", "green", "purple", "brown", "sky"] as const;

/** Their markers and lines. */
const spareShapes: readonly (readonly [MarkerSymbol, LineDash])[] = [
  ["circle", "solid"],
  ["square", "dash"],
  ["diamond", "dot"],
  ["triangle-up", "dashdot"],
  ["triangle-down", "solid"],
];

/** 6 and 5 have no common factor: neighbours differ in colour and in shape, and all pairs come up. */
const spare: readonly MethodStyle[] = Array.from(
  { length: spareColors.length * spareShapes.length },
  (_, i) => {
    const [symbol, dash] = spareShapes[i % spareShapes.length]!;
    return style(spareColors[i % spareColors.length]!, symbol, dash);
  },
);

/** The place of a name among the spare styles, by its letters. */
function spareIndex(key: string): number {
  let hash = 2166136261;
  for (const letter of key) {
    hash = Math.imul(hash ^ letter.codePointAt(0)!, 16777619) >>> 0;
  }
  return ((hash ^ (hash >>> 15)) >>> 0) % spare.length;
}

/** The name by which a method is looked up: lower case, letters and digits alone. */
function methodKey(system: string): string {
  return system.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}

/**
 * The style of a method, the same in every figure.
 *
 * A name that is not in the table gets one of 30 spare styles, by its letters.
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
  return methods[key] ?? spare[spareIndex(key)]!;
}

/**
 * The styles of the names that stand in one figure.
 *
 * Each has its {@linkcode methodStyle}, unless two names that are not in the table would have one colour or one shape:
 * then the one later in the alphabet takes the next spare style that is free, so that no two look alike while there
 * are colours. The order in which the names are given changes nothing.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { methodStyles } from "./method_style.ts";
 *
 * const styles = methodStyles(["one", "two", "three", "GRPO"]);
 * assertEquals(new Set([...styles.values()].map(({ color }) => color)).size, 4);
 * ```
 */
export function methodStyles(names: readonly string[]): ReadonlyMap<string, MethodStyle> {
  const keys = new Map(names.map((name) => [methodKey(name), methodStyle(name)]));
  const unknown = [...keys.keys()].filter((key) => methods[key] === undefined).sort();
  const taken = [...keys].filter(([key]) => methods[key] !== undefined).map(([, known]) => known);
  for (const key of unknown) {
    const first = spareIndex(key);
    const order = spare.map((_, i) => spare[(first + i) % spare.length]!);
    const free = (alike: (a: MethodStyle, b: MethodStyle) => boolean) =>
      order.find((candidate) => !taken.some((other) => alike(candidate, other)));
    const chosen = free((a, b) => a.color === b.color || a.symbol === b.symbol) ??
      free((a, b) => a.color === b.color) ??
      free((a, b) => a.color === b.color && a.symbol === b.symbol) ?? order[0]!;
    taken.push(chosen);
    keys.set(key, chosen);
  }
  return new Map(names.map((name) => [name, keys.get(methodKey(name))!]));
}

/** The style of a method where it is known; of names that stand beside their marks and need no style to be told apart, black. */
export function knownStyle(name: string): MethodStyle {
  return methods[methodKey(name)] ?? style("black");
}

/** Plotly's size of a marker in px, by shape, so that all look as large as a circle of `size`. */
export function markerSize(symbol: MarkerSymbol, size: number): number {
  if (symbol === "circle" || symbol === "square") return size;
  if (symbol === "star") return size * 1.7;
  return size * (symbol.startsWith("triangle") ? 1.35 : 1.15);
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
