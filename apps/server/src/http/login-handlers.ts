import type { LoggedInShape, WhoamiShape } from "@fairway/api";
import type { Permission } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import {
  endSession,
  endSessions,
  hasAdmin,
  keepCode,
  personById,
  recordAudit,
  sessionsOf,
  setPasswordHash,
  useCode,
} from "@fairway/engine";
import type { Handlers } from "./build-app.ts";
import type { HandlerContext } from "./handler-context.ts";
import { noSessionCookie, sessionCookie } from "./session-cookie.ts";
import type { Begun, How } from "../people/logins.ts";
import { codeLasts } from "../people/logins.ts";
import type { People } from "../people/people.ts";
import { codeAsMeant, digestOfSecret, newCode, newSecret } from "../people/secret-text.ts";

type LoginOperations =
  | "loginWays"
  | "login"
  | "setUp"
  | "loginCode"
  | "claimLogin"
  | "confirmLogin"
  | "proveAgain"
  | "logout"
  | "whoami"
  | "changePassword"
  | "sessions"
  | "endSession";

/** Who somebody is, and their own sessions. `identityProvider`: whether there is one that knows people too. */
export function loginHandlers(people: People, identityProvider: boolean): Pick<Handlers, LoginOperations> {
  const { store, logins, passwords } = people;
  return {
    loginWays: async () => ({
      identityProvider,
      firstAdministrator: people.loginNeeded() && !(await hasAdmin(store)),
    }),
    login: async ({ name, password, as }, context) =>
      answer(await logins.logIn({ name, password }, howOf(as, context)), context),
    setUp: async ({ code, name, password, as }, context) => {
      const begun = await logins.setUp({ code, name, password }, howOf(as, context));
      await people.changed();
      return answer(begun, context);
    },

    loginCode: async () => {
      if (!people.loginNeeded()) throw noLogin();
      const [code, claim] = [newCode(2), newSecret("claim")];
      const detail = { claim: digestOfSecret(claim) };
      await keepCode(store, {
        digest: digestOfSecret(codeAsMeant(code)),
        purpose: "program",
        detail,
        lasts: codeLasts,
      });
      return { code, claim, expiresAt: new Date(Date.now() + codeLasts).toISOString() };
    },
    confirmLogin: async ({ code }, context) => {
      const session = ownSession(context);
      await store.transaction(async (tx) => {
        const found = await useCode(tx, digestOfSecret(codeAsMeant(code)), "program");
        if (found === null)
          throw new FairwayError("not_found", "no program waits with this code: it is wrong, used or too old");
        const { claim } = found.detail as { readonly claim: string };
        await keepCode(tx, {
          digest: claim,
          purpose: "program-claim",
          detail: null,
          person: session.person,
          lasts: codeLasts,
        });
      });
      return { confirmed: true as const };
    },
    claimLogin: async ({ claim }, context) =>
      store.transaction(async (tx) => {
        const found = await useCode(tx, digestOfSecret(claim), "program-claim");
        if (!found?.person) return { token: null, name: null, expiresAt: null };
        const person = await personById(tx, found.person);
        if (person.disabled) return { token: null, name: null, expiresAt: null };
        const { secret, session } = await logins.begin(tx, person, howOf("token", context));
        return { token: secret, name: person.name, expiresAt: session.expiresAt };
      }),

    proveAgain: async ({ password }, context) => {
      const session = ownSession(context);
      const as = session.kind === "browser" ? "cookie" : "token";
      return answer(await logins.prove(session, password, howOf(as, context)), context);
    },
    logout: async (_input, context) => {
      const session = context.caller?.session ?? null;
      if (session === null) return { ended: false };
      const ended = await endOne(people, context, session.id);
      if (session.kind === "browser") context.header("set-cookie", noSessionCookie);
      return { ended };
    },
    whoami: async (_input, context) => whoami(people, context),

    changePassword: async ({ old, password }, context) => {
      const { id, person } = ownSession(context);
      const how = howOf("token", context);
      const { passwordHash } = await personById(store, person);
      if (passwordHash === null)
        throw new FairwayError("not_allowed_now", "you have no password here: your identity provider knows you");
      await logins.check(person, old, how);
      const hash = await passwords.hashOf(password);
      const endedSessions = await store.transaction(async (tx) => {
        await setPasswordHash(tx, person, hash);
        recordAudit(tx, {
          actor: context.actor,
          action: "people.password_changed",
          subject: person,
          environment: null,
        });
        return endSessions(tx, person, id);
      });
      await people.changed();
      return { endedSessions };
    },
    sessions: async (_input, context) => {
      const own = context.caller?.session?.person;
      if (own === undefined) return [];
      return (await sessionsOf(store, own)).map(({ person: _person, ...session }) => ({
        ...session,
        current: session.id === context.caller?.session?.id,
      }));
    },
    endSession: async ({ session }, context) => {
      ownSession(context);
      const ended = await endOne(people, context, session);
      if (!ended) throw new FairwayError("not_found", `you have no session ${session}`);
      return { ended };
    },
  };
}

async function endOne(people: People, context: HandlerContext, session: string): Promise<boolean> {
  const { person } = ownSession(context);
  const ended = await people.store.transaction(async (tx) => {
    const gone = await endSession(tx, person, session);
    if (gone) recordAudit(tx, { actor: context.actor, action: "session.ended", subject: session, environment: null });
    return gone;
  });
  await people.changed();
  return ended;
}

function whoami(people: People, { actor, caller }: HandlerContext): WhoamiShape {
  const { principal, session = null, token = null } = caller ?? {};
  return {
    name: actor.name,
    id: actor.id,
    kind: actor.kind,
    owner: actor.owner?.name ?? null,
    login: people.loginNeeded(),
    grants: (principal?.grants ?? []).map((grant) => ({ ...grant })),
    permissions: principal?.limits ? [...(principal.limits.permissions as Permission[])] : null,
    expiresAt: session?.expiresAt ?? token?.expiresAt ?? null,
  };
}

/** A browser's cookie goes with the answer and never in it; a program gets its secret once. */
function answer({ name, secret, session }: Begun, { header }: HandlerContext): LoggedInShape {
  const { kind, expiresAt } = session;
  header("cache-control", "no-store");
  if (kind === "browser") header("set-cookie", sessionCookie(secret, Date.parse(expiresAt) - Date.now()));
  return { name, token: kind === "browser" ? null : secret, expiresAt };
}

const howOf = (as: "cookie" | "token", { address, userAgent, caller }: HandlerContext): How => ({
  kind: as === "cookie" ? "browser" : "cli",
  address,
  userAgent,
  before: as === "cookie" && caller?.byCookie === true ? caller.session : null,
});

function ownSession({ caller }: HandlerContext): NonNullable<NonNullable<HandlerContext["caller"]>["session"]> {
  if (caller?.session) return caller.session;
  if (caller?.by === "nothing") throw noLogin();
  throw new FairwayError("denied", "only a person who is logged in may do this, not a token");
}

const noLogin = (): FairwayError =>
  new FairwayError("not_allowed_now", "this daemon has no login: whoever is at its machine may do everything", {
    hint: "the first person that is added is an administrator: fairway users add <name>",
  });
