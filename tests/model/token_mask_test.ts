import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  choiceConstraint,
  grammarConstraint,
  grammarMachine,
  type GrammarState,
  jsonGrammar,
  type JsonSchema,
  type Tokenizer,
} from "../../lib/model/mod.ts";
import {
  type RandomStream,
  randomStream,
  UsageError,
  WorkbenchError,
} from "../../lib/runtime/mod.ts";
import { byteTokens, fits, note } from "./json_cases.ts";

/** A schema with about `size` parts. */
function randomSchema(stream: RandomStream, size: number): JsonSchema {
  const part = () => randomSchema(stream, Math.floor(size / 2));
  const kinds = size > 1 ? 12 : 8;
  switch (stream.integer(kinds)) {
    case 0: {
      const minLength = stream.integer(3);
      return { type: "string", minLength, maxLength: minLength + stream.integer(4) };
    }
    case 1: {
      const minimum = stream.integer(400) - 200;
      return { type: "integer", minimum, maximum: minimum + stream.integer(300) };
    }
    case 2:
      return { type: stream.pick(["integer", "number", "boolean", "null", "string"]) };
    case 3:
      return { enum: ["é", 'a"b', 1.5, null, { k: [true] }].slice(stream.integer(4)) };
    case 4:
      return { type: ["string", "integer"], enum: ["a", 1, false, null, 2.5] };
    case 5:
      return { type: ["string", "null"], maxLength: 2 };
    case 6:
      return { const: stream.pick(["𝄞", 0, [], "\n"]) };
    case 7:
      return { type: "integer", [stream.pick(["minimum", "maximum"])]: stream.integer(99) };
    case 8:
      return { anyOf: [part(), part()] };
    case 9: {
      const minItems = stream.integer(3);
      return { type: "array", items: part(), minItems, maxItems: minItems + stream.integer(3) };
    }
    case 10:
      return { type: "object", additionalProperties: part() };
    default: {
      const names = ["a", "b c", 'q"é', "__proto"].slice(stream.integer(4));
      return {
        type: "object",
        properties: Object.fromEntries(names.map((name) => [name, part()])),
        required: names.filter(() => stream.next() < 0.5),
        additionalProperties: false,
      };
    }
  }
}

Deno.test("random allowed tokens make JSON of random schemas, and never lead where none is allowed", () => {
  let [finished, foreign] = [0, 0];
  for (let seed = 0; seed < 300; seed++) {
    const stream = randomStream(seed, "schema");
    const schema = randomSchema(stream, 6);
    const constraint = grammarConstraint(byteTokens, jsonGrammar(schema));
    let state = constraint.start;
    const ids: number[] = [];
    while (ids.length < 200 && ids.at(-1) !== 0) {
      const mask = constraint.allowed(state);
      const options = [...mask.keys()].filter((id) => mask[id] === 1);
      assert(options.length > 0, `${JSON.stringify(schema)} ${ids}`);
      // Closing bytes are rare among all others, so they are tried more often.
      const closing = options.filter((id) => [0, 0x22 + 1, 0x5d + 1, 0x7d + 1].includes(id));
      const id = stream.pick(closing.length > 0 && stream.next() < 0.3 ? closing : options);
      ids.push(id);
      if (id !== 0) state = constraint.advance(state, id);
    }
    if (ids.at(-1) !== 0) continue;
    const text = byteTokens.decode(ids);
    assert(fits(JSON.parse(text), schema), `${JSON.stringify(schema)} ${text}`);
    finished++;
    if (/[^ -~]/.test(text)) foreign++;
  }
  assert(finished > 200 && foreign > 20, `${finished} finished, ${foreign} beyond ASCII`);
});

Deno.test("a mask has exactly the tokens whose bytes can go on", () => {
  const { start, next } = grammarMachine(jsonGrammar(note));
  const constraint = grammarConstraint(byteTokens, jsonGrammar(note));
  let [state, plain] = [constraint.start, start];
  for (const byte of new TextEncoder().encode('{"drug":"é","dose":1,"doses":[1.5]}')) {
    const mask = constraint.allowed(state);
    assertEquals(mask[0], Number(state.complete));
    for (let id = 1; id < byteTokens.vocabSize; id++) {
      let at: GrammarState | undefined = plain;
      for (const b of byteTokens.tokenBytes(id)) at = at && next(at, b);
      assertEquals(mask[id], Number(at !== undefined), `token ${id} before ${byte}`);
    }
    state = constraint.advance(state, byte + 1);
    plain = next(plain, byte)!;
  }
  assertThrows(() => constraint.advance(constraint.start, 0x5d + 1), WorkbenchError, "found 94");
});

Deno.test("a tokenizer has to have an end token and the bytes of some text", () => {
  // The tokenizer has to have the bytes: this one has no q.
  const noQ: Tokenizer = {
    ...byteTokens,
    tokenBytes: (id) => id === 0x71 + 1 ? new Uint8Array() : byteTokens.tokenBytes(id),
  };
  const { start, allowed } = choiceConstraint(noQ, ["aq", "b"]);
  assertEquals([...allowed(start).keys()].filter((id) => allowed(start)[id] === 1), [0x62 + 1]);
  assertThrows(() => choiceConstraint(noQ, ["aq"]), UsageError, "that some text fits");
  assertThrows(() => choiceConstraint({ ...noQ, eosIds: [] }, ["b"]), UsageError, "an end token");
});
