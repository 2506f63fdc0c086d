import type { FastifyReply } from "fastify";
import { problemOf } from "./problem-of.ts";

/** How often an idle stream says that it is still there, so that nothing in between takes it for dead. */
const heartbeat = 15_000;

/**
 * Sends items as server-sent events until they end or the reader leaves. `idOf` gives what a reader may send back to
 * go on later. A throw is sent as the last event, `problem`.
 */
export async function sendEvents<Item>(
  reply: FastifyReply,
  items: AsyncIterable<Item>,
  leave: AbortController,
  idOf: (item: Item) => string | null,
): Promise<void> {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
  });
  raw.flushHeaders();
  raw.on("close", () => leave.abort());
  const timer = setInterval(() => raw.write(": still here\n\n"), heartbeat);
  try {
    for await (const item of items) {
      const id = idOf(item);
      const room = raw.write(`${id === null ? "" : `id: ${id}\n`}data: ${JSON.stringify(item)}\n\n`);
      if (!room) await drained(raw);
      if (leave.signal.aborted) break;
    }
  } catch (thrown) {
    if (!leave.signal.aborted) raw.write(`event: problem\ndata: ${JSON.stringify(problemOf(thrown).problem)}\n\n`);
  } finally {
    clearInterval(timer);
    raw.end();
  }
}

/** Until a slow reader has taken what was written, or has left. */
const drained = (raw: FastifyReply["raw"]): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      raw.off("drain", done);
      raw.off("close", done);
      resolve();
    };
    raw.on("drain", done);
    raw.on("close", done);
  });
