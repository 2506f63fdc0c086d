import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import type { AnswerOf, Contract, OperationName, ParsedInputOf, Route } from "@fairway/api";
import { contract, openApiDocument } from "@fairway/api";
import { FairwayError, localActor } from "@fairway/core";
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest, FastifyServerFactory } from "fastify";
import Fastify, { LogController } from "fastify";
import { logCursor } from "../log-cursor.ts";
import { sendEvents } from "./event-stream.ts";
import type { HandlerContext } from "./handler-context.ts";
import { metricsContentType } from "../traffic/metrics-text.ts";
import { assertLoopback, assertOwnRequest } from "./origin-guard.ts";
import { problemOf } from "./problem-of.ts";

/** What does the work of each operation: an answer, or for a stream its items until the signal fires. */
export type Handlers = {
  readonly [Name in OperationName]: Contract[Name]["kind"] extends "stream"
    ? (input: ParsedInputOf<Contract[Name]>, context: HandlerContext) => AsyncIterable<AnswerOf<Contract[Name]>>
    : (input: ParsedInputOf<Contract[Name]>, context: HandlerContext) => Promise<AnswerOf<Contract[Name]>>;
};

export interface HttpServer {
  readonly url: string;
  close(): Promise<void>;
}

export interface HttpOptions {
  /** Answers a request before anything else looks at it, or says that it is not for it. */
  readonly before?: (request: IncomingMessage, response: ServerResponse) => boolean;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly version: string;
  readonly logger: FastifyBaseLogger;
  /** Whether the daemon can do its work now; asked by `/readyz`. */
  readonly ready: () => Promise<boolean>;
  /** Everything that is measured, in Prometheus' text format. */
  readonly metrics: () => Promise<string>;
}

const bodyLimit = 1024 * 1024;

/** Serves the contract and nothing else. Refuses to listen anywhere but on this machine's own addresses. */
export async function serveHttp(handlers: Handlers, options: HttpOptions): Promise<HttpServer> {
  assertLoopback(options.host);
  const app = Fastify({
    serverFactory: serverWith(options.before),
    loggerInstance: options.logger,
    bodyLimit,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
    schemaController: { compilersFactory: { buildValidator: neverAsked, buildSerializer: neverAsked } },
  });
  // Bodies are JSON and nothing else: what a form or a page without a preflight can send is not even read.
  app.removeContentTypeParser("text/plain");
  app.addHook("onRequest", async (request) => assertOwnRequest(request));
  app.setErrorHandler((thrown, request, reply) => refuse(thrown, request, reply));
  app.setNotFoundHandler((request, reply) =>
    refuse(new FairwayError("not_found", `there is no ${request.method} ${request.url}`), request, reply),
  );
  for (const name of Object.keys(contract) as OperationName[])
    addRoute(app, contract[name], handlers[name] as AnyHandler, name === "logs" ? logCursor : eventCursor);
  addProbes(app, options);
  return { url: await listen(app, options), close: () => app.close() };
}

/** The contract checks what comes in. Fastify's own compilers, which no route asks for, take 40 ms to load. */
const neverAsked = () => () => {
  throw new FairwayError("internal", "a route was given a schema besides the contract's");
};

/** A server as Fastify makes one: uploads take their time, so a request has no deadline of its own, but its headers do. */
function serverWith(before: NonNullable<HttpOptions["before"]> = () => false): FastifyServerFactory<Server> {
  return (handler) =>
    createHttpServer({ requestTimeout: 0, keepAliveTimeout: 72_000 }, (request, response) => {
      if (!before(request, response)) handler(request, response);
    });
}

type AnyHandler = (input: unknown, context: HandlerContext) => Promise<unknown> | AsyncIterable<never>;

/** Makes, for one stream, the id of each item: what a reader sends back to go on behind it. */
type Cursor = () => (item: never) => string | null;
const eventCursor: Cursor =
  () =>
  ({ seq }: { readonly seq?: number }) =>
    seq === undefined ? null : String(seq);

function addRoute(app: FastifyInstance, route: Route, handler: AnyHandler, cursor: Cursor): void {
  app.route({
    method: route.method,
    url: route.path,
    handler: async (request, reply) => {
      const input = inputOf(route, request);
      const actor = localActor((input as { readonly by?: string }).by ?? "local");
      const leave = new AbortController();
      const context = { actor, signal: leave.signal };
      if (route.kind === "json") return handler(input, context);
      await sendEvents(reply, handler(input, context) as AsyncIterable<never>, leave, cursor());
      return reply;
    },
  });
}

/** What a browser sends when it connects again, in the words of a query. */
const after = ({ headers }: FastifyRequest): { readonly after?: string } => {
  const last = headers["last-event-id"];
  return typeof last === "string" && last !== "" ? { after: last } : {};
};

/** Parameters, query and body as one object, checked; every problem at once. */
function inputOf(route: Route, request: FastifyRequest): unknown {
  const parts = [
    [route.params, request.params],
    [route.query, route.kind === "stream" ? { ...after(request), ...(request.query as object) } : request.query],
    ...(route.body ? [[route.body, request.body ?? {}] as const] : []),
  ] as const;
  const parsed = parts.map(([schema, value]) => schema.strict().safeParse(value));
  const problems = parsed.flatMap((result) =>
    result.success ? [] : result.error.issues.map((issue) => `${issue.path.join(".") || "request"}: ${issue.message}`),
  );
  if (problems.length > 0)
    throw new FairwayError("bad_request", `${route.method} ${route.path} cannot take this: ${problems.join("; ")}`, {
      problems,
    });
  return Object.assign({}, ...parsed.map((result) => result.data)) as unknown;
}

function addProbes(app: FastifyInstance, { version, ready, metrics }: HttpOptions): void {
  // Made when it is first asked for: at the start it would keep everybody waiting.
  let document: object | undefined;
  // The number tells those who only remember an address whether it is still the daemon they mean.
  app.get("/livez", async () => ({ alive: true, pid: process.pid }));
  app.get("/readyz", async (_request, reply) => {
    const isReady = await ready();
    return reply.code(isReady ? 200 : 503).send({ ready: isReady });
  });
  app.get("/metrics", async (_request, reply) => reply.type(metricsContentType).send(await metrics()));
  app.get("/openapi.json", async () => (document ??= openApiDocument(version)));
}

function refuse(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, problem } = problemOf(asRefusal(thrown));
  if (status >= 500) request.log.error({ err: thrown, method: request.method, url: request.url }, problem.message);
  return reply.code(status).send(problem);
}

/** What Fastify itself refuses (a body that is no JSON, one that is too long) is a bad request, not a fault of ours. */
function asRefusal(thrown: unknown): unknown {
  const status = (thrown as { statusCode?: number }).statusCode;
  return status !== undefined && status >= 400 && status < 500
    ? new FairwayError("bad_request", (thrown as Error).message, { cause: thrown })
    : thrown;
}

async function listen(app: FastifyInstance, { host, port }: HttpOptions): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (cause) {
    throw notListening(cause as NodeJS.ErrnoException, host, port);
  }
}

/** Whether the API could be served here, asked before anything is started that a refusal would have to undo. */
export async function assertServable({ host, port }: Pick<HttpOptions, "host" | "port">): Promise<void> {
  assertLoopback(host);
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
