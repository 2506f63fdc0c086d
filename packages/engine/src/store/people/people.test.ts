import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { FreshDatabase } from "../../database/test-database.ts";
import { freshDatabase } from "../../database/test-database.ts";
import { engineTemplate } from "../../runs/engine-for-tests.ts";
import type { Store } from "../store.ts";
import { openStore } from "../store.ts";
import { keepToken, listTokens, liveToken, revokeToken } from "./api-tokens.ts";
import { keepCode, noteLoginAttempt, forgiveLogins, useCode } from "./login-attempts.ts";
import {
  addPerson,
  giveRole,
  hasAdmin,
  listPeople,
  personByName,
  setDisabled,
  setGroupRoles,
  takeRole,
} from "./people.ts";
import { endSessions, liveSession, openSession, renewSession, sessionsOf } from "./sessions.ts";

let database: FreshDatabase;
let store: Store;
let dana: string;
beforeAll(async () => {
  database = await freshDatabase(engineTemplate);
  store = openStore({ connectionString: database.connectionString, max: 8 });
});
beforeEach(async () => {
  await store.rows(
    "truncate fairway.people, fairway.role_grants, fairway.sessions, fairway.api_tokens, fairway.login_failures, fairway.login_codes cascade",
  );
  dana = await store.transaction((tx) =>
    addPerson(tx, { name: "dana", email: null, passwordHash: "hash", identity: null }),
  );
});
afterAll(async () => {
  await store.close();
  await database.drop();
});

const everywhere = { project: null, environment: null } as const;
const whence = { address: "10.0.0.7", userAgent: "curl" };
const hour = 3_600_000;
const idle = { browser: hour, cli: 2 * hour };

describe("people", () => {
  test("are told apart whatever the case of their names, and only once", async () => {
    const again = { name: "Dana", email: null, passwordHash: null, identity: null };
    await expect(store.transaction((tx) => addPerson(tx, again))).rejects.toMatchObject({ code: "not_allowed_now" });
    expect((await personByName(store, "DANA"))?.id).toBe(dana);
  });

  test("have one identity at a provider, which nobody else has", async () => {
    const identity = { issuer: "https://login.example.com", subject: "7" };
    const add = (name: string): Promise<string> =>
      store.transaction((tx) => addPerson(tx, { name, email: null, passwordHash: null, identity }));
    await add("olga");
    await expect(add("mallory")).rejects.toMatchObject({ code: "not_allowed_now" });
  });

  test("have each role once, and those of their groups beside those that were given by hand", async () => {
    const admin = { role: "admin", ...everywhere } as const;
    const staging = { role: "deployer", project: null, environment: "staging" } as const;
    await store.transaction(async (tx) => {
      await giveRole(tx, dana, admin, "ada");
      await giveRole(tx, dana, admin, "ada");
      await setGroupRoles(tx, dana, [staging, staging]);
    });
    expect((await listPeople(store))[0]?.grants).toEqual(expect.arrayContaining([admin, staging]));
    await store.transaction((tx) => setGroupRoles(tx, dana, []));
    expect((await listPeople(store))[0]?.grants).toEqual([admin]);
    expect(await store.transaction((tx) => takeRole(tx, dana, staging))).toBe(false);
  });

  test("count as administrators only while they can come in, and everywhere", async () => {
    await store.transaction((tx) =>
      giveRole(tx, dana, { role: "admin", project: null, environment: "staging" }, "ada"),
    );
    expect(await hasAdmin(store)).toBe(false);
    await store.transaction((tx) => giveRole(tx, dana, { role: "admin", ...everywhere }, "ada"));
    expect(await hasAdmin(store)).toBe(true);
    await store.transaction((tx) => setDisabled(tx, dana, true));
    expect(await hasAdmin(store)).toBe(false);
  });
});

describe("a session", () => {
  const open = (digest: string, kind: "browser" | "cli" = "browser"): ReturnType<typeof openSession> =>
    store.transaction((tx) => openSession(tx, { digest, person: dana, kind, lasts: hour, provenAgo: 0 }, whence));

  test("holds until it expires, lies unused for too long, or its person is kept out", async () => {
    await open("one");
    expect(await liveSession(store, "one", idle)).toMatchObject({ person: { id: dana }, session: whence });
    expect(await liveSession(store, "another", idle)).toBeNull();
    await store.rows("update fairway.sessions set last_used_at = now() - interval '90 minutes'");
    expect(await liveSession(store, "one", idle)).toBeNull();
    await store.rows("update fairway.sessions set kind = 'cli'");
    expect(await liveSession(store, "one", idle)).not.toBeNull();
    await store.rows("update fairway.sessions set expires_at = now()");
    expect(await liveSession(store, "one", idle)).toBeNull();
    await open("two");
    await store.transaction((tx) => setDisabled(tx, dana, true));
    expect(await liveSession(store, "two", idle)).toBeNull();
  });

  test("has another secret once its person has shown again who they are", async () => {
    const { id } = await open("one");
    await store.rows("update fairway.sessions set proven_at = now() - interval '1 day'");
    expect((await liveSession(store, "one", idle))?.provenAgo).toBeGreaterThanOrEqual(24 * hour);
    await store.transaction((tx) => renewSession(tx, id, "two"));
    expect(await liveSession(store, "one", idle)).toBeNull();
    expect((await liveSession(store, "two", idle))?.provenAgo).toBeLessThan(24 * hour);
  });

  test("is ended with the others of its person, or kept when it is the one that asks", async () => {
    const { id } = await open("one");
    await open("two");
    await open("three", "cli");
    expect(await store.transaction((tx) => endSessions(tx, dana, id))).toBe(2);
    expect((await sessionsOf(store, dana)).map((session) => session.id)).toEqual([id]);
  });
});

