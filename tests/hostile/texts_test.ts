/**
 * Hostile texts for every reader of text: each is read, or refused in one line of a known kind. `BALANCEDBIO_FUZZ` asks
 * for more of them.
 *
 * @module
 */
import { assert } from "@std/assert";
import { join } from "@std/path";
import { readFigure } from "../../lib/figures/mod.ts";
import { readObo } from "../../lib/knowledge/mod.ts";
import { readEdges, readIndications, readNodes } from "../../lib/knowledge/ontology/hetionet.ts";
import { readPopulation } from "../../lib/laboratory/mod.ts";
import { jsonGrammar, type JsonSchema } from "../../lib/model/mod.ts";
import { renderTemplate, TemplateError } from "../../lib/model/tokenizer/jinja/render.ts";
import {
  completeConfig,
  type PartialConfig,
  readFindings,
  readResults,
} from "../../lib/runs/mod.ts";
import {
  parseCsv,
  parseJson,
  type RandomStream,
  randomStream,
  readConfigFile,
  readText,
  UsageError,
  WorkbenchError,
} from "../../lib/runtime/mod.ts";
import { importQuestions, indexBenchmarks, readItems } from "../../lib/synthesis/mod.ts";

/** Texts of each reader. */
const count = Number(Deno.env.get("BALANCEDBIO_FUZZ") ?? 81);

/** Bytes that break what they are put into. */
const pieces: readonly string[] = [
  ...[
    "\0",
    "\x1b[2J",
    "\r",
    "\n",
    "\r\n",
    "\u2028",
    "\ufeff",
    "\ud800",
    "\u202e",
    "\\",
    '"',
    "'",
    "`",
  ],
  ...[
    "{",
    "}",
    "[",
    "]",
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "(",
    ")",
    "<",
    ">",
    "|",
    ",",
    ":",
    "\t",
    "=",
    "!",
  ],
  ...[
    "=1+1",
    "$&",
    "${x}",
    "../../x",
    "__proto__",
    "constructor",
    "toString",
    "NaN",
    "Infinity",
    "-0",
  ],
  ...["1e999", "9007199254740993", "(a+)+$", "<script>", "null", "true", "[Term]\n", "id: X:1\n"],
  ...[
    "{{ x.__class__ }}",
    "{% for a in x %}",
    "{% endfor %}",
    "{{ 9**9**9 }}",
    "{{ 'a' * 99999999 }}",
  ],
  ...[
    "[".repeat(5000),
    "{{".repeat(3000),
    '{"a":'.repeat(3000),
    "(".repeat(3000),
    " ".repeat(5000),
  ],
  ...["\\".repeat(4001), '"'.repeat(4001), "a,".repeat(3000), "-".repeat(3000), "é", "👩‍⚕️", "\xff"],
];

/** A text with pieces put in, stretches lost, doubled or moved. */
function mutate(text: string, random: RandomStream): string {
  let changed = text;
  for (let n = random.integer(5); n >= 0; n--) {
    const [from, to] = [random.integer(changed.length + 1), random.integer(changed.length + 1)];
    const part = changed.slice(Math.min(from, to), Math.max(from, to));
    switch (random.integer(5)) {
      case 0:
        changed = changed.slice(0, from) + part + changed.slice(from);
        break;
      case 1:
        changed = changed.replace(part.slice(0, 20), () => random.pick(pieces));
        break;
      case 2:
        changed = changed.slice(0, from);
        break;
      default:
        changed = changed.slice(0, from) + random.pick(pieces) + changed.slice(from);
    }
  }
  return changed;
}

/** The text as bytes: sometimes with a byte order mark, in another encoding, or with bytes that are none. */
function bytesOf(text: string, random: RandomStream): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(text);
  switch (random.integer(8)) {
    case 0:
      return new Uint8Array([0xef, 0xbb, 0xbf, ...bytes]);
    case 1:
      return new Uint8Array([0xff, 0xfe, ...[...text].flatMap((c) => [c.charCodeAt(0) & 255, 0])]);
    case 2:
      return Uint8Array.from(text, (c) => c.charCodeAt(0));
    case 3:
      if (bytes.length > 0) bytes[random.integer(bytes.length)] = random.integer(256);
      return bytes;
    default:
      return bytes;
  }
}

