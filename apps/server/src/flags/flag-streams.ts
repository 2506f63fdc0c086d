import type { ServerResponse } from "node:http";
import type { LiveSet } from "@fairway/engine";

/** How often an idle stream says that it is still there. */
const heartbeat = 15_000;
/** In bytes; a reader that is so far behind connects again and asks for everything. */
const longestPending = 64 * 1024;
const mostStreams = 20_000;

/** Who hears at once that flags have changed. */
export interface FlagStreams {
  /** Lets someone hear of an environment until they leave; false when there are too many. */
  add(environment: string, current: LiveSet | null, response: ServerResponse): boolean;
  tell(live: LiveSet): void;
  /** How many hear of an environment. */
  count(environment: string): number;
  close(): void;
}

/** Server-sent events, of which each says: ask again. What there is to know depends on who asks, so it is not in them. */
export function flagStreams(): FlagStreams {
  const readers = new Map<string, Set<ServerResponse>>();
  let all = 0;
  const timer = setInterval(() => {
    for (const of of readers.values()) for (const response of of) write(response, ": still here\n\n");
  }, heartbeat).unref();

  return {
    add(environment, current, response) {
      if (all >= mostStreams) return false;
      const of = readers.get(environment) ?? new Set();
      readers.set(environment, of.add(response));
      all++;
      response.on("close", () => {
        if (of.delete(response)) all--;
      });
      response.writeHead(200, {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-store",
        "x-accel-buffering": "no",
      });
      // Told at once: the flags may have changed between the reader's question and this stream.
      response.write(`retry: 1000\n\n${current === null ? "" : messageOf(current)}`);
      return true;
    },
    tell(live) {
      const message = messageOf(live);
      for (const response of readers.get(live.environment) ?? []) write(response, message);
    },
    count: (environment) => readers.get(environment)?.size ?? 0,
    close() {
      clearInterval(timer);
      for (const of of readers.values()) for (const response of of) response.end();
    },
  };
}

/** https://github.com/open-feature/protocol/blob/main/service/adrs/0008-sse-for-bulk-evaluation-changes.md. */
const messageOf = ({ version, etag }: LiveSet): string =>
  `id: ${version}\nevent: message\ndata: ${JSON.stringify({ type: "refetchEvaluation", etag })}\n\n`;

function write(response: ServerResponse, message: string): void {
  if (response.writableLength > longestPending) response.destroy();
  else response.write(message);
}