describe("a token", () => {
  const keep = (digest: string, kind: "personal" | "service" = "personal"): ReturnType<typeof keepToken> =>
    store.transaction((tx) =>
      keepToken(tx, {
        ...{ digest, kind, name: "ci", owner: dana, ownerName: "dana", hint: "fw_pat_abcd…", days: 30 },
        ...{
          permissions: ["read"],
          role: kind === "service" ? "viewer" : null,
          projects: null,
          environments: ["staging"],
        },
      }),
    );

  test("holds until it expires or is revoked, and remembers where it was used last", async () => {
    const { id } = await keep("one");
    expect(await liveToken(store, "one", whence)).toMatchObject({
      token: { id, environments: ["staging"] },
      owner: { id: dana },
    });
    expect((await listTokens(store, dana))[0]).toMatchObject({ lastAddress: "10.0.0.7", lastUserAgent: "curl" });
    await store.transaction((tx) => revokeToken(tx, id));
    expect(await liveToken(store, "one", whence)).toBeNull();
    await keep("two");
    await store.rows("update fairway.api_tokens set expires_at = now()");
    expect(await liveToken(store, "two", whence)).toBeNull();
  });

  test("of a person ends with them, and one of a service does not", async () => {
    await keep("personal");
    await keep("service", "service");
    await store.transaction((tx) => setDisabled(tx, dana, true));
    expect(await liveToken(store, "personal", whence)).toBeNull();
    expect(await liveToken(store, "service", whence)).not.toBeNull();
  });
});

describe("logins", () => {
  const limits = [
    { key: "account dana", most: 5 },
    { key: "address 10.0.0.7", most: 20 },
  ];
  const attempt = (within = hour): Promise<boolean> => store.transaction((tx) => noteLoginAttempt(tx, limits, within));

  test("are as few at once as after each other", async () => {
    const heard = await Promise.all(Array.from({ length: 16 }, () => attempt()));
    expect(heard.filter(Boolean)).toHaveLength(5);
    expect(await attempt()).toBe(false);
  });

  test("are heard again once the time is over, or the person has come", async () => {
    for (let times = 0; times < 5; times++) expect(await attempt()).toBe(true);
    await store.transaction((tx) => forgiveLogins(tx, "account dana", "address 10.0.0.7"));
    expect(await attempt()).toBe(true);
    const [row] = await store.rows<{ count: number }>(
      "select count(*)::int as count from fairway.login_failures where key like 'address%'",
    );
    expect(row?.count).toBe(5);
    await store.rows("update fairway.login_failures set at = now() - interval '2 hours'");
    expect(await attempt()).toBe(true);
  });

  test("of one account stop no other account, those of one address all of them", async () => {
    await store.rows("insert into fairway.login_failures (key) select 'account dana' from generate_series(1, 5)");
    const other = (key: string): Promise<boolean> =>
      store.transaction((tx) =>
        noteLoginAttempt(
          tx,
          [
            { key, most: 5 },
            { key: "address 10.0.0.7", most: 20 },
          ],
          hour,
        ),
      );
    expect([await attempt(), await other("account vera")]).toEqual([false, true]);
    await store.rows("insert into fairway.login_failures (key) select 'address 10.0.0.7' from generate_series(1, 20)");
    expect(await other("account vera")).toBe(false);
  });
});

describe("a code", () => {
  const keep = (purpose: "program" | "oidc", lasts: number): Promise<void> =>
    keepCode(store, { digest: "one", purpose, detail: { nonce: "n" }, lasts });
  const use = (purpose: "program" | "oidc"): ReturnType<typeof useCode> =>
    store.transaction((tx) => useCode(tx, "one", purpose));

  test("is used once, by the first of many, for what it was made", async () => {
    await keep("program", hour);
    expect(await use("oidc")).toBeNull();
    const used = await Promise.all(Array.from({ length: 6 }, () => use("program")));
    expect(used.filter((found) => found !== null)).toEqual([{ person: null, detail: { nonce: "n" } }]);
  });

  test("is nothing once its time is over", async () => {
    await keep("program", 0);
    expect(await use("program")).toBeNull();
  });
});
