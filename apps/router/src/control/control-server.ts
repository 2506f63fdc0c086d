import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

/** What a control request is answered with. */
export interface ControlAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** An answer that says no, in the form of a FairwayError. */
export const refusal = (
  status: number,
  code: string,
  message: string,
  details: { readonly problems?: readonly string[]; readonly retryable?: boolean } = {},
): ControlAnswer => ({ status, body: { code, message, ...details } });

/** `PUT /table` and its like. `body` is the parsed JSON; undefined when there was none. */
export type ControlRoutes = Readonly<Record<string, (body: unknown) => Promise<ControlAnswer>>>;

const longestBody = 8 * 1024 * 1024;

/** Serves HTTP with JSON on the control socket, which only its owner can open. */
export function controlServer(routes: ControlRoutes, failed: (error: unknown) => void): Server {
  const server = createServer((request, response) => {
    void answer(routes, request)
      .catch((error: unknown) => {
        failed(error);
        return refusal(500, "internal", error instanceof Error ? error.message : String(error));
      })
      .then((answered) => send(response, answered));
  });
  // A client that keeps its connection would talk to this worker after another has taken over.
  server.on("request", (_request, response: ServerResponse) => response.setHeader("connection", "close"));
  // A connection that could not be taken, for want of descriptors, is asked for again by whoever wanted it.
  server.on("error", (error) => server.listening && failed(error));
  server.requestTimeout = 10_000;
  return server;
}

async function answer(routes: ControlRoutes, request: IncomingMessage): Promise<ControlAnswer> {
  const { method = "", url = "" } = request;
  const path = url.split("?", 1)[0] ?? "";
  const handle = Object.hasOwn(routes, `${method} ${path}`) ? routes[`${method} ${path}`] : undefined;
  if (handle === undefined) return refusal(404, "not_found", `the router does not know ${method} ${path}`);
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > longestBody) return refusal(413, "bad_request", `the body is longer than ${longestBody} bytes`);
    parts.push(part);
  }
  if (bytes === 0) return handle(undefined);
  let body: unknown;
  try {
    body = JSON.parse(Buffer.concat(parts).toString("utf8"));
  } catch {
    return refusal(400, "bad_request", "the body is not JSON");
  }
  return handle(body);
}

function send(response: ServerResponse, { status, body }: ControlAnswer): void {
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  response.end(text);
}
