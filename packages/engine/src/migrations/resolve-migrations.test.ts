import type { Actor, MigrationSet, ReleaseMigration } from "@fairway/core";
import { ensureRecordTable, recordApplied, recordBegun, recordedMigrations, withSession } from "@fairway/migrations";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { FreshDatabase } from "../database/test-database.ts";
import { freshDatabase } from "../database/test-database.ts";
import type { Store } from "../store/store.ts";
import { storeForTests } from "../store/testing/store-for-tests.ts";
import { recordResolved, resolveMigrations } from "./resolve-migrations.ts";

let store: Store;
let users: FreshDatabase;
storeForTests((opened) => void (store = opened));
beforeAll(async () => {
  users = await freshDatabase();
});
afterAll(() => users.drop());

const ada: Actor = { kind: "person", id: "person-1", name: "ada" };
const migration = (id: string): ReleaseMigration => ({
  id,
  title: id,
  file: `db/${id}.sql`,
  checksum: `sha256:${id}`,
  class: "expand",
  reasons: [],
  reversible: false,
  up: "select 1",
  transaction: false,
  batches: false,
  locks: [],
  unusedSince: null,
  back: null,
});
const set: MigrationSet = { version: 1, tool: "sql", folder: "db", migrations: ["1", "2", "3"].map(migration) };
const limits = { lock: 5_000, statement: 30_000 };
const database = () => ({ environment: "staging", service: "web", set, url: users.connectionString });
const look = (): Promise<void> => recordResolved(store, database(), async () => users.connectionString);
const has = async (): Promise<readonly string[]> =>
  (await withSession(users.connectionString, limits, recordedMigrations)).map(({ id, state }) => `${id} ${state}`);
const said = async (): Promise<readonly unknown[]> =>
  (
    await store.rows<{ entry: { subject: string; actor: Actor; environment: string; detail: unknown } }>(
      "select entry::json as entry from fairway.audit where action = 'migration.resolved' and number > $1 order by number",
      [before],
    )
  ).map(({ entry: { subject, actor, environment, detail } }) => ({ subject, by: actor.id, environment, detail }));
let before = 0;

// Each begins with a migration that was left half done.
beforeEach(async () => {
  const [last] = await store.rows<{ number: string }>("select coalesce(max(number), 0) as number from fairway.audit");
  before = Number(last?.number);
  await withSession(users.connectionString, limits, async (client) => {
    await ensureRecordTable(client);
    await client.query("truncate fairway_migrations");
    await recordBegun(client, migration("2"), { by: "fairway r1 run-1", fence: 1, service: "web" });
  });
});

/** As one that is killed at its first transaction, which is that of the record. */
const killedAtTheRecord = (): Store => ({ ...store, transaction: () => Promise.reject(new Error("killed")) });
/** As one that is killed when it has written down what it is about to do. */
const killedAtTheChange = (): Store => ({
  ...store,
  rows: async (text, values) => {
    const found = await store.rows(text, values);
    if (text.includes("insert into fairway.settings")) throw new Error("killed");
    return found as never;
  },
});

describe("what a person says of migrations", () => {
  test("is written into the database and put on record once, and said again is no news", async () => {
    const word = { actor: ada, id: "2", as: "applied", meant: set.migrations.slice(0, 2) } as const;
    expect(await resolveMigrations(store, database(), word)).toEqual(["1", "2"]);
    expect(await resolveMigrations(store, database(), word)).toEqual([]);
    await look();
    expect(new Set(await has())).toEqual(new Set(["1 applied", "2 applied"]));
    expect(await said()).toEqual([
      {
        subject: "2",
        by: "person-1",
        environment: "staging",
        detail: { service: "web", as: "applied", resolved: ["1", "2"] },
      },
    ]);
  });

  test.each(["applied", "pending"] as const)(
    "that it is %s, and who was killed before the record, is recorded by the next look, once",
    async (as) => {
      const word = { actor: ada, id: "2", as, meant: [migration("2")] };
      await expect(resolveMigrations(killedAtTheRecord(), database(), word)).rejects.toThrow("killed");
      expect(await has()).toEqual(as === "applied" ? ["2 applied"] : []);
      expect(await said()).toEqual([]);
      await look();
      await look();
      expect(await said()).toEqual([
        { subject: "2", by: "person-1", environment: "staging", detail: { service: "web", as, resolved: ["2"] } },
      ]);
    },
  );

  test("before anything was changed is not recorded, also when a deployment applies it afterwards", async () => {
    const word = { actor: ada, id: "3", as: "applied", meant: [migration("3")] } as const;
    await expect(resolveMigrations(killedAtTheChange(), database(), word)).rejects.toThrow("killed");
    await withSession(users.connectionString, limits, (client) =>
      recordApplied(client, migration("3"), { by: "fairway r2 run-2", fence: 2, service: "web" }),
    );
    await look();
    expect(await said()).toEqual([]);
  });

  test("is recorded before what the next one says", async () => {
    const word = { actor: ada, id: "2", as: "pending", meant: [migration("2")] } as const;
    await expect(resolveMigrations(killedAtTheRecord(), database(), word)).rejects.toThrow("killed");
    const bob: Actor = { ...ada, id: "person-2", name: "bob" };
    expect(await resolveMigrations(store, database(), { ...word, actor: bob, as: "applied" })).toEqual(["2"]);
    expect(await said()).toMatchObject([
      { by: "person-1", detail: { as: "pending" } },
      { by: "person-2", detail: { as: "applied" } },
    ]);
  });
});
