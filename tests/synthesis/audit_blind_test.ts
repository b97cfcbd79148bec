/** Blind baselines: each is caught by a file that is biased its way, and finds nothing in whole groups. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { findEntity, loadKnowledge } from "../../lib/knowledge/mod.ts";
import {
  type BlindBaseline,
  blindBaselines,
  decidedOption,
  echo,
  guessCredit,
  type Guesser,
  type Item,
  learnBlindBaselines,
  learnMemory,
  questionsOf,
} from "../../lib/synthesis/mod.ts";
import { ask, askGroup } from "./audit_items.ts";

/** Share of right answers of a guesser on test items; undefined where it answers none. */
function rightShare(guess: Guesser | undefined, test: readonly Item[]): number | undefined {
  const credits = questionsOf(test).flatMap((question) => {
    const scores = guess?.(question);
    return scores === undefined ? [] : [guessCredit(scores, question.answer)];
  });
  return credits.length === 0
    ? undefined
    : credits.reduce((sum, credit) => sum + credit, 0) / credits.length;
}

/** Share of right answers of every blind baseline. */
function blindShares(train: readonly Item[], test: readonly Item[]) {
  const guessers = learnBlindBaselines({ items: train, questions: questionsOf(train) });
  return Object.fromEntries(
    blindBaselines.map((name) => [name, rightShare(guessers.get(name), test)]),
  ) as Record<BlindBaseline, number | undefined>;
}

/** Names that share no word and have one length. */
const names = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `name${String.fromCharCode(97 + from + i)}`);

Deno.test("blind: in whole groups no baseline leaves chance, in no group", () => {
  const sets = [names(0, 4), names(2, 4), names(4, 4), ["gout", "lupus", "acute gout", "a"]];
  const train = sets.flatMap((set) => askGroup(set));
  for (const set of sets) {
    const shares = blindShares(train, askGroup(set, { split: "test" }));
    for (const name of blindBaselines) assertAlmostEquals(shares[name]!, 1 / 4, 1e-12, name);
  }
});

Deno.test("blind: the first option", () => {
  const test = [0, 0, 0, 1].map((answer) => ask({ options: ["ab", "cd"], answer, split: "test" }));
  assertEquals(blindShares([], test).first, 3 / 4);
});

Deno.test("blind: the first option is the one that the prompt shows first, whatever the file says", () => {
  const prompt = "The findings. Is it cd or ab?";
  const test = [ask({ options: ["ab", "cd"], answer: 0, prompt, split: "test" })];
  assertEquals(questionsOf(test)[0]!.options, ["cd", "ab"]);
  assertEquals(blindShares([], test).first, 0);
});

Deno.test("blind: the longest option; a tie counts by its odds", () => {
  const test = [
    ask({ options: ["ab", "abc"], answer: 1 }),
    ask({ options: ["ab", "cd", "e"], answer: 1 }),
    ask({ options: ["abcd", "cd", "e"], answer: 2 }),
  ];
  assertAlmostEquals(blindShares([], test).longest!, (1 + 1 / 2 + 0) / 3, 1e-12);
});

Deno.test("blind: words of options, on names that training does not have", () => {
  const pairs = names(0, 8).map((name, i) => {
    const [right, wrong] = [`acute ${name}`, `chronic ${name}`];
    return i % 2 === 0
      ? { options: [right, wrong], answer: 0 }
      : { options: [wrong, right], answer: 1 };
  });
  const train = pairs.slice(0, 6).map((pair) => ask(pair));
  const test = pairs.slice(6).map((pair) => ask({ ...pair, split: "test" }));
  const shares = blindShares(train, test);
  assertEquals(shares["options-only"], 1);
  assertEquals([shares.first, shares["name frequency"], shares["name mentions"]], [0.5, 0.5, 0.5]);
});

Deno.test("blind: words that say right in one family and wrong in another are told apart by family", () => {
  const both = (family: string, right: string, wrong: string) =>
    names(0, 6).map((name, i) =>
      ask({
        family,
        split: i < 4 ? "train" : "test",
        options: i % 2 === 0 ? [`${right} ${name}`, `${wrong} ${name}`] : [
          `${wrong} ${name}`,
          `${right} ${name}`,
        ],
        answer: i % 2,
      })
    );
  const items = [...both("one", "acute", "chronic"), ...both("other", "chronic", "acute")];
  const [train, test] = ["train", "test"].map((split) =>
    items.filter((item) => item.split === split)
  );
  assertEquals(blindShares(train!, test!)["options-only"], 1);
});

