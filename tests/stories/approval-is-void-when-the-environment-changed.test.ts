import { afterAll, beforeAll, expect, test } from "vitest";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import { refusal } from "./support/refusal.ts";
import { ask } from "./support/requests.ts";
import { twoEnvironments, webProject } from "./support/tiny-service.ts";
import { assertEnded, reasonsOf } from "./support/watch-run.ts";

let fairway: Fairway;
const environments = twoEnvironments();

beforeAll(async () => {
  fairway = await openFairway(webProject({ says: "one" }, { environments }));
  assertEnded(await fairway.release(), "succeeded");
});

afterAll(() => fairway?.end());

test("a yes to a plan that was shown earlier counts for nothing", async () => {
  const first = await fairway.promote();
  assertEnded(await fairway.ship("Say two", webProject({ says: "two" }, { environments })), "succeeded");
  const second = await fairway.promote();
  expect(second.approval?.digest).not.toBe(first.approval?.digest);

  const digest = first.approval?.digest ?? "";
  const { code, message } = await refusal(
    fairway.client.call("approve", { run: second.id, by, answer: "yes", digest }),
  );
  expect(code).toBe("stale_approval");
  expect(message).toContain(second.id);
  expect((await fairway.client.call("run", { run: second.id })).approval?.given).toEqual([]);
  await expect(ask(fairway, "web.localhost")).rejects.toThrow("404");

  for (const { id } of [first, second]) {
    await fairway.client.call("cancel", { run: id, by });
    assertEnded(await fairway.settled({ id }), "aborted");
  }
});

test("when another deployment came in between, what was approved does not happen, and the run says so", async () => {
  const one = await fairway.promote();
  const asked = await fairway.client.call("deploy", { environment: "production", release: "r1", by });
  const other = await fairway.settled(asked);
  assertEnded(await fairway.approve(other), "succeeded");
  const void_ = await fairway.approve(one);
  assertEnded(void_, "failed");
  expect(reasonsOf(void_)).toContain(
    "what was approved would not happen any more: production runs r1 now, not nothing",
  );
  expect(await ask(fairway, "web.localhost")).toMatchObject({ release: "r1" });
  await fairway.assertHealthy();
});

test("a new promotion asks for a new approval, and that one counts", async () => {
  assertEnded(await fairway.ship("Say three", webProject({ says: "three" }, { environments })), "succeeded");
  assertEnded(await fairway.approve(await fairway.promote()), "succeeded");
  expect(await ask(fairway, "web.localhost")).toMatchObject({ says: "three" });
});
