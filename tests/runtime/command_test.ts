import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { z } from "zod";
import { type CommandSpec, helpText, parseOptions, UsageError } from "../../lib/runtime/mod.ts";
import { run, stop } from "./process.ts";

const schema = z.object({
  model: z.string().describe("The model to run"),
  maxNewTokens: z.int().positive().default(16).describe("Tokens to generate at most"),
  temperature: z.number().default(0.7),
  method: z.enum(["grpo", "gdpo"]).default("grpo"),
  seeds: z.array(z.int()).default([1, 2]),
  names: z.array(z.string()).optional(),
  resume: z.boolean().default(false).describe("Go on where a run stopped"),
  shuffle: z.boolean().default(true),
});
const spec: CommandSpec<typeof schema> = {
  name: "demo",
  summary: "Shows options.",
  schema,
  positional: ["model", "names"],
  examples: ["tiny --resume"],
};

Deno.test("options, arguments, lists and defaults", () => {
  const defaults = {
    model: "m",
    maxNewTokens: 16,
    temperature: 0.7,
    method: "grpo",
    seeds: [1, 2],
    resume: false,
    shuffle: true,
  };
  assertEquals(parseOptions(spec, ["m"]), defaults as never);
  const all = [
    "m",
    "--max-new-tokens",
    "8",
    "--temperature=-1e-3",
    "--method",
    "gdpo",
    "--seeds",
    "3,4",
    "--resume",
  ];
  assertEquals(
    parseOptions(spec, [...all, "--no-shuffle", "a", "b,c"]),
    {
      ...defaults,
      maxNewTokens: 8,
      temperature: -0.001,
      method: "gdpo",
      seeds: [3, 4],
      resume: true,
      shuffle: false,
      names: ["a", "b", "c"],
    } as never,
  );
  for (const flag of ["--max_new_tokens", "--maxNewTokens", "--max-new-tokens"]) {
    assertEquals((parseOptions(spec, ["m", flag, "8"]) as z.infer<typeof schema>).maxNewTokens, 8);
  }
  assertEquals(
    (parseOptions(spec, ["m", "--temperature", "-2"]) as z.infer<typeof schema>).temperature,
    -2,
  );
  for (const flag of ["--no_shuffle", "--noShuffle", "--shuffle=false"]) {
    assertEquals((parseOptions(spec, ["m", flag]) as z.infer<typeof schema>).shuffle, false);
  }
  assertEquals(parseOptions(spec, ["m", "-h"]), "help");
  assertEquals(
    (parseOptions(spec, ["m", "--seeds", "1", "--seeds=3"]) as z.infer<typeof schema>).seeds,
    [3],
  );
  assertEquals((parseOptions(spec, ["--", "--odd"]) as z.infer<typeof schema>).model, "--odd");
  assertEquals((parseOptions(spec, ["7"]) as z.infer<typeof schema>).model, "7");
});

const faults: readonly [args: string[], message: string][] = [
  [[], "Expected the argument MODEL but found nothing on the command line; --help explains it"],
  [
    ["m", "--max-new-tokens", "-1"],
    "Expected --max-new-tokens to be an integer greater than 0 but found -1 on the command line",
  ],
  [
    ["m", "--max-new-tokens", "ten"],
    'Expected --max-new-tokens to be an integer but found "ten" on the command line',
  ],
  [
    ["m", "--max-new-tokens"],
    "Expected a value behind --max-new-tokens but found nothing on the command line",
  ],
  [
    ["m", "--method", "--resume"],
    "Expected a value behind --method but found --resume on the command line",
  ],
  [
    ["m", "--method", "ppo"],
    'Expected --method to be one of grpo, gdpo but found "ppo" on the command line',
  ],
  [
    ["m", "--resume=maybe"],
    'Expected --resume to be true or false but found "maybe" on the command line',
  ],
  [
    ["m", "--steps", "3"],
    "Expected a known option but found --steps on the command line; --help lists the options",
  ],
  [
    ["m", "--max-new", "3"],
    "Expected a known option but found --max-new on the command line; did you mean --max-new-tokens?",
  ],
  [
    ["m", "--tempurature=1"],
    "Expected a known option but found --tempurature=1 on the command line; did you mean --temperature?",
  ],
  [
    ["m", "-resume"],
    "Expected a known option but found -resume on the command line; did you mean --resume?",
  ],
  [
    ["m", "--no-shuffle=false"],
    "Expected a known option but found --no-shuffle=false on the command line; --help lists the options",
  ],
  [
    ["m", "--no-model"],
    "Expected a known option but found --no-model on the command line; --help lists the options",
  ],
];
for (const [args, message] of faults) {
  Deno.test(`${args.join(" ") || "no argument"} is refused in one line`, () => {
    assertEquals(assertThrows(() => parseOptions(spec, args), UsageError).message, message);
  });
}

Deno.test("arguments too many are refused", () => {
  const few = { name: "few", summary: "", schema: z.object({}) };
  assertThrows(
    () => parseOptions(few, ["extra"]),
    UsageError,
    "Expected options only but found extra",
  );
});

Deno.test("help tells every option with description and default", () => {
  assertEquals(parseOptions(spec, ["m", "--help"]), "help");
  const help = helpText(spec);
  for (
    const line of [
      "Usage: deno task demo MODEL NAMES [options]",
      "--max-new-tokens N",
      "Tokens to generate at most (default 16)",
      "--method grpo|gdpo",
      "--seeds N,...",
      "(default 1,2)",
      "The model to run (needed)",
      "deno task demo tiny --resume",
    ]
  ) assertStringIncludes(help, line);
  assert(help.split("\n").every((line) => line === line.trimEnd()), "no spaces at line ends");
});

/** The code, arguments and variables of a process that runs a command with a given body. */
function command(body: string, args: readonly string[] = [], debug = ""): Parameters<typeof run> {
  const code = `import { z } from "zod";
    import { runCommand, UsageError, WorkbenchError } from "./lib/runtime/mod.ts";
    const spec = { name: "t", summary: "Tests.", schema: z.object({ n: z.int().default(1) }) };
    await runCommand(spec, Deno.args, async ({ n }) => { ${body} });`;
  return [code, args, { BALANCEDBIO_DEBUG: debug }];
}

Deno.test("exit codes and one-line errors", async () => {
  assertEquals(await run(...command("console.log(n + 1);", ["--n", "4"])), {
    code: 0,
    out: "5\n",
    err: "",
  });
  assertEquals((await run(...command("", ["--help"]))).code, 0);
  const unknown = await run(...command("", ["--m", "4"]));
  assertEquals(unknown.code, 2);
  assertEquals(unknown.err.split("\n").length, 2);
  assertEquals(await run(...command('throw new UsageError("wrong");')), {
    code: 2,
    out: "",
    err: "error: wrong\n",
  });
  assertEquals(await run(...command('throw new WorkbenchError("failed");')), {
    code: 1,
    out: "",
    err: "error: failed\n",
  });
  const bug = await run(...command('throw new TypeError("odd\\nmore");'));
  assertEquals(bug, {
    code: 1,
    out: "",
    err: "error: odd (unexpected; BALANCEDBIO_DEBUG=1 shows where)\n",
  });
  const shown = await run(...command('throw new TypeError("odd");', [], "1"));
  assertStringIncludes(shown.err, "    at ");
});

Deno.test("Ctrl-C ends a command at once with code 130", async () => {
  const busy = command('console.log("ready"); for (;;) await Promise.resolve();');
  assertEquals(await stop("SIGINT", ...busy), 130);
});
