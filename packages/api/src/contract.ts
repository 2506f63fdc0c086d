import { z } from "zod";
import { envelope, releaseDiff, releaseVerification, signingKey } from "./release-shapes.ts";
import { checksShape } from "./check-shapes.ts";
import type { Route } from "./route.ts";
import { routes } from "./routes.ts";
import {
  deployment,
  environment,
  event,
  finding,
  logLine,
  logWindow,
  plan,
  releaseShape,
  routerCertificate,
  routerStatus,
  run,
  runSummary,
  status,
} from "./shapes.ts";

const none = z.object({});
/** Said of what is no number; what is too small or too large keeps its own words. */
const notANumber = (issue: { readonly code?: string }): string | undefined =>
  issue.code === "invalid_type" ? "must be a number" : undefined;
const runId = z.object({ run: z.string().regex(/^run-\d+$/, "a run is named like run-17") });
const environmentName = z.object({ environment: z.string().min(1).max(60) });
const by = z.string().min(1).max(120).describe("Who asks, for the record");
const note = z.string().max(2000).nullable().default(null);
const limit = z.coerce.number({ error: notANumber }).int().min(1).max(500).default(50);
const lineNumber = z.coerce.number({ error: notANumber }).int().min(1).optional();
const bytePlace = z.coerce.number({ error: notANumber }).int().min(0).optional();
const whichLogs = {
  environment: z.string().optional(),
  service: z.string().optional(),
  replica: z.string().optional(),
  run: z.string().optional(),
  job: z.string().optional(),
  step: z.string().optional(),
};
const flag = z.enum(["true", "false"]).default("false");

