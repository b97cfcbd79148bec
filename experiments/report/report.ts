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
} from "../../lib/figures/mod.ts";
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
    sections.push(await sectionHtml(section, index + 1, options.svgs));
  }
  const interactive = options.sections.some((section) => section.figures.length > 0);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeXml(options.title)}</title>
<style>${reportStyle}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the results</a>
<header>
<h1>${escapeXml(options.title)}</h1>
${options.summary ? `<p>${escapeXml(options.summary)}</p>\n` : ""}${contentsHtml(options.sections)}
</header>
<main id="main">
${runHtml(results)}
${sections.join("\n")}
</main>
${interactive ? scripts() : ""}</body>
</html>
`;
}

/** The contents: one list, or one for each group where there are several. */
function contentsHtml(sections: readonly ReportSection[]): string {
  const numbered = sections.map((section, i) => ({ ...section, number: i + 1 }));
  const groups = [...Map.groupBy(numbered, ({ group }) => group ?? "")];
  const lists = groups.map(([group, entries]) => {
    const title = group === "" || groups.length === 1
      ? ""
      : `<p class="group">${escapeXml(group)}</p>\n`;
    const items = entries.map(({ id, question, number }) =>
      `<li value="${number}"><a href="#${id}">${escapeXml(question)}</a></li>`
    );
    return `<div>${title}<ol>\n${items.join("\n")}\n</ol></div>`;
  });
  return `<nav aria-labelledby="contents-title">
<h2 id="contents-title">Contents</h2>
<p><a href="#run">What ran</a></p>
<div class="contents">
${lists.join("\n")}
</div>
</nav>`;
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
  svgs: ReportOptions["svgs"],
): Promise<string> {
  const { id } = section;
  const figures: string[] = [];
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

function figureHtml(
  figure: Figure,
  svg: string,
  id: string,
  number: string,
): string {
  const csv = `data:text/csv;charset=utf-8,${encodeURIComponent(csvTable(figure.rows))}`;
  return `<figure id="${id}">
<div class="still">${svg.trim()}</div>
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
