import { assert, assertEquals, assertRejects } from "@std/assert";
import { checkClaim, loadClinical, loadKnowledge, mentions } from "../../lib/knowledge/mod.ts";
import { referencePasses } from "../../lib/reward/mod.ts";
import { hashJson, randomStream, UsageError } from "../../lib/runtime/mod.ts";
import {
  answerAtRandom,
  blindPrompt,
  capabilities,
  estimateTokens,
  families,
  injectWrongAnswer,
  isHeldOutDisease,
  type Item,
  type ItemClaim,
  itemsToJsonl,
  limits,
  readItems,
  type Split,
  splitQuota,
  splits,
  synthesize,
  unsupportedClaims,
  writeItems,
} from "../../lib/synthesis/mod.ts";
import { vignetteOf } from "./vignette_of.ts";

const knowledge = await loadKnowledge();
const clinical = await loadClinical(knowledge);
const count = 1600;
const { items, report } = await synthesize({
  clinical,
  count,
  seed: 3,
  verify: (item) => referencePasses(item, knowledge),
});
const words = (text: string): number => text.split(/\s+/).length;
const inSplit = (split: Split): Item[] => items.filter((item) => item.split === split);
const stated = (item: Item): ItemClaim[] =>
  item.claims.filter(({ denied }) => denied === undefined);
const endsOf = ({ subject, object }: ItemClaim): string => `${subject}\t${object}`;
/** Whole counterfactual groups. */
const groups: readonly (readonly Item[])[] = [
  ...Map.groupBy(items.filter(({ group }) => group !== undefined), ({ group }) => group).values(),
];

Deno.test("as many items as asked for, a quarter for each capability, each split near its quota", () => {
  assertEquals(items.length, count);
  assertEquals(report.missing, 0);
  for (const capability of capabilities) {
    const own = items.filter((item) => item.capability === capability);
    assertEquals(own.length, count / 4);
    const quota = splitQuota(own.length);
    for (const split of splits) {
      const found = own.filter((item) => item.split === split).length;
      // Whole groups may leave a few items of a split to training.
      if (split === "train") assert(found >= quota.train && found <= quota.train + 15, capability);
      else assert(found <= quota[split] && found >= quota[split] - 3, `${capability} ${split}`);
    }
  }
  assertEquals(report.counts.reduce((sum, row) => sum + row.items, 0), count);
});

Deno.test("every family is in every split of its own: held-out families in test-forms alone", () => {
  for (const { id, testOnly = false } of families) {
    for (const split of splits) {
      const found = inSplit(split).filter(({ family }) => family === id).length;
      // Of too few held-out diseases there are two drugs that other conditions speak against.
      const isEmpty = id === "reasoning-contraindication" && split === "test-diseases";
      assertEquals(found > 0, testOnly === (split === "test-forms") && !isEmpty, `${id} ${split}`);
    }
  }
  for (const capability of capabilities) {
    assert(families.some((one) => one.capability === capability && one.testOnly === true));
  }
});

Deno.test("few proposals are made in vain: 4 seeds and 1.6 drafts an item at most", () => {
  const produced = Object.fromEntries(report.stages.map((row) => [row.stage, row.produced]));
  assert(produced.seed! <= 4 * items.length, `${produced.seed} seeds`);
  assert(produced.construct! <= 1.6 * items.length, `${produced.construct} drafts`);
});

Deno.test("same seed, same bytes; another seed, other items", async () => {
  const make = async (seed: number): Promise<string> =>
    itemsToJsonl((await synthesize({ clinical, count: 40, seed, benchmarks: [] })).items);
  const first = await make(5);
  assertEquals(await make(5), first);
  assert(await make(6) !== first);
});

Deno.test("ids are hashes of the content and unique", async () => {
  assertEquals(new Set(items.map((item) => item.id)).size, items.length);
  for (const { id, family, version, prompt, reference, checks } of items.slice(0, 50)) {
    assertEquals(await hashJson({ family, version, prompt, reference, checks }), id);
  }
});

Deno.test("cases and prompts lie in one split each, held-out wordings in test-wordings alone", () => {
  const shared = (key: (item: Item) => string): string[] => {
    const seen = new Map<string, Split>();
    return items.flatMap((item) => {
      const value = key(item);
      const before = seen.get(value) ?? item.split;
      seen.set(value, item.split);
      return before === item.split ? [] : [value];
    });
  };
  assertEquals(shared((item) => item.case), []);
  assertEquals(shared((item) => item.prompt.toLowerCase()), []);
  assertEquals(shared(({ group, id }) => group ?? id), []);
  for (const { template, split } of items) {
    assertEquals(template.includes("/held-out-"), split === "test-wordings", template);
  }
  // A vignette's content is the diagnosis with its findings, however it is worded.
  assertEquals(
    shared((item) => {
      const found = vignetteOf(item);
      return found === undefined ? item.id : [
        item.family,
        found.disease,
        found.absent,
        ...found.findings.toSorted(),
      ].join();
    }),
    [],
  );
});

