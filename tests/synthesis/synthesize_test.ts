import { assert, assertEquals, assertRejects } from "@std/assert";
import { checkClaim, loadKnowledge } from "../../lib/knowledge/mod.ts";
import { hashJson, UsageError } from "../../lib/runtime/mod.ts";
import {
  capabilities,
  claimVerdicts,
  estimateTokens,
  families,
  type Item,
  itemsToJsonl,
  limits,
  readItems,
  selectSource,
  splits,
  synthesize,
  unsupportedClaims,
  vignetteOf,
  writeItems,
} from "../../lib/synthesis/mod.ts";

const knowledge = await loadKnowledge();
const { items, report } = await synthesize({ knowledge, count: 800, seed: 3 });
const words = (text: string): number => text.split(/\s+/).length;

Deno.test("800 items, a quarter for each capability, all families, at least 25 test items each", () => {
  assertEquals(items.length, 800);
  assertEquals(report.missing, 0);
  for (const capability of capabilities) {
    const own = items.filter((item) => item.capability === capability);
    assertEquals(own.length, 200);
    assertEquals(own.filter((item) => item.split === "test").length, 30);
    assertEquals(own.filter((item) => item.split === "validation").length, 10);
    assert(new Set(own.map((item) => item.family)).size >= 2);
  }
  for (const { id } of families) {
    for (const split of splits) {
      assert(items.some((item) => item.family === id && item.split === split), `${id} ${split}`);
    }
  }
  assertEquals(report.counts.reduce((sum, row) => sum + row.items, 0), 800);
});

Deno.test("few proposals are made in vain: 8 seeds and 1.1 drafts an item at most", () => {
  const produced = Object.fromEntries(report.stages.map((row) => [row.stage, row.produced]));
  assert(produced.seed! <= 8 * items.length, `${produced.seed} seeds`);
  assert(produced.construct! <= 1.1 * items.length, `${produced.construct} drafts`);
});

