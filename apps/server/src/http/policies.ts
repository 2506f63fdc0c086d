import type { Actor } from "@fairway/core";
import { FairwayError, actorLabel } from "@fairway/core";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Caller, Credentials } from "../people/callers.ts";
import { actorOf, localCaller } from "../people/callers.ts";
import type { Doorkeeper } from "./doorkeeper.ts";
import type { HandlerContext } from "./handler-context.ts";
import type { OwnNames } from "./origin-guard.ts";
import { assertOwnPage, assertOwnRequest } from "./origin-guard.ts";
import type { Policy } from "./route-policy.ts";
import { sessionSecretOf } from "./session-cookie.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Who may use the route. A route without one keeps the daemon from starting. */
    readonly policy?: Policy;
    /** As the record of refusals names it. */
    readonly operation?: string;
    /** Whether it is answered under any host name: a load balancer's probe knows only an address. */
    readonly anyName?: boolean;
    /** Whether forms of our own pages are sent to it. Only what names who may do what in its address may take them. */
    readonly form?: boolean;
  }
  interface FastifyRequest {
    caller: Caller | null;
  }
}

interface PolicyOptions {
  readonly door: Doorkeeper;
  readonly names: OwnNames;
}

/**
 * Asks of every route, by what it is and not by how its path is spelt, who may use it: whoever it does not know is refused
 * before a byte of the body is read. A route that does not say stops the start.
 */
export function addPolicies(app: FastifyInstance, { door, names }: PolicyOptions): void {
  app.addHook("onRoute", ({ method, url, config }) => {
    if (config?.policy === undefined)
      throw new FairwayError("internal", `the route ${String(method)} ${url} has no policy, so nothing is served`);
  });
  app.decorateRequest("caller", null);
  app.addHook("onRequest", async (request) => {
    const { policy, anyName, form } = request.routeOptions.config;
    if (anyName !== true || names.publicUrl === null) assertOwnRequest(request, names, form);
    // Nothing is there: nobody's business who asks.
    if (policy === undefined) return;
    request.caller = await door.recognise(policy, credentialsOf(request));
    if (request.caller?.byCookie === true) assertOwnPage(request, names);
  });
}

/** Who asks, as it was found before the body was read. */
export const callerOfRequest = (request: FastifyRequest): Caller | null => request.caller;

/** What a request brings to show who asks. */
export function credentialsOf({ headers, ip }: FastifyRequest): Credentials {
  return {
    authorization: headers.authorization ?? null,
    cookie: sessionSecretOf(headers.cookie),
    address: ip,
    userAgent: headers["user-agent"]?.slice(0, 200) ?? null,
  };
}

/** Where nobody logs in, whoever asks says their name in the request. */
export function named(caller: Caller | null, input: Readonly<Record<string, unknown>>): Caller | null {
  const { by } = input;
  return caller?.by === "nothing" && typeof by === "string" ? localCaller(by) : caller;
}

/** As the record knows somebody who logged in, whatever name the request gives; at most as long as a name may be. */
export const nameForRecord = (actor: Actor): string => actorLabel(actor).slice(0, 120);

export function contextOf(
  caller: Caller | null,
  request: FastifyRequest,
  reply: FastifyReply,
  signal: AbortSignal,
  door: Doorkeeper,
): HandlerContext {
  const { address, userAgent } = credentialsOf(request);
  return {
    actor: caller === null ? { kind: "person", id: "unknown", name: "unknown" } : actorOf(caller),
    signal,
    caller,
    address,
    userAgent,
    may: (permission, scope) => door.may(caller, permission, scope),
    header: (name, value) => void reply.header(name, value),
  };
}
