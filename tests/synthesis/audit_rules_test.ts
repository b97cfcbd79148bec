/** Consistency: every rule is broken by an item made for it, and by no other; leakage: numbers by hand. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { findEntity, loadKnowledge } from "../../lib/knowledge/mod.ts";
import {
  claimOverlap,
  consistencyFaults,
  heldOutNamed,
  inSeveralSplits,
  isHeldOutDisease,
  type Item,
  type ItemClaim,
  type ItemRule,
  itemRules,
  trainedForms,
} from "../../lib/synthesis/mod.ts";
import { ask, askGroup } from "./audit_items.ts";

const options = ["gout", "lupus", "croup", "measles"];
const group = askGroup(options);
const first = group[0]!;
const choice: Item = {
  ...ask({ options, answer: 2 }),
  checks: [{ kind: "choice", capability: "domain", letter: "C", options }],
};
const where = { format: "line", field: "Urgent" } as const;
const urgent: Item = {
  ...ask({ prompt: "Urgent: yes or no?", reference: "Urgent: no", evidence: "Urgent" }),
  decisions: [{ where, options: ["yes", "no"], answer: 1 }],
  checks: [{
    kind: "value",
    capability: "reasoning",
    where,
    expected: "no",
    allowed: ["no", "yes"],
  }],
};

Deno.test("consistency: good items break no rule", () => {
  const { evidence: _, ...open } = ask({ reference: "Gout" });
  assertEquals(consistencyFaults([...group, choice, urgent, open, ask({})]), []);
  assertEquals(consistencyFaults([]), []);
});

/** The first item of the group, changed; the others as they are. */
const withFirst = (change: Partial<Item>): Item[] => [{ ...first, ...change }, ...group.slice(1)];

const broken: Record<ItemRule, { items: Item[]; detail: string }> = {
  "evidence not in prompt": {
    items: withFirst({ evidence: "Signs of lupus." }),
    detail: '"Signs of lupus."',
  },
  "option not in prompt": {
    items: [
      ask({
        options,
        answer: 1,
        prompt: "The findings. Is it goutlike or lupus or croup or measles?",
      }),
    ],
    detail: 'Diagnosis: "gout"',
  },
  "options in another order": {
    items: [ask({ options: ["gout", "lupus"], prompt: "The findings. Is it lupus or gout?" })],
    detail: "Diagnosis: lupus, gout",
  },
  "option twice": {
    items: [ask({ options: ["gout", "lupus", "Gout"], answer: 1 })],
    detail: "Diagnosis: gout, lupus, Gout",
  },
  "reference states another option": {
    items: [ask({ options, answer: 1, reference: "Diagnosis: croup" })],
    detail: 'Diagnosis: expected "lupus" but found "croup"',
  },
  "check asks for another option": {
    items: [{
      ...choice,
      checks: [{ kind: "choice", capability: "domain", letter: "D", options }],
    }],
    detail: 'Diagnosis: expected "croup" but found "measles"',
  },
  "options differ within group": {
    items: [
      ask({ group: "one", options: ["gout", "lupus"], answer: 0 }),
      ask({ group: "one", options: ["gout", "croup"], answer: 1, evidence: "Others." }),
    ],
    detail: "group one, Diagnosis: gout, lupus against gout, croup",
  },
  "option never right in group": {
    items: group.slice(1),
    detail: 'group gout+lupus+croup+measles, Diagnosis: "gout" in 0 of 3',
  },
  "option right more often in group": {
    items: [...group, ask({ group: first.group!, options, evidence: "Other signs." })],
    detail: '"gout" in 2 of 5',
  },
  "equal prompts, other answers": {
    items: [
      ask({ options: ["gout", "lupus"], answer: 0, id: "a".repeat(16) }),
      ask({ options: ["gout", "lupus"], answer: 1, id: "b".repeat(16) }),
    ],
    detail: `Diagnosis: "gout" in ${"a".repeat(16)}, "lupus" in ${"b".repeat(16)}`,
  },
};

for (const rule of itemRules) {
  Deno.test(`consistency: ${rule}`, () => {
    const { items, detail } = broken[rule];
    const faults = consistencyFaults(items);
    assertEquals([...new Set(faults.map((fault) => fault.rule))], [rule]);
    assertStringIncludes(faults[0]!.detail, detail);
    assert(items.some(({ id }) => id === faults[0]!.item));
  });
}

