/** What a policy would learn if it paid: constant answers, copies of the prompt, lists of everything, empty forms. */
import { assert, assertEquals } from "@std/assert";
import {
  deniedSpans,
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
  type Where,
} from "../../lib/synthesis/mod.ts";
import { domainOpen } from "../../lib/synthesis/tasks/domain_open.ts";
import { makeGroups } from "../synthesis/tasks/made.ts";

const knowledge = await loadKnowledge();
const clinical = await loadClinical(knowledge);
const { items } = await synthesize({ clinical, count: 1600, seed: 6, benchmarks: [] });
const score = (item: Item, completion: string): RuleScores =>
  ruleScores(item, completion, knowledge);
const mean = (xs: readonly number[]): number => xs.reduce((sum, x) => sum + x, 0) / xs.length;
/** So many items of a family are attacked. */
const most = 60;
const ofFamily = (family: string): Item[] =>
  items.filter((item) => item.family === family).slice(-most);
const judged = ["domain", "reasoning", "integration"] satisfies Capability[];

const fieldOf = (where: Where): string => (where.format === "text" ? "" : where.field);

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
    if (check.kind === "table") {
      const fields = new Set(
        item.checks.flatMap((one) => "where" in one ? [fieldOf(one.where)] : []),
      );
      const rows = [...fields].map((field) => [field, value(field).join(", ")]);
      return [check.columns, check.columns.map(() => "---"), ...rows]
        .map((cells) => `| ${cells.join(" | ")} |`).join("\n");
    }
  }
  return value("").join(". ");
}

/** Everything that the prompt offers for a field: the options of a decision, else the names of its kind, asserted ones alone. */
function offered(item: Item, field: string): string[] {
  const options = item.decisions.filter(({ where }) => fieldOf(where) === field)
    .flatMap((decision) => decision.options);
  if (options.length > 0) return options;
  const kinds = new Set(
    item.checks.flatMap((check) =>
      check.kind === "entities" && fieldOf(check.where) === field ? [check.entity] : []
    ),
  );
  const text = item.evidence ?? item.prompt;
  const found = mentions(knowledge, text);
  const denied = deniedSpans(text, found);
  const names = found.filter(({ entity }, i) => !denied[i] && kinds.has(entity.kind));
  return [...new Set(names.map(({ entity }) => entity.name))];
}

const everyName = (item: Item): string[] => [
  ...new Set(mentions(knowledge, item.prompt).map(({ entity }) => entity.name)),
];

/** What most open questions or cases have as an answer, by kind and families. */
function commonestAnswer(kind: EntityKind, ids: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const { family, checks } of items) {
    if (!ids.includes(family)) continue;
    for (const check of checks) {
      if (check.kind !== "entities" || check.entity !== kind) continue;
      for (const id of check.accepted) counts.set(id, (counts.get(id) ?? 0) + 1);
    }
  }
  const [best] = [...counts].sort(([, a], [, b]) => b - a);
  return knowledge.entities.get(best![0])!.name;
}

/** A drug and a symptom of the graph, each a right answer to some of the items, and the case that the most items are near to. */
const constant = {
  drug: commonestAnswer("drug", ["domain-open"]),
  symptom: commonestAnswer("symptom", ["domain-open"]),
  case: JSON.stringify({
    findings: [commonestAnswer("symptom", ["integration-json"])],
    diagnosis: commonestAnswer("disease", ["integration-json"]),
    drug: commonestAnswer("drug", ["integration-json"]),
    urgent: "no",
  }),
} as const;

