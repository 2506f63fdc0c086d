import type { Progress, ReleaseId, Rollout, RunId } from "@fairway/core";
import { nothing } from "@fairway/core";
import { expect, test } from "vitest";
import { recordMoves } from "../rollouts/record-moves.ts";
import { insertJobs } from "./jobs.ts";
import type { KeptFinding } from "./infrastructure-drift.ts";
import { listDrift } from "./infrastructure-drift.ts";
import { listTokens } from "./people/api-tokens.ts";
import type { ApiToken } from "./people/api-tokens.ts";
import type { Person } from "./people/people.ts";
import { listPeople } from "./people/people.ts";
import { movesOf, recordMove } from "./rollout-moves.ts";
import { changeRun, insertRun, listRuns } from "./runs.ts";
import type { Store } from "./store.ts";
import { storeForTests } from "./testing/store-for-tests.ts";
import { waitingRuns } from "./waiting-runs.ts";

let store: Store;
storeForTests((opened) => void (store = opened));

const job = "rollout:api";

async function newRun(
  title: string,
  over: { readonly environment?: string; readonly by?: string } = {},
): Promise<RunId> {
  const { environment, by = "ana" } = over;
  const plan = { name: job, stage: "rollout", needs: [], turn: "after-success", input: null, timeout: 1 } as const;
  return store.transaction(async (tx) => {
    const subject = environment === undefined ? null : { environment };
    const run = await insertRun(tx, { kind: "deployment", title, subject, requestedBy: by, jobs: [plan] }, null);
    const { id } = run as { id: RunId };
    await insertJobs(tx, id, [plan]);
    return id;
  });
}

const group = (ready: number): typeof nothing => ({ ...nothing, running: ready, ready });

test("every change of a rollout is written down once, and how it stood at its end", async () => {
  const run = await newRun("deploy r2 to staging");
  const rollout = { service: "api", to: "r2", strategy: { name: "canary", steps: [], bake: 0 } } as unknown as Rollout;
  const looks: Progress[] = [
    { phase: "moving", message: "", checkAgainIn: 0, weight: 0, replicas: { old: group(2), new: group(1) } },
    { phase: "moving", message: "waits", checkAgainIn: 0, weight: 0, replicas: { old: group(2), new: group(1) } },
    { phase: "moving", message: "", checkAgainIn: 0, weight: 10, replicas: { old: group(2), new: group(1) } },
    { phase: "succeeded" },
  ];
  const drive = recordMoves(
    async () => looks.shift() as Progress,
    { observe: async () => new Map([["r2" as ReleaseId, group(2)]]) },
    rollout,
    { isBack: false, record: (move) => recordMove(store, run, job, move) },
  );
  while (looks.length > 0) await drive();
  expect(
    (await movesOf(store, run)).map(({ weight, old, new: fresh, isBack }) => [weight, old.ready, fresh.ready, isBack]),
  ).toEqual([
    [0, 2, 1, false],
    [10, 2, 1, false],
    [100, 0, 2, false],
  ]);
  const told = await store.rows("select from fairway.events where subject = $1 and kind = 'rollout.moved'", [run]);
  expect(told).toHaveLength(3);
});

test("a platform that does not tell its replicas has only its end written down", async () => {
  const run = await newRun("deploy r3 to staging");
  const rollout = { service: "api", to: "r3", strategy: { name: "rolling" } } as unknown as Rollout;
  const looks: Progress[] = [
    { phase: "moving", message: "the platform is rolling", checkAgainIn: 0 },
    { phase: "failed", reason: "no" },
  ];
  const drive = recordMoves(
    async () => looks.shift() as Progress,
    {
      observe: async () =>
        new Map([
          ["r1" as ReleaseId, group(1)],
          ["r2" as ReleaseId, group(1)],
        ]),
    },
    rollout,
    { isBack: true, record: (move) => recordMove(store, run, job, move) },
  );
  while (looks.length > 0) await drive();
  expect((await movesOf(store, run)).map(({ weight, old, isBack }) => [weight, old.ready, isBack])).toEqual([
    [null, 2, true],
  ]);
});

