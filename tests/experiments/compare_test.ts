/** Comparisons of committed results with copies in which something was changed. */
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import { experiments } from "../../experiments/catalogue.ts";
import {
  type MatchedResults,
  matchFolders,
  type StoredResult,
} from "../../experiments/compare/read.ts";
import { compareResults, corrected, pairedOutcome } from "../../experiments/compare/rows.ts";
import { differingPlaces } from "../../experiments/compare/settings.ts";
import {
  type ComparedFolders,
  compareFolders,
  comparisonText,
} from "../../experiments/compare/view.ts";
import type { MainResultsFindings } from "../../experiments/main_results/findings.ts";
import type { UnitValues } from "../../experiments/core/experiment.ts";
import { bootstrapInterval, mcnemarFromItems, permutationTest } from "../../lib/evaluation/mod.ts";
import {
  EVALUATION,
  evaluationFiles,
  findingsFile,
  type Results,
  resultsFile,
  writeFindings,
  writeResults,
} from "../../lib/runs/mod.ts";
import { randomStream, UsageError } from "../../lib/runtime/mod.ts";
import { inTemporaryFolder } from "../model/fixtures.ts";
import { command } from "./commands.ts";
import { sampleResults } from "./sample_results.ts";

const root = join(import.meta.dirname!, "../../experiments/results");
const main = join(root, "main-results");

const read = async (folder: string, file: string) =>
  JSON.parse(await Deno.readTextFile(join(folder, file)));

/** A copy of results in which something is changed. */
async function copy(
  from: string,
  to: string,
  change: (results: Results, findings: MainResultsFindings) => void,
): Promise<void> {
  const [results, findings] = [await read(from, resultsFile), await read(from, findingsFile)];
  change(results, findings);
  await writeResults(to, results);
  await writeFindings(to, findings);
}

const compare = async (a: string, b: string): Promise<ComparedFolders> =>
  compareFolders(await matchFolders(a, b, experiments), 0.05);

const rowsOf = ({ experiments }: ComparedFolders) => experiments.flatMap(({ rows }) => rows);

const textOf = (compared: ComparedFolders): string => comparisonText(compared, 20);

Deno.test("a repeat differs in date, machine and seconds alone, and says so in a sentence", () =>
  inTemporaryFolder(async (folder) => {
    await copy(main, folder, (results) => {
      Object.assign(results, { date: "2027-01-01T00:00:00Z" });
      results.machine.cpu = "another";
      results.seconds.SFT! += 5;
    });
    const compared = await compare(main, folder);
    assertEquals(new Set(rowsOf(compared).map(({ kind }) => kind)), new Set(["same"]));
    assertEquals(compared.sentences, []);
    assertStringIncludes(
      textOf(compared),
      "Nothing differs but date, machine (cpu), seconds: 50 numbers and the findings are the same.",
    );
    assertStringIncludes(textOf(await compare(main, main)), "Nothing differs: 50 numbers");
  }));

Deno.test("one number in the findings of which no score knows is seen", () =>
  inTemporaryFolder(async (folder) => {
    await copy(main, folder, (_, findings) => {
      (findings.logs.GRPO![0]![1] as Record<string, number>).loss = 7;
      (findings.logs.GRPO![0]![1] as Record<string, number>).step_time = 7;
    });
    const found = textOf(await compare(main, folder));
    assertStringIncludes(found, "The same was run, on the same kind of machine.");
    assertStringIncludes(
      found,
      "differ in 1 place besides times and memory, the first logs.GRPO.0.1.loss",
    );
    assert(!found.includes("Nothing differs"));
  }));

/** Changes scores of a system on a capability: the first items to 1 or, where they are high, to 0. */
function plant(
  { items, systems }: MainResultsFindings,
  system: string,
  capability: string,
  share: number,
): void {
  const scores = systems.find(({ name }) => name === system)!.runs[0]!.scores as number[];
  const own = items.flatMap((item, i) => item.capability === capability ? [i] : []);
  for (const i of own.slice(0, share * own.length)) scores[i] = Math.min(1, scores[i]! + 0.3);
}

