/** `deno task audit`: what it prints, writes and ends with, for files of items of any origin. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { type Item, itemsToJsonl } from "../../lib/synthesis/mod.ts";
import { inTemporaryFolder } from "../model/fixtures.ts";
import { ask, askGroup } from "../synthesis/audit_items.ts";
import { command, type Ended } from "./commands.ts";

const diseases = ["gout", "asthma", "malaria", "psoriasis"];
const groups = (split: Item["split"], count: number): Item[] =>
  Array.from({ length: count }, (_, i) =>
    askGroup(diseases, {
      split,
      group: `${split} ${i}`,
      evidence: (name) => `Case ${i} of ${split} with signs of ${name}.`,
    })).flat();
const fair = [...groups("train", 6), ...groups("test", 4)];

/** Audits a file; the findings are those that it wrote, if it did. */
async function audit(text: string): Promise<Ended & { findings: unknown; json: string }> {
  let done: Ended & { findings: unknown; json: string } | undefined;
  await inTemporaryFolder(async (folder) => {
    const [data, out] = [join(folder, "items.jsonl"), join(folder, "audit.json")];
    await Deno.writeTextFile(data, text);
    const ended = await command("audit", "--data", data, "--json", out);
    const json = await Deno.readTextFile(out).catch(() => "null");
    const left = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
    assertEquals(left, json === "null" ? ["items.jsonl"] : ["audit.json", "items.jsonl"]);
    done = { ...ended, findings: JSON.parse(json), json };
  });
  return done!;
}

/** What the findings of a family must hold. */
type Families = Record<string, {
  n: number;
  chance: number;
  baselines: Record<string, { accuracy: number; low: number; high: number }>;
}>;

Deno.test("audit: a fair file has every blind baseline at chance and ends with 0", async () => {
  const { code, out, findings, json } = await audit(itemsToJsonl(fair));
  assertEquals(code, 0);
  const { families } = findings as { families: Families };
  assertEquals(Object.keys(families), ["diagnosis"]);
  const { n, chance, baselines } = families.diagnosis!;
  assertEquals([n, chance], [16, 0.25]);
  assertEquals(Object.keys(baselines).length, 7);
  for (const { accuracy, low, high } of Object.values(baselines)) {
    assert(low <= chance && chance <= high && low <= accuracy && accuracy <= high);
  }
  assertStringIncludes(out, "Fewer than 400 questions, which tell little: diagnosis (16).\n");
  assertStringIncludes(out, "0 of 7 blind intervals leave chance out; 0.4 would by chance.\n");
  assertStringIncludes(out, "every rule holds\n");
  assertEquals((await audit(itemsToJsonl(fair))).json, json);
});

Deno.test("audit: a biased file is said to be above chance, and ends with 0", async () => {
  const biased = fair.map(({ split, evidence }) =>
    ask({ split, options: diseases, evidence: evidence! })
  );
  const { code, out, findings } = await audit(itemsToJsonl(biased));
  assertEquals(code, 0, out);
  const { first } = (findings as { families: Families }).families.diagnosis!.baselines;
  assertEquals([first!.accuracy, first!.high], [1, 1]);
  assertEquals(/first +blind +16 +\d+ +25\.0 +100\.0 .* ABOVE\n/.test(out), true, out);
});

Deno.test("audit: a broken rule ends with 1, after everything is told and written", async () => {
  const { code, out, err, findings } = await audit(itemsToJsonl(fair.slice(1)));
  assertEquals(code, 1);
  assertMatch(out, /^option never right in group +1 /m);
  assertStringIncludes(err, "error: Expected consistent items but found 1 faults, listed above\n");
  const { consistency } = findings as { consistency: Record<string, { n: number }> };
  assertEquals(consistency["option never right in group"]!.n, 1);
});

Deno.test("audit: items without decisions are said to be so; a file without test items is audited", async () => {
  const old = fair.map(({ decisions: _, evidence: __, group: ___, ...item }) =>
    JSON.stringify(item) + "\n"
  );
  const { code, out, findings } = await audit(old.join(""));
  assertEquals(code, 0);
  assertStringIncludes(out, "no test item states a decision\n");
  assertStringIncludes(out, "No decisions: diagnosis (16 items).\n");
  const { n, chance, baselines } = (findings as { families: Families }).families.diagnosis!;
  assertEquals([n, chance, baselines], [0, null, {}] as unknown);
  for (const text of [itemsToJsonl(groups("train", 1)), itemsToJsonl([])]) {
    const trained = await audit(text);
    assertEquals([trained.code, trained.out.includes("no test items\n")], [0, true]);
  }
});

Deno.test("audit: a file that is none is refused in one line", async () => {
  const missing = await command("audit", "--data", "/nowhere/items.jsonl");
  assertEquals([missing.code, missing.out], [2, ""]);
  assertStringIncludes(
    missing.err,
    "Expected a file of items or questions but found none at /nowhere/items.jsonl",
  );
  const damaged = await audit(itemsToJsonl(fair).replace('"answer":0', '"answer":7'));
  assertEquals([damaged.code, damaged.findings], [2, null]);
  assertStringIncludes(damaged.err, "the answer is none of the options");
});
