import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  basePolicy,
  batchLogits,
  choiceConstraint,
  createTransformer,
  currentPolicy,
  disposePolicy,
  disposeTransformer,
  generate,
  grammarMachine,
  jsonConstraint,
  jsonGrammar,
  type JsonSchema,
  packGroups,
  type Policy,
  type Tokenizer,
} from "../../lib/model/mod.ts";
import { startBackend, tf, UsageError } from "../../lib/runtime/mod.ts";
import { busyAdapter, smallCheckpoint, smallConfig } from "./small_model.ts";

await startBackend();

/** A token for the end, one for each byte, and some that span several elements of JSON or parts of a character. */
const pieces = [
  ...['{"', '":', '", "', '"}', '":"', "true", "null", "12", '"a', "ab", "]}", "[[", "é", "\\u00"],
].map((text) => new TextEncoder().encode(text));
const byteTokens: Tokenizer = {
  vocabSize: 1 + 256 + pieces.length,
  definition: {} as Tokenizer["definition"],
  eosIds: [0],
  encode: () => [],
  decode: (ids) =>
    new TextDecoder("utf-8", { fatal: true }).decode(
      Uint8Array.from(ids.filter((id) => id !== 0).flatMap((id) => [...byteTokens.tokenBytes(id)])),
    ),
  tokenBytes: (id) =>
    id === 0 ? new Uint8Array() : id <= 256 ? Uint8Array.of(id - 1) : pieces[id - 257]!,
  isSpecial: (id) => id === 0,
};

const config = smallConfig("llama", { vocabSize: byteTokens.vocabSize });

/** Whether a value fits a schema: the keywords that the tests use, written plainly. */
function fits(value: unknown, schema: JsonSchema, root: JsonSchema = schema): boolean {
  if (schema === true) return true;
  const s = schema as Record<string, unknown>;
  if (s.$ref !== undefined) {
    const path = (s.$ref as string).split("/").slice(1);
    const part = path.reduce<unknown>((v, k) => (v as Record<string, unknown>)[k], root);
    return fits(value, part as JsonSchema, root);
  }
  if (s.enum !== undefined) return (s.enum as unknown[]).some((v) => Object.is(v, value));
  if ("const" in s) return JSON.stringify(s.const) === JSON.stringify(value);
  const options = (s.anyOf ?? s.oneOf) as JsonSchema[] | undefined;
  if (options !== undefined) {
    const found = options.filter((o) => fits(value, o, root)).length;
    return s.oneOf === undefined ? found >= 1 : found === 1;
  }
  const types = [s.type].flat();
  return types.some((type) => {
    switch (type) {
      case undefined:
        return true;
      case "null":
        return value === null;
      case "boolean":
        return typeof value === "boolean";
      case "number":
        return typeof value === "number" && Number.isFinite(value);
      case "integer":
        return Number.isInteger(value) && (value as number) >= (s.minimum as number ?? -Infinity) &&
          (value as number) <= (s.maximum as number ?? Infinity);
      case "string": {
        if (typeof value !== "string") return false;
        const length = [...value].length;
        return length >= (s.minLength as number ?? 0) &&
          length <= (s.maxLength as number ?? Infinity);
      }
      case "array":
        return Array.isArray(value) && value.length >= (s.minItems as number ?? 0) &&
          value.length <= (s.maxItems as number ?? Infinity) &&
          value.every((item) => fits(item, (s.items ?? true) as JsonSchema, root));
      default: {
        if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
        const properties = (s.properties ?? {}) as Record<string, JsonSchema>;
        return (s.required as string[] ?? []).every((key) => key in value) &&
          Object.entries(value).every(([key, item]) =>
            properties[key] === undefined
              ? s.additionalProperties !== false
              : fits(item, properties[key], root)
          );
      }
    }
  });
}

