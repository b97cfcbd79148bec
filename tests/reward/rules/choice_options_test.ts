/** Options in the words of real questions: their own letters and words are no other answer. */
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { anchoredLetter } from "../../../lib/reward/rules/choice.ts";
import { referencePasses } from "../../../lib/reward/mod.ts";
import { dataFolder, parseCsv } from "../../../lib/runtime/mod.ts";
import { itemOfQuestion } from "../../../lib/synthesis/mod.ts";
import { knowledge } from "./graph.ts";

Deno.test("a numeral or a word that begins an option's text is no second letter", () => {
  const numerals = ["I only", "III only", "I and III only", "II and III only"];
  assertEquals(anchoredLetter("Answer: C. I and III only", numerals), "C");
  assertEquals(
    anchoredLetter("Answer: C. Has been increasing", ["62", "65", "Has been increasing", "x"]),
    "C",
  );
  assertEquals(
    anchoredLetter("Answer: A. fever, B. cough", ["fever", "cough", "rash", "pain"]),
    "A",
  );
  assertEquals(anchoredLetter("Answer: A, B", ["fever", "cough", "rash", "pain"]), undefined);
  assertEquals(anchoredLetter("Answer: A and C", ["fever", "cough", "rash", "pain"]), undefined);
  assertEquals(
    anchoredLetter("Answer: A. fever or B.", ["fever", "cough", "rash", "pain"]),
    undefined,
  );
});

Deno.test("letter and text score 1 for MMLU's options that begin with a numeral or a short word", async () => {
  const [refused, asked]: [string[], string[]] = [[], []];
  const folder = join(dataFolder(), "benchmarks", "mmlu");
  for (const { name } of Deno.readDirSync(folder)) {
    const { rows } = parseCsv(await Deno.readTextFile(join(folder, name)), name);
    for (const { cells, where } of rows) {
      const [prompt, a, b, c, d, right] = Object.values(cells) as [string, ...string[]];
      const options = [a!, b!, c!, d!];
      if (!/^[A-Z](?:as|s|nd|r|ot|I*V?)\b/.test(options[Number(right)]!)) continue;
      const item = await itemOfQuestion(
        { prompt, options, answer: "ABCD"[Number(right)]! },
        "m",
        where,
      );
      asked.push(where);
      if (!referencePasses(item, knowledge)) refused.push(`${where}: ${item.reference}`);
    }
  }
  assert(asked.length > 50);
  assertEquals(refused, []);
});