const item = JSON.stringify({
  ...{ id: "0123456789abcdef", capability: "domain", family: "f", version: 1, split: "train" },
  ...{ prompt: "p", reference: "r", claims: [], case: "c", template: "t" },
  checks: [{ kind: "json", capability: "domain", keys: [{ key: "a", type: "string" }] }],
});
const figure = JSON.stringify({
  ...{ title: "t", alt: "a", caption: "c", rows: [{ a: 1 }] },
  spec: { data: [{ type: "bar", y: [1] }], layout: { width: 9, height: 9 } },
});
const template =
  "{% for m in messages %}{{ '<' + m['role'] + '>' + m.content | trim }}{% if loop.last %}" +
  "{{ eos_token }}{% endif %}{% endfor %}{%- set a = namespace(b=1) -%}{{ a.b ~ messages|length }}";
const tsv = [
  "id\tname\tkind\nSymptom::D005334\tfever\tSymptom\n",
  "source\tmetaedge\ttarget\nDisease::DOID:1\tDpS\tSymptom::D005334\n",
];

/** What is read as, an example of it, and how. */
const readers: Readonly<
  Record<string, { good: string; name?: string; read: (path: string) => unknown }>
> = {
  items: { good: `${item}\n${item.replace("0123", "4567")}\n`, read: readItems },
  questions: {
    good: '{"prompt": "a", "answer": "B", "options": ["b", "c"]}\n{"prompt": "d", "answer": "e"}\n',
    read: async (path) =>
      await importQuestions((await readText(path))!, path, {
        benchmarks: indexBenchmarks([]),
        verify: () => true,
      }),
  },
  prompts: {
    good: '{"prompt": "a", "answers": ["b", "c"], "rewards": {"x": [0, 1]}}\n',
    read: readPopulation,
  },
  config: {
    good: JSON.stringify({ method: "sft", model: "tiny", data: { count: 40 }, seed: 1 }),
    read: async (path) => completeConfig(await readConfigFile(path) as PartialConfig, path),
  },
  csv: {
    good: 'a,b\n1,"x, ""y"""\n-2,=z\n',
    read: async (path) => parseCsv((await readText(path))!, path),
  },
  obo: {
    good: '[Term]\nid: X:1\nname: a\nsynonym: "b" EXACT [c:d {e="f"}]\nis_a: X:2 {g=h} ! i\n',
    read: async (path) => readObo(await Deno.readFile(path), path),
  },
  tables: {
    good: tsv.join(""),
    read: async (path) => {
      const text = (await readText(path))!;
      return [readNodes, readEdges, readIndications].map((read) => {
        try {
          return read(text, path);
        } catch (error) {
          if (!(error instanceof WorkbenchError)) throw error;
          return undefined;
        }
      });
    },
  },
  figure: { good: figure, read: readFigure },
  schema: {
    good: '{"type": "object", "properties": {"a": {"enum": [1, "b"]}}, "required": ["a"]}',
    read: async (path) =>
      jsonGrammar(parseJson((await readText(path))!, path, { integers: "exact" }) as JsonSchema),
  },
  template: {
    good: template,
    read: async (path) =>
      renderTemplate((await readText(path))!, {
        ...{ messages: [{ role: "user", content: " a " }], eos_token: "<e>", bos_token: "" },
        ...{ add_generation_prompt: true, tools: null, documents: null },
      }),
  },
  findings: {
    good: '{"a": [1, {"b": null}]}',
    name: "findings.json",
    read: (path) => readFindings(join(path, "..")),
  },
  results: {
    good: '{"format": 1, "metrics": []}',
    name: "results.json",
    read: (path) => readResults(join(path, "..")),
  },
};

for (const [name, { good, name: file = "x.txt", read }] of Object.entries(readers)) {
  Deno.test(`hostile texts: ${name}`, async () => {
    const folder = await Deno.makeTempDir();
    const path = join(folder, file);
    try {
      for (let i = 0; i < count; i++) {
        const random = randomStream(891, "hostile", name, i);
        const text = i < pieces.length && i % 3 === 0 ? pieces[i]! : mutate(good, random);
        await Deno.writeFile(path, bytesOf(text, random));
        try {
          await read(path);
        } catch (error) {
          const which = `text ${i} of ${name}, ${JSON.stringify(text.slice(0, 80))}`;
          assert(
            [UsageError, WorkbenchError, TemplateError].some((kind) => error instanceof kind),
            `${which}: ${(error as Error).stack}`,
          );
          const { message } = error as Error;
          assert(
            !/[\r\n]/.test(message) && message.length < 1200,
            `${which}: ${message.slice(0, 300)}`,
          );
        }
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
