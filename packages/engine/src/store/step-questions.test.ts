import type { Digest, Percent, RunId } from "@fairway/core";
import { expect, test } from "vitest";
import { approve } from "../runs/actions.ts";
import type { AnalysisLook } from "./analysis-looks.ts";
import { looksOf, recordLook } from "./analysis-looks.ts";
import { insertJobs } from "./jobs.ts";
import { insertRun } from "./runs.ts";
import type { StepQuestion } from "./step-questions.ts";
import { askStep, openQuestions, stepAnswers, withdrawQuestion } from "./step-questions.ts";
import type { Store } from "./store.ts";
import { storeForTests } from "./testing/store-for-tests.ts";

let store: Store;
storeForTests((opened) => void (store = opened));

const job = "rollout:api";

/** A run whose rollout is under way, with an hour left. */
async function rolling(): Promise<RunId> {
  const plan = { name: job, stage: "rollout", needs: [], turn: "after-success", input: null, timeout: 1 } as const;
  return store.transaction(async (tx) => {
    const run = await insertRun(
      tx,
      { kind: "deployment", title: "t", subject: null, requestedBy: "ana", jobs: [plan] },
      null,
    );
    const { id } = run as { id: RunId };
    await insertJobs(tx, id, [plan]);
    await tx.rows(
      "update fairway.jobs set state = 'running', attempt = 1, deadline_at = now() + interval '1 hour' where run = $1",
      [id],
    );
    return id;
  });
}

const asked = (run: RunId, weight: Percent, question = "go on?"): StepQuestion => ({
  ...{ run, job, attempt: 1, weight, question },
  digest: `sha256:${weight}`,
});

async function timeLeft(run: RunId): Promise<"stands still" | "under an hour" | "more"> {
  const [row] = await store.rows<{ left: number | null }>(
    "select extract(epoch from deadline_at - now())::float8 as left from fairway.jobs where run = $1",
    [run],
  );
  const left = row?.left ?? null;
  return left === null ? "stands still" : left <= 3600 ? "under an hour" : "more";
}

test("while a person is asked the time of the job stands still, and then goes on", async () => {
  const run = await rolling();
  await askStep(store, asked(run, 10));
  await askStep(store, asked(run, 10));
  expect(await timeLeft(run)).toBe("stands still");
  await askStep(store, asked(run, 10, "go on, although?"));
  expect(await openQuestions(store, run)).toEqual([asked(run, 10, "go on, although?")]);
  const events = await store.rows("select from fairway.events where subject = $1 and kind = 'approval.asked'", [run]);
  expect(events).toHaveLength(1);
  await approve(store, run, { by: "ben", answer: "yes", digest: "sha256:10", note: "fine" });
  expect(await timeLeft(run)).toBe("under an hour");
  expect(await stepAnswers(store, { run, job, attempt: 1 })).toMatchObject([
    { weight: 10, answer: "yes", by: "ben", note: "fine" },
  ]);
  expect(await openQuestions(store, run)).toEqual([]);
});

test("whoever takes over while a person is asked gives it no deadline either, and the time before still counts", async () => {
  const run = await rolling();
  await askStep(store, asked(run, 10));
  await store.rows("update fairway.jobs set deadline_at = now() + interval '9 hours' where run = $1", [run]);
  await askStep(store, asked(run, 10));
  expect(await timeLeft(run)).toBe("stands still");
  await approve(store, run, { by: "ben", answer: "yes", digest: "sha256:10" });
  expect(await timeLeft(run)).toBe("under an hour");
});

test("an answer counts for the deployment and the step that were shown, and only once", async () => {
  const run = await rolling();
  await askStep(store, asked(run, 10));
  const answer = (digest: Digest): Promise<unknown> => approve(store, run, { by: "ben", answer: "no", digest: digest });
  await expect(answer("sha256:50")).rejects.toMatchObject({ code: "stale_approval" });
  await answer("sha256:10");
  await expect(answer("sha256:10")).rejects.toMatchObject({ code: "not_allowed_now" });
  expect(await stepAnswers(store, { run, job, attempt: 1 })).toMatchObject([{ answer: "no" }]);
  expect(await stepAnswers(store, { run, job, attempt: 2 })).toEqual([]);
  // What was answered is not asked again, also after a crash between the two.
  await askStep(store, asked(run, 10, "again?"));
  expect(await openQuestions(store, run)).toEqual([]);
  expect(await timeLeft(run)).toBe("under an hour");
});

test("a question that needs no answer any more is withdrawn", async () => {
  const run = await rolling();
  await askStep(store, asked(run, 10));
  await withdrawQuestion(store, asked(run, 10));
  await withdrawQuestion(store, asked(run, 10));
  expect(await timeLeft(run)).toBe("under an hour");
  expect(await openQuestions(store, run)).toEqual([]);
  await askStep(store, asked(run, 10));
  expect(await timeLeft(run)).toBe("stands still");
});

test("looks come back as they were, and only news is an event", async () => {
  const run = await rolling();
  const side = { release: "r1", requests: 5, errors: 1, p50: 1.5, p90: null, p95: 3, p99: 4 };
  const look: AnalysisLook = {
    ...{ service: "api", weight: 10, verdict: "pending", reason: "few" },
    figures: { candidate: side, stable: { ...side, release: "r0" }, rules: [] },
  };
  await recordLook(store, run, job, look, true);
  await recordLook(store, run, job, { ...look, weight: 50 }, false);
  expect(await looksOf(store, run)).toMatchObject([look, { ...look, weight: 50 }]);
  const events = await store.rows("select body from fairway.events where subject = $1 and kind = 'analysis.changed'", [
    run,
  ]);
  expect(events).toHaveLength(1);
});
