/** Every reward is computed again from the prompt's text and the raw edges of the graph. */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { findEntity, type Knowledge, loadKnowledge, mentions } from "../../lib/knowledge/mod.ts";
import { encodeCompletion, encodePrompt, readCheckpoint } from "../../lib/model/mod.ts";
import { UsageError } from "../../lib/runtime/mod.ts";
import {
  alignedCopy,
  closedExamples,
  type ClosedPrompt,
  conflictPopulation,
  conflictRewards,
  conflictTasks,
  dominantConflict,
  dominantRewards,
  randomLabels,
} from "../../lib/synthesis/mod.ts";
import { cachedSmollm2 } from "../model/fixtures.ts";

// The populations of the laboratory are those of the graph without the curated tables.
const knowledge = await loadKnowledge(undefined, undefined, { clinical: false });
const draw = (dial: number, seed = 0, promptsPerTask = 60) =>
  conflictPopulation(knowledge, { promptsPerTask, seed, dial });
const populations = { said: draw(0), half: draw(0.5), unsaid: draw(1) };
const both = ({ train, heldOut }: ReturnType<typeof draw>): ClosedPrompt[] => [
  ...train,
  ...heldOut,
];
const everyPrompt = Object.values(populations).flatMap(both);
const of = (prompts: readonly ClosedPrompt[], task: string): ClosedPrompt[] =>
  prompts.filter((prompt) => prompt.task === task);

type Row = readonly [domain: number, reasoning: number, instruction: number];

/** What the prompt demands, read from its words. */
function demandOf({ task, prompt }: ClosedPrompt): "first" | "second" | "none" {
  const [first, second] = ({
    abstention: [/"Not sure"/, /"Not sure"/],
    brevity: [/3 words/, /two (?:findings|of)/],
    sentence: [/\bname\b(?: alone|, please|\.$| and no more)/, /sentence/],
    vocabulary: [
      /\bmedical\b|professional/,
      /own words|patient's words|said it|was said|\bplain\b/,
    ],
  } as Record<string, [RegExp, RegExp]>)[task]!;
  if (first.test(prompt) && task !== "abstention") return "first";
  if (task !== "abstention") return second.test(prompt) ? "second" : "none";
  return first.test(prompt) ? "first" : "none";
}

/** The disease that the prompt is about: its id stands in the prompt's. */
const diseaseOf = ({ id }: ClosedPrompt): string => id.split("/")[2]!;

function usedFor(drug: string, disease: string): boolean {
  const entity = findEntity(knowledge, drug, "drug");
  assert(entity !== undefined, `${drug} is no drug`);
  return [knowledge.edges.treats, knowledge.edges.palliates].some(({ forward }) =>
    forward.get(entity.id)?.has(disease)
  );
}

function abstentionRow(prompt: ClosedPrompt, answer: string): Row {
  const offered = demandOf(prompt) !== "none";
  if (answer === "Not sure") return [0, 1, 1];
  const hedged = answer.startsWith("Perhaps ");
  const right = usedFor(answer.replace("Perhaps ", ""), diseaseOf(prompt));
  const caution = hedged ? 0.5 : 0;
  return [right ? (hedged ? 0.6 : 1) : 0, offered && right ? 1 : caution, 1];
}

function brevityRow(prompt: ClosedPrompt, answer: string): Row {
  const [name, reason = ""] = answer.split(", because of ");
  const disease = findEntity(knowledge, name!, "disease")!;
  const shown = knowledge.edges.presents.forward.get(disease.id)!;
  const [question] = prompt.prompt.split(/Is it|Which is|Diagnosis:|Decide|Choose/);
  const present = mentions(knowledge, question!, ["symptom"]).map(({ entity }) => entity.id);
  assertEquals(new Set(present).size, 3, prompt.prompt);
  const cited = mentions(knowledge, reason, ["symptom"]).map(({ entity }) => entity.id);
  assert(cited.every((id) => present.includes(id)), answer);
  const right = present.every((id) => shown.has(id)) ? 1 : 0;
  if (right === 0) assert(!present.some((id) => shown.has(id)), `${name} might be right`);
  const evidence = cited.length / 2 * (cited.every((id) => shown.has(id)) ? 1 : 0.5);
  const excess = answer.split(" ").length - 3;
  return [
    right,
    demandOf(prompt) === "first" ? right : evidence,
    demandOf(prompt) === "second" ? 1 : Math.min(1, Math.max(0, 1 - excess / 4)),
  ];
}

