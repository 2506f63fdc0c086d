import { expect, test } from "vitest";
import { controlFigures } from "./control-figures.ts";
import type { Store } from "./store.ts";
import { storeForTests } from "./testing/store-for-tests.ts";

let store: Store;
storeForTests((opened) => void (store = opened));

test("of an empty database everything is none", async () => {
  expect(await controlFigures(store)).toMatchObject({
    ...{ ended: [], open: [], durations: [], deployments: [], ready: { count: 0, oldest: 0 }, approvals: 0 },
    ...{ notices: { waiting: 0, dead: 0 }, reports: { waiting: 0, dropped: 0 }, firings: [], auditRows: 0 },
  });
});

test("runs, jobs, questions and outboxes are counted as they stand", async () => {
  await store.rows(
    `insert into fairway.runs (kind, title, subject, requested_by, state, started_at, ended_at)
     select 'release', 't', '{}', 'ada', case when n <= 3 then 'succeeded' else 'failed' end, now() - n * interval '20 seconds', now()
     from generate_series(1, 4) as n`,
  );
  const [open] = await store.rows<{ id: string }>(
    `insert into fairway.runs (kind, title, subject, requested_by, state) values ('deployment', 't', '{}', 'ada', 'running') returning id`,
  );
  await store.rows(
    `insert into fairway.jobs (run, name, place, stage, needs, turn, input, timeout_ms, state, ready_at, claimed_by)
     values ($1, 'a', 1, 's', '{}', 't', '{}', 1, 'pending', now() - interval '9 seconds', null),
       ($1, 'b', 2, 's', '{}', 't', '{}', 1, 'running', null, 'w'), ($1, 'approval', 3, 's', '{}', 't', '{}', 1, 'running', null, null)`,
    [open?.id],
  );
  await store.rows("insert into fairway.gates (run, job, attempt, needed, digest) values ($1, 'approval', 1, 1, 'd')", [
    open?.id,
  ]);
  await store.rows(
    `insert into fairway.notices (channel, about, thread, notice, state)
     select 'team', n::text, 't', '{}', case when n = 1 then 'dead' else 'waiting' end from generate_series(1, 3) as n`,
  );
  const figures = await controlFigures(store);
  expect(figures).toMatchObject({
    ended: [
      { kind: "release", state: "failed", count: 1 },
      { kind: "release", state: "succeeded", count: 3 },
    ],
    open: [{ kind: "deployment", state: "running", count: 1 }],
    ...{ ready: { count: 1 }, running: 1, approvals: 1, notices: { waiting: 2, dead: 1 } },
  });
  const [release] = figures.durations;
  expect(release?.buckets.find(({ le }) => le === 30)?.count).toBe(1);
  expect(release?.buckets.find(({ le }) => le === 120)?.count).toBe(4);
  expect([release?.buckets.at(-1), Math.round(release?.sum ?? 0)]).toEqual([{ le: null, count: 4 }, 200]);
  expect(figures.ready.oldest).toBeGreaterThanOrEqual(9_000);
});

test("environments beyond the busiest are one", async () => {
  await store.rows(
    `insert into fairway.releases (number, run, digest, sha, contents) select 1, id, 'd', 's', '{}' from fairway.runs limit 1`,
  );
  await store.rows(
    `with made as (insert into fairway.runs (kind, title, subject, requested_by, state, ended_at)
       select 'deployment', n::text, '{}', 'ada', 'succeeded', now() from generate_series(1, 60) as n returning id, title)
     insert into fairway.deployments (run, environment, release, reason, digest, outcome, began_at)
     select id, 'pr-' || title, 'r1', 'promotion', 'd', 'deployed', now() - title::int * interval '1 hour' from made`,
  );
  const { deployments } = await controlFigures(store);
  expect(deployments.length).toBe(41);
  expect(deployments.find(({ environment }) => environment === "others")?.count).toBe(20);
});
