/**
 * Files of strangers, whole and changed, and things that are no files: every command ends in time, with a result or with
 * one line.
 *
 * @module
 */
import { cp, readdir } from "node:fs/promises";
import { join, relative } from "@std/path";
import type { RandomStream } from "../../lib/runtime/mod.ts";
import type { Task } from "../core/command_line.ts";
import { manners, runProject } from "./process.ts";
import { type Trial, undisturbed } from "./trial.ts";
import { sft, synthesize } from "./work.ts";

/** A change of a text file, or what stands in its place. */
type Change = (text: string, random: RandomStream) => string;

const at = (text: string, random: RandomStream): number => random.integer(text.length + 1);

const insert = (what: string): Change => (text, random) => {
  const place = at(text, random);
  return text.slice(0, place) + what + text.slice(place);
};

/** Changes of a file by name. */
const changes: Readonly<Record<string, Change>> = {
  "a piece gone": (text, random) => {
    const [a, b] = [at(text, random), at(text, random)].sort((x, y) => x - y) as [number, number];
    return text.slice(0, a) + text.slice(b);
  },
  "a piece twice": (text, random) => {
    const a = at(text, random);
    return text.slice(0, a + random.integer(200)) + text.slice(a);
  },
  "a character changed": (text, random) => {
    const a = at(text, random);
    return text.slice(0, a) + String.fromCharCode(32 + random.integer(95)) + text.slice(a + 1);
  },
  "a number that is huge": (text) => text.replace(/\d+/, "1e999"),
  "numbers that are negative": (text) => text.replaceAll(/(?<=[ :[,])(\d+)/g, "-$1"),
  "text for numbers": (text) => text.replaceAll(/(?<=[ :[,])(\d+)/g, '"$1"'),
  "null for texts": (text) => text.replaceAll(/: "[^"]*"/g, ": null"),
  "a byte order mark": (text) => `\ufeff${text}`,
  "carriage returns": (text) => text.replaceAll("\n", "\r\n"),
  "a null character": insert("\0"),
  "an escape sequence": insert("\x1b[31m\x1b]0;title\x07"),
  "signs of a regular expression": (text) => text.replaceAll(/(?<=")(\w{2,8})(?=")/g, "$1((a+)+$"),
  "names of prototypes": (text) =>
    text.replace(/"(\w+)":/, '"__proto__": {"a": 1}, "constructor": 1, "$1":'),
  "brackets without end": insert("[".repeat(100_000)),
  "a long line": insert("x".repeat(3_000_000)),
  "nothing": () => "",
  "white space": () => " \n\t\n ",
  "another format": () => "PK\x03\x04 this is no text of that kind\n\xff\xfe",
};

/** Things that are no regular file, made at a path. */
const things: Readonly<Record<string, (path: string) => Promise<void>>> = {
  "a folder": (path) => Deno.mkdir(path),
  "a link to itself": (path) => Deno.symlink(path, path),
  "a link to /dev/zero": (path) => Deno.symlink("/dev/zero", path),
  "a pipe without a writer": async (path) => {
    await new Deno.Command("mkfifo", { args: [path] }).output();
  },
};

/** A file that a command reads, and the command. */
interface Target {
  /** Name in the table. */
  readonly name: string;
  /** Makes the file, or a folder with it, once. */
  readonly make: (folder: string) => Promise<void>;
  /** Which files in the folder are changed; all text files when left out. */
  readonly files?: RegExp;
  /** The task that reads it. */
  readonly task: Task;
  /** Its arguments, given the folder. */
  readonly args: (folder: string) => string[];
}

const one = (name: string, text: string) => (folder: string): Promise<void> =>
  Deno.writeTextFile(join(folder, name), text);

const schema = JSON.stringify({
  type: "object",
  properties: { name: { type: "string", maxLength: 8 }, n: { type: "integer", maximum: 9 } },
  required: ["name", "n"],
});

const config = JSON.stringify({ method: "sft", model: "tiny", data: { count: 40 } }, null, 1);

/** What is attacked. */
const targets: readonly Target[] = [
  {
    name: "items",
    make: async (folder) => void await undisturbed("synthesize", synthesize.args(folder)),
    task: "train",
    args: (folder) => [
      ...["--method", "sft", "--model", "tiny", "--data-items", join(folder, "items.jsonl")],
      ...["--max-steps", "1", "--out", join(folder, "run")],
    ],
  },
  {
    name: "configuration",
    make: one("config.json", config),
    task: "train",
    args: (folder) => [
      ...["--config", join(folder, "config.json"), "--max-steps", "1"],
      ...["--out", join(folder, "run")],
    ],
  },
  {
    name: "laboratory data",
    make: async (folder) =>
      await cp("tests/examples/own_laboratory.jsonl", join(folder, "data.jsonl")),
    task: "laboratory",
    args: (folder) => [
      ...["--data", join(folder, "data.jsonl"), "--model", "tiny", "--steps", "1"],
      ...["--out", join(folder, "run")],
    ],
  },
  {
    name: "schema",
    make: one("schema.json", schema),
    task: "generate",
    args: (folder) => [
      ...["--model", "tiny", "--prompt", "x", "--max-new-tokens", "16"],
      ...["--schema", join(folder, "schema.json")],
    ],
  },
  {
    name: "model folder",
    make: async (folder) => {
      const run = join(folder, "run");
      await undisturbed("train", [...sft.args(run), "--max-steps", "1"]);
      const args = ["--run", run, "--format", "safetensors", "--out", join(folder, "model")];
      await undisturbed("export", args);
      await Deno.remove(run, { recursive: true });
    },
    files: /\.json$|\.jinja$|\.safetensors$/,
    task: "generate",
    args: (folder) => [
      ...["--model", join(folder, "model"), "--prompt", "x", "--max-new-tokens", "4"],
    ],
  },
  {
    name: "stored results",
    make: async (folder) => {
      await cp("experiments/results/advantages", join(folder, "advantages"), { recursive: true });
    },
    files: /\.json$/,
    task: "figures",
    args: (folder) => ["--from", folder],
  },
];

/** Files of a folder that may be changed. */
async function candidates(folder: string, files = /./): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && files.test(entry.name))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name))).sort();
}