Deno.test("no fact of a training item is the fact that a test item turns on, over all families", () => {
  const trained = new Set(inSplit("train").flatMap((item) => stated(item).map(endsOf)));
  let tested = 0;
  for (const split of ["validation", "test", "test-forms", "test-wordings"] as const) {
    for (const group of Map.groupBy(inSplit(split), ({ group, id }) => group ?? id).values()) {
      const own = group.flatMap(stated).filter((claim) => !trained.has(endsOf(claim)));
      assert(own.length > 0, `${split} ${group[0]!.prompt}`);
      tested += 1;
    }
  }
  assert(tested > 120, `${tested}`);
  // What one part of the test asks for is not in training by another relation or family either.
  const asked = inSplit("test").filter(({ evidence }) => evidence === undefined)
    .map((item) => endsOf(stated(item)[0]!));
  const leaked = asked.filter((ends) => trained.has(ends)).length;
  assert(leaked <= 0.1 * asked.length, `${leaked} of ${asked.length}`);
});

Deno.test("training states and denies nothing of held-out diseases, nor names one", () => {
  const isHeldOut = (id: string): boolean =>
    knowledge.entities.get(id)?.kind === "disease" && isHeldOutDisease(id);
  const heldOut = new Set(
    inSplit("test-diseases").flatMap((item) =>
      stated(item).flatMap(({ subject, object }) => [subject, object])
    ).filter(isHeldOut),
  );
  assert(heldOut.size >= 15, `${heldOut.size} held-out diseases`);
  for (const item of [...inSplit("train"), ...inSplit("validation")]) {
    const ends = stated(item).flatMap(({ subject, object }) => [subject, object]);
    assertEquals(ends.filter(isHeldOut), [], item.prompt);
    const named = mentions(knowledge, `${item.prompt}\n${item.reference}`, ["disease"])
      .map(({ entity }) => entity.id);
    assertEquals(named.filter((id) => heldOut.has(id)), [], item.prompt);
  }
  for (const item of inSplit("test-diseases")) {
    const diseases = stated(item).flatMap(({ subject, object }) => [subject, object])
      .filter((id) => knowledge.entities.get(id)?.kind === "disease");
    assert(diseases.every(isHeldOut), item.prompt);
  }
});

Deno.test("groups are whole: the same prompt but for evidence or anchor, each option right equally often", () => {
  assert(groups.length > 400, `${groups.length}`);
  for (const group of groups) {
    const [first] = group as [Item];
    assert(group.length >= 2);
    for (const key of ["family", "template"] as const) {
      assertEquals(new Set(group.map((item) => item[key])).size, 1);
    }
    if (first.evidence !== undefined && first.family !== "reasoning-exclusion") {
      assertEquals(new Set(group.map(blindPrompt)).size, 1, first.prompt);
    }
    // The rows of a table are about diseases, of which each item of the group shows two.
    if (first.family === "instruction-table") continue;
    for (const [i, { options }] of first.decisions.entries()) {
      const right = group.map(({ decisions }) => decisions[i]!)
        .map((decision) => decision.options[decision.answer]!).toSorted();
      const share = group.length / options.length;
      const equally = options.flatMap((option) => Array(share).fill(option)).toSorted();
      assertEquals(right, equally, first.prompt);
    }
  }
  // All but open questions and free answers come in groups, save for what training cuts to size.
  const single = items.filter(({ family, group }) =>
    group === undefined && !/open|answer/.test(family)
  );
  assert(single.length < 0.01 * items.length, `${single.length}`);
  assert(single.every(({ split }) => split === "train"));
});

Deno.test("no prompt twice", () => {
  assertEquals(new Set(items.map((item) => item.prompt.toLowerCase())).size, items.length);
});

Deno.test("every stated claim is supported by the graph, with a path of evidence; no denied one may hold", () => {
  const all = items.flatMap((item) => item.claims);
  assertEquals(unsupportedClaims(knowledge, all), []);
  const statedClaims = items.flatMap((item) => stated(item));
  const verdicts = new Set(statedClaims.map((claim) => checkClaim(knowledge, claim).verdict));
  assertEquals([...verdicts], ["supported"]);
  assert(statedClaims.length > 6000, `${statedClaims.length}`);
  for (const claim of stated(items[0]!)) {
    assert(checkClaim(knowledge, claim).path.length > 0 || claim.subject === claim.object);
  }
  assert(all.length - statedClaims.length > 3000, "denied ones");
});

