/** `deno task synthesize --teacher` as a user runs it, against servers on this machine. @module */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { readItems, rewordInstruction } from "../../lib/synthesis/mod.ts";
import { completion, serverThat } from "../synthesis/misbehaving_server.ts";
import { commandProcess } from "./commands.ts";

const key = "sk-never-shown-0123456789";

/** The command in a folder of its own with this key and more options. */
const processIn = (folder: string, more: readonly string[]): Deno.Command =>
  commandProcess("synthesize", [
    ...["--count", "12", "--seed", "3", "--out", join(folder, "items.jsonl")],
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
  content.split("\n")[1]!.replace(/ reports /, " complains of ").replace(
    /^Which of these/,
    "Which of the following",
  );

Deno.test("synthesize: a teacher rewords training, a killed run goes on, and nothing holds the key", () =>
  inFolder(async (folder) => {
    let stop: (() => void) | undefined;
    const third = new Promise<void>((resolve) => stop = resolve);
    await using server = serverThat(async (content, number) => {
      if (number === 3) {
        stop!();
        // The one who asked is gone before there is an answer.
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      return completion(reworded(content));
    });
    const options = ["--teacher", server.url, "--teacher-model", "m", "--teacher-parallel", "1"];
    const killed = processIn(folder, options).spawn();
    await third;
    killed.kill("SIGKILL");
    await killed.output();
    assertEquals(server.asked.length, 3);

    const ended = await synthesizeIn(folder, ...options);
    assertEquals(ended.code, 0, ended.err);
    const questions = server.asked.map(({ content }) => content);
    assertEquals(questions[3], questions[2]);
    assertEquals(new Set(questions).size, questions.length - 1);
    const written = await Deno.readTextFile(join(folder, "items.jsonl"));
    const items = await readItems(join(folder, "items.jsonl"));
    const changed = items.filter((item) => item.template.endsWith("+reworded"));
    assert(changed.length > 0);
    assert(changed.every(({ split }) => split === "train" || split === "validation"));
    for (const { prompt, evidence = "" } of changed) assertStringIncludes(prompt, evidence);
    const tried = items.filter(({ split }) => split === "train" || split === "validation").length;
    assertStringIncludes(
      ended.out.replace(/ +/g, " "),
      `\nreworded ${changed.length} ${(100 * changed.length / tried).toFixed(1)} %\n`,
    );
    assert(server.asked.every(({ content }) => content.startsWith(`${rewordInstruction}\n`)));
    assertEquals(new Set(server.asked.map((one) => one.key)), new Set([`Bearer ${key}`]));

    assertEquals((await synthesizeIn(folder, ...options)).code, 0);
    assertEquals(server.asked.length, questions.length);
    assertEquals(await Deno.readTextFile(join(folder, "items.jsonl")), written);
    for (const text of [ended.out, ended.err, written]) assert(!text.includes(key));
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
