import { codeOf } from "@fairway/core";
import type { FastifyReply } from "fastify";
import { problemOf } from "./problem-of.ts";

/** How often an idle stream says that it is still there, so that nothing in between takes it for dead. */
const heartbeat = 15_000;
/** In characters. */
const longestPending = 64 * 1024;

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
  let pending = "";
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
  // Whoever may not read it any more is told so and gets nothing else, however long the next item takes to come.
  leave.signal.addEventListener("abort", () => {
    pending = "";
    clearInterval(timer);
    if (codeOf(leave.signal.reason) !== undefined && raw.writable) raw.write(problemEvent(leave.signal.reason));
    raw.end();
  });
  // What comes in one turn leaves in one piece: a write for each line of a log takes many times as long.
  const flush = (): void => {
    if (pending !== "") raw.write(pending);
    pending = "";
  };
  try {
    for await (const item of items) {
      if (leave.signal.aborted) break;
      const id = idOf(item);
      if (pending === "") setImmediate(flush);
      pending += `${id === null ? "" : `id: ${id}\n`}data: ${JSON.stringify(item)}\n\n`;
      if (pending.length > longestPending) flush();
      if (raw.writableNeedDrain) await drained(raw);
      if (leave.signal.aborted) break;
    }
    flush();
  } catch (thrown) {
    flush();
    if (!leave.signal.aborted) raw.write(problemEvent(thrown));
  } finally {
    pending = "";
    clearInterval(timer);
    raw.end();
  }
}

const problemEvent = (thrown: unknown): string =>
  `event: problem\ndata: ${JSON.stringify(problemOf(thrown).problem)}\n\n`;

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
