import { assert, assertEquals } from "@std/assert";
import { printable } from "../../lib/runtime/mod.ts";
import { progressBar } from "../../lib/runtime/progress.ts";
import { run } from "./process.ts";

/** Titles, colours, clearing, cursor moves, hyperlinks, the clipboard, 8-bit codes, bells, backspaces, other directions. */
const codes = [
  "\x1b]0;title\x07",
  "\x1b[31m",
  "\x1b[2J\x1b[H",
  "\x1b]8;;http://a.b\x1b\\",
  "\x1b]52;c;YQ==\x07",
  "\x9b31m",
  "\x90q\x9c",
  "a\x08b",
  "good\rbad ",
  "\x7f",
  "\0",
  "\u202etxt.exe",
  "\u2066a\u2069",
];
// deno-lint-ignore no-control-regex -- control characters are what is looked for
const raw = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;

Deno.test("printable: control characters are written out, all else stays", () => {
  for (const code of codes) {
    const shown = printable(code);
    assert(!raw.test(shown), JSON.stringify(code));
    assertEquals(printable(shown), shown);
  }
  const plain = "Grüße, 日本語 👩‍⚕️ a\tb\nc \\x1b −1";
  assertEquals(printable(plain), plain);
  assertEquals(printable("a\r\nb\r"), "a\nb\\x0d");
});

Deno.test("printable: errors, notes and results of a command, and its progress, reach the terminal written out", async () => {
  const code = `
    import { runCommand, UsageError } from "./lib/runtime/mod.ts";
    import { z } from "zod";
    const spec = { name: "demo", summary: "", schema: z.object({ text: z.string() }) };
    await runCommand(spec, Deno.args, async ({ text }) => {
      console.log(text);
      console.error("note: " + text);
      console.warn("warning: %s", text);
      throw new UsageError("Expected nothing but found " + text);
    });`;
  for (const text of codes.filter((code) => !code.includes("\0"))) {
    const { code: rc, out, err } = await run(code, ["--text", text]);
    assertEquals([rc, out], [2, `${printable(text)}\n`]);
    assert(!raw.test(err), JSON.stringify(err));
    assert(err.includes(`note: ${printable(text)}\n`) && err.includes("error: Expected"), err);
  }
  let shown = "";
  const bar = progressBar("a\x1b[31m", {
    write: (text) => shown += text,
    terminal: false,
    columns: 80,
    now: () => 0,
  });
  bar.finish("b\n\x9b1m");
  assertEquals(shown, "a\\x1b[31m b \\x9b1m (0s)\n");
});
