import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { type EntityKind, loadClinical, loadKnowledge } from "../../lib/knowledge/mod.ts";
import {
  checkScores,
  referencePasses,
  type RuleScores,
  ruleScores,
} from "../../lib/reward/rules.ts";
import { randomStream } from "../../lib/runtime/mod.ts";
import {
  capabilities,
  type Capability,
  displayName,
  families,
  isUnambiguous,
  type Item,
  selectSource,
  synthesize,
} from "../../lib/synthesis/mod.ts";

const knowledge = await loadKnowledge();
const clinical = await loadClinical(knowledge);
const source = selectSource(clinical, "test");
const { items } = await synthesize({ clinical, count: 600, seed: 11, benchmarks: [] });
const score = (item: Item, completion: string): RuleScores =>
  ruleScores(item, completion, knowledge);
const ofFamily = (family: string): Item[] => items.filter((item) => item.family === family);
const mean = (xs: readonly number[]): number => xs.reduce((sum, x) => sum + x, 0) / xs.length;
/** The scores that are there, without the flag. */
const values = (scores: RuleScores): number[] => capabilities.flatMap((c) => scores[c] ?? []);
/** What an item is about: integration, or the capability it is named for. */
const own = (item: Item, completion: string): number => score(item, completion)[item.capability]!;

Deno.test("every reference scores 1 on each of its checks (600 items)", () => {
  for (const item of items) {
    for (const { check, score } of checkScores(item, item.reference, knowledge)) {
      assertEquals(score, 1, `${item.family} ${JSON.stringify(check)} ${item.reference}`);
    }
    assert(referencePasses(item, knowledge));
    const scores = score(item, item.reference);
    assert(!scores.invalid);
    for (const value of values(scores)) assertAlmostEquals(value, 1, 1e-12);
  }
});

Deno.test("a reference with white space around it scores the same", () => {
  for (const item of items.slice(0, 60)) {
    assertEquals(score(item, `\n  ${item.reference}  \n\n`), score(item, item.reference));
  }
});

Deno.test("a capability without a check is absent, and integration is there on integration items only", () => {
  for (const item of items) {
    const scores = score(item, "whatever");
    const wanted = new Set<Capability>(item.checks.map((check) => check.capability));
    if (item.capability === "integration") wanted.add("integration");
    assertEquals(
      capabilities.filter((c) => c in scores),
      capabilities.filter((c) => wanted.has(c)),
    );
    assert(item.capability in scores);
  }
  assert(!("reasoning" in score(ofFamily("domain-choice")[0]!, "")));
});

Deno.test("integration is the geometric mean of its three parts", () => {
  const [item] = ofFamily("integration-hops") as [Item];
  const lines = item.reference.split("\n");
  const scores = score(item, lines.slice(0, 3).join("\n"));
  assertAlmostEquals(
    scores.integration!,
    Math.cbrt(scores.domain! * scores.reasoning! * scores.instruction!),
    1e-12,
  );
  assert(scores.integration! > 0 && scores.integration! < 1);
  assertEquals(score(item, "Because: x\nDiagnosis: y\nDrug: z\nClass: w").integration, 0);
});

Deno.test("another item's reference scores lower", () => {
  // What has no options in common is wrong; instruction leaves the form to other items with the same wishes, a letter is
  // right in one of four with half of the points, and a yes or a no in every second statement.
  const limits: Record<string, number> = {
    "domain-choice": 0.2,
    "domain-verify": 0.75,
    "instruction-note": 0.4,
    "instruction-answer": 0.4,
    "instruction-table": 0.3,
  };
  for (const { id } of families) {
    const group = ofFamily(id);
    assert(group.length >= 6, id);
    const others = group.map((item, i) => own(item, group[(i + 1) % group.length]!.reference));
    assert(mean(others) < (limits[id] ?? 0.12), `${id}: ${mean(others)}`);
    const lower = others.filter((value) => value < 1).length / others.length;
    assert(lower > (id === "domain-verify" ? 0.25 : 0.9), `${id}: ${lower}`);
  }
});

