/** The worked examples do what they say. */
import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { aggregators } from "../../lib/balance/mod.ts";
import type { LogLikelihood } from "../../lib/evaluation/mod.ts";
import { findEntity, loadClinical, loadKnowledge } from "../../lib/knowledge/mod.ts";
import {
  basePolicy,
  createAdapter,
  createTransformer,
  disposeTransformer,
  encodePrompt,
  fullParameters,
  loadCheckpoint,
  logLikelihoods,
  projections,
  toPeftTensors,
  writeAdapter,
  writeCheckpoint,
} from "../../lib/model/mod.ts";
import { referencePasses, ruleScores } from "../../lib/reward/mod.ts";
import { randomStream, startBackend, tf, UsageError } from "../../lib/runtime/mod.ts";
import { type Item, itemSchema, readItems, synthesize } from "../../lib/synthesis/mod.ts";
import { grpoSchema, trainGrpo } from "../../lib/training/mod.ts";
import { cachedSmollm2, inTemporaryFolder } from "../model/fixtures.ts";
import { compareOnFile, evaluateFile } from "./own_benchmark.ts";
import { askModel } from "./own_model.ts";
import { itemsOf, readOntology } from "./own_ontology.ts";
import { reward, trainOnOwnReward } from "./own_reward.ts";
import { curateWithModel, rewordWithServer } from "./own_teacher.ts";
import { raiseTheHarmed, withOwnRule, worstGains } from "./own_weighting.ts";

await startBackend();
const ignore = cachedSmollm2() === undefined;
if (ignore) console.warn("examples of models: skipped, the tokenizer of smollm2 was not fetched");

Deno.test("own ontology: facts of two OBO files become items that the rules score", async () => {
  const knowledge = readOntology(
    `[Term]
id: OWN:1
name: marsh fever
def: "An illness that has_symptom shivering, has_symptom night sweats." []

[Term]
id: OWN:2
name: quiet illness
`,
    "[Term]\nid: OWN:10\nname: shivering\n\n[Term]\nid: OWN:11\nname: night sweats\n",
  );
  const items = await itemsOf(knowledge);
  assertEquals(items.map(({ prompt }) => prompt), ["Name one symptom of marsh fever."]);
  assertEquals(itemSchema.parse(items[0]), items[0]);
  for (
    const [completion, score] of [
      [items[0]!.reference, 1],
      ["Symptom: night sweats", 1],
      ["Symptom: quiet illness", 0],
    ] as const
  ) assertEquals(ruleScores(items[0]!, completion, knowledge).domain, score);
  assertEquals(findEntity(knowledge, "Marsh Fever")?.id, "OWN:1");
});

Deno.test({
  name: "own model: a folder and an adapter answer; nothing stays in memory",
  ignore,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const checkpoint = await loadCheckpoint("tiny");
      const model = createTransformer(checkpoint);
      const lora = { r: 2, loraAlpha: 4, targetModules: [...projections], useRslora: false };
      // B is zero, so that the adapted model is the model.
      const adapter = createAdapter(checkpoint.config, lora, randomStream(0, "adapter"));
      const values = adapter.values.dataSync() as Float32Array;
      const [modelFolder, adapterFolder] = [join(folder, "model"), join(folder, "adapter")];
      await writeCheckpoint(modelFolder, checkpoint);
      const tensors = toPeftTensors(checkpoint.config, adapter, values);
      await writeAdapter(adapterFolder, { config: lora, tensors });
      adapter.values.dispose();
      const before = tf.memory().numTensors;
      const asked = await askModel(modelFolder, adapterFolder, "What causes anaemia?", "iron");
      assertEquals(tf.memory().numTensors, before);
      const language = { tokenizer: checkpoint.tokenizer, policy: basePolicy(model) };
      const request = { context: "Question: What causes anaemia?\nAnswer:", continuation: " iron" };
      const [expected] = await logLikelihoods(language, [request]);
      assertAlmostEquals(asked.logprob, expected!.logprob, 1e-4);
      assert(asked.answer.length > 0);
      disposeTransformer(model);
    }),
});

const likesAspirin: LogLikelihood = (requests) =>
  Promise.resolve(
    requests.map(({ continuation }) => ({
      logprob: continuation === " aspirin" ? -1 : -2,
      tokens: 1,
    })),
  );

