import type { Actor, ApprovalTerms, DeploymentPlan, FreezeWindow, RunId } from "@fairway/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { actingAs } from "../audit/acting.ts";
import type { EngineUnderTest } from "../runs/engine-for-tests.ts";
import { engineUnderTest, job, jobIs, plan, stage } from "../runs/engine-for-tests.ts";
import { refusedAtSwitch } from "../rollouts/at-the-switch.ts";
import { recordOverride } from "../store/freeze-overrides.ts";
import { addPerson, giveRole } from "../store/people/people.ts";
import { overrideFreeze } from "./override-freeze.ts";

let under: EngineUnderTest;
beforeAll(async () => {
  under = await engineUnderTest({ stages: [stage("work", async () => null)] });
});
afterAll(() => under.close());

const digest = "sha256:seen";
const day = 24 * 3_600_000;

async function person(name: string, environment: string | null = null): Promise<Actor> {
  const id = await under.store.transaction(async (tx) => {
    const added = await addPerson(tx, { name, email: `${name}@example.com`, passwordHash: null, identity: null });
    await giveRole(tx, added, { role: "approver", project: null, environment }, "test");
    return added;
  });
  return { kind: "person", id, name };
}

const asked = (terms: ApprovalTerms, needed = 1): Promise<RunId> =>
  under.engine.startRun({
    ...plan(job("approval", [], { input: { needed, digest } }), job("work", ["approval"])),
    subject: { environment: "production", release: "r1", from: null, reason: "deploy", digest },
    terms,
  });
const answers = (actor: Actor, run: RunId, answer: "yes" | "no" = "yes"): Promise<unknown> =>
  actingAs(actor, () => under.engine.approve(run, { by: actor.name, answer, digest }));

describe("an approval", () => {
  test("of whoever asked, or wrote commits of it, is refused with the reason, and somebody else's counts", async () => {
    const [ann, bob, eve] = [await person("ann"), await person("bob"), await person("eve")];
    const run = await asked({ requester: ann, authors: [{ name: "B", email: "bob@example.com" }] });
    await jobIs(under.engine, run, "approval", "waiting");
    await expect(answers(ann, run)).rejects.toMatchObject({
      code: "not_allowed_now",
      message: "ann asked for it, so somebody else has to approve it",
    });
    await expect(answers(bob, run)).rejects.toMatchObject({ message: expect.stringContaining("wrote commits of it") });
    const token: Actor = { kind: "token", id: "t9", name: "ci", owner: { id: ann.id, name: "ann" } };
    await expect(answers(token, run)).rejects.toMatchObject({ code: "not_allowed_now" });
    await answers(eve, run);
    await jobIs(under.engine, run, "work", "succeeded");
  });

  test("of whoever asked may be a no", async () => {
    const kim = await person("kim");
    const run = await asked({ requester: kim });
    await jobIs(under.engine, run, "approval", "waiting");
    await answers(kim, run, "no");
    await jobIs(under.engine, run, "approval", "failed");
  });

  test("counts only with the role that is asked for, in that environment", async () => {
    const [here, elsewhere] = [await person("here", "production"), await person("elsewhere", "staging")];
    const run = await asked({ from: [{ role: "approver" }] });
    await jobIs(under.engine, run, "approval", "waiting");
    await expect(answers(elsewhere, run)).rejects.toMatchObject({
      message: expect.stringContaining("the role approver"),
    });
    await answers(here, run);
    await jobIs(under.engine, run, "approval", "succeeded");
  });

  test("twice by one person is one", async () => {
    const [one, other] = [await person("one"), await person("other")];
    const run = await asked({}, 2);
    await jobIs(under.engine, run, "approval", "waiting");
    await answers(one, run);
    await answers({ ...one, name: "somebody else" }, run);
    const [approval] = (await under.engine.run(run)).jobs;
    expect(approval).toMatchObject({ state: "waiting", message: "waits until one more person approves" });
    await answers(other, run);
    await jobIs(under.engine, run, "approval", "succeeded");
  });
});

