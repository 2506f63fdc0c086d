import { randomBytes } from "node:crypto";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FreshDatabase } from "../database/test-database.ts";
import { freshDatabase } from "../database/test-database.ts";
import { openPreviewDatabases } from "./open-preview-databases.ts";
import { openPreviewSchemas } from "./open-preview-schemas.ts";
import type { PreviewDatabases, PreviewOrigin } from "./preview-databases.ts";

let fresh: FreshDatabase;

beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh.drop());

const cycles = Number(process.env["FAIRWAY_PREVIEW_CYCLES"] ?? 2);
const nothing: PreviewOrigin = { from: "nothing" };
const place = { preview: "pr-1", service: "catalog" };

/** Each test is an installation of its own on the server that all tests share. */
const installation = (): string => randomBytes(8).toString("hex");

const server = (own: string): Parameters<typeof openPreviewDatabases>[0] => ({
  url: fresh.connectionString,
  installation: own,
  ownRoles: true,
  copy: "files",
});

async function rowsOf(url: string, sql: string): Promise<readonly unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const answer: unknown = await client.query(sql);
    return Array.isArray(answer) ? [] : (answer as { readonly rows: readonly unknown[] }).rows;
  } finally {
    await client.end();
  }
}

const run =
  (sql: string) =>
  async (url: string): Promise<void> =>
    void (await rowsOf(url, sql));

/** A template of this test alone: what the templates of all tests are called depends on the installation. */
const template = (key: string, sql: string): PreviewOrigin => ({ from: "template", key, prepare: run(sql) });

const none = async (): Promise<{ places: []; templates: [] }> => ({ places: [], templates: [] });

const kinds: readonly (readonly [string, (own: string) => PreviewDatabases])[] = [
  ["a database of its own", (own) => openPreviewDatabases(server(own))],
  ["a schema of its own", (own) => openPreviewSchemas(server(own))],
];

describe.each(kinds)("a preview with %s", (_kind, open) => {
  test("begins with what its template has and its seed adds, and goes without a trace", async () => {
    const previews = open(installation());
    const url = await previews.open(place, template("1", "create table t (n int)"), run("insert into t values (1)"));
    expect(await rowsOf(url, "select n from t")).toEqual([{ n: 1 }]);
    await run("alter table t add column note text; create table u ()")(url);
    expect(await previews.close(place)).toBe(true);
    expect(await previews.close(place)).toBe(false);
    await previews.sweep(none);
    expect(await previews.sweep(none)).toEqual([]);
  });

  test("is opened once, however often and by however many at once", async () => {
    const previews = open(installation());
    const seed = run("create table t (n int); insert into t values (1)");
    const urls = await Promise.all([1, 2, 3].map(() => previews.open(place, nothing, seed)));
    expect(new Set(urls).size).toBe(1);
    expect(await rowsOf(await previews.open(place, nothing, seed), "select n from t")).toEqual([{ n: 1 }]);
    await previews.close(place);
  });

  test("leaves nothing when its seed fails, and tells what the seed said", async () => {
    const previews = open(installation());
    const refused = previews.open(place, nothing, () => Promise.reject(new Error("no such file: seed.sql")));
    await expect(refused).rejects.toMatchObject({
      code: "command_failed",
      message: expect.stringContaining("no such file: seed.sql") as string,
    });
    expect(await previews.sweep(none)).toEqual([]);
  });

  test("is kept by the sweeper while it is in use, and what nobody knows goes", async () => {
    const own = installation();
    const previews = open(own);
    const other = open(installation());
    await other.open(place, nothing, null);
    await previews.open(place, nothing, null);
    const orphan = await previews.open({ preview: "pr-2", service: "catalog" }, nothing, null);
    const swept = await previews.sweep(async () => ({ places: [place], templates: [] }));
    expect(swept).toHaveLength(1);
    expect(swept[0]).toContain("pr_2_catalog");
    await expect(rowsOf(orphan, "select 1")).rejects.toThrow(/does not exist/u);
    expect(await previews.close(place)).toBe(true);
    expect(await other.close(place)).toBe(true);
  });

  test("is not swept when it was opened while the sweeper looked", async () => {
    const previews = open(installation());
    expect(
      await previews.sweep(async () => {
        await previews.open(place, nothing, null);
        return { places: [], templates: [] };
      }),
    ).toEqual([]);
    expect(await previews.close(place)).toBe(true);
  });

  test("goes although somebody is connected to it", async () => {
    const previews = open(installation());
    const client = new Client({ connectionString: await previews.open(place, nothing, null) });
    client.on("error", () => undefined);
    await client.connect();
    expect(await previews.close(place)).toBe(true);
    await expect(client.query("select 1")).rejects.toThrow(/terminat|closed|not queryable/u);
    await client.end();
  });

  test("leaves nothing, however often it is opened and closed", { timeout: 20_000 + cycles * 1_000 }, async () => {
    const previews = open(installation());
    for (let cycle = 0; cycle < cycles; cycle++) {
      const url = await previews.open(place, template("1", "create table t (n int)"), run("insert into t values (1)"));
      expect(await rowsOf(url, "select n from t")).toEqual([{ n: 1 }]);
      await previews.close(place);
    }
    // The template, where there is one, is what all of them began with.
    expect((await previews.sweep(none)).length).toBeLessThanOrEqual(1);
    expect(await previews.sweep(none)).toEqual([]);
  });
});

