import type { Grant, Millis } from "@fairway/core";
import { FairwayError, messageOf } from "@fairway/core";
import type { Store, Transaction } from "@fairway/engine";
import {
  addPerson,
  keepCode,
  personById,
  personByIdentity,
  personByName,
  recordAudit,
  setGroupRoles,
  useCode,
} from "@fairway/engine";
import type * as Client from "openid-client";
import type { Begun, How, Logins } from "./logins.ts";
import type { OidcSettings } from "./oidc-settings.ts";
import { isPrivate } from "./oidc-settings.ts";
import { digestOfSecret } from "./secret-text.ts";

/** How long somebody may take at their provider. */
const away: Millis = 10 * 60_000;
/** How long ago somebody may have shown their provider who they are, for that to count as a fresh proof. */
const freshFor = 15 * 60;

/** Of any login: as long as a session. */
const oldest = 7 * 24 * 60 * 60;

/** Lets people in whom an identity provider knows. */
export interface OidcLogin {
  /** The address by which people know this daemon. */
  readonly origin: string;
  /** Where to send a browser, and the state that its way back must show in a cookie. */
  begin(wish: { readonly code: string | null; readonly again: boolean }): Promise<{
    readonly url: string;
    readonly state: string;
  }>;
  /** The way back. Throws `unauthenticated` for what the provider did not say to us, for this browser, just now. */
  finish(
    back: { readonly url: URL; readonly state: string | null },
    how: How,
  ): Promise<{ readonly begun: Begun; readonly code: string | null }>;
}

interface Parts {
  readonly store: Store;
  readonly logins: Logins;
  readonly settings: OidcSettings;
  /** The address by which people know this daemon; the provider sends them back below it. */
  readonly publicUrl: string;
}

interface UnderWay {
  readonly verifier: string;
  readonly nonce: string;
  readonly code: string | null;
  readonly again: boolean;
}

/** The provider is asked about itself when first somebody comes: it may be away while the daemon starts. */
export function openOidc({ store, logins, settings, publicUrl }: Parts): OidcLogin {
  const redirectUri = `${publicUrl}/auth/oidc/callback`;
  let opened: Promise<{ readonly client: typeof Client; readonly config: Client.Configuration }> | undefined;
  const provider = (): NonNullable<typeof opened> =>
    (opened ??= discover(settings).catch((thrown: unknown) => {
      opened = undefined;
      throw new FairwayError("target_unreachable", `the identity provider ${settings.issuer} does not answer as one`, {
        retryable: true,
        cause: thrown,
      });
    }));

  return {
    origin: publicUrl,
    async begin({ code, again }) {
      const { client, config } = await provider();
      const underWay: UnderWay = {
        verifier: client.randomPKCECodeVerifier(),
        nonce: client.randomNonce(),
        code,
        // To let a program in matters as much as what asks for a fresh proof by itself.
        again: again || code !== null,
      };
      const state = client.randomState();
      await keepCode(store, { digest: digestOfSecret(state), purpose: "oidc", detail: { ...underWay }, lasts: away });
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: "openid email profile",
        code_challenge: await client.calculatePKCECodeChallenge(underWay.verifier),
        code_challenge_method: "S256",
        state,
        nonce: underWay.nonce,
        // Whoever is asked how old a login may be says how old it is.
        max_age: String(underWay.again ? freshFor : oldest),
      });
      return { url: url.href, state };
    },

    async finish({ url, state }, how) {
      const { client, config } = await provider();
      // Who begins elsewhere cannot make somebody finish here: the browser that comes back is the one that left.
      if (state === null || url.searchParams.get("state") !== state) throw notSaid("it is not this browser that began");
      const used = await store.transaction((tx) => useCode(tx, digestOfSecret(state), "oidc"));
      if (used === null) throw notSaid("it took too long, or was used before");
      const { verifier, nonce, code, again } = used.detail as unknown as UnderWay;
      const claims = await client
        .authorizationCodeGrant(config, url, {
          pkceCodeVerifier: verifier,
          expectedNonce: nonce,
          expectedState: state,
          idTokenExpected: true,
          ...(again ? { maxAge: freshFor } : {}),
        })
        .then(
          (tokens) => tokens.claims(),
          (thrown: unknown) => {
            throw notSaid(messageOf(thrown), thrown);
          },
        );
      if (claims === undefined) throw notSaid("it says nothing of who somebody is");
      const begun = await store.transaction(async (tx) => {
        const person = await recognised(tx, settings, claims);
        await setGroupRoles(tx, person.id, rolesOf(settings, claims));
        // A provider that does not say when it saw somebody last has not shown them freshly.
        const seen = typeof claims.auth_time === "number" ? Math.max(0, Date.now() / 1000 - claims.auth_time) : null;
        return logins.begin(tx, person, { ...how, provenAgo: seen === null ? freshFor * 2 * 1000 : seen * 1000 });
      });
      return { begun, code };
    },
  };
}

