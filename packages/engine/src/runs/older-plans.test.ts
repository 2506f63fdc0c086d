import { afterEach, expect, test } from "vitest";
import type { EngineUnderTest } from "./engine-for-tests.ts";
import { engineUnderTest, job, moment, plan, stage } from "./engine-for-tests.ts";
import type { Engine } from "./engine.ts";
import { openEngine } from "./engine.ts";
import type { Stage } from "./stage.ts";

let under: EngineUnderTest;
afterEach(() => under.close());

/** Ends the engine in the middle, as an upgrade does, and opens the next one with the stages of the newer Fairway. */
async function upgraded(stages: readonly Stage[]): Promise<Engine> {
  await under.engine.close();
  const engine = await openEngine({ store: under.store, stages, heartbeat: 200, lease: 1_000 });
  under = { ...under, engine };
  return engine;
}

test("a run that an older Fairway began is ended by the newer one, by the plan that was made", async () => {
  const begun = moment();
  const older = stage("work", async (attempt) => {
    await attempt.step("one", async () => "kept");
    begun.happen();
    await new Promise(() => {});
  });
  under = await engineUnderTest({ stages: [older, stage("check", async () => null)] });
  const id = await under.engine.startRun(plan(job("work"), job("check", ["work"], { input: { shape: "older" } })));
  await begun.happened;
  const seen: unknown[] = [];
  const engine = await upgraded([
    stage("work", async (attempt) => {
      seen.push(await attempt.step("one", async () => "done again"));
      await attempt.step("two of the newer one", async () => null);
    }),
    stage("check", async ({ input }) => void seen.push(input)),
    stage("brand-new", async () => null),
  ]);
  expect((await engine.ended(id)).state).toBe("succeeded");
  expect(seen).toEqual(["kept", { shape: "older" }]);
});

test("what the newer Fairway cannot do any more ends with the reason, and holds nothing up", async () => {
  const begun = moment();
  const blocked = stage("gone", async () => {
    begun.happen();
    await new Promise(() => {});
  });
  under = await engineUnderTest({ stages: [blocked, stage("after", async () => null)] });
  const id = await under.engine.startRun(plan(job("gone"), job("after", ["gone"])));
  await begun.happened;
  const engine = await upgraded([stage("after", async () => null)]);
  const { state } = await engine.ended(id);
  const { jobs } = await engine.run(id);
  expect([state, jobs[0]?.state]).toEqual(["errored", "errored"]);
  expect(jobs[0]?.reason ?? jobs[0]?.message).toContain('this Fairway has no stage "gone"');
  const next = await engine.startRun(plan(job("after")));
  expect((await engine.ended(next)).state).toBe("succeeded");
});
