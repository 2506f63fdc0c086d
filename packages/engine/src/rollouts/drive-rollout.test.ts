import type { MemoryHost } from "@fairway/conformance";
import { memoryHost, memoryRouter, rolloutOf, specOf } from "@fairway/conformance";
import type { AnalysisFact, CanaryOptions, Percent, Progress, ReleaseId, Rollout } from "@fairway/core";
import { driven } from "@fairway/core";
import { expect, test } from "vitest";
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
  const start = (from: ReleaseId | null, release: ReleaseId): (() => Promise<Progress>) =>
    driveRollout(target, to(from, release), { people, now: () => 0, figures: { fact: () => said.fact } });
  await until(start(null, old), "succeeded");
  return { host, people, said, start };
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
