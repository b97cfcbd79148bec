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
  /** Hashes that are listed in the place of the right ones. */
  readonly hashes: Map<string, string>;
  /** Bytes after which each of the next downloads of a path breaks off. */
  readonly breaks: Map<string, number[]>;
  /** Answers in the place of its own; undefined for its own. */
  instead?: (pathname: string, range: string | null) => Response | undefined;
}

/** The name that contents have in the cache. */
function hashOf(hub: Hub, path: string): string {
  const data = hub.files.get(path)!;
  return hub.lfs.has(path)
    ? createHash("sha256").update(data).digest("hex")
    : createHash("sha1").update(`blob ${data.length}\0`).update(data).digest("hex");
}

function answer(hub: Hub, request: Request): Response {
  const { pathname } = new URL(request.url);
  const range = request.headers.get("range");
  hub.log.push(range ? `${pathname} ${range}` : pathname);
  const other = hub.instead?.(pathname, range);
  if (other !== undefined) return other;
  const fail = (status: number) => Response.json({ error: "Repository not found" }, { status });
  if (/^\/api\/models\/owner\/name\/revision\/(main|v1)$/.test(pathname)) {
    return Response.json({ _id: "1", id: "owner/name", sha: commit, lastModified: "2026-01-01" });
  }
  if (pathname === `/api/models/owner/name/tree/${commit}`) {
    const files = [...hub.files].map(([path, data]) => ({
      type: "file",
      path,
      size: data.length,
      oid: "0".repeat(40),
      ...(hub.lfs.has(path)
        ? { lfs: { oid: hashOf(hub, path), size: data.length } }
        : { oid: hub.hashes.get(path) ?? hashOf(hub, path) }),
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
    for (const name of unneeded) files.set(name, new Uint8Array(5));
    files.set("LICENSE", new Uint8Array(0));
    const lfs = new Set([...files.keys()].filter((name) => name.endsWith(".safetensors")));
    const hub: Hub = { log: [], files, lfs, hashes: new Map(), breaks: new Map() };
    const server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {}, onError: () => new Response() },
      (request) => answer(hub, request),
    );
    const before = ["HF_ENDPOINT", "HF_HUB_CACHE", "HF_HUB_OFFLINE"].map((name) =>
      [name, Deno.env.get(name)] as const
    );
    Deno.env.set("HF_ENDPOINT", `http://127.0.0.1:${server.addr.port}/`);
    Deno.env.set("HF_HUB_CACHE", join(folder, "cache"));
    Deno.env.delete("HF_HUB_OFFLINE");
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
const unneeded = ["pytorch_model.bin", "README.md", "flax_model.msgpack"];

/**
 * A cache as Python's huggingface_hub 2.4 leaves it, which has fetched `main`: links that are relative, a ref without an
 * end of line.
 *
 * @param paths files that were fetched
 * @param absent files that were asked for in vain
 */
async function pythonCache(
  hub: Hub,
  folder: string,
  paths: readonly string[],
  absent: readonly string[] = [],
): Promise<{ readonly model: string; readonly snapshot: string }> {
  const model = join(folder, "cache", "models--owner--name");
  const snapshot = join(model, "snapshots", commit);
  for (const path of ["refs", "blobs", `snapshots/${commit}`, `.no_exist/${commit}`]) {
    await Deno.mkdir(join(model, path), { recursive: true });
  }
  await Deno.writeTextFile(join(model, "refs", "main"), commit);
  for (const path of paths) {
    await Deno.writeFile(join(model, "blobs", hashOf(hub, path)), hub.files.get(path)!);
    await Deno.symlink(`../../blobs/${hashOf(hub, path)}`, join(snapshot, path));
  }
  for (const path of absent) await Deno.writeTextFile(join(model, ".no_exist", commit, path), "");
  return { model, snapshot };
}

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

/** Files that say more about a model and that this one has not. */
const absent = ["added_tokens.json", "chat_template.jinja", "special_tokens_map.json"];

Deno.test("hub: a model is fetched once, whole and without what it does not need", async () => {
  await withHub(async (hub, folder) => {
    const seen: [number, number][] = [];
    const path = await resolveModel("owner/name", (done, total) => seen.push([done, total]));
    assertEquals(path, join(folder, "cache", "models--owner--name", "snapshots", commit));
    const expected = await readCheckpoint(join(folder, "m"));
    assertEquals((await readCheckpoint(path)).weights, expected.weights);
    const here = [...Deno.readDirSync(path)].map(({ name }) => name).sort();
    const needed = [...hub.files.keys()].filter((name) => !unneeded.includes(name)).sort();
    assertEquals(here, needed);
    // The layout of Python's package: links to contents by hash, what is not there, the commit of a branch.
    for (const name of needed) {
      assertEquals(Deno.readLinkSync(join(path, name)), `../../blobs/${hashOf(hub, name)}`);
    }
    const model = join(folder, "cache", "models--owner--name");
    assertEquals(Deno.readTextFileSync(join(model, "refs", "main")), commit);
    const noted = [...Deno.readDirSync(join(model, ".no_exist", commit))].map(({ name }) => name);
    assertEquals(noted.sort(), absent);
    assertEquals([...Deno.readDirSync(join(model, "blobs"))].length, needed.length);
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
    const { model, snapshot } = await pythonCache(hub, folder, []);
    const part = join(model, "blobs", `${hashOf(hub, shard)}.incomplete`);
    await Deno.writeFile(part, new Uint8Array(good.length));
    await assertRejects(
      () => resolveModel("owner/name"),
      WorkbenchError,
      "the hash that the Hub lists",
    );
    // Nothing of it stays, so the next run succeeds.
    const left = [...Deno.readDirSync(join(model, "blobs"))].map(({ name }) => name);
    assert(!left.some((name) => name.startsWith(hashOf(hub, shard))), left.join());
    assert(![...Deno.readDirSync(snapshot)].some(({ name }) => name === shard));
    assertEquals(await resolveModel("owner/name"), snapshot);
    assertEquals(await Deno.readFile(join(snapshot, shard)), good);
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

Deno.test("hub: what Python's package has fetched is used without a connection", async () => {
  await withHub(async (hub, folder) => {
    const needed = [...hub.files.keys()].filter((name) => ![...unneeded, "LICENSE"].includes(name));
    const { snapshot } = await pythonCache(hub, folder, needed, absent);
    assertEquals(await resolveModel("owner/name"), snapshot);
    assertEquals(hub.log, []);
    assertEquals(
      (await readCheckpoint(snapshot)).weights,
      (await readCheckpoint(join(folder, "m"))).weights,
    );
  });
});

Deno.test("hub: files whose absence nobody has noted are asked for once; without a connection it does without", async () => {
  await withHub(async (hub, folder) => {
    const { snapshot } = await pythonCache(hub, folder, [
      ...["config.json", "tokenizer.json", "model.safetensors.index.json"],
      ...[...hub.files.keys()].filter((name) => hub.lfs.has(name)),
    ]);
    const server = Deno.env.get("HF_ENDPOINT")!;
    Deno.env.set("HF_ENDPOINT", "http://127.0.0.1:9");
    assertEquals(await resolveModel("owner/name"), snapshot);
    Deno.env.set("HF_ENDPOINT", server);
    assertEquals(await resolveModel("owner/name"), snapshot);
    const fetched = new Set(hub.log.map((line) => line.split(" ")[0]!.split("/").at(-1)));
    const small = ["generation_config.json", "tokenizer_config.json"];
    assertEquals(fetched, new Set([commit, ...small]));
    hub.log.length = 0;
    assertEquals(await resolveModel("owner/name"), snapshot);
    assertEquals(hub.log, []);
  });
});

Deno.test("hub: the beginning of a file among the blobs is gone on with", async () => {
  await withHub(async (hub, folder) => {
    const { model } = await pythonCache(hub, folder, ["config.json"]);
    const good = hub.files.get(shard)!;
    await Deno.writeFile(
      join(model, "blobs", `${hashOf(hub, shard)}.incomplete`),
      good.subarray(0, 300),
    );
    const path = await resolveModel("owner/name");
    assertEquals(await Deno.readFile(join(path, shard)), good);
    const ranges = hub.log.filter((line) => line.includes(shard) && !line.endsWith("=0-0"));
    assertEquals(ranges.map((line) => line.split(" ")[1]), [`bytes=300-${good.length - 1}`]);
    assert(!hub.log.some((line) => line.endsWith("/config.json")));
  });
});

Deno.test("hub: contents that another commit has fetched, or that were damaged, are told by hash and size", async () => {
  await withHub(async (hub, folder) => {
    const { model, snapshot } = await pythonCache(hub, folder, ["config.json"]);
    await Deno.remove(join(snapshot, "config.json"));
    const index = "model.safetensors.index.json";
    await Deno.writeFile(join(model, "blobs", hashOf(hub, index)), new Uint8Array(3));
    await Deno.symlink(`../../blobs/${hashOf(hub, index)}`, join(snapshot, index));
    const path = await resolveModel("owner/name");
    assert(!hub.log.some((line) => line.endsWith("/config.json")));
    assertEquals(await Deno.readFile(join(path, index)), hub.files.get(index));
  });
});

Deno.test("hub: offline, what is there is used and nothing is asked for", async () => {
  await withHub(async (hub, folder) => {
    Deno.env.set("HF_HUB_OFFLINE", "1");
    await assertRejects(
      () => resolveModel("owner/name"),
      WorkbenchError,
      "since HF_HUB_OFFLINE is set, but found no commit of that name",
    );
    const shards = [...hub.files.keys()].filter((name) => hub.lfs.has(name) && name !== shard);
    const { model, snapshot } = await pythonCache(hub, folder, [
      ...["config.json", "tokenizer.json", "model.safetensors.index.json"],
      ...shards,
    ]);
    await assertRejects(() => resolveModel("owner/name"), WorkbenchError, `found no ${shard}`);
    // A link to contents that are not there is no file.
    await Deno.symlink(`../../blobs/${hashOf(hub, shard)}`, join(snapshot, shard));
    await assertRejects(() => resolveModel("owner/name"), WorkbenchError, `found no ${shard}`);
    await Deno.writeFile(join(model, "blobs", hashOf(hub, shard)), hub.files.get(shard)!);
    assertEquals(await resolveModel("owner/name"), snapshot);
    assertEquals(hub.log, []);
  });
});

Deno.test("hub: a hash that is none makes no file outside the cache", async () => {
  await withHub(async (hub, folder) => {
    hub.hashes.set("config.json", "../../../../outside");
    await assertRejects(() => resolveModel("owner/name"), WorkbenchError, "hash of config.json");
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), ["a.gguf", "m"]);
  });
});

Deno.test("hub: where the system makes no symbolic links, files are hard links", async () => {
  await withHub(async (hub, folder) => {
    const { symlink } = Deno;
    Deno.symlink = () => Promise.reject(new Deno.errors.PermissionDenied("no symbolic links"));
    try {
      const path = await resolveModel("owner/name");
      assertEquals(await Deno.readFile(join(path, shard)), hub.files.get(shard));
      assert(Deno.lstatSync(join(path, shard)).isFile);
      const blobs = join(folder, "cache", "models--owner--name", "blobs");
      assertEquals(Deno.statSync(join(blobs, hashOf(hub, shard))).nlink, 2);
    } finally {
      Deno.symlink = symlink;
    }
  });
});

/** Entries of the list of files, as the Hub gives them. */
function entries(hub: Hub): Record<string, unknown>[] {
  return [...hub.files].map(([path, data]) => ({
    ...{ type: "file", path, size: data.length, oid: hashOf(hub, path) },
    ...(hub.lfs.has(path) && { lfs: { oid: hashOf(hub, path), size: data.length } }),
  }));
}

/** A body that does not end. */
const endless = () =>
  new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1 << 16)) });

Deno.test("hub: sizes that are none are refused before anything is fetched", async () => {
  for (const size of [-1, -5, 0.5, 1e300, null, "12", undefined, {}]) {
    await withHub(async (hub) => {
      hub.instead = (path) =>
        path.includes("/tree/")
          ? Response.json(entries(hub).map((e) => e.path === shard ? { ...e, size } : e))
          : undefined;
      await assertRejects(() => resolveModel("owner/name"), WorkbenchError, `a size of ${shard}`);
      assert(!hub.log.some((path) => path.includes("/resolve/")));
    });
  }
});

Deno.test("hub: a file of another size than listed, or without end, is not read beyond it", async () => {
  for (const shift of [-3, 3]) {
    await withHub(async (hub) => {
      hub.instead = (path) =>
        path.includes("/tree/")
          ? Response.json(
            entries(hub).map((e) => e.path === shard ? { ...e, size: Number(e.size) + shift } : e),
          )
          : undefined;
      await assertRejects(
        () => resolveModel("owner/name"),
        WorkbenchError,
        "as the Hub lists, but",
      );
    });
  }
  await withHub(async (hub, folder) => {
    const etag = { etag: '"x"' };
    const size = hub.files.get(shard)!.length;
    hub.instead = (path, range) => {
      if (!path.endsWith(shard)) return undefined;
      return range === "bytes=0-0"
        ? new Response(endless(), {
          status: 206,
          headers: { ...etag, "content-range": `bytes 0-0/${size}` },
        })
        : new Response(endless(), { headers: etag });
    };
    await assertRejects(() => resolveModel("owner/name"), WorkbenchError, "it went on behind them");
    const blobs = join(folder, "cache", "models--owner--name", "blobs");
    assert(![...Deno.readDirSync(blobs)].some(({ name }) => name.startsWith(hashOf(hub, shard))));
  });
});

Deno.test("hub: lists without end are given up", async () => {
  await withHub(async (hub) => {
    hub.instead = (path) => path.includes("/tree/") ? new Response(endless()) : undefined;
    await assertRejects(() => resolveModel("owner/name"), WorkbenchError, "an answer of at most");
    hub.instead = (path) => path.includes("/revision/") ? new Response(endless()) : undefined;
    await assertRejects(() => resolveModel("owner/name"), WorkbenchError, "an answer of at most");
    const next = `<${Deno.env.get("HF_ENDPOINT")}api/models/owner/name/tree/${commit}>; rel="next"`;
    hub.instead = (path) =>
      path.includes("/tree/") ? Response.json([], { headers: { Link: next } }) : undefined;
    await assertRejects(() => resolveModel("owner/name"), WorkbenchError, "at most 100 pages");
    hub.instead = (path) =>
      path.includes("/tree/")
        ? new Response(null, { status: 302, headers: { Location: path } })
        : undefined;
    await assertRejects(() => resolveModel("owner/name"), WorkbenchError, "at most 10 redirects");
  });
});

Deno.test("hub: another host answers for large files alone", async () => {
  await withHub(async (hub) => {
    const asked: string[] = [];
    const elsewhere = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => {
        asked.push(new URL(request.url).pathname);
        return answer({ ...hub, instead: () => undefined }, request);
      },
    );
    const lead = (path: string) =>
      new Response(null, {
        status: 302,
        headers: { Location: `http://127.0.0.1:${elsewhere.addr.port}${path}` },
      });
    try {
      for (const part of ["/revision/", "/tree/", "/config.json"]) {
        hub.instead = (path) => path.includes(part) ? lead(path) : undefined;
        await assertRejects(
          () => resolveModel("owner/name"),
          WorkbenchError,
          "to answer itself but found that it leads to 127.0.0.1:",
        );
        assertEquals(asked, [], part);
      }
      hub.instead = (path) => path.endsWith(".safetensors") ? lead(path) : undefined;
      await readCheckpoint(await resolveModel("owner/name"));
      assert(asked.length > 0 && asked.every((path) => path.endsWith(".safetensors")));
    } finally {
      await elsewhere.shutdown();
    }
  });
});

