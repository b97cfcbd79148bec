/**
 * One page that reads like the results section of a paper and needs no network.
 *
 * @module
 */
import {
  csvTable,
  escapeXml,
  type Figure,
  figureSvg,
  htmlTable,
  plotlyScript,
  type Row,
  specJson,
  type Table,
} from "../lib/figures/mod.ts";
import type { Results } from "./results.ts";

/** One question and what came out. */
export interface ReportSection {
  /** Anchor in the page: letters, digits and `-`. */
  readonly id: string;
  /** The question, as a heading. */
  readonly question: string;
  /** The answer in a sentence. */
  readonly answer: string;
  /** The numbers that answer it. */
  readonly table?: Table;
  /** Text above the table. */
  readonly tableCaption?: string;
  /** Decimals in the table; default 2. */
  readonly digits?: number;
  /** The figures that answer it. */
  readonly figures: readonly Figure[];
  /** How it was measured. */
  readonly method: string;
  /** The command that gives it again. */
  readonly command: string;
}

/** What {@linkcode renderReport} writes. */
export interface ReportOptions {
  /** Title of the page. */
  readonly title: string;
  /** A few sentences under the title. */
  readonly summary?: string;
  /** The results of one experiment or of several. */
  readonly results: Results | readonly Results[];
  /** The questions, in order. */
  readonly sections: readonly ReportSection[];
}

/**
 * A report as one HTML page: what ran where, then for each section question, answer, table, figures, method, command.
 *
 * Figures stand in the page as SVG; where scripts run and the window is wide enough they become interactive. Plotly is
 * in the page once, each figure's data once. Same input, same text.
 *
 * @throws {RangeError} if there are no results, or two sections have one id.
 */
export async function renderReport(options: ReportOptions): Promise<string> {
  const results = "metrics" in options.results ? [options.results] : options.results;
  if (results.length === 0) {
    throw new RangeError("Expected results for the report but found none");
  }
  const ids = new Set<string>();
  for (const { id } of options.sections) {
    if (!/^[A-Za-z][\w-]*$/.test(id) || ids.has(id)) {
      throw new RangeError(
        `Expected each section to have an id of its own but found "${id}"`,
      );
    }
    ids.add(id);
  }
  const sections: string[] = [];
  for (const [index, section] of options.sections.entries()) {
    sections.push(await sectionHtml(section, index + 1));
  }
  const interactive = options.sections.some((section) => section.figures.length > 0);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeXml(options.title)}</title>
<style>${style}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the results</a>
<header>
<h1>${escapeXml(options.title)}</h1>
${options.summary ? `<p>${escapeXml(options.summary)}</p>\n` : ""}<nav aria-label="Contents"><ol>
${
    options.sections.map(({ id, question }) =>
      `<li><a href="#${id}">${escapeXml(question)}</a></li>`
    ).join("\n")
  }
</ol></nav>
</header>
<main id="main">
${runHtml(results)}
${sections.join("\n")}
</main>
${interactive ? scripts() : ""}</body>
</html>
`;
}

function runHtml(results: readonly Results[]): string {
  const rows = results.map((r): Row => ({
    experiment: r.experiment,
    preset: r.preset,
    seeds: r.seeds.join(", "),
    "config hash": r.config_hash,
    seconds: Math.round(
      Object.values(r.seconds).reduce((sum, s) => sum + s, 0),
    ),
    ended: r.date.slice(0, 16).replace("T", " ") + " UTC",
  }));
  const facts = (list: readonly string[]) => [...new Set(list)].map(escapeXml).join("<br>");
  const machines = results.map(({ machine: m }) =>
    `${m.cpu}, ${m.cores} cores, ${m.memory_gb} GB, ${m.os} ${m.arch}`
  );
  const backends = results.map(({ backend }) => {
    const versions = Object.entries(backend.versions).map(([name, v]) => `${name} ${v}`);
    return `${backend.name} (${versions.join(", ")})${backend.note ? `: ${backend.note}` : ""}`;
  });
  const notes = [...new Set(results.flatMap((r) => r.notes))];
  const stages = results.flatMap((r) =>
    Object.entries(r.seconds).map(([stage, seconds]): Row => ({
      experiment: r.experiment,
      stage,
      seconds,
    }))
  );
  return `<section id="run" aria-labelledby="run-title">
<h2 id="run-title">What ran</h2>
<div class="scroll" tabindex="0" role="region" aria-label="Runs">${htmlTable(rows)}</div>
<dl>
<dt>Machine</dt><dd>${facts(machines)}</dd>
<dt>Backend</dt><dd>${facts(backends)}</dd>
<dt>Version</dt><dd>${facts(results.map((r) => r.version))}</dd>
</dl>
${
    notes.length > 0
      ? `<ul class="notes">\n${notes.map((n) => `<li>${escapeXml(n)}</li>`).join("\n")}\n</ul>\n`
      : ""
  }<details><summary>Time of each stage</summary>
