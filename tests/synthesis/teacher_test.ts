import { assert, assertEquals, assertRejects } from "@std/assert";
import { loadClinical, loadKnowledge } from "../../lib/knowledge/mod.ts";
import { WorkbenchError } from "../../lib/runtime/mod.ts";
import {
  type Item,
  rewordingFault,
  rewordItems,
  synthesize,
  teacherAttempt,
} from "../../lib/synthesis/mod.ts";

const knowledge = await loadKnowledge();
const clinical = await loadClinical(knowledge);
const { items } = await synthesize({ clinical, count: 80, seed: 9, benchmarks: [] });
const item = items.find((one) =>
  one.prompt.startsWith("A patient has") && one.family === "reasoning-compare"
)!;

Deno.test("a rewording must keep entities, quoted words, polarity and length", () => {
  const [, findings, absent] = item.prompt.match(/A patient has (.*), but no (.*?)\. /)!;
  const rest = item.prompt.slice(item.prompt.indexOf("Which is"));
  const fault = (head: string): string | undefined => rewordingFault(item, head + rest, knowledge);
  assertEquals(fault(`We see someone with ${findings}; there is no ${absent}. `), undefined);
  assertEquals(fault(`We see someone with ${findings}. `), "other entities");
  assertEquals(
    fault(`We see someone with ${findings}, also jaundice; there is no ${absent}. `),
    "other entities",
  );
  assertEquals(fault(`We see someone with ${findings} and ${absent}. `), "other polarity");
  assertEquals(
    fault(`We see someone without ${findings}; there is no ${absent}. `),
    "other polarity",
  );
  assertEquals(
    fault(`In 2 visits: ${findings}; there is no ${absent}. `),
    "other quoted words or numbers",
  );
  assertEquals(fault(`${"so ".repeat(90)} ${findings}; there is no ${absent}. `), "too long");
});

Deno.test("items keep their prompt where the rewording does not hold", async () => {
  const attempt = (prompts: readonly string[]) =>
    Promise.resolve(
      prompts.map((
        prompt,
        i,
      ) => (i === 0 ? prompt.split("\n")[1]!.replace("A patient has", "Someone has") : "no")),
    );
  const others = items.filter((one) => one.id !== item.id).slice(0, 3);
  const result = await rewordItems({ items: [item, ...others], attempt, knowledge });
  assertEquals(result.reworded, 1);
  assertEquals(Object.values(result.refused), [3]);
  assertEquals(result.items.slice(1), others);
  const [first] = result.items as [Item];
  assert(first.prompt.startsWith("Someone has") && first.id !== item.id);
  assertEquals([first.reference, first.split, first.case], [item.reference, item.split, item.case]);
});

Deno.test("a teacher answers over HTTP, and a bad answer is one clear error", async () => {
  let mode = "good";
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    async (request) => {
      const body = await request.json();
      if (mode === "refuse") return new Response("no", { status: 503 });
      if (mode === "odd") return Response.json({ text: "hello" });
      return Response.json({
        choices: [{
          message: {
            content: `${body.model} ${body.seed} ${request.headers.get("authorization")}`,
          },
        }],
      });
    },
  );
  const url = `http://127.0.0.1:${server.addr.port}/v1/`;
  const ask = teacherAttempt({ url, model: "m", key: "k" });
  assertEquals(await ask(["a", "b"], 1), ["m 1 Bearer k", "m 1 Bearer k"]);
  mode = "refuse";
  await assertRejects(() => ask(["a"], 0), WorkbenchError, "status 503");
  mode = "odd";
  await assertRejects(() => ask(["a"], 0), WorkbenchError, "choices[0].message.content");
  await server.shutdown();
  await assertRejects(() => ask(["a"], 0), WorkbenchError, "Expected a completion");
});

/** An item of one's own with this prompt. */
const ownItem = (prompt: string, checks: Item["checks"]): Item => ({
  ...item,
  prompt,
  checks,
  claims: [],
  reference: "x",
});

Deno.test("what a teacher says beside the new words, or gives away, is refused", () => {
  const asked = ownItem(
    "Which of these is a symptom of malaria?\nA. polyuria\nB. fever\nC. jaundice\nD. tremor\nReply in the form: Answer: letter. text",
    [{
      kind: "choice",
      capability: "domain",
      letter: "B",
      options: ["polyuria", "fever", "jaundice", "tremor"],
    }],
  );
  const tail = asked.prompt.slice(asked.prompt.indexOf("\n"));
  const fault = (head: string): string | undefined => rewordingFault(asked, head + tail, knowledge);
  assertEquals(fault("Malaria has which of these symptoms?"), undefined);
  assertEquals(fault("Which of the following is a sign of malaria?"), undefined);
  for (
    const [head, reason] of [
      ["Certainly, which of these is a symptom of malaria?", "words about the task"],
      [
        "<thinking>reword it</thinking> Which of these is a symptom of malaria?",
        "words about the task",
      ],
      [
        "Reply with the new text only, in one line. Which is a symptom of malaria?",
        "words about the task",
      ],
      ["Version two: which of these is a symptom of malaria?", "other quoted words or numbers"],
      ["New question: which of these is a symptom of malaria?", "words about the task"],
      ["Which of these is a symptom of malaria? I hope this helps.", "words about the task"],
      ["Which of these is a symptom of malaria? It is option B.", "gives the answer away"],
      ["Which of these (B) is a symptom of malaria?", "gives the answer away"],
      ["Which of these, like a fever, is a symptom of malaria?", "other entities"],
      ["Malaria, oh malaria: which of these is a symptom?", "other entities"],
      ["Which of these is never a symptom of malaria?", "other polarity"],
      ["Which drug treats malaria?", "another demand"],
    ] as const
  ) assertEquals(fault(head), reason, head);
});

Deno.test("role, numbers in words, relation and every constraint must stay", () => {
  const asked = ownItem(
    'Which drug treats gout? Name one symptomatic drug and three findings. Use no commas. USE CAPITAL LETTERS ONLY. Use the name "gout" at least two times.',
    [{ kind: "no_commas", capability: "instruction" }],
  );
  const fault = (from: string, to: string): string | undefined =>
    rewordingFault(asked, asked.prompt.replace(from, to), knowledge);
  assertEquals(fault("Which drug treats gout?", "What drug is used for gout?"), undefined);
  for (
    const [from, to, reason] of [
      ["symptomatic", "disease-modifying", "another demand"],
      ["three findings", "four findings", "other quoted words or numbers"],
      ["three findings", "findings", "other quoted words or numbers"],
      ["Use no commas. ", "", "another demand"],
      ["USE CAPITAL LETTERS ONLY. ", "", "another demand"],
      ["at least two times", "at most two times", "another demand"],
      ["treats", "worsens", "another demand"],
      ["treats", "should not be given in", "other polarity"],
      ["Use no commas.", "Use no commas. Write only one line.", "another demand"],
    ] as const
  ) assertEquals(fault(from, to), reason, to);
});