Deno.test("own benchmark: accuracy with its interval, a comparison, and the line and key of a fault", () =>
  inTemporaryFolder(async (folder) => {
    const path = join(folder, "own.jsonl");
    const line = (answer: number) =>
      JSON.stringify({ question: "Which is a drug?", choices: ["fever", "aspirin"], answer });
    await Deno.writeTextFile(path, `${line(1)}\n\n${line(1)}\n${line(0)}\n`);
    const asked: string[] = [];
    const result = await evaluateFile(path, (requests) => {
      asked.push(...requests.map(({ context, continuation }) => context + continuation));
      return likesAspirin(requests);
    });
    assertEquals([result.n, result.accuracy, result.predicted], [3, 2 / 3, [0, 3]]);
    assert(result.low < result.accuracy && result.accuracy < result.high);
    assertEquals(asked[1], "Question: Which is a drug?\nAnswer: aspirin");
    const likesTheFirst: LogLikelihood = (requests) =>
      Promise.resolve(requests.map((_, i) => ({ logprob: -(i % 2), tokens: 1 })));
    const { difference, p } = await compareOnFile(path, likesAspirin, likesTheFirst);
    assertAlmostEquals(difference, 1 / 3, 1e-12);
    // Each question is answered by one model alone: 2 against 1, as likely as any split of three.
    assertAlmostEquals(p, 1, 1e-12);
    await Deno.writeTextFile(path, `${line(1)}\n${line(2)}\n`);
    const model = () => Promise.resolve([]);
    await assertRejects(() => evaluateFile(path, model), UsageError, "own.jsonl, line 2");
    const twice = { question: "Q", choices: ["a", "b", "a"], answer: 2 };
    await Deno.writeTextFile(path, JSON.stringify(twice));
    await assertRejects(
      () => evaluateFile(path, model),
      UsageError,
      "Expected choices to be valid (texts that differ)",
    );
    await Deno.writeTextFile(path, `\ufeff${line(1)}\r\n`);
    assertEquals((await evaluateFile(path, likesAspirin)).accuracy, 1);
    await Deno.writeTextFile(path, "{");
    await assertRejects(
      () => evaluateFile(path, model),
      UsageError,
      "Expected one JSON object a line",
    );
  }));

const knowledge = await loadKnowledge();
const { items } = await synthesize({
  clinical: await loadClinical(knowledge),
  count: 320,
  seed: 2,
  benchmarks: [],
});

Deno.test("own teacher: a server rewords, what it spoils keeps its wording", async () => {
  const vignettes = items.filter(({ evidence }) =>
    evidence !== undefined && /^An? \d+-year-old \w+ reports /.test(evidence)
  );
  assert(vignettes.length > 10, `${vignettes.length}`);
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    async (request) => {
      const { model, messages } = await request.json();
      const asked: string = messages[0].content.split("\n")[1];
      const text = asked.replace(" reports ", " complains of ");
      const first = asked === vignettes[0]!.evidence;
      const content = model === "careful" && !first ? text : `${text} Chest pain is there too.`;
      return Response.json({ choices: [{ message: { content } }] });
    },
  );
  const url = `http://127.0.0.1:${server.addr.port}/v1`;
  const reworded = await rewordWithServer(vignettes, knowledge, url, "careful");
  assertEquals(reworded[0], vignettes[0]);
  for (const [i, item] of reworded.entries()) {
    if (i > 0) assert(item.evidence!.includes(" complains of "), item.prompt);
    assert(item.prompt.includes(item.evidence!));
    assert(referencePasses(item, knowledge));
  }
  const spoilt = await rewordWithServer(vignettes, knowledge, url, "careless");
  assertEquals(spoilt, vignettes);
  await server.shutdown();
});

