/** Tables, figures and sections of the exact experiment on language models. @module */

import type { Presentation, ResultsOf } from "../core/experiment.ts";
import { commandOf } from "../core/results.ts";
import { type exactLmSchema, studies } from "./config.ts";
import type { ExactLmFindings } from "./findings.ts";
import { viewAscent } from "./view_ascent.ts";
import { viewConflict } from "./view_conflict.ts";
import { viewFronts } from "./view_fronts.ts";
import { viewHypotheses } from "./view_hypotheses.ts";
import { viewNoise } from "./view_noise.ts";
import { viewOptimizer } from "./view_optimizer.ts";
import type { StudyView } from "./wording.ts";

/**
 * Shows a run.
 *
 * @param results what stands in results.json
 * @param findings what stands in findings.json
 * @returns tables, figures and sections of the report; those of studies that did not run are left out
 */
export function viewExactLm(
  results: ResultsOf<typeof exactLmSchema>,
  findings: ExactLmFindings,
): Presentation {
  const { config } = results;
  const { conflict, ascents, optimizers, noise, fronts } = findings;
  const views: StudyView[] = [
    viewHypotheses(findings, config),
    ...conflict === undefined ? [] : [viewConflict(conflict, findings, config)],
    ...ascents === undefined ? [] : [viewAscent(ascents, findings, config)],
    ...optimizers === undefined ? [] : [viewOptimizer(optimizers, findings, config)],
    ...noise === undefined ? [] : [viewNoise(noise, config)],
    ...fronts === undefined ? [] : [viewFronts(fronts, findings, config)],
  ];
  const all = studies.every((study) => config.studies.includes(study));
  const command = commandOf(results, all ? {} : { studies: config.studies.join(",") });
  return {
    tables: views.flatMap(({ tables }) => tables),
    figures: views.flatMap(({ figures }) => figures),
    sections: views.map(({ section }) => ({ ...section, command })),
  };
}
