import type { EnvironmentShape, JobShape, Plan, Run, Status } from "@fairway/api";

/** The moment at which the pictures of the tests are drawn. */
export const now: number = Date.parse("2026-01-02T03:04:05.000Z");

/** A point in time so many seconds before `now`. */
export const before = (seconds: number): string => new Date(now - seconds * 1000).toISOString();

/** What someone might write into a commit to trick whoever reads it in a terminal. */
export const hostile: string =
  "fix\u001B]0;title\u0007 \u001B]8;;http://evil.example\u001B\\link\u001B]8;;\u001B\\ \u001B[2J\u001B[31mred\u001B[0m \u202Egnp.exe\u0000\u0007\u009B31m\r\u2066x\u2028end";

/** Anything that a terminal would act on instead of showing it; line breaks and tabs are text. */
export const actedOn: RegExp =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028\u2029\u202A-\u202E\u2066-\u2069]/;

/** Text of characters that are two columns wide each. */
export const wide: string = "配置を読み込み、サービスを起動します。👩‍👩‍👧‍👦👍🏽";

const revision = {
  sha: "a".repeat(40),
  short: "aaaaaaa",
  subject: "Show what a thing is worth",
  author: "Ada",
  committedAt: before(4000),
  ref: "main",
};

/** A job of a run. */
export const aJob = (over: Partial<JobShape> = {}): JobShape => ({
  name: "check:api:test",
  stage: "check",
  state: "succeeded",
  needs: [],
  attempt: 1,
  message: null,
  reason: null,
  startedAt: before(12),
  endedAt: before(8),
  steps: [],
  ...over,
});

/** A run that makes a release. */
export const aRun = (over: Partial<Run> = {}): Run => ({
  id: "run-17",
  kind: "release",
  title: "release of aaaaaaa (Show what a thing is worth)",
  state: "running",
  stopping: false,
  paused: null,
  attention: null,
  requestedBy: "ada",
  environment: null,
  release: null,
  createdAt: before(13),
  startedAt: before(12),
  endedAt: null,
  next: [],
  jobs: [
    aJob({ name: "prepare" }),
    aJob(),
    aJob({
      name: "build:api",
      stage: "build",
      state: "running",
      message: "node build.mjs",
      startedAt: before(8),
      endedAt: null,
    }),
    aJob({ name: "release", stage: "release", state: "pending", startedAt: null, endedAt: null }),
  ],
  approval: null,
  lock: null,
  outcome: null,
  ...over,
});

/** A plan to promote a release. */
export const aPlan = (over: Partial<Plan> = {}): Plan => ({
  digest: `sha256:${"d".repeat(64)}`,
  environment: "production",
  release: "r2",
  releaseDigest: `sha256:${"e".repeat(64)}`,
  revision,
  from: "r1",
  reason: "promotion",
  rollouts: [
    {
      service: "catalog",
      action: "restart",
      from: "r1",
      to: "r2",
      replicas: 2,
      strategy: { name: "rolling", minimumHealthyPercent: 100, maximumPercent: 200 },
      artifact: `sha256:${"f".repeat(64)}`,
      after: [],
    },
    {
      service: "api-gateway",
      action: "replace",
      from: "r1",
      to: "r2",
      replicas: 3,
      strategy: { name: "rolling", minimumHealthyPercent: 50, maximumPercent: 150 },
      artifact: `sha256:${"f".repeat(64)}`,
      after: ["catalog"],
    },
  ],
  retired: [],
  leftOut: [],
  approvals: 1,
  obstacles: [],
  ...over,
});

/** An environment that runs a release. */
export const anEnvironment = (over: Partial<EnvironmentShape> = {}): EnvironmentShape => ({
  name: "production",
  purpose: null,
  url: "http://shop.localhost:8080",
  urls: [{ name: "url", url: "http://shop.localhost:8080" }],
  starts: ["fairway promote production"],
  protection: ["1 approval", "verified in staging"],
  scale: [{ service: "api-gateway", replicas: 2 }],
  deploys: "on-request",
  promotesFrom: "staging",
  approvals: 1,
  current: { release: "r1", revision, since: before(180), run: "run-3" },
  mixed: [],
  quarantine: null,
  previous: null,
  moving: null,
  holder: null,
  behind: { count: 0, first: [] },
  last: null,
  lock: null,
  freeze: null,
  next: { state: "current", release: "r1", sentence: "production runs r1, the newest that it can take" },
  health: { state: "healthy", because: [] },
  services: [
    {
      name: "api-gateway",
      desired: 2,
      ready: 2,
      urls: ["http://api-gateway.production.localhost:8080"],
      replicas: [],
      problem: null,
      traffic: [],
      maintenance: null,
      warm: null,
    },
  ],
  ...over,
});

/** The status of a daemon. */
export const aStatus = (over: Partial<Status> = {}): Status => ({
  version: "0.1.0",
  pid: 4242,
  startedAt: before(3600),
  project: "marketplace",
  repository: "/home/ada/marketplace",
  dataDirectory: "/home/ada/.local/state/fairway/marketplace-01234567",
  url: "http://127.0.0.1:7300",
  routerUrl: "http://127.0.0.1:8080",
  environments: [anEnvironment()],
  active: [],
  open: 0,
  certificates: [],
  problems: [],
  ...over,
});
