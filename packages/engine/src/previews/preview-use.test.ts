import type { RunId } from "@fairway/core";
import { beforeEach, expect, test } from "vitest";
import { changePreview, keepPreview, livePreviews } from "../store/previews.ts";
import type { Store } from "../store/store.ts";
import { storeForTests } from "../store/testing/store-for-tests.ts";
import type { PreviewUse } from "./preview-use.ts";
import { previewUse } from "./preview-use.ts";

const hour = 3_600_000;
let store: Store;
let now = 0;
let requests = 0;
/** As with HAProxy, of which nobody learns what it carried. */
let uncounted = false;
let ended: string[] = [];
/** When a load balancer at AWS last had a request, and who was asked about there. */
let askedThere: number | null = null;
let questions: string[] = [];
storeForTests((opened) => void (store = opened));

beforeEach(async () => {
  await store.rows("truncate fairway.previews, fairway.runs cascade");
  [now, requests, uncounted, ended] = [Date.now(), 0, false, []];
  [askedThere, questions] = [null, []];
  const [run] = await store.rows<{ id: RunId }>(
    `insert into fairway.runs (kind, title, subject, requested_by, state, ended_at)
     values ('deployment', '', '{}', 'dana', 'succeeded', now()) returning id`,
  );
  await store.transaction(async (tx) => {
    const kept = await keepPreview(tx, {
      name: "pr-1",
      pull: 1,
      ref: "refs/pull/1/head",
      title: "",
      fromFork: false,
      sha: "a".repeat(40),
      state: "open",
      why: "",
      settings: { sleepAfter: hour, endAfter: 72 * hour } as never,
      openedBy: "dana",
    });
    if (kept !== null && run !== undefined) await changePreview(tx, kept, { deployRun: run.id });
  });
});

const opened = (): PreviewUse =>
  previewUse({
    store,
    now: () => now,
    end: async ({ name }, cause) => void ended.push(`${name} ${cause}`),
    places: {
      askedOnEcs: async (_previews, environment, since) => {
        questions.push(environment);
        return askedThere !== null && askedThere > since ? askedThere : null;
      },
      traffic: async () =>
        uncounted ? null : { since: "then", routes: { "pr-1/web": { r1: { requests } }, "pr-11/web": {} } as never },
    },
  });
const isAsleep = async (): Promise<boolean> => (await livePreviews(store))[0]?.asleepSince !== null;
const after = async (use: PreviewUse, span: number, asked = 0): Promise<void> => {
  now += span;
  requests += asked;
  await use.look(await livePreviews(store));
};

test("what nobody asks for sleeps after its time, and ends after its other time", async () => {
  const use = opened();
  await after(use, hour / 2);
  expect(await isAsleep()).toBe(false);
  await after(use, hour);
  expect([await isAsleep(), ended]).toEqual([true, []]);
  await after(use, 72 * hour);
  expect(ended).toEqual(["pr-1 idle"]);
});

test("each request puts both off, and a daemon that has just come counts nothing of before as one", async () => {
  const use = opened();
  await after(use, 0);
  for (let times = 0; times < 4; times++) await after(use, hour / 2, 1);
  expect(await isAsleep()).toBe(false);
  const another = opened();
  await after(another, hour / 2);
  await after(another, hour);
  expect(await isAsleep()).toBe(true);
});

test("where requests are not counted nothing sleeps, and only pushes put off the end", async () => {
  uncounted = true;
  const use = opened();
  await after(use, 10 * hour);
  expect([await isAsleep(), ended]).toEqual([false, []]);
  await after(use, 63 * hour);
  expect(ended).toEqual(["pr-1 idle"]);
});

test.each(["waiting", "asking"] as const)("one that is %s ends in its time though no other is open", async (state) => {
  await store.transaction(async (tx) => {
    for (const preview of await livePreviews(tx)) await changePreview(tx, preview, { state });
  });
  const use = opened();
  await after(use, 71 * hour);
  expect(ended).toEqual([]);
  await after(use, 2 * hour);
  expect([ended, await isAsleep()]).toEqual([["pr-1 idle"], false]);
});

test("of one on ECS the load balancer is asked, and only once it would sleep", async () => {
  await store.rows(
    "update fairway.previews set settings = (settings::jsonb || jsonb_build_object('ecs', jsonb_build_object('owner', 'shop')))::json",
  );
  const use = opened();
  await after(use, 0);
  await after(use, hour / 2);
  expect(questions).toEqual([]);
  askedThere = now;
  await after(use, hour - 1000);
  expect(await isAsleep()).toBe(false);
  await after(use, hour / 2);
  expect(await isAsleep()).toBe(true);
  expect(new Set(questions)).toEqual(new Set(["pr-1"]));
});
