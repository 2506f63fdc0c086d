import { request } from "node:http";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { codeOf, FairwayError, messageOf, type Millis } from "@fairway/core";

/** One question to the router's control socket. */
export interface ControlQuestion {
  readonly method: "GET" | "PUT" | "POST";
  readonly path: string;
  readonly body?: unknown;
  /** For the whole answer. */
  readonly within?: Millis;
}

const answerWithin = 5000;
/** Between two workers of the router a question may be cut off; each of them is asked anew. */
const attempts = 6;
const pause = 50;

/** Where the router of a directory is controlled. */
const controlSocketIn = (directory: string): string => join(directory, "router.sock");

/**
 * Asks the router and returns its answer. Asks again when a worker was replaced in between, which every question
 * allows: a write that took is then answered `outdated`. Throws `router_unavailable` when nobody answers, and the
 * router's own no as the FairwayError that it is.
 */
export async function askRouter(directory: string, question: ControlQuestion): Promise<unknown> {
  for (let attempt = 1; ; attempt++) {
    const said = await askOnce(controlSocketIn(directory), question);
    if (said.kind === "answer") return said.body;
    if (!said.askAgain || attempt === attempts) throw said.error;
    await wait(pause);
  }
}

type Said =
  | { readonly kind: "answer"; readonly body: unknown }
  | { readonly kind: "error"; readonly error: FairwayError; readonly askAgain: boolean };

function askOnce(socketPath: string, question: ControlQuestion): Promise<Said> {
  const { method, path, body, within = answerWithin } = question;
  return new Promise((tell) => {
    const unavailable = (cause: unknown): void => {
      const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
      const why = code === "ABORT_ERR" ? `no answer in ${within} ms` : messageOf(cause);
      const details = { hint: "start it with `fairway up`, which adopts or starts it", retryable: true, cause };
      const error = new FairwayError(
        "router_unavailable",
        `could not ask the router at ${socketPath}: ${why}`,
        details,
      );
      tell({ kind: "error", error, askAgain: code === "ECONNRESET" || code === "EPIPE" });
    };
    const signal = AbortSignal.timeout(within);
    // No agent: a kept connection would reach the worker of before after an upgrade.
    const asked = request({ socketPath, method, path, agent: false, signal });
    asked.on("error", unavailable);
    asked.on("response", (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (part: string) => (text += part));
      answer.on("error", unavailable);
      answer.on("end", () => tell(readAnswer(answer.statusCode ?? 0, text, question)));
    });
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function readAnswer(status: number, text: string, { method, path }: ControlQuestion): Said {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    const message = `the router answered ${method} ${path} with ${status} and no JSON`;
    return { kind: "error", askAgain: false, error: new FairwayError("router_unavailable", message, { cause }) };
  }
  if (status < 300) return { kind: "answer", body };
  const { problems, retryable } = body as { problems?: readonly string[]; retryable?: boolean };
  const details = { ...(problems === undefined ? {} : { problems }), retryable: retryable === true };
  const error = new FairwayError(
    codeOf(body) ?? "internal",
    `the router refused ${method} ${path}: ${messageOf(body)}`,
    details,
  );
  return { kind: "error", error, askAgain: retryable === true };
}
