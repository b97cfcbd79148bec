import { assert, assertEquals, assertThrows } from "@std/assert";
import { renderChat } from "../../lib/model/tokenizer/chat.ts";
import { renderTemplate, TemplateError } from "../../lib/model/tokenizer/jinja/render.ts";
import { strftime } from "../../lib/model/tokenizer/jinja/strftime.ts";
import { createTokenizer } from "../../lib/model/tokenizer/tokenizer.ts";
import { definitionFromGguf } from "../../lib/model/tokenizer/tokenizer_definition.ts";
import { WorkbenchError } from "../../lib/runtime/mod.ts";
import { parityPath, readJson } from "./fixtures.ts";

// What jinja2 3.1.6 makes of them in the environment of transformers 5.24.0; null where it refuses.
const reference: {
  readonly variables: Readonly<Record<string, unknown>>;
  readonly rows: readonly (readonly [string, string, string | null])[];
} = readJson(`${parityPath("templates")}/reference.json`);

for (const feature of new Set(reference.rows.map(([name]) => name))) {
  Deno.test(`chat templates: ${feature} as in jinja2`, () => {
    const rows = reference.rows.filter(([name]) => name === feature);
    assert(rows.length > 0);
    for (const [, template, text] of rows) {
      const render = () => renderTemplate(template, reference.variables);
      if (text === null) assertThrows(render, TemplateError);
      else assertEquals(render(), text, template);
    }
  });
}

Deno.test("chat templates: what is not supported is refused by name", () => {
  for (
    const [template, named] of [
      ["{{ [1]|batch(2) }}", "the filter batch"],
      ["{{ '%s' % 1 }}", "the operator %"],
      ["{{ 'a{}'.format(1) }}", "the method format"],
      ["{{ [1]|map('string') }}", "a generator written as text"],
      ["{{ 1 is filter }}", "the test filter"],
      ["{% import 'a' as b %}", "the statement import"],
      ["{% set c = cycler('a') %}", "the function cycler"],
      ["{{ {true: 1} }}", "a bool as the key"],
      ["{{ 9007199254740993 }}", "the integer 9007199254740993"],
      ["{{ strftime_now('%Q') }}", "the directive %Q"],
      ["{{ ('<'|safe) + '<' }}", "a text of the filter safe"],
      [
        "{% set a = '<'|safe if true else '>' %}{{ a.replace('a', '<') }}",
        "a text of the filter safe",
      ],
      ["{{ 1.5.real }}", "the attribute real of a float"],
      ["{{ self }}", "the name self"],
    ] as const
  ) assertThrows(() => renderTemplate(template, {}), TemplateError, named);
});

Deno.test("chat templates: a text marked as safe is printed and tested as any other", () => {
  const template =
    "{% set a = x|tojson|safe if x is mapping else x %}{{ a ~ '<' }}{{ a is string }}";
  assertEquals(renderTemplate(template, { x: { a: "<" } }), '{"a": "<"}<True');
});

// Python 3.11's datetime(2024, 2, 5, 8, 7, 6).strftime and datetime(2021, 1, 3, 0, 0, 0).strftime under Linux.
Deno.test("strftime_now: every directive, with flags", () => {
  const formats =
    "%A|%a|%B|%b|%d|%-d|%e|%m|%-m|%Y|%y|%H|%-H|%I|%-I|%p|%M|%S|%j|%-j|%U|%W|%V|%G|%u|%w|%F|%T|%R|%D|%c|%x|%X|%Z|%%|%^a|%_d|%k|%l|%C|%h|%f";
  assertEquals(
    strftime(new Date(2024, 1, 5, 8, 7, 6), formats),
    "Monday|Mon|February|Feb|05|5| 5|02|2|2024|24|08|8|08|8|AM|07|06|036|36|05|06|06|2024|1|1|2024-02-05|08:07:06|08:07|02/05/24|Mon Feb  5 08:07:06 2024|02/05/24|08:07:06||%|MON| 5| 8| 8|20|Feb|000000",
  );
  assertEquals(
    strftime(new Date(2021, 0, 3), "%U %W %V %G %u %w %I %j"),
    "01 00 53 2020 7 0 12 003",
  );
  assertEquals(
    renderTemplate("{{ strftime_now('%A') }}", {}, new Date(2024, 1, 5)),
    "Monday",
  );
});

const definition = definitionFromGguf(
  { tokens: ["<end>", "a"], types: [3, 1], merges: [] },
  "gpt-2",
  "x",
);
const withTemplate = (chatTemplate: string) =>
  createTokenizer(definition, { eosIds: [0], chatTemplate }, "x");

Deno.test("chat: the template knows its turns, and that there are no tools", () => {
  const template =
    "{% for m in messages %}{{ m.role }}:{{ m.content.lstrip('\\n') }};{% endfor %}" +
    "{{ tools is none }}{{ documents }}{{ add_generation_prompt }}";
  assertEquals(
    renderChat(
      withTemplate(template),
      [{ role: "user", content: "\n  code" }, { role: "assistant", content: "b" }],
      { addGenerationPrompt: false },
    ),
    "user:  code;assistant:b;TrueNoneFalse",
  );
});

Deno.test("chat: a template at fault is told in one line", () => {
  assertThrows(
    () => renderChat(withTemplate("{% if %}"), [], { addGenerationPrompt: false }),
    WorkbenchError,
    "line 1",
  );
});

Deno.test("chat: a template that writes nothing is told in one line", () => {
  for (const chatTemplate of ["", "{# nothing #}", "{% if false %}a{% endif %}"]) {
    const tokenizer = { chatTemplate } as unknown as Parameters<typeof renderChat>[0];
    assertThrows(
      () => renderChat(tokenizer, [{ role: "user", content: "a" }], { addGenerationPrompt: true }),
      WorkbenchError,
      "Expected the chat template to write the conversation but found that it writes nothing",
    );
  }
});
