import { afterAll, beforeAll, expect, test } from "vitest";
import { databaseProject } from "./support/database-service.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import { refusal } from "./support/refusal.ts";
import { needs } from "../../tools/skips.ts";
import { onDashboard } from "./support/dashboard-page.ts";
import { ask } from "./support/requests.ts";
import { assertEnded, reasonsOf, stateOf } from "./support/watch-run.ts";

let fairway: Fairway;
const host = "web.staging.localhost";
const environment = "staging";
/** Each answer leaves a row, and all of them say the same. */
const query =
  "insert into orders (id, note) select coalesce(max(id), 0) + 1, 'same' from orders on conflict do nothing";

const orders = {
  "0001_orders.sql": "create table orders (id bigint primary key, note text not null default 'none');\n",
};
const noDefault = {
  ...orders,
  "0002_note_is_given.up.sql": "alter table orders alter column note drop default;\n",
  "0002_note_is_given.down.sql": "alter table orders alter column note set default 'none';\n",
};

beforeAll(async () => {
  fairway = await openFairway(databaseProject(query, orders));
  assertEnded(await fairway.release(), "succeeded");
});

afterAll(() => fairway?.end());

const standing = async (): Promise<readonly (readonly [string, string])[]> => {
  const [web] = await fairway.client.call("migrations", { environment });
  return (web?.migrations ?? []).map(({ id, state }) => [id, state] as const);
};

test("what was taken away is taken back by its own way back, which was tried, before the old version starts", async () => {
  assertEnded(await fairway.ship("Notes are given", databaseProject(query, noDefault)), "succeeded");
  const { parts, plan } = await fairway.client.call("rollbackPlan", { environment });
  expect(parts.find(({ kind }) => kind === "database")).toMatchObject({ name: "web", way: "compensate" });
  expect(plan.migrations).toMatchObject([{ id: "0002_note_is_given", direction: "back" }]);
  const back = await fairway.settled(await fairway.client.call("rollback", { environment, release: null, by }));
  assertEnded(back, "succeeded");
  expect(stateOf(back, "migrate:web")).toBe("succeeded");
  expect(await ask(fairway, host)).toMatchObject({ release: "r1" });
  expect(await standing()).toEqual([["0001_orders", "applied"]]);
});

test("a migration that was applied and then changed keeps its release out, and its file is named", async () => {
  const edited = { "0001_orders.sql": `${orders["0001_orders.sql"]}-- changed\n` };
  const sha = await fairway.project.commit("Edit what was applied", databaseProject(query, edited));
  const made = await fairway.settled(await fairway.client.call("makeRelease", { ref: sha, by, deploy: false }));
  assertEnded(made, "succeeded");
  const { message } = await refusal(fairway.client.call("deploy", { environment, release: "r3", by }));
  expect(message).toContain("web/db/0001_orders.sql was changed after it was applied");
  expect(message).toContain("put it back as it was");
});

test("one that nobody can class waits for a person, who sees why", async () => {
  const files = { ...orders, "0003_touch.sql": "do $$ begin perform 1; end $$;\n" };
  const sha = await fairway.project.commit("Run some code", {
    ...databaseProject(query, files),
    // It is nowhere any more.
    "web/db/0002_note_is_given.up.sql": null,
    "web/db/0002_note_is_given.down.sql": null,
  });
  assertEnded(
    await fairway.settled(await fairway.client.call("makeRelease", { ref: sha, by, deploy: false })),
    "succeeded",
  );
  const plan = await fairway.client.call("plan", { environment, release: "r4", rollback: "false" });
  expect(plan).toMatchObject({ approvals: 1, migrations: [{ id: "0003_touch", class: "unknown" }] });
  const waits = await fairway.settled(await fairway.client.call("deploy", { environment, release: "r4", by }));
  expect(waits.approval?.digest).toBe(plan.digest);
  assertEnded(await fairway.approve(waits), "succeeded");
});

/** Says that a migration is applied: as a person does on the page of migrations, where there is a browser. */
async function resolve(migration: string): Promise<void> {
  if (!needs("chromium"))
    return void (await fairway.client.call("resolveMigration", {
      ...{ environment, migration, as: "applied", through: false, service: null, by },
    }));
  await onDashboard(fairway.client.url, `migrations?environment=${environment}`, async (page) => {
    const row = page.getByRole("row").filter({ hasText: migration });
    await row.getByRole("button", { name: "Resolve" }).click();
    const asks = page.getByRole("dialog", { name: `What has become of ${migration}` });
    await asks.getByLabel("It is done").check();
    await asks.getByRole("button", { name: "Put it on record" }).click();
    await asks.waitFor({ state: "detached" });
  });
}

test("one that stopped half-way asks for a person, is never run over, and goes on from what the person says", async () => {
  const files = {
    ...orders,
    "0003_touch.sql": "do $$ begin perform 1; end $$;\n",
    // It goes well where there are no rows, as when it is tried.
    "0004_halves.sql":
      "-- fairway: no-transaction\n-- fairway: expand\ncreate table other (id bigint primary key);\ncreate unique index concurrently orders_note on orders (note);\n",
  };
  await Promise.all([ask(fairway, host), ask(fairway, host)]);
  await ask(fairway, host);
  const run = await fairway.ship("Two halves", databaseProject(query, files));
  expect(stateOf(run, "migrate:web")).toBe("errored");
  expect(run.attention?.action).toContain("fairway migrations resolve 0004_halves --env staging");
  expect(reasonsOf(run)).toMatch(/web\/db\/0004_halves\.sql:4:1.*could not create unique index/s);
  expect(await standing()).toContainEqual(["0004_halves", "failed"]);

  const again = await fairway.settled(await fairway.client.call("retry", { run: run.id, by }));
  expect(stateOf(again, "begin")).toBe("failed");
  expect(reasonsOf(again)).toContain("0004_halves failed half-way");

  await resolve("0004_halves");
  assertEnded(await fairway.settled(await fairway.client.call("retry", { run: run.id, by })), "succeeded");
  expect(await standing()).toContainEqual(["0004_halves", "applied"]);
  expect(await ask(fairway, host)).toMatchObject({ release: "r5" });
});