Deno.test("hub: listed paths that leave the folder put nothing anywhere", async () => {
  await withHub(async (hub, folder) => {
    const outside = ["../x", "../../../../x.json", "/x/config.json", "..\\x", "C:\\x", "a/../../x"];
    hub.instead = (path) =>
      path.includes("/tree/")
        ? Response.json([
          ...outside.map((path) => ({ type: "file", path, size: 1, oid: "0".repeat(40) })),
          ...entries(hub),
        ])
        : undefined;
    const path = await resolveModel("owner/name");
    const needed = [...hub.files.keys()].filter((name) => !unneeded.includes(name)).sort();
    assertEquals([...Deno.readDirSync(path)].map(({ name }) => name).sort(), needed);
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
      ...["a.gguf", "cache", "m"],
    ]);
    assert(hub.log.every((path) => !path.endsWith("/x.json") && !path.includes("..")));
  });
});

Deno.test("hub: contents in the cache that are no longer those of their hash are fetched again, or told offline", async () => {
  await withHub(async (hub, folder) => {
    const path = await resolveModel("owner/name");
    const blobs = join(folder, "cache", "models--owner--name", "blobs");
    const small = "tokenizer.json";
    const flip = async () => {
      for (const name of [shard, small]) {
        const bytes = Uint8Array.from(hub.files.get(name)!);
        bytes[bytes.length >> 1]! ^= 1;
        await Deno.writeFile(join(blobs, hashOf(hub, name)), bytes);
      }
    };
    await flip();
    hub.log.length = 0;
    assertEquals(await resolveModel("owner/name"), path);
    for (const name of [shard, small]) {
      assertEquals(await Deno.readFile(join(path, name)), hub.files.get(name));
      assert(hub.log.some((line) => line.includes(name)), name);
    }
    await flip();
    Deno.env.set("HF_HUB_OFFLINE", "1");
    await assertRejects(
      () => resolveModel("owner/name"),
      WorkbenchError,
      "but found no whole",
    );
  });
});

Deno.test("hub: a link in the place of the beginning of a download is not written through", async () => {
  await withHub(async (hub, folder) => {
    const blobs = join(folder, "cache", "models--owner--name", "blobs");
    const other = join(folder, "other");
    await Deno.mkdir(blobs, { recursive: true });
    await Deno.writeTextFile(other, "other");
    await Deno.symlink(other, join(blobs, `${hashOf(hub, shard)}.incomplete`));
    const path = await resolveModel("owner/name");
    assertEquals(await Deno.readFile(join(path, shard)), hub.files.get(shard));
    assertEquals(await Deno.readTextFile(other), "other");
  });
});
