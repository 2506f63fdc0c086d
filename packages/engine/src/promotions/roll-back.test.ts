import { plainEnvironment, plainPlacement, plainService } from "@fairway/conformance";
import type { DatabaseBackFacts, ImageBuilder, Project, Quarantine, Release, ReleaseId, RunId } from "@fairway/core";
import { FairwayError, releaseId } from "@fairway/core";
import { beforeEach, expect, test } from "vitest";
import { dataDirectory } from "../data-directory.ts";
import type { RunPlan } from "../runs/stage.ts";
import type { StandingRelease } from "../store/standing-releases.ts";
import type { OpenDeployment } from "../store/open-deployments.ts";
import type { RollbackParts } from "./rollback-parts.ts";
import type { Rollbacks } from "./roll-back.ts";
import { rollbacks } from "./roll-back.ts";
import { noMigrations } from "../migrations/testing/no-migrations.ts";

const services = [plainService("api"), plainService("web", { dependsOn: ["api"] })];
const production = plainEnvironment(
  "production",
  services.map(({ name }) => plainPlacement(name)),
  { promotesFrom: "staging", approvals: 2 },
);
const project: Project = { name: "shop", services, environments: [production] };

const release = (number: number, digest = `d${number}`): Release => ({
  id: releaseId(number),
  digest,
  revision: { sha: "0", short: "0", subject: "", author: "", committedAt: "", ref: null },
  project,
  // Images, so that nobody looks for files.
  parts: services.map(({ name }) => ({
    service: name,
    artifact: `${name}${digest}`,
    inputs: "",
    takenFrom: null,
    image: `localhost/shop/${name}`,
  })),
  leftOut: [],
  createdAt: "",
});

const made = new Map([1, 2, 3, 4].map((number) => [releaseId(number), release(number)]));
const byId = (id: ReleaseId): Release => made.get(id) ?? release(99);
const stands = (number: number, quarantined: string | null = null): StandingRelease => ({
  release: releaseId(number),
  digest: byId(releaseId(number)).digest,
  quarantined,
  place: number,
  standsOn: number - 1,
});
const moving = (number: number, over: Partial<OpenDeployment> = {}): OpenDeployment => ({
  run: "run-7" as RunId,
  release: releaseId(number),
  isRollback: false,
  only: null,
  asks: false,
  digest: "sha256:plan",
  moves: true,
  ...over,
});

let standing: readonly StandingRelease[];
let open: OpenDeployment[];
let quarantined: ReadonlyMap<string, Quarantine>;
let verified: readonly string[];
let done: string[];
let started: RunPlan[];
let ways: Rollbacks;
let images: (digest: string) => Promise<boolean>;
let databases: readonly DatabaseBackFacts[];
/** How many replicas of what runs are ready. */
let well: number;

beforeEach(() => {
  // r3 runs; r2 and r1 ran before it.
  standing = [stands(3), stands(2), stands(1)];
  open = [];
  quarantined = new Map();
  verified = ["production"];
  done = [];
  started = [];
  images = async () => true;
  databases = [];
  well = 0;
  const parts: RollbackParts = {
    images: { has: (digest: string) => images(digest) } as unknown as ImageBuilder,
    data: dataDirectory("/nowhere"),
    releaseOf: async (id) => byId(id),
    deployments: {
      current: async () => (standing[0] ? byId(standing[0].release) : null),
      mixed: async () => new Map(),
      verifiedIn: async () => verified,
      wasVerifiedIn: async () => verified,
      quarantine: async (digest) => quarantined.get(digest) ?? null,
      standing: async () => standing,
      open: async () => open,
      appliedSince: async () => [],
      times: async () => [
        { service: "web", way: "redeploy", isBack: false, took: 9_000 },
        { service: "web", way: "redeploy", isBack: true, took: 2_000 },
        { service: "api", way: "flip", isBack: true, took: 300 },
      ],
    },
    readyOf: async ({ id }, _environment, name) => (id === standing[0]?.release ? well : name === "api" ? 1 : 0),
    verdict: () => null,
    migrations: { ...noMigrations, back: async () => databases },
    startRun: async (plan) => {
      started.push(plan);
      const { release: to } = plan.subject as { readonly release: ReleaseId };
      const run = `run-${10 + started.length}` as RunId;
      open.push(moving(0, { run, release: to, isRollback: true, moves: false }));
      return run;
    },
    cancel: async (run, by) => void done.push(`${by} stops ${run}`),
    condemn: async (stopped, { because }) => void done.push(`${stopped.release}: ${because}`),
  };
  ways = rollbacks(parts, async (name) => {
    if (name !== "production") throw new FairwayError("not_found", `there is no environment "${name}"`);
  });
});

