import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import type { Waker } from "@fairway/core";
import { FairwayError, messageOf } from "@fairway/core";
import type { Knock, PreviewControl } from "@fairway/engine";

/** Answers in the place of previews that have no replica: the router sends it what comes for them. */
export interface WakeServer {
  readonly waker: Waker;
  /** Told once there is somebody to ask. */
  serve(previews: Pick<PreviewControl, "knock">): void;
  close(): Promise<void>;
}

/** Asked by the router whether it is well; no service has such a path. */
const healthPath = "/.fairway/waker";
/** How long a request is held while a preview wakes; who waits longer is told to come again. */
const longestHold = 20_000;
const mostHeld = 200;
const comeAgain = 3;

/**
 * Opens it at this machine's own address, and at another one, `0.0.0.0:7080`, where there is to be one. `tell` is told what
 * goes wrong. Throws `bad_request` for what is no address, and what listening there throws.
 */
export async function openWakeServer(tell: (problem: string) => void, listen?: string): Promise<WakeServer> {
  let previews: Pick<PreviewControl, "knock"> | undefined;
  let held = 0;
  const closing = new AbortController();
  const server: Server = createServer((request, response) => {
    if (request.url === healthPath) return void response.writeHead(204).end();
    held += 1;
    void answer(request, response)
      .catch((thrown: unknown) => {
        tell(`could not answer for a preview: ${messageOf(thrown)}`);
        say(request, response, null);
      })
      .finally(() => (held -= 1));
  });
  server.on("clientError", (_problem, socket) => void socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  // A load balancer elsewhere sends what comes for sleeping previews to the same ears.
  const outside =
    listen === undefined
      ? null
      : await listenAt(listen, (request, response) => void server.emit("request", request, response)).catch(
          (thrown: unknown) => {
            server.close();
            throw thrown;
          },
        );

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const host = (request.headers.host ?? "").replace(/:\d+$/u, "").toLowerCase();
    const knock = await previews?.knock(host);
    if (knock === undefined || knock === null || held > mostHeld) return say(request, response, null);
    const since = performance.now();
    let now: Knock | null = knock;
    while (now?.standing === "ready" && !closing.signal.aborted && !response.destroyed) {
      if (now.answers) {
        // The same request once more: by then it goes to a replica. Its body was not read, so the connection ends.
        response
          .writeHead(307, { location: request.url ?? "/", "cache-control": "no-store", connection: "close" })
          .end();
        return;
      }
      if (performance.now() - since > longestHold) break;
      await wait(200, undefined, { signal: closing.signal }).catch(() => undefined);
      now = (await previews?.knock(host)) ?? null;
    }
    say(request, response, now);
  }

  return {
    waker: { host: "127.0.0.1", port, healthPath },
    serve: (opened) => (previews = opened),
    async close() {
      closing.abort();
      outside?.closeAllConnections();
      outside?.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function listenAt(
  address: string,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Server> {
  const [, host, port = ""] = /^(.+):(\d{1,5})$/u.exec(address) ?? [];
  if (host === undefined)
    throw new FairwayError("bad_request", `FAIRWAY_WAKE_ADDRESS is "${address}"`, {
      hint: "write an address and a port: 0.0.0.0:7080",
    });
  const server = createServer(answer);
  server.on("clientError", (_problem, socket) => void socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(Number(port), host, resolve);
  });
  return server;
}

const sentences: Readonly<Record<Knock["standing"], string>> = {
  waiting: "waits until there is room for it",
  asking: "waits for somebody to let its commit in",
  building: "is being built",
  deploying: "is being started",
  ready: "is waking up",
  asleep: "is waking up",
  failed: "could not be built or started",
  ending: "is being taken away",
  ended: "is gone",
};

/**
 * Says why nobody answers, as a page that asks again, or as JSON. What is on it is Fairway's own words and a name of letters
 * and digits.
 */
function say(request: IncomingMessage, response: ServerResponse, knock: Knock | null): void {
  if (response.headersSent || response.destroyed) return;
  const what =
    knock === null ? "Nothing answers here" : `The preview ${knock.preview.name} ${sentences[knock.standing]}`;
  const html = (request.headers.accept ?? "").includes("text/html");
  const body = html
    ? `<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="${comeAgain}"><title>${what}</title><p>${what}. This page asks again by itself.</p></html>`
    : JSON.stringify({ message: what });
  response
    .writeHead(503, {
      "content-type": html ? "text/html; charset=utf-8" : "application/json",
      "retry-after": String(comeAgain),
      "cache-control": "no-store",
      "content-security-policy": "default-src 'none'",
      "x-content-type-options": "nosniff",
      connection: "close",
    })
    .end(body);
}