describe("a template", () => {
  test("is made once, and copied while others are copying it", async () => {
    const previews = openPreviewDatabases(server(installation()));
    let made = 0;
    const origin: PreviewOrigin = {
      from: "template",
      key: "1",
      prepare: async (url) => {
        made++;
        await run("create table t (n int); create type mood as enum ('well'); create view v as select n from t")(url);
      },
    };
    const places = [1, 2].map((number) => ({ preview: `pr-${number}`, service: "catalog" }));
    const urls = await Promise.all(places.map((one) => previews.open(one, origin, null)));
    expect(made).toBe(1);
    // All of it is the preview's own.
    for (const url of urls) await run("drop view v; alter table t rename to u; drop type mood")(url);
    for (const one of places) await previews.close(one);
    expect(await previews.sweep(async () => ({ places: [], templates: ["1"] }))).toEqual([]);
    expect(await previews.sweep(none)).toHaveLength(1);
  });

  test("that a killed worker left half-made is made anew", async () => {
    const previews = openPreviewDatabases(server(installation()));
    const url = await previews.open(place, nothing, null);
    const name = new URL(url).pathname.slice(1);
    await rowsOf(fresh.connectionString, `comment on database ${name} is null`);
    const again = await previews.open(place, nothing, run("create table t ()"));
    expect(await rowsOf(again, "select from t")).toEqual([]);
    await previews.close(place);
  });

  test("of somebody else is not copied while they are connected, and who that is is told", async () => {
    const previews = openPreviewDatabases({ ...server(installation()), patience: 0 });
    const client = new Client({ connectionString: fresh.connectionString, application_name: "the shop" });
    await client.connect();
    const refused = previews.open(place, { from: "database", name: fresh.name }, null);
    await expect(refused).rejects.toMatchObject({
      code: "not_allowed_now",
      retryable: true,
      message: expect.stringContaining("the shop (process ") as string,
    });
    await client.end();
  });

  test("that is not there is told", async () => {
    const previews = openPreviewDatabases(server(installation()));
    await expect(previews.open(place, { from: "database", name: "nowhere" }, null)).rejects.toMatchObject({
      code: "not_found",
    });
  });
});

test("a preview reaches no other's database", async () => {
  const previews = openPreviewDatabases(server(installation()));
  const other = { preview: "pr-2", service: "catalog" };
  const [mine, theirs] = [await previews.open(place, nothing, null), await previews.open(other, nothing, null)];
  const meddling = new URL(theirs);
  meddling.username = new URL(mine).username;
  await expect(rowsOf(meddling.href, "select 1")).rejects.toThrow(/permission denied/u);
  await previews.close(place);
  await previews.close(other);
});

test("a server that does not answer is told without the password", async () => {
  const previews = openPreviewDatabases({ ...server("x"), url: "postgres://anna:very-secret@127.0.0.1:1/shop" });
  const refused = previews.open(place, nothing, null);
  await expect(refused).rejects.toMatchObject({ code: "database_unavailable" });
  await expect(refused).rejects.not.toThrow("very-secret");
});
