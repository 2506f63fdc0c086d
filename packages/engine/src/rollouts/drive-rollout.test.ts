import type { MemoryHost } from "@fairway/conformance";
import { memoryHost, memoryRouter, rolloutOf, specOf } from "@fairway/conformance";
import type { AnalysisFact, CanaryOptions, Percent, Progress, ReleaseId, Rollout, TrafficRouter } from "@fairway/core";
import { driven } from "@fairway/core";
import { expect, test } from "vitest";
import type { Pause } from "../store/runs.ts";
import type { StepAnswer } from "../store/step-questions.ts";
import type { StepPeople } from "./drive-rollout.ts";
import { driveRollout } from "./drive-rollout.ts";

const [old, fresh] = ["r1", "r2"] as [ReleaseId, ReleaseId];

/** People whose answers are given by the test. */
function memoryPeople(): StepPeople & { readonly given: StepAnswer[]; readonly asked: Map<Percent, string> } {
  const given: StepAnswer[] = [];
  const asked = new Map<Percent, string>();
  return {
    given,
    asked,
    answers: async () => [...given],
    ask: async (weight, question) => void asked.set(weight, question),
    withdraw: async (weight) => void asked.delete(weight),
  };
}

const answered = (weight: Percent, answer: StepAnswer["answer"], note: string | null = null): StepAnswer => ({
  ...{ weight, answer, note, by: "ben" },
  at: "2026-11-22T00:00:00.000Z",
});

interface World {
  readonly host: MemoryHost;
  readonly people: ReturnType<typeof memoryPeople>;
  /** What the figures say from now on. */
  readonly said: { fact: AnalysisFact };
  /** Whether somebody holds it. */
  readonly hold: { by: Pause | null };
  /** What the clock says. */
  readonly clock: { now: number };
  readonly router: TrafficRouter;
  start(from: ReleaseId | null, release: ReleaseId): () => Promise<Progress>;
}

/** A canary of two replicas over one that runs, with figures that the test says. */
async function world(steps: CanaryOptions["steps"]): Promise<World> {
  const host = memoryHost({ tickOnList: true });
  const router = memoryRouter();
  const target = driven({
    ...{ host, router, lookAgain: 0, stop: { drain: 1, grace: 1 } },
    specOf: async (release, ordinal) => specOf(release, ordinal),
    route: { name: "test/api", rules: [], internalPath: "/test/api", health: { path: "/", interval: 1, timeout: 1 } },
  });
  const strategy: CanaryOptions = { name: "canary", steps, bake: 0 };
  const to = (from: ReleaseId | null, release: ReleaseId): Rollout =>
    rolloutOf({ from, to: release, desired: 2, strategy });
  const people = memoryPeople();
  const said = { fact: { verdict: "none", reason: "" } as AnalysisFact };
  const hold: World["hold"] = { by: null };
  const clock = { now: 0 };
  const start = (from: ReleaseId | null, release: ReleaseId): (() => Promise<Progress>) =>
    driveRollout(target, to(from, release), {
      ...{ people, now: () => clock.now, figures: { fact: () => said.fact }, pause: async () => hold.by },
    });
  await until(start(null, old), "succeeded");
  return { host, people, said, hold, clock, router, start };
}

/** Moves on until something is so. */
async function until(move: () => Promise<Progress>, phase: Progress["phase"] | "asking"): Promise<Progress> {
  for (let moves = 0; moves < 200; moves++) {
    const progress = await move();
    if (phase === "asking" ? progress.phase === "moving" && progress.asks !== undefined : progress.phase === phase)
      return progress;
    if (progress.phase !== "moving") throw new Error(JSON.stringify(progress));
  }
  throw new Error(`not ${phase} after 200 moves`);
}

test("each step waits for its own answer, and then goes on", async () => {
  const { people, start } = await world([
    { weight: 10, pause: "approval" },
    { weight: 50, pause: "approval" },
  ]);
  const move = start(old, fresh);
  await until(move, "asking");
  expect(people.asked).toEqual(new Map([[10, "go on from 10 %?"]]));
  people.given.push(answered(10, "yes"));
  expect(await until(move, "asking")).toMatchObject({ weight: 50 });
  // After a crash nothing that was answered is asked again.
  const resumed = start(old, fresh);
  expect(await until(resumed, "asking")).toMatchObject({ weight: 50 });
  people.given.push(answered(50, "yes"));
  expect(await until(resumed, "succeeded")).toEqual({ phase: "succeeded" });
});

