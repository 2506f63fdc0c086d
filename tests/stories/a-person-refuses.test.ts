import { afterAll, beforeAll, expect, test } from "vitest";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import { refusal } from "./support/refusal.ts";
import { ask } from "./support/requests.ts";
import { twoEnvironments, webProject } from "./support/tiny-service.ts";
import { assertEnded, reasonsOf, stateOf } from "./support/watch-run.ts";

let fairway: Fairway;

beforeAll(async () => {
  fairway = await openFairway(webProject({}, { environments: twoEnvironments({}, { approvals: 2 }) }));
  assertEnded(await fairway.release(), "succeeded");
});

afterAll(() => fairway?.end());

test("one person's no outweighs another's yes, and says who and why", async () => {
  const run = await fairway.promote();
  const digest = run.approval?.digest ?? "";
  const half = await fairway.client.call("approve", { run: run.id, by: "ada", answer: "yes", digest });
  expect(half).toMatchObject({ state: "waiting", approval: { needed: 2, given: [{ by: "ada", answer: "yes" }] } });

  await fairway.client.call("approve", { run: run.id, by: "grace", answer: "no", digest, note: "not on a Friday" });
  const ended = await fairway.settled(run);
  assertEnded(ended, "failed");
  expect(reasonsOf(ended)).toContain("grace");
  expect(reasonsOf(ended)).toContain("not on a Friday");
  expect(stateOf(ended, "lock")).toBe("pending");
  await expect(ask(fairway, "web.localhost")).rejects.toThrow("404");

  const late = await refusal(fairway.client.call("approve", { run: run.id, by: "ada", answer: "yes", digest }));
  expect(late.code).toBe("not_allowed_now");
  expect(late.message).toContain(`${run.id} has ended already: failed`);
});

test("the same person saying yes twice is one yes; two people let it happen", async () => {
  const run = await fairway.promote();
  const digest = run.approval?.digest ?? "";
  for (const _time of [1, 2]) await fairway.client.call("approve", { run: run.id, by, answer: "yes", digest });
  expect(await fairway.client.call("run", { run: run.id })).toMatchObject({ state: "waiting" });
  await fairway.client.call("approve", { run: run.id, by: "grace", answer: "yes", digest });
  assertEnded(await fairway.settled(run), "succeeded");
  expect(await ask(fairway, "web.localhost")).toMatchObject({ environment: "production" });
});
