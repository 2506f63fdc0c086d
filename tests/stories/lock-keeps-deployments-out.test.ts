import { afterAll, beforeAll, expect, test } from "vitest";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import { refusal } from "./support/refusal.ts";
import { ask } from "./support/requests.ts";
import { webProject } from "./support/tiny-service.ts";
import { assertEnded, stateOf } from "./support/watch-run.ts";

let fairway: Fairway;
const host = "web.staging.localhost";

beforeAll(async () => {
  fairway = await openFairway(webProject({ says: "one" }));
  assertEnded(await fairway.release(), "succeeded");
  assertEnded(await fairway.ship("Say two", webProject({ says: "two" })), "succeeded");
});

afterAll(() => fairway?.end());

test("a locked environment keeps a deployment waiting, which says by whom and why", async () => {
  const locked = await fairway.client.call("lock", { environment: "staging", by: "grace", reason: "a demo at ten" });
  expect(locked.lock).toMatchObject({ by: "grace", reason: "a demo at ten" });
  const twice = await refusal(fairway.client.call("lock", { environment: "staging", by, reason: "mine" }));
  expect([twice.code, twice.message]).toEqual(["locked", "staging is locked by grace already: a demo at ten"]);

  const sha = await fairway.project.commit("Say three", webProject({ says: "three" }));
  const release = await fairway.settled(await fairway.client.call("makeRelease", { ref: sha, by }));
  const waiting = await fairway.runUntil({ id: release.next[0] ?? "" }, (run) => run.state === "waiting");
  expect(stateOf(waiting, "lock")).toBe("waiting");
  expect(waiting.jobs.find(({ name }) => name === "lock")?.message).toMatch(/grace.*a demo at ten/);
  expect(await ask(fairway, host)).toMatchObject({ says: "two" });
});

test("a rollback gets through", async () => {
  const back = await fairway.settled(
    await fairway.client.call("rollback", { environment: "staging", release: null, by }),
  );
  assertEnded(back, "succeeded");
  expect(await ask(fairway, host)).toMatchObject({ says: "one" });
});

test("when the lock is taken off, what waited goes on from what runs now", async () => {
  const [waiting] = await fairway.client.call("runs", { active: "true" });
  const bare = await refusal(fairway.client.call("unlock", { environment: "staging", by }));
  expect([bare.code, bare.message]).toEqual(["locked", "staging is locked by grace: a demo at ten"]);
  await fairway.client.call("unlock", { environment: "staging", by, reason: "the demo is over" });
  assertEnded(await fairway.settled({ id: waiting?.id ?? "" }), "succeeded");
  expect(await ask(fairway, host)).toMatchObject({ says: "three", release: "r3" });
  const twice = await refusal(fairway.client.call("unlock", { environment: "staging", by }));
  expect([twice.code, twice.message]).toEqual(["not_allowed_now", "staging is not locked"]);
});
