/** What a policy would learn if it paid: constant answers, copies of the prompt, lists of everything, empty forms. */
import { assert, assertEquals } from "@std/assert";
import {
  type EntityKind,
  entityKinds,
  findEntity,
  loadClinical,
  loadKnowledge,
  mentions,
  prevalence,
} from "../../lib/knowledge/mod.ts";
import { type RuleScores, ruleScores } from "../../lib/reward/rules.ts";
import {
  capabilities,
  type Capability,
  families,
  type Item,
  synthesize,
} from "../../lib/synthesis/mod.ts";

const knowledge = await loadKnowledge();
const clinical = await loadClinical(knowledge);
const { items } = await synthesize({ clinical, count: 240, seed: 5, benchmarks: [] });
const score = (item: Item, completion: string): RuleScores =>
  ruleScores(item, completion, knowledge);
const mean = (xs: readonly number[]): number => xs.reduce((sum, x) => sum + x, 0) / xs.length;
const ofFamily = (family: string): Item[] => items.filter((item) => item.family === family);

/** The item's form with a value for each field; its values as sentences where it has no form. */
function fill(item: Item, value: (field: string) => readonly string[]): string {
  for (const check of item.checks) {
    if (check.kind === "labels") {
      return check.labels.map((label) => `${label}: ${value(label).join(", ")}`).join("\n");
    }
    if (check.kind === "json") {
      return JSON.stringify(Object.fromEntries(
        check.keys.map(({ key, type }) => [
          key,
          type === "array" ? value(key) : value(key).join(", "),
        ]),
      ));
    }
  }
  return value("").join(". ");
}

const listedIn = (item: Item, pattern: RegExp): string[] =>
  (item.prompt.match(pattern)?.[1] ?? "").split(/, | and | or /).filter(Boolean);
const candidates = (item: Item): string[] => listedIn(item, /(?:Is it|likelier,) (.*?)\?/);
const drugs = (item: Item): string[] => listedIn(item, /[dD]rugs(?: to choose from)?: (.*?)\./);
const findings = (item: Item): string[] =>
  listedIn(
    item,
    /(?:has|Present:|reports|there is) (.*?)(?:, but no|\. Absent| and denies|, without)/,
  );

/** Everything that the prompt offers for a field. */
function offered(item: Item, field: string): string[] {
  if (/urgent/.test(field)) return ["no"];
  if (/diagnosis|differential|likelier/i.test(field)) return candidates(item);
  if (/drug|treatment/i.test(field)) return drugs(item);
  return findings(item);
}

const everyName = (item: Item): string[] => [
  ...new Set(mentions(knowledge, item.prompt).map(({ entity }) => entity.name)),
];

/** A drug and a symptom of the graph, each a right answer to some of the items. */
const constant = { drug: "methotrexate", symptom: "fever" } as const;

const attacks: Record<string, (item: Item) => string> = {
  ...Object.fromEntries("ABCD".split("").map((letter) => [letter, () => `Answer: ${letter}.`])),
  "a constant symptom": () => `Answer: ${constant.symptom}`,
  "a constant drug": () => `Answer: ${constant.drug}`,
  "a constant case": () =>
    '{"differential": ["asthma", "gout"], "because": ["fever", "cough"], "diagnosis": "asthma", "drug": "epinephrine", "urgent": "no"}',
  "nothing is urgent": () => '{"urgent": "no"}',
  "the prompt": (item) => item.prompt,
  "the form of the prompt": (item) => item.prompt.split("\n").slice(1).join("\n"),
  "empty fields": (item) => fill(item, () => []),
  "fields without sense": (item) => fill(item, () => ["xx"]),
  "fields that say no": (item) => fill(item, () => ["no"]),
  "all options": (item) =>
    `Answer: ${[...item.prompt.matchAll(/^[A-D]\. .*/gm)].map(([option]) => option).join(" ")}`,
  "every name of the prompt in each field": (item) => fill(item, () => everyName(item)),
  "every name of the prompt": (item) => everyName(item).join(", "),
  "short garbage": () => "xx xx",
  "long garbage": () => "lorem ipsum dolor ".repeat(10),
  "the keyword alone": (item) =>
    item.checks.flatMap((check) =>
      check.kind === "keyword" ? `- ${check.word}.\n`.repeat(check.times) : []
    ).join(""),
  "the reference, eight times": (item) => `${item.reference}\n`.repeat(8),
  "the longest text": (item) => `${item.reference} and so on. `.repeat(400),
};

