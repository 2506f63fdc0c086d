import { hrefOf } from "@fairway/api";
import type { EventShape, Run } from "@fairway/api";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import { refusal } from "./support/refusal.ts";
import { twoEnvironments, webProject } from "./support/tiny-service.ts";
import { assertEnded } from "./support/watch-run.ts";

let fairway: Fairway;
let promotion: Run;
let made: Run;
const environments = twoEnvironments();

beforeAll(async () => {
  fairway = await openFairway(webProject({ says: "one" }, { environments }));
  made = await fairway.release();
  assertEnded(made, "succeeded");
});

afterAll(() => fairway?.end());

test("who asks is told what they may do where, and each environment says in a sentence whether it takes the next release", async () => {
  const me = await fairway.client.call("me", {});
  expect(me).toMatchObject({ singleUser: true, name: "local", project: expect.any(String) });
  expect(me.may.map(({ environment }) => environment)).toEqual([null, "staging", "production"]);
  expect(me.may.every(({ allowed, refused }) => allowed.includes("approve") && refused.length === 0)).toBe(true);
  const found = await fairway.client.call("environments", {});
  expect(found.map(({ next, health }) => [next.sentence, health.state])).toEqual([
    ["staging runs r1, the newest that it can take", "healthy"],
    ["production can take r1 once one person has approved it", "empty"],
  ]);
});

test("what waits for a person shows exactly what is approved, and whether they may", async () => {
  promotion = await fairway.promote();
  const [waits, ...others] = await fairway.client.call("waiting", { mine: "true" });
  expect(others).toEqual([]);
  expect(waits).toMatchObject({
    run: promotion.id,
    kind: "approval",
    environment: "production",
    release: "r1",
    digest: promotion.approval?.digest,
    you: { may: true, reason: null },
  });
  const asked = await fairway.client.call("approval", { run: promotion.id });
  expect(asked).toMatchObject({
    kind: "deployment",
    digest: promotion.approval?.digest,
    plan: { digest: promotion.approval?.digest, release: "r1", environment: "production", from: null },
    changes: null,
    now: { differences: [], problem: null },
  });
  expect(asked.voids.join("\n")).toContain("another release in production than none when it begins");
  expect((await refusal(fairway.client.call("approval", { run: made.id }))).code).toBe("not_allowed_now");
});

test("how a deployment moved is told as it happens and afterwards, and counts as one", async () => {
  const leave = new AbortController();
  const seen: EventShape[] = [];
  const listening = (async () => {
    for await (const event of fairway.client.stream("events", { after: 0 }, leave.signal)) {
      seen.push(event);
      if (event.kind === "deployment.changed" && event.subject === promotion.id && event.body["outcome"] === "deployed")
        return;
    }
  })();
  assertEnded(await fairway.approve(promotion), "succeeded");
  await listening;
  leave.abort();
  expect(seen.some(({ kind, subject }) => kind === "rollout.moved" && subject === promotion.id)).toBe(true);
  const middle = Math.floor(seen.length / 2);
  const again = new AbortController();
  for await (const event of fairway.client.stream("events", { after: seen[middle]?.seq }, again.signal)) {
    expect(event.seq).toBe(seen[middle + 1]?.seq);
    break;
  }
  again.abort();

  const [web] = await fairway.client.call("moves", { run: promotion.id });
  expect(web).toMatchObject({ service: "web", from: null, to: "r1" });
  expect(web?.moves.at(-1)).toMatchObject({ back: false, new: { failed: 0 } });
  expect(web?.moves.at(-1)?.new.ready).toBeGreaterThan(0);

  const dora = await fairway.client.call("dora", { days: 7 });
  expect(dora.environments).toMatchObject([
    { environment: "staging", deployed: 1, changeFailure: { part: 0, whole: 1 } },
    { environment: "production", deployed: 1, leadTime: { changes: 1 }, before: { deployed: 0 } },
  ]);
});

test("lists go on where a page ended, and runs are found by what they are about", async () => {
  const all = await fairway.client.call("runs", {});
  const [first] = await fairway.client.call("runs", { limit: 1 });
  const rest = await fairway.client.call("runs", { before: first?.id });
  expect([first, ...rest].map((run) => run?.id)).toEqual(all.map(({ id }) => id));
  expect((await fairway.client.call("runs", { env: "production", who: by })).map(({ id }) => id)).toEqual([
    promotion.id,
  ]);
  expect(await fairway.client.call("runs", { kind: "release", text: "no such title" })).toEqual([]);
  expect(await fairway.client.call("releases", { before: "r1" })).toEqual([]);
  expect((await fairway.client.call("deployments", { release: "r1" })).map(({ environment }) => environment)).toEqual([
    "production",
    "staging",
  ]);
});

test("a log is searched at the server, and kept as a file", async () => {
  const job = made.jobs.find(({ stage }) => stage === "build");
  const log = { run: made.id, job: job?.name, step: job?.steps[0]?.name };
  const shown = await fairway.client.call("logWindow", log);
  const word = shown.lines[0]?.text.slice(0, 12) ?? "";
  const found = await fairway.client.call("logSearch", { ...log, text: word.toUpperCase() });
  expect(found.matches[0]).toMatchObject({ line: 1, column: 1 });
  const response = await fetch(fairway.client.url + hrefOf("logFile", log));
  expect(response.headers.get("content-disposition")).toMatch(/^attachment; filename="[\w.-]+\.log"/);
  expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  expect(await response.text()).toContain(word);
});
