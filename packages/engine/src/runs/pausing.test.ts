import type { RunId } from "@fairway/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { deploymentSubject } from "../store/deployment-ends.ts";
import { enforceDeadlines } from "./deadlines.ts";
import type { EngineUnderTest } from "./engine-for-tests.ts";
import { engineUnderTest, job, jobIs, moment, plan, stage } from "./engine-for-tests.ts";

let under: EngineUnderTest;
/** What a job of the stage `held` waits for. */
const gates = new Map<RunId, { readonly begun: () => void; readonly open: Promise<void> }>();

beforeAll(async () => {
  under = await engineUnderTest({
    stages: [
      stage("work", async () => null),
      stage("restore", async () => null),
      stage("held", async (attempt) => {
        const gate = gates.get(attempt.run);
        gate?.begun();
        const stopped = new Promise<void>((resolve) =>
          attempt.signal.addEventListener("abort", () => resolve(), { once: true }),
        );
        await Promise.race([gate?.open, stopped]);
        attempt.signal.throwIfAborted();
        return null;
      }),
    ],
  });
});
afterAll(() => under.close());

const digest = "sha256:seen";
const subjectOf = (environment: string, reason = "deploy"): never =>
  ({ environment, release: "r1", from: null, reason, digest }) as never;
const lock = (environment: string) => job("lock", [], { input: { environment, urgent: false } as never, timeout: 0 });
const jobsOf = async (run: RunId): Promise<Record<string, string>> =>
  Object.fromEntries((await under.engine.run(run)).jobs.map(({ name, state }) => [name, state]));
const eventsOf = async (run: RunId, kind: string): Promise<readonly unknown[]> =>
  (
    await under.store.rows<{ body: unknown }>("select body from fairway.events where subject = $1 and kind = $2", [
      run,
      kind,
    ])
  ).map(({ body }) => body);

/** A deployment with a job that is under way until its gate opens, and one after it. */
async function underWay(environment: string): Promise<{
  readonly run: RunId;
  readonly open: () => void;
  readonly fail: () => void;
}> {
  const begun = moment();
  const opened = moment<"well" | "badly">();
  const run = await under.engine.startRun({
    ...plan(
      job("approval", [], { input: { needed: 1, digest }, timeout: 0 }),
      { ...lock(environment), needs: ["approval"] },
      job("held", ["lock"]),
      job("work", ["held"]),
      job("restore", ["held", "work"], { turn: "after-trouble" }),
    ),
    subject: subjectOf(environment),
  });
  gates.set(run, { begun: () => begun.happen(), open: opened.happened.then(orBreak) });
  await under.engine.approve(run, { by: "ben", answer: "yes", digest });
  await begun.happened;
  return { run, open: () => opened.happen("well"), fail: () => opened.happen("badly") };
}

function orBreak(how: "well" | "badly"): void {
  if (how === "badly") throw new TypeError("it broke");
}

test("what is under way ends, nothing more begins while it is paused, and it goes on when it is resumed", async () => {
  const { run, open } = await underWay("one");
  const paused = await under.engine.pause(run, { by: "ana", because: "a look" });
  expect(paused.paused).toMatchObject({ by: "ana", because: "a look" });
  open();
  await jobIs(under.engine, run, "held", "succeeded");
  expect(await jobsOf(run)).toMatchObject({ work: "pending" });
  // Whoever looks at it again, and there are many who do, finds it as it is.
  await expect(under.engine.pause(run, { by: "ben", because: null })).rejects.toMatchObject({
    code: "not_allowed_now",
    message: `ana has paused ${run} already`,
  });
  expect(await under.engine.run(run)).toMatchObject({ state: "waiting", endedAt: null });
  await under.engine.resume(run, { by: "ben" });
  expect(await under.engine.ended(run)).toMatchObject({ state: "succeeded", paused: null });
  expect(await eventsOf(run, "deployment.paused")).toMatchObject([
    { by: "ana", because: "a look", environment: "one" },
  ]);
  expect(await eventsOf(run, "deployment.resumed")).toMatchObject([{ by: "ben", environment: "one" }]);
  const audit = await under.store.rows<{ action: string }>(
    "select action from fairway.audit where subject = $1 and action like 'deployment.%' order by number",
    [run],
  );
  expect(audit.map(({ action }) => action)).toEqual(
    expect.arrayContaining(["deployment.paused", "deployment.resumed"]),
  );
  await expect(under.engine.resume(run, { by: "ben" })).rejects.toMatchObject({
    message: `${run} has ended already: succeeded`,
  });
});

test("an approval counts while it is paused, and the environment is taken only when it goes on", async () => {
  const run = await under.engine.startRun({
    ...plan(
      job("approval", [], { input: { needed: 1, digest }, timeout: 0 }),
      { ...lock("two"), needs: ["approval"] },
      job("work", ["lock"]),
    ),
    subject: subjectOf("two"),
  });
  await under.engine.pause(run, { by: "ana", because: null });
  await under.engine.approve(run, { by: "ben", answer: "yes", digest });
  expect(await jobsOf(run)).toMatchObject({ approval: "succeeded", lock: "pending", work: "pending" });
  const other = await under.engine.startRun({
    ...plan(lock("two"), job("work", ["lock"])),
    subject: subjectOf("two"),
  });
  expect((await under.engine.ended(other)).state).toBe("succeeded");
  await under.engine.resume(run, { by: "ana" });
  expect((await under.engine.ended(run)).state).toBe("succeeded");
});