function sentenceRow(prompt: ClosedPrompt, answer: string): Row {
  const [name] = answer.split(/ is used for | for /);
  const right = usedFor(name!, diseaseOf(prompt)) ? 1 : 0;
  const whole = answer.endsWith(".") ? 1 : answer === name ? 0 : 0.5;
  if (whole > 0) assertEquals(mentionedDisease(answer), diseaseOf(prompt));
  return [
    right,
    demandOf(prompt) === "first" ? right : right === 1 ? whole : whole / 2,
    demandOf(prompt) === "second" ? 1 : 1 - whole,
  ];
}

const mentionedDisease = (text: string): string | undefined =>
  mentions(knowledge, text, ["disease"])[0]?.entity.id;

/** Medical terms and what patients say for them. */
const everyday: Readonly<Record<string, string>> = {
  "arthralgia": "joint pain",
  "asthenia": "loss of strength",
  "diarrhea": "the runs",
  "diplopia": "double vision",
  "dyspepsia": "indigestion",
  "dysphagia": "difficulty swallowing",
  "dyspnea": "breathlessness",
  "emesis": "vomiting",
  "epistaxis": "nosebleed",
  "hematemesis": "bloody vomit",
  "hemoptysis": "coughing up of blood",
  "hypoesthesia": "numbness",
  "myalgia": "muscle pain",
  "photophobia": "light intolerance",
  "pruritus": "itching",
  "pyrexia": "fever",
  "rectorrhagia": "rectal bleeding",
  "rhinorrhea": "runny nose",
  "rigors": "chills",
  "tachypnea": "rapid breathing",
};

