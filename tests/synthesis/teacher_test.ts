import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { openStore, UsageError, WorkbenchError } from "../../lib/runtime/mod.ts";
import { type Attempt, teacherAttempt, type TeacherOptions } from "../../lib/synthesis/mod.ts";
import { paceOf, retryAfter } from "../../lib/synthesis/pace.ts";
import { completion, rawServer, serverThat, type TestServer } from "./misbehaving_server.ts";

const key = "sk-never-shown-0123456789";

/** A teacher that does not wait long. */
const teacherAt = ({ url }: Pick<TestServer, "url">, more: Partial<TeacherOptions> = {}): Attempt =>
  teacherAttempt({ url, model: "m", key, firstDelay: 1, tries: 3, timeout: 20, ...more });

/** The one line with which a question fails. */
async function faultOf(server: TestServer, more: Partial<TeacherOptions> = {}): Promise<string> {
  const error = await assertRejects(() => teacherAt(server, more)(["a"], 0), WorkbenchError);
  assert(!error.message.includes("\n") && error.message.length < 400, error.message);
  assert(!error.message.includes(key), error.message);
  assertStringIncludes(error.message, `Expected a completion from ${server.url}/chat/completions`);
  return error.message;
}

Deno.test("a teacher is asked as OpenAI's API says, and answers stay in order", async () => {
  await using server = serverThat(async (content) => {
    if (content === "a") await new Promise((resolve) => setTimeout(resolve, 20));
    return completion(content.toUpperCase());
  });
  assertEquals(await teacherAt(server)(["a", "b", "c"], 0), ["A", "B", "C"]);
  assertEquals(server.asked[0], { content: "a", model: "m", key: `Bearer ${key}` });
  await teacherAttempt({ url: `${server.url}/chat/completions`, model: "n" })(["d"], 1);
  assertEquals(server.asked[3], { content: "d", model: "n", key: null });
});

Deno.test("what may pass is asked again, no oftener than said", async () => {
  for (const status of [408, 429, 500, 503]) {
    await using server = serverThat((_, number) =>
      number < 3
        ? new Response("later", { status, headers: { "retry-after": "0.01" } })
        : completion("at last")
    );
    const notes: string[] = [];
    const ask = teacherAt(server, { onProgress: (_done, _total, note) => notes.push(note ?? "") });
    assertEquals(await ask(["a"], 0), ["at last"], String(status));
    assertEquals(server.asked.length, 3);
    assertEquals(notes, [...Array(2).fill(`asks again in 0s: status ${status}: later`), ""]);
  }
  await using never = serverThat(() => new Response("overloaded", { status: 503 }));
  assertStringIncludes(await faultOf(never), "but found status 503: overloaded, 3 times");
  assertEquals(never.asked.length, 3);
});

Deno.test("what is refused is not asked again, and the server's words come in one line without the key", async () => {
  const bodies = [
    JSON.stringify({ error: { message: `Incorrect API key provided:\n${key}.` } }),
    JSON.stringify({ detail: [{ loc: ["body", "model"], msg: `no model for ${key}` }] }),
    `<html><style>p { color: red }</style><body><p>Not\nallowed for ${key}</p></body></html>`,
    `\x1b[2Jplain words ${key} ${"and so on ".repeat(1000)}`,
    "",
  ];
  const words = [
    "provided: [key].",
    "no model for [key]",
    "Not allowed for [key]",
    "plain words [key]",
    "",
  ];
  for (const [i, body] of bodies.entries()) {
    await using server = serverThat(() => new Response(body, { status: 400 + i }));
    const fault = await faultOf(server);
    assertStringIncludes(fault, `status ${400 + i}`);
    assertStringIncludes(fault, words[i]!);
    assert(!fault.includes("\x1b") && !fault.includes("color"));
    assertEquals(server.asked.length, 1);
  }
});