Deno.test("what the attacks are made of would pay: each holds right answers", () => {
  for (const kind of ["drug", "symptom"] as const) {
    assertEquals(findEntity(knowledge, constant[kind])?.kind, kind, "a name of the graph");
  }
  const best = (name: string, capability: Capability) =>
    Math.max(...items.map((item) => score(item, attacks[name]!(item))[capability] ?? 0));
  for (const letter of "ABCD") assertEquals(best(letter, "domain"), 0.5);
  assertEquals(best("a constant symptom", "domain"), 1);
  assertEquals(best("a constant drug", "domain"), 1);
  assert(best("a constant case", "integration") > 0.7);
  for (const urgent of ["yes", "no"]) {
    assert(items.some(({ reference }) => reference.includes(`"urgent": "${urgent}"`)), urgent);
  }
  // Lists hold what is accepted, so that only what stands beside it costs; copies of the reference hold all.
  let listed = 0;
  for (const item of items) {
    for (const capability of capabilities) {
      assertEquals(score(item, item.reference)[capability] ?? 1, 1, item.reference);
    }
    const named = new Set(
      mentions(knowledge, attacks["every name of the prompt"]!(item)).map(({ entity }) =>
        entity.id
      ),
    );
    for (const check of item.checks) {
      if (check.kind === "choice") {
        const right = check.options["ABCD".indexOf(check.letter)]!;
        assert(attacks["all options"]!(item).includes(`${check.letter}. ${right}`));
      }
      if (check.kind !== "entities") continue;
      assert(check.accepted.filter((id) => named.has(id)).length >= check.count, item.prompt);
      listed++;
    }
  }
  assert(listed > 300, `${listed}`);
});

Deno.test("attacks earn little in what they are not about, whatever the family", () => {
  for (const [name, attack] of Object.entries(attacks)) {
    for (const { id } of families) {
      const rows = ofFamily(id).map((item) => score(item, attack(item)));
      assert(rows.length >= 20 && rows.some((row) => (row.domain ?? row.reasoning) !== undefined));
      for (const capability of ["domain", "reasoning", "integration"] satisfies Capability[]) {
        const found = rows.flatMap((row) => row[capability] ?? []);
        if (found.length > 0) {
          assert(mean(found) < 0.4, `${name}, ${id}, ${capability}: ${mean(found)}`);
        }
      }
    }
  }
});

Deno.test("no constant answer pays, not even the best of the references", () => {
  for (const { id } of families) {
    const group = ofFamily(id);
    for (const { reference } of group.slice(0, 15)) {
      const rows = group.filter((item) => item.reference !== reference).map((item) =>
        score(item, reference)
      );
      for (const capability of ["domain", "reasoning", "integration"] satisfies Capability[]) {
        const found = rows.flatMap((row) => row[capability] ?? []);
        if (found.length > 0) assert(mean(found) < 0.4, `${id}, ${capability}: ${reference}`);
      }
    }
  }
});

