import type { DeploymentPlan, ReleaseId, RunId } from "@fairway/core";
import { expect, test } from "vitest";
import { recordEnd } from "./deployment-ends.ts";
import type { Deployments } from "../rollouts/deployments.ts";
import { currentRelease, deploymentsIn, listDeployments } from "./deployments.ts";
import type { History } from "./history-for-tests.ts";
import { historyIn } from "./history-for-tests.ts";
import type { HeldJob } from "./jobs.ts";
import { runById } from "./runs.ts";
import { standingReleases } from "./standing-releases.ts";
import type { Store } from "./store.ts";
import { storeForTests } from "./testing/store-for-tests.ts";

let store: Store;
let history: History;
let deployments: Deployments;
let one: ReleaseId;
let two: ReleaseId;
storeForTests(async (opened) => {
  store = opened;
  history = historyIn(store);
  deployments = deploymentsIn(store);
  one = await history.release("one");
  two = await history.release("two");
});

type Ended = Pick<HeldJob, "name" | "stage" | "state">;
const ended = (stage: string, state: Ended["state"]): Ended => ({ name: stage, stage, state });

/** As the run's end does it. */
async function recorded(environment: string, run: RunId, jobs: readonly Ended[]): Promise<void> {
  const held = jobs.map((job) => ({ ...job, reason: null, stop: null }) as unknown as HeldJob);
  const found = await runById(store, run);
  const subject = { environment, release: two, from: one, reason: "deploy", digest: "d" };
  await store.transaction((tx) => recordEnd(tx, { ...found, subject }, held));
}

const outcomes = async (environment: string): Promise<readonly (string | null)[]> =>
  (await listDeployments(store, { environment })).map(({ outcome }) => outcome);

/** It was carried through, and only what comes after failed: services that the release no longer has are still there. */
async function deployedButNotRetired(environment: string): Promise<RunId> {
  await history.deploy(environment, one);
  const run = await history.deploy(environment, two);
  const moved = [ended("rollout", "succeeded"), ended("verify", "succeeded"), ended("finish", "succeeded")];
  await recorded(environment, run, [...moved, ended("retire", "errored")]);
  expect(await outcomes(environment)).toEqual(["deployed", "deployed"]);
  return run;
}

const plan = (environment: string): DeploymentPlan =>
  ({ environment, release: two, releaseDigest: "two", reason: "deploy" }) as DeploymentPlan;

test("a deployment that was carried through stays so when it is tried again and refused before it begins", async () => {
  const run = await deployedButNotRetired("refused");
  await recorded("refused", run, [ended("begin", "failed"), ended("rollout", "pending")]);
  expect(await outcomes("refused")).toEqual(["deployed", "deployed"]);
  expect((await currentRelease(store, "refused"))?.id).toBe(two);
});

test("what it is tried again and stopped after it began changes nothing of what runs", async () => {
  const run = await deployedButNotRetired("stopped");
  await deployments.begin(run, plan("stopped"), "d", two);
  expect((await currentRelease(store, "stopped"))?.id).toBe(two);
  await recorded("stopped", run, [ended("begin", "succeeded"), ended("rollout", "pending")]);
  expect((await currentRelease(store, "stopped"))?.id).toBe(two);
  expect((await standingReleases(store, "stopped")).map(({ release }) => release)).toEqual([two, one]);
});

test("what is brought back after it was tried again is what it had deployed", async () => {
  const run = await deployedButNotRetired("restored");
  await deployments.begin(run, plan("restored"), "d", two);
  await deployments.end(run, "rolled-back");
  await recorded("restored", run, [
    ended("rollout", "succeeded"),
    ended("verify", "failed"),
    ended("restore", "succeeded"),
  ]);
  expect((await currentRelease(store, "restored"))?.id).toBe(two);
});

test("one that is tried again after another came is a deployment like any other", async () => {
  const run = await deployedButNotRetired("again");
  const three = await history.release("three");
  await history.deploy("again", three);
  await deployments.begin(run, plan("again"), "d", three);
  expect((await currentRelease(store, "again"))?.id).toBe(three);
  await deployments.end(run, "deployed");
  await recorded("again", run, [
    ended("rollout", "succeeded"),
    ended("verify", "succeeded"),
    ended("finish", "succeeded"),
  ]);
  expect((await currentRelease(store, "again"))?.id).toBe(two);
});

test("one that is tried again after another came, and is stopped, is on record as it was deployed", async () => {
  const run = await deployedButNotRetired("overtaken");
  const three = await history.release("three-too");
  await history.deploy("overtaken", three);
  const before = await store.rows("select * from fairway.deployments where run = $1", [run]);
  await deployments.begin(run, plan("overtaken"), "d", three);
  await deployments.end(run, "rolled-back");
  const stopped = [ended("rollout", "aborted"), ended("verify", "aborted"), ended("restore", "succeeded")];
  await recorded("overtaken", run, stopped);
  expect(await store.rows("select * from fairway.deployments where run = $1", [run])).toEqual(before);
  expect((await currentRelease(store, "overtaken"))?.id).toBe(three);
  expect(await deployments.verifiedIn(two)).toContain("overtaken");
  // Once more, and through: it is the newest now.
  await deployments.begin(run, plan("overtaken"), "d", three);
  await deployments.end(run, "deployed");
  await recorded("overtaken", run, [ended("rollout", "succeeded"), ended("finish", "succeeded")]);
  expect((await currentRelease(store, "overtaken"))?.id).toBe(two);
});

test("one that did not come back whole is not made well by a try that did not begin", async () => {
  const run = await history.deploy("lost", one);
  await store.rows("update fairway.deployments set outcome = null where run = $1", [run]);
  await recorded("lost", run, [ended("rollout", "errored"), ended("restore", "failed")]);
  expect(await outcomes("lost")).toEqual(["unknown"]);
  await recorded("lost", run, [ended("begin", "aborted")]);
  expect(await outcomes("lost")).toEqual(["unknown"]);
});