const attacks: Record<string, (item: Item) => string> = {
  ...Object.fromEntries("ABCD".split("").map((letter) => [letter, () => `Answer: ${letter}.`])),
  "a constant symptom": () => `Answer: ${constant.symptom}`,
  "a constant drug": () => `Answer: ${constant.drug}`,
  "a constant case": () => constant.case,
  "nothing is urgent": () => '{"urgent": "no"}',
  "the prompt": (item) => item.prompt,
  "the form of the prompt": (item) =>
    item.prompt.slice(Math.max(0, item.prompt.search(/\bReply\b/))),
  "empty fields": (item) => fill(item, () => []),
  "fields without sense": (item) => fill(item, () => ["xx"]),
  "fields that say no": (item) => fill(item, () => ["no"]),
  "fields that say yes": (item) => fill(item, () => ["yes"]),
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
  assert(best("a constant case", "integration") > 0.5);
  assertEquals(best("fields that say no", "domain"), 1);
  assertEquals(best("fields that say yes", "domain"), 1);
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
      if (check.kind !== "entities" || /open|answer/.test(item.family)) continue;
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
      assert(rows.length >= 15 && rows.some((row) => (row.domain ?? row.reasoning) !== undefined));
      // Of two statements one is true: who always says yes, or no, is right in half of them.
      const limit = id === "domain-verify" && name.startsWith("fields that say") ? 0.6 : 0.3;
      for (const capability of judged) {
        const found = rows.flatMap((row) => row[capability] ?? []);
        if (found.length > 0) {
          assert(mean(found) < limit, `${name}, ${id}, ${capability}: ${mean(found)}`);
        }
      }
    }
  }
});

Deno.test("a yes or no to all statements, and to all questions of urgency, is right in exactly half of them", () => {
  const valued = (item: Item) =>
    item.group !== undefined && item.decisions.some(({ options }) => options.includes("yes"));
  for (const id of ["domain-verify", "integration-json"]) {
    const group = items.filter((item) => item.family === id && valued(item));
    assert(group.length >= 20, `${id}: ${group.length}`);
    const right = group.filter(({ decisions }) => {
      const { options, answer } = decisions.find((one) => one.options.includes("yes"))!;
      return options[answer] === "yes";
    });
    assertEquals(right.length, group.length / 2, id);
  }
});