Deno.test("blind: the name that was right most often, and the one named most often", () => {
  const train = [
    ask({ options: ["gout", "lupus"], answer: 0 }),
    ask({ options: ["lupus", "gout"], answer: 1 }),
    ask({ options: ["asthma", "lupus"], answer: 1 }),
    ask({ options: ["asthma", "lupus"], answer: 0 }),
    ask({ options: ["asthma", "croup"], answer: 1 }),
  ];
  const test = [
    // Right: gout 2, lupus 1, asthma 1, croup 1. Named by: gout 2 items, lupus 4, asthma 3, croup 1.
    ask({ options: ["lupus", "gout"], answer: 1, split: "test" }),
    ask({ options: ["asthma", "gout"], answer: 1, split: "test" }),
    ask({ options: ["lupus", "asthma"], answer: 0, split: "test" }),
  ];
  const shares = blindShares(train, test);
  assertAlmostEquals(shares["name frequency"]!, (1 + 1 + 1 / 2) / 3, 1e-12);
  assertAlmostEquals(shares["name mentions"]!, (0 + 0 + 1) / 3, 1e-12);
});

/** Items in which a word outside the evidence decides between two options that are right equally often. */
function contextual(split: Item["split"], count: number, evidence?: string): Item[] {
  return Array.from({ length: count }, (_, i) => {
    const options = i % 4 < 2 ? ["malaria", "influenza"] : ["influenza", "malaria"];
    const right = i % 2 === 0 ? "malaria" : "influenza";
    const place = i % 2 === 0 ? "tropics" : "north";
    const read = evidence ?? "Fever.";
    const where = evidence === undefined ? `In the ${place}.` : "Abroad.";
    return ask({
      split,
      options,
      answer: options.indexOf(right),
      evidence: read.replace("PLACE", place),
      prompt: `${read.replace("PLACE", place)} ${where} Is it ${options.join(" or ")}?`,
    });
  });
}

Deno.test("blind: what the prompt says besides the evidence is read, the evidence is not", () => {
  const told = blindShares(contextual("train", 8), contextual("test", 4));
  assertEquals([told["findings-blind"], told["options-only"]], [1, 0.5]);
  const hidden = "Fever in the PLACE.";
  const read = blindShares(contextual("train", 8, hidden), contextual("test", 4, hidden));
  assertAlmostEquals(read["findings-blind"]!, 0.5, 1e-12);
});

Deno.test("blind: a drug that goes with a candidate disease is found without findings", () => {
  const drugs = { field: "Treatment", format: "line" } as const;
  const both = (split: Item["split"], order: number): Item[] =>
    [["gout", "colchicine"], ["asthma", "salbutamol"]].map(([disease, drug]) => {
      const options = order === 0 ? ["colchicine", "salbutamol"] : ["salbutamol", "colchicine"];
      const told = ask({
        split,
        prompt: `Findings. Is it ${disease}? Drugs: ${options.join(" or ")}.`,
      });
      return {
        ...told,
        evidence: "Findings.",
        decisions: [{ where: drugs, options, answer: options.indexOf(drug!) }],
      };
    });
  const shares = blindShares([...both("train", 0), ...both("train", 1)], both("test", 0));
  assertEquals([shares["findings-blind"], shares["name frequency"]], [1, 0.5]);
});

Deno.test("blind: baselines that learn are left out where there is nothing to learn from", () => {
  const shares = blindShares([], askGroup(["gout", "lupus"], { split: "test" }));
  const learned = blindBaselines.filter((name) => shares[name] === undefined);
  assertEquals(learned, ["options-only", "name frequency", "name mentions", "findings-blind"]);
  const silent = ask({ split: "train" });
  assertEquals(questionsOf([silent]), []);
});

const knowledge = await loadKnowledge();
const idOf = (name: string): string => findEntity(knowledge, name)!.id;
const presents = (disease: string, finding: string) =>
  ({ subject: idOf(disease), predicate: "presents", object: idOf(finding) }) as const;

