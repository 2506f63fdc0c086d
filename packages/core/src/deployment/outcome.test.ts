import { expect, test } from "vitest";
import type { EndedJob } from "./outcome.ts";
import { attentionAfter, changedNothing, deploymentEnd, outcomeWords } from "./outcome.ts";

const stages = ["lock", "begin", "rollout", "verify", "restore", "finish"] as const;
type Stage = (typeof stages)[number];

const job = (stage: Stage, state: EndedJob["state"], more: Partial<EndedJob> = {}): EndedJob => ({
  name: stage,
  stage,
  state,
  reason: state === "succeeded" || state === "pending" ? null : `${stage} says why`,
  stop: null,
  ...more,
});

/** A deployment of which all went well but for what is said. */
const ended = (changes: Partial<Record<Stage, Partial<EndedJob>>> = {}): readonly EndedJob[] =>
  stages.map((stage) => ({ ...job(stage, stage === "restore" ? "pending" : "succeeded"), ...changes[stage] }));

const failed = { state: "failed", reason: "the breaker opened" } as const;
const back = { restore: { state: "succeeded" }, finish: { state: "pending" } } as const;

test("all went well and what runs was seen: deployed", () => {
  expect(deploymentEnd(ended(), false)).toEqual({ outcome: "deployed", restored: null, why: null });
});

test("a no, and the old release is back: rolled back, with what went wrong first", () => {
  expect(deploymentEnd(ended({ rollout: failed, ...back }), false)).toEqual({
    outcome: "rolled-back",
    restored: true,
    why: "the breaker opened",
  });
});

test("what a person stopped is rolled back too", () => {
  const stopped = { state: "aborted", reason: "ana stopped the run", stop: { cause: "cancelled" } } as const;
  expect(deploymentEnd(ended({ rollout: stopped, verify: { state: "pending" }, ...back }), false).outcome).toBe(
    "rolled-back",
  );
});

test("no progress until the deadline is stalled, whether the old release came back or not", () => {
  const late = { state: "errored", reason: "rollout took longer than 30 min", stop: { cause: "deadline" } } as const;
  expect(deploymentEnd(ended({ rollout: late, ...back }), false)).toMatchObject({ outcome: "stalled", restored: true });
  const neither = ended({ rollout: late, restore: { state: "failed" }, finish: { state: "pending" } });
  expect(deploymentEnd(neither, false)).toMatchObject({ outcome: "stalled", restored: false });
});

test("a platform that did not answer is unknown, and so is an old release that is not back whole", () => {
  const silent = { state: "errored", reason: "api did not answer" } as const;
  expect(deploymentEnd(ended({ rollout: silent, ...back }), false)).toMatchObject({
    outcome: "unknown",
    restored: true,
  });
  const half = ended({ rollout: failed, restore: { state: "failed" }, finish: { state: "pending" } });
  expect(deploymentEnd(half, false)).toMatchObject({ outcome: "unknown", restored: false });
});

test("what ended before it moved anything left the environment untouched, or was superseded", () => {
  const waiting = { begin: { state: "pending" }, rollout: { state: "pending" }, verify: { state: "pending" } } as const;
  const aborted = ended({ lock: { state: "aborted" }, ...waiting, finish: { state: "pending" } });
  expect(deploymentEnd(aborted, false)).toMatchObject({ outcome: "untouched", restored: null });
  expect(deploymentEnd(aborted, true)).toMatchObject({ outcome: "superseded", restored: null });
});

test("somebody else's deployment on the platform is superseded, though something had moved", () => {
  const overtaken = { ...failed, ending: "superseded", reason: "deployment 7 took its place" } as const;
  const left = { restore: { state: "failed" }, finish: { state: "pending" } } as const;
  const end = deploymentEnd(ended({ rollout: overtaken, ...left }), false);
  expect(end).toEqual({ outcome: "superseded", restored: false, why: "deployment 7 took its place" });
  expect(changedNothing(end)).toBe(false);
  expect(outcomeWords({ ...end, from: "r3", supersededBy: null })).toBe("superseded; r3 is not back whole");
  expect(attentionAfter(end, { environment: "production", from: "r3", run: "run-7" })).toEqual({
    why: "production runs what somebody else deployed: deployment 7 took its place",
    action: "see why: fairway deployments show run-7; to have Fairway's back: fairway rollback production --to r3",
  });
});

test("what the platform could not carry out is stalled, and not the release's fault", () => {
  const stuck = { ...failed, ending: "stalled" } as const;
  expect(deploymentEnd(ended({ rollout: stuck, ...back }), false)).toMatchObject({
    outcome: "stalled",
    restored: true,
  });
});

test("what verified and could not be written down is not called deployed", () => {
  expect(deploymentEnd(ended({ finish: { state: "errored" } }), false).outcome).not.toBe("deployed");
});

test("the words say whether the old release is back", () => {
  const words = { from: "r3", supersededBy: null };
  expect(outcomeWords({ outcome: "stalled", restored: true, ...words })).toBe("stalled; r3 is back");
  expect(outcomeWords({ outcome: "unknown", restored: false, ...words })).toBe("unknown; r3 is not back whole");
  expect(outcomeWords({ outcome: "deployed", restored: null, ...words })).toBe("deployed");
  expect(outcomeWords({ outcome: "superseded", restored: null, from: null, supersededBy: "run-9" })).toBe(
    "superseded by run-9",
  );
});

test("a person is asked only where nobody knows what runs, and is told what to do", () => {
  const at = { environment: "production", from: "r3", run: "run-7" };
  expect(attentionAfter({ outcome: "unknown", restored: true, why: null }, at)).toBeNull();
  expect(attentionAfter({ outcome: "deployed", restored: null, why: null }, at)).toBeNull();
  expect(attentionAfter({ outcome: "stalled", restored: false, why: "late" }, at)).toEqual({
    why: "nobody can say what production runs: r3 is not back whole after: late",
    action: "see why: fairway deployments show run-7; then bring it back: fairway rollback production --to r3",
  });
});
