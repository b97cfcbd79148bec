/** The vignettes written by hand: what they say is in the tables, decides, and is told by no name, place or length. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { dirname, join } from "@std/path";
import {
  conceptKey,
  type DiseaseFinding,
  entails,
  loadClinical,
  loadKnowledge,
  mentions,
} from "../../lib/knowledge/mod.ts";
import { checkScores, referencePasses } from "../../lib/reward/mod.ts";
import { dataFolder, UsageError, WorkbenchError } from "../../lib/runtime/mod.ts";
import { isHeldOutDisease } from "../../lib/synthesis/split.ts";
import {
  readVignettes,
  unsupportedClaims,
  vignetteItems,
  type WrittenVignette,
} from "../../lib/synthesis/mod.ts";

const knowledge = await loadKnowledge();
const clinical = await loadClinical(knowledge);
const vignettes = await readVignettes();
const items = await vignetteItems(clinical, vignettes);
const groups = [...Map.groupBy(vignettes, ({ group }) => group).values()];

const profileOf = ({ id }: WrittenVignette) => clinical.diseases.get(id)!;
const othersOf = (vignette: WrittenVignette): WrittenVignette[] =>
  vignettes.filter(({ group, id }) => group === vignette.group && id !== vignette.id);
const typicalOf = (vignette: WrittenVignette): DiseaseFinding[] =>
  profileOf(vignette).findings.filter(({ rating, kind }) =>
    rating === "typical" && kind !== "red flag"
  );
const presentOf = (vignette: WrittenVignette): DiseaseFinding[] =>
  vignette.present.map((words) =>
    profileOf(vignette).findings.find(({ text, rating }) => text === words && rating === "typical")!
  );
/** Rows of any disease by their words. */
const rows = new Map(
  [...clinical.diseases.values()].flatMap(({ findings }) => findings.map((row) => [row.text, row])),
);
const isEntailed = (from: DiseaseFinding, to: DiseaseFinding): boolean =>
  entails(clinical, from.finding, to.finding, from.text) !== undefined;
const fits = (row: DiseaseFinding, other: WrittenVignette): boolean =>
  profileOf(other).findings.some((own) => isEntailed(row, own) || isEntailed(own, row));
const wordsOf = (text: string): string[] => text.split(/\s+/).filter(Boolean);
/** A vignette that fails is named. */
const label = ({ group, disease }: WrittenVignette): string => `${group}, ${disease}`;
const failing = (fails: (vignette: WrittenVignette) => unknown): string[] =>
  vignettes.filter((vignette) => fails(vignette)).map(label);

Deno.test("41 groups of four diseases, each right once: 31 of training diseases, 10 of held-out ones alone", () => {
  assertEquals(vignettes.length, 164);
  assertEquals(groups.map((group) => new Set(group.map(({ id }) => id)).size), groups.map(() => 4));
  const heldOut = groups.map((group) => group.filter(({ id }) => isHeldOutDisease(id)).length);
  assertEquals(
    [heldOut.length, heldOut.filter((n) => n === 0).length, heldOut.filter((n) => n === 4).length],
    [41, 31, 10],
  );
  assert(groups.filter(([first]) => first!.drug !== undefined).length >= 15);
});

Deno.test("what is present is typical of the disease, and two findings or more speak against each other candidate", () => {
  assertEquals(failing((v) => presentOf(v).some((row) => row === undefined)), []);
  assertEquals(failing((v) => new Set(v.present).size < v.present.length), []);
  assertEquals(
    failing((v) =>
      othersOf(v).some((other) => presentOf(v).filter((row) => !fits(row, other)).length < 2)
    ),
    [],
  );
});

Deno.test("what is denied is typical of another candidate or disease, never of the own one nor entailed by what is present", () => {
  assertEquals(failing(({ denied }) => denied.some((words) => !rows.has(words))), []);
  const deny = (v: WrittenVignette): DiseaseFinding[] => v.denied.map((words) => rows.get(words)!);
  assertEquals(
    failing((v) => deny(v).some((row) => typicalOf(v).some((own) => isEntailed(own, row)))),
    [],
  );
  assertEquals(
    failing((v) => deny(v).some((row) => presentOf(v).some((own) => isEntailed(own, row)))),
    [],
  );
  assertEquals(
    failing((v) =>
      !deny(v).some((row) =>
        othersOf(v).some((other) => typicalOf(other).some((own) => isEntailed(own, row)))
      )
    ),
    [],
    "denies nothing that speaks for another candidate",
  );
});

const numbers: Readonly<Record<number, string>> = {
  7: "seven",
  9: "nine",
  10: "ten",
  16: "sixteen",
  19: "nineteen",
  68: "sixty-eight",
  70: "seventy",
  74: "seventy-four",
  76: "seventy-six",
};