Deno.test("own teacher: a model filters the slice that it has not seen and fills blanks", () =>
  inTemporaryFolder(async (folder) => {
    // With three options and three tries a guess is rarely right each time.
    const cases = items.filter(({ evidence, decisions }) =>
      evidence !== undefined && decisions.some(({ options }) => options.length > 2)
    );
    const byEvidence = new Map(cases.map((item) => [item.evidence!, item]));
    assertEquals(byEvidence.size, cases.length);
    let seen: readonly Item[] = [];
    const asked: number[] = [];
    const isKnown = ({ id }: Item): boolean => parseInt(id.slice(-1), 16) % 2 === 0;
    const { items: curated, refilled, files } = await curateWithModel(
      cases,
      knowledge,
      (slice) => {
        seen = slice;
        // Knows every other case by its patient, the rest at the first try alone; fills blanks with nonsense.
        return Promise.resolve((prompts, attempt) => {
          asked.push(prompts.length);
          return Promise.resolve(prompts.map((prompt) => {
            const evidence = [...byEvidence.keys()].find((text) => prompt.includes(text));
            const item = evidence === undefined ? undefined : byEvidence.get(evidence)!;
            return item !== undefined && (isKnown(item) || attempt === 0)
              ? item.reference
              : "nonsense";
          }));
        });
      },
      3,
      folder,
    );
    const second = cases.filter((item) => !seen.includes(item));
    assert(seen.length > 30 && second.length > 30);
    const groups = new Set(seen.map(({ group }) => group));
    assert(second.every(({ group }) => group === undefined || !groups.has(group)));
    const known = second.filter(isKnown);
    // Three tries with the patient, of which the second ends what is not known; one without; and the blanks.
    const [all, some] = [second.length, known.length];
    assertEquals(asked, [all, all, some, some, some]);
    assertEquals(curated.map(({ id }) => id), known.map(({ id }) => id));
    assertEquals(refilled, 0);
    assertEquals(await readItems(files.items), curated);
    assert((await Deno.readTextFile(files.figure)).includes("answered without its findings"));
  }));

Deno.test("own reward: null where a reward does not apply, and shorter is better", async () => {
  assertEquals(await reward([0, 0, 2, 2], ["High fever.", "cough", "", "a b c d e f g h"]), [
    [1, 0.8],
    [0, 8 / 9],
    [null, 1],
    [null, 0.5],
  ]);
});

Deno.test({
  name: "own reward and own weighting rule: GRPO trains with them",
  ignore,
  fn: async () => {
    const { tokenizer, ...checkpoint } = await loadCheckpoint("tiny");
    const model = createTransformer(checkpoint);
    const start = { model, tokenizer, trainable: fullParameters(model) };
    const { log, trainable } = await trainOnOwnReward(start, 2);
    assertEquals(log.map(({ step }) => step), [1, 2]);
    for (const name of ["correct", "short"]) {
      assert(log.every((entry) => Number.isFinite(entry[`rewards/${name}/mean`])), name);
    }
    tf.dispose(trainable.values);
    const options = withOwnRule({
      ...start,
      prompts: ["a", "b"].map((stratum) => ({ ids: encodePrompt(tokenizer, stratum), stratum })),
      rewardNames: ["first", "second"],
      // Opposite rewards: what raises one lowers the other.
      reward: (_, completions) =>
        Promise.resolve(completions.map(({ length }) => [1 / (1 + length), length / 80])),
      config: grpoSchema.parse({
        maxSteps: 2,
        learningRate: 1e-3,
        promptsPerStep: 6,
        maxCompletionLength: 8,
        rewardWeights: [0.9, 0.1],
      }),
    });
    const made: number[][] = [];
    const ruled = await trainGrpo({
      ...options,
      aggregator: (gram, preference) => {
        made.push(options.aggregator!(gram, preference));
        return made.at(-1)!;
      },
    });
    // Two halves in each of two steps; what is logged is their mean.
    assertEquals(made.length, 4);
    const [a, b] = made.slice(2) as [number[], number[]];
    const { "weights/first": first, "weights/second": second } = ruled.log[1]!;
    assertEquals([first, second], a.map((x, i) => (x + b[i]!) / 2));
    tf.dispose([ruled.trainable.values, start.trainable.values]);
    disposeTransformer(model);
  },
});

Deno.test("own weighting rule: the preference without a conflict, more for the harmed with one", () => {
  const preference = [0.5, 0.5];
  assertEquals(raiseTheHarmed([[1, 0.5], [0.5, 1]], preference), preference);
  const conflict = [[9, -2], [-2, 1]];
  assertEquals(raiseTheHarmed(conflict, preference), [0.5, 1]);
  assertEquals(raiseTheHarmed([[1, 0], [0, 0]], preference), preference);
  const worst = worstGains(conflict, preference);
  assertEquals(Object.keys(worst).length, Object.keys(aggregators).length + 1);
  assertEquals([worst.static, worst.raise_the_harmed], [-0.5, 0]);
  assert(worst.capability_aware! > -1e-9);
});
