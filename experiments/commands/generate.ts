/**
 * `deno task generate`: completes a prompt with a model; only the completions go to standard output.
 *
 * @module
 */
import { z } from "zod";
import {
  basePolicy,
  choiceConstraint,
  completeEncoded,
  currentPolicy,
  encodePrompt,
  fromPeftTensors,
  type Grammar,
  grammarConstraint,
  jsonGrammar,
  type JsonSchema,
  loadTransformer,
  type Policy,
  readAdapter,
  type TokenConstraint,
  type Tokenizer,
  type Transformer,
} from "../../lib/model/mod.ts";
import { precisionSchema } from "../../lib/runs/mod.ts";
import {
  backendFor,
  parseJson,
  progressBar,
  readText,
  runCommand,
  startBackend,
  UsageError,
} from "../../lib/runtime/mod.ts";

const schema = z.object({
  model: z.string().min(1).default("smollm2").describe(
    "smollm2 (fetched on first use), tiny (random weights), a .gguf file, a Hugging Face folder or owner/name on the Hub",
  ),
  adapter: z.string().min(1).optional().describe("Folder of a LoRA adapter in PEFT's format"),
  precision: precisionSchema,
  prompt: z.string().min(1).describe("The user's message"),
  system: z.string().min(1).optional().describe("The system's message; the model's own without it"),
  raw: z.boolean().default(false).describe("Continue the prompt as text, outside the chat format"),
  maxNewTokens: z.int().min(1).default(128).describe("Longest completion, in tokens"),
  temperature: z.number().min(0).default(0).describe("0 takes the likeliest token"),
  topP: z.number().gt(0).max(1).default(1).describe(
    "Sample from the likeliest tokens that together have this probability",
  ),
  topK: z.int().min(0).default(0).describe(
    "Sample from this many of the likeliest tokens; 0 for all",
  ),
  minP: z.number().min(0).max(1).default(0).describe(
    "Sample from tokens with at least this share of the likeliest one's probability",
  ),
  repetitionPenalty: z.number().positive().default(1).describe(
    "Divide the logits of tokens that are there already; 1 for none",
  ),
  stop: z.array(z.string().min(1)).default([]).describe("Texts before which a completion ends"),
  schema: z.string().min(1).optional().describe(
    "File with a JSON Schema: the completion is JSON that fits it",
  ),
  choices: z.array(z.string().min(1)).default([]).describe("The completion is one of these texts"),
  numGenerations: z.int().min(1).default(1).describe("Number of completions, parted by a line ---"),
  seed: z.int().min(0).default(0).describe("Same seed, same samples"),
}).refine(({ raw, system }) => !raw || system === undefined, {
  message: "Expected no system message with --raw, which has no chat format",
  path: ["system"],
}).refine(({ schema, choices }) => schema === undefined || choices.length === 0, {
  message: "Expected a schema or choices but found both",
  path: ["schema"],
}).refine(({ schema, choices, stop }) => stop.length === 0 || !(schema ?? choices.length), {
  message: "Expected no stop with a schema or choices, which say where a completion ends",
  path: ["stop"],
});

/** The model with its adapter, if one is asked for. */
async function loadPolicy(model: Transformer, folder: string | undefined): Promise<Policy> {
  if (folder === undefined) return basePolicy(model);
  const { config, tensors } = await readAdapter(folder);
  return currentPolicy(model, { kind: "lora", ...fromPeftTensors(model.config, config, tensors) });
}

/** The grammar of a file with a JSON Schema. */
async function readSchema(path: string): Promise<Grammar> {
  const text = await readText(path);
  if (text === undefined) {
    throw new UsageError(`Expected schema to be a readable file but found none at ${path}`);
  }
  return jsonGrammar(parseJson(text, path, { integers: "exact" }) as JsonSchema);
}

/** What completions are kept to, if anything. */
function constraintOf(
  tokenizer: Tokenizer,
  grammar: Grammar | undefined,
  choices: readonly string[],
): TokenConstraint | undefined {
  if (choices.length > 0) return choiceConstraint(tokenizer, choices);
  return grammar && grammarConstraint(tokenizer, grammar);
}

/** What a user should know about an encoded prompt. */
function promptNotes(
  tokenizer: Tokenizer,
  encoded: readonly number[],
  { raw }: { readonly raw: boolean },
): string[] {
  const prefix = tokenizer.prefixIds ?? [];
  const again = encoded.slice(prefix.length, 2 * prefix.length);
  const twice = raw && prefix.length > 0 && String(again) === String(prefix);
  return [
    ...(twice
      ? [
        "the prompt begins with the token that the tokenizer puts before a text: it is there twice",
      ]
      : []),
  ];
}

await runCommand(
  {
    name: "generate",
    summary: "Completes a prompt with a model, and with an adapter if one is given.",
    schema,
    examples: [
      '--prompt "What causes anaemia?"',
      '--prompt "Is aspirin a drug?" --choices yes,no',
      '--prompt "Describe influenza." --schema disease.json',
      '--prompt "The heart is" --raw --temperature 0.7 --top-p 0.9 --num-generations 4',
    ],
  },
  Deno.args,
  async (options) => {
    const {
      model: name,
      adapter,
      prompt,
      system,
      raw,
      stop,
      schema,
      choices,
      precision,
      ...sampling
    } = options;
    const grammar = schema === undefined ? undefined : await readSchema(schema);
    const { note } = await startBackend(backendFor(precision));
    if (note) console.error(`note: ${note}`);
    const bar = progressBar(`Loading ${name}:`);
    const { model, tokenizer, notes } = await loadTransformer(name, { onProgress: bar.update });
    bar.finish();
    notes.forEach((note) => console.error(`note: ${note}`));
    const constraint = constraintOf(tokenizer, grammar, choices);
    const policy = await loadPolicy(model, adapter);
    const encoded = raw ? tokenizer.encode(prompt) : encodePrompt(tokenizer, prompt, system);
    if (encoded.length === 0) {
      throw new UsageError(
        `Expected --prompt to have at least one token but found none in ${JSON.stringify(prompt)}`,
      );
    }
    promptNotes(tokenizer, encoded, options).forEach((note) => console.error(`note: ${note}`));
    const [completions] = await completeEncoded({ tokenizer, policy }, [encoded], {
      ...sampling,
      stopStrings: stop,
      ...(constraint !== undefined && { constraint }),
    });
    const cut = completions!.filter(({ finished }) => !finished).length;
    if (constraint !== undefined && cut > 0) {
      console.error(
        `note: ${cut} of ${completions!.length} cut off at ${options.maxNewTokens} tokens`,
      );
    }
    const texts = completions!.map(({ text }) => text);
    console.log(texts.join("\n---\n"));
  },
);
