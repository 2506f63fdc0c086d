import { afterAll, beforeAll, expect, test } from "vitest";
import { databaseProject } from "./support/database-service.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import { refusal } from "./support/refusal.ts";
import { ask, startLoad } from "./support/requests.ts";
import { assertEnded, reasonsOf, stateOf } from "./support/watch-run.ts";

let fairway: Fairway;
const two = { service: { replicas: 2 } };
const host = "web.staging.localhost";

const orders = {
  "0001_orders.sql": "create table orders (id bigint generated always as identity primary key, note text);\n",
};
const remark = { ...orders, "0002_remark.sql": "alter table orders add column remark text;\n" };
const noNote = {
  ...remark,
  "0003_no_note.sql":
    "-- fairway-ignore: drop-column, nothing reads it since remark\nalter table orders drop column note;\n",
};
const first = "insert into orders (note) values ('one') returning note";
const second = "insert into orders (note, remark) values ('one', 'one') returning remark";
const third = "insert into orders (remark) values ('one') returning remark";

beforeAll(async () => {
  fairway = await openFairway(databaseProject(first, orders, two));
  assertEnded(await fairway.release(), "succeeded");
});

afterAll(() => fairway?.end());

test("old and new version run side by side on the expanded schema, and not one request fails", async () => {
  const load = startLoad(fairway, host);
  const run = await fairway.ship("Write remarks", databaseProject(second, remark, two));
  assertEnded(run, "succeeded");
  expect(stateOf(run, "migrate:web")).toBe("succeeded");
  const { failures, releases } = await load.stop();
  expect(failures).toEqual([]);
  expect(releases).toEqual(["r1", "r2"]);
  expect(await ask(fairway, host)).toMatchObject({ release: "r2", columns: ["id", "note", "remark"] });
});

test("what the old version needs is taken away once nothing of it runs, and not one request fails", async () => {
  const load = startLoad(fairway, host);
  // Deployed only once its own code has stopped to write the column.
  const run = await fairway.ship("Take notes away", databaseProject(third, noNote, two));
  assertEnded(run, "succeeded");
  expect(run.jobs.map(({ name }) => name)).toEqual([
    "lock",
    "begin",
    "rollout:web",
    "verify",
    "bake",
    "restore",
    "finish",
    "contract:web",
  ]);
  expect((await load.stop()).failures).toEqual([]);
  expect(await ask(fairway, host)).toMatchObject({ release: "r3", columns: ["id", "remark"] });
});

test("a way back to a version that could not run on the schema is refused, with the reason", async () => {
  const { code, message } = await refusal(
    fairway.client.call("rollback", { environment: "staging", release: null, by }),
  );
  expect(code).toBe("not_allowed_now");
  expect(message).toContain("r2 cannot run on its database: web/db/0003_no_note.sql (irreversible) was applied since");
  expect(await ask(fairway, host)).toMatchObject({ release: "r3" });
});

test("a contraction before something that the rollout needs comes too early, and is refused", async () => {
  const tooEarly = {
    ...noNote,
    "0004_no_remark.sql": "-- fairway-ignore: drop-column, done with\nalter table orders drop column remark;\n",
    "0005_total.sql": "alter table orders add column total bigint;\n",
  };
  const sha = await fairway.project.commit("Too much at once", databaseProject("select 1 from orders", tooEarly, two));
  const made = await fairway.settled(await fairway.client.call("makeRelease", { ref: sha, by, deploy: false }));
  assertEnded(made, "succeeded");
  const { code, message } = await refusal(fairway.client.call("deploy", { environment: "staging", release: "r4", by }));
  expect(code).toBe("not_allowed_now");
  expect(message).toMatch(/0005_total\.sql \(expand\) comes behind web\/db\/0004_no_remark\.sql \(irreversible\)/);
  expect(message).toContain("release them apart");
  expect(await ask(fairway, host)).toMatchObject({ columns: ["id", "remark"] });
});

test("a migration that does not parse makes no release, and says file and line", async () => {
  const broken = { "0005_total.sql": "create table a (id bigint primary key);\nalter tabel orders;\n" };
  const run = await fairway.ship("Oops", databaseProject(third, broken, two));
  assertEnded(run, "failed");
  expect(reasonsOf(run)).toMatch(/web\/db\/0005_total\.sql:2:7: syntax error at or near "tabel"/);
});
