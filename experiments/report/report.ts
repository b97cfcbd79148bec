/**
 * One page that reads like the results section of a paper and needs no network.
 *
 * @module
 */
import {
  csvTable,
  type Figure,
  figureSvg,
  htmlPage,
  htmlTable,
  markup,
  plotlyScript,
  type Row,
  type SafeHtml,
  specJson,
} from "../../lib/figures/mod.ts";
import { UsageError } from "../../lib/runtime/mod.ts";
import type { ReportSection } from "../core/experiment.ts";
import { reportStyle } from "./style.ts";
import type { Results } from "../../lib/runs/mod.ts";

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
  /** Pictures of figures as `figureSvg` draws them, where they are known; the others are drawn. */
  readonly svgs?: ReadonlyMap<Figure, string>;
}

/**
 * A report as one HTML page: what ran where, then for each section question, answer, table, figures, method, command.
 *
 * Figures stand in the page as SVG; where scripts run and the window is wide enough they become interactive. Plotly is
 * in the page once, each figure's data once. Same input, same text.
 *
 * @throws {UsageError} if there are no results, or two sections have one id.
 */
export async function renderReport(options: ReportOptions): Promise<string> {
  const results = "metrics" in options.results ? [options.results] : options.results;
  if (results.length === 0) {
    throw new UsageError("Expected results for the report but found none");
  }
  const ids = new Set<string>();
  for (const { id } of options.sections) {
    if (!/^[A-Za-z][\w-]*$/.test(id) || ids.has(id)) {
      throw new UsageError(
        `Expected each section to have an id of its own but found "${id}"`,
      );
    }
    ids.add(id);
  }
  const sections: SafeHtml[] = [];
  for (const [index, section] of options.sections.entries()) {
    sections.push(await sectionHtml(section, index + 1, options.svgs));
  }
  const interactive = options.sections.some((section) => section.figures.length > 0);
  const summary = options.summary && markup`<p>${options.summary}</p>\n`;
  const body = markup`<a class="skip" href="#main">Skip to the results</a>
<header>
<h1>${options.title}</h1>
${summary}${contentsHtml(options.sections)}
</header>
<main id="main">
${runHtml(results)}
${sections}</main>
${interactive ? scripts() : null}`;
  return htmlPage(options.title, reportStyle, body);
}

/** The contents: one list, or one for each group where there are several. */
function contentsHtml(sections: readonly ReportSection[]): SafeHtml {
  const numbered = sections.map((section, i) => ({ ...section, number: i + 1 }));
  const groups = [...Map.groupBy(numbered, ({ group }) => group ?? "")];
  const lists = groups.map(([group, entries]) => {
    const title = group === "" || groups.length === 1
      ? null
      : markup`<p class="group">${group}</p>\n`;
    const items = entries.map(({ id, question, number }) =>
      markup`<li value="${number}"><a href="#${id}">${question}</a></li>\n`
    );
    return markup`<div>${title}<ol>\n${items}</ol></div>\n`;
  });
  return markup`<nav aria-labelledby="contents-title">
<h2 id="contents-title">Contents</h2>
<p><a href="#run">What ran</a></p>
<div class="contents">
${lists}</div>
</nav>`;
}

function runHtml(results: readonly Results[]): SafeHtml {
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
  const facts = (list: readonly string[]) =>
    [...new Set(list)].map((fact, i) => i === 0 ? fact : markup`<br>${fact}`);
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
  const noteList = notes.length > 0
    ? markup`<ul class="notes">\n${notes.map((n) => markup`<li>${n}</li>\n`)}</ul>\n`
    : null;
  const configurations = results.map((r) =>
    markup`<p>${r.experiment}</p>
<pre tabindex="0">${JSON.stringify(r.config, null, 2)}</pre>
`
  );
  return markup`<section id="run" aria-labelledby="run-title">
<h2 id="run-title">What ran</h2>
<div class="scroll" tabindex="0" role="region" aria-label="Runs">${markup.raw`${
    htmlTable(rows)
  }`}</div>
<dl>
<dt>Machine</dt><dd>${facts(machines)}</dd>
<dt>Backend</dt><dd>${facts(backends)}</dd>
<dt>Version</dt><dd>${facts(results.map((r) => r.version))}</dd>
</dl>
${noteList}<details><summary>Time of each stage</summary>
<div class="scroll" tabindex="0" role="region" aria-label="Time of each stage">${markup.raw`${
    htmlTable(stages, { digits: 1 })
  }`}</div></details>
<details><summary>Configuration</summary>
${configurations}</details>
</section>`;
}

async function sectionHtml(
  section: ReportSection,
  number: number,
  svgs: ReportOptions["svgs"],
): Promise<SafeHtml> {
  const { id } = section;
  const figures: SafeHtml[] = [];
  for (const [index, figure] of section.figures.entries()) {
    figures.push(
      figureHtml(
        figure,
        svgs?.get(figure) ?? await figureSvg(figure),
        `${id}-figure-${index + 1}`,
        `${number}.${index + 1}`,
      ),
    );
  }
  const caption = section.tableCaption ? { caption: section.tableCaption } : {};
  const digits = section.digits === undefined ? {} : { digits: section.digits };
  const table = section.table
    ? markup`<div class="scroll" tabindex="0" role="region" aria-label="${
      section.tableCaption ?? section.question
    }">${markup.raw`${htmlTable(section.table, { ...caption, ...digits })}`}</div>\n`
    : null;
  return markup`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${number}. ${section.question}</h2>
<p class="answer">${section.answer}</p>
${table}${figures}<h3>How it was measured</h3>
<p>${section.method}</p>
<h3>To reproduce</h3>
<pre tabindex="0"><code>${section.command}</code></pre>
</section>
`;
}

function figureHtml(
  figure: Figure,
  svg: string,
  id: string,
  number: string,
): SafeHtml {
  const csv = `data:text/csv;charset=utf-8,${encodeURIComponent(csvTable(figure.rows))}`;
  return markup`<figure id="${id}">
<div class="still">${markup.raw`${svg.trim()}`}</div>
<div class="live" role="img" aria-label="${figure.alt}" hidden></div>
<figcaption><b>Figure ${number}.</b> ${figure.caption}
<a class="data" download="${id}.csv" href="${csv}">Data (CSV)</a></figcaption>
<script type="application/json" class="spec">${markup.raw`${specJson(figure.spec)}`}</script>
</figure>
`;
}

function scripts(): SafeHtml {
  // "</script" must not stand inside a script; inside JavaScript's strings "<\/script" means the same.
  const library = plotlyScript.replaceAll("</script", "<\\/script");
  return markup.raw`<script id="plotly">${library}</script>\n<script>${startFigures}</script>\n`;
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
