import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { table } from "arquero";
import { Window } from "happy-dom";
import { renderReport, type ReportOptions } from "../../experiments/report/report.ts";
import {
  comparisonRows,
  reportedName,
  scoreBars,
  scoreRows,
} from "../../experiments/main_results/reported.ts";
import { curves } from "../../lib/figures/mod.ts";
import { UsageError } from "../../lib/runtime/mod.ts";
import { lines } from "../figures/samples.ts";
import { sampleResults } from "./sample_results.ts";

const options: ReportOptions = {
  title: "Made-up results",
  summary: "Nothing here was measured.",
  results: sampleResults,
  sections: [
    {
      id: "main-results",
      question: "Does balancing help?",
      answer: "CA-GRPO scores highest & base lowest.",
      table: table({
        system: ["base", "</script><b>"],
        score: [0.5, 0.25],
      }),
      tableCaption: "Scores",
      figures: [scoreBars(sampleResults, "Scores on the four capabilities"), curves(lines)],
      method: "Made up.",
      command: "deno task experiments main-results --preset smoke",
    },
    {
      id: "differences",
      question: "By how much?",
      answer: "By four points.",
      table: comparisonRows(sampleResults),
      figures: [],
      method: "Made up.",
      command: "deno task experiments main-results",
    },
  ],
};

const page = await renderReport(options);
const skeleton = page.replace(/<script id="plotly">.*?<\/script>/s, "");

function parse(html: string) {
  const window = new Window();
  window.document.write(html);
  return window.document;
}

Deno.test("the report holds every question, answer, table, figure, method and command in order", () => {
  const document = parse(skeleton);
  assertEquals(document.querySelectorAll("h1").length, 1);
  assertEquals([...document.querySelectorAll("section")].map((s) => s.id), [
    "run",
    "main-results",
    "differences",
  ]);
  const section = document.getElementById("main-results")!;
  assertEquals(section.querySelector(".answer")!.textContent, options.sections[0]!.answer);
  assertEquals(section.querySelector("caption")!.textContent, "Scores");
  assertEquals(section.querySelectorAll("figure").length, 2);
  assertEquals(section.querySelector("pre code")!.textContent, options.sections[0]!.command);
  assertStringIncludes(section.querySelector("figcaption")!.textContent, "n = 200 for each bar");
});

Deno.test("the report says what ran, where, with which versions, seeds and configuration", () => {
  const text = parse(skeleton).getElementById("run")!.textContent;
  for (
    const part of [
      "main-results",
      "smoke",
      "0, 1, 2",
      "0123456789abcdef",
      "2026-11-25 02:00 UTC",
      "Made-up <CPU>, 2 cores, 8 GB, linux x86_64",
      "wasm (@tensorflow/tfjs-core 4.22.0): no compiler",
      "0.1.0",
      "Made up for a test & nothing else",
      "training",
      '"steps": 10',
    ]
  ) assertStringIncludes(text, part);
});

Deno.test("the report needs no network", () => {
  const document = parse(skeleton);
  assertEquals([...document.querySelectorAll("[src], link, iframe")].length, 0);
  const targets = [...document.querySelectorAll("[href]")].map((a) => a.getAttribute("href")!);
  assert(targets.every((href) => href.startsWith("#") || href.startsWith("data:")));
  assert(!/url\(["']?http/.test(skeleton));
});

Deno.test("Plotly is there once with figures, and not at all without", async () => {
  assertEquals(page.match(/<script id="plotly">/g)!.length, 1);
  const sections = options.sections.slice(1);
  assert((await renderReport({ ...options, sections })).length < 20_000);
});

Deno.test("accessible: language, names for pictures and regions, headings, links that lead somewhere", () => {
  const document = parse(skeleton);
  assertEquals(document.documentElement.getAttribute("lang"), "en");
  for (const picture of document.querySelectorAll("svg.main-svg[viewBox], .live, .scroll")) {
    assert((picture.getAttribute("aria-label") ?? "").length > 3);
  }
  assertEquals(document.querySelectorAll('.still > svg[role="img"]').length, 2);
  for (const link of document.querySelectorAll('a[href^="#"]')) {
    assert(document.getElementById(link.getAttribute("href")!.slice(1)));
  }
  const ids = [...skeleton.matchAll(/ id="([^"]+)"/g)].map((m) => m[1]);
  assertEquals(new Set(ids).size, ids.length);
});

Deno.test("text from results cannot become markup", () => {
  assert(!skeleton.includes("</script><b>"));
  assert(!skeleton.includes("<CPU>"));
});

/** Runs the page's own script with a stand-in for Plotly, in a window of a given width in px. */
async function start(width: number, newPlot: (place: unknown, data: unknown[]) => Promise<void>) {
  const document = parse(skeleton);
  const script = [...document.querySelectorAll("script")].at(-1)!.textContent;
  for (const figure of document.querySelectorAll("figure")) {
    Object.defineProperty(figure, "clientWidth", { value: width });
  }
  let load = () => Promise.resolve();
  const listen = (_: string, run: () => Promise<void>) => load = run;
  const plotly = { newPlot };
  new Function("window", "document", "addEventListener", "Plotly", script)(
    { Plotly: plotly },
    document,
    listen,
    plotly,
  );
  await load();
  const hidden = (name: string) =>
    [...document.querySelectorAll(name)].map((e) => e.hasAttribute("hidden"));
  return { still: hidden(".still"), live: hidden(".live") };
}

Deno.test("figures become interactive where there is room", async () => {
  const sizes: number[] = [];
  const state = await start(700, (_, data) => {
    sizes.push(data.length);
    return Promise.resolve();
  });
  assertEquals(state, { still: [true, true], live: [false, false] });
  assertEquals(sizes, [11, 4]);
});

Deno.test("figures stay pictures on a phone and where Plotly fails", async () => {
  const pictures = { still: [false, false], live: [true, true] };
  assertEquals(await start(350, () => Promise.resolve()), pictures);
  assertEquals(await start(700, () => Promise.reject(new Error("no canvas"))), pictures);
});

Deno.test("what the paper reports stands in a column of its own", () => {
  const rows = scoreRows(sampleResults);
  assertEquals(rows.map((row) => row[reportedName]), ["80.95", "61.94", "67.95", "86.7"]);
  assertEquals(rows[0]!["CA-GRPO"], "46.0 [43.0, 49.0]");
  assertEquals(rows[0]!.n, "200");
  assertEquals(Object.keys(rows[0]!).at(-1), reportedName);
});

Deno.test("paired differences are in points with interval and p", () => {
  assertEquals(comparisonRows(sampleResults), [{
    capability: "domain",
    comparison: "CA-GRPO \u2212 SFT",
    "difference (points)": "4.0 [\u22121.0, 9.0]",
    p: "0.120",
    n: 200,
  }]);
});

Deno.test("a time does not change the figures, and the same input gives the same page", async () => {
  assertEquals(await renderReport(options), page);
  const later = { ...sampleResults, date: "2030-01-01T00:00:00Z", seconds: { all: 99 } };
  assertEquals(scoreBars(later, "t"), scoreBars(sampleResults, "t"));
  assertEquals(scoreRows(later), scoreRows(sampleResults));
});

Deno.test("no results, or one id twice, is refused", async () => {
  await assertRejects(() => renderReport({ ...options, results: [] }), UsageError, "found none");
  const twice = [options.sections[0]!, options.sections[0]!];
  await assertRejects(
    () => renderReport({ ...options, sections: twice }),
    UsageError,
    "id of its own",
  );
});
