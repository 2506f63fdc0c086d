import { codeOf } from "@fairway/core";
import { afterEach, expect, test } from "vitest";
import type { EngineUnderTest } from "./engine-for-tests.ts";
import { engineUnderTest, job, jobIs, moment, plan, resultOf, stage } from "./engine-for-tests.ts";
import type { Stage } from "./stage.ts";

let under: EngineUnderTest | undefined;
afterEach(async () => {
  await under?.close();
  under = undefined;
});

const open = async (...stages: readonly Stage[]): Promise<EngineUnderTest["engine"]> => {
  under = await engineUnderTest({ stages });
  return under.engine;
};

const states = async (engine: EngineUnderTest["engine"], id: Awaited<ReturnType<typeof engine.startRun>>) =>
  Object.fromEntries((await engine.run(id)).jobs.map(({ name, state }) => [name, state]));

test("jobs come in the order of what they need, and get the results of all before them", async () => {
  const order: string[] = [];
  const engine = await open(
    stage("work", async (attempt) => {
      order.push(attempt.job);
      const doubled = await attempt.step("double", async () => (attempt.input as number) * 2);
      return { doubled, before: Object.fromEntries(attempt.results) };
    }),
  );
  const id = await engine.startRun(
    plan(
      job("work:a", [], { input: 1 }),
      job("work:b", ["work:a"], { input: 2 }),
      job("work:c", ["work:a"], { input: 3 }),
      job("work:d", ["work:b"], { input: 4 }),
    ),
  );
  expect(await engine.ended(id)).toMatchObject({ state: "succeeded", requestedBy: "ana" });
  const run = await engine.run(id);
  expect(order[0]).toBe("work:a");
  expect(order.indexOf("work:b")).toBeLessThan(order.indexOf("work:d"));
  expect(await resultOf(engine, id, "work:d")).toEqual({
    doubled: 8,
    before: {
      "work:a": { doubled: 2, before: {} },
      "work:b": { doubled: 4, before: { "work:a": { doubled: 2, before: {} } } },
    },
  });
  expect(run.jobs[0]?.steps).toMatchObject([{ seq: 1, name: "double", state: "succeeded" }]);
});

test("a no ends the run as failed, what was thrown as errored, and what puts things right comes after it", async () => {
  const engine = await open(
    stage("work", async () => "done"),
    stage("refuse", async () => ({ outcome: "failed", reason: "two checks were red" })),
    stage("break", async () => {
      throw new TypeError("no such thing");
    }),
    stage("restore", async () => null),
  );
  const failed = await engine.startRun(
    plan(job("refuse"), job("work", ["refuse"]), job("restore", ["work", "refuse"], { turn: "after-trouble" })),
  );
  expect((await engine.ended(failed)).state).toBe("failed");
  expect(await states(engine, failed)).toEqual({ refuse: "failed", work: "pending", restore: "succeeded" });
  expect((await engine.run(failed)).jobs[0]?.reason).toBe("two checks were red");
  const broken = await engine.startRun(plan(job("break")));
  expect((await engine.ended(broken)).state).toBe("errored");
});

test("an error of a step reaches its stage with its code, hint and problems", async () => {
  const { FairwayError } = await import("@fairway/core");
  const engine = await open(
    stage("work", async (attempt) => {
      try {
        await attempt.step("ask", async () => {
          throw new FairwayError("target_unreachable", "no answer", {
            hint: "look at it",
            retryable: true,
            problems: ["one"],
          });
        });
      } catch (thrown) {
        const { hint, retryable, problems, message } = thrown as InstanceType<typeof FairwayError>;
        return { code: codeOf(thrown) ?? null, hint: hint ?? null, retryable, problems: [...problems], message };
      }
    }),
  );
  const id = await engine.startRun(plan(job("work")));
  await engine.ended(id);
  const [work] = (await engine.run(id)).jobs;
  expect(await resultOf(engine, id, "work")).toEqual({
    code: "target_unreachable",
    hint: "look at it",
    retryable: true,
    problems: ["one"],
    message: "no answer",
  });
  expect(work?.steps).toMatchObject([{ state: "errored", message: "no answer" }]);
});

