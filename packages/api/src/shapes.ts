import { errorCodes, states } from "@fairway/core";
import type { ErrorCode } from "@fairway/core";
import { z } from "zod";
import { deploymentOutcome, endingFields, evidenceShape, outcomeShape } from "./outcome-shapes.ts";
import { strategy } from "./strategy-shape.ts";

const timestamp = z.string().describe("ISO 8601, UTC");
export const state = z.enum(states).describe("The one list of states");

export const problem = z
  .object({
    code: z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]),
    message: z.string(),
    hint: z.string().optional(),
    retryable: z.boolean(),
    problems: z.array(z.string()).describe("Several findings under one error, each a line for a person"),
  })
  .meta({ id: "Problem", description: "What every answer that is not 2xx carries" });
export type Problem = z.output<typeof problem>;

export const revision = z
  .object({
    sha: z.string(),
    short: z.string(),
    subject: z.string(),
    author: z.string(),
    committedAt: timestamp,
    ref: z.string().nullable(),
  })
  .meta({ id: "Revision" });

export const step = z
  .object({
    name: z.string(),
    title: z.string().nullable().describe("What people call it, where the name does not tell"),
    state,
    startedAt: timestamp.nullable(),
    endedAt: timestamp.nullable(),
    message: z.string().nullable(),
  })
  .meta({ id: "Step" });

export const job = z
  .object({
    name: z.string(),
    stage: z.string(),
    state,
    needs: z.array(z.string()),
    attempt: z.number(),
    message: z.string().nullable().describe("What it is doing or waiting for now"),
    reason: z.string().nullable().describe("Why it did not succeed, with its evidence"),
    startedAt: timestamp.nullable(),
    endedAt: timestamp.nullable(),
    steps: z.array(step),
  })
  .meta({ id: "Job" });
export type JobShape = z.output<typeof job>;

export const approvalAnswer = z.object({
  by: z.string(),
  answer: z.enum(["yes", "no"]),
  at: timestamp,
  note: z.string().nullable(),
});

export const approvalRequest = z
  .object({
    digest: z.string().describe("Of the plan; an answer must repeat it, and counts for nothing else"),
    needed: z.number(),
    given: z.array(approvalAnswer),
    until: z.string().describe("What is still waited for, as words"),
    step: z
      .object({
        service: z.string(),
        weight: z.number().describe("Percent of the traffic that the new release has"),
        question: z.string(),
      })
      .nullable()
      .describe("What a rollout asks before it goes on; null where the deployment as a whole is asked about"),
  })
  .meta({ id: "ApprovalRequest" });

export const runSummary = z
  .object({
    id: z.string(),
    kind: z.enum(["release", "deployment", "workflow"]),
    title: z.string(),
    state,
    stopping: z.boolean(),
    attention: z.object({ why: z.string(), action: z.string() }).nullable(),
    requestedBy: z.string(),
    environment: z.string().nullable(),
    release: z.string().nullable(),
    createdAt: timestamp,
    startedAt: timestamp.nullable(),
    endedAt: timestamp.nullable(),
    next: z.array(z.string()).describe("Runs that this one started"),
  })
  .meta({ id: "RunSummary" });
export type RunSummary = z.output<typeof runSummary>;

export const run = runSummary
  .extend({
    jobs: z.array(job),
    approval: approvalRequest.nullable(),
    lock: z
      .object({ by: z.string(), reason: z.string() })
      .nullable()
      .describe("The person's lock that it waits behind; null while it waits for none"),
    outcome: outcomeShape
      .nullable()
      .describe("How a deployment truly ended; null while it goes on, and for other runs"),
  })
  .meta({ id: "Run" });
export type Run = z.output<typeof run>;

const quarantineNote = z.object({ by: z.string(), reason: z.string(), at: timestamp });

export const releaseShape = z
  .object({
    id: z.string(),
    digest: z.string(),
    revision,
    parts: z.array(
      z.object({
        service: z.string(),
        artifact: z.string().describe("The digest of its files, or of its image's manifest"),
        image: z.string().nullable().describe("Where the image is kept; null for an artifact of files"),
        takenFrom: z.string().nullable(),
        sbom: z.string().nullable().describe("The digest of the list of what it is made of"),
      }),
    ),
    leftOut: z.array(z.object({ service: z.string(), reason: z.string() })),
    flags: z
      .string()
      .nullable()
      .describe("The digest of the feature flags of every environment as they stood; null when there were none"),
    createdAt: timestamp,
    verifiedIn: z.array(z.string()),
    runningIn: z.array(z.string()),
    quarantine: quarantineNote.nullable().describe("Why nobody can deploy it; null when anybody may"),
  })
  .meta({ id: "Release" });
