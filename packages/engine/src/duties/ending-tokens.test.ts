import { beforeEach, expect, test } from "vitest";
import { noticeOfEvent } from "../notices/notice-of-event.ts";
import { eventsAfter, latestEvent } from "../store/events.ts";
import { keepToken, revokeToken } from "../store/people/api-tokens.ts";
import type { Store } from "../store/store.ts";
import { storeForTests } from "../store/testing/store-for-tests.ts";
import { endingTokens, remindOfTokens } from "./ending-tokens.ts";

let store: Store;
storeForTests((opened) => void (store = opened));
beforeEach(async () => void (await store.rows("truncate fairway.duty_reminders, fairway.api_tokens cascade")));

const day = 86_400_000;
const made = async (name: string, days: number): Promise<{ readonly id: string; readonly ends: number }> => {
  const token = await store.transaction((tx) =>
    keepToken(tx, {
      ...{ name, days, kind: "service", owner: null, ownerName: "ada", hint: "fw_abc", digest: name },
      ...{ permissions: ["read"], role: null, projects: null, environments: null },
    }),
  );
  return { id: token.id, ends: Date.parse(token.expiresAt) };
};

test("whoever made a token hears of its end 14, 7 and 1 days before, on the day, and daily when it is over", async () => {
  const { ends } = await made("ci", 90);
  const told: number[] = [];
  for (let left = 20; left >= -20; left--) {
    const remind = (): Promise<number> => remindOfTokens({ store, now: () => ends - left * day });
    // Two at the same time, and again after a restart.
    const counts = [...(await Promise.all([remind(), remind()])), await remind()];
    const sum = counts.reduce((all, one) => all + one);
    expect(sum).toBeLessThanOrEqual(1);
    if (sum === 1) told.push(left);
  }
  const daily = Array.from({ length: 14 }, (_, index) => -1 - index);
  expect(told).toEqual([14, 7, 1, 0, ...daily]);
});

test("its notice says whose it is and how it is renewed, and nothing of the token itself", async () => {
  const { id, ends } = await made("ci", 90);
  const before = await latestEvent(store);
  await remindOfTokens({ store, now: () => ends - 7 * day });
  const [event] = (await eventsAfter(store, before)).filter(({ kind }) => kind === "duty.reminded");
  const notice = JSON.stringify(event === undefined ? null : await noticeOfEvent(store, event));
  expect(notice).toContain("API token ci");
  expect(notice).toContain(`revoke ${id}`);
  expect(notice).not.toContain("fw_abc");
});

test("a token that is revoked, far from its end or meant to be short is not among those that end", async () => {
  const [long, gone, short] = [await made("long", 90), await made("gone", 90), await made("short", 3)];
  await store.transaction((tx) => revokeToken(tx, gone.id));
  expect(await endingTokens(store, short.ends - day)).toEqual([]);
  expect(await endingTokens(store, long.ends - 3 * day)).toMatchObject([{ id: long.id, state: "due", days: 3 }]);
  expect(await endingTokens(store, long.ends + 3 * day)).toMatchObject([{ id: long.id, state: "overdue", days: -3 }]);
});
