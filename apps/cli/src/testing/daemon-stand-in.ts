import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A request as the daemon got it. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

/** Something that speaks the HTTP interface of a daemon, with the answers that a test wants. */
export interface DaemonStandIn {
  readonly dataDirectory: string;
  readonly url: string;
  /** Every change that was asked for. */
  readonly changes: readonly Asked[];
  close(): Promise<void>;
}

/** Answers by `METHOD /path`; a function sees what was asked. What has no answer is `not_found`. */
export type Answers = Readonly<Record<string, unknown>>;

/** Stands in for a daemon: listens, and leaves the note by which the CLI finds it. */
export async function standInForDaemon(answers: Answers): Promise<DaemonStandIn> {
  const changes: Asked[] = [];
  const server = createServer((request, response) => void answer(request, response, answers, changes));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const dataDirectory = await mkdtemp(join(tmpdir(), "fairway-cli-"));
  await writeFile(join(dataDirectory, "daemon.json"), JSON.stringify({ pid: process.pid, url }));
  return {
    dataDirectory,
    url,
    changes,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(dataDirectory, { recursive: true });
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  answers: Answers,
  changes: Asked[],
): Promise<void> {
  const { method = "GET", url = "/" } = request;
  const chunks = await request.toArray();
  const { pathname } = new URL(url, "http://daemon");
  const text = Buffer.concat(chunks).toString();
  const asked: Asked = { method, path: url, body: text ? JSON.parse(text) : null };
  if (method !== "GET") changes.push(asked);
  const found = answers[`${method} ${pathname}`];
  const missing = { code: "not_found", message: `there is no ${method} ${pathname}`, retryable: false, problems: [] };
  response.writeHead(found === undefined ? 404 : 200, { "content-type": "application/json" });
  response.end(JSON.stringify(typeof found === "function" ? found(asked) : (found ?? missing)));
}