Deno.test("answers that are none are told of by what they are", async () => {
  const whole = JSON.stringify({ choices: [{ message: { content: "hello" } }] });
  const page = "<!doctype html><p>Log in first</p>";
  const cases: readonly (readonly [body: string, type: string, fault: string, asked: number])[] = [
    [page, "text/html", "a web page: Log in first", 1],
    ["hello", "text/plain", "no JSON: hello", 1],
    ["", "application/json", "an empty answer, 3 times", 3],
    [" \n", "application/json", "an empty answer, 3 times", 3],
    [whole.slice(0, 20), "application/json", "JSON that breaks off or is damaged, 3 times", 3],
    ["[".repeat(100_000), "application/json", "JSON that breaks off or is damaged, 3 times", 3],
    [`data: ${whole}\n\ndata: [DONE]\n`, "text/event-stream", "a stream of events", 1],
    [`data: ${whole}\n\n`, "text/plain", "a stream of events", 1],
    [
      '{"error": {"message": "model is not loaded"}}',
      "application/json",
      "an error: model is not",
      1,
    ],
    ['{"text": "hello"}', "application/json", "no text at choices[0].message.content", 1],
    ['{"choices": []}', "application/json", "no text at choices[0].message.content", 1],
    ['{"choices": {"0": 1}}', "application/json", "no text at choices[0].message.content", 1],
    ['{"choices": [{"text": "hello"}]}', "application/json", "no text at choices[0]", 1],
    ['{"choices": [{"message": {"content": 5}}]}', "application/json", "no text at choices[0]", 1],
    ["null", "application/json", "no text at choices[0].message.content of null", 1],
    ["17", "application/json", "no text at choices[0].message.content of 17", 1],
    [
      JSON.stringify({ choices: [{ message: { content: key } }] }),
      "application/json",
      "an answer that holds the key",
      1,
    ],
    [`"${"x".repeat(2 << 20)}"`, "application/json", "an answer of more than 1 MiB", 1],
  ];
  for (const [body, type, fault, asked] of cases) {
    await using server = serverThat(() =>
      new Response(body, { headers: { "content-type": type } })
    );
    assertStringIncludes(
      await faultOf(server),
      `but found ${fault}`,
    );
    assertEquals(server.asked.length, asked, body.slice(0, 40));
  }
  await using silent = serverThat(() => completion(null));
  assertEquals(await teacherAt(silent)(["a"], 0), [""]);
});

Deno.test("a body that never ends is not read to its end", async () => {
  let sent = 0;
  await using server = serverThat(() =>
    new Response(
      new ReadableStream({
        pull(controller) {
          sent += 1 << 16;
          controller.enqueue(new Uint8Array(1 << 16).fill(32));
        },
      }),
    )
  );
  assertStringIncludes(await faultOf(server), "more than 1 MiB");
  assert(sent < 1 << 26, String(sent));
});

Deno.test("connections that break, dribble or are silent end within the limit", async () => {
  const head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";
  {
    await using cut = rawServer([`${head}content-length: 500\r\n\r\n{"choices": [`]);
    assertStringIncludes(await faultOf(cut), "3 times");
    assertEquals(cut.asked.length, 3);
  }
  {
    await using closes = rawServer([]);
    assertStringIncludes(await faultOf(closes), "3 times");
  }
  {
    await using noise = rawServer(["\x00\x01 what is HTTP?\r\n\r\n"]);
    assertStringIncludes(await faultOf(noise), "3 times");
  }
  const slow: readonly (readonly string[])[] = [
    [],
    ["HTTP/1.1 ", ..."200 OK and so on".repeat(50)],
    [`${head}content-length: 500\r\n\r\n`, ...'{"choices": ['.padEnd(400)],
  ];
  for (const parts of slow) {
    await using server = rawServer(parts, { pause: 20, closes: false });
    const fault = await faultOf(server, { timeout: 0.2, tries: 2 });
    assertStringIncludes(fault, "no whole answer within 0.2 s, 2 times");
  }
});

Deno.test("no server at all is one line", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = listener.addr;
  listener.close();
  const ask = teacherAt({ url: `http://127.0.0.1:${port}/v1` });
  const { message } = await assertRejects(() => ask(["a"], 0), WorkbenchError);
  assertStringIncludes(message, `127.0.0.1:${port}/v1/chat/completions but found `);
  assertStringIncludes(message, "3 times");
  assertEquals(message.split(String(port)).length, 2, message);
});

Deno.test("no redirect is followed, so that no other host gets the key", async () => {
  await using other = serverThat(() => completion("caught"));
  for (const status of [301, 302, 303, 307, 308]) {
    await using server = serverThat(() =>
      new Response(null, { status, headers: { location: `${other.url}/x?key=${key}` } })
    );
    assertStringIncludes(
      await faultOf(server),
      `a redirect to ${other.url}/x, which is not followed`,
    );
    assertEquals(server.asked.length, 1);
  }
  await using bad = serverThat(() =>
    new Response(null, { status: 302, headers: { location: "http://[" } })
  );
  assertStringIncludes(await faultOf(bad), "a redirect to nowhere");
  assertEquals(other.asked.length, 0);
});

Deno.test("pauses that a server asks for are kept, unless they are too long", async () => {
  assertEquals(retryAfter("2"), 2000);
  assertEquals(retryAfter("0.5"), 500);
  assertEquals(retryAfter("Wed, 21 Oct 2015 07:28:00 GMT"), 0);
  for (const header of [null, "", "soon", "-5", "1e99x", "2 minutes"]) {
    assertEquals(retryAfter(header), undefined);
  }
  await using server = serverThat(() =>
    new Response("come back tomorrow", { status: 429, headers: { "retry-after": "86400" } })
  );
  assertStringIncludes(await faultOf(server), "it asks to wait 1440 minutes");
  assertEquals(server.asked.length, 1);
});