const note: JsonSchema = {
  type: "object",
  properties: {
    drug: { type: "string", minLength: 1, maxLength: 4 },
    dose: { type: "integer", minimum: -3, maximum: 12 },
    urgent: { type: "boolean" },
    route: { enum: ["oral", 'in "quotes"', null] },
    doses: { type: "array", items: { type: "number" }, minItems: 1, maxItems: 3 },
    other: { anyOf: [{ type: "null" }, { const: { a: [1, 2] } }] },
  },
  required: ["drug", "dose"],
  additionalProperties: false,
};
const tree: JsonSchema = {
  $defs: {
    node: {
      type: "object",
      properties: {
        name: { type: ["string", "null"], maxLength: 2 },
        parts: { type: "array", items: { $ref: "#/$defs/node" }, maxItems: 1 },
      },
      required: ["name"],
      additionalProperties: false,
    },
  },
  $ref: "#/$defs/node",
};

for (
  const [name, schema] of [
    ["an object of every kind", note],
    ["a recursive schema", tree],
    ["one of several types", { oneOf: [{ type: "integer" }, { type: "string", maxLength: 3 }] }],
    ["an array without a limit of anything", { type: "array", items: true, maxItems: 2 }],
  ] as [string, JsonSchema][]
) {
  Deno.test(`${name}: every finished completion is JSON of the schema`, async () => {
    const constraint = jsonConstraint(byteTokens, schema);
    const model = createTransformer(smallCheckpoint(config, 4));
    let finished = 0;
    for (let seed = 0; seed < 3; seed++) {
      for (const temperature of [0, 1, 2]) {
        const rows = (await generate(basePolicy(model), [[5], [70, 80, 90]], {
          numGenerations: temperature === 0 ? 1 : 8,
          maxNewTokens: 90,
          stopIds: [0],
          seed,
          temperature,
          constraint,
          batchRows: 16,
        })).flat();
        for (const { ids, finished: ended } of rows) {
          assertEquals(ended, ids.at(-1) === 0);
          if (!ended) continue;
          const text = byteTokens.decode(ids);
          assert(fits(JSON.parse(text), schema), text);
          finished++;
        }
      }
    }
    assert(finished > 5, `${finished} finished`);
    disposeTransformer(model);
  });
}

Deno.test("a grammar takes exactly its texts", () => {
  const { start, next } = grammarMachine(jsonGrammar(note));
  const takes = (text: string) => {
    let state = start as ReturnType<typeof next>;
    for (const byte of new TextEncoder().encode(text)) state = state && next(state, byte);
    return state?.complete ?? false;
  };
  for (
    const text of [
      '{"drug":"ibu","dose":12}',
      '{"drug": "é\\u00e9\\n", "dose": -3, "urgent": true}',
      '{"drug":"a","dose":0,"route":"in \\"quotes\\"","doses":[1,-2.5e10, 3]}',
      '{"drug":"a","dose":0,"other":{"a":[1,2]}}',
    ]
  ) {
    assert(takes(text), text);
    assert(fits(JSON.parse(text), note), text);
  }
  for (
    const text of [
      '{"dose":1,"drug":"a"}', // another order
      '{"drug":"","dose":1}',
      '{"drug":"abcde","dose":1}',
      '{"drug":"a","dose":13}',
      '{"drug":"a","dose":1,}',
      '{"drug":"a","dose":01}',
      '{"drug":"a"}',
      '{"drug":"\\ud83d","dose":1}',
      '{"drug":"a","dose":1,"extra":1}',
      '{"drug":"a","dose":1,"doses":[]}',
      "",
    ]
  ) assert(!takes(text), text);
});