export type ReleaseShape = z.output<typeof releaseShape>;

export const plan = z
  .object({
    digest: z.string(),
    environment: z.string(),
    release: z.string(),
    releaseDigest: z.string(),
    revision,
    from: z.string().nullable(),
    reason: z.enum(["deploy", "promotion", "rollback"]),
    rollouts: z.array(
      z.object({
        service: z.string(),
        action: z.enum(["start", "replace", "restart"]),
        from: z.string().nullable(),
        to: z.string(),
        replicas: z.number(),
        strategy,
        artifact: z.string(),
        after: z.array(z.string()),
      }),
    ),
    retired: z.array(z.string()),
    leftOut: z.array(z.object({ service: z.string(), reason: z.string() })),
    approvals: z.number(),
    obstacles: z.array(z.string()),
    only: z.array(z.string()).optional().describe("The only services that move; absent where all do"),
  })
  .meta({ id: "Plan" });
export type Plan = z.output<typeof plan>;

export const replica = z.object({
  name: z.string(),
  release: z.string(),
  state: z.enum(["starting", "ready", "failed", "stopped"]),
  busy: z.number(),
  address: z.string().nullable(),
  reason: z.string().nullable(),
});

export const releaseFigures = z
  .object({
    release: z.string(),
    seconds: z.number().describe("The time they are of: the last minute, or less after a start"),
    requests: z.number(),
    requestsPerSecond: z.number(),
    errors: z.number().describe("Answered with 5xx, not answered, or not to the end"),
    p99: z
      .number()
      .nullable()
      .describe("Milliseconds to the head of the answer that 99 of 100 took at most; null when none was answered"),
  })
  .meta({ id: "ReleaseFigures" });
export type ReleaseFigures = z.output<typeof releaseFigures>;

export const runningService = z
  .object({
    name: z.string(),
    desired: z.number(),
    ready: z.number(),
    urls: z.array(z.string()),
    replicas: z.array(replica),
    problem: z.string().nullable().describe("Why its replicas could not be looked at"),
    traffic: z
      .array(releaseFigures)
      .nullable()
      .describe("What its releases did that got requests; null where that is not known, as with HAProxy"),
    maintenance: z
      .string()
      .nullable()
      .describe("What its users are told instead of being served; null when it is open"),
    warm: z
      .object({ release: z.string(), until: timestamp, replicas: z.number() })
      .nullable()
      .describe(
        "The replicas that run on without traffic, so that a rollback is only a switch; null when there are none",
      ),
  })
  .meta({ id: "RunningService" });

export const environment = z
  .object({
    name: z.string(),
    purpose: z.string().nullable(),
    url: z.string().nullable(),
    deploys: z.enum(["automatically", "on-request"]),
    promotesFrom: z.string().nullable(),
    approvals: z.number(),
    current: z.object({ release: z.string(), revision, since: timestamp, run: z.string() }).nullable(),
    mixed: z
      .array(z.object({ service: z.string(), release: z.string() }))
      .describe("Services that run another release, after a rollback of single ones, until the next deployment"),
    quarantine: quarantineNote.nullable().describe("Why what runs here can be deployed nowhere; null when it can"),
    previous: z.string().nullable().describe("The release that a rollback would bring back"),
    moving: z.string().nullable().describe("The run that is changing it now"),
    last: z
      .object({ run: z.string(), release: z.string(), endedAt: timestamp })
      .extend(outcomeShape.shape)
      .nullable()
      .describe("The deployment that ended last, when the environment does not run what it was to bring"),
    lock: z
      .object({ by: z.string(), reason: z.string(), since: timestamp, until: timestamp.nullable() })
      .nullable()
      .describe("`until` is when it ends by itself"),
    services: z.array(runningService),
  })
  .meta({ id: "Environment" });
export type EnvironmentShape = z.output<typeof environment>;

export const deployment = z
  .object({
    run: z.string(),
    environment: z.string(),
    release: z.string(),
    from: z.string().nullable(),
    reason: z.enum(["deploy", "promotion", "rollback"]),
    only: z.array(z.string()).nullable().describe("The services that moved; null where all did"),
    state,
    outcome: deploymentOutcome.nullable().describe("How it left the environment; null while that is not known"),
    ...endingFields,
    beganAt: timestamp,
    endedAt: timestamp.nullable(),
  })
  .meta({ id: "Deployment" });
export type DeploymentShape = z.output<typeof deployment>;

export const deploymentDetail = deployment
  .extend({
    attention: z.object({ why: z.string(), action: z.string() }).nullable(),
    evidence: z.array(evidenceShape),
  })
  .meta({ id: "DeploymentDetail" });