Deno.test("age and sex are possible and stand in the text", () => {
  const possible = (v: WrittenVignette): boolean => {
    const { age, sex } = profileOf(v);
    return (v.age === undefined || (v.age >= age.min && v.age <= age.max)) &&
      (v.sex === undefined || sex === "both" || sex === v.sex);
  };
  assertEquals(failing((v) => !possible(v)), []);
  assertEquals(
    failing(({ age, text }) =>
      age !== undefined &&
      !new RegExp(`\\b(?:${age}|${numbers[age] ?? age})(?!\\d|\\.\\d)`, "i").test(text)
    ),
    [],
  );
  const words = {
    female:
      /\b(?:she|her|hers|woman|girl|lady|mum|grandmother|mother of|my (?:daughter|husband)|hubby|periods?|womb|postpartum|hysterectomy)\b/i,
    male: /\b(?:he|him|his|man|boy|gent|husband|dad|grandad|headmaster|prostate|testicle)\b/i,
  };
  // "33 F", but not "102.4 F".
  const letter = { female: /(?<![.\d])\d{1,2} ?F\b/, male: /(?<![.\d])\d{1,2} ?M\b|\bM, ?\d/ };
  assertEquals(
    failing(({ sex, text }) =>
      sex !== undefined && !words[sex].test(text) && !letter[sex].test(text)
    ),
    [],
  );
});

Deno.test("no name of a candidate and no drug is in a text", () => {
  const namesOf = (index: "disease" | "drug", id?: string): string[] =>
    [...clinical.names[index].byName].filter(([, c]) => id === undefined || c.id === id).map(
      ([name]) => name,
    );
  const drugs = namesOf("drug");
  const has = (text: string, names: readonly string[]): string | undefined => {
    const key = ` ${conceptKey(text.replace(/[^\p{L}\p{N}'’ ]+/gu, " "))} `;
    return names.find((name) => key.includes(` ${name} `));
  };
  assertEquals(
    has("Was told it's Crohn's disease.", namesOf("disease", "DOID:8778")),
    "crohn disease",
  );
  assertEquals(failing(({ text }) => has(text, drugs)), []);
  assertEquals(
    failing((v) => [v, ...othersOf(v)].some(({ id }) => has(v.text, namesOf("disease", id)))),
    [],
  );
  assertEquals(
    failing((v) =>
      mentions(knowledge, v.text, ["disease", "drug"]).some(({ entity }) =>
        entity.kind === "drug" || [v, ...othersOf(v)].some(({ id }) => id === entity.id)
      )
    ),
    [],
  );
});

Deno.test("a drug is for its disease and in no role for another candidate", () => {
  const drugId = ({ drug }: WrittenVignette) =>
    clinical.names.drug.byName.get(conceptKey(drug!))!.id;
  const uses = (v: WrittenVignette, id: string) =>
    profileOf(v).treatments.filter(({ drug }) => drug.id === id).map(({ role }) => role);
  const withDrug = vignettes.filter(({ drug }) => drug !== undefined);
  assertEquals(
    withDrug.filter((v) => !uses(v, drugId(v)).some((role) => role !== "uncommon")).map(label),
    [],
  );
  assertEquals(
    withDrug.filter((v) => othersOf(v).some((other) => uses(other, drugId(v)).length > 0)).map(
      label,
    ),
    [],
  );
});