Deno.test("what a grammar cannot promise is refused by keyword and place", () => {
  for (
    const [schema, message] of [
      [{ type: "string", pattern: "a+" }, "but found pattern in #"],
      [
        { type: "object", properties: { x: { type: "number", minimum: 0 } } },
        "but found minimum in #/properties/x",
      ],
      [{ type: "object", required: ["y"] }, 'to have "y", which is required'],
      [{ $ref: "#/$defs/none" }, "to name a part of the schema but found #/$defs/none"],
      [{ type: "text" }, 'but found "text" in #'],
      [{ oneOf: [{ type: "integer" }, { type: "number" }] }, "to have types of their own"],
      [{ type: "array", minItems: -1 }, "Expected minItems to be a number from 0 but found -1"],
      [{ type: "integer", minimum: 0 }, "Expected minimum and maximum to enclose"],
    ] as [JsonSchema, string][]
  ) assertThrows(() => jsonGrammar(schema), UsageError, message);
});

Deno.test("a choice is one of its texts, and log-probabilities are those of the allowed tokens", async () => {
  const constraint = choiceConstraint(byteTokens, ["ab", "abc", "true"]);
  const model = createTransformer(smallCheckpoint(config, 2));
  const rows = (await generate(basePolicy(model), [[9, 8, 7]], {
    numGenerations: 40,
    maxNewTokens: 8,
    stopIds: [0],
    seed: 1,
    constraint,
    logProbs: true,
    batchRows: 40,
  })).flat();
  const texts = new Set(rows.map(({ ids }) => byteTokens.decode(ids)));
  assertEquals(texts, new Set(["ab", "abc", "true"]));
  for (const { ids, samplingLogProbs, logProbs } of rows) {
    const text = byteTokens.decode(ids);
    // Behind "tru" or "true" only one token is left.
    if (text === "true") assertAlmostEquals(samplingLogProbs!.at(-1)!, 0, 1e-5);
    samplingLogProbs!.forEach((x, t) => assert(x >= logProbs![t]! - 1e-5));
    assert(samplingLogProbs!.some((x, t) => x > logProbs![t]! + 0.1));
  }
  assertThrows(() => choiceConstraint(byteTokens, []), UsageError);
  disposeTransformer(model);
});

Deno.test("the divergence from a reference is exact at every token", async () => {
  const model = createTransformer(smallCheckpoint(config, 5));
  const trainable = busyAdapter(model);
  const policy = currentPolicy(model, trainable);
  const reference = basePolicy(model);
  const temperature = 0.8;
  const prompts = [[5, 9, 3, 30], [12, 1], [21, 7, 7, 7, 7, 7, 7, 2]];
  const before = tf.memory().numTensors;
  const found = await generate(policy, prompts, {
    numGenerations: 4,
    maxNewTokens: 40,
    stopIds: Array.from({ length: 30 }, (_, i) => i),
    seed: 3,
    temperature,
    reference,
    batchRows: 12,
  });
  assertEquals(tf.memory().numTensors, before);
  const logitsOf = (p: Policy, ids: readonly number[], rows: Int32Array) => {
    const logits = batchLogits(p, packGroups([{ prompt: ids, completions: [] }]), rows);
    const values = tf.tidy(() => tf.logSoftmax(tf.div(logits, temperature))).arraySync();
    logits.dispose();
    return values as number[][];
  };
  const lengths = new Set<number>();
  found.forEach((rows, g) =>
    rows.forEach(({ ids, kl }) => {
      lengths.add(ids.length);
      const text = [...prompts[g]!, ...ids];
      const at = Int32Array.from(ids, (_, t) => prompts[g]!.length - 1 + t);
      const [p, q] = [logitsOf(policy, text, at), logitsOf(reference, text, at)];
      assertEquals(kl!.length, ids.length);
      kl!.forEach((value, t) => {
        const exact = p[t]!.reduce((sum, lp, v) => sum + Math.exp(lp) * (lp - q[t]![v]!), 0);
        assertAlmostEquals(value, exact, 1e-4 * (1 + exact));
        assert(value >= 0);
      });
    })
  );
  assert(lengths.size > 3);
  disposePolicy(policy, trainable);
  trainable.values.dispose();
  disposeTransformer(model);
});
