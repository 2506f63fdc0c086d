import { FairwayError, codeOf } from "@fairway/core";
import type { Contract, OperationName } from "./contract.ts";
import type { AnswerOf, InputOf } from "./route.ts";
import type { Address } from "./routes.ts";
import { routes } from "./routes.ts";
import type { Problem } from "./shapes/problem.ts";

// The schemas stay out of here: loading them takes longer than asking the daemon.

type Streams = { [Name in OperationName]: Contract[Name]["kind"] extends "stream" ? Name : never }[OperationName];
type Files = { [Name in OperationName]: Contract[Name]["kind"] extends "file" ? Name : never }[OperationName];
/** The operations that answer once. */
export type Calls = Exclude<OperationName, Streams | Files>;

type FileBytes = NonNullable<Response["body"]>;

/** The HTTP interface as functions. Whatever the server refuses is thrown as the FairwayError it sent. */
export interface Client {
  readonly url: string;
  call<Name extends Calls>(
    name: Name,
    input: InputOf<Contract[Name]>,
    signal?: AbortSignal,
  ): Promise<AnswerOf<Contract[Name]>>;
  /** The bytes of a file. */
  file<Name extends Files>(name: Name, input: InputOf<Contract[Name]>, signal?: AbortSignal): Promise<FileBytes>;
  /** Ends when the server ends it or the signal fires. */
  stream<Name extends Streams>(
    name: Name,
    input: InputOf<Contract[Name]>,
    signal?: AbortSignal,
  ): AsyncGenerator<AnswerOf<Contract[Name]>, void, undefined>;
}

/** The header that a page of another origin cannot set without asking first; every change must carry it. */
export const requestHeader = "x-fairway-request";

export interface ClientOptions {
  /** What shows who asks, now; null for nothing. Never sent in the clear but to this machine itself. */
  readonly token?: () => string | null;
  /** Shows again who asks, when an operation wants that; false when nobody can. Then the operation is asked once more. */
  readonly proveAgain?: () => Promise<boolean>;
}

export function createClient(url: string, { token = () => null, proveAgain }: ClientOptions = {}): Client {
  const base = url.replace(/\/$/, "");

  async function send(
    route: Address,
    input: Readonly<Record<string, unknown>>,
    signal?: AbortSignal,
  ): Promise<Response> {
    const { target, body } = requestOf(route, input);
    const secret = token();
    if (secret !== null) assertPrivate(base);
    let response: Response;
    try {
      response = await fetch(base + target, {
        method: route.method,
        headers: {
          accept: "application/json, text/event-stream",
          ...(body ? { "content-type": "application/json" } : {}),
          [requestHeader]: "1",
          ...(secret === null ? {} : { authorization: `Bearer ${secret}` }),
        },
        // Whoever answers with another address would be shown the token there.
        redirect: "manual",
        ...(body ? { body } : {}),
        ...(signal ? { signal } : {}),
      });
    } catch (cause) {
      if (signal?.aborted) throw cause;
      throw new FairwayError("daemon_not_running", `no daemon answers at ${base}`, {
        hint: "start it with: fairway up",
        retryable: true,
        cause,
      });
    }
    if (!response.ok) throw await refusalOf(response, route);
    return response;
  }

  async function sendProven(
    route: Address,
    input: Readonly<Record<string, unknown>>,
    signal?: AbortSignal,
  ): Promise<Response> {
    try {
      return await send(route, input, signal);
    } catch (thrown) {
      if (codeOf(thrown) !== "step_up_required" || proveAgain === undefined || !(await proveAgain())) throw thrown;
      return send(route, input, signal);
    }
  }

  return {
    url: base,

    async call(name, input, signal) {
      const route: Address = routes[name];
      const response = await sendProven(route, input as Record<string, unknown>, signal);
      try {
        return (await response.json()) as AnswerOf<Contract[typeof name]>;
      } catch (thrown) {
        if (signal?.aborted) throw thrown;
        throw new FairwayError("daemon_not_running", `the daemon at ${base} went away`, {
          retryable: true,
          cause: thrown,
        });
      }
    },

    async file(name, input, signal) {
      const { body } = await send(routes[name], input as Record<string, unknown>, signal);
      return body ?? new Blob([]).stream();
    },

    async *stream(name, input, signal) {
      const route: Address = routes[name];
      const response = await send(route, input as Record<string, unknown>, signal);
      if (!response.body) return;
      const { createParser } = await import("eventsource-parser");
      const ready: AnswerOf<Contract[typeof name]>[] = [];
      const parser = createParser({
        onEvent: (message) => {
          if (message.event === "problem") throw errorFrom(JSON.parse(message.data), 500);
          ready.push(JSON.parse(message.data) as AnswerOf<Contract[typeof name]>);
        },
      });
      const decoder = new TextDecoder();
      try {
        for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
          parser.feed(decoder.decode(chunk, { stream: true }));
          yield* ready.splice(0);
        }
      } catch (thrown) {
        // What came before the end is given first.
        yield* ready.splice(0);
        if (signal?.aborted) return;
        if (codeOf(thrown)) throw thrown;
        throw new FairwayError("daemon_not_running", `the daemon at ${base} went away`, {
          retryable: true,
          cause: thrown,
        });
      }
    },
  };
}

/** Where a browser finds a file, for a link that it follows with its own session; relative to the daemon's address. */
export const hrefOf = <Name extends Files>(name: Name, input: InputOf<Contract[Name]>): string =>
  requestOf(routes[name], input as Record<string, unknown>).target;

/** Refuses to show a secret to everybody on the way. Throws `bad_request`. */
function assertPrivate(base: string): void {
  const { protocol, hostname } = new URL(base);
  if (protocol === "https:" || ["127.0.0.1", "[::1]", "localhost"].includes(hostname)) return;
  throw new FairwayError("bad_request", `will not send a token to ${base}: everybody on the way could read it`, {
    hint: "use its https:// address",
  });
}

/** Puts an input where the route wants it: parameters into the path, the rest into query or body. */
function requestOf(route: Address, input: Readonly<Record<string, unknown>>): { target: string; body: string | null } {
  const used = new Set<string>();
  const path = route.path.replace(/:([a-z]+)/gi, (_match, name: string) => {
    used.add(name);
    return encodeURIComponent(String(input[name]));
  });
  const rest = Object.entries(input).filter(([name, value]) => !used.has(name) && value !== undefined);
  if (route.method === "POST") return { target: path, body: JSON.stringify(Object.fromEntries(rest)) };
  const query = new URLSearchParams(rest.map(([name, value]): [string, string] => [name, String(value)])).toString();
  return { target: query ? `${path}?${query}` : path, body: null };
}

async function refusalOf(response: Response, route: Address): Promise<FairwayError> {
  const text = await response.text();
  try {
    return errorFrom(JSON.parse(text), response.status);
  } catch {
    return new FairwayError(
      "internal",
      `${route.method} ${route.path} was answered ${response.status} by something that is not Fairway`,
      {
        hint: "another program may listen at this address",
      },
    );
  }
}

function errorFrom(value: unknown, httpStatus: number): FairwayError {
  if (!isProblem(value)) throw new Error(`status ${httpStatus} without a problem`);
  const { code, message, ...details } = value;
  return new FairwayError(code, message, details);
}

/** Whether something has what every refusal of Fairway has. */
function isProblem(value: unknown): value is Problem {
  const { message, retryable, problems } = (value ?? {}) as Partial<Problem>;
  return (
    codeOf(value) !== undefined &&
    typeof message === "string" &&
    typeof retryable === "boolean" &&
    Array.isArray(problems)
  );
}
