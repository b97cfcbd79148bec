/** `deno task facts`: a disease, a claim, a sample, and what it refuses. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { dataFolder } from "../../lib/runtime/mod.ts";
import { inTemporaryFolder } from "../model/fixtures.ts";
import { command } from "./commands.ts";

Deno.test("facts: everything known of a disease, with its sources", async () => {
  const { code, out, err } = await command("facts", "--disease", "heart attack");
  assertEquals([code, err], [0, ""]);
  assert(out.startsWith("myocardial infarction (DOID:5844): 30 to 120 years, both sexes\n"));
  assertStringIncludes(
    out,
    "  chest pain (typical symptom, needs urgent referral)  [faker-healthcare; findings.tsv:70]\n",
  );
});

Deno.test("facts: how a claim stands, in its context", async () => {
  const claim = ["--claim", "MS; presents; fatigue"];
  const asked = await command("facts", ...claim);
  assertStringIncludes(asked.out, "unknown: Expected MS to mean one thing");
  const read = await command("facts", ...claim, "--context", "optic neuritis");
  assertStringIncludes(read.out, "curated: a typical symptom of multiple sclerosis\n");
});

Deno.test("facts: the sample in a file is the committed one without its ratings", () =>
  inTemporaryFolder(async (folder) => {
    const path = join(folder, "sample.tsv");
    const { code } = await command("facts", "--sample", "100", "--seed", "2", "--out", path);
    assertEquals(code, 0);
    const facts = (text: string): string[] =>
      text.split("\n").map((line) => line.split("\t").slice(0, 6).join("\t"));
    const committed = join(dataFolder(), "clinical", "samples", "sample-2.tsv");
    assertEquals(
      facts(await Deno.readTextFile(path)),
      facts(await Deno.readTextFile(committed)),
    );
  }));

for (
  const [option, value, said] of [
    [
      "--disease",
      "no such thing",
      'Expected a disease of the curated tables but found "no such thing"',
    ],
    [
      "--disease",
      "RA",
      "Expected RA to mean one thing but found rheumatoid arthritis or refractory anemia",
    ],
    ["--claim", "gout; cures; fever", "Expected --claim to be SUBJECT; RELATION; OBJECT"],
    ["--claim", "gout; presents", "Expected --claim to be SUBJECT; RELATION; OBJECT"],
  ] as const
) {
  Deno.test(`facts ${option} "${value}" is refused in one line`, async () => {
    const { code, out, err } = await command("facts", option, value);
    assertEquals([code, out, err.trimEnd().split("\n").length], [2, "", 1]);
    assertStringIncludes(err, said);
  });
}
