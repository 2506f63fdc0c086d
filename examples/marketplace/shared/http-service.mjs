import { createServer } from "node:http";

import { errorFields } from "./log.mjs";
import { Problem, problemAnswer } from "./problem.mjs";
import { createRouter } from "./router.mjs";

function send(request, response, { status = 200, headers = {}, body }, stopping) {
  const isBytes = Buffer.isBuffer(body);
  const bytes = isBytes ? body : body === undefined ? Buffer.alloc(0) : Buffer.from(`${JSON.stringify(body)}\n`);
  const bodiless = status === 204 || status === 304;
  response.writeHead(status, {
    ...(bodiless || isBytes ? {} : { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" }),
    ...(bodiless ? {} : { "content-length": bytes.length }),
    "x-content-type-options": "nosniff",
    ...(stopping ? { connection: "close" } : {}),
    ...headers,
  });
  response.end(bodiless || request.method === "HEAD" ? undefined : bytes);
}

function targetOf(request) {
  if (!request.url?.startsWith("/")) throw new Problem(400, "bad_path", "The request target must be a path.");
  const [pathname, query = ""] = request.url.split(/\?(.*)/s);
  return { pathname, query: new URLSearchParams(query) };
}

/**
 * An HTTP server from routes. A handler gets `{ request, params, query }` and returns `{ status, headers, body }`, where
 * the body is an object for JSON or a Buffer. `health` returns `{ ready, ...fields }` and is served at /healthz: 200
 * when ready, 503 when not and from SIGTERM on.
 */
export function createHttpService({ facts, log, routes, health = () => ({ ready: true }) }) {
  let open = 0;
  let stopping = false;

  const healthRoute = {
    method: "GET",
    path: "/healthz",
    handle: () => {
      const { ready, ...fields } = health();
      const ok = ready && !stopping;
      // The question itself is an open request, and no work.
      const busy = open - 1;
      return {
        status: ok ? 200 : 503,
        body: { ok, busy, stopping, release: facts.release, sha: facts.sha, ...fields },
      };
    },
  };
  const find = createRouter([healthRoute, ...routes]);

  async function answer(request) {
    try {
      const { pathname, query } = targetOf(request);
      const { handle, params } = find(request.method, pathname);
      return await handle({ request, params, query });
    } catch (error) {
      if (error instanceof Problem) return problemAnswer(error);
      log.error("a request failed", { method: request.method, url: request.url, ...errorFields(error) });
      return problemAnswer(new Problem(500, "internal", "Something went wrong here; it is in the log."));
    }
  }

  const server = createServer(async (request, response) => {
    const began = performance.now();
    open += 1;
    response.once("close", () => {
      open -= 1;
      log.debug("request", {
        method: request.method,
        url: request.url,
        status: response.statusCode,
        ms: Math.round(performance.now() - began),
      });
    });
    const result = await answer(request);
    if (!response.destroyed) send(request, response, result, stopping);
  });
  server.requestTimeout = 30_000;
  server.headersTimeout = 10_000;
  server.keepAliveTimeout = 10_000;
  server.on("clientError", (error, socket) => {
    if (error.code === "ECONNRESET" || !socket.writable) return socket.destroy();
    const status = error.code === "HPE_HEADER_OVERFLOW" ? "431 Request Header Fields Too Large" : "400 Bad Request";
    socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  });

  return {
    server,
    /** Takes no new connections and resolves once every open request is answered. */
    stop: () =>
      new Promise((resolve) => {
        stopping = true;
        server.close(() => resolve());
      }),
  };
}