test("an approval counts only for what was shown, and enough people let the run go on", async () => {
  const engine = await open(stage("work", async () => null));
  const id = await engine.startRun(
    plan(job("approval", [], { input: { needed: 2, digest: "sha256:aa" }, timeout: 0 }), job("work", ["approval"])),
  );
  expect((await engine.run(id)).state).toBe("waiting");
  expect((await engine.run(id)).jobs[0]?.message).toBe("waits until 2 more people approve");
  await expect(engine.approve(id, { by: "ana", answer: "yes", digest: "sha256:bb" })).rejects.toMatchObject({
    code: "stale_approval",
  });
  await engine.approve(id, { by: "ana", answer: "yes", digest: "sha256:aa" });
  await engine.approve(id, { by: "ana", answer: "yes", digest: "sha256:aa" });
  expect((await engine.run(id)).jobs[0]?.message).toBe("waits until one more person approves");
  await engine.approve(id, { by: "ben", answer: "yes", digest: "sha256:aa", note: "go" });
  expect((await engine.ended(id)).state).toBe("succeeded");
  expect((await engine.run(id)).gates[0]?.answers.map(({ by, note }) => [by, note])).toEqual([
    ["ana", null],
    ["ana", null],
    ["ben", "go"],
  ]);
  await expect(engine.approve(id, { by: "cleo", answer: "yes", digest: "sha256:aa" })).rejects.toMatchObject({
    code: "not_allowed_now",
  });
});

test("one no closes the gate, and a retry asks again", async () => {
  const engine = await open(stage("work", async () => null));
  const id = await engine.startRun(
    plan(job("approval", [], { input: { needed: 1, digest: "d" } }), job("work", ["approval"])),
  );
  await engine.approve(id, { by: "ana", answer: "no", digest: "d", note: "not on Friday" });
  const ended = await engine.run(id);
  expect([ended.state, ended.jobs[0]?.reason]).toEqual(["failed", "ana said no: not on Friday"]);
  await engine.retry(id, { by: "ben" });
  expect((await engine.run(id)).state).toBe("waiting");
  await engine.approve(id, { by: "ana", answer: "yes", digest: "d" });
  expect((await engine.ended(id)).state).toBe("succeeded");
});

test("an environment is held by one run at a time, first come first served, and each holder draws higher fences", async () => {
  const go = moment();
  const epochs: number[] = [];
  const engine = await open(
    stage("deploy", async (attempt) => {
      epochs.push((await attempt.token("production/api")).epoch, (await attempt.token("production/web")).epoch);
      await go.happened;
    }),
  );
  const deploy = (): ReturnType<typeof engine.startRun> =>
    engine.startRun(
      plan(job("lock", [], { input: { environment: "production" }, timeout: 0 }), job("deploy", ["lock"])),
    );
  const first = await deploy();
  const [second, third] = [await deploy(), await deploy()];
  expect((await engine.run(second)).jobs[0]?.message).toMatch(/^waits for run-\d+ \(lock deploy\), held since 2/);
  const [lock] = await engine.locks();
  expect([lock?.holder?.run, lock?.waiting.map(({ run }) => run)]).toEqual([first, [second, third]]);
  go.happen();
  await Promise.all([first, second, third].map((id) => engine.ended(id)));
  expect(epochs).toHaveLength(6);
  expect(epochs).toEqual([...epochs].sort((a, b) => a - b));
  expect(new Set(epochs).size).toBe(6);
  expect((await engine.locks())[0]?.holder).toBeNull();
});

test("a token is refused to a run that does not hold the environment", async () => {
  const engine = await open(stage("deploy", async (attempt) => void (await attempt.token("production/api"))));
  const id = await engine.startRun(plan(job("deploy")));
  expect((await engine.ended(id)).state).toBe("errored");
  expect((await engine.run(id)).jobs[0]?.reason).toMatch(/may not act on production\/api/);
});

