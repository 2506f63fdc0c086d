import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { messageOf } from "@fairway/core";
import type { FlagControl, FlagEvaluation, LiveSet } from "@fairway/engine";
import { flagStreams } from "./flag-streams.ts";
import { keyOf, readContext } from "./ofrep-request.ts";

export interface FlagServerParts {
  readonly flags: FlagControl;
  /** The host names under which the public reaches an environment: its pages may ask for its flags. */
  readonly hostsOf: (environment: string) => Promise<readonly string[]>;
  readonly tell: (problem: string) => void;
}

/** Serves flags to those who hold a key of an environment: over OFREP, and as flagd's source of definitions. */
export interface FlagServer {
  /** Answers a request about flags; false for one that is not. */
  takes(request: IncomingMessage, response: ServerResponse): boolean;
  close(): void;
}

const evaluation = "/ofrep/v1/evaluate/flags";
const stream = "/ofrep/v1/stream";
const definitions = "/flagd/v1/flags.json";

/** Holder of a key, as far as an answer needs it. */
type Holder = NonNullable<ReturnType<FlagControl["holderOf"]>>;

/** Opens the server of flags, which listens where the daemon does. */
export function flagServer({ flags, hostsOf, tell }: FlagServerParts): FlagServer {
  const streams = flagStreams();
  const off = flags.live.onChange((live) => streams.tell(live));

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = new URL(request.url ?? "/", "http://localhost");
    const { origin } = request.headers;
    if (request.method === "OPTIONS") return preflight(response, origin, await isKnownOrigin(origin));
    const given = keyOf(request, asked);
    const holder = given && flags.holderOf(given.key);
    // A server's key is a secret, which no URL may hold: those are written down on the way.
    if (given === null || holder === null || (given.inUrl && holder.kind === "server"))
      return refuse(response, 401, { errorDetails: "bring a key: Authorization: Bearer …" });
    if (origin !== undefined) {
      response.setHeader("vary", "Origin");
      if (!(await isAllowed(origin, holder.access)))
        return refuse(response, 403, { errorDetails: `pages of ${origin} may not ask for these flags` });
      allow(response, origin);
    }
    const live = flags.live.of(holder.access.environment);
    const route = `${request.method} ${asked.pathname}`;
    if (route === `POST ${evaluation}`) return evaluateAll(request, response, live, streamOf(holder, given.key));
    if (route === `GET ${stream}`) {
      if (!streams.add(holder.access.environment, live, response))
        refuse(response, 503, { errorDetails: "too many streams are open" });
      return;
    }
    if (holder.kind === "client")
      return refuse(response, 403, {
        errorDetails: "a client's key gets the values of all flags, and hears of changes",
      });
    if (route === `GET ${definitions}`) return define(request, response, live);
    if (request.method === "POST" && asked.pathname.startsWith(`${evaluation}/`))
      return evaluateOne(request, response, live, asked.pathname.slice(evaluation.length + 1));
    refuse(response, 404, { errorDetails: `there is no ${route}` });
  }

  const isKnownOrigin = async (origin: string | undefined): Promise<boolean> => {
    if (origin === undefined) return false;
    const found = await Promise.all(flags.live.access().map((access) => isAllowed(origin, access)));
    return found.includes(true);
  };

  const isAllowed = async (origin: string, { environment, origins }: Holder["access"]): Promise<boolean> =>
    origins.includes(origin) ||
    (URL.canParse(origin) && (await hostsOf(environment)).includes(new URL(origin).hostname));

  return {
    takes(request, response) {
      if (request.url?.startsWith("/ofrep/") !== true && request.url?.startsWith("/flagd/") !== true) return false;
      answer(request, response).catch((thrown: unknown) => {
        if (response.destroyed || request.destroyed) return;
        tell(`could not answer about feature flags: ${messageOf(thrown)}`);
        if (response.headersSent) response.destroy();
        else refuse(response, 500, { errorDetails: "a fault in Fairway itself; the daemon's log has the details" });
      });
      return true;
    },
    close() {
      off();
      streams.close();
    },
  };
}

async function evaluateOne(
  request: IncomingMessage,
  response: ServerResponse,
  live: LiveSet | null,
  encoded: string,
): Promise<void> {
  const key = decoded(encoded);
  const asked = await readContext(request);
  if (!asked.ok)
    return refuse(response, asked.status, { key, errorCode: asked.errorCode, errorDetails: asked.errorDetails });
  const found: FlagEvaluation = (await live?.evaluator())?.one(key, asked.context) ?? {
    key,
    errorCode: "FLAG_NOT_FOUND",
    errorDetails: "this environment has no flags",
  };
  send(response, !("errorCode" in found) ? 200 : found.errorCode === "FLAG_NOT_FOUND" ? 404 : 400, found);
}

async function evaluateAll(
  request: IncomingMessage,
  response: ServerResponse,
  live: LiveSet | null,
  eventStreams: readonly object[],
): Promise<void> {
  const asked = await readContext(request);
  if (!asked.ok)
    return refuse(response, asked.status, { errorCode: asked.errorCode, errorDetails: asked.errorDetails });
  const body = JSON.stringify({
    flags: (await live?.evaluator())?.all(asked.context) ?? [],
    metadata: live?.set.metadata ?? {},
    eventStreams,
  });
  // Of the values and not of the version: a rule may ask for the time.
  sendOrUnchanged(request, response, body, `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`);
}

function define(request: IncomingMessage, response: ServerResponse, live: LiveSet | null): void {
  sendOrUnchanged(request, response, live?.text ?? '{"flags":{}}', live?.etag ?? '"none"');
}

/** Where changes are heard of. Only a client's key stands in it: pages can send no header there, and it is no secret. */
const streamOf = ({ kind }: Holder, key: string): readonly object[] => [
  {
    type: "sse",
    endpoint: { requestUri: kind === "client" ? `${stream}?key=${encodeURIComponent(key)}` : stream },
    inactivityDelaySec: 120,
  },
];

function sendOrUnchanged(request: IncomingMessage, response: ServerResponse, body: string, etag: string): void {
  const known = (request.headers["if-none-match"] ?? "").split(",").map((one) => one.trim().replace(/^W\//, ""));
  response.setHeader("etag", etag);
  if (known.includes(etag) || known.includes("*")) response.writeHead(304).end();
  else sendText(response, 200, body);
}

const refuse = (response: ServerResponse, status: number, body: object): void => send(response, status, body);

const send = (response: ServerResponse, status: number, body: object): void =>
  sendText(response, status, JSON.stringify(body));

function sendText(response: ServerResponse, status: number, body: string): void {
  response
    .writeHead(status, {
      "content-type": "application/json; charset=utf-8",
      "cache-control": "no-cache, private",
      ...(status === 401 ? { "www-authenticate": "Bearer" } : {}),
      // What was not read to its end would be taken for the next request.
      ...(status === 413 ? { connection: "close" } : {}),
    })
    .end(body);
}

function preflight(response: ServerResponse, origin: string | undefined, known: boolean): void {
  response.setHeader("vary", "Origin");
  if (origin !== undefined && known) {
    allow(response, origin);
    response.setHeader("access-control-allow-methods", "GET, POST");
    response.setHeader("access-control-allow-headers", "authorization, content-type, if-none-match, x-api-key");
    response.setHeader("access-control-max-age", "600");
  }
  response.writeHead(204).end();
}

function allow(response: ServerResponse, origin: string): void {
  response.setHeader("access-control-allow-origin", origin);
  response.setHeader("access-control-expose-headers", "etag");
}

/** What cannot be decoded names no flag. */
function decoded(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}