/** Every operation there is. The order is that of the reference. */
export const contract = {
  status: {
    ...routes.status,
    summary: "What runs where, what moves and what waits.",
    access: "read",
    params: none,
    query: none,
    body: null,
    answer: status,
    kind: "json",
  },
  environments: {
    ...routes.environments,
    summary: "The environments in the order of promotion.",
    access: "read",
    params: none,
    query: none,
    body: null,
    answer: z.array(environment),
    kind: "json",
  },
  releases: {
    ...routes.releases,
    summary: "The releases, newest first.",
    access: "read",
    params: none,
    query: z.object({ limit }),
    body: null,
    answer: z.array(releaseShape),
    kind: "json",
  },
  release: {
    ...routes.release,
    summary: "One release with its parts.",
    access: "read",
    params: z.object({ release: z.string() }),
    query: none,
    body: null,
    answer: releaseShape,
    kind: "json",
  },
  releaseDiff: {
    ...routes.releaseDiff,
    summary: "What differs from an earlier release to this one, with the commits in between.",
    access: "read",
    params: z.object({ release: z.string() }),
    query: z.object({ from: z.string().describe("The earlier release") }),
    body: null,
    answer: releaseDiff,
    kind: "json",
  },
  releaseVerification: {
    ...routes.releaseVerification,
    summary: "Whether a release is still what was signed: its statement, its manifest, every byte of its artifacts.",
    access: "read",
    params: z.object({ release: z.string() }),
    query: none,
    body: null,
    answer: releaseVerification,
    kind: "json",
  },
  releaseSbom: {
    ...routes.releaseSbom,
    summary: "What one service of a release is made of, as CycloneDX 1.6.",
    access: "read",
    params: z.object({ release: z.string(), service: z.string() }),
    query: none,
    body: null,
    answer: z.record(z.string(), z.unknown()),
    kind: "json",
  },
  releaseProvenance: {
    ...routes.releaseProvenance,
    summary: "How a release came to be, signed.",
    access: "read",
    params: z.object({ release: z.string() }),
    query: none,
    body: null,
    answer: envelope,
    kind: "json",
  },
  signingKeys: {
    ...routes.signingKeys,
    summary: "The public keys with which releases are and were signed, the oldest first.",
    access: "read",
    params: none,
    query: none,
    body: null,
    answer: z.array(signingKey),
    kind: "json",
  },
  makeRelease: {
    ...routes.makeRelease,
    summary:
      "Checks and builds a revision, makes a release of it, and starts the deployments that happen by themselves.",
    access: "change",
    params: none,
    query: none,
    body: z.object({
      ref: z.string().min(1).max(300).default("HEAD").describe("A branch, tag or hash"),
      by,
      deploy: z.boolean().default(true).describe("Whether environments that deploy automatically take it"),
      uncommitted: z
        .enum(["refuse", "ignore"])
        .default("refuse")
        .describe("What to do about changes in the working tree that are in no commit"),
    }),
    answer: run,
    kind: "json",
  },
  plan: {
    ...routes.plan,
    summary: "What a deployment would do, before it does it.",
    access: "read",
    params: environmentName,
    query: z.object({
      release: z.string().optional().describe("The newest that may go there when left out"),
      rollback: flag,
    }),
    body: null,
    answer: plan,
    kind: "json",
  },
  deploy: {
    ...routes.deploy,
    summary: "Deploys a release; with `promote` the one that the environment before has verified last.",
    access: "change",
    params: environmentName,
    query: none,
    body: z.object({ release: z.string().nullable().default(null), promote: z.boolean().default(false), by }),
    answer: run,
    kind: "json",
  },
  deployments: {
    ...routes.deployments,
    summary: "What was brought where, newest first, and how each deployment left its environment.",
    access: "read",
    params: none,
    query: z.object({ environment: z.string().optional(), limit }),
    body: null,
    answer: z.array(deployment),
    kind: "json",
  },
  rollback: {
    ...routes.rollback,
    summary: "Brings an earlier release back: the last good one, or the one that is named.",
    access: "change",
    params: environmentName,
    query: none,
    body: z.object({ release: z.string().nullable().default(null), by }),
    answer: run,
    kind: "json",
  },
  lock: {
    ...routes.lock,
    summary: "Keeps deployments out of an environment until it is unlocked; a rollback is never kept out.",
    access: "change",
    params: environmentName,
    query: none,
    body: z.object({ by, reason: z.string().min(1).max(2000) }),
    answer: environment,
    kind: "json",
  },
  unlock: {
    ...routes.unlock,
    summary: "Lets deployments in again.",
    access: "change",
    params: environmentName,
    query: none,
    body: z.object({ by }),
    answer: environment,
    kind: "json",
  },
  runWorkflow: {
    ...routes.runWorkflow,
    summary: "Runs a workflow file of a commit, or says why its event starts nothing.",
    access: "change",
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
    summary: "The runs, newest first.",
    access: "read",
    params: none,
    query: z.object({ limit, active: flag }),
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
    summary: "Answers a run that waits for an approval. The digest is that of the plan the person saw.",
    access: "change",
    params: runId,
    query: none,
    body: z.object({ by, answer: z.enum(["yes", "no"]), digest: z.string(), note }),
    answer: run,
    kind: "json",
  },
  cancel: {
    ...routes.cancel,
    summary: "Asks a run to stop. What it changed is put right first.",
    access: "change",
    params: runId,
    query: none,
    body: z.object({ by }),
    answer: run,
    kind: "json",
  },
  retry: {
    ...routes.retry,
    summary: "Tries what did not succeed again; what succeeded is kept.",
    access: "change",
    params: runId,
    query: none,
    body: z.object({ by }),
    answer: run,
    kind: "json",
  },
  logs: {
    ...routes.logs,
    summary:
      "Lines of services (by environment, service, replica) or of a run's steps; `follow` goes on with new ones.",
    access: "read",
    params: none,
    query: z.object({
      ...whichLogs,
      since: z.string().optional().describe("A time in ISO 8601 or a span like 10m"),
      grep: z.string().max(200).optional().describe("Only lines that contain this text"),
      lines: z.coerce
        .number({ error: notANumber })
        .int()
        .min(0)
        .max(100_000)
        .optional()
        .describe("Only the last so many of each source; with fromLine the first so many from there"),
      fromLine: lineNumber.describe("The number of the line to begin with, from 1"),
      after: z
        .string()
        .max(4000)
        .optional()
        .describe("The id of the last event that was seen, to go on behind it; the header Last-Event-ID says the same"),
      follow: flag,
    }),
    body: null,
    answer: logLine,
    kind: "stream",
  },
  logWindow: {
    ...routes.logWindow,
    summary: "A part of one log: lines from a number on, or those that begin within a range of bytes.",
    access: "read",
    params: none,
    query: z.object({
      ...whichLogs,
      line: lineNumber.describe("The number of the first line, from 1"),
      lines: z.coerce.number({ error: notANumber }).int().min(1).max(10_000).default(1000),
      offset: bytePlace.describe("The byte to begin at, where a line begins, instead of `line`"),
      bytes: z.coerce
        .number({ error: notANumber })
        .int()
        .min(1)
        .max(4 * 1024 * 1024)
        .default(256 * 1024)
        .describe("How far the lines go; the last may end behind it"),
    }),
    body: null,
    answer: logWindow,
    kind: "json",
  },
  events: {
    ...routes.events,
    summary: "What happens, as it happens. `after` goes on where an earlier stream ended.",
    access: "read",
    params: none,
    query: z.object({ after: z.coerce.number().int().min(0).optional(), run: z.string().optional() }),
    body: null,
    answer: event,
    kind: "stream",
  },
  doctor: {
    ...routes.doctor,
    summary: "What the daemon finds about its machine, database, router and services.",
    access: "read",
    params: none,
    query: none,
    body: null,
    answer: z.array(finding),
    kind: "json",
  },
  routerStatus: {
    ...routes.routerStatus,
    summary: "Who carries the traffic, on which addresses, and how its endpoints are.",
    access: "read",
    params: none,
    query: none,
    body: null,
    answer: routerStatus,
    kind: "json",
  },
  routerReload: {
    ...routes.routerReload,
    summary: "Has the router read its certificates again: all of them, or with a problem none.",
    access: "operate",
    params: none,
    query: none,
    body: z.object({}),
    answer: z.object({ certificates: z.array(routerCertificate) }),
    kind: "json",
  },
  routerUpgrade: {
    ...routes.routerUpgrade,
    summary:
      "Replaces the router's workers by new ones with the installed code and these settings, without a failed request.",
    access: "operate",
    params: none,
    query: none,
    body: z.object({
      workers: z
        .number()
        .int()
        .min(1)
        .max(64)
        .optional()
        .describe("How many processes carry traffic; as it is when left out"),
      accessLogSample: z
        .number()
        .min(0)
        .max(1)
        .nullable()
        .optional()
        .describe("Which part of what went well is logged; null: no request is; as it is when left out"),
    }),
    answer: z.object({ worker: z.number().describe("The process id of the new worker") }),
    kind: "json",
  },
  routerMaintenance: {
    ...routes.routerMaintenance,
    summary: "Tells the users of a service to come back later, or lets them in again. Deployments go on meanwhile.",
    access: "operate",
    params: environmentName.extend({ service: z.string().min(1).max(60) }),
    query: none,
    body: z.object({
      message: z.string().min(1).max(500).nullable().describe("What users are told; null lets them in again"),
    }),
    answer: z.object({ message: z.string().nullable() }),
    kind: "json",
  },
  backup: {
    ...routes.backup,
    summary: "Writes a backup of the database and of the files of releases to a directory on the daemon's machine.",
    access: "operate",
    params: none,
    query: none,
    body: z.object({ directory: z.string().min(1) }),
    answer: z.object({ directory: z.string(), bytes: z.number() }),
    kind: "json",
  },
  shutdown: {
    ...routes.shutdown,
    summary: "Ends the daemon; `services` and `router` end too unless they are to be kept.",
    access: "operate",
    params: none,
    query: none,
    body: z.object({ keepServices: z.boolean().default(false) }),
    answer: z.object({ ended: z.literal(true) }),
    kind: "json",
  },
} as const satisfies Record<string, Route>;

export type Contract = typeof contract;
export type OperationName = keyof Contract;