test("a person's lock holds deployments back but not what is urgent", async () => {
  const engine = await open(stage("deploy", async () => null));
  await engine.lock("production", { by: "ana", because: "database work" });
  await expect(engine.lock("production", { by: "ben", because: "me too" })).rejects.toMatchObject({ code: "locked" });
  const held = await engine.startRun(
    plan(job("lock", [], { input: { environment: "production" } }), job("deploy", ["lock"])),
  );
  expect((await engine.run(held)).jobs[0]?.message).toBe("production is locked by ana: database work");
  const rollback = await engine.startRun(
    plan(job("lock", [], { input: { environment: "production", urgent: true } }), job("deploy", ["lock"])),
  );
  expect((await engine.ended(rollback)).state).toBe("succeeded");
  expect((await engine.run(held)).state).toBe("waiting");
  await engine.unlock("production", { by: "ana" });
  expect((await engine.ended(held)).state).toBe("succeeded");
});

test("a run that is stopped ends only when its attempt has ended, and what puts things right is done", async () => {
  const begun = moment();
  const mayEnd = moment();
  let aborted = false;
  const engine = await open(
    stage("deploy", async (attempt) => {
      await attempt.step("roll", async () => {
        begun.happen();
        await new Promise((resolve) => attempt.signal.addEventListener("abort", resolve, { once: true }));
        aborted = true;
        await mayEnd.happened;
        return null;
      });
      await attempt.step("never", async () => null);
    }),
    stage(
      "restore",
      async (attempt) => (await attempt.step("back", async () => attempt.signal.aborted)) satisfies boolean,
    ),
  );
  const id = await engine.startRun(
    plan(
      job("lock", [], { input: { environment: "production" } }),
      job("deploy", ["lock"]),
      job("restore", ["deploy"], { turn: "after-trouble" }),
    ),
  );
  const next = await engine.startRun(plan(job("lock", [], { input: { environment: "production" } })));
  await begun.happened;
  expect((await engine.cancel(id, { by: "ben" })).stopping).toBe(true);
  await expect(engine.cancel(id, { by: "ben" })).rejects.toMatchObject({ code: "not_allowed_now" });
  await jobIs(engine, next, "lock", "waiting");
  mayEnd.happen();
  expect((await engine.ended(id)).state).toBe("aborted");
  const run = await engine.run(id);
  expect(aborted).toBe(true);
  expect(run.jobs.map(({ state }) => state)).toEqual(["succeeded", "aborted", "succeeded"]);
  expect(run.jobs[1]?.reason).toBe("ben stopped the run");
  expect(run.jobs[1]?.steps.map(({ name }) => name)).toEqual(["roll"]);
  expect((await engine.ended(next)).state).toBe("succeeded");
});

test("a retry makes new attempts of what did not succeed and keeps the rest", async () => {
  const runs: string[] = [];
  let broken = true;
  const engine = await open(
    stage("build", async (attempt) => void runs.push(attempt.id)),
    stage("check", async (attempt) => {
      runs.push(attempt.id);
      return broken ? { outcome: "failed" as const, reason: "red" } : null;
    }),
  );
  const id = await engine.startRun(plan(job("build"), job("check", ["build"])));
  expect((await engine.ended(id)).state).toBe("failed");
  broken = false;
  await engine.retry(id, { by: "ana" });
  expect((await engine.ended(id)).state).toBe("succeeded");
  expect(runs).toEqual([`${id}/build/1`, `${id}/check/1`, `${id}/check/2`]);
  await expect(engine.retry(id, { by: "ana" })).rejects.toMatchObject({ code: "not_allowed_now" });
});

test("a deployment that is retried takes its environment again and does what comes after it again", async () => {
  const done: string[] = [];
  let broken = true;
  const engine = await open(
    stage("roll", async (attempt) => void done.push(`${attempt.job} ${(await attempt.token("production/x")).epoch}`)),
    stage("verify", async () => (broken ? { outcome: "failed" as const, reason: "red" } : null)),
  );
  const id = await engine.startRun(
    plan(job("lock", [], { input: { environment: "production" } }), job("roll", ["lock"]), job("verify", ["roll"])),
  );
  expect((await engine.ended(id)).state).toBe("failed");
  broken = false;
  await engine.retry(id, { by: "ana" });
  expect((await engine.ended(id)).state).toBe("succeeded");
  expect(done).toEqual(["roll 2", "roll 4"]);
});

