import type { Server } from "node:http";
import type { AnswerOf, Contract, OperationName, ParsedInputOf, Route } from "@fairway/api";
import { contract, openApiDocument } from "@fairway/api";
import { FairwayError, codeOf } from "@fairway/core";
import { actingAs } from "@fairway/engine";
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest, FastifyServerFactory } from "fastify";
import Fastify, { LogController } from "fastify";
import { logCursor } from "../log-cursor.ts";
import { metricsContentType } from "../traffic/metrics-text.ts";
import type { Readiness } from "../readiness.ts";
import type { Dashboard } from "./dashboard-pages.ts";
import type { Doorkeeper } from "./doorkeeper.ts";
import type { HandlerContext } from "./handler-context.ts";
import type { OwnNames } from "./origin-guard.ts";
import { problemOf } from "./problem-of.ts";
import { addPolicies, callerOfRequest, contextOf, credentialsOf, named } from "./policies.ts";
import { referencePage } from "./reference-page.ts";
import { sendTagged } from "./entity-tag.ts";
import { inputOf } from "./request-input.ts";
import type { Trusts } from "./trusted-proxies.ts";
import type { SentFile } from "./sent-file.ts";
import { sendFile } from "./sent-file.ts";
import { sendEvents } from "./event-stream.ts";
import { watchStream } from "./stream-watch.ts";

/** What does the work of each operation: an answer, or for a stream its items until the signal fires. */
export type Handlers = {
  readonly [Name in OperationName]: Contract[Name]["kind"] extends "stream"
    ? (input: ParsedInputOf<Contract[Name]>, context: HandlerContext) => AsyncIterable<AnswerOf<Contract[Name]>>
    : (
        input: ParsedInputOf<Contract[Name]>,
        context: HandlerContext,
      ) => Promise<Contract[Name]["kind"] extends "file" ? SentFile : AnswerOf<Contract[Name]>>;
};

/** What is served, and to whom. */
export interface AppOptions {
  readonly version: string;
  readonly logger: FastifyBaseLogger;
  /** Whether the daemon can do its work now; asked by `/readyz`. */
  readonly ready: () => Promise<Readiness>;
  /** Everything that is measured, in Prometheus' text format. */
  readonly metrics: () => Promise<string>;
  /** Told of each answer: what was asked, with which status it was answered, and in how many seconds; null for streams. */
  readonly onAnswer?: (operation: string, status: number, seconds: number | null) => void;
  readonly names: OwnNames;
  readonly door: Doorkeeper;
  /** Whether a proxy is believed when it says whom it speaks for; nobody is when left out. */
  readonly trusts?: Trusts;
  /** Tells when somebody may have lost what they were allowed. */
  readonly onPeopleChange: (listener: () => void) => () => void;
  /** What people see in a browser; undefined where it is not built. */
  readonly dashboard?: Dashboard | undefined;
  /** Pages beside the contract; each names its policy like every route. */
  readonly pages?: (app: FastifyInstance) => void;
}

const bodyLimit = 1024 * 1024;

/** Puts the contract together with what does its work. Throws when a route, whoever adds it, has no policy. */
export function buildApp(
  handlers: Handlers,
  options: AppOptions,
  serverFactory?: FastifyServerFactory<Server>,
): FastifyInstance {
  const app = Fastify({
    ...(serverFactory === undefined ? {} : { serverFactory }),
    loggerInstance: options.logger,
    bodyLimit,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
    trustProxy: options.trusts ?? false,
    schemaController: { compilersFactory: { buildValidator: neverAsked, buildSerializer: neverAsked } },
  });
  // Bodies are JSON and nothing else: what a form or a page without a preflight can send is not even read.
  app.removeContentTypeParser("text/plain");
  app.setErrorHandler((thrown, request, reply) => refuse(thrown, request, reply));
  app.setNotFoundHandler((request, reply) => {
    if (options.dashboard?.takes(request, reply) !== true)
      refuse(new FairwayError("not_found", `there is no ${request.method} ${request.url}`), request, reply);
  });
  addPolicies(app, options);
  const { onAnswer } = options;
  if (onAnswer !== undefined)
    app.addHook("onResponse", async ({ routeOptions: { config } }, reply) => {
      const { operation = "none" } = config;
      const isStream = Object.hasOwn(contract, operation) && contract[operation as OperationName].kind === "stream";
      onAnswer(operation, reply.statusCode, isStream ? null : reply.elapsedTime / 1000);
    });
  for (const name of Object.keys(contract) as OperationName[])
    addRoute(app, name, contract[name], handlers[name] as AnyHandler, options);
  addProbes(app, options);
  options.dashboard?.addTo(app);
  options.pages?.(app);
  return app;
}

/** The contract checks what comes in. Fastify's own compilers, which no route asks for, take 40 ms to load. */
const neverAsked = () => () => {
  throw new FairwayError("internal", "a route was given a schema besides the contract's");
};

type AnyHandler = (input: unknown, context: HandlerContext) => Promise<unknown> | AsyncIterable<never>;

