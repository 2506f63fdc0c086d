import { afterAll, beforeAll, expect, test } from "vitest";
import { databaseProject } from "./support/database-service.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import { ask } from "./support/requests.ts";
import { assertEnded, reasonsOf, stateOf } from "./support/watch-run.ts";

let fairway: Fairway;
const host = "web.staging.localhost";
const query = "insert into orders (note) values ('one')";

const orders = {
  "0001_orders.sql": `create table orders (id bigint generated always as identity primary key, note text);
insert into orders (note) select 'before' from generate_series(1, 25);
`,
};
const total = {
  ...orders,
  "0002_total.sql": "alter table orders add column total bigint;\n",
  "0003_fill.sql":
    "-- fairway: batch 10 of orders by id\nupdate orders set total = length(note) where id between $1 and $2;\n",
};
const noted = {
  ...total,
  "0004_noted.up.sql":
    "-- fairway-ignore: set-not-null, the table is small\nalter table orders alter note set not null;\n",
  "0004_noted.down.sql": "alter table orders alter note drop not null;\n",
};

type Found = NonNullable<Awaited<ReturnType<Fairway["client"]["call"]>>>;

/** What the check of the newest release's migrations found. */
async function found(): Promise<Found & { readonly annotations?: readonly object[]; readonly verdict?: string }> {
  const runs = await fairway.client.call("runs", {});
  const release = runs.find(({ kind }) => kind === "release");
  const { results } = await fairway.client.call("checks", { run: release?.id ?? "" });
  return results.find(({ job }) => job === "check:web/migrations") as Found;
}

beforeAll(async () => {
  fairway = await openFairway(databaseProject(query, orders));
  assertEnded(await fairway.release(), "succeeded");
});

afterAll(() => fairway?.end());

test("locks are told with file and line, and rows of before are filled in batches", async () => {
  const run = await fairway.ship("Totals", databaseProject(query, total));
  assertEnded(run, "succeeded");
  expect(stateOf(run, "migrate:web")).toBe("succeeded");
  expect(await found()).toMatchObject({
    verdict: "passed",
    annotations: [
      {
        severity: "notice",
        file: "web/db/0002_total.sql",
        line: 1,
        rule: "lock",
        message: expect.stringContaining("AccessExclusiveLock on orders") as string,
      },
    ],
  });
  expect(await ask(fairway, host)).toMatchObject({ release: "r2", columns: ["id", "note", "total"] });
});

test("what PostgreSQL refuses makes no release, and no environment ever sees it", async () => {
  const wrong = { ...total, "0004_noted.up.sql": "select 1;\nalter table order_lines add column total bigint;\n" };
  const run = await fairway.ship("Lines", databaseProject(query, wrong));
  assertEnded(run, "failed");
  expect(stateOf(run, "check:web/migrations")).toBe("failed");
  expect(reasonsOf(run)).toContain('web/db/0004_noted.up.sql:2:1  error: relation "order_lines" does not exist');
  expect(await found()).toMatchObject({
    verdict: "failed",
    annotations: [{ severity: "error", file: "web/db/0004_noted.up.sql", line: 2, column: 1 }],
  });
  expect(await ask(fairway, host)).toMatchObject({ release: "r2" });
});

test("a way back that was tried is gone when the release before needs it", async () => {
  assertEnded(await fairway.ship("Every order has a note", databaseProject(query, noted)), "succeeded");
  expect(await ask(fairway, host)).toMatchObject({ release: "r3" });
  const back = await fairway.settled(
    await fairway.client.call("rollback", { environment: "staging", release: null, by }),
  );
  assertEnded(back, "succeeded");
  expect(stateOf(back, "migrate:web")).toBe("succeeded");
  expect(await ask(fairway, host)).toMatchObject({ release: "r2" });
});
