import type { IncomingMessage, ServerResponse } from "node:http";
import { messageOf } from "@fairway/core";
import type { TriggerControl } from "@fairway/engine";

/** Takes what forges send, before anything else looks at a request: who sent it is told by the body's signature. */
export interface HookServer {
  /** Whether a request is one of them; then it is answered here. */
  takes(request: IncomingMessage, response: ServerResponse): boolean;
}

/** In bytes: what is longer is found by the next look at the forge. */
const longestBody = 2 * 1024 * 1024;
/** At once, and of all of them together: nobody who is not known yet may have us hold more. */
const mostAtOnce = 500;
const mostBytes = 64 * 1024 * 1024;
const within = 10_000;

/**
 * The one way in that needs no login: `POST /hooks/<forge>`. Answers once what came is kept; what it means is worked out after.
 */
export function hookServer(triggers: Pick<TriggerControl, "receive">, tell: (problem: string) => void): HookServer {
  let open = 0;
  const held = { bytes: 0 };
  return {
    takes(request, response) {
      const [path = ""] = (request.url ?? "").split("?");
      const [, forge] = /^\/hooks\/([a-z]{1,20})$/u.exec(path) ?? [];
      if (forge === undefined) return false;
      // Intercom asks so whether anybody is there before it keeps an address.
      if (request.method === "HEAD") answer(response, 200, "");
      else if (request.method !== "POST") answer(response, 405, "hooks are posted");
      else if (open >= mostAtOnce || held.bytes > mostBytes) answer(response, 503, "too many at once; send it again");
      else {
        open += 1;
        void receive(triggers, forge, request, response, held)
          .catch((thrown: unknown) => {
            tell(`could not take a webhook of ${forge}: ${messageOf(thrown)}`);
            answer(response, 503, "could not be kept; send it again");
          })
          .finally(() => (open -= 1));
      }
      return true;
    },
  };
}

async function receive(
  triggers: Pick<TriggerControl, "receive">,
  forge: string,
  request: IncomingMessage,
  response: ServerResponse,
  held: { bytes: number },
): Promise<void> {
  const body = await bodyOf(request, held);
  if (body === null) return answer(response, 413, "the body is too long");
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value]),
  );
  const { status, why } = await triggers.receive(forge, { headers, body });
  answer(response, status, why);
}

/** Null for one that is longer than anybody may send, of which no more is read. Throws when it does not come in time. */
function bodyOf(request: IncomingMessage, held: { bytes: number }): Promise<Uint8Array | null> {
  if (Number(request.headers["content-length"] ?? 0) > longestBody) return Promise.resolve(null);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => request.destroy(new Error("the body did not come in time")), within);
    request.on("data", (chunk: Uint8Array) => {
      bytes += chunk.length;
      held.bytes += chunk.length;
      if (bytes <= longestBody) return void chunks.push(chunk);
      // Not destroyed: who sends it is to hear why.
      request.pause();
      resolve(null);
    });
    request.on("end", () => resolve(Buffer.concat(chunks)));
    request.on("error", reject);
    request.on("close", () => {
      clearTimeout(late);
      held.bytes -= bytes;
      reject(new Error("the sender went away"));
    });
  });
}

function answer(response: ServerResponse, status: number, message: string): void {
  if (response.headersSent || response.destroyed) return;
  response
    .writeHead(status, {
      "content-type": "application/json",
      "x-content-type-options": "nosniff",
      // What was not read to its end is not read at all.
      ...(status === 413 ? { connection: "close" } : {}),
      ...(status === 503 ? { "retry-after": "5" } : {}),
    })
    .end(JSON.stringify({ message }));
}
