/** `deno task synthesize --teacher` as a user runs it, against servers on this machine. @module */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { type Item, readItems, rewordInstruction, splits } from "../../lib/synthesis/mod.ts";
import { completion, serverThat } from "../synthesis/misbehaving_server.ts";
import { commandProcess } from "./commands.ts";

const key = "sk-never-shown-0123456789";

/** The command in a folder of its own with this key and more options. */
const processIn = (folder: string, more: readonly string[]): Deno.Command =>
  commandProcess("synthesize", [
    ...["--count", "24", "--seed", "3", "--out", join(folder, "items.jsonl")],
    ...more,
  ], { BALANCEDBIO_TEACHER_KEY: key, BALANCEDBIO_CACHE: join(folder, "cache") });

/** Runs the command to its end. */
async function synthesizeIn(folder: string, ...more: string[]) {
  const { code, stdout, stderr } = await processIn(folder, more).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

const inFolder = async (work: (folder: string) => Promise<void>): Promise<void> => {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
};

/** A rewording that says the same of many prompts. */
const reworded = (content: string): string =>
  content.split("\n")[1]!.replace(/\bpatient\b/, "person").replace(
    /^Which of these/,
    "Which of the following",
  );

Deno.test("synthesize: a teacher rewords training, a second run asks nothing, and nothing holds the key", () =>
  inFolder(async (folder) => {
    const plain = await synthesizeIn(folder);
    assertEquals(plain.code, 0, plain.err);
    const before = await readItems(join(folder, "items.jsonl"));
    await using server = serverThat((content) => completion(reworded(content)));
    const teacher = ["--teacher", server.url, "--teacher-model", "m"];
    const first = await synthesizeIn(folder, ...teacher);
    assertEquals(first.code, 0, first.err);
    const written = await Deno.readTextFile(join(folder, "items.jsonl"));
    const after = await readItems(join(folder, "items.jsonl"));
    const isTest = ({ split }: Item) => splits.indexOf(split) > 1;
    assertEquals(after.filter(isTest), before.filter(isTest));
    const asked = before.filter((item) => !isTest(item)).length;
    const changed = after.filter((item) => item.template.endsWith("+reworded")).length;
    assert(changed > 0);
    assertEquals(server.asked.length, asked);
    assert(server.asked.every(({ content }) => content.startsWith(`${rewordInstruction}\n`)));
    assertEquals(new Set(server.asked.map((one) => one.key)), new Set([`Bearer ${key}`]));
    assertStringIncludes(
      first.out.replace(/ +/g, " "),
      `\nreworded ${changed} ${(100 * changed / asked).toFixed(1)} %\n`,
    );
    assertEquals((await synthesizeIn(folder, ...teacher)).code, 0);
    assertEquals(server.asked.length, asked);
    assertEquals(await Deno.readTextFile(join(folder, "items.jsonl")), written);
    for (const text of [first.out, first.err, written]) assert(!text.includes(key));
  }));

Deno.test("synthesize: a teacher that fails is one line, and nothing is written", () =>
  inFolder(async (folder) => {
    await using server = serverThat(() =>
      Response.json({ error: { message: `The model m\ndoes not exist for ${key}` } }, {
        status: 404,
      })
    );
    const failed = await synthesizeIn(folder, "--teacher", server.url, "--teacher-model", "m");
    assertEquals([failed.code, failed.out], [1, ""]);
    assertEquals(
      failed.err.split("\n").filter((line) => line.startsWith("error: ")),
      [`error: Expected a completion from ${server.url}/chat/completions but found status 404: The model m does not exist for [key]`],
    );
    assert(!failed.err.includes(key));
    for (
      const [options, words] of [
        [["--teacher", server.url], "Expected --teacher-model beside --teacher"],
        [["--teacher-model", "m"], "Expected --teacher beside --teacher-model"],
        [["--teacher", "localhost", "--teacher-model", "m"], "such as http://localhost:8000/v1"],
        [
          ["--teacher", server.url, "--teacher-model", "m", "--teacher-rate", "0"],
          "--teacher-rate",
        ],
        [
          ["--teacher", server.url, "--teacher-model", "m", "--teacher-parallel", "0"],
          "--teacher-parallel",
        ],
      ] as const
    ) {
      const ended = await synthesizeIn(folder, ...options);
      assertEquals([ended.code, ended.out], [2, ""]);
      assertStringIncludes(ended.err, words);
    }
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["cache"]);
  }));

Deno.test("synthesize: a run that was killed goes on, and asks no question twice that was answered", () =>
  inFolder(async (folder) => {
    let stopped: (() => void) | undefined;
    const fifth = new Promise<void>((resolve) => stopped = resolve);
    await using server = serverThat(async (content, number) => {
      if (number === 6) {
        stopped!();
        // The one who asked is gone before there is an answer.
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      return completion(reworded(content));
    });
    const options = ["--teacher", server.url, "--teacher-model", "m", "--teacher-parallel", "1"];
    const process = processIn(folder, options).spawn();
    await fifth;
    process.kill("SIGKILL");
    await process.output();
    assertEquals(server.asked.length, 6);
    const ended = await synthesizeIn(folder, ...options);
    assertEquals(ended.code, 0, ended.err);
    const questions = server.asked.map(({ content }) => content);
    assertEquals(questions[6], questions[5]);
    assertEquals(new Set(questions).size, questions.length - 1);
  }));