Deno.test("a difference in a tenth of the items of one capability is found among noise in the others", () =>
  inTemporaryFolder(async (folder) => {
    const paper = join(root, "paper/main-results");
    const random = randomStream(0, "noise");
    await copy(paper, folder, (_, findings) => {
      const { items, systems } = findings;
      const scores = systems[0]!.runs[0]!.scores as number[];
      items.forEach(({ capability }, i) => {
        if (capability === "domain") return;
        // Up as likely as down, and no further than a score can go.
        scores[i]! += Math.min(scores[i]!, 1 - scores[i]!) * (2 * random.next() - 1);
      });
      plant(findings, "form filler", "domain", 0.1);
    });
    const compared = await compare(paper, folder);
    const row = (capability: string) =>
      rowsOf(compared).find((r) => r.system === "form filler" && r.capability === capability)!;
    const domain = row("domain");
    assertEquals([domain.kind, domain.how], ["paired", "paired on 150 items"]);
    assert(domain.p_holm! < 0.01 && domain.low! > 0, JSON.stringify(domain));
    assertAlmostEquals(domain.difference, 0.1 * 0.3, 1e-9);
    for (const capability of ["reasoning", "instruction", "integration"]) {
      assertEquals(row(capability).kind, "paired");
      assert(row(capability).p_holm! > 0.05, JSON.stringify(row(capability)));
    }
    const text = compared.sentences.join("\n");
    assertStringIncludes(text, "form filler on domain");
    assert(!text.includes("form filler on reasoning"), text);
    assertStringIncludes(text, "what another seed of training would change is not in them");
    // The other systems of that run kept no items: they are compared by their intervals, and are the same.
    assertEquals(rowsOf(compared).filter(({ kind }) => kind === "same").length, 30);
  }));

Deno.test("options are named, and other items are not paired", () =>
  inTemporaryFolder(async (folder) => {
    await copy(main, folder, (results, findings) => {
      (results.config.grpo as Record<string, unknown>).beta = 0.25;
      results.seeds = [0, 1];
      findings.items.forEach((item) => Object.assign(item, { id: `x${item.id}` }));
      plant(findings, "SFT", "domain", 1);
      // Eight of sixteen items of one capability stay: half of them are enough to be paired.
      findings.items.filter(({ capability }) => capability === "reasoning").slice(0, 8)
        .forEach((item) => Object.assign(item, { id: item.id.slice(1) }));
    });
    const compared = await compare(main, folder);
    assertEquals(
      compared.experiments[0]!.settings.map(({ kind, name, a, b }) => [kind, name, a, b]),
      [["option", "seeds", "0", "0,1"], ["option", "grpo.beta", 0, 0.25]],
    );
    const row = (system: string, capability: string) =>
      rowsOf(compared).find((r) => r.system === system && r.capability === capability)!;
    assertEquals(row("SFT", "domain").how, "unpaired, from intervals: other items");
    assertEquals(row("SFT", "reasoning").how, "same values on 8 items in both, of 16 and 16");
    assertEquals(row("SFT", "mean").how, "unpaired, from intervals: 8 items in both alone");
    const text = textOf(compared);
    assertStringIncludes(text, "What was run differs in 2 options (seeds, grpo.beta)");
    assertStringIncludes(text, "of other prompts or units in the two results");
  }));

Deno.test("what one result holds alone is listed", () =>
  inTemporaryFolder(async (folder) => {
    const b = join(folder, "main-results");
    await copy(main, b, (results, findings) => {
      results.metrics = results.metrics.filter(({ system }) => system !== "GDPO");
      results.metrics.push({ ...results.metrics[0]!, system: "mine" });
      Object.assign(findings, { systems: findings.systems.filter(({ name }) => name !== "GDPO") });
    });
    const compared = await compare(root, folder);
    const [{ onlyA, onlyB }] = compared.experiments as [ComparedFolders["experiments"][number]];
    assertEquals(new Set(onlyA.map(({ system }) => system)), new Set(["GDPO"]));
    assertEquals(onlyB.map(({ system, capability }) => [system, capability]), [["mine", "domain"]]);
    assertEquals([compared.onlyA.length, compared.onlyB], [11, []]);
    const text = textOf(compared);
    assertStringIncludes(text, "In B alone: mine on domain.");
    assertStringIncludes(text, "In A alone: advantages, convergence, cost");
  }));

Deno.test("seconds and memory stand apart, numbers without an interval are not tested", () =>
  inTemporaryFolder(async (folder) => {
    const cost = join(root, "cost");
    await copy(cost, folder, ({ metrics }) => {
      const change = (capability: string, factor: number) => {
        const found = metrics.find((m) => m.capability === capability)!;
        for (const key of ["mean", "low", "high"] as const) found[key] *= factor;
      };
      change("sampling (s)", 3);
      change("trained parameters", 2);
    });
    const compared = await compare(cost, folder);
    const kinds = Map.groupBy(rowsOf(compared), ({ kind }) => kind);
    assertEquals(kinds.get("untested")!.map(({ capability, p }) => [capability, p]), [
      ["trained parameters", null],
    ]);
    assert(
      kinds.get("machine")!.every(({ capability, p }) =>
        /\((s|MB)\)$/.test(capability) && p === null
      ),
    );
    assertEquals(compared.sentences, [
      "1 other number differs and cannot be tested: tuning: LoRA on trained parameters (221184.000 → 442368.000).",
    ]);
    assertStringIncludes(textOf(compared), "B / A");
  }));

