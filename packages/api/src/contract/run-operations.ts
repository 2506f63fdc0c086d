import { z } from "zod";
import { checksShape } from "../shapes/check.ts";
import { event } from "../shapes/event.ts";
import { run, runSummary, state } from "../shapes/run.ts";
import type { Route } from "../route.ts";
import { routes } from "../routes.ts";
import { none, runId, runNumber, by, note, limit, flag, stopWish, words } from "./inputs.ts";

/** Runs, whatever they do. */
export const runOperations = {
  runWorkflow: {
    ...routes.runWorkflow,
    summary: "Runs a workflow file of a commit, or says why its event starts nothing.",
    access: "change",
    anywhere: true,
    params: none,
    query: none,
    body: z.object({
      file: z.string().min(1).max(1000).describe("In the repository: `.github/workflows/ci.yml`"),
      ref: z.string().min(1).max(300).default("HEAD").describe("A branch, tag or hash"),
      by,
      job: z.string().min(1).max(300).nullable().default(null).describe("Only this job and what it needs"),
      event: z
        .object({
          name: z.string().min(1).max(100).nullable().default(null).describe("null takes what the workflow listens to"),
          inputs: z.record(z.string(), z.json()).default({}).describe("For a workflow that is started by hand"),
          payload: z
            .record(z.string(), z.json())
            .nullable()
            .default(null)
            .describe("The event as GitHub would send it"),
        })
        .prefault({}),
      uncommitted: z
        .enum(["refuse", "ignore"])
        .default("refuse")
        .describe("What to do about changes in the working tree that are in no commit"),
    }),
    answer: z.object({ run: run.nullable(), reason: z.string().describe("Why it started, or why it did not") }),
    kind: "json",
  },
  runs: {
    ...routes.runs,
    summary: "The runs, newest first. The next page begins `before` the last one of this.",
    access: "read",
    anywhere: true,
    params: none,
    query: z.object({
      limit,
      active: flag.describe("Only those that have not ended"),
      before: runNumber.describe("Only runs before this one: the next page"),
      kind: runSummary.shape.kind.optional(),
      state: state.optional(),
      env: z.string().max(60).optional().describe("Only of this environment"),
      who: z.string().max(120).optional().describe("Only of who has this in their name"),
      text: z.string().max(200).optional().describe("Only with this in the title"),
    }),
    body: null,
    answer: z.array(runSummary),
    kind: "json",
  },
  run: {
    ...routes.run,
    summary: "One run with its jobs and steps.",
    access: "read",
    params: runId,
    query: none,
    body: null,
    answer: run,
    kind: "json",
  },
  checks: {
    ...routes.checks,
    summary: "What the checks of a run found, with file and line, and which were left out.",
    access: "read",
    params: runId,
    query: none,
    body: null,
    answer: checksShape,
    kind: "json",
  },
  approve: {
    ...routes.approve,
    summary:
      "Answers a run that waits for an approval. The digest is that of the plan, or of the step, that the person saw.",
    access: "approve",
    stepUp: true,
    params: runId,
    query: none,
    body: z.object({
      by,
      answer: z.enum(["yes", "no"]),
      digest: z.string(),
      note,
      names: z
        .array(words(1000))
        .max(10_000)
        .default([])
        .describe("What was typed to mean it: each resource that is taken away, or what it is in"),
    }),
    answer: run,
    kind: "json",
  },
  cancel: {
    ...routes.cancel,
    summary: "Asks a run to stop. What it changed is put right first.",
    access: "change",
    params: runId,
    query: none,
    body: stopWish,
    answer: run,
    kind: "json",
  },
  retry: {
    ...routes.retry,
    summary:
      "Tries what did not succeed again; what succeeded is kept. `done`: how somebody knows that the job is done that was cut off; what comes after it goes on.",
    access: "change",
    params: runId,
    query: none,
    body: z.object({ by, done: z.string().trim().min(1).max(2000).optional() }),
    answer: run,
    kind: "json",
  },
  events: {
    ...routes.events,
    summary:
      "What happens, as it happens. `after`, or the header Last-Event-ID, goes on where an earlier stream ended; where that is forgotten already, the first event is `events.forgotten`.",
    access: "read",
    anywhere: true,
    params: none,
    query: z.object({ after: z.coerce.number().int().min(0).optional(), run: z.string().optional() }),
    body: null,
    answer: event,
    kind: "stream",
  },
} as const satisfies Record<string, Route>;
