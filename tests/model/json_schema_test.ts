import { assert, assertEquals, assertThrows } from "@std/assert";
import { grammarMachine, jsonGrammar, type JsonSchema } from "../../lib/model/mod.ts";
import { parseJson, UsageError } from "../../lib/runtime/mod.ts";
import { fits, note } from "./json_cases.ts";

/** Whether a schema's grammar takes a text. */
function takesOf(schema: JsonSchema): (text: string) => boolean {
  const { start, next } = grammarMachine(jsonGrammar(schema));
  return (text) => {
    let state = start as ReturnType<typeof next>;
    for (const byte of new TextEncoder().encode(text)) state = state && next(state, byte);
    return state?.complete ?? false;
  };
}

Deno.test("a grammar takes exactly its texts", () => {
  const takes = takesOf(note);
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

Deno.test("integers between limits are exactly those", () => {
  for (
    const [schema, low, high] of [
      [{ minimum: -120, maximum: 1305 }, -120, 1305],
      [{ exclusiveMinimum: 9, maximum: 100.5 }, 10, 100],
      [{ minimum: 17 }, 17, Infinity],
      [{ exclusiveMaximum: -3 }, -Infinity, -4],
      [{}, -Infinity, Infinity],
    ] as [JsonSchema, number, number][]
  ) {
    const takes = takesOf({ type: "integer", ...schema as object });
    for (let n = -1500; n <= 1500; n++) {
      assertEquals(takes(String(n)), n >= low && n <= high, `${n} of ${JSON.stringify(schema)}`);
    }
    assert(!takes("-0") && !takes("007") && !takes("1.0") && !takes(""));
  }
});

Deno.test("parts that nothing fits are left out, and a schema of nothing is refused", () => {
  const endless: JsonSchema = {
    type: "object",
    properties: { next: { $ref: "#/$defs/endless" } },
    required: ["next"],
  };
  const takes = takesOf({
    $defs: { endless },
    type: "object",
    properties: {
      a: { enum: [] },
      b: { type: "string", minLength: 2, maxLength: 1 },
      c: { $ref: "#/$defs/endless" },
      d: { type: "array", items: false },
      e: { anyOf: [{ type: "array", minItems: 1, maxItems: 0 }, { type: "null" }] },
    },
    additionalProperties: false,
  });
  assert(takes("{}") && takes('{"d":[],"e":null}'));
  for (const text of ['{"a"', '{"b"', '{"c"', '{"d":[1', '{"e":[']) {
    assert(!takes(text.replace(/$/, "}")), text);
  }
  for (
    const schema of [
      { $ref: "#" },
      { enum: [] },
      false,
      { type: "string", enum: [1] },
      { $defs: { endless }, $ref: "#/$defs/endless" },
      { type: "integer", minimum: 2, maximum: 1 },
    ] as JsonSchema[]
  ) assertThrows(() => grammarMachine(jsonGrammar(schema)), UsageError, "that some text fits");
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
      [{ type: "object", required: "y" }, "Expected required to be a list of names"],
      [{ type: "object", properties: [] }, "Expected properties to be an object but found []"],
      [{ $ref: "#/$defs/none" }, 'to name a part of the schema but found "#/$defs/none"'],
      [{ $ref: "#none" }, 'to begin with #/ but found "#none"'],
      [{ $ref: "#/%" }, 'but found "#/%"'],
      [{ $ref: "#/$defs/a", type: "null", $defs: { a: true } }, "but found type in #"],
      [{ anyOf: [true], type: "null" }, "but found type in #"],
      [{ enum: "a" }, 'Expected enum to be a list but found "a"'],
      [{ anyOf: {} }, "Expected anyOf to be a list but found {}"],
      [{ type: "text" }, 'but found "text" in #'],
      [{ type: "constructor" }, 'but found "constructor" in #'],
      [{ type: [] }, "but found [] in #"],
      [{ type: "array", items: 5 }, "Expected a schema but found 5 in #/items"],
      [{ oneOf: [{ type: "integer" }, { type: "number" }] }, "types or values of their own"],
      [{ oneOf: [{ const: 1 }, { enum: [2, 1] }] }, "types or values of their own"],
      [{ oneOf: [{ const: 1 }, { type: "integer" }] }, "types or values of their own"],
      [
        { type: "array", minItems: -1 },
        "Expected minItems to be an integer of at least 0 but found -1",
      ],
      [{ type: "integer", minimum: "0" }, "Expected minimum to be a number"],
    ] as [JsonSchema, string][]
  ) assertThrows(() => jsonGrammar(schema), UsageError, message);
  assert(takesOf({ oneOf: [{ const: 1 }, { enum: ["1", null] }] })('"1"'));
});

// Python's jsonschema 4.26 accepts these texts and refuses those that JSON.parse would have made of them.
Deno.test("listed integers that numbers cannot hold are written in all their digits, or refused", () => {
  const read = (text: string) => parseJson(text, "s.json", { integers: "exact" }) as JsonSchema;
  for (
    const [text, accepted] of [
      ['{"enum": [653247040368672769]}', "653247040368672769"],
      ['{"const": -12345678901234567890123}', "-12345678901234567890123"],
      ['{"type": "integer", "enum": [9007199254740993, "a"]}', "9007199254740993"],
      ['{"const": {"id": [9007199254740993, 1]}}', '{"id":[9007199254740993,1]}'],
      ['{"oneOf": [{"const": 9007199254740993}, {"const": 9007199254740995}]}', "9007199254740995"],
    ] as const
  ) {
    assert(takesOf(read(text))(accepted), text);
    assert(!takesOf(read(text))(JSON.stringify(JSON.parse(accepted))), text);
  }
  for (const value of [653247040368672800, { id: [9007199254740992] }]) {
    assertThrows(
      () => jsonGrammar({ enum: [value] }),
      UsageError,
      "Expected integers of at most 9007199254740991, or bigints as parseJson reads them",
    );
  }
  assertThrows(() => read('{"enum": [1], "enum": [2]}'), UsageError, "found enum twice in s.json");
  assertThrows(
    () => jsonGrammar(read('{"type": 9007199254740993}')),
    UsageError,
    "9007199254740993",
  );
  assert(takesOf(read('{"type": "integer", "maximum": 9007199254740993}'))("12"));
  assert(takesOf(read('{"const": 1e22}'))("1e+22"));
});

Deno.test("schemas of too many levels, or of too many names in a row, are told in one line", () => {
  const nested = (levels: number, wrap: (inner: JsonSchema) => JsonSchema): JsonSchema => {
    let schema: JsonSchema = { type: "null" };
    for (let i = 0; i < levels; i++) schema = wrap(schema);
    return schema;
  };
  const wraps: ((inner: JsonSchema) => JsonSchema)[] = [
    (inner) => ({ type: "object", properties: { a: inner } }),
    (inner) => ({ type: "array", items: inner }),
    (inner) => ({ anyOf: [inner] }),
    (inner) => ({ type: "object", additionalProperties: inner }),
  ];
  for (const wrap of wraps) {
    jsonGrammar(nested(499, wrap));
    for (const levels of [500, 3000, 100_000]) {
      assertThrows(() => jsonGrammar(nested(levels, wrap)), UsageError, "at most 500 levels");
    }
  }
  const names = Array.from({ length: 3000 }, (_, i) => [`d${i}`, { $ref: `#/$defs/d${i + 1}` }]);
  const $defs = Object.fromEntries([...names, ["d3000", true]]);
  assertThrows(() => jsonGrammar({ $ref: "#/$defs/d0", $defs }), UsageError, "at most 500 levels");
});
