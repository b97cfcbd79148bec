/** Templates that would run without end or fill the memory, and long texts that must not slow anything down. */

import { assertEquals, assertThrows } from "@std/assert";
import { renderTemplate, TemplateError } from "../../lib/model/tokenizer/jinja/render.ts";
import { createTokenizer } from "../../lib/model/tokenizer/tokenizer.ts";
import { UsageError } from "../../lib/runtime/mod.ts";
import { parityPath, readJson } from "./fixtures.ts";

const long = 100_000;
const spaces = " ".repeat(long);

Deno.test("chat templates: what would grow or run without end is refused", () => {
  const doubling = (step: string) =>
    `{% set ns = namespace(a=[1], b=[1]) %}{% for i in range(99) %}${step}{% endfor %}{{ ns.a == ns.b }}{{ ns.a }}`;
  const [text, list] = ["a text of more than", "a list of more than"];
  const work = "more rounds, calls and text";
  for (
    const [template, told] of [
      ["{{ 'a' * 10**9 }}", text],
      ["{{ [1] * 10**9 }}", list],
      ["{{ (1, 2) * 10**9 }}", list],
      ["{{ 'a'.ljust(10**9) }}", text],
      ["{{ 'a'.center(10**9) }}", text],
      ["{{ 'a'.zfill(10**9) }}", text],
      ["{{ 'a\nb'|indent(10**9) }}", text],
      ["{{ [1]|tojson(indent=10**9) }}", text],
      ["{{ x.replace('', x) }}", text],
      ["{{ x|replace(' ', x) }}", text],
      ["{{ x.join(x) }}", text],
      ["{{ x|join(x) }}", text],
      [
        "{% for a in range(99) %}{% set x %}{{ x }}{{ x }}{% endset %}{% endfor %}{{ x * 999 }}",
        text,
      ],
      [doubling("{% set ns.a = ns.a ~ ns.a %}"), text],
      [doubling("{% set ns.a = ns.a + ns.a %}"), list],
      [doubling("{% set ns.a = [ns.a, ns.a] %}"), text],
      [doubling("{% set ns.a = [ns.a, ns.a] %}{% set ns.b = [ns.b, ns.b] %}"), "parts to compare"],
      ["{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}", work],
      ["{% for a in range(99999) %}{{ x|upper }}{% endfor %}", work],
      ["{% for a in range(99999) %}{% if 'b' in x %}{% endif %}{% endfor %}", work],
      ["{% for a in range(99999) %}{% if x[0] %}{% endif %}{% endfor %}", work],
      [
        "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}",
        work,
      ],
      ["{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "macros that call each other"],
      [`{{ ${"(".repeat(long)}1${")".repeat(long)} }}`, "brackets inside each other"],
      ["{{ 1|round(10**9) }}", "a number rounded to"],
      ["{{ range(10**9) }}", "a range of more than"],
    ] as const
  ) assertThrows(() => renderTemplate(template, { x: spaces }), TemplateError, told);
});

Deno.test("chat templates: a long conversation is within the limits", () => {
  const messages = Array.from({ length: 3000 }, (_, i) => ({
    role: i % 2 === 0 ? "user" : "assistant",
    content: ` ${"word ".repeat(60)}`,
  }));
  const template =
    "{% for m in messages %}{% if m.role not in ['user', 'assistant'] %}{{ raise_exception('role') }}{% endif %}" +
    "<{{ m.role }}>{{ m.content | trim }}{% if loop.last or messages[loop.index0 + 1].role == 'user' %};{% endif %}{% endfor %}";
  const turn = (role: string) => `<${role}>${"word ".repeat(60).trim()}`;
  assertEquals(
    renderTemplate(template, { messages }),
    `${turn("user")}${turn("assistant")};`.repeat(1500),
  );
});

Deno.test("chat templates: long rows of white space and digits are read in one go", () => {
  const x = `a${spaces}b`;
  assertEquals(
    renderTemplate("{{ x.strip() == x }}{{ x.rstrip('b ') }}{{ x|trim|length }}", { x }),
    `Truea${long + 2}`,
  );
  assertEquals(
    renderTemplate(`a${spaces}b{%- if true -%}${spaces}c{% endif %}`, {}),
    `a${spaces}bc`,
  );
  assertEquals(renderTemplate("{{ x|float }}", { x: `${"1".repeat(long)}x` }), "0.0");
});

Deno.test("tokenizer.json: long rows of white space are read in one go, endless expressions are refused", () => {
  const { base } = readJson(`${parityPath("tokenizers")}/reference.json`);
  const make = (change: Record<string, unknown>) =>
    createTokenizer({ ...base, ...change }, { eosIds: [] }, "t.json");
  const x = `a${spaces}b`;
  const same = (change: Record<string, unknown>) =>
    assertEquals(make(change).decode(make(change).encode(x)), x);
  same({});
  same({ normalizer: { type: "Strip", strip_left: true, strip_right: true } });
  same({ pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, use_regex: true } });
  const id = Object.keys(base.model.vocab).length;
  const token = {
    id,
    content: "<t>",
    special: true,
    lstrip: true,
    rstrip: true,
    normalized: false,
  };
  const split = make({ added_tokens: [token] });
  assertEquals(split.encode(`${x}<t>`).at(-1), id);
  assertEquals(split.encode(`${spaces}<t>${spaces}<t>`), [id, id]);
  const refuse = (regex: string) =>
    assertThrows(
      () =>
        make({ pre_tokenizer: { type: "Split", pattern: { Regex: regex }, behavior: "Isolated" } }),
      UsageError,
      "an expression",
    );
  for (
    const regex of [
      "(a+)+b",
      "(?:a*)*b",
      "(\\s+)*x",
      "(\\w+\\s?)+$",
      "([a-z]+)*",
      "(?:a|b+)+c",
      "(?:[^\\r\\n]?\\p{L})+x",
      "x*",
    ]
  ) refuse(regex);
  for (const regex of ["(?:ab)+", "(?:\\s?\\p{L})+x", "[a-z]+(?:\\s[a-z])?"]) {
    make({ pre_tokenizer: { type: "Split", pattern: { Regex: regex }, behavior: "Isolated" } });
  }
});
