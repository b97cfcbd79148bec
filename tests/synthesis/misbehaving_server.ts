/** Servers on this machine that speak chat completions, or do not. @module */

/** A server that counts what it is asked. */
export interface TestServer extends AsyncDisposable {
  /** Address up to the version. */
  readonly url: string;
  /** The questions so far, with their keys. */
  readonly asked: {
    readonly content: string;
    readonly model: string;
    readonly key: string | null;
  }[];
}

/** An answer as a server should give it. */
export const completion = (content: unknown): Response =>
  Response.json({
    choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content } }],
  });

/**
 * A server that answers with what `answer` makes of a question and its number, from 1.
 */
export function serverThat(
  answer: (content: string, number: number) => Response | Promise<Response>,
): TestServer {
  const asked: { content: string; model: string; key: string | null }[] = [];
  const server = Deno.serve(
    {
      port: 0,
      hostname: "127.0.0.1",
      onListen: () => {},
      onError: () => new Response("", { status: 500 }),
    },
    async (request) => {
      const { messages, model } = await request.json();
      const content = messages[0].content;
      asked.push({ content, model, key: request.headers.get("authorization") });
      return await answer(content, asked.length);
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/v1`,
    asked,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/**
 * A server that says `parts`, one after the other with a pause between them, and then closes the connection, or not.
 */
export function rawServer(
  parts: readonly string[],
  { pause = 0, closes = true }: { readonly pause?: number; readonly closes?: boolean } = {},
): TestServer {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const open = new Set<Deno.TcpConn>();
  const timers = new Set<ReturnType<typeof setTimeout>>();
  const asked: TestServer["asked"] = [];
  const encoder = new TextEncoder();
  const serve = async (connection: Deno.TcpConn): Promise<void> => {
    open.add(connection);
    try {
      await connection.read(new Uint8Array(65536));
      asked.push({ content: "", model: "", key: null });
      for (const part of parts) {
        await connection.write(encoder.encode(part));
        await new Promise<void>((resolve) => timers.add(setTimeout(resolve, pause)));
      }
      if (!closes) return;
    } catch {
      // The other end has gone.
    }
    if (open.delete(connection)) connection.close();
  };
  const serving = (async () => {
    const all: Promise<void>[] = [];
    for await (const connection of listener) all.push(serve(connection));
    await Promise.all(all);
  })();
  return {
    url: `http://127.0.0.1:${(listener.addr as Deno.NetAddr).port}/v1`,
    asked,
    [Symbol.asyncDispose]: async () => {
      listener.close();
      for (const connection of open) if (open.delete(connection)) connection.close();
      await serving;
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
