import { assertEquals } from "@std/assert";
import { type Module, parseModule } from "../../experiments/commands/ok/modules.ts";
import { circles, unreadExports, wrongImports } from "../../experiments/commands/ok/structure.ts";

/** Modules from their texts by path. */
const modules = (texts: Record<string, string>): Module[] =>
  Object.entries(texts).map(([path, text]) => parseModule(path, text));

Deno.test("a module's imports, exports and what it hands on are read from its syntax", () => {
  const module = parseModule(
    "lib/a/b.ts",
    `import { one, type Two as Other } from "./one.ts";
import * as all from "../c/mod.ts";
import type { Three } from "npm:three";
export { four as five } from "./four.ts";
export * from "./six.ts";
export const seven = one, { eight } = all;
export function nine() { return import("./ten.ts"); }
export type Eleven = typeof seven;
const twelve = 12;
// import { comment } from "./comment.ts";
`,
  );
  assertEquals(module.imports, [
    { from: "lib/a/one.ts", name: "one" },
    { from: "lib/a/one.ts", name: "Two" },
    { from: "lib/c/mod.ts", name: "*" },
    { from: "lib/a/ten.ts", name: "*" },
  ]);
  assertEquals(module.exports, ["seven", "eight", "nine"]);
  assertEquals([...module.ownReads], ["seven"]);
  assertEquals([...module.handsOn], [["five", { from: "lib/a/four.ts", name: "four" }]]);
  assertEquals(module.handsOnAll, ["lib/a/six.ts"]);
});

Deno.test("circles of files are found, over types and re-exports too", () => {
  const found = circles(modules({
    "a.ts": 'import type { B } from "./b.ts";',
    "b.ts": 'export * from "./c.ts";',
    "c.ts": 'import { a } from "./a.ts";',
    "d.ts": 'import { a } from "./a.ts";',
    "e.ts": 'import { f } from "./f.ts";',
    "f.ts": 'export { e } from "./e.ts";',
  }));
  assertEquals(found, [["a.ts", "b.ts", "c.ts"], ["e.ts", "f.ts"]]);
  assertEquals(circles(modules({ "a.ts": 'import { b } from "./b.ts";', "b.ts": "" })), []);
});

Deno.test("imports against the order of the folders are named", () => {
  const reasonOf = (path: string, specifier: string) =>
    wrongImports([parseModule(path, `import { x } from "${specifier}";`)]).map((line) =>
      line.split(": ")[1]
    ).join();
  assertEquals(
    reasonOf("lib/model/core/a.ts", "../../training/mod.ts"),
    "lib's folders read those before them",
  );
  assertEquals(reasonOf("lib/training/a.ts", "../model/mod.ts"), "");
  assertEquals(
    reasonOf("lib/training/a.ts", "../model/core/b.ts"),
    "model is read through its mod.ts",
  );
  assertEquals(reasonOf("lib/training/a.ts", "./deep/b.ts"), "");
  assertEquals(
    reasonOf("lib/knowledge/text/a.ts", "../facts/b.ts"),
    "knowledge's folders read those before them",
  );
  assertEquals(reasonOf("lib/knowledge/facts/a.ts", "../text/b.ts"), "");
  assertEquals(reasonOf("lib/knowledge/a.ts", "./facts/b.ts"), "");
  assertEquals(reasonOf("lib/knowledge/text/a.ts", "../types.ts"), "");
  assertEquals(reasonOf("lib/runs/a.ts", "../../experiments/core/b.ts"), "lib reads lib alone");
  assertEquals(reasonOf("lib/runs/a.ts", "../../deno.json"), "");
  assertEquals(
    reasonOf("experiments/cost/run.ts", "../../lib/model/layer.ts"),
    "model is read through its mod.ts",
  );
  assertEquals(reasonOf("experiments/cost/run.ts", "../stages/train.ts"), "");
  assertEquals(reasonOf("experiments/cost/run.ts", "../safety/run.ts"), "cost may not read safety");
  assertEquals(
    reasonOf("experiments/cost/run.ts", "../report/report.ts"),
    "cost may not read report",
  );
  assertEquals(
    reasonOf("experiments/stages/train.ts", "../exact/rules.ts"),
    "stages may not read exact",
  );
  assertEquals(reasonOf("experiments/core/a.ts", "../stages/train.ts"), "core may not read stages");
  assertEquals(
    reasonOf("experiments/stages/a.ts", "../main.ts"),
    "folders read no file above them",
  );
  assertEquals(reasonOf("experiments/commands/a.ts", "../cost/run.ts"), "");
  assertEquals(
    reasonOf("experiments/commands/a.ts", "../../tests/parity/b.ts"),
    "production code reads no tests",
  );
  assertEquals(reasonOf("tests/model/a_test.ts", "../../lib/model/core/b.ts"), "");
});

Deno.test("an export that only tests read is named, whatever door it goes through", () => {
  const production = modules({
    "lib/a/mod.ts": 'export * from "./one.ts";\nexport { three } from "./three.ts";',
    "lib/a/one.ts": "export const used = 1, unused = 2, own = 3, inside = own;",
    "lib/a/three.ts": "export function three() {}",
    "lib/b/mod.ts": 'import { inside, used } from "../a/mod.ts";\nconsole.log(used, inside);',
    "lib/std/path/mod.ts": "export const join = 0;",
    "tests/a_test.ts":
      'import { three, unused } from "../lib/a/mod.ts";\nconsole.log(unused, three);',
  });
  assertEquals(unreadExports(production, []), ["lib/a/one.ts: unused", "lib/a/three.ts: three"]);
  const notebook = parseModule("notebooks/x.ipynb", 'import { three } from "../lib/a/mod.ts";');
  assertEquals(unreadExports(production, [notebook]), ["lib/a/one.ts: unused"]);
  const whole = parseModule("notebooks/x.ipynb", 'import * as one from "../lib/a/one.ts";');
  assertEquals(unreadExports(production, [whole]), ["lib/a/three.ts: three"]);
});
