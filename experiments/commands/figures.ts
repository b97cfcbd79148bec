/**
 * `deno task figures`: draws figures, tables and the report again from stored results, or all figures on one page.
 *
 * @module
 */
import { join } from "@std/path";
import { z } from "zod";
import { runCommand, UsageError, writeFileAtomic } from "../../lib/runtime/mod.ts";
import { experiments } from "../catalogue.ts";
import { readGallery, renderGallery } from "../report/gallery.ts";
import { redraw } from "../report/presentation.ts";
import { resultsFile } from "../../lib/runs/mod.ts";

/** Results that are part of the project. */
const committed = "experiments/results";

const schema = z.object({
  from: z.string().default(committed).describe(
    `A ${resultsFile}, its folder, or a folder of such folders`,
  ),
  out: z.string().optional().describe(
    "Folder of what is drawn; the results' own folder, or results/ for the gallery, when left out",
  ),
  gallery: z.boolean().default(false).describe("Write one page of all figures instead"),
});

await runCommand(
  {
    name: "figures",
    summary: "Draws figures, tables and the report again from what was found, by today's code.",
    schema,
    examples: ["--from results --out again", "--gallery"],
  },
  Deno.args,
  async ({ from, out, gallery }) => {
    if (gallery) {
      const parts = await readGallery(from);
      const count = parts.reduce((sum, { figures }) => sum + figures.length, 0);
      if (count === 0) {
        throw new UsageError(`Expected --from to hold figures but found none in ${from}`);
      }
      const path = join(out ?? "results", "gallery.html");
      await writeFileAtomic(path, await renderGallery("Figures of the workbench", parts));
      console.log(`${count} figures of ${parts.length} experiments: ${path}`);
      return;
    }
    const folder = from.endsWith(resultsFile) ? join(from, "..") : from;
    const done = await redraw(from, out ?? folder, experiments);
    console.log(
      `Drew ${done.figures} figures and ${done.tables} tables of ${done.experiments} experiments.`,
    );
    if (done.report !== undefined) console.log(`Report: ${done.report}`);
  },
);