/** Makes, for one stream, the id of each item: what a reader sends back to go on behind it. */
type Cursor = () => (item: never) => string | null;
const eventCursor: Cursor =
  () =>
  ({ seq }: { readonly seq?: number }) =>
    seq === undefined ? null : String(seq);

function addRoute(
  app: FastifyInstance,
  name: OperationName,
  route: Route,
  handler: AnyHandler,
  options: AppOptions,
): void {
  const { access, anywhere, stepUp, machines } = route;
  const policy = {
    ...{ access, ...(anywhere ? { anywhere } : {}), ...(stepUp ? { stepUp } : {}) },
    ...(machines ? { machines } : {}),
  };
  const { door } = options;
  app.route({
    method: route.method,
    url: route.path,
    config: { policy, operation: name },
    ...(route.longestBody === undefined ? {} : { bodyLimit: route.longestBody }),
    handler: async (request, reply) => {
      const known = callerOfRequest(request);
      await door.admitAtAll(policy, known, name);
      const input = inputOf(route, request, known);
      const caller = named(known, input);
      await door.admit(policy, caller, name, input);
      const leave = new AbortController();
      const context = contextOf(caller, request, reply, leave.signal, door);
      if (route.kind === "json") {
        const answer = await actingAs(context.actor, () => handler(input, context) as Promise<unknown>);
        return route.method === "GET" ? sendTagged(request, reply, answer) : answer;
      }
      if (route.kind === "file") {
        reply.raw.once("close", () => leave.abort());
        return sendFile(reply, (await handler(input, context)) as SentFile);
      }
      const stopWatching = watchStream(leave, options.onPeopleChange, async () => {
        await door.admit(policy, await door.recognise(policy, credentialsOf(request)), name, input);
      });
      const cursor = (name === "logs" ? logCursor : eventCursor)();
      await sendEvents(reply, handler(input, context) as AsyncIterable<never>, leave, cursor).finally(stopWatching);
      return reply;
    },
  });
}

function addProbes(app: FastifyInstance, { version, ready, metrics, door }: AppOptions): void {
  // Made when it is first asked for: at the start it would keep everybody waiting.
  let document: object | undefined;
  const open = { config: { policy: { access: "open" }, operation: "probe", anyName: true } } as const;
  // The number tells those who only remember an address whether it is still the daemon they mean.
  app.get("/livez", open, async () => ({ alive: true, pid: process.pid }));
  app.get("/readyz", open, async (_request, reply) => {
    const found = await ready();
    return reply
      .code(found.ready ? 200 : 503)
      .header("cache-control", "no-store")
      .send(found);
  });
  const seen = { access: "read", anywhere: true } as const;
  app.get("/metrics", { config: { policy: seen, operation: "metrics" } }, async (request, reply) => {
    await door.admit(seen, callerOfRequest(request), "metrics", {});
    return reply.type(metricsContentType).send(await metrics());
  });
  const own = { access: "self" } as const;
  app.get("/openapi.json", { config: { policy: own, operation: "openapi" } }, async (request) => {
    await door.admit(own, callerOfRequest(request), "openapi", {});
    return (document ??= openApiDocument(version));
  });
  referencePage(app, door, () => (document ??= openApiDocument(version)));
}

function refuse(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, problem } = problemOf(isTooLong(thrown) ? tooLong(request, thrown) : asRefusal(thrown));
  if (status >= 500)
    request.log.error({ err: thrown, method: request.method, path: pathOf(request.url) }, problem.message);
  const code = codeOf(thrown);
  if (status === 401) reply.header("www-authenticate", 'Bearer realm="fairway"');
  if (code === "too_many_attempts") reply.header("retry-after", "60");
  return reply.code(status).header("cache-control", "no-store").send(problem);
}

/** Without what follows the question mark: a query may hold what nobody should have put there. */
const pathOf = (url: string): string => url.replace(/\?.*$/s, "");

const isTooLong = (thrown: unknown): boolean =>
  (thrown as { readonly code?: unknown } | null)?.code === "FST_ERR_CTP_BODY_TOO_LARGE";

/** Says how much may be asked at once, which only the route knows. */
function tooLong({ routeOptions, headers }: FastifyRequest, cause: unknown): FairwayError {
  const mebibytes = (bytes: number): string => `${Math.round((bytes / 1024 ** 2) * 10) / 10} MiB`;
  const sent = Number(headers["content-length"]);
  return new FairwayError(
    "bad_request",
    `a body may have ${mebibytes(routeOptions.bodyLimit ?? bodyLimit)} at most here${sent > 0 ? `, and this one has ${mebibytes(sent)}` : ""}`,
    { hint: "ask it in parts", cause },
  );
}

/** What Fastify itself refuses (a body that is no JSON, one that is too long) is a bad request, not a fault of ours. */
function asRefusal(thrown: unknown): unknown {
  const status = (thrown as { statusCode?: number }).statusCode;
  return status !== undefined && status >= 400 && status < 500
    ? new FairwayError("bad_request", (thrown as Error).message, { cause: thrown })
    : thrown;
}