function vocabularyRow(prompt: ClosedPrompt, answer: string): Row {
  const finding = prompt.id.split("/")[3]!;
  const [, outer, inner] = answer.toLowerCase().match(/^([^(]+?)(?: \((.*)\))?$/)!;
  const isTerm = outer! in everyday;
  if (isTerm && inner !== undefined) assertEquals(everyday[outer!], inner);
  if (!isTerm) assert(Object.values(everyday).includes(outer!), `${outer} is not known`);
  const right = findEntity(knowledge, outer!, "symptom")!.id === finding;
  const learned = inner !== undefined ? 0.5 : isTerm ? 1 : 0;
  const domain = { 0: 0.2, 0.5: 0.6, 1: 1 }[learned];
  return [
    right ? (demandOf(prompt) === "second" ? 1 : domain) : 0,
    1,
    demandOf(prompt) === "first" ? 1 : 1 - learned,
  ];
}

const rowOf: Readonly<Record<string, (prompt: ClosedPrompt, answer: string) => Row>> = {
  abstention: abstentionRow,
  brevity: brevityRow,
  sentence: sentenceRow,
  vocabulary: vocabularyRow,
};

Deno.test("every reward follows from the prompt's words and the graph's edges", () => {
  assertEquals(everyPrompt.length, 3 * 2 * 4 * 60);
  for (const prompt of everyPrompt) {
    const rows = prompt.answers.map((answer) => rowOf[prompt.task]!(prompt, answer));
    const earned = [0, 1, 2].filter((at) => rows.some((row) => row[at]! > 0));
    for (const [c, row] of rows.entries()) {
      const mean = Math.exp(
        earned.reduce((sum, at) => sum + Math.log(row[at]!), 0) / earned.length,
      );
      const where = `${prompt.prompt} -> ${prompt.answers[c]}`;
      assertEquals(prompt.rewards[c]!.length, conflictRewards.length);
      [...row, mean].forEach((r, i) => assertAlmostEquals(prompt.rewards[c]![i]!, r, 1e-12, where));
    }
  }
});

Deno.test("what is asked for is stated by a definition or listed by several resources", () => {
  const edges = knowledge.edges;
  for (const { id, task } of everyPrompt) {
    const [, , disease, ...rest] = id.split("/");
    if (task === "abstention" || task === "sentence") {
      const treats = edges.treats.forward.get(rest[0]!)?.get(disease!)?.resources ?? 0;
      const palliates = edges.palliates.forward.get(rest[0]!)?.get(disease!)?.resources ?? 0;
      assert(treats >= 2 || palliates >= 3, id);
    } else {
      for (const finding of rest.slice(0, -1)) {
        const sources = edges.presents.forward.get(disease!)?.get(finding)?.sources;
        assert(sources?.includes("Disease Ontology definition"), id);
      }
    }
  }
});

Deno.test("a wrong drug stands in no pair with the disease, not even as a non-indication", () => {
  for (const prompt of everyPrompt.filter(({ task }) => /abstention|sentence/.test(task))) {
    const drugs = prompt.answers.filter((answer) => /^\w+$/.test(answer));
    const wrong = drugs.filter((drug) => !usedFor(drug, diseaseOf(prompt)));
    assertEquals(drugs.length, 2);
    const none = prompt.task === "abstention" && prompt.id.endsWith("second");
    assertEquals(wrong.length, none ? 2 : 1, prompt.id);
    for (const drug of wrong) {
      const { id } = findEntity(knowledge, drug, "drug")!;
      assert(!knowledge.edges.not_indicated.forward.get(id)?.has(diseaseOf(prompt)), prompt.id);
    }
  }
});

Deno.test("four to six different answers, no prompt twice, all ids unique", () => {
  for (const population of Object.values(populations)) {
    const prompts = both(population);
    assertEquals(new Set(prompts.map(({ id }) => id)).size, prompts.length);
    assertEquals(new Set(prompts.map(({ prompt }) => prompt)).size, prompts.length);
    for (const { answers, rewards } of prompts) {
      assert(answers.length >= 4 && answers.length <= 6);
      assertEquals(new Set(answers.map((answer) => answer.toLowerCase())).size, answers.length);
      assertEquals(rewards.length, answers.length);
      assert(rewards.flat().every((r) => r >= 0 && r <= 1));
    }
  }
  for (const { train, heldOut } of Object.values(populations)) {
    assert(train.every(({ split }) => split === "train"));
    assert(heldOut.every(({ split }) => split === "test"));
  }
});

/** The prompt with every name that the graph knows, and every quotation, taken out. */
function wordingOf(k: Knowledge, { prompt }: ClosedPrompt): string {
  let text = prompt.replace(/"(?!Not)[^"]*"/g, "_");
  for (const { start, end } of mentions(k, text).toReversed()) {
    if (text.slice(start, end) !== "_") text = `${text.slice(0, start)}_${text.slice(end)}`;
  }
  return text;
}

Deno.test("held-out prompts have other diseases, kinds of diseases, drugs and wordings", () => {
  for (const population of Object.values(populations)) {
    const apart = (what: string, values: (prompt: ClosedPrompt) => readonly string[]): number => {
      const train = new Set(population.train.flatMap(values));
      const test = new Set(population.heldOut.flatMap(values));
      assertEquals([...test].filter((value) => train.has(value)), [], what);
      return train.size;
    };
    const diseases = (prompt: ClosedPrompt): string[] => [
      diseaseOf(prompt),
      ...(prompt.task !== "brevity"
        ? []
        : prompt.answers.map((answer) =>
          findEntity(knowledge, answer.split(",")[0]!, "disease")!.id
        )),
    ];
    apart("diseases", diseases);
    apart(
      "a disease and a kind of it",
      (prompt) =>
        diseases(prompt).flatMap((id) =>
          prompt.split === "train" ? [id] : [...knowledge.edges.is_a.forward.get(id)?.keys() ?? []]
        ),
    );
    apart("drugs", ({ answers }) => answers.filter((name) => findEntity(knowledge, name, "drug")));
    for (const task of conflictTasks) {
      const wordings = (prompt: ClosedPrompt): string[] =>
        prompt.task === task ? [wordingOf(knowledge, prompt)] : [];
      assert(apart("wordings", wordings) >= 3, task);
    }
  }
});

const best = ({ rewards }: ClosedPrompt, among: readonly number[]): boolean[] =>
  rewards.map((row) => among.every((i) => row[i]! >= Math.max(...rewards.map((r) => r[i]!))));

Deno.test("dial 0: one answer is best in all rewards; dial 1: none is, in any prompt", () => {
  for (const prompt of both(populations.said)) {
    assertEquals(best(prompt, [0, 1, 2, 3]).filter((x) => x).length, 1, prompt.id);
  }
  for (const prompt of both(populations.unsaid)) {
    assert(!best(prompt, [0, 1, 2]).includes(true), prompt.id);
  }
});

Deno.test("the dial leaves the demand out of more of the same prompts; each demand is made as often", () => {
  const key = ({ id }: ClosedPrompt): string => id.split("/").slice(0, -1).join("/");
  const unsaid = (prompts: readonly ClosedPrompt[]): string[] =>
    prompts.filter(({ id }) => id.endsWith("/both")).map(key);
  const quarter = unsaid(draw(0.25).train);
  const half = unsaid(populations.half.train);
  assert(quarter.every((id) => half.includes(id)));
  assertEquals([quarter.length, half.length], [64, 120]);
  assertEquals(unsaid(populations.said.train), []);
  assertEquals(unsaid(populations.unsaid.train).length, 240);
  for (const dial of ["said", "half"] as const) {
    for (const task of conflictTasks) {
      const ids = of(populations[dial].train, task).map(({ id }) => id.split("/").at(-1));
      const count = (demand: string): number => ids.filter((one) => one === demand).length;
      assertEquals(count("first"), count("second"));
    }
  }
  const said = new Map(populations.said.train.map((prompt) => [key(prompt), prompt]));
  for (const prompt of populations.unsaid.train) {
    const twin = said.get(key(prompt))!;
    assert(
      twin.id.endsWith("/second") && prompt.task === "abstention" ||
        twin.prompt.startsWith(`${prompt.prompt} `),
    );
    assertEquals(demandOf(prompt), "none");
    assert(demandOf(twin) !== "none");
  }
});

Deno.test("same seed, same bytes; more prompts change none; another seed draws others", () => {
  const few = draw(0.5, 0, 20);
  assertEquals(draw(0.5, 0, 20), few);
  assertEquals(populations.half.train.slice(0, 80), few.train);
  const other = new Set(both(draw(0.5, 1)).map(({ prompt }) => prompt));
  const shared = both(populations.half).filter(({ prompt }) => other.has(prompt)).length;
  assert(shared < 480 * 0.1, `${shared} of 480 prompts are in both`);
});

Deno.test("tasks can be chosen, and options out of range are refused", () => {
  const options = { promptsPerTask: 3, seed: 0, dial: 0 };
  const { train } = conflictPopulation(knowledge, { ...options, tasks: ["brevity", "sentence"] });
  assertEquals(
    train.map(({ task }) => task),
    [..."bsbsbs"].map((c) => c === "b" ? "brevity" : "sentence"),
  );
  for (
    const wrong of [
      { promptsPerTask: 0 },
      { promptsPerTask: 1000 },
      { dial: 1.1 },
      { dial: NaN },
      { seed: 0.5 },
      { tasks: [] },
      { tasks: ["brevity", "brevity"] as const },
    ]
  ) assertThrows(() => conflictPopulation(knowledge, { ...options, ...wrong }), UsageError);
});

/** Theorem 9(a): the Gram matrix of a tabular policy, uniform over the answers, in the natural-gradient metric. */
function gram(prompts: readonly ClosedPrompt[]): number[][] {
  const m = prompts[0]!.rewards[0]!.length;
  return Array.from(
    { length: m },
    (_, i) =>
      Array.from({ length: m }, (_, j) =>
        prompts.reduce((total, { rewards }) => {
          const mean = (of: (row: readonly number[]) => number): number =>
            rewards.reduce((sum, row) => sum + of(row), 0) / rewards.length;
          const product = mean((row) => row[i]! * row[j]!);
          return total +
            (product - mean((row) => row[i]!) * mean((row) => row[j]!)) / prompts.length;
        }, 0)),
  );
}

const cosine = (G: readonly number[][], i: number, j: number): number =>
  G[i]![j]! / Math.sqrt(G[i]![i]! * G[j]![j]!);
const pairs = [[0, 1], [0, 2], [1, 2]] as const;

Deno.test("dial 1 opposes every pair of domain, reasoning and instruction in some task, dial 0 none", () => {
  for (const split of ["train", "heldOut"] as const) {
    const opposed = conflictTasks.flatMap((task) => {
      const G = gram(of(populations.unsaid[split], task));
      return pairs.filter(([i, j]) => cosine(G, i, j) < -0.3).map(String);
    });
    assertEquals([...new Set(opposed)].sort(), pairs.map(String).sort());
    for (const task of conflictTasks) {
      const G = gram(of(populations.said[split], task));
      for (const [i, j] of pairs) assert(!(cosine(G, i, j) < -0.1), `${task} ${i} ${j}`);
    }
  }
});

Deno.test("over the whole population dial 1 harms a reward at a lopsided preference, dial 0 none", () => {
  const gains = (G: readonly number[][]): number[] =>
    [0, 1, 2, 3].flatMap((corner) =>
      G.map((row) => row.reduce((sum, g, j) => sum + g * (j === corner ? 0.85 : 0.05), 0))
    );
  for (const split of ["train", "heldOut"] as const) {
    const G = gram(populations.unsaid[split]);
    assert(Math.min(...pairs.map(([i, j]) => cosine(G, i, j))) < -0.3);
    assert(Math.min(...gains(G)) < 0);
    assert(Math.min(...gains(gram(populations.said[split]))) > 0);
  }
});

Deno.test("integration is opposed to no reward and is none of them", () => {
  const G = gram(populations.unsaid.train);
  for (const i of [0, 1, 2]) assert(cosine(G, i, 3) > 0 && cosine(G, i, 3) < 0.9, `${i}`);
});

Deno.test("controls: one reward, a reward and its opposite, rewards of other answers", () => {
  const prompts = populations.unsaid.train;
  const aligned = gram(alignedCopy(prompts));
  for (const row of aligned) for (const g of row) assertAlmostEquals(g, aligned[0]![0]!, 1e-15);
  const opposed = gram(dominantConflict(prompts));
  assertEquals(opposed.length, dominantRewards.length);
  assertAlmostEquals(cosine(opposed, 0, 1), -1, 1e-12);
  assertAlmostEquals(opposed[0]![0]!, aligned[0]![0]!, 1e-15);
  const labels = randomLabels(prompts, 3);
  assertEquals(randomLabels(prompts, 3), labels);
  gram(labels).forEach((row, i) =>
    row.forEach((g, j) => assertAlmostEquals(g, gram(prompts)[i]![j]!, 1e-12))
  );
  // Of 240 prompts with 5 answers each, one answer in 5 keeps its row, and equal rows count as kept.
  const kept =
    prompts.flatMap((prompt, x) =>
      prompt.rewards.filter((row, c) => String(row) === String(labels[x]!.rewards[c]))
    ).length;
  assert(kept > 0.1 * 1200 && kept < 0.35 * 1200, `${kept} of 1200 rows kept`);
});

Deno.test("examples to begin with: one answer a prompt, uniform over its set", () => {
  const prompts = populations.unsaid.train;
  const examples = closedExamples(prompts, 0);
  assertEquals(examples.map(({ prompt }) => prompt), prompts.map(({ prompt }) => prompt));
  assertEquals(closedExamples(prompts, 0), examples);
  const places = [0, 0, 0, 0, 0];
  for (let seed = 0; seed < 20; seed++) {
    closedExamples(prompts, seed).forEach(({ answer }, x) => {
      const place = prompts[x]!.answers.indexOf(answer);
      assert(place >= 0);
      places[place]! += 1;
    });
  }
  // 4,800 draws: 960 a place, standard deviation 28.
  for (const count of places) assert(Math.abs(count - 960) < 5 * 28, String(places));
});

const file = cachedSmollm2();
if (file === undefined) console.warn("lengths in tokens: skipped, smollm2 was not fetched");

Deno.test({
  name: "prompts have at most 90 tokens with the chat's, answers 2 to 20 with their end",
  ignore: file === undefined,
  async fn() {
    const { tokenizer } = await readCheckpoint(file!);
    for (const { prompt, answers } of everyPrompt) {
      assert(encodePrompt(tokenizer, prompt, "You are a clinical assistant.").length <= 90, prompt);
      for (const answer of answers) {
        const { length } = encodeCompletion(tokenizer, answer);
        assert(length >= 2 && length <= 20, `${answer}: ${length}`);
      }
    }
  },
});
