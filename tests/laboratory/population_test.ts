import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { readPopulation } from "../../lib/laboratory/mod.ts";
import { UsageError } from "../../lib/runtime/mod.ts";
import { inTemporaryFolder } from "../model/fixtures.ts";

/** A line with named rewards. */
const line = (changes: Record<string, unknown> = {}): string =>
  JSON.stringify({
    prompt: "What helps?",
    answers: ["tea", "rest"],
    rewards: { brief: [1, 0.5], kind: [0, -2] },
    ...changes,
  });

/** Reads a population from a file with this content. */
async function read(content: string | Uint8Array<ArrayBuffer>): Promise<{
  readonly found: Awaited<ReturnType<typeof readPopulation>>;
}> {
  let found!: Awaited<ReturnType<typeof readPopulation>>;
  await inTemporaryFolder(async (folder) => {
    const path = join(folder, "own.jsonl");
    await Deno.writeFile(
      path,
      typeof content === "string" ? new TextEncoder().encode(content) : content,
    );
    found = await readPopulation(path);
  });
  return { found };
}

Deno.test("named rewards, lists of rewards and held-out prompts are read", async () => {
  const { found } = await read([
    line(),
    line({ rewards: { kind: [0, 3], brief: [1, 0.5] }, held_out: true }),
    line({ answers: ["a", "b", "c"], rewards: { brief: [1, 2, 3], kind: [4, 5, 6] } }),
  ].join("\n"));
  assertEquals(found.rewardNames, ["brief", "kind"]);
  assertEquals(found.train.map(({ rewards }) => rewards), [
    [[1, 0], [0.5, -2]],
    [[1, 4], [2, 5], [3, 6]],
  ]);
  // In the order of the first line's names.
  assertEquals(found.heldOut, [{
    id: "line 2",
    task: "own",
    split: "test",
    prompt: "What helps?",
    answers: ["tea", "rest"],
    rewards: [[1, 0], [0.5, 3]],
  }]);
  const listed = await read(line({ rewards: [[1, 2, 3], [4, 5, 6]] }));
  assertEquals(listed.found.rewardNames, ["reward_1", "reward_2", "reward_3"]);
  assertEquals(listed.found.train[0]!.rewards, [[1, 2, 3], [4, 5, 6]]);
});

Deno.test("a byte order mark, carriage returns and empty lines change nothing", async () => {
  const { found } = await read(`\uFEFF${line()}\r\n\r\n  \n${line({ prompt: "Köln?" })}\r\n`);
  assertEquals(found.train.map(({ id, prompt }) => [id, prompt]), [
    ["line 1", "What helps?"],
    ["line 4", "Köln?"],
  ]);
});

Deno.test("a faulty line is named with its number and key", async () => {
  const refused = async (content: string | Uint8Array<ArrayBuffer>, message: string) => {
    const error = await assertRejects(() => read(content), UsageError, message);
    assertEquals(error.message.split("\n").length, 1);
  };
  const second = (changes: Record<string, unknown>, message: string) =>
    refused(`${line()}\n${line(changes)}\n`, message);
  const where = "own.jsonl, line 2";
  await second({ prompt: "" }, "Expected prompt to be a string of at least 1 characters");
  await second({ answers: ["a"] }, "Expected answers to be a list of at least 2 entries");
  await second({ answers: ["a", 3] }, "Expected answers.1 to be a string but found 3");
  await second(
    { answers: ["a", "b", "a"], rewards: { brief: [1, 2, 3], kind: [1, 2, 3] } },
    "Expected answers to be different but found answers.2 to be answers.0 again in",
  );
  await second({ heldout: true }, "Expected only known keys but found heldout");
  await second({ held_out: "no" }, 'Expected held_out to be true or false but found "no"');
  await second({ rewards: undefined }, "Expected rewards to be an object but found nothing");
  await second({ rewards: 4 }, "Expected rewards to be an object but found 4");
  await second(
    { rewards: { brief: [1, 2], kind: [1, null] } },
    "Expected rewards.kind.1 to be a number but found null",
  );
  await second(
    { rewards: { brief: [1, 2], kind: [1] } },
    "Expected rewards of kind to be 2 numbers, one an answer, but found 1 in",
  );
  await second(
    { rewards: { brief: [1, 2], kin: [1, 2] } },
    "Expected rewards to be brief, kind, as in line 1, but found brief, kin in",
  );
  await second(
    { rewards: [[1, 2], [3, 4]] },
    "Expected rewards to be brief, kind, as in line 1, but found reward_1, reward_2 in",
  );
  await second(
    { rewards: [[1, 2], [3]] },
    "Expected rewards.1 to have 2 numbers, as rewards.0 has, but found 1 in",
  );
  await second({ rewards: [[1, 2], "x"] }, 'Expected rewards.1 to be a list but found "x"');
  await refused(`${line()}\n{"prompt": "x"`, 'Expected one JSON object a line but found "{');
  await refused(`${line()}\n[1]`, "Expected the value to be an object but found [1]");
  await refused(
    `${line()}\n${line().replace("-2", "1e999")}`,
    `Expected rewards.kind.1 to be a number of 64 bits but found 1e999 in`,
  );
  await refused(`${line()}\n${line({ answers: 7 })}`, where);
  await refused(line({ rewards: {} }), "Expected rewards to be at least 1 but found none in");
  await refused(line({ held_out: true }), "Expected at least 1 prompt to train on but found 0 in");
  await refused("", "Expected at least 1 prompt to train on but found 0 in");
  await refused(
    Uint8Array.of(0x22, 0xff, 0x22),
    "Expected text in UTF-8 but found the byte 0xff, as in Latin-1, in",
  );
  await assertRejects(
    () => readPopulation("/nowhere/own.jsonl"),
    UsageError,
    "Expected a file of prompts but found none at /nowhere/own.jsonl",
  );
});
