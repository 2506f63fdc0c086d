import type { Actor, Grant, Millis, Principal } from "@fairway/core";
import { FairwayError, everything, localActor } from "@fairway/core";
import type { ApiToken, LiveToken, PersonWithPassword, Session, Store, Whence } from "@fairway/engine";
import { liveSession, liveToken } from "@fairway/engine";
import { digestOfSecret, kindOfSecret } from "./secret-text.ts";

/** What a request brings to show who asks. */
export interface Credentials extends Whence {
  /** The header `Authorization`, as it came. */
  readonly authorization: string | null;
  /** The session's cookie. */
  readonly cookie: string | null;
}

/** Who asks, and by what we know. */
export interface Caller {
  readonly principal: Principal;
  /** `nothing`: whoever sits at the machine of a daemon without a login. */
  readonly by: "nothing" | "session" | "token";
  readonly session: Session | null;
  readonly token: ApiToken | null;
  /** Since the person last showed who they are; null for what never did: a token. */
  readonly provenAgo: Millis | null;
  /** Whether a browser brought it by itself, so that it must be asked which page it was for. */
  readonly byCookie: boolean;
}

const hour = 3_600_000;
/** After which a session that nobody used is over. */
const idle: Readonly<Record<Session["kind"], Millis>> = { browser: 12 * hour, cli: 7 * 24 * hour };
/** After which a session is over, used or not. */
export const longestSession: Readonly<Record<Session["kind"], Millis>> = {
  browser: 7 * 24 * hour,
  cli: 30 * 24 * hour,
};

/** Where nobody logs in: whoever asks may do everything. The name is what they say it is. */
export const localCaller = (name: string): Caller => ({
  principal: { ...localActor(name), grants: everything, limits: null },
  by: "nothing",
  session: null,
  token: null,
  provenAgo: 0,
  byCookie: false,
});

/**
 * Who brings these credentials; null for none at all. What was brought and is not good is refused, whatever else would have
 * been enough. Throws `unauthenticated`, with the same words for what never was, what has expired and what was revoked.
 */
export async function callerOf(store: Store, brought: Credentials): Promise<Caller | null> {
  const { authorization, cookie } = brought;
  if (authorization !== null) {
    return (await fromBearer(store, bearerOf(authorization), brought)) ?? refuse();
  }
  if (cookie === null) return null;
  if (kindOfSecret(cookie) !== "web") return refuse();
  return (await fromSession(store, cookie, true)) ?? refuse();
}

/** What follows `Bearer`; nothing for any other scheme, and for what is no single word. */
export const bearerOf = (authorization: string): string =>
  /^bearer ([\x21-\x7e]{1,200})$/i.exec(authorization)?.[1] ?? "";

async function fromBearer(store: Store, secret: string, whence: Whence): Promise<Caller | null> {
  const kind = kindOfSecret(secret);
  if (kind === "cli") return fromSession(store, secret, false);
  if (kind !== "pat" && kind !== "svc") return null;
  const found = await liveToken(store, digestOfSecret(secret), whence);
  if (found === null) return null;
  const { token } = found;
  return {
    principal: {
      kind: "token",
      id: token.id,
      name: token.name,
      owner: { id: token.owner ?? "local", name: token.ownerName },
      grants: grantsOfToken(found),
      limits: { permissions: token.permissions, projects: token.projects, environments: token.environments },
    },
    by: "token",
    session: null,
    token,
    provenAgo: null,
    byCookie: false,
  };
}

/** A personal token may what its owner may, now; a service token has its own role. */
const grantsOfToken = ({ token, owner }: LiveToken): readonly Grant[] =>
  token.kind === "personal"
    ? (owner?.grants ?? [])
    : token.role === null
      ? []
      : [{ role: token.role, project: null, environment: null }];

async function fromSession(store: Store, secret: string, byCookie: boolean): Promise<Caller | null> {
  const found = await liveSession(store, digestOfSecret(secret), idle);
  if (found === null || (found.session.kind === "browser") !== byCookie) return null;
  const { session, person, provenAgo } = found;
  return { principal: principalOf(person), by: "session", session, token: null, provenAgo, byCookie };
}

const principalOf = ({ id, name, grants }: PersonWithPassword): Principal => ({
  kind: "person",
  id,
  name,
  grants,
  limits: null,
});

/** Who somebody is, without what they may. */
export const actorOf = ({ principal: { kind, id, name, owner } }: Caller): Actor => ({
  kind,
  id,
  name,
  ...(owner === undefined ? {} : { owner }),
});

function refuse(): never {
  throw notLoggedIn("this session or token opens nothing: it has expired, was revoked, or never was one");
}

export const notLoggedIn = (message: string): FairwayError =>
  new FairwayError("unauthenticated", message, { hint: "log in with: fairway login" });