Deno.test("turns keep the rate for all workers together, and hold back when asked to", async () => {
  let now = 0;
  const clock = {
    now: () => now,
    pause: (milliseconds: number) => Promise.resolve(void (now += milliseconds)),
  };
  const { signal } = new AbortController();
  const pace = paceOf(60, clock);
  const turns: number[] = [];
  for (let i = 0; i < 3; i++) {
    await pace.turn(signal);
    turns.push(now);
  }
  pace.hold(5000);
  await pace.turn(signal);
  turns.push(now);
  assertEquals(turns, [0, 1000, 2000, 7000]);
  const free = paceOf(undefined, clock);
  for (let i = 0; i < 3; i++) await free.turn(signal);
  assertEquals(now, 7000);
});

Deno.test("no more are asked at a time than said, and one failure ends the others", async () => {
  let open = 0;
  let most = 0;
  await using server = serverThat(async (content) => {
    most = Math.max(most, ++open);
    await new Promise((resolve) => setTimeout(resolve, 5));
    open--;
    return completion(content);
  });
  const prompts = Array.from({ length: 12 }, (_, i) => String(i));
  const seen: number[] = [];
  const ask = teacherAt(server, {
    parallel: 3,
    onProgress: (done, total) => seen.push(done / total),
  });
  assertEquals(await ask(prompts, 0), prompts);
  assertEquals(most, 3);
  assertEquals(seen, prompts.map((_, i) => (i + 1) / 12));

  // Without an end to the others this would wait for minutes.
  await using refusing = serverThat((content) =>
    content === "bad"
      ? new Response("no", { status: 403 })
      : new Response("later", { status: 503, headers: { "retry-after": "500" } })
  );
  const error = await assertRejects(() => teacherAt(refusing)(["later", "bad"], 0), WorkbenchError);
  assertStringIncludes(error.message, "status 403: no");
});

Deno.test("what was answered is not asked again, after a failure neither, and no file holds the key", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const store = openStore(folder);
    let works = false;
    await using server = serverThat((content) =>
      content === "c" && !works ? new Response("no", { status: 400 }) : completion(`${content}!`)
    );
    const ask = teacherAt(server, { store, parallel: 1 });
    await assertRejects(() => ask(["a", "b", "c", "d"], 0), WorkbenchError, "status 400: no");
    assertEquals(server.asked.map(({ content }) => content), ["a", "b", "c"]);
    works = true;
    const notes: (string | undefined)[] = [];
    const again = teacherAt(server, {
      store,
      parallel: 1,
      onProgress: (_d, _t, note) => notes.push(note),
    });
    assertEquals(await again(["a", "b", "c", "d", "a"], 0), ["a!", "b!", "c!", "d!", "a!"]);
    assertEquals(server.asked.slice(3).map(({ content }) => content), ["c", "d"]);
    assertEquals(notes.at(-1), "3 answers had been kept");
    // Another key is the same question; another try, model or server is not.
    await teacherAt(server, { store, key: "another" })(["a"], 0);
    assertEquals(server.asked.length, 5);
    await teacherAt(server, { store })(["a"], 1);
    await teacherAt(server, { store, model: "n" })(["a"], 0);
    assertEquals(server.asked.length, 7);
    let files = 0;
    const search = async (path: string): Promise<void> => {
      for await (const { name, isDirectory } of Deno.readDir(path)) {
        const inside = `${path}/${name}`;
        if (isDirectory) await search(inside);
        else {
          files += 1;
          assert(!(await Deno.readTextFile(inside)).includes(key) && !name.includes(key), inside);
        }
      }
    };
    await search(folder);
    assert(files >= 6);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("addresses and keys that cannot be are refused, and not shown", () => {
  const refusal = (options: Partial<TeacherOptions>): string =>
    assertThrows(() => teacherAttempt({ url: "http://h/v1", model: "m", ...options }), UsageError)
      .message;
  for (const url of ["", "localhost:8000/v1", "ftp://h/v1", "file:///etc", "http://"]) {
    assertStringIncludes(refusal({ url }), "such as http://localhost:8000/v1");
  }
  for (
    const url of [
      "http://me:secret-word@h/v1",
      "http://h/v1?key=secret-word",
      "http://h/v1#secret-word",
    ]
  ) {
    const message = refusal({ url });
    assert(!message.includes("secret-word") && message.includes("h"), message);
  }
  for (const bad of ["secret\nword", "secret word", "sécret", "secret\u0000"]) {
    const message = refusal({ key: bad });
    assert(!message.includes("cret"), message);
  }
});
