import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { z } from "zod";
import { defineExperiment, type Presentation } from "../../experiments/core/experiment.ts";
import { findingsFile, writeFindings } from "../../lib/runs/mod.ts";
import { readGallery, renderGallery } from "../../experiments/report/gallery.ts";
import {
  drawnFile,
  redraw,
  resultsFolders,
  viewStored,
  writePresentation,
  writeReport,
} from "../../experiments/report/presentation.ts";
import { writeResults } from "../../lib/runs/results.ts";
import { curves, groupedBars } from "../../lib/figures/mod.ts";
import { UsageError } from "../../lib/runtime/mod.ts";
import { bars, lines } from "../figures/samples.ts";
import { sampleResults } from "./sample_results.ts";

const bar = groupedBars(bars);
const shown: Presentation = {
  tables: [{
    name: "scores",
    caption: "Scores",
    rows: [{ system: "base", score: 1 / 3, n: null }],
  }],
  figures: [{ name: "bars", figure: bar }],
  sections: [
    {
      id: "first",
      question: "Which is best?",
      answer: "None.",
      table: [{ system: "base", score: 1 / 3 }],
      tableCaption: "Scores",
      digits: 3,
      figures: [bar, curves(lines)],
      method: "Made up.",
      command: "deno task experiments first",
    },
    {
      id: "second",
      question: "And then?",
      answer: "Nothing.",
      figures: [],
      method: "Made up.",
      command: "deno task experiments second",
    },
  ],
};

/** Bytes of all files under a folder, by path. */
async function files(folder: string, inside = ""): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { name, isDirectory } of Deno.readDir(join(folder, inside))) {
    const path = inside === "" ? name : `${inside}/${name}`;
    if (isDirectory) Object.assign(found, await files(folder, path));
    else {
      const bytes = await Deno.readFile(join(folder, path));
      found[path] = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
    }
  }
  return found;
}