async function discover({
  issuer,
  clientId,
  clientSecret,
}: OidcSettings): Promise<{ readonly client: typeof Client; readonly config: Client.Configuration }> {
  const client = await import("openid-client");
  const here = new URL(issuer);
  const authentication = clientSecret === null ? client.None() : client.ClientSecretBasic(clientSecret);
  const config = await client.discovery(here, clientId, undefined, authentication, {
    timeout: 10,
    execute: [
      // What came over TLS needs no signature by the standard; whoever stands between us and the provider would be it.
      client.enableNonRepudiationChecks,
      ...(here.protocol === "http:" && isPrivate(here) ? [client.allowInsecureRequests] : []),
    ],
  });
  return { client, config };
}

type Claims = Readonly<Record<string, unknown>> & { readonly iss: string; readonly sub: string };

/** The person whom issuer and subject name, and nothing else: an e-mail may be given to somebody else, or be made up. */
async function recognised(
  tx: Transaction,
  { addPeople }: OidcSettings,
  claims: Claims,
): Promise<{ readonly id: string; readonly name: string }> {
  const known = await personByIdentity(tx, claims.iss, claims.sub);
  // Who is kept out stays out, whatever a provider says.
  if (known?.disabled === true) throw notSaid("you are kept out");
  if (known !== null) return known;
  if (!addPeople) throw notSaid("an administrator has to add you first");
  const email = claims["email_verified"] === true && typeof claims["email"] === "string" ? claims["email"] : null;
  const called = claims["preferred_username"];
  const name = await freeName(tx, email ?? (typeof called === "string" ? called : ""), claims.sub);
  const identity = { issuer: claims.iss, subject: claims.sub };
  const id = await addPerson(tx, { name, email, passwordHash: null, identity });
  const actor = { kind: "person", id, name } as const;
  recordAudit(tx, { actor, action: "people.added", subject: id, environment: null, detail: { name, ...identity } });
  return personById(tx, id);
}

/** A name that people can type and that nobody has: never that of somebody who is there already. */
async function freeName(tx: Transaction, wished: string, subject: string): Promise<string> {
  const plain = (text: string): string =>
    text
      .toLowerCase()
      .replaceAll(/[^a-z0-9._@+-]/g, "")
      .replace(/^[^a-z0-9]+/, "");
  const name = plain(wished).slice(0, 50) || `person-${digestOfSecret(subject).slice(0, 8)}`;
  if ((await personByName(tx, name)) === null) return name;
  return `${name}.${digestOfSecret(subject).slice(0, 8)}`;
}

/** What somebody's groups are worth. A claim that is no list of words is no group. */
function rolesOf({ groupsClaim, groups }: OidcSettings, claims: Claims): readonly Grant[] {
  const said = claims[groupsClaim];
  const named = Array.isArray(said) ? said.filter((one): one is string => typeof one === "string") : [];
  return named.flatMap((group) => (Object.hasOwn(groups, group) ? (groups[group] ?? []) : []));
}

const notSaid = (why: string, cause?: unknown): FairwayError =>
  new FairwayError("unauthenticated", `the identity provider did not let you in: ${why}`, {
    hint: "begin again at /auth/oidc/start",
    cause,
  });