Deno.test("a claim turned into its opposite is found, whichever it is", () => {
  for (const { claims } of items.filter((_, i) => i % 5 === 0)) {
    for (const { denied, ...claim } of claims) {
      const turned: ItemClaim = denied === undefined ? { ...claim, denied: "not listed" } : claim;
      assertEquals(unsupportedClaims(knowledge, [turned]).length, 1, JSON.stringify(turned));
    }
  }
});

Deno.test("prompts and references are short", () => {
  for (const { prompt, reference } of items) {
    assert(words(prompt) <= limits.promptWords, prompt);
    assert(words(reference) <= limits.referenceWords, reference);
    assert(estimateTokens(reference) <= limits.referenceTokens, reference);
  }
});

Deno.test("a prompt names every field that its checks look at", () => {
  const fieldsOf = ({ checks }: Item): string[] =>
    checks.flatMap((check) => {
      if (check.kind === "labels") return check.labels.map((label) => `${label}:`);
      if (check.kind === "json") return check.keys.map(({ key }) => `"${key}"`);
      if (check.kind === "table") return [...check.columns];
      return "where" in check && check.where.format !== "text" ? [check.where.field] : [];
    });
  let named = 0;
  for (const item of items) {
    for (const field of fieldsOf(item)) {
      assert(item.prompt.includes(field), `${field} in ${item.prompt}`);
      named += 1;
    }
  }
  assert(named > 5000, `${named}`);
});

Deno.test("over whole groups each letter and each place is right equally often", () => {
  const choices = groups.flat().flatMap((item) => item.checks)
    .filter((check) => check.kind === "choice");
  assert(choices.length >= 160);
  for (const letter of ["A", "B", "C", "D"]) {
    assertEquals(choices.filter((one) => one.letter === letter).length, choices.length / 4);
  }
});

Deno.test("the wrong options of a choice are denied, each with its basis, and of one kind", () => {
  let checked = 0;
  for (const item of items.filter(({ family }) => family === "domain-choice")) {
    const [claim] = stated(item) as [ItemClaim];
    const wrong = item.claims.filter(({ denied }) => denied !== undefined);
    assertEquals([stated(item).length, wrong.length], [1, 3], item.prompt);
    const side = wrong.every(({ subject }) => subject === claim.subject) ? "object" : "subject";
    const kinds = new Set([claim, ...wrong].map((one) => knowledge.entities.get(one[side])!.kind));
    assertEquals(kinds.size, 1, item.prompt);
    checked += wrong.length;
  }
  assert(checked > 400, `${checked}`);
});

Deno.test("the evidence names no option", () => {
  let read = 0;
  for (const { evidence, decisions, prompt } of items) {
    if (evidence === undefined) continue;
    assertEquals(prompt.split(evidence).length, 2, prompt);
    for (const option of decisions.flatMap(({ options }) => options)) {
      assert(!` ${evidence.toLowerCase()} `.includes(` ${option.toLowerCase()} `), prompt);
    }
    read += 1;
  }
  assert(read > 800, `${read}`);
});

Deno.test("retention adds up at every stage", () => {
  assertEquals(report.stages.map(({ stage }) => stage), [
    "source",
    "seed",
    "construct",
    "validate",
    "curate",
  ]);
  for (const { produced, kept, dropped } of report.stages) {
    assertEquals(produced, kept + Object.values(dropped).reduce((sum, n) => sum + n, 0));
  }
  const stage = (name: string) => report.stages.find((one) => one.stage === name)!;
  assertEquals(stage("curate").kept, items.length);
  assertEquals(stage("construct").produced, stage("seed").kept);
  assertEquals(stage("validate").produced, stage("construct").kept);
  assertEquals(stage("curate").produced, stage("validate").kept);
});

