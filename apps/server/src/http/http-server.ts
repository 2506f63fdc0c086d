import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import { createServer as createHttpServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { FairwayError } from "@fairway/core";
import type { FastifyInstance } from "fastify";
import type { AppOptions, Handlers } from "./build-app.ts";
import { buildApp } from "./build-app.ts";
import { assertLoopback } from "./origin-guard.ts";

export type { Handlers };

export interface HttpServer {
  readonly url: string;
  /** Where others reach it; null for nowhere. */
  readonly outsidePort: number | null;
  close(): Promise<void>;
}

export interface Outside {
  readonly host: string;
  readonly port: number;
  /** In PEM; something before the daemon speaks TLS when left out. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

export interface HttpOptions extends AppOptions {
  /** Answers a request before anything else looks at it, or says that it is not for it. */
  readonly before?: (request: IncomingMessage, response: ServerResponse, outside: boolean) => boolean;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Where others than this machine's people reach it, beside `host`. */
  readonly outside?: Outside;
}

const patience = { requestTimeout: 0, keepAliveTimeout: 72_000 };

/** Serves the contract on this machine's own address, and elsewhere where it is said how people reach it. */
export async function serveHttp(handlers: Handlers, options: HttpOptions): Promise<HttpServer> {
  assertLoopback(options.host);
  const { outside, before = () => false } = options;
  let take: RequestListener = () => undefined;
  const app = buildApp(handlers, options, (handler) => {
    take = handler;
    return serverWith(handler, (request, response) => before(request, response, false));
  });
  const url = await listen(app, options);
  if (outside === undefined) return { url, outsidePort: null, close: () => app.close() };
  const others = serverWith(take, (request, response) => before(request, response, true), outside.tls);
  try {
    await listenOutside(others, outside);
  } catch (thrown) {
    await app.close();
    throw thrown;
  }
  return {
    url,
    outsidePort: (others.address() as AddressInfo).port,
    close: async () => {
      const closed = new Promise((resolve) => others.close(resolve));
      others.closeAllConnections();
      await Promise.all([closed, app.close()]);
    },
  };
}

function listenOutside(server: Server, { host, port }: Outside): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => reject(notListening(cause, host, port)));
    server.listen(port, host, () => resolve());
  });
}

/** A server as Fastify makes one: uploads take their time, so a request has no deadline of its own, but its headers do. */
function serverWith(
  take: RequestListener,
  before: (request: IncomingMessage, response: ServerResponse) => boolean,
  tls?: Outside["tls"],
): Server {
  const listener: RequestListener = (request, response) => {
    if (!before(request, response)) take(request, response);
  };
  return tls === undefined
    ? createHttpServer(patience, listener)
    : createTlsServer({ ...patience, ...tls, minVersion: "TLSv1.2" }, listener);
}

async function listen(app: FastifyInstance, { host, port }: HttpOptions): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (cause) {
    throw notListening(cause as NodeJS.ErrnoException, host, port);
  }
}

/** Whether the API could be served here, asked before anything is started that a refusal would have to undo. */
export async function assertServable({
  host,
  port,
  outside,
}: Pick<HttpOptions, "host" | "port"> & {
  readonly outside?: Pick<Outside, "host" | "port"> | undefined;
}): Promise<void> {
  assertLoopback(host);
  await assertFree(host, port);
  if (outside !== undefined) await assertFree(outside.host, outside.port);
}

async function assertFree(host: string, port: number): Promise<void> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once("error", (cause: NodeJS.ErrnoException) => reject(notListening(cause, host, port)));
    probe.listen(port, host, () => probe.close(() => resolve()));
  });
}

function notListening(cause: NodeJS.ErrnoException, host: string, port: number): Error {
  if (cause.code !== "EADDRINUSE") return cause;
  return new FairwayError("port_in_use", `cannot listen on ${host}:${port}: another program does`, {
    hint: "give another with --port",
    cause,
  });
}
