import { EventEmitter } from "node:events";
import type { Store } from "@fairway/engine";
import { hasAdmin, hasPeople, recordAudit } from "@fairway/engine";
import type { Denial } from "../http/doorkeeper.ts";
import type { Caller, Credentials } from "./callers.ts";
import { callerOf } from "./callers.ts";
import type { Logins } from "./logins.ts";
import { openLogins } from "./logins.ts";
import type { Passwords } from "./passwords.ts";
import { openPasswords } from "./passwords.ts";

/** Who may come in, and what keeps it. */
export interface People {
  readonly store: Store;
  readonly passwords: Passwords;
  readonly logins: Logins;
  /** Whether everybody must show who they are: beyond this machine always, on it as soon as there are people. */
  loginNeeded(): boolean;
  recognise(credentials: Credentials): Promise<Caller | null>;
  noteDenial(denial: Denial): Promise<void>;
  /** After a change in who there is or what they may do. */
  changed(): Promise<void>;
  onChange(listener: () => void): () => void;
  /**
   * The code with which somebody becomes the first administrator; null where nobody need log in, or there is one. `anew` makes
   * one although there is: for who may start the daemon, and has lost the password.
   */
  firstCode(anew: boolean): Promise<string | null>;
}

/** `always`: whether a login is needed although there is nobody yet. */
export async function openPeople(store: Store, always: boolean): Promise<People> {
  const changes = new EventEmitter();
  changes.setMaxListeners(0);
  const passwords = openPasswords();
  const logins = openLogins(store, passwords);
  let needed = always || (await hasPeople(store));
  return {
    store,
    passwords,
    logins,
    loginNeeded: () => needed,
    recognise: (credentials) => callerOf(store, credentials),
    noteDenial: ({ actor, operation, environment, reason }) =>
      store.transaction(async (tx) =>
        recordAudit(tx, { actor, action: "access.denied", subject: operation, environment, detail: { reason } }),
      ),
    async changed() {
      needed ||= await hasPeople(store);
      changes.emit("change");
    },
    onChange(listener) {
      changes.on("change", listener);
      return () => void changes.off("change", listener);
    },
    firstCode: async (anew) => (needed && (anew || !(await hasAdmin(store))) ? logins.firstCode(anew) : null),
  };
}
