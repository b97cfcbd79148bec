import { assert, assertEquals } from "@std/assert";
import { loadKnowledge } from "../../lib/knowledge/mod.ts";
import { parseJson, readText } from "../../lib/runtime/mod.ts";
import {
  type Item,
  limits,
  rewordablePart,
  rewordingFault,
  rewordInstruction,
  rewordItems,
} from "../../lib/synthesis/mod.ts";

const knowledge = await loadKnowledge();
const fixtures = new URL("./fixtures/rewordings/", import.meta.url);

/** A prompt as the fixtures have it. */
interface Prompt {
  readonly prompt: string;
  readonly evidence?: string;
  readonly options?: readonly string[];
  /** Options of a second decision. */
  readonly more?: readonly string[];
  readonly letter?: "A" | "B" | "C" | "D";
}

/** An item of a prompt. */
const itemOf = (
  { prompt, evidence, options, more, letter }: Prompt,
  id = "0123456789abcdef",
): Item => ({
  id,
  capability: "domain",
  family: "own",
  version: 1,
  split: "train",
  prompt,
  reference: "x",
  checks: letter === undefined
    ? [{ kind: "no_commas", capability: "instruction" }]
    : [{ kind: "choice", capability: "domain", letter, options: options! }],
  claims: [],
  decisions: [options, more].flatMap((list) =>
    list === undefined ? [] : [{ where: { format: "text" }, options: list, answer: 0 }]
  ),
  ...(evidence === undefined ? {} : { evidence }),
  case: "own",
  template: "own",
});

const prompts = parseJson(
  (await readText(new URL("prompts.json", fixtures).pathname))!,
  "prompts.json",
) as Record<string, Prompt>;

const labelled = (await readText(new URL("rewordings.tsv", fixtures).pathname))!.trim().split("\n")
  .slice(1).map((line) => line.split("\t") as [string, string, "keep" | "refuse", string, string]);

/** The fault of new words for the part of an item that may be reworded. */
function faultOf(item: Item, words: string): string | undefined {
  const { before, after } = rewordablePart(item)!;
  return rewordingFault(item, before + words + after, knowledge);
}

Deno.test("labelled rewordings: what says the same is kept, and nothing else", () => {
  let kept = 0;
  for (const [set, id, verdict, kind, words] of labelled) {
    const fault = faultOf(itemOf(prompts[id]!), words);
    if (verdict === "refuse") assert(fault !== undefined, `${kind}: ${words}`);
    else if (fault === undefined) kept += 1;
    else assert(set !== "dev", `${fault}: ${words}`);
  }
  const right = labelled.filter(([, , verdict]) => verdict === "keep").length;
  assert(kept >= 0.9 * right, `${kept} of ${right}`);
});

Deno.test("the part that may be reworded is the evidence's sentences, else the first line", () => {
  const part = (id: string) => rewordablePart(itemOf(prompts[id]!))!;
  assertEquals(part("vignette"), {
    before: "",
    text: "A patient has fever, cough and headache, but no jaundice.",
    after:
      " Which is likeliest, influenza, asthma or gout? Reply in two lines:\nDiagnosis: one disease\nFor: two findings",
    isEvidence: true,
  });
  assertEquals(part("measured").text, prompts["measured"]!.evidence);
  // Options and evidence in one sentence.
  assertEquals([part("pair").isEvidence, part("pair").text], [false, prompts["pair"]!.prompt]);
  assertEquals(part("choice").text, "Which of these is a symptom of influenza?");
  const behind = itemOf({
    prompt:
      "Which is likelier, influenza or gout?\nAnswer with one name.\nThe patient has fever. He has cough. It hurts.",
    evidence: "fever. He has cough",
    options: ["influenza", "gout"],
  });
  assertEquals(rewordablePart(behind)!.text, "The patient has fever. He has cough.");
  assertEquals(rewordablePart(behind)!.after, " It hurts.");
  for (const evidence of ["fever\nand cough", "nowhere"]) {
    const item = itemOf({ prompt: "A patient has fever\nand cough. Which disease?", evidence });
    assertEquals(rewordablePart(item), undefined);
  }
});

Deno.test("a reworded item keeps options, decisions and checks, and its evidence is in its prompt", async () => {
  const words: Record<string, string> = Object.fromEntries(
    labelled.filter(([set, , verdict]) => set === "dev" && verdict === "keep").map((
      [, id, , , text],
    ) => [id, text]),
  );
  const ids = Object.keys(words).filter((id) => prompts[id]!.evidence !== undefined);
  const items = ids.map((id, i) => itemOf(prompts[id]!, `000000000000000${i}`));
  const asked: string[] = [];
  const result = await rewordItems({
    items,
    knowledge,
    attempt: (asks) => {
      asked.push(...asks);
      return Promise.resolve(ids.map((id) => `\n ${words[id]}\n`));
    },
  });
  assertEquals([result.reworded, result.refused], [ids.length, {}]);
  assertEquals(asked[0], `${rewordInstruction}\n${rewordablePart(items[0]!)!.text}`);
  for (const [i, item] of result.items.entries()) {
    const old = items[i]!;
    assert(item.prompt !== old.prompt && item.id !== old.id);
    assert(item.prompt.includes(item.evidence!), item.prompt);
    for (const option of item.decisions[0]!.options) assert(item.prompt.includes(option));
    assertEquals([item.decisions, item.checks, item.reference], [
      old.decisions,
      old.checks,
      old.reference,
    ]);
    assertEquals(item.template, "own+reworded");
  }
  assertEquals(result.items[ids.indexOf("vignette")]!.evidence, words["vignette"]);
  assertEquals(result.items[ids.indexOf("pair")]!.evidence, prompts["pair"]!.evidence);
});