Deno.test("the texts are of 25 to 80 words, begin differently and share no phrase: no template", () => {
  const lengths = vignettes.map(({ text }) => wordsOf(text).length);
  assert(Math.min(...lengths) >= 25 && Math.max(...lengths) <= 80);
  assert(Math.max(...lengths) - Math.min(...lengths) >= 40, "all of one length");
  const times = (keys: readonly string[]): number =>
    Math.max(...[...Map.groupBy(keys, (key) => key).values()].map((same) => same.length));
  const tokens = vignettes.map(({ text }) => text.toLowerCase().match(/[\p{L}\p{N}']+/gu)!);
  assert(times(tokens.map(([first]) => first!)) <= 8);
  const phrases = tokens.flatMap((all) => [
    ...new Set(all.slice(4).map((_, i) => all.slice(i, i + 5).join(" "))),
  ]);
  assert(times(phrases) <= 2, "five words in a row stand in three vignettes");
});

Deno.test("the texts use other words than the tables: at most one row in twenty stands in them as it is", () => {
  const told = vignettes.flatMap(({ present, text }) =>
    present.map((words) => text.toLowerCase().includes(words.toLowerCase()))
  );
  assert(told.filter(Boolean).length <= told.length / 20, `${told.filter(Boolean).length} rows`);
});

Deno.test("lengths do not tell: the longest of a group stands at each place, mean lengths are alike", () => {
  const longest = groups.map((group) => {
    const lengths = group.map(({ text }) => text.length);
    return lengths.indexOf(Math.max(...lengths));
  });
  for (const place of [0, 1, 2, 3]) {
    const count = longest.filter((at) => at === place).length;
    assert(count >= 6 && count <= 15, `${count} of ${groups.length} at place ${place}`);
  }
  // Nor does the length of a name go with that of the text, from which a guesser by length would profit.
  const right = groups.filter((group) => {
    const byText = [...group].sort((a, b) => b.text.length - a.text.length)[0]!;
    const byName = [...group].sort((a, b) => b.disease.length - a.disease.length)[0]!;
    return byText === byName;
  }).length;
  assert(right <= groups.length / 2, `the longest name has the longest text in ${right} groups`);
});

Deno.test("items: one a vignette, Latin squares, evidence, claims that the graph supports", () => {
  assertEquals(items.length, vignettes.length);
  assertEquals(new Set(items.map(({ id }) => id)).size, items.length);
  for (const same of Map.groupBy(items, ({ group }) => group).values()) {
    for (const number of same[0]!.decisions.keys()) {
      const decisions = same.map((item) => item.decisions[number]!);
      assertEquals(decisions.map(({ answer }) => answer).sort(), [0, 1, 2, 3]);
      assertEquals(new Set(decisions.map(({ options, answer }) => options[answer])).size, 4);
      for (const place of [0, 1, 2, 3]) {
        assertEquals(new Set(decisions.map(({ options }) => options[place])).size, 4);
      }
    }
  }
  for (const item of items) {
    assertEquals([item.split, item.family, item.capability], [
      "test-wordings",
      "vignette-written",
      "reasoning",
    ]);
    assert(item.prompt.includes(item.evidence!));
    assert(item.decisions.every(({ options }) => options.every((o) => item.prompt.includes(o))));
    assert(wordsOf(item.prompt).length <= 130, item.prompt);
    assert(item.claims.some(({ predicate }) => predicate === "presents"), item.reference);
    assertEquals(unsupportedClaims(knowledge, item.claims), [], item.reference);
  }
  // The place of the right disease says nothing about that of the right drug.
  const both = items.filter(({ decisions }) => decisions.length === 2);
  const agree = both.filter(({ decisions: [a, b] }) => a!.answer === b!.answer);
  assertEquals(agree.length * 4, both.length);
});

Deno.test("the reference scores 1 on every check, and every wrong option 0", () => {
  for (const item of items) {
    assert(referencePasses(item, knowledge), item.reference);
    for (const [number, { where, options, answer }] of item.decisions.entries()) {
      assert(where.format === "line");
      for (const [i, option] of options.entries()) {
        const lines = item.reference.split("\n");
        lines[number] = `${where.field}: ${option}`;
        const score = checkScores(item, lines.join("\n"), knowledge)[number]!.score;
        assertEquals(score, i === answer ? 1 : 0, `${item.group}: ${lines.join(", ")}`);
      }
    }
  }
});

const [one, two, three, four] = groups[0]!;

Deno.test("a vignette that the tables do not bear out is refused with its place", async () => {
  const refuse = (changed: WrittenVignette, message: string) =>
    assertRejects(
      () => vignetteItems(clinical, [changed, two!, three!, four!]),
      UsageError,
      message,
    );
  await refuse(
    { ...one!, present: ["fever", "webbed feet"] },
    `Expected a typical finding of ${one!.disease} but found`,
  );
  await refuse({ ...one!, id: "DOID:1" }, "Expected name and id of one disease of the tables");
  await refuse({ ...one!, drug: "metformin" }, `Expected a first-line or accepted drug for`);
  const { drug: _, ...without } = one!;
  await refuse(without, "to have 4 different drugs or none");
  await assertRejects(
    () => vignetteItems(clinical, [one!, two!, three!]),
    UsageError,
    `Expected the group ${one!.group} to be 4 vignettes in a row but found 3`,
  );
});

Deno.test("the reader says what is wrong where", async () => {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "vignettes", "vignettes.jsonl");
  const refuse = async (content: string, message: string) => {
    await Deno.writeTextFile(path, content);
    await assertRejects(() => readVignettes(folder), UsageError, message);
  };
  const file = (...all: unknown[]): string => all.map((v) => JSON.stringify(v) + "\n").join("");
  try {
    await assertRejects(() => readVignettes(folder), WorkbenchError, "but found none");
    await Deno.mkdir(dirname(path));
    await refuse("{", "line 1");
    await refuse(file(one, { ...two, present: "pain" }), "Expected present to be");
    await refuse(file(one, { ...two, sex: "boy" }), "line 2");
    await refuse(file(one, two, three, { ...four, age: -1 }), "Expected age to be");
    await refuse(file({ ...one, diagnosis: "x" }), "Expected only known keys but found diagnosis");
    await refuse(file(one, two, two, four), "to have 4 different diseases");
    await refuse(file(one, two, three), "to be 4 vignettes in a row but found 3");
    await refuse(file(one, two, three, { ...four, drug: one!.drug }), "4 different drugs or none");
    const twice = [one, two, three, four, ...groups[1]!, one, two, three, four];
    await refuse(file(...twice), `Expected every group once but found ${one!.group} again`);
    await Deno.writeTextFile(path, file(one, two, three, four));
    assertEquals(await readVignettes(folder), groups[0]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  assertEquals(
    (await Deno.readTextFile(join(dataFolder(), "vignettes", "vignettes.jsonl"))).split("\n")
      .length,
    vignettes.length + 1,
  );
});
