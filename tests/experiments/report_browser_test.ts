/** The report and the gallery in a real browser, where Chromium is installed. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Browser, Page } from "playwright-core";
import { join, toFileUrl } from "@std/path";
import { renderGallery } from "../../experiments/report/gallery.ts";
import { renderReport } from "../../experiments/report/report.ts";
import { scoreBars, scoreRows } from "../../experiments/main_results/reported.ts";
import { curves } from "../../lib/figures/mod.ts";
import { findChromium, openBrowser } from "../browser.ts";
import { kinds } from "../figures/kinds.ts";
import { lines } from "../figures/samples.ts";
import { sampleResults } from "./sample_results.ts";

const missing = findChromium() === undefined;
if (missing) console.log("No Chromium found: the report is not opened in a browser");

const experiments = ["main-results", "reward-weighting", "convergence", "pareto", "cost", "safety"];

const shown = [
  scoreBars(sampleResults, "Scores on the four capabilities"),
  curves(lines),
  ...Object.values(kinds(672)),
];

function page(): Promise<string> {
  return renderReport({
    title: "Made-up results of many experiments",
    results: sampleResults,
    sections: experiments.flatMap((group, g) =>
      [0, 1, 2].map((part) => ({
        id: `${group}-${part}`,
        group,
        question: `What does part ${part + 1} of ${group} say about the balance of capabilities?`,
        answer: "Nothing, it is made up.",
        table: scoreRows(sampleResults),
        tableCaption: "Scores",
        figures: g === 0 ? shown.filter((_, k) => k % 3 === part) : [],
        method: "Made up.",
        command: `npx -y deno@2.9.6 task experiments ${group} --preset quick --out results`,
      }))
    ),
  });
}

/** Opens a page without a network and collects what it complains about. */
async function open(
  browser: Browser,
  path: string,
  width: number,
): Promise<{ page: Page; errors: string[] }> {
  const context = await browser.newContext({ viewport: { width, height: 900 }, offline: true });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) errors.push(message.text());
  });
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("request", (request) => {
    if (!/^(file|data|blob):/.test(request.url())) errors.push(request.url());
  });
  await page.goto(toFileUrl(path).href, { waitUntil: "load" });
  return { page, errors };
}

const overflow = (page: Page): Promise<number> =>
  page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");

Deno.test({
  name: "the report in Chromium: figures, hover, widths, contents, keyboard, print",
  ignore: missing,
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async (t) => {
    const folder = await Deno.makeTempDir();
    const path = join(folder, "report.html");
    await Deno.writeTextFile(path, await page());
    const browser = await openBrowser();
    try {
      await t.step("at 1280 px every figure is interactive and none complains", async () => {
        const { page, errors } = await open(browser, path, 1280);
        await page.keyboard.press("Tab");
        assertEquals(
          await page.evaluate("document.activeElement.getAttribute('href')"),
          "#main",
        );
        const count = await page.locator("figure").count();
        assertEquals(count, shown.length);
        await page.waitForFunction(
          "[...document.querySelectorAll('.live')].every((e) => e.querySelector('.main-svg'))",
        );
        assertEquals(await page.locator(".still:visible").count(), 0);
        assertEquals(await overflow(page), 0);

        const point = page.locator(".live .scatterlayer .point").first();
        await point.scrollIntoViewIfNeeded();
        const box = (await point.boundingBox())!;
        await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2, { steps: 4 });
        const label = page.locator(".hoverlayer .hovertext").first();
        await label.waitFor({ timeout: 10_000 });
        assertMatch((await label.textContent())!, /\d/);

        for (const link of await page.locator("nav a").all()) {
          const target = (await link.getAttribute("href"))!;
          await link.click();
          assertEquals(new URL(page.url()).hash, target);
          assert(await page.locator(`${target} h2`).first().isVisible());
        }
        assertEquals(errors, []);
        await page.context().close();
      });

      await t.step(
        "at 390 px figures are pictures and the page does not scroll sideways",
        async () => {
          const { page, errors } = await open(browser, path, 390);
          assertEquals(await page.locator(".still:visible").count(), shown.length);
          assertEquals(await overflow(page), 0);
          const wide = await page.evaluate(
            "[...document.querySelectorAll('nav *, p, h1, h2, h3, figcaption')]" +
              ".filter((e) => e.getBoundingClientRect().right > innerWidth + 1).length",
          );
          assertEquals(wide, 0);
          assertEquals(errors, []);
          await page.context().close();
        },
      );

      await t.step("printed, the pictures stand there and nothing interactive", async () => {
        const { page } = await open(browser, path, 1280);
        await page.waitForFunction("document.querySelectorAll('.live .main-svg').length > 6");
        await page.emulateMedia({ media: "print" });
        assertEquals(await page.locator(".still:visible").count(), shown.length);
        assertEquals(await page.locator(".live:visible").count(), 0);
        assert((await page.pdf({ format: "A4" })).length > 10_000);
        await page.context().close();
      });
    } finally {
      await browser.close();
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "the gallery in Chromium: every picture is seen at both widths without scrolling sideways",
  ignore: missing,
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    const path = join(folder, "gallery.html");
    const figures = Object.entries(kinds(672)).map(([name, figure]) => ({ name, figure }));
    await Deno.writeTextFile(path, await renderGallery("Figures", [{ experiment: "a", figures }]));
    const browser = await openBrowser();
    try {
      for (const width of [390, 1280]) {
        const { page, errors } = await open(browser, path, width);
        assertEquals(await page.locator("figure .scroll > svg:visible").count(), figures.length);
        assertEquals(await overflow(page), 0);
        assertEquals(errors, []);
        await page.context().close();
      }
    } finally {
      await browser.close();
      await Deno.remove(folder, { recursive: true });
    }
  },
});