Deno.test("a reference of the same group, where another option is right, earns nothing for its decisions", () => {
  let compared = 0;
  for (const group of Map.groupBy(items, ({ group }) => group).values()) {
    const [item, other] = group;
    if (item?.group === undefined || other === undefined || item.decisions.length === 0) continue;
    const places = new Set(item.decisions.map(({ where }) => JSON.stringify(where)));
    // The rows of tables and of one square of statements agree in part.
    const agree = item.decisions.some(({ where, answer }, i) => {
      const { decisions: { [i]: twin } } = other;
      return answer === twin!.answer || JSON.stringify(where) !== JSON.stringify(twin!.where);
    });
    if (agree) continue;
    for (const { check, score } of checkScores(item, other.reference, knowledge)) {
      const decides = check.kind === "choice" ||
        ((check.kind === "entities" || check.kind === "value") &&
          places.has(JSON.stringify(check.where)));
      if (!decides) continue;
      assertEquals(score, 0, `${item.prompt}\n${other.reference}`);
      compared += 1;
    }
  }
  assert(compared > 200, `${compared}`);
});

Deno.test("a missing line or key scores lower, and more missing lines score lower still", () => {
  for (const item of items.filter(({ checks }) => checks.some(({ kind }) => kind === "labels"))) {
    const lines = item.reference.split("\n");
    if (lines.length < 3) continue;
    const [all, less, least] = [0, 1, 2].map((n) =>
      mean(values(score(item, lines.slice(n).join("\n"))))
    );
    assert(all! > less! && less! > least!, item.reference);
  }
  for (const item of ofFamily("integration-json")) {
    const { drug: _, ...rest } = JSON.parse(item.reference);
    assert(own(item, JSON.stringify(rest)) < 1);
  }
});

Deno.test("a wrong letter, a bare letter, and a letter that contradicts the text", () => {
  for (const item of ofFamily("domain-choice")) {
    const check = item.checks.find((one) => one.kind === "choice")!;
    const text = item.reference.slice("Answer: A. ".length);
    const wrong = "ABCD".replace(check.letter, "").charAt(0);
    assertEquals(score(item, `Answer: ${wrong}. ${text}`).domain, 0);
    assertEquals(score(item, `Answer: ${wrong}`).domain, 0);
    assertEquals(score(item, `Answer: ${check.letter}`).domain, 0.5);
    assertEquals(score(item, `Answer: ${check.options.join(", ")}`).domain, 0);
    assertEquals(score(item, `The answer is ${check.letter}. ${text}`).domain, 1);
    const loose = score(item, check.letter);
    assertEquals([loose.domain, loose.invalid], [0, true]);
    assertEquals(score(item, "Answer: E. nothing").invalid, true);
    assertEquals(score(item, `Answer: A. Answer: B. Answer: C. Answer: D.`).domain, 0);
  }
});

Deno.test("letters alone are worth chance: over whole groups each constant letter gets a quarter of half", () => {
  const group = ofFamily("domain-choice").filter((item) => item.group !== undefined);
  assert(group.length >= 60 && group.length % 4 === 0);
  for (const letter of "ABCD") {
    assertAlmostEquals(
      mean(group.map((item) => score(item, `Answer: ${letter}`).domain!)),
      1 / 8,
      1e-12,
    );
  }
});

/** Names of a kind that prompts use. */
function namesOf(kind: EntityKind): string[] {
  const entities = source.diseases.flatMap(({ disease, findings, drugs }) => [
    disease,
    ...findings.map(({ finding }) => finding),
    ...drugs.map(({ drug }) => drug),
  ]);
  const classes = [...source.classes.values()].flat();
  return [
    ...new Set(
      [...entities, ...classes].filter((entity) => entity.kind === kind).map(displayName),
    ),
  ];
}

Deno.test("any supported answer is right, and a list of everything is not", () => {
  const group = ofFamily("domain-open");
  let alternatives = 0;
  for (const item of group) {
    const check = item.checks.find((one) => one.kind === "entities")!;
    const pool = namesOf(check.entity).slice(0, 150);
    assert(pool.length >= 40, `${check.entity}: ${pool.length}`);
    assert(score(item, `Answer: ${pool.join(", ")}`).domain! < 0.15);
    assert(
      score(item, `Answer: ${item.reference.slice(8)}, ${pool.slice(0, 9).join(", ")}`).domain! <
        0.35,
    );
    assert(score(item, `${item.reference}\n`.repeat(8)).domain! < 0.2, "repeating");
    for (const id of check.accepted) {
      const entity = knowledge.entities.get(id)!;
      if (!isUnambiguous(knowledge, entity, true)) continue;
      assertEquals(score(item, `Answer: ${displayName(entity)}`).domain, 1, item.prompt);
      alternatives += 1;
    }
  }
  assert(alternatives > group.length, `${alternatives}`);
});

