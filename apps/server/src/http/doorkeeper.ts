import type { Actor, Millis, Permission, Possible, Scope } from "@fairway/core";
import { FairwayError, authorize, holdsSomewhere, roles, whoMay } from "@fairway/core";
import type { Caller, Credentials } from "../people/callers.ts";
import { actorOf, localCaller, notLoggedIn } from "../people/callers.ts";
import type { Policy, PolicyFacts } from "./route-policy.ts";
import { allowedIn, scopesOf } from "./route-policy.ts";

/** After which a person must show again who they are, for what asks for that. */
export const proofLasts: Millis = 15 * 60_000;

export interface DoorkeeperParts extends PolicyFacts {
  /** Whether everybody must show who they are; otherwise whoever reaches this machine's own address may do everything. */
  readonly loginNeeded: () => boolean;
  /** Who brings these credentials, null for none. Throws `unauthenticated` for what opens nothing. */
  readonly recognise: (credentials: Credentials) => Promise<Caller | null>;
  /** Puts a refusal on record. */
  readonly noteDenial: (denial: Denial) => Promise<void>;
}

export interface Denial {
  readonly actor: Actor;
  readonly operation: string;
  readonly environment: string | null;
  readonly reason: string;
}

/** Decides who comes in: one for all routes, none of which can be reached past it. */
export interface Doorkeeper {
  /** Who asks. Throws `unauthenticated` where somebody must be known and nobody is. Null only at an open door. */
  recognise(policy: Policy, credentials: Credentials): Promise<Caller | null>;
  /** Refuses who may not do this anywhere, before anything of what they sent is looked at. Throws `denied`. */
  admitAtAll(policy: Policy, caller: Caller | null, operation: string): Promise<void>;
  /** Refuses who may not do this with this input. Throws `denied` or `step_up_required`. */
  admit(
    policy: Policy,
    caller: Caller | null,
    operation: string,
    input: Readonly<Record<string, unknown>>,
  ): Promise<void>;
  may(
    caller: Caller | null,
    permission: Parameters<typeof authorize>[1],
    scope: Omit<Scope, "project">,
  ): Promise<Possible>;
}

export function openDoor(parts: DoorkeeperParts): Doorkeeper {
  async function refuse(
    caller: Caller,
    operation: string,
    {
      access,
      scope,
      reason,
    }: { readonly access: Permission; readonly scope?: Scope | undefined; readonly reason: string },
  ): Promise<never> {
    const environment = scope?.environment ?? null;
    await parts.noteDenial({ actor: actorOf(caller), operation, environment, reason });
    throw new FairwayError("denied", reason, { hint: whoMay(access) });
  }

  return {
    async recognise({ access }, credentials) {
      if (access === "open") return parts.recognise(credentials).catch(ifUnknown);
      const caller = await parts.recognise(credentials);
      if (caller !== null) return caller;
      if (parts.loginNeeded()) throw notLoggedIn("nobody is logged in");
      return localCaller("local");
    },

    async admitAtAll({ access }, caller, operation) {
      if (access === "open" || access === "self") return;
      const known = knownOf(caller);
      const answer = holdsSomewhere(known.principal, access);
      if (!answer.possible) await refuse(known, operation, { access, reason: answer.reason });
    },

    async admit(policy, caller, operation, input) {
      const { access } = policy;
      if (access === "open") return;
      const known = knownOf(caller);
      if (access !== "self") {
        const scopes = await scopesOf(policy, input, parts);
        const answer = allowedIn(known.principal, access, scopes);
        if (!answer.possible) await refuse(known, operation, { access, scope: scopes[0], reason: answer.reason });
      }
      if (policy.stepUp === true && !(policy.machines === true && isMadeFor(known, access))) assertProven(known);
    },

    async may(caller, permission, scope) {
      if (caller === null) return { possible: false, reason: "nobody is logged in" };
      return authorize(caller.principal, permission, { project: await parts.project(), ...scope });
    },
  };
}

/** At an open door credentials that are no good are as good as none. */
function ifUnknown(thrown: unknown): null {
  if ((thrown as { readonly code?: unknown }).code === "unauthenticated") return null;
  throw thrown;
}

function knownOf(caller: Caller | null): Caller {
  if (caller === null) throw notLoggedIn("nobody is logged in");
  return caller;
}

/** A service token whose permissions were named one by one, this one among them; not one that may whatever its role may. */
const isMadeFor = ({ token }: Caller, access: Policy["access"]): boolean =>
  token?.kind === "service" &&
  token.role !== null &&
  token.permissions.length < roles[token.role].length &&
  token.permissions.some((permission) => permission === access);

function assertProven({ by, provenAgo }: Caller): void {
  if (by === "nothing") return;
  if (by === "token")
    throw new FairwayError(
      "step_up_required",
      "a token may not do this: only a person who has just shown who they are",
      {
        hint: "log in with: fairway login",
      },
    );
  if (provenAgo === null || provenAgo > proofLasts)
    throw new FairwayError("step_up_required", "this needs your password, or your identity provider, again", {
      hint: "show who you are with: fairway login --again",
    });
}
