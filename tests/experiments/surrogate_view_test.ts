import { assert, assertEquals, assertRejects } from "@std/assert";
import { surrogatePresets, surrogateSchema } from "../../experiments/surrogate/config.ts";
import {
  type FormName,
  formNames,
  type Outcomes,
  type SurrogateFindings,
  surrogateFindings,
} from "../../experiments/surrogate/findings.ts";
import { surrogate } from "../../experiments/surrogate/mod.ts";
import { summaryOf, surrogateMetrics } from "../../experiments/surrogate/run.ts";
import type { RunContext } from "../../experiments/core/experiment.ts";
import { UsageError } from "../../lib/runtime/mod.ts";
import { sampleResults } from "./sample_results.ts";

type OutcomeOf = (form: FormName, batch: number) => { deviation: number; harmed: number };

const sums: readonly FormName[] = ["leave one out", "mean over the batch's tokens"];

const config = surrogateSchema.parse(surrogatePresets.smoke);

/** What is shown of 20 tabular batches and 4 of the model, of findings that went through a file. */
function shownOf(tabular: OutcomeOf, model: OutcomeOf = tabular) {
  const batches = (of: OutcomeOf, count: number) =>
    Array.from(
      { length: count },
      (_, batch) =>
        Object.fromEntries(formNames.map((form) => [form, of(form, batch)])) as Outcomes,
    );
  const [many, few] = [batches(tabular, 20), batches(model, 4)];
  const findings: SurrogateFindings = {
    sources: { "tabular policies": summaryOf(many), "language model": summaryOf(few) },
    beta: 0.25,
    epsilon: 0.3,
  };
  const metrics = [
    ...surrogateMetrics("tabular policies", many, "none"),
    ...surrogateMetrics("language model", few, "none"),
  ];
  const results = { ...sampleResults, experiment: "surrogate", config, metrics };
  const shown = surrogate.view(results, JSON.parse(JSON.stringify(findings)));
  assertEquals(JSON.stringify(surrogate.view(results, findings)), JSON.stringify(shown));
  const { answer } = shown.sections[0]!;
  assert(!/NaN|undefined|Infinity/.test(answer), answer);
  return { ...shown, answer };
}

function says(answer: string, ...parts: string[]) {
  for (const part of parts) assert(answer.includes(part), `${part} is not in: ${answer}`);
}

/** Two forms are the weighted sum and harm nobody; the others are neither in a quarter of the batches. */
const expected: OutcomeOf = (form, batch) =>
  sums.includes(form)
    ? { deviation: 1e-9, harmed: 0 }
    : { deviation: 0.5, harmed: batch % 4 === 0 ? 2 : 0 };

Deno.test("surrogate view: forms that are the sum and harm nobody, with what the batches leave open", () => {
  const { answer, tables, figures, sections } = shownOf(expected);
  says(answer, "up to rounding for 2 of 11 forms, and with it no harm for");
  says(answer, '"leave one out" and "mean over the batch\'s tokens" (0 of 20 and 0 of 4 batches');
  says(answer, "leaves up to 16.1 % and 49.0 %", "9 of 11 forms harm a reward in some batch");
  says(answer, "25.0 [11.2, 46.9] % and 25.0 [4.6, 69.9] % with");
  assertEquals(tables[0]!.rows.length, formNames.length);
  assert(figures[0]!.figure.alt.includes("absent rewards as 0"));
  const { method } = sections[0]!;
  says(method, "20 batches of tabular", "model tiny in single precision 4 batches of 8 prompts");
  says(method, "weight 0.25", "1 ± 0.3", `rank ${config.rank}`);
});

Deno.test("surrogate view: one batch that is not the sum, or that harms, is enough", () => {
  const off = shownOf(
    expected,
    (form, batch) =>
      form === "leave one out" && batch === 3
        ? { deviation: 0.01, harmed: 0 }
        : expected(form, batch),
  );
  says(off.answer, 'for 1 of 11 forms, and with it no harm for "mean over the batch\'s tokens" (');
  const harm = shownOf((form, batch) =>
    form === "leave one out" && batch === 7 ? { deviation: 1e-9, harmed: 1 } : expected(form, batch)
  );
  says(harm.answer, "for 2 of 11 forms", 'no harm for "mean over the batch\'s tokens" (');
  says(harm.answer, "10 of 11 forms harm");
});

Deno.test("surrogate view: sums that all harm, no sum at all, and no harm at all", () => {
  const all = shownOf((form) => ({ deviation: sums.includes(form) ? 0 : 1, harmed: 1 }));
  says(all.answer, "for 2 of 11 forms, each of which harms a reward in some batch.");
  says(shownOf(() => ({ deviation: 1, harmed: 0 })).answer, "for none of 11 forms.");
  says(
    shownOf(() => ({ deviation: 0, harmed: 0 })).answer,
    "for 11 of 11 forms",
    "No form harmed a reward in any batch.",
  );
});

Deno.test("surrogate view: the schema asks for every form", () => {
  const { "leave one out": _left, ...forms } =
    summaryOf([Object.fromEntries(formNames.map((form) => [form, expected(form, 0)])) as Outcomes])
      .forms;
  const summary = { batches: 1, forms };
  const sources = { "tabular policies": summary, "language model": summary };
  assert(!surrogateFindings.safeParse({ sources, beta: 1, epsilon: 1 }).success);
});

Deno.test("surrogate: batches larger than the pool are refused before anything runs", async () => {
  await assertRejects(
    () => surrogate.run({} as RunContext, { ...config, pool: 16, batchPrompts: 20 }),
    UsageError,
    "Expected batchPrompts to be at most pool, 16, but found 20",
  );
});