test("past its deadline an attempt is stopped, and the run says that it needs a person", async () => {
  const engine = await open(
    stage("hang", async (attempt) => {
      await new Promise((resolve) => attempt.signal.addEventListener("abort", resolve, { once: true }));
      throw attempt.signal.reason;
    }),
  );
  const id = await engine.startRun(plan(job("hang", [], { timeout: 50 })));
  const ended = await engine.ended(id);
  expect(ended.state).toBe("errored");
  expect(ended.attention).toMatchObject({ why: "hang took longer than 50 ms" });
  expect((await engine.run(id)).jobs[0]?.reason).toBe("hang took longer than 50 ms");
});

test("what acts is not even planned without a deadline; what waits for people, or for its turn, has none", async () => {
  const engine = await open(stage("work", async () => null));
  const planned = engine.startRun(
    plan(job("lock", [], { input: { environment: "x" }, timeout: 0 }), job("work", ["lock"], { timeout: 0 })),
  );
  await expect(planned).rejects.toMatchObject({
    code: "internal",
    message: "the job work was planned without a deadline",
  });
  expect(await engine.runs({})).toEqual([]);
});

test("events can be followed from any number on, each once and in order", async () => {
  const engine = await open(stage("work", async (attempt) => void (await attempt.step("one", async () => null))));
  const ids = await Promise.all(Array.from({ length: 5 }, () => engine.startRun(plan(job("work")))));
  await Promise.all(ids.map((id) => engine.ended(id)));
  const last = await engine.latestEvent();
  const read = async (after: number): Promise<readonly number[]> => {
    const seen: number[] = [];
    if (after === last) return seen;
    for await (const { seq } of engine.events({ after })) if (seen.push(seq) && seq === last) break;
    return seen;
  };
  const all = await read(0);
  expect(all).toEqual([...all].sort((a, b) => a - b));
  const middle = all[Math.floor(all.length / 2)] ?? 0;
  expect(await read(middle)).toEqual(all.filter((seq) => seq > middle));
});

test("a key makes one run, however often it is asked for", async () => {
  const engine = await open(stage("work", async () => null));
  const ids = await Promise.all(
    Array.from({ length: 4 }, () => engine.startRun(plan(job("work")), { key: "release r1 to staging" })),
  );
  expect(new Set(ids).size).toBe(1);
});

test("a plan that cannot be run is refused with all its problems", async () => {
  const engine = await open(stage("work", async () => null));
  await expect(
    engine.startRun(plan(job("work:a", ["work:b"]), job("work:b", ["work:a"]), job("play", ["gone"]))),
  ).rejects.toMatchObject({
    problems: [
      "play needs gone, which is not there",
      "play asks for the unknown stage play",
      "work:a, work:b wait for each other",
    ],
  });
});

test("an attempt goes on where it was in the next engine, and its recorded steps are not done again", async () => {
  const done: string[] = [];
  const reached = moment();
  const stages = (wait: boolean): readonly Stage[] => [
    stage("work", async (attempt) => {
      for (const name of ["one", "two", "three"])
        await attempt.step(name, async () => {
          done.push(name);
          if (wait && name === "two") {
            reached.happen();
            await new Promise(() => {});
          }
          return name;
        });
    }),
  ];
  under = await engineUnderTest({ stages: stages(true) });
  const id = await under.engine.startRun(plan(job("work")));
  await reached.happened;
  await under.engine.close();
  // The next engine may be of a newer release: DBOS resumes what has the version that it is told, by default a hash.
  const [recorded] = await under.store.rows("select application_version from dbos.workflow_status");
  expect(recorded).toEqual({ application_version: "engine-1" });
  const { openEngine } = await import("./engine.ts");
  const engine = await openEngine({ store: under.store, stages: stages(false), heartbeat: 200, lease: 1_000 });
  under = { ...under, engine };
  expect((await engine.ended(id)).state).toBe("succeeded");
  expect(done).toEqual(["one", "two", "two", "three"]);
  expect((await engine.run(id)).jobs[0]?.steps.map(({ name, state }) => [name, state])).toEqual([
    ["one", "succeeded"],
    ["two", "succeeded"],
    ["three", "succeeded"],
  ]);
});