/** The names that hold of the most diseases, headings of the hierarchy among them: what a policy would find. */
function commonest(kind: EntityKind): string[] {
  const held = new Map<string, number>();
  const add = (id: string, n: number) => held.set(id, Math.max(n, held.get(id) ?? 0));
  for (const predicate of ["presents", "is_a"] as const) {
    for (const [id, share] of prevalence(knowledge, predicate)) add(id, share);
  }
  for (const { forward, backward } of Object.values(knowledge.edges)) {
    for (const table of [forward, backward]) {
      for (const [id, edges] of table) add(id, edges.size / 1000);
    }
  }
  return [...held].filter(([id]) => knowledge.entities.get(id)?.kind === kind)
    .sort(([, a], [, b]) => b - a).slice(0, 25).map(([id]) => knowledge.entities.get(id)!.name);
}

Deno.test("a constant answer over a family earns no more than a guess among four", async () => {
  const { items } = await synthesize({ clinical, count: 1200, seed: 6, benchmarks: [] });
  const guess = 1 / 4;
  const names = entityKinds.flatMap(commonest);
  assert(
    names.includes("nervous system symptom") && names.includes("disease of anatomical entity"),
  );
  for (const { id } of families) {
    const group = items.filter(({ family }) => family === id).slice(
      0,
      id === "domain-open" ? 150 : 60,
    );
    const form = (name: string): string =>
      id === "domain-choice" ? `Answer: A. ${name}` : fill(group[0]!, () => [name]);
    const answers = [
      ...(id === "domain-open" ? names : names.filter((_, i) => i % 8 === 0)).map(form),
      ...names.slice(0, 5).map((name) => `The answer is ${name}.`),
      ...group.slice(0, 15).map(({ reference }) => reference),
    ];
    for (const answer of answers) {
      const rows = group.filter(({ reference }) => reference !== answer).map((item) =>
        score(item, answer)
      );
      for (const capability of ["domain", "reasoning", "integration"] satisfies Capability[]) {
        const found = rows.flatMap((row) => row[capability] ?? []);
        if (
          found.length === 0 || (capability !== group[0]!.capability && id !== "instruction-answer")
        ) continue;
        assert(mean(found) <= guess, `${id}, ${capability}, ${answer}: ${mean(found)}`);
      }
    }
  }
});

Deno.test("a constant answer to open questions of one kind pays as often as the graph states it, and no heading does", async () => {
  const { items } = await synthesize({ clinical, count: 1200, seed: 6, benchmarks: [] });
  const open = items.filter(({ family }) => family === "domain-open");
  // Of the diseases that are asked about, half present fever, which the graph states of each of them.
  const limits = { symptom: 0.55, drug: 0.4, anatomy: 0.4, disease: 0.4, class: 0.4 };
  for (const [kind, limit] of Object.entries(limits)) {
    const group = open.filter(({ checks }) =>
      checks.some((check) => check.kind === "fact" && check.entity === kind)
    );
    assert(group.length >= 8, `${kind}: ${group.length}`);
    const names = commonest(kind as EntityKind).map((name) => `Answer: ${name}`);
    for (const answer of [...names, ...group.map(({ reference }) => reference)]) {
      const others = group.filter((item) => item.reference !== answer);
      const found = mean(others.map((item) => score(item, answer).domain!));
      assert(found < limit, `${kind}, ${answer}: ${found}`);
    }
    if (kind !== "symptom" && kind !== "disease") continue;
    for (
      const heading of [
        "nervous system symptom",
        "sensation perception",
        "disease of anatomical entity",
      ]
    ) {
      assertEquals(
        mean(group.map((item) => score(item, `Answer: ${heading}`).domain!)),
        0,
        heading,
      );
    }
  }
});

Deno.test("form without an answer earns next to nothing", () => {
  for (
    const name of [
      "short garbage",
      "long garbage",
      "the prompt",
      "the form of the prompt",
      "empty fields",
      "fields without sense",
      "the keyword alone",
    ]
  ) {
    for (const { id } of families) {
      const found = ofFamily(id).map((item) => score(item, attacks[name]!(item)).instruction!);
      assert(mean(found) < 0.15, `${name}, ${id}: ${mean(found)}`);
    }
  }
});

