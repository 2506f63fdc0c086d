import type { MigrationSet, ReleaseMigration } from "@fairway/core";
import { plannedOf } from "@fairway/core";
import { Client } from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { FreshDatabase } from "../database/test-database.ts";
import { freshDatabase } from "../database/test-database.ts";
import type { Applied, ToApply } from "./apply-planned.ts";
import { applyPlanned } from "./apply-planned.ts";
import type { Cut, CuttingProxy } from "./testing/cutting-proxy.ts";
import { cuttingProxy } from "./testing/cutting-proxy.ts";

let database: FreshDatabase;
let proxy: CuttingProxy;

beforeEach(async () => {
  database = await freshDatabase();
  proxy = await cuttingProxy(database.connectionString);
});
afterEach(async () => {
  await proxy.close();
  await database.drop();
});

async function rows<Row extends object>(sql: string): Promise<readonly Row[]> {
  const client = new Client({ connectionString: database.connectionString });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

const migration = (id: string, up: string, more: Partial<ReleaseMigration> = {}): ReleaseMigration => ({
  id,
  title: id,
  file: `db/${id}.sql`,
  checksum: `sha256:${id}`,
  class: "expand",
  reasons: [],
  reversible: false,
  up,
  transaction: true,
  batches: false,
  locks: [],
  unusedSince: null,
  back: null,
  ...more,
});

const setOf = (...migrations: readonly ReleaseMigration[]): MigrationSet => ({
  version: 1,
  tool: "sql",
  folder: "db",
  migrations,
});

let epoch = 0;

const given = (set: MigrationSet, id: string, more: Partial<ToApply> = {}): ToApply => {
  const one = set.migrations.find((found) => found.id === id) as ReleaseMigration;
  return {
    planned: plannedOf("api", one, "before-rollout"),
    set,
    url: proxy.url,
    limits: { lockTimeout: 2_000, statementTimeout: 10_000 },
    by: "story",
    token: async () => ({ scope: "staging/api", epoch: ++epoch, holder: "run-1" }),
    raiseFence: async (least) => void (epoch = Math.max(epoch, least)),
    tell: () => undefined,
    signal: new AbortController().signal,
    ...more,
  };
};

describe("a migration that is run", () => {
  test("is found there the second time", async () => {
    const set = setOf(migration("1", "create table a (id bigint primary key)"));
    expect(await applyPlanned(given(set, "1"))).toEqual({ came: "applied" });
    expect(await applyPlanned(given(set, "1"))).toEqual({ came: "was there" });
  });

  test("goes on where the connection broke at the commit, whether that took effect or not", async () => {
    const set = setOf(migration("1", "create table a (id bigint primary key)"));
    proxy.cutNext({ way: "to the server", after: 12, delivers: true });
    const { came } = await applyPlanned(given(set, "1"));
    expect(["applied", "was there"]).toContain(came);
    expect(await rows("select state from fairway_migrations")).toEqual([{ state: "applied" }]);
  });

  test("leaves nothing where it is refused, and says file, line and column", async () => {
    const set = setOf(migration("1", "create table a (id bigint primary key);\nselect nothing_there;"));
    const refused = await applyPlanned(given(set, "1"));
    expect(refused).toMatchObject({ came: "refused", reason: expect.stringMatching(/^db\/1\.sql:2:8: column/) });
    expect(await rows("select to_regclass('a') as there")).toEqual([{ there: null }]);
    expect(await rows("select id from fairway_migrations")).toEqual([]);
  });

  test("is not run where it was changed since, and its file is named", async () => {
    await applyPlanned(given(setOf(migration("1", "create table a (id bigint primary key)")), "1"));
    const edited = setOf(migration("1", "select 1", { checksum: "sha256:other" }), migration("2", "select 1"));
    expect(await applyPlanned(given(edited, "2"))).toMatchObject({
      came: "half",
      reason: "db/1.sql was changed after it was applied",
    });
  });

  test("lets others pass where a lock is held, and is run once that is free", async () => {
    const set = setOf(
      migration("1", "create table a (id bigint primary key)"),
      migration("2", "alter table a add column b text"),
    );
    await applyPlanned(given(set, "1"));
    const holder = new Client({ connectionString: database.connectionString });
    await holder.connect();
    await holder.query("begin; lock table a in access exclusive mode");
    let freed: Promise<void> | undefined;
    const limits = { lockTimeout: 1, statementTimeout: 10_000 };
    const came = await applyPlanned(given(set, "2", { limits, tell: () => void (freed ??= holder.end()) }));
    await freed;
    expect(came).toEqual({ came: "applied" });
    expect(freed).toBeDefined();
  });

  test("is ended by a stop, and leaves nothing", async () => {
    const set = setOf(migration("1", "create table a (id bigint primary key);\nselect pg_sleep(60);"));
    const life = new AbortController();
    const stopped = applyPlanned(given(set, "1", { signal: life.signal }));
    const sleeping =
      "select 1 from pg_stat_activity where query like '%pg_sleep(60)%' and pid <> pg_backend_pid() and datname = current_database()";
    while ((await rows(sleeping)).length === 0);
    life.abort(new Error("stopped"));
    expect(await stopped).toMatchObject({ came: "refused", reason: expect.stringContaining("user request") });
    expect(await rows("select to_regclass('a') as there")).toEqual([{ there: null }]);
  });

  test("shuts out whoever acted before, and goes on in a database that knows later epochs than this installation", async () => {
    const set = setOf(migration("1", "select 1"), migration("2", "select 1"));
    epoch = 100;
    await applyPlanned(given(set, "1"));
    epoch = 3;
    expect(await applyPlanned(given(set, "2"))).toEqual({ came: "applied" });
    expect(epoch).toBeGreaterThan(100);
  });

  test("is taken back whole, and once", async () => {
    const back = { sql: "drop table a", class: "expand", tested: true } as const;
    const set = setOf(migration("1", "create table a (id bigint primary key)", { back }));
    await applyPlanned(given(set, "1"));
    const planned = plannedOf("api", set.migrations.at(0) as ReleaseMigration, "before-rollout", "back");
    expect(await applyPlanned(given(set, "1", { planned }))).toEqual({ came: "applied" });
    expect(await applyPlanned(given(set, "1", { planned }))).toEqual({ came: "was there" });
    expect(await rows("select to_regclass('a') as there")).toEqual([{ there: null }]);
  });
});

/** How many crashes; 200 and more are for a machine that has time. */
const crashes = Number(process.env["FAIRWAY_MIGRATION_CRASHES"] ?? 6);

const effects = migration(
  "1",
  "create table effects (id text); create table counted (id bigint primary key, n int not null)",
);
const story = setOf(
  effects,
  migration("2", "insert into counted select i, 0 from generate_series(1, 40) i"),
  migration("3", "alter table counted add column m int;\ninsert into effects values ('3')"),
  migration("4", "create table outside (id bigint);\ninsert into effects values ('4')", { transaction: false }),
  migration("5", "-- fairway: batch 10 of counted by id\nupdate counted set n = n + 1 where id between $1 and $2", {
    class: "data",
    batches: true,
    transaction: false,
  }),
  migration("6", "insert into effects values ('6')"),
);

/** Of a seed, the same numbers each time. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A process that is killed does nothing more: whatever this attempt came to after the cut is not looked at. */
async function killed(set: MigrationSet, id: string, cut: Cut): Promise<void> {
  const life = new AbortController();
  proxy.cutNext(cut);
  await applyPlanned(given(set, id, { signal: life.signal, tell: () => life.abort(new Error("killed")) })).catch(
    () => undefined,
  );
  proxy.cutNext(null);
}

/** The way that `fairway migrations resolve` goes, by one who has looked. */
async function resolve(id: string): Promise<void> {
  const [{ done } = { done: false }] = await rows<{ done: boolean }>(
    "select exists (select from effects where id = '4') as done",
  );
  await rows(
    done
      ? `update fairway_migrations set state = 'applied' where id = '${id}'`
      : `drop table if exists outside; delete from fairway_migrations where id = '${id}'`,
  );
}

test(`${crashes} crashes at random points: nothing is applied twice, and nothing unknown goes unreported`, async () => {
  const seed = Number(process.env["FAIRWAY_MIGRATION_SEED"] ?? 7);
  const random = numbers(seed);
  const pick = (most: number): number => Math.floor(random() * most);
  for (let done = 0; done < crashes;) {
    for (const { id } of story.migrations) {
      for (let more = 1 + pick(2); more > 0 && done < crashes; more--, done++)
        await killed(story, id, {
          way: pick(2) === 0 ? "to the server" : "from the server",
          after: 1 + pick(16),
          delivers: pick(2) === 0,
        });
      let came: Applied = await applyPlanned(given(story, id));
      const record = await rows<{ id: string; state: string }>(
        `select id, state from fairway_migrations where id = '${id}'`,
      );
      // Only what no transaction holds together may be unknown, and then it says so, and so does the database.
      const unknown = "reason" in came;
      const isTold =
        "reason" in came && came.came === "half" && id === "4" && came.hint?.includes("resolve 4") === true;
      expect({ seed, id, told: isTold }).toEqual({ seed, id, told: unknown });
      expect(record.map(({ state }) => state)).toEqual([unknown ? "running" : "applied"]);
      if (unknown) {
        await resolve("4");
        came = await applyPlanned(given(story, id));
      }
      expect({ seed, id, ended: ["applied", "was there"].includes(came.came) }).toEqual({ seed, id, ended: true });
    }
    expect({ seed, effects: await rows("select id from effects order by id") }).toEqual({
      seed,
      effects: ["3", "4", "6"].map((id) => ({ id })),
    });
    expect({ seed, counted: await rows("select distinct n from counted") }).toEqual({ seed, counted: [{ n: 1 }] });
    expect(await rows("select count(*)::int as count from counted")).toEqual([{ count: 40 }]);
    await rows("drop table effects, counted, outside, fairway_migrations");
  }
});