/** An evaluated run with scores by question. */
async function evaluated(
  folder: string,
  system: string,
  scores: Readonly<Record<string, number>>,
  hash = "ab",
): Promise<void> {
  const values = Object.values(scores);
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  await writeResults(folder, {
    ...sampleResults,
    experiment: EVALUATION,
    comparisons: [],
    metrics: [{
      ...sampleResults.metrics[0]!,
      ...{ system, capability: "MMLU", n: values.length, prompt_hash: hash },
      ...{ mean, low: Math.max(0, mean - 0.1), high: Math.min(1, mean + 0.1) },
    }],
  });
  const lines = Object.entries(scores).map(([id, score]) =>
    JSON.stringify({ benchmark: "MMLU", id, score, answer: 0 })
  );
  await Deno.writeTextFile(join(folder, evaluationFiles.answers), `${lines.join("\n")}\n`);
}

Deno.test("evaluated runs are paired by question, whatever the systems are called", () =>
  inTemporaryFolder(async (folder) => {
    const scores = (right: (i: number) => boolean) =>
      Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`q${i}`, Number(right(i))]));
    const [a, b] = [join(folder, "sft"), join(folder, "grpo")];
    const [first, second] = [(i: number) => i < 10, (i: number) => i >= 4 && i < 24];
    await evaluated(a, "SFT", scores(first));
    await evaluated(b, "GRPO", scores(second), "cd");
    const [row] = rowsOf(await compare(a, b));
    assertEquals(row!.system, "SFT → GRPO");
    assertEquals(row!.how, "paired on 40 questions, asked in other words");
    const items = Array.from({ length: 40 }, (_, i) => i);
    assertEquals(row!.p, mcnemarFromItems(items.map(first), items.map(second)).exact);
    await Deno.writeTextFile(join(b, evaluationFiles.answers), '{"benchmark": "MMLU"}\n');
    const error = await assertRejects(() => compare(a, b), UsageError);
    assertStringIncludes(error.message, `${evaluationFiles.answers}, line 1`);
  }));

Deno.test("a paired test is McNemar's where answers are right or wrong, of turned signs elsewhere", () => {
  const [a, b] = [[1, 0, 0, 0, 0, 1, 1, 0], [1, 1, 1, 1, 1, 1, 1, 0]];
  const found = pairedOutcome(a!, b!);
  assertAlmostEquals(found.p!, 2 / 16, 1e-12);
  assertEquals([found.p_least, found.difference], [2 / 16, 0.5]);
  const shares = b!.map((x, i) => x / (i + 1));
  const differences = shares.map((x, i) => x - a![i]!);
  assertEquals(pairedOutcome(a!, shares).p, permutationTest(differences, { seed: 0 }).p);
});

/** Results with numbers of so many replicates. */
function stored(values: readonly (readonly number[])[]): StoredResult {
  const units = values.map((own, i): UnitValues => ({
    system: "made up",
    capability: `${i}`,
    units: "replicates",
    values: new Map(own.map((value, k) => [`seed ${k}`, value])),
  }));
  return { folder: "", results: { ...sampleResults, metrics: [] }, options: {}, units, found: {} };
}

Deno.test("over repeats with other noise one test in twenty is below 0.05, and with Holm's correction one repeat", () => {
  const random = randomStream(0, "repeats");
  const repeats = 200;
  const numbers = 4;
  let [below, falsely] = [0, 0];
  for (let r = 0; r < repeats; r++) {
    // What a replicate is, is the same in both; the noise of the seed is not.
    const replicates = Array.from(
      { length: numbers },
      () => Array.from({ length: 10 }, () => 3 * random.normal()),
    );
    const noisy = () => stored(replicates.map((own) => own.map((x) => x + random.normal())));
    const matched: MatchedResults = { name: "made up", a: noisy(), b: noisy() };
    const rows = corrected(compareResults(matched).rows);
    assertEquals(rows.map(({ how }) => how), new Array(numbers).fill("paired on 10 replicates"));
    below += rows.filter(({ p }) => p! < 0.05).length;
    falsely += Number(rows.some(({ p_holm }) => p_holm! < 0.05));
  }
  // 99 % of binomial counts of 800 and of 200 at 0.05.
  assert(below >= 25 && below <= 57, `${below} of ${repeats * numbers}`);
  assert(falsely <= 19, `${falsely} of ${repeats}`);
});

