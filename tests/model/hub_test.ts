import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { createHash } from "node:crypto";
import { readCheckpoint } from "../../lib/model/checkpoint/checkpoint.ts";
import { writeCheckpoint } from "../../lib/model/checkpoint/checkpoint_write.ts";
import { parseHubName } from "../../lib/model/checkpoint/hub.ts";
import { resolveModel } from "../../lib/model/checkpoint/resolve.ts";
import { UsageError, WorkbenchError } from "../../lib/runtime/mod.ts";
import { inTemporaryFolder, tinyGguf } from "./fixtures.ts";

const commit = "0123456789abcdef0123456789abcdef01234567";

/** A server with one repository, `owner/name`, that answers as the Hub does. */
interface Hub {
  /** Paths asked for, with the range where there was one. */
  readonly log: string[];
  /** Contents by path; a path with `lfs` is listed with its SHA-256. */
  readonly files: Map<string, Uint8Array<ArrayBuffer>>;
  readonly lfs: Set<string>;
  /** Bytes after which each of the next downloads of a path breaks off. */
  readonly breaks: Map<string, number[]>;
}

function answer(hub: Hub, request: Request): Response {
  const { pathname } = new URL(request.url);
  const range = request.headers.get("range");
  hub.log.push(range ? `${pathname} ${range}` : pathname);
  const fail = (status: number) => Response.json({ error: "Repository not found" }, { status });
  if (/^\/api\/models\/owner\/name\/revision\/(main|v1)$/.test(pathname)) {
    return Response.json({ _id: "1", id: "owner/name", sha: commit, lastModified: "2026-01-01" });
  }
  if (pathname === `/api/models/owner/name/tree/${commit}`) {
    const files = [...hub.files].map(([path, data]) => ({
      type: "file",
      path,
      size: data.length,
      oid: createHash("sha1").update(`blob ${data.length}\0`).update(data).digest("hex"),
      ...(hub.lfs.has(path)
        ? { lfs: { oid: createHash("sha256").update(data).digest("hex"), size: data.length } }
        : {}),
    }));
    return Response.json([{ type: "directory", path: "onnx", size: 0, oid: "" }, ...files]);
  }
  const path = pathname.match(`^/owner/name/resolve/${commit}/(.*)$`)?.[1];
  const data = path === undefined ? undefined : hub.files.get(path);
  if (path === undefined || data === undefined) return fail(404);
  const match = range?.match(/^bytes=(\d+)-(\d+)$/);
  const [from, to] = match ? [Number(match[1]), Number(match[2]) + 1] : [0, data.length];
  const part = data.slice(from, to);
  const headers = {
    etag: `"${path}"`,
    "content-length": String(part.length),
    ...(match ? { "content-range": `bytes ${from}-${to - 1}/${data.length}` } : {}),
  };
  const status = match ? 206 : 200;
  const stop = range === "bytes=0-0" ? undefined : hub.breaks.get(path)?.shift();
  if (stop === undefined) return new Response(part, { status, headers });
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(part.slice(0, stop));
      setTimeout(() => controller.error(new Error("cable pulled")), 50);
    },
  });
  return new Response(body, { status, headers });
}

/** Runs a test with a server in the Hub's place and an empty cache. */
async function withHub(run: (hub: Hub, folder: string) => Promise<void>): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    await Deno.writeFile(join(folder, "a.gguf"), tinyGguf());
    const model = await readCheckpoint(join(folder, "a.gguf"));
    await writeCheckpoint(join(folder, "m"), model, { maxShardBytes: 1500 });
    const files = new Map<string, Uint8Array<ArrayBuffer>>();
    for (const { name } of Deno.readDirSync(join(folder, "m"))) {
      files.set(name, await Deno.readFile(join(folder, "m", name)));
    }
    for (const name of ["pytorch_model.bin", "README.md", "flax_model.msgpack"]) {
      files.set(name, new Uint8Array(5));
    }
    files.set("LICENSE", new Uint8Array(0));
    const lfs = new Set([...files.keys()].filter((name) => name.endsWith(".safetensors")));
    const hub: Hub = { log: [], files, lfs, breaks: new Map() };
    const server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {}, onError: () => new Response() },
      (request) => answer(hub, request),
    );
    const before = ["HF_ENDPOINT", "BALANCEDBIO_CACHE"].map((name) =>
      [name, Deno.env.get(name)] as const
    );
    Deno.env.set("HF_ENDPOINT", `http://127.0.0.1:${server.addr.port}/`);
    Deno.env.set("BALANCEDBIO_CACHE", join(folder, "cache"));
    try {
      await run(hub, folder);
    } finally {
      for (const [name, value] of before) {
        if (value === undefined) Deno.env.delete(name);
        else Deno.env.set(name, value);
      }
      await server.shutdown();
    }
  });
}

const shard = "model-00002-of-00003.safetensors";

