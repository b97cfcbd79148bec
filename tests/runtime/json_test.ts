import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  jsonText,
  parseJson,
  parseJsonLines,
  readConfigFile,
  UsageError,
  WorkbenchError,
} from "../../lib/runtime/mod.ts";

const refused = (text: string, message: string, options = {}) =>
  assertThrows(() => parseJson(text, "x.json", options), UsageError, message);

Deno.test("JSON: values are those of JSON.parse, with or without a byte order mark", () => {
  for (
    const text of [
      '{"a":[1,2.5,-3e-7,"b",null,true,{}],"":{"a":1}}',
      '[{"a":1},{"a":2},[],[[1]]]',
      '"a"',
      "12",
      " null ",
      '{"a\\"{":"}\\\\","b":",","c":":"}',
      '{"constructor":1,"prototype":{"toString":2}}',
      "[9007199254740991,-9007199254740991,1e300,0.12345678901234567890]",
    ]
  ) {
    assertEquals(parseJson(text, "x"), JSON.parse(text));
    assertEquals(parseJson(`\ufeff${text}`, "x"), JSON.parse(text));
  }
});

Deno.test("JSON: a key __proto__ is refused with its place, or a key like any other", () => {
  refused('{"a":{"__proto__":1}}', "Expected no key __proto__ but found a.__proto__ in x.json");
  refused('[{"\\u005f_proto__":1}]', "found 0.__proto__ in x.json");
  const kept = parseJson('{"__proto__":1}', "x", { anyKey: true }) as object;
  assertEquals(Object.entries(kept), [["__proto__", 1]]);
});

Deno.test("JSON: so many levels that walking through them would fail are refused", () => {
  for (const [open, close] of [["[", "]"], ['{"a":', "}"]] as const) {
    const nested = (levels: number) => `${open.repeat(levels)}0${close.repeat(levels)}`;
    refused(
      nested(100_000),
      "Expected at most 1000 levels of lists and objects but found more in x",
    );
    parseJson(nested(1000), "x");
  }
});

// RFC 8259 leaves the meaning of a key that stands twice open; JSON.parse would take the last.
Deno.test("JSON: a key twice is told with its place", () => {
  refused('{"a":1,"b":2,"a":3}', "Expected every key once but found a twice in x.json");
  refused('{"a":[{},{"b":{"c":1,"c":1}}]}', "found a.1.b.c twice");
  refused('{"a":1,"\\u0061":2}', "found a twice");
  parseJson('[{"a":1},{"a":{"a":"a"}}]', "x");
});

// 653247040368672768 is 653247040368672800 to JSON.parse when it is written again; Python's json keeps it.
Deno.test("JSON: integers that numbers cannot hold are refused, kept or rounded as asked", () => {
  const text = '{"ids":[1,653247040368672768,-9007199254740993]}';
  refused(text, "Expected ids.1 to be an integer of at most 9007199254740991");
  refused("12345678901234567890", "Expected the value to be an integer");
  assertEquals(parseJson(text, "x", { integers: "exact" }), {
    ids: [1, 653247040368672768n, -9007199254740993n],
  });
  assertEquals(jsonText(parseJson(text, "x", { integers: "exact" })), text);
  assertEquals(parseJson("[1000000000000000019884624838656]", "x", { integers: "round" }), [1e30]);
  for (const integers of ["refuse", "exact", "round"]) {
    refused("[1e999]", "found 1e999", { integers });
  }
  refused('{"a":1,"a":1}', "twice", { integers: "exact" });
});

Deno.test("JSON: what is none is told with its place", () => {
  refused(
    '{\n "a": 1,\n b\n}',
    "Expected JSON but found something else in x.json, line 3, column 2",
  );
  refused('{"a" 1}', "in x.json, column 6");
  for (const text of ["", "{", "NaN", "{'a':1}", "[1,]", "\ufeff\ufeff1"]) refused(text, "x.json");
  assertThrows(() => parseJson("{", "x", { failure: WorkbenchError }), WorkbenchError, "JSON");
});

Deno.test("JSON Lines: a value a line, faults with theirs", () => {
  assertEquals(
    parseJsonLines('\ufeff{"a":1}\r\n\r\n  \n[2]\n', "x.jsonl"),
    [
      { value: { a: 1 }, line: 1, where: "x.jsonl, line 1" },
      { value: [2], line: 4, where: "x.jsonl, line 4" },
    ],
  );
  assertEquals(parseJsonLines("\ufeff\n", "x"), []);
  assertThrows(() => parseJsonLines('1\n{"a":1,"a":2}', "x"), UsageError, "a twice in x, line 2");
  assertThrows(
    () => parseJsonLines("1\n2 3", "x"),
    UsageError,
    'a line but found "2 3" in x, line 2, column 3',
  );
});

Deno.test("a configuration with a key twice, or an integer that would be rounded, is refused", async () => {
  const path = await Deno.makeTempFile();
  for (
    const [text, message] of [
      ['{"seed": 1, "seed": 2}', "found seed twice"],
      ['{"seed": 9007199254740993}', "Expected seed to be an integer of at most"],
      ["{seed: 1}", "Expected JSON"],
    ] as const
  ) {
    await Deno.writeTextFile(path, text);
    await assertRejects(() => readConfigFile(path), UsageError, message);
  }
  await Deno.writeTextFile(path, '\ufeff{"seed": 9007199254740991}');
  assertEquals(await readConfigFile(path), { seed: 9007199254740991 });
  await Deno.remove(path);
  await assertRejects(() => readConfigFile(path), UsageError, "--config");
});

Deno.test("a text of twenty million letters with escapes is read like a short one", () => {
  const long = 'a "\\ b'.repeat(4_000_000);
  const text = JSON.stringify({ long, n: 1 });
  assertEquals((parseJson(text, "x") as { long: string }).long.length, long.length);
  assertThrows(() => parseJson(`${text.slice(0, -1)},"n":2}`, "x"), UsageError, "found n twice");
});