Deno.test("consistency: a value check and a missing statement", () => {
  const other = {
    ...urgent,
    checks: [{ ...urgent.checks[0]!, expected: "yes" } as Item["checks"][0]],
  };
  assertEquals(consistencyFaults([other]).map(({ detail }) => detail), [
    'Urgent: expected "no" but found "yes"',
  ]);
  const silent = ask({ options, answer: 1, reference: "lupus" });
  assertEquals(consistencyFaults([silent]).map(({ detail }) => detail), [
    'Diagnosis: expected "lupus" but found none',
  ]);
});

const claim = (subject: string, object: string, denied?: ItemClaim["denied"]): ItemClaim => ({
  subject,
  predicate: "presents",
  object,
  ...(denied === undefined ? {} : { denied }),
});

Deno.test("claims of test items that training states: triples, pairs, and items without anything new", () => {
  const train = [
    ask({ claims: [claim("a", "1"), claim("a", "2"), claim("a", "1")] }),
    ask({ claims: [claim("b", "1", "not listed"), { ...claim("x", "c"), predicate: "treats" }] }),
  ];
  const test = [
    ask({ claims: [claim("a", "1"), claim("a", "1"), claim("a", "2")] }), // both seen
    ask({ claims: [claim("a", "2"), claim("b", "1"), claim("c", "x")] }), // 1 of 3 seen, all pairs
    ask({ claims: [claim("d", "1"), claim("a", "1", "not listed")] }), // a denied one does not count
    ask({ claims: [claim("d", "2", "not listed")] }), // states nothing
    ask({}),
  ];
  assertEquals(claimOverlap(test, train), {
    items: 3,
    claims: 6,
    seen: 3,
    seenPairs: 5,
    nothingNew: 1,
  });
  assertEquals(claimOverlap([], train), {
    items: 0,
    claims: 0,
    seen: 0,
    seenPairs: 0,
    nothingNew: 0,
  });
});

Deno.test("groups and cases in several splits, families and wordings that training must not have", () => {
  const items = [
    ask({ group: "one", case: "a" }),
    ask({ group: "one", case: "b", split: "validation" }),
    ask({ group: "two", case: "a", split: "test" }),
    ask({ case: "c", split: "test-forms", family: "new" }),
    ask({ case: "c", split: "test-forms" }),
    ask({ split: "test-wordings", template: "written/1" }),
    ask({ split: "test-wordings" }),
  ];
  assertEquals(inSeveralSplits(items, (item) => item.group), [
    { value: "one", splits: ["train", "validation"] },
  ]);
  assertEquals(inSeveralSplits(items, (item) => item.case), [
    { value: "a", splits: ["train", "test"] },
  ]);
  assertEquals(trainedForms(items), { families: ["diagnosis"], templates: ["diagnosis/train-1"] });
  assertEquals(trainedForms(items.slice(1)), { families: [], templates: [] });
});

const knowledge = await loadKnowledge();

Deno.test("held-out diseases that training names, in prompts, references and claims", () => {
  const common = [
    "gout",
    "asthma",
    "malaria",
    "epilepsy syndrome",
    "psoriasis",
    "migraine",
    "glaucoma",
  ];
  const entities = common.flatMap((name) => findEntity(knowledge, name) ?? []);
  // What items of test-diseases are about counts as held out, whatever the rule says of it.
  const tested = entities.find(({ id }) => !isHeldOutDisease(id))!;
  const trained = entities.find(({ id }) => !isHeldOutDisease(id) && id !== tested.id)!;
  const fever = findEntity(knowledge, "fever")!.id;
  const test = ask({ split: "test-diseases", claims: [claim(tested.id, fever)] });
  const train = [
    ask({ prompt: `Is it ${tested.name} or ${trained.name}? ${tested.name}!` }),
    ask({
      reference: `Diagnosis: ${tested.name}`,
      claims: [claim(tested.id, fever, "not listed")],
    }),
    ask({ prompt: `Is it ${tested.name}?`, claims: [claim(trained.id, fever)] }),
    ask({ prompt: `Is it ${tested.name}?`, split: "validation" }),
  ];
  assertEquals(heldOutNamed([...train, test], knowledge), {
    diseases: 1,
    named: [{ id: tested.id, name: tested.name, prompts: 2, references: 1, claims: 1 }],
  });
  assertEquals(heldOutNamed(train, knowledge), { diseases: 0, named: [] });
});