test("runs are found by what they are about, who asked and their title, and a page goes on where the last ended", async () => {
  const one = await newRun("promote r7 100%", { environment: "production", by: "ci (token of dana)" });
  const two = await newRun("promote r8 100 %", { environment: "production", by: "ben" });
  await newRun("promote r8", { environment: "staging", by: "dana" });
  const found = async (filter: Parameters<typeof listRuns>[1]): Promise<readonly RunId[]> =>
    (await listRuns(store, filter)).map(({ id }) => id);
  expect(await found({ environment: "production" })).toEqual([two, one]);
  expect(await found({ environment: "production", limit: 1, before: Number(two.slice(4)) })).toEqual([one]);
  expect(await found({ environment: "production", by: "DANA" })).toEqual([one]);
  expect(await found({ text: "100%" })).toEqual([one]);
  expect(await found({ text: "\\" })).toEqual([]);
  expect(await found({ environment: "production", state: "failed" })).toEqual([]);
});

test("what waits for people is what asks them something, or went wrong and has not ended", async () => {
  const [asks, ails, over] = [await newRun("asks"), await newRun("ails"), await newRun("over")];
  const attention = { why: "nobody can say", action: "look" };
  await store.transaction(async (tx) => {
    await changeRun(tx, ails, { attention });
    await changeRun(tx, over, { attention, ended: true });
    await tx.rows("update fairway.jobs set stage = 'approval', state = 'waiting' where run = $1", [asks]);
    await tx.rows("insert into fairway.gates (run, job, attempt, needed, digest) values ($1, $2, 1, 1, 'd')", [
      asks,
      job,
    ]);
  });
  expect((await waitingRuns(store)).map(({ run }) => run).toSorted()).toEqual([asks, ails].toSorted());
});

test("people, tokens and findings go on where a page ended, whatever came in between", async () => {
  await store.rows(
    "insert into fairway.people (name, email) select 'person-' || lpad(n::text, 3, '0'), 'p' || n || '@example.com' from generate_series(1, 25) n",
  );
  const pages = async <Item>(ask: (last: Item | undefined) => Promise<readonly Item[]>): Promise<readonly Item[]> => {
    const all: Item[] = [];
    for (;;) {
      const page = await ask(all.at(-1));
      if (page.length === 0) return all;
      all.push(...page);
    }
  };
  const people = await pages<Person>((last) => listPeople(store, { after: last?.name, limit: 10 }));
  expect(people.map(({ name }) => name)).toEqual((await listPeople(store)).map(({ name }) => name));
  expect((await listPeople(store, { text: "P7@EXAMPLE" })).map(({ name }) => name)).toEqual(["person-007"]);

  await store.rows(
    `insert into fairway.api_tokens (digest, hint, name, kind, owner_name, permissions, expires_at)
     select 'd' || n, 'h', 'n', 'service', 'ana', '[]', now() from generate_series(1, 25) n`,
  );
  const tokens = await pages<ApiToken>((last) => listTokens(store, null, { before: last?.id, limit: 10 }));
  expect(tokens.map(({ id }) => id)).toEqual((await listTokens(store, null)).map(({ id }) => id));

  await store.rows(
    `insert into fairway.infrastructure_drift (environment, stack, address, type, kind, action, fields, because, first_seen, last_seen, closed_at)
     select 'staging', 'main', 'a.' || n, 'a', 'changed', 'update', '[]', '[]', now() - (n % 5) * interval '1 hour', now(), case when n % 3 = 0 then now() end from generate_series(1, 25) n`,
  );
  const asked = { closed: true, limit: 7 };
  const findings = await pages<KeptFinding>((last) =>
    listDrift(store, { ...asked, ...(last === undefined ? {} : { before: last.id }) }),
  );
  expect(findings.map(({ id }) => id)).toEqual((await listDrift(store, { ...asked, limit: 100 })).map(({ id }) => id));
  expect(findings).toHaveLength(25);
});
