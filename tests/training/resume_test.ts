import { assert, assertEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { inTemporaryFolder } from "../model/fixtures.ts";

const program = fromFileUrl(new URL("resume_program.ts", import.meta.url));

interface Ended {
  readonly signal: Deno.Signal | null;
  /** The steps that it told of: `sft 1`, `sft 2`. */
  readonly steps: readonly string[];
  /** The folders of both stages, where it came to the end. */
  readonly folders: readonly string[];
}

/** Runs the small experiment, and kills it as soon as it has told of a step, if one is given. */
async function experiment(store: string, killAt?: string): Promise<Ended> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", program, store, killAt === undefined ? "0" : "300"],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const errors = new Response(child.stderr).text();
  let text = "";
  for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (killAt !== undefined && text.includes(`${killAt}\n`)) {
      child.kill("SIGKILL");
      break;
    }
  }
  const { code, signal } = await child.status;
  const lines = text.trimEnd().split("\n");
  if (killAt === undefined) assertEquals(code, 0, await errors);
  else await errors;
  return {
    signal,
    steps: lines.filter((line) => /^(sft|grpo) \d+$/.test(line)),
    folders: killAt === undefined ? JSON.parse(lines.at(-1)!) : [],
  };
}

/** Everything that a stage wrote. */
const contents = (folder: string): Promise<Uint8Array>[] =>
  ["parameters.safetensors", "log.json"].map((name) => Deno.readFile(join(folder, name)));

Deno.test("a run that is killed in both stages ends with the same bits as one that is not", () =>
  inTemporaryFolder(async (folder) => {
    const whole = await experiment(join(folder, "whole"));
    assertEquals(whole.steps.length, 14);

    const store = join(folder, "killed");
    const first = await experiment(store, "sft 5");
    assertEquals([first.signal, first.steps.at(-1)], ["SIGKILL", "sft 5"]);
    const left = [...Deno.readDirSync(join(store, "sft"))].map(({ name }) => name);
    assert(left.every((name) => name.startsWith(".")), "nothing that looks finished");

    const second = await experiment(store, "grpo 3");
    assertEquals(second.signal, "SIGKILL");
    assertEquals(second.steps, ["sft 5", "sft 6", "sft 7", "grpo 1", "grpo 2", "grpo 3"]);

    const third = await experiment(store);
    assertEquals(third.steps, ["grpo 3", "grpo 4", "grpo 5", "grpo 6", "grpo 7"]);
    for (const [i, path] of third.folders.entries()) {
      assertEquals(
        await Promise.all(contents(path)),
        await Promise.all(contents(whole.folders[i]!)),
      );
    }

    const again = await experiment(store);
    assertEquals(again, { signal: null, steps: [], folders: third.folders });
    const names = ["sft", "grpo"].flatMap((kind) =>
      [...Deno.readDirSync(join(store, kind))].map(({ name }) => name)
    );
    assert(names.length === 2 && names.every((name) => !name.startsWith(".")), "nothing left over");
  }));
