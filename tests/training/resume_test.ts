import { assert, assertEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { storeContents } from "../../lib/runtime/mod.ts";
import { inTemporaryFolder } from "../model/fixtures.ts";

const program = fromFileUrl(new URL("resume_program.ts", import.meta.url));

interface Ended {
  readonly signal: Deno.Signal | null;
  /** The steps that it told of: `sft 1`, `sft 2`. */
  readonly steps: readonly string[];
  /** The folders of both stages, where it came to the end. */
  readonly folders: readonly string[];
}

function start(store: string, still: number): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", program, store, `${still}`],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Kills a process that may have come to its end by itself. */
function stop(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended.
  }
}

/**
 * Runs the small experiment. It is killed as soon as it has told of a step, if one is given, or so many milliseconds behind
 * the first thing that it tells.
 */
async function experiment(store: string, kill?: string | number): Promise<Ended> {
  const child = start(store, kill === undefined ? 0 : typeof kill === "string" ? 300 : 20);
  const errors = new Response(child.stderr).text();
  let text = "";
  let timer: ReturnType<typeof setTimeout> | undefined;
  for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (typeof kill === "number") timer ??= setTimeout(() => stop(child), kill);
    if (typeof kill === "string" && text.includes(`${kill}\n`)) {
      child.kill("SIGKILL");
      break;
    }
  }
  const { code, signal } = await child.status;
  clearTimeout(timer);
  const lines = text.trimEnd().split("\n");
  if (signal === null) assertEquals(code, 0, await errors);
  else await errors;
  return {
    signal,
    steps: lines.filter((line) => /^(sft|grpo) \d+$/.test(line)),
    folders: signal === null ? JSON.parse(lines.at(-1)!) : [],
  };
}

/** Everything that a stage wrote. */
const contents = (folder: string): Promise<Uint8Array>[] =>
  ["parameters.safetensors", "log.json"].map((name) => Deno.readFile(join(folder, name)));

/** Compares what two runs of the experiment wrote. */
async function assertSame(some: Ended, others: Ended): Promise<void> {
  assertEquals([some.folders.length, others.folders.length], [2, 2], "both stages ended");
  for (const [i, path] of some.folders.entries()) {
    assertEquals(
      await Promise.all(contents(path)),
      await Promise.all(contents(others.folders[i]!)),
    );
  }
}

Deno.test("a run that is killed in both stages ends with the same bits as one that is not", () =>
  inTemporaryFolder(async (folder) => {
    const whole = await experiment(join(folder, "whole"));
    assertEquals(whole.steps.length, 14);

    const store = join(folder, "killed");
    const first = await experiment(store, "sft 5");
    assertEquals([first.signal, first.steps.at(-1)], ["SIGKILL", "sft 5"]);
    const left = await storeContents(store);
    assert(left.every(({ what }) => what !== "entry"), "nothing that looks finished");

    const second = await experiment(store, "grpo 3");
    assertEquals(second.signal, "SIGKILL");
    assertEquals(second.steps, ["sft 5", "sft 6", "sft 7", "grpo 1", "grpo 2", "grpo 3"]);

    const third = await experiment(store);
    assertEquals(third.steps, ["grpo 3", "grpo 4", "grpo 5", "grpo 6", "grpo 7"]);
    await assertSame(third, whole);

    const again = await experiment(store);
    assertEquals(again, { signal: null, steps: [], folders: third.folders });
    const kept = await storeContents(store);
    assertEquals(kept.map(({ what }) => what), ["entry", "entry"], "nothing left over");
  }));

// BALANCEDBIO_KILLS: how often; a run lasts about two seconds behind its first step.
const kills = Number(Deno.env.get("BALANCEDBIO_KILLS") ?? 2);

Deno.test("a run that is killed at moments of chance ends with the same bits, and two runs share a store", () =>
  inTemporaryFolder(async (folder) => {
    const [whole, other] = await Promise.all(
      [1, 2].map(() => experiment(join(folder, "whole"))),
    ) as [Ended, Ended];
    // Each stage is made by one of them, whole; the other waits and finds it.
    const steps = [...whole.steps, ...other.steps].sort();
    assertEquals(steps.length, 14);
    assertEquals(new Set(steps).size, 14);
    assertEquals(other.folders, whole.folders);

    const store = join(folder, "killed");
    const moments: number[] = [];
    let last: Ended | undefined;
    for (let kill = 0; kill < kills; kill++) {
      moments.push(Math.round(2000 * Math.random()));
      last = await experiment(store, moments.at(-1)!);
      if (last.signal === null) {
        // It came to its end before; another store goes through more moments.
        await assertSame(last, whole);
        await Deno.remove(store, { recursive: true });
      }
    }
    const end = await experiment(store);
    try {
      await assertSame(end, whole);
    } catch (cause) {
      throw new Error(`killed ${moments.join(", ")} ms behind the first step`, { cause });
    }
  }));