Deno.test("items keep their prompt where the rewording does not hold, with the reasons counted", async () => {
  const base = itemOf(prompts["choice"]!);
  const twin = { ...base, prompt: base.prompt.replace("Which of these", "Which one of these") };
  const items = Array.from({ length: 6 }, (_, i) => ({ ...base, id: `000000000000000${i}` }));
  const good = "Which of the following is a symptom of influenza?";
  const answers = [
    good,
    good,
    "",
    "Which of these is a symptom\nof influenza?",
    "which of those is the symptom of Influenza?",
    "Which of these is a symptom of gout?",
  ];
  const result = await rewordItems({
    items: [...items, twin],
    knowledge,
    attempt: () => Promise.resolve(answers),
  });
  assertEquals(result.reworded, 1);
  assertEquals(result.refused, {
    "as another item": 1,
    "no text": 2,
    "more than one line": 1,
    "the same": 1,
    "other entities": 1,
  });
  assertEquals(result.items.slice(1), [...items.slice(1), twin]);
  assertEquals(new Set(result.items.map(({ id }) => id)).size, 7);
});

Deno.test("the form of the answer stays, and no prompt grows beyond its limit", () => {
  const item = itemOf(prompts["choice"]!);
  const words = "Which of the following is a symptom of influenza?";
  const at = item.prompt.indexOf("\n");
  assertEquals(rewordingFault(item, words + item.prompt.slice(at), knowledge), undefined);
  assertEquals(rewordingFault(item, words, knowledge), "another form of the answer");
  const reversed = item.prompt.slice(at).replace("B. fever", "B. cough");
  assertEquals(rewordingFault(item, words + reversed, knowledge), "another form of the answer");
  for (const part of ["x", "fever,", "\u00a0", "(((", "?", "not-", "1,"]) {
    assertEquals(faultOf(item, part.repeat(200_000)), "too long");
  }
  assertEquals(faultOf(item, `${"These ".repeat(limits.promptWords)}${words}`), "too long");
});

/** Ways in which a teacher spoils a prompt; a prompt that one of them does not touch is left out. */
const spoilt: Readonly<Record<string, (text: string) => string>> = {
  preamble: (text) => `Sure! Here is the reworded text: ${text}`,
  "one word before": (text) => `Certainly. ${text}`,
  "a dash": (text) => `Rewritten version - ${text}`,
  "another language": (text) => `Hier ist der Text. ${text}`,
  quoted: (text) => `"${text}"`,
  thinking: (text) => `<think>ok</think> ${text}`,
  instruction: (text) => `Reword this text. ${text}`,
  "of itself": (text) => `As an AI, I suggest: ${text}`,
  "a question behind": (text) => `${text} Let me know if this works.`,
  "a wish behind": (text) => `${text} I hope that helps!`,
  "a special token": (text) => `${text}<|im_end|>`,
  markdown: (text) => `**${text}**`,
  letter: (text) => `${text} The answer is B.`,
  case: (text) => `This is a case of malaria. ${text}`,
  hint: (text) => `${text} Hint: use aspirin.`,
  guess: (text) => `${text} It is probably malaria.`,
  answer: (text) => `${text} Answer: malaria.`,
  "a further sentence": (text) => `${text} The heart is involved.`,
  twice: (text) => `${text} ${text}`,
  "cut off": (text) => text.slice(0, -12),
  half: (text) => text.slice(0, text.length / 2),
  role: (text) => text.replace("disease-modifying", "symptomatic"),
  "no role": (text) => text.replace(" disease-modifying", ""),
  "two, three": (text) => text.replace(/\btwo\b/, "three"),
  "three, four": (text) => text.replace(/\bthree\b/, "four"),
  "no constraint on commas": (text) => text.replace(" Use no commas.", ""),
  "no constraint on letters": (text) => text.replace(" Use small letters only.", ""),
  "no constraint on length": (text) => text.replace(" Write exactly three sentences.", ""),
  "never seen": (text) => text.replace("symptom of", "symptom never seen in"),
  not: (text) => text.replace(/\b(is|has|had|reports)\b/, "$1 not"),
  present: (text) => text.replace(/but no |denies |without /, "and "),
  "another relation": (text) => text.replace("treat", "cause"),
  "a cause": (text) => text.replace("symptom", "cause"),
  "one more": (text) => text.replace(" and ", ", dizziness and "),
  elderly: (text) => text.replace("patient", "elderly patient"),
  pregnant: (text) => text.replace("patient", "pregnant woman"),
  number: (text) => text.replace(/\d/, (digit) => String((Number(digit) + 1) % 10)),
  "one option less": (text) => text.replace(/, ([\w ]+) or [\w ]+\?/, " or $1?"),
};

Deno.test("spoilt prompts are refused, of whatever kind the prompt is", () => {
  for (const [way, spoil] of Object.entries(spoilt)) {
    let touched = 0;
    for (const [id, prompt] of Object.entries(prompts)) {
      const item = itemOf(prompt);
      const { text } = rewordablePart(item)!;
      const words = spoil(text);
      if (words === text) continue;
      touched += 1;
      assert(faultOf(item, words) !== undefined, `${way}, ${id}: ${words}`);
    }
    assert(touched > 0, way);
  }
});
