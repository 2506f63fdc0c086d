import { isIPv6 } from "node:net";
import type { Actor, Millis } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { PersonWithPassword, Session, Store, Transaction, Whence } from "@fairway/engine";
import {
  addPerson,
  dropCodes,
  endSession,
  endSessions,
  forgiveLogins,
  giveRole,
  hasAdmin,
  holdPeople,
  keepCode,
  noteLoginAttempt,
  openSession,
  personById,
  personByName,
  recordAudit,
  renewSession,
  setDisabled,
  setPasswordHash,
  useCode,
} from "@fairway/engine";
import { longestSession } from "./callers.ts";
import type { Passwords } from "./passwords.ts";
import { codeAsMeant, digestOfSecret, newCode, newSecret } from "./secret-text.ts";

const minute = 60_000;
/** Within a minute; kept in the database, so that a restart forgives nobody. */
const most = { account: 5, address: 20 } as const;
/** How long a code can be used that a person types. */
export const codeLasts: Millis = 15 * minute;

/** A session that has just begun: the one time that its secret is known. */
export interface Begun {
  readonly name: string;
  readonly secret: string;
  readonly session: Session;
}

/** Lets people in. */
export interface Logins {
  /** Throws `unauthenticated` with the same words whatever was wrong, and `too_many_attempts`. */
  logIn(given: { readonly name: string; readonly password: string }, how: How): Promise<Begun>;
  /** Makes the first administrator. Throws `unauthenticated` for a wrong code, `not_allowed_now` when there is one. */
  setUp(given: { readonly code: string; readonly name: string; readonly password: string }, how: How): Promise<Begun>;
  /** Begins a session for somebody who has been recognised. */
  begin(tx: Transaction, person: Pick<PersonWithPassword, "id" | "name">, how: How): Promise<Begun>;
  /** The same session with another secret, for whoever has shown again who they are. */
  prove(session: Session, password: string, how: How): Promise<Begun>;
  /** Compares a person's password, as a login does. Throws `unauthenticated` and `too_many_attempts`. */
  check(person: string, password: string, whence: Whence): Promise<Pick<PersonWithPassword, "id" | "name">>;
  /**
   * A code with which an administrator is made, the first one unless `anew`: then somebody who is there may be it, with another
   * password. Whatever was given before holds no longer.
   */
  firstCode(anew: boolean): Promise<string>;
}

export interface How extends Whence {
  readonly kind: Session["kind"];
  /** The browser's session until now, which ends when another begins. */
  readonly before: Session | null;
  /** Since its person showed who they are; just now when left out. */
  readonly provenAgo?: Millis;
}