describe("a frozen environment", () => {
  const always: FreezeWindow = {
    because: "the year's accounts",
    from: "2020-01-01T00:00:00.000Z",
    to: new Date(Date.now() + day).toISOString(),
  };
  const deployment = (environment: string, urgent = false): Promise<RunId> =>
    under.engine.startRun({
      ...plan(job("lock", [], { input: { environment, urgent, freezes: [always] } as never }), job("work", ["lock"])),
      subject: { environment, release: "r1", from: null, reason: "deploy", digest },
    });

  test("is given to nobody, with the reason and the end; two people let one through, before those who wait", async () => {
    const held = await deployment("frozen");
    const through = await deployment("frozen");
    await jobIs(under.engine, through, "lock", "waiting");
    const [lock] = (await under.engine.run(held)).jobs;
    expect(lock?.message).toContain(`frozen is frozen until ${always.to}: the year's accounts`);
    const wish = (by: string): ReturnType<typeof overrideFreeze> =>
      overrideFreeze(under.store, through, { by, because: "a leak" });
    expect(await wish("ann")).toMatchObject({ overridden: false });
    expect(await wish("ann")).toMatchObject({ overridden: false });
    expect(await wish("bob")).toMatchObject({ overridden: true });
    await jobIs(under.engine, through, "work", "succeeded");
    expect((await under.engine.run(held)).jobs[0]?.state).toBe("waiting");
    await expect(wish("eve")).rejects.toMatchObject({ code: "not_allowed_now" });
  });

  test("does not hold what is urgent, which a rollback is", async () => {
    await jobIs(under.engine, await deployment("urgent", true), "work", "succeeded");
  });
});

describe("immediately before its traffic moves, a deployment", () => {
  const plan0 = { environment: "switched", release: "r1", releaseDigest: "sha256:r1", reason: "deploy", approvals: 1 };
  const at = (run: RunId, now: number, over: object = {}): Promise<string | null> =>
    refusedAtSwitch(under.store, run, { plan: { ...plan0, ...over } as unknown as DeploymentPlan, digest }, now);

  test("is refused when its approval has grown old, or never was; a way back is not", async () => {
    const run = await asked({ expires: day });
    await jobIs(under.engine, run, "approval", "waiting");
    expect(await at(run, Date.now())).toContain("one more person approves");
    await answers(await person("zoe"), run);
    await jobIs(under.engine, run, "work", "succeeded");
    expect(await at(run, Date.now())).toBeNull();
    expect(await at(run, Date.now() + day + 60_000)).toContain("its approval counts no more");
    expect(await at(run, Date.now() + day + 60_000, { reason: "rollback" })).toBeNull();
  });

  test("is refused when a freeze began meanwhile, unless two people let it through or something of it moved", async () => {
    const tomorrow = Date.now() + day;
    const soon: FreezeWindow = {
      because: "the year's accounts",
      from: new Date(tomorrow).toISOString(),
      to: new Date(tomorrow + day).toISOString(),
    };
    const begun = (environment: string): Promise<RunId> =>
      under.engine.startRun({
        ...plan(
          job("lock", [], { input: { environment, urgent: false, freezes: [soon] } as never }),
          job("work", ["lock"]),
        ),
        subject: { environment, release: "r1", from: null, reason: "deploy", digest },
      });
    const run = await begun("switched");
    await jobIs(under.engine, run, "work", "succeeded");
    const unasked = { approvals: 0 };
    expect(await at(run, Date.now(), unasked)).toBeNull();
    expect(await at(run, tomorrow + 1, unasked)).toContain("switched is frozen until");
    expect(await at(run, tomorrow + 1, { ...unasked, reason: "rollback" })).toBeNull();
    for (const by of ["ann", "bob"])
      await under.store.transaction((tx) => recordOverride(tx, run, { person: by, by, because: "a leak" }));
    expect(await at(run, tomorrow + 1, unasked)).toBeNull();
    const other = await begun("switched-too");
    await jobIs(under.engine, other, "work", "succeeded");
    await under.store.rows("update fairway.jobs set stage = 'rollout' where run = $1 and name = 'work'", [other]);
    expect(await at(other, tomorrow + 1, { ...unasked, environment: "switched-too" })).toBeNull();
  });
});

test("a deployment waits until its notice is over, or two people let it through", async () => {
  const announced = (notice: number): Promise<RunId> =>
    under.engine.startRun(plan(job("notice", [], { input: { notice } }), job("work", ["notice"])));
  const early = await announced(day);
  await jobIs(under.engine, early, "notice", "waiting");
  expect((await under.engine.run(early)).jobs[0]?.message).toContain("its notice runs till then");
  await jobIs(under.engine, await announced(0), "work", "succeeded");
  const urgent = await under.engine.startRun({
    ...plan(
      job("notice", [], { input: { notice: day } }),
      job("lock", ["notice"], { input: { environment: "announced" } }),
      job("work", ["lock"]),
    ),
    subject: { environment: "announced", release: "r1", from: null, reason: "deploy", digest },
  });
  await jobIs(under.engine, urgent, "notice", "waiting");
  await overrideFreeze(under.store, urgent, { by: "ann", because: "a leak" });
  await jobIs(under.engine, urgent, "notice", "waiting");
  await overrideFreeze(under.store, urgent, { by: "bob", because: "a leak" });
  await jobIs(under.engine, urgent, "work", "succeeded");
});