const request = { environment: "production", release: null, by: "ada", because: null };

test("it goes to what ran before, in reverse, and says how long each part takes by what such moves took", async () => {
  const { release: to, back, quarantines, plan } = await ways.plan(request);
  expect([to.id, quarantines, plan.approvals, plan.obstacles]).toEqual(["r2", "r3", 0, []]);
  expect(back.parts.map(({ name, way, expected }) => [name, way, expected])).toEqual([
    ["web", "redeploy", 2_000],
    ["api", "flip", 300],
  ]);
  expect(back.expected).toBe(2_300);
  await ways.start(request);
  expect(started[0]?.subject).toMatchObject({
    release: "r2",
    reason: "rollback",
    ways: { web: "redeploy", api: "flip" },
  });
  expect(started[0]?.jobs.some(({ stage }) => stage === "approval")).toBe(false);
});

test("what is in quarantine, and what is the same under another name, is passed over", async () => {
  standing = [stands(3), { ...stands(4), digest: "d3" }, stands(2, "slow (ada)"), stands(1)];
  expect((await ways.plan(request)).release.id).toBe("r1");
  standing = [stands(3), stands(2, "slow (ada)")];
  await expect(ways.plan(request)).rejects.toMatchObject({
    code: "not_allowed_now",
    message: "production has no earlier release to go back to",
    problems: ["r2 is in quarantine: slow (ada)"],
  });
});

test("what is no longer kept is passed over, and an engine that does not answer is in nobody's way", async () => {
  images = async (digest) => digest !== "webd2";
  expect((await ways.plan(request)).release.id).toBe("r1");
  await expect(ways.start({ ...request, release: releaseId(2) })).rejects.toMatchObject({
    problems: ["what r2 runs is no longer kept: web"],
  });
  images = () => Promise.reject(new Error("no engine"));
  expect((await ways.plan(request)).release.id).toBe("r2");
});

test("where nothing runs, and where nobody knows the environment, it says so", async () => {
  standing = [];
  await expect(ways.plan(request)).rejects.toMatchObject({ message: "nothing runs in production" });
  await expect(ways.plan({ ...request, environment: "moon" })).rejects.toMatchObject({ code: "not_found" });
});

test("to a release that is named it goes only where the environment has been, and not where it is", async () => {
  await expect(ways.start({ ...request, release: releaseId(3) })).rejects.toMatchObject({
    code: "not_allowed_now",
    problems: ["production runs r3 already"],
  });
  verified = ["staging"];
  await expect(ways.start({ ...request, release: releaseId(4) })).rejects.toMatchObject({
    code: "not_allowed_now",
    problems: ["r4 was never verified in production: a way back goes only to what was"],
  });
  expect(started).toEqual([]);
});

test("forward again to what was lifted, it blames nothing; while it is in quarantine it is refused", async () => {
  const newer = { ...request, release: releaseId(4) };
  expect((await ways.plan(newer)).quarantines).toBeNull();
  quarantined = new Map([
    ["d4", { release: releaseId(4), by: "ada", at: "2026-01-01T00:00", reason: "bad" } as Quarantine],
  ]);
  await expect(ways.start(newer)).rejects.toMatchObject({
    code: "quarantined",
    hint: expect.stringContaining("fairway quarantine lift r4"),
  });
});

test("of many that are asked for at once one happens, and one to elsewhere is told of it", async () => {
  const runs = await Promise.all(
    [request, request, { ...request, release: releaseId(2) }].map((one) => ways.start(one)),
  );
  expect(runs).toEqual(["run-11", "run-11", "run-11"]);
  expect(started).toHaveLength(1);
  expect(await ways.plan(request)).toMatchObject({ joins: "run-11" });
  await expect(ways.start({ ...request, release: releaseId(1) })).rejects.toMatchObject({
    code: "not_allowed_now",
    message: "run-11 is rolling production back to r2 already",
  });
  await expect(ways.start({ ...request, only: ["web"] })).rejects.toMatchObject({ code: "not_allowed_now" });
});

