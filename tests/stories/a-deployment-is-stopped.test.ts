import { once } from "node:events";
import { rm, writeFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { request } from "node:http";
import { join } from "node:path";
import type { Run } from "@fairway/api";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import { until } from "./support/leak-guard.ts";
import { refusal } from "./support/refusal.ts";
import { ask } from "./support/requests.ts";
import type { Behaviour } from "./support/tiny-service.ts";
import { webProject } from "./support/tiny-service.ts";
import { assertEnded, stateOf } from "./support/watch-run.ts";

let fairway: Fairway;
const host = "web.staging.localhost";
const environment = "staging";
// So long a drain, and so long a start, that nothing here ends before its time unless it is halted.
const service = {
  replicas: 1,
  health: { path: "/healthz", startWithin: "10m", interval: "200ms" },
  stop: { drain: "10m", grace: "2s" },
  strategy: { rolling: { breakerThreshold: 1 } },
};

/** A service that answers `?held` once its state directory has a file `answer`. */
function files(behaviour: Behaviour): ReturnType<typeof webProject> {
  const all = webProject(behaviour, { service });
  const held = 'url.searchParams.has("held") && !existsSync(`${process.env.FAIRWAY_STATE_DIRECTORY}/answer`)';
  const hold = `  const hold = () => (${held} ? setTimeout(hold, 20) : answer());\n  hold();`;
  return { ...all, "web/server.mjs": (all["web/server.mjs"] ?? "").replace(/ {2}setTimeout\(answer, .*/, hold) };
}

/** Commits, makes a release of it and gives its deployment once it fits. */
async function deploying(behaviour: Behaviour, fits: (run: Run) => boolean): Promise<Run> {
  const sha = await fairway.project.commit(`Say ${behaviour.says ?? "nothing"}`, files(behaviour));
  const release = await fairway.settled(await fairway.client.call("makeRelease", { ref: sha, by }));
  return fairway.runUntil({ id: release.next[0] ?? "" }, fits);
}

const rolling = (run: Run): boolean => stateOf(run, "rollout:web") === "running";
const replicas = async (): Promise<readonly string[]> =>
  (await fairway.replicas()).map(({ release, state }) => `${release} ${state}`);

beforeAll(async () => {
  fairway = await openFairway(files({ says: "one" }));
  assertEnded(await fairway.release(), "succeeded");
});

afterAll(() => fairway?.end());

test("where nothing is deployed there is nothing to stop", async () => {
  const { code, message } = await refusal(fairway.client.call("stop", { environment, by }));
  expect([code, message]).toEqual(["not_allowed_now", "nothing is being deployed to staging"]);
});

test("a rollout that drains is halted, and what served before serves again, whole", async () => {
  const open = request({ ...fairway.router, path: "/?held", headers: { host } }).end();
  const answered = once(open, "response");
  await until(async () => {
    const { endpoints } = await fairway.client.call("routerStatus", {});
    return endpoints.some(({ inFlight }) => inFlight > 0);
  }, "a request is open");
  const { id } = await deploying({ says: "two" }, rolling);
  await until(async () => {
    const { endpoints } = await fairway.client.call("routerStatus", {});
    return endpoints.some(({ state }) => state === "draining");
  }, "the old replica is drained");

  const stopping = await fairway.client.call("stop", { environment, by: "grace" });
  expect(stopping).toMatchObject({ id, stopping: true });
  const again = await refusal(fairway.client.call("stop", { environment, by }));
  expect([again.code, again.message]).toMatchObject([
    "not_allowed_now",
    expect.stringMatching(/stopped already|nothing/),
  ]);
  // The new replica gets its request only now: it is drained on the way back, and must have nothing to wait for.
  const ended = await fairway.settled({ id });
  await writeFile(join(fairway.data, "state", "staging", "web", "answer"), "");
  const [{ statusCode }] = (await answered) as [IncomingMessage];
  open.destroy();
  expect(statusCode).toBe(200);
  assertEnded(ended, "aborted");
  expect(ended.outcome).toMatchObject({
    outcome: "rolled-back",
    restored: true,
    from: "r1",
    why: "grace stopped the run",
  });
  expect(await replicas()).toEqual(["r1 ready"]);
  expect(await ask(fairway, host)).toMatchObject({ says: "one" });
});

test("a deployment may be kept half-way; newer ones wait, and the newest of them goes on when it is let go", async () => {
  const { id } = await deploying({ says: "three", listensOnce: join(fairway.place, "never") }, rolling);
  await until(async () => (await replicas()).includes("r3 starting"), "the new replica starts");
  await fairway.client.call("stop", { environment, by: "grace", keep: true });
  const kept = await fairway.settled({ id });
  expect(kept).toMatchObject({ state: "waiting", outcome: null, stopping: true });
  expect(kept.attention?.action).toBe("bring back what ran before: fairway stop staging");
  expect((await replicas()).toSorted()).toEqual(["r1 ready", "r3 starting"]);

  const waits = (run: Run): boolean => stateOf(run, "lock") === "waiting";
  const older = await deploying({ says: "four" }, waits);
  const newer = await deploying({ says: "five" }, waits);
  const overtaken = await fairway.settled(older);
  assertEnded(overtaken, "aborted");
  expect(overtaken.outcome).toMatchObject({ outcome: "superseded", supersededBy: newer.id, restored: null });

  await fairway.client.call("stop", { environment, by: "grace" });
  expect((await fairway.settled({ id })).outcome).toMatchObject({ outcome: "rolled-back", restored: true });
  assertEnded(await fairway.settled(newer), "succeeded");
  expect(await ask(fairway, host)).toMatchObject({ says: "five", release: "r5" });
});

test("a way back is stopped only by force", async () => {
  const gate = join(fairway.place, "gate");
  await writeFile(gate, "");
  assertEnded(await fairway.ship("Say six", files({ says: "six", listensOnce: gate })), "succeeded");
  assertEnded(await fairway.ship("Say seven", files({ says: "seven" })), "succeeded");
  await rm(gate);
  const back = await fairway.client.call("rollback", { environment, release: "r6", by, reason: "seven is odd" });
  await fairway.runUntil(back, rolling);
  const { code, message, hint } = await refusal(fairway.client.call("stop", { environment, by }));
  expect([code, message, hint]).toEqual([
    "not_allowed_now",
    `${back.id} is a way back: to stop it would bring back what it is there to take away`,
    "if you mean it: fairway stop staging --force",
  ]);
  await fairway.client.call("stop", { environment, by, force: true });
  expect((await fairway.settled(back)).outcome).toMatchObject({ outcome: "rolled-back", restored: true, from: "r7" });
  expect(await ask(fairway, host)).toMatchObject({ says: "seven" });
});

test("what failed is shown with its exit code and last lines, also after the daemon was killed", async () => {
  const failed = await fairway.ship(
    "Break it",
    files({ first: 'console.error("no module named left"); process.exit(7);' }),
  );
  assertEnded(failed, "failed");
  await fairway.kill("SIGKILL");
  await fairway.start();
  const shown = await fairway.client.call("deployment", { run: failed.id });
  expect(shown).toMatchObject({ outcome: "rolled-back", restored: true, from: "r7", release: "r8" });
  expect(shown.evidence[0]).toMatchObject({ service: "web", exit: { code: 7, signal: null, outOfMemory: false } });
  expect(shown.evidence[0]?.log).toContain("no module named left");
  const [staging] = (await fairway.status()).environments;
  expect(staging?.last).toMatchObject({ run: failed.id, outcome: "rolled-back", restored: true });
});
