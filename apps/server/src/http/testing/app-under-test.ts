import type { OperationName } from "@fairway/api";
import { contract } from "@fairway/api";
import type { Grant, Principal, TokenLimits } from "@fairway/core";
import type { FastifyInstance } from "fastify";
import { pino } from "pino";
import type { Caller, Credentials } from "../../people/callers.ts";
import { bearerOf, notLoggedIn } from "../../people/callers.ts";
import type { AppOptions, Handlers } from "../build-app.ts";
import { buildApp } from "../build-app.ts";
import type { Denial, Doorkeeper } from "../doorkeeper.ts";
import { openDoor } from "../doorkeeper.ts";

/** Somebody who asks, as a test says it. */
export interface Asking {
  readonly grants: readonly Grant[];
  readonly by?: "cookie" | "session" | "token";
  readonly limits?: TokenLimits;
  /** In milliseconds. */
  readonly provenAgo?: number;
}

export function callerFor({ grants, by = "session", limits, provenAgo = 0 }: Asking): Caller {
  const principal: Principal = {
    kind: by === "token" ? "token" : "person",
    id: by === "token" ? "t1" : "u1",
    name: by === "token" ? "ci" : "dana",
    ...(by === "token" ? { owner: { id: "u1", name: "dana" } } : {}),
    grants,
    limits: limits ?? null,
  };
  const byCookie = by === "cookie";
  return {
    principal,
    by: by === "token" ? "token" : "session",
    session: null,
    token: null,
    provenAgo: by === "token" ? null : provenAgo,
    byCookie,
  };
}

/** What an app is built of: what is behind the routes only says that it was reached. */
export interface AppParts {
  readonly handlers: Handlers;
  readonly options: AppOptions;
  readonly door: Doorkeeper;
  /** What was reached since it was asked last, and by whom. */
  reached(): readonly { readonly operation: string; readonly by: string; readonly actor: string }[];
  readonly denials: readonly Denial[];
  /** Who the bearer or cookie with this text is; nobody else comes in. */
  readonly known: Map<string, Caller>;
  /** Tells the streams that something has changed. */
  change(): void;
}

/** The real routes and the real policies. */
export interface AppUnderTest extends AppParts {
  readonly app: FastifyInstance;
}

type Over = Partial<AppOptions> & { readonly login?: boolean };

export function appUnderTest(over: Over = {}): AppUnderTest {
  const parts = appParts(over);
  return { ...parts, app: buildApp(parts.handlers, parts.options) };
}

export function appParts({ login = true, ...over }: Over = {}): AppParts {
  const known = new Map<string, Caller>();
  const denials: Denial[] = [];
  const listeners = new Set<() => void>();
  let reached: { operation: string; by: string; actor: string }[] = [];
  const door = openDoor({
    loginNeeded: () => login,
    recognise: async ({ authorization, cookie }: Credentials) => {
      const secret = authorization === null ? cookie : bearerOf(authorization);
      if (secret === null) return null;
      const caller = known.get(secret);
      if (caller === undefined) throw notLoggedIn("this opens nothing");
      return caller;
    },
    noteDenial: async (denial) => void denials.push(denial),
    project: async () => "shop",
    environmentOfPlan: async (plan) => (plan === 1 ? "staging" : plan === 2 ? "production" : undefined),
    environmentOf: async (run) => ({ "run-1": "staging", "run-2": "production", "run-3": null })[run as string],
  });
  const answer =
    (operation: string) =>
    async (input: { readonly by?: string }, { actor }: { readonly actor: { readonly name: string } }) => {
      reached.push({ operation, by: input.by ?? "", actor: actor.name });
      return { operation };
    };
  const stream = (operation: string) =>
    async function* (
      input: { readonly by?: string },
      { actor, signal }: { readonly actor: { readonly name: string }; readonly signal: AbortSignal },
    ) {
      reached.push({ operation, by: input.by ?? "", actor: actor.name });
      yield { operation };
      if (signal.aborted) return;
      if (streams.open) await new Promise((resolve) => signal.addEventListener("abort", resolve));
    };
  const file =
    (operation: string) =>
    async (...asked: Parameters<ReturnType<typeof answer>>) => {
      await answer(operation)(...asked);
      return { name: "a log", type: "text/plain", body: (async function* () {})() };
    };
  const handlers = Object.fromEntries(
    (Object.keys(contract) as OperationName[]).map((name) => [
      name,
      contract[name].kind === "stream" ? stream(name) : contract[name].kind === "file" ? file(name) : answer(name),
    ]),
  ) as unknown as Handlers;
  const options: AppOptions = {
    version: "0.0.0",
    logger: pino({ level: "silent" }),
    ready: async () => ({ ready: true, parts: {} }),
    metrics: async () => "figures",
    names: { publicUrl: null },
    door,
    onPeopleChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    ...over,
  };
  return {
    handlers,
    options,
    door,
    known,
    denials,
    reached: () => {
      const since = reached;
      reached = [];
      return since;
    },
    change: () => {
      for (const listener of listeners) listener();
    },
  };
}

/** Whether streams stay open after their first item. */
export const streams = { open: false };