Deno.test("a wrong answer put into a reference is found by the checks, one at random is right as often as chance has it", () => {
  let decided = 0;
  let expected = 0;
  let right = 0;
  for (const [i, item] of items.entries()) {
    const wrong = injectWrongAnswer(item, randomStream(i, "wrong"));
    assertEquals(wrong === undefined, item.decisions.length === 0, item.family);
    if (wrong === undefined) continue;
    assert(!referencePasses(wrong, knowledge), `${item.prompt}\n${wrong.reference}`);
    const [drawn, ...others] = wrong.decisions.filter((one, k) =>
      one.answer !== item.decisions[k]!.answer
    );
    assert(drawn !== undefined && others.length === 0);
    const guessed = answerAtRandom(item, randomStream(i, "random"))!;
    const same = guessed.reference === item.reference;
    assertEquals(referencePasses(guessed, knowledge), same);
    decided += 1;
    expected += item.decisions.reduce((chance, { options }) => chance / options.length, 1);
    right += Number(same);
  }
  assert(decided > 1000, `${decided}`);
  // Four standard deviations of as many tosses.
  assert(Math.abs(right - expected) < 4 * Math.sqrt(decided / 4), `${right} of ${expected}`);
});

Deno.test("items that overlap with a benchmark, or whose reference fails, are dropped", async () => {
  const options = { clinical, count: 160, seed: 4 };
  const plain = await synthesize({ ...options, benchmarks: [] });
  const long = plain.items.find(({ family, group }) =>
    family === "reasoning-diagnosis" && group !== undefined
  )!;
  const drops = (reason: string, stages: typeof plain.report.stages): number =>
    stages.find(({ stage }) => stage === "curate")!.dropped[reason] ?? 0;
  const clean = await synthesize({
    ...options,
    benchmarks: [`They said: ${long.prompt.slice(0, 90)}`],
  });
  assert(drops("benchmark overlap", clean.report.stages) > 0);
  assert(!clean.items.some((item) => item.id === long.id));
  const checked = await synthesize({
    ...options,
    benchmarks: [],
    verify: (item) => item.id !== long.id,
  });
  // With it goes its group: without one of its items it is none.
  const group = plain.items.filter((item) => item.group === long.group);
  assert(group.length >= 2);
  assertEquals(drops("reference fails its checks", checked.report.stages), group.length);
  const left = new Set(checked.items.map(({ id }) => id));
  assertEquals(group.filter(({ id }) => left.has(id)), []);
});

Deno.test("items survive a file", async () => {
  const path = await Deno.makeTempFile();
  await writeItems(path, items.slice(0, 30));
  assertEquals(await readItems(path), items.slice(0, 30));
  await Deno.writeTextFile(path, itemsToJsonl(items.slice(0, 1)) + '{"id": 3}\n');
  await assertRejects(() => readItems(path), UsageError, "line 2");
  await Deno.writeTextFile(path, `\ufeff${itemsToJsonl(items.slice(0, 2))}`);
  assertEquals(await readItems(path), items.slice(0, 2));
  await Deno.writeTextFile(path, '{"id": "a", "id": "b"}\n');
  await assertRejects(() => readItems(path), UsageError, "found id twice in");
  await Deno.writeTextFile(path, "not json\n");
  await assertRejects(() => readItems(path), UsageError, "line 1");
  await Deno.remove(path);
  await assertRejects(() => readItems(path), UsageError, path);
});

Deno.test("items of one id are refused with both lines", async () => {
  const path = await Deno.makeTempFile({ suffix: ".jsonl" });
  try {
    const [a, b] = items.slice(0, 2).map((item) => JSON.stringify(item));
    await Deno.writeTextFile(path, `${a}\n\n${b}\n${a}\n`);
    await assertRejects(
      () => readItems(path),
      UsageError,
      `found ${items[0]!.id} in ${path}, line 1 and line 4`,
    );
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("a count below 1 is a usage error", async () => {
  await assertRejects(
    () => synthesize({ clinical, count: 0, seed: 0 }),
    UsageError,
    "greater than 0 but found 0",
  );
});

Deno.test("a graph of other size: count 7 spreads over the capabilities", async () => {
  const few = await synthesize({ clinical, count: 7, seed: 1, benchmarks: [] });
  assertEquals(capabilities.map((c) => few.items.filter((item) => item.capability === c).length), [
    2,
    2,
    2,
    1,
  ]);
});

Deno.test("the case behind an item can be read from its claims", () => {
  const causes = (subject: string, object: string): boolean =>
    checkClaim(knowledge, { subject, predicate: "presents", object }).verdict === "supported";
  let read = 0;
  for (const item of items) {
    if (!/diagnosis|compare|note|integration/.test(item.family)) continue;
    const found = vignetteOf(item)!;
    assert(found.findings.length >= 2 && found.findings.length <= 5, item.prompt);
    assert(found.findings.every((finding) => causes(found.disease, finding)));
    assert(found.findings.filter((finding) => !causes(found.runnerUp, finding)).length >= 2);
    assert(causes(found.runnerUp, found.absent) && !causes(found.disease, found.absent));
    read += 1;
  }
  assert(read > 800, `${read}`);
});
