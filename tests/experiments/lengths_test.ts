import { assertEquals } from "@std/assert";
import { overLong } from "../../experiments/commands/ok/lengths.ts";

/** So many lines of a function's body. */
const body = (lines: number): string => "  call();\n".repeat(lines);

Deno.test("a function of 80 lines is short enough, one of 81 is named with its place", () => {
  const arrow = (lines: number) =>
    `const a = 1;\n\nexport const long = (x: number) => {\n${body(lines - 2)}};\n`;
  assertEquals(overLong("lib/a.ts", arrow(80)), []);
  assertEquals(overLong("lib/a.ts", arrow(81)), ["lib/a.ts:3: long has 81 lines, not 80"]);
});

Deno.test("parameters count as lines of a function, its documentation does not", () => {
  const declared = (lines: number) =>
    `/**\n${" * Text.\n".repeat(90)} */\nexport function long(\n  x: number,\n) {\n${
      body(lines - 4)
    }}\n`;
  assertEquals(overLong("a.ts", declared(80)), []);
  assertEquals(overLong("a.ts", declared(81)), ["a.ts:93: long has 81 lines, not 80"]);
});

Deno.test("methods, constructors, accessors and functions in objects are measured", () => {
  const text = `class Long {
  constructor() {
${body(79)}  }
  method() {
${body(79)}  }
  get value() {
${body(79)}  }
  held = () => {
${body(79)}  };
}
`;
  const found = overLong("a.ts", text);
  assertEquals(found, [
    "a.ts:2: constructor has 81 lines, not 80",
    "a.ts:83: method has 81 lines, not 80",
    "a.ts:164: value has 81 lines, not 80",
    "a.ts:245: held has 81 lines, not 80",
  ]);
  assertEquals(overLong("a.ts", `run({\n  made: function () {\n${body(79)}  },\n});`), [
    "a.ts:2: made has 81 lines, not 80",
  ]);
});

Deno.test("a function counts with those inside it, each on its own", () => {
  const inner = (lines: number) => `  run(() => {\n${body(lines - 2)}  });\n`;
  assertEquals(overLong("a.ts", `function outer() {\n${inner(40)}${inner(38)}}`), []);
  assertEquals(overLong("a.ts", `function outer() {\n${inner(40)}${inner(39)}}`), [
    "a.ts:1: outer has 81 lines, not 80",
  ]);
  assertEquals(overLong("a.ts", `function outer() {\n${inner(81)}}`), [
    "a.ts:1: outer has 83 lines, not 80",
    "a.ts:2: a function without a name has 81 lines, not 80",
  ]);
});

Deno.test("a file of 400 lines is short enough, one of 401 is named", () => {
  assertEquals(overLong("a.ts", "call();\n".repeat(400)), []);
  assertEquals(overLong("a.ts", "call();\n".repeat(401)), ["a.ts: 401 lines, not 400"]);
  assertEquals(overLong("a.ts", `${"call();\n".repeat(400)}last();`), ["a.ts: 401 lines, not 400"]);
  assertEquals(overLong("a.ts", ""), []);
});