Deno.test("few other units, over which a bootstrap is too narrow, are told apart no more often than chance has it", () => {
  const random = randomStream(1, "other units");
  const repeats = 400;
  const drawn = (name: string) => {
    const shares = Array.from({ length: 6 }, () => random.next());
    const values = new Map(shares.map((x, k) => [`${name} ${k}`, x]));
    const { mean, low, high } = bootstrapInterval(shares, { seed: 0 });
    const of = { system: "made up", capability: "test" };
    const metrics = [{ ...sampleResults.metrics[0]!, ...of, n: 6, mean, low, high }];
    return {
      ...stored([]),
      results: { ...sampleResults, metrics },
      units: [{ ...of, units: "groups", values }],
    };
  };
  let below = 0;
  for (let r = 0; r < repeats; r++) {
    const [row] = compareResults({ name: "made up", a: drawn("a"), b: drawn("b") }).rows;
    assertEquals([row!.how, row!.other_units], ["unpaired, from intervals: other groups", true]);
    below += Number(row!.p! < 0.05);
  }
  // 99 % of binomial counts at 0.05 are at most 32.
  assert(below > 0 && below <= 32, `${below}`);
});

Deno.test("too few replicates for the correction are said to be", () => {
  const values = [[1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 1, 1]];
  const [a, b] = [stored(values), stored(values.map((own) => own.map((x) => x + 10)))];
  const compared = compareFolders({ matched: [{ name: "few", a, b }], onlyA: [], onlyB: [] }, 0.05);
  assertEquals(rowsOf(compared).map(({ p, p_holm }) => [p, p_holm]), [[2 / 64, 4 / 64], [
    2 / 64,
    4 / 64,
  ]]);
  const text = compared.sentences.join("\n");
  assertStringIncludes(text, "here 2 lie below it");
  assertStringIncludes(text, "After the correction none differs beyond chance.");
  assertStringIncludes(text, "In 2 of 2 tests so few pairs differ");
  const one = compareFolders({
    matched: [{ name: "one", a: stored(values.slice(1)), b: stored([[11, 11, 11, 11, 11, 11]]) }],
    onlyA: [],
    onlyB: [],
  }, 0.05);
  assertEquals(one.sentences, [
    "1 number is tested.",
    "It differs beyond chance: made up on 0 (1.000 → 11.000).",
  ]);
});

Deno.test("places that differ are named by their path, times and memory are passed over", () => {
  const a = { x: [1, { y: 2, seconds: 3 }], z: null, only: 1 };
  const b = { x: [1, { y: 3, seconds: 4 }, 5], z: null };
  assertEquals(differingPlaces(a, b), ["x.1.y", "x.2", "only"]);
  assertEquals(differingPlaces(a, structuredClone(a)), []);
  assertEquals(differingPlaces([1], { 0: 1 }), [""]);
});

Deno.test("the command ends with code 0 whether or not something differs, and with 2 for wrong input", () =>
  inTemporaryFolder(async (folder) => {
    const path = join(folder, "differences.json");
    const [same, other, wrong, help] = await Promise.all([
      command("compare", main, main),
      command("compare", main, join(root, "paper/main-results"), "--rows", "3", "--json", path),
      command("compare", main, join(root, "synthesis")),
      command("compare", "--help"),
    ]);
    assertEquals([same.code, same.err, other.code, other.err], [0, "", 0, ""]);
    assertStringIncludes(same.out, "Nothing differs: 50 numbers");
    assertStringIncludes(other.out, "--rows 33 shows all");
    const written: ComparedFolders = JSON.parse(await Deno.readTextFile(path));
    assertEquals(rowsOf(written).length, 35);
    assertEquals(written.sentences.every((sentence) => other.out.includes(sentence)), true);
    assertEquals([wrong.code, wrong.out, wrong.err.split("\n").length], [2, "", 2]);
    assertStringIncludes(help.out, "code 0");
  }));

Deno.test("what cannot be compared is one clear line", () =>
  inTemporaryFolder(async (folder) => {
    const refused = async (a: string, b: string): Promise<string> => {
      const { message } = await assertRejects(() => compare(a, b), UsageError);
      assertEquals(message.split("\n").length, 1);
      return message;
    };
    assertStringIncludes(await refused(main, folder), "Expected results.json");
    assertStringIncludes(
      await refused(main, join(root, "synthesis")),
      "Expected results of one experiment but found main-results",
    );
    const alone = join(folder, "alone");
    await writeResults(alone, { ...sampleResults });
    assertStringIncludes(
      await refused(main, alone),
      "Expected the findings of a run but found no file",
    );
    const older = join(folder, "older");
    await copy(main, older, (_, findings) => {
      delete (findings as Partial<MainResultsFindings>).promptHash;
    });
    const message = await refused(main, older);
    assertStringIncludes(message, "promptHash");
    assertStringIncludes(message, join(older, findingsFile));
    // Three results of one experiment in one folder are one too many.
    assertStringIncludes(await refused(root, folder), "Expected results of main-results once");
  }));