test("a deployment on its way is stopped, with which what ran is back, and what it brought goes into quarantine", async () => {
  open = [moving(4)];
  expect(await ways.plan(request)).toMatchObject({ stops: "run-7", quarantines: "r4", release: { id: "r3" } });
  expect(await ways.start(request)).toBe("run-7");
  expect(started).toEqual([]);
  expect(done).toEqual(["r4: production went back to r3 while it was being deployed", "ada stops run-7"]);
});

test("who joins a rollback also stops the deployment that it waits for, which the first may not have come to", async () => {
  const back = moving(1, { run: "run-11" as RunId, isRollback: true, moves: false });
  open = [moving(4), back];
  const further = { ...request, release: releaseId(1) };
  expect(await ways.start(further)).toBe("run-11");
  expect(started).toEqual([]);
  expect(done).toEqual(["r4: production went back to r1 while it was being deployed", "ada stops run-7"]);
  open = [back];
  expect(await ways.start(further)).toBe("run-11");
  expect(done).toHaveLength(2);
});

test("further back than that there is a rollback too, which takes its turn after the deployment that it stops", async () => {
  open = [moving(4)];
  expect(await ways.start({ ...request, release: releaseId(1) })).toBe("run-11");
  expect(started).toHaveLength(1);
  expect(done).toHaveLength(2);
});

test("a deployment that only waits is left alone, and told of", async () => {
  open = [moving(4, { moves: false })];
  const { warnings, stops } = await ways.plan(request);
  expect([warnings, stops]).toEqual([
    ["run-7 waits to bring r4 there afterwards; to prevent that: fairway stop run-7"],
    null,
  ]);
  await ways.start(request);
  expect(done).toEqual([]);
});

test("of single services it says that nobody has tested them together", async () => {
  const { plan, warnings } = await ways.plan({ ...request, only: ["web"] });
  expect(plan.rollouts.map(({ service: name }) => name)).toEqual(["web"]);
  expect(warnings).toEqual([expect.stringMatching(/^production will be mixed: web of r2, the rest of r3;/)]);
  await expect(ways.start({ ...request, only: ["moon"] })).rejects.toMatchObject({
    problems: ['release r2 runs no "moon" in production'],
  });
});

test("a database that is down keeps nothing where it is, and the plan says what nobody knows", async () => {
  const away = { unreachable: "connection refused" };
  const of = (service: string): DatabaseBackFacts => ({
    service,
    to: releaseId(2),
    toSet: null,
    fromSet: null,
    database: service === "web" ? { recorded: [] } : away,
  });
  databases = [of("api"), of("web")];
  const { plan, warnings } = await ways.plan(request);
  expect(plan.obstacles).toEqual([]);
  expect(warnings).toEqual([
    "the schema of api could not be read: connection refused; the rollback goes on without the verdict, and r2 may not come up before its database answers",
  ]);
  expect((await ways.plan({ ...request, only: ["web"] })).warnings).toHaveLength(1);
  expect(await ways.start(request)).toBe("run-11");
});

test("nobody waits in vain for a database that does not answer: it is refused, unless what runs is well without it or force is used", async () => {
  const of = (service: string, silent: boolean): DatabaseBackFacts => ({
    service,
    to: releaseId(2),
    toSet: null,
    fromSet: null,
    database: { unreachable: "connection refused", ...(silent ? { silent } : {}) },
  });
  const obstacles = async (more: { readonly force?: boolean } = {}): Promise<readonly string[]> =>
    (await ways.plan({ ...request, ...more })).plan.obstacles;
  databases = [of("web", true)];
  expect(await obstacles()).toEqual([expect.stringMatching(/^web of r2 would not come up: connection refused/u)]);
  await expect(ways.start(request)).rejects.toMatchObject({ code: "not_allowed_now" });

  expect(await obstacles({ force: true })).toEqual([]);
  expect((await ways.plan({ ...request, force: true })).warnings).toHaveLength(1);

  well = 1;
  expect(await obstacles()).toEqual([]);

  // What still runs needs no start, and a server that says no may do so because of what is left.
  well = 0;
  databases = [of("api", true)];
  expect(await obstacles()).toEqual([]);
  databases = [of("web", false)];
  expect(await obstacles()).toEqual([]);

  // What is on its way is stopped, whatever its database does.
  databases = [of("web", true)];
  open = [moving(4)];
  expect(await obstacles()).toEqual([]);
});