Deno.test("memory: recalls which claims stood in training, not those that were denied", () => {
  const train = [
    ask({ claims: [presents("asthma", "cough"), presents("gout", "fever")] }),
    ask({ claims: [{ ...presents("asthma", "fever"), denied: "not listed" }] }),
  ];
  const memory = learnMemory(train, knowledge);
  const test = (evidence: string, answer: number) => [
    ask({ split: "test", options: ["asthma", "gout"], answer, evidence }),
  ];
  assertEquals(rightShare(memory, test("The patient has cough.", 0)), 1);
  assertEquals(rightShare(memory, test("The patient has fever.", 1)), 1);
  // What is denied is no anchor, what is not known is none either.
  assertEquals(rightShare(memory, test("The patient has no fever but cough.", 0)), 1);
  assertEquals(rightShare(memory, test("The patient feels well.", 0)), 0.5);
  assertEquals(learnMemory([ask({})], knowledge), undefined);
});

Deno.test("memory: the disease that it recalls recalls the drug", () => {
  const treats = {
    subject: idOf("colchicine"),
    predicate: "treats",
    object: idOf("gout"),
  } as const;
  const train = [
    ask({ claims: [presents("gout", "fever"), presents("asthma", "cough"), treats] }),
  ];
  const told = ask({
    split: "test",
    options: ["asthma", "gout"],
    answer: 1,
    evidence: "She has fever.",
  });
  const where = { format: "line", field: "Treatment" } as const;
  const drug = { where, options: ["salbutamol", "colchicine"], answer: 1 };
  const item = {
    ...told,
    prompt: `${told.prompt} Drugs: salbutamol or colchicine.`,
    decisions: [...told.decisions, drug],
  };
  assertEquals(rightShare(learnMemory(train, knowledge), [item]), 1);
});

Deno.test("echo: pieces of words of the options in the evidence", () => {
  const test = (evidence: string) => [
    ask({ options: ["acute arthritis", "gout"], answer: 0, evidence, split: "test" }),
  ];
  assertEquals(rightShare(echo, test("Her arthritic knees.")), 1);
  assertEquals(rightShare(echo, test("Gouty knees.")), 0);
  assertEquals(rightShare(echo, test("Painful knees.")), 0.5);
  const { evidence: _, ...bare } = test("gout")[0]!;
  assertEquals(rightShare(echo, [bare]), undefined);
});

Deno.test("the option that a completion states: by line, key, text or letter, none where two are", () => {
  const options = ["gout", "acute gout", "asthma"];
  const line = { where: { format: "line", field: "Diagnosis" }, options } as const;
  const json = { where: { format: "json", field: "diagnosis" }, options } as const;
  const text = { where: { format: "text" }, options } as const;
  const read = [
    decidedOption(line, "Findings: asthma\nDiagnosis: acute gout"),
    decidedOption(line, "diagnosis: B. Acute  gout"),
    decidedOption(line, "Diagnosis: C"),
    decidedOption(line, "Diagnosis: D"),
    decidedOption(line, "Diagnosis: gout or asthma"),
    decidedOption(line, "asthma"),
    decidedOption(json, '{"diagnosis": ["asthma"], "drug": "gout"}'),
    decidedOption(json, '{"diagnosis": "gout"'),
    decidedOption(json, "null"),
    decidedOption(text, "It is asthma."),
    decidedOption(text, "It is gouty."),
  ];
  assertEquals(read, [
    1,
    1,
    2,
    undefined,
    undefined,
    undefined,
    2,
    undefined,
    undefined,
    2,
    undefined,
  ]);
});

Deno.test("blind: in 2,500 whole groups over shared names no baseline leaves chance", () => {
  const items = Array.from({ length: 2500 }, (_, i) => i).flatMap((i) =>
    askGroup(names(i % 13, 4), { split: i % 5 === 0 ? "test" : "train", group: `group ${i}` })
  );
  const [train, test] = ["train", "test"].map((split) =>
    items.filter((item) => item.split === split)
  );
  const shares = blindShares(train!, test!);
  for (const name of blindBaselines) {
    assert(Math.abs(shares[name]! - 1 / 4) < 1e-9, `${name} ${shares[name]}`);
  }
});

Deno.test("a long prompt that repeats its options is read to its end", () => {
  const words = "gout ".repeat(200_000);
  const long = ask({ options: ["gout", "asthma"], prompt: `${words}or asthma`, split: "test" });
  const [question] = questionsOf([long]);
  assertEquals(question!.options, ["gout", "asthma"]);
  const guess = learnBlindBaselines({ items: [long], questions: [question!] }).get(
    "findings-blind",
  );
  assertEquals(rightShare(guess, [long]), 1);
  assertEquals(decidedOption(long.decisions[0]!, `Diagnosis: ${words}`), 0);
  assertEquals(decidedOption(long.decisions[0]!, `Diagnosis: ${words} asthma`), undefined);
});
