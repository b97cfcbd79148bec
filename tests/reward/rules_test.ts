import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { loadClinical, loadKnowledge } from "../../lib/knowledge/mod.ts";
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
  for (const { id } of families) {
    const group = ofFamily(id);
    const others = group.map((item, i) => own(item, group[(i + 1) % group.length]!.reference));
    // Only instruction-answer leaves most of its form to other items with the same wishes.
    const limit = id === "instruction-answer" ? 0.5 : 0.3;
    assert(mean(others) < limit, `${id}: ${mean(others)}`);
    assert(others.filter((value) => value < 1).length > 0.9 * others.length, id);
  }
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

Deno.test("letters alone are worth chance: each constant letter gets a quarter of half", () => {
  const group = ofFamily("domain-choice");
  for (const letter of "ABCD") {
    assertAlmostEquals(
      mean(group.map((item) => score(item, `Answer: ${letter}`).domain!)),
      1 / 8,
      0.05,
    );
  }
});

Deno.test("any supported answer is right, and a list of everything is not", () => {
  const group = ofFamily("domain-open");
  let alternatives = 0;
  for (const item of group) {
    const check = item.checks.find((one) => one.kind === "fact")!;
    const pool = source.pools[check.entity].slice(0, 150).map(displayName);
    assert(score(item, `Answer: ${pool.join(", ")}`).domain! < 0.15);
    assert(
      score(item, `Answer: ${item.reference.slice(8)}, ${pool.slice(0, 9).join(", ")}`).domain! <
        0.35,
    );
    assert(score(item, `${item.reference}\n`.repeat(8)).domain! < 0.2, "repeating");
    const facts = source.facts.get(check.anchor);
    if (check.predicate === "presents" && facts !== undefined) {
      for (const symptom of facts.symptoms) {
        assertEquals(score(item, `Answer: ${displayName(symptom)}`).domain, 1);
        alternatives += 1;
      }
    }
  }
  assert(alternatives > 20);
});

Deno.test("all candidates as differential and diagnosis lose against the right one", () => {
  for (const item of ofFamily("reasoning-diagnosis")) {
    const candidates = item.prompt.match(/Is it (.*?)\?/)![1]!;
    const everything = item.reference.replace(/Differential: .*/, `Differential: ${candidates}`)
      .replace(/Diagnosis: .*/, `Diagnosis: ${candidates}`);
    assert(score(item, everything).reasoning! < 0.55);
    const swapped = item.reference.replace(/Diagnosis: .*/, "Diagnosis: influenza");
    assert(score(item, swapped).reasoning! < 0.7);
    assert(score(item, swapped).reasoning! > 0.3, "graded");
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
  const partial = [0, 1, 2, 3, 4, 5].map((n) =>
    score(item, lines.slice(0, n).join("\n")).reasoning!
  );
  assertEquals(new Set(partial.map((x) => x.toFixed(3))).size >= 4, true, partial.join());
  for (let i = 1; i < partial.length; i++) assert(partial[i]! >= partial[i - 1]!);
});