Deno.test("no constant answer pays, not even the best of the references", () => {
  for (const { id } of families) {
    const group = ofFamily(id);
    for (const { reference } of group.slice(0, 15)) {
      const rows = group.filter((item) => item.reference !== reference).map((item) =>
        score(item, reference)
      );
      for (const capability of judged) {
        const found = rows.flatMap((row) => row[capability] ?? []);
        if (found.length > 0) assert(mean(found) < 0.25, `${id}, ${capability}: ${reference}`);
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

Deno.test("a constant answer over a family earns far less than a guess among four, to open questions next to nothing", () => {
  const names = entityKinds.flatMap(commonest);
  assert(
    names.includes("nervous system symptom") && names.includes("disease of anatomical entity"),
  );
  for (const { id } of families) {
    const group = ofFamily(id);
    const form = (name: string): string =>
      id === "domain-choice" ? `Answer: A. ${name}` : fill(group[0]!, () => [name]);
    const answers = [
      ...(id === "domain-open" ? names : names.filter((_, i) => i % 8 === 0)).map(form),
      ...names.slice(0, 5).map((name) => `The answer is ${name}.`),
      ...group.slice(0, 15).map(({ reference }) => reference),
    ];
    const limit = id === "domain-open" ? 0.06 : 0.2;
    for (const answer of answers) {
      const rows = group.filter(({ reference }) => reference !== answer).map((item) =>
        score(item, answer)
      );
      for (const capability of judged) {
        const found = rows.flatMap((row) => row[capability] ?? []);
        if (found.length === 0) continue;
        assert(mean(found) <= limit, `${id}, ${capability}, ${answer}: ${mean(found)}`);
      }
    }
  }
});

Deno.test("a constant answer to open questions of one kind pays in a tenth of them at most, and no heading does", () => {
  const open = makeGroups(domainOpen, "test", 400).flatMap(({ items }) => items);
  for (const kind of ["symptom", "drug", "disease", "class"] as const) {
    const group = open.filter(({ checks }) =>
      checks.some((check) => check.kind === "entities" && check.entity === kind)
    );
    assert(group.length >= 40, `${kind}: ${group.length}`);
    const names = commonest(kind).map((name) => `Answer: ${name}`);
    for (const answer of [...names, ...group.slice(0, 60).map(({ reference }) => reference)]) {
      const others = group.filter((item) => item.reference !== answer);
      const found = mean(others.map((item) => score(item, answer).domain!));
      assert(found < 0.1, `${kind}, ${answer}: ${found}`);
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
      assert(mean(found) < 0.12, `${name}, ${id}: ${mean(found)}`);
    }
  }
});

Deno.test("form counts with a wrong answer of the right kind", () => {
  let asked = 0;
  for (const item of items.filter(({ family }) => family === "domain-open")) {
    const check = item.checks.find(({ kind }) => kind === "entities")!;
    if (check.kind !== "entities" || check.entity !== "symptom") continue;
    assertEquals(score(item, `Answer: ${constant.symptom}`).instruction, 1);
    assert(score(item, `Answer: ${constant.drug}`).instruction! < 0.2);
    asked++;
  }
  assert(asked > 5, `${asked}`);
});

Deno.test("a denied reference earns nothing in domain and integration", () => {
  let labelled = 0;
  for (const item of families.flatMap(({ id }) => ofFamily(id))) {
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

Deno.test("a list of everything offered earns less than half of one of it, and a quarter of an honest answer at most", () => {
  for (
    const id of [
      "reasoning-diagnosis",
      "reasoning-compare",
      "reasoning-contraindication",
      "reasoning-exclusion",
      "instruction-note",
      "integration-json",
      "integration-hops",
    ]
  ) {
    const group = items.filter((item) => item.family === id && item.group !== undefined);
    const filled = (item: Item, pick: (names: readonly string[]) => readonly string[]): string =>
      fill(item, (field) => {
        // All findings are asked for, but one disease or drug.
        const isOne = item.checks.some((check) =>
          (check.kind === "value" || check.kind === "entities" && check.count === 1) &&
          fieldOf(check.where) === field
        );
        return isOne ? pick(offered(item, field)) : offered(item, field);
      });
    const rows = (pick: (names: readonly string[]) => readonly string[]): RuleScores[] =>
      group.map((item) => score(item, filled(item, pick)));
    const everything = rows((names) => names);
    // A guess is the option at one and the same place in every field.
    const guesses = [0, 1].flatMap((place) => rows((names) => names.slice(place, place + 1)));
    for (const capability of ["domain", "reasoning"] as const) {
      const of = (scores: readonly RuleScores[]): number[] =>
        scores.flatMap((row) => row[capability] ?? []);
      if (of(everything).length === 0) continue;
      const [all, guess] = [mean(of(everything)), mean(of(guesses))];
      assert(all < 0.26 && all < 0.55 * guess, `${id} ${capability}: all ${all}, one ${guess}`);
    }
    // A conjunction of three halves of an answer is not 0, as that of a guess often is.
    const whole = everything.flatMap(({ integration }) => integration ?? []);
    if (whole.length > 0) assert(mean(whole) < 0.25, `${id}: ${mean(whole)}`);
  }
});

Deno.test("urgency counts as far as the diagnosis is right", () => {
  let asked = 0;
  for (const item of items.filter(({ family }) => family === "integration-json")) {
    const reference = JSON.parse(item.reference);
    const { urgent } = reference;
    if (urgent === undefined) continue;
    asked++;
    const reasoning = (changes: Readonly<Record<string, string>>): number =>
      score(item, JSON.stringify({ ...reference, ...changes })).reasoning!;
    assertEquals(reasoning({}), 1);
    assertEquals(reasoning({ urgent: urgent === "yes" ? "no" : "yes" }), 0.5);
    assertEquals(score(item, JSON.stringify({ urgent })).reasoning, 0, "nothing by itself");
    const { options, answer } = item.decisions[0]!;
    assertEquals(reasoning({ diagnosis: options[1 - answer]! }), 0, "nothing with a wrong one");
  }
  assert(asked > 20, `${asked}`);
});

Deno.test("the class of a drug for a disease that is not named is worth a quarter", () => {
  for (const item of ofFamily("integration-hops")) {
    const [against, diagnosis, drug, group] = item.reference.split("\n");
    const domain = (...lines: readonly (string | undefined)[]): number =>
      score(item, lines.join("\n")).domain!;
    assertEquals(domain(against, diagnosis, drug, group), 1);
    assertEquals(domain(drug, group), (1 + 0.25) / 2);
    assertEquals(domain("Diagnosis: hiccups", drug, group), (1 + 0.25) / 2);
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