async function spoil(path: string, name: string, random: RandomStream): Promise<void> {
  const change = changes[name];
  if (change === undefined) {
    await Deno.remove(path);
    await things[name]!(path);
    return;
  }
  // As Latin-1, so that a file of weights is changed like a text.
  const bytes = await Deno.readFile(path);
  const binary = path.endsWith(".safetensors");
  const text = new TextDecoder(binary ? "latin1" : "utf-8").decode(bytes);
  const changed = change(text, random);
  const encoded = binary
    ? Uint8Array.from(changed, (letter) => letter.charCodeAt(0))
    : new TextEncoder().encode(changed);
  await Deno.writeFile(path, encoded);
}

/**
 * Trials with files of strangers.
 *
 * @param count trials of each target
 * @param base folder of what the targets are made in
 * @param random draws files and changes
 */
export function hostileTrials(count: number, base: string, random: RandomStream): Trial[] {
  return targets.flatMap((target) => {
    const folder = join(base, `hostile-${target.name.replaceAll(" ", "-")}`);
    const names = random.shuffle([...Object.keys(changes), ...Object.keys(things)]);
    let made: Promise<string[]> | undefined;
    const make = async (): Promise<string[]> => {
      await Deno.mkdir(folder, { recursive: true });
      await target.make(folder);
      // What fails unspoilt would be refused whatever is done to it.
      const whole = `${folder}-whole`;
      await cp(folder, whole, { recursive: true });
      await undisturbed(target.task, target.args(whole));
      return await candidates(folder, target.files);
    };
    return Array.from({ length: count }, (_, i): Trial => {
      const name = names[i % names.length]!;
      return {
        kind: `hostile: ${target.name}`,
        name,
        run: async (copied) => {
          const file = random.pick(await (made ??= make()));
          await cp(folder, copied, { recursive: true });
          await spoil(join(copied, file), name, random);
          const ended = await runProject(target.task, target.args(copied));
          const fault = manners(ended);
          if (fault !== undefined) return { fault: `${file}, ${name}: ${fault}` };
          return ended.code === 0 ? "same" : "refused";
        },
      };
    });
  });
}
