import { assert, assertEquals } from "@std/assert";
import { ancestorsOf, checkClaim } from "../../../lib/knowledge/mod.ts";
import { randomStream } from "../../../lib/runtime/mod.ts";
import { referencePasses, ruleScores } from "../../../lib/reward/mod.ts";
import type { ItemClaim } from "../../../lib/synthesis/item.ts";
import { mayPresent, mayTreat, shareWord } from "../../../lib/synthesis/source.ts";
import { unsupportedClaims } from "../../../lib/synthesis/validate.ts";
import { domainChoice } from "../../../lib/synthesis/tasks/domain_choice.ts";
import { domainOpen } from "../../../lib/synthesis/tasks/domain_open.ts";
import { topicsOf } from "../../../lib/synthesis/tasks/finding_topics.ts";
import { instructionAnswer } from "../../../lib/synthesis/tasks/instruction_answer.ts";
import { isOwn, relationOf, relations } from "../../../lib/synthesis/tasks/relations.ts";
import { drawSquare } from "../../../lib/synthesis/tasks/squares.ts";
import { clinical, knowledge, makeGroups, sourceFor } from "./made.ts";

const splits = ["train", "test", "test-diseases"] as const;
const groups = new Map(splits.map((split) => [split, makeGroups(domainChoice, split, 210)]));
const all = [...groups.values()].flat();

Deno.test("there are 210 squares for each split, of every relation that it has", () => {
  for (const split of splits) {
    assertEquals(groups.get(split)!.length, 210);
    const asked = new Set(groups.get(split)!.map(({ proposals }) => proposals[0]!.key[1]));
    const expected = relations.filter(({ id }) => split !== "test-diseases" || id !== "class");
    assertEquals([...asked].sort(), expected.map(({ id }) => id).sort());
  }
});

Deno.test("four questions have the same options; each is right once, and each letter", () => {
  for (const { items, proposals } of all) {
    assertEquals(items.length, 4);
    const decisions = items.map((item) => item.decisions[0]!);
    const sets = decisions.map(({ options }) => options.toSorted().join("|"));
    assertEquals(new Set(sets).size, 1);
    assertEquals(new Set(decisions[0]!.options).size, 4);
    const right = decisions.map(({ options, answer }) => options[answer]!);
    assertEquals(right.toSorted(), decisions[0]!.options.toSorted());
    assertEquals(decisions.map(({ answer }) => answer).toSorted(), [0, 1, 2, 3]);
    for (const option of right) {
      const places = decisions.map(({ options }) => options.indexOf(option)).toSorted();
      assertEquals(places, [0, 1, 2, 3]);
    }
    assertEquals(new Set(proposals.map(({ slots }) => slots["anchor"])).size, 4);
    for (const [i, { prompt, reference }] of items.entries()) {
      for (const [n, option] of decisions[i]!.options.entries()) {
        assert(prompt.includes(`\n${"ABCD"[n]}. ${option}\n`), prompt);
      }
      assertEquals(reference, `Answer: ${"ABCD"[decisions[i]!.answer]}. ${right[i]}`);
    }
  }
});

Deno.test("who reads only the options is right once in four: by place, name, length and how often a name is right", () => {
  const readers: Readonly<Record<string, (options: readonly string[]) => string>> = {
    shortest: (options) => options.toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1))[0]!,
    longest: (options) => options.toSorted((a, b) => b.length - a.length || (a < b ? -1 : 1))[0]!,
    alphabet: (options) => options.toSorted()[0]!,
    commonest: (options) =>
      options.toSorted((a, b) =>
        (counts.get(b) ?? 0) - (counts.get(a) ?? 0) || (a < b ? -1 : 1)
      )[0]!,
  };
  const counts = new Map<string, number>();
  const decisions = all.flatMap(({ items }) => items.map((item) => item.decisions[0]!));
  for (const { options, answer } of decisions) {
    counts.set(options[answer]!, (counts.get(options[answer]!) ?? 0) + 1);
  }
  for (const [name, choose] of Object.entries(readers)) {
    const right = decisions.filter(({ options, answer }) => choose(options) === options[answer]);
    assertEquals(right.length, decisions.length / 4, name);
  }
  for (let place = 0; place < 4; place++) {
    assertEquals(decisions.filter(({ answer }) => answer === place).length, decisions.length / 4);
  }
});