export type DeploymentDetail = z.output<typeof deploymentDetail>;

export const routerCertificate = z
  .object({
    host: z.string().describe("Whom it is served to: a name, a wildcard, or `*` for all others"),
    certificate: z.string().describe("The file it was read from"),
    names: z.array(z.string()).describe("The names it is for"),
    validUntil: timestamp,
  })
  .meta({ id: "RouterCertificate" });
export type RouterCertificate = z.output<typeof routerCertificate>;

export const status = z
  .object({
    version: z.string(),
    pid: z.number(),
    startedAt: timestamp,
    project: z.string(),
    repository: z.string(),
    dataDirectory: z.string(),
    url: z.string(),
    routerUrl: z.string(),
    environments: z.array(environment),
    active: z.array(runSummary),
    certificates: z.array(routerCertificate).describe("Those that the router serves"),
    problems: z.array(z.string()).describe("What is wrong with the machine or the daemon now"),
  })
  .meta({ id: "Status" });
export type Status = z.output<typeof status>;

export const event = z
  .object({
    seq: z.number(),
    at: timestamp,
    kind: z.string(),
    subject: z.string(),
    body: z.record(z.string(), z.unknown()),
  })
  .meta({ id: "Event" });
export type EventShape = z.output<typeof event>;

export const logLine = z
  .object({
    source: z.string(),
    offset: z.number().describe("Where the line begins, in bytes"),
    next: z.number().describe("Where the next one begins"),
    line: z.number().nullable().describe("Its number, from 1, where it is known"),
    at: timestamp.nullable(),
    text: z.string(),
  })
  .meta({ id: "LogLine" });
export type LogLine = z.output<typeof logLine>;

export const logWindow = z
  .object({
    source: z.string(),
    size: z.number().describe("How many bytes the log has now"),
    ended: z.boolean().describe("Whether no more will come"),
    next: z.number().describe("Where to go on from"),
    lines: z.array(logLine),
  })
  .meta({ id: "LogWindow" });
export type LogWindow = z.output<typeof logWindow>;

export const routerEndpoint = z
  .object({
    replica: z.string(),
    host: z.string(),
    port: z.number(),
    state: z
      .enum(["well", "ejected", "ill", "draining"])
      .describe(
        "`ejected`: refused a connection a moment ago; `ill`: its health path says no; `draining`: off the table",
      ),
    inFlight: z.number().describe("Requests and streams open at it"),
    served: z.number(),
    failed: z.number(),
    lastFailure: z.string().nullable(),
  })
  .meta({ id: "RouterEndpoint" });
export type RouterEndpoint = z.output<typeof routerEndpoint>;

export const routerWorker = z.object({
  pid: z.number(),
  role: z
    .enum(["leads", "follows", "retires"])
    .describe("`leads`: it writes the table; `follows`: beside it; `retires`: it only ends what it has"),
  since: timestamp,
  connections: z.number(),
  residentBytes: z.number(),
});

export const routerMaintenance = z.object({
  route: z.string().describe("`production/web`"),
  message: z.string().describe("What its users are told"),
});

export const routerStatus = z
  .object({
    kind: z.enum(["local", "haproxy"]),
    holder: z
      .number()
      .nullable()
      .describe("The process that holds the sockets; null between its death and the next one"),
    worker: z.number().describe("The process that carries traffic, or leads those that do"),
    workers: z.number().describe("How many processes are to carry traffic"),
    processes: z.array(routerWorker).describe("Those that do; none where that is not known"),
    since: timestamp,
    public: z.string().describe("`127.0.0.1:8080`"),
    publicTls: z.string().nullable(),
    internal: z.string(),
    tableVersion: z.number(),
    connections: z.number(),
    connectionLimit: z.number(),
    files: z
      .object({ limit: z.number().nullable(), open: z.number().nullable() })
      .nullable()
      .describe("Open files of the worker that has most; null where that is not known"),
    accessLogSample: z
      .number()
      .nullable()
      .describe("Which part of the requests that went well is logged; null when none is"),
    maintenance: z.array(routerMaintenance).describe("The routes whose users are told to come back later"),
    held: z.number().nullable().describe("Requests that wait for a replica"),
    totals: z.record(z.string(), z.number()).describe("What its workers did since they started"),
    certificates: z.array(routerCertificate),
    endpoints: z.array(routerEndpoint),
  })
  .meta({ id: "RouterStatus" });
export type RouterStatus = z.output<typeof routerStatus>;

export const finding = z
  .object({
    what: z.string(),
    state: z.enum(["ok", "warning", "problem"]),
    message: z.string(),
    action: z.string().nullable(),
  })
  .meta({ id: "Finding" });
export type Finding = z.output<typeof finding>;