test("a refusal ends it, also after a crash", async () => {
  const { people, start } = await world([{ weight: 10, pause: "approval" }]);
  const move = start(old, fresh);
  await until(move, "asking");
  people.given.push(answered(10, "no", "too slow"));
  const refused = { phase: "failed", reason: "ben refused to go on from 10 %: too slow" };
  expect(await move()).toEqual(refused);
  expect(await start(old, fresh)()).toEqual(refused);
});

test("while a person is asked the breaker still ends it, with the question unanswered", async () => {
  const { host, people, start } = await world([{ weight: 10, pause: "approval" }]);
  const move = start(old, fresh);
  await until(move, "asking");
  let progress = await move();
  for (let looks = 0; looks < 200 && progress.phase === "moving"; looks++) {
    for (const { name, release } of await host.list()) if (release === fresh) host.kill(name);
    progress = await move();
  }
  expect(progress).toMatchObject({ phase: "failed" });
  expect(people.given).toEqual([]);
});

test("while a person is asked figures still end it", async () => {
  const { people, said, start } = await world([{ weight: 10, pause: "approval" }]);
  const move = start(old, fresh);
  await until(move, "asking");
  said.fact = { verdict: "fail", reason: "too many errors" };
  expect(await move()).toMatchObject({ phase: "failed", reason: "too many errors" });
  expect(people.given).toEqual([]);
});

test("no data asks a person, who may say to go on; a question that figures answer is withdrawn", async () => {
  const { people, said, start } = await world([{ weight: 10, pause: 0 }]);
  said.fact = { verdict: "no-data", reason: "nobody came" };
  const move = start(old, fresh);
  await until(move, "asking");
  expect(people.asked.get(10)).toBe("go on from 10 %? nobody came");
  said.fact = { verdict: "pass", reason: "all is well" };
  await until(move, "succeeded");
  expect(people.asked.size).toBe(0);
});

const held: Pause = { by: "ana", because: "a look at the graphs", since: "2026-11-22T00:00:00.000Z" };

/** All that a move could change. */
const standing = async ({ host, router }: Pick<World, "host" | "router">): Promise<unknown> => ({
  replicas: (await host.list()).map(({ name, release, state }) => ({ name, release, state })),
  routes: (await router.read()).routes,
});

test("what is held stays where it is, whatever is answered and whatever the figures say, until it is let go", async () => {
  const w = await world([{ weight: 10, pause: "approval" }]);
  const move = w.start(old, fresh);
  await until(move, "asking");
  w.hold.by = held;
  const before = await standing(w);
  w.people.given.push(answered(10, "yes"));
  w.said.fact = { verdict: "fail", reason: "too many errors" };
  for (let looks = 0; looks < 20; looks++)
    expect(await move()).toMatchObject({
      phase: "moving",
      weight: 10,
      message: "ana paused it: a look at the graphs; its figures are bad: too many errors",
    });
  expect(await standing(w)).toEqual(before);
  // The same after a crash.
  const resumed = w.start(old, fresh);
  for (let looks = 0; looks < 20; looks++) expect(await resumed()).toMatchObject({ phase: "moving" });
  expect(await standing(w)).toEqual(before);
  w.said.fact = { verdict: "pass", reason: "all is well" };
  w.hold.by = null;
  expect(await until(resumed, "succeeded")).toEqual({ phase: "succeeded" });
});

test("the time of a step stands still while it is held", async () => {
  const w = await world([{ weight: 10, pause: 1_000 }]);
  const move = w.start(old, fresh);
  for (let moves = 0; moves < 50; moves++) await move();
  w.hold.by = held;
  await move();
  w.clock.now = 100_000;
  await move();
  w.hold.by = null;
  for (let moves = 0; moves < 50; moves++) expect(await move()).toMatchObject({ phase: "moving", weight: 10 });
  w.clock.now += 1_000;
  expect(await until(move, "succeeded")).toEqual({ phase: "succeeded" });
});

test("a replica that dies while it is held gets no more traffic, and nothing else moves", async () => {
  const w = await world([{ weight: 10, pause: "approval" }]);
  const move = w.start(old, fresh);
  await until(move, "asking");
  w.hold.by = held;
  const alive = async (): Promise<number> => (await w.host.list()).filter((replica) => replica.alive).length;
  const before = await alive();
  const dies = (await w.host.list()).find(({ release }) => release === old)?.name ?? "";
  w.host.kill(dies);
  for (let looks = 0; looks < 5; looks++) expect(await move()).toMatchObject({ phase: "moving" });
  const endpoints = Object.values((await w.router.read()).routes).flatMap(({ groups }) =>
    groups.flatMap((group) => group.endpoints.map(({ replica }) => replica)),
  );
  expect(endpoints).not.toContain(dies);
  expect(await alive()).toBe(before - 1);
});