Deno.test("hub: names", () => {
  assertEquals(parseHubName("Qwen/Qwen2.5-0.5B-Instruct"), {
    repository: "Qwen/Qwen2.5-0.5B-Instruct",
    revision: "main",
  });
  assertEquals(parseHubName("a/b@refs/pr/1")?.revision, "refs/pr/1");
  for (
    const name of ["a", "a/b/c", "/a/b", "../a", "a/..", "a/b@", "a/b@../c", "a b/c", "a/b.gguf"]
  ) {
    assertEquals(parseHubName(name), undefined, name);
  }
});

Deno.test("hub: a model is fetched once, whole and without what it does not need", async () => {
  await withHub(async (hub, folder) => {
    const seen: [number, number][] = [];
    const path = await resolveModel("owner/name", (done, total) => seen.push([done, total]));
    assertEquals(path, join(folder, "cache", "hub", "models--owner--name", "snapshots", commit));
    const expected = await readCheckpoint(join(folder, "m"));
    assertEquals((await readCheckpoint(path)).weights, expected.weights);
    const here = [...Deno.readDirSync(path)].map(({ name }) => name).sort();
    assertEquals(here, [
      ".complete.json",
      ...[...hub.files.keys()].filter((name) => !/bin|README|msgpack/.test(name)).sort(),
    ]);
    assertEquals(seen.at(-1)![0], seen.at(-1)![1]);
    assert(seen.every(([done], i) => i === 0 || done >= seen[i - 1]![0]));
    // Pinned: main, and the commit itself, need no connection any more.
    const asked = hub.log.length;
    Deno.env.set("HF_ENDPOINT", "http://127.0.0.1:9");
    assertEquals(await resolveModel("owner/name"), path);
    assertEquals(await resolveModel(`owner/name@${commit}`), path);
    assertEquals(hub.log.length, asked);
    await assertRejects(
      () => resolveModel("owner/name@v2"),
      WorkbenchError,
      "Cannot fetch owner/name@v2 from http://127.0.0.1:9: ",
    );
  });
});

Deno.test("hub: a broken download goes on where it stopped, in the same run and in the next", async () => {
  await withHub(async (hub) => {
    hub.breaks.set(shard, [700]);
    const path = await resolveModel("owner/name@v1");
    const size = hub.files.get(shard)!.length;
    const ranges = hub.log.filter((line) => line.includes(shard) && !line.endsWith("=0-0"));
    assertEquals(ranges.length, 2);
    assert(ranges[1]!.endsWith(`bytes=700-${size - 1}`), ranges[1]!);
    await readCheckpoint(path);
  });
  await withHub(async (hub) => {
    hub.breaks.set(shard, [400, 0, 0, 0]);
    await assertRejects(
      () => resolveModel("owner/name"),
      WorkbenchError,
      "what has arrived is kept",
    );
    hub.log.length = 0;
    await readCheckpoint(await resolveModel("owner/name"));
    const size = hub.files.get(shard)!.length;
    const fetched = hub.log.filter((line) => line.includes("/resolve/") && !line.endsWith("=0-0"));
    // The first shard is not fetched again, the second from its 400th byte on.
    assertEquals(fetched.map((line) => line.split("/").at(-1)), [
      `${shard} bytes=400-${size - 1}`,
      "model-00003-of-00003.safetensors",
    ]);
  });
});

Deno.test("hub: other contents than listed, and what is no model, are told", async () => {
  await withHub(async (hub, folder) => {
    const good = hub.files.get(shard)!;
    const part = join(folder, "cache/hub/models--owner--name/snapshots", commit, `${shard}.part`);
    await Deno.mkdir(join(part, ".."), { recursive: true });
    await Deno.writeFile(part, new Uint8Array(good.length));
    await assertRejects(
      () => resolveModel("owner/name"),
      WorkbenchError,
      "the hash that the Hub lists",
    );
    // The damaged part is gone, so the next run succeeds.
    await readCheckpoint(await resolveModel("owner/name"));
    await assertRejects(
      () => resolveModel("owner/none"),
      UsageError,
      "a path or a public model of http://127.0.0.1",
    );
    await Deno.remove(join(folder, "cache"), { recursive: true });
    for (const name of [...hub.files.keys()].filter((name) => name.startsWith("model"))) {
      hub.files.delete(name);
    }
    await assertRejects(() => resolveModel("owner/name"), UsageError, "safetensors weights");
    hub.files.delete("tokenizer.json");
    await assertRejects(() => resolveModel("owner/name"), UsageError, "tokenizer.json");
  });
});

Deno.test("hub: two that ask at once fetch once", async () => {
  await withHub(async (hub) => {
    const paths = await Promise.all([resolveModel("owner/name"), resolveModel("owner/name")]);
    assertEquals(paths[0], paths[1]);
    const first = hub.log.filter((line) => line.endsWith("/config.json"));
    assertEquals(first.length, 1);
  });
});
