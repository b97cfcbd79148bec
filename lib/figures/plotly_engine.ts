import { Window } from "happy-dom";
import pageSource from "plotly.js-cartesian-dist-min/plotly-cartesian.min.js" with { type: "text" };
import plotlySource from "plotly.js-dist/plotly.js" with { type: "text" };
import { textWidth } from "./text.ts";
import type { PlotlySpec } from "./figure.ts";

/** The source that pages embed: Plotly's cartesian build, 1.5 MB instead of the 10 MB of the whole one. */
export const plotlyScript: string = pageSource;

interface Plotly {
  toImage(spec: unknown, options: unknown): Promise<string>;
}

interface Engine {
  readonly plotly: Plotly;
  /** Restarts Plotly's random numbers, from which it makes the ids in a picture. */
  seed(value: number): void;
}

let engine: Engine | undefined;
let queue: Promise<unknown> = Promise.resolve();

/**
 * Draws a Plotly spec as SVG text without a browser.
 *
 * Plotly runs on a document of happy-dom and sees no global of this process; widths of texts come from the shipped
 * font. Same spec, same bytes, in every process. Ids inside the picture depend on the spec, so pictures of different
 * specs can stand in one page.
 *
 * @param spec Plotly data and layout; the layout holds width and height in px.
 * @throws {Error} what Plotly says if the spec is not one.
 */
export function plotlySvg(spec: PlotlySpec): Promise<string> {
  // One at a time: the pictures share one stream of random numbers.
  const drawn = queue.then(() => draw(spec));
  queue = drawn.catch(() => undefined);
  return drawn;
}

async function draw(spec: PlotlySpec): Promise<string> {
  engine ??= startEngine();
  const text = JSON.stringify({ data: spec.data, layout: spec.layout });
  engine.seed(checksum(text));
  const { width, height } = spec.layout;
  const options = { format: "svg", imageDataOnly: true, width, height };
  const svg = await engine.plotly.toImage(JSON.parse(text), options);
  // resvg reads url(#id) only without quotes, and knows no "pixelated".
  return svg.replace(/url\((?:'|&quot;)(#[^'&)]+)(?:'|&quot;)\)/g, "url($1)")
    .replaceAll(
      "image-rendering: pixelated",
      "image-rendering: optimizeSpeed",
    ) + "\n";
}

/** A number in 1..2^31 - 2 from a text. */
function checksum(text: string): number {
  let hash = 7;
  for (let i = 0; i < text.length; i++) {
    hash = (Math.imul(hash, 16777619) ^ text.charCodeAt(i)) >>> 0;
  }
  return hash % 2147483645 + 1;
}

function startEngine(): Engine {
  const window = new Window({ url: "http://localhost/" }) as unknown as Record<
    string,
    unknown
  >;
  giveTextSizes(window);
  (window.URL as { createObjectURL: unknown }).createObjectURL = () => "blob:none";
  const { random, seed } = seededRandom();
  const math = Object.create(null, {
    ...Object.getOwnPropertyDescriptors(Math),
    random: { value: random },
  });
  const scope: Record<string, unknown> = { window, self: window, Math: math };
  for (
    const name of [
      "document",
      "navigator",
      "location",
      "HTMLElement",
      "SVGElement",
      "Element",
    ]
  ) scope[name] = window[name];
  for (const name of ["Node", "DOMParser", "XMLSerializer"]) {
    scope[name] = window[name];
  }
  for (
    const name of [
      "getComputedStyle",
      "requestAnimationFrame",
      "cancelAnimationFrame",
    ]
  ) {
    scope[name] = (window[name] as (...values: unknown[]) => unknown).bind(
      window,
    );
  }
  const module = { exports: {} as Plotly };
  // The browser's names are parameters of the function around the library, never globals of this process.
  new Function("module", "exports", ...Object.keys(scope), plotlySource)(
    module,
    module.exports,
    ...Object.values(scope),
  );
  return { plotly: module.exports, seed };
}

/** The generator of Park and Miller ("minimal standard"): enough for ids. */
function seededRandom(): { random(): number; seed(value: number): void } {
  let state = 1;
  return {
    random: () => {
      state = (state * 16807) % 2147483647;
      return (state - 1) / 2147483646;
    },
    seed: (value) => state = value,
  };
}

interface TextNode {
  readonly tagName: string;
  readonly textContent: string | null;
  readonly parentElement: TextNode | null;
  getAttribute(name: string): string | null;
  querySelectorAll(selector: string): Iterable<TextNode>;
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Gives a document without a layout engine the sizes of its texts. */
function giveTextSizes(window: Record<string, unknown>): void {
  const prototype = (name: string) => (window[name] as { prototype: object }).prototype;
  const method = (value: (this: TextNode) => unknown) => ({
    value,
    configurable: true,
  });
  Object.defineProperties(prototype("Element"), {
    getBoundingClientRect: method(function () {
      return textBox(this);
    }),
  });
  Object.defineProperties(prototype("SVGElement"), {
    getBBox: method(function () {
      return textBox(this);
    }),
    getComputedTextLength: method(function () {
      return textBox(this).width;
    }),
  });
}

function textBox(element: TextNode): Box {
  const isText = /^(?:text|tspan)$/i.test(element.tagName);
  const texts = isText ? linesOf(element) : [];
  const size = fontSize(element);
  const width = Math.max(0, ...texts.map((line) => textWidth(line, size)));
  const height = texts.length === 0 ? 0 : size * (1.17 + 1.3 * (texts.length - 1));
  const top = -size * 0.93;
  const left = texts.length === 0 ? 0 : -anchorShare(element) * width;
  const y = texts.length === 0 ? 0 : top;
  return {
    x: left,
    y,
    width,
    height,
    left,
    top: y,
    right: left + width,
    bottom: y + height,
  };
}

/** The lines of a text: Plotly writes each line after a break as a tspan of class "line". */
function linesOf(element: TextNode): string[] {
  const lines = [...element.querySelectorAll("tspan.line")].map((line) => line.textContent ?? "");
  const all = lines.length > 0 ? lines : [element.textContent ?? ""];
  return all.every((line) => line === "") ? [] : all;
}

function inherited(
  element: TextNode,
  pattern: RegExp,
  attribute: string,
): string | undefined {
  for (let at: TextNode | null = element; at; at = at.parentElement) {
    const value = pattern.exec(at.getAttribute("style") ?? "")?.[1] ??
      at.getAttribute(attribute);
    if (value) return value;
  }
  return undefined;
}

function fontSize(element: TextNode): number {
  return Number.parseFloat(
    inherited(element, /font-size:\s*([\d.]+)px/, "font-size") ?? "12",
  );
}

function anchorShare(element: TextNode): number {
  const anchor = inherited(element, /text-anchor:\s*(\w+)/, "text-anchor");
  return anchor === "middle" ? 0.5 : anchor === "end" ? 1 : 0;
}
