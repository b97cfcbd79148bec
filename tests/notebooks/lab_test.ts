import { assert, assertEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { Window } from "happy-dom";
import type { Page } from "playwright-core";
import { labCommand } from "../../experiments/commands/notebooks/lab.ts";
import { executeNotebook, prepareRunner } from "../../experiments/commands/notebooks/execute.ts";
import {
  codeCells,
  type Notebook,
  parseNotebook,
  withOutputs,
} from "../../experiments/commands/notebooks/notebook.ts";
import { findChromium, openBrowser } from "../browser.ts";

const project = fromFileUrl(new URL("../../", import.meta.url));
const NOTEBOOK = "01-knowledge-and-synthesis.ipynb";
const PORT = 18_888;
const TOKEN = "test";

const chromium = findChromium();
if (chromium === undefined) {
  console.warn("JupyterLab: skipped, there is no Chromium; BALANCEDBIO_CHROMIUM names one");
}

/** A project folder of its own, so that JupyterLab saves nothing here: links to all, and a copy of the notebook. */
async function projectCopy(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "balancedbio-lab-" });
  for (const name of ["lib", "data", "experiments", "deno.json", "deno.lock"]) {
    await Deno.symlink(join(project, name), join(folder, name));
  }
  await Deno.mkdir(join(folder, "notebooks"));
  await Deno.copyFile(join(project, "notebooks", NOTEBOOK), join(folder, "notebooks", NOTEBOOK));
  // Cells out of sight are drawn too.
  const settings = join(folder, "settings", "@jupyterlab", "notebook-extension");
  await Deno.mkdir(settings, { recursive: true });
  await Deno.writeTextFile(
    join(settings, "tracker.jupyterlab-settings"),
    JSON.stringify({ windowingMode: "none" }),
  );
  return folder;
}

/** Waits until the server answers. */
async function waitForServer(url: string): Promise<void> {
  for (let i = 0; i < 240; i++) {
    const ready = await fetch(url).then(async (response) => {
      await response.body?.cancel();
      return response.ok;
    }, () => false);
    if (ready) return;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error(`Expected JupyterLab to answer at ${url}`);
}

/** Texts of a table's cells, row by row. */
const texts = (cells: Iterable<{ textContent: string | null }>): string[] =>
  [...cells].map(({ textContent }) => (textContent ?? "").trim());

/** What the page shows. */
async function shownOn(page: Page) {
  return {
    tables: await page.locator(".jp-OutputArea-output table").evaluateAll((tables) =>
      tables.map((table) =>
        [...table.querySelectorAll("th, td")].map((cell) => (cell.textContent ?? "").trim())
      )
    ),
    figures: await page.locator(".jp-OutputArea-output.js-plotly-plot").count(),
    errors: await page.locator('.jp-OutputArea-output[data-mime-type*="stderr"]').count(),
  };
}

/** What a notebook says that its cells show. */
function shownIn(notebook: Notebook) {
  const data = codeCells(notebook).flatMap(({ outputs }) => outputs ?? [])
    .map((output) => output.data ?? {});
  const window = new Window();
  const tables = data.filter((forms) => "text/html" in forms).map((forms) => {
    const html = forms["text/html"];
    window.document.body.innerHTML = Array.isArray(html) ? html.join("") : String(html);
    return texts(window.document.querySelectorAll("th, td"));
  });
  const figures = data.filter((forms) => "application/vnd.plotly.v1+json" in forms).length;
  return { tables, figures };
}

Deno.test({
  name: "a notebook runs in JupyterLab and shows there what it shows without a browser",
  ignore: chromium === undefined,
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const path = join(project, "notebooks", NOTEBOOK);
    const stored = parseNotebook(await Deno.readTextFile(path), NOTEBOOK);
    const runner = await prepareRunner();
    // Run here, because another processor rounds otherwise than the one that made the stored outputs.
    const fresh = withOutputs(stored, await executeNotebook(runner, path, stored));
    const expected = shownIn(fresh);
    const folder = await projectCopy();
    const { command, args, env } = await labCommand({
      folder,
      port: PORT,
      browser: false,
      allowRoot: true,
      token: TOKEN,
    });
    const server = new Deno.Command(command, {
      args,
      env: { ...env, JUPYTERLAB_SETTINGS_DIR: join(folder, "settings"), NO_COLOR: "1" },
      stdout: "null",
      stderr: "null",
    }).spawn();
    const browser = await openBrowser();
    try {
      await waitForServer(`http://localhost:${PORT}/api?token=${TOKEN}`);
      const page = await browser.newPage({ viewport: { width: 1280, height: 1600 } });
      await page.goto(`http://localhost:${PORT}/lab/tree/notebooks/${NOTEBOOK}?token=${TOKEN}`);
      await page.locator(".jp-Notebook .jp-CodeCell").first().waitFor();
      await page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').waitFor();
      const outputs = page.locator(".jp-OutputArea-output");
      await outputs.last().waitFor({ state: "attached" });
      await page.getByRole("menuitem", { name: "Edit", exact: true }).click();
      await page.getByRole("menuitem", { name: "Clear Outputs of All Cells" }).click();
      await outputs.first().waitFor({ state: "detached" });
      await page.getByRole("menuitem", { name: "Run", exact: true }).click();
      await page.getByRole("menuitem", { name: "Run All Cells", exact: true }).click();
      const cells = codeCells(stored).length;
      const prompts = page.locator(".jp-CodeCell .jp-InputPrompt");
      const last = prompts.last().filter({ hasText: `[${cells}]:` });
      await last.waitFor({ state: "attached", timeout: 300_000 });
      assertEquals(await prompts.count(), cells);
      const picture = Deno.env.get("BALANCEDBIO_SCREENSHOTS");
      if (picture !== undefined) {
        await Deno.mkdir(picture, { recursive: true });
        await page.screenshot({ path: join(picture, "jupyterlab.png") });
      }
      await page.locator(".jp-OutputArea-output.js-plotly-plot").nth(expected.figures - 1).waitFor({
        state: "attached",
      });
      const shown = await shownOn(page);
      assertEquals(shown.errors, 0);
      assertEquals(shown.figures, expected.figures);
      assert(expected.tables.length > 5);
      assertEquals(shown.tables, expected.tables);
      const inFile = shownIn(stored);
      assertEquals(
        [inFile.figures, inFile.tables.length],
        [expected.figures, expected.tables.length],
      );
    } finally {
      await browser.close();
      server.kill("SIGTERM");
      await server.status;
      await Deno.remove(folder, { recursive: true });
    }
  },
});
