import type { TokenShape } from "@fairway/api";
import type { Permission } from "@fairway/core";
import { FairwayError, everyProject, roles } from "@fairway/core";
import type { ApiToken } from "@fairway/engine";
import { keepToken, listTokens, noToken, recordAudit, revokeToken, tokenById } from "@fairway/engine";
import { digestOfSecret, hintOfSecret, newSecret } from "../people/secret-text.ts";
import type { People } from "../people/people.ts";
import type { Handlers } from "./build-app.ts";
import type { HandlerContext } from "./handler-context.ts";
import { allowedIn } from "./route-policy.ts";

type TokenOperations = "tokens" | "allTokens" | "createToken" | "createServiceToken" | "revokeToken";

/** API tokens: made by people, shown once, revoked at once. */
export function tokenHandlers(people: People): Pick<Handlers, TokenOperations> {
  const { store } = people;

  async function make(
    context: HandlerContext,
    wish: Pick<ApiToken, "name" | "kind" | "permissions" | "role" | "projects" | "environments"> & {
      readonly days: number;
    },
  ): Promise<TokenShape & { readonly token: string }> {
    const secret = newSecret(wish.kind === "personal" ? "pat" : "svc");
    const { actor, caller } = context;
    context.header("cache-control", "no-store");
    const kept = await store.transaction(async (tx) => {
      const token = await keepToken(tx, {
        ...wish,
        digest: digestOfSecret(secret),
        hint: hintOfSecret(secret),
        owner: caller?.session?.person ?? null,
        ownerName: actor.name,
      });
      const { name, kind, permissions, role, projects, environments, expiresAt } = token;
      recordAudit(tx, {
        actor,
        action: "token.made",
        subject: token.id,
        environment: null,
        detail: { name, kind, permissions, role, projects, environments, expiresAt },
      });
      return token;
    });
    return { ...tokenView(kept), token: secret };
  }

  return {
    tokens: async (_input, { caller }) => {
      const own = caller?.session?.person ?? (caller?.token?.kind === "personal" ? caller.token.owner : null);
      return own === null || own === undefined ? [] : (await listTokens(store, own)).map(tokenView);
    },
    allTokens: async (page) => (await listTokens(store, null, page)).map(tokenView),
    createToken: async ({ name, permissions, projects, environments, days }, context) => {
      if (!context.caller?.session)
        throw new FairwayError("not_allowed_now", "this daemon has no login, so a token would act for nobody", {
          hint: "the first person that is added is an administrator: fairway users add <name>",
        });
      const own = [...new Set(permissions)];
      assertHolds(context, own, projects, environments);
      return make(context, { name, kind: "personal", permissions: own, role: null, projects, environments, days });
    },
    createServiceToken: async ({ name, role, permissions: wanted, projects, environments, days }, context) => {
      if (!people.loginNeeded())
        throw new FairwayError("not_allowed_now", "this daemon has no login, so a token would open nothing", {
          hint: "the first person that is added is an administrator: fairway users add <name>",
        });
      const permissions = wanted === null ? [...roles[role]] : [...new Set(wanted)];
      const beyond = permissions.find((permission) => !roles[role].includes(permission));
      if (beyond !== undefined)
        throw new FairwayError("bad_request", `the role ${role} may not ${beyond}, so no token with it can`, {
          hint: `give a role that may: --role ${beyond === "change" ? "deployer" : "admin"}`,
        });
      assertHolds(context, permissions, projects, environments);
      return make(context, { name, kind: "service", permissions, role, projects, environments, days });
    },
    revokeToken: async ({ token }, context) => {
      const found = await tokenById(store, token);
      // Others' tokens do not exist for who may not manage people.
      if (!isOwn(found, context) && !(await context.may("people", { environment: null })).possible)
        throw noToken(token);
      const revoked = await store.transaction(async (tx) => {
        recordAudit(tx, {
          actor: context.actor,
          action: "token.revoked",
          subject: token,
          environment: null,
          detail: { name: found.name },
        });
        return revokeToken(tx, token);
      });
      await people.changed();
      return tokenView(revoked);
    },
  };
}

/** A token revokes itself and nothing else; a person all that are theirs. */
const isOwn = ({ id, owner, kind }: ApiToken, { caller }: HandlerContext): boolean =>
  caller?.token?.id === id || (kind === "personal" && owner !== null && caller?.session?.person === owner);

/** Refuses a token that could do more than the one who makes it: nobody gives what they do not have. Throws `denied`. */
function assertHolds(
  { caller }: HandlerContext,
  permissions: readonly Permission[],
  projects: readonly string[] | null,
  environments: readonly string[] | null,
): void {
  if (caller === null) throw new FairwayError("unauthenticated", "nobody is logged in");
  for (const permission of permissions)
    for (const project of projects ?? [everyProject])
      for (const environment of environments ?? [null]) {
        const answer = allowedIn(caller.principal, permission, [{ project, environment }]);
        if (answer.possible) continue;
        throw new FairwayError("denied", `${answer.reason}, so no token of yours can`, {
          hint: "name what it is for: --permission, --env",
        });
      }
}

const tokenView = ({
  owner: _owner,
  ownerName,
  permissions,
  projects,
  environments,
  ...token
}: ApiToken): TokenShape => ({
  ...token,
  owner: ownerName,
  permissions: [...permissions],
  projects: projects && [...projects],
  environments: environments && [...environments],
});