Deno.test("form counts with a wrong answer of the right kind", () => {
  let asked = 0;
  for (const item of ofFamily("domain-open")) {
    const check = item.checks.find(({ kind }) => kind === "fact")!;
    if (check.kind !== "fact" || check.entity !== "symptom") continue;
    assertEquals(score(item, `Answer: ${constant.symptom}`).instruction, 1);
    assert(score(item, `Answer: ${constant.drug}`).instruction! < 0.2);
    asked++;
  }
  assert(asked > 5, `${asked}`);
});

Deno.test("a denied reference earns nothing in domain and integration", () => {
  let labelled = 0;
  for (const item of items) {
    if (!item.checks.some(({ kind }) => kind === "labels")) continue;
    const denied = item.reference.replaceAll(": ", ": not ").replaceAll(", ", ", not ")
      .replaceAll(" and ", " and not ");
    const scores = score(item, denied);
    for (const capability of ["domain", "reasoning", "integration"] satisfies Capability[]) {
      assertEquals(scores[capability] ?? 0, 0, denied);
    }
    assert(scores.instruction! < 0.2, denied);
    labelled++;
  }
  assert(labelled > 100, `${labelled}`);
});

Deno.test("a list of everything offered earns less than half of an honest answer", () => {
  for (
    const id of ["reasoning-diagnosis", "reasoning-compare", "integration-json", "integration-hops"]
  ) {
    const group = ofFamily(id);
    const own = (item: Item, text: string): number => score(item, text)[item.capability]!;
    const all = mean(group.map((item) => own(item, fill(item, (field) => offered(item, field)))));
    const guess = mean(group.map((item) =>
      own(
        item,
        fill(item, (field) => {
          const names = offered(item, field);
          if (/^findings$/i.test(field)) return names;
          return names.slice(0, /differential|because|discriminating|for/i.test(field) ? 2 : 1);
        }),
      )
    ));
    assert(all < 0.5 && all < guess, `${id}: all ${all}, one of them ${guess}`);
  }
});

Deno.test("urgency and consistency count as far as the case is right", () => {
  let consistentOnly = 0;
  for (const item of ofFamily("integration-json")) {
    const reference = JSON.parse(item.reference);
    const right = score(item, item.reference).reasoning!;
    const swapped = score(
      item,
      JSON.stringify({ ...reference, urgent: reference.urgent === "yes" ? "no" : "yes" }),
    ).reasoning!;
    assertEquals(Math.round(100 * (right - swapped)), 20, "a fifth with everything else right");
    const { urgent } = reference;
    assertEquals(score(item, JSON.stringify({ urgent })).reasoning, 0, "nothing by itself");
    if (/gout|psoriasis/.test(item.prompt)) continue;
    const consistent = { differential: ["gout", "psoriasis"], diagnosis: "gout" };
    assertEquals(score(item, JSON.stringify(consistent)).reasoning, 0);
    consistentOnly++;
  }
  assert(consistentOnly > 20, `${consistentOnly}`);
});

Deno.test("a fact about a disease that is not named is worth a quarter", () => {
  for (const item of ofFamily("reasoning-diagnosis")) {
    const treatment = item.reference.split("\n").at(-1)!;
    assertEquals(score(item, item.reference).domain, 1);
    assertEquals(score(item, treatment).domain, 0.25);
    assertEquals(score(item, `Diagnosis: gout\n${treatment}`).domain, 0.25);
  }
});

Deno.test("more of the reference never earns less, and parts earn something", () => {
  for (const item of items.filter(({ checks }) => checks.some(({ kind }) => kind === "labels"))) {
    const lines = item.reference.split("\n");
    const totals = lines.map((_, n) => {
      const scores = score(item, lines.slice(0, n + 1).join("\n"));
      return capabilities.reduce((sum, capability) => sum + (scores[capability] ?? 0), 0);
    });
    for (let n = 1; n < totals.length; n++) assert(totals[n]! > totals[n - 1]!, item.reference);
    assert(totals[0]! > 0);
  }
});