Deno.test("same seed, same bytes; another seed, other items", async () => {
  const make = async (seed: number): Promise<string> =>
    itemsToJsonl((await synthesize({ knowledge, count: 40, seed, benchmarks: [] })).items);
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

Deno.test("no test item has a training twin: cases, prompts, wordings and vignettes lie apart", () => {
  const part = (item: Item): string => (item.split === "train" ? "train" : "held out");
  const leaks = (key: (item: Item) => string): string[] => {
    const seen = new Map<string, string>();
    return items.map(key).filter((value, i) => {
      const before = seen.get(value);
      seen.set(value, part(items[i]!));
      return before !== undefined && before !== part(items[i]!);
    });
  };
  assertEquals(leaks((item) => item.case), []);
  assertEquals(leaks((item) => item.prompt.toLowerCase()), []);
  assertEquals(leaks((item) => item.template), []);
  const bySplit = new Map<string, string>();
  for (const item of items) {
    assertEquals(bySplit.get(item.case) ?? item.split, item.split, "a case lies in one split");
    bySplit.set(item.case, item.split);
  }
  // A vignette's content is the diagnosis with its findings, however it is worded.
  const vignette = (item: Item): string => {
    const found = vignetteOf(item);
    return found === undefined ? item.id : [found.disease, ...found.findings.toSorted()].join();
  };
  assertEquals(leaks(vignette), []);
});

Deno.test("no prompt twice", () => {
  assertEquals(new Set(items.map((item) => item.prompt.toLowerCase())).size, items.length);
});

Deno.test("every claim is supported by the graph, with a path of evidence", () => {
  const verdicts = claimVerdicts(knowledge, items);
  assertEquals({ ...verdicts, supported: 0 }, { supported: 0, contradicted: 0, unknown: 0 });
  assert(verdicts.supported > 2000);
  for (const claim of items[0]!.claims) assert(checkClaim(knowledge, claim).path.length > 0);
});

Deno.test("prompts and references are short", () => {
  for (const { prompt, reference } of items) {
    assert(words(prompt) <= limits.promptWords, prompt);
    assert(words(reference) <= limits.referenceWords, reference);
    assert(estimateTokens(reference) <= limits.referenceTokens, reference);
  }
});

Deno.test("the right letter is spread evenly over A to D", () => {
  const counts = new Map<string, number>();
  const choices = items.flatMap((item) => item.checks).filter((check) => check.kind === "choice");
  for (const { letter } of choices) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  assertEquals([...counts.keys()].sort(), ["A", "B", "C", "D"]);
  for (const n of counts.values()) {
    assert(n > choices.length / 8 && n < choices.length / 2, `${n} of ${choices.length}`);
  }
});

Deno.test("distractors are of the answer's kind and not supported", () => {
  const source = selectSource(knowledge);
  let checked = 0;
  for (const item of items) {
    const check = item.checks.find((one) => one.kind === "choice");
    const [claim] = item.claims;
    if (check === undefined || claim === undefined) continue;
    const answer = item.reference.slice("Answer: A. ".length);
    const object = knowledge.entities.get(claim.object)!;
    const side = object.name.toLowerCase() === answer.toLowerCase() ? "object" : "subject";
    const kind = knowledge.entities.get(claim[side])!.kind;
    for (const option of check.options.filter((text) => text !== answer)) {
      const wrong = source.pools[kind].find((entity) =>
        entity.name.toLowerCase() === option.toLowerCase()
      );
      assert(wrong !== undefined, `${option} is no ${kind}`);
      assert(
        checkClaim(knowledge, { ...claim, [side]: wrong.id }).verdict !== "supported",
        `${item.prompt} ${option}`,
      );
      checked += 1;
    }
  }
  assert(checked > 150);
});

Deno.test("the prompt does not give the diagnosis away by its name", () => {
  for (const item of items.filter(({ family }) => family === "reasoning-diagnosis")) {
    const disease = item.reference.match(/Diagnosis: (.*)/)![1]!;
    const before = item.prompt.split(/Is it/)[0]!;
    assert(!before.toLowerCase().includes(disease.toLowerCase()), item.prompt);
  }
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
  assertEquals(stage("validate").produced, stage("construct").kept);
});

Deno.test("injected errors are caught by validation and get through without it", async () => {
  const make = (without: readonly ("validation" | "workflow")[]) =>
    synthesize({ knowledge, count: 60, seed: 2, benchmarks: [], errorRate: 0.5, without });
  const guarded = await make([]);
  assert(
    guarded.report.stages.some(({ stage, dropped }) =>
      stage === "validate" && Object.keys(dropped).length > 0
    ),
  );
  const wrong = (list: readonly Item[]): number =>
    list.filter((item) => unsupportedClaims(knowledge, item.claims).length > 0).length;
  assertEquals(wrong(guarded.items), 0);
  assert(wrong((await make(["validation", "workflow"])).items) > 10);
});

Deno.test("items that overlap with a benchmark, or whose reference fails, are dropped", async () => {
  const options = { knowledge, count: 40, seed: 4 };
  const plain = await synthesize({ ...options, benchmarks: [] });
  const long = plain.items.find((item) => item.family === "reasoning-diagnosis")!;
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
  assertEquals(drops("reference fails its checks", checked.report.stages), 1);
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
    () => synthesize({ knowledge, count: 0, seed: 0 }),
    UsageError,
    "greater than 0 but found 0",
  );
});

Deno.test("a graph of other size: count 7 spreads over the capabilities", async () => {
  const few = await synthesize({ knowledge, count: 7, seed: 1, benchmarks: [] });
  assertEquals(capabilities.map((c) => few.items.filter((item) => item.capability === c).length), [
    2,
    2,
    2,
    1,
  ]);
});

Deno.test("the case behind an item can be read from its claims", () => {
  for (const item of items) {
    const found = vignetteOf(item);
    assertEquals(
      found !== undefined,
      /diagnosis|compare|note|integration/.test(item.family),
      item.family,
    );
    if (found === undefined) continue;
    assertEquals(found.findings.length, 3);
    const causes = (subject: string, object: string): boolean =>
      checkClaim(knowledge, { subject, predicate: "presents", object }).verdict === "supported";
    assert(found.findings.every((finding) => causes(found.disease, finding)));
    assert(found.findings.filter((finding) => !causes(found.runnerUp, finding)).length >= 2);
    assert(causes(found.runnerUp, found.absent) && !causes(found.disease, found.absent));
  }
});
