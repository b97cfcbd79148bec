import { assertAlmostEquals, assertEquals } from "@std/assert";
import { conditionedScores } from "../../../lib/reward/rules/condition.ts";
import type { Check } from "../../../lib/synthesis/mod.ts";

const line = (field: string) => ({ format: "line", field }) as const;
const entities = (field: string, accepted: string[], capability = "reasoning"): Check =>
  ({
    kind: "entities",
    capability,
    where: line(field),
    entity: "disease",
    accepted,
    count: 1,
  }) as Check;
const diagnosis = entities("Diagnosis", ["D:1"]);
const differential = entities("Differential", ["D:1", "D:2"]);

function scored(checks: Check[], scores: number[], expected: number[]): void {
  conditionedScores(checks, scores).forEach((score, i) =>
    assertAlmostEquals(score, expected[i]!, 1e-12, `${checks[i]!.kind}`)
  );
}

Deno.test("a fixed value counts as far as the entities of its own capability are right", () => {
  const value = { kind: "value", capability: "reasoning", where: line("Urgent") } as Check;
  const foreign = entities("Site", ["A:1"], "domain");
  scored([value, diagnosis, differential, foreign], [1, 1, 0.5, 0], [0.75, 1, 0.5, 0]);
  scored([value, foreign], [1, 0], [1, 0]);
});

Deno.test("consistency counts as far as its inner field is right, whatever the outer one", () => {
  const subset = {
    kind: "subset",
    capability: "reasoning",
    inner: line("Diagnosis"),
    outer: line("Differential"),
  } as Check;
  scored([subset, diagnosis, differential], [1, 0.5, 0], [0.5, 0.5, 0]);
  scored([subset, diagnosis, differential], [1, 0, 1], [0, 0, 1]);
});

Deno.test("a fact about a disease that is to be named is worth a quarter without it", () => {
  const fact = (anchor: string) => ({ kind: "fact", capability: "domain", anchor }) as Check;
  const link = { kind: "link", capability: "domain", object: { anchor: "D:1" } } as Check;
  for (const [named, share] of [[0, 0.25], [0.5, 0.625], [1, 1]] as const) {
    scored([fact("D:1"), link, diagnosis], [1, 0.8, named], [share, 0.8 * share, named]);
  }
  // Nothing is to be named of another disease, or where several are accepted.
  scored([fact("D:3"), diagnosis], [1, 0], [1, 0]);
  scored([fact("D:1"), differential], [1, 0], [1, 0]);
});

Deno.test("checks of form and entities stand by themselves", () => {
  const words = { kind: "words", capability: "instruction", min: 1, max: 2 } as Check;
  assertEquals(conditionedScores([words, diagnosis], [0.3, 0]), [0.3, 0]);
});
