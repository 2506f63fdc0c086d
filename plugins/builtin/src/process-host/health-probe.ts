import type { IncomingMessage } from "node:http";
import { request } from "node:http";
import type { Millis } from "@fairway/core";
import { messageOf } from "@fairway/core";
import { hasCode } from "./system-error.ts";

/** What came back of a question, as evidence. */
export interface HealthSeen {
  /** Null when there was no answer. */
  readonly status: number | null;
  /** As much of the body as a person reads. */
  readonly body: string;
  readonly error: string | null;
}

/** What a replica answered when it was asked whether it is well. */
export type HealthAnswer =
  | { readonly well: true; readonly busy: number; readonly seen: HealthSeen }
  /** As the end of a sentence: `answered 500: …`. */
  | { readonly well: false; readonly said: string; readonly seen: HealthSeen };

const unanswered = (said: string): HealthAnswer => ({
  well: false,
  said,
  seen: { status: null, body: "", error: said },
});

/** No service has to say more about its health, and a broken one must not fill our memory. */
const bodyLimit = 64 * 1024;

/** Where and how a replica is asked. */
export interface HealthQuestion {
  readonly port: number;
  readonly path: string;
  readonly timeout: Millis;
  /** Nobody wants to know any more. */
  readonly signal: AbortSignal;
}

/** Asks a replica once, and has its answer within the timeout. Throws when it is we who could not ask. */
export function askHealth({ port, path, timeout, signal }: HealthQuestion): Promise<HealthAnswer> {
  return new Promise((resolve, reject) => {
    // A connection of its own for every question: a kept one would tell about the connection, not about the service.
    const headers = { "user-agent": "fairway-health" };
    const asked = request({ host: "127.0.0.1", port, path, agent: false, headers, signal });
    const answer = (given: HealthAnswer): void => {
      clearTimeout(timer);
      resolve(given);
      asked.destroy();
    };
    // Over the whole answer: one that drips a byte a second is not well.
    const timer = setTimeout(() => answer(unanswered(`gave no answer within ${timeout} ms`)), timeout);
    asked.on("error", (error) => {
      if (!hasCode(error, "EMFILE", "ENFILE", "ENOBUFS", "EADDRNOTAVAIL"))
        return answer(unanswered(whatWentWrong(error, port)));
      clearTimeout(timer);
      reject(error);
    });
    asked.on("response", (response) => readBody(response, (body) => answer(judge(response, body))));
    asked.end();
  });
}

function readBody(response: IncomingMessage, done: (body: string) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  const finish = (): void => done(Buffer.concat(chunks).toString("utf8").slice(0, bodyLimit));
  response.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size > bodyLimit) finish();
  });
  response.on("end", finish);
}

function judge({ statusCode: status = 0, headers }: IncomingMessage, body: string): HealthAnswer {
  const text = body.trim().slice(0, 200);
  const seen = { status, body: text, error: null };
  if (status >= 200 && status < 300) return { well: true, busy: openJobs(headers["fairway-busy"], body), seen };
  return { well: false, said: `answered ${status}${text === "" ? "" : `: ${text}`}`, seen };
}

/** Open long jobs, as the header `Fairway-Busy: 2` tells or the body `{"busy": 2}`; whoever says nothing has none. */
function openJobs(header: string | readonly string[] | undefined, body: string): number {
  if (typeof header === "string") return /^\d{1,9}$/.test(header) ? Number(header) : 0;
  if (!body.trimStart().startsWith("{")) return 0;
  try {
    const { busy } = JSON.parse(body) as { readonly busy?: unknown };
    return typeof busy === "number" && Number.isSafeInteger(busy) && busy > 0 ? busy : 0;
  } catch {
    return 0; // Any 2xx is a yes, whatever the body is.
  }
}

function whatWentWrong(error: Error, port: number): string {
  if (hasCode(error, "ECONNREFUSED")) return `does not listen on 127.0.0.1:${port}`;
  if (hasCode(error, "ECONNRESET")) return "closed the connection without an answer";
  if ("code" in error && String(error.code).startsWith("HPE_")) return "answered with something that is not HTTP";
  return `could not be asked: ${messageOf(error)}`;
}
