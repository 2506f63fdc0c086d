import type { EventShape, OperationName } from "@fairway/api";

/** What is no longer as it was read: every answer of an operation, or only those about one run. */
export interface Stale {
  readonly operation: OperationName;
  readonly run?: string;
}

const overview: readonly Stale[] = [
  { operation: "status" },
  { operation: "environments" },
  { operation: "runs" },
  { operation: "waiting" },
];
const ofRun = (run: string): readonly Stale[] => [
  { operation: "run", run },
  { operation: "deployment", run },
  { operation: "moves", run },
  { operation: "approval", run },
];

const duties: readonly Stale[] = [
  { operation: "duties" },
  { operation: "duty" },
  { operation: "readiness" },
  { operation: "dutyMatrix" },
  { operation: "dutyCalendar" },
  { operation: "credentials" },
  { operation: "accessReviews" },
  { operation: "education" },
  { operation: "backupRepositories" },
  { operation: "drills" },
  { operation: "disclosures" },
  { operation: "releaseNotice" },
];

const byArea: Readonly<Record<string, (run: string) => readonly Stale[]>> = {
  run: (run) => [...overview, ...ofRun(run), { operation: "checks", run }],
  job: (run) => [...overview, ...ofRun(run), { operation: "checks", run }],
  // By far the most of all, and seen only where the run is.
  step: (run) => [{ operation: "run", run }],
  approval: (run) => [...overview, ...ofRun(run)],
  analysis: (run) => [{ operation: "analysis", run }],
  rollout: (run) => [{ operation: "moves", run }],
  deployment: (run) => [
    ...overview,
    ...ofRun(run),
    { operation: "deployments" },
    { operation: "releases" },
    { operation: "dora" },
  ],
  environment: () => [...overview, { operation: "plan" }, { operation: "rollbackPlan" }],
  release: () => [{ operation: "releases" }, { operation: "release" }, { operation: "status" }, { operation: "plan" }],
  quarantine: () => [...overview, { operation: "quarantines" }, { operation: "releases" }, { operation: "plan" }],
  flags: () => [{ operation: "flags" }, { operation: "flag" }, { operation: "flagHistory" }],
  trigger: () => [{ operation: "triggers" }, { operation: "firings" }],
  people: () => [{ operation: "people" }, { operation: "roles" }, { operation: "me" }],
  tokens: () => [{ operation: "tokens" }, { operation: "allTokens" }],
  secrets: () => [{ operation: "secrets" }],
  migrations: () => [{ operation: "migrations" }],
  notices: () => [{ operation: "notices" }, { operation: "alerts" }],
  router: () => [{ operation: "routerStatus" }, { operation: "status" }],
  freeze: () => [...overview, { operation: "plan" }, { operation: "freezes" }],
  drift: () => [{ operation: "drift" }, { operation: "infrastructure" }],
  preview: () => [{ operation: "previews" }, { operation: "preview" }],
  check: () => [{ operation: "checkResults" }, { operation: "checkResult" }, { operation: "synthetics" }],
  verification: () => [
    ...overview,
    { operation: "verifications" },
    { operation: "checkResults" },
    { operation: "plan" },
  ],
  duty: () => duties,
  duties: () => duties,
  access: () => duties,
  notice: () => duties,
  vendor: () => [{ operation: "vendorContacts" }],
  incident: () => [{ operation: "incidents" }, { operation: "incident" }, { operation: "operationsSummary" }],
  alert: () => [{ operation: "alerts" }, { operation: "backupRepositories" }, { operation: "drills" }],
  worker: () => overview,
};

/** What happens of itself and often; of everything else there is an entry on record. */
const unrecorded: ReadonlySet<string> = new Set(["check", "job", "step", "analysis", "rollout", "worker", "notices"]);

/** Which answers an event makes stale. Of a kind that this page does not know, the overview, since something happened. */
export function staleAfter({ kind, subject }: Pick<EventShape, "kind" | "subject">): readonly Stale[] {
  const area = kind.split(".", 1)[0] ?? "";
  const found = (byArea[area] ?? (() => overview))(subject);
  return unrecorded.has(area) ? found : [...found, { operation: "audit" }];
}