export function openLogins(store: Store, passwords: Passwords): Logins {
  /** Throws `too_many_attempts`; counts the attempt otherwise. */
  async function attempt(account: string, address: string): Promise<void> {
    const limits = [
      { key: account, most: most.account },
      { key: address, most: most.address },
    ];
    if (await store.transaction((tx) => noteLoginAttempt(tx, limits, minute))) return;
    throw new FairwayError("too_many_attempts", "too many logins have failed", {
      hint: "wait a minute and try again",
      retryable: true,
    });
  }

  const failed = (actor: Actor, whence: Whence): Promise<void> =>
    store.transaction(async (tx) =>
      recordAudit(tx, {
        actor,
        action: "login.failed",
        subject: actor.id,
        environment: null,
        detail: { address: whence.address },
      }),
    );

  async function begin(
    tx: Transaction,
    { id, name }: Pick<PersonWithPassword, "id" | "name">,
    how: How,
  ): Promise<Begun> {
    // Whoever planted a session in somebody's browser does not come in with them.
    if (how.before !== null) await endSession(tx, how.before.person, how.before.id);
    const secret = newSecret(how.kind === "browser" ? "web" : "cli");
    const given = {
      digest: digestOfSecret(secret),
      person: id,
      kind: how.kind,
      lasts: longestSession[how.kind],
      provenAgo: how.provenAgo ?? 0,
    };
    const session = await openSession(tx, given, how);
    recordAudit(tx, {
      actor: { kind: "person", id, name },
      action: "session.began",
      subject: session.id,
      environment: null,
      detail: { kind: how.kind, address: how.address },
    });
    return { name, secret, session };
  }

  async function check(id: string, password: string, whence: Whence): Promise<Pick<PersonWithPassword, "id" | "name">> {
    const person = await personById(store, id);
    const keys = keysOf(person.name, whence.address);
    await attempt(keys.account, keys.address);
    if (await passwords.matches(password, person.passwordHash)) {
      await store.transaction((tx) => forgiveLogins(tx, keys.account, keys.address));
      return person;
    }
    await failed({ kind: "person", id: person.id, name: person.name }, whence);
    throw new FairwayError("unauthenticated", "the password is wrong");
  }

  return {
    begin,

    async logIn({ name, password }, how) {
      const keys = keysOf(name, how.address);
      await attempt(keys.account, keys.address);
      const person = await personByName(store, name);
      const isRight = await passwords.matches(password, person?.passwordHash ?? null);
      if (person === null || !isRight || person.disabled) {
        // A name that nobody has may be a password, typed in the wrong place.
        await failed(person === null ? stranger : { kind: "person", id: person.id, name: person.name }, how);
        throw new FairwayError("unauthenticated", "the name or the password is wrong", {
          hint: "who has forgotten theirs asks an administrator: fairway users passwd <name>",
        });
      }
      return store.transaction(async (tx) => {
        await forgiveLogins(tx, keys.account, keys.address);
        return begin(tx, person, how);
      });
    },

    async setUp({ code, name, password }, how) {
      const keys = keysOf("first-administrator", how.address);
      await attempt(keys.account, keys.address);
      const passwordHash = await passwords.hashOf(password);
      const begun = await store.transaction(async (tx) => {
        await holdPeople(tx);
        const used = await useCode(tx, digestOfSecret(codeAsMeant(code)), "first-administrator");
        const anew = (used?.detail as { readonly anew?: boolean } | null)?.anew === true;
        if (!anew && (await hasAdmin(tx)))
          throw new FairwayError("not_allowed_now", "there is an administrator already", {
            hint: "they can add you: fairway users add",
          });
        if (used === null) return null;
        const had = anew ? await personByName(tx, name) : null;
        const id = had?.id ?? (await addPerson(tx, { name, email: null, passwordHash, identity: null }));
        if (had !== null) {
          await setPasswordHash(tx, id, passwordHash);
          await setDisabled(tx, id, false);
          await endSessions(tx, id, null);
        }
        await giveRole(tx, id, { role: "admin", project: null, environment: null }, "first-administrator");
        await forgiveLogins(tx, keys.account, keys.address);
        const actor: Actor = { kind: "person", id, name };
        recordAudit(tx, {
          actor,
          action: had === null ? "people.added" : "people.password_changed",
          subject: id,
          environment: null,
          detail: { name, byCode: true },
        });
        return begin(tx, { id, name }, how);
      });
      if (begun !== null) return begun;
      await failed(stranger, how);
      throw new FairwayError(
        "unauthenticated",
        "this code makes nobody an administrator: it is wrong, used or too old",
        {
          hint: "a daemon without an administrator tells a new one each time that it starts",
        },
      );
    },

    check,

    async prove(session, password, how) {
      const person = await check(session.person, password, how);
      const secret = newSecret(session.kind === "browser" ? "web" : "cli");
      await store.transaction(async (tx) => {
        await renewSession(tx, session.id, digestOfSecret(secret));
        const actor: Actor = { kind: "person", id: person.id, name: person.name };
        recordAudit(tx, { actor, action: "session.proven", subject: session.id, environment: null });
      });
      return { name: person.name, secret, session };
    },

    async firstCode(anew) {
      const code = newCode(4);
      const digest = digestOfSecret(codeAsMeant(code));
      await dropCodes(store, "first-administrator");
      await keepCode(store, { digest, purpose: "first-administrator", detail: { anew }, lasts: codeLasts });
      return code;
    },
  };
}

const stranger: Actor = { kind: "person", id: "unknown", name: "unknown" };

/** Names are the same in any case, so that DANA has no tries of her own. */
const keysOf = (name: string, address: string | null): { readonly account: string; readonly address: string } => ({
  account: `account ${name.normalize("NFC").toLowerCase()}`,
  address: `address ${networkOf(address)}`,
});

/** Of IPv6 whoever has one address has 2^64 of them. */
function networkOf(address: string | null): string {
  if (address === null) return "unknown";
  if (!isIPv6(address) || address.startsWith("::ffff:")) return address;
  const [head = "", tail] = address.split("::");
  const groups = head.split(":").filter((group) => group !== "");
  return `${[...groups, ...(tail === undefined ? [] : ["0", "0", "0", "0"])].slice(0, 4).join(":")}::/64`;
}
