import { assert, assertEquals } from "@std/assert";
import { deniedSpans, loadClinical, loadKnowledge, mentions } from "../../../lib/knowledge/mod.ts";
import { checkScores, referencePasses } from "../../../lib/reward/mod.ts";
import { fillForm, formFillerScores } from "../../../lib/reward/mod.ts";
import { escapeRegExp, randomStream } from "../../../lib/runtime/mod.ts";
import {
  answerBy,
  blindPrompt,
  type Check,
  type Decision,
  families,
  type Family,
  findingsOf,
  type Item,
  patientOf,
  type Proposal,
  selectSource,
  type Source,
  type SourceSplit,
  splitOfClaims,
  unsupportedClaims,
  wordPrompt,
} from "../../../lib/synthesis/mod.ts";

const knowledge = await loadKnowledge();
const clinical = await loadClinical(knowledge);

const tested = [
  "reasoning-compare",
  "reasoning-diagnosis",
  "reasoning-contraindication",
  "instruction-note",
  "integration-hops",
  "integration-json",
].map((id) => families.find((family) => family.id === id)!);

interface Group {
  readonly family: Family;
  readonly source: Source;
  readonly proposals: readonly Proposal[];
  readonly items: readonly Item[];
}

function itemOf(family: Family, split: SourceSplit, proposal: Proposal, seed: number): Item {
  const { prompt, template } = wordPrompt(proposal, split, randomStream(seed, "wording"));
  const { reference, checks, claims, decisions = [], evidence } = proposal;
  return {
    id: `${seed}`,
    capability: family.capability,
    family: family.id,
    version: family.version,
    split,
    prompt,
    reference,
    checks,
    claims,
    decisions,
    ...(evidence !== undefined && { evidence }),
    case: "case",
    template,
  };
}

/** The first groups of a family. */
function draw(family: Family, split: SourceSplit, wanted: number): Group[] {
  const source = selectSource(clinical, split);
  const groups: Group[] = [];
  for (let i = 0; i < 100 * wanted && groups.length < wanted; i++) {
    const proposals = family.propose(source, randomStream(21, family.id, split, i));
    if (proposals.length === 0) continue;
    const items = proposals.map((proposal) => itemOf(family, split, proposal, i));
    groups.push({ family, source, proposals, items });
  }
  assertEquals(groups.length, wanted, `${family.id} ${split}`);
  return groups;
}

const groups: readonly Group[] = tested.flatMap((family) => [
  ...draw(family, "train", 25),
  ...draw(family, "test", 15),
  ...(family.id === "reasoning-contraindication" ? [] : draw(family, "test-diseases", 5)),
]);
const items = groups.flatMap((group) => group.items);

const fieldOf = ({ where }: Decision): string => where.format === "text" ? "" : where.field;

Deno.test("the groups tested are more than two hundred", () => assert(groups.length > 200));

Deno.test("held-out diseases with held-out conditions are too few to ask for contraindications", () => {
  const source = selectSource(clinical, "test-diseases");
  const family = families.find(({ id }) => id === "reasoning-contraindication")!;
  for (let i = 0; i < 50; i++) assertEquals(family.propose(source, randomStream(4, i)), []);
});

Deno.test("the prompts of a group differ in their evidence alone", () => {
  for (const { items } of groups) {
    assert(items.length >= 2);
    for (const item of items) {
      assert(item.evidence !== undefined && item.evidence !== "");
      assertEquals(item.prompt.split(item.evidence).length, 2, item.prompt);
    }
    assertEquals(new Set(items.map(blindPrompt)).size, 1, items[0]!.prompt);
    assertEquals(new Set(items.map(({ evidence }) => evidence)).size, items.length);
  }
});

Deno.test("each option of each decision is right exactly once, so that who sees only options is right in one of k", () => {
  for (const { items } of groups) {
    for (const [i, { options }] of items[0]!.decisions.entries()) {
      const own = items.map(({ decisions }) => decisions[i]!);
      for (const one of own) assertEquals(one.options, options);
      assertEquals(own.map(({ answer }) => answer).sort(), options.map((_, k) => k));
      // Whatever place, length or name a guesser prefers, it is right once.
      const policies: ((shown: readonly string[]) => number)[] = [
        () => 0,
        (shown) => shown.length - 1,
        (shown) => shown.indexOf([...shown].sort((a, b) => b.length - a.length)[0]!),
        (shown) => shown.indexOf([...shown].sort()[0]!),
      ];
      for (const policy of policies) {
        assertEquals(own.filter((one) => policy(one.options) === one.answer).length, 1);
      }
    }
  }
});