test("one that waits for its environment leaves the queue to those behind it", async () => {
  const holder = await underWay("three");
  const first = await under.engine.startRun({
    ...plan(lock("three"), job("work", ["lock"])),
    subject: subjectOf("three"),
  });
  const second = await under.engine.startRun({
    ...plan(lock("three"), job("work", ["lock"])),
    subject: subjectOf("three"),
  });
  await under.engine.pause(first, { by: "ana", because: null });
  expect((await under.engine.run(first)).jobs[0]).toMatchObject({ state: "waiting", message: "ana paused it" });
  holder.open();
  expect((await under.engine.ended(second)).state).toBe("succeeded");
  await under.engine.resume(first, { by: "ana" });
  expect((await under.engine.ended(first)).state).toBe("succeeded");
});

test("no deadline runs out while it is paused, and the time that was left is left afterwards", async () => {
  const { run, open } = await underWay("four");
  await under.engine.pause(run, { by: "ana", because: null });
  // As if it had begun three hours ago, with two of its own, and was paused after one.
  await under.store.rows("update fairway.runs set paused_at = now() - interval '2 hours' where id = $1", [run]);
  await under.store.rows(
    "update fairway.jobs set started_at = now() - interval '3 hours', deadline_at = now() - interval '1 hour' where run = $1 and name = 'held'",
    [run],
  );
  await enforceDeadlines(under.store);
  const held = async () => (await under.engine.run(run)).jobs.find(({ name }) => name === "held");
  expect(await held()).toMatchObject({ state: "running", stop: null });
  await under.engine.resume(run, { by: "ana" });
  await enforceDeadlines(under.store);
  expect(await held()).toMatchObject({ state: "running", stop: null });
  const [{ left } = { left: 0 }] = await under.store.rows<{ left: number }>(
    "select extract(epoch from deadline_at - now())::float8 as left from fairway.jobs where run = $1 and name = 'held'",
    [run],
  );
  expect(left).toBeGreaterThan(1_800);
  expect(left).toBeLessThan(3_700);
  open();
  expect((await under.engine.ended(run)).state).toBe("succeeded");
});

test("a paused deployment can be stopped: what ran before is brought back, and it is paused no longer", async () => {
  const { run } = await underWay("five");
  await under.engine.pause(run, { by: "ana", because: null });
  await under.engine.cancel(run, { by: "ben" });
  expect(await under.engine.ended(run)).toMatchObject({ state: "aborted", paused: null });
  expect(await jobsOf(run)).toMatchObject({ held: "aborted", restore: "succeeded", work: "pending" });
});

test("what fails while it is paused is put right when it goes on, and not before", async () => {
  const { run, fail } = await underWay("six");
  await under.engine.pause(run, { by: "ana", because: null });
  fail();
  await jobIs(under.engine, run, "held", "errored");
  expect(await jobsOf(run)).toMatchObject({ restore: "pending" });
  await under.engine.resume(run, { by: "ana" });
  expect((await under.engine.ended(run)).state).toBe("errored");
  expect(await jobsOf(run)).toMatchObject({ restore: "succeeded" });
});

const wayBack = (environment: string): Promise<RunId> =>
  under.engine.startRun({
    ...plan(job("lock", [], { input: { environment, urgent: true } as never, timeout: 0 }), job("work", ["lock"])),
    subject: subjectOf(environment, "rollback"),
  });

test("a paused deployment is stopped for a way back that waits for it, also when nobody else stops it", async () => {
  const { run } = await underWay("eight");
  await under.engine.pause(run, { by: "ben", because: null });
  const back = await wayBack("eight");
  expect((await under.engine.ended(back)).state).toBe("succeeded");
  expect(await under.engine.run(run)).toMatchObject({ state: "aborted", paused: null, stoppedBy: "ana" });
  expect(await jobsOf(run)).toMatchObject({ held: "aborted", restore: "succeeded", work: "pending" });
});

test("what a way back waits for is not paused", async () => {
  const { run, open } = await underWay("nine");
  const back = await wayBack("nine");
  await jobIs(under.engine, back, "lock", "waiting");
  await expect(under.engine.pause(run, { by: "ben", because: null })).rejects.toMatchObject({
    code: "not_allowed_now",
    message: `${back} is a way back and waits for what ${run} holds`,
  });
  open();
  expect((await under.engine.ended(back)).state).toBe("succeeded");
});

test("a way back, and what is no deployment, is not paused", async () => {
  const back = await under.engine.startRun({
    ...plan(lock("seven"), job("work", ["lock"])),
    subject: subjectOf("seven", "rollback"),
  });
  expect(deploymentSubject(await under.engine.run(back))?.reason).toBe("rollback");
  await expect(under.engine.pause(back, { by: "ana", because: null })).rejects.toMatchObject({
    code: "not_allowed_now",
  });
  const release = await under.engine.startRun({ ...plan(job("work")), kind: "release" });
  await expect(under.engine.pause(release, { by: "ana", because: null })).rejects.toMatchObject({
    message: `${release} is no deployment; only deployments are paused`,
  });
});