Deno.test("what is asked for is the split's own; the graph supports it and denies the rest", () => {
  for (const split of splits) {
    for (const { items } of groups.get(split)!) {
      for (const { claims } of items) {
        const [asked, ...others] = claims;
        assert(asked !== undefined && asked.denied === undefined);
        assert(isOwn(sourceFor(split), asked), JSON.stringify(asked));
        assertEquals(others.length, 3);
        assert(others.every(({ denied }) => denied !== undefined));
        assertEquals(unsupportedClaims(knowledge, claims), []);
      }
    }
  }
});

Deno.test("no fact that the test asks for is stated by a training item of any of these families", () => {
  const key = ({ subject, object }: ItemClaim): string => `${subject} ${object}`;
  const trained = new Set(
    [
      ...groups.get("train")!,
      ...makeGroups(domainOpen, "train", 300),
      ...makeGroups(instructionAnswer, "train", 300),
    ].flatMap(({ items }) =>
      items.flatMap(({ claims }) => claims.filter(({ denied }) => denied === undefined).map(key))
    ),
  );
  for (const split of ["test", "test-diseases"] as const) {
    for (const { items } of groups.get(split)!) {
      for (const { claims } of items) assert(!trained.has(key(claims[0]!)), key(claims[0]!));
    }
  }
});

/** Whether a denied claim may be right after all, by the tables and the graph rather than by how it came about. */
function mayHold(claim: ItemClaim): boolean {
  const { subject, predicate, object } = claim;
  switch (predicate) {
    case "presents": {
      if (claim.denied === "opposite" || claim.denied === "source") return false;
      const finding = knowledge.entities.get(object)!;
      const topics = new Set(topicsOf(finding.name));
      const rows = clinical.diseases.get(subject)!.findings;
      return mayPresent(knowledge, subject, object) || topics.size === 0 ||
        rows.some(({ text }) => topicsOf(text).some((topic) => topics.has(topic)));
    }
    case "treats":
      return mayTreat(sourceFor("test"), subject, object);
    case "contraindicated":
      return (clinical.contraindications.get(subject) ?? []).some(({ condition: { id, name } }) =>
        id === object || shareWord(name, knowledge.entities.get(object)!.name) ||
        ancestorsOf(knowledge, object).has(id) || ancestorsOf(knowledge, id).has(object)
      );
    case "is_a":
      return subject === object || ancestorsOf(knowledge, subject).has(object) ||
        ancestorsOf(knowledge, object).has(subject);
    default:
      return checkClaim(knowledge, claim).verdict === "supported";
  }
}

Deno.test("every wrong option is safely wrong, and a better ground is taken where there is one", () => {
  const bases = new Map<string, number>();
  for (const { items } of all) {
    for (const claim of items.flatMap(({ claims }) => claims)) {
      if (claim.denied === undefined) continue;
      bases.set(claim.denied, (bases.get(claim.denied) ?? 0) + 1);
      assert(!mayHold(claim), JSON.stringify(claim));
    }
  }
  for (const basis of ["not listed", "hierarchy", "source"]) assert(bases.has(basis), basis);
});

Deno.test("no option shares a word with what is asked about", () => {
  for (const { items, proposals } of all) {
    for (const [i, { decisions }] of items.entries()) {
      for (const option of decisions[0]!.options) {
        assert(!shareWord(option, proposals[i]!.slots["anchor"]!), `${items[i]!.prompt}`);
      }
    }
  }
});

Deno.test("a reference earns every point of its own question and none of the domain's of the others", () => {
  for (const { items } of all.filter((_, i) => i % 5 === 0)) {
    for (const item of items) {
      assert(referencePasses(item, knowledge), item.prompt);
      for (const { decisions: [decision] } of items) {
        const { options, answer } = item.decisions[0]!;
        const other = decision!.options[decision!.answer]!;
        const place = options.indexOf(other);
        const { domain } = ruleScores(item, `Answer: ${"ABCD"[place]}. ${other}`, knowledge);
        assertEquals(domain, place === answer ? 1 : 0, `${item.prompt} ${other}`);
      }
    }
  }
});

Deno.test("four hundred test items have prompts of their own", () => {
  const prompts = new Set(
    groups.get("test")!.flatMap(({ items }) => items.map(({ prompt }) => prompt)),
  );
  assert(prompts.size >= 400, `${prompts.size}`);
});

Deno.test("a square of a relation without facts is none", () => {
  const source = sourceFor("test-diseases");
  assertEquals(relationOf("class").facts(source), []);
  assertEquals(
    drawSquare(source, relationOf("class"), "object", 4, randomStream(0, "none")),
    undefined,
  );
});