Deno.test("all candidates as diagnosis lose against the right one, a wrong one earns half", () => {
  for (const item of ofFamily("reasoning-diagnosis")) {
    const { options, answer } = item.decisions[1]!;
    const diagnosis = (text: string): string =>
      item.reference.replace(/Diagnosis: .*/, () => `Diagnosis: ${text}`);
    const everything = diagnosis(options.join(", ")).replace(
      /Against: .*/,
      () => `Against: ${options.join(", ")}`,
    );
    assert(score(item, everything).reasoning! < 0.2, everything);
    for (const [place, option] of options.entries()) {
      const { reasoning } = score(item, diagnosis(option));
      assertEquals(reasoning, place === answer ? 1 : 0.5, "graded");
    }
    assertEquals(score(item, diagnosis("hiccups")).reasoning, 0.5);
  }
});

Deno.test("copying the prompt does not pay", () => {
  for (const { id } of families) {
    const group = ofFamily(id);
    assert(
      mean(group.map((item) => own(item, item.prompt))) < 0.1,
      `${id}: ${mean(group.map((i) => own(i, i.prompt)))}`,
    );
  }
});

Deno.test("padding after a right answer costs something", () => {
  for (const item of items.slice(0, 200)) {
    const padded = `${item.reference}\n${"and so on and so forth. ".repeat(60)}`;
    for (const [i, value] of values(score(item, padded)).entries()) {
      assert(value < 0.15, `${item.family} ${i} ${value}`);
    }
  }
});

Deno.test("an empty completion scores 0 everywhere and is invalid", () => {
  for (const item of items) {
    for (const completion of ["", "  \n ", "...", "{}", "-"]) {
      const scores = score(item, completion);
      if (completion !== "{}") {
        assertEquals(Math.max(...values(scores)), 0, `${item.family} ${completion}`);
      }
      assert(scores.invalid);
    }
  }
});

Deno.test("any text, long ones too, gives finite scores in [0, 1]", () => {
  const random = randomStream(1, "garbage");
  const characters = "aA0 \n:,.{}[]\"'-*\\/()\u0000\u00e9\u4e2d\ud800\ud83d\ude00$^+?|";
  const noise = (n: number): string =>
    Array.from({ length: n }, () => characters.charAt(random.integer(characters.length))).join("");
  const texts = [
    ...Array.from({ length: 20 }, () => noise(1 + random.integer(200))),
    '{"diagnosis": {"a": [1, null]}, "__proto__": "x", "constructor": "y"}',
    "[".repeat(3000),
    "Answer:".repeat(500),
    '"drug":'.repeat(500),
    "fever, ".repeat(100_000),
    "x".repeat(2_000_000),
    "\n".repeat(500_000),
    "Diagnosis: asthma\n".repeat(50_000),
  ];
  const some = families.flatMap(({ id }) => ofFamily(id).slice(0, 2));
  for (const text of texts) {
    for (const item of some) {
      for (const value of values(score(item, text))) {
        assert(value >= 0 && value <= 1 && Number.isFinite(value));
      }
    }
  }
});

Deno.test("scores vary: partial answers of a weak model get partial rewards", () => {
  const [item] = ofFamily("reasoning-diagnosis") as [Item];
  const lines = item.reference.split("\n");
  const partial = lines.map((_, n) => score(item, lines.slice(0, n + 1).join("\n")));
  const total = (scores: RuleScores): number => values(scores).reduce((sum, x) => sum + x, 0);
  for (let i = 1; i < partial.length; i++) {
    assert(total(partial[i]!) > total(partial[i - 1]!), partial.map(total).join());
    assert(partial[i]!.reasoning! >= partial[i - 1]!.reasoning!);
  }
  assertEquals(new Set(partial.map(({ reasoning }) => reasoning)), new Set([0, 0.5, 1]));
});