async function within<T>(work: (root: string) => Promise<T>): Promise<T> {
  const root = await Deno.makeTempDir();
  try {
    return await work(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** An experiment that shows {@linkcode shown}, or less of it. */
const experiments = [defineExperiment({
  id: sampleResults.experiment,
  question: "What is best?",
  config: z.looseObject({}),
  presets: { smoke: sampleResults.config, quick: {}, paper: {} },
  seeds: { smoke: 1, quick: 1, paper: 1 },
  findings: z.object({ tablesOnly: z.boolean() }),
  run: () => Promise.reject(new Error("nothing is run here")),
  view: (_, { tablesOnly }) => tablesOnly ? { ...shown, figures: [], sections: [] } : shown,
})];

async function store(folder: string, tablesOnly = false): Promise<void> {
  const findings = { tablesOnly };
  await writeFindings(folder, findings);
  const paths = await writePresentation(folder, experiments[0]!.view(sampleResults, findings));
  await writeResults(folder, {
    ...sampleResults,
    tables: [...paths.tables],
    figures: [...paths.figures],
  });
}

Deno.test("what is shown comes back from its files, unnamed figures under their section's name", () =>
  within(async (root) => {
    const paths = await writePresentation(root, shown);
    assertEquals(paths.tables, ["tables/scores.csv", "tables/scores.md", "tables/scores.tex"]);
    assertEquals(paths.figures.filter((path) => path.endsWith(".pdf")), [
      "figures/bars.pdf",
      "figures/first-2.pdf",
    ]);
    await store(root);
    assertEquals((await viewStored(root, experiments)).shown, shown);
  }));

Deno.test("figures, tables and the report are drawn again with the same bytes", () =>
  within(async (root) => {
    const first = join(root, "first");
    await store(join(first, "made-up"));
    await store(join(first, "other"), true);
    const parts = [
      { results: sampleResults, sections: shown.sections },
      { results: sampleResults, sections: [] },
    ];
    const paths = Object.keys(await files(join(first, "made-up")));
    const stored = await Promise.all(
      ["made-up", "other"].map(async (name) => ({
        results: JSON.parse(await Deno.readTextFile(join(first, name, "results.json"))),
      })),
    );
    await writeReport(first, parts.map((part, i) => ({ ...part, ...stored[i] })));
    const before = await files(first);
    const done = await redraw(first, join(root, "again"), experiments);
    assertEquals({ ...done, report: undefined }, {
      experiments: 2,
      figures: 2,
      tables: 2,
      report: undefined,
    });
    // What was measured is not drawn, and the record is for runs.
    const results = ["made-up", "other"].flatMap((name) => [
      `${name}/results.json`,
      `${name}/${findingsFile}`,
      `${name}/${drawnFile}`,
    ]);
    const expected = Object.fromEntries(
      Object.entries(before).filter(([path]) => !results.includes(path)),
    );
    assertEquals(await files(join(root, "again")), expected);
    assert(paths.includes("figures/bars.svg"));

    // One experiment, in place: nothing changes.
    const one = join(first, "made-up", "results.json");
    const inPlace = await redraw(one, join(first, "made-up"), experiments);
    assertEquals(inPlace, { experiments: 1, figures: 2, tables: 1 });
    assertEquals(await files(first), before);
  }));

Deno.test("a second run draws nothing again, its report is the same, and the command draws all", () =>
  within(async (root) => {
    const folder = join(root, sampleResults.experiment);
    const parts = [{ results: sampleResults, sections: shown.sections }];
    const look = async () => {
      const names = ["bars.svg", "bars.png", "bars.pdf", "first-2.html", "plotly.min.js"];
      const stats = await Promise.all(
        names.map((name) => Deno.stat(join(folder, "figures", name))),
      );
      return stats.map(({ ino, mtime }) => `${ino} ${mtime?.getTime()}`);
    };
    await store(folder);
    await writeReport(root, parts);
    const [before, made] = [await files(root), await look()];
    await store(folder);
    await writeReport(root, parts);
    assertEquals(await files(root), before);
    assertEquals(await look(), made);

    // A picture that was changed by hand does not get into the report.
    await Deno.writeTextFile(join(folder, "figures/bars.svg"), "<svg>by hand</svg>");
    await writeReport(root, parts);
    assertEquals((await files(root))["report.html"], before["report.html"]);

    await redraw(root, root, experiments);
    assertEquals(await files(root), before);
    assert((await look()).slice(0, 4).every((at, i) => at !== made[i]), "not drawn again");
  }));

Deno.test("the gallery holds every figure with its caption and needs no other file", () =>
  within(async (root) => {
    await store(join(root, "made-up"));
    const parts = await readGallery(root);
    assertEquals(parts.map(({ figures }) => figures.map(({ name }) => name)), [[
      "bars",
      "first-2",
    ]]);
    const page = await renderGallery("Figures", parts);
    assertEquals(page.match(/<figure /g)!.length, 2);
    assertStringIncludes(page, bar.caption);
    assert(!/(?:src|href)="(?!#)/.test(page.replaceAll("xlink:href", "")), "another file");
    assertEquals(await renderGallery("Figures", await readGallery(root)), page);
  }));

Deno.test("names of folders and files, titles and captions are text in the gallery", () =>
  within(async (root) => {
    const evil = `"><img src=x onerror=alert(1)>&'`;
    await store(join(root, evil));
    const figures = join(root, evil, "figures");
    const [first] = [...Deno.readDirSync(figures)].filter(({ name }) => name.endsWith(".json"));
    const figure = JSON.parse(await Deno.readTextFile(join(figures, first!.name)));
    const script = "</svg></figure><script>alert(1)</script>";
    await Deno.writeTextFile(
      join(figures, `${evil}.json`),
      JSON.stringify({ ...figure, title: script, alt: script, caption: script }),
    );
    const page = await renderGallery(evil, await readGallery(root));
    assertStringIncludes(page, "&lt;script&gt;alert(1)");
    assert(!/<(?:script|img)\b/.test(page), "markup of its own");
  }));

Deno.test("the project's own results make a gallery", async () => {
  const parts = await readGallery(join(import.meta.dirname!, "../../experiments/results"));
  assert(parts.some(({ figures }) => figures.length > 0));
  for (const { figure } of parts.flatMap(({ figures }) => figures)) {
    assertStringIncludes(figure.caption, "n ");
  }
});

Deno.test("missing or broken files are one line", () =>
  within(async (root) => {
    const refused = (work: () => Promise<unknown>, part: string) =>
      assertRejects(work, UsageError, part);
    await refused(() => resultsFolders(join(root, "none")), "found none at");
    const view = () => viewStored(root, experiments);
    await refused(view, "Expected a file with results");
    await store(root);
    await view();
    await refused(() => viewStored(root, []), 'but found "main-results" in');
    const path = join(root, findingsFile);
    await Deno.writeTextFile(path, '{ "tablesOnly": 3 }');
    await refused(view, "tablesOnly");
    await Deno.writeTextFile(path, '{ "tablesOnly": ');
    await refused(view, "Expected JSON");
    await Deno.remove(path);
    await refused(view, "Expected the findings of a run but found no file at");
  }));
