/** `deno task validate` on texts and on items with errors. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { inTemporaryFolder } from "../model/fixtures.ts";
import { command } from "./commands.ts";

Deno.test("claims with place, verdict, rule and evidence; JSON on request; the prompt counts", () =>
  inTemporaryFolder(async (folder) => {
    const [text, answer, prompt, json] = ["text", "answer", "prompt", "claims.json"].map((name) =>
      join(folder, name)
    ) as [string, string, string, string];
    await Deno.writeTextFile(text, "Influenza causes fever.\nGout does not cause joint pain.\n");
    await Deno.writeTextFile(answer, "Answer: jaundice\n");
    await Deno.writeTextFile(prompt, "Name one symptom of influenza.\n");
    const [plain, asked] = await Promise.all([
      command("validate", "--text", text, "--json", json),
      command("validate", "--text", answer, "--prompt", prompt),
    ]);
    assertEquals([plain.code, plain.err], [0, ""]);
    assertMatch(plain.out, /^1:1 +Influenza +presents +fever +- +supported +causes$/m);
    assertMatch(plain.out, /^2:1 +Gout +not presents +joint pain +- +contradicted +causes$/m);
    assertMatch(
      plain.out,
      /^ +influenza presents fever \(typical symptom\) \[.*findings\.tsv:\d+\]$/m,
    );
    assertStringIncludes(plain.out, "2 claims: 1 supported, 1 contradicted");
    const { claims, counts } = JSON.parse(await Deno.readTextFile(json));
    assertEquals(counts, {
      supported: 1,
      contradicted: 1,
      associated: 0,
      unknown: 0,
      "not a claim": 0,
    });
    assertEquals(claims[0].object, {
      start: 17,
      end: 22,
      text: "fever",
      entities: [{ id: "SYMP:0000613", kind: "symptom", name: "fever" }],
    });
    assertMatch(asked.out, /influenza +presents +jaundice +- +unknown +question and answer/);
  }));

Deno.test("alarms on generated items, and wrong input in one line", async () => {
  const [errors, none, both, missing] = await Promise.all([
    command("validate", "--errors", "8", "--seed", "2"),
    command("validate"),
    command("validate", "--text", "x", "--errors", "3"),
    command("validate", "--text", "/nowhere/text"),
  ]);
  assertEquals(errors.code, 0, errors.err);
  const rows = [/none +24/, /wrong answer +\d+/, /finding +8/];
  const share = / +\d+ +\d+\.\d %\n/.source;
  assertMatch(
    errors.out,
    new RegExp(`^error +items +alarms +share\\n${rows.map((row) => row.source + share).join("")}`),
  );
  assertEquals([none.code, both.code, missing.code], [2, 2, 2]);
  assertStringIncludes(missing.err, "Expected a text file but found none at /nowhere/text");
});