Deno.test("every option stands in the prompt outside the evidence, none within it", () => {
  for (const item of items) {
    const rest = blindPrompt(item).toLowerCase();
    for (const { options } of item.decisions) {
      for (const option of options) {
        const name = new RegExp(`(?<![a-z0-9])${escapeRegExp(option.toLowerCase())}(?![a-z0-9])`);
        assert(name.test(rest), `${option} in ${rest}`);
        assert(!name.test(item.evidence!.toLowerCase()), `${option} in ${item.evidence}`);
      }
    }
  }
});

Deno.test("a reader of the evidence finds the patient's findings asserted and the absent one denied", () => {
  let read = 0;
  for (const { proposals } of groups) {
    for (const { clinical: one, evidence } of proposals) {
      if (one === undefined || evidence === undefined) continue;
      read += 1;
      const named = mentions(knowledge, evidence);
      const denied = deniedSpans(evidence, named);
      const ids = (wanted: boolean): string[] =>
        named.filter(({ entity: { kind } }, i) => kind === "symptom" && denied[i] === wanted)
          .map(({ entity: { id } }) => id).sort();
      assertEquals(ids(false), findingsOf(one).map(({ finding }) => finding.id).sort(), evidence);
      assertEquals(ids(true), [patientOf(one).denied.finding.id], evidence);
    }
  }
  assert(read > 400);
});

Deno.test("references pass every check, and keep within the limits", () => {
  for (const item of items) {
    assert(referencePasses(item, knowledge), `${item.prompt}\n${item.reference}`);
    assert(item.prompt.split(/\s+/).length <= 110, item.prompt);
    assert(item.reference.split(/\s+/).length <= 45, item.reference);
  }
});

Deno.test("a wrong option scores 0 on the check of its field", () => {
  for (const item of items) {
    for (const [k, decision] of item.decisions.entries()) {
      for (let place = 0; place < decision.options.length; place++) {
        if (place === decision.answer) continue;
        const wrong = answerBy(item, k, place);
        assert(wrong !== undefined, item.reference);
        const own = checkScores(item, wrong.reference, knowledge).filter(({ check }) =>
          (check.kind === "entities" || check.kind === "value") &&
          check.where.format !== "text" && check.where.field === fieldOf(decision)
        );
        assertEquals(own.map(({ score }) => score), [0], `${item.prompt}\n${wrong.reference}`);
      }
    }
  }
});

Deno.test("what is copied from the prompt is scored as instruction, never as reasoning", () => {
  const ofReasoning = (check: Check): boolean =>
    check.capability === "reasoning" && check.kind === "entities" && check.entity === "symptom";
  for (const { family, items } of groups) {
    if (family.id === "reasoning-compare") continue;
    for (const { checks } of items) assert(!checks.some(ofReasoning));
  }
});

Deno.test("claims hold, and lie in the split of their group", () => {
  const isDisease = (id: string): boolean => knowledge.entities.get(id)?.kind === "disease";
  for (const { source, items } of groups) {
    const claims = items.flatMap((item) => item.claims);
    assertEquals(splitOfClaims(claims, isDisease), source.split);
    assertEquals(unsupportedClaims(knowledge, claims), []);
    assert(claims.some(({ denied }) => denied !== undefined));
    // Every item by itself rests on a fact that no training item states.
    for (const item of items) {
      assertEquals(splitOfClaims(item.claims, isDisease), source.split, item.prompt);
    }
  }
});

Deno.test("every family has four wordings for training and three held out, each a sentence of its own", () => {
  for (const { family, proposals } of groups) {
    for (const { wording } of proposals) {
      assert(wording.train.length >= 4 && wording.heldOut.length >= 3, family.id);
      const starts = [...wording.train, ...wording.heldOut].map((text) => text.split("\n")[0]!);
      assertEquals(new Set(starts).size, starts.length);
    }
  }
});

Deno.test("a form filler stays at chance where conclusions are scored", () => {
  for (
    const [id, chance] of [
      ["reasoning-compare", 1 / 2],
      ["reasoning-diagnosis", 1 / 3],
      ["reasoning-contraindication", 1 / 2],
    ] as const
  ) {
    const own = groups.filter(({ family }) => family.id === id).flatMap(({ items }) => items)
      .filter(({ decisions }) => decisions.at(-1)!.options.length === Math.round(1 / chance));
    const common = { names: new Map(), values: new Map() };
    const scores = formFillerScores(own, knowledge, common, { fillings: 20, seed: 3 });
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
    assert(Math.abs(mean - chance) < 0.06, `${id}: ${mean} of ${chance}`);
    assert(fillForm(own[0]!, knowledge, common, randomStream(1)).includes(":"));
  }
});