<div class="scroll" tabindex="0" role="region" aria-label="Time of each stage">${
    htmlTable(stages, { digits: 1 })
  }</div></details>
<details><summary>Configuration</summary>
${
    results.map((r) =>
      `<p>${escapeXml(r.experiment)}</p>\n<pre tabindex="0">${
        escapeXml(JSON.stringify(r.config, null, 2))
      }</pre>`
    ).join("\n")
  }
</details>
</section>`;
}

async function sectionHtml(
  section: ReportSection,
  number: number,
): Promise<string> {
  const { id } = section;
  const figures: string[] = [];
  for (const [index, figure] of section.figures.entries()) {
    figures.push(
      await figureHtml(
        figure,
        `${id}-figure-${index + 1}`,
        `${number}.${index + 1}`,
      ),
    );
  }
  const caption = section.tableCaption ? { caption: section.tableCaption } : {};
  const digits = section.digits === undefined ? {} : { digits: section.digits };
  const table = section.table
    ? `<div class="scroll" tabindex="0" role="region" aria-label="${
      escapeXml(section.tableCaption ?? section.question)
    }">${htmlTable(section.table, { ...caption, ...digits })}</div>\n`
    : "";
  return `<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${number}. ${escapeXml(section.question)}</h2>
<p class="answer">${escapeXml(section.answer)}</p>
${table}${figures.join("")}<h3>How it was measured</h3>
<p>${escapeXml(section.method)}</p>
<h3>To reproduce</h3>
<pre tabindex="0"><code>${escapeXml(section.command)}</code></pre>
</section>`;
}

async function figureHtml(
  figure: Figure,
  id: string,
  number: string,
): Promise<string> {
  const csv = `data:text/csv;charset=utf-8,${encodeURIComponent(csvTable(figure.rows))}`;
  return `<figure id="${id}">
<div class="still">${(await figureSvg(figure)).trim()}</div>
<div class="live" role="img" aria-label="${escapeXml(figure.alt)}" hidden></div>
<figcaption><b>Figure ${number}.</b> ${escapeXml(figure.caption)}
<a class="data" download="${id}.csv" href="${escapeXml(csv)}">Data (CSV)</a></figcaption>
<script type="application/json" class="spec">${specJson(figure.spec)}</script>
</figure>
`;
}

function scripts(): string {
  // "</script" must not stand inside a script; inside JavaScript's strings "<\/script" means the same.
  const library = plotlyScript.replaceAll("</script", "<\\/script");
  return `<script id="plotly">${library}</script>\n<script>${startFigures}</script>\n`;
}

/** Makes every figure interactive that has the room; a figure that fails stays a picture. */
const startFigures = `
addEventListener("load", async () => {
  if (!window.Plotly) return;
  for (const figure of document.querySelectorAll("figure")) {
    const still = figure.querySelector(".still");
    const live = figure.querySelector(".live");
    try {
      const spec = JSON.parse(figure.querySelector(".spec").textContent);
      if (figure.clientWidth < spec.layout.width) continue;
      live.hidden = false;
      await Plotly.newPlot(live, spec.data, spec.layout, { displaylogo: false });
      still.hidden = true;
    } catch {
      live.hidden = true;
      still.hidden = false;
    }
  }
});
`;

const style = `
:root { color-scheme: light; }
body { margin: 0 auto; max-width: 45rem; padding: 1rem; background: #fff; color: #1a1a1a;
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.25; }
h2 { font-size: 1.25rem; line-height: 1.3; margin: 2.5rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1.2rem 0 .2rem; }
a { color: #00558c; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; background: #fff; padding: .5rem; }
.answer { font-size: 1.05rem; border-left: 3px solid #d55e00; padding-left: .8rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .88rem; margin: .8rem 0; border-top: 2px solid #1a1a1a;
  border-bottom: 2px solid #1a1a1a; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding-bottom: .3rem; }
th { border-bottom: 1px solid #1a1a1a; vertical-align: bottom; }
th, td { text-align: left; padding: .25rem .7rem .25rem 0; }
.number { text-align: right; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; font-size: .92rem; }
dt { font-weight: 600; }
dd { margin: 0; }
figure { margin: 1.2rem 0; overflow-x: auto; }
figure [hidden] { display: none; }
.still svg { display: block; max-width: 100%; min-width: min(100%, 20rem); height: auto; }
figcaption { font-size: .88rem; }
pre { overflow-x: auto; background: #f4f4f4; padding: .6rem .8rem; font-size: .85rem; }
@media (max-width: 44rem) {
  dl { grid-template-columns: 1fr; }
  dd { margin-bottom: .4rem; }
  .still svg[width="672"] { min-width: 36rem; }
}
@media print {
  @page { margin: 18mm; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  nav, .skip, .data, details:not([open]) { display: none; }
  .live { display: none; }
  figure .still[hidden] { display: block; }
  figure, table, pre { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  pre { white-space: pre-wrap; }
  figure, .scroll { overflow: visible; }
}
`;
