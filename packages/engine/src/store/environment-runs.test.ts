import type { RunId } from "@fairway/core";
import { expect, test } from "vitest";
import { countOpenRuns, environmentRuns } from "./environment-runs.ts";
import { insertJobs } from "./jobs.ts";
import { changeRun, insertRun, listRuns } from "./runs.ts";
import type { Store } from "./store.ts";
import { storeForTests } from "./testing/store-for-tests.ts";

let store: Store;
storeForTests((opened) => void (store = opened));

const job = { name: "rollout:api", stage: "rollout", needs: [], turn: "after-success", input: null } as const;

const deployment = (environment: string, release: string): Promise<RunId> =>
  store.transaction(async (tx) => {
    const jobs = [{ ...job, timeout: 1 }];
    const plan = {
      kind: "deployment",
      title: `deploy ${release} to ${environment}`,
      requestedBy: "ana",
      jobs,
    } as const;
    const run = await insertRun(tx, { ...plan, subject: { environment, release } }, null);
    if (run === undefined) throw new Error("it has no key that another could have");
    await insertJobs(tx, run.id, jobs);
    return run.id;
  });

test("what holds an environment is known with its pause, however many newer runs are open", async () => {
  const holder = await deployment("production", "r1");
  await store.transaction((tx) => changeRun(tx, holder, { paused: { by: "ada", because: "a look" } }));
  for (let at = 2; at < 62; at++) await deployment("production", `r${at}`);
  await deployment("staging", "r70");
  const ended = await deployment("staging", "r71");
  await store.transaction((tx) => changeRun(tx, ended, { state: "succeeded", ended: true }));

  const newest = await listRuns(store, { open: true, limit: 50 });
  expect(newest.some(({ id }) => id === holder)).toBe(false);
  const { holders, behind } = await environmentRuns(store, ["production", "staging", "empty"], [holder]);
  expect(holders.get(holder)).toMatchObject({
    title: "deploy r1 to production",
    release: "r1",
    paused: { by: "ada", because: "a look" },
  });
  expect(behind.get("production")?.count).toBe(60);
  expect(behind.get("production")?.first.map(({ release }) => release)).toEqual(
    Array.from({ length: 20 }, (_, at) => `r${at + 2}`),
  );
  expect(behind.get("staging")).toMatchObject({ count: 1, first: [{ release: "r70", paused: null }] });
  expect(behind.get("empty")).toEqual({ count: 0, first: [] });
  expect(await countOpenRuns(store)).toBe(62);
  expect((await environmentRuns(store, [], [])).holders.size).toBe(0);
});
